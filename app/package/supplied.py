"""Figures that the clerk typed into our own sheet 百分比: the sheet is made anew, her figures are not lost."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from app.numbers import stored
from app.package import own
from app.package.book import Workbook
from app.package.cells import SheetMap
from app.package.container import Package

SHEET = "百分比"
_OPERANDS = ((3, 4), (5, 6))  # columns of an operand's name and of its figure


def supplied(package: Package) -> dict[str, Decimal]:
    """By the operand's name, each figure in our sheet that is a number and no formula. Call before
    our sheets are taken out."""
    book = Workbook(package)
    found = own.find(package, book)
    if found is None:
        return {}
    ours = [s for s in book.sheets if s.part and s.name in found[1].sheets and s.name.startswith(SHEET)]
    typed: dict[str, Decimal] = {}
    for entry in ours:
        sheet = SheetMap(package.read(entry.part))
        texts = own.Texts(package, sheet)
        for number in sheet.numbers:
            for name, figure in _OPERANDS:
                view = sheet.view(number - 1, figure)
                if view.kind in ("", "n") and view.value and not view.has_formula:
                    try:
                        typed[texts.at(number - 1, name)] = stored(view.value)
                    except InvalidOperation:
                        continue
    return typed
