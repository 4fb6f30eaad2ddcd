"""The small round sign of a level: colour is never the only thing that tells."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFont, QPainter, QPen

from app.ui import theme
from app.ui.views import LEVELS

SIZE = 18.0  # of a sign, in pixels of the screen


def loudness(level: str) -> int:
    """0 for the loudest level."""
    return LEVELS.index(level) if level in LEVELS else len(LEVELS)


def paint_sign(painter: QPainter, centre: QPointF, level: str, size: float = SIZE) -> None:
    """Draw the sign of a level around ``centre``."""
    area = QRectF(centre.x() - size / 2, centre.y() - size / 2, size, size)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(theme.color(level), 1.2))
    painter.setBrush(theme.ground(level))
    painter.drawEllipse(area)
    font = QFont(painter.font())
    font.setBold(True)
    font.setPixelSize(round(size * 0.6))
    painter.setFont(font)
    painter.drawText(area, Qt.AlignmentFlag.AlignCenter, theme.SIGNS[level])
    painter.restore()
