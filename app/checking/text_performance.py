"""绩效自评表: rates, scores, weights and sums (DOMAIN §7)."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from app.checking import percent
from app.checking.finding import Finding
from app.checking.performance_values import (
    as_figure,
    beside,
    flag,
    missed,
    rounded,
    said_none,
    tables,
)
from app.checking.rulebook import Context, check
from app.numbers import plain
from app.report.performance import Goal, Number, PerformanceTable

HUNDRED = Decimal(100)
_CENT = Decimal("0.01")


@check("performance_rate")
def rate(context: Context) -> Iterator[Finding]:
    """执行率 = B ÷ A by interval; a rate cut off instead of rounded is a warning."""
    for table in tables(context):
        a, b, printed = table.budget, table.executed, table.rate
        if a is None or b is None or printed is None:
            context.skipped.append(f"{table.name}的预算数、执行数、执行率没有读全")
            continue
        if not printed.percent and printed.value <= 1:
            continue  # 0.99 for 99 %: a way of writing of its own
        context.saw()
        outcome = percent.consistent(b, a, as_figure(printed))
        if outcome == "yes" or (outcome == "short" and not percent.far_off(b, a, as_figure(printed))):
            continue
        right = percent.rate(b, a, printed.decimals) or "（预算数为 0，无法计算）"
        far = percent.far_off(b, a, as_figure(printed))
        why = "应等于执行数（B）÷预算数（A）" if far else "应四舍五入，不是直接舍去尾数"
        yield flag(
            f"{table.name}：执行率印为 {plain(printed.value)}%，按 {plain(b.value)} ÷ {plain(a.value)} 应为 {right}（{why}）",
            printed.printed,
            severity="error" if far else "warning",
            found=f"{plain(printed.value)}%",
            expected=right,
            calculation=f"{plain(b.value)} ÷ {plain(a.value)} = {right}",
            related=beside(a.printed, b.printed),
        )


@check("performance_rate_sign")
def rate_sign(context: Context) -> Iterator[Finding]:
    """A rate such as 100 without its per cent sign."""
    for table in tables(context):
        printed = table.rate
        if printed is None:
            continue
        context.saw()
        if not printed.percent and printed.value > 1:
            shown = plain(printed.value)
            yield flag(
                f"{table.name}：执行率印为 {shown}，缺百分号，应为 {shown}%",
                printed.printed,
                found=shown,
                expected=f"{shown}%",
            )


@check("performance_points")
def points(context: Context) -> Iterator[Finding]:
    """预算执行得分 = weight × 执行率, from the printed or the exact rate."""
    for table in tables(context):
        mark, weight = table.points, table.weight
        if mark is None or weight is None or table.rate is None or table.budget is None or table.executed is None:
            context.skipped.append(f"{table.name}的预算执行得分没有读全")
            continue
        context.saw()
        if _points_fit(table, mark, weight):
            continue
        value = weight * _rate(table)
        right = rounded(value, max(mark.decimals, 2))
        off = abs(mark.value - value)
        yield flag(
            f"{table.name}：预算执行得分印为 {plain(mark.value)}，应为 {plain(weight)} 分 × 执行率 = {right}",
            mark.printed,
            severity="error" if mark.value > value and off >= Decimal("0.05") else "warning",
            found=plain(mark.value),
            expected=right,
            calculation=f"{plain(weight)} × {plain(table.executed.value)} ÷ {plain(table.budget.value)} = {right}",
            related=beside(table.rate.printed),
        )


def _rate(table: PerformanceTable) -> Decimal:
    """B ÷ A, at most 1."""
    assert table.budget is not None and table.executed is not None
    if not table.budget.value:
        return Decimal(0)
    return min(table.executed.value / table.budget.value, Decimal(1))


def _points_fit(table: PerformanceTable, mark: Number, weight: Decimal) -> bool:
    assert table.rate is not None
    printed = table.rate.value if table.rate.percent or table.rate.value > 1 else table.rate.value * 100
    tolerance = mark.half + _CENT
    exact, shown = weight * _rate(table), weight * min(printed, HUNDRED) / 100
    return min(abs(mark.value - exact), abs(mark.value - shown)) <= tolerance


@check("performance_weights")
def weights(context: Context) -> Iterator[Finding]:
    """预算执行 and the goals weigh 100 together."""
    for table in tables(context):
        yield from _indicator_weights(context, table)
        given = [(g, g.weight) for g in table.goals if g.weight is not None]
        if table.weight is None or not given or len(given) < len(table.goals):
            context.skipped.append(f"{table.name}的目标分值没有读全")
            continue
        context.saw()
        total = table.weight + sum(w for _, w in given)
        if total == HUNDRED:
            continue
        goal, weight = _odd_weight(given, total)
        right = weight + HUNDRED - total
        parts = " + ".join([plain(table.weight), *(plain(w) for _, w in given)])
        hint = f"，{goal.name}应为 {plain(right)} 分" if right > 0 else ""
        yield flag(
            f"{table.name}：预算执行与各目标分值合计 {parts} = {plain(total)} 分，应为 100 分{hint}",
            goal.heading,
            severity="error" if len(given) > 1 else "warning",
            found=f"{plain(weight)}分",
            expected=f"{plain(right)}分" if right > 0 else "合计100分",
            calculation=f"{parts} = {plain(total)}",
            related=beside(*(g.heading for g, _ in given if g is not goal)),
        )


def _indicator_weights(context: Context, table: PerformanceTable) -> Iterator[Finding]:
    """The national form: 分值 of the indicators and of 预算执行 add to 100."""
    own = [i.weight for i in table.indicators if i.weight is not None]
    if table.weight is None or not own or len(own) < len(table.indicators) or not table.goals[-1].complete:
        return
    context.saw()
    total = table.weight + sum(own)
    if total != HUNDRED:
        yield flag(
            f"{table.name}：预算执行与各指标分值合计 {plain(total)} 分，应为 100 分",
            table.goals[0].heading, found=plain(total), expected="100",
            calculation=" + ".join(plain(w) for w in [table.weight, *own]) + f" = {plain(total)}",
            related=beside(*(i.row for i in table.indicators[:1])),
        )  # fmt: skip


def _odd_weight(given: list[tuple[Goal, Decimal]], total: Decimal) -> tuple[Goal, Decimal]:
    """The heading to mend: one with decimals among whole numbers (a score printed for the weight),
    else one whose indicators do not add up to it, else the largest."""
    odd = [(g, w) for g, w in given if w != w.to_integral_value()]
    if len(odd) == 1 and len(given) > 1:
        return odd[0]
    unlike = [
        (g, w)
        for g, w in given
        if g.indicators and g.complete and sum(i.points or 0 for i in g.indicators) == w + HUNDRED - total
    ]
    return unlike[0] if len(unlike) == 1 else max(given, key=lambda pair: pair[1])


@check("performance_goal_sum")
def goal_sum(context: Context) -> Iterator[Finding]:
    """The scores of a goal's indicators stay within its weight; points lost have their reason."""
    for table in tables(context):
        whole = table.weight is not None and all(g.weight is not None for g in table.goals)
        sound = whole and (table.weight or 0) + sum(g.weight or 0 for g in table.goals) == HUNDRED
        yield from _beyond(context, table)
        for goal in table.goals:
            if goal.weight is None or not goal.complete or not goal.indicators:
                continue
            marks = [i.points for i in goal.indicators]
            if any(m is None for m in marks):
                continue
            context.saw()
            total = sum((m for m in marks if m is not None), Decimal(0))
            if total > goal.weight:
                yield flag(
                    f"{table.name}{goal.name}：各指标得分合计 {plain(total)} 分，超过该目标分值 {plain(goal.weight)} 分",
                    goal.heading, found=plain(total), expected=f"≤{plain(goal.weight)}",
                    calculation=_sum_text(goal) + f" = {plain(total)}", related=beside(goal.indicators[-1].row),
                )  # fmt: skip
            elif total < goal.weight and sound | (len(table.goals) > 1) and _unexplained(table, goal):
                yield flag(
                    f"{table.name}{goal.name}：分值 {plain(goal.weight)} 分，各指标得分合计 {plain(total)} 分，"
                    "各指标都已完成而未得满分，偏差原因又未说明，请核对得分",
                    goal.heading, severity="warning", found=plain(total), expected=plain(goal.weight),
                    calculation=_sum_text(goal) + f" = {plain(total)}", related=beside(goal.indicators[-1].row, table.reasons),
                )  # fmt: skip


