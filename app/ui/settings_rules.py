"""The tab 规则 of the settings: every rule with its level, and the page of the one that is chosen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPoint, Qt
from PySide6.QtGui import QAction, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QAbstractItemView,
    QCheckBox,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QMenu,
    QPushButton,
    QSplitter,
    QTableView,
    QTextBrowser,
    QVBoxLayout,
    QWidget,
)

from app.ui import rule_page, theme
from app.ui.dialog_parts import SearchField
from app.ui.rules_model import CHOICES, CODE, LEVEL, RULE, TITLE, LevelDelegate, RulesModel, RulesProxy

if TYPE_CHECKING:
    from app.checking.rulebook import Rule

_WORDS = ("默认", "错误", "提醒", "信息", "关闭")


class RulesTab(QWidget):
    """Left the rules, right the page; nothing is kept before the dialog asks for ``levels``."""

    def __init__(self, rules: Sequence[Rule], levels: Mapping[str, str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model = RulesModel(rules, levels, self)
        self.proxy = RulesProxy(self)
        self.proxy.setSourceModel(self.model)
        self.search = SearchField("搜索代码、名称或说明", "搜索规则")
        self.changed = QCheckBox("只看改过的(&G)")
        self.restore = QPushButton("全部恢复默认(&D)", autoDefault=False)
        self.count = QLabel()
        self.count.setStyleSheet(f"color: {theme.GREY};")
        self.table = self._table()
        self.page = QTextBrowser()
        self.page.setAccessibleName("规则说明")
        self.page.document().setDocumentMargin(12)
        self._lay_out()
        self.search.textChanged.connect(self.proxy.search)
        self.search.list = self.table
        QShortcut(QKeySequence.StandardKey.Find, self, self.search.setFocus)
        self.changed.toggled.connect(self.proxy.only_changed)
        self.restore.clicked.connect(self.model.restore)
        for signal in (self.proxy.layoutChanged, self.proxy.rowsInserted, self.proxy.rowsRemoved):
            signal.connect(self._counted)
        self.model.dataChanged.connect(self._told)
        self.table.selectionModel().currentRowChanged.connect(self._show)
        self.table.selectRow(0)
        self._counted()

    @property
    def levels(self) -> dict[str, str]:
        """What she set, by code."""
        return self.model.levels

    def show_rule(self, code: str) -> None:
        """Choose the rule of this code, whatever the search hid."""
        self.search.clear()
        self.changed.setChecked(False)
        for row in range(self.proxy.rowCount()):
            if self.proxy.index(row, CODE).data() == code:
                self.table.selectRow(row)
                self.table.scrollTo(self.proxy.index(row, CODE), QAbstractItemView.ScrollHint.PositionAtCenter)

    def set_level(self, level: str) -> None:
        """Give the chosen rules a level."""
        # persistent rows: under “只看改过的” a rule may leave the list when it is set
        for index in [self.proxy.mapToSource(i) for i in self.table.selectionModel().selectedRows(LEVEL)]:
            self.model.setData(index, level)

    def _table(self) -> QTableView:
        table = QTableView()
        table.setModel(self.proxy)
        table.setAccessibleName("规则与等级")
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        table.setEditTriggers(
            QAbstractItemView.EditTrigger.DoubleClicked | QAbstractItemView.EditTrigger.EditKeyPressed
        )
        table.setTabKeyNavigation(False)  # Tab leaves the table: it has hundreds of cells
        table.setShowGrid(False)
        table.setAlternatingRowColors(True)
        table.setWordWrap(False)
        table.verticalHeader().hide()
        table.verticalHeader().setDefaultSectionSize(int(table.fontMetrics().height() * 1.8))
        table.setItemDelegateForColumn(LEVEL, LevelDelegate(table))
        header = table.horizontalHeader()
        header.setHighlightSections(False)
        header.setStyleSheet("QHeaderView::section { padding: 4px 3px; }")
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setSectionResizeMode(TITLE, QHeaderView.ResizeMode.Stretch)
        wide = table.fontMetrics().horizontalAdvance
        table.setColumnWidth(CODE, wide("A0000") + 22)
        table.setColumnWidth(LEVEL, wide("✖ 默认（错误）") + 40)
        table.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        table.customContextMenuRequested.connect(self._menu)
        table.clicked.connect(self._clicked)
        table.installEventFilter(self)
        return table

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        label = QLabel("搜索(&F)")
        label.setBuddy(self.search)
        top.addWidget(label)
        top.addWidget(self.search, 1)
        top.addWidget(self.changed)
        below = QHBoxLayout()
        below.addWidget(self.count, 1)
        below.addWidget(self.restore)
        left = QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 6, 0)
        for part in (top, self.table, below):
            column.addWidget(part) if isinstance(part, QWidget) else column.addLayout(part)
        splitter = QSplitter()
        splitter.addWidget(left)
        splitter.addWidget(self.page)
        splitter.setChildrenCollapsible(False)
        splitter.setSizes([540, 440])
        layout = QVBoxLayout(self)
        layout.addWidget(splitter)

    def _clicked(self, index: QModelIndex) -> None:
        if index.column() == LEVEL:  # one click, as on a combo
            self._edit(index)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        # Enter opens the level; left to Qt it would press OK besides
        if event.type() == QEvent.Type.KeyPress and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if self.table.currentIndex().isValid():
                self._edit(self.table.currentIndex().siblingAtColumn(LEVEL))
            return True
        return super().eventFilter(watched, event)

    def _edit(self, index: QModelIndex) -> None:
        self.table.setCurrentIndex(index)
        if not self.table.isPersistentEditorOpen(index) and self.table.indexWidget(index) is None:
            self.table.edit(index)
        editor = self.table.indexWidget(index)
        if editor is not None and hasattr(editor, "showPopup"):
            editor.showPopup()

    def _menu(self, at: QPoint) -> None:
        menu = self.level_menu()
        menu.exec(self.table.viewport().mapToGlobal(at))

    def level_menu(self) -> QMenu:
        """The levels as a menu, for all the rules that are chosen."""
        menu = QMenu(self)
        chosen = len(self.table.selectionModel().selectedRows())
        menu.addSection(f"{chosen} 条规则的等级" if chosen > 1 else "等级")
        for word, level in zip(_WORDS, CHOICES, strict=True):
            action = QAction(word, menu)
            action.triggered.connect(lambda _=False, level=level: self.set_level(level))
            menu.addAction(action)
        return menu

    def _show(self, index: QModelIndex) -> None:
        if index.isValid():
            source = self.proxy.mapToSource(index)
            self.page.setHtml(rule_page.page(index.siblingAtColumn(0).data(RULE), self.model.level(source.row())))
        else:
            self.page.setHtml(f'<p style="color:{theme.GREY}">没有找到规则，换一个词再试。</p>')

    def _told(self) -> None:
        self._counted()
        self._show(self.table.currentIndex())

    def _counted(self) -> None:
        shown, changed = self.proxy.rowCount(), len(self.model.levels)
        text = f"{shown} 条规则" if shown == self.model.rowCount() else f"找到 {shown} 条"
        self.count.setText(f"{text}，改过 {changed} 条" if changed else text)
        if shown and not self.table.currentIndex().isValid():
            self.table.selectRow(0)
