"""One PDF page as pdfium sees it: runs of characters, ruling lines, how much of it is pictures.

Coordinates are points from the top left corner of the page *as it is read*: a page that is turned
(``/Rotate``, or text drawn at a right angle) is turned back first; ``Frame.box`` gives the box on
the page as it is shown.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from app.reading.pdf_chars import Run, TooDense, pdfium_functions, read_runs, turn_of
from app.reading.pdf_shading import Shade

MAX_OBJECTS = 200_000
_THIN = 4.0  # a filled or stroked shape thinner than this is a ruling line
_SHORT = 2.0  # what is smaller than this both ways is a corner or a dot
_PATH, _IMAGE, _FORM = 2, 3, 5


class Edge(NamedTuple):
    """A ruling line: ``at`` is its y (or x), ``start``/``end`` its extent along the other axis."""

    at: float
    start: float
    end: float


@dataclass(slots=True)
class Frame:
    """Page size as shown, and how the page was turned for reading."""

    left: float
    bottom: float
    right: float
    top: float
    rotation: int = 0  # /Rotate, clockwise: how the page is shown
    turn: int = 0  # clockwise: how it is read

    def point(self, x: float, y: float, turn: int) -> tuple[float, float]:
        """A point of PDF user space on the page turned by ``turn`` degrees, from its top left."""
        if turn == 0:
            return x - self.left, self.top - y
        if turn == 90:
            return y - self.bottom, x - self.left
        if turn == 180:
            return self.right - x, y - self.bottom
        return self.top - y, self.right - x

    def _back(self, x: float, y: float) -> tuple[float, float]:
        if self.turn == 0:
            return x + self.left, self.top - y
        if self.turn == 90:
            return y + self.left, x + self.bottom
        if self.turn == 180:
            return self.right - x, y + self.bottom
        return self.right - y, self.top - x

    def box(self, x0: float, top: float, x1: float, bottom: float) -> tuple[float, float, float, float]:
        """A box of the page as read on the page as shown, rounded to a tenth of a point."""
        if self.turn != self.rotation:
            a, b = self.point(*self._back(x0, top), self.rotation)
            c, d = self.point(*self._back(x1, bottom), self.rotation)
            x0, x1, top, bottom = min(a, c), max(a, c), min(b, d), max(b, d)
        return round(x0, 1), round(top, 1), round(x1, 1), round(bottom, 1)

    @property
    def height(self) -> float:
        """Height of the page as read."""
        return self.right - self.left if self.turn in (90, 270) else self.top - self.bottom

    @property
    def width(self) -> float:
        """Width of the page as read."""
        return self.top - self.bottom if self.turn in (90, 270) else self.right - self.left


@dataclass(slots=True)
class PageContent:
    """What stands on one page. ``pictures`` are boxes as read; ``unmapped`` counts characters without a code."""

    number: int
    frame: Frame
    runs: list[Run] = field(default_factory=list)
    horizontal: list[Edge] = field(default_factory=list)
    vertical: list[Edge] = field(default_factory=list)
    shades: list[Shade] = field(default_factory=list)  # filled shapes without a border
    pictures: list[tuple[float, float, float, float]] = field(default_factory=list)
    chars: int = 0
    unmapped: int = 0
    paths: int = 0


def read_page(document: Any, index: int) -> PageContent:
    """Characters, ruling lines and pictures of page ``index`` (from 0) of an open ``PdfDocument``.

    Raises ``PdfiumError`` when pdfium cannot load the page, ``TooDense`` beyond the caps.
    """
    page = document[index]
    try:
        left, bottom, right, top = page.get_cropbox()
        content = PageContent(index + 1, Frame(left, bottom, right, top, page.get_rotation() % 360))
        text = page.get_textpage()
        try:
            frame = content.frame
            frame.turn = turn_of(text.raw, frame.rotation)
            if frame.turn:
                content.runs, content.unmapped = read_runs(text.raw, lambda x, y: frame.point(x, y, frame.turn))
            else:
                content.runs, content.unmapped = read_runs(text.raw, (left, top))
            content.chars = sum(len(run.glyphs) for run in content.runs)
        finally:
            text.close()
        _read_shapes(page.raw, content)
        return content
    finally:
        page.close()


def _read_shapes(page: Any, content: PageContent) -> None:
    """Ruling lines from thin shapes, rectangles and polylines; boxes of pictures."""
    pdfium = pdfium_functions()
    floats = [ctypes.c_float() for _ in range(4)]
    refs = [ctypes.byref(f) for f in floats]
    left, bottom, right, top = floats
    frame, turn = content.frame, content.frame.turn
    get_bounds = pdfium.FPDFPageObj_GetBounds
    for shape, kind, matrix in _objects(page):
        if not get_bounds(shape, *refs):
            continue
        x0, y0, x1, y1 = left.value, bottom.value, right.value, top.value
        if matrix is not None:
            x0, y0, x1, y1 = _moved(matrix, x0, y0, x1, y1)
        ax, ay = frame.point(x0, y0, turn)
        bx, by = frame.point(x1, y1, turn)
        if ax > bx:
            ax, bx = bx, ax
        if ay > by:
            ay, by = by, ay
        if kind == _IMAGE:
            content.pictures.append((ax, ay, bx, by))
            continue
        content.paths += 1
        if by - ay < _THIN:
            if bx - ax > _SHORT and (bx - ax >= by - ay):
                content.horizontal.append(Edge((ay + by) / 2, ax, bx))
            elif by - ay > _SHORT:
                content.vertical.append(Edge((ax + bx) / 2, ay, by))
        elif bx - ax < _THIN:
            content.vertical.append(Edge((ax + bx) / 2, ay, by))
        else:
            _outline(shape, matrix, (ax, ay, bx, by), content)


class _Sides(NamedTuple):
    horizontal: list[Edge]
    vertical: list[Edge]


def _objects(container: Any, form: bool = False, matrix: Any = None, depth: int = 0) -> Iterator[tuple[Any, int, Any]]:
    """Paths and pictures of a page, those inside form objects with the matrix that places them."""
    pdfium = pdfium_functions()
    count = pdfium.FPDFFormObj_CountObjects(container) if form else pdfium.FPDFPage_CountObjects(container)
    if count > MAX_OBJECTS:
        raise TooDense
    get = pdfium.FPDFFormObj_GetObject if form else pdfium.FPDFPage_GetObject
    get_type = pdfium.FPDFPageObj_GetType
    for index in range(count):
        shape = get(container, index)
        kind = get_type(shape)
        if kind in (_PATH, _IMAGE):
            yield shape, kind, matrix
        elif kind == _FORM and depth < 6:
            inner = _matrix(shape)
            yield from _objects(shape, True, inner if matrix is None else _times(inner, matrix), depth + 1)


Matrix = tuple[float, float, float, float, float, float]


def _matrix(shape: Any) -> Matrix:
    pdfium = pdfium_functions()
    found = pdfium.FS_MATRIX()
    pdfium.FPDFPageObj_GetMatrix(shape, ctypes.byref(found))
    return found.a, found.b, found.c, found.d, found.e, found.f


def _times(first: Matrix, then: Matrix) -> Matrix:
    a, b, c, d, e, f = first
    k, m, n, o, p, q = then
    return a * k + b * n, a * m + b * o, c * k + d * n, c * m + d * o, e * k + f * n + p, e * m + f * o + q


def _at(matrix: Matrix, x: float, y: float) -> tuple[float, float]:
    a, b, c, d, e, f = matrix
    return a * x + c * y + e, b * x + d * y + f


def _moved(matrix: Matrix, x0: float, y0: float, x1: float, y1: float) -> tuple[float, float, float, float]:
    corners = [_at(matrix, x, y) for x in (x0, x1) for y in (y0, y1)]
    xs, ys = [x for x, _ in corners], [y for _, y in corners]
    return min(xs), min(ys), max(xs), max(ys)


def _outline(shape: Any, matrix: Any, box: tuple[float, float, float, float], content: PageContent) -> None:
    """The straight sides of a larger path: a rectangle's four, or each level and upright segment."""
    pdfium = pdfium_functions()
    count = pdfium.FPDFPath_CountSegments(shape)
    fill, stroke = ctypes.c_int(), ctypes.c_int()
    pdfium.FPDFPath_GetDrawMode(shape, ctypes.byref(fill), ctypes.byref(stroke))
    if not (fill.value or stroke.value) or count > 5_000 or (not stroke.value and _is_white(shape)):
        return  # a clip, a drawing, or the white paper of the page: no lines to see
    sides = _Sides([], [])
    if stroke.value:
        sides = _Sides(content.horizontal, content.vertical)
    else:
        content.shades.append(Shade(box, *sides))
    own = _matrix(shape) if matrix is None else _times(_matrix(shape), matrix)
    x, y = ctypes.c_float(), ctypes.c_float()
    last: tuple[float, float] | None = None
    start: tuple[float, float] | None = None
    for index in range(count):
        segment = pdfium.FPDFPath_GetPathSegment(shape, index)
        pdfium.FPDFPathSegment_GetPoint(segment, ctypes.byref(x), ctypes.byref(y))
        here = content.frame.point(*_at(own, x.value, y.value), content.frame.turn)
        kind = pdfium.FPDFPathSegment_GetType(segment)
        if kind == pdfium.FPDF_SEGMENT_MOVETO:
            start = here
        elif kind == pdfium.FPDF_SEGMENT_LINETO and last is not None:
            _add_side(last, here, sides)
        if start is not None and pdfium.FPDFPathSegment_GetClose(segment):
            _add_side(here, start, sides)
        last = here


def _add_side(a: tuple[float, float], b: tuple[float, float], sides: _Sides) -> None:
    if abs(a[1] - b[1]) < 0.5 and abs(a[0] - b[0]) > _SHORT:
        sides.horizontal.append(Edge((a[1] + b[1]) / 2, min(a[0], b[0]), max(a[0], b[0])))
    elif abs(a[0] - b[0]) < 0.5 and abs(a[1] - b[1]) > _SHORT:
        sides.vertical.append(Edge((a[0] + b[0]) / 2, min(a[1], b[1]), max(a[1], b[1])))


def _is_white(shape: Any) -> bool:
    pdfium = pdfium_functions()
    channels = [ctypes.c_uint() for _ in range(4)]
    if not pdfium.FPDFPageObj_GetFillColor(shape, *(ctypes.byref(c) for c in channels)):
        return False
    red, green, blue, alpha = (c.value for c in channels)
    return alpha == 0 or min(red, green, blue) >= 250
