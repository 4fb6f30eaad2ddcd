"""XML of parts, parsed without trust: no entities, no document types, no network."""

from __future__ import annotations

from typing import IO
from xml.parsers import expat

from lxml import etree

from app.reading.errors import Unreadable

PROLOG = 1 << 16  # bytes within which the first element of a part must begin


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


def guard(head: bytes, part: str) -> None:
    """Raises ``Damaged`` if a part begins with a document type (the only place entities come from).

    ``head`` is its beginning, up to ``PROLOG`` bytes. lxml would still expand entities inside
    attributes, so the document type is looked for before lxml sees the part.
    """

    def doctype(*_: object) -> None:
        raise Damaged(
            f"文件内部的“{part}”含有外部引用（DTD），Excel 和 WPS 不会写出这种内容，为安全起见没有读取；"
            "请用 Excel 或 WPS 打开后另存，再重新校核。"
        )

    def element(*_: object) -> None:
        raise _Seen

    scanner = expat.ParserCreate()
    scanner.StartDoctypeDeclHandler = doctype
    scanner.StartElementHandler = element
    try:
        scanner.Parse(head, False)
    except _Seen:
        return
    except expat.ExpatError as error:
        # An encoding expat does not know (GBK): all of those write ASCII as it is.
        if head.startswith(b"<") and b"\0" not in head:
            if b"<!DOCTYPE" in head:
                doctype()
            return
        raise Damaged(ill_formed(part)) from error
    raise Damaged(ill_formed(part))


class Guarded:
    """A readable stream that has passed ``guard``; for ``etree.iterparse``."""

    def __init__(self, stream: IO[bytes], part: str) -> None:
        self._stream = stream
        self._head = stream.read(PROLOG)
        guard(self._head, part)

    def read(self, size: int = -1) -> bytes:
        if self._head:
            head, self._head = self._head, b""
            return head
        return self._stream.read(size)


def local(element: etree._Element) -> str:
    """The name of an element without its namespace; "" for comments and instructions."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""
