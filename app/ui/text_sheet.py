"""A page of text: its lines spaced like a book's, marks painted in it, their signs in the margin."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from PySide6.QtCore import QMimeData, QPoint, QPointF, QRectF, Qt, QVariantAnimation, Signal
from PySide6.QtGui import (
    QColor,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QTextBlock,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextLayout,
)
from PySide6.QtWidgets import QApplication, QFrame, QPlainTextDocumentLayout, QPlainTextEdit, QWidget

from app.ui import theme
from app.ui.signs import FLASH, SIZE, loudness, paint_flash, paint_sign
from app.ui.text_rows import BETWEEN, Stretch, TextRows
from app.ui.views import ViewMark

MARGIN = 46.0  # pixels, room for the signs on the left
_COLUMN = 40  # characters of a line: comfortable to read
_LEAD = 0.32  # between lines, between paragraphs; shares of the height of a line
_AFTER = 0.38
_TABLE = QColor("#F3F6FA")
_GROUND = "#DCE0E6"
_UNDERLINES = {
    "error": QTextCharFormat.UnderlineStyle.WaveUnderline,
    "warning": QTextCharFormat.UnderlineStyle.DashUnderline,
    "filled": QTextCharFormat.UnderlineStyle.SingleUnderline,
}


@dataclass(frozen=True, slots=True)
class Placed:
    """A mark and where it stands in the text."""

    mark: ViewMark
    stretches: tuple[Stretch, ...]


class _Spaced(QPlainTextDocumentLayout):
    """Lays out only what is seen, as a plain text does, with room between lines and paragraphs."""

    def blockBoundingRect(self, block: QTextBlock) -> QRectF:
        bounds = super().blockBoundingRect(block)
        layout = block.layout()
        count = layout.lineCount()
        if not count or not block.isVisible():
            return bounds
        first = layout.lineAt(0)
        lead = max(2.0, first.height() * _LEAD)
        if first.y() < 1:  # laid out anew
            for number in range(count):
                line = layout.lineAt(number)
                line.setPosition(line.position() + QPointF(0, lead * (number + 0.5)))
            bounds = super().blockBoundingRect(block)
        bounds.setHeight(bounds.height() + lead / 2 + first.height() * _AFTER)
        return bounds


class TextSheet(QPlainTextEdit):
    """Shows ``TextRows`` and the marks in them. ``chosen`` tells the mark that was clicked."""

    chosen = Signal(object)  # ViewMark
    double_clicked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows = TextRows([])
        self.current: Placed | None = None
        self._marks: dict[int, list[Placed]] = {}  # by row, the loudest last
        self._pressed: QPoint | None = None
        self._flashed: Placed | None = None
        self._flash = QVariantAnimation(self, duration=FLASH, startValue=1.0, endValue=0.0)
        self._flash.valueChanged.connect(self.viewport().update)
        self._document = QTextDocument(self)
        self._spacing = _Spaced(self._document)  # kept: Qt does not hold what Python has made of it
        self._document.setDocumentLayout(self._spacing)
        self._document.setDocumentMargin(MARGIN)
        self.setDocument(self._document)
        self.setReadOnly(True)
        self.setUndoRedoEnabled(False)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setStyleSheet(f"QPlainTextEdit {{ background: {_GROUND}; color: {theme.INK}; border: 0; }}")
        self.viewport().setMouseTracking(True)
        self.setAccessibleName("文字")

    # --- content

    def show_rows(self, rows: TextRows) -> None:
        """Show these rows from the top; marks are to be put anew."""
        self.rows, self._marks, self.current = rows, {}, None
        self._flashed = None
        self.setPlainText("\n".join(row.text for row in rows.rows))
        self.moveCursor(QTextCursor.MoveOperation.Start)
        for number, row in enumerate(rows.rows):
            if row.bold:
                self._dress(number)

    def put_marks(self, marks: Sequence[ViewMark]) -> None:
        """Show these marks instead of those before."""
        stale = set(self._marks)
        self._marks = {}
        for mark in sorted(marks, key=lambda mark: -loudness(mark.level)):
            if stretches := self.rows.find(mark.place, mark.quote):
                placed = Placed(mark, tuple(stretches))
                for row in {stretch.row for stretch in stretches}:
                    self._marks.setdefault(row, []).append(placed)
        for row in stale | set(self._marks):
            self._dress(row)
        if self.current is not None:
            self.current = self.placed(self.current.mark)
        self.viewport().update()

    def placed(self, wanted: ViewMark) -> Placed | None:
        """The mark of a place with the same quote, else the loudest there, else one that is not shown."""
        row = self.rows.row_of(wanted.place)
        there = [p for p in self._marks.get(-1 if row is None else row, []) if p.mark.place == wanted.place]
        for placed in reversed(there):
            if placed.mark.quote == wanted.quote:
                return placed
        if there and not wanted.quote:
            return there[-1]
        stretches = self.rows.find(wanted.place, wanted.quote)
        return Placed(wanted, tuple(stretches)) if stretches else None

    def _dress(self, row: int) -> None:
        """Give a row its formats, which lie over the text and change nothing in it."""
        block = self.document().findBlockByNumber(row)
        text = self.rows.rows[row].text
        ranges = []
        marks = [
            (stretch, placed.mark.level)
            for placed in self._marks.get(row, ())
            for stretch in placed.stretches
            if stretch.row == row
        ]
        edges = sorted({0, len(text), *(edge for stretch, _ in marks for edge in stretch[1:])})
        for start, end in pairwise(edges):
            level = next((level for s, level in reversed(marks) if s.start <= start and end <= s.end), "")
            if level or self.rows.rows[row].bold:
                held = QTextLayout.FormatRange()
                held.start, held.length = _units(text, start), _units(text, end) - _units(text, start)
                held.format = _format(level, self.rows.rows[row].bold)
                ranges.append(held)
        block.layout().setFormats(ranges)
        self.document().markContentsDirty(block.position(), block.length())

    # --- going to a place

    def bring(self, placed: Placed, flash: bool) -> None:
        """Scroll a passage to the middle, unless it is there, and flash it."""
        self.current = placed
        first = placed.stretches[0]
        block = self.document().findBlockByNumber(first.row)
        cursor = QTextCursor(block)
        cursor.setPosition(block.position() + _units(self.rows.rows[first.row].text, first.start))
        self.setTextCursor(cursor)
        height = self.viewport().height()
        if not height / 3 <= self.cursorRect().center().y() <= height * 2 / 3:
            self.centerCursor()
        self._flash.stop()
        if flash:
            self._flashed = placed
            self._flash.start()
        self.viewport().update()

    def at_caret(self) -> ViewMark | None:
        """The loudest mark where the caret is."""
        cursor = self.textCursor()
        return self._at(cursor.blockNumber(), cursor.positionInBlock())

    def _at(self, row: int, units: int) -> ViewMark | None:
        for placed in reversed(self._marks.get(row, [])):
            text = self.rows.rows[row].text
            for stretch in placed.stretches:
                if stretch.row == row and _units(text, stretch.start) <= units <= _units(text, stretch.end):
                    return placed.mark
        return None

    def under(self, point: QPointF) -> list[ViewMark]:
        """The marks at a point of the viewport, the loudest first."""
        number = self.cursorForPosition(point.toPoint()).blockNumber()
        marks = self._marks.get(number, [])
        if point.x() < MARGIN and marks:
            return [placed.mark for placed in reversed(marks)]
        return [placed.mark for placed in reversed(marks) if any(area.contains(point) for area in self._areas(placed))]

    def _areas(self, placed: Placed) -> Iterator[QRectF]:
        """The boxes of a passage in the viewport, one a line."""
        for stretch in placed.stretches:
            block = self.document().findBlockByNumber(stretch.row)
            if not block.isValid():
                continue
            top = self.blockBoundingGeometry(block).translated(self.contentOffset()).topLeft()
            text = self.rows.rows[stretch.row].text
            start, end = _units(text, stretch.start), _units(text, stretch.end)
            layout = block.layout()
            for number in range(layout.lineCount()):
                line = layout.lineAt(number)
                begin, stop = max(start, line.textStart()), min(end, line.textStart() + line.textLength())
                if begin < stop:
                    left, right = _across(line.cursorToX(begin)), _across(line.cursorToX(stop))
                    yield QRectF(top.x() + left, top.y() + line.y(), right - left, line.height())

    # --- painting

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        painter.fillRect(event.rect(), QColor(theme.PAPER))
        for number, bounds in self._visible():
            if self.rows.rows and self.rows.rows[number].cells:
                painter.fillRect(bounds.adjusted(MARGIN - 8, 0, 8 - MARGIN, -1), _TABLE)
        painter.end()
        super().paintEvent(event)
        painter = QPainter(self.viewport())
        for number, bounds in self._visible():
            for line, level in self._signs(number).items():
                at = self.document().findBlockByNumber(number).layout().lineAt(line)
                middle = bounds.top() + at.y() + at.height() / 2
                paint_sign(painter, QPointF(MARGIN / 2 - 2, middle), level, SIZE)
        self._paint_chosen(painter)
        painter.end()

    def _signs(self, row: int) -> dict[int, str]:
        """The loudest level of the marks that begin in each line of a row."""
        found: dict[int, str] = {}
        layout = self.document().findBlockByNumber(row).layout()
        for placed in self._marks.get(row, ()):
            start = next(stretch.start for stretch in placed.stretches if stretch.row == row)
            line = layout.lineForTextPosition(_units(self.rows.rows[row].text, start))
            if line.isValid():
                found[line.lineNumber()] = placed.mark.level
        return found

    def _visible(self) -> Iterator[tuple[int, QRectF]]:
        block = self.firstVisibleBlock()
        while block.isValid() and block.blockNumber() < len(self.rows.rows):
            bounds = self.blockBoundingGeometry(block).translated(self.contentOffset())
            if bounds.top() > self.viewport().height():
                return
            bounds.setWidth(self.viewport().width())
            yield block.blockNumber(), bounds
            block = block.next()

    def _paint_chosen(self, painter: QPainter) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.current is not None:
            painter.setPen(QPen(QColor(theme.ACCENT), 1.6))
            for area in self._areas(self.current):
                painter.drawRoundedRect(area.adjusted(-2, 0, 2, 1), 2, 2)
        if self._flashed is None or self._flash.state() != QVariantAnimation.State.Running:
            return
        paint_flash(painter, self._areas(self._flashed), float(self._flash.currentValue()))

    # --- mouse and clipboard

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._pressed = event.position().toPoint() if event.button() == Qt.MouseButton.LeftButton else None
        super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        over = self.under(event.position()) and not event.buttons()
        self.viewport().setCursor(Qt.CursorShape.PointingHandCursor if over else Qt.CursorShape.IBeamCursor)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        pressed, self._pressed = self._pressed, None
        point = event.position()
        if pressed is None or (point.toPoint() - pressed).manhattanLength() > QApplication.startDragDistance():
            return
        if marks := self.under(point):
            self.current = self.placed(marks[0])
            self.viewport().update()
            self.chosen.emit(marks[0])

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.double_clicked.emit()

    def createMimeDataFromSelection(self) -> QMimeData:
        """As text; the cells of a table parted by tabs, so that they land in cells."""
        data = QMimeData()
        text = self.textCursor().selectedText().replace("\u2029", "\n").replace("\u2028", "\n")
        data.setText(text.replace(BETWEEN, "\t"))
        return data

    def fit(self) -> None:
        """Centre a column of comfortable width."""
        column = self.fontMetrics().horizontalAdvance("决") * _COLUMN + 2 * MARGIN
        free = self.width() - self.verticalScrollBar().sizeHint().width() - column
        side = max(0, int(free // 2))
        self.setViewportMargins(side, 0, side, 0)


def _format(level: str, bold: bool) -> QTextCharFormat:
    made = QTextCharFormat()
    if bold:
        made.setFontWeight(700)
    if level:
        made.setBackground(theme.ground(level))
        made.setUnderlineStyle(_UNDERLINES.get(level, QTextCharFormat.UnderlineStyle.DotLine))
        made.setUnderlineColor(theme.color(level))
    return made


def _units(text: str, count: int) -> int:
    """The first ``count`` characters in Qt's count, where a rare character takes two."""
    return count if text.isascii() else count + sum(letter > "\uffff" for letter in text[:count])


def _across(x: object) -> float:
    """``cursorToX`` gives a pair in some versions."""
    return float(x[0] if isinstance(x, tuple) else x)  # type: ignore[arg-type]
