"""XML of parts, parsed without trust: no entities, no document types, no network."""

from __future__ import annotations

from typing import IO
from xml.parsers import expat

from lxml import etree

from app.reading.errors import Unreadable

PROLOG = 1 << 16  # bytes within which the first element of a part must begin


# expat itself, and what Python says to a declared encoding that it cannot give to expat
_BROKEN = (expat.ExpatError, ValueError, LookupError)


class Damaged(Unreadable):
    """A part that cannot be read; the message says which, and what to do."""


class _Seen(Exception):
    """Raised inside expat to stop it at the first element."""


def parse(data: bytes, part: str) -> etree._Element:
    """The root element of a part. Raises ``Damaged`` when it is ill-formed or has a document type."""
    guard(data[:PROLOG], part)
    try:
        return etree.fromstring(data, parser())
    except etree.XMLSyntaxError as error:
        raise Damaged(ill_formed(part)) from error


def parser() -> etree.XMLParser:
    """A parser that expands nothing; ``huge_tree`` since long texts and sheets are legal."""
    return etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=True)


def ill_formed(part: str) -> str:
    """The sentence for a part that is damaged."""
    return f"文件内部的“{part}”已损坏，请用 Excel 或 WPS 打开并修复后另存，再重新校核。"


def doctype(part: str) -> str:
    """The sentence for a part with a document type."""
    return (
        f"文件内部的“{part}”含有外部引用（DTD），Excel 和 WPS 不会写出这种内容，为安全起见没有读取；"
        "请用 Excel 或 WPS 打开后另存，再重新校核。"
    )


def guard(head: bytes, part: str) -> None:
    """Raises ``Damaged`` if a part begins with a document type (the only place entities come from).

    ``head`` is its beginning, up to ``PROLOG`` bytes. lxml would still expand entities inside
    attributes, so the document type is looked for before lxml sees the part.
    """

    def refuse(*_: object) -> None:
        raise Damaged(doctype(part))

    def element(*_: object) -> None:
        raise _Seen

    scanner = expat.ParserCreate()
    scanner.StartDoctypeDeclHandler = refuse
    scanner.StartElementHandler = element
    try:
        scanner.Parse(head, False)
    except _Seen:
        return
    except _BROKEN as error:
        # An encoding expat does not know (GBK): all of those write ASCII as it is.
        if head.startswith(b"<") and b"\0" not in head:
            if b"<!DOCTYPE" in head:
                refuse()
            return
        raise Damaged(ill_formed(part)) from error
    raise Damaged(ill_formed(part))


class Scanner:
    """Base of the streaming readers: expat over a part, one call for each element.

    Names come as ``namespace name``. Of an element that expat cannot finish at most ``PENDING``
    bytes are held, so an endless attribute cannot fill the memory.
    """

    PENDING = 4 << 20

    def __init__(self, part: str) -> None:
        self.part = part
        self.parser = expat.ParserCreate(namespace_separator=" ")
        self.parser.buffer_text = True
        self.parser.buffer_size = 1 << 16
        self.parser.StartDoctypeDeclHandler = self._doctype
        self.parser.StartElementHandler = self.root

    def root(self, tag: str, attributes: dict[str, str]) -> None:
        """Called for the first element; sets the handlers for the others."""
        raise NotImplementedError

    def fed(self) -> None:
        """Called after each piece of the stream; a place to check limits."""

    def run(self, stream: IO[bytes]) -> None:
        """Feeds the whole stream. Raises ``Damaged``, and what the handlers raise."""
        given, parser = 0, self.parser
        try:
            while chunk := stream.read(1 << 16):
                parser.Parse(chunk, False)
                given += len(chunk)
                if given - parser.CurrentByteIndex > self.PENDING:
                    raise Damaged(ill_formed(self.part))
                self.fed()
            parser.Parse(b"", True)
        except _BROKEN as error:
            raise Damaged(ill_formed(self.part)) from error
        finally:
            # The handlers are bound methods: without this each scanner would be a cycle.
            parser.StartElementHandler = parser.EndElementHandler = parser.CharacterDataHandler = None
            parser.StartDoctypeDeclHandler = None

    def _doctype(self, *_: object) -> None:
        raise Damaged(doctype(self.part))


def local(element: etree._Element) -> str:
    """The name of an element without its namespace; "" for comments and instructions."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""
