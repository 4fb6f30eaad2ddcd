"""Marks, notes, fills and sheets of ours put into an open package, only what each needs."""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass, field

from app.package import notes as notes_part
from app.package.book import NewSheet, Workbook
from app.package.cells import Box, CellEdit, CellView, SheetMap, box, inside, position, reference
from app.package.container import Package
from app.package.ledger import Ledger
from app.package.newsheet import defined_names, rendered
from app.package.own import SHEET, Marked, Record, Texts, model
from app.package.styles import LIMIT, MINIMAL, StyleBook
from app.package.theme import palette, uses_theme
from app.package.xmlbytes import Splice, tree, utf8
from app.writing.model import MARKS, Mark, SheetModel

_WEIGHT = {name: rank for rank, name in enumerate(("error", "warning", "filled", "rounding", "info", "verified"))}
_SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"
_STYLES_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"


@dataclass(frozen=True, slots=True)
class Skipped:
    """What a mark could not get, and why, in words for the clerk."""

    sheet: str
    cell: str
    why: str


@dataclass(slots=True)
class Annotated:
    """How annotating went: cells coloured, notes and fills written, and what could not be.

    ``sheets`` are the names our own sheets got.
    """

    marked: int = 0
    noted: int = 0
    filled: int = 0
    sheets: list[str] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)


@dataclass(slots=True)
class _Target:
    """Everything that is wanted of one cell."""

    style: str
    notes: list[str] = field(default_factory=list)
    fill: Mark | None = None

    def add(self, mark: Mark) -> None:
        if _WEIGHT.get(mark.style, 99) < _WEIGHT.get(self.style, 99):
            self.style = mark.style
        if mark.note and mark.note not in self.notes:
            self.notes.append(mark.note)
        if self.fill is None and (mark.fill_formula or mark.fill_value is not None):
            self.fill = mark


