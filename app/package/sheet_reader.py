"""One streaming pass over a worksheet part into a ``Grid``."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from app.numbers import column_number, letters, stored
from app.package.markup import Damaged, Scanner, ill_formed
from app.package.shared_formula import COLUMNS, ROWS, SharedFormula
from app.package.shared_strings import TEXT_LIMIT, unescaped
from app.reading.errors import Unreadable
from app.source import Cell, CellError, Grid, Span, Value

CELL_LIMIT = 6_000_000  # cells with a value or formula in one workbook
CHARACTER_LIMIT = 256 << 20  # of texts that stand in the sheets themselves
MERGE_LIMIT = 200_000
NAMESPACES = (
    "http://schemas.openxmlformats.org/spreadsheetml/2006/main",
    "http://purl.oclc.org/ooxml/spreadsheetml/main",
)
_LETTERS: dict[str, int] = {letters(n): n for n in range(256)}  # wider sheets take the slow path
_TEXTS = frozenset(("str", "inlineStr"))
_NUMBERS_KEPT = 100_000
_MOST_FORMATS = 20_000  # blank cells of a sheet whose percent format is kept
_Attributes = dict[str, str]


@dataclass(slots=True)
class Context:
    """What the sheets of one workbook share while it is read."""

    strings: list[str] = field(default_factory=list)
    formats: dict[str | None, str] = field(default_factory=dict)
    percent_formats: dict[str, str] = field(default_factory=dict)  # those of ``formats`` that show a percentage
    date1904: bool = False
    numbers: dict[str, Value] = field(default_factory=dict)  # text -> value: most repeat
    cells: int = 0
    characters: int = 0

    def number(self, text: str) -> Value:
        """A number as stored; a text that is none stays text."""
        try:
            value = stored(text.strip())
        except ArithmeticError:  # no number, or one far beyond what Excel can hold
            return text
        if len(self.numbers) >= _NUMBERS_KEPT:
            self.numbers.clear()
        if not value or value.adjusted() < -308:  # -0, and what Excel itself holds as 0
            value = Decimal(0)
        elif value.adjusted() > 308:
            return text  # no number of Excel, and printing its digits could fill the memory
        self.numbers[text] = value
        return value

    def day(self, text: str) -> Value:
        """An ISO date (``t="d"``) as the number Excel holds for it."""
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            return text
        passed = moment.replace(tzinfo=None) - datetime(1904 if self.date1904 else 1899, 1, 1)
        days = Decimal(passed.days) + Decimal(passed.seconds) / 86400
        first = 0 if self.date1904 else (date(1899, 12, 30) - date(1899, 1, 1)).days
        return stored(str(days - first))


class SheetReader(Scanner):
    """Reads one worksheet; ``missing`` names a cell whose shared text does not exist.

    ``run`` raises ``Damaged`` for this sheet, ``Unreadable`` when the workbook as a whole is too
    large. Rows and cells without ``r`` follow the one before; the order of cells does not matter.
    """

    def __init__(self, part: str, grid: Grid, context: Context) -> None:
        super().__init__(part)
        self.grid = grid
        self.missing: str | None = None
        self._context = context
        self._strings, self._formats, self._numbers = context.strings, context.formats, context.numbers
        self._row, self._row_text, self._tail = -1, "", 0
        self._cells: dict[int, Cell] | None = None
        self._column, self._last = -1, ""  # of the cell before: its column, or its r if not yet worked out
        self._at: _Attributes | None = None  # of the cell that is open
        self._child: str | None = None  # the element whose text ``_pieces`` collects
        self._pieces: list[str] = []
        self._value: str | None = None
        self._formula: _Attributes | None = None
        self._formula_text = ""
        self._exact = self._phonetic = False
        self._rows = self._kept = 0
        self._shared: dict[str, SharedFormula] = {}
        self._orphans: list[tuple[str, Cell]] = []
        self._columns: list[tuple[int, int, float | None, bool]] = []
        self._heights: dict[int, float] = {}

    def root(self, tag: str, attributes: _Attributes) -> None:
        space, _, name = tag.rpartition(" ")
        if name != "worksheet" or space not in NAMESPACES:
            raise Damaged(ill_formed(self.part))
        self._c, self._v, self._f, self._t, self._r, self._rph = (
            f"{space} {n}" for n in ("c", "v", "f", "t", "row", "rPh")
        )
        self._merge, self._col, self._protection = (f"{space} {n}" for n in ("mergeCell", "col", "sheetProtection"))
        self.parser.StartElementHandler = self._start
        self.parser.CharacterDataHandler = self._pieces.append

    # Calls from expat cost more than all else, so a cell is finished when the next element begins
    # and only cells in which spaces count are told where an element ends.

    def _start(self, tag: str, at: _Attributes) -> None:
        if tag == self._c:
            if self._at is not None:
                self._finish()
            self._at = at
            if (at.get("t") in _TEXTS) is not self._exact:
                self._exact = not self._exact
                self.parser.EndElementHandler = self._end if self._exact else None
        elif tag == self._v:
            if self._child is not None:
                self._flush()
            self._child = tag
            self._pieces.clear()
        elif tag == self._f:
            if self._child is not None:
                self._flush()
            self._child = tag
            self._formula = at
            self._pieces.clear()
        else:
            self._start_other(tag, at)

    def _start_other(self, tag: str, at: _Attributes) -> None:
        if self._child is not None:
            self._flush()
        self._pieces.clear()
        if tag == self._t:
            if self._at is not None and not self._phonetic:
                self._child = tag
        elif tag == self._rph:
            self._phonetic = True
        elif tag == self._r:
            if self._at is not None:
                self._finish()
            self._begin_row(at)
        elif tag == self._merge:
            self._add_range(self.grid.merges, at.get("ref", ""))
        elif tag == self._col:
            self._add_columns(at)
        elif tag == self._protection:
            self.grid.protected = _true(at.get("sheet"))

    def _end(self, tag: str) -> None:
        if tag == self._child:
            self._flush()
        elif tag == self._rph:
            self._phonetic = False

    def _flush(self) -> None:
        """The text of a child of the cell is complete."""
        text = "".join(self._pieces)
        if self._child == self._v:
            self._value = text
        elif self._child == self._t:
            self._value = (self._value or "") + text
        elif self._child == self._f:
            self._formula_text = text
        self._child = None

    def fed(self) -> None:
        """Called after each 64 KB: no cell holds more text than a cell may."""
        if len(self._pieces) > 64 and sum(map(len, self._pieces)) > TEXT_LIMIT:
            raise Damaged(ill_formed(self.part))

    def _begin_row(self, at: _Attributes) -> None:
        self._rows += 1
        if self._context.cells + self._kept > CELL_LIMIT:
            raise Unreadable(
                f"工作簿中有内容的单元格超过 {CELL_LIMIT // 10000} 万个，无法校核；请把需要校核的表另存为新的工作簿。"
            )
        text = at.get("r")
        row = self._row + 1 if text is None else int(text) - 1 if text.isdecimal() and len(text) < 9 else -1
        if not 0 <= row < ROWS or self._rows > ROWS:
            raise Damaged(ill_formed(self.part))
        self._row = row
        self._row_text = text or str(row + 1)
        self._tail = -len(self._row_text)
        self._column, self._last = -1, ""
        self._cells = self.grid.rows.get(row)
        if len(at) > 1:
            if _true(at.get("hidden")):
                self.grid.hidden_rows.add(row)
            if (height := _float(at.get("ht"))) is not None:
                self._heights[row] = height

    def _position(self, reference: str | None) -> tuple[int, int]:
        """Row and column of the cell: from its ``r``, or the one after the cell before."""
        row = self._row
        if reference is None:
            if self._last:
                self._column, self._last = _reference(self._last, self.part)[1], ""
            column = self._column + 1
        else:
            row, column = _reference(reference, self.part)
        if row < 0 or column >= COLUMNS:
            raise Damaged(ill_formed(self.part))
        self._column, self._last = column, ""
        return row, column

    def _finish(self) -> None:
        """Keeps the cell that ends here. The way of a plain number is the shortest."""
        at, row = self._at or {}, self._row
        self._at = None
        if self._child == self._v:
            text: str | None = "".join(self._pieces)
            self._child = None
        else:
            if self._child is not None:
                self._flush()
            text, self._value = self._value, None
        formula_at, self._formula = self._formula, None
        reference = at.get("r")
        if text is None and formula_at is None:
            self._blank(reference, at.get("s"))
            return
        column = _LETTERS.get(reference[: self._tail]) if reference and reference.endswith(self._row_text) else None
        if column is None:
            row, column = self._position(reference)
        else:
            self._column = column
            self._last = ""
        kind = at.get("t")
        value: Value = None
        if text:
            if kind is None or kind == "n":
                value = self._numbers.get(text)
                if value is None:
                    value = self._context.number(text)
            else:
                value = self._typed(kind, text, row, column)
        formula = None
        if formula_at is not None:
            formula = self._expanded(formula_at, row, column)
            if formula_at.get("t") in ("array", "dataTable"):
                self._add_range(self.grid.closed, formula_at.get("ref", ""))
            if text == "" and kind == "str":
                value = ""
        elif value is None or text == "":
            return
        cell = Cell(row, column, value, formula, self._formats.get(at.get("s"), "General"))
        if formula == _ORPHAN and formula_at:
            self._orphans.append((formula_at["si"], cell))
        self._kept += 1
        if row != self._row:
            self.grid.put(cell)
        elif self._cells is None:
            self._cells = self.grid.rows.setdefault(row, {})
            self._cells[column] = cell
        else:
            self._cells[column] = cell

    def _blank(self, reference: str | None, style: str | None) -> None:
        """A cell without content: only the format of one that is to show a percentage is kept."""
        number_format = self._context.percent_formats.get(style or "")
        if reference and number_format is None:
            self._last = reference
        else:
            spot = self._position(reference)
            if number_format is not None and len(self.grid.percent_formats) < _MOST_FORMATS:
                self.grid.percent_formats[spot] = number_format

    def _typed(self, kind: str, text: str, row: int, column: int) -> Value:
        """The value of a cell that is no plain number."""
        if kind not in _TEXTS:
            text = text.strip()  # the file may be laid out with spaces
        if kind == "s":
            if text.isdecimal() and int(text) < len(self._strings):
                return self._strings[int(text)] or None
            self.missing = self.missing or f"{letters(column)}{row + 1}"
            return None
        if kind == "b":
            return _true(text)
        if kind == "e":
            return CellError(text)
        if kind == "d":
            return self._context.day(text)
        self._context.characters += len(text)
        if self._context.characters > CHARACTER_LIMIT:
            raise Unreadable("工作簿中的文字太多，无法校核；请把需要校核的表另存为新的工作簿。")
        return unescaped(text)

    def _expanded(self, at: _Attributes, row: int, column: int) -> str | None:
        """The formula of this cell; None for a data table, which has no text of its own."""
        text, group = self._formula_text.strip(), at.get("si")
        if at.get("t") != "shared" or group is None:
            return text or None
        if text:
            self._shared.setdefault(group, SharedFormula(text, row, column))
            return text
        master = self._shared.get(group)
        return master.at(row, column) if master else _ORPHAN

    def _add_range(self, ranges: list[Span], reference: str) -> None:
        try:
            span = ranged(reference)
        except Damaged:
            return  # a merge that says nothing hides nothing
        if len(ranges) < MERGE_LIMIT:
            ranges.append(span)

    def _add_columns(self, at: _Attributes) -> None:
        first, last = at.get("min", ""), at.get("max", "")
        if first.isdecimal() and last.isdecimal() and len(self._columns) < COLUMNS and len(first + last) < 15:
            width = _float(at.get("width"))
            self._columns.append((int(first) - 1, min(int(last), COLUMNS), width, _true(at.get("hidden"))))

    def complete(self) -> None:
        """Settles what can only be known at the end; call after ``run``."""
        if self._at is not None:
            self._finish()
        for group, cell in self._orphans:
            master = self._shared.get(group)
            cell.formula = master.at(cell.row, cell.column) if master else None
        self._context.cells += self._kept
        grid = self.grid
        self._blank_merged()
        last_row = max(grid.rows, default=-1)
        grid.heights = {r: h for r, h in self._heights.items() if r <= last_row}
        last = max((max(cells) for cells in grid.rows.values() if cells), default=-1)
        steps = 0
        for first, end, width, hidden in self._columns:
            steps += max(min(end, last + 1) - first, 0)
            if steps > 4 * COLUMNS:
                break  # columns do not overlap in a sound file
            for column in range(max(first, 0), min(end, last + 1)):
                if width is not None:
                    grid.widths[column] = width
                if hidden:
                    grid.hidden_columns.add(column)

    def _blank_merged(self) -> None:
        """Takes out values under a merged range: nobody sees them."""
        rows = self.grid.rows
        steps = 0
        for span in self.grid.merges:
            steps += min(len(rows), span.bottom - span.top + 1)
            for number in _within(rows, span.top, span.bottom):
                cells = rows.get(number)
                if not cells:
                    continue
                steps += min(len(cells), span.right - span.left + 1)
                for column in _within(cells, span.left, span.right):
                    if (number, column) != (span.top, span.left):
                        cells.pop(column, None)
                if not cells:
                    del rows[number]
            if steps > 20 * ROWS:
                raise Damaged(ill_formed(self.part))


_ORPHAN = "\0"  # a shared formula whose text has not come yet


def _within(keys: dict[int, Any], first: int, last: int) -> list[int]:
    """The keys from ``first`` to ``last``, found the shorter way; may name some that are not there."""
    if last - first < len(keys):
        return list(range(first, last + 1))
    return [k for k in keys if first <= k <= last]


def ranged(reference: str) -> Span:
    """``A2:C5`` as a span. Raises ``Damaged`` for what is no range."""
    first, _, last = reference.partition(":")
    top, left = _reference(first, "")
    bottom, right = _reference(last or first, "")
    return Span(min(top, bottom), min(left, right), max(top, bottom), max(left, right))


def _reference(reference: str, part: str) -> tuple[int, int]:
    """``$B$7`` to (6, 1). Raises ``Damaged``."""
    bare = reference.replace("$", "").strip()
    name = bare.rstrip("0123456789")
    digits = bare[len(name) :]
    if not digits or len(digits) > 7 or not 1 <= len(name) <= 3 or not (name.isascii() and name.isalpha()):
        raise Damaged(ill_formed(part))
    row, column = int(digits) - 1, column_number(name)
    if not (0 <= row < ROWS and column < COLUMNS):
        raise Damaged(ill_formed(part))
    return row, column


def _true(text: str | None) -> bool:
    return text is not None and text.strip().lower() in ("1", "true", "on")


def _float(text: str | None) -> float | None:
    try:
        return float(text) if text else None
    except ValueError:
        return None
