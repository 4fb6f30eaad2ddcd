"""The left pane: the nine tables and the sections of the text, each with its state."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QListView, QMenu, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from app.opened import Part
from app.ui import theme
from app.ui.labels import plain_tip

PART = Qt.ItemDataRole.UserRole
Index = QModelIndex | QPersistentModelIndex
_STATES = {"passed": "通过", "found": "有问题", "not_applicable": "不适用", "could_not_check": "无法核对"}


class PartsModel(QAbstractListModel):
    """Tables, sections and sheets besides, in their order, with a heading before each kind."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[Part | str] = []

    def set_parts(self, parts: Sequence[Part]) -> None:
        self.beginResetModel()
        self.lines = []
        for kind, heading in (("table", "公开表"), ("section", "文字"), ("sheet", "其他工作表")):
            own = [p for p in parts if p.kind == kind]
            if own:
                self.lines += [heading, *own]
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.lines)

    def flags(self, index: Index) -> Qt.ItemFlag:
        if index.isValid() and isinstance(self.lines[index.row()], str):
            return Qt.ItemFlag.ItemIsEnabled
        return super().flags(index)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        line = self.lines[index.row()]
        if role == PART:
            return line
        if isinstance(line, str):
            return line if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole) else None
        if role == Qt.ItemDataRole.DisplayRole:
            return f"{line.number} {line.name}".strip()
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            said = f"{line.number} {line.name}：{told(line)}".strip()
            return plain_tip(said) if role == Qt.ItemDataRole.ToolTipRole else said
        return None


def told(part: Part) -> str:
    """The state of a part in words."""
    if part.state == "found":
        counts = ((part.errors, "处错误"), (part.warnings, "处提醒"))
        return "，".join(f"{count} {word}" for count, word in counts if count)
    state = _STATES[part.state]
    return f"{state}，{part.reason}" if part.reason and part.state != "passed" else state


class _Delegate(QStyledItemDelegate):
    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        line = index.data(PART)
        lines = 2 if isinstance(line, Part) and line.state == "could_not_check" else 1
        return QSize(80, int(option.fontMetrics.height() * (lines + 0.65)))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        line = index.data(PART)
        painter.save()
        area: QRect = option.rect
        middle = Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine
        if isinstance(line, str):
            painter.setPen(QColor(theme.GREY))
            painter.drawText(area.adjusted(8, 4, -4, 0), middle, line)
            painter.restore()
            return
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(area, QColor("#DCE9F6"))
        elif option.state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(area, QColor(theme.GROUND))
        height = int(option.fontMetrics.height() * 1.65)
        row = QRect(area.left(), area.top(), area.width(), height)
        left = row.left() + 8 + (12 if line.level else 0)
        sign, words, color = _sign(line)
        metrics = option.fontMetrics
        wide = metrics.horizontalAdvance(words) + 8 if words else 0
        badge = QRect(row.right() - wide - 6, row.top() + 3, wide, height - 6)
        if line.state == "found":
            fill = theme.ground("error" if line.errors else "warning")
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(fill)
            painter.drawRoundedRect(badge, 4, 4)
        painter.setPen(QColor(color))
        beside = metrics.horizontalAdvance("✖") + 8
        painter.drawText(QRect(left, row.top(), beside, height), middle, sign)
        painter.drawText(badge, Qt.AlignmentFlag.AlignCenter, words)
        painter.setPen(QColor(theme.INK if line.state in ("passed", "found") else theme.GREY))
        room = QRect(left + beside, row.top(), badge.left() - left - beside - 4, height)
        text = f"{line.number} {line.name}".strip()
        painter.drawText(room, middle, metrics.elidedText(text, Qt.TextElideMode.ElideRight, room.width()))
        if line.state == "could_not_check":
            painter.setPen(QColor(theme.GREY))
            below = QRect(left + beside, row.bottom() - 4, area.right() - left - beside - 4, metrics.height() + 4)
            painter.drawText(below, middle, metrics.elidedText(line.reason, Qt.TextElideMode.ElideRight, below.width()))
        painter.restore()


def _sign(part: Part) -> tuple[str, str, str]:
    """Sign, word and colour of a state: colour is never the only sign."""
    if part.state == "found":
        level = "error" if part.errors else "warning"
        return theme.SIGNS[level], str(part.errors + part.warnings), theme.color(level).name()
    return {
        "passed": ("✓", "", "#006100"),
        "not_applicable": ("—", "", theme.GREY),
        "could_not_check": ("？", "无法核对", theme.GREY),
    }[part.state]


class PartsList(QListView):
    """``part_chosen`` is emitted with the part to go to, ``only_asked`` with the one to see alone."""

    part_chosen = Signal(object)
    only_asked = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.parts = PartsModel()
        self.setModel(self.parts)
        self.setItemDelegate(_Delegate(self))
        self.setAccessibleName("表与章节")
        self.setMouseTracking(True)
        self.setFrameShape(QListView.Shape.NoFrame)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.clicked.connect(self._tell)
        self.activated.connect(self._tell)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._menu)

    def show_parts(self, parts: Sequence[Part]) -> None:
        """List the parts; what is chosen and scrolled to stays."""
        chosen, scroll = self.current(), self.verticalScrollBar().value()
        self.parts.set_parts(parts)
        if chosen is not None:
            self.mark(chosen.name)
        self.verticalScrollBar().setValue(scroll)

    def current(self) -> Part | None:
        line = self.currentIndex().data(PART) if self.currentIndex().isValid() else None
        return line if isinstance(line, Part) else None

    def mark(self, name: str) -> None:
        """Show a part as the chosen one, without going to it."""
        for row, line in enumerate(self.parts.lines):
            if isinstance(line, Part) and line.name == name:
                self.setCurrentIndex(self.parts.index(row))
                return

    def _tell(self, index: QModelIndex) -> None:
        line = index.data(PART)
        if isinstance(line, Part):
            self.part_chosen.emit(line)

    def _menu(self, at: QPoint) -> None:
        line = self.indexAt(at).data(PART)
        if isinstance(line, Part) and line.fingerprints:
            menu = QMenu(self)
            menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            menu.addAction("只看这里的问题", lambda: self.only_asked.emit(line))
            menu.exec(self.viewport().mapToGlobal(at))
