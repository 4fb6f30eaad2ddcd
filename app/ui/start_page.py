"""The start: nothing but the drop area, two buttons, and the recent files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from app.ui import theme

# PySide6 makes the namespace ``Qt`` with all its enumerations when it is first touched, which takes as long
# as all else that the first picture needs: nothing here touches it before something hovers.

if TYPE_CHECKING:
    from PySide6.QtCore import QEvent, QModelIndex, QPoint
    from PySide6.QtWidgets import QListView, QMenu

    from app.ui.dropping import Offer


_LOOKS = {  # of the drop area: border, ground
    "": ("2px dashed #9AA5B1", theme.PAPER),
    "taken": (f"2px solid {theme.ACCENT}", "#E8F1FA"),
    "refused": (f"2px solid {theme.AMBER}", theme.AMBER_GROUND),
}
_INVITING = ("把决算公开表或报告拖到这里", "Excel · WPS · PDF · Word，也可以是文件夹")


class DropArea(QFrame):
    """The large area with its dashed border; the window tells it what hovers."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setMinimumSize(420, 220)
        self.setAccessibleName("拖放区：把决算公开表或报告拖到这里")
        self._state = ""
        self._offer: Offer | None = None
        self._size = 0.0  # of the letters, when the sizes were last set
        self._arrow, self._first, self._second = QLabel("↓"), QLabel(), QLabel()
        page = QVBoxLayout(self)
        page.setSpacing(10)
        page.addStretch(1)
        for label, name in ((self._arrow, "arrow"), (self._first, "first"), (self._second, "second")):
            label.setObjectName(name)
            label.setWordWrap(True)
            page.addWidget(label)
        page.addStretch(1)
        self.hover(None)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if self._size and self._size != self.font().pointSizeF():  # she chose another size of letters
            self.hover(self._offer)

    @property
    def state(self) -> str:
        """``""`` | ``taken`` | ``refused``: what hovers now."""
        return self._state

    @property
    def sentence(self) -> str:
        """What is said of what hovers."""
        return self._first.text() if self._state else ""

    def hover(self, offer: Offer | None) -> None:
        """Show what would happen on a drop; None when nothing hovers any more."""
        self._offer = offer
        self._state = "" if offer is None else "taken" if offer.paths else "refused"
        said = _INVITING if offer is None else (offer.sentence, "")
        for label, text in zip((self._first, self._second), said, strict=True):
            label.setText(text)
        border, ground = _LOOKS[self._state]
        ink = theme.AMBER if self._state == "refused" else theme.ACCENT
        size = self._size = self.font().pointSizeF()
        first = ink if self._state else theme.INK
        self.setStyleSheet(
            f"DropArea {{ border: {border}; border-radius: 10px; background: {ground}; }}"
            "QLabel { qproperty-alignment: AlignCenter; border: 0; background: transparent; }"
            f"#arrow {{ color: {ink}; font-size: {size * 3.6:.1f}pt; }}"
            f"#first {{ color: {first}; font-size: {size * 1.6:.1f}pt; }}"
            f"#second {{ color: {theme.GREY}; }}"
        )


class StartPage(QWidget):
    """Tells what she wants: ``choose``, ``choose_folder``, ``template``, or with the path of a recent
    file ``recent`` (open it), ``folder`` (show it there), ``forget``."""

    choose = Signal()
    choose_folder = Signal()
    template = Signal()
    recent = Signal(Path)
    folder = Signal(Path)
    forget = Signal(Path)

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
        self._title.hide()
        self.list: QListView | None = None
        self._page = QVBoxLayout(self)
        self._page.setContentsMargins(40, 28, 40, 20)
        self._page.setSpacing(14)
        self._page.addWidget(self.area, 1)
        self._page.addLayout(self._buttons)
        self._page.addSpacing(6)
        self._page.addWidget(self._title)

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
        from PySide6.QtCore import Qt
        from PySide6.QtWidgets import QListView

        from app.ui.recent_delegate import RecentDelegate

        self.list = QListView(self)
        self.list.setAccessibleName("最近校核的文件")
        self.list.setUniformItemSizes(True)
        self.list.setFrameShape(QListView.Shape.NoFrame)
        self.list.activated.connect(self._chosen)
        self.list.clicked.connect(self._chosen)
        self.list.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.list.customContextMenuRequested.connect(self._menu)
        self.list.setModel(model)
        self.list.setItemDelegate(RecentDelegate(self.list))
        self._page.addWidget(self.list)
        model.modelReset.connect(self._shown)
        model.rowsInserted.connect(self._shown)
        self._shown()

    def _shown(self) -> None:
        any_ = self.list.model().rowCount() > 0
        self._title.setVisible(any_)
        self.list.setVisible(any_)
        if any_:
            rows = min(7, self.list.model().rowCount())
            self.list.setFixedHeight(rows * self.list.sizeHintForRow(0) + 6)

    def menu(self, index: QModelIndex) -> QMenu:
        """What a right click on a recent file offers."""
        from PySide6.QtWidgets import QMenu

        from app.ui.recent import Role

        menu, path = QMenu(self), index.data(Role.PATH)
        if not index.data(Role.MISSING):
            menu.addAction("打开", lambda: self.recent.emit(path))
            menu.addAction("打开所在文件夹", lambda: self.folder.emit(path))
        menu.addAction("从列表中移除", lambda: self.forget.emit(path))
        return menu

    def _menu(self, at: QPoint) -> None:
        index = self.list.indexAt(at)
        if index.isValid():
            menu = self.menu(index)
            menu.exec(self.list.viewport().mapToGlobal(at))
            menu.deleteLater()

    def _chosen(self, index: QModelIndex) -> None:
        from app.ui.recent import Role

        if not index.data(Role.MISSING):
            self.recent.emit(index.data(Role.PATH))
