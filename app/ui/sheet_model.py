"""A sheet as a Qt model: it looks a cell up when it is asked and never walks over all rows."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from app.numbers import column_number, letters
from app.opened import BOLD, NUMBER, SheetTexts
from app.source import Place, Span
from app.ui.colours import FILLS, INKS, WORDS
from app.ui.views import LEVELS, ViewMark

Index = QModelIndex | QPersistentModelIndex
MOST_ROWS, MOST_COLUMNS = 1_048_576, 16_384
_CELL = re.compile(r"\$?([A-Za-z]{1,3})\$?([1-9]\d{0,6})(?![\dA-Za-z])")
_TALL = 64  # rows of a merged range beyond which it is not listed row by row
_HIGHEST_HEADER = 20  # rows; above it several tables stand in one sheet
_BESIDE = (200, 40)  # a merged range may add this many rows, columns to those that hold something

Role = Qt.ItemDataRole
_TEXT_ROLES = (int(Role.DisplayRole), int(Role.EditRole), int(Role.AccessibleTextRole))
_TIP_ROLES = (int(Role.ToolTipRole), int(Role.AccessibleDescriptionRole))


def cell_of(place: Place) -> tuple[int, int] | None:
    """Row and column, from 0, of a place in a workbook; of a range its first cell."""
    found = _CELL.match(place.cell or "")
    if not found:
        return None
    column, row = column_number(found[1]), int(found[2]) - 1
    return (row, column) if row < MOST_ROWS and column < MOST_COLUMNS else None


@dataclass(slots=True)
class CellMarks:
    """All marks of one cell and the level that wins."""

    level: str
    marks: list[ViewMark]

    @property
    def tip(self) -> str:
        """What the marks say, the loudest first; each begins with the word for its level."""
        lines = []
        for mark in sorted(self.marks, key=lambda m: LEVELS.index(m.level)):
            word = WORDS[mark.level]
            said = mark.tip if mark.tip.startswith(word) else f"{word}：{mark.tip}"
            lines.append(said if mark.tip else word)
        return "\n".join(dict.fromkeys(lines))


class SheetModel(QAbstractTableModel):
    """One sheet. ``marked[row][column]`` and ``filled[row][column]`` hold what was put on its cells."""

    def __init__(self, texts: SheetTexts, parent: QObject | None = None) -> None:
        super().__init__(parent)
        shape = texts.shape
        self.texts = texts
        self.marked: dict[int, dict[int, CellMarks]] = {}
        self.filled: dict[int, dict[int, str]] = {}
        self._rows, self._columns = shape.rows, shape.columns
        self.header = shape.header if shape.header <= _HIGHEST_HEADER else 0
        self.merges: list[Span] = []
        self._by_row: dict[int, list[Span]] = {}
        self._tall: list[Span] = []
        self._take_merges(shape.merges)

    def _take_merges(self, merges: Iterable[Span]) -> None:
        """Merged ranges by row, cut where nothing else is (a range over all columns of a sheet)."""
        rows, columns = self._rows + _BESIDE[0], self._columns + _BESIDE[1]
        for span in merges:
            top, left, bottom, right = span
            if top >= rows or left >= columns or (top == bottom and left == right):
                continue
            right = right if right < columns else max(left, self._columns - 1)
            bottom = bottom if bottom < rows else max(top, self._rows - 1)
            cut = Span(top, left, bottom, right)
            self.merges.append(cut)
            self._rows, self._columns = max(self._rows, bottom + 1), max(self._columns, right + 1)
            if bottom - top > _TALL:
                self._tall.append(cut)
            else:
                for row in range(top, bottom + 1):
                    self._by_row.setdefault(row, []).append(cut)

    # What there is.

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        """Rows of the sheet, with those that a merged range or a mark reaches."""
        return 0 if parent.isValid() else self._rows

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        """Columns of the sheet, with those that a merged range or a mark reaches."""
        return 0 if parent.isValid() else self._columns

    def text(self, row: int, column: int) -> str:
        """What the clerk sees in the cell; a filled one shows what was filled in."""
        if row in self.filled and column in self.filled[row]:
            return self.filled[row][column]
        return self.texts.text(row, column)

    def is_number(self, row: int, column: int) -> bool:
        return column in self.filled.get(row, ()) or self.texts.is_number(row, column)

    def place(self, row: int, column: int) -> Place:
        """Where the cell is; a marked one answers with the place of its loudest mark."""
        marks = self.marks_at(row, column)
        if marks is not None:
            return next(m.place for m in marks.marks if m.level == marks.level)
        shape = self.texts.shape
        return Place(file=shape.file, sheet=shape.name, cell=f"{letters(column)}{row + 1}")

    def data(self, index: Index, role: int = Role.DisplayRole) -> Any:
        """For accessibility and other readers; the view paints without it."""
        row, column, role = index.row(), index.column(), int(role)
        if role in _TEXT_ROLES:
            return self.text(row, column)
        if role == Role.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if self.is_number(row, column) else Qt.AlignmentFlag.AlignLeft
            return side | Qt.AlignmentFlag.AlignVCenter
        marks = self.marks_at(row, column)
        if marks is None:
            return None
        if role in _TIP_ROLES:
            return marks.tip
        if role == Role.BackgroundRole:
            return FILLS[marks.level]
        return INKS[marks.level] if role == Role.ForegroundRole else None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Role.DisplayRole) -> Any:
        """Column letters and row numbers, as Excel has them."""
        if role != Role.DisplayRole:
            return None
        return letters(section) if orientation == Qt.Orientation.Horizontal else str(section + 1)

    # Merged ranges.

    def spans_in(self, top: int, bottom: int) -> list[Span]:
        """The merged ranges that touch these rows."""
        found: dict[Span, None] = {}
        for row in range(top, bottom + 1) if self._by_row else ():
            for span in self._by_row.get(row, ()):
                found[span] = None
        for span in self._tall:
            if span.top <= bottom and span.bottom >= top:
                found[span] = None
        return list(found)

    def span_at(self, row: int, column: int) -> Span:
        """The merged range that a cell lies in, or the cell alone."""
        for span in self.spans_in(row, row):
            if span.left <= column <= span.right:
                return span
        return Span(row, column, row, column)

    def headings(self) -> tuple[int, int]:
        """The rows with the names of the columns, below title and unit: first, and the one behind the last."""
        first = self.header
        while first and self.names_columns(first - 1):
            first -= 1
        return first, self.header

    def names_columns(self, row: int) -> bool:
        """Whether a row above the data names columns: several texts, none of them 部门：… or 单位：…."""
        cells = [cell for cell in self.texts.row(row) if cell]
        return len(cells) > 1 and not any("：" in cell or ":" in cell for cell in cells)

    # What is put on it.

    def marks_at(self, row: int, column: int) -> CellMarks | None:
        return self.marked.get(row, {}).get(column)

    def set_marks(self, marks: Iterable[tuple[tuple[int, int], ViewMark]]) -> None:
        """Marks by cell instead of those before; one inside a merged range stands on the range."""
        self.marked = {}
        for (row, column), mark in marks:
            self.reach(row, column)
            span = self.span_at(row, column)
            held = self.marked.setdefault(span.top, {})
            cell = held.setdefault(span.left, CellMarks(mark.level, []))
            cell.marks.append(mark)
            cell.level = min(cell.level, mark.level, key=LEVELS.index)

    def set_filled(self, texts: Iterable[tuple[tuple[int, int], str]]) -> None:
        """Show these texts in cells that the program filled in."""
        self.filled = {}
        for (row, column), text in texts:
            self.reach(row, column)
            span = self.span_at(row, column)
            self.filled.setdefault(span.top, {})[span.left] = text

    def reach(self, row: int, column: int) -> None:
        """Grow so that a blank cell beyond the last that holds something is there."""
        if row >= self._rows:
            self.beginInsertRows(QModelIndex(), self._rows, row)
            self._rows = row + 1
            self.endInsertRows()
        if column >= self._columns:
            self.beginInsertColumns(QModelIndex(), self._columns, column)
            self._columns = column + 1
            self.endInsertColumns()

    # As text.

    def copied(self, ranges: Sequence[Span]) -> str:
        """Cells as tab-separated lines, as Excel puts them on the clipboard."""
        if len(ranges) == 1 and self.span_at(ranges[0].top, ranges[0].left) == ranges[0]:
            return self.text(ranges[0].top, ranges[0].left)
        if len(ranges) == 1:
            top, left, bottom, right = ranges[0]
            return "\n".join(self._copied_row(row, left, right) for row in range(top, bottom + 1))
        columns = sorted({column for span in ranges for column in range(span.left, span.right + 1)})
        lines = []
        for row in sorted({row for span in ranges for row in range(span.top, span.bottom + 1)}):
            mine = [span for span in ranges if span.top <= row <= span.bottom]
            lines.append("\t".join(self._copied_cell(row, column, mine) for column in columns))
        return "\n".join(lines)

    def _copied_row(self, row: int, left: int, right: int) -> str:
        """One row of one range; a row without anything odd in it is taken as a whole."""
        cells = self.texts.row(row)[left : right + 1]
        line = "\t".join(cells) + "\t" * (right - left + 1 - max(len(cells), 1))
        if row in self.filled or line.count("\t") != right - left or '"' in line or "\n" in line:
            return "\t".join(self._copied_cell(row, column) for column in range(left, right + 1))
        return line.replace(NUMBER, "").replace(BOLD, "")

    def _copied_cell(self, row: int, column: int, ranges: Sequence[Span] | None = None) -> str:
        if ranges is not None and not any(span.left <= column <= span.right for span in ranges):
            return ""
        text = self.text(row, column)
        if "\t" in text or "\n" in text or text.startswith('"'):
            return '"' + text.replace('"', '""') + '"'
        return text
