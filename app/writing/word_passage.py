"""Where a passage stands inside a Word paragraph, and the bytes that put comment marks around it.

The text is that of ``app.reading.word_text``: deleted and hidden runs, instructions of fields and
the branch of ``mc:AlternateContent`` not taken have none. White space counts for nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from lxml import etree

from app.package.xmlbytes import Node, Splice
from app.reading.word_numbering import W
from app.reading.word_text import Fields, children, hidden, local

# Marks may stand inside these; out of all others (content controls, fields, formulas, ruby) they
# are put around the whole, since what is inside is bound, or made anew by Word.
_OPEN = frozenset(("hyperlink", "ins", "moveTo", "smartTag", "customXml", "dir", "bdo"))
_GONE = frozenset(("del", "moveFrom"))
_RUNS = _OPEN | {"sdt", "sdtContent", "fldSimple", "ruby", "rubyBase", "oMathPara", "oMath"}
# What a cut adds is written as nobody else writes it: known as ours when it is taken back.
KEEP = b" xml:space='preserve'"
CUT = b" >"  # ends the start tag of the second part of a run, cut inside a text ...
BETWEEN = b"  >"  # ... or between two
_CHARACTER = re.compile(r"&[^;]*;|\r\n|.", re.DOTALL)
_LONGEST_LABEL = 12  # characters of an automatic number, which the paragraph itself does not hold
_LEAST = 5  # characters of a quote that goes on in the next paragraph


class Char(NamedTuple):
    """A printed character: the element that holds it, and where it stands in that element's text."""

    char: str
    element: etree._Element
    at: int
    run: etree._Element  # the outermost run or formula piece it belongs to


@dataclass(slots=True)
class Text:
    """What a paragraph prints, without white space, and the complex fields inside it."""

    chars: list[Char] = field(default_factory=list)
    fields: list[tuple[int, int, etree._Element, etree._Element]] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "".join(c.char for c in self.chars)


def read(paragraph: etree._Element) -> Text:
    """The characters of a paragraph. A field gives (first and last character, begin run, end run)."""
    made = Text()
    state = Fields()
    begun: list[tuple[int, etree._Element]] = []
    for run, shown in _runs(paragraph):
        for child in children(run) if local(run) == "r" else [run]:
            name = local(child)
            if name == "fldChar":
                kind = child.get(f"{W}fldCharType", "")
                state.mark(kind)
                if kind == "begin":
                    begun.append((len(made.chars), run))
                elif kind == "end" and begun:
                    first, begin = begun.pop()
                    made.fields.append((first, len(made.chars) - 1, begin, run))
            elif shown and not state.hidden:
                made.chars += _printed(child, run)
    return made


def _printed(element: etree._Element, run: etree._Element) -> Iterator[Char]:
    """The characters of one thing in a run: a text, a hyphen, the base of a ruby."""
    name = local(element)
    if name == "ruby":
        for text in element.iterfind(f"{W}rubyBase//{W}t"):
            yield from _printed(text, run)
    elif name in ("t", "noBreakHyphen"):
        printed = "-" if name == "noBreakHyphen" else element.text or ""
        yield from (Char(c, element, i, run) for i, c in enumerate(printed) if not c.isspace())


def _runs(element: etree._Element) -> Iterator[tuple[etree._Element, bool]]:
    """The runs (and texts of formulas) in order, each with whether it prints."""
    for child in children(element):
        name = local(child)
        if name == "r" and child.tag == f"{W}r":
            yield child, not hidden(child)
        elif name == "t":
            yield child, True
        elif name in _GONE:
            yield from ((run, False) for run in child.iter(f"{W}r"))
        elif name in _RUNS or name == "r":
            yield from _runs(child)


