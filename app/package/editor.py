"""The clerk's workbook marked in place, and cleaned again. The source is only ever read.

Parts are edited as bytes, only what a mark needs; every other part is copied as it is. What we
put in is recorded twice: to the byte in a part of our own (``ledger``), which any other program
drops or makes stale, and cell by cell in a hidden sheet (``own``), which survives a save.
"""

from __future__ import annotations

from pathlib import Path

from app.package import own
from app.package.book import Workbook
from app.package.container import Package
from app.package.ledger import record_part, take_back
from app.package.marking import Annotated, Marking, Skipped
from app.package.notes import AUTHOR, stripped
from app.package.unmarking import unmark
from app.package.xmlbytes import utf8
from app.reading.errors import Unreadable
from app.writing.model import Mark, SheetModel

__all__ = ["Annotated", "Skipped", "annotate", "clean", "is_annotated", "strip"]


def annotate(source: Path, target: Path, marks: list[Mark], sheets: list[SheetModel]) -> Annotated:
    """Writes ``source`` with marks, notes, fills and our sheets to ``target`` (a temporary name).

    Marks of an earlier run are taken out first. Raises ``Unreadable`` for what is no workbook and
    for signed ones, ``OSError`` when ``target`` cannot be written.
    """
    package = _open(source)
    strip(package)
    done = Marking(package).run(marks, sheets) if marks or sheets else Annotated()
    package.save(target)
    return done


def clean(source: Path, target: Path) -> bool:
    """Writes ``source`` without anything of ours to ``target``; False, and nothing written, if
    there was nothing. A file that no program saved since becomes its original, part by part."""
    package = _open(source)
    if not is_annotated(package):
        return False
    strip(package)
    package.save(target)
    return True


def is_annotated(package: Package) -> bool:
    """True when something of ours is in the package."""
    if record_part(package) is not None:
        return True
    book = Workbook(package)
    if own.find(package, book) is not None:
        return True
    return any(
        relation.kind == "comments" and package.has(relation.target) and _has_ours(package.read(relation.target))
        for sheet in book.sheets
        if sheet.part
        for relation in package.relations(sheet.part)
    )


def _has_ours(comments: bytes) -> bool:
    return AUTHOR.encode() in utf8(comments) and bool(stripped(comments).ours)


def strip(package: Package) -> None:
    """Takes marks, notes, fills and sheets of ours out, in memory. Her corrections stay."""
    if not is_annotated(package):
        return
    if not take_back(package):
        unmark(package)


def _open(source: Path) -> Package:
    package = Package.open(source)
    if package.signed:
        raise Unreadable(
            "这个工作簿带有数字签名，任何改动都会使签名失效，因此没有标注；请先在 Excel 中移除签名另存一份，再校核。"
        )
    return package
