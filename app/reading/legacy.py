"""Binary workbooks: ``.xls`` and WPS ``.et`` through xlrd, ``.xlsb`` through calamine."""

from __future__ import annotations

import datetime
import os
import struct
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.numbers import stored
from app.reading.binary_sheets import ERRORS, Layout, layouts
from app.reading.errors import Unreadable
from app.reading.sniff import cannot_open, sniff
from app.source import Cell, CellError, Grid, Source, Span, Value

if TYPE_CHECKING:
    import xlrd

_DAMAGED = "工作簿不完整或已损坏，请在 Excel 或 WPS 中打开并另存为 .xlsx 后再试。"
_ENCRYPTED = "文件有打开密码，请在 Excel 或 WPS 中打开，去掉密码后另存再试。"
_HUGE = "工作表“{}”的已用区域过大（{} 行 × {} 列），多半是远处误填了内容；请删去多余的行和列，另存后再试。"
_MOST_CELLS = 20_000_000  # of the used rectangle, which calamine holds whole


def read(path: Path) -> Source:
    """The sheets of an ``.xls .et .xlsb`` workbook. Raises ``Unreadable``."""
    return _read_biff(path) if sniff(path) == "xls" else _read_calamine(path)


# .xls and .et


def _read_biff(path: Path) -> Source:
    import xlrd

    source = Source(str(path), "workbook")
    try:
        # xlrd prints warnings about odd records; the clerk has no use for them
        with open(os.devnull, "w", encoding="utf-8") as log:  # noqa: PTH123
            book = xlrd.open_workbook(str(path), logfile=log, formatting_info=True, on_demand=True, ragged_rows=True)
            with book:
                for number in range(book.nsheets):
                    source.items.append(_biff_grid(book, book.sheet_by_index(number)))
                    book.unload_sheet(number)
    except OSError as error:
        raise cannot_open(error) from error
    except MemoryError:
        raise
    except xlrd.XLRDError as error:
        raise Unreadable(_ENCRYPTED if "encrypted" in str(error).lower() else _DAMAGED) from error
    except Exception as error:  # xlrd meets damage with any error at all: struct, index, assertion, unicode
        raise Unreadable(_DAMAGED) from error
    return source


def _biff_grid(book: xlrd.Book, sheet: xlrd.sheet.Sheet) -> Grid:
    grid = Grid(sheet.name, hidden=bool(sheet.visibility))
    formats = [book.format_map[xf.format_key].format_str for xf in book.xf_list]
    for row in range(sheet.nrows):
        kinds, values, styles = sheet.row_types(row), sheet.row_values(row), sheet._cell_xf_indexes[row]
        cells = {
            column: Cell(row, column, value, number_format=formats[styles[column]])
            for column, kind in enumerate(kinds)
            if (value := _biff_value(kind, values[column])) is not None
        }
        if cells:
            grid.rows[row] = cells
    grid.merges = [Span(top, left, bottom - 1, right - 1) for top, bottom, left, right in sheet.merged_cells]
    for row, info in sheet.rowinfo_map.items():
        if info.hidden:
            grid.hidden_rows.add(row)
        if info.height_mismatch:  # set by hand, not by the font
            grid.heights[row] = info.height / 20  # twips to points
    for column, layout in sheet.colinfo_map.items():
        grid.widths[column] = layout.width / 256
        if layout.hidden:
            grid.hidden_columns.add(column)
    return grid


def _biff_value(kind: int, value: Any) -> Value:
    """A cell of xlrd (kinds: 0 empty, 1 text, 2 number, 3 date, 4 boolean, 5 error, 6 blank)."""
    if kind == 1:
        return str(value) or None
    if kind in (2, 3):
        return _number(value)
    if kind == 4:
        return bool(value)
    if kind == 5:
        return CellError(ERRORS.get(value, "#N/A"))
    return None


def _number(value: float) -> Decimal:
    return stored(repr(value).removesuffix(".0"))  # 18.0 is how Python writes 18


# .xlsb


def _read_calamine(path: Path) -> Source:
    import python_calamine as calamine

    layouts = _layouts(path)
    source = Source(str(path), "workbook")
    shown = calamine.SheetVisibleEnum.Visible
    try:
        with calamine.CalamineWorkbook.from_path(path) as book:
            for meta in book.sheets_metadata:
                if meta.typ == calamine.SheetTypeEnum.WorkSheet:
                    rows = book.get_sheet_by_name(meta.name).to_python(skip_empty_area=False)
                    grid = _plain_grid(meta.name, rows, layouts.get(meta.name))
                    grid.hidden = meta.visible != shown
                    source.items.append(grid)
    except OSError as error:
        raise cannot_open(error) from error
    except calamine.PasswordError as error:
        raise Unreadable(_ENCRYPTED) from error
    except (KeyboardInterrupt, SystemExit, MemoryError):
        raise
    except BaseException as error:  # PanicException of the Rust side is no Exception
        raise Unreadable(_DAMAGED) from error
    return source


def _layouts(path: Path) -> dict[str, Layout]:
    """What calamine does not give; also stops a sheet whose rectangle it could not allocate."""
    try:
        found = layouts(path)
    except (struct.error, IndexError) as error:
        raise Unreadable(_DAMAGED) from error
    for name, layout in found.items():
        rows, columns = layout.last[0] + 1, layout.last[1] + 1
        if rows * columns > _MOST_CELLS:
            raise Unreadable(_HUGE.format(name, rows, columns))
    return found


def _plain_grid(name: str, rows: Iterable[list[Any]], layout: Layout | None) -> Grid:
    layout = layout or Layout(Grid(name))
    grid = layout.grid
    for row, values in enumerate(rows):
        cells = {
            column: Cell(row, column, value, number_format=layout.formats.get((row, column), "General"))
            for column, raw in enumerate(values)
            if raw != "" and (value := _plain_value(raw)) is not None
        }
        if cells:
            grid.rows[row] = cells
    for (row, column), error in layout.errors.items():
        grid.put(Cell(row, column, error))
    return grid


def _plain_value(raw: Any) -> Value:
    if isinstance(raw, bool):
        return raw
    if isinstance(raw, int | float):
        return _number(raw)
    if isinstance(raw, str):
        return CellError(raw) if raw in ERRORS.values() else raw
    if isinstance(raw, datetime.date | datetime.time):
        return raw.isoformat(" ") if isinstance(raw, datetime.datetime) else raw.isoformat()
    return str(raw)
