"""Words of a table's head that are a slip away from what should stand there.

Only what comes near a known word is reported: a header that is altogether different may belong to
the unit's own layout.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cache

from app.knowledge.forms import FORMS, form
from app.knowledge.text import norm
from app.recognising.percent_headers import kind_of
from app.report.table import Table
from app.source import Cell, Grid, Place

NEAR = 0.6  # share of common characters from which a word counts as meant
_LABELS = {
    "sides": ("收入", "支出", "项目", "行次", "栏次"),
    "codes": (
        "项目", "科目编码", "科目代码", "科目名称", "功能分类科目编码", "功能分类科目代码", "支出功能分类科目编码",
        "支出功能分类", "栏次", "类", "款", "项", "本年支出", "合计", "小计",
    ),
    "pairs": (
        "人员经费", "公用经费", "科目编码", "科目代码", "科目名称", "名称", "经济分类科目编码", "经济分类科目代码",
        "支出经济分类", "项目",
    ),
    "cells": ("预算数", "决算数", "财政拨款“三公”经费", "公务用车购置及运行维护费", "项目", "栏次"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Misspelt:
    """A header cell and the word that was meant."""

    cell: Cell
    place: Place
    expected: str


def near(text: str, words: Iterable[str]) -> str | None:
    """The word that ``text`` comes nearest to, if it comes near any; both as compared (``norm``)."""
    scored = [(SequenceMatcher(None, text, word).ratio(), word) for word in words if abs(len(word) - len(text)) <= 1]
    best = max(scored, default=(0.0, ""))
    return best[1] if best[0] >= NEAR else None


@cache
def _vocabulary(key: str) -> dict[str, str]:
    """Compared word -> as the forms print it, for the head of one table."""
    found: dict[str, str] = {}
    for form_key in FORMS:
        table = form(form_key).table(key)
        for word in (*_LABELS[table.kind], *(h for b in table.blocks for c in b.columns for h in c.headers)):
            found.setdefault(norm(word), word)
    return found


def misspelt(table: Table) -> Iterator[Misspelt]:
    """The misspelt cells of the head of a table, its amount columns left out (they have their own check)."""
    known = _vocabulary(table.key)
    own = {column.index for block in table.blocks.values() for column in block.columns}
    for grid, cell in _head_cells(table, known):
        text = norm(cell.text)
        if text in known or len(text) < 2 or text.isdigit() or kind_of(text):
            continue
        expected = near(text, known)
        if expected is None:
            continue
        place = grid.place(cell.row, cell.column)
        if cell.column in own and _is_leaf(table, cell, text):
            continue
        yield Misspelt(cell, place, known[expected])


def _is_leaf(table: Table, cell: Cell, text: str) -> bool:
    """Whether the text is what the recognised column above it is called."""
    for block in table.blocks.values():
        for column in block.columns:
            if column.index == cell.column:
                parts = [p for p in column.text.split(" ") if not re.fullmatch(r"[预决]算数?", p)]
                return bool(parts) and parts[-1] == text
    return False


def _head_cells(table: Table, known: dict[str, str]) -> Iterator[tuple[Grid, Cell]]:
    """The text cells from the first row with a header word down to the row above the data."""
    first = min((row.index for b in table.blocks.values() for row in b.rows if row.grid is table.grid), default=None)
    if first is None:
        return
    begun = False
    for row in range(table.top, min(first, table.top + 14)):
        cells = [c for c in table.grid.rows.get(row, {}).values() if isinstance(c.value, str) and c.value.strip()]
        begun = begun or any(norm(c.text) in known for c in cells)
        if begun:
            yield from ((table.grid, cell) for cell in cells)


def meant_for(table: Table, wanted: str) -> tuple[Cell, Place] | None:
    """The cell above the header that nearly reads ``wanted``: a word the table states, misspelt."""
    target = norm(wanted)
    first = min((row.index for b in table.blocks.values() for row in b.rows if row.grid is table.grid), default=0)
    # 单位：万兀 may have been taken for the name of a 单位, so that place stays open.
    stated = {s.place for s in (table.number, table.year, table.money, table.title) if s is not None}
    best: tuple[float, Cell, Place] | None = None
    for row in range(max(0, table.top - 2), min(first, table.top + 8)):
        for cell in table.grid.rows.get(row, {}).values():
            text, place = norm(cell.text), table.grid.place(row, cell.column)
            if not text or place in stated or abs(len(text) - len(target)) > 2:
                continue
            score = SequenceMatcher(None, text, target).ratio()
            if score >= NEAR and (best is None or score > best[0]):
                best = score, cell, place
    return (best[1], best[2]) if best else None
