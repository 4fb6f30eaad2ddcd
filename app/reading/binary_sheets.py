"""What calamine leaves out of an ``.xlsb``: number formats, merges, error values, what is hidden.

The parts are streams of records (kind, size, content; [MS-XLSB] 2.1.4). Only the records named
below are looked at; the values themselves stay calamine's.
"""

from __future__ import annotations

import posixpath
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from app.package.archive import Archive
from app.package.markup import parse
from app.package.number_formats import BUILTIN
from app.source import CellError, Grid, Span

_ROW, _MERGE, _COLUMN, _SHEET, _FORMAT, _XF, _CELL_XFS, _END_CELL_XFS = 0, 176, 60, 156, 44, 47, 617, 618
_CELLS = range(1, 12)  # BrtCellBlank … BrtFmlaError
_ERROR_CELLS = (3, 11)
ERRORS = {0x00: "#NULL!", 0x07: "#DIV/0!", 0x0F: "#VALUE!", 0x17: "#REF!", 0x1D: "#NAME?", 0x24: "#NUM!", 0x2A: "#N/A"}


@dataclass(slots=True)
class Layout:
    """One sheet without its values. ``last`` is its last row and column from 0, (-1, -1) if empty."""

    grid: Grid
    formats: dict[tuple[int, int], str] = field(default_factory=dict)
    errors: dict[tuple[int, int], CellError] = field(default_factory=dict)
    last: tuple[int, int] = (-1, -1)


def layouts(path: Path) -> dict[str, Layout]:
    """The layout of each worksheet by its name. Raises ``Unreadable``."""
    archive = Archive(path)
    entries = {entry.filename.lower(): entry for entry in archive.entries}

    def part(name: str) -> bytes:
        entry = entries.get(name.lower())
        return archive.read(entry) if entry else b""

    formats = _formats(part("xl/styles.bin"))
    targets = _targets(part("xl/_rels/workbook.bin.rels"))
    found = {}
    for name, relation in _sheets(part("xl/workbook.bin")):
        target = targets.get(relation, "")
        if "worksheets/" in target:
            found[name] = _layout(name, part(posixpath.normpath(posixpath.join("/xl", target)).lstrip("/")), formats)
    return found


def records(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Kind and content of each record of a part, until it ends or is cut off."""
    at, end = 0, len(data)
    while at < end:
        kind, at = _varint(data, at, 2)
        size, at = _varint(data, at, 4)
        if at + size > end:
            return
        yield kind, data[at : at + size]
        at += size


def _varint(data: bytes, at: int, longest: int) -> tuple[int, int]:
    value = 0
    for place in range(longest):
        if at >= len(data):
            break
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << (7 * place)
        if not byte & 0x80:
            break
    return value, at


def _string(content: bytes, at: int) -> tuple[str, int]:
    """A counted UTF-16 string; a count of 0xFFFFFFFF is none."""
    (count,) = struct.unpack_from("<I", content, at)
    size = 0 if count == 0xFFFFFFFF else count * 2
    return content[at + 4 : at + 4 + size].decode("utf-16-le", "replace"), at + 4 + size


def _sheets(workbook: bytes) -> Iterator[tuple[str, str]]:
    for kind, content in records(workbook):
        if kind == _SHEET and len(content) >= 16:
            relation, at = _string(content, 8)
            yield _string(content, at)[0], relation


def _targets(relations: bytes) -> dict[str, str]:
    if not relations:
        return {}
    return {e.get("Id", ""): e.get("Target", "") for e in parse(relations, "workbook.bin.rels")}


def _formats(styles: bytes) -> list[str]:
    """The number format of each cell style, by its index."""
    own: dict[int, str] = {}
    formats: list[str] = []
    inside = False
    for kind, content in records(styles):
        if kind == _FORMAT and len(content) >= 6:
            own[int.from_bytes(content[:2], "little")] = _string(content, 2)[0]
        elif kind in (_CELL_XFS, _END_CELL_XFS):
            inside = kind == _CELL_XFS
        elif kind == _XF and inside and len(content) >= 4:
            number = int.from_bytes(content[2:4], "little")
            formats.append(own.get(number) or BUILTIN.get(number, "General"))
    return formats


def _layout(name: str, data: bytes, formats: list[str]) -> Layout:
    layout = Layout(Grid(name))
    grid, row, bottom, right = layout.grid, 0, -1, -1
    for kind, content in records(data):
        if kind == _ROW and len(content) >= 12:
            row = int.from_bytes(content[:4], "little")
            if content[11] & 0x10:
                grid.hidden_rows.add(row)
        elif kind in _CELLS and len(content) >= 8:
            column, style = struct.unpack_from("<II", content)
            shape = formats[style & 0xFFFFFF] if style & 0xFFFFFF < len(formats) else "General"
            if kind > 1:
                bottom, right = max(bottom, row), max(right, column)
                if shape != "General":
                    layout.formats[row, column] = shape
            if kind in _ERROR_CELLS and len(content) > 8:
                layout.errors[row, column] = CellError(ERRORS.get(content[8], "#N/A"))
        elif kind == _MERGE and len(content) >= 16:
            top, last, left, far = struct.unpack_from("<IIII", content)
            grid.merges.append(Span(top, left, last, far))
        elif kind == _COLUMN and len(content) >= 18:
            first, last, width, _, flags = struct.unpack_from("<IIIIH", content)
            for column in range(first, min(last, first + 1024) + 1):
                grid.widths[column] = width / 256
                if flags & 1:
                    grid.hidden_columns.add(column)
    layout.last = bottom, right
    return layout
