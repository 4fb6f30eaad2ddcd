"""The table of one sheet: Excel's headers, its own painting, copying, and what a key or click says."""

from __future__ import annotations

import html
from typing import cast

from PySide6.QtCore import QEvent, QModelIndex, QRect, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QFont,
    QHelpEvent,
    QKeyEvent,
    QKeySequence,
    QPainter,
    QPaintEvent,
    QPen,
    QWheelEvent,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QHeaderView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QToolTip,
    QWidget,
)

from app.numbers import letters
from app.source import Span
from app.ui.colours import ACCENT, BEYOND, CHOSEN, CHOSEN_INK, FLASH, HEADER, HEADER_INK, HEADER_LINE, SELECTED
from app.ui.sheet_model import Index, SheetModel
from app.ui.sheet_paint import BACK, PAD, Paint, Pen, Section

_FADE, _FADE_STEP = (72, 48, 24), 300  # how strong the flash is, and for how many ms
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
_SHIFT = Qt.KeyboardModifier.ShiftModifier


class Headings(QHeaderView):
    """Column letters or row numbers, light grey, those of the selection tinted. Painted in one pass."""

    def __init__(self, orientation: Qt.Orientation, parent: QWidget):
        super().__init__(orientation, parent)
        self.across = orientation == Qt.Orientation.Horizontal
        self.setSectionsClickable(True)
        self.setHighlightSections(True)
        self.setMinimumSectionSize(1)
        self.setSectionResizeMode(self.ResizeMode.Interactive if self.across else self.ResizeMode.Fixed)

    def sizeHint(self) -> QSize:
        """Wide enough for the last row's number, without asking the model for any."""
        metrics = self.fontMetrics()
        digits = max(3, len(str(self.count())))
        return QSize(metrics.horizontalAdvance("0" * digits) + 14, metrics.height() + 6)

    def visible(self, start: int, end: int) -> list[Section]:
        """The sections between two positions in the viewport, without hidden ones."""
        count = self.count()
        first, last = self.visualIndexAt(max(start, 0)), self.visualIndexAt(end)
        if not count or first < 0:
            return []
        last = count - 1 if last < 0 else last
        position, size = self.sectionViewportPosition, self.sectionSize
        return [(n, position(n), width) for n in range(first, last + 1) if (width := size(n))]

    def paintEvent(self, event: QPaintEvent) -> None:
        """Ground, lines, numbers."""
        area = event.rect()
        painter = QPainter(self.viewport())
        painter.setFont(self.font())  # that of the viewport does not follow the zoom
        painter.fillRect(area, HEADER)
        chosen = self._chosen()
        for number, start, size in self.visible(*self._ends(area)):
            box = QRect(start, 0, size, self.height()) if self.across else QRect(0, start, self.width(), size)
            tinted = any(low <= number <= high for low, high in chosen)
            if tinted:
                painter.fillRect(box, CHOSEN)
            painter.setPen(HEADER_LINE)
            painter.drawLine(box.topRight(), box.bottomRight())
            painter.drawLine(box.bottomLeft(), box.bottomRight())
            painter.setPen(CHOSEN_INK if tinted else HEADER_INK)
            name = letters(number) if self.across else str(number + 1)
            painter.drawText(box.adjusted(0, 0, -1, -1), Qt.AlignmentFlag.AlignCenter, name)

    def _ends(self, area: QRect) -> tuple[int, int]:
        return (area.left(), area.right()) if self.across else (area.top(), area.bottom())

    def _chosen(self) -> list[tuple[int, int]]:
        model = self.selectionModel()
        ranges = model.selection().toList() if model else []
        return [(r.left(), r.right()) if self.across else (r.top(), r.bottom()) for r in ranges]


class Tips(QStyledItemDelegate):
    """Tool tips: what the marks of a cell say, or the whole of a text that is cut short."""

    def helpEvent(self, event: QHelpEvent, view: QAbstractItemView, option: QStyleOptionViewItem, index: Index) -> bool:
        """Plain text shown as such, wrapped."""
        table = cast("SheetTable", view)
        tip = table.tip(index) if event.type() == QEvent.Type.ToolTip and index.isValid() else ""
        if not tip:
            QToolTip.hideText()
            return False
        text = f"<p style='white-space:pre-wrap'>{html.escape(tip)}</p>"
        QToolTip.showText(event.globalPos(), text, view.viewport(), view.visualRect(index))
        return True


