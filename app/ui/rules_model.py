"""The rules as a table: code, title, and the level that she may set; search; a combo to set it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import (
    QAbstractItemModel,
    QAbstractTableModel,
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPoint,
    QSize,
    QSortFilterProxyModel,
    Qt,
)
from PySide6.QtGui import QBrush, QColor, QFont, QKeyEvent, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from app.ui import theme
from app.ui.dialog_parts import Choice, arrow
from app.ui.rule_page import INK, LEVELS, SIGNS, family, plain_formula

if TYPE_CHECKING:
    from app.checking.rulebook import Rule

Index = QModelIndex | QPersistentModelIndex
CODE, TITLE, LEVEL = range(3)
HEADS = ("代码", "规则", "等级")
CHOICES = ("", "error", "warning", "info", "off")  # ``""``: the rule's own
RULE = Qt.ItemDataRole.UserRole


class RulesModel(QAbstractTableModel):
    """All rules; ``levels`` is what she set, by code. Setting a rule's own level forgets it."""

    def __init__(self, rules: Sequence[Rule], levels: Mapping[str, str], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rules = list(rules)
        self._levels = dict(levels)

    @property
    def levels(self) -> dict[str, str]:
        """What is set now, rules that this version does not know included."""
        return dict(self._levels)

    def rule(self, row: int) -> Rule:
        return self._rules[row]

    def level(self, row: int) -> str:
        """The level set for a row, ``""`` for the rule's own."""
        return self._levels.get(self._rules[row].code, "")

    def restore(self) -> None:
        """Every rule has its own level again."""
        self._levels.clear()
        self.dataChanged.emit(self.index(0, 0), self.index(self.rowCount() - 1, LEVEL))

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._rules)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(HEADS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role == Qt.ItemDataRole.DisplayRole and orientation == Qt.Orientation.Horizontal:
            return HEADS[section]
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        flags = super().flags(index)
        return flags | Qt.ItemFlag.ItemIsEditable if index.column() == LEVEL else flags

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        rule, column = self._rules[index.row()], index.column()
        level = self.level(index.row())
        if role == Qt.ItemDataRole.DisplayRole:
            return (rule.code, rule.title, said(rule, level))[column]
        if role == Qt.ItemDataRole.EditRole:
            return level if column == LEVEL else (rule.code, rule.title)[column]
        if role == RULE:
            return rule
        if role == Qt.ItemDataRole.ToolTipRole:
            return f"{rule.title}\n{rule.explain.strip()}" if column == TITLE else None
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{HEADS[column]} {(rule.code, rule.title, said(rule, level))[column]}"
        return self._look(level or rule.severity, bool(level), column, role)

    def _look(self, shown: str, changed: bool, column: int, role: int) -> Any:
        if role == Qt.ItemDataRole.ForegroundRole and (column == LEVEL or shown == "off"):
            return QBrush(QColor(INK[shown]))
        if role == Qt.ItemDataRole.FontRole and changed and column == LEVEL:
            font = QFont()
            font.setBold(True)
            return font
        return None

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        if role != Qt.ItemDataRole.EditRole or index.column() != LEVEL or value not in CHOICES:
            return False
        rule = self._rules[index.row()]
        if value in ("", rule.severity):
            self._levels.pop(rule.code, None)
        else:
            self._levels[rule.code] = value
        self.dataChanged.emit(self.index(index.row(), 0), self.index(index.row(), LEVEL))
        return True


def said(rule: Rule, level: str) -> str:
    """A level as the table says it."""
    shown = level or rule.severity
    return f"{SIGNS[shown]} {LEVELS[shown]}" if level else f"{SIGNS[shown]} 默认（{LEVELS[shown]}）"


class RulesProxy(QSortFilterProxyModel):
    """Rules that hold every word of the search in code, title, kind, explanation or formula."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._words: list[str] = []
        self._changed = False
        self._texts: dict[str, str] = {}

    def search(self, text: str) -> None:
        """Show what this text finds; words are parted by blanks."""
        self._words = text.casefold().split()
        self.invalidateFilter()

    def only_changed(self, on: bool) -> None:
        """Show only rules whose level she set."""
        self._changed = on
        self.invalidateFilter()

    def filterAcceptsRow(self, row: int, parent: Index) -> bool:
        model = self.sourceModel()
        if self._changed and not model.level(row):
            return False
        return all(word in self._text(model.rule(row)) for word in self._words)

    def _text(self, rule: Rule) -> str:
        if rule.code not in self._texts:
            self._texts[rule.code] = text_of(rule)
        return self._texts[rule.code]


def text_of(rule: Rule) -> str:
    """What a search looks through."""
    formulas = [plain_formula(f) for f in rule.formulas] if rule.formula else []
    return " ".join((rule.code, rule.title, family(rule), rule.explain, *formulas)).casefold()


class _Levels(Choice):
    """The combo of a cell. What is picked in its list is meant; keys on the closed combo only leaf
    through the levels, until Enter."""

    popped = False

    def showPopup(self) -> None:
        self.popped = True
        super().showPopup()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        self.popped = False
        super().keyPressEvent(event)


class LevelDelegate(QStyledItemDelegate):
    """The level as a combo; the cell shows the arrow of one, so that she sees it can be set."""

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: Index) -> QWidget:
        box = _Levels("等级", parent)
        box.setStyleSheet(
            "QComboBox { border-radius: 0; padding: 0 2px; } QComboBox::drop-down { border: 0; width: 22px; }"
        )
        rule = index.data(RULE)
        for choice in CHOICES:
            box.addItem(said(rule, choice), choice)
        box.activated.connect(lambda _: box.popped and self._chosen(box))
        return box

    def _chosen(self, box: Choice) -> None:
        self.commitData.emit(box)
        self.closeEditor.emit(box)
        self.parent().setFocus()

    def setEditorData(self, editor: QWidget, index: Index) -> None:
        editor.setCurrentIndex(CHOICES.index(index.data(Qt.ItemDataRole.EditRole)))

    def setModelData(self, editor: QWidget, model: QAbstractItemModel, index: Index) -> None:
        model.setData(index, editor.currentData())

    def updateEditorGeometry(self, editor: QWidget, option: QStyleOptionViewItem, index: Index) -> None:
        editor.setGeometry(option.rect)

    def eventFilter(self, editor: QObject, event: QEvent) -> bool:
        # Enter on the closed combo keeps what it shows; Qt would leave the editor open
        if event.type() == QEvent.Type.KeyPress and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._chosen(editor)
            return True
        return super().eventFilter(editor, event)

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        size = super().sizeHint(option, index)
        return QSize(size.width() + 24, size.height())

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        super().paint(painter, option, index)
        chosen = option.state & QStyle.StateFlag.State_Selected
        middle = QPoint(option.rect.right() - 14, option.rect.center().y())
        arrow(painter, middle, theme.PAPER if chosen else theme.GREY)
