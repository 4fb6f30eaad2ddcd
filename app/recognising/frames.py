"""Tables of a report with the lines around them.

In a PDF or Word file the title, 公开NN表, unit and 单位：万元 stand above the ruled table, 注 and
说明 below it. Here they become rows of the same grid, as in a workbook.
"""

from __future__ import annotations

import re

from app.knowledge.text import norm
from app.recognising.segments import MONEY, NONE, NOTE, NUMBER, UNIT, YEAR, title_key
from app.source import Cell, Grid, Line, Source, Span

_ABOVE = 8
_BELOW = 8
_FORMULA = re.compile(r"[行栏](?:各[行栏])?=|^\d[.、]")


def framed(source: Source) -> list[Grid]:
    """The grids of a source; those without a title of their own get the lines around them."""
    items = source.items
    found: list[Grid] = []
    for position, item in enumerate(items):
        if isinstance(item, Line):
            continue
        if item.is_sheet or _has_title(item):
            found.append(item)
            continue
        above = _above(items[max(0, position - _ABOVE) : position])
        below = _below(items[position + 1 : position + 1 + _BELOW])
        found.append(_with_lines(item, above, below) if above or below else item)
    return found


def _has_title(grid: Grid) -> bool:
    return any(title_key(c.text) for r in sorted(grid.rows)[:4] for c in grid.rows[r].values())


def _above(items: list[Grid | Line]) -> list[Line]:
    """The lines from the nearest title down to the table, if only such lines stand between.

    A title broken over two lines is joined when only both together make one.
    """
    lines: list[Line] = []
    for item in reversed(items):
        if not isinstance(item, Line):
            break
        lines.insert(0, item)
        if title_key(item.text):
            return lines
        if len(lines) > 1 and title_key(item.text + lines[1].text):
            return [Line(item.text + lines[1].text, item.place), *lines[2:]]
        if not _states(item.text):
            break
    return []


def _states(text: str) -> bool:
    bare = norm(text)
    return len(bare) <= 60 and bool(
        MONEY.search(bare) or NUMBER.search(bare) or UNIT.match(bare) or YEAR.fullmatch(bare) or len(bare) <= 14
    )


def _below(items: list[Grid | Line]) -> list[Line]:
    lines: list[Line] = []
    for item in items:
        if not isinstance(item, Line) or title_key(item.text):
            break
        if not lines and not NOTE.match(norm(item.text)):
            break
        bare = norm(item.text)
        ended = bool(lines) and norm(lines[-1].text).endswith(("。", ";", "；"))
        if ended and not (NOTE.match(bare) or _FORMULA.search(bare) or NONE.search(bare)):
            break
        lines.append(item)
    return lines


def _with_lines(grid: Grid, above: list[Line], below: list[Line]) -> Grid:
    shift = len(above)
    framed_ = Grid(grid.name, is_sheet=False, file=grid.file, widths=grid.widths)
    for row, line in enumerate(above):
        framed_.put(Cell(row, 0, line.text, place=line.place))
    for cell in grid.cells():
        framed_.put(Cell(cell.row + shift, cell.column, cell.value, cell.formula, cell.number_format, cell.place))
    framed_.merges = [Span(s.top + shift, s.left, s.bottom + shift, s.right) for s in grid.merges]
    last = max(framed_.rows, default=0)
    for row, line in enumerate(below, last + 1):
        framed_.put(Cell(row, 0, line.text, place=line.place))
    return framed_
