"""Printed percentages by interval (DOMAIN §5): right if some values inside the intervals of the
operands round (half up) to what is printed."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, DivisionByZero, InvalidOperation
from typing import Protocol

_WIDE = Decimal("0.5")


class Operand(Protocol):
    """A ``Figure`` or an ``Amount``: a value, half its unit, and whether zeros were dropped."""

    @property
    def value(self) -> Decimal: ...
    @property
    def half(self) -> Decimal: ...
    @property
    def short(self) -> bool: ...


class Percent(Protocol):
    """A printed percentage: 45.26 with two decimals; a ``Figure`` of the text or a cell's."""

    @property
    def value(self) -> Decimal: ...
    @property
    def decimals(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Quantity:
    """An operand worked out from others (a base, a sum)."""

    value: Decimal
    half: Decimal
    short: bool = False


def minus(a: Operand, b: Operand) -> Quantity:
    """``a − b`` with its interval."""
    return Quantity(a.value - b.value, a.half + b.half, a.short or b.short)


def plus(*parts: Operand) -> Quantity:
    """The sum with its interval; zeros hold no rounding."""
    return Quantity(
        sum((p.value for p in parts), Decimal(0)),
        sum((p.half for p in parts if p.value), Decimal(0)),
        any(p.short for p in parts),
    )


def consistent(numerator: Operand, denominator: Operand, percent: Percent) -> str:
    """``yes``, ``no``, or ``short``: right only if a short-printed operand (18) stands for 17.5…18.5.

    A denominator whose interval reaches zero gives ``no`` unless the numerator is zero too.
    """
    if _fits(numerator, denominator, percent, wide=False):
        return "yes"
    if (numerator.short or denominator.short) and _fits(numerator, denominator, percent, wide=True):
        return "short"
    return "no"


def _fits(numerator: Operand, denominator: Operand, percent: Percent, *, wide: bool) -> bool:
    top, low = _interval(numerator, wide), _interval(denominator, wide)
    if denominator.value == 0:
        return numerator.value == 0 and percent.value in (0, 100)
    if low[0] <= 0:
        return True
    edge = Decimal(5).scaleb(-percent.decimals - 1)
    least, most = top[0] / low[1] * 100, top[1] / low[0] * 100
    return least < percent.value + edge and most >= percent.value - edge


def _interval(operand: Operand, wide: bool) -> tuple[Decimal, Decimal]:
    half = operand.half
    if wide and operand.short:
        half = _WIDE if operand.value == operand.value.to_integral_value() else Decimal("0.05")
    if operand.value == 0:
        half = Decimal(0)
    return max(operand.value - half, Decimal(0)), operand.value + half


def rate(numerator: Operand, denominator: Operand, decimals: int = 2) -> str:
    """``102.91%``; empty when the denominator is zero."""
    try:
        value = numerator.value / denominator.value * 100
    except (DivisionByZero, InvalidOperation):
        return ""
    places = max(decimals, 1)
    return f"{value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP):f}%"


def far_off(numerator: Operand, denominator: Operand, percent: Percent) -> bool:
    """True when the printed percentage is wrong by more than its last digit (truncation is less)."""
    if denominator.value == 0:
        return True
    true = numerator.value / denominator.value * 100
    unit = Decimal(1).scaleb(-percent.decimals)
    return abs(true - percent.value) > unit * Decimal("1.5")


def equal(a: Operand, b: Operand, parts: int = 1) -> str:
    """``equal``, ``rounding`` or ``no`` for two printings of one amount; ``parts`` roundings each."""
    gap = abs(a.value - b.value)
    if gap == 0:
        return "equal"
    return "rounding" if gap <= (a.half + b.half) * parts else "no"
