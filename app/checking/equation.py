"""Equations over printed cells: what one rule says of one row and column, evaluated by interval."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

from app.report.table import Column, Entry, Row, Table

ZERO = Decimal(0)


@dataclass(slots=True, eq=False)
class Spot:
    """One printed amount as equations see it. ``value`` and ``slack`` in the equation's unit of
    comparison are ``amount × scale``; ``weight`` is how many roundings the printed value holds;
    ``owner`` names the unit of a 部门 in whose file it stands (none: the file that is checked);
    ``printed`` is false for a row that is not there and counts as 0."""

    table: Table
    block: str
    row: Row
    column: Column
    entry: Entry
    value: Decimal
    half: Decimal
    weight: int = 1
    owner: str = ""
    printed: bool = True

    @property
    def id(self) -> tuple[str, str, int]:
        return (self.block, self.column.key, id(self.row))


@dataclass(slots=True, eq=False)
class Term:
    """A signed spot within an equation; ``spot`` is None for a constant or a row not printed."""

    sign: int
    spot: Spot | None
    value: Decimal
    slack: Decimal


@dataclass(slots=True, eq=False)
class Equation:
    """``Σ left (relation) Σ right``. ``status``: equal | rounding | failed."""

    code: str
    left: list[Term]
    relation: str
    right: list[Term]
    text: str = ""
    subject: str = ""
    unit: str = "万元"
    status: str = "equal"
    residual: Decimal = ZERO
    tolerance: Decimal = ZERO
    terms: list[tuple[int, Spot]] = field(default_factory=list)
    between: bool = False  # compares the department with its units

    def evaluate(self, floor: Decimal) -> None:
        """Sets ``status``; differences up to the printed roundings are no errors (DOMAIN §5)."""
        left = sum((t.sign * t.value for t in self.left), ZERO)
        right = sum((t.sign * t.value for t in self.right), ZERO)
        self.residual = left - right
        self.tolerance = max(floor, sum((t.slack for t in (*self.left, *self.right)), ZERO))
        self.terms = [(t.sign, t.spot) for t in self.left if t.spot] + [(-t.sign, t.spot) for t in self.right if t.spot]
        excess = self.residual
        if self.relation == "≤":
            excess = max(ZERO, self.residual)
        elif self.relation == "≥":
            excess = min(ZERO, self.residual)
        if excess == 0:
            self.status = "equal"
        elif abs(excess) <= self.tolerance:
            self.status = "rounding"
        else:
            self.status = "failed"
