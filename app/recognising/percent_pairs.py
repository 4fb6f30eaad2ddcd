"""A label with its value beside it: 预算数 | 100 | 执行数 | 95 | 执行率 | (blank)."""

from __future__ import annotations

from decimal import Decimal

from app.knowledge.text import norm
from app.recognising.amounts import entry, settle
from app.recognising.percent_headers import PLACEHOLDER, kind_of, role
from app.report.amount import Amount
from app.report.percent import Operand, PercentCell
from app.report.report import Report
from app.source import Grid


def beside(grid: Grid, row: int, column: int, report: Report) -> PercentCell | None:
    """The blank cell behind a label that asks for a percentage, worked out from the pairs of its row.

    None where the row is no row of labels and values, or does not hold one figure of each kind.
    """
    kind = kind_of(grid.text(row, column))
    target = _behind(grid, row, column)
    cell = grid.cell(row, target)
    text = norm(cell.text) if cell is not None else ""
    if kind not in ("completion", "growth") or (text and not PLACEHOLDER.fullmatch(text)) or grid.protected:
        return None
    if cell is not None and cell.formula:
        return None
    pairs = _pairs(grid, row, report)
    base = [o for r, o in pairs if r == ("budget" if kind == "completion" else "last")]
    final = [o for r, o in pairs if r == "final"]
    if len(base) != 1 or len(final) != 1 or base[0].amount.value < 0 or final[0].amount.value < 0:
        return None
    numerator = tuple(final) if kind == "completion" else (final[0], _minus(base[0]))
    name = norm(grid.text(row, column))
    return PercentCell(grid, row, target, grid.place(row, target), name, kind, numerator, tuple(base), text=text)


def _minus(operand: Operand) -> Operand:
    return Operand(-1, operand.grid, operand.row, operand.column, operand.name, operand.amount)


def _behind(grid: Grid, row: int, column: int) -> int:
    """The column behind a label, which may be merged."""
    span = next((s for s in grid.merges if (s.top, s.left) == (row, column)), None)
    return (span.right if span else column) + 1


def _pairs(grid: Grid, row: int, report: Report) -> list[tuple[str, Operand]]:
    """Each label of the row with the number behind it; none where two labels stand side by side."""
    found = []
    for column, cell in sorted(grid.rows.get(row, {}).items()):
        if not isinstance(cell.value, str) or not cell.text.strip():
            continue
        at = _behind(grid, row, column)
        figure = entry(grid, row, at)
        if figure.amount is None or figure.cell is None or not isinstance(figure.cell.value, Decimal):
            continue
        settle(figure, report.decimals)
        name = norm(cell.text)
        found.append((role((name,), report.year), Operand(1, grid, row, at, name, figure.amount or Amount(Decimal(0), Decimal(0), ""))))  # fmt: skip
    return found
