"""A line of the recent files: its name, how it ended, when."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFont, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from app.ui import theme


class RecentDelegate(QStyledItemDelegate):
    """Three columns in one line, as in the picture of UI.md."""

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(100, int(option.fontMetrics.height() * 1.7))

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        model = index.model()
        name, result, when, gone = (
            (model.told(index.row())) if hasattr(model, "told") else (index.data(), "", "", False)
        )
        painter.save()
        box: QRect = option.rect.adjusted(8, 0, -8, 0)
        if option.state & (QStyle.StateFlag.State_MouseOver | QStyle.StateFlag.State_HasFocus):
            painter.fillRect(option.rect, QColor("#E8F1FA"))
        middle = Qt.AlignmentFlag.AlignVCenter
        wide = option.fontMetrics.horizontalAdvance("今天 00:00　") + 10
        told = option.fontMetrics.horizontalAdvance("00 处错误 · 00 处提醒　") + 10
        painter.setPen(QColor(theme.GREY))
        painter.drawText(
            QRect(box.right() - wide, box.top(), wide, box.height()), middle | Qt.AlignmentFlag.AlignRight, when
        )
        color = (
            theme.GREY
            if gone
            else "#9C0006"
            if "错误" in result and "未发现" not in result
            else "#006100"
            if "✓" in result
            else "#9C5700"
        )
        painter.setPen(QColor(color))
        painter.drawText(
            QRect(box.right() - wide - told, box.top(), told, box.height()), middle, "找不到文件" if gone else result
        )
        painter.setPen(QColor(theme.GREY if gone else theme.INK))
        font = QFont(option.font)
        painter.setFont(font)
        room = box.width() - wide - told - 12
        text = option.fontMetrics.elidedText(name, Qt.TextElideMode.ElideMiddle, room)
        painter.drawText(QRect(box.left(), box.top(), room, box.height()), middle, text)
        painter.restore()