class Marking:
    """One package being annotated; it must hold no marks of ours (``editor.strip``)."""

    def __init__(self, package: Package) -> None:
        self.package = package
        self.book = Workbook(package)
        self.folder = posixpath.dirname(package.workbook)
        self.ledger = Ledger(package, self.book.relation_base)
        self.done = Annotated()
        self._marks: list[Marked] = []
        self._new: list[NewSheet] = []
        self._blocks: int | None = None
        self._styles_part, self.styles = self._open_styles()

    def run(self, marks: list[Mark], sheets: list[SheetModel]) -> Annotated:
        """Everything; the package can be saved afterwards."""
        if marks or sheets:
            self.styles.pad(_highest_dangling(self.package, self.book, self.styles.count()))
        for name, wanted in _by_sheet(marks).items():
            self._mark_sheet(name, wanted)
        names = self._own_names(sheets)
        for sheet, name in zip(sheets, names, strict=True):
            self._add_sheet(sheet, name, dict(zip((s.name for s in sheets), names, strict=True)))
        if marks or sheets:
            self.done.sheets = names
            colors = palette(self.package) if any(uses_theme(m.look) for m in self._marks) else []
            record = model(Record(self._marks, names, colors))
            self._add_sheet(record, self.book.free_name(SHEET), {}, hidden=True)
            recalculate = any(m.formula for m in self._marks)
            self.ledger.edit(self.book.part, self.book.with_sheets(self._new, recalculate=recalculate))
            self.ledger.edit(self._styles_part, self.styles.splices())
            self.ledger.close()
        return self.done

    def _open_styles(self) -> tuple[str, StyleBook]:
        found = next((r.target for r in self.package.relations(self.book.part) if r.kind == "styles"), "")
        if self.package.has(found):
            return found, StyleBook(self.package.read(found))
        part = posixpath.join(self.folder, "styles.xml")  # openpyxl knows it by this name only
        part = self.ledger.free(posixpath.join(self.folder, "styles{}.xml")) if self.package.has(part) else part
        data = MINIMAL.format(namespace=self.book.namespace).encode()
        self.ledger.add(part, data, _STYLES_TYPE)
        self.ledger.relate(self.book.part, "styles", part)
        return part, StyleBook(data)

    # -- her sheets ---------------------------------------------------------------------------

    def _mark_sheet(self, name: str, marks: list[Mark]) -> None:
        part = next((s.part for s in self.book.sheets if s.name == name), "")
        if not part or not self._is_grid(part):
            self.done.skipped += [Skipped(name, m.cell, "找不到这张工作表，未标注") for m in marks]
            return
        sheet = SheetMap(self.package.read(part))
        targets = self._targets(sheet, name, marks)
        closed = self._closed(sheet, part) if any(t.fill for t in targets.values()) else []
        edits: dict[tuple[int, int], CellEdit] = {}
        texts: dict[tuple[int, int], str] = {}
        for cell, target in targets.items():
            edit = self._edit(sheet, name, cell, target, closed)
            if edit is not None:
                edits[cell] = edit
                texts[cell] = "\n\n".join(target.notes)
        changes = sheet.edited(edits)
        self.done.marked += len(edits)
        self.ledger.edit(part, changes + self._notes(part, sheet, name, {c: t for c, t in texts.items() if t}))

    def _is_grid(self, part: str) -> bool:
        relations = self.package.relations(self.book.part)
        return any(r.kind == "worksheet" and r.target == part for r in relations)

    def _targets(self, sheet: SheetMap, name: str, marks: list[Mark]) -> dict[tuple[int, int], _Target]:
        targets: dict[tuple[int, int], _Target] = {}
        for mark in marks:
            try:
                cell = sheet.anchor(*position(mark.cell))
            except ValueError:
                self.done.skipped.append(Skipped(name, mark.cell, "找不到这个单元格，未标注"))
                continue
            targets.setdefault(cell, _Target(mark.style)).add(mark)
        return targets

    def _edit(
        self, sheet: SheetMap, name: str, cell: tuple[int, int], target: _Target, closed: list[Box]
    ) -> CellEdit | None:
        """The edit of one cell, written down in our record; None when there is nothing to mark."""
        view, fill = sheet.view(*cell), target.fill
        before = self._waits(sheet, cell, fill) if fill and not view.blank else ""
        if fill and ((not view.blank and not before) or any(inside(*cell, area) for area in closed)):
            self.done.skipped.append(Skipped(name, reference(*cell), "单元格已有内容或属于数组、透视表、表格，未填写"))
            fill = None
            if target.style == "filled":
                return None
        front, ink = MARKS[target.style]
        number_format = fill.fill_format if fill else ""
        index = self.styles.marked(view.style, front, ink, number_format)
        edit = CellEdit(lambda _: index)
        if fill:
            edit = _filling(index, fill)
            self.done.filled += 1
        self._write_down(name, cell, view, target, edit, before)
        return edit

    def _waits(self, sheet: SheetMap, cell: tuple[int, int], fill: Mark) -> str:
        """The text (XX%) that a fill takes the place of; ``""`` when something else stands there."""
        if not fill.fill_over or sheet.view(*cell).has_formula:
            return ""
        text = Texts(self.package, sheet).at(*cell)
        return text if text.strip() == fill.fill_over.strip() else ""

    def _write_down(
        self, name: str, cell: tuple[int, int], view: CellView, target: _Target, edit: CellEdit, before: str
    ) -> None:
        look, (fill, color) = self.styles.look(view.style), MARKS[target.style]
        note, where = "\n\n".join(target.notes), reference(*cell)
        self._marks.append(Marked(name, where, fill, color, look, note, edit.fill, edit.formula, edit.value, before))

    def _closed(self, sheet: SheetMap, part: str) -> list[Box]:
        """Ranges into which nothing may be filled: arrays, data tables, tables, pivots."""
        found: list[Box | None] = [*sheet.formula_ranges()]
        for relation in self.package.relations(part):
            if relation.kind in ("table", "pivotTable") and self.package.has(relation.target):
                root = tree(utf8(self.package.read(relation.target)))
                node = root if relation.kind == "table" else root.find("location")
                found.append(box(node.attrs.get("ref", "")) if node else None)
        return [f for f in found if f is not None]

    # -- notes --------------------------------------------------------------------------------

    def _notes(self, part: str, sheet: SheetMap, name: str, texts: dict[tuple[int, int], str]) -> list[Splice]:
        """Writes comments and drawing; returns what the sheet itself needs."""
        threaded = self._threaded(part)
        wanted: dict[tuple[int, int], str] = {}
        for cell, text in texts.items():
            if reference(*cell) in threaded:
                self.done.skipped.append(Skipped(name, reference(*cell), "单元格上有批注会话，未另加批注，见校核结果"))
            elif len(wanted) >= notes_part.CAP:
                why = f"本表批注已达 {notes_part.CAP:,} 条，未再添加，见校核结果"
                self.done.skipped.append(Skipped(name, reference(*cell), why))
            else:
                wanted[cell] = text
        self.done.noted += len(wanted)
        if not wanted:
            return []
        fresh = self._comments(part, {reference(*c): t for c, t in wanted.items()})
        boxes = [notes_part.placed(sheet, *c, t) for c, t in wanted.items() if reference(*c) in fresh]
        return self._draw(part, sheet, boxes) if boxes else []

    def _threaded(self, part: str) -> set[str]:
        found: set[str] = set()
        for relation in self.package.relations(part):
            if relation.kind == "threadedComment" and self.package.has(relation.target):
                root = tree(utf8(self.package.read(relation.target)))
                found |= {n.attrs.get("ref", "").upper() for n in root.children}
        return found

    def _comments(self, part: str, notes: dict[str, str]) -> set[str]:
        relations = self.package.relations(part)
        target = next((r.target for r in relations if r.kind == "comments" and self.package.has(r.target)), "")
        if not target:
            target = self.ledger.free(posixpath.join(self.folder, "comments{}.xml"))
            self.ledger.add(target, notes_part.new_comments(self.book.namespace), notes_part.COMMENTS_TYPE)
            self.ledger.relate(part, "comments", target)
        changes, fresh = notes_part.added(utf8(self.package.read(target)), notes)
        self.ledger.edit(target, changes)
        return set(fresh)

    def _draw(self, part: str, sheet: SheetMap, boxes: list[notes_part.Box]) -> list[Splice]:
        element = sheet.element("legacyDrawing")
        ids = {r.id: r.target for r in self.package.relations(part) if not r.external}
        relation = next((v for k, v in element.attrs.items() if k.endswith(":id")), "") if element else ""
        target = ids.get(relation, "")
        if self.package.has(target):
            self.ledger.edit(target, notes_part.drawn(utf8(self.package.read(target)), boxes))
            return []
        target = self.ledger.free(posixpath.join(self.folder, "drawings/vmlDrawing{}.vml"))
        self.ledger.add(target, notes_part.new_vml(self._next_block()), notes_part.VML_TYPE)
        self.ledger.edit(target, notes_part.drawn(self.package.read(target), boxes))
        relation = self.ledger.relate(part, "vmlDrawing", target)
        new = notes_part.reference_element(sheet.prefix, self.book.relation_base, relation)
        if element is not None:
            return [Splice(element.start, element.end, new)]
        at = sheet.insertion("legacyDrawing")
        return [Splice(at, at, new)]

    def _next_block(self) -> int:
        if self._blocks is None:
            drawings = (n for n in self.package.names if n.lower().endswith(".vml"))
            self._blocks = max((b for n in drawings for b in notes_part.blocks(self.package.read(n))), default=0)
        self._blocks += 1
        return self._blocks

    # -- our sheets ---------------------------------------------------------------------------

    def _own_names(self, sheets: list[SheetModel]) -> list[str]:
        names: list[str] = []
        for each in sheets:
            names.append(self.book.free_name(each.name, names))
        return names

    def _add_sheet(self, sheet: SheetModel, name: str, names: dict[str, str], *, hidden: bool = False) -> None:
        part = self.ledger.free(posixpath.join(self.folder, "worksheets/sheet{}.xml"))
        self.ledger.add(part, rendered(sheet, self.styles, self.book.namespace, names), _SHEET_TYPE)
        relation = self.ledger.relate(self.book.part, "worksheet", part)
        self._new.append(NewSheet(name, relation, hidden, defined_names(sheet, name)))
        texts = {
            (r, c): cell.note
            for r, row in enumerate(sheet.rows)
            for c, cell in enumerate(row)
            if cell is not None and cell.note
        }
        if texts:
            drawn = SheetMap(self.package.read(part))
            self.ledger.edit(part, self._notes(part, drawn, name, texts))


