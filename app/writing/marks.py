"""Findings and fills as marks on cells: one mark a cell, in the colour of the heaviest finding."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal, InvalidOperation

from app.checking.finding import Checked, Fill, Finding
from app.source import Place
from app.writing import words
from app.writing.model import Mark
from app.writing.note_text import note


def marks(checked: Checked, file_name: str) -> list[Mark]:
    """The marks for the workbook ``file_name``, heaviest first.

    Only the place of a finding is marked, never its terms or consequences: she sees three red
    cells, not thirty. Findings without a cell stand on the findings sheet alone.
    """
    found: dict[tuple[str, str], list[Finding]] = {}
    for finding in words.heaviest_first(checked.findings):
        if spot := _spot(finding.place, file_name):
            found.setdefault(spot, []).append(finding)
    fills = dict(_fills(checked.fills, file_name))
    made = [_mark(spot, some, fills.pop(spot, None)) for spot, some in found.items()]
    return made + [_mark(spot, [], fill) for spot, fill in fills.items()]


def _spot(place: Place, file_name: str) -> tuple[str, str] | None:
    if not place.sheet or not place.cell or place.file not in (None, file_name):
        return None
    return place.sheet, place.cell


def _fills(fills: Iterable[Fill], file_name: str) -> Iterable[tuple[tuple[str, str], Fill]]:
    for fill in fills:
        if fill.done and (spot := _spot(fill.place, file_name)):
            yield spot, fill


def _mark(spot: tuple[str, str], found: list[Finding], fill: Fill | None) -> Mark:
    style = words.level(found[0]) if found else "filled"
    text = note(found) if found else ""
    if fill is None:
        return Mark(*spot, style, text)
    text = "\n\n".join(part for part in (text, f"✓ 已填 {fill.value}\n{fill.why}") if part)
    return Mark(*spot, style, text, _value(fill.value), fill.formula.lstrip("="), fill.number_format, fill.found)


def _value(text: str) -> Decimal | str:
    """``5.2%`` as its value 0.052; ``—`` as it is."""
    bare = text.strip().rstrip("%％")
    try:
        return Decimal(bare) / 100 if bare != text.strip() else Decimal(bare)
    except InvalidOperation:
        return text.strip()
