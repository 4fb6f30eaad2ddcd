"""Notes on cells: the comments part and its VML drawing, ours put in and taken out as text.

A note of ours begins with a line that names the program; on a cell that has a note already, our
text follows hers between two ruled lines. So ours are known again after any program saved the file.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection
from dataclasses import dataclass

from app.package.cells import SheetMap, box, position
from app.package.xmlbytes import Node, Splice, escaped, quoted, splice, tree, utf8

AUTHOR = "决算公开校核"
HEADER = AUTHOR + "："
OPEN = f"————— {AUTHOR} —————"
SHUT = "—" * 18
CAP = 1_000  # notes of ours a sheet
COMMENTS_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.comments+xml"
VML_TYPE = "application/vnd.openxmlformats-officedocument.vmlDrawing"
_RUN = '<{p}rPr>{b}<{p}sz val="9"/><{p}color indexed="81"/><{p}rFont val="宋体"/><{p}charset val="134"/></{p}rPr>'
_MAX = 30_000  # characters of a note

_NAMESPACES = (
    'xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office" '
    'xmlns:x="urn:schemas-microsoft-com:office:excel"'
)
_SHAPE_TYPE = (
    f'<v:shapetype {_NAMESPACES} id="_x0000_t202" coordsize="21600,21600" o:spt="202" path="m,l,21600r21600,l21600,xe">'
    '<v:stroke joinstyle="miter"/><v:path gradientshapeok="t" o:connecttype="rect"/></v:shapetype>'
)
_SHAPE = re.compile(rb"<((?:\w+:)?)shape\b(?:[^>\"']|\"[^\"]*\"|'[^']*')*>.*?</\1shape\s*>", re.S)
_DRAWN = re.compile(rb"<(?:\w+:)?(?:shape|group|rect|roundrect|oval|line|polyline|curve|arc|image)[\s>/]")
_ROOT_END = re.compile(rb"</(?:\w+:)?xml\s*>\s*$")


@dataclass(frozen=True, slots=True)
class Box:
    """Where a note's box stands: its cell (from 0) and ``Anchor`` (columns, rows and pixels)."""

    row: int
    column: int
    anchor: tuple[int, ...]


