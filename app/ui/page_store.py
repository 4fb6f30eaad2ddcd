"""The pictures of PDF pages as they come from the worker: few at once, the last ones kept."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QImage

from app.jobs import Event, Limits, Pool
from app.page_images import BoxesRequest, PageImage, PageRequest, SizesRequest, render

KEPT_PAGES, KEPT_BYTES = 12, 150 << 20
_POLL = 15  # milliseconds, only while the worker is busy
_BUDGET = 0.008  # seconds a poll may hold the window
_LIMITS = Limits(memory=2 << 30, seconds=30.0)

Size = tuple[int, int]
Box = tuple[float, float, float, float]


def worker() -> Pool:
    """One worker: pdfium draws one page at a time."""
    return Pool(render, 1, _LIMITS)


@dataclass(slots=True)
class _Picture:
    image: QImage
    fresh: bool = True  # of the file as it is now


class PageStore(QObject):
    """Asks the worker for what the view wants, most wanted first, and keeps what was seen last.

    ``sizes_known(sizes)`` gives width and height of all pages in points (``[]``: the file cannot be
    opened), ``page_ready(page)`` says that a page was drawn, or cannot be; ``boxes_known(page, found)``
    where the passages asked for stand: pairs of passage (text, box) and boxes.
    """

    sizes_known = Signal(list)
    page_ready = Signal(int)
    boxes_known = Signal(int, list)

    def __init__(self, parent: QObject | None = None, pool: Pool | None = None) -> None:
        super().__init__(parent)
        self._pool = pool or worker()
        self._path: Path | None = None
        self._kept: OrderedDict[int, _Picture] = OrderedDict()
        self._failed: set[int] = set()
        self._wanted: list[tuple[int, Size]] = []
        self._passages: dict[int, tuple[tuple[str, Box | None], ...]] = {}
        self._sizes_due = False
        self._job: int | None = None
        self._coming: QImage | None = None
        self._timer = QTimer(self, interval=_POLL)
        self._timer.timeout.connect(self._poll)
        kept = self._pool  # PySide6 6.8 would keep its method without keeping it alive
        self.destroyed.connect(lambda: kept.close())

    def open(self, path: Path) -> None:
        """Show this file from now on; pictures of the same file as it was before stay until redrawn."""
        if path != self._path:
            self.close()
        for picture in self._kept.values():
            picture.fresh = False
        self._stop()
        self._failed.clear()
        self._path, self._sizes_due = path, True
        self._next()

    def close(self) -> None:
        """Forget everything; the worker stays for the next file."""
        self._stop()
        self._path = None
        self._kept.clear()
        self._failed.clear()
        self._wanted = []
        self._passages.clear()

    def want(self, pages: Sequence[tuple[int, Size]]) -> None:
        """These pages at these sizes in pixels, the most wanted first, instead of those before."""
        self._wanted = list(pages)
        self._next()

    def find(self, page: int, passages: Sequence[tuple[str, Box | None]]) -> None:
        """Ask where passages stand on a page, each near a box; answered before the page is drawn."""
        self._passages[page] = tuple(passages)
        self._next()

    def image(self, page: int) -> QImage | None:
        """The last picture of a page, perhaps of another size than is wanted now."""
        picture = self._kept.get(page)
        if picture is None:
            return None
        self._kept.move_to_end(page)
        return picture.image

    def failed(self, page: int) -> bool:
        return page in self._failed

    @property
    def idle(self) -> bool:
        return self._job is None

    def shut(self) -> None:
        """End the worker."""
        self.close()
        self._pool.close()

    def _stop(self) -> None:
        if self._job is not None:  # what is being drawn may take long, or hang
            self._pool.cancel(self._job)
        self._job = self._coming = None
        self._timer.stop()

    def _next(self) -> None:
        """One job at a time: what was wanted a moment ago may be far away by now."""
        if self._job is not None or self._path is None:
            return
        request = self._due(self._path)
        if request is None:
            self._timer.stop()
            return
        self._job = self._pool.submit(request)
        if not self._timer.isActive():
            self._timer.start()
        self._poll()

    def _due(self, path: Path) -> SizesRequest | PageRequest | BoxesRequest | None:
        if self._sizes_due:
            return SizesRequest(path)
        for page, size in self._wanted:
            if page in self._failed:
                continue
            if page in self._passages:
                return BoxesRequest(path, page, self._passages.pop(page))
            if not self._has(page, size):
                return PageRequest(path, page, *size)
        return None

    def _has(self, page: int, size: Size) -> bool:
        picture = self._kept.get(page)
        return picture is not None and picture.fresh and picture.image.size().toTuple() == size

    def _poll(self) -> None:
        until = time.monotonic() + _BUDGET
        for events in iter(self._pool.poll, []):
            for event in events:
                if event.job != self._job:
                    continue
                if event.kind == "piece":
                    self._take(event.result)
                elif event.kind == "done":
                    self._job = None
                    self._done(event)
            if time.monotonic() > until:
                break
        self._next()

    def _done(self, event: Event) -> None:
        request = event.request
        if isinstance(request, SizesRequest):
            self._sizes_due = False
            self.sizes_known.emit(event.result or [])
        elif isinstance(request, BoxesRequest):
            found = event.result or [[] for _ in request.passages]
            self.boxes_known.emit(request.page, list(zip(request.passages, found, strict=True)))
        elif event.error is not None:
            self._coming = None
            self._kept.pop(request.page, None)
            self._failed.add(request.page)
            self.page_ready.emit(request.page)
        else:
            self._take(event.result)
            assert self._coming is not None
            self._kept[request.page] = _Picture(self._coming)
            self._kept.move_to_end(request.page)
            self._coming = None
            self._forget()
            self.page_ready.emit(request.page)

    def _take(self, band: PageImage) -> None:
        if self._coming is None:
            self._coming = QImage(band.width, band.height, QImage.Format.Format_RGB32)
        start = band.top * band.width * 4
        self._coming.bits()[start : start + len(band.pixels)] = band.pixels

    def _forget(self) -> None:
        """Drop what was seen longest ago, never what is on the screen."""
        wanted = {page for page, _ in self._wanted}
        held = sum(picture.image.sizeInBytes() for picture in self._kept.values())
        for page in list(self._kept):
            if len(self._kept) <= KEPT_PAGES and held <= KEPT_BYTES:
                return
            if page not in wanted:
                held -= self._kept.pop(page).image.sizeInBytes()
