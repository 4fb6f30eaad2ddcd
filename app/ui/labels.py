"""Labels that fit: titles that grow with her letters, names of any length that force no width."""

from __future__ import annotations

from html import escape

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QFont, QPainter, QPaintEvent
from PySide6.QtWidgets import QApplication, QLabel


def plain_tip(text: str) -> str:
    """A tool tip that shows ``text`` as it is, marks and all, and wraps it."""
    return f"<p style='white-space:pre-wrap'>{escape(text)}</p>" if text else ""


class Elided(QLabel):
    """One line of plain text, shortened in the middle where there is no room for it; the tool tip has it whole."""

    def __init__(self, text: str = "") -> None:
        super().__init__(textFormat=Qt.TextFormat.PlainText)
        self.setText(text)

    def setText(self, text: str) -> None:
        super().setText(text)
        self.setToolTip(plain_tip(text))

    def clear(self) -> None:
        self.setText("")

    def minimumSizeHint(self) -> QSize:
        return QSize(40, super().minimumSizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setPen(self.palette().color(self.foregroundRole()))
        area = self.contentsRect()
        flat = " ".join(self.text().split())
        shown = self.fontMetrics().elidedText(flat, Qt.TextElideMode.ElideMiddle, area.width())
        painter.drawText(area, self.alignment() | Qt.TextFlag.TextSingleLine, shown)


class Heading(Elided):
    """The title of a page: bold, ``scale`` times the size of the program's font, whatever that is."""

    def __init__(self, scale: float) -> None:
        super().__init__()
        self._scale = scale
        self._fit()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ApplicationFontChange:
            self._fit()
        return super().event(event)

    def _fit(self) -> None:
        font = QFont(QApplication.font())
        font.setBold(True)
        font.setPointSizeF(font.pointSizeF() * self._scale)
        self.setFont(font)