def find(text: str, quote: str, context: str) -> tuple[int, int] | None:
    """First and last character of a quote in the text of a paragraph (all without white space).

    Of several places the one that its context fits. An automatic number at the beginning of the
    quote is not in the text; what goes on in the next paragraph is found as far as it stands here.
    """
    if not quote:
        return None
    labels = range(1, min(_LONGEST_LABEL, len(quote) - _LEAST) + 1)
    for piece in (quote, *(quote[n:] for n in labels if text.startswith(quote[n:]))):
        if (at := _best(text, piece, context)) >= 0:
            return at, at + len(piece) - 1
    for piece in (quote, *(quote[n:] for n in labels)):
        for length in range(min(len(piece), len(text)), _LEAST, -1):
            if text.endswith(piece[:length]):
                return len(text) - length, len(text) - 1
    return None


def _best(text: str, piece: str, context: str) -> int:
    places = [m.start() for m in re.finditer(f"(?={re.escape(piece)})", text)]
    inner = context.find(piece)
    if len(places) < 2 or inner < 0:
        return places[0] if places else -1
    before, after = context[:inner][::-1], context[inner + len(piece) :]
    return max(places, key=lambda at: _shared(text[:at][::-1], before) + _shared(text[at + len(piece) :], after))


def _shared(one: str, other: str) -> int:
    """How many characters two texts begin with in common."""
    return next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


class Edge(NamedTuple):
    """Where a mark goes: a byte offset, and the run (and text) that must be cut in two there."""

    offset: int
    top: int  # behind what stands in the paragraph itself: a reference run is no part of an insertion
    run: Node | None = None
    text: Node | None = None


