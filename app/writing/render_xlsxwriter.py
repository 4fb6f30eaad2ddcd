"""A ``SheetModel`` into a worksheet of a fresh workbook (XlsxWriter)."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.writing import measure
from app.writing.model import SheetCell, SheetModel, Style

if TYPE_CHECKING:
    from xlsxwriter import Workbook  # type: ignore[import-untyped]
    from xlsxwriter.format import Format  # type: ignore[import-untyped]
    from xlsxwriter.worksheet import Worksheet  # type: ignore[import-untyped]

FONT = "宋体"
# Half a character or a noncharacter, which XML cannot hold (old .xls files carry them).
_UNWRITABLE = re.compile("[\ud800-\udfff\ufffe\uffff]")
_LONGEST = 32767  # characters Excel holds in a cell
_NOTE_WIDTH = 300  # pixels
_A4 = 9


class Book:
    """An XlsxWriter workbook, its formats by ``Style`` and its sheet names.

    ``path`` is written when ``close`` is called; raises ``OSError`` when it cannot be.
    """

    def __init__(self, path: Path, *, constant_memory: bool = False) -> None:
        import xlsxwriter

        # The clerk's text is never turned into a formula, a link or a number.
        self.workbook: Workbook = xlsxwriter.Workbook(
            str(path),
            {
                "strings_to_formulas": False,
                "strings_to_urls": False,
                "strings_to_numbers": False,
                "constant_memory": constant_memory,
                "default_format_properties": {"font_name": FONT, "font_size": 11, "font_scheme": None},
            },
        )
        self._formats: dict[Style, Format] = {}
        self._names: set[str] = set()

    def sheet(self, name: str) -> Worksheet:
        """Add a worksheet under ``name``, changed where Excel would refuse it."""
        safe = "".join("_" if c in "[]:*?/\\" else c for c in name).strip("'")[:31] or "Sheet"
        unique, number = safe, 2
        while unique.casefold() in self._names:
            tail = f"({number})"
            unique, number = safe[: 31 - len(tail)] + tail, number + 1
        self._names.add(unique.casefold())
        worksheet: Worksheet = self.workbook.add_worksheet(unique)
        return worksheet

    def format(self, style: Style) -> Format:
        """The cell format of a style, made once."""
        known = self._formats.get(style)
        if known is None:
            known = self._formats[style] = self.workbook.add_format(_properties(style))
        return known

    def close(self) -> None:
        """Write the file. Raises ``OSError`` when the target cannot be written."""
        from xlsxwriter.exceptions import FileCreateError  # type: ignore[import-untyped]

        try:
            self.workbook.close()
        except FileCreateError as error:
            raise error.args[0] if error.args and isinstance(error.args[0], OSError) else OSError(str(error)) from error


def render(book: Book, model: SheetModel) -> Worksheet:
    """Write ``model`` as a new worksheet of ``book``."""
    sheet = book.sheet(model.name)
    _page(sheet, model)
    for column, width in model.widths.items():
        sheet.set_column(column, column, width)
    for row, height in model.heights.items():
        sheet.set_row(row, height)
    for top, left, bottom, right in model.merges:
        sheet.merge_range(top, left, bottom, right, "")
    for number, row_cells in enumerate(model.rows):
        for column, cell in enumerate(row_cells):
            if cell is not None:
                write(sheet, number, column, cell, book.format(cell.style))
    # Amounts that stand as text (97.2%, a code) are meant so: no green corners.
    sheet.ignore_errors({"number_stored_as_text": "A1:XFD1048576"})
    return sheet


def write(sheet: Worksheet, row: int, column: int, cell: SheetCell, form: Format) -> None:
    """Write one cell: text as text, numbers as numbers, a formula only where the model says so."""
    value = cell.value
    if cell.formula:
        cached: Any = float(value) if isinstance(value, Decimal) else value
        sheet.write_formula(row, column, f"={cell.formula.lstrip('=')}", form, cached if cached is not None else "")
    elif value is None or value == "":
        sheet.write_blank(row, column, None, form)
    elif isinstance(value, str):
        text = _UNWRITABLE.sub("\ufffd", value[:_LONGEST])
        if cell.link:
            sheet.write_url(row, column, f"internal:{cell.link}", form, text)
        else:
            sheet.write_string(row, column, text, form)
    else:
        sheet.write_number(row, column, float(value), form)
    if cell.note:
        write_note(sheet, row, column, cell.note)


def write_note(sheet: Worksheet, row: int, column: int, text: str) -> None:
    """A note big enough to be read without dragging its corner."""
    lines = measure.lines(text, _NOTE_WIDTH / 6.2, 9)
    options = {
        "author": "决算公开校核", "x_scale": _NOTE_WIDTH / 128, "height": min(max(lines * 16 + 14, 60), 600),
        "font_name": FONT, "font_size": 9, "font_family": 3, "color": "#FFFFE1",
    }  # fmt: skip
    sheet.write_comment(row, column, _UNWRITABLE.sub("\ufffd", text[:_LONGEST]), options)


def _page(sheet: Worksheet, model: SheetModel) -> None:
    sheet.set_paper(_A4)
    sheet.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.7)
    sheet.fit_to_pages(1, 0)
    sheet.center_horizontally()
    if model.landscape:
        sheet.set_landscape()
    if not model.gridlines:
        sheet.hide_gridlines(2)
    if model.freeze:
        sheet.freeze_panes(*model.freeze)
    if model.filter:
        sheet.autofilter(*model.filter)
    if model.repeat_rows:
        sheet.repeat_rows(*model.repeat_rows)
    if model.footer:
        sheet.set_footer(model.footer)
    if model.tab_color:
        sheet.set_tab_color(f"#{model.tab_color}")


def _properties(style: Style) -> dict[str, Any]:
    # With a scheme the theme's font would win over 宋体 (DESIGN).
    found: dict[str, Any] = {"font_name": FONT, "font_size": style.size, "font_scheme": None, "valign": "vcenter"}
    if style.fill:
        found["bg_color"] = f"#{style.fill}"
    if style.color:
        found["font_color"] = f"#{style.color}"
    if style.border:
        found |= {"border": 1, "border_color": "#A6A6A6"}
    found |= {
        "bold": style.bold,
        "text_wrap": style.wrap,
        "underline": 1 if style.underline else 0,
        "num_format": style.number_format or "General",
    }
    if style.align:
        found["align"] = style.align
    return found
