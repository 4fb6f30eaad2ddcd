"""The cells of a workbook that ask for a percentage, with the cells that it is worked out from.

Each is recognised once: checking compares what is typed there, filling writes what is blank. Where the
operands cannot be told with certainty the cell says so (``blocked``) and nothing is done with it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from app import numbers
from app.knowledge.text import norm
from app.recognising.amounts import entry, settle
from app.recognising.percent_headers import (
    PLACEHOLDER,
    Region,
    Side,
    is_total_row,
    kind_of,
    region,
    role,
)
from app.recognising.percent_pairs import beside
from app.recognising.percent_plans import Plan, Signed, plans_of
from app.report.amount import Amount
from app.report.percent import Operand, PercentCell
from app.report.report import Report
from app.source import Cell, Grid

_SEARCHED = 400  # rows of a sheet in which headers are looked for
_MOST_DECIMALS = 4  # more are a quotient under the format General
_PRINTED = re.compile(r"([-+]?\d+(?:\.(\d+))?)[%％]")


def percent_cells(report: Report) -> list[PercentCell]:
    """All cells of the workbook's sheets that ask for a percentage, in order."""
    found: dict[tuple[int, int, int], PercentCell] = {}
    for number, grid in enumerate(report.source.grids):
        if not grid.is_sheet:
            continue
        asked = _asks(grid)
        for side in Side.both(grid) if asked else ():
            for row, column in asked:
                if not side.turned and (pair := beside(grid, row, column, report)):
                    found.setdefault((number, pair.row, pair.column), pair)
                for cell in _asked(side, *side.spot(row, column), report):
                    known = found.setdefault((number, cell.row, cell.column), cell)
                    if known is not cell and (known.numerator, known.denominator) != (cell.numerator, cell.denominator):
                        found[number, cell.row, cell.column] = _either(known, cell)
    return [found[key] for key in sorted(found)]


def _asks(grid: Grid) -> list[tuple[int, int]]:
    rows = [r for r in sorted(grid.rows) if r < _SEARCHED]
    return [
        (r, c) for r in rows for c, cell in grid.rows[r].items() if isinstance(cell.value, str) and kind_of(cell.value)
    ]


def _either(one: PercentCell, other: PercentCell) -> PercentCell:
    """A row and a column both ask for the same cell: the one that can be told; else neither."""
    if one.blocked or other.blocked:
        return other if one.blocked else one
    one.blocked = "行和列都要求填百分比，分不清是哪一个"
    return one


def _asked(side: Side, row: int, column: int, report: Report) -> Iterator[PercentCell]:
    """The cells under one header; ``row`` and ``column`` are the side's own."""
    anchor = side.covered.get((row, column), (row, column))
    beneath: set[int] = {c for (r, c), a in side.covered.items() if a == anchor and r == row}
    for each in sorted(beneath | {column}):
        around = region(side, row, each)
        if around is None or role(around.paths.get(each, ())) or not around.words(each):
            continue
        kind = kind_of(around.words(each)) or kind_of(side.text(row, column))
        if kind is None:
            continue
        cells = [(r, cell) for r in around.rows if (cell := _target(around, r, each)) is not None]
        if cells:
            yield from _column(around, each, kind, cells, report)


def _column(
    around: Region, column: int, kind: str, cells: list[tuple[int, PercentCell]], report: Report
) -> Iterator[PercentCell]:
    plans = plans_of(around, column, kind, report.year)
    if isinstance(plans, str):
        first = next((c for r, c in cells if c.blank and _holds_amounts(around, r)), None)
        if first is not None and plans:
            first.kind, first.blocked = kind, f"“{around.words(column)}”：{plans}"
            yield first
        return
    _scale(around, column, [c for _, c in cells])
    chosen = _chosen(plans, around, cells, report)
    for row, cell in cells:
        cell.kind = kind
        if chosen is not None and _beyond(chosen, around, row):
            continue
        if chosen is None:
            cell.blocked = (
                f"“{around.words(column)}”的分子、分母有几种可能（{'；'.join(p.about for p in plans)}），分不清"
            )
        elif not _work_out(cell, chosen, around, row, report):
            continue
        yield cell


def _beyond(plan: Plan, around: Region, row: int) -> bool:
    """总计 has no share in 本年支出合计."""
    whole = {r for _, r, _ in plan.denominator(row)} - {row}
    column = plan.numerator(row)[0][2]
    return plan.kind == "share" and bool(whole) and is_total_row(around.label(row, column))


