"""Takes our comments out of a Word file: their marks, what belongs to them in other parts, and the
cuts they made in runs. Replies of the clerk to a comment of ours stay as comments of her own."""

from __future__ import annotations

from app.package import xmlbytes
from app.package.document import Document, subtrees
from app.package.xmlbytes import Node, Splice
from app.writing.word_filling import original
from app.writing.word_passage import BETWEEN, CUT, KEEP

AUTHOR = "决算公开校核"
_MARKS = frozenset(("commentRangeStart", "commentRangeEnd", "commentReference"))


def strip(document: Document, *, restoring: bool = False) -> int:
    """Take out our comments; gives how many there were. Raises ``Unreadable`` for damaged parts.

    ``restoring`` also puts the placeholders back that we filled; else what was filled in stays as hers.
    """
    part = document.related("comments")
    if not part:
        return 0
    data = xmlbytes.utf8(document.read(part))
    comments = xmlbytes.tree(data, text=restoring).all("comment")
    ours = [c for c in comments if _attribute(c, "author") == AUTHOR]
    if not ours:
        return 0
    if restoring:
        _restore(document, {_attribute(c, "id"): before for c in ours if (before := original(_words(c)))})
    _unmark(document, {_attribute(c, "id") for c in ours})
    _forget(document, {_attribute(p, "paraId") for c in ours for p in c.walk() if p.local == "p"} - {""})
    if len(ours) == len(comments):
        _drop(document, part)
    else:
        document.put(part, xmlbytes.splice(data, [c.removed() for c in ours])[0])
    return len(ours)


def _attribute(node: Node, name: str) -> str:
    return next((v for k, v in node.attrs.items() if k.rpartition(":")[2] == name), "")


def _words(comment: Node) -> str:
    """The text of a comment, its paragraphs as lines."""
    paragraphs = [p for p in comment.walk() if p.local == "p"]
    return "\n".join("".join(t.words() for t in p.walk() if t.local == "t") for p in paragraphs)


def _restore(document: Document, fills: dict[str, list[str]]) -> None:
    """Our fills replaced by the placeholders that stood there: between the marks, and in the runs behind."""
    if not fills:
        return
    data = xmlbytes.utf8(document.read(document.main))
    splices: list[Splice] = []

    def paragraph(_: int, node: Node) -> None:
        waiting: list[str] = []
        inside = ""
        for one in node.walk():
            number = _attribute(one, "id")
            if one.local == "commentRangeStart" and number in fills:
                inside, waiting = number, list(fills[number])
            elif one.local == "commentRangeEnd" and number == inside:
                inside = ""
            elif one.local == "t" and waiting:
                piece = waiting.pop(0)
                start, end = (one.open_end, one.close) if inside else (one.open_end, one.open_end)
                splices.append(Splice(start, end, xmlbytes.escaped(piece).encode()))

    subtrees(data, lambda _, name: name == "p", paragraph)
    document.put(document.main, xmlbytes.splice(data, splices)[0])


def _unmark(document: Document, numbers: set[str]) -> None:
    """The marks of comments out of the text, and the runs joined that were cut for them."""
    data = xmlbytes.utf8(document.read(document.main))
    splices: dict[int, Splice] = {}

    def mark(_: int, node: Node) -> None:
        if _attribute(node, "id") in numbers:
            splices.setdefault(node.start, node.removed())

    def run(_: int, node: Node) -> None:
        inner = [c for c in node.children if c.local != "rPr"]
        ours = [c for c in inner if c.local == "commentReference" and _attribute(c, "id") in numbers]
        if ours and len(ours) == len(inner):
            splices[node.start] = node.removed()

    subtrees(data, lambda _, name: name == "r", run)
    whole = list(splices.values())
    subtrees(data, lambda _, name: name in _MARKS, mark)
    kept = [s for s in splices.values() if s in whole or not any(w.start < s.start < w.end for w in whole)]
    bare, undo = xmlbytes.splice(data, kept)
    document.put(document.main, _joined(bare, {u.start for u in undo}))


def _joined(data: bytes, seams: set[int]) -> bytes:
    """Runs that we cut at one of ``seams`` become one again, byte for byte."""
    before: dict[int, Node] = {}
    after: dict[int, Node] = {}

    def run(_: int, node: Node) -> None:
        if node.end in seams:
            before[node.end] = node
        if node.start in seams and node.opening.endswith(CUT):
            after[node.start] = node

    subtrees(data, lambda _, name: name == "r", run)
    splices = [s for at, node in after.items() if at in before for s in _join(before[at], node)]
    return xmlbytes.splice(data, splices)[0]


def _join(first: Node, second: Node) -> list[Splice]:
    looks = [run.find("rPr") for run in (first, second)]
    one, other = (look.raw if look else b"" for look in looks)
    if one != other or first.opening[:-1].rstrip() != second.opening[:-1].rstrip():
        return []
    start, end = first.close, looks[1].end if looks[1] else second.open_end
    if second.opening.endswith(BETWEEN):
        return [Splice(start, end, b"")]
    mine, text = [c for c in first.children if c.local != "rPr"], [c for c in second.children if c.local != "rPr"]
    if not mine or not text or mine[-1].local != "t" or text[0].local != "t":
        return []
    joined = [Splice(mine[-1].close, text[0].open_end, b"")]
    # The start tag of a part that is itself the end of a cut goes with that cut.
    if len(mine) > 1 or first.opening.endswith(BETWEEN) or not first.opening.endswith(CUT):
        tag = mine[-1].opening
        joined += [Splice(mine[-1].start, mine[-1].open_end, tag.replace(KEEP, b""))] if KEEP in tag else []
    return joined


def _forget(document: Document, paragraphs: set[str]) -> None:
    """What Word has noted of our comments elsewhere; replies to them stand alone from now on."""
    for kind, name in (("commentsExtended", "commentEx"), ("commentsIds", "commentId")):
        part = document.related(kind)
        if not part or not paragraphs:
            continue
        data = xmlbytes.utf8(document.read(part))
        splices = []
        for node in xmlbytes.tree(data).all(name):
            if _attribute(node, "paraId") in paragraphs:
                splices.append(node.removed())
            elif _attribute(node, "paraIdParent") in paragraphs:
                splices.append(node.with_attributes(**{f"{node.prefix}paraIdParent": None}))
        document.put(part, xmlbytes.splice(data, splices)[0])


def _drop(document: Document, part: str) -> None:
    """The comments part, which held nothing but ours, and the relation to it."""
    path = document.relation_path(document.main)
    data = xmlbytes.utf8(document.read(path))
    ids = {r.id for r in document.relations(document.main) if r.kind == "comments"}
    gone = [r.removed() for r in xmlbytes.tree(data).children if _attribute(r, "Id") in ids]
    document.drop(part)
    document.put(path, xmlbytes.splice(data, gone)[0])
