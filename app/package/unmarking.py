"""Our marks taken out of a package that another program has saved since: styles renumbered,
unknown parts dropped, rows moved. Her corrections and her own notes stay."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import replace
from decimal import Decimal, InvalidOperation

from app.package import notes as notes_part
from app.package import own
from app.package.book import Workbook
from app.package.cells import CellEdit, CellView, SheetMap, position
from app.package.container import Package, Relation
from app.package.ledger import record_part
from app.package.own import Marked, Record
from app.package.styles import PLAIN, StyleBook
from app.package.theme import palette, resolved
from app.package.xmlbytes import Splice, parse, parser, splice, tree, utf8
from app.writing.model import MARKS

_CELL = re.compile(r"\$?[A-Z]{1,3}\$?\d+")


def unmark(package: Package) -> bool:
    """Takes out everything of ours that can be recognised. False when there was nothing."""
    book = Workbook(package)
    found = own.find(package, book)
    record = _with_colors(package, found[1]) if found else Record([], [])
    styles_part = next((r.target for r in package.relations(book.part) if r.kind == "styles"), "")
    styles = StyleBook(package.read(styles_part)) if package.has(styles_part) else None
    gone = {i for i, s in enumerate(book.sheets) if s.name in record.sheets or (found and i == found[0])}
    changed, emptied = bool(gone), False
    for index, entry in enumerate(book.sheets):
        if index in gone or not entry.part:
            continue
        marks = [m for m in record.marks if m.sheet == entry.name]
        did, freed = _unmark_sheet(package, entry.part, marks, record, styles)
        changed, emptied = changed or did, emptied or freed
    if styles is not None and changed:
        _put(package, styles_part, styles.data, styles.splices())
    if gone:
        _blank_strings(package, book, gone)
        _remove_sheets(package, book, gone)
    if gone or emptied:
        _drop_related(package, book.part, {"calcChain"})
    return _drop_record(package, book.part) or changed


def _unmark_sheet(
    package: Package, part: str, marks: list[Marked], record: Record, styles: StyleBook | None
) -> tuple[bool, bool]:
    """(changed, whether a formula of ours was taken out of a cell)."""
    known = {m.note for m in record.marks if m.note}
    ours, left = _take_notes(package, part, known)
    if not marks and not ours:
        return False, False
    sheet = SheetMap(package.read(part))
    where = {position(m.cell): m for m in marks}
    by_note = {_flat(m.note): m for m in record.marks}
    for ref, text in ours.items():  # where a note of ours stands now, the mark stands too
        cell = position(ref)
        if cell not in where:
            where[cell] = by_note.get(_flat(text)) or Marked("", ref, "", "")
    edits: dict[tuple[int, int], CellEdit] = {}
    freed = False
    for cell, mark in where.items():
        view = sheet.view(*cell)
        edit = _undone(view, mark, styles) if view.there and styles else None
        if edit is not None:
            edits[cell] = edit
            freed = freed or (edit.empty and view.has_formula)
    changes = [c for c in sheet.edited(edits)]
    element = sheet.element("legacyDrawing")
    if ours and not left and element is not None:
        changes.append(element.removed())
    _put(package, part, sheet.data, changes)
    return True, freed


def _with_colors(package: Package, record: Record) -> Record:
    """The record with theme colours as RGB where the program that saved dropped the theme."""
    if not record.palette or palette(package):
        return record
    marks = [replace(m, look=resolved(m.look, record.palette)) for m in record.marks]
    return Record(marks, record.sheets)


def _flat(text: str) -> str:
    return re.sub(r"\s+", "", text)


def _undone(view: CellView, mark: Marked, styles: StyleBook) -> CellEdit | None:
    """The edit that takes a mark away; None where the cell does not bear it any more."""
    pairs = [(mark.fill, mark.color)] if mark.fill else list(MARKS.values())
    fill, color = next(((f, c) for f, c in pairs if styles.has_mark(view.style, f)), ("", ""))
    if not fill:
        return None
    empty = mark.filled and _as_filled(view, mark)
    index = styles.restored(view.style, mark.look if mark.fill else PLAIN, color, number_format=empty)
    if empty and mark.before:  # XX%, which the fill took the place of
        return CellEdit(lambda _: index, fill=True, value=mark.before, text=True)
    return CellEdit(lambda _: index, empty=empty)


def _as_filled(view: CellView, mark: Marked) -> bool:
    """True when a cell still holds what we filled in, if need be with moved references."""
    if mark.formula:
        return view.has_formula and _shape(view.formula) == _shape(mark.formula)
    try:
        return not view.has_formula and abs(Decimal(view.value) - Decimal(mark.value)) < Decimal("1e-12")
    except InvalidOperation:
        return False


def _shape(formula: str) -> str:
    return _CELL.sub("@", re.sub(r"\s", "", formula))


# -- notes ----------------------------------------------------------------------------------------


def _take_notes(package: Package, part: str, known: Collection[str]) -> tuple[dict[str, str], bool]:
    """Takes our notes out of a sheet's comments and drawing.

    Returns the cells that bore one with its text, and whether the drawing is still needed.
    """
    comments = _related(package, part, "comments")
    if not comments:
        return {}, True
    found = notes_part.stripped(package.read(comments), known)
    if not found.ours:
        return {}, True
    if found.left:
        package.put(comments, found.data)
    else:
        _drop_related(package, part, {"comments"})
    drawing, left = _legacy(package, part), True
    if drawing:
        data, left = notes_part.undrawn(package.read(drawing), found.gone)
        if left:
            package.put(drawing, data)
        else:
            _drop_related(package, part, {"vmlDrawing"}, drawing)
    return found.ours, left


def _legacy(package: Package, part: str) -> str:
    """The drawing that bears a sheet's notes: the one its ``legacyDrawing`` names."""
    element = SheetMap(package.read(part)).element("legacyDrawing")
    relation = next((v for k, v in element.attrs.items() if k.endswith(":id")), "") if element else ""
    return next((r.target for r in package.relations(part) if r.id == relation and package.has(r.target)), "")


