"""The names of the columns, kept in sight at the top while a long sheet scrolls below them."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QWheelEvent
from PySide6.QtWidgets import QFrame

from app.ui.colours import HEADER_EDGE
from app.ui.sheet_model import Index, SheetModel
from app.ui.sheet_table import SheetTable

_SHARE = 0.4  # of the height that the names may take at most


class FrozenRows(SheetTable):
    """A second view of the same sheet laid over the top of ``table``: only its heading rows, same selection."""

    def __init__(self, table: SheetTable) -> None:
        super().__init__(table)
        self.table = table
        self.first = self.last = 0  # the rows shown: first … before last
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setStyleSheet("QTableView { border: 0; }")  # the program's style draws a frame otherwise
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.setFocusProxy(table)
        self.across.hide()
        self.setCornerButtonEnabled(False)
        self.setAccessibleName("表头")
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.hide()
        for mine, theirs in (
            (self.chosen, table.chosen),
            (self.opened, table.opened),
            (self.menu_wanted, table.menu_wanted),
        ):
            mine.connect(theirs)
        table.verticalScrollBar().valueChanged.connect(self.settle)
        table.horizontalScrollBar().valueChanged.connect(self.horizontalScrollBar().setValue)
        table.across.sectionResized.connect(lambda column, _, size: self._take_width(column, size))
        table.viewport().installEventFilter(self)

    def take(self, model: SheetModel | None) -> None:
        """Show the heading rows of this sheet; none where nobody knows where they are."""
        self.first, self.last = model.headings() if model else (0, 0)
        self.hide()
        self.table.band = 0
        if model is None or self.first >= self.last:
            own = self.selectionModel()
            self.setModel(None)
            self._drop(own)
            return
        self.across.setDefaultSectionSize(self.table.across.defaultSectionSize())
        self.down.setDefaultSectionSize(self.table.down.defaultSectionSize())
        if self.model() is not model:
            before = self.selectionModel()
            self.setModel(model)
            self._drop(before)
            own = self.selectionModel()
            self.setSelectionModel(self.table.selectionModel())
            self._drop(own)
        self.clearSpans()
        for top, left, bottom, right in model.spans_in(0, self.last - 1):
            self.setSpan(top, left, bottom - top + 1, right - left + 1)

    def _drop(self, selection: QObject | None) -> None:
        """A selection model that Qt made for this view alone."""
        if selection is not None and selection is not self.table.selectionModel() and selection.parent() is self:
            selection.deleteLater()

    def take_sizes(self, columns: set[int]) -> None:
        """The sizes of the sheet's own rows and columns; ``columns`` are those that differ."""
        if self.first >= self.last:
            return
        self.across.setDefaultSectionSize(self.table.across.defaultSectionSize())
        self.down.setDefaultSectionSize(self.table.down.defaultSectionSize())
        for column in columns:
            if column < self.across.count():
                self._take_width(column, self.table.across.sectionSize(column))
        for row in range(self.last):
            size = self.table.down.sectionSize(row)
            self.down.setSectionHidden(row, not size)
            if size:
                self.down.resizeSection(row, size)
        self.settle()

    def _take_width(self, column: int, size: int) -> None:
        if column < self.across.count():
            self.across.setSectionHidden(column, not size)
            if size:
                self.across.resizeSection(column, size)

    def settle(self) -> None:
        """Come into sight once the rows themselves begin to leave it, and lie exactly over their columns."""
        table, view = self.table, self.table.viewport().geometry()
        start = table.down.sectionPosition(self.first) if self.first < self.last else 0
        end = table.down.sectionPosition(self.last) if self.last < table.down.count() else start
        shown = end > start and table.verticalScrollBar().value() > start and end - start <= _SHARE * view.height()
        table.band = end - start if shown else 0
        self.setVisible(shown)
        if not shown:
            return
        left = table.down.width()
        self.down.setFixedWidth(left)
        self.setGeometry(view.left() - left, view.top(), view.width() + left, end - start)
        self.updateGeometries()
        self.verticalScrollBar().setValue(self.down.sectionPosition(self.first))
        self.horizontalScrollBar().setValue(table.horizontalScrollBar().value())
        self.raise_()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow the size of the view below."""
        if event.type() == QEvent.Type.Resize:
            self.settle()
        return super().eventFilter(watched, event)

    def scrollTo(self, index: Index, hint: SheetTable.ScrollHint = SheetTable.ScrollHint.EnsureVisible) -> None:
        """It stays where it is."""

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choosing a heading does not scroll the sheet back to it."""
        self.table.still = True
        super().mousePressEvent(event)
        self.table.still = False

    def wheelEvent(self, event: QWheelEvent) -> None:
        """The sheet below turns."""
        self.table.wheelEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """A stronger line parts it from what scrolls below."""
        super().paintEvent(event)
        painter = QPainter(self.viewport())
        painter.setPen(HEADER_EDGE)
        foot = self.viewport().rect().bottom()
        painter.drawLine(0, foot, self.viewport().width(), foot)
