"""What page and text paint alike: the round sign of a level (colour alone never tells) and the flash."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPen

from app.ui import theme
from app.ui.views import LEVELS

FLASH = 1100  # milliseconds
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


def paint_flash(painter: QPainter, boxes: Iterable[QRectF], strength: float) -> None:
    """Frames that close in on ``boxes`` and fade as ``strength`` goes from 1 to 0."""
    fill, edge = QColor(theme.ACCENT), QColor(theme.ACCENT)
    fill.setAlphaF(0.22 * strength)
    edge.setAlphaF(strength)
    spread = 2 + 7 * strength
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(edge, 2.5))
    painter.setBrush(fill)
    for box in boxes:
        painter.drawRoundedRect(box.adjusted(-spread, -spread, spread, spread), 4, 4)
    painter.restore()
