"""``.ods``: one streaming pass over content.xml.

calamine gives the values of an ``.ods`` but drops merges, error values, formats and what is hidden,
and aborts the process on a wide sheet. A merged header read as a single cell makes another table of
it (measured: false errors in clean Shanghai workbooks), so the sheets are read here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import IO, Any

from lxml import etree

from app.numbers import display, stored
from app.package.archive import Archive
from app.package.markup import PROLOG, guard
from app.reading.errors import Unreadable
from app.source import Cell, CellError, Grid, Source, Span, Value

_NS = "urn:oasis:names:tc:opendocument:xmlns:{}:1.0"
_TABLE, _TEXT, _OFFICE, _STYLE = ("{" + _NS.format(n) + "}" for n in ("table", "text", "office", "style"))
_CALC = "{urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0}value-type"
_DAMAGED = "工作簿不完整或已损坏，请在 Excel 或 WPS 中打开并另存为 .xlsx 后再试。"
_ENCRYPTED = "文件有打开密码，请打开后去掉密码，另存再试。"
_HUGE = "工作表“{}”里重复的内容过多（超过 {:,} 格），多半是整列误填；请删去多余的内容，另存后再试。"
_MOST_CELLS = 3_000_000  # with content, over all sheets
_REFERENCE = re.compile(
    r"\[(?:\$?(?P<sheet>'(?:[^']|'')+'|[^.\[\]]*))?\.(?P<first>[$A-Z0-9]+)(?::\.?(?P<last>[$A-Z0-9]+))?\]"
)
_SHOWN = re.compile(r"-?(?P<whole>\d{1,3}(?:,\d{3})+|\d+)(?:\.(?P<decimals>\d+))?(?P<percent>%?)")


def read(path: Path) -> Source:
    """The sheets of an ``.ods`` workbook. Raises ``Unreadable``."""
    archive = Archive(path)
    entries = {entry.filename: entry for entry in archive.entries}
    manifest = entries.get("META-INF/manifest.xml")
    if manifest is not None and b"encryption-data" in archive.read(manifest):
        raise Unreadable(_ENCRYPTED)
    if "content.xml" not in entries:
        raise Unreadable(_DAMAGED)
    with archive.stream(entries["content.xml"]) as part:
        guard(part.read(PROLOG), "content.xml")
    source = Source(str(path), "workbook")
    with archive.stream(entries["content.xml"]) as part:
        try:
            _Reader(source).read(part)
        except etree.XMLSyntaxError as error:
            raise Unreadable(_DAMAGED) from error
    return source


class _Reader:
    """Fills ``source`` with grids while the elements go by."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._hidden_styles: set[str] = set()
        self._widths: dict[str, float] = {}
        self._grid = Grid("")
        self._row = self._column = self._cells = self._depth = 0

    def read(self, part: IO[bytes]) -> None:
        names = [f"{_TABLE}{n}" for n in ("table", "table-row", "table-column")] + [f"{_STYLE}style"]
        events: Iterator[tuple[str, Any]] = etree.iterparse(
            part, ("start", "end"), tag=names, resolve_entities=False, no_network=True, load_dtd=False, huge_tree=True
        )
        for event, element in events:
            name = element.tag.rpartition("}")[2]
            if name == "table":
                self._table(event, element)
            elif event == "end":
                if name == "style":
                    self._style(element)
                elif name == "table-column" and self._depth == 1:
                    self._columns(element)
                elif name == "table-row" and self._depth == 1:
                    self._rows(element)
                if self._depth < 2:  # what lies inside a cell still belongs to its row
                    element.clear()

    def _table(self, event: str, element: Any) -> None:
        """A sheet, unless it stands inside a cell of one."""
        self._depth += 1 if event == "start" else -1
        if event == "start" and self._depth == 1:
            self._grid = Grid(element.get(f"{_TABLE}name", ""))
            self._grid.hidden = element.get(f"{_TABLE}style-name", "") in self._hidden_styles
            self._source.items.append(self._grid)
            self._row = self._column = 0

    def _style(self, element: Any) -> None:
        name = element.get(f"{_STYLE}name", "")
        for properties in element:
            if properties.get(f"{_TABLE}display") == "false":
                self._hidden_styles.add(name)
            width = re.fullmatch(r"([\d.]+)(cm|mm|in|pt)", properties.get(f"{_STYLE}column-width", ""))
            if width:
                inches = float(width[1]) / {"cm": 2.54, "mm": 25.4, "in": 1, "pt": 72}[width[2]]
                self._widths[name] = max(0.0, (inches * 96 - 5) / 7)  # Excel's characters of 7 pixels

    def _columns(self, element: Any) -> None:
        count = _count(element, "number-columns-repeated")
        width = self._widths.get(element.get(f"{_TABLE}style-name", ""))
        for column in range(self._column, min(self._column + count, 1024)):
            if width is not None:
                self._grid.widths[column] = width
            if element.get(f"{_TABLE}visibility", "visible") != "visible":
                self._grid.hidden_columns.add(column)
        self._column += count

    def _rows(self, element: Any) -> None:
        count = _count(element, "number-rows-repeated")
        cells = list(self._row_cells(element))
        hidden = element.get(f"{_TABLE}visibility", "visible") != "visible"
        self._take(len(cells) * (count - 1))
        for row in range(self._row, self._row + count if cells else self._row):
            self._grid.rows[row] = {c: Cell(row, c, value, formula, shape) for c, value, formula, shape in cells}
        if hidden:
            self._grid.hidden_rows.update(range(self._row, self._row + min(count, 100_000)))
        self._row += count

    def _take(self, count: int) -> None:
        self._cells += count
        if self._cells > _MOST_CELLS:
            raise Unreadable(_HUGE.format(self._grid.name, _MOST_CELLS))

    def _row_cells(self, row: Any) -> Iterator[tuple[int, Value, str | None, str]]:
        column = 0
        for element in row:
            count = _count(element, "number-columns-repeated")
            if element.tag == f"{_TABLE}table-cell":
                self._merge(element, column)
                value, shape = _value(element)
                formula = _formula(element.get(f"{_TABLE}formula", ""))
                if element.find(f"{_OFFICE}annotation") is not None:
                    self._comment()
                if value is not None or formula:
                    self._take(count)
                    for at in range(column, column + count):
                        yield at, value, formula, shape
            column += count

    def _merge(self, element: Any, column: int) -> None:
        rows, columns = _count(element, "number-rows-spanned"), _count(element, "number-columns-spanned")
        if rows > 1 or columns > 1:
            self._grid.merges.append(Span(self._row, column, self._row + rows - 1, column + columns - 1))

    def _comment(self) -> None:
        said = self._source.features.get("comments", "")
        if self._grid.name not in said.split("、"):
            self._source.features["comments"] = f"{said}、{self._grid.name}".strip("、")


