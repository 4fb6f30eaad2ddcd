"""Pictures of PDF pages, drawn by pdfium in a worker process.

pdfium may crash on a damaged file and is not thread-safe; here a crash takes one worker with it
(``app.jobs``), never the window.
"""

from __future__ import annotations

import ctypes
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

MAX_BYTES = 500 << 20  # of a file; the readers refuse far smaller ones
A4 = (595.3, 841.9)
_MOST = 200  # occurrences looked at
_FAR = 30.0  # points from its box at which an occurrence is another one
_BAND = 4 << 20  # bytes of pixels a piece: a few milliseconds for the window to take in


Box = tuple[float, float, float, float]  # x0, top, x1, bottom in points from the top left of the page as shown


@dataclass(frozen=True, slots=True)
class PageRequest:
    """Draw ``page`` (from 1) ``width`` × ``height`` pixels large."""

    path: Path
    page: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class SizesRequest:
    """How large all pages are, as shown, in points."""

    path: Path


@dataclass(frozen=True, slots=True)
class BoxesRequest:
    """Where ``passages`` stand on ``page`` (from 1), each a text and the box that it begins in or near.

    A finding's own box is the line that its passage begins in; the passage may be a part of that
    line, or run over several.
    """

    path: Path
    page: int
    passages: tuple[tuple[str, Box | None], ...]


@dataclass(frozen=True, slots=True)
class PageImage:
    """Rows ``top`` … of the picture of a page; ``pixels`` are four bytes each (B, G, R, unused), no padding.

    A picture comes in bands from top to bottom: a single large message would block the window.
    """

    page: int
    width: int
    height: int
    top: int
    pixels: bytes


def render(request: PageRequest | SizesRequest | BoxesRequest, step: Callable[[Any], None]) -> Any:
    """What a worker of the page view does.

    ``SizesRequest`` gives [(width, height)] of all pages, ``BoxesRequest`` the boxes of each passage
    (none where it is not found), ``PageRequest`` the last ``PageImage`` of the page; those before it
    go to ``step``. Raises ``OSError`` or ``PdfiumError`` when the file or the page cannot be opened.
    """
    document = _open(request.path)
    if isinstance(request, SizesRequest):
        return [_size(document, index) for index in range(len(document))]
    if isinstance(request, BoxesRequest):
        return _boxes(document, request)
    *bands, last = _bands(request, _pixels(document, request))
    for band in bands:
        step(band)
    return last


def _size(document: Any, index: int) -> tuple[float, float]:
    """Width and height of a page; A4 for one that is damaged, so that those after it keep their numbers."""
    import pypdfium2  # type: ignore[import-untyped]

    try:
        width, height = document.get_page_size(index)
    except pypdfium2.PdfiumError:
        return A4
    return (width, height) if width >= 1 and height >= 1 else A4


