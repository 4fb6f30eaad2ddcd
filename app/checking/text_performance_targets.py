"""绩效自评表: targets, actual values and scores of indicators, reasons owed (DOMAIN §7)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal

from app.checking.finding import Finding
from app.checking.performance_values import (
    beside,
    each_goal,
    flag,
    full_marks,
    missed,
    said_none,
    share,
    tables,
    value_of,
)
from app.checking.rulebook import Context, check
from app.numbers import plain
from app.report.performance import Goal, Indicator, PerformanceTable

_NEARLY = Decimal("0.9")
_NAMED_RATE = re.compile(r"(?<![\d.≥≤><])(\d{1,3}(?:\.\d+)?)%$")
_TIME = re.compile(r"年|月|日|天|小时|分钟|周|季度|及时|按时|前|期")


@check("performance_missing")
def missing(context: Context) -> Iterator[Finding]:
    """Every indicator has target, actual value and score."""
    for table, goal in each_goal(tables(context)):
        for indicator in goal.indicators:
            fields = {"年初目标值": indicator.target, "实际完成值": indicator.actual, "得分": indicator.score}
            blank = [name for name, printed in fields.items() if printed is not None and not printed]
            context.saw()
            if not blank:
                continue
            expected = _owed(table) if blank == ["得分"] else ""
            hint = f"，按自评得分推算应为 {expected}" if expected else ""
            cell = fields[blank[0]]
            assert cell is not None
            yield flag(
                f"{table.name}：指标“{indicator.name[:24]}”没有填{'、'.join(blank)}{hint}",
                cell, expected=expected, row=indicator.name, column=blank[0], related=beside(indicator.row),
            )  # fmt: skip


def _owed(table: PerformanceTable) -> str:
    """The one missing score, from the printed total."""
    printed = table.total or table.self_score
    points = [i.points for i in table.indicators]
    if printed is None or table.points is None or points.count(None) != 1:
        return ""
    whole = sum((g.score.value for g in table.goals if g.score), table.points.value)
    left = printed.value - whole - sum(p for p in points if p is not None)
    return plain(left) if 0 < left <= 30 else ""


@check("performance_missed")
def missed_target(context: Context) -> Iterator[Finding]:
    """A target that was missed cannot score full."""
    for table, goal in each_goal(tables(context)):
        for indicator in goal.indicators:
            outcome = missed(indicator)
            if outcome is None:
                continue
            context.saw()
            why = full_marks(goal, indicator) if outcome else ""
            if why:
                yield _full(table, goal, indicator, why)


def _full(table: PerformanceTable, goal: Goal, indicator: Indicator, why: str) -> Finding:
    assert indicator.target is not None and indicator.actual is not None and indicator.points is not None
    words = {
        "weight": "等于该指标的分值", "sum": f"{goal.name}各指标得分合计正好等于其分值", "neighbours": "与已完成的指标得分相同",
    }  # fmt: skip
    part = share(indicator)
    right = ""
    if part is not None and part < 1:
        right = f"{(indicator.points * part).quantize(Decimal('0.01'))} 以下"
    note = "，偏差原因又填“无”" if said_none(table.reasons) else ""
    return flag(
        f"{table.name}：指标“{indicator.name[:24]}”目标 {indicator.target.text}，实际完成 {indicator.actual.text}，没有完成，"
        f"却得满分 {plain(indicator.points)} 分（{words[why]}）{note}；应按完成比例扣分并说明原因",
        indicator.score or indicator.row,
        severity="error" if part is not None and part < _NEARLY else "warning",
        found=plain(indicator.points), expected=right, row=indicator.name,
        related=beside(indicator.row, table.reasons),
    )  # fmt: skip


@check("performance_low_mark")
def low_mark(context: Context) -> Iterator[Finding]:
    """An indicator that met its target but has less than its neighbours, without a reason."""
    for table, goal in each_goal(tables(context)):
        marks = Counter(p for i in goal.indicators if (p := i.points) is not None)
        if not goal.complete or not marks or len(goal.indicators) < 4 or not said_none(table.reasons):
            continue
        common, times = marks.most_common(1)[0]
        context.saw()
        if times < len(goal.indicators) - 1 or times == len(goal.indicators):
            continue
        last = next(i for i in goal.indicators if i.points != common)
        if last.points is not None and last.points < common and missed(last) is False:
            yield flag(
                f"{table.name}：指标“{last.name[:24]}”已完成目标，得 {plain(last.points)} 分，其余指标各 {plain(common)} 分，"
                "少得的分没有说明原因，请核对",
                last.score or last.row, found=plain(last.points), expected=plain(common), row=last.name, related=beside(last.row),
            )  # fmt: skip


@check("performance_reasons")
def reasons(context: Context) -> Iterator[Finding]:
    """Reasons and measures are filled in where a target was missed or money was left."""
    for table in tables(context):
        if table.reasons is None:
            continue
        context.saw()
        if not said_none(table.reasons):
            continue
        short = [i for i in table.indicators if missed(i)]
        cut = table.rate is not None and table.rate.value < 100 and (table.rate.percent or table.rate.value > 1)
        if not short and not cut:
            continue
        facts = []
        if cut and table.rate is not None:
            facts.append(f"执行率 {plain(table.rate.value)}%")
        facts += [
            f"“{i.name[:20]}”目标 {i.target.text}、完成 {i.actual.text}" for i in short[:2] if i.target and i.actual
        ]
        state = "空白" if not table.reasons else f"填“{table.reasons.text}”"
        yield flag(
            f"{table.name}：{'，'.join(facts)}，偏差大或目标未完成原因分析却{state}；请写明原因和改进措施",
            table.reasons,
            severity="" if short or (table.rate and table.rate.value < 95) else "info",
            found=table.reasons.text, expected="填写原因和改进措施",
            related=beside(*(i.row for i in short[:2]), table.rate.printed if cut and table.rate else None),
        )  # fmt: skip


@check("performance_twice")
def twice(context: Context) -> Iterator[Finding]:
    """One indicator with the same target and actual value scored twice in a table."""
    for table in tables(context):
        seen: dict[tuple[str, str, str], Indicator] = {}
        for indicator in table.indicators:
            if not indicator.target or not indicator.actual or len(indicator.name) < 4:
                continue
            context.saw()
            key = (indicator.name, indicator.target.text, indicator.actual.text)
            first = seen.setdefault(key, indicator)
            if (
                first is not indicator
                and value_of(indicator.target)
                and table.goals
                and _one_goal(table, first, indicator)
            ):
                yield flag(
                    f"{table.name}：指标“{indicator.name[:24]}”（{indicator.target.text} / {indicator.actual.text}）列了两次，重复计分，请核对",
                    indicator.row, row=indicator.name, related=beside(first.row),
                )  # fmt: skip


def _one_goal(table: PerformanceTable, first: Indicator, second: Indicator) -> bool:
    return any(first in g.indicators and second in g.indicators for g in table.goals)


@check("performance_across")
def across(context: Context) -> Iterator[Finding]:
    """The same indicator of the 整体 and of a 项目 table has the same target and actual value."""
    found = tables(context)
    goals = [(t, g) for t, g in each_goal(found) if t.kind == "整体" and g.indicators]
    for table in found:
        if table.kind == "整体" or not goals:
            continue
        ranked = sorted(goals, key=lambda pair: -_overlap(pair[1], table))
        whole, goal = ranked[0]
        first, second = _overlap(goal, table), _overlap(ranked[1][1], table) if len(ranked) > 1 else 0
        if first < max(3, len(table.indicators) // 2) or first == second:
            continue
        for mate in table.indicators:
            others = [i for i in goal.indicators if i.name == mate.name and len(i.name) >= 4]
            if len(others) == 1 and sum(i.name == mate.name for i in table.indicators) == 1:
                yield from _differs(context, whole, table, others[0], mate)


def _overlap(goal: Goal, table: PerformanceTable) -> int:
    """How many indicators of the table the goal names too."""
    names = {i.name for i in table.indicators}
    return sum(i.name in names for i in goal.indicators)


def _differs(
    context: Context, whole: PerformanceTable, table: PerformanceTable, other: Indicator, mate: Indicator
) -> Iterator[Finding]:
    for word, a, b in (("目标值", other.target, mate.target), ("实际完成值", other.actual, mate.actual)):
        left, right = value_of(a), value_of(b)
        if left is None or right is None or a is None or b is None:
            continue
        context.saw()
        if left.low != right.low or left.high != right.high:
            yield flag(
                f"指标“{mate.name[:24]}”的{word}：{table.name}为 {b.text}，{whole.name}为 {a.text}，两处应一致",
                b, found=b.text, expected=a.text, row=mate.name, related=beside(other.row),
            )  # fmt: skip


@check("performance_kind")
def wrong_kind(context: Context) -> Iterator[Finding]:
    """An amount of money under 时效指标; a percentage in the name that is not the target's."""
    for table, goal in each_goal(tables(context)):
        for indicator in goal.indicators:
            target = value_of(indicator.target)
            if target is None or indicator.target is None:
                continue
            context.saw()
            if (
                indicator.level2 == "时效指标"
                and target.unit in ("元", "万元", "亿元")
                and not _TIME.search(indicator.name)
            ):
                yield flag(
                    f"{table.name}：“{indicator.name[:20]}”目标是金额 {indicator.target.text}，却列在时效指标下，应列数量或成本指标",
                    indicator.row, row=indicator.name,
                )  # fmt: skip
            named = _NAMED_RATE.search(indicator.name)
            if named and target.unit == "%" and Decimal(named.group(1)) != target.low and goal.complete:
                yield flag(
                    f"{table.name}：指标名称写“{indicator.name[-12:]}”，目标值却是 {indicator.target.text}，两个目标不一致",
                    indicator.row, found=indicator.target.text, expected=named.group(), row=indicator.name,
                )  # fmt: skip


@check("performance_vague")
def vague(context: Context) -> Iterator[Finding]:
    """A target in figures answered without a figure (100% / 按时完成; 80% / 80%以上)."""
    for table, goal in each_goal(tables(context)):
        for indicator in goal.indicators:
            target = value_of(indicator.target)
            if target is None or not indicator.actual or indicator.target is None:
                continue
            context.saw()
            words = not re.search(r"\d", indicator.actual.text)
            open_ended = indicator.actual.text.endswith("以上")
            if words or open_ended:
                yield flag(
                    f"{table.name}：指标“{indicator.name[:20]}”目标 {indicator.target.text}，实际完成值填“{indicator.actual.text[:16]}”，"
                    "不是具体数值，无法与目标比较",
                    indicator.actual, found=indicator.actual.text, row=indicator.name, related=beside(indicator.row),
                )  # fmt: skip
