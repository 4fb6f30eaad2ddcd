"""Labels Word writes before a paragraph by itself: 一、 （二） 3. 第四部分, from numbering.xml.

The label is not in the text of the paragraph, yet the reader sees it and headings are told by it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from lxml import etree

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_DIGITS = "〇一二三四五六七八九"
_LEGAL = "零壹贰叁肆伍陆柒捌玖"
_STEMS = "甲乙丙丁戊己庚辛壬癸"
_ROMAN = ((1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl"))
_ROMAN_LOW = ((10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"))
_CHINESE = (
    "chineseCounting",
    "chineseCountingThousand",
    "taiwaneseCounting",
    "taiwaneseCountingThousand",
    "japaneseCounting",
    "ideographDigital",
    "japaneseDigitalTenThousand",
    "taiwaneseDigital",
)


def label_number(number: int, kind: str) -> str:
    """``number`` in a Word number format: 12 as 十二, xii, l, ⑫ …; "" for bullets and ``none``."""
    if kind in ("bullet", "none") or number < 0:
        return ""
    if kind in _CHINESE:
        digital = "igital" in kind
        return "".join(_DIGITS[int(d)] for d in str(number)) if digital else _chinese(number)
    if kind in ("chineseLegalSimplified", "ideographLegalTraditional"):
        return _chinese(number).translate(str.maketrans("〇一二三四五六七八九十百千", _LEGAL + "拾佰仟"))
    if kind in ("ideographTraditional", "ideographZodiac"):
        return _STEMS[(number - 1) % 10] if number else "0"
    if kind in ("decimalEnclosedCircle", "decimalEnclosedCircleChinese") and 1 <= number <= 20:
        return chr(0x2460 + number - 1)
    if kind == "decimalFullWidth":
        return str(number).translate(str.maketrans("0123456789", "０１２３４５６７８９"))
    if kind == "decimalZero":
        return f"{number:02d}"
    if kind in ("lowerLetter", "upperLetter") and number:
        text = chr(97 + (number - 1) % 26) * ((number - 1) // 26 + 1)
        return text.upper() if kind == "upperLetter" else text
    if kind in ("lowerRoman", "upperRoman"):
        text = ""
        for value, letters in _ROMAN + _ROMAN_LOW:
            text += letters * (number // value)
            number %= value
        return text.upper() if kind == "upperRoman" else text
    return str(number)


def _chinese(number: int) -> str:
    """1–9999 in words as headings print them: 10 十, 21 二十一, 105 一百〇五."""
    if number == 0:
        return "〇"
    if number > 9999:
        return "".join(_DIGITS[int(d)] for d in str(number))
    text, gap = "", False
    for unit, word in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit, number = divmod(number, unit)
        if digit:
            text += ("〇" if gap and text else "") + _DIGITS[digit] + word
            gap = False
        else:
            gap = True
    return text.removeprefix("一") if text.startswith("一十") else text


@dataclass(slots=True)
class _Level:
    start: int = 1
    kind: str = "decimal"
    text: str = ""
    space: bool = False
    legal: bool = False


@dataclass(slots=True)
class _List:
    """One abstract list: its levels, and the style it takes them from, if any."""

    levels: dict[int, _Level] = field(default_factory=dict)
    link: str = ""
    style: str = ""
    counts: dict[int, int] = field(default_factory=dict)


class Numbering:
    """Counts the numbered paragraphs of a document in order; ``None`` roots number nothing."""

    def __init__(self, numbering: etree._Element | None, styles: etree._Element | None) -> None:
        self._lists: dict[str, _List] = {}
        self._numbers: dict[str, tuple[str, dict[int, int], dict[int, _Level]]] = {}
        self._begun: set[tuple[str, int]] = set()
        self._styles: dict[str, tuple[str, str | None, int | None]] = {}  # id -> based on, numId, level
        if numbering is not None:
            self._read(numbering)
        if styles is not None:
            for style in styles.iter(f"{W}style"):
                based = style.find(f"{W}basedOn")
                number, level = _numpr(style.find(f"{W}pPr"))
                key = style.get(f"{W}styleId", "")
                self._styles[key] = ("" if based is None else based.get(f"{W}val", ""), number, level)

    def _read(self, root: etree._Element) -> None:
        for element in root.iter(f"{W}abstractNum"):
            entry = _List()
            for level in element.iter(f"{W}lvl"):
                entry.levels[_int(level.get(f"{W}ilvl"), 0)] = _level(level)
            entry.link = _val(element, "numStyleLink")
            entry.style = _val(element, "styleLink")
            self._lists[element.get(f"{W}abstractNumId", "")] = entry
        for element in root.iter(f"{W}num"):
            starts: dict[int, int] = {}
            own: dict[int, _Level] = {}
            for override in element.iter(f"{W}lvlOverride"):
                at = _int(override.get(f"{W}ilvl"), 0)
                start = override.find(f"{W}startOverride")
                if start is not None:
                    starts[at] = _int(start.get(f"{W}val"), 1)
                changed = override.find(f"{W}lvl")
                if changed is not None:
                    own[at] = _level(changed)
            self._numbers[element.get(f"{W}numId", "")] = (_val(element, "abstractNumId"), starts, own)

    def label(self, properties: etree._Element | None) -> str:
        """The label of the next paragraph, given its ``w:pPr``; "" when it has none. Call once a paragraph."""
        number, depth = self._of(properties)
        found = self._numbers.get(number or "")
        if found is None:
            return ""
        abstract, starts, own = found
        entry = self._resolve(abstract)
        level = own.get(depth) or entry.levels.get(depth)
        if level is None:
            return ""
        if depth in starts and (number or "", depth) not in self._begun:
            entry.counts[depth] = starts[depth] - 1
        self._begun.add((number or "", depth))
        entry.counts[depth] = entry.counts.get(depth, level.start - 1) + 1
        for deeper in [d for d in entry.counts if d > depth]:
            del entry.counts[deeper]
        return self._written(level, entry, own)

    def _written(self, level: _Level, entry: _List, own: dict[int, _Level]) -> str:
        if level.kind == "bullet":
            return ""

        def one(match: re.Match[str]) -> str:
            at = int(match.group(1)) - 1
            other = own.get(at) or entry.levels.get(at) or _Level()
            return label_number(entry.counts.get(at, other.start), "decimal" if level.legal else other.kind)

        text = re.sub(r"%([1-9])", one, level.text)
        return text + (" " if level.space and text else "")

    def _of(self, properties: etree._Element | None) -> tuple[str | None, int]:
        """(numId, level) of a paragraph, its own or from its style; numId None or "0" numbers nothing."""
        number, level = _numpr(properties)
        style = _val(properties, "pStyle") if properties is not None else ""
        seen: set[str] = set()
        while number is None and style in self._styles and style not in seen:
            seen.add(style)
            style, number, inherited = self._styles[style]
            level = inherited if level is None else level
        return number, level or 0

    def _resolve(self, abstract: str) -> _List:
        entry = self._lists.get(abstract, _List())
        if entry.link and not entry.levels:
            return next((e for e in self._lists.values() if e.style == entry.link), entry)
        return entry


def _level(element: etree._Element) -> _Level:
    return _Level(
        _int(_val(element, "start"), 1),
        _val(element, "numFmt") or "decimal",
        _val(element, "lvlText"),
        _val(element, "suff") == "space",
        element.find(f"{W}isLgl") is not None,
    )


def _numpr(properties: etree._Element | None) -> tuple[str | None, int | None]:
    element = properties.find(f"{W}numPr") if properties is not None else None
    if element is None:
        return None, None
    level = _val(element, "ilvl")
    return _val(element, "numId") or None, _int(level, 0) if level else None


def _val(element: etree._Element, name: str) -> str:
    child = element.find(f"{W}{name}")
    return "" if child is None else child.get(f"{W}val", "")


def _int(text: str | None, default: int) -> int:
    try:
        return int(text or "")
    except ValueError:
        return default