def _beyond(context: Context, table: PerformanceTable) -> Iterator[Finding]:
    """A score beyond its own weight: of 项目绩效总目标, or of an indicator with a column 分值."""
    pairs = [
        (g.name, g.score.value, g.weight, g.score.printed) for g in table.goals if g.score and g.weight is not None
    ]
    pairs += [
        (f"“{i.name[:20]}”", i.points, i.weight, i.score)
        for i in table.indicators
        if i.points is not None and i.weight is not None and i.score
    ]
    for name, mark, weight, printed in pairs:
        context.saw()
        if mark > weight:
            yield flag(
                f"{table.name}：{name}得分 {plain(mark)} 分，超过分值 {plain(weight)} 分",
                printed, found=plain(mark), expected=f"≤{plain(weight)}",
            )  # fmt: skip


def _unexplained(table: PerformanceTable, goal: Goal) -> bool:
    """No target of the goal was missed and no reason is given."""
    return said_none(table.reasons) and not any(missed(i) for i in goal.indicators)


def _sum_text(goal: Goal) -> str:
    return " + ".join(plain(i.points or Decimal(0)) for i in goal.indicators)


@check("performance_total")
def total(context: Context) -> Iterator[Finding]:
    """总分 or 自评得分 = 预算执行得分 + the scores of all indicators."""
    for table in tables(context):
        printed = table.total or table.self_score
        if printed is None or not table.complete or table.points is None:
            context.skipped.append(f"{table.name}的得分没有读全，总分未核对")
            continue
        context.saw()
        goals = sum((_goal_points(g) for g in table.goals), Decimal(0))
        right = table.points.value + goals
        if printed.value != right:
            forgot = "（漏加了预算执行得分）" if printed.value == goals else ""
            parts = " + ".join([plain(table.points.value), *(plain(_goal_points(g)) for g in table.goals)])
            over = "；合计超过 100 分，请先改正目标分值" if right > HUNDRED else ""
            yield flag(
                f"{table.name}：{'总分' if table.total else '自评得分'}印为 {plain(printed.value)}，"
                f"预算执行得分与各指标得分合计 {parts} = {plain(right)}{forgot}{over}",
                printed.printed,
                found=plain(printed.value), expected=plain(right), calculation=f"{parts} = {plain(right)}",
                related=beside(table.points.printed, *(g.indicators[-1].row for g in table.goals[-1:] if g.indicators)),
            )  # fmt: skip
        if table.total and table.self_score and table.total.value != table.self_score.value:
            yield flag(
                f"{table.name}：表内总分 {plain(table.total.value)} 与表头自评得分 {plain(table.self_score.value)} 不一致",
                table.total.printed, found=plain(table.total.value), expected=plain(table.self_score.value),
                related=beside(table.self_score.printed),
            )  # fmt: skip


def _goal_points(goal: Goal) -> Decimal:
    if goal.score is not None:
        return goal.score.value
    return sum((i.points or Decimal(0) for i in goal.indicators), Decimal(0))


@check("performance_bound")
def bound(context: Context) -> Iterator[Finding]:
    """自评得分 ≤ 100 − weight × (1 − 执行率)."""
    for table in tables(context):
        printed = table.total or table.self_score
        if printed is None or table.weight is None or table.budget is None or table.executed is None:
            continue
        context.saw()
        most = HUNDRED - table.weight * (1 - _rate(table))
        if printed.value > most + Decimal("0.02"):
            yield flag(
                f"{table.name}：自评得分 {plain(printed.value)}，预算执行扣分后最多 {rounded(most, 2)} 分",
                printed.printed, found=plain(printed.value), expected=f"≤{rounded(most, 2)}",
                calculation=f"100 − {plain(table.weight)} × (1 − {plain(table.executed.value)} ÷ {plain(table.budget.value)}) = {rounded(most, 2)}",
                related=beside(table.executed.printed),
            )  # fmt: skip