def _by_sheet(marks: list[Mark]) -> dict[str, list[Mark]]:
    found: dict[str, list[Mark]] = {}
    for mark in marks:
        found.setdefault(mark.sheet, []).append(mark)
    return found


def _filling(index: int, mark: Mark) -> CellEdit:
    value, text = mark.fill_value, isinstance(mark.fill_value, str)
    stored = str(value) if text else f"{value:f}" if value is not None else ""
    return CellEdit(lambda _: index, True, mark.fill_formula.removeprefix("="), stored, text=text)


def _highest_dangling(package: Package, book: Workbook, count: int) -> int:
    """The highest style index any sheet names that has no format, -1 for none.

    Searched as bytes, for speed: a match inside text only pads the list by a format nobody uses.
    """
    pattern = re.compile(rb"\s(?:s|style)\s*=\s*[\"']0*(%s)[\"']" % _at_least(count))
    found = -1
    for sheet in book.sheets:
        if sheet.part:
            data = utf8(package.read(sheet.part))
            found = max([found, *(n for m in pattern.finditer(data) if (n := int(m[1])) < LIMIT)])
    return found


def _at_least(number: int) -> bytes:
    """A pattern for the integers from ``number`` up to five digits, so few matches need a look."""
    digits = str(number)
    ways = [rf"\d{{{len(digits) + 1},5}}"] if len(digits) < 5 else []
    ways.append(digits)
    for at, digit in enumerate(digits):
        if digit != "9":
            ways.append(f"{digits[:at]}[{int(digit) + 1}-9]" + r"\d" * (len(digits) - at - 1))
    return "|".join(ways).encode()
