"""Percentages typed into a workbook's cells: each is the quotient of the cells that it is worked out from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from app.checking.evidence import finding, row_text
from app.checking.finding import Finding, Related
from app.checking.percent import consistent
from app.checking.rulebook import Context, NotApplicable, check
from app.report.amount import Amount
from app.report.percent import PercentCell, worked

_MOST_DECIMALS = 6


@dataclass(frozen=True, slots=True)
class _Printed:
    """A percentage as printed: 45.26 with two decimals."""

    value: Decimal
    decimals: int


@check("percent_cells")
def percent_cells(context: Context) -> Iterator[Finding]:
    """A percentage, typed or worked out by her own formula, that its operands do not give."""
    yield from _compare(context, "no")


@check("percent_cells_short")
def percent_cells_short(context: Context) -> Iterator[Finding]:
    """Right only if an operand printed short (18) stands for 17.5 to 18.5."""
    yield from _compare(context, "short")


def _compare(context: Context, wanted: str) -> Iterator[Finding]:
    if not context.report.percents:
        raise NotApplicable("工作簿里没有要求填百分比的行、列")
    typed = [c for c in context.report.percents if c.typed is not None]
    for cell in typed:
        if cell.blocked:
            context.skipped.append(f"{cell.place}：{cell.blocked}")
            continue
        context.saw()
        if judged(cell) == wanted:
            yield _finding(cell, wanted)
    if not typed:
        raise NotApplicable("要求填百分比的单元格都还空着")


def judged(cell: PercentCell) -> str:
    """yes, no or short, by interval; a growth has its sign."""
    percent = _printed(cell)
    top, base = cell.top, cell.base
    if not base.value:
        return "yes" if not percent.value or not top.value else "no"
    if top.value * percent.value < 0:
        return "no"
    if top.value < 0:
        top, percent = Amount(-top.value, top.half, "", top.short), _Printed(-percent.value, percent.decimals)
    return consistent(top, base, percent)


def _printed(cell: PercentCell) -> _Printed:
    assert cell.typed is not None
    places = min(cell.decimals, _MOST_DECIMALS)
    return _Printed((cell.typed * 100).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP), places)


def _finding(cell: PercentCell, wanted: str) -> Finding:
    sign = "" if cell.hundredfold else "%"
    printed = _printed(cell)
    top, base = cell.top.value, cell.base.value
    places = min(max(printed.decimals, 1), _MOST_DECIMALS)
    right = f"{(top / base * 100).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP):f}{sign}" if base else "—"
    how_worked = f"{worked(cell.numerator)} ÷ {worked(cell.denominator)}" + (
        f" = {right}" if base else "，分母为 0，没有比率"
    )
    found = cell.text.strip() or f"{printed.value:f}{sign}"
    how = "公式的结果" if cell.formula else ""
    only = "，只有当没有小数的数是四舍五入来的才对得上" if wanted == "short" else ""
    return finding(
        f"{cell.place} {cell.name} {how}{found}，应为 {right}：{how_worked}{only}。",
        cell.place,
        quote=cell.text,
        context=row_text(cell.grid, cell.row),
        found=found,
        expected=right,
        calculation=how_worked,
        row=cell.name.partition("·")[0],
        column=cell.name.rpartition("·")[2],
        advice="请核对公式引用的单元格" if cell.formula else "",
        related=tuple(
            Related(o.grid.place(o.row, o.column), o.amount.text) for o in (*cell.numerator, *cell.denominator)
        ),
    )
