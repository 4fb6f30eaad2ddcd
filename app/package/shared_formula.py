"""Shared formulas: one text for many cells, its references shifted to each of them."""

from __future__ import annotations

import re

from app.numbers import column_number, letters

ROWS, COLUMNS = 1_048_576, 16_384
_TOKEN = re.compile(
    r"""
      "(?:[^"]|"")*"                                     # text
    | '(?:[^']|'')*'                                     # quoted sheet name
    | \[(?:[^\[\]]|\[[^\[\]]*\])*\]                      # [1] of a link, [column] of a table
    | (?P<columns>\$?[A-Z]{1,3}:\$?[A-Z]{1,3})(?![\w.(!])
    | (?P<rows>\$?\d{1,7}:\$?\d{1,7})(?![\w.!])
    | (?P<cell>\$?[A-Z]{1,3}\$?[1-9]\d{0,6})(?![\w.(!\[])
    | \#?[\w.\\?]+[!?]?                                  # names, functions, numbers, error values
    | .
    """,
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)
_HALF = re.compile(r"(\$?)([A-Z]*)(\$?)(\d*)", re.IGNORECASE)
_Axis = tuple[bool, int] | None  # fixed by $, number from 0
_Part = str | tuple[_Axis, _Axis]  # literal text, or column and row of a reference


class SharedFormula:
    """The text of a shared formula and the cell it was written for (row, column from 0)."""

    __slots__ = ("_column", "_parts", "_row", "text")

    def __init__(self, text: str, row: int, column: int) -> None:
        self.text = text
        self._row = row
        self._column = column
        self._parts: list[_Part] | None = None

    def at(self, row: int, column: int) -> str:
        """The formula as it reads in another cell. What would leave the sheet becomes ``#REF!``."""
        if self._parts is None:
            self._parts = _split(self.text)
        down, right = row - self._row, column - self._column
        return "".join(p if isinstance(p, str) else _moved(p, down, right) for p in self._parts)


def _split(text: str) -> list[_Part]:
    parts: list[_Part] = []
    for match in _TOKEN.finditer(text):
        token = match[0]
        if match.lastgroup is None:
            if parts and isinstance(parts[-1], str):
                parts[-1] += token
            else:
                parts.append(token)
            continue
        first, colon, second = token.partition(":")
        parts.append(_reference(first))
        if colon:
            parts += [":", _reference(second)]
    return parts


def _reference(token: str) -> _Part:
    match = _HALF.fullmatch(token)
    assert match is not None  # _TOKEN gives nothing else
    before, name, between, digits = match.groups()
    if not name:  # a whole row: its $ stands first
        return None, (bool(before), int(digits) - 1)
    column = column_number(name)
    if column >= COLUMNS or int(digits or 1) > ROWS:
        return token  # looks like a reference, but is a name
    return (bool(before), column), (bool(between), int(digits) - 1) if digits else None


def _moved(part: tuple[_Axis, _Axis], down: int, right: int) -> str:
    column, row = part
    text = ""
    if column is not None:
        number = column[1] if column[0] else column[1] + right
        if not 0 <= number < COLUMNS:
            return "#REF!"
        text = ("$" if column[0] else "") + letters(number)
    if row is not None:
        number = row[1] if row[0] else row[1] + down
        if not 0 <= number < ROWS:
            return "#REF!"
        text += ("$" if row[0] else "") + str(number + 1)
    return text
