"""One PDF page as pdfium sees it: runs of characters, ruling lines, how much of it is pictures.

Coordinates are points from the top left corner of the page *as it is read*: a page that is turned
(``/Rotate``, or text drawn at a right angle) is turned back first; ``Frame.box`` gives the box on
the page as it is shown.
"""

from __future__ import annotations

import ctypes
import math
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

MAX_CHARS = 60_000  # a dense A3 page holds 10,000
MAX_OBJECTS = 200_000
_THIN = 4.0  # a filled or stroked shape thinner than this is a ruling line
_SHORT = 2.0  # what is smaller than this both ways is a corner or a dot
_PATH, _IMAGE, _FORM = 2, 3, 5
_LOOKALIKES = {
    **{code: unicodedata.normalize("NFKC", chr(code)) for code in range(0x2F00, 0x2FD6)},
    **dict(
        zip(
            map(ord, "⻅⻆⻉⻋⻓⻔⻘⻙⻚⻛⻜⻝⻢⻣⻥⻦⻨⻩⻬⻰⺠⻄⻮"),
            "见角贝车长门青韦页风飞食马骨鱼鸟麦黄齐龙民西齿",
            strict=True,
        )
    ),
}  # radicals that some fonts map whole characters to: they must compare equal with the character


class Glyph(NamedTuple):
    """A character and its horizontal extent (origin to origin + advance)."""

    char: str
    x0: float
    x1: float


class Run:
    """Glyphs that follow each other on one baseline ``y`` without a gap; ``size`` is their height.

    ``spaced`` is set when a space was typed before the run (not only a gap left by the layout).
    """

    __slots__ = ("bold", "bottom", "glyphs", "size", "spaced", "top", "x0", "x1", "y")

    def __init__(
        self, y: float, top: float, bottom: float, glyphs: list[Glyph], bold: bool = False, spaced: bool = False
    ) -> None:
        self.y = y
        self.top = top
        self.bottom = bottom
        self.size = (bottom - top) or 1.0
        self.glyphs = glyphs
        self.x0 = glyphs[0].x0
        self.x1 = glyphs[-1].x1
        self.bold = bold
        self.spaced = spaced

    def part(self, glyphs: list[Glyph]) -> Run:
        """The same baseline and height with some of the glyphs."""
        return Run(self.y, self.top, self.bottom, glyphs, self.bold)

    @property
    def text(self) -> str:
        return "".join([g[0] for g in self.glyphs])

    def __repr__(self) -> str:
        return f"Run({self.text!r}, y={self.y:.1f}, x={self.x0:.1f}-{self.x1:.1f})"


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
    pictures: list[tuple[float, float, float, float]] = field(default_factory=list)
    chars: int = 0
    unmapped: int = 0
    paths: int = 0


def _pdfium() -> Any:
    """Pdfium's own functions, loaded when the first PDF is read."""
    import pypdfium2.raw  # type: ignore[import-untyped]

    return pypdfium2.raw


class TooDense(Exception):
    """The page holds more characters or drawing objects than any report does."""


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
            content.frame.turn = _turn(text.raw, content.frame.rotation)
            _read_runs(text.raw, content)
        finally:
            text.close()
        _read_shapes(page.raw, content)
        return content
    finally:
        page.close()


