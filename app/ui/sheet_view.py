"""The workbook as the clerk knows it: one sheet at a time, tabs below, wrong cells coloured."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QItemSelectionModel, QPoint, QSignalBlocker, Qt, QTimer, Signal, SignalInstance
from PySide6.QtGui import QFont, QFontInfo, QFontMetricsF, QShowEvent
from PySide6.QtWidgets import QMenu, QVBoxLayout, QWidget

from app.opened import SheetShape, SheetTexts
from app.source import Place, Span
from app.ui.sheet_frozen import FrozenRows
from app.ui.sheet_model import SheetModel, cell_of
from app.ui.sheet_table import SheetTable
from app.ui.sheet_tabs import SheetTabs
from app.ui.views import ViewMark

ZOOMS = (50, 60, 70, 80, 90, 100, 110, 125, 150, 175, 200, 250, 300)
_CHAR, _EDGE = 7.5, 8  # pixels a character of width, and besides, at the default font
_DIGIT = 7.0  # what a digit of that font measures
_PLAIN_WIDTH = 9.0  # characters, of a column without a width of its own


@dataclass(slots=True)
class _Kept:
    """Where she was on a sheet."""

    across: int = 0
    down: int = 0
    current: tuple[int, int] | None = None


class SheetView(QWidget):
    """The sheets of a workbook; see ``app.ui.views.Shown``.

    Besides: ``set_filled`` shows what was filled into blank cells, ``zoomed`` tells the zoom in percent,
    ``sheet_shown`` the name of the sheet that came to the front.
    """

    place_chosen = Signal(object)  # Place
    opened_outside = Signal(object)  # Place
    zoomed = Signal(int)
    sheet_shown = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.table = SheetTable(self)
        self.table.setAccessibleName("工作表")
        self.frozen = FrozenRows(self.table)
        self.tabs = SheetTabs(self)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.table, 1)
        layout.addWidget(self.tabs)
        self.setFocusProxy(self.table)
        self._sheets: list[SheetTexts] = []
        self._models: dict[int, SheetModel] = {}
        self._kept: dict[int, _Kept] = {}
        self._own_widths: dict[int, dict[int, float]] = {}  # of columns that she dragged, at 100 %
        self._marks: Sequence[ViewMark] = ()
        self._filled: list[tuple[Place, str]] = []
        self._shown = -1
        self._zoom = 100
        self._sizing = False
        self._pending: Span | None = None  # gone to before the window had a size
        self._connect()
        self._take_font()

    def _connect(self) -> None:
        table = self.table
        self.tabs.currentChanged.connect(self._show_sheet)
        table.chosen.connect(lambda row, column: self._tell(self.place_chosen, row, column))
        table.opened.connect(lambda row, column: self._tell(self.opened_outside, row, column))
        table.menu_wanted.connect(self._menu)
        self.frozen.zoom_wanted.connect(self.zoom_by)
        table.zoom_wanted.connect(self.zoom_by)
        table.tab_wanted.connect(self.tabs.move_on)
        table.across.sectionResized.connect(self._dragged)

    # Sheets.

    def set_sheets(self, sheets: Sequence[SheetTexts], *, keep: bool = False) -> None:
        """Show these sheets instead of the ones before, without marks; with ``keep`` (the same file,
        read again) sheet, selection and scroll of sheets of the same name stay."""
        self._remember()
        names = {(s.shape.file, s.shape.name): number for number, s in enumerate(self._sheets)}
        kept, widths, front = self._kept, self._own_widths, self._shown
        self._forget()
        self._sheets = list(sheets)
        first = next((n for n, sheet in enumerate(sheets) if not sheet.shape.hidden), 0)
        for number, sheet in enumerate(sheets if keep else ()):
            old = names.get((sheet.shape.file, sheet.shape.name), -1)
            if old in kept:
                self._kept[number] = kept[old]
            if old in widths:
                self._own_widths[number] = widths[old]
            if old == front and old >= 0:
                first = number
        self._fill_tabs(first)
        self._show_sheet(self.tabs.currentIndex())

    def _forget(self) -> None:
        self._take_off()
        for model in self._models.values():
            model.deleteLater()
        self._models, self._kept, self._own_widths, self._shown = {}, {}, {}, -1
        self._marks, self._filled = (), []

    def _take_off(self) -> None:
        """Take the sheet off the table, and what Qt made for it."""
        self.table.stop_flash()
        self.frozen.take(None)
        chosen = self.table.selectionModel()
        self.table.setModel(None)
        if chosen is not None:
            chosen.deleteLater()

    def _sweep(self) -> None:
        """Qt makes a selection model for each view and header that is given a model, or none, and
        forgets the one before."""
        direct = Qt.FindChildOption.FindDirectChildrenOnly
        for view in (self.table, self.frozen):
            for each in (view, view.horizontalHeader(), view.verticalHeader()):
                used = each.selectionModel()
                for made in each.findChildren(QItemSelectionModel, options=direct):
                    if made is not used:
                        made.deleteLater()

    def _fill_tabs(self, front: int) -> None:
        with QSignalBlocker(self.tabs):
            self.tabs.fill([sheet.shape for sheet in self._sheets])
            self._label_tabs()
            self.tabs.setTabVisible(front, True)
            self.tabs.setCurrentIndex(front)

    def _show_sheet(self, number: int) -> None:
        if number == self._shown or not 0 <= number < len(self._sheets):
            return
        self._remember()
        self._shown = number
        table, model = self.table, self._model(number)
        self._take_off()  # else Qt keeps the sizes of the sheet before
        nothing = table.selectionModel()
        self._default_sizes()
        table.setModel(model)
        if nothing is not None:
            nothing.deleteLater()
        table.clearSpans()
        for top, left, bottom, right in model.merges:
            table.setSpan(top, left, bottom - top + 1, right - left + 1)
        self.frozen.take(model)
        self._hide(self._sheets[number].shape)
        self._sizes()
        self._recall(self._kept.get(number) or _Kept())
        self._sweep()
        self.sheet_shown.emit(self._sheets[number].shape.name)

    def _model(self, number: int) -> SheetModel:
        if number not in self._models:
            model = self._models[number] = SheetModel(self._sheets[number], self)
            self._put_on(number, model)
        return self._models[number]

    def _remember(self) -> None:
        if self._shown < 0:
            return
        table, index = self.table, self.table.currentIndex()
        self._kept[self._shown] = _Kept(
            table.horizontalScrollBar().value(),
            table.verticalScrollBar().value(),
            (index.row(), index.column()) if index.isValid() else None,
        )

    def _recall(self, kept: _Kept) -> None:
        table, model = self.table, self.table.sheet()
        assert model is not None
        if kept.current and kept.current[0] < model.rowCount() and kept.current[1] < model.columnCount():
            table.setCurrentIndex(model.index(*kept.current))
        elif model.rowCount() and model.columnCount():
            table.setCurrentIndex(model.index(0, 0))
        table.horizontalScrollBar().setValue(kept.across)
        table.verticalScrollBar().setValue(kept.down)

    # Sizes.

    def _take_font(self) -> None:
        font = QFont(self.font())
        font.setPointSizeF(max(1.0, QFontInfo(self.font()).pointSizeF() * self._zoom / 100))
        self.table.set_font(font)
        self.frozen.set_font(font)

    def _scale(self) -> float:
        """How much larger everything is than on paper: the zoom and a larger font."""
        return max(self._zoom / 100 * self._larger(), self.table.pen.digit / _CHAR)

    def _larger(self) -> float:
        """What a larger font of the program asks for at 100 percent."""
        return max(1.0, QFontMetricsF(self.font()).horizontalAdvance("0") / _DIGIT)

    def _column_px(self, chars: float) -> int:
        return max(4, round((chars * _CHAR + _EDGE) * self._scale()))

    def _row_px(self, points: float) -> int:
        """A row is never lower than its text, unless it is meant to part others."""
        size = round(points * 96 / 72 * self._zoom / 100 * self._larger())
        return max(size, self.table.pen.line + 2) if points >= 7 else max(2, size)

    def _default_sizes(self) -> None:
        across, down = self.table.across, self.table.down
        self._sizing = True
        across.setDefaultSectionSize(self._column_px(_PLAIN_WIDTH))
        down.setDefaultSectionSize(self._plain_row())
        self._sizing = False

    def _plain_row(self) -> int:
        return max(self._row_px(15), self.table.pen.line + 6)

    def _sizes(self) -> None:
        """Only rows and columns that differ from the others are told so."""
        shape, own = self._sheets[self._shown].shape, self._own_widths.get(self._shown, {})
        across = self.table.across
        self._sizing = True
        for column, chars in {**shape.widths, **own}.items():
            if column < across.count():
                across.resizeSection(column, self._column_px(chars))
        self._sizing = False
        self._row_sizes(shape.heights)
        self.frozen.take_sizes({*shape.widths, *own, *shape.hidden_columns})

    def _row_sizes(self, heights: dict[int, float]) -> None:
        down = self.table.down
        count, pixels = down.count(), {points: self._row_px(points) for points in set(heights.values())}
        down.setUpdatesEnabled(False)  # else Qt adds up all rows again after each
        with QSignalBlocker(down):
            for row, points in heights.items():
                if row < count:
                    down.resizeSection(row, pixels[points])
        down.setUpdatesEnabled(True)
        self.table.updateGeometries()
        self.table.viewport().update()

    def _hide(self, shape: SheetShape) -> None:
        """Once, when the sheet comes to the front: what she is sent to later stays in sight."""
        for column in shape.hidden_columns:
            self.table.across.setSectionHidden(column, True)
        for row in shape.hidden_rows:
            self.table.down.setSectionHidden(row, True)

    def _dragged(self, column: int, old: int, new: int) -> None:
        if not self._sizing and self._shown >= 0 and new and old:
            chars = (new / self._scale() - _EDGE) / _CHAR
            self._own_widths.setdefault(self._shown, {})[column] = chars

    @property
    def zoom(self) -> int:
        """In percent."""
        return self._zoom

    def set_zoom(self, percent: int) -> None:
        """From 50 to 300 percent; the cell at the top stays where it is."""
        percent = min(max(percent, ZOOMS[0]), ZOOMS[-1])
        if percent == self._zoom:
            return
        self._zoom = percent
        self._resize_all()
        self.zoomed.emit(percent)

    def zoom_by(self, steps: int) -> None:
        """The next size up or down; 0 goes back to 100 percent."""
        if not steps:
            self.set_zoom(100)
            return
        beyond = [z for z in ZOOMS if (z > self._zoom if steps > 0 else z < self._zoom)]
        if beyond:
            self.set_zoom(beyond[0] if steps > 0 else beyond[-1])

    def _resize_all(self) -> None:
        table = self.table
        row, column = table.rowAt(0), table.columnAt(0)
        self._take_font()
        if self._shown < 0:
            return
        self._default_sizes()
        self._sizes()
        table.verticalScrollBar().setValue(table.down.sectionPosition(max(row, 0)))
        table.horizontalScrollBar().setValue(table.across.sectionPosition(max(column, 0)))

    def changeEvent(self, event: QEvent) -> None:
        """Follow a new font size of the program."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange and hasattr(self, "_zoom"):
            self._resize_all()

    # Marks.

    def set_marks(self, marks: Sequence[ViewMark]) -> None:
        """Show these marks instead of the ones before; selection and scroll stay."""
        self._marks = list(marks)
        self._put_on_all()

    def set_filled(self, filled: Iterable[tuple[Place, str]]) -> None:
        """Show in these cells what the program filled in."""
        self._filled = list(filled)
        self._put_on_all()

    def _put_on_all(self) -> None:
        for number, model in self._models.items():
            self._put_on(number, model)
        self._label_tabs()
        self.table.viewport().update()
        self.frozen.viewport().update()

    def _put_on(self, number: int, model: SheetModel) -> None:
        model.set_marks((cell, m) for m in self._marks_of(number) if (cell := cell_of(m.place)))
        mine = [(cell_of(place), text) for place, text in self._filled if self._number(place) == number]
        model.set_filled((cell, text) for cell, text in mine if cell)

    def _marks_of(self, number: int) -> list[ViewMark]:
        return [mark for mark in self._marks if self._number(mark.place) == number]

    def _number(self, place: Place) -> int:
        """The sheet of a place; -1 where it is none of these. A file unnamed on either side is the same."""
        near = -1
        for number, sheet in enumerate(self._sheets):
            if place.sheet is None or sheet.shape.name != place.sheet:
                continue
            if sheet.shape.file == place.file:
                return number
            if near < 0 and None in (sheet.shape.file, place.file):
                near = number
        return near

    def _label_tabs(self) -> None:
        by_sheet: dict[int, list[ViewMark]] = {}
        for mark in self._marks:
            by_sheet.setdefault(self._number(mark.place), []).append(mark)
        for number, sheet in enumerate(self._sheets):
            self.tabs.label(number, sheet.shape, by_sheet.get(number, []))

    # Going and telling.

    def go_to(self, place: Place, quote: str = "", *, flash: bool = True) -> bool:
        """Bring a cell to the middle, select and flash it; a place without a cell brings its sheet."""
        number, cell = self._number(place), cell_of(place)
        if number < 0 or (place.cell and cell is None):
            return False
        self.tabs.setTabVisible(number, True)
        self.tabs.setCurrentIndex(number)
        if cell is None:
            return True
        table, model = self.table, self._model(number)
        model.reach(*cell)
        span = model.span_at(*cell)
        self._uncover(span)
        table.centre(span)
        self._pending = None if self.isVisible() else span
        table.setCurrentIndex(model.index(span.top, span.left))
        if flash:
            table.flash(span.top, span.left)
        return True

    def showEvent(self, event: QShowEvent) -> None:
        """What was gone to before there was a size is brought to the middle now."""
        super().showEvent(event)
        if self._pending:
            QTimer.singleShot(0, self, self._centre_pending)

    def _centre_pending(self) -> None:
        if self._pending:
            self.table.centre(self._pending)
        self._pending = None

    def _uncover(self, span: Span) -> None:
        """A hidden row or column that she is sent to is shown."""
        down, across = self.table.down, self.table.across
        if all(down.isSectionHidden(row) for row in range(span.top, span.bottom + 1)):
            down.setSectionHidden(span.top, False)
        if all(across.isSectionHidden(column) for column in range(span.left, span.right + 1)):
            across.setSectionHidden(span.left, False)

    def _tell(self, signal: SignalInstance, row: int, column: int) -> None:
        model = self._model(self._shown)
        span = model.span_at(row, column)
        signal.emit(model.place(span.top, span.left))

    def _menu(self, row: int, column: int, at: QPoint) -> None:
        self.menu_for(row, column).popup(at)

    def menu_for(self, row: int, column: int) -> QMenu:
        """What a right click on a cell offers."""
        marked = self._model(self._shown).marks_at(row, column) is not None
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction("复制(&C)\tCtrl+C", self.table.copy)
        to_finding = menu.addAction("转到该处问题(&G)", lambda: self._tell(self.place_chosen, row, column))
        to_finding.setEnabled(marked)
        menu.addSeparator()
        menu.addAction("在 Excel/WPS 中打开(&O)", lambda: self._tell(self.opened_outside, row, column))
        return menu
