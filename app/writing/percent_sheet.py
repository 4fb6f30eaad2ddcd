"""The sheet 百分比: all percentages that the narrative asks for, each a live formula on the tables' cells."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from app import numbers
from app.filling.percentages import Percentage, percentages, shown
from app.filling.quantities import Part, Quantities, Quantity
from app.report.report import Report
from app.source import Grid
from app.writing import layout
from app.writing.model import MARKS, SheetCell, SheetModel, Style

NAME = "百分比"
TITLE = "情况说明所需百分比"
_HEADERS = (
    "序号",
    "章节",
    "百分比",
    "分子（本年数）",
    "金额（万元）",
    "分母（基数）",
    "金额（万元）",
    "应为",
    "计算与说明",
)
_WIDTHS = (6.0, 11.0, 34.0, 30.0, 14.0, 30.0, 14.0, 11.0, 46.0)
_MONEY = Style(border=True, align="right", number_format="#,##0.00_ ")
_RATE = Style(border=True, align="right", number_format="0.00%")
_INPUT = Style(border=True, align="right", number_format="#,##0.00_ ", fill="FFF9E5")
_FILL, _INK = MARKS["filled"]
_DONE = Style(border=True, align="right", number_format="0.00%", fill=_FILL, color=_INK)
# The reference of a cell in the workbook that is written (``'公开03表'!D9``); ``""`` when it is not in it.
Reference = Callable[[Part], str]


def percent_sheet(report: Report, reference: Reference, *, whole: bool = False) -> SheetModel | None:
    """The sheet, or None when no table of the report could be read.

    ``reference`` says where an operand stands in the workbook that the sheet goes into; operands that
    stand elsewhere (in the text, in last year's file) go into the formula as numbers. ``whole`` keeps
    shares of nothing, too: a template waits for figures.
    """
    if not report.tables:
        return None
    found = percentages(Quantities.of(report, template=whole), whole=whole)
    sheet = SheetModel(NAME, widths=dict(enumerate(_WIDTHS)), footer=layout.footer(""))
    layout.merged(sheet, TITLE, layout.TITLE, 30)
    done = sum(p.value is not None for p in found)
    lacking = (
        f"；其余 {len(found) - done} 个留空，右栏写明缺什么，在浅黄格填入金额即可算出" if done < len(found) else ""
    )
    layout.merged(sheet, f"共 {len(found)} 个，已算出 {done} 个{lacking}。公式随表中数字变动。", layout.FACT)
    if whole:
        _count_live(sheet, len(found), done)
    top = layout.headers(sheet, _HEADERS, 24)
    for number, one in enumerate(found, 1):
        row = _row(number, one, reference, len(sheet.rows) + 1)
        if whole:
            row[-1] = _live_words(one, len(sheet.rows) + 1)
        layout.add(sheet, row)
    sheet.freeze, sheet.repeat_rows = (top + 1, 3), (top, top)
    if found:
        sheet.filter = (top, 0, len(sheet.rows) - 1, len(_HEADERS) - 1)
    return sheet


def has_own(report: Report) -> bool:
    """Whether the workbook carries the sheet already, as our template does."""
    return any(_is_own(grid) for grid in report.source.grids if grid.is_sheet)


def _is_own(grid: Grid) -> bool:
    return grid.name.startswith(NAME) and grid.text(0, 0) == TITLE


def cell_reference(file_name: str) -> Reference:
    """Where operands stand in the clerk's own workbook ``file_name``."""

    def reference(part: Part) -> str:
        place = part.place
        if place is None or not place.sheet or not place.cell or place.file not in (None, file_name) or part.file:
            return ""
        return f"{layout.quoted(place.sheet)}!{place.cell}"

    return reference


def _row(number: int, one: Percentage, reference: Reference, line: int) -> layout.Row:
    top, base = _operand(one.top, reference, f"E{line}"), _operand(one.base, reference, f"G{line}")
    value: Decimal | str | None = one.value
    if value is None:
        value = "" if one.missing else "—"
    return [
        SheetCell(number, layout.CENTER),
        SheetCell(one.section, layout.CENTER),
        SheetCell(one.name, layout.TEXT),
        SheetCell(one.top.name, layout.TEXT),
        top.cell,
        SheetCell(one.base.name, layout.TEXT),
        base.cell,
        SheetCell(value, _DONE if one.value is not None else _RATE, formula=_formula(one.kind, top, base)),
        SheetCell(_said(one), layout.TEXT),
    ]


@dataclass(frozen=True, slots=True)
class _Operand:
    """An operand as the percentage's formula has it: cells of the tables, or the cell beside it, which
    holds a figure from elsewhere or waits for one. ``waits`` are the cells that must hold a number."""

    expression: str
    cell: SheetCell
    waits: tuple[str, ...] = ()

    @property
    def term(self) -> str:
        """Within a larger formula."""
        # a sheet's name may hold such a sign, too: brackets too many do no harm
        return f"({self.expression})" if any(sign in self.expression for sign in "+-/") else self.expression


def _count_live(sheet: SheetModel, count: int, done: int) -> None:
    """The line beneath the title of a template's sheet: it counts what is worked out by then."""
    row, first = sheet.rows[-1], len(sheet.rows) + 2
    head, tail = f"共 {count} 个，已算出 ", " 个；没有算出的，右栏写明缺什么。公式随表中数字变动。"
    formula = f'"{head}"&COUNT(H{first}:H{first + count - 1})&"{tail}"'
    row[0] = SheetCell(f"{head}{done}{tail}", layout.FACT, formula=formula)


def _live_words(one: Percentage, line: int) -> SheetCell:
    """The calculation once it is filled in, until then what is missing."""
    top, base = (f'TEXT({column}{line},"#,##0.00")' for column in "EG")
    over = f'"（"&{top}&" − "&{base}&"）"' if one.kind == "growth" else top
    missing = one.missing.replace('"', '""')
    nothing = f"分母“{one.base.name}”没有填写、为 0 或为负数，不能计算"
    waiting = f'IF(H{line}="—","{nothing}","{missing}")'
    formula = f'IF(ISNUMBER(H{line}),{over}&" ÷ "&{base}&" = "&TEXT(H{line},"0.00%"),{waiting})'
    return SheetCell(missing or nothing, layout.TEXT, formula=formula)


def _operand(quantity: Quantity, reference: Reference, own: str) -> _Operand:
    expression, live = _expression(quantity, reference)
    if live:
        cells = tuple(cell for p in quantity.parts if (cell := reference(p))) if quantity.missing else ()
        shown = f'IF(COUNT({",".join(cells)})<{len(cells)},"",{expression})' if cells else expression
        return _Operand(expression, SheetCell(quantity.value if not cells else "", _MONEY, formula=shown), cells)
    if quantity.missing:
        return _Operand(own, SheetCell(None, _INPUT), (own,))
    return _Operand(own, SheetCell(quantity.value, _MONEY))


def _formula(kind: str, top: _Operand, base: _Operand) -> str:
    """``IF(base<=0,"—",ROUND(top/base,4))``, blank as long as an input is."""
    over = f"({top.expression}-{base.term})" if kind == "growth" else top.term
    rate = f'IF({base.expression}<=0,"—",ROUND({over}/{base.term},4))'
    waits = (*top.waits, *base.waits)
    return f'IF(COUNT({",".join(waits)})<{len(waits)},"",{rate})' if waits else rate


def _expression(quantity: Quantity, reference: Reference) -> tuple[str, bool]:
    """The sum as a formula in 万元, and whether it refers to cells."""
    text, live = "", False
    for part in quantity.parts:
        cell = reference(part) if not _worded(part) else ""
        live = live or bool(cell)
        term = cell or numbers.plain(part.value)
        if cell and part.entry is not None and part.entry.cell is not None and part.entry.cell.formula:
            term = f"N({cell})"  # her formula may show "" for none
        if cell and part.scale != 1:
            term += f"/{numbers.plain(1 / part.scale)}"
        text += f"{'-' if part.sign < 0 else '+' if text else ''}{term}"
    return text, live


def _worded(part: Part) -> bool:
    """A number stored as text: a formula on it would fail or count it as nothing."""
    return part.entry is not None and part.entry.cell is not None and isinstance(part.entry.cell.value, str)


def _said(one: Percentage) -> str:
    top, base = one.top.value, one.base.value
    if one.value is None or top is None or base is None:
        return one.reason
    over = f"（{top:,.2f} − {base:,.2f}）" if one.kind == "growth" else f"{top:,.2f}"
    last = "（上年数取自上年决算文件）" if any(p.file for p in one.base.parts) else ""
    return f"{over} ÷ {base:,.2f} = {shown(one.value)}{last}"
