"""Coloured grounds: the shading of a table's cells draws its lattice, a highlighter's stroke over words does not."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from app.reading.pdf_chars import Run

if TYPE_CHECKING:
    from app.reading.pdf_page import Edge

_TOUCH = 3.2  # points: shapes nearer than this are one ground
_TIGHT = 0.3  # a gap between glyphs, in their size, that parts no two texts (Word leaves 0.25 beside Latin)
_MOST = 3_000  # shapes; a page with more is shaded by a machine, not by hand


class Shade(NamedTuple):
    """A filled shape without a border: its box (x0, top, x1, bottom) and sides."""

    box: tuple[float, float, float, float]
    horizontal: list[Edge]
    vertical: list[Edge]


class _Line(NamedTuple):
    middle: float  # of its glyphs, top to bottom
    size: float
    glyphs: list[tuple[str, float, float]]


def drawn_by(shades: Sequence[Shade], runs: Iterable[Run]) -> Iterable[Shade]:
    """The shades that rule a table. A ground is none of them as soon as one of its sides falls between
    two glyphs of one word: words are highlighted, cells are not cut."""
    if not shades or len(shades) > _MOST:
        return shades
    lines = _lines(runs)
    kept: list[Shade] = []
    for ground in _grounds(shades):
        if not any(_cuts(shade, lines) for shade in ground):
            kept += ground
    return kept


def _grounds(shades: Sequence[Shade]) -> list[list[Shade]]:
    """Shades that touch each other, directly or through others."""
    grounds: list[list[Shade]] = []
    for shade in sorted(shades, key=lambda s: s.box[1]):
        near = [g for g in grounds if any(_touch(shade.box, other.box) for other in g)]
        grounds = [g for g in grounds if g not in near]
        grounds.append([shade, *(one for ground in near for one in ground)])
    return grounds


def _touch(a: tuple[float, float, float, float], b: tuple[float, float, float, float]) -> bool:
    return a[0] <= b[2] + _TOUCH and b[0] <= a[2] + _TOUCH and a[1] <= b[3] + _TOUCH and b[1] <= a[3] + _TOUCH


def _lines(runs: Iterable[Run]) -> list[_Line]:
    """The glyphs of each baseline from left to right, whatever runs they came in."""
    by_base: dict[int, list[Run]] = {}
    for run in runs:
        by_base.setdefault(round(run.y), []).append(run)
    return [
        _Line(
            own[0].y - 0.3 * own[0].size,
            own[0].size,
            sorted((g for run in own for g in run.glyphs), key=lambda g: g[1]),
        )
        for own in by_base.values()
    ]


def _cuts(shade: Shade, lines: Iterable[_Line]) -> bool:
    x0, top, x1, bottom = shade.box
    inside = [line for line in lines if top <= line.middle <= bottom]
    return any(_falls_between(side, line) for side in (x0, x1) for line in inside)


def _falls_between(x: float, line: _Line) -> bool:
    """Whether a side at ``x`` stands between two glyphs that follow each other, or within one."""
    for before, after in pairwise(line.glyphs):
        if before[1] + 1 < x < after[2] - 1:
            return bool(after[1] - before[2] < _TIGHT * line.size)
    return False
