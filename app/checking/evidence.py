"""What structure, formula and note checks share: findings before their code, and names of places."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any, TypeVar

from app.checking.finding import Finding
from app.knowledge.forms import FORMS, form
from app.knowledge.text import norm
from app.report.report import Report
from app.report.table import Block, Column, Entry, Row, Table
from app.source import Cell, Grid, Place

T = TypeVar("T", str, int)


def finding(message: str, place: Place, severity: str = "", **facts: Any) -> Finding:
    """A finding without code and title; the rule that yields it lends its own (``rulebook.run``)."""
    return Finding(code="", title="", severity=severity, message=message, place=place, **facts)


def row_text(grid: Grid | None, row: int) -> str:
    """A row of a sheet as printed, its filled cells one space apart."""
    if grid is None:
        return ""
    cells = grid.rows.get(row, {})
    return " ".join(text for column in sorted(cells) if (text := cells[column].text.strip()))


def printed(row: Row, place: Place) -> str:
    """The exact text of the cell of a row that stands at ``place``; empty if it is not found."""
    if row.grid is None:
        return ""
    cells = row.grid.rows.get(row.index, {})
    return next((cell.text for c, cell in cells.items() if row.grid.place(row.index, c) == place), "")


def named(table: Table) -> str:
    """``公开03表 支出决算表``: how the clerk calls the table."""
    number = norm(table.number.value) if table.number else ""
    number = f"表{number}" if number.isdigit() else number
    return f"{number} {_titles().get(norm(table.title.value), table.title.value) or table.key}".strip()


@cache
def _titles() -> dict[str, str]:
    """Compared title -> the title as the forms print it, with its own quotation marks."""
    return {norm(title): title for key in FORMS for entry in form(key).tables for title in entry.titles}


def cells_of(table: Table) -> Iterator[tuple[Block, Row, Column, Entry]]:
    """Every cell of the recognised body of a table, in reading order of its blocks."""
    for block in table.blocks.values():
        columns = {column.key: column for column in block.columns}
        for row in block.rows:
            for key, entry in row.entries.items():
                if key in columns:
                    yield block, row, columns[key], entry


def table_at(report: Report, grid: Grid, cell: Cell) -> Table | None:
    """The table that a cell stands in, or None where it stands beside or outside the nine."""
    for table in [*report.tables.values(), *report.duplicates]:
        if table.grid is grid and table.top <= cell.row <= table.bottom:
            return table
        if grid is not table.grid and any(other is grid for other in table.grids):
            return table
    return None


def listing(items: list[str], most: int = 6) -> str:
    """``甲、乙、丙等 12 处``."""
    shown = "、".join(items[:most])
    return shown if len(items) <= most else f"{shown}等 {len(items)} 处"


def rising(values: Sequence[T]) -> set[int]:
    """Positions of a longest rising subsequence: what is left over is out of place."""
    tails: list[T] = []
    ends: list[int] = []
    previous: list[int] = []
    for i, value in enumerate(values):
        at = bisect_left(tails, value)
        previous.append(ends[at - 1] if at else -1)
        if at == len(tails):
            tails.append(value)
            ends.append(i)
        else:
            tails[at], ends[at] = value, i
    kept, i = set(), ends[-1] if ends else -1
    while i >= 0:
        kept.add(i)
        i = previous[i]
    return kept