def _bands(request: PageRequest, pixels: memoryview) -> list[PageImage]:
    row = request.width * 4
    rows = max(1, _BAND // row)
    return [
        PageImage(request.page, request.width, request.height, top, bytes(pixels[top * row : (top + rows) * row]))
        for top in range(0, request.height, rows)
    ]


def _pixels(document: Any, request: PageRequest) -> memoryview:
    """The page on white. The raw call fits it to the very pixel; ``PdfPage.render`` rounds up."""
    import pypdfium2
    import pypdfium2.raw as pdfium  # type: ignore[import-untyped]

    page = document[request.page - 1]
    try:
        bitmap = pypdfium2.PdfBitmap.new_native(
            request.width, request.height, pdfium.FPDFBitmap_BGRx, stride=request.width * 4
        )
        bitmap.fill_rect((255, 255, 255, 255), 0, 0, request.width, request.height)
        pdfium.FPDF_RenderPageBitmap(bitmap, page, 0, 0, request.width, request.height, 0, pdfium.FPDF_ANNOT)
        return memoryview(bitmap.buffer).cast("B")
    finally:
        page.close()


class _Kept:
    """The document last asked for: opening one anew for each page would cost more than drawing it."""

    key: tuple[Path, int, int] | None = None
    document: Any = None


def _open(path: Path) -> Any:
    """The open document; opened anew when the file has changed. The file itself is not kept open:
    that would keep her from saving it on Windows."""
    import pypdfium2

    stat = path.stat()
    key = (path, stat.st_mtime_ns, stat.st_size)
    if _Kept.key == key:
        return _Kept.document
    if _Kept.document is not None:
        _Kept.key = None
        _Kept.document.close()
        _Kept.document = None
    if stat.st_size > MAX_BYTES:
        raise OSError(f"{stat.st_size} bytes")
    _Kept.document = pypdfium2.PdfDocument(path.read_bytes())
    _Kept.key = key
    return _Kept.document


def _boxes(document: Any, request: BoxesRequest) -> list[list[Box]]:
    page = document[request.page - 1]
    try:
        text = page.get_textpage()
        try:
            letters, indexes = _letters(text)
            return [_passage(page, text, letters, indexes, *passage) for passage in request.passages]
        finally:
            text.close()
    finally:
        page.close()


def _letters(text: Any) -> tuple[str, list[int]]:
    """The characters of a page without white space, and the index of each in pdfium."""
    import pypdfium2.raw as pdfium

    found: list[str] = []
    indexes: list[int] = []
    for index in range(pdfium.FPDFText_CountChars(text)):
        code = pdfium.FPDFText_GetUnicode(text, index)
        letter = chr(code) if code < 0x110000 else ""
        if letter and code > 32 and not letter.isspace():
            found.append(_plain(letter))
            indexes.append(index)
    return "".join(found), indexes


def _plain(letter: str) -> str:
    """The usual form of a character (full width, radicals), where that is one character too."""
    usual = unicodedata.normalize("NFKC", letter)
    return usual if len(usual) == 1 else letter


def _passage(page: Any, text: Any, letters: str, indexes: list[int], passage: str, near: Box | None) -> list[Box]:
    """The boxes, one a line, of the occurrence of ``passage`` that begins nearest to ``near``;
    ``near`` itself where nothing else stands in it (the cell of a table)."""
    wanted = _squeezed(passage)
    if wanted and near is not None and _squeezed(_inside(page, text, near)) == wanted:
        return [near]
    places: list[list[Box]] = []
    start = letters.find(wanted) if wanted else -1
    while start >= 0 and len(places) < _MOST:
        last = start + len(wanted) - 1
        if boxes := _lines(page, text, indexes[start], indexes[last] - indexes[start] + 1):
            places.append(boxes)
        start = letters.find(wanted, start + 1)
    if near is None:
        return places[0] if len(places) == 1 else []
    nearest = min(places, key=lambda boxes: _distance(boxes[0], near), default=[])
    return nearest if nearest and _distance(nearest[0], near) < _FAR else []


def _squeezed(text: str) -> str:
    return "".join(_plain(letter) for letter in text if ord(letter) > 32 and not letter.isspace())


def _inside(page: Any, text: Any, box: Box) -> str:
    """The text in a box."""
    import pypdfium2.raw as pdfium

    width, height = (round(side * 10) for side in page.get_size())
    x, y = ctypes.c_double(), ctypes.c_double()
    corners = []
    for across, down in ((box[0] + 1, box[1] + 1), (box[2] - 1, box[3] - 1)):  # not the neighbours'
        pdfium.FPDF_DeviceToPage(
            page, 0, 0, width, height, 0, round(across * 10), round(down * 10), ctypes.byref(x), ctypes.byref(y)
        )
        corners.append((x.value, y.value))
    (a, b), (c, d) = corners
    return str(text.get_text_bounded(min(a, c), min(b, d), max(a, c), max(b, d)))


def _distance(box: Box, near: Box) -> float:
    """How far the begin of ``box`` is from ``near``; 0 inside."""
    x, y = box[0], (box[1] + box[3]) / 2
    return max(near[0] - x, x - near[2], 0.0) + max(near[1] - y, y - near[3], 0.0)


def _lines(page: Any, text: Any, index: int, count: int) -> list[Box]:
    """Boxes of characters as pdfium joins them, those of one line made one."""
    import pypdfium2.raw as pdfium

    width, height = page.get_size()
    edges = [ctypes.c_double() for _ in range(4)]
    x, y = ctypes.c_int(), ctypes.c_int()
    lines: list[Box] = []
    for number in range(pdfium.FPDFText_CountRects(text, index, count)):
        if not pdfium.FPDFText_GetRect(text, number, *(ctypes.byref(edge) for edge in edges)):
            continue
        left, top, right, bottom = (edge.value for edge in edges)
        corners = []
        for across, up in ((left, top), (right, bottom)):  # a tenth of a point; also for a turned page
            pdfium.FPDF_PageToDevice(
                page, 0, 0, round(width * 10), round(height * 10), 0, across, up, ctypes.byref(x), ctypes.byref(y)
            )
            corners.append((x.value / 10, y.value / 10))
        (a, b), (c, d) = corners
        box = (min(a, c), min(b, d), max(a, c), max(b, d))
        if lines and _one_line(lines[-1], box):
            before = lines.pop()
            box = (min(before[0], box[0]), min(before[1], box[1]), max(before[2], box[2]), max(before[3], box[3]))
        lines.append(box)
    return lines


def _one_line(a: Box, b: Box) -> bool:
    return min(a[3], b[3]) - max(a[1], b[1]) > 0.5 * min(a[3] - a[1], b[3] - b[1])
