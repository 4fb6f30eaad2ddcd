"""The clerk's Word file with a comment on each wrong passage, nothing else changed.

The package is edited in place: python-docx, though it can write comments, drops text in tracked
insertions and content controls when a passage is looked for, and rewrites parts it has read. Here
``document.xml`` gains range marks and reference runs, ``comments.xml`` our comments; every other
part keeps its bytes. Our comments are known by their author and taken out before new ones go in.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from lxml import etree

from app.checking.finding import Checked, Finding
from app.package import markup
from app.reading.errors import Unreadable
from app.reading.word import cells, paragraphs, walk
from app.reading.word_numbering import W
from app.reading.word_text import local
from app.writing.note_text import note

AUTHOR = "决算公开校核"
_INITIALS = "校核"
_MOST = 1000  # comments a file; Word slows down well before
_R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_REL = "http://schemas.openxmlformats.org/package/2006/relationships"
_TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
_KIND = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/comments"
_CONTENT = "application/vnd.openxmlformats-officedocument.wordprocessingml.comments+xml"
_MAIN = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_SKIP = frozenset(("del", "moveFrom", "txbxContent", "instrText", "pPr", "rPr"))


@dataclass(slots=True)
class _File:
    """A Word package in memory: its entries and those parts that are edited as trees."""

    path: Path
    names: dict[str, str] = field(default_factory=dict)  # lower case -> as stored
    trees: dict[str, etree._Element] = field(default_factory=dict)
    dropped: set[str] = field(default_factory=set)

    def tree(self, name: str) -> etree._Element:
        if name not in self.trees:
            with zipfile.ZipFile(self.path) as package:
                self.trees[name] = markup.parse(package.read(self.names[name.lower()]), name)
        return self.trees[name]

    def has(self, name: str) -> bool:
        return name.lower() in self.names and name.lower() not in self.dropped

    def save(self, target: Path) -> None:
        with zipfile.ZipFile(self.path) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
            edited = {self.names.get(n.lower(), n): t for n, t in self.trees.items()}
            for info in old.infolist():
                if info.filename.lower() in self.dropped:
                    continue
                tree = edited.pop(info.filename, None)
                new.writestr(info, old.read(info) if tree is None else _bytes(tree))
            for name, tree in edited.items():
                new.writestr(name, _bytes(tree))


def _bytes(tree: etree._Element) -> bytes:
    return etree.tostring(tree, xml_declaration=True, encoding="UTF-8", standalone=True)


def annotate(source: Path, target: Path, checked: Checked) -> int:
    """Writes ``target``: the document with our comments; gives how many. Raises ``Unreadable``."""
    file, main = _open(source)
    _strip(file, main)
    body = file.tree(main).find(f"{W}body")
    if body is None:
        raise Unreadable("文档里没有正文，无法批注")
    wanted = _by_place(checked, source.name)
    comments: list[tuple[int, str]] = []
    number = _next(file, main)
    for where, found in list(wanted.items())[:_MOST]:
        for quote, group in _by_quote(found).items():
            element = _element(body, where)
            if element is not None and _mark(element, quote, number):
                comments.append((number, note(group)))
                number += 1
    if comments:
        _write_comments(file, main, comments)
    else:
        file.trees.pop(main, None)
    file.save(target)
    return len(comments)


def clean(source: Path, target: Path) -> bool:
    """Writes ``target`` without our comments; False, and nothing written, if there were none."""
    file, main = _open(source)
    if not _strip(file, main):
        return False
    file.save(target)
    return True


def _open(source: Path) -> tuple[_File, str]:
    file = _File(source)
    with zipfile.ZipFile(source) as package:
        file.names = {n.lower(): n for n in package.namelist()}
    if any(n.startswith("_xmlsignatures/") for n in file.names):
        raise Unreadable("文档有数字签名，加批注会使签名失效，因此没有写批注；问题清单见同名的 _校核.xlsx")
    rels = file.tree("_rels/.rels")
    main = next(
        (r.get("Target", "") for r in rels if r.get("Type", "").endswith("/officeDocument")), "word/document.xml"
    )
    return file, main.lstrip("/")


def _by_place(checked: Checked, name: str) -> dict[tuple[int | None, ...], list[Finding]]:
    """Errors and reminders of this file by where they stand; information stays on the list."""
    found: dict[tuple[int | None, ...], list[Finding]] = {}
    for finding in checked.findings:
        place = finding.place
        if finding.severity == "info" or place.file not in (None, name) or not (place.paragraph or place.table):
            continue
        found.setdefault((place.paragraph, place.table, place.row, place.column), []).append(finding)
    return found


def _by_quote(found: list[Finding]) -> dict[str, list[Finding]]:
    groups: dict[str, list[Finding]] = {}
    for finding in found:
        groups.setdefault(finding.quote, []).append(finding)
    return groups


def _element(body: etree._Element, where: tuple[int | None, ...]) -> list[etree._Element] | None:
    """The paragraphs at a place: one of the body, or those of a table cell."""
    paragraph, table, row, column = where
    for place, element in walk(body):
        if paragraph and place.paragraph == paragraph and local(element) == "p":
            return [element]
        if table and place.table == table and local(element) == "tbl":
            for r, c, wide, cell in cells(element):
                if r + 1 == row and column is not None and c + 1 <= column <= c + wide:
                    return list(paragraphs(cell))
    return None


def _texts(paragraph: etree._Element) -> Iterator[etree._Element]:
    """The ``w:t`` that print, in order; none of deleted text, of text boxes or fields' instructions."""
    for child in paragraph:
        if not isinstance(child.tag, str) or local(child) in _SKIP:
            continue
        if local(child) == "t" and local(paragraph) == "r":
            yield child
        elif local(child) != "p":
            yield from _texts(child)


