"""The centre: her sheet, her page or her text, and for a case of two files both behind tabs."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QStackedWidget, QTabBar, QVBoxLayout, QWidget

from app.source import Place
from app.ui.case import Case
from app.ui.views import ViewMark

_SHEET, _PAGE, _TEXT = "工作簿", "报告", "报告文字"


class CaseView(QWidget):
    """Shows a case and speaks for whichever view holds a place (see ``views.Shown``)."""

    place_chosen = Signal(object)
    opened_outside = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.tabs = QTabBar(drawBase=False)
        self.tabs.setAccessibleName("报告与工作簿")
        self.tabs.currentChanged.connect(self._turn)
        self.stack = QStackedWidget()
        self._views: dict[str, QWidget] = {}
        self._shown: list[str] = []
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.tabs)
        layout.addWidget(self.stack, 1)

    def show_case(self, case: Case, *, keep: bool = False) -> None:
        """Show the files of a case; with ``keep`` (the same ones, read again) she stays where she is."""
        assert case.opened is not None and case.outcome is not None
        shown = []
        if case.outcome.kind == "pdf":
            self.view(_PAGE).show_pdf(case.request.path, case.opened.pages)
            shown.append(_PAGE)
        elif case.opened.passages:
            self.view(_TEXT).show_passages(case.opened.passages, keep=keep)
            shown.append(_TEXT)
        if case.sheets:
            sheet = self.view(_SHEET)
            sheet.set_sheets(case.sheets, keep=keep)
            sheet.set_filled([(f.place, f.value) for f in case.opened.fills if f.done and f.place.sheet])
            shown.append(_SHEET)
        self._let_go([name for name in self._shown if name not in shown])
        if shown != self._shown:
            self._set_tabs(shown)

    def _let_go(self, names: Sequence[str]) -> None:
        """What was shown before and is not now need not stay in memory."""
        for name in names:
            if name == _PAGE:
                self.view(name).close_pdf()
            elif name == _SHEET:
                self.view(name).set_sheets([])
            else:
                self.view(name).show_passages([])

    def _set_tabs(self, shown: list[str]) -> None:
        self._shown = shown
        self.tabs.blockSignals(True)
        while self.tabs.count():
            self.tabs.removeTab(0)
        for name in shown:
            self.tabs.addTab(name)
        self.tabs.blockSignals(False)
        self.tabs.setVisible(len(shown) > 1)
        self._turn(0)

    def view(self, name: str) -> QWidget:
        """A view, made when it is first needed."""
        if name not in self._views:
            view: QWidget
            if name == _SHEET:
                from app.ui.sheet_view import SheetView

                view = SheetView()
            elif name == _PAGE:
                from app.ui.page_view import PageView

                view = PageView()
            else:
                from app.ui.text_view import TextView

                view = TextView()
            view.place_chosen.connect(self.place_chosen)
            view.opened_outside.connect(lambda *place: self.opened_outside.emit(place[0] if place else None))
            self._views[name] = view
            self.stack.addWidget(view)
        return self._views[name]

    def prepare(self) -> None:
        """Make the most usual view while nothing else is to do."""
        self.view(_SHEET)

    def set_marks(self, marks: Sequence[ViewMark]) -> None:
        """Each view takes the marks that stand in it."""
        for name in self._shown:
            own = [m for m in marks if (m.place.sheet is not None) == (name == _SHEET)]
            self.view(name).set_marks(own)

    def go_to(self, place: Place, quote: str = "", *, flash: bool = True) -> bool:
        """Bring a place before her eyes; False when no file of the case holds it."""
        name = _SHEET if place.sheet is not None else _PAGE if place.page is not None else _TEXT
        if name not in self._shown:
            return False
        if self.view(name).go_to(place, quote, flash=flash):
            self._turn(self._shown.index(name))
            return True
        return False

    def _turn(self, at: int) -> None:
        if 0 <= at < len(self._shown):
            self.tabs.setCurrentIndex(at)
            self.stack.setCurrentWidget(self.view(self._shown[at]))

    def close_files(self) -> None:
        """Let go of what is held open."""
        page = self._views.get(_PAGE)
        if page is not None:
            page.close_pdf()
