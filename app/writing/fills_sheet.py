"""The sheet 自动填充: what was filled in, with value, formula and operands, and what was not and why."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from app.checking.finding import Fill
from app.writing import layout
from app.writing.model import MARKS, SheetCell, SheetModel, Style

NAME = "自动填充"
_HEADERS = ("序号", "位置", "填的是什么", "原内容", "填入", "公式", "计算与依据", "所用数据")
_WIDTHS = (6.0, 18.0, 32.0, 12.0, 12.0, 34.0, 44.0, 36.0)
_MOST = 5000
_MOST_OPERANDS = 6
_FILL, _INK = MARKS["filled"]
_DONE = Style(border=True, align="right", fill=_FILL, color=_INK, wrap=True)
_LEFT_OUT = Style(border=True, align="center", fill="F2F2F2", color="404040", wrap=True)


def fills_sheet(
    fills: Sequence[Fill], file_name: str, link: Callable[[Fill], str] | None = None, name: str = NAME
) -> SheetModel | None:
    """One row a fill, those that could not be made last; None when nothing asked to be filled.

    ``link`` gives the target for a fill; by default the cell of the clerk's own workbook.
    """
    if not fills:
        return None
    sheet = SheetModel(name, widths=dict(enumerate(_WIDTHS)), footer=layout.footer(""), tab_color="548235")
    done = sum(f.done for f in fills)
    left = f"，{len(fills) - done} 处未填（右栏写明原因）" if done < len(fills) else ""
    layout.merged(sheet, "自动填充", layout.TITLE, 30)
    layout.merged(sheet, f"已填 {done} 处{left}。原有内容一处未改；填入的单元格为绿色。", layout.FACT)
    top = layout.headers(sheet, _HEADERS, 24)
    to = link or (lambda fill: layout.link_to(fill.place, file_name))
    ordered = sorted(fills, key=lambda fill: not fill.done)
    for number, fill in enumerate(ordered[:_MOST], 1):
        layout.add(sheet, _row(number, fill, to(fill)))
    if len(ordered) > _MOST:
        layout.merged(sheet, f"其余 {len(ordered) - _MOST} 处略。", layout.FACT)
    sheet.freeze, sheet.repeat_rows = (top + 1, 0), (top, top)
    sheet.filter = (top, 0, top + min(len(ordered), _MOST), len(_HEADERS) - 1)
    return sheet


def _row(number: int, fill: Fill, target: str) -> layout.Row:
    operands = [f"{o.quote}（{layout.where(o.place)}）" for o in fill.operands[:_MOST_OPERANDS]]
    if len(fill.operands) > _MOST_OPERANDS:
        operands.append(f"等 {len(fill.operands)} 处")
    return [
        SheetCell(number, layout.CENTER),
        SheetCell(layout.where(fill.place), layout.LINK if target else layout.TEXT, link=target),
        SheetCell(fill.name or fill.context, layout.TEXT),
        SheetCell(fill.found or "空白", layout.CENTER),
        SheetCell(fill.value, _DONE) if fill.done else SheetCell("未填", _LEFT_OUT),
        SheetCell(fill.formula, layout.TEXT),
        SheetCell(fill.why, layout.TEXT),
        SheetCell("；".join(operands), layout.TEXT),
    ]
