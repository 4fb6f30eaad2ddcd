"""A Word package and its document part as bytes: where paragraphs stand, and what cannot be read."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from lxml import etree

from app.package import markup
from app.package.archive import Archive
from app.package.container import Package
from app.package.xmlbytes import Node, parse, parser
from app.reading.errors import Unreadable
from app.reading.word_package import PART_LIMIT, usual

_EXCEL = (("Excel", "Word"), ("工作簿", "文档"), (".xlsx", ".docx"), ("把需要校核的表另存为新的文档", "另存为新的文档"))


class Document(Package):
    """The parts of a ``.docx``; ``main`` is the name of its document part."""

    @classmethod
    def open(cls, path: str | Path) -> Document:
        """The package at ``path``, read into memory. Raises ``Unreadable`` with one Chinese sentence."""
        try:
            return cls(Archive(path))
        except Unreadable as error:
            raise worded(error) from error

    @property
    def main(self) -> str:
        return self.workbook  # what a package is about, whatever its kind

    def _main(self) -> str:
        found = next((r.target for r in self.relations("") if r.kind == "officeDocument" and not r.external), "")
        name = found if found and self.has(found) else "word/document.xml"
        if not self.has(name):
            raise Unreadable("这是压缩文件，里面没有 Word 文档，请解压后选择其中的 .docx 文件")
        if self.size(name) > PART_LIMIT:
            raise Unreadable(f"文档内容解压后超过 {PART_LIMIT >> 20} MB，远超正常的报告，为安全起见没有读取")
        return name

    @property
    def signed(self) -> bool:
        return super().signed or any(n.lower().startswith("_xmlsignatures/") for n in self.names)

    def related(self, kind: str) -> str:
        """The part that the document names as ``kind`` (``comments``), ``""`` if there is none."""
        parts = (r.target for r in self.relations(self.main) if r.kind == kind and not r.external)
        return next((p for p in parts if self.has(p)), "")


def worded(error: Unreadable) -> Unreadable:
    """The sentence of a package, which speaks of workbooks, as one about a document."""
    text = str(error)
    for workbook, document in _EXCEL:
        text = text.replace(workbook, document)
    return Unreadable(text)


def part_tree(data: bytes) -> etree._Element:
    """The root of a part, strict namespaces read as the usual ones. Raises ``Damaged``."""
    return markup.parse(usual(data), "document.xml")


def subtrees(data: bytes, wanted: Callable[[int, str], bool], done: Callable[[int, Node], None]) -> None:
    """Calls ``done(number, node)`` for each element that is ``wanted(number, local name)``.

    ``number`` counts the elements of the part (in UTF-8) from 0 in document order, as lxml's
    ``iter`` does. Only what is wanted is ever held: a large document costs no large tree.
    """
    stack: list[tuple[int, Node, bool]] = []  # inside of what is wanted
    number = -1

    def start(tag: str, attrs: dict[str, str]) -> None:
        nonlocal number
        number += 1
        chosen = wanted(number, tag.rpartition(":")[2])
        if stack or chosen:
            node = Node(data, tag, attrs, made.CurrentByteIndex)
            if stack:
                stack[-1][1].children.append(node)
            stack.append((number, node, chosen))

    def end(_: str) -> None:
        if stack:
            count, node, chosen = stack.pop()
            node.close = made.CurrentByteIndex
            if chosen:
                done(count, node)

    made = parser(start, end)
    parse(made, data)
