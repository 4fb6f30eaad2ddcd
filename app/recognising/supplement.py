"""The sheet 补充资料 of our template: what the narrative needs besides the nine tables.

Sections are found by their titles, columns by header text, rows by label or code, so that rows and
columns may have been moved. Text cells are entries without an amount.
"""

from __future__ import annotations

import re
from decimal import Decimal

from app.knowledge.supplement import SupplementColumn, SupplementSection, sections, sheet_name
from app.knowledge.text import norm
from app.recognising.amounts import entry, settle, word
from app.report.table import Block, Column, Entry, Row, Stated, Table
from app.source import Grid, Source

_TOTAL = "合计"


def read_supplement(source: Source, decimals: int = 2) -> Table | None:
    """The table, None where the workbook has no such sheet."""
    grid = next((g for g in source.grids if g.is_sheet and norm(g.name).startswith(sheet_name())), None)
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


def _titles(grid: Grid) -> list[tuple[int, SupplementSection]]:
    wanted = {_bare(s.title): s for s in sections()}
    found = []
    for row in sorted(grid.rows):
        for cell in grid.rows[row].values():
            if isinstance(cell.value, str) and (section := wanted.pop(_bare(cell.value), None)):
                found.append((row, section))
                break
    return found


def _bare(text: str) -> str:
    return re.sub(r"^[一二三四五六七八九十]+、", "", norm(text))


def _block(grid: Grid, section: SupplementSection, top: int, bottom: int) -> Block:
    header = next((r for r in sorted(grid.rows) if top < r <= bottom and _at(grid, r, section.label) is not None), None)
    block = Block(section.key)
    if header is None:
        return block
    label = _at(grid, header, section.label)
    columns = [(c, at) for c in section.columns if (at := _at(grid, header, c.header)) is not None]
    block.columns = [Column(c.key, c.header, at, grid.place(header, at)) for c, at in columns]
    assert label is not None
    number = 0
    for at in sorted(r for r in grid.rows if header < r <= bottom):
        cell = grid.cell(at, label)
        text = word(cell) if cell is not None else ""
        if not text:
            continue
        number += 1
        row = _row(grid, section, at, label, text, number)
        if row is not None:
            row.entries = {c.key: _entry(grid, at, column, c) for c, column in columns}
            block.rows.append(row)
    return block


def _at(grid: Grid, row: int, header: str) -> int | None:
    return next((c for c, cell in sorted(grid.rows[row].items()) if norm(cell.text) == norm(header)), None)


def _row(grid: Grid, section: SupplementSection, at: int, label: int, text: str, number: int) -> Row | None:
    place = grid.place(at, label)
    if section.kind == "rows":
        known = next((r for r in section.rows if norm(r.label) == text), None)
        return Row(known.key, known.label, place, index=at, grid=grid) if known else None
    if section.kind == "list":
        return Row(str(number), grid.text(at, label).strip(), place, index=at, grid=grid)
    if text == _TOTAL:
        return Row("合计行", _TOTAL, place, index=at, grid=grid)
    if not re.fullmatch(r"\d{3}(\d{2}){0,2}", text):
        return None
    return Row(text, grid.text(at, label + 1).strip(), place, code=text, code_place=place, index=at, grid=grid)


def _entry(grid: Grid, row: int, column: int, form: SupplementColumn) -> Entry:
    found = entry(grid, row, column)
    if form.type == "text" or (form.type == "percent" and found.amount is None):
        found.amount, found.wrong = None, None
    elif found.wrong == "text" and not found.text.strip("—-"):
        found.wrong = None
    if found.cell is not None and found.cell.formula and not found.text.strip():
        found.amount, found.wrong = None, None
    if (
        found.amount is not None
        and form.type == "count"
        and found.amount.value == found.amount.value.to_integral_value()
    ):
        found.text = str(int(Decimal(found.amount.value)))
    return found
