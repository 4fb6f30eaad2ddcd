"""Runs of characters to lines of text, on the page and inside a cell."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from app.reading.pdf_chars import Glyph, Run

_NUMERIC = frozenset("0123456789.,%-－．，")
_AMOUNT_END = re.compile(r"\.\d\d$")
_PADDING = 11.0  # points that Word leaves free at both sides of a cell together


@dataclass(slots=True)
class TextLine:
    """One printed line: its text and its box on the page as read."""

    text: str
    x0: float
    top: float
    x1: float
    bottom: float
    size: float
    bold: bool = False


def lines_of(runs: Sequence[Run]) -> list[TextLine]:
    """Runs gathered by baseline into lines, from top to bottom, each from left to right."""
    if len(runs) == 1:
        return [_line(list(runs))]
    lines: list[list[Run]] = []
    base = size = 0.0
    for run in sorted(runs, key=_by_baseline):
        if lines and run.y - base <= 0.45 * min(size, run.size):
            lines[-1].append(run)
            continue
        lines.append([run])
        base, size = run.y, run.size
    return [_line(line) for line in lines]


def _by_baseline(run: Run) -> float:
    return run.y


def _by_start(run: Run) -> float:
    return run.x0


def _line(runs: list[Run]) -> TextLine:
    if len(runs) > 1:
        runs.sort(key=_by_start)
        if any(b.x0 < a.x1 - 0.4 * a.size for a, b in pairwise(runs)):
            runs = _undouble(runs)
    first = runs[0]
    pieces = [first.text]
    top, bottom, x1 = first.top, first.bottom, first.x1
    before = first
    for run in runs[1:]:
        pieces.append(_gap(before, run))
        pieces.append(run.text)
        top, bottom, x1 = min(top, run.top), max(bottom, run.bottom), max(x1, run.x1)
        before = run
    return TextLine("".join(pieces), first.x0, top, x1, bottom, first.size, first.bold)


def _gap(before: Run, run: Run) -> str:
    """What stands between two runs of a line: nothing, a space, or two where a column begins."""
    gap = (run.x0 - before.x1) / min(before.size, run.size)
    if gap > 1.5:
        return "  "
    if before.glyphs[-1][0] in _NUMERIC and run.glyphs[0][0] in _NUMERIC and not run.spaced and gap < 0.9:
        return ""  # a number set wide is one number
    if run.spaced or gap >= 0.4 or (before.glyphs[-1][0].isascii() and run.glyphs[0][0].isascii()):
        return " " if gap >= 0.12 else ""
    return ""  # what Word leaves between 汉字 and figures, or a line stretched to the margin


def _undouble(runs: list[Run]) -> list[Run]:
    """A line whose runs overlap: bold faked by printing twice is taken once, the rest put in order."""
    kept: list[tuple[Glyph, Run]] = []
    for glyph, run in sorted(((g, r) for r in runs for g in r.glyphs), key=lambda pair: pair[0][1]):
        reach = max(1.0, 0.2 * run.size)
        twin = next((g for g, r in reversed(kept[-3:]) if g[0] == glyph[0] and glyph[1] - g[1] < reach), None)
        if twin is None:
            kept.append((glyph, run))
    whole: list[Run] = []
    group: list[Glyph] = []
    for position, (glyph, run) in enumerate(kept):
        if group and glyph[1] - group[-1][2] > 0.3 * run.size:
            whole.append(kept[position - 1][1].part(group))
            group = []
        group.append(glyph)
    whole.append(kept[-1][1].part(group))
    return whole


@dataclass(slots=True)
class CellText:
    """The text of a cell; ``full`` when its last line reaches the cell's edge (it may go on overleaf)."""

    text: str
    full: bool


def cell_text(runs: Sequence[Run], width: float) -> CellText:
    """The lines of a cell put together: a break that only the cell's ``width`` forced is no break."""
    lines = lines_of(runs)
    text = lines[0].text
    for before, line in pairwise(lines):
        text += joint(before.text, line.text, _is_full(before, width, line.text)) + line.text
    return CellText(text, _is_full(lines[-1], width, ""))


def _is_full(line: TextLine, width: float, following: str) -> bool:
    """True when the line was broken because the next word did not fit."""
    if line.text[-1:].isdigit() and following[:1].isdigit():
        # two amounts under each other stay two; a number too long for its cell is one
        if _AMOUNT_END.search(line.text):
            return False
        return width - (line.x1 - line.x0) < _PADDING + 0.6 * line.size
    word = 0.0
    for char in following[:40]:
        if not (char.isascii() and char.isalnum()) and char not in ".,%":
            break
        word += 0.5
    return width - (line.x1 - line.x0) < _PADDING + line.size * max(2.0, word)


def joint(before: str, after: str, wrapped: bool) -> str:
    """What joins two printed lines of one cell."""
    if not wrapped:
        return "\n"
    a, b = before[-1:], after[:1]
    if a.isascii() and b.isascii() and a.isalpha() and b.isalpha():
        return " "
    return ""
