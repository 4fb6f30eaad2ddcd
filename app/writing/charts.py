"""图1 to 图4 of 决算情况说明 as pictures: bars of two years, a ring of shares. Drawn at four times the
size and scaled down, with a small font of our own, so that they look the same everywhere."""

from __future__ import annotations

from decimal import Decimal
from functools import cache
from io import BytesIO
from typing import TYPE_CHECKING, Any

from app import paths
from app.filling.narrative import ChartData, money
from app.filling.percentages import shown

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw

_WIDTH, _HEIGHT, _SCALE = 1200, 640, 4
_COLORS = ("#1F6FB2", "#E08E45", "#6BA368", "#B5637A", "#8C8C8C", "#C9B458", "#5B5EA6", "#4FA3A5")
_INK, _SOFT, _LINE = "#262626", "#595959", "#D9D9D9"


def picture(chart: ChartData) -> bytes:
    """The chart as PNG, 1200 × 640 pixels; it has at least one point."""
    from PIL import Image, ImageDraw

    image = Image.new("RGB", (_WIDTH * _SCALE, _HEIGHT * _SCALE), "white")
    draw = ImageDraw.Draw(image)
    _text(draw, _WIDTH / 2, 46, chart.title, 34, _INK, "mm")
    _text(draw, _WIDTH / 2, 90, "单位：万元", 22, _SOFT, "mm")
    (_bars if chart.kind == "years" else _ring)(draw, chart)
    small = image.resize((_WIDTH, _HEIGHT), Image.Resampling.LANCZOS)
    made = BytesIO()
    small.save(made, "PNG", optimize=True)
    return made.getvalue()


@cache
def _font(size: int) -> Any:
    from PIL import ImageFont

    return ImageFont.truetype(str(paths.resources() / "fonts" / "charts.otf"), size * _SCALE)


def _text(draw: ImageDraw, x: float, y: float, text: str, size: int, color: str, anchor: str) -> None:
    draw.text((x * _SCALE, y * _SCALE), text, fill=color, font=_font(size), anchor=anchor)


def _box(draw: ImageDraw, left: float, top: float, right: float, bottom: float, color: str) -> None:
    draw.rectangle([left * _SCALE, top * _SCALE, right * _SCALE, bottom * _SCALE], fill=color)


def _bars(draw: ImageDraw, chart: ChartData) -> None:
    floor, ceiling, left, right = 550.0, 150.0, 150.0, 1050.0
    most = max([value for _, value in chart.points] + [Decimal("0.01")])
    draw.line([(left * _SCALE, floor * _SCALE), (right * _SCALE, floor * _SCALE)], fill=_LINE, width=2 * _SCALE)
    step = (right - left) / len(chart.points)
    for number, (label, value) in enumerate(chart.points):
        middle = left + step * (number + 0.5)
        top = floor - float(max(value, Decimal(0)) / most) * (floor - ceiling - 30)
        _box(draw, middle - 75, top, middle + 75, floor, _COLORS[number % len(_COLORS)])
        _text(draw, middle, top - 24, f"{value:,.2f}", 28, _INK, "mm")
        _text(draw, middle, floor + 34, label, 26, _SOFT, "mm")


def _ring(draw: ImageDraw, chart: ChartData) -> None:
    points = [(label, value) for label, value in chart.points if value > 0]
    total = sum((value for _, value in points), Decimal(0))
    x, y, radius, hole = 360.0, 370.0, 210.0, 112.0
    at = -90.0
    for number, (_, value) in enumerate(points):
        angle = float(value / total) * 360
        box = [(x - radius) * _SCALE, (y - radius) * _SCALE, (x + radius) * _SCALE, (y + radius) * _SCALE]
        draw.pieslice(box, at, at + angle, fill=_COLORS[number % len(_COLORS)], outline="white", width=3 * _SCALE)
        at += angle
    inner = [(x - hole) * _SCALE, (y - hole) * _SCALE, (x + hole) * _SCALE, (y + hole) * _SCALE]
    draw.ellipse(inner, fill="white")
    _text(draw, x, y - 18, "合计", 24, _SOFT, "mm")
    _text(draw, x, y + 20, money(total), 28, _INK, "mm")
    top = y - 29.0 * len(points)
    for number, (label, value) in enumerate(points):
        line = top + 58 * number + 29
        _box(draw, 660, line - 13, 686, line + 13, _COLORS[number % len(_COLORS)])
        _text(draw, 702, line, f"{label}  {value:,.2f}  {shown(value / total)}", 26, _INK, "lm")
