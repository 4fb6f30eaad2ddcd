"""An amount as printed: a value and the interval it stands for (DOMAIN §5)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Amount:
    """``value`` ± ``half``, in the unit of its table (万元 or 元).

    ``half`` is 0 for a stored value longer than what is displayed (it counts as it is), else half
    a unit of the last decimal. ``short`` says that trailing zeros were dropped in print (18 for
    18.00) and the interval was narrowed to the document's unit.
    """

    value: Decimal
    half: Decimal
    text: str
    short: bool = False

    @property
    def low(self) -> Decimal:
        return self.value - self.half

    @property
    def high(self) -> Decimal:
        return self.value + self.half