class SheetTable(QTableView):
    """One sheet. It speaks of cells as rows and columns from 0."""

    chosen = Signal(int, int)  # clicked, entered, or reached with the arrows
    opened = Signal(int, int)  # double-clicked
    menu_wanted = Signal(int, int, object)  # cell, global position
    zoom_wanted = Signal(int)  # steps
    tab_wanted = Signal(int)  # sheets onward
    faded = Signal()  # a flash is over

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.still = False  # while a cell is chosen elsewhere that need not come into sight here
        self.band = 0  # pixels at the top that rows kept in sight lie over
        self.across, self.down = (Headings(o, self) for o in (Qt.Orientation.Horizontal, Qt.Orientation.Vertical))
        self.setHorizontalHeader(self.across)
        self.setVerticalHeader(self.down)
        self.setItemDelegate(Tips(self))
        self.setHorizontalScrollMode(self.ScrollMode.ScrollPerPixel)
        self.setVerticalScrollMode(self.ScrollMode.ScrollPerPixel)
        self.setEditTriggers(self.EditTrigger.NoEditTriggers)
        self.setSelectionMode(self.SelectionMode.ExtendedSelection)
        self.setTabKeyNavigation(False)
        self.setWordWrap(False)
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)  # every pixel is painted here
        self.setShowGrid(False)  # painted here: Qt would take its pixel from the cells
        self.pen = Pen(self.font())
        self._flashed: tuple[int, int] | None = None
        self._strength = 0
        self._fade: list[int] = []
        self._timer = QTimer(self)
        self._timer.setInterval(_FADE_STEP)
        self._timer.timeout.connect(self._fade_on)
        self.clicked.connect(lambda index: self.chosen.emit(index.row(), index.column()))
        self.doubleClicked.connect(lambda index: self.opened.emit(index.row(), index.column()))

    def sheet(self) -> SheetModel | None:
        """The sheet shown."""
        return cast("SheetModel | None", self.model())

    def set_font(self, font: QFont) -> None:
        """The font of cells and headers at the present zoom."""
        for widget in (self, self.across, self.down):
            widget.setFont(font)
        self.pen = Pen(font)

    # Painting.

    def paintEvent(self, event: QPaintEvent) -> None:
        """All cells in the rectangle, then the selection, the current cell and a flash."""
        model, area = self.sheet(), event.rect()
        painter = QPainter(self.viewport())
        if model is None:
            painter.fillRect(area, BEYOND)
            return
        painter.setFont(self.pen.font)
        rows = self.down.visible(area.top(), area.bottom())
        paint = Paint(painter, model, self.pen, rows, self._columns())
        spans = model.spans_in(rows[0][0], rows[-1][0]) if rows else []
        paint.cells(area, [(span, box) for span in spans if (box := self.box(span)).intersects(area)])
        self._paint_selection(painter, model, area)
        if self._flashed:
            strong = QColor(FLASH)
            strong.setAlpha(self._strength)
            painter.fillRect(self.box(model.span_at(*self._flashed)), strong)

    def _paint_selection(self, painter: QPainter, model: SheetModel, area: QRect) -> None:
        """As in Excel: a tint and a frame for the ranges, but for the current cell alone only its frame."""
        current = self.currentIndex()
        frame = model.span_at(current.row(), current.column()) if current.isValid() else None
        for chosen in self.ranges():
            whole = model.span_at(chosen.top, chosen.left) if chosen[:2] == chosen[2:] else chosen
            if whole != frame:
                painter.fillRect(self.box(whole).intersected(area), SELECTED)
                painter.setPen(ACCENT)
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawRect(self.box(whole).adjusted(0, 0, -1, -1))
        if frame:
            painter.setPen(QPen(ACCENT, 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(self.box(frame).adjusted(1, 1, -2, -2))

    def _columns(self) -> list[Section]:
        """The columns in sight, with some left of them whose texts may run on into it."""
        columns = self.across.visible(0, self.viewport().width() - 1)
        first = columns[0][0] if columns else 0
        position, size = self.across.sectionViewportPosition, self.across.sectionSize
        before = [(n, position(n), size(n)) for n in range(max(0, first - BACK), first)]
        return [section for section in before if section[2]] + columns

    def box(self, span: Span) -> QRect:
        """Where a range of cells lies in the viewport."""
        top, left, bottom, right = span
        x, y = self.across.sectionViewportPosition(left), self.down.sectionViewportPosition(top)
        end = self.across.sectionViewportPosition(right) + self.across.sectionSize(right)
        foot = self.down.sectionViewportPosition(bottom) + self.down.sectionSize(bottom)
        return QRect(x, y, end - x, foot - y)

    def ranges(self) -> list[Span]:
        """The selected ranges."""
        model = self.selectionModel()
        chosen = model.selection().toList() if model else []
        return [Span(r.top(), r.left(), r.bottom(), r.right()) for r in chosen if r.isValid()]

    def scrollTo(self, index: Index, hint: QTableView.ScrollHint = QTableView.ScrollHint.EnsureVisible) -> None:
        """Never under the rows that are kept in sight at the top."""
        if self.still:
            return
        super().scrollTo(index, hint)
        hidden = self.band - self.visualRect(index).top()
        if self.band and index.isValid() and hidden > 0:
            self.verticalScrollBar().setValue(self.verticalScrollBar().value() - hidden)

    def centre(self, span: Span) -> None:
        """Bring a range to the middle from above to below; sideways only if it is not in sight."""
        box, view = self.box(span), self.viewport().rect()
        bar = self.verticalScrollBar()
        bar.setValue(bar.value() + box.center().y() - (view.center().y() + self.band // 2))
        if box.left() < 0 or box.right() > view.right():
            bar = self.horizontalScrollBar()
            bar.setValue(bar.value() + box.left() - max(0, (view.width() - box.width()) // 2))

    # Flash.

    def flash(self, row: int, column: int) -> None:
        """Let one cell light up and fade in three steps; nothing else is painted again."""
        self._update_flashed()
        self._flashed, self._fade = (row, column), list(_FADE)
        self._timer.start()
        self._fade_on()

    def stop_flash(self) -> None:
        """Let it be dark at once."""
        self._fade = []
        self._fade_on()

    def _fade_on(self) -> None:
        self._update_flashed()
        if self._fade:
            self._strength = self._fade.pop(0)
        else:
            self._flashed = None
            self._timer.stop()
            self.faded.emit()

    def _update_flashed(self) -> None:
        model = self.sheet()
        if self._flashed and model:
            self.viewport().update(self.box(model.span_at(*self._flashed)))

    # Keys, wheel, tips.

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Copy, zoom, other sheets; an arrow or Enter tells which cell she is on."""
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
            return
        if self._command(event):
            return
        before = self.currentIndex()
        if event.key() not in _ENTER:
            super().keyPressEvent(event)
        now = self.currentIndex()
        if event.modifiers() & _SHIFT or not now.isValid():
            return
        if event.key() in _ENTER or (now.row(), now.column()) != (before.row(), before.column()):
            self.chosen.emit(now.row(), now.column())

    def _command(self, event: QKeyEvent) -> bool:
        """Ctrl with plus, minus, 0 and the page keys."""
        if not event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            return False
        key = event.key()
        if key in (Qt.Key.Key_PageDown, Qt.Key.Key_PageUp):
            self.tab_wanted.emit(1 if key == Qt.Key.Key_PageDown else -1)
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal, Qt.Key.Key_Minus, Qt.Key.Key_0):
            self.zoom_wanted.emit(0 if key == Qt.Key.Key_0 else -1 if key == Qt.Key.Key_Minus else 1)
        else:
            return False
        event.accept()
        return True

    def keyboardSearch(self, search: str) -> None:
        """Typing does not search: Qt would ask for the text of every row."""

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Ctrl and the wheel zoom."""
        turned = event.angleDelta().y()
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier and turned:
            self.zoom_wanted.emit(1 if turned > 0 else -1)
            event.accept()
            return
        super().wheelEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """At the mouse, or at the current cell when a key asked for it."""
        keyed = event.reason() == QContextMenuEvent.Reason.Keyboard
        index = self.currentIndex() if keyed else self.indexAt(event.pos())
        if index.isValid():
            at = self.visualRect(index).center() if keyed else event.pos()
            self.menu_wanted.emit(index.row(), index.column(), self.viewport().mapToGlobal(at))

    def copy(self) -> None:
        """Put the selected cells on the clipboard as tab-separated text."""
        model, ranges = self.sheet(), self.ranges()
        if model and ranges:
            QApplication.clipboard().setText(model.copied(ranges))

    def tip(self, index: Index | QModelIndex) -> str:
        """What a tool tip says of a cell."""
        model = self.sheet()
        if model is None:
            return ""
        row, column = index.row(), index.column()
        marks = model.marks_at(row, column)
        if marks:
            return marks.tip
        text, room = model.text(row, column), self.visualRect(index).width() - 2 * PAD
        return text if "\n" in text or not self.pen.fits(text, room) else ""
