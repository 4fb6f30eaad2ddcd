"""The right pane: search, filters, the list of findings, and the chosen one in full."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QItemSelectionModel, QModelIndex, QPoint, Qt, QUrl, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListView,
    QMenu,
    QSplitter,
    QTextBrowser,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.checking.finding import Finding
from app.ui import theme
from app.ui.case import Case, kind, level
from app.ui.dialog_parts import Choice
from app.ui.finding_page import PLACE, page, places
from app.ui.findings_delegate import FindingsDelegate
from app.ui.findings_model import FINDING, FindingsModel, FindingsProxy
from app.ui.serving import serve

_LEVELS = ("error", "warning", "rounding", "info", "verified", "solved")


class FindingsPanel(QWidget):
    """``chosen`` is emitted with the finding that she picks, ``place_asked`` with a place that a link
    names, ``rule_asked`` with a rule's code, ``verify_asked`` with findings to mark or unmark."""

    chosen = Signal(object)
    place_asked = Signal(object)
    rule_asked = Signal(str)
    verify_asked = Signal(list)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model = FindingsModel()
        self.proxy = FindingsProxy()
        self.proxy.setSourceModel(self.model)
        self._quiet = False
        self.search = QLineEdit(placeholderText="搜索问题（Ctrl+F）", clearButtonEnabled=True)
        self.search.setAccessibleName("搜索问题")
        self.search.setAcceptDrops(False)  # a file dropped here is one to check, not its name to search for
        self.search.textChanged.connect(lambda text: self._choose(words=text))
        self.parts = self._combo("按表或章节筛选", lambda value: self._choose(part=value))
        self.kinds = self._combo("按类别筛选", lambda value: self._choose(kind=value))
        self.sorting = Choice("排序")
        self.sorting.addItem("按位置", False)
        self.sorting.addItem("按轻重", True)
        self.sorting.currentIndexChanged.connect(lambda: self.model.arrange(by_weight=self.sorting.currentData()))
        self.levels = {name: self._level(name) for name in _LEVELS}
        self.list = self._list()
        self.empty = QLabel(alignment=Qt.AlignmentFlag.AlignCenter, wordWrap=True)
        self.empty.setStyleSheet(f"color: {theme.GREY}; padding: 24px;")
        self.detail = QTextBrowser(openLinks=False)
        self.detail.setAccessibleName("问题详情")
        self.detail.anchorClicked.connect(self._link)
        self._lay_out()

    def _combo(self, name: str, choose: Callable[[object], None]) -> QComboBox:
        combo = Choice(name)
        combo.setToolTip(name)
        combo.setMinimumContentsLength(5)
        combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        combo.currentIndexChanged.connect(lambda: choose(combo.currentData()))
        return combo

    def _level(self, name: str) -> QToolButton:
        button = QToolButton(checkable=True, checked=True)
        fill, ink = theme.ground(name).name(), theme.color(name).name()
        button.setStyleSheet(
            f"QToolButton {{ border: 1px solid {theme.LINE}; border-radius: 4px; padding: 3px 6px; color: {theme.GREY};"
            f" background: {theme.PAPER}; text-decoration: line-through; }}"
            f"QToolButton:checked {{ background: {fill}; color: {ink}; border-color: {fill}; text-decoration: none; }}"
            f"QToolButton:focus {{ border-color: {theme.ACCENT}; }}"
        )
        button.setToolTip(f"显示或隐藏{theme.WORDS[name]}")
        button.setAccessibleName(f"显示{theme.WORDS[name]}")
        button.toggled.connect(self._levels_chosen)
        return button

    def _list(self) -> QListView:
        view = QListView()
        view.setModel(self.proxy)
        view.setItemDelegate(FindingsDelegate(view))
        view.setAccessibleName("问题清单")
        view.setSelectionMode(QListView.SelectionMode.ExtendedSelection)
        view.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        view.setMouseTracking(True)
        view.selectionModel().currentChanged.connect(self._current)
        view.clicked.connect(self._tell)
        view.activated.connect(self._tell)
        serve(view, self._menu, self.copy)
        return view

    def _lay_out(self) -> None:
        chips = QHBoxLayout()
        chips.setSpacing(4)
        for button in self.levels.values():
            chips.addWidget(button)
        chips.addStretch(1)
        filters = QHBoxLayout()
        filters.setSpacing(4)
        filters.addWidget(self.parts, 3)
        filters.addWidget(self.kinds, 3)
        filters.addWidget(self.sorting, 2)
        top = QWidget()
        upper = QVBoxLayout(top)
        upper.setContentsMargins(0, 0, 0, 0)
        upper.setSpacing(4)
        upper.addWidget(self.search)
        upper.addLayout(chips)
        upper.addLayout(filters)
        upper.addWidget(self.list, 1)
        upper.addWidget(self.empty, 1)
        self.splitter = QSplitter(Qt.Orientation.Vertical)
        self.splitter.addWidget(top)
        self.splitter.addWidget(self.detail)
        self.splitter.setStretchFactor(0, 3)
        self.splitter.setStretchFactor(1, 2)
        self.splitter.setChildrenCollapsible(False)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(6, 6, 6, 6)
        layout.addWidget(self.splitter)

    # -- what is shown

    def show_case(self, case: Case, new: frozenset[str] = frozenset()) -> None:
        """List the findings of a case; the chosen one stays chosen where it is still there."""
        before, scroll = self.current(), self.list.verticalScrollBar().value()
        self._quiet = True
        self.model.set_case(case, new)
        self._fill_filters(case)
        self._count()
        self._quiet = False
        if before is not None and self.select(before.fingerprint, tell=False):
            self.list.verticalScrollBar().setValue(scroll)
        else:
            self.detail.clear()

    def refresh(self, findings: list[Finding]) -> None:
        """The same findings, some of them marked otherwise (已核实); the list stays where it is."""
        self.model.replace([*findings, *(self.model.case.solved if self.model.case else [])])
        self.proxy.invalidate()
        self._count()
        if (finding := self.current()) is not None:
            self._detail(finding)

    def _fill_filters(self, case: Case) -> None:
        parts = [p for p in case.opened.parts if p.fingerprints] if case.opened else []
        kinds = dict.fromkeys(kind(f) for f in case.findings)
        for combo, first, names in (
            (self.parts, "全部表与章节", [p.name for p in parts]),
            (self.kinds, "全部类别", list(kinds)),
        ):
            chosen = combo.currentData()
            combo.blockSignals(True)
            combo.clear()
            combo.addItem(first, None)
            for name in names:
                combo.addItem(name, name)
            combo.setCurrentIndex(max(0, combo.findData(chosen)))
            combo.blockSignals(False)
            combo.setVisible(len(names) > 0)
        self.proxy.choose(part=self.parts.currentData(), kind=self.kinds.currentData())

    def _count(self) -> None:
        counts = self.model.counts()
        for name, button in self.levels.items():
            button.setText(f"{theme.WORDS[name]} {counts[name]}")
            button.setVisible(bool(counts[name]) or name in ("error", "warning"))
        self._shown()

    def _shown(self) -> None:
        any_ = self.proxy.rowCount() > 0
        self.list.setVisible(any_)
        self.empty.setVisible(not any_)
        verdict, good = self.model.case.verdict if self.model.case else ("", True)
        nothing = "没有需要处理的问题。" if good or not verdict else verdict
        self.empty.setText("没有符合筛选条件的问题。" if self.model.findings else nothing)

    # -- choosing

    def current(self) -> Finding | None:
        """The chosen finding."""
        index = self.list.currentIndex()
        return index.data(FINDING) if index.isValid() else None

    def selected(self) -> list[Finding]:
        """All that is selected, as listed."""
        rows = sorted(index.row() for index in self.list.selectionModel().selectedIndexes())
        return [self.proxy.index(row, 0).data(FINDING) for row in rows]

    def select(self, fingerprint: str, *, tell: bool = True) -> bool:
        """Choose a finding; one that the filters hide is brought to light."""
        row = self.model.row_of(fingerprint)
        if row is None:
            return False
        index = self.proxy.mapFromSource(self.model.index(row))
        if not index.isValid():
            self.show_all()
            index = self.proxy.mapFromSource(self.model.index(row))
        self._quiet = not tell
        self._put(index)
        self._quiet = False
        return True

    def _put(self, index: QModelIndex) -> None:
        """Choose this one alone: the view itself would add it to what is selected while Ctrl is down."""
        flag = QItemSelectionModel.SelectionFlag.ClearAndSelect
        self.list.selectionModel().setCurrentIndex(index, flag)
        self.list.scrollTo(index)

    def show_all(self) -> None:
        """No filter any more."""
        self.search.clear()
        for combo in (self.parts, self.kinds):
            combo.setCurrentIndex(0)
        for button in self.levels.values():
            button.setChecked(True)

    def only_part(self, name: str) -> None:
        """Show the findings of one table or section."""
        self.parts.setCurrentIndex(max(0, self.parts.findData(name)))

    def step(self, by: int) -> None:
        """The next (1) or previous (-1) finding of the list, round and round."""
        count = self.proxy.rowCount()
        if not count:
            return
        now = self.list.currentIndex()
        row = (now.row() + by) % count if now.isValid() else (0 if by > 0 else count - 1)
        self._put(self.proxy.index(row, 0))

    def _choose(self, **what: object) -> None:
        self.proxy.choose(**what)
        self._shown()

    def _levels_chosen(self) -> None:
        on = frozenset(name for name, button in self.levels.items() if button.isChecked())
        self._choose(levels=None if len(on) == len(_LEVELS) else on)

    def _current(self, now: QModelIndex, before: QModelIndex) -> None:
        delegate = self.list.itemDelegate()
        for index in (before, now):
            if index.isValid():
                delegate.sizeHintChanged.emit(index)
        if not now.isValid():
            self.detail.clear()
            return
        finding = now.data(FINDING)
        self._detail(finding)
        if not self._quiet:
            self.chosen.emit(finding)

    def _tell(self, index: QModelIndex) -> None:
        """A click on the one that is chosen already leads to its place again."""
        if index == self.list.currentIndex():
            self.chosen.emit(index.data(FINDING))

    def _detail(self, finding: Finding) -> None:
        self.detail.setHtml(page(finding, getattr(finding, "verified", None)))

    def _link(self, url: QUrl) -> None:
        finding, target = self.current(), url.toString()
        if finding is None:
            return
        if target.startswith(PLACE):
            self.place_asked.emit(places(finding)[int(target.removeprefix(PLACE))])
        else:
            self.rule_asked.emit(target.partition(":")[2])

    # -- copying and the menu

    def copy(self, *, table: bool = False) -> None:
        """What is selected, as lines of text or as a table that Excel takes."""
        rows = self.selected()
        if table:
            head = ("级别", "编号", "位置", "表与章节", "现为", "应为", "说明")
            lines = ["\t".join(head), *("\t".join(_cells(f)) for f in rows)]
        else:
            lines = [f"{theme.WORDS[level(f)]}　{f.message}" for f in rows]
        QGuiApplication.clipboard().setText("\n".join(lines))

    def _menu(self, at: QPoint) -> None:
        menu = self.menu()
        if menu is not None:
            menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            menu.exec(self.list.viewport().mapToGlobal(at))

    def menu(self) -> QMenu | None:
        """What a right click offers."""
        rows = self.selected()
        if not rows:
            return None
        menu = QMenu(self)
        menu.addAction("转到该处", lambda: self.chosen.emit(rows[0]))
        menu.addAction("复制", lambda: self.copy())
        menu.addAction("复制为表格", lambda: self.copy(table=True))
        menu.addSeparator()
        verified = all(level(f) == "verified" for f in rows)
        menu.addAction("取消已核实" if verified else "标为已核实…", lambda: self.verify_asked.emit(rows))
        menu.addAction(f"查看规则 {rows[0].code}", lambda: self.rule_asked.emit(rows[0].code))
        return menu


def _cells(finding: Finding) -> list[str]:
    values = (
        theme.WORDS[level(finding)], finding.code, str(finding.place), finding.table,
        finding.found, finding.expected, finding.message,
    )  # fmt: skip
    return [" ".join(value.split()) for value in values]