def _turn(text: Any, rotation: int) -> int:
    """How far to turn the page so that most of a sample of its characters stand upright."""
    pdfium = _pdfium()

    count = pdfium.FPDFText_CountChars(text)
    if count > MAX_CHARS:
        raise TooDense
    angles: Counter[int] = Counter()
    for index in range(0, count, max(1, count // 24)):
        if pdfium.FPDFText_GetUnicode(text, index) > 32:
            angles[round(math.degrees(pdfium.FPDFText_GetCharAngle(text, index)) / 90) % 4 * 90] += 1
    return angles.most_common(1)[0][0] if angles else rotation


def _read_runs(text: Any, content: PageContent) -> None:
    """Gather the characters into runs, in the order in which they were drawn."""
    pdfium = _pdfium()

    get_unicode, get_origin, get_box = (
        pdfium.FPDFText_GetUnicode,
        pdfium.FPDFText_GetCharOrigin,
        pdfium.FPDFText_GetLooseCharBox,
    )
    x, y, box = ctypes.c_double(), ctypes.c_double(), pdfium.FS_RECTF()
    x_ref, y_ref, box_ref = ctypes.byref(x), ctypes.byref(y), ctypes.byref(box)
    frame = content.frame
    upright, left, page_top = frame.turn == 0, frame.left, frame.top
    glyphs: list[Glyph] = []
    base = top = bottom = end = size = 0.0
    spaced = typed = run_typed = False
    first = 0
    runs = content.runs
    high = 0

    def close() -> None:
        runs.append(Run(base, top, bottom, glyphs, pdfium.FPDFText_GetFontWeight(text, first) >= 600, run_typed))

    for index in range(pdfium.FPDFText_CountChars(text)):
        code = get_unicode(text, index)
        if code <= 32 or code in (0xA0, 0x3000, 0xAD):
            if code not in (0, 2):
                spaced = True
                typed = typed or not pdfium.FPDFText_IsGenerated(text, index)
                continue
            if code == 2:
                code = 45  # pdfium's mark for a hyphen at the end of a line
        if 0xD800 <= code < 0xE000:
            code, high = _surrogate(code, high)
            if not code:
                continue
        if code in (0, 0xFFFD, 0xFFFE) or 0xE000 <= code < 0xF900:
            content.unmapped += 1
            if not code:
                code = 0xFFFD
        if not get_origin(text, index, x_ref, y_ref) or not get_box(text, index, box_ref):
            continue
        if upright:
            x0, y0, x1, t, b = (
                x.value - left,
                page_top - y.value,
                box.right - left,
                page_top - box.top,
                page_top - box.bottom,
            )
        else:
            x0, y0 = frame.point(x.value, y.value, frame.turn)
            ax, ay = frame.point(box.left, box.top, frame.turn)
            bx, by = frame.point(box.right, box.bottom, frame.turn)
            x1, t, b = max(ax, bx), min(ay, by), max(ay, by)
        char = chr(code) if not 0x2E80 <= code < 0x2FD6 else _LOOKALIKES.get(code, chr(code))
        gap = x0 - end
        if glyphs and (abs(y0 - base) > 0.6 or gap > (0.12 if spaced else 0.3) * size or gap < -0.5 * size):
            close()
            glyphs = []
        if not glyphs:
            base, top, bottom, size, first = y0, t, b, b - t, index
            run_typed = typed
        glyphs.append(Glyph(char, x0, x1))
        content.chars += 1
        end, spaced, typed = x1, False, False
    if glyphs:
        close()


def _surrogate(code: int, high: int) -> tuple[int, int]:
    """(whole code point or 0, pending high surrogate) after one half of a pair."""
    if code < 0xDC00:
        return 0, code
    return (0x10000 + ((high - 0xD800) << 10) + code - 0xDC00 if high else 0xFFFD), 0


def _read_shapes(page: Any, content: PageContent) -> None:
    """Ruling lines from thin shapes, rectangles and polylines; boxes of pictures."""
    pdfium = _pdfium()

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


def _objects(container: Any, form: bool = False, matrix: Any = None, depth: int = 0) -> Iterator[tuple[Any, int, Any]]:
    """Paths and pictures of a page, those inside form objects with the matrix that places them."""
    pdfium = _pdfium()

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
    pdfium = _pdfium()

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
    pdfium = _pdfium()

    count = pdfium.FPDFPath_CountSegments(shape)
    fill, stroke = ctypes.c_int(), ctypes.c_int()
    pdfium.FPDFPath_GetDrawMode(shape, ctypes.byref(fill), ctypes.byref(stroke))
    if not (fill.value or stroke.value) or count > 5_000 or (not stroke.value and _is_white(shape)):
        return  # a clip, a drawing, or the white paper of the page: no lines to see
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
            _add_side(last, here, content)
        if start is not None and pdfium.FPDFPathSegment_GetClose(segment):
            _add_side(here, start, content)
        last = here


def _add_side(a: tuple[float, float], b: tuple[float, float], content: PageContent) -> None:
    if abs(a[1] - b[1]) < 0.5 and abs(a[0] - b[0]) > _SHORT:
        content.horizontal.append(Edge((a[1] + b[1]) / 2, min(a[0], b[0]), max(a[0], b[0])))
    elif abs(a[0] - b[0]) < 0.5 and abs(a[1] - b[1]) > _SHORT:
        content.vertical.append(Edge((a[0] + b[0]) / 2, min(a[1], b[1]), max(a[1], b[1])))


def _is_white(shape: Any) -> bool:
    pdfium = _pdfium()

    channels = [ctypes.c_uint() for _ in range(4)]
    if not pdfium.FPDFPageObj_GetFillColor(shape, *(ctypes.byref(c) for c in channels)):
        return False
    red, green, blue, alpha = (c.value for c in channels)
    return alpha == 0 or min(red, green, blue) >= 250
