"""A cell of a workbook that asks for a percentage: recognised once, compared by checking, written by filling."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from app.source import Grid, Place


@dataclass(frozen=True, slots=True)
class Operand:
    """A cell of the same workbook, signed: ``sign`` × the amount at (``row``, ``column``) of ``grid``."""

    sign: int
    grid: Grid
    row: int
    column: int
    name: str = ""  # its header and row, for people


@dataclass(slots=True)
class PercentCell:
    """Numerator and denominator of one percentage.

    ``kind``: share | completion | growth. ``decimals`` are those of the percentage as the sheet
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
