"""Target and actual value of an indicator compared, and small helpers of the 绩效 rules."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from app.checking import evidence
from app.checking.finding import Finding, Related
from app.checking.rulebook import Context, NotApplicable
from app.numbers import plain
from app.report.claim import Figure
from app.report.performance import Goal, Indicator, Number, PerformanceTable, Printed

_VALUE = re.compile(
    r"(?P<op>≥|>=|≤|<=|>|<|=|不少于|不低于|不超过|大于等于|大于或等于|小于等于|小于或等于|大于|小于|不高于)?"
    r"(?:达到|达|约|平均|完成|共)?(?P<low>\d+(?:,\d{3})*(?:\.\d+)?)%?(?:[-~至](?P<high>\d+(?:\.\d+)?))?"
    r"(?P<unit>%|[\u4e00-\u9fff]{1,4})?(?P<tail>以上|以下|以内|左右)?(?:/[\u4e00-\u9fff])?"
)
_DATE = re.compile(r"年|月|日|号|时|分钟")
_LESS = frozenset({"≤", "<=", "<", "不超过", "小于等于", "小于或等于", "小于", "不高于"})
_MORE = frozenset({"≥", ">=", ">", "不少于", "不低于", "大于等于", "大于或等于", "大于"})
_LOWER_IS_BETTER = re.compile(
    r"投诉|事故|差错|违[规纪法]|死亡|逾期|发生|下降|降低|减少|成本|经费|费用|支出|预算数|控制|信访|缺陷|损耗|能耗"
)
_NONE = re.compile(r"^[(（]?(?:无|没有|不涉及|/|-|—|暂无|无偏差|不存在)?[。.)）]?$")


@dataclass(frozen=True, slots=True)
class Value:
    """A target or an actual value: ``low`` (``high`` of a range), its operator and unit."""

    low: Decimal
    high: Decimal | None
    operator: str
    unit: str


def value_of(printed: Printed | None) -> Value | None:
    """The value a cell states, or None for words, dates and unread cells."""
    if not printed:
        return None
    hit = _VALUE.fullmatch(printed.text)
    if hit is None:
        return None
    unit = (hit.group("unit") or "").strip()
    for tail in ("以上", "以下", "以内", "左右"):
        if unit.endswith(tail):
            unit = unit[: -len(tail)]
    if _DATE.search(unit):
        return None
    if "%" in printed.text:
        unit = "%"
    high = Decimal(hit.group("high")) if hit.group("high") else None
    operator = hit.group("op") or ""
    if printed.text.endswith(("以下", "以内")):
        operator = "≤"
    return Value(Decimal(hit.group("low").replace(",", "")), high, operator, unit)


def missed(indicator: Indicator) -> bool | None:
    """Whether the target was missed; None when target and actual cannot be compared."""
    target, actual = value_of(indicator.target), value_of(indicator.actual)
    if indicator.target and indicator.actual and indicator.target.text == indicator.actual.text:
        return False
    if target is None or actual is None or not _same_unit(target.unit, actual.unit):
        return None
    if target.operator in _LESS:
        return actual.low > target.low
    if target.operator in _MORE or target.high is not None:
        return actual.low < target.low
    if _LOWER_IS_BETTER.search(indicator.name + indicator.level2) and target.unit != "%":
        return None
    if _LOWER_IS_BETTER.search(indicator.name) and not re.search(r"完成率|执行率|控制率", indicator.name):
        return None
    return actual.low < target.low


def _same_unit(a: str, b: str) -> bool:
    if "%" in (a, b) and a != b:
        return False
    return not a or not b or a == b or a.startswith(b) or b.startswith(a)


def share(indicator: Indicator) -> Decimal | None:
    """Actual ÷ target, or None."""
    target, actual = value_of(indicator.target), value_of(indicator.actual)
    return actual.low / target.low if target and actual and target.low else None


def full_marks(goal: Goal, indicator: Indicator) -> str:
    """Why the score of ``indicator`` is full: ``weight``, ``sum``, ``neighbours`` or ``""``."""
    mark = indicator.points
    if mark is None or mark == 0:
        return ""
    if indicator.weight is not None:
        return "weight" if mark >= indicator.weight else ""
    if not goal.complete:
        return ""
    marks = [i.points for i in goal.indicators if i.points is not None]
    part = share(indicator)
    shares = {(m * part).quantize(mark) for i in goal.indicators if (m := i.points) is not None and part is not None}
    if part is not None and part < 1 and mark != mark.to_integral_value() and mark in shares:
        return ""  # 0.92 = 1 × 92 %: points were taken off
    whole = goal.weight is not None and goal.weight == goal.weight.to_integral_value()
    if whole and sum(marks) == goal.weight:
        return "sum"
    common, times = Counter(
        m for i in goal.indicators if (m := i.points) is not None and i is not indicator
    ).most_common(1)[0]
    return "neighbours" if times >= 3 and mark >= common else ""


def said_none(printed: Printed | None) -> bool:
    """A row for reasons that is blank or says 无."""
    return printed is not None and bool(_NONE.match(printed.text))


def tables(context: Context) -> list[PerformanceTable]:
    """The 自评表 of the report; ``NotApplicable`` when it has none."""
    found = context.report.performance
    if not found:
        raise NotApplicable("报告里没有读到绩效自评表")
    return found


def flag(message: str, printed: Printed, **facts: Any) -> Finding:
    """A finding at a piece of a 自评表."""
    facts.setdefault("table", "绩效自评表")
    return evidence.finding(message, printed.place, quote=printed.quote, context=printed.context, **facts)


def beside(*pieces: Printed | None) -> tuple[Related, ...]:
    """Other pieces a finding rests on."""
    return tuple(Related(p.place, p.context or p.quote) for p in pieces if p is not None and p.quote)


def as_figure(number: Number) -> Figure:
    """A printed rate as ``checking.percent`` takes it."""
    return Figure(number.value, number.half, "%", 0, 0, "", "", plain(number.value), number.decimals)


def rounded(value: Decimal, decimals: int) -> str:
    """``19.86``: half up, for messages."""
    return f"{value.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP):f}"


def each_goal(found: list[PerformanceTable]) -> Iterator[tuple[PerformanceTable, Goal]]:
    """Every goal of every table."""
    for table in found:
        for goal in table.goals:
            yield table, goal
