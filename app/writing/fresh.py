"""A fresh workbook for what cannot be edited in place (.xls .et .ods .xlsb): her sheets as read,
marked, and the findings sheets behind them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, NamedTuple

from app.checking.finding import Checked
from app.numbers import column_number
from app.report.report import Report
from app.report.table import Table
from app.source import Cell, Grid, Source, Value
from app.writing import measure
from app.writing.layout import quoted
from app.writing.marks import marks
from app.writing.model import MARKS, Mark, SheetCell, SheetModel, Style
from app.writing.render_xlsxwriter import Book, render, write, write_note

if TYPE_CHECKING:
    from xlsxwriter.format import Format  # type: ignore[import-untyped]
    from xlsxwriter.worksheet import Worksheet  # type: ignore[import-untyped]

_MANY = 400_000  # cells; beyond, rows go straight to disk and merges are left out
_MOST_NOTES = 1000  # a sheet
_WIDEST, _NARROWEST = 45.0, 8.5


class _Band(NamedTuple):
    """Rows and columns of one table: its title, its header, its first row of data, its last row."""

    top: int
    header: int
    data: int
    bottom: int
    left: int
    right: int


def fresh(source: Source, report: Report, checked: Checked, path: Path, sheets: Sequence[SheetModel] = ()) -> None:
    """Write ``source`` as a new workbook with marks to ``path``, and ``sheets`` of ours behind it.

    Raises ``OSError`` when ``path`` cannot be written.
    """
    many = sum(len(row) for grid in source.grids for row in grid.rows.values()) > _MANY
    book = Book(path, constant_memory=many)
    file_name = PurePath(source.path).name
    by_sheet: dict[str, dict[tuple[int, int], Mark]] = {}
    for mark in marks(checked, file_name):
        by_sheet.setdefault(mark.sheet, {})[_spot(mark.cell)] = mark
    renamed: dict[str, str] = {}
    shown = False
    for grid in source.grids:
        sheet = book.sheet(grid.name)
        renamed[grid.name] = sheet.get_name()
        bands = [_band(table) for table in _tables(report) if table.grid is grid]
        _Copy(book, sheet, grid, bands, by_sheet.get(grid.name, {}), merging=not many).run()
        if grid.hidden:
            sheet.hide()
        elif not shown:
            sheet.activate()
            sheet.set_first_sheet()
            shown = True
    for model in sheets:
        made = render(book, _relinked(model, renamed))
        if not shown:
            made.activate()
            shown = True
    book.close()


class _Copy:
    """Copies one grid into one worksheet, with the marks of that sheet."""

    def __init__(
        self,
        book: Book,
        sheet: Worksheet,
        grid: Grid,
        bands: list[_Band],
        marked: dict[tuple[int, int], Mark],
        *,
        merging: bool,
    ) -> None:
        self.book, self.sheet, self.grid, self.bands = book, sheet, grid, bands
        self.merging = merging
        self.covered = {(s.top, s.left): s for s in grid.merges}
        self.marked = {self._anchor(spot): mark for spot, mark in marked.items()}
        self.notes = 0
        self.formats: dict[str, Format] = {}  # of plain cells, by number format
        self.widths = self._measured() | grid.widths

    def run(self) -> None:
        self._widths()
        heights = self._wrapped() | self.grid.heights
        for row in self.grid.hidden_rows | heights.keys():
            height = heights.get(row)
            self.sheet.set_row(row, height, None, {"hidden": True} if row in self.grid.hidden_rows else {})
        if self.merging:
            self._merge()
        # Cells of the grid, borders of blank cells inside a table, marks on blank cells: in row order.
        framed = self._framed()
        for row, column in self.marked:
            framed.setdefault(row, set()).add(column)
        special = framed.keys() | {band.top for band in self.bands}
        for row in sorted(self.grid.rows.keys() | framed.keys()):
            cells = self.grid.rows.get(row, {})
            if row not in special:
                self._plain(row, cells)
                continue
            for column in sorted(cells.keys() | framed.get(row, set())):
                self._cell(row, column, cells.get(column))
        self.sheet.set_paper(9)
        self.sheet.fit_to_pages(1, 0)
        if any(band.right - band.left > 6 for band in self.bands):
            self.sheet.set_landscape()

    def _cell(self, row: int, column: int, cell: Cell | None) -> None:
        mark = self.marked.get((row, column))
        if cell is None and mark is None and self._inside_merge(row, column):
            return
        form = self.book.format(self._style(row, column, cell, mark))
        if mark is not None and mark.fill_value is not None:
            write(self.sheet, row, column, SheetCell(mark.fill_value, formula=mark.fill_formula), form)
        else:
            self._value(row, column, cell.value if cell is not None else None, form)
        if mark is not None and mark.note and self.notes < _MOST_NOTES:
            write_note(self.sheet, row, column, mark.note)
            self.notes += 1

    def _plain(self, row: int, cells: dict[int, Cell]) -> None:
        """A row outside the tables, without marks: there may be hundreds of thousands of them."""
        for column in sorted(cells):
            cell = cells[column]
            form = self.formats.get(cell.number_format)
            if form is None:
                form = self.formats[cell.number_format] = self.book.format(Style(number_format=cell.number_format))
            self._value(row, column, cell.value, form)

    def _value(self, row: int, column: int, value: Value, form: Format) -> None:
        if isinstance(value, Decimal):
            self.sheet.write_number(row, column, float(value), form)
        elif isinstance(value, bool):
            self.sheet.write_boolean(row, column, value, form)
        else:
            # Text, error values too, stays text: ``=甲`` never becomes a formula.
            write(self.sheet, row, column, SheetCell(str(value) if value is not None else None), form)

    def _style(self, row: int, column: int, cell: Cell | None, mark: Mark | None) -> Style:
        style = Style(number_format=cell.number_format if cell is not None else "")
        span = self.covered.get((row, column))
        for band in self.bands:
            if band.header <= row <= band.bottom and band.left <= column <= band.right:
                text = cell is not None and isinstance(cell.value, str)
                style = replace(style, border=True, wrap=text, align="center" if span or row < band.data else "")
            elif row == band.top:
                style = replace(style, bold=True, size=16, align="center" if span else "")
        if mark is not None:
            fill, color = MARKS[mark.style]
            style = replace(style, fill=fill, color=color, number_format=mark.fill_format or style.number_format)
        return style

    def _widths(self) -> None:
        for column in self.widths.keys() | self.grid.hidden_columns:
            hidden = {"hidden": True} if column in self.grid.hidden_columns else {}
            self.sheet.set_column(column, column, min(self.widths.get(column, _NARROWEST), 255), None, hidden)

    def _wrapped(self) -> dict[int, float]:
        """Heights of table rows whose text wraps: no program grows a row it was only given."""
        found: dict[int, float] = {}
        for row in (r for band in self.bands for r in range(band.header, band.bottom + 1)):
            texts = [c for c in self.grid.rows.get(row, {}).values() if isinstance(c.value, str)]
            counts = [
                measure.lines(c.text, self.widths.get(c.column, _NARROWEST), 10)
                for c in texts
                if (row, c.column) not in self.covered
            ]
            if max(counts, default=1) > 1:
                found[row] = measure.height(max(counts))
        return found

    def _measured(self) -> dict[int, float]:
        """Widths for columns that came without one, by their longest unmerged text."""
        if self.grid.widths:
            return {}
        found: dict[int, float] = {}
        for number, row in self.grid.rows.items():
            if number > 2000:
                continue
            for column, cell in row.items():
                if (number, column) not in self.covered:
                    wide = measure.width(cell.text) + 2
                    found[column] = min(max(found.get(column, _NARROWEST), wide), _WIDEST)
        return found

    def _merge(self) -> None:
        from xlsxwriter.exceptions import XlsxWriterException  # type: ignore[import-untyped]

        for span in self.grid.merges:
            if (span.top, span.left) == (span.bottom, span.right):
                continue
            style = self._style(span.top, span.left, self.grid.cell(span.top, span.left), None)
            try:
                self.sheet.merge_range(*span, "", self.book.format(style))
            except XlsxWriterException:  # overlapping ranges in a damaged file: the first one stands
                continue

    def _framed(self) -> dict[int, set[int]]:
        found: dict[int, set[int]] = {}
        for band in self.bands:
            for row in range(band.header, band.bottom + 1):
                found.setdefault(row, set()).update(range(band.left, band.right + 1))
        return found

    def _inside_merge(self, row: int, column: int) -> bool:
        return self._anchor((row, column)) != (row, column)

    def _anchor(self, spot: tuple[int, int]) -> tuple[int, int]:
        row, column = spot
        for span in self.grid.merges:
            if span.top <= row <= span.bottom and span.left <= column <= span.right:
                return span.top, span.left
        return spot


def _tables(report: Report) -> list[Table]:
    return [*report.tables.values(), *report.duplicates]


def _band(table: Table) -> _Band:
    """Where a table draws borders: from its header to its last row, over the columns it uses."""
    columns = [c for block in table.blocks.values() for c in block.columns]
    rows = [row.index for block in table.blocks.values() for row in block.rows if row.grid in (None, table.grid)]
    tops = [_spot(c.place.cell)[0] for c in columns if c.place.cell]
    header = min(tops, default=min(rows, default=table.top + 1))
    bottom = max(rows, default=max(tops, default=table.top))
    # Merged words above the columns (收入, 项目) belong to the header; title, unit and year do not.
    stated = (table.title, table.number, table.unit_name, table.year, table.money)
    above = [
        _spot(one.place.cell)[0] for one in stated if one and one.place.cell and one.place.sheet == table.grid.name
    ]
    header = min(header, max(above) + 1) if above and max(above) < header else header
    used = [c for r in range(header, bottom + 1) for c, cell in table.grid.rows.get(r, {}).items() if cell.text]
    first = min(rows, default=bottom + 1)
    return _Band(table.top, header, first, bottom, min(used, default=0), max(used, default=0))


def _spot(cell: str) -> tuple[int, int]:
    """``C33`` as (32, 2)."""
    name = cell.rstrip("0123456789")
    return int(cell[len(name) :]) - 1, column_number(name)


def _relinked(model: SheetModel, renamed: dict[str, str]) -> SheetModel:
    """Links to sheets whose names Excel would refuse lead to the names they got."""
    changed = {quoted(old): quoted(new) for old, new in renamed.items() if old != new}
    if changed:
        model.rows = [_relinked_row(row, changed) for row in model.rows]
    return model


def _relinked_row(row: Iterable[SheetCell | None], changed: dict[str, str]) -> list[SheetCell | None]:
    made: list[SheetCell | None] = []
    for cell in row:
        if cell is not None and cell.link:
            sheet, _, spot = cell.link.rpartition("!")
            cell = replace(cell, link=f"{changed.get(sheet, sheet)}!{spot}")
        if cell is not None and cell.formula:
            formula = cell.formula
            for old, new in changed.items():
                formula = formula.replace(f"{old}!", f"{new}!")
            cell = replace(cell, formula=formula)
        made.append(cell)
    return made
