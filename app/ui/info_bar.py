"""A bar above the result that says what was done, with the buttons that follow from it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QToolButton, QWidget

from app.ui import theme

_COLORS = {
    "done": ("#E6F4EA", "#0B5A1E", "✓"),
    "news": ("#E8F1FA", "#134A78", "ℹ"),
    "warn": (theme.AMBER_GROUND, "#7A4700", "⚠"),
    "fail": ("#FFE3E6", "#8B0005", "✖"),
}


class InfoBar(QFrame):
    """One sentence; hidden until ``tell``."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(12, 5, 8, 5)
        self.label = QLabel(wordWrap=True, textInteractionFlags=Qt.TextInteractionFlag.TextSelectableByMouse)
        self.label.setTextFormat(Qt.TextFormat.PlainText)
        self.label.setMinimumWidth(160)  # a name without a space, however long, does not widen the window
        self.label.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._row.addWidget(self.label, 1)
        self._buttons: list[QPushButton] = []
        close = QToolButton(text="×", autoRaise=True, toolTip="关闭提示")
        close.setAccessibleName("关闭提示")
        close.clicked.connect(self.hide)
        self._row.addWidget(close)
        self.hide()

    def tell(self, kind: str, text: str, actions: Sequence[tuple[str, Callable[[], object]]] = ()) -> None:
        """``kind``: ``done`` | ``news`` | ``warn`` | ``fail``; ``actions`` are buttons."""
        ground, ink, sign = _COLORS[kind]
        self.setStyleSheet(f"InfoBar {{ background: {ground}; border-bottom: 1px solid {theme.LINE}; }}")
        self.label.setStyleSheet(f"color: {ink};")
        self.label.setText(f"{sign} {text}")
        for button in self._buttons:
            self._row.removeWidget(button)
            button.deleteLater()
        self._buttons = []
        for name, action in actions:
            button = QPushButton(name)
            button.setProperty("flat", True)
            button.clicked.connect(lambda _=False, act=action: act())
            self._row.insertWidget(1 + len(self._buttons), button)
            self._buttons.append(button)
        self.show()

    @property
    def text(self) -> str:
        return self.label.text()

    @property
    def buttons(self) -> list[QPushButton]:
        return list(self._buttons)
