"""Where the pages of a PDF lie on the ground of the page view, and where their marks are."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from PySide6.QtCore import QRect, QRectF

LEFT, RIGHT, TOP, GAP = 30, 20, 14, 34  # pixels: room for the signs, the edge, the page number below
FULL = 96 / 72  # pixels a point at 100 %
LEAST, MOST = 0.3, 4.0  # zoom
_WIDEST_FIT = 2.0  # a small page is not blown up to fill a large window
_NARROWEST_FIT = 0.1

Box = tuple[float, float, float, float]


@dataclass(slots=True)
class PageLayout:
    """Pages one below the other. ``zoom`` is 1.0 at 100 %; None fits each page to the width.

    Rectangles are in pixels of the ground, pages counted from 1, sizes and boxes in points.
    """

    sizes: list[tuple[float, float]] = field(default_factory=list)
    zoom: float | None = None
    width: int = 0  # of the ground
    height: int = 0
    _rects: list[QRect] = field(default_factory=list)
    _tops: list[int] = field(default_factory=list)

    def lay_out(self, viewport: int) -> None:
        """Place the pages on a ground at least ``viewport`` pixels wide."""
        sizes = [self._pixels(size, viewport) for size in self.sizes]
        self.width = max([viewport, *(width + LEFT + RIGHT for width, _ in sizes)])
        self._rects, self._tops = [], []
        top = TOP
        for width, height in sizes:
            left = LEFT + (self.width - LEFT - RIGHT - width) // 2
            self._rects.append(QRect(left, top, width, height))
            self._tops.append(top)
            top += height + GAP
        self.height = top if sizes else 0

    def _pixels(self, size: tuple[float, float], viewport: int) -> tuple[int, int]:
        scale = self._scale(size, viewport)
        return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))

    def _scale(self, size: tuple[float, float], viewport: int) -> float:
        if self.zoom is not None:
            return self.zoom * FULL
        fit = (viewport - LEFT - RIGHT) / size[0]
        return min(max(fit, _NARROWEST_FIT * FULL), _WIDEST_FIT * FULL)

    def shown_zoom(self, page: int) -> float:
        """The zoom at which a page is seen, 1.0 at 100 %."""
        return self.rect(page).width() / self.sizes[page - 1][0] / FULL

    def rect(self, page: int) -> QRect:
        return self._rects[page - 1]

    def page_at(self, y: float) -> int:
        """The page at, or above, a height of the ground; 1 above the first."""
        return max(1, bisect_right(self._tops, y))

    def between(self, top: float, bottom: float) -> range:
        """The pages seen between two heights."""
        if not self.sizes:
            return range(0)
        first = self.page_at(top)
        if self.rect(first).bottom() + GAP < top:
            first += 1
        return range(first, self.page_at(bottom) + 1)

    def boxes(self, page: int, boxes: Sequence[Box]) -> Iterator[QRectF]:
        """Boxes of a page on the ground."""
        rect = self.rect(page)
        width, height = self.sizes[page - 1]
        across, down = rect.width() / width, rect.height() / height
        for x0, top, x1, bottom in boxes:
            yield QRectF(
                rect.left() + x0 * across, rect.top() + top * down, (x1 - x0) * across, (bottom - top) * down
            ).normalized()