class Paragraph:
    """One paragraph as text and as bytes, to which comments are added."""

    def __init__(self, element: etree._Element, node: Node, namespace: str) -> None:
        """``node`` is the same paragraph; ``namespace`` the one of its part as the file writes it."""
        self._read = read(element)
        self.text = self._read.text
        self._element = element
        self._node = node
        # Both trees are of the same bytes, so their elements run in step.
        self._nodes = dict(zip(element.iter(etree.Element), node.walk(), strict=True))
        found = next((p for p, uri in element.nsmap.items() if p and f"{{{uri}}}" == W), "")
        self._prefix, self._declared = found or "w", "" if found else f' xmlns:w="{namespace}"'
        self._ends: dict[int, list[bytes]] = {}  # byte offset -> marks of what ends there
        self._starts: dict[int, list[bytes]] = {}
        self._cuts: dict[int, Edge] = {}

    @property
    def chars(self) -> list[Char]:
        """Its characters, each with the element that holds it."""
        return self._read.chars

    def node(self, element: etree._Element) -> Node:
        """The bytes of an element of it."""
        return self._nodes[element]

    def mark(self, number: int, span: tuple[int, int] | None) -> None:
        """Put the comment ``number`` on the first to last character ``span``; None: on all of it."""
        w, declared = self._prefix, self._declared
        start, end, reference = (
            f'<{w}:{name}{declared} {w}:id="{number}"/>'.encode()
            for name in ("commentRangeStart", "commentRangeEnd", "commentReference")
        )
        reference = f"<{w}:r{declared}>".encode() + reference + f"</{w}:r>".encode()
        if not self.text:
            self._starts.setdefault(self._inside(), []).append(start + end + reference)
            return
        first, last = span or (0, len(self.text) - 1)
        begins, ends = self._edge(first, behind=False), self._edge(last, behind=True)
        self._starts.setdefault(begins.offset, []).append(start)
        self._ends.setdefault(ends.offset, []).append(end)
        self._ends.setdefault(ends.top, []).append(reference)
        self._cuts |= {edge.offset: edge for edge in (begins, ends) if edge.run is not None}

    def splices(self) -> list[Splice]:
        """The insertions for all comments; nothing that is there changes."""
        made = []
        for offset in sorted({*self._ends, *self._starts}):
            marks = b"".join(self._ends.get(offset, [])) + b"".join(self._starts.get(offset, []))
            if self._node.empty:
                return self._node.appended(marks)
            made.append(Splice(offset, offset, self._cut(self._cuts[offset], marks) if offset in self._cuts else marks))
        return made + self._kept_space()

    def _inside(self) -> int:
        """Where the content of the paragraph begins."""
        return next((n.end for n in self._node.children if n.local == "pPr"), self._node.open_end)

    def _edge(self, index: int, *, behind: bool) -> Edge:
        """The place before or behind a character, outside of fields and of what cannot hold marks."""
        runs = [(f[2], f[3]) for f in self._read.fields if f[0] <= index <= f[1]]
        char = self._read.chars[index]
        if runs:  # the last is the outermost, since it ends last
            return self._beside(runs[-1][1] if behind else runs[-1][0], behind)
        run, element = char.run, char.element
        if self._closed(run) is not None or element.getparent() is not run:
            return self._beside(run, behind)
        node, holder, top = self._nodes[element], self._nodes[run], self._top(run)
        at = char.at + behind
        if node.local == "t" and 0 < at < len(element.text or ""):
            offset = byte_offset(node, at)
            if offset is not None:
                return Edge(offset, offset if top == holder.end else top, holder, node)
        siblings = [n for n in holder.children if n.local != "rPr"]
        if node is siblings[-1 if behind else 0]:
            return self._beside(run, behind)
        offset = node.end if behind else node.start
        return Edge(offset, offset if top == holder.end else top, holder)

    def _beside(self, run: etree._Element, behind: bool) -> Edge:
        outer = self._closed(run)
        node = self._nodes[run if outer is None else outer]
        return Edge(node.end if behind else node.start, self._top(run))

    def _closed(self, run: etree._Element) -> etree._Element | None:
        """The outermost element around a run that marks must stay out of, None if there is none."""
        above = [e for e in self._above(run) if local(e) not in _OPEN]
        return above[-1] if above else run if local(run) != "r" else None

    def _above(self, run: etree._Element) -> Iterator[etree._Element]:
        for element in run.iterancestors():
            if element is self._element:
                return
            yield element

    def _top(self, run: etree._Element) -> int:
        """Behind the child of the paragraph that a run is, or is in."""
        return self._nodes[next(reversed([run, *self._above(run)]))].end

    def _cut(self, edge: Edge, marks: bytes) -> bytes:
        """A run is closed, the marks follow, and a run of the same look is opened."""
        run, text = edge.run, edge.text
        assert run is not None
        look = run.find("rPr")
        sign = BETWEEN if text is None else CUT
        before, after = f"</{run.tag}>".encode(), run.opening[:-1] + sign + (look.raw if look else b"")
        if text is not None:
            behind = [e.offset for e in self._cuts.values() if e.text is text and e.offset > edge.offset]
            kept = _keeps(text, edge.offset, min(behind, default=None))
            before, after = f"</{text.tag}>".encode() + before, after + kept
        return before + marks + after

    def _kept_space(self) -> list[Splice]:
        """The first part of a text that was cut keeps the space at its end."""
        first: dict[int, Edge] = {}
        for edge in sorted(self._cuts.values()):
            if edge.text is not None:
                first.setdefault(edge.text.start, edge)
        made = [(t, _keeps(t, None, edge.offset)) for edge in first.values() if (t := edge.text) is not None]
        return [Splice(t.start, t.open_end, kept) for t, kept in made if kept != t.opening]


def _keeps(text: Node, start: int | None, end: int | None) -> bytes:
    """The start tag of one part of a text, which keeps the space that a cut brings to its edge."""
    edges = ([text.data[start]] if start is not None else []) + ([text.data[end - 1]] if end is not None else [])
    spaced = "xml:space" not in text.attrs and any(bytes([b]).isspace() for b in edges)
    return text.opening[:-1] + KEEP + b">" if spaced else text.opening


def byte_offset(node: Node, index: int) -> int | None:
    """Where the character ``index`` of a text stands in the bytes; None inside of CDATA and the like."""
    raw = node.data[node.open_end : node.close]
    if b"<" in raw:
        return None
    pieces = _CHARACTER.findall(raw.decode())
    return node.open_end + len("".join(pieces[:index]).encode())
