"""Rows of 绩效自评表, from ruled tables and from lines of text alike, as one text with places.

A ``Stretch`` is the text of some rows: cells parted by a tab, rows by a line break, every other run
of white space one space; ``printed`` leads from offsets in it back to the source.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from dataclasses import dataclass, field

from app.report.performance import Printed
from app.source import Grid, Line, Place, Source

_BOX = re.compile(r"<input(?P<ticked>[^>]*\schecked)?[^>]*>", re.I)
_TAG = re.compile(r"</?[a-zA-Z][^>]{0,80}>|\*\*")
_HASH = re.compile(r"^\s*#{1,6}\s")
_PAGE = re.compile(r"\s*[-—–]\s*\d{1,3}\s*[-—–]\s*")
_WHITE = re.compile(r"[\s\u3000\u200b\ufeff]")
KEEP = frozenset("①②③④⑤⑥⑦⑧⑨⑩")  # a tick read wrongly looks like this; NFKC would make it a digit
_SAME = {"“": '"', "”": '"', "：": ":", "；": ";", "〔": "[", "〕": "]", "﹝": "[", "﹞": "]", "％": "%"}


@dataclass(slots=True)
class Piece:
    """A cell of a grid or a line of text: its source text, where, and its column in the grid."""

    raw: str
    place: Place
    column: int = 0


@dataclass(slots=True)
class TableRow:
    """One row of a grid, or one line. ``grid`` is its number in the file, -1 for a line."""

    pieces: list[Piece]
    grid: int = -1

    @property
    def is_line(self) -> bool:
        return self.grid < 0

    @property
    def quote(self) -> str:
        return " ".join(p.raw.strip() for p in self.pieces if p.raw.strip())

    @property
    def bare(self) -> str:
        """The row without any white space, NFKC."""
        return "".join(bare(p.raw) for p in self.pieces)


def bare(text: str) -> str:
    """Text as compared: clean and without white space."""
    return "".join(clean(text)[0].split())


def clean(raw: str) -> tuple[str, list[int]]:
    """NFKC text with single spaces, tick boxes as ☑ and □, and where each character stands in ``raw``."""
    skip: dict[int, str] = {}
    for hit in _BOX.finditer(raw):
        skip.update(dict.fromkeys(range(*hit.span()), ""))
        skip[hit.start()] = "☑" if hit.group("ticked") else "□"
    for pattern in (_TAG, _HASH):
        for hit in pattern.finditer(raw):
            for index in range(*hit.span()):
                skip.setdefault(index, "")
    chars: list[str] = []
    places: list[int] = []
    for index, char in enumerate(raw):
        if index in skip:
            if skip[index]:
                chars.append(skip[index])
                places.append(index)
            continue
        if _WHITE.match(char):
            if chars and chars[-1] != " ":
                chars.append(" ")
                places.append(index)
            continue
        for each in char if char in KEEP else unicodedata.normalize("NFKC", _SAME.get(char, char)):
            chars.append(each)
            places.append(index)
    if chars and chars[-1] == " ":
        chars.pop()
        places.pop()
    return "".join(chars), places


def table_rows(source: Source) -> list[TableRow]:
    """Every grid row and line of a source in order; page numbers and blank rows are left out."""
    rows: list[TableRow] = []
    for number, item in enumerate(source.items):
        if isinstance(item, Line):
            if not _PAGE.fullmatch(item.text) and item.text.strip():
                rows.append(_line(item, number))
            continue
        rows += _grid(item, number)
    return rows


def _line(line: Line, number: int) -> TableRow:
    if "\t" not in line.text:
        return TableRow([Piece(line.text, line.place)])
    cells = line.text.split("\t")
    return TableRow([Piece(c, line.place, n) for n, c in enumerate(cells) if c.strip()], 1_000_000)


def _grid(grid: Grid, number: int) -> list[TableRow]:
    found = []
    for row in sorted(grid.rows):
        cells = grid.rows[row]
        pieces = [Piece(cells[c].text, grid.place(row, c), c) for c in sorted(cells) if cells[c].text.strip()]
        if pieces:
            found.append(TableRow(pieces, number))
    return found


@dataclass(slots=True)
class Stretch:
    """Rows as one text. ``starts`` are the offsets of the pieces in ``text``."""

    rows: list[TableRow]
    text: str = ""
    starts: list[int] = field(default_factory=list)
    pieces: list[tuple[TableRow, Piece, list[int]]] = field(default_factory=list)
    row_starts: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        parts: list[str] = []
        offset = 0
        for row in self.rows:
            self.row_starts.append(offset)
            for n, piece in enumerate(row.pieces):
                text, places = clean(piece.raw)
                self.starts.append(offset)
                self.pieces.append((row, piece, places))
                end = "\t" if n + 1 < len(row.pieces) else "\n"
                parts.append(text + end)
                offset += len(text) + 1
        self.text = "".join(parts)

    def row_at(self, offset: int) -> int:
        """Index of the row that holds ``offset``."""
        return max(0, bisect_right(self.row_starts, offset) - 1)

    def printed(self, start: int, end: int) -> Printed:
        """What stands between two offsets; white space at the ends does not count."""
        while start < end and self.text[start].isspace():
            start += 1
        while end > start and self.text[end - 1].isspace():
            end -= 1
        first = max(0, bisect_right(self.starts, start) - 1)
        last = max(first, bisect_right(self.starts, max(start, end - 1)) - 1)
        chosen = self.pieces[first : last + 1]
        if not chosen:
            return Printed("", "", Place())
        text = "".join(self.text[start:end].split())
        row = chosen[0][0]
        if row.is_line:
            rows = list(dict.fromkeys(id(r) for r, _, _ in chosen))
            quote = "".join(r.quote for r in self.rows if id(r) in rows)
            return Printed(text, quote, chosen[0][1].place, quote)
        return Printed(text, chosen[0][1].raw.strip(), chosen[0][1].place, row.quote)

    def blank(self, at: int) -> Printed:
        """A blank field beside the label that stands at ``at``: quoted by that label."""
        near = self.printed(at, min(at + 1, len(self.text)))
        return Printed("", near.quote, near.place, near.context)


def loose(word: str) -> str:
    """A pattern that finds ``word`` with white space between its characters."""
    return r"\s*".join(re.escape(c) for c in word)
