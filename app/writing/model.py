"""A sheet as a model, before any file: the in-place editor and XlsxWriter both render it.

So 校核结果 looks the same whether it is added to the clerk's own package or to a fresh workbook.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

from app.writing.palette import MARKS as MARKS


@dataclass(frozen=True, slots=True)
class Style:
    """Look of a cell; colours are RGB hex without ``#``, ``size`` in points."""

    fill: str = ""
    color: str = ""
    bold: bool = False
    size: int = 10
    wrap: bool = False
    align: str = ""  # left | center | right
    border: bool = False
    number_format: str = ""
    underline: bool = False


@dataclass(frozen=True, slots=True)
class SheetCell:
    """``value`` is written as a string or a number, never as a formula unless ``formula`` is set.

    ``link`` is a target inside the workbook (``'公开01表'!C33``).
    """

    value: str | int | Decimal | None
    style: Style = field(default_factory=Style)
    link: str = ""
    formula: str = ""
    note: str = ""


@dataclass(slots=True)
class SheetModel:
    """``rows[r][c]``, from 0. ``widths`` in Excel characters, ``filter`` as (top, left, bottom, right)."""

    name: str
    rows: list[list[SheetCell | None]] = field(default_factory=list)
    widths: dict[int, float] = field(default_factory=dict)
    heights: dict[int, float] = field(default_factory=dict)
    merges: list[tuple[int, int, int, int]] = field(default_factory=list)
    freeze: tuple[int, int] | None = None  # first unfrozen row, column
    filter: tuple[int, int, int, int] | None = None
    landscape: bool = True
    repeat_rows: tuple[int, int] | None = None
    footer: str = ""
    gridlines: bool = False
    tab_color: str = ""


@dataclass(frozen=True, slots=True)
class Mark:
    """One cell of the clerk's workbook to mark. ``style`` is a key of ``MARKS``; ``note`` the text
    of the note; ``fill_value`` a percentage (and its formula) to write into a blank cell, or into one
    that holds only the text ``fill_over`` (XX%)."""

    sheet: str
    cell: str
    style: str
    note: str
    fill_value: Decimal | str | None = None
    fill_formula: str = ""
    fill_format: str = ""
    fill_over: str = ""
