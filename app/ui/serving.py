"""What every list and table offers besides choosing: a menu of its own and Ctrl+C."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QAbstractItemView


def serve(view: QAbstractItemView, menu: Callable[[QPoint], object], copy: Callable[[], object]) -> None:
    """Have a right click call ``menu`` with its place, and Ctrl+C in the view call ``copy``."""
    view.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
    view.customContextMenuRequested.connect(menu)
    action = QAction("复制", view, shortcut=QKeySequence.StandardKey.Copy)
    action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
    action.triggered.connect(lambda _=False: copy())
    view.addAction(action)
