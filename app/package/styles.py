"""The styles part: what is appended for our marks and sheets, everything else byte for byte."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from app.package.xmlbytes import Node, Splice, quoted, tree, utf8, with_attributes
from app.writing.model import Style

MINIMAL = '<styleSheet xmlns="{namespace}"></styleSheet>'
FONT = "宋体"
_ORDER = (
    "numFmts", "fonts", "fills", "borders", "cellStyleXfs", "cellXfs", "cellStyles", "dxfs", "tableStyles", "colors",
    "extLst",
)  # fmt: skip
# What a section must hold before anything of ours, in a part that lacks the section.
_SEEDS = {
    "fonts": ["<{p}font><{p}sz val=\"11\"/><{p}name val=\"宋体\"/></{p}font>"],
    "fills": [
        "<{p}fill><{p}patternFill patternType=\"none\"/></{p}fill>",
        "<{p}fill><{p}patternFill patternType=\"gray125\"/></{p}fill>",
    ],
    "borders": ["<{p}border><{p}left/><{p}right/><{p}top/><{p}bottom/><{p}diagonal/></{p}border>"],
    "cellXfs": ["<{p}xf numFmtId=\"0\" fontId=\"0\" fillId=\"0\" borderId=\"0\"/>"],
}  # fmt: skip
_BUILT_IN = {"General": 0, "0": 1, "0.00": 2, "#,##0": 3, "#,##0.00": 4, "0%": 9, "0.00%": 10, "@": 49}
_BEFORE_COLOR = {"b", "i", "strike", "condense", "extend", "outline", "shadow", "u", "vertAlign", "sz"}
_SEARCHED = 4_000  # of a list at its end: ours come last, and a bloated part stays fast
LIMIT = 64_000  # cell formats a workbook may have in Excel, a little below

Neutral = list[Any]
"""An element without its prefix: [name, attributes, children]; what JSON can hold."""


@dataclass(frozen=True, slots=True)
class Look:
    """The fill, font colour and number format of a cell before it was marked."""

    fill: Neutral
    color: dict[str, str] | None
    number_format: str

    def as_json(self) -> str:
        return json.dumps([self.fill, self.color, self.number_format], ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> Look:
        """Raises ``ValueError`` for what is no look."""
        fill, color, number_format = json.loads(text)
        if not _is_neutral(fill) or not _is_neutral(["color", color or {}, []]) or not isinstance(number_format, str):
            raise ValueError(text)
        return cls(fill, color, number_format)


def _is_neutral(element: object) -> bool:
    """True for what ``neutral`` makes: anything may stand in a file that others can write."""
    if not isinstance(element, list) or len(element) != 3:
        return False
    name, attributes, children = element
    words = isinstance(attributes, dict) and all(isinstance(v, str) for v in attributes.values())
    named = isinstance(name, str) and words and all(re.fullmatch(r"[A-Za-z]\w*", n) for n in (name, *attributes))
    return named and isinstance(children, list) and all(_is_neutral(c) for c in children)


PLAIN = Look(["fill", {}, [["patternFill", {"patternType": "none"}, []]]], None, "")


class StyleBook:
    """One styles part in UTF-8, its formats by index, and what is to be appended."""

    def __init__(self, data: bytes) -> None:
        self.data = utf8(data)
        self.root = tree(self.data)
        self._p = self.root.prefix
        self._sections = {n.local: n for n in self.root.children}
        self._new: dict[str, list[bytes]] = {
            k: [s.format(p=self._p).encode() for s in seeds] for k, seeds in _SEEDS.items() if k not in self._sections
        }
        self._made: dict[tuple[object, ...], int] = {}
        self._own: dict[int, tuple[Style, int]] = {}
        self._known: dict[str, dict[str, int]] = {}
        self._numbers = {
            n.attrs.get("formatCode", ""): int(n.attrs.get("numFmtId", "0")) for n in self._children("numFmts")
        }

    def _children(self, kind: str) -> list[Node]:
        section = self._sections.get(kind)
        return section.children if section else []

    def count(self, kind: str = "cellXfs") -> int:
        """How many formats (fonts, fills …) there are, ours included."""
        return len(self._children(kind)) + len(self._new.get(kind, ()))

    def node(self, kind: str, index: int) -> Node:
        """The element at an index; the first where the index dangles."""
        own = self._children(kind)
        if 0 <= index < len(own):
            return own[index]
        new = self._new.get(kind, [])
        at = index - len(own)
        return tree(new[at]) if 0 <= at < len(new) else own[0] if own else tree(new[0])

    def pad(self, highest: int) -> None:
        """Gives dangling style indexes up to ``highest`` the plain look they have now."""
        plain = self.node("cellXfs", 0).raw
        for _ in range(self.count(), min(highest + 1, LIMIT)):
            self._new.setdefault("cellXfs", []).append(plain)

    # -- marks --------------------------------------------------------------------------------

    def marked(self, base: int, fill: str, color: str, number_format: str = "") -> int:
        """The format ``base`` with another fill and font colour (RGB), and number format if given."""
        key = ("marked", base, fill, color, number_format)
        if key not in self._made:
            xf = self.node("cellXfs", base)
            changes = {"fillId": str(self._solid(fill)), "applyFill": "1", "applyFont": "1"}
            changes["fontId"] = str(self._colored(_index(xf, "fontId"), {"rgb": "FF" + color}))
            if number_format:
                changes |= {"numFmtId": str(self._number(number_format)), "applyNumberFormat": "1"}
            self._made[key] = self._same("cellXfs", _with(xf, changes))
        return self._made[key]

    def look(self, index: int) -> Look:
        """What a mark on this format would cover."""
        xf = self.node("cellXfs", index)
        color = self.node("fonts", _index(xf, "fontId")).find("color")
        number = _index(xf, "numFmtId")
        code = next((c for c, n in [*self._numbers.items(), *_BUILT_IN.items()] if n == number), f"#{number}")
        return Look(neutral(self.node("fills", _index(xf, "fillId"))), dict(color.attrs) if color else None, code)

    def has_mark(self, index: int, fill: str) -> bool:
        """True when a format has exactly this solid fill."""
        pattern = self.node("fills", _index(self.node("cellXfs", index), "fillId")).find("patternFill")
        front = pattern.find("fgColor") if pattern else None
        solid = pattern is not None and pattern.attrs.get("patternType") == "solid"
        return solid and front is not None and front.attrs.get("rgb", "")[-6:].upper() == fill

    def restored(self, base: int, look: Look, color: str, *, number_format: bool = False) -> int:
        """The format ``base`` with the look it had; the font only where its colour is our ``color``."""
        xf = self.node("cellXfs", base)
        changes = {"fillId": str(self._same("fills", rendered(look.fill, self._p).encode()))}
        font = self.node("fonts", _index(xf, "fontId"))
        now = font.find("color")
        if now is not None and now.attrs.get("rgb", "")[-6:].upper() == color:
            changes["fontId"] = str(self._colored(_index(xf, "fontId"), look.color))
        if number_format and look.number_format:
            changes["numFmtId"] = str(self._number(look.number_format))
        return self._same("cellXfs", _with(xf, changes))

    # -- our own sheets -----------------------------------------------------------------------

    def style(self, style: Style) -> int:
        """The index of a format of our own."""
        seen = self._own.get(id(style))  # a model shares its styles: hashing each cell's is slow
        if seen is None or seen[0] is not style:
            seen = self._own[id(style)] = (style, self._styled(style))
        return seen[1]

    def _styled(self, style: Style) -> int:
        key = ("own", style)
        if key not in self._made:
            inner = f'<{self._p}alignment vertical="center"'
            inner += f' horizontal="{style.align}"' if style.align else ""
            inner += ' wrapText="1"/>' if style.wrap else "/>"
            parent = ' xfId="0"' if "cellStyleXfs" in self._sections else ""
            number = self._number(style.number_format) if style.number_format else 0
            fill = self._solid(style.fill) if style.fill else 0
            xf = (
                f'<{self._p}xf numFmtId="{number}" fontId="{self._own_font(style)}" fillId="{fill}" '
                f'borderId="{self._border(style.border)}"{parent} '
                f'applyNumberFormat="1" applyFont="1" applyFill="1" applyBorder="1" applyAlignment="1">'
                f"{inner}</{self._p}xf>"
            )
            self._made[key] = self._same("cellXfs", xf.encode())
        return self._made[key]

    def _own_font(self, style: Style) -> int:
        parts = ["<{p}b/>"] * style.bold + ["<{p}u/>"] * style.underline + [f'<{{p}}sz val="{style.size}"/>']
        parts += [f'<{{p}}color rgb="FF{style.color}"/>'] if style.color else []
        parts += [f'<{{p}}name val="{FONT}"/><{{p}}family val="3"/><{{p}}charset val="134"/>']
        return self._once("fonts", f"<{{p}}font>{''.join(parts)}</{{p}}font>")

    def _border(self, wanted: bool) -> int:
        if not wanted:
            return 0
        line = '<{p}%s style="thin"><{p}color rgb="FFBFBFBF"/></{p}%s>'
        sides = "".join(line % (s, s) for s in ("left", "right", "top", "bottom"))
        return self._once("borders", f"<{{p}}border>{sides}<{{p}}diagonal/></{{p}}border>")

    # -- the lists ----------------------------------------------------------------------------

    def _solid(self, fill: str) -> int:
        pattern = f'<{{p}}patternFill patternType="solid"><{{p}}fgColor rgb="FF{fill}"/><{{p}}bgColor indexed="64"/>'
        return self._once("fills", f"<{{p}}fill>{pattern}</{{p}}patternFill></{{p}}fill>")

    def _once(self, kind: str, template: str) -> int:
        return self._same(kind, template.replace("{p}", self._p).encode())

    def _append(self, kind: str, element: bytes) -> int:
        self._new.setdefault(kind, []).append(element)
        return self.count(kind) - 1

    def _number(self, code: str) -> int:
        if code.startswith("#") and code[1:].isdigit():
            return int(code[1:])
        if code in _BUILT_IN:
            return _BUILT_IN[code]
        if code not in self._numbers:
            self._numbers[code] = max([163, *self._numbers.values()]) + 1
            element = f'<{self._p}numFmt numFmtId="{self._numbers[code]}" formatCode="{quoted(code)}"/>'
            self._append("numFmts", element.encode())
        return self._numbers[code]

    def _colored(self, font: int, color: dict[str, str] | None) -> int:
        """A font as it is, but for its colour."""
        key = ("font", font, json.dumps(color))
        if key in self._made:
            return self._made[key]
        old = self.node("fonts", font)
        wanted = neutral(old)
        wanted[2] = [c for c in wanted[2] if c[0] != "color"]
        if color is not None:
            at = next((i for i, c in enumerate(wanted[2]) if c[0] not in _BEFORE_COLOR), len(wanted[2]))
            wanted[2].insert(at, ["color", color, []])
        self._made[key] = self._same("fonts", rendered(wanted, self._p).encode())
        return self._made[key]

    def _same(self, kind: str, element: bytes) -> int:
        """The index of an element that says the same, appended when there is none.

        Programs keep formats that nobody uses: without this each round would leave some behind.
        """
        if kind not in self._known:
            known = self._known[kind] = {}
            for index in range(max(0, self.count(kind) - _SEARCHED), self.count(kind)):
                known.setdefault(_meaning(self.node(kind, index)), index)
        key = _meaning(tree(element))
        if key not in self._known[kind]:
            self._known[kind][key] = self._append(kind, element)
        return self._known[kind][key]

    # -- the changed part ---------------------------------------------------------------------

    def splices(self) -> list[Splice]:
        """What is appended, as changes of ``data``."""
        changes: list[Splice] = []
        fresh: dict[int, bytes] = {}
        for kind in _ORDER:
            content = b"".join(self._new.get(kind, ()))
            section = self._sections.get(kind)
            if section is not None and content:
                changes += _grown(section, content, self.count(kind))
            elif content:
                name = f"{self._p}{kind}".encode()
                at = self._place(kind)
                fresh[at] = fresh.get(at, b"") + b'<%s count="%d">%s</%s>' % (name, self.count(kind), content, name)
        if self.root.empty:
            return self.root.appended(b"".join(fresh.values()))
        return changes + [Splice(at, at, content) for at, content in fresh.items()]

    def _place(self, kind: str) -> int:
        later = set(_ORDER[_ORDER.index(kind) + 1 :])
        return next((n.start for n in self.root.children if n.local in later), self.root.close)


def _grown(section: Node, content: bytes, count: int) -> list[Splice]:
    opening = section.with_attributes(count=str(count)) if "count" in section.attrs else None
    if section.empty:
        head = opening.data if opening else section.opening
        whole = head[:-2] + b">" + content + f"</{section.tag}>".encode()
        return [Splice(section.start, section.end, whole)]
    return [*([opening] if opening else []), *section.appended(content)]


def _index(node: Node, name: str) -> int:
    text = node.attrs.get(name, "")
    return int(text) if text.isdigit() else 0


def _with(xf: Node, changes: dict[str, str]) -> bytes:
    return with_attributes(xf.opening, **changes) + xf.data[xf.open_end : xf.end]


def _meaning(node: Node) -> str:
    """What an element says, the same however a program writes it: order, defaults, colours."""
    return json.dumps(_plain(neutral(node)))


def _plain(element: Neutral) -> Neutral:
    name, attributes, children = element
    kept = {}
    for key, value in attributes.items():
        applied = key.startswith("apply") and value not in ("0", "false")
        default = key in ("pivotButton", "quotePrefix") and value in ("0", "false")
        shown = key == "val" and value in ("1", "true") and name in ("b", "i", "u", "strike")
        if not (applied or default or shown):
            kept[key] = "FF" + value[-6:].upper() if key == "rgb" else value
    if name == "patternFill" and kept.get("patternType") == "solid":
        children = [c for c in children if c[0] != "bgColor"]  # a solid fill does not show it
    return [name, kept, sorted((_plain(c) for c in children), key=json.dumps)]


def neutral(node: Node) -> Neutral:
    """An element free of its prefix, for comparing and for the record."""
    attributes = {k: v for k, v in sorted(node.attrs.items()) if not re.match("xmlns|.*:", k)}
    if node.local == "patternFill" and attributes.get("patternType", "none") == "none":
        return ["patternFill", {"patternType": "none"}, []]
    return [node.local, attributes, [neutral(c) for c in node.children]]


def rendered(element: Neutral, prefix: str) -> str:
    """A neutral element as XML."""
    name, attributes, children = element
    opening = f"<{prefix}{name}" + "".join(f' {k}="{quoted(v)}"' for k, v in attributes.items())
    if not children:
        return opening + "/>"
    return f"{opening}>{''.join(rendered(c, prefix) for c in children)}</{prefix}{name}>"
