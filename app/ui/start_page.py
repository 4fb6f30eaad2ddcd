"""The start: nothing but the drop area, two buttons, and the recent files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, QRect, Qt, Signal
from PySide6.QtGui import QColor, QFont, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QLabel, QListView, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from app.ui import theme

if TYPE_CHECKING:
    from app.ui.dropping import Offer


class DropArea(QWidget):
    """The large area with its dashed border; the window tells it what hovers."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setMinimumSize(420, 220)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("拖放区：把决算公开表或报告拖到这里")
        self._state = ""
        self._sentence = ""

    @property
    def state(self) -> str:
        """``""`` | ``taken`` | ``refused``: what hovers now."""
        return self._state

    @property
    def sentence(self) -> str:
        return self._sentence

    def hover(self, offer: Offer | None) -> None:
        """Show what would happen on a drop; None when nothing hovers any more."""
        self._state = "" if offer is None else "taken" if offer.paths else "refused"
        self._sentence = offer.sentence if offer else ""
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = self.rect().adjusted(2, 2, -3, -3)
        border, ground = {
            "taken": (theme.ACCENT, "#E8F1FA"),
            "refused": (theme.AMBER, theme.AMBER_GROUND),
        }.get(self._state, ("#9AA5B1", theme.PAPER))
        painter.setPen(QPen(QColor(border), 2, Qt.PenStyle.SolidLine if self._state else Qt.PenStyle.DashLine))
        painter.setBrush(QColor(ground))
        painter.drawRoundedRect(area, 10, 10)
        middle = area.center().y()
        self._arrow(painter, area.center().x(), middle - 62, border if self._state else theme.ACCENT)
        lines = (
            [(self._sentence, 1.5, border, True)]
            if self._state
            else [
                ("把决算公开表或报告拖到这里", 1.6, theme.INK, True),
                ("Excel · WPS · PDF · Word，也可以是文件夹", 1.05, theme.GREY, False),
            ]
        )
        top = middle - 10
        for text, scale, color, bold in lines:
            font = QFont(self.font())
            font.setPointSizeF(font.pointSizeF() * scale)
            font.setBold(bold)
            painter.setFont(font)
            painter.setPen(QColor(color))
            box = QRect(area.left() + 16, top, area.width() - 32, 3 * painter.fontMetrics().height())
            used = painter.drawText(box, Qt.AlignmentFlag.AlignHCenter | Qt.TextFlag.TextWordWrap, text)
            top = used.bottom() + 8 if used else top + painter.fontMetrics().height() + 8

    def _arrow(self, painter: QPainter, x: int, y: int, color: str) -> None:
        painter.setPen(QPen(QColor(color), 4, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        painter.drawLine(x, y - 18, x, y + 16)
        painter.drawLine(x - 13, y + 3, x, y + 16)
        painter.drawLine(x + 13, y + 3, x, y + 16)
        painter.drawLine(x - 24, y + 28, x + 24, y + 28)


class StartPage(QWidget):
    """Tells what she wants: ``choose``, ``choose_folder``, ``template``, or ``recent`` with a path."""

    choose = Signal()
    choose_folder = Signal()
    template = Signal()
    recent = Signal(Path)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.area = DropArea(self)
        self._buttons = QHBoxLayout()
        self._buttons.addStretch(1)
        self.choose_button = self._button("选择文件(&O)…", self.choose, "选择一个或几个文件（Ctrl+O）", main=True)
        self.folder_button = self._button("选择文件夹(&D)…", self.choose_folder, "校核一个文件夹里的全部文件")
        self.template_button = self._button("新建模板(&N)…", self.template, "生成九张公开表的空白模板")
        self._buttons.addStretch(1)
        self._title = QLabel("最近")
        self._title.setStyleSheet(f"color: {theme.GREY};")
        self.list = QListView(self)
        self.list.setAccessibleName("最近校核的文件")
        self.list.setUniformItemSizes(True)
        self.list.setFrameShape(QListView.Shape.NoFrame)
        self.list.activated.connect(self._chosen)
        self.list.clicked.connect(self._chosen)
        self._title.hide()
        self.list.hide()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(40, 28, 40, 20)
        layout.setSpacing(14)
        layout.addWidget(self.area, 1)
        layout.addLayout(self._buttons)
        layout.addSpacing(6)
        layout.addWidget(self._title)
        layout.addWidget(self.list)

    def _button(self, text: str, signal: object, tip: str, *, main: bool = False) -> QPushButton:
        button = QPushButton(text)
        button.setToolTip(tip)
        button.setProperty("main", main)
        button.setMinimumHeight(34)
        button.clicked.connect(signal)
        self._buttons.addWidget(button)
        return button

    def show_recent(self, model: object) -> None:
        """List the recent files of a ``RecentModel``."""
        from app.ui.recent_delegate import RecentDelegate

        self.list.setModel(model)
        self.list.setItemDelegate(RecentDelegate(self.list))
        model.modelReset.connect(self._shown)
        model.rowsInserted.connect(self._shown)
        self._shown()

    def _shown(self) -> None:
        any_ = self.list.model() is not None and self.list.model().rowCount() > 0
        self._title.setVisible(any_)
        self.list.setVisible(any_)
        if any_:
            rows = min(7, self.list.model().rowCount())
            self.list.setFixedHeight(rows * self.list.sizeHintForRow(0) + 6)

    def _chosen(self, index: QModelIndex) -> None:
        from app.ui.recent import Role

        if not index.data(Role.MISSING):
            self.recent.emit(index.data(Role.PATH))
