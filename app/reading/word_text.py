"""The text of one Word paragraph as Word shows it: what runs print, what is deleted, what fields give."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from app.package.markup import local
from app.reading.word_numbering import W

__all__ = ["Fields", "children", "count", "hidden", "is_bold", "label_of", "local", "paragraph_text", "text_boxes"]

_MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_TEXT = {"t": None, "tab": "\t", "ptab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-", "softHyphen": ""}
_GONE = frozenset(("del", "moveFrom"))
_INNER = frozenset(
    (
        "r", "ins", "moveTo", "hyperlink", "smartTag", "customXml", "sdt", "sdtContent", "fldSimple", "dir", "bdo",
        "ruby", "rubyBase", "oMathPara", "oMath",
    )
)  # fmt: skip
# Check boxes and marks that Word draws with symbol fonts, by the low byte of the character.
_SYMBOLS = {
    0xA8: "□",
    0xA3: "□",
    0x6F: "□",
    0x71: "□",
    0xFE: "☑",
    0x52: "☑",
    0x53: "☒",
    0xFD: "☒",
    0xFC: "√",
    0xFB: "×",
}


class Fields:
    """Whether the text met belongs to the instruction of a field (dropped) or to its result."""

    def __init__(self) -> None:
        self._open: list[bool] = []  # one a field: True while its instruction runs

    def mark(self, kind: str) -> None:
        if kind == "begin":
            self._open.append(True)
        elif kind == "separate" and self._open:
            self._open[-1] = False
        elif kind == "end" and self._open:
            self._open.pop()

    @property
    def hidden(self) -> bool:
        return any(self._open)


def children(element: etree._Element) -> Iterator[etree._Element]:
    """The children of an element, the taken branch of ``mc:AlternateContent`` in its place."""
    for child in element:
        if child.tag == f"{_MC}AlternateContent":
            yield from _branch(child)
        else:
            yield child


def _branch(element: etree._Element) -> Iterator[etree._Element]:
    """The first ``Choice`` that holds text, else the ``Fallback``, else the first ``Choice``."""
    choices = element.findall(f"{_MC}Choice")
    fallback = element.find(f"{_MC}Fallback")
    taken = next((c for c in choices if next(c.iter(f"{W}t"), None) is not None), None)
    if taken is None:
        taken = fallback if fallback is not None else (choices[0] if choices else None)
    if taken is not None:
        yield from children(taken)


def text_boxes(paragraph: etree._Element) -> Iterator[etree._Element]:
    """The ``w:txbxContent`` that hang on a paragraph, not those inside one of them."""
    for child in children(paragraph):
        if local(child) == "txbxContent":
            yield child
        elif local(child) not in ("p", "tbl", *_GONE) and len(child):
            yield from text_boxes(child)


def paragraph_text(paragraph: etree._Element, fields: Fields) -> tuple[str, list[tuple[str, str]], bool]:
    """(text, notes referred to as (``footnote``, id), whether the paragraph mark is deleted)."""
    parts: list[str] = []
    notes: list[tuple[str, str]] = []
    _collect(paragraph, fields, parts, notes)
    mark = paragraph.find(f"{W}pPr/{W}rPr")
    gone = mark is not None and any(mark.find(f"{W}{name}") is not None for name in _GONE)
    return "".join(parts), notes, gone


def _collect(element: etree._Element, fields: Fields, parts: list[str], notes: list[tuple[str, str]]) -> None:
    for child in children(element):
        name = local(child)
        if name == "r":
            if not hidden(child):
                _run(child, fields, parts, notes)
            else:
                _marks(child, fields)
        elif name in _GONE:
            for run in child.iter(f"{W}r"):
                _marks(run, fields)
        elif name in _INNER:
            _collect(child, fields, parts, notes)
        elif name == "t" and child.text and not fields.hidden:
            parts.append(child.text)  # m:t of a formula


def _run(run: etree._Element, fields: Fields, parts: list[str], notes: list[tuple[str, str]]) -> None:
    for child in children(run):
        name = local(child)
        if name == "fldChar":
            fields.mark(child.get(f"{W}fldCharType", ""))
        elif fields.hidden:
            continue
        elif name in _TEXT:
            paged = name == "br" and child.get(f"{W}type") in ("page", "column")
            parts.append("" if paged else child.text or "" if name == "t" else _TEXT[name] or "")
        elif name == "sym":
            parts.append(_symbol(child.get(f"{W}char", ""), child.get(f"{W}font", "")))
        elif name in ("footnoteReference", "endnoteReference"):
            notes.append((name.removesuffix("Reference"), child.get(f"{W}id", "")))
        elif name == "ruby":
            _collect(child, fields, parts, notes)


def _marks(run: etree._Element, fields: Fields) -> None:
    """A hidden or deleted run still begins and ends fields."""
    for mark in run.iter(f"{W}fldChar"):
        fields.mark(mark.get(f"{W}fldCharType", ""))


def _symbol(code: str, font: str) -> str:
    try:
        number = int(code, 16)
    except ValueError:
        return ""
    if "wingdings" in font.lower() and (number & 0xFF) in _SYMBOLS:
        return _SYMBOLS[number & 0xFF]
    if 0xF020 <= number <= 0xF0FF:
        return chr(number - 0xF000) if font.lower() == "symbol" else "□"
    return chr(number) if 0x20 <= number < 0x110000 and not 0xD800 <= number < 0xE000 else ""


def hidden(run: etree._Element) -> bool:
    """True for a run that Word does not show."""
    vanish = run.find(f"{W}rPr/{W}vanish")
    return vanish is not None and vanish.get(f"{W}val", "1") not in ("0", "false", "off")


def is_bold(paragraph: etree._Element) -> bool:
    """True when every run that prints something is bold."""
    runs = [r for r in paragraph.iter(f"{W}r") if any((t.text or "").strip() for t in r.iter(f"{W}t"))]
    return bool(runs) and all(_bold(r) for r in runs)


def _bold(run: etree._Element) -> bool:
    mark = run.find(f"{W}rPr/{W}b")
    return mark is not None and mark.get(f"{W}val", "1") not in ("0", "false", "off")


def label_of(paragraph: etree._Element) -> str:
    """What a paragraph shows that holds no text: ``图片``, ``嵌入的工作簿``, or ""."""
    found = list(paragraph.iter("{*}OLEObject", "{*}pic", "{*}imagedata"))
    if any("excel" in e.get("ProgID", "").lower() for e in found):
        return "嵌入的 Excel 对象"
    return "图片" if found else ""


def count(body: etree._Element, name: str) -> int:
    """How many tracked changes of one kind there are around text (not marks of rows or paragraphs)."""
    return sum(1 for e in body.iter(f"{W}{name}") if len(e))
