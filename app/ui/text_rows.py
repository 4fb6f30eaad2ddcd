"""The paragraphs of a Word or text file as rows of a page, and where a passage stands in them."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import NamedTuple

from app.opened import Passage
from app.source import Place

BETWEEN = " │ "  # between the cells of a table
_ON, _BACK = 8, 3  # rows that a passage may run on, and may have begun before
_BREAKS = str.maketrans({"\n": "\u2028", "\v": "\u2028", "\r": None, "\f": None, "\u2029": "\u2028", "\0": None})

Key = tuple[str, int, int]  # kind of place; table, or 0; line, paragraph or row


class Stretch(NamedTuple):
    """A part of a row: ``start`` … ``end`` of its text."""

    row: int
    start: int
    end: int


@dataclass(slots=True)
class Row:
    """A paragraph, or a row of a table with the ``cells`` it has as (start, end, column; 0 unknown)."""

    text: str
    place: Place
    bold: bool = False
    cells: list[tuple[int, int, int]] = field(default_factory=list)
    _letters: tuple[str, list[int]] | None = None

    @property
    def letters(self) -> tuple[str, list[int]]:
        """The text without white space, and where each of its characters stands in the text."""
        if self._letters is None:
            at = [number for number, letter in enumerate(self.text) if not _blank(letter)]
            self._letters = "".join(self.text[number] for number in at), at
        return self._letters


class TextRows:
    """All rows of a file, found by place."""

    def __init__(self, passages: Sequence[Passage]) -> None:
        self.rows: list[Row] = []
        for (kind, _, number), group in groupby(passages, key=lambda passage: _key(passage.place)):
            held = list(group)
            if kind == "table" and number:
                self.rows.append(_table_row(held))
            else:
                self.rows += [_row(passage) for passage in held]
        self._first: dict[Key, int] = {}
        for number, row in enumerate(self.rows):
            self._first.setdefault(_key(row.place), number)
        self._keys = sorted(self._first)

    def row_of(self, place: Place) -> int | None:
        """The row of a place, or the one before it where the place itself has none (a blank line)."""
        wanted = _key(place)
        if not wanted[0]:
            return None
        exact = self._first.get(wanted)
        if exact is not None:
            return exact
        at = bisect_right(self._keys, wanted) - 1
        if at < 0 or self._keys[at][:2] != wanted[:2]:
            return None
        return self._first[self._keys[at]]

    def find(self, place: Place, quote: str = "") -> list[Stretch]:
        """Where a passage stands: the quote, without regard to white space, in the row of its place,
        running on into the next ones; the whole row where it is not found; [] for a foreign place."""
        at = self.row_of(place)
        if at is None:
            return []
        row = self.rows[at]
        wanted = "".join(letter for letter in quote if not _blank(letter))
        if place.column and row.cells:
            return [Stretch(at, *_cell(row, place.column, wanted))]
        if wanted:
            for first in range(at, max(-1, at - _BACK - 1), -1):
                if found := self._from(first, at, wanted):
                    return found
        start = len(row.text) - len(row.text.lstrip())
        return [Stretch(at, start, len(row.text.rstrip()))]

    def _from(self, first: int, through: int, wanted: str) -> list[Stretch]:
        """The passage where it begins in row ``first`` and reaches row ``through``."""
        own = len(self.rows[first].letters[0])
        joined = ""
        for last in range(first, min(first + _ON, len(self.rows))):
            joined += self.rows[last].letters[0]
            if last < through:
                continue
            start = joined.find(wanted)
            if 0 <= start < own:
                found = self._stretches(first, start, start + len(wanted))
                return found if found[-1].row >= through else []
        return []

    def _stretches(self, row: int, start: int, end: int) -> list[Stretch]:
        found = []
        while end > 0 and row < len(self.rows):
            at = self.rows[row].letters[1]
            if start < len(at):
                found.append(Stretch(row, at[start], at[min(end, len(at)) - 1] + 1))
            start, end, row = max(0, start - len(at)), end - len(at), row + 1
        return found


def _blank(letter: str) -> bool:
    return letter <= " " or letter.isspace() or letter in "\u200b\ufeff"


def _key(place: Place) -> Key:
    if place.table:
        return "table", place.table, place.row or 0
    if place.line:
        return "line", 0, place.line
    if place.paragraph:
        return "paragraph", 0, place.paragraph
    return "", 0, 0


def _row(passage: Passage) -> Row:
    text = passage.text.rstrip().translate(_BREAKS)
    if "\t" not in text.strip():
        return Row(text, passage.place, passage.bold)
    row = Row("", passage.place, passage.bold)
    _add(row, text.split("\t"), [0] * (text.count("\t") + 1))
    return row


def _table_row(passages: list[Passage]) -> Row:
    """A row of a Word table: one passage a cell, or one for all with tabs between."""
    row = Row("", passages[0].place, any(passage.bold for passage in passages))
    if len(passages) == 1 and "\t" in passages[0].text:
        cells = passages[0].text.translate(_BREAKS).split("\t")
        _add(row, cells, [0] * len(cells))
    else:
        _add(row, [p.text.translate(_BREAKS) for p in passages], [p.place.column or 0 for p in passages])
    return row


def _add(row: Row, cells: list[str], columns: list[int]) -> None:
    start = 0
    for text, column in zip(cells, columns, strict=True):
        text = text.strip()
        row.cells.append((start, start + len(text), column))
        start += len(text) + len(BETWEEN)
    row.text = BETWEEN.join(text.strip() for text in cells)


def _cell(row: Row, column: int, wanted: str) -> tuple[int, int]:
    """The cell of a column. Where columns are not known (blank cells are left out), it is the last
    one with the text wanted that can stand in that column; the whole row if there is none."""
    for start, end, known in row.cells:
        if known == column:
            return start, end
    most = column - (row.place.column or 1)
    likely = [
        (start, end)
        for number, (start, end, known) in enumerate(row.cells)
        if not known and number <= most and wanted in "".join(row.text[start:end].split())
    ]
    return likely[-1] if likely and wanted else (0, len(row.text))