def placed(sheet: SheetMap, row: int, column: int, text: str) -> Box:
    """A box beside the cell, sized to its text."""
    width = 300
    wide = 46  # half-width characters a line of that box holds
    lines = sum(max(1, -(-_width(line) // wide)) for line in f"{HEADER}\n{text}".split("\n"))
    height = min(lines * 16 + 12, 480)
    right, right_offset = _walk(sheet.column_pixels, column + 1, 15 + width)
    top = max(row - 1, 0)
    bottom, bottom_offset = _walk(sheet.row_pixels, top, 10 + height)
    return Box(row, column, (column + 1, 15, top, 10, right, right_offset, bottom, bottom_offset))


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(c) in "WFA" else 1 for c in text)


def _walk(size: Callable[[int], int], at: int, pixels: int) -> tuple[int, int]:
    for index in range(at, at + 400):
        here = size(index)
        if pixels < here:
            return index, pixels
        pixels -= here
    return at + 400, 0


# -- the comments part ----------------------------------------------------------------------------


def new_comments(namespace: str) -> bytes:
    """A comments part without any note yet."""
    return (
        f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
        f'<comments xmlns="{namespace}"><authors></authors><commentList></commentList></comments>'
    ).encode()


def added(data: bytes, notes: dict[str, str]) -> tuple[list[Splice], list[str]]:
    """The changes that put ``notes`` (reference -> text) into a comments part in UTF-8.

    Returns them and the references that had no note: those need a box.
    """
    root = tree(data)
    p = root.prefix
    authors, listed = root.find("authors"), root.find("commentList")
    there = {c.attrs.get("ref", "").upper(): c for c in (listed.children if listed else ())}
    author = len(authors.children) if authors else 0
    changes: list[Splice] = []
    fresh: list[str] = []
    for ref, text in notes.items():
        if ref in there:
            changes += _continued(there[ref], p, text[:_MAX])
        else:
            fresh.append(ref)
    content = "".join(_comment(p, ref, author, notes[ref][:_MAX]) for ref in fresh).encode()
    if not fresh:
        return changes, fresh
    name = f"<{p}author>{AUTHOR}</{p}author>".encode()
    whole = f"<{p}authors>".encode() + name + f"</{p}authors>".encode()
    lists = f"<{p}commentList>".encode() + content + f"</{p}commentList>".encode()
    if root.empty:
        return root.appended(whole + lists), fresh
    if authors is None:
        at = listed.start if listed else root.close
        changes.append(Splice(at, at, whole))
    else:
        changes += authors.appended(name)
    changes += listed.appended(content) if listed else [Splice(root.close, root.close, lists)]
    return changes, fresh


def _comment(p: str, ref: str, author: int, text: str) -> str:
    head = _run(p, HEADER, bold=True)
    return (
        f'<{p}comment ref="{ref}" authorId="{author}"><{p}text>{head}{_run(p, chr(10) + text)}</{p}text></{p}comment>'
    )


def _run(p: str, text: str, *, bold: bool = False) -> str:
    look = _RUN.format(p=p, b=f"<{p}b/>" if bold else "")
    return f'<{p}r>{look}<{p}t xml:space="preserve">{escaped(text)}</{p}t></{p}r>'


def _continued(comment: Node, p: str, text: str) -> list[Splice]:
    """Our text behind hers. Plain text becomes a run: a ``t`` beside runs is not shown by all."""
    ours = _run(p, f"\n{OPEN}\n{text}\n{SHUT}").encode()
    body = comment.find("text")
    if body is None:
        return comment.appended(f"<{p}text>".encode() + ours + f"</{p}text>".encode())
    plain = body.find("t")
    behind = next((c.start for c in body.children if c.local in ("rPh", "phoneticPr")), -1)
    changes = []
    if plain is not None:
        changes += [Splice(plain.start, plain.start, f"<{p}r>".encode())]
        changes += [Splice(plain.end, plain.end, f"</{p}r>".encode())]
    return changes + ([Splice(behind, behind, ours)] if behind >= 0 else body.appended(ours))


@dataclass(slots=True)
class Stripped:
    """A comments part without our notes; ``gone`` maps the cells whose note went to its text."""

    data: bytes
    gone: dict[str, str]
    ours: dict[str, str]  # every cell that bore our words, appended ones too
    left: int


def stripped(data: bytes, known: Collection[str] = ()) -> Stripped:
    """Takes our notes out of a comments part. What she wrote into one of them stays.

    ``known`` are the texts we wrote, so that her lines can be told from ours.
    """
    data = utf8(data)
    root = tree(data, text=True)
    authors = [a.text for n in root.all("authors") for a in n.children]
    lines = {line.strip() for text in known for line in text.split("\n")} | {HEADER, AUTHOR, ""}
    changes: list[Splice] = []
    gone: dict[str, str] = {}
    ours: dict[str, str] = {}
    comments = [c for n in root.all("commentList") for c in n.children if c.local == "comment"]
    for comment in comments:
        ref, text = comment.attrs.get("ref", "").upper(), _words(comment)
        if box(ref) is None:
            continue
        number = comment.attrs.get("authorId", "")
        author = authors[int(number)] if number.isdigit() and int(number) < len(authors) else ""
        if OPEN in text:
            hers, rest = text.split(OPEN, 1)
            mine, _, more = rest.partition(SHUT)
            ours[ref] = mine.strip()
            changes.append(_rewritten(comment, hers.removesuffix("\n") + more))
        elif author == AUTHOR or text.startswith(HEADER):
            ours[ref] = text.removeprefix(HEADER).strip()
            hers = "\n".join(x for x in text.split("\n") if x.strip() not in lines) if known else ""
            if hers.strip():
                changes.append(_rewritten(comment, hers))
            else:
                gone[ref] = ours[ref]
                changes.append(comment.removed())
    changes += [_nameless(a) for n in root.all("authors") for a in n.children if a.text == AUTHOR]
    return Stripped(splice(data, changes)[0], gone, ours, len(comments) - len(gone))


def _nameless(author: Node) -> Splice:
    """Our author without its name: authors are counted, so the place stays."""
    return Splice(author.start, author.end, f"<{author.tag}></{author.tag}>".encode())


def _words(comment: Node) -> str:
    return "".join(n.text for n in comment.walk() if n.local == "t").replace("\r\n", "\n").replace("_x000a_", "\n")


def _rewritten(comment: Node, text: str) -> Splice:
    """Her words only, each run that is hers alone as it stands; the rest of the comment is kept."""
    p, body = comment.prefix, comment.find("text")
    kept, left = b"", text
    for run in body.children if body else ():
        words = "".join(n.text for n in run.walk() if n.local == "t").replace("\r\n", "\n")
        if run.local != "r" or not words or not left:
            break
        if not left.startswith(words):
            kept += _shortened(run, left) if words.startswith(left) else _run(p, left).encode()
            left = ""
            break
        kept += run.raw
        left = left[len(words) :]
    kept += _run(p, left).encode() if left else b""
    new = f"<{p}text>".encode() + kept + f"</{p}text>".encode()
    return Splice(body.start, body.end, new) if body else Splice(comment.end, comment.end, b"")


def _shortened(run: Node, text: str) -> bytes:
    """A run of hers into which another program let our words flow."""
    node = next(n for n in run.walk() if n.local == "t")
    head, tail = run.data[run.start : node.start], run.data[node.end : run.end]
    return head + f'<{node.tag} xml:space="preserve">{escaped(text)}</{node.tag}>'.encode() + tail


# -- the drawing ----------------------------------------------------------------------------------


def new_vml(block: int) -> bytes:
    """A VML drawing without shapes, its ids in a block of 1,024 of its own."""
    return (
        f'<xml {_NAMESPACES}><o:shapelayout v:ext="edit"><o:idmap v:ext="edit" data="{block}"/></o:shapelayout>'
        f"{_SHAPE_TYPE}</xml>"
    ).encode()


def blocks(data: bytes) -> list[int]:
    """The id blocks a drawing says it uses."""
    found = re.findall(rb"idmap\b[^>]*?\bdata\s*=\s*[\"']([\d,\s]+)", data)
    return [int(n) for each in found for n in re.findall(rb"\d+", each)]


def drawn(data: bytes, boxes: list[Box]) -> list[Splice]:
    """The changes that add the boxes to a drawing, well-formed or not: text before its last tag."""
    used = [int(n) for n in re.findall(rb"_x0000_s(\d+)", data)]
    first = max([*used, 1024 * (blocks(data) or [1])[0]]) + 1
    shapes = "" if b'"_x0000_t202"' in data or b"'_x0000_t202'" in data else _SHAPE_TYPE
    shapes += "".join(_shape(first + i, each) for i, each in enumerate(boxes))
    found = _ROOT_END.search(data)
    if found:
        return [Splice(found.start(), found.start(), shapes.encode())]
    if (empty := re.search(rb"/>\s*$", data)) and data.count(b"<") <= 2:
        return [Splice(empty.start(), empty.end(), b">" + shapes.encode() + b"</xml>")]
    at = data.rfind(b"</")
    at = at if at >= 0 else len(data)
    return [Splice(at, at, shapes.encode())]


def _shape(number: int, place: Box) -> str:
    anchor = ", ".join(map(str, place.anchor))
    return (
        f'<v:shape {_NAMESPACES} id="_x0000_s{number}" type="#_x0000_t202" '
        'style="position:absolute;margin-left:60pt;margin-top:2pt;width:225pt;height:60pt;z-index:1;visibility:hidden" '
        'fillcolor="#ffffe1" o:insetmode="auto"><v:fill color2="#ffffe1"/><v:shadow on="t" color="black" obscured="t"/>'
        '<v:path o:connecttype="none"/><v:textbox style="mso-direction-alt:auto"><div style="text-align:left"></div>'
        f'</v:textbox><x:ClientData ObjectType="Note"><x:MoveWithCells/><x:SizeWithCells/><x:Anchor>{anchor}</x:Anchor>'
        f"<x:AutoFill>False</x:AutoFill><x:Row>{place.row}</x:Row><x:Column>{place.column}</x:Column></x:ClientData></v:shape>"
    )


def undrawn(data: bytes, refs: Collection[str]) -> tuple[bytes, bool]:
    """The drawing without the boxes of these cells, and whether anything is still drawn in it."""
    cells = {position(ref) for ref in refs}

    def keep(found: re.Match[bytes]) -> bytes:
        row, column = (re.search(rb"<(?:\w+:)?%s>\s*(\d+)" % n, found[0]) for n in (b"Row", b"Column"))
        note = re.search(rb"ObjectType\s*=\s*[\"']Note[\"']", found[0])
        ours = note and row and column and (int(row[1]), int(column[1])) in cells
        return b"" if ours else found[0]

    changed = _SHAPE.sub(keep, utf8(data))
    return changed, bool(_DRAWN.search(changed))


def reference_element(prefix: str, namespace: str, relation: str) -> bytes:
    """``legacyDrawing`` with its own declaration of the relation namespace."""
    return f'<{prefix}legacyDrawing xmlns:r="{quoted(namespace)}" r:id="{quoted(relation)}"/>'.encode()
