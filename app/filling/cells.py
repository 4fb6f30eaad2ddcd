"""The percentages that a workbook asks for and does not have, as live formulas (DESIGN: never over what she typed)."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from app.checking.finding import Fill, Related
from app.numbers import letters
from app.report.percent import Operand, PercentCell, worked
from app.report.report import Report

NONE = "—"


def cell_fills(report: Report) -> list[Fill]:
    """A fill for each blank percentage of the workbook; those that cannot be made say why."""
    return [_fill(cell) for cell in report.percents if cell.blank]


def _fill(cell: PercentCell) -> Fill:
    found = cell.text.strip()
    related = tuple(Related(o.grid.place(o.row, o.column), _printed(o)) for o in (*cell.numerator, *cell.denominator))
    if cell.blocked:
        return Fill(cell.place, "", "", cell.blocked, cell.name, found, related)
    top, base = cell.top.value, cell.base.value
    formula, shape = f"={_formula(cell)}", _number_format(cell)
    if not base:
        why = f"分母（{_named(cell.denominator)}）为 0 或空白，没有比率"
        return Fill(cell.place, NONE, formula, why, cell.name, found, related, number_format=shape)
    value = rate(cell)
    why = f"{worked(cell.numerator)} ÷ {worked(cell.denominator)} = {value}"
    if cell.kind == "growth" and len(cell.numerator) == 1 and not top:
        why += "（无增减）"
    return Fill(cell.place, value, formula, why, cell.name, found, related, number_format=shape)


def rate(cell: PercentCell) -> str:
    """The percentage as its sheet writes it, half up: ``45.26%``, ``45.26`` under a header that says %.

    The denominator must not be 0.
    """
    percent = cell.top.value / cell.base.value * 100
    shown = percent.quantize(Decimal(1).scaleb(-cell.decimals), ROUND_HALF_UP)
    shown = shown if shown else abs(shown)  # no -0.00
    return f"{shown:f}" if cell.hundredfold else f"{shown:f}%"


def _number_format(cell: PercentCell) -> str:
    digits = "0" + ("." + "0" * cell.decimals if cell.decimals else "")
    return digits if cell.hundredfold else f"{digits}%"


def _formula(cell: PercentCell) -> str:
    """``IF(C9=0,"—",ROUND(D9/C9,4))``, with cells of its own sheet."""
    top, base = _expression(cell.numerator), _expression(cell.denominator)
    over = f"({top})" if len(cell.numerator) > 1 else top
    under = f"({base})" if len(cell.denominator) > 1 else base
    factor, places = ("*100", cell.decimals) if cell.hundredfold else ("", cell.decimals + 2)
    return f'IF({base}=0,"{NONE}",ROUND({over}/{under}{factor},{places}))'


def _expression(operands: tuple[Operand, ...]) -> str:
    text = ""
    for operand in operands:
        sign = "-" if operand.sign < 0 else "+" if text else ""
        text += f"{sign}{letters(operand.column)}{operand.row + 1}"
    return text


def _printed(operand: Operand) -> str:
    return f"{operand.name} {operand.amount.text or '空白'}"


def _named(operands: tuple[Operand, ...]) -> str:
    return " ".join(f"{'−' if o.sign < 0 else ''}{o.name}" for o in operands)