def _related(package: Package, part: str, kind: str) -> str:
    return next((r.target for r in package.relations(part) if r.kind == kind and package.has(r.target)), "")


# -- sheets and parts -----------------------------------------------------------------------------


def _blank_strings(package: Package, book: Workbook, gone: set[int]) -> None:
    """Empties the shared strings that only our sheets use; their numbers stay."""
    part = _related(package, book.part, "sharedStrings")
    if not part:
        return
    used: tuple[set[int], set[int]] = set(), set()
    for index, entry in enumerate(book.sheets):
        if entry.part:
            used[index in gone].update(_strings_used(utf8(package.read(entry.part))))
    root = tree(utf8(package.read(part)))
    p = root.prefix
    empty = f"<{p}si><{p}t></{p}t></{p}si>".encode()
    ours = ((i, n) for i, n in enumerate(root.all("si")) if i in used[True] and i not in used[False])
    _put(package, part, root.data, [Splice(n.start, n.end, empty) for _, n in ours])


def _strings_used(data: bytes) -> set[int]:
    """The numbers of the shared strings that the cells of a sheet show."""
    found: set[str] = set()
    shared = reading = False

    def start(tag: str, attrs: dict[str, str]) -> None:
        nonlocal shared, reading
        name = tag.rpartition(":")[2]
        if name == "c":
            shared = attrs.get("t") == "s"
        reading = shared and name == "v"

    def end(_: str) -> None:
        nonlocal reading
        reading = False

    def characters(text: str) -> None:
        if reading:
            found.add(text.strip())

    made = parser(start, end)
    made.CharacterDataHandler = characters
    parse(made, data)
    return {int(text) for text in found if text.isdigit()}


def _remove_sheets(package: Package, book: Workbook, gone: set[int]) -> None:
    root = tree(utf8(package.read(book.part)), text=True)
    _put(package, book.part, root.data, book.without(gone))
    targets = {book.sheets[i].part for i in gone if book.sheets[i].part}
    _drop_related(package, book.part, {"worksheet"}, *targets)


def _drop_related(package: Package, part: str, kinds: set[str], *only: str) -> None:
    """Drops related parts with what hangs on them, and their relations."""
    relations = [r for r in package.relations(part) if r.kind in kinds and (not only or r.target in only)]
    path = package.relation_path(part)
    if not relations:
        return
    ids = {r.id for r in relations}
    root = tree(utf8(package.read(path)))
    _put(package, path, root.data, [n.removed() for n in root.children if n.attrs.get("Id") in ids])
    for relation in relations:
        if not relation.external:
            _drop_tree(package, relation.target)
    if not package.relations(part):
        package.drop(path)


def _drop_tree(package: Package, part: str) -> None:
    if not package.has(part):
        return
    inner = [r.target for r in package.relations(part) if not r.external]
    package.drop(part)
    if inner:
        used = {r.target for n in package.names if n.lower().endswith(".rels") for r in _relations_at(package, n)}
        for each in inner:
            if each not in used:
                _drop_tree(package, each)


def _relations_at(package: Package, path: str) -> list[Relation]:
    return package.relations(path.replace("_rels/", "", 1).removesuffix(".rels"))


def _drop_record(package: Package, workbook: str) -> bool:
    part = record_part(package)
    if part is None:
        return False
    _drop_related(package, workbook, {"customXml"}, part)
    return True


def _put(package: Package, part: str, data: bytes, changes: list[Splice]) -> None:
    if changes:
        package.put(part, splice(data, changes)[0])
