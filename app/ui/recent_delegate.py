"""A line of the recent files: its name, how it ended, when."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFont, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from app.ui import theme
from app.ui.recent import Role


class RecentDelegate(QStyledItemDelegate):
    """Three columns in one line, as in the picture of UI.md."""

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(100, int(option.fontMetrics.height() * 1.7))

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        name, result, when = (str(index.data(role) or "") for role in (Role.NAME, Role.RESULT, Role.WHEN))
        level = index.data(Role.LEVEL)
        painter.save()
        box: QRect = option.rect.adjusted(8, 0, -8, 0)
        if option.state & (QStyle.StateFlag.State_MouseOver | QStyle.StateFlag.State_HasFocus):
            painter.fillRect(option.rect, QColor("#E8F1FA"))
        middle = Qt.AlignmentFlag.AlignVCenter
        wide = option.fontMetrics.horizontalAdvance("2025年12月30日　") + 6
        told = option.fontMetrics.horizontalAdvance("00 处错误 · 00 处提醒　") + 10
        painter.setPen(QColor(theme.GREY))
        painter.drawText(
            QRect(box.right() - wide, box.top(), wide, box.height()), middle | Qt.AlignmentFlag.AlignRight, when
        )
        color = {"none": "#006100", "error": "#9C0006", "unreadable": "#9C5700"}.get(level, theme.GREY)
        painter.setPen(QColor(color))
        painter.drawText(QRect(box.right() - wide - told, box.top(), told, box.height()), middle, result)
        painter.setPen(QColor(theme.GREY if level == "missing" else theme.INK))
        font = QFont(option.font)
        painter.setFont(font)
        room = box.width() - wide - told - 12
        text = option.fontMetrics.elidedText(name, Qt.TextElideMode.ElideMiddle, room)
        painter.drawText(QRect(box.left(), box.top(), room, box.height()), middle, text)
        painter.restore()
