"""Cells to amounts: blank, zero and not-a-number are three things (DOMAIN §5)."""

from __future__ import annotations

from decimal import Decimal

from app import numbers
from app.knowledge.text import norm
from app.report.amount import Amount
from app.report.table import Entry
from app.source import Cell, CellError, Grid

_ZERO = Decimal(0)


def word(cell: Cell) -> str:
    """A label, code or 栏次 as compared: a code stored as a number stays ``201`` under any format."""
    value = cell.value
    if isinstance(value, Decimal) and value == value.to_integral_value():
        return numbers.plain(value)
    return norm(cell.text)


def entry(grid: Grid, row: int, column: int) -> Entry:
    """The entry at a grid cell; its amount's interval is set later by ``settle``."""
    cell = grid.cell(row, column)
    if cell is None:
        return Entry(grid.place(row, column))
    found = Entry(cell.place or grid.place(row, column), cell.text, cell=cell)
    value = cell.value
    if isinstance(value, CellError):
        found.wrong = "error"
    elif isinstance(value, Decimal):
        found.amount = Amount(value, _ZERO, cell.text)
    elif isinstance(value, bool):
        found.wrong = "text"
    elif value is None:
        found.wrong = "uncached" if cell.formula else None
    elif text := value.strip():
        typed = _ZERO if numbers.is_dash(text) else numbers.typed(text)
        if typed is None:
            found.wrong = "text"
        else:
            found.amount = Amount(typed, _ZERO, text)
    return found


def places(found: Entry) -> int | None:
    """How many decimals an entry prints; None when it holds no amount other than zero."""
    if found.amount is None or not found.amount.value:
        return None
    return _decimals(found.cell, found.amount)[0]


def settle(found: Entry, unit: int) -> None:
    """Gives the amount its interval: exact if stored longer than shown, else half a unit of the
    last decimal shown, at least the document's ``unit`` (decimals)."""
    amount = found.amount
    if amount is None or not amount.value:
        return
    shown, stored = _decimals(found.cell, amount)
    if stored > shown:
        return
    half = Decimal(5).scaleb(-max(shown, unit) - 1)
    found.amount = Amount(amount.value, half, amount.text, shown < unit)


def _decimals(cell: Cell | None, amount: Amount) -> tuple[int, int]:
    """(decimals shown, decimals stored)."""
    plain = numbers.plain(amount.value)
    stored = len(plain.partition(".")[2])
    if cell is not None and isinstance(cell.value, Decimal):
        shown = numbers.decimals(cell.number_format)
        return (stored if shown is None else shown), stored
    printed = amount.text.replace("．", ".").rstrip(")） ").partition(".")[2]
    digits = sum(c.isdigit() for c in printed)
    return digits, min(stored, digits)
