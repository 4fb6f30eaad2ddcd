"""The names of the sheets below them, as in Excel; a dot and a number where something was found."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap
from PySide6.QtWidgets import QTabBar, QWidget

from app.opened import SheetShape
from app.ui.colours import DOTS, WORDS
from app.ui.views import LEVELS, ViewMark

_DOT = 10
_WIDEST = 150  # pixels of a name at most


class SheetTabs(QTabBar):
    """One tab for each sheet, hidden ones out of sight."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setShape(QTabBar.Shape.RoundedSouth)
        self.setUsesScrollButtons(True)
        self.setExpanding(False)
        self.setDrawBase(False)
        self.setAccessibleName("工作表标签")

    def fill(self, shapes: Sequence[SheetShape]) -> None:
        """Tabs for these sheets; where all are hidden all are there."""
        while self.count():
            self.removeTab(0)
        every = all(shape.hidden for shape in shapes)
        for number, shape in enumerate(shapes):
            self.addTab(shape.name)
            self.setTabVisible(number, every or not shape.hidden)

    def label(self, number: int, shape: SheetShape, marks: Sequence[ViewMark]) -> None:
        """The name, shortened; marks give a dot of the loudest and the number of errors and reminders."""
        short = self.fontMetrics().elidedText(shape.name, Qt.TextElideMode.ElideMiddle, _WIDEST)
        hidden = "（隐藏）" if shape.hidden else ""
        count = sum(mark.level in ("error", "warning") for mark in marks)
        self.setTabText(number, short.replace("&", "&&") + hidden + (f" {count}" if count else ""))
        level = min((mark.level for mark in marks), key=LEVELS.index, default="")
        self.setTabIcon(number, _dot(DOTS[level]) if level else QIcon())
        counts = [(WORDS[each], sum(mark.level == each for mark in marks)) for each in LEVELS]
        said = "，".join(f"{word} {many}" for word, many in counts if many)
        self.setTabToolTip(number, shape.name + hidden + (f"：{said}" if said else ""))
        self.setAccessibleTabName(number, shape.name + hidden + (f"，{said}" if said else ""))

    def move_on(self, step: int) -> None:
        """The next sheet in sight to the right (1) or left (-1)."""
        number = self.currentIndex() + step
        while 0 <= number < self.count() and not self.isTabVisible(number):
            number += step
        if 0 <= number < self.count():
            self.setCurrentIndex(number)


def _dot(colour: QColor) -> QIcon:
    """A round dot for a tab."""
    picture = QPixmap(2 * _DOT, 2 * _DOT)
    picture.setDevicePixelRatio(2)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    painter.drawEllipse(1, 1, _DOT - 2, _DOT - 2)
    painter.end()
    return QIcon(picture)