def _mark(elements: list[etree._Element], quote: str, number: int) -> bool:
    """Puts range marks and the reference around ``quote``, or around the whole paragraph."""
    wanted = "".join(quote.split())
    for paragraph in elements:
        span = _find(paragraph, wanted)
        if span is not None:
            first, last = _cut(span)
            _around(first, last, number)
            return True
    for paragraph in elements:
        runs = [run for t in _texts(paragraph) if (run := t.getparent()) is not None]
        if runs:
            _around(runs[0], runs[-1], number)
            return True
    return False


Span = tuple[etree._Element, int, etree._Element, int]


def _find(paragraph: etree._Element, wanted: str) -> Span | None:
    """Where the quote stands: (first ``w:t``, offset, last ``w:t``, offset behind the end).

    An automatic number at its beginning is not in the document's text; a quote that goes on in the
    next paragraph is marked as far as this one goes.
    """
    chars: list[tuple[etree._Element, int]] = []
    text = ""
    for t in _texts(paragraph):
        for index, char in enumerate(t.text or ""):
            if not char.isspace():
                chars.append((t, index))
                text += char
    for piece in (wanted, *(wanted[n:] for n in range(1, min(9, len(wanted) - 4)))):
        at = text.find(piece)
        length = len(piece)
        if at < 0 and len(piece) >= 8:
            at = next((len(text) - n for n in range(len(piece) - 1, 5, -1) if text.endswith(piece[:n])), -1)
            length = len(text) - at
        if at >= 0 and piece:
            (first, start), (last, end) = chars[at], chars[at + length - 1]
            return first, start, last, end + 1
    return None


def _cut(span: Span) -> tuple[etree._Element, etree._Element]:
    """The runs that hold just the quote: split at its ends, with the look of the run they came from."""
    first, start, last, end = span
    last_run = last.getparent()
    assert last_run is not None
    if end < len(last.text or "") and _simple(last_run):
        _split(last_run, last, end)
    first_run = first.getparent()
    assert first_run is not None
    if start > 0 and _simple(first_run):
        after = _split(first_run, first, start)
        if last_run is first_run:
            last_run = after
        first_run = after
    return first_run, last_run


def _simple(run: etree._Element) -> bool:
    return [local(c) for c in run if isinstance(c.tag, str) and local(c) != "rPr"] == ["t"]


def _split(run: etree._Element, text: etree._Element, at: int) -> etree._Element:
    """Cuts a run with a single text in two; gives the second."""
    after = deepcopy(run)
    whole = text.text or ""
    text.text = whole[:at]
    rest = next(c for c in after if local(c) == "t")
    rest.text = whole[at:]
    for each in (text, rest):
        each.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
    run.addnext(after)
    after.tail = None
    return after


def _around(first: etree._Element, last: etree._Element, number: int) -> None:
    begin = etree.Element(f"{W}commentRangeStart", {f"{W}id": str(number)})
    end = etree.Element(f"{W}commentRangeEnd", {f"{W}id": str(number)})
    reference = etree.Element(f"{W}r")
    etree.SubElement(reference, f"{W}commentReference", {f"{W}id": str(number)})
    first.addprevious(begin)
    last.addnext(reference)
    last.addnext(end)


