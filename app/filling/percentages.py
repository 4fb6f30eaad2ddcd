"""All percentages that the official narrative asks for (``resources/percentages.toml``), worked out.

The sheet 百分比, the draft of 情况说明 and the placeholders of a report take their percentages here.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import cache

from app import paths
from app.filling.quantities import Quantities, Quantity
from app.knowledge import supplement

DECIMALS = 2
_COLUMNS = {"各收入栏": "收入表", "各支出栏": "支出表", "各三公栏": "三公决算"}
_TRIPS = {c.key: c.label.removeprefix("其中：") for c in supplement.section("三公").rows}


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the data: see the head of the file."""

    section: str
    name: str
    kind: str
    top: str
    base: str
    each: str = ""
    form: str = ""


@dataclass(frozen=True, slots=True)
class Percentage:
    """``top`` ÷ ``base`` (growth: their difference ÷ ``base``), as a fraction at ``DECIMALS`` of a percent.

    ``reason`` says why there is no ``value``: an input is missing, or the base is zero. ``key`` is the
    row or column bound by the entry (``2010301``, ``财政拨款收入``).
    """

    section: str
    name: str
    kind: str
    top: Quantity
    base: Quantity
    key: str = ""

    @property
    def missing(self) -> str:
        """What is not there, for the clerk; ``""`` when both operands are."""
        return "；".join(dict.fromkeys(q.missing for q in (self.top, self.base) if q.missing))

    @property
    def reason(self) -> str:
        """Why there is no value."""
        if self.missing:
            return self.missing
        if not self.base.value:
            return f"分母“{self.base.name}”为 0，不能计算"
        if self.base.value < 0:
            return f"分母“{self.base.name}”为负数，比率没有意义"
        return ""

    @property
    def value(self) -> Decimal | None:
        """The fraction (0.4526), half up at ``DECIMALS`` of a percent."""
        top, base = self.top.value, self.base.value
        if self.reason or top is None or not base:
            return None
        return rounded((top - base if self.kind == "growth" else top) / base)


def rounded(fraction: Decimal, decimals: int = DECIMALS) -> Decimal:
    """A fraction at so many decimals of a percent, half up."""
    return fraction.quantize(Decimal(1).scaleb(-decimals - 2), ROUND_HALF_UP)


def shown(fraction: Decimal, decimals: int = DECIMALS) -> str:
    """``45.26%``."""
    return f"{rounded(fraction, decimals) * 100:.{decimals}f}%"


def percentages(quantities: Quantities, *, whole: bool = False) -> list[Percentage]:
    """Every percentage of the narrative, in its order, those that cannot be worked out included.

    ``whole`` keeps kinds of money that are zero now and then.
    """
    form = quantities.report.form
    found = []
    for entry in entries():
        if entry.form and form not in entry.form.split(","):
            continue
        for key, name, top, base in _bound(entry, quantities):
            one = Percentage(entry.section, name, entry.kind, quantities.get(top), quantities.get(base), key)
            if whole or _speaks(one, entry):
                found.append(one)
    return found


@cache
def entries() -> tuple[Entry, ...]:
    """The data, in order."""
    data = tomllib.loads((paths.resources() / "percentages.toml").read_text("utf-8"))
    return tuple(Entry(**entry) for entry in data["percentage"])


def _bound(entry: Entry, quantities: Quantities) -> Iterator[tuple[str, str, str, str]]:
    """(key, name, top, base) for all that ``each`` stands for."""
    if not entry.each:
        yield "", entry.name, entry.top, entry.base
        return
    if entry.each in _COLUMNS:
        for column in quantities.columns(_COLUMNS[entry.each]):
            if column != "合计":
                name = entry.name.format(name=_TRIPS.get(column, column))
                yield column, name, entry.top.replace("各栏", column), entry.base.replace("各栏", column)
        return
    for row in quantities.rows(entry.top.partition("[")[0], entry.each):
        name = entry.name.format(name=f"{row.code} {row.label}" if row.code else row.label)
        yield row.key, name, entry.top.replace(entry.each, row.key), entry.base.replace(entry.each, row.key)


def _speaks(one: Percentage, entry: Entry) -> bool:
    """A kind of money that is zero now and then is not spoken of; a single figure always is."""
    if not entry.each:
        return True
    return bool(one.top.missing or one.top.value or (one.kind != "share" and one.base.value))
