"""The marks on the pages of a PDF: which stand where, and how they are painted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from app.source import Place
from app.ui import theme
from app.ui.page_layout import Box, PageLayout
from app.ui.signs import SIZE, loudness, paint_sign
from app.ui.views import ViewMark

_REACH = 3.0  # pixels around a box that count as the box under the mouse
_BAR = 5.0  # pixels, the bar along a page that is marked as a whole

Asked = tuple[str, Box | None]


@dataclass(slots=True)
class PageMarks:
    """The marks by page, quiet ones first, so that loud ones are painted over them."""

    by_page: dict[int, list[ViewMark]] = field(default_factory=dict)
    chosen: ViewMark | None = None
    _found: dict[tuple[int, Asked], list[Box]] = field(default_factory=dict)
    _asked: set[tuple[int, Asked]] = field(default_factory=set)

    def put(self, marks: Iterable[ViewMark]) -> None:
        """These marks instead of those before."""
        self.by_page = {}
        for mark in sorted(marks, key=lambda mark: -loudness(mark.level)):
            if mark.place.page is not None:
                self.by_page.setdefault(mark.place.page, []).append(mark)
        if self.chosen is not None:
            self.chosen = self.at_place(self.chosen.place, self.chosen.quote)

    def forget_boxes(self) -> None:
        """The file has changed."""
        self._found.clear()
        self._asked.clear()

    def to_ask(self, page: int) -> list[Asked]:
        """The passages of a page whose boxes nobody has asked for yet."""
        marks = [*self.by_page.get(page, ()), *([self.chosen] if self.chosen else [])]
        passages = [(m.quote, m.place.box) for m in marks if m.quote and m.place.page == page]
        due = [passage for passage in dict.fromkeys(passages) if (page, passage) not in self._asked]
        self._asked.update((page, passage) for passage in due)
        return due

    def learn(self, page: int, found: Sequence[tuple[Asked, list[Box]]]) -> None:
        """Where passages stand."""
        for passage, boxes in found:
            self._found[page, passage] = boxes

    def at_place(self, place: Place, quote: str = "") -> ViewMark | None:
        """The mark of a place: that of the quote, else the loudest."""
        marks = [m for m in self.by_page.get(place.page or 0, ()) if m.place == place]
        return next((m for m in marks if m.quote == quote), marks[-1] if marks else None)

    def boxes(self, mark: ViewMark) -> list[Box]:
        """The boxes of a mark in points, none for a page marked as a whole."""
        page, box = mark.place.page, mark.place.box
        if page is None:
            return []
        return self._found.get((page, (mark.quote, box))) or ([box] if box else [])

    def under(self, layout: PageLayout, page: int, point: QPointF) -> list[ViewMark]:
        """The marks at a point of the ground, the loudest first; of equals the smallest."""
        if not 1 <= page <= len(layout.sizes):
            return []
        hit = []
        for number, mark in enumerate(self.by_page.get(page, ())):
            areas = list(self._reach(layout, page, mark))
            if any(area.contains(point) for area in areas):
                smallest = min(area.width() * area.height() for area in areas)
                hit.append((loudness(mark.level), smallest, number, mark))
        return [mark for *_, mark in sorted(hit, key=lambda each: each[:3])]

    def _reach(self, layout: PageLayout, page: int, mark: ViewMark) -> Iterator[QRectF]:
        boxes = list(layout.boxes(page, self.boxes(mark)))
        for box in boxes:
            yield box.adjusted(-_REACH, -_REACH, _REACH, _REACH)
        if not boxes:
            yield _bar(layout, page).adjusted(-_REACH, 0, _REACH, 0)
        centre = self.sign(layout, page, mark)
        yield QRectF(centre.x() - SIZE / 2, centre.y() - SIZE / 2, SIZE, SIZE)

    def sign(self, layout: PageLayout, page: int, mark: ViewMark) -> QPointF:
        """Where the sign of a mark stands: on the ground left of the page."""
        rect = layout.rect(page)
        box = next(layout.boxes(page, self.boxes(mark)), None)
        y = box.center().y() if box is not None else rect.top() + SIZE
        return QPointF(rect.left() - SIZE / 2 - 5, min(max(y, rect.top() + SIZE / 2), rect.bottom() - SIZE / 2))

    def paint(self, painter: QPainter, layout: PageLayout, page: int) -> None:
        """The marks of a page; a colour only darkens, so the text stays black."""
        marks = self.by_page.get(page, [])
        tints: dict[Box, str] = {}  # several marks of one passage tint it once
        for mark in marks:
            boxes = self.boxes(mark)
            for box in boxes:
                tints.pop(box, None)
                tints[box] = mark.level
            if not boxes:
                painter.fillRect(_bar(layout, page), theme.color(mark.level))
        for area, level in zip(layout.boxes(page, list(tints)), tints.values(), strict=True):
            _tint(painter, area, level)
        used: list[float] = []
        for mark in reversed(marks):
            centre = self.sign(layout, page, mark)
            if all(abs(centre.y() - y) > SIZE * 0.75 for y in used):
                used.append(centre.y())
                paint_sign(painter, centre, mark.level)
        chosen = self.chosen
        if chosen is not None and chosen.place.page == page:
            painter.setPen(QPen(QColor(theme.ACCENT), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            for area in layout.boxes(page, self.boxes(chosen)):
                painter.drawRect(area.adjusted(-2, -2, 2, 2))


def _tint(painter: QPainter, box: QRectF, level: str) -> None:
    # Not multiply: where passages overlap a colour would get darker, and mean something else.
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Darken)
    painter.fillRect(box, theme.ground(level))
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceOver)
    painter.setPen(QPen(theme.color(level), 1))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRect(box)


def _bar(layout: PageLayout, page: int) -> QRectF:
    rect = layout.rect(page)
    return QRectF(rect.left(), rect.top(), _BAR, rect.height())
