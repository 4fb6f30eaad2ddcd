"""How a page of a PDF is painted: paper on a grey ground with a small shadow, its number below."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QImage, QPainter

from app.ui import theme
from app.ui.page_layout import GAP, TOP

GROUND = QColor("#DCE0E6")
_BLANK = QColor("#ECEEF1")
_SHADOW = ((3, 12), (2, 18), (1, 26))  # spread in pixels, strength of 255


def paint_paper(painter: QPainter, rect: QRect, number: str) -> None:
    """An empty page with its number."""
    for spread, strength in _SHADOW:
        painter.fillRect(rect.adjusted(-spread + 1, -spread + 2, spread, spread + 1), QColor(0, 0, 0, strength))
    painter.fillRect(rect, QColor(theme.PAPER))
    painter.setPen(QColor(theme.GREY))
    below = QRect(rect.left(), rect.bottom() + 4, rect.width(), GAP - TOP + 4)
    painter.drawText(below, Qt.AlignmentFlag.AlignCenter, number)


def paint_image(painter: QPainter, page: QRect, image: QImage, ratio: float) -> None:
    """To the very pixel when it was drawn for this size, else scaled until that one comes."""
    rect = QRectF(page)
    whole = image.size() == page.size() * ratio
    if whole and ratio != 1:  # at 125 % a page may begin between two pixels
        spot = painter.transform().map(rect.topLeft())
        rect.translate(round(spot.x() * ratio) / ratio - spot.x(), round(spot.y() * ratio) / ratio - spot.y())
        rect.setSize(QSizeF(image.size()) / ratio)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, not whole)
    painter.drawImage(rect, image)


def paint_blank(painter: QPainter, page: QRect, sentence: str) -> None:
    """A page that cannot be shown."""
    painter.fillRect(page, _BLANK)
    say(painter, page, sentence)


def say(painter: QPainter, rect: QRect, sentence: str) -> None:
    """A sentence in the middle."""
    painter.setPen(QColor(theme.GREY))
    painter.drawText(rect, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, sentence)
