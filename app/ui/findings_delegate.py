"""One line a finding, three when it is chosen: what is wrong, found → expected, where."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFont, QPainter
from PySide6.QtWidgets import QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from app.checking.finding import Finding
from app.ui import theme
from app.ui.case import level, short
from app.ui.findings_model import FINDING, NEW

_PAD = 6
Index = QModelIndex | QPersistentModelIndex


class FindingsDelegate(QStyledItemDelegate):
    """Paints without asking the model role by role."""

    def __init__(self, view: QListView) -> None:
        super().__init__(view)
        self._view = view

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        line = option.fontMetrics.height() + 3
        lines = 3 if self._chosen(index) else 1
        return QSize(120, lines * line + 2 * _PAD)

    def _chosen(self, index: Index) -> bool:
        return index.row() == self._view.currentIndex().row()

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        finding: Finding = index.data(FINDING)
        shown, chosen = level(finding), self._chosen(index)
        painter.save()
        area: QRect = option.rect
        painter.fillRect(area, theme.ground(shown) if chosen else QColor(theme.PAPER))
        if not chosen and option.state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(area, QColor(theme.GROUND))
        painter.fillRect(QRect(area.left(), area.top(), 4, area.height()), theme.color(shown))
        painter.setPen(QColor(theme.LINE))
        painter.drawLine(area.bottomLeft(), area.bottomRight())
        line = option.fontMetrics.height() + 3
        box = QRect(area.left() + 10, area.top() + _PAD, area.width() - 18, line)
        sign = QFont(option.font)
        sign.setBold(True)
        painter.setFont(sign)
        painter.setPen(theme.color(shown))
        word = f"{theme.SIGNS[shown]} {theme.WORDS[shown]}" + (" 新" if index.data(NEW) else "")
        painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, word)
        used = painter.fontMetrics().horizontalAdvance(word) + 10
        painter.setFont(option.font)
        painter.setPen(QColor(theme.GREY if shown == "verified" and not chosen else theme.INK))
        self._text(painter, box.adjusted(used, 0, 0, 0), short(finding), option)
        if chosen:
            self._more(painter, box.translated(0, line), finding, option, line)
        painter.restore()

    def _more(self, painter: QPainter, box: QRect, finding: Finding, option: QStyleOptionViewItem, line: int) -> None:
        found = finding.found or finding.quote
        said = f"{found} → 应为 {finding.expected}" if finding.expected else found
        self._text(painter, box, said or finding.advice, option)
        painter.setPen(QColor("#454D57"))
        where = "　".join(dict.fromkeys(x for x in (str(finding.place), finding.row) if x))
        self._text(painter, box.translated(0, line), where, option)

    def _text(self, painter: QPainter, box: QRect, text: str, option: QStyleOptionViewItem) -> None:
        flat = " ".join(text.split())
        painter.drawText(
            box,
            Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine,
            option.fontMetrics.elidedText(flat[:300], Qt.TextElideMode.ElideRight, box.width()),
        )