def _count(element: Any, name: str) -> int:
    number = element.get(f"{_TABLE}{name}", "1")
    return max(1, int(number)) if number.isdecimal() and len(number) < 9 else 1


def _value(element: Any) -> tuple[Value, str]:
    """The value of a cell, and a number format that shows it as it is printed."""
    kind = element.get(f"{_OFFICE}value-type")
    text = "\n".join(_text(p) for p in element if p.tag == f"{_TEXT}p")
    if element.get(_CALC) == "error" or (kind is None and text.startswith("#")):
        return CellError(text), "General"
    if kind in ("float", "percentage", "currency"):
        try:
            value = stored(element.get(f"{_OFFICE}value", ""))
        except InvalidOperation:
            return text or None, "General"
        return value, _shape(value, text)
    if kind == "boolean":
        return element.get(f"{_OFFICE}boolean-value") == "true", "General"
    if kind == "date":
        return element.get(f"{_OFFICE}date-value") or text, "General"
    return text or element.get(f"{_OFFICE}string-value") or None, "General"


def _text(paragraph: Any) -> str:
    """A paragraph with its runs, spaces, tabs and line breaks; without notes."""
    parts = [paragraph.text or ""]
    for child in paragraph:
        name = child.tag.rpartition("}")[2] if isinstance(child.tag, str) else ""
        if name == "s":
            spaces = child.get(f"{_TEXT}c", "1")
            parts.append(" " * (int(spaces) if spaces.isdecimal() and len(spaces) < 5 else 1))
        elif name in ("tab", "line-break"):
            parts.append("\t" if name == "tab" else "\n")
        elif name not in ("", "note", "annotation"):
            parts.append(_text(child))
        parts.append(child.tail or "")
    return "".join(parts)


def _shape(value: Decimal, shown: str) -> str:
    """The number format behind what is shown, General when none of the usual ones gives it."""
    match = _SHOWN.fullmatch(shown.strip())
    if match is None:
        return "General"
    shape = "#,##0" if "," in match["whole"] else "0"
    shape += f".{'0' * len(match['decimals'])}" if match["decimals"] else ""
    shape += match["percent"]
    return shape if display(value, shape) == shown.strip() and display(value) != shown.strip() else "General"


def _formula(text: str) -> str | None:
    """An OpenFormula in Excel's writing (``SUM([.C8:.C10])`` -> ``SUM(C8:C10)``); None for others."""
    name, _, body = text.partition(":=")
    if name not in ("of", "oooc"):
        return None

    def reference(match: re.Match[str]) -> str:
        area = match["first"] + (f":{match['last']}" if match["last"] else "")
        return f"{match['sheet']}!{area}" if match["sheet"] else area

    plain = _REFERENCE.sub(reference, body)
    return None if "[" in plain or '"' in plain else plain.replace(";", ",")