def _holds_amounts(around: Region, row: int) -> bool:
    return any(around.side.number(row, c) is not None for c in around.paths)


# -- the cell itself ---------------------------------------------------------------------------


def _target(around: Region, row: int, column: int) -> PercentCell | None:
    """The cell as it stands: blank, waiting (XX%), or a percentage; None for any other content."""
    side = around.side
    if side.covered.get((row, column), (row, column)) != (row, column):
        return None
    at = side.spot(row, column)
    cell = side.cell(row, column)
    made = PercentCell(side.grid, *at, side.place(row, column), "", "", text=cell.text if cell else "")
    if cell is None or (isinstance(cell.value, str) and not cell.value.strip() and not cell.formula):
        made.decimals = _format_decimals(side.grid.percent_formats.get(at, ""))
    elif isinstance(cell.value, Decimal):
        made.typed, made.formula = cell.value, cell.formula or ""
        made.decimals = _shown_decimals(cell)
    elif isinstance(cell.value, str) and (printed := _PRINTED.fullmatch(norm(cell.value))):
        made.typed, made.formula = Decimal(printed.group(1)) / 100, cell.formula or ""
        made.decimals = len(printed.group(2) or "")
    elif cell.formula or not isinstance(cell.value, str) or not PLACEHOLDER.fullmatch(norm(cell.value)):
        return None
    else:
        shown = cell.number_format
        made.decimals = _format_decimals(shown if "%" in shown else "")
    made.blocked = _closed(side, row, column) if made.blank else ""
    return made


def _format_decimals(number_format: str) -> int:
    shown = numbers.decimals(number_format) if number_format else None
    return -1 if shown is None else shown


def _shown_decimals(cell: Cell) -> int:
    """Decimals of the percentage as it is shown."""
    assert isinstance(cell.value, Decimal)
    if "%" in cell.text:
        return len(cell.text.rstrip("%").partition(".")[2])
    return len(cell.text.partition(".")[2])


def _closed(side: Side, row: int, column: int) -> str:
    grid, at = side.grid, side.spot(row, column)
    if grid.protected:
        return "工作表受保护，没有填写；请先撤消工作表保护"
    if any(s.top <= at[0] <= s.bottom and s.left <= at[1] <= s.right for s in grid.closed):
        return "单元格属于数组公式、数据透视表或表格，没有填写"
    spans = [s for s in grid.merges if (s.top, s.left) == at]
    if any((s.right > s.left) if side.turned else (s.bottom > s.top) for s in spans):
        return "合并单元格跨了几行，不知道是哪一行的百分比"
    return ""


def _scale(around: Region, column: int, cells: list[PercentCell]) -> None:
    """45.26 or 0.4526, and how many decimals: as the column's other cells have it."""
    typed = [c for c in cells if c.typed is not None]
    plain = [c for c in typed if "%" not in c.text]
    sizes = [abs(c.typed) for c in plain if c.typed]
    sign = "%" in norm(around.words(column)) and len(plain) == len(typed)
    hundredfold = any(s > Decimal("1.5") for s in sizes) or (sign and bool(sizes) and all(s >= 1 for s in sizes))
    for cell in plain:
        if hundredfold and cell.typed is not None:
            cell.typed, cell.hundredfold = cell.typed / 100, True
        else:
            cell.decimals = max(cell.decimals - 2, 0)
    known = [c.decimals for c in typed if c.decimals <= _MOST_DECIMALS]  # trailing zeros may be dropped
    usual = max(known, default=2)
    for cell in cells:
        if cell.typed is None:
            cell.hundredfold = hundredfold
            cell.decimals = usual if known or cell.decimals < 0 else cell.decimals


# -- choosing among the ways, and working one out -------------------------------------------------


def _chosen(plans: list[Plan], around: Region, cells: list[tuple[int, PercentCell]], report: Report) -> Plan | None:
    """The one way that there is; of several the one that all typed percentages agree with.

    None as well where most of what is typed contradicts it: then the column means something else.
    """
    typed = [(r, c) for r, c in cells if c.typed]
    agree = {id(p): sum(_agrees(p, around, r, c, report) for r, c in typed) for p in plans}
    if len(plans) > 1:
        plans = [p for p in plans if typed and agree[id(p)] == len(typed)]
        wholes = {id(p) for p in plans}
        return plans[0] if len(wholes) == 1 else None
    many = len(typed) >= 2 and agree[id(plans[0])] * 2 < len(typed)
    return None if many else plans[0]


