"""What a checked file is to a window: small things at once, sheets in pieces.

A worker makes it (``app.open_case``) and the window shows it. Nothing here needs the readers or the
rules, so it unpickles in a process that has loaded neither.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from pathlib import Path

from app.checking.finding import Fill, RuleResult
from app.pipeline import Outcome
from app.source import Place, Span

CELL, ROW = "\x1f", "\x1e"  # between cells, between rows of a piece
NUMBER, BOLD = "\x01", "\x02"  # before the text of a cell that holds a number; of one in bold


@dataclass(slots=True)
class SheetShape:
    """A sheet without its texts. Rows and columns from 0; ``rows``/``columns`` count them.

    ``widths`` in characters, ``heights`` in points, ``header`` is the number of rows above the data.
    ``file`` is set where several files make one case.
    """

    name: str
    rows: int
    columns: int
    merges: list[Span] = field(default_factory=list)
    widths: dict[int, float] = field(default_factory=dict)
    heights: dict[int, float] = field(default_factory=dict)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    hidden: bool = False
    header: int = 0
    file: str | None = None


@dataclass(frozen=True, slots=True)
class SheetPiece:
    """Texts of rows ``first`` … of sheet number ``sheet``: rows parted by ``ROW``, cells by ``CELL``.

    A cell that holds a number begins with ``NUMBER``. One string crosses far faster than its cells.
    """

    sheet: int
    first: int
    text: str


@dataclass(slots=True)
class SheetTexts:
    """The texts of one sheet as its pieces come in; a piece is taken apart when it is looked at."""

    shape: SheetShape
    _firsts: list[int] = field(default_factory=list)
    _pieces: list[str | list[str]] = field(default_factory=list)
    _row: tuple[int, list[str]] = (-1, [])

    def add(self, piece: SheetPiece) -> None:
        """Take a piece; pieces come in order."""
        self._firsts.append(piece.first)
        self._pieces.append(piece.text)
        self._row = (-1, [])

    def row(self, row: int) -> list[str]:
        """The cells of a row as they crossed (with ``NUMBER`` marks); short, or empty, where nothing is."""
        if self._row[0] == row:
            return self._row[1]
        cells: list[str] = []
        at = bisect_right(self._firsts, row) - 1
        if at >= 0:
            piece = self._pieces[at]
            if isinstance(piece, str):
                piece = self._pieces[at] = piece.split(ROW)
            inside = row - self._firsts[at]
            if inside < len(piece):
                cells = piece[inside].split(CELL)
        self._row = (row, cells)
        return cells

    def text(self, row: int, column: int) -> str:
        """What the clerk sees in the cell."""
        cells = self.row(row)
        return cells[column].lstrip(NUMBER + BOLD) if column < len(cells) else ""

    def is_number(self, row: int, column: int) -> bool:
        cells = self.row(row)
        return column < len(cells) and cells[column].startswith(NUMBER)


@dataclass(frozen=True, slots=True)
class Part:
    """A line of the left pane: one of the nine tables, a section of the text, or a sheet besides.

    ``state``: ``passed`` | ``found`` (has findings) | ``not_applicable`` | ``could_not_check``.
    ``kind``: ``table`` | ``section`` | ``sheet``. ``reason`` says why it could not be checked, or why
    it does not apply. ``fingerprints`` name its findings.
    """

    name: str
    kind: str
    state: str
    place: Place | None = None
    reason: str = ""
    number: str = ""  # 01 … 09
    level: int = 0
    fingerprints: tuple[str, ...] = ()
    errors: int = 0
    warnings: int = 0


@dataclass(frozen=True, slots=True)
class Passage:
    """A paragraph or line of a Word or text file, as printed."""

    text: str
    place: Place
    bold: bool = False


@dataclass(slots=True)
class Opened:
    """One case as the window shows it. ``path`` was read; ``tables`` is the workbook beside a report;
    ``findings`` counts those that follow in lists.

    ``sheets`` are the shapes of the sheets whose pieces came before; ``passages`` the text of a Word or
    text file; ``pages`` the number of pages of a PDF; ``problems`` what could not be read.
    """

    path: Path
    tables: Path | None
    outcome: Outcome
    findings: int = 0
    fills: list[Fill] = field(default_factory=list)
    rules: list[RuleResult] = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)
    sheets: list[SheetShape] = field(default_factory=list)
    passages: list[Passage] = field(default_factory=list)
    pages: int = 0
    problems: list[tuple[str, Place]] = field(default_factory=list)
