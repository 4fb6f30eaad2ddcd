"""XML parts as bytes: where each element stands, and splices that change only what they must.

Offsets come from expat with raw prefixed names, so whatever is not spliced stays byte for byte.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple
from xml.parsers import expat

from app.package.markup import Damaged

_TAG = re.compile(rb"<(?:[^>\"']+|\"[^\"]*\"|'[^']*')*>")
_ATTRIBUTE = re.compile(rb"\s+([^\s=/>]+)\s*=\s*(\"[^\"]*\"|'[^']*')")
_DECLARED = re.compile(rb"^\s*<\?xml[^>]*?encoding\s*=\s*[\"']([A-Za-z0-9._-]+)[\"']")
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_BROKEN = "文件内部有损坏的内容，请用 Excel 或 WPS 打开并另存后再校核。"


class Splice(NamedTuple):
    """Bytes ``start:end`` of a part become ``data``; an insertion when both are equal."""

    start: int
    end: int
    data: bytes


class Node:
    """An element of a part: raw tag, attributes (raw names) and where it stands in ``data``."""

    __slots__ = ("_open", "attrs", "children", "close", "data", "start", "tag", "text")

    def __init__(self, data: bytes, tag: str, attrs: dict[str, str], start: int) -> None:
        self.data = data
        self.tag = tag
        self.attrs = attrs
        self.start = start
        self.close = -1  # where the end tag starts; meaningless when the element is empty
        self.children: list[Node] = []
        self.text = ""
        self._open = 0

    @property
    def local(self) -> str:
        return self.tag.rpartition(":")[2]

    @property
    def prefix(self) -> str:
        """The prefix with its colon, '' for none."""
        return self.tag[: -len(self.local)]

    @property
    def open_end(self) -> int:
        """Just behind the start tag."""
        if not self._open:
            found = _TAG.match(self.data, self.start)
            if found is None:
                raise Damaged(_BROKEN)
            self._open = found.end()
        return self._open

    @property
    def empty(self) -> bool:
        """True for ``<a/>``."""
        return self.data.startswith(b"/>", self.open_end - 2)

    @property
    def end(self) -> int:
        """Just behind the whole element."""
        return self.open_end if self.empty else self.data.index(b">", self.close) + 1

    @property
    def opening(self) -> bytes:
        return self.data[self.start : self.open_end]

    @property
    def raw(self) -> bytes:
        return self.data[self.start : self.end]

    def find(self, local: str) -> Node | None:
        return next((c for c in self.children if c.local == local), None)

    def all(self, local: str) -> list[Node]:
        return [c for c in self.children if c.local == local]

    def walk(self) -> Iterator[Node]:
        """This element and all inside it, in document order."""
        yield self
        for child in self.children:
            yield from child.walk()

    def words(self) -> str:
        """All text inside."""
        return "".join(n.text for n in self.walk())

    def with_attributes(self, **values: str | None) -> Splice:
        """The start tag with attributes set, or taken away where None."""
        return Splice(self.start, self.open_end, with_attributes(self.opening, **values))

    def appended(self, content: bytes) -> list[Splice]:
        """``content`` becomes the last of what is inside, also in an empty element."""
        if not content:
            return []
        if not self.empty:
            return [Splice(self.close, self.close, content)]
        closing = f"</{self.tag}>".encode()
        return [Splice(self.open_end - 2, self.open_end, b">" + content + closing)]

    def removed(self) -> Splice:
        return Splice(self.start, self.end, b"")


def utf8(data: bytes) -> bytes:
    """The part in UTF-8 (itself when it is already). Raises ``Damaged`` for an unknown encoding."""
    declared = _DECLARED.match(data)
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        name = "utf-16"
    elif data[:4] in (b"<\0?\0", b"\0<\0?"):
        name = "utf-16-le" if data[0] else "utf-16-be"
    elif declared and declared[1].lower() not in (b"utf-8", b"utf8", b"us-ascii", b"ascii"):
        name = declared[1].decode("ascii")
    else:
        return data
    try:
        text = data.decode(name)
    except (LookupError, UnicodeDecodeError) as error:
        raise Damaged(_BROKEN) from error
    return re.sub(r"^(\s*<\?xml[^>]*?encoding\s*=\s*[\"'])[^\"']*", r"\g<1>UTF-8", text, count=1).encode()


def parser(start: Callable[[str, dict[str, str]], None], end: Callable[[str], None]) -> expat.XMLParserType:
    """An expat parser that refuses document types, so no entity of the file is ever expanded."""
    made = expat.ParserCreate()
    made.buffer_text = True
    made.StartDoctypeDeclHandler = _refuse
    made.StartElementHandler = start
    made.EndElementHandler = end
    return made


def _refuse(*_: object) -> None:
    raise Damaged(_BROKEN)


def parse(made: expat.XMLParserType, data: bytes) -> None:
    """Runs the parser over a whole part. Raises ``Damaged``."""
    try:
        made.Parse(data, True)
    except (expat.ExpatError, ValueError) as error:
        raise Damaged(_BROKEN) from error


def tree(data: bytes, *, text: bool = False) -> Node:
    """The elements of a part in UTF-8 (see ``utf8``), with their text on request. Raises ``Damaged``."""
    top = Node(data, "", {}, 0)
    stack = [top]

    def start(tag: str, attrs: dict[str, str]) -> None:
        node = Node(data, tag, attrs, made.CurrentByteIndex)
        stack[-1].children.append(node)
        stack.append(node)

    def end(_: str) -> None:
        stack.pop().close = made.CurrentByteIndex

    def characters(words: str) -> None:
        stack[-1].text += words

    made = parser(start, end)
    if text:
        made.CharacterDataHandler = characters
    parse(made, data)
    return top.children[0]


def splice(data: bytes, changes: Iterable[Splice]) -> tuple[bytes, list[Splice]]:
    """The changed bytes, and the splices that take every change back.

    Insertions at one place keep the order given. Raises ``ValueError`` when two changes overlap.
    """
    view = memoryview(data)
    pieces: list[bytes | memoryview] = []
    undo: list[Splice] = []
    at = size = 0
    for change in sorted(changes, key=lambda c: (c.start, c.end)):
        if change.start < at:
            raise ValueError("overlapping changes")
        size += change.start - at
        undo.append(Splice(size, size + len(change.data), data[change.start : change.end]))
        pieces += (view[at : change.start], change.data)
        size += len(change.data)
        at = change.end
    pieces.append(view[at:])
    return b"".join(pieces), undo


def with_attributes(opening: bytes, **values: str | None) -> bytes:
    """A start tag with attributes set, or taken away where None; the others stay as written.

    In the keywords ``__`` stands for the colon of a prefixed name.
    """
    wanted = {k.replace("__", ":").encode(): v for k, v in values.items()}

    def change(found: re.Match[bytes]) -> bytes:
        if found[1] not in wanted:
            return found[0]
        value = wanted.pop(found[1])
        return b"" if value is None else b' %s="%s"' % (found[1], quoted(value).encode())

    changed = _ATTRIBUTE.sub(change, opening)
    new = b"".join(b' %s="%s"' % (k, quoted(v).encode()) for k, v in wanted.items() if v is not None)
    tail = 2 if changed.endswith(b"/>") else 1
    return changed[:-tail].rstrip() + new + changed[-tail:]


def escaped(text: str) -> str:
    """Text as element content; characters that XML cannot hold are dropped."""
    clean = _ILLEGAL.sub("", text)
    return clean.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\r", "&#13;")


def quoted(text: str) -> str:
    """Text as the value of an attribute in double quotes."""
    return escaped(text).replace('"', "&quot;").replace("\n", "&#10;").replace("\t", "&#9;")
