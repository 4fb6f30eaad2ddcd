"""A cell of a workbook that asks for a percentage: recognised once, compared by checking, written by filling."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from app.report.amount import Amount
from app.source import Grid, Place


@dataclass(frozen=True, slots=True)
class Operand:
    """A cell of the same workbook, signed: ``sign`` × the amount at (``row``, ``column``) of ``grid``."""

    sign: int
    grid: Grid
    row: int
    column: int
    name: str  # its header and row, for people
    amount: Amount  # in the unit of its sheet; a blank is 0


@dataclass(slots=True)
class PercentCell:
    """One percentage: Σ ``numerator`` ÷ Σ ``denominator``.

    ``kind``: share | completion | growth (the numerator is then the change). ``decimals`` are those of the percentage as the sheet
    prints its like (2 where nothing tells). ``hundredfold``: the sheet writes 45.26 under a header
    that says %, not 0.4526 as a percentage. ``blocked`` says why it must not be filled or judged.
    """

    grid: Grid
    row: int
    column: int
    place: Place
    name: str
    kind: str
    numerator: tuple[Operand, ...] = ()
    denominator: tuple[Operand, ...] = ()
    decimals: int = 2
    hundredfold: bool = False
    typed: Decimal | None = None  # what stands there, as a fraction (0.4526); None when blank or XX%
    text: str = ""  # as shown
    formula: str = ""  # her own formula, which stays
    blocked: str = ""

    @property
    def blank(self) -> bool:
        """Whether it waits to be filled in."""
        return self.typed is None and not self.formula

    @property
    def top(self) -> Amount:
        """The numerator with its interval."""
        return _sum(self.numerator)

    @property
    def base(self) -> Amount:
        """The denominator with its interval."""
        return _sum(self.denominator)


def _sum(operands: tuple[Operand, ...]) -> Amount:
    known = [o.amount for o in operands if o.amount.value]
    value = sum((o.sign * o.amount.value for o in operands), Decimal(0))
    return Amount(value, sum((a.half for a in known), Decimal(0)), "", any(a.short for a in known))


def worked(operands: tuple[Operand, ...]) -> str:
    """``基本支出·决算数 427.70`` for people; several in brackets with their signs."""
    text = ""
    for operand in operands:
        sign = " − " if operand.sign < 0 else " + " if text else ""
        text += f"{sign}{operand.name} {operand.amount.text or '0'}"
    return f"（{text}）" if len(operands) > 1 else text