def _agrees(plan: Plan, around: Region, row: int, cell: PercentCell, report: Report) -> bool:
    numerator = _operands(around, plan.numerator(row), report)
    denominator = _operands(around, plan.denominator(row), report)
    if isinstance(numerator, str) or isinstance(denominator, str):
        return True
    top = sum((o.sign * o.amount.value for o in numerator), Decimal(0))
    base = sum((o.sign * o.amount.value for o in denominator), Decimal(0))
    return bool(base) and abs(top / base - (cell.typed or 0)) <= Decimal(1).scaleb(-cell.decimals - 2)


def _work_out(cell: PercentCell, plan: Plan, around: Region, row: int, report: Report) -> bool:
    """Gives the cell its operands, or the reason why not; False where the row holds no amounts."""
    asked = [*plan.numerator(row), *plan.denominator(row)]
    side = around.side
    own = [(r, c) for _, r, c in asked if r == row]
    label = around.label(row, min(c for _, c in own))
    if not any(_filled(side, r, c) for r, c in own) or not (label or len(around.rows) == 1):
        return False
    if plan.kind == "share" and cell.blank and not any(_filled(side, r, c) for _, r, c in plan.numerator(row)):
        return False  # nothing was spent on it: no share is asked for
    cell.name = f"{label}·{around.title(_column_of(side, cell))}".strip("·")
    numerator = _operands(around, plan.numerator(row), report)
    denominator = _operands(around, plan.denominator(row), report)
    for made in (numerator, denominator):
        if isinstance(made, str):
            cell.blocked = cell.blocked or made
    if isinstance(numerator, tuple) and isinstance(denominator, tuple):
        cell.numerator, cell.denominator = numerator, denominator
        cell.blocked = cell.blocked or _meaningless(cell) or _contradicted(plan, around, row, report)
    return True


def _column_of(side: Side, cell: PercentCell) -> int:
    return cell.row if side.turned else cell.column


def _filled(side: Side, row: int, column: int) -> bool:
    cell = side.cell(*side.covered.get((row, column), (row, column)))
    return cell is not None and (cell.value is not None or cell.formula is not None) and cell.text.strip() != ""


def _meaningless(cell: PercentCell) -> str:
    if cell.base.value < 0:
        return "分母为负数，比率没有意义，请人工判断"
    if cell.kind != "growth" and cell.top.value < 0:
        return "分子为负数，请人工判断"
    return ""


def _contradicted(plan: Plan, around: Region, row: int, report: Report) -> str:
    """本年数 − 上年数 is not the 增减额 that stands beside them."""
    if plan.check is None:
        return ""
    made = _operands(around, plan.check(row), report)
    if isinstance(made, str) or not made[-1].amount.text:
        return ""
    gap = sum((o.sign * o.amount.value for o in made), Decimal(0))
    slack = sum((o.amount.half for o in made), Decimal(0))
    return f"增减额与本年数、上年数之差不符（相差 {numbers.plain(abs(gap))}），请先核对" if abs(gap) > slack else ""


def _operands(around: Region, terms: list[Signed], report: Report) -> tuple[Operand, ...] | str:
    """The cells as operands, or why one of them is none."""
    made = []
    for sign, row, column in terms:
        row, column = around.side.covered.get((row, column), (row, column))
        at = around.side.spot(row, column)
        found = entry(around.side.grid, *at)
        name = f"{around.label(row, column)}·{around.title(column)}".strip("·")
        cell = found.cell
        if found.wrong == "uncached":
            return f"{found.place}（{name}）的公式没有计算结果，请在 Excel 中打开并保存一次"
        if found.wrong:
            return f"{found.place}（{name}）不是数字：{found.text}"
        if cell is not None and isinstance(cell.value, str) and found.amount is not None and found.amount.value:
            return f"{found.place}（{name}）的数字存成了文本，请先转换为数字"
        settle(found, report.decimals)
        made.append(Operand(sign, around.side.grid, *at, name, found.amount or Amount(Decimal(0), Decimal(0), "")))
    return tuple(made)
