"""A workbook in memory, cell by cell, that can still be spoiled by a slip before it is written."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from .figures import Key

Value = str | Decimal | None
Position = tuple[int, int]  # row and column from 0


@dataclass(slots=True)
class Piece:
    """One cell. An amount bears its ``key``; ``parts`` are the cells a formula in it would add up."""

    value: Value = None
    role: str = "text"  # title | meta | head | label | code | amount | note | text
    key: Key | None = None
    parts: tuple[Key, ...] = ()
    formula: str | None = None


@dataclass(slots=True)
class Sheet:
    name: str
    cells: dict[Position, Piece] = field(default_factory=dict)
    merges: list[tuple[int, int, int, int]] = field(default_factory=list)  # top, left, bottom, right
    hidden: bool = False
    hidden_rows: set[int] = field(default_factory=set)
    widths: dict[int, float] = field(default_factory=dict)


@dataclass(slots=True)
class Book:
    """``layout`` is the name of what it was laid out by; ``yuan`` the tables printed in 元."""

    layout: str
    sheets: list[Sheet] = field(default_factory=list)
    yuan: frozenset[str] = frozenset()

    def amounts(self) -> dict[Key, tuple[str, str]]:
        """Every amount cell: its key -> (sheet, A1)."""
        return {
            piece.key: (sheet.name, a1(*position))
            for sheet in self.sheets
            for position, piece in sheet.cells.items()
            if piece.key is not None
        }

    def piece(self, key: Key) -> Piece:
        return next(p for s in self.sheets for p in s.cells.values() if p.key == key)

    def save(self, path: Path) -> None:
        """Write it with cached values; the same book always gives the same bytes."""
        import xlsxwriter  # type: ignore[import-untyped]

        book = xlsxwriter.Workbook(str(path))
        book.set_properties({"created": datetime.datetime(2023, 10, 24)})
        styles = {role: book.add_format({"font_name": "宋体", "font_size": 10, **_STYLES[role]}) for role in _STYLES}
        for sheet in self.sheets:
            _write(book.add_worksheet(sheet.name), sheet, styles)
        book.close()


_STYLES: dict[str, dict[str, Any]] = {
    "title": {"font_size": 16, "bold": True, "align": "center", "valign": "vcenter"},
    "meta": {},
    "head": {"border": 1, "align": "center", "valign": "vcenter", "text_wrap": True},
    "label": {"border": 1, "valign": "vcenter"},
    "code": {"border": 1, "align": "left", "num_format": "0"},
    "amount": {"border": 1, "align": "right", "num_format": "#,##0.00"},
    "note": {"text_wrap": False},
    "text": {},
}


def a1(row: int, column: int) -> str:
    """A1 name of a cell, row and column from 0."""
    name, column = "", column + 1
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(65 + rest) + name
    return f"{name}{row + 1}"


def _write(out: Any, sheet: Sheet, styles: dict[str, Any]) -> None:
    for column, width in sheet.widths.items():
        out.set_column(column, column, width)
    if sheet.hidden:
        out.hide()
    for row in sheet.hidden_rows:
        out.set_row(row, None, None, {"hidden": True})
    for top, left, bottom, right in sheet.merges:
        anchor = sheet.cells.get((top, left))
        out.merge_range(top, left, bottom, right, "", styles[anchor.role if anchor else "text"])
    for (row, column), piece in sorted(sheet.cells.items(), key=lambda item: item[0]):
        style = styles[piece.role]
        if piece.formula is not None:
            out.write_formula(row, column, piece.formula, style, _number(piece.value))
        elif piece.value is None:
            out.write_blank(row, column, None, style)
        elif isinstance(piece.value, Decimal):
            out.write_number(row, column, _number(piece.value), style)
        else:
            out.write_string(row, column, piece.value, style)


def _number(value: Value) -> float:
    """What Excel stores; written with 16 digits, read back at 15 it is the decimal again."""
    return float(value) if isinstance(value, Decimal) else 0.0
