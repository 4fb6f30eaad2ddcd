"""Our record in a sheet that nobody sees: which cells we marked, and how they looked before.

It survives a save by Excel, WPS, LibreOffice or openpyxl. Each row points at its cell with a
formula, so the program that inserts a row or renames a sheet keeps the record right for us.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field

from app.package.book import Workbook
from app.package.cells import SheetMap, position
from app.package.container import Package
from app.package.newsheet import quoted_name
from app.package.styles import PLAIN, Look
from app.package.xmlbytes import tree, utf8
from app.writing.model import SheetCell, SheetModel

SHEET = "_juesuan"
TITLE = "决算公开校核的标注记录，请勿修改"
_POINTER = re.compile(r"\$?(?:'((?:[^']|'')+)'|([^'!]+))!(\$?[A-Z]{1,3}\$?\d{1,7})")


@dataclass(frozen=True, slots=True)
class Marked:
    """One cell that bears a mark. ``fill`` and ``color`` are those of the mark, ``look`` what was
    there; ``formula``/``value`` what was filled in over the text ``before``; ``note`` the note's text."""

    sheet: str
    cell: str
    fill: str
    color: str
    look: Look = PLAIN
    note: str = ""
    filled: bool = False
    formula: str = ""
    value: str = ""
    before: str = ""


@dataclass(frozen=True, slots=True)
class Record:
    """What we put in: marked cells, the names of our sheets, and the theme's colours then."""

    marks: list[Marked]
    sheets: list[str]
    palette: list[str] = field(default_factory=list)


def model(record: Record) -> SheetModel:
    """The record as a sheet."""
    rows: list[list[SheetCell | None]] = [[SheetCell(TITLE)]]
    for name in record.sheets:
        rows.append([SheetCell("sheet"), SheetCell(None, formula=f"{quoted_name(name)}!A1"), SheetCell(name)])
    if record.palette:
        rows.append([SheetCell("theme"), None, SheetCell(" ".join(record.palette))])
    for mark in record.marks:
        facts = [mark.fill, mark.color, mark.filled, mark.formula, mark.value, mark.before]
        texts = [mark.sheet, mark.cell, json.dumps(facts), mark.look.as_json(), mark.note]
        pointer = SheetCell(None, formula=f"{quoted_name(mark.sheet)}!{mark.cell}")
        rows.append([SheetCell("mark"), pointer, *(SheetCell(t) for t in texts)])
    return SheetModel(SHEET, rows, gridlines=True)


def find(package: Package, book: Workbook) -> tuple[int, Record] | None:
    """The index of our record's sheet and what it says; None when there is none."""
    for index, entry in enumerate(book.sheets):
        if entry.part and entry.name.startswith(SHEET):
            sheet = SheetMap(package.read(entry.part))
            texts = Texts(package, sheet)
            if texts.at(0, 0) == TITLE:
                return index, _read(texts)
    return None


class Texts:
    """The strings of a sheet of ours, however they were stored."""

    def __init__(self, package: Package, sheet: SheetMap) -> None:
        self.sheet = sheet
        part = next((r.target for r in package.relations(package.workbook) if r.kind == "sharedStrings"), "")
        root = tree(utf8(package.read(part)), text=True) if package.has(part) else None
        self._shared = root.children if root else []

    def at(self, row: int, column: int) -> str:
        view = self.sheet.view(row, column)
        if view.kind != "s" or not view.value.isdigit():
            return re.sub("_x005F_", "_", view.value)
        index = int(view.value)
        text = self._shared[index].words() if index < len(self._shared) else ""
        return re.sub("_x005F_", "_", text)


def _read(texts: Texts) -> Record:
    marks, sheets, palette = [], [], []
    for number in texts.sheet.numbers[1:]:
        row = number - 1
        kind, sheet, cell = texts.at(row, 0), texts.at(row, 2), texts.at(row, 3)
        if kind == "theme":
            palette = sheet.split(" ")
            continue
        where = _pointed(texts.sheet.view(row, 1).formula, sheet, cell)
        if kind == "sheet" and sheet:
            sheets.append(where[0] if where else sheet)
        elif kind == "mark" and where:
            mark = _mark(texts, row, *where)
            marks += [mark] if mark else []
    return Record(marks, sheets, palette)


def _mark(texts: Texts, row: int, sheet: str, cell: str) -> Marked | None:
    try:
        fill, color, filled, formula, value, *before = json.loads(texts.at(row, 4))
        look = Look.from_json(texts.at(row, 5))
        position(cell)
    except (ValueError, TypeError):
        return None
    return Marked(sheet, cell, fill, color, look, texts.at(row, 6), bool(filled), formula, value, "".join(before))


def _pointed(formula: str, sheet: str, cell: str) -> tuple[str, str] | None:
    """Where the formula points now; what was written down when the formula is lost; None for #REF!."""
    if "#REF" in formula:
        return None
    found = _POINTER.fullmatch(formula.strip())
    if found is None:
        return sheet, cell
    name = found[1].replace("''", "'") if found[1] else found[2]
    return name, found[3].replace("$", "")
