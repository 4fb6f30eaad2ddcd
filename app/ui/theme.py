"""The look of the window: one light theme that is readable under any system theme (UI.md)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtGui import QColor, QFont, QPalette
from PySide6.QtWidgets import QApplication

from app.ui import colours
from app.writing.palette import MARKS

if TYPE_CHECKING:
    from PySide6.QtGui import QIcon

ACCENT = colours.ACCENT.name()
INK, PAPER = colours.INK.name(), colours.PAPER.name()
GREY, LINE, GROUND = "#5B6470", "#D5DAE1", "#F4F6F9"
DIM = "#68707B"  # what cannot be pressed now
AMBER, AMBER_GROUND = "#8A5200", "#FFF4D6"
FAMILIES = (
    "Microsoft YaHei UI",
    "微软雅黑",
    "Source Han Sans SC",
    "思源黑体",
    "Noto Sans CJK SC",
    "WenQuanYi Micro Hei",
)
WORDS = {**colours.WORDS, "solved": "已解决"}
SIGNS = {"error": "✖", "warning": "⚠", "rounding": "≈", "info": "ℹ", "filled": "＋", "verified": "✓", "solved": "✔"}
_COLORS = {**MARKS, "solved": ("EAF5EC", "2E6B3A")}

_SHEET = f"""
QToolTip {{ background: {PAPER}; color: {INK}; border: 1px solid {LINE}; padding: 4px; }}
QPushButton {{ background: {PAPER}; border: 1px solid #B9C1CC; border-radius: 4px; padding: 5px 14px; }}
QPushButton:hover {{ border-color: {ACCENT}; color: {ACCENT}; }}
QPushButton:focus {{ border: 1px solid {ACCENT}; }}
QPushButton:pressed {{ background: #E3EDF7; }}
QPushButton:disabled {{ color: {DIM}; background: {GROUND}; border-color: {LINE}; }}
QPushButton[main="true"] {{ background: {ACCENT}; color: white; border-color: {ACCENT}; }}
QPushButton[main="true"]:hover {{ background: #195C95; color: white; }}
QPushButton[main="true"]:focus {{ border: 1px solid #0E3A60; }}
QPushButton[main="true"]:disabled {{ background: #D3DFEA; color: #4A5561; border-color: #B9C8D6; }}
QPushButton[flat="true"] {{ background: transparent; border: 1px solid transparent; padding: 4px 8px; color: {ACCENT}; }}
QPushButton[flat="true"]:hover {{ background: #EDF3FA; }}
QPushButton[flat="true"]:focus {{ border-color: {ACCENT}; }}
QLineEdit, QComboBox {{ background: {PAPER}; border: 1px solid #B9C1CC; border-radius: 4px; padding: 4px 6px; }}
QComboBox::drop-down {{ border: 0; width: 22px; }}
QLineEdit:focus, QComboBox:focus {{ border-color: {ACCENT}; }}
QListView, QTableView, QTreeView, QTextBrowser, QPlainTextEdit {{ background: {PAPER}; border: 1px solid {LINE}; }}
QListView:focus, QTableView:focus, QTreeView:focus, QTextBrowser:focus {{ border-color: {ACCENT}; }}
QHeaderView::section {{ background: {GROUND}; border: 0; border-right: 1px solid {LINE};
    border-bottom: 1px solid {LINE}; padding: 4px 8px; color: {INK}; }}
QSplitter::handle {{ background: {LINE}; }}
QMenuBar {{ background: {PAPER}; border-bottom: 1px solid {LINE}; }}
QProgressBar {{ border: 1px solid {LINE}; border-radius: 4px; background: {PAPER}; height: 10px; text-align: center; }}
QProgressBar::chunk {{ background: {ACCENT}; border-radius: 3px; }}
"""


def dress(app: QApplication, size: int = 0) -> None:
    """Style, palette and font of the whole program; ``size`` in points, 0 for the system's."""
    app.setStyle("Fusion")
    palette = QPalette()  # from no colour: that would take all of ``Qt`` along (see start_page)
    for role, color in (
        (QPalette.ColorRole.Window, GROUND),
        (QPalette.ColorRole.Base, PAPER),
        (QPalette.ColorRole.AlternateBase, GROUND),
        (QPalette.ColorRole.Button, PAPER),
        (QPalette.ColorRole.WindowText, INK),
        (QPalette.ColorRole.Text, INK),
        (QPalette.ColorRole.ButtonText, INK),
        (QPalette.ColorRole.ToolTipBase, PAPER),
        (QPalette.ColorRole.ToolTipText, INK),
        (QPalette.ColorRole.Highlight, ACCENT),
        (QPalette.ColorRole.HighlightedText, PAPER),
        (QPalette.ColorRole.Link, ACCENT),
        (QPalette.ColorRole.PlaceholderText, "#6B7480"),
    ):
        palette.setColor(role, QColor(color))
    for role in (QPalette.ColorRole.Text, QPalette.ColorRole.WindowText, QPalette.ColorRole.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, role, QColor(DIM))
    app.setPalette(palette)
    app.setFont(font(size))
    app.setStyleSheet(_SHEET)


def speak(app: QApplication) -> None:
    """Let Qt's own dialogs and menus (choosing a file, undo, copy) speak Chinese as all the rest does."""
    from PySide6.QtCore import QLibraryInfo, QTranslator

    if app.findChild(QTranslator, "chinese") is None:
        words = QTranslator(app, objectName="chinese")
        if words.load("qtbase_zh_CN", QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)):
            app.installTranslator(words)


def font(size: int = 0) -> QFont:
    """The system's font with Chinese fallbacks; ``size`` in points, 0 for the system's."""
    chosen = QApplication.font("QMenu") if QApplication.instance() else QFont()
    chosen = QFont(chosen)
    chosen.setFamilies([*chosen.families(), *(f for f in FAMILIES if f not in chosen.families())])
    chosen.setPointSizeF(max(8.0, size or _base()))
    return chosen


_size: list[float] = []


def _base() -> float:
    """The system's size in points, as it was before we changed it."""
    if not _size:
        size = QApplication.font().pointSizeF()
        _size.append(size if size > 0 else 10.0)
    return _size[0]


def color(level: str) -> QColor:
    """The text colour of a level."""
    return QColor(f"#{_COLORS[level][1]}")


def ground(level: str) -> QColor:
    """The fill of a level."""
    return QColor(f"#{_COLORS[level][0]}")


def icon() -> QIcon:
    """The program's own icon (``build_scripts/make_icon.py`` makes it)."""
    from PySide6.QtGui import QIcon

    from app import paths

    made = QIcon()
    for picture in sorted((paths.resources() / "icons").glob("icon-*.png")):
        made.addFile(str(picture))
    return made
