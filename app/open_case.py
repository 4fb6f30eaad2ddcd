"""Checks a case in a worker and hands the window what it shows of it, large sheets in pieces."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import groupby
from typing import TYPE_CHECKING, Any

from app import pipeline
from app.opened import BOLD, CELL, NUMBER, ROW, Opened, Passage, SheetPiece, SheetShape
from app.parts import parts_of
from app.pipeline import Outcome, Request

if TYPE_CHECKING:
    from app.checking.finding import Checked
    from app.report.report import Report
    from app.source import Cell, Grid, Source

_CHUNK = 4_000  # cells a piece: what a pipe holds at once, so that the window never waits for the rest of it
_FINDINGS = 100  # findings a piece
_MOST_ROWS = 1_048_576
_UNPRINTABLE = str.maketrans({CELL: " ", ROW: " ", NUMBER: " ", BOLD: " "})


def open_case(request: Request, step: Callable[[Any], None] = lambda _: None) -> Outcome:
    """Check a case as the command line does. Before the result is written ``step`` is handed the
    ``SheetPiece`` s, an ``Opened`` without findings, and the findings in lists."""

    def look(report: Report, checked: Checked, outcome: Outcome) -> None:
        for piece in _pieces(report.source):
            step(piece)
        step(opened(request, report, checked, outcome))
        for start in range(0, len(checked.findings), _FINDINGS):
            step(checked.findings[start : start + _FINDINGS])

    return pipeline.check(request, step, look)


def opened(request: Request, report: Report, checked: Checked, outcome: Outcome) -> Opened:
    """What the window shows of a checked case, without its findings and the texts of its sheets."""
    from app.checking.finding import RuleResult

    source = report.source
    return Opened(
        path=request.path,
        tables=request.tables,
        outcome=outcome,
        findings=len(checked.findings),
        fills=checked.fills,
        rules=[RuleResult(r.code, r.title, r.status, r.reason, r.evaluated) for r in checked.rules],
        parts=parts_of(report, checked),
        sheets=_shapes(report),
        passages=_passages(source) if source.kind in ("word", "text") else [],
        pages=source.pages,
        problems=source.problems,
    )


def _sheets(source: Source) -> list[Grid]:
    return [grid for grid in source.grids if grid.is_sheet]


def _shapes(report: Report) -> list[SheetShape]:
    """The sheets of a case in order, with where the data of their tables begins."""
    first: dict[int, int] = {}
    for table in report.tables.values():
        for row in (row for block in table.blocks.values() for row in block.rows):
            grid = id(row.grid or table.grid)
            first[grid] = min(row.index, first.get(grid, row.index))
    return [
        SheetShape(
            grid.name,
            rows=min(max(grid.rows, default=-1) + 1, _MOST_ROWS),
            columns=max((max(cells, default=-1) for cells in grid.rows.values()), default=-1) + 1,
            merges=grid.merges,
            widths=grid.widths,
            heights=grid.heights,
            hidden_rows=grid.hidden_rows,
            hidden_columns=grid.hidden_columns,
            hidden=grid.hidden,
            header=first.get(id(grid), 0),
            file=grid.file,
        )
        for grid in _sheets(report.source)
    ]


def _pieces(source: Source) -> Iterator[SheetPiece]:
    """The texts of all sheets; rows that hold nothing between two far apart begin a new piece."""
    for number, grid in enumerate(_sheets(source)):
        rows: list[str] = []
        first = cells = 0
        for index in sorted(grid.rows):
            if rows and (cells >= _CHUNK or index - first - len(rows) > 1000):
                yield SheetPiece(number, first, ROW.join(rows))
                rows, cells = [], 0
            if not rows:
                first = index
            rows.extend([""] * (index - first - len(rows)))
            held = grid.rows[index]
            rows.append(_row(held))
            cells += len(held)
        if rows:
            yield SheetPiece(number, first, ROW.join(rows))


def _row(cells: dict[int, Cell]) -> str:
    if not cells:
        return ""
    texts = [""] * (max(cells) + 1)
    for column, cell in cells.items():
        text = cell.text
        if isinstance(cell.value, str):
            texts[column] = text.translate(_UNPRINTABLE) if not text.isprintable() else text
        elif text:
            texts[column] = text if isinstance(cell.value, bool) else NUMBER + text
    return CELL.join(texts)


def _passages(source: Source) -> list[Passage]:
    """The text in reading order: of a table in Word each cell, of one in text each row, its cells parted by tabs."""
    from app.source import Grid

    found: list[Passage] = []
    for item in source.items:
        if not isinstance(item, Grid):
            found.append(Passage(item.text, item.place, item.bold))
            continue
        if item.is_sheet:
            continue
        placed = [cell for cell in item.cells() if cell.place is not None]
        if placed and placed[0].place is not None and placed[0].place.table is not None:
            found += [Passage(cell.text, cell.place) for cell in placed if cell.place is not None]
            continue
        for _, row in groupby(placed, key=lambda cell: cell.row):
            cells = list(row)
            assert cells[0].place is not None
            found.append(Passage("\t".join(cell.text for cell in cells), cells[0].place))
    return found
