"""Paints the visible cells of a sheet in one pass.

``QTableView`` asks a model for some eight roles of every cell that it paints; where the model is Python
that is what a repaint costs. Here rows are taken whole from ``SheetTexts`` and drawn by plain calls.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from PySide6.QtCore import QLine, QPoint, QRect, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPolygon

from app.opened import BOLD, NUMBER
from app.source import Span
from app.ui.colours import BEYOND, FILLS, GRID, INK, INKS, PAPER
from app.ui.sheet_model import SheetModel

_FLAG = Qt.AlignmentFlag
_WRAP = int(Qt.TextFlag.TextWordWrap)
LEFT = int(_FLAG.AlignLeft | _FLAG.AlignVCenter) | int(Qt.TextFlag.TextSingleLine)
RIGHT = int(_FLAG.AlignRight | _FLAG.AlignVCenter) | int(Qt.TextFlag.TextSingleLine)
CENTRE = int(_FLAG.AlignCenter) | int(Qt.TextFlag.TextSingleLine)
WRAPPED = int(_FLAG.AlignLeft | _FLAG.AlignVCenter) | _WRAP
WRAPPED_CENTRE = int(_FLAG.AlignCenter) | _WRAP
PAD = 4  # between a cell's edge and its text
_SIGN = {"error": 9, "warning": 9, "verified": 7, "filled": 7, "rounding": 6, "info": 6}  # size of the corner
BACK = 24  # columns to the left that a long text may come from

Section = tuple[int, int, int]  # number, where it begins in the viewport, its size


@dataclass(slots=True)
class Pen:
    """What the font at the present zoom measures; ``em`` is as wide as a Chinese character."""

    font: QFont
    bold: QFont = field(init=False)
    metrics: QFontMetrics = field(init=False)
    em: int = field(init=False)
    digit: int = field(init=False)
    line: int = field(init=False)
    _widths: dict[str, int] = field(default_factory=dict)
    _blocks: dict[tuple[str, int, int], str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.bold = QFont(self.font)
        self.bold.setBold(True)
        self.metrics = QFontMetrics(self.font)
        self.em = max(self.metrics.horizontalAdvance(char) for char in "国W%")
        self.digit = max(self.metrics.horizontalAdvance(char) for char in "08-")
        self.line = self.metrics.height()

    def width(self, text: str) -> int:
        """Width of a text on one line, remembered."""
        width = self._widths.get(text)
        if width is None:
            if len(self._widths) > 4000:
                self._widths.clear()
            width = self._widths[text] = self.metrics.horizontalAdvance(text)
        return width

    def fits(self, text: str, room: int) -> bool:
        """Whether a text fits on one line; most do by a glance at its length."""
        return len(text) * self.em <= room or self.width(text) <= room

    def short(self, text: str, room: int) -> str:
        """As much of a text as fits on one line."""
        return text if self.fits(text, room) else self.metrics.elidedText(text, Qt.TextElideMode.ElideRight, room)

    def block(self, text: str, width: int, height: int) -> str:
        """As much of a text as fits into a box over several lines."""
        key = (text, width, height)
        if key not in self._blocks:
            if len(self._blocks) > 500:
                self._blocks.clear()
            self._blocks[key] = self._cut(text, width, height)
        return self._blocks[key]

    def _cut(self, text: str, width: int, height: int) -> str:
        height = max(height, self.line)

        def fits(some: str) -> bool:
            return self.metrics.boundingRect(QRect(0, 0, max(width, 1), 10**6), WRAPPED, some).height() <= height

        if fits(text):
            return text
        least, most = 0, len(text)
        while least < most:
            middle = (least + most + 1) // 2
            least, most = (middle, most) if fits(text[:middle] + "…") else (least, middle - 1)
        return text[:least] + "…"

    def number_fits(self, text: str, room: int) -> bool:
        return len(text) * self.digit <= room or self.width(text) <= room


class Paint:
    """One pass over the cells between two corners of a viewport."""

    def __init__(self, painter: QPainter, model: SheetModel, pen: Pen, rows: list[Section], columns: list[Section]):
        """``columns`` are all that are in sight, though only some be painted: texts run on over others."""
        self.painter, self.model, self.pen = painter, model, pen
        self.rows = rows
        self.before = [section for section in columns if section[1] + section[2] <= 0]
        self.columns = columns[len(self.before) :]
        self.header = model.header
        self.covered: dict[int, set[int]] = {}  # cells of merged ranges, not painted as cells
        self.signs: list[tuple[QRect, str]] = []

    def cells(self, rect: QRect, spans: list[tuple[Span, QRect]]) -> None:
        """Everything that belongs to the sheet; the selection is laid over it by the view."""
        painter = self.painter
        painter.fillRect(rect, BEYOND)
        if not (self.rows and self.columns):
            return
        self._ground(rect)
        for span, area in spans:
            self._cover(span)
            self._merged(span, area)
        painter.setPen(INK)
        for row, y, h in self.rows:
            self._row(row, y, h) if row >= self.header else self._heading(row, y, h)
        for area, level in self.signs:
            self._sign(area, level)

    def _ground(self, rect: QRect) -> None:
        """Paper, colours of marked cells and the lines between all cells."""
        painter = self.painter
        right = self.columns[-1][1] + self.columns[-1][2]
        bottom = self.rows[-1][1] + self.rows[-1][2]
        left, top = self.columns[0][1], self.rows[0][1]
        painter.fillRect(left, top, right - left, bottom - top, PAPER)
        lines = [QLine(x + w - 1, top, x + w - 1, bottom - 1) for _, x, w in self.columns]
        lines += [QLine(left, y + h - 1, right - 1, y + h - 1) for _, y, h in self.rows]
        painter.setPen(GRID)
        painter.drawLines(lines)

    def _cover(self, span: Span) -> None:
        inside = {c for c, _, _ in (*self.before, *self.columns) if span.left <= c <= span.right}
        for row, _, _ in self.rows:
            if span.top <= row <= span.bottom:
                self.covered.setdefault(row, set()).update(inside)

    def _merged(self, span: Span, area: QRect) -> None:
        painter, model = self.painter, self.model
        marks = model.marks_at(span.top, span.left)
        inner = area.adjusted(0, 0, -1, -1)
        painter.fillRect(inner, FILLS[marks.level] if marks else PAPER)
        painter.setPen(GRID)
        painter.drawLine(area.left(), area.bottom(), area.right(), area.bottom())
        painter.drawLine(area.right(), area.top(), area.right(), area.bottom())
        text = model.text(span.top, span.left)
        if text:
            painter.setPen(INKS[marks.level] if marks else INK)
            self._in_merged(text, span, area.adjusted(PAD, 0, -PAD, 0))
        if marks:
            self.signs.append((inner, marks.level))

    def _in_merged(self, text: str, span: Span, room: QRect) -> None:
        """Headings stand in the middle, over several lines where they must; notes below begin at the left."""
        below = self.header and span.top >= self.header and span.top == span.bottom
        if self.model.is_number(span.top, span.left):
            self.painter.drawText(room, RIGHT, self._number(text, room.width()))
        elif "\n" not in text and self.pen.fits(text, room.width()):
            self.painter.drawText(room, LEFT if below else CENTRE, text)
        else:
            self._lines(text, room, WRAPPED if below else WRAPPED_CENTRE)

    def _row(self, row: int, y: int, h: int) -> None:
        """The cells of one row that are no merged range. The inner loop of every repaint."""
        model, pen, draw, columns = self.model, self.pen, self.painter.drawText, self.columns
        cells = model.texts.row(row)
        count, covered = len(cells), self.covered.get(row, ())
        digit, em = pen.digit, pen.em
        special: set[int] = set(model.marked.get(row, ())) | set(model.filled.get(row, ()))
        for column, x, w in columns:
            if column in special:
                if column not in covered:
                    self._special(row, column, QRect(x, y, w, h))
                continue
            if column >= count or not (text := cells[column]) or column in covered:
                continue
            room = w - 2 * PAD
            if text[0] == NUMBER and text[1:2] != BOLD:
                text = text[1:]
                if len(text) * digit > room:
                    text = self._number(text, room)
                draw(x + PAD, y, room, h, RIGHT, text)
            elif text[0] > BOLD and len(text) * em <= room:
                draw(x + PAD, y, room, h, LEFT, text)
            else:
                self._odd(row, column, text, QRect(x, y, w, h))
        if self.before and columns and (columns[0][0] >= count or not cells[columns[0][0]]):
            self._from_left(row, cells, y, h)

    def _heading(self, row: int, y: int, h: int) -> None:
        """A row above the data: names of columns in the middle; the last of 部门：… 单位：… at the right."""
        cells = [cell.lstrip(NUMBER + BOLD) for cell in self.model.texts.row(row)]
        held = [column for column, cell in enumerate(cells) if cell]
        names = self.model.names_columns(row)
        covered = self.covered.get(row, ())
        for column, x, w in self.columns:
            if column in covered:
                continue
            area = QRect(x, y, w, h)
            if self._is_special(row, column):
                self._special(row, column, area)
            elif column < len(cells) and cells[column]:
                side = CENTRE if names else RIGHT if len(held) > 1 and column == held[-1] else LEFT
                self._named(row, column, cells[column], area, side)
        if self.before and not names:
            self._from_left(row, self.model.texts.row(row), y, h)

    def _named(self, row: int, column: int, text: str, area: QRect, side: int) -> None:
        room = area.adjusted(PAD, 0, -PAD, 0)
        if "\n" not in text and self.pen.fits(text, room.width()):
            self.painter.drawText(room, side, text)
        elif area.height() >= 2 * self.pen.line:
            self._lines(text, room, WRAPPED_CENTRE if side == CENTRE else WRAPPED)
        else:
            self._over(row, column, text, area)

    def _is_special(self, row: int, column: int) -> bool:
        return column in self.model.marked.get(row, ()) or column in self.model.filled.get(row, ())

    def _special(self, row: int, column: int, area: QRect) -> None:
        """A cell that is marked or filled in."""
        marks = self.model.marks_at(row, column)
        inner, room = area.adjusted(0, 0, -1, -1), area.adjusted(PAD, 0, -PAD, 0)
        level = marks.level if marks else "filled"
        self.painter.fillRect(inner, FILLS[level])
        self.painter.setPen(INKS[level])
        text = self.model.text(row, column)
        if self.model.is_number(row, column):
            self.painter.drawText(room, RIGHT, self._number(text, room.width()))
        elif text:
            self._text(text, room)
        self.painter.setPen(INK)
        self.signs.append((inner, level))

    def _odd(self, row: int, column: int, text: str, area: QRect) -> None:
        """Bold texts, and those that may not fit their cell."""
        number = text[0] == NUMBER
        bold = BOLD in text[:2]
        text = text.lstrip(NUMBER + BOLD)
        room = area.adjusted(PAD, 0, -PAD, 0)
        if bold:
            self.painter.setFont(self.pen.bold)
        if number:
            self.painter.drawText(room, RIGHT, self._number(text, room.width() * (9 if bold else 10) // 10))
        elif area.height() >= 2 * self.pen.line or ("\n" not in text and self.pen.fits(text, room.width())):
            self._text(text, room)
        else:
            self._over(row, column, text, area)
        if bold:
            self.painter.setFont(self.pen.font)

    def _text(self, text: str, room: QRect) -> None:
        """A text in its own cell: on one line, on several where the row is high, else cut short."""
        if "\n" not in text and self.pen.fits(text, room.width()):
            self.painter.drawText(room, LEFT, text)
        elif room.height() >= 2 * self.pen.line:
            self._lines(text, room, WRAPPED)
        else:
            self.painter.drawText(room, LEFT, self.pen.short(text, room.width()))

    def _lines(self, text: str, room: QRect, flags: int) -> None:
        self.painter.drawText(room, flags, self.pen.block(text, room.width(), room.height()))

    def _number(self, text: str, room: int) -> str:
        """Part of a number is another number: one that does not fit shows #### as in Excel."""
        return text if self.pen.number_fits(text, room) else "#" * max(1, room // self.pen.width("#"))

    def _over(self, row: int, column: int, text: str, area: QRect) -> None:
        """A text on one line that runs on over the blank cells right of it, as in Excel."""
        model, wanted = self.model, self.pen.width(text) + 2 * PAD
        cells = model.texts.row(row)
        taken = {*self.covered.get(row, ()), *model.marked.get(row, ()), *model.filled.get(row, ())}
        width = area.width()
        for other, _, w in (*self.before, *self.columns):
            if other <= column:
                continue
            if width >= wanted or other in taken or (other < len(cells) and cells[other]):
                break
            width += w
        if width > area.width():
            self.painter.fillRect(area.x(), area.y(), width - 1, area.height() - 1, PAPER)
        room = QRect(area.x() + PAD, area.y(), width - 2 * PAD, area.height())
        self.painter.drawText(room, LEFT, self.pen.short(text, room.width()))

    def _from_left(self, row: int, cells: list[str], y: int, h: int) -> None:
        """The end of a text whose own cell has been scrolled out of sight at the left."""
        for column, x, w in reversed(self.before):
            if column in self.covered.get(row, ()) or self.model.marks_at(row, column):
                return
            if column < len(cells) and cells[column]:
                if cells[column][0] > BOLD and h < 2 * self.pen.line:
                    self._over(row, column, cells[column], QRect(x, y, w, h))
                return

    def _sign(self, area: QRect, level: str) -> None:
        """A corner in the colour of the level: what is marked is seen without telling colours apart."""
        size = self.pen.line * _SIGN[level] // 16
        size = min(size, area.height() // 2, area.width() // 2)
        corner = QPoint(area.right() + 1, area.top())
        shape = QPolygon([corner, corner + QPoint(0, size), corner - QPoint(size, 0)])
        self.painter.setPen(Qt.PenStyle.NoPen)
        self.painter.setBrush(INKS[level])
        self.painter.drawPolygon(shape)
