"""The text of a Word or text file like a page of a book, with its passages marked."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, QPointF, Qt, Signal
from PySide6.QtGui import QGuiApplication, QHelpEvent, QKeyEvent, QKeySequence, QResizeEvent, QShowEvent, QWheelEvent
from PySide6.QtWidgets import QApplication, QToolTip, QVBoxLayout, QWidget

from app.opened import Passage
from app.source import Place
from app.ui import theme
from app.ui.labels import plain_tip
from app.ui.text_rows import TextRows
from app.ui.text_sheet import TextSheet
from app.ui.views import ViewMark

_LEAST, _MOST, _STEP = 0.5, 3.0, 1.1
_LARGER = 1.5  # points above the system's size: this is read, not operated
_TIPS = 6  # tool tips of one spot


class TextView(QWidget):
    """Paragraphs in reading order; a row of a table is one line.

    Zoom: Ctrl+wheel, Ctrl+plus, Ctrl+minus, Ctrl+0. Ctrl+C copies the selection, else the passage of
    the mark chosen last; Enter chooses the mark at the caret. ``mark_chosen`` tells the same as
    ``place_chosen`` with the ``ViewMark``, for places that bear several marks.
    """

    place_chosen = Signal(object)
    mark_chosen = Signal(object)
    opened_outside = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._zoom = 1.0
        self._due: tuple[Place, str, bool] | None = None  # where to go once there is a size
        self.sheet = TextSheet(self)
        self.sheet.chosen.connect(self._chosen)
        self.sheet.double_clicked.connect(self.opened_outside)
        self.sheet.installEventFilter(self)
        self.sheet.viewport().installEventFilter(self)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.sheet)
        self.setFocusProxy(self.sheet)
        self._set_font()

    def show_passages(self, passages: Sequence[Passage], *, keep: bool = False) -> None:
        """Show a text from its top; with ``keep`` (it was saved) from where it is now."""
        before = self._top() if keep else None
        self._due = None
        self.sheet.show_rows(TextRows(passages))
        row = self.sheet.rows.row_of(before) if before is not None else None
        if row is not None:
            self.sheet.verticalScrollBar().setValue(self.sheet.document().findBlockByNumber(row).firstLineNumber())

    def _top(self) -> Place | None:
        row = self.sheet.firstVisibleBlock().blockNumber()
        return self.sheet.rows.rows[row].place if 0 <= row < len(self.sheet.rows.rows) else None

    def set_marks(self, marks: Sequence[ViewMark]) -> None:
        """Show these marks instead of the ones before; scroll and selection stay."""
        self.sheet.put_marks(marks)

    def go_to(self, place: Place, quote: str = "", *, flash: bool = True) -> bool:
        """Scroll a passage to the middle, choose its mark and flash it."""
        placed = self.sheet.placed(ViewMark(place, "info", quote=quote))
        if placed is None:
            return False
        if self.isVisible():
            self.sheet.bring(placed, flash)
        else:
            self._due = (place, quote, flash)
        return True

    def set_zoom(self, zoom: float) -> None:
        """Zoom to 0.5 … 3.0."""
        self._zoom = min(max(zoom, _LEAST), _MOST)
        self._set_font()

    def _set_font(self) -> None:
        font = theme.font()
        font.setPointSizeF((QApplication.font().pointSizeF() + _LARGER) * self._zoom)
        self.sheet.setFont(font)
        self.sheet.document().setDefaultFont(font)
        self.sheet.fit()

    def _chosen(self, mark: ViewMark) -> None:
        self.mark_chosen.emit(mark)
        self.place_chosen.emit(mark.place)

    def _copy(self) -> bool:
        """Copy the passage chosen last; False where a selection is to be copied."""
        current = self.sheet.current
        if self.sheet.textCursor().hasSelection() or current is None or not current.mark.quote:
            return False
        QGuiApplication.clipboard().setText(current.mark.quote)
        return True

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            return self._key(event)
        if isinstance(event, QWheelEvent) and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.set_zoom(self._zoom * _STEP ** (event.angleDelta().y() / 120))
            return True
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            tips = [mark.tip for mark in self.sheet.under(QPointF(event.pos())) if mark.tip][:_TIPS]
            QToolTip.showText(event.globalPos(), plain_tip("\n".join(tips)), self.sheet.viewport())
            return True
        return super().eventFilter(watched, event)

    def _key(self, event: QKeyEvent) -> bool:
        key = event.key()
        if event.matches(QKeySequence.StandardKey.Copy):
            return self._copy()
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and (mark := self.sheet.at_caret()):
            self._chosen(mark)
            return True
        if not event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            return False
        if key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self.set_zoom(self._zoom * _STEP)
        elif key == Qt.Key.Key_Minus:
            self.set_zoom(self._zoom / _STEP)
        elif key == Qt.Key.Key_0:
            self.set_zoom(1.0)
        else:
            return False
        return True

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._set_font()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.sheet.fit()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._due is not None:
            (place, quote, flash), self._due = self._due, None
            self.go_to(place, quote, flash=flash)
