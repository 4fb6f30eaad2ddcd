"""The clerk's Word file with a comment on each wrong passage, nothing else changed.

The package is edited in place and ``document.xml`` only spliced: range marks and reference runs go
in (a run in the middle of which a mark falls is closed and opened again with its look), every other
byte stays. python-docx ≥ 1.2 writes comments, too, but measured on documents that came from
LibreOffice it rewrites nine parts on load and save (styles, numbering, settings, relations …), drops
parts that no relation names, refuses strict files, and reaches no text in tracked insertions,
content controls or text boxes.

Our comments are known by their author. They are taken out before new ones go in; the runs that were
cut for them are joined, so a file that was marked and cleaned has its first bytes again.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from lxml import etree

from app.checking.finding import Checked, Fill, Finding
from app.package import xmlbytes
from app.package.document import Document, part_tree, subtrees, worded
from app.package.xmlbytes import Node, Splice
from app.reading.errors import Unreadable
from app.reading.word import cells, paragraphs, walk
from app.reading.word_numbering import W
from app.reading.word_text import local
from app.source import Place
from app.writing import word_unmarking
from app.writing.note_text import note
from app.writing.word_filling import Written, plan, said
from app.writing.word_passage import Paragraph, find
from app.writing.word_unmarking import AUTHOR

__all__ = ["AUTHOR", "annotate", "clean", "refusal"]

_INITIALS = "校核"
_MOST = 1000  # comments a file: Word slows down well before
_USUAL = "http://schemas.openxmlformats.org"
_STRICT = "http://purl.oclc.org/ooxml"
_RELATIONS = f"{_USUAL}/package/2006/relationships"
_CONTENT = "application/vnd.openxmlformats-officedocument.wordprocessingml.comments+xml"
_SIGNED = "文档有数字签名，加批注会使签名失效，因此没有写带批注的 Word 文件"
# Comments take the look of plain text, which in such documents is large and indented: 9 pt, no indent.
_PARAGRAPH = '<{0}p><{0}pPr><{0}spacing {0}before="0" {0}after="0" {0}line="240" {0}lineRule="auto"/>'
_PARAGRAPH += '<{0}ind {0}left="0" {0}firstLineChars="0" {0}firstLine="0"/><{0}jc {0}val="left"/></{0}pPr>'
_RUN = (
    '<{0}r><{0}rPr>{1}<{0}sz {0}val="18"/><{0}szCs {0}val="18"/></{0}rPr><{0}t xml:space="preserve">{2}</{0}t></{0}r>'
)


@dataclass(slots=True)
class _Spot:
    """A paragraph, or the paragraphs of a cell, and the findings there."""

    elements: list[etree._Element]
    findings: list[Finding] = field(default_factory=list)
    filled: list[Written] = field(default_factory=list)


def annotate(source: Path, target: Path, checked: Checked) -> int:
    """Write ``target``, the document with our comments; gives how many there are.

    Errors and reminders are commented, information stays on the list. Raises ``Unreadable`` where
    the file cannot be edited (see ``refusal``).
    """
    document = Document.open(source)
    if document.signed:
        raise Unreadable(_SIGNED)
    try:
        word_unmarking.strip(document)
        written = _fill(document, checked.fills, source.name)
        number = _comment(document, checked, source.name, written)
        document.save(target)
    except Unreadable as error:
        raise worded(error) from error
    return number


def clean(source: Path, target: Path) -> bool:
    """Write ``target`` without our comments; False, and nothing written, if there were none."""
    document = Document.open(source)
    try:
        if not word_unmarking.strip(document, restoring=True):
            return False
        document.save(target)
    except Unreadable as error:
        raise worded(error) from error
    return True


def refusal(source: Path) -> str:
    """Why a document gets no comments, ``""`` if it does. Raises ``Unreadable``."""
    return _SIGNED if Document.open(source).signed else ""


def _fill(document: Document, fills: list[Fill], name: str) -> dict[int, list[Written]]:
    """Replace placeholders in the text; by the number of the paragraph what was written."""
    by_paragraph: dict[int, list[Fill]] = {}
    for fill in sorted((f for f in fills if f.span and f.place.file in (None, name)), key=lambda f: f.span or (0, 0)):
        if fill.place.paragraph:
            by_paragraph.setdefault(fill.place.paragraph, []).append(fill)
    wanted = {n: some for n, some in by_paragraph.items() if any(f.done for f in some)}
    if not wanted:
        return {}
    data = xmlbytes.utf8(document.read(document.main))
    body = part_tree(data).find(f"{W}body")
    elements = {p.paragraph: e for p, e in walk(body) if p.paragraph in wanted} if body is not None else {}
    made = _paragraphs(data, [_Spot([element], []) for element in elements.values()])
    splices, done = [], {}
    for number, element in elements.items():
        changes, written = plan(made[element], wanted[number])
        splices += changes
        done[number] = written
    document.put(document.main, xmlbytes.splice(data, sorted(splices, key=lambda s: s.start))[0])
    return done


def _comment(document: Document, checked: Checked, name: str, written: dict[int, list[Written]]) -> int:
    data = xmlbytes.utf8(document.read(document.main))
    spots = _spots(part_tree(data), checked, name, written)
    texts: list[str] = []
    splices: list[Splice] = []
    if spots:
        first = _next_number(document, data)
        made = _paragraphs(data, spots)
        for spot in spots:
            for where, span, text in _passages(spot, made):
                where.mark(first + len(texts), span)
                texts.append(text)
        splices = [s for p in made.values() for s in p.splices()]
        document.put(document.main, xmlbytes.splice(data, splices)[0])
        _write(document, first, texts)
    return len(texts)


def _said(found: list[Finding]) -> str:
    """The text of a comment: Word counts no paragraphs, so their numbers are left out."""
    return note([replace(f, message=f.message.removeprefix(str(f.place))) for f in found], "同名 .xlsx 的“问题清单”")


def _spots(root: etree._Element, checked: Checked, name: str, written: dict[int, list[Written]]) -> list[_Spot]:
    """Where the findings of this file stand, in the order of the document."""
    wanted: dict[tuple[int | None, ...], list[Finding]] = {}
    heavy = [f for f in checked.findings if f.severity != "info" and f.place.file in (None, name)]
    heavy.sort(key=lambda f: f.verified is not None)  # what is left to do comes before what is done
    for finding in [f for f in heavy if f.place.paragraph or f.place.table][:_MOST]:
        wanted.setdefault(_key(finding.place), []).append(finding)
    body = root.find(f"{W}body")
    tables = {key[1] for key in wanted if key[1]}
    made = []
    for place, element in walk(body) if body is not None else ():
        filled = written.get(place.paragraph or 0, [])
        if local(element) == "p" and (_key(place) in wanted or filled):
            made.append(_Spot([element], wanted.get(_key(place), []), filled))
        elif local(element) == "tbl" and place.table in tables:
            for row, column, _, cell in cells(element):
                key = (None, place.table, row + 1, column + 1)
                if found := wanted.get(key):
                    made.append(_Spot(list(paragraphs(cell)), found))
    return made


def _key(place: Place) -> tuple[int | None, ...]:
    return (None, place.table, place.row, place.column) if place.table else (place.paragraph, None, None, None)


def _paragraphs(data: bytes, spots: Iterable[_Spot]) -> dict[etree._Element, Paragraph]:
    """Every paragraph that may bear a mark, by its element."""
    elements = [e for spot in spots for e in spot.elements]
    wanted = set(elements)
    root = elements[0].getroottree().getroot() if elements else None
    order = {n: e for n, e in enumerate(root.iter(etree.Element)) if e in wanted} if root is not None else {}
    namespace = f"{_STRICT}/wordprocessingml/main" if _STRICT.encode() in data else W[1:-1]
    made: dict[etree._Element, Paragraph] = {}

    def done(number: int, node: Node) -> None:
        made[order[number]] = Paragraph(order[number], node, namespace)

    subtrees(data, lambda number, _: number in order, done)
    return made


def _passages(
    spot: _Spot, made: dict[etree._Element, Paragraph]
) -> list[tuple[Paragraph, tuple[int, int] | None, str]]:
    """Each passage of a spot once, with what is said of it; None is the whole paragraph."""
    here = [made[e] for e in spot.elements]
    found: dict[tuple[int, tuple[int, int] | None], list[Finding]] = {}
    for finding in spot.findings:
        quote, context = ("".join(t.split()) for t in (finding.quote, finding.context))
        spans = ((n, find(p.text, quote, context)) for n, p in enumerate(here))
        full = next((n for n, p in enumerate(here) if p.text), 0)
        passage = next(((n, span) for n, span in spans if span is not None), (full, None))
        found.setdefault(passage, []).append(finding)
    told = [(n, span, _said(some)) for (n, span), some in found.items()]
    for one in spot.filled:
        told.append((0, find(here[0].text, one.text, one.context), said(one)))
    return [(here[n], span, text) for n, span, text in sorted(told, key=lambda t: (t[0], t[1] or (0, 0))) if here]


def _next_number(document: Document, data: bytes) -> int:
    """The first number that neither a comment nor a mark in the text has."""
    used = [-1]

    def seen(_: int, node: Node) -> None:
        used.extend(int(v) for k, v in node.attrs.items() if k.rpartition(":")[2] == "id" and v.lstrip("-").isdigit())

    subtrees(data, lambda _, name: name.startswith("comment"), seen)
    if part := document.related("comments"):
        subtrees(xmlbytes.utf8(document.read(part)), lambda _, name: name == "comment", seen)
    return max(used) + 1


def _write(document: Document, first: int, texts: list[str]) -> None:
    """The comments, appended to those that are there."""
    part = document.related("comments") or _new_part(document)
    data = xmlbytes.utf8(document.read(part))
    root = xmlbytes.tree(data)
    prefix, declared = root.prefix, ""
    if not prefix:  # attributes need one
        prefix, declared = "w:", f' xmlns:w="{root.attrs.get("xmlns", W[1:-1])}"'
    date = datetime.now().strftime("%Y-%m-%dT%H:%M:%SZ")  # Word, too, writes local time as if it were UTC
    added = []
    for number, text in enumerate(texts, first):
        lines = text.split("\n")
        body = "".join(_PARAGRAPH.format(prefix) + _line(prefix, n, line) for n, line in enumerate(lines))
        facts = {"id": number, "author": AUTHOR, "date": date, "initials": _INITIALS}
        attributes = "".join(f' {prefix}{k}="{v}"' for k, v in facts.items())
        added.append(f"<{prefix}comment{declared}{attributes}>{body}</{prefix}comment>")
    document.put(part, xmlbytes.splice(data, root.appended("".join(added).encode()))[0])


def _line(prefix: str, number: int, line: str) -> str:
    bold = f"<{prefix}b/>" if number == 0 else ""
    run = _RUN.format(prefix, bold, xmlbytes.escaped(line)) if line else ""
    return f"{run}</{prefix}p>"


def _new_part(document: Document) -> str:
    """An empty comments part, declared and named by the document; strict in a strict file."""
    folder = document.main.rpartition("/")[0]
    names = ("comments.xml", *(f"comments{n}.xml" for n in range(2, 10_000)))
    name = next(n for n in names if not document.has(f"{folder}/{n}".lstrip("/")))
    part = f"{folder}/{name}".lstrip("/")
    strict = any(r.type.startswith(_STRICT) for r in document.relations(""))
    namespace = f"{_STRICT}/wordprocessingml/main" if strict else W[1:-1]
    kind = f"{_STRICT}/officeDocument/relationships" if strict else f"{_USUAL}/officeDocument/2006/relationships"
    empty = f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<w:comments xmlns:w="{namespace}"/>'
    document.put(part, empty.encode(), _CONTENT)
    path = document.relation_path(document.main)
    data = xmlbytes.utf8(document.read(path)) if document.has(path) else _no_relations()
    root = xmlbytes.tree(data)
    used = {r.id for r in document.relations(document.main)}
    free = next(f"rIdJuesuan{n}" for n in range(1, 10_000) if f"rIdJuesuan{n}" not in used)
    relation = f'<{root.prefix}Relationship Id="{free}" Type="{kind}/comments" Target="{name}"/>'
    document.put(path, xmlbytes.splice(data, root.appended(relation.encode()))[0])
    return part


def _no_relations() -> bytes:
    return f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<Relationships xmlns="{_RELATIONS}"/>'.encode()
