"""What a file holds, before any meaning: grids of cells and lines of text, each with its Place.

Every reader in ``app.reading`` returns a ``Source``; every later room works on it alone, so a
workbook, a PDF and a Word file take one way through the program.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from decimal import Decimal
from typing import NamedTuple

from app.numbers import display, letters


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands. Only the fields that fit the kind of file are set.

    Workbook: ``sheet`` + ``cell`` (A1). PDF: ``page`` (from 1) + ``box`` (x0, top, x1, bottom in
    points). Text: ``line`` (from 1). Word: ``paragraph`` (from 1), or ``table``/``row``/``column``
    (from 1). ``file`` is set when several files make one case.
    """

    file: str | None = None
    sheet: str | None = None
    cell: str | None = None
    page: int | None = None
    box: tuple[float, float, float, float] | None = None
    line: int | None = None
    paragraph: int | None = None
    table: int | None = None
    row: int | None = None
    column: int | None = None

    def as_json(self) -> dict[str, object]:
        """The set fields only, in the order of the findings contract."""
        items = ((f.name, getattr(self, f.name)) for f in fields(self))
        return {k: list(v) if isinstance(v, tuple) else v for k, v in items if v is not None}

    def __str__(self) -> str:
        """For people: ``公开01表!C33``, ``第18页``, ``第345行``, ``第57段``."""
        if self.cell:
            return f"{self.sheet}!{self.cell}" if self.sheet else self.cell
        if self.sheet:
            return self.sheet
        if self.page:
            return f"第{self.page}页"
        if self.line:
            return f"第{self.line}行"
        if self.paragraph:
            return f"第{self.paragraph}段"
        if self.table:
            return f"第{self.table}个表格第{self.row}行第{self.column}列"
        return "全文"


class CellError(str):
    """An error value as Excel shows it (``#REF!``)."""

    __slots__ = ()


Value = Decimal | str | bool | CellError | None


class Cell:
    """One cell: ``row``/``column`` from 0, its stored value, formula and number format.

    ``value`` is a ``Decimal`` at 15 significant digits, a ``str``, a ``bool``, a ``CellError`` or
    ``None`` (blank, or a formula without a cached value). ``formula`` is without ``=``, shared
    formulas already expanded. ``box`` places a cell that does not stand in a workbook.
    """

    __slots__ = ("_text", "column", "formula", "number_format", "place", "row", "value")

    def __init__(
        self,
        row: int,
        column: int,
        value: Value,
        formula: str | None = None,
        number_format: str = "General",
        place: Place | None = None,
    ) -> None:
        self.row = row
        self.column = column
        self.value = value
        self.formula = formula
        self.number_format = number_format
        self.place = place
        self._text: str | None = None

    @property
    def text(self) -> str:
        """What the clerk sees in the cell."""
        if self._text is None:
            self._text = display(self.value, self.number_format)
        return self._text

    def __repr__(self) -> str:
        return f"Cell({letters(self.column)}{self.row + 1}, {self.value!r})"


class Span(NamedTuple):
    """A merged range, rows and columns from 0, both ends inside."""

    top: int
    left: int
    bottom: int
    right: int


@dataclass(slots=True)
class Grid:
    """A sheet of a workbook, or one table found in a report. ``rows[r][c]`` holds a ``Cell``.

    Rows and columns are sparse; a merged range has its value in the top left cell only.
    ``percent_formats`` are the number formats of blank cells that are to show a percentage.
    """

    name: str
    rows: dict[int, dict[int, Cell]] = field(default_factory=dict)
    merges: list[Span] = field(default_factory=list)
    hidden: bool = False
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    widths: dict[int, float] = field(default_factory=dict)
    heights: dict[int, float] = field(default_factory=dict)
    is_sheet: bool = True
    file: str | None = None
    protected: bool = False
    closed: list[Span] = field(default_factory=list)  # arrays, data tables, pivots: nothing may be filled in
    percent_formats: dict[tuple[int, int], str] = field(default_factory=dict)  # of blank cells

    def cell(self, row: int, column: int) -> Cell | None:
        cells = self.rows.get(row)
        return cells.get(column) if cells else None

    def text(self, row: int, column: int) -> str:
        cell = self.cell(row, column)
        return cell.text if cell is not None else ""

    def put(self, cell: Cell) -> None:
        self.rows.setdefault(cell.row, {})[cell.column] = cell

    def place(self, row: int, column: int) -> Place:
        """The place of a cell, also of one that is blank."""
        cell = self.cell(row, column)
        if cell is not None and cell.place is not None:
            return cell.place
        if self.is_sheet:
            return Place(file=self.file, sheet=self.name, cell=f"{letters(column)}{row + 1}")
        near = next((c.place for c in self.rows.get(row, {}).values() if c.place), None)
        return near or next((c.place for c in self.cells() if c.place), None) or Place(file=self.file)

    def cells(self) -> Iterator[Cell]:
        for number in sorted(self.rows):
            row = self.rows[number]
            for column in sorted(row):
                yield row[column]


@dataclass(slots=True)
class Line:
    """A line (PDF, text) or paragraph (Word) of running text, as printed."""

    text: str
    place: Place
    bold: bool = False


@dataclass(slots=True)
class Source:
    """One input file as read. ``items`` holds grids and lines in reading order.

    ``problems`` are sentences for the clerk about what could not be read (a picture page, a
    damaged sheet); ``external_links`` names linked workbooks; ``features`` notes what the
    file carries besides content (``comments``, ``tracked changes``); ``supplied`` are figures (万元)
    typed into our own sheet 百分比, by the name it gives them.
    """

    path: str
    kind: str  # workbook | pdf | word | text
    items: list[Grid | Line] = field(default_factory=list)
    problems: list[tuple[str, Place]] = field(default_factory=list)
    external_links: list[str] = field(default_factory=list)
    features: dict[str, str] = field(default_factory=dict)
    supplied: dict[str, Decimal] = field(default_factory=dict)
    pages: int = 0

    @property
    def grids(self) -> list[Grid]:
        return [item for item in self.items if isinstance(item, Grid)]

    @property
    def lines(self) -> list[Line]:
        return [item for item in self.items if isinstance(item, Line)]
