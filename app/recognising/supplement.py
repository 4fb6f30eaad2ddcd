"""The sheet 补充资料 of our template: what the narrative needs besides the nine tables.

Sections are found by their titles, columns by header text, rows by label or code, so that rows and
columns may have been moved and words retyped. Text cells are entries without an amount.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from decimal import Decimal
from itertools import pairwise
from typing import TypeVar

from app.knowledge.supplement import SupplementColumn, SupplementSection, sections, sheet_name
from app.knowledge.text import norm
from app.recognising.amounts import entry, settle, word
from app.report.table import Block, Column, Entry, Row, Stated, Table
from app.source import Grid, Source

_TITLE = "决算公开补充资料"
_TOTALS = ("合计", "小计", "总计")
_CODE = re.compile(r"\d{3}(\d{2}){0,2}")
_REMARK = re.compile(r"(?:注|备注|说明)[:：]")
_NAME = "科目名称"
_Known = TypeVar("_Known")


def read_supplement(source: Source, decimals: int = 2) -> Table | None:
    """The table, None where the workbook has no such sheet. ``decimals`` of amounts, as the tables print them."""
    grid = next((g for g in source.grids if g.is_sheet and _is_supplement(g)), None)
    if grid is None:
        return None
    tops = _titles(grid)
    if not tops:
        return None
    rows = sorted(grid.rows)
    table = Table(sheet_name(), Stated(sheet_name(), sheet_name(), grid.place(0, 0)), grid, 0, rows[-1], grids=[grid])
    table.money = Stated("万元", "万元", grid.place(0, 0))
    for position, (top, section) in enumerate(tops):
        bottom = tops[position + 1][0] - 1 if position + 1 < len(tops) else rows[-1]
        table.blocks[section.key] = _block(grid, section, top, bottom)
    for found in (e for b in table.blocks.values() for r in b.rows for e in r.entries.values()):
        settle(found, decimals)
    return table


def _is_supplement(grid: Grid) -> bool:
    """By the sheet's name, or its title where the sheet was renamed."""
    if norm(grid.name).startswith(sheet_name()):
        return True
    first = sorted(grid.rows)[:3]
    return any(norm(c.text).endswith(_TITLE) for r in first for c in grid.rows[r].values() if isinstance(c.value, str))


def _titles(grid: Grid) -> list[tuple[int, SupplementSection]]:
    """Sections by their titles, in the order of the sheet; each once.

    A header stands beneath a title: 机关运行经费 is a label of another section, too.
    """
    wanted = {_bare(s.title): s for s in sections()}
    rows = [r for r in sorted(grid.rows) if any(c.text.strip() for c in grid.rows[r].values())]
    found = []
    for row, beneath in pairwise(rows):
        words = {_bare(c.value) for c in grid.rows[row].values() if isinstance(c.value, str)}
        section = next((wanted[w] for w in words if w in wanted and _is_header(grid, beneath, wanted[w])), None)
        if section is not None:
            del wanted[_bare(section.title)]
            found.append((row, section))
    return found


def _bare(text: str) -> str:
    """A title, header or label without what is often retyped: ordinal, 其中, brackets at the end."""
    bare = re.sub(r"^(?:[一二三四五六七八九十]+、|其中:)", "", norm(text))
    return re.sub(r"\([^()]*\)$", "", bare) or bare


def _alike(text: str, known: Iterable[_Known], words: Callable[[_Known], str]) -> _Known | None:
    """The one of ``known`` that ``text`` names: as it is, else without ordinal and brackets."""
    listed = list(known)
    exact = next((k for k in listed if norm(words(k)) == norm(text)), None)
    return exact if exact is not None else next((k for k in listed if _bare(words(k)) == _bare(text)), None)


def _block(grid: Grid, section: SupplementSection, top: int, bottom: int) -> Block:
    block = Block(section.key)
    within = [r for r in sorted(grid.rows) if top < r <= bottom]
    header = next((r for r in within if _is_header(grid, r, section)), None)
    label = _column(grid, header, section.label) if header is not None else None
    if header is None or label is None:
        return block
    columns = [(c, at) for c in section.columns if (at := _column(grid, header, c.header)) is not None]
    block.columns = [Column(c.key, c.header, at, grid.place(header, at)) for c, at in columns]
    name = _column(grid, header, _NAME)
    number = 0
    for at in (r for r in within if r > header):
        cell = grid.cell(at, label)
        text = word(cell) if cell is not None else ""
        row = _row(grid, section, at, label, name, text, number + 1) if text else None
        if row is not None:
            number += 1
            row.entries = {c.key: _entry(grid, at, column, c) for c, column in columns}
            block.rows.append(row)
    return block


def _is_header(grid: Grid, row: int, section: SupplementSection) -> bool:
    """The label's word and that of a column in one row."""
    return _column(grid, row, section.label) is not None and any(
        _column(grid, row, c.header) is not None for c in section.columns
    )


def _column(grid: Grid, row: int, header: str) -> int | None:
    cells = grid.rows[row]
    exact = next((c for c, cell in sorted(cells.items()) if norm(cell.text) == norm(header)), None)
    return (
        exact if exact is not None else next((c for c in sorted(cells) if _bare(cells[c].text) == _bare(header)), None)
    )


def _row(
    grid: Grid, section: SupplementSection, at: int, label: int, name: int | None, text: str, number: int
) -> Row | None:
    place = grid.place(at, label)
    if section.kind == "rows":
        known = _alike(text, section.rows, lambda r: r.label)
        return Row(known.key, known.label, place, index=at, grid=grid) if known else None
    if section.kind == "list":
        if text in _TOTALS or _REMARK.match(text):
            return None
        return Row(str(number), grid.text(at, label).strip(), place, index=at, grid=grid)
    if text in _TOTALS:
        return Row("合计行", "合计", place, index=at, grid=grid)
    if not _CODE.fullmatch(text):
        return None
    named = grid.text(at, name).strip() if name is not None else ""
    return Row(text, named, place, code=text, code_place=place, index=at, grid=grid)


def _entry(grid: Grid, row: int, column: int, form: SupplementColumn) -> Entry:
    found = entry(grid, row, column)
    value = found.cell.value if found.cell is not None else None
    if form.type == "text" or (form.type == "percent" and not isinstance(value, Decimal)):
        found.amount, found.wrong = None, None
    elif found.cell is not None and found.cell.formula and not found.text.strip():
        found.amount, found.wrong = None, None  # her formula shows nothing yet
    if found.amount is not None and form.type == "count" and _whole(found.amount.value):
        found.text = str(int(found.amount.value))
    return found


def _whole(value: Decimal) -> bool:
    return value == value.to_integral_value()