def _related(file: _File, main: str) -> tuple[str, str]:
    """(relations part of the document, its comments part or ``""``)."""
    folder, _, name = main.rpartition("/")
    relations = f"{folder}/_rels/{name}.rels" if folder else f"_rels/{name}.rels"
    if not file.has(relations):
        return relations, ""
    for relation in file.tree(relations):
        if relation.get("Type", "").endswith("/comments"):
            target = relation.get("Target", "")
            return relations, target.lstrip("/") if target.startswith("/") else f"{folder}/{target}".lstrip("/")
    return relations, ""


def _next(file: _File, main: str) -> int:
    _, part = _related(file, main)
    known = [c.get(f"{W}id", "0") for c in file.tree(part)] if part and file.has(part) else []
    marks = [m.get(f"{W}id", "0") for m in file.tree(main).iter(f"{W}commentRangeStart")]
    return max((int(i) for i in known + marks if i.lstrip("-").isdigit()), default=-1) + 1


def _strip(file: _File, main: str) -> int:
    """Takes our comments and their marks out; a comments part that was ours alone goes too."""
    relations, part = _related(file, main)
    if not part or not file.has(part):
        return 0
    comments = file.tree(part)
    ours = [c for c in comments if local(c) == "comment" and c.get(f"{W}author") == AUTHOR]
    numbers = {c.get(f"{W}id") for c in ours}
    for comment in ours:
        comments.remove(comment)
    if not ours:
        return 0
    body = file.tree(main)
    for name in ("commentRangeStart", "commentRangeEnd", "commentReference"):
        for mark in [m for m in body.iter(f"{W}{name}") if m.get(f"{W}id") in numbers]:
            parent = mark.getparent()
            if parent is None:
                continue
            run_only = name == "commentReference" and local(parent) == "r" and all(
                c is mark or local(c) == "rPr" for c in parent
            )  # fmt: skip
            above = parent.getparent()
            if run_only and above is not None:
                above.remove(parent)
            else:
                parent.remove(mark)
    if len(comments) == 0:
        _drop_part(file, relations, part)
    return len(ours)


def _drop_part(file: _File, relations: str, part: str) -> None:
    for relation in [r for r in file.tree(relations) if r.get("Type", "").endswith("/comments")]:
        file.tree(relations).remove(relation)
    types = file.tree("[Content_Types].xml")
    for override in [o for o in types if o.get("PartName", "").lower() == f"/{part}".lower()]:
        types.remove(override)
    file.trees.pop(part, None)
    file.dropped.add(part.lower())


def _write_comments(file: _File, main: str, comments: list[tuple[int, str]]) -> None:
    relations, part = _related(file, main)
    if not part or not file.has(part):
        part = _new_part(file, main, relations)
    root = file.tree(part)
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    for number, text in comments:
        facts = {f"{W}id": str(number), f"{W}author": AUTHOR, f"{W}date": now, f"{W}initials": _INITIALS}
        comment = etree.SubElement(root, f"{W}comment", facts)
        for line in text.split("\n"):
            run = etree.SubElement(etree.SubElement(comment, f"{W}p"), f"{W}r")
            etree.SubElement(run, f"{W}t", {"{http://www.w3.org/XML/1998/namespace}space": "preserve"}).text = line


def _new_part(file: _File, main: str, relations: str) -> str:
    folder = main.rpartition("/")[0]
    name, number = "comments.xml", 1
    while (
        f"{folder}/{name}".lstrip("/").lower() in file.names
        and f"{folder}/{name}".lstrip("/").lower() not in file.dropped
    ):
        number += 1
        name = f"comments{number}.xml"
    part = f"{folder}/{name}".lstrip("/")
    file.dropped.discard(part.lower())
    file.trees[part] = etree.Element(f"{{{_MAIN}}}comments", nsmap={"w": _MAIN})
    file.names.setdefault(part.lower(), part)
    if not file.has(relations):
        file.trees[relations] = etree.fromstring(f'<Relationships xmlns="{_REL}"/>'.encode())
        file.names[relations.lower()] = relations
    root = file.tree(relations)
    used = {r.get("Id") for r in root}
    fresh = next(f"rIdJuesuan{n}" for n in range(1, 10_000) if f"rIdJuesuan{n}" not in used)
    etree.SubElement(root, f"{{{_REL}}}Relationship", {"Id": fresh, "Type": _KIND, "Target": name})
    types = file.tree("[Content_Types].xml")
    etree.SubElement(types, f"{{{_TYPES}}}Override", {"PartName": f"/{part}", "ContentType": _CONTENT})
    return part
