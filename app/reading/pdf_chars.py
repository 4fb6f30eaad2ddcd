"""The characters of a PDF page, gathered into runs that stand on one baseline."""

from __future__ import annotations

import ctypes
import math
import unicodedata
from collections import Counter
from collections.abc import Callable
from typing import Any

MAX_CHARS = 60_000  # a dense A3 page holds 10,000
_RADICALS = "⻅⻆⻉⻋⻓⻔⻘⻙⻚⻛⻜⻝⻢⻣⻥⻦⻨⻩⻬⻰⺠⻄⻮"
_LOOKALIKES = {  # radicals that some fonts map whole characters to: they must compare equal with the character
    **{code: ord(unicodedata.normalize("NFKC", chr(code))) for code in range(0x2F00, 0x2FD6)},
    **dict(zip(map(ord, _RADICALS), map(ord, "见角贝车长门青韦页风飞食马骨鱼鸟麦黄齐龙民西齿"), strict=True)),
}

Glyph = tuple[str, float, float]  # a character and its extent: origin, origin + advance


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
        self.x0 = glyphs[0][1]
        self.x1 = glyphs[-1][2]
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


class TooDense(Exception):
    """The page holds more characters or drawing objects than any report does."""


def pdfium_functions() -> Any:
    """Pdfium's own functions, loaded when the first PDF is read."""
    import pypdfium2.raw  # type: ignore[import-untyped]

    return pypdfium2.raw


def turn_of(text: Any, rotation: int) -> int:
    """How far to turn the page so that most of a sample of its characters stand upright."""
    pdfium = pdfium_functions()

    count = pdfium.FPDFText_CountChars(text)
    if count > MAX_CHARS:
        raise TooDense
    angles: Counter[int] = Counter()
    for index in range(0, count, max(1, count // 24)):
        if pdfium.FPDFText_GetUnicode(text, index) > 32:
            angles[round(-math.degrees(pdfium.FPDFText_GetCharAngle(text, index)) / 90) % 4 * 90] += 1  # clockwise
    return angles.most_common(1)[0][0] if angles else rotation


Turn = Callable[[float, float], tuple[float, float]]


def read_runs(text: Any, frame: tuple[float, float] | Turn) -> tuple[list[Run], int]:
    """The runs of a pdfium text page in the order drawn, and how many characters have no code.

    ``frame`` is the left and top of the page in PDF user space, or what turns a point of user space
    into one of the page as read. The origin of a character decides its line, never its box.
    """
    pdfium = pdfium_functions()
    get_unicode, get_origin, get_box = (
        pdfium.FPDFText_GetUnicode,
        pdfium.FPDFText_GetCharOrigin,
        pdfium.FPDFText_GetLooseCharBox,
    )
    x, y, box = ctypes.c_double(), ctypes.c_double(), pdfium.FS_RECTF()
    x_ref, y_ref, box_ref = ctypes.byref(x), ctypes.byref(y), ctypes.byref(box)
    left, page_top = frame if isinstance(frame, tuple) else (0.0, 0.0)
    turned = None if isinstance(frame, tuple) else frame
    runs: list[Run] = []
    glyphs: list[Glyph] = []
    base = end = size = 0.0
    spaced = typed = False
    high = unmapped = 0
    for index in range(pdfium.FPDFText_CountChars(text)):
        code = get_unicode(text, index)
        if code <= 32 or code == 0xA0 or code == 0x3000:
            if code != 2:
                spaced = True
                typed = typed or not pdfium.FPDFText_IsGenerated(text, index)
                continue
            code = 45  # pdfium's mark for a hyphen at the end of a line
        elif 0x2E80 <= code < 0x2FD6 or code >= 0xD800:
            code, high, lost = _unusual(code, high)
            unmapped += lost
            if not code:
                continue
        get_origin(text, index, x_ref, y_ref)
        get_box(text, index, box_ref)
        if turned is None:
            x0, y0, x1 = x.value - left, page_top - y.value, box.right - left
        else:
            (x0, y0), x1 = turned(x.value, y.value), max(turned(box.left, box.top)[0], turned(box.right, box.bottom)[0])
        gap = x0 - end
        if not glyphs or gap > (0.12 if spaced else 0.3) * size or gap < -0.5 * size or not -0.6 < y0 - base < 0.6:
            glyphs = [(chr(code), x0, x1)]
            top, bottom = _height(text, index, box, y0, page_top, turned)
            runs.append(Run(y0, top, bottom, glyphs, pdfium.FPDFText_GetFontWeight(text, index) >= 600, typed))
            base, size = y0, bottom - top
        else:
            glyphs.append((chr(code), x0, x1))
        end = x1
        spaced = typed = False
    for run in runs:
        run.x1 = run.glyphs[-1][2]
    return runs, unmapped


def _height(text: Any, index: int, box: Any, base: float, page_top: float, turned: Any) -> tuple[float, float]:
    """Top and bottom of a character as read; fonts that state no height get their em above the baseline."""
    if turned is None:
        top, bottom = page_top - box.top, page_top - box.bottom
    else:
        top, bottom = sorted((turned(box.left, box.top)[1], turned(box.right, box.bottom)[1]))
    if 1.0 <= bottom - top < 200.0:
        return top, bottom
    size = min(max(pdfium_functions().FPDFText_GetFontSize(text, index), 4.0), 72.0)
    return base - 0.86 * size, base + 0.14 * size


def _unusual(code: int, high: int) -> tuple[int, int, bool]:
    """(code point or 0, pending high surrogate, no usable code) for radicals, surrogates and private codes."""
    if code < 0xD800:
        return _LOOKALIKES.get(code, code), 0, False
    if code < 0xDC00:
        return 0, code, False
    if code < 0xE000:
        return (0x10000 + ((high - 0xD800) << 10) + code - 0xDC00, 0, False) if high else (0xFFFD, 0, True)
    if code == 0xFFFE or code == 0xFEFF:
        return (45 if code == 0xFFFE else 0), 0, False
    return code, 0, code < 0xF900 or code == 0xFFFD
