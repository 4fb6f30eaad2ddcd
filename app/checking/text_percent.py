"""Percentages of the narrative: shares, growth, completion; directions and sums."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal

from app.checking.finding import Finding
from app.checking.percent import Operand, consistent, equal, far_off, minus, plus, rate
from app.checking.rulebook import Context, check
from app.checking.text_facts import (
    also,
    innermost,
    judged,
    money,
    near,
    of_relation,
    subject,
    wan,
    where,
    wrong,
)
from app.recognising.claims import named
from app.report.claim import Claim, Figure

_TELLING = Decimal("0.3")  # nearer to 100 % the amounts may differ beyond what is printed
_OWN = re.compile(r"占.*$")
_CORE = re.compile(r"(?:总额|金额|合计|总计|总数|数)$")
_THIS_YEAR = re.compile(r"^(?:本年|全年|当年)度?")
_ANY_WHOLE = re.compile(r"^(?:本年|全年|当年|总|年度)*(?:收入|支出|决算|预算)*(?:合计|总额|总计|总数)?(?:数)?$")


def _severity(numerator: Operand, denominator: Operand, percent: Figure, verdict: str) -> str:
    """A truncated or short-printed percentage is a reminder, one that is plainly wrong an error."""
    if verdict == "short" or not far_off(numerator, denominator, percent):
        return "warning"
    return ""


@check("completion")
def completion(context: Context) -> Iterator[Finding]:
    """完成预算的 p% = 决算 ÷ 预算."""
    report = context.report
    for claim in of_relation(report, "completion"):
        amount, percent = claim.amount, claim.percent
        bases = _budgets(context, claim)
        if amount is not None and percent is not None and _nothing_done(amount, percent, bases):
            context.saw()
            start, end = near(claim, amount, most=60)
            message = f"{where(report, start)}：支出决算 {amount.text}，完成率却写 {percent.text}，应为 0%"
            yield wrong(report, message, start, end, found=percent.text, expected="0%")
            continue
        if amount is None or percent is None or not bases or amount.bound:
            continue
        context.saw()
        final = wan(amount)
        verdicts = [consistent(final, wan(b), percent) for b in bases]
        base = bases[verdicts.index("yes") if "yes" in verdicts else 0]
        budget = wan(base)
        even = final.value == budget.value != 0 and abs(percent.value - 100) >= _TELLING
        judged(context, claim, "yes" if "yes" in verdicts and not even else verdicts[0], final, budget)
        if "yes" in verdicts and not even:
            continue
        start, end = near(claim, base, amount, most=120)
        if budget.value == 0:
            if final.value == 0:
                continue
            message = f"{where(report, start)}：预算为 0，支出决算 {amount.text}，不应有完成率 {percent.text}"
            yield wrong(report, message, start, end, found=percent.text, expected="预算为 0 时不写完成率")
            continue
        true = rate(final, budget, percent.decimals)
        yield wrong(
            report,
            f"{where(report, start)}：完成预算的 {percent.text}，应为 {true}：{amount.text} ÷ {base.text}",
            start, end,
            severity="warning" if "yes" in verdicts else _severity(final, budget, percent, verdicts[0]),
            found=percent.text, expected=true,
            calculation=f"{money(final.value)} ÷ {money(budget.value)} = {rate(final, budget, 4)}",
            related=also(report, amount, base),
        )  # fmt: skip


def _nothing_done(amount: Figure, percent: Figure, bases: list[Figure]) -> bool:
    """A percentage of nothing spent; 0 of 0 may be called 100 %."""
    return not amount.value and bool(percent.value) and (percent.value != 100 or any(b.value for b in bases))


def _budgets(context: Context, claim: Claim) -> list[Figure]:
    """The budget the claim names first, then others of the same sentence (全年, 年初)."""
    if claim.amount is None or claim.percent is None or claim.base is None:
        return []
    text = context.report.prose.text
    low = max(text.rfind("。", 0, claim.percent.start), text.rfind("\n", 0, claim.percent.start))
    found = [claim.base]
    for other in context.report.claims:
        figure = other.amount
        if (
            other.relation == "budget"
            and figure is not None
            and low < figure.start < claim.percent.start
            and figure not in found
        ):
            found.append(figure)
    return found


@check("growth")
def growth(context: Context) -> Iterator[Finding]:
    """增长 p% = 变动额 ÷ （本年数 ∓ 变动额）."""
    report = context.report
    for claim in of_relation(report, "growth"):
        amount, change, percent = claim.amount, claim.change, claim.percent
        if amount is None or change is None or percent is None or amount.bound or change.bound:
            continue
        now, by = wan(amount), wan(change)
        context.saw()
        base = minus(now, by) if change.direction > 0 else plus(now, by)
        start, end = near(claim, change, amount, most=90)
        if base.value <= 0:
            if by.value and base.value == 0 and percent.value:
                message = f"{where(report, start)}：上年数为 0，不能计算增长率，{percent.text} 没有意义"
                yield wrong(report, message, start, end, severity="info", found=percent.text)
            continue
        verdict = consistent(by, base, percent)
        if not now.value and percent.value != 100:
            verdict = "no"  # all of it is gone: exactly 100 %
        judged(context, claim, verdict, by, base)
        if verdict == "yes":
            continue
        true = rate(by, base, percent.decimals)
        sign = "−" if change.direction > 0 else "+"
        yield wrong(
            report,
            f"{where(report, start)}：{percent.text} 应为 {true}："
            f"上年数 {amount.text} {sign} {change.text} = {money(base.value)} 万元",
            start, end,
            severity=_severity(by, base, percent, verdict),
            found=percent.text, expected=true,
            calculation=f"{money(by.value)} ÷ ({money(now.value)} {sign} {money(by.value)}) = {rate(by, base, 4)}",
            related=also(report, amount, change),
        )  # fmt: skip


@check("direction")
def direction(context: Context) -> Iterator[Finding]:
    """增加…下降, 减少…增长: the words of one change must agree, and last year was not below zero."""
    report = context.report
    yield from _below_zero(context)
    for claim in of_relation(report, "growth"):
        change, percent = claim.change, claim.percent
        if change is None or percent is None or not change.direction or not percent.direction:
            continue
        context.saw()
        start, end = near(claim, change)
        if change.direction != percent.direction and change.value:
            message = f"{where(report, start)}：变动额是“{change.left[-4:]}”，比率却是“{percent.left[-4:]}”，方向不一致"
            yield wrong(report, message, start, end, found=percent.text, expected="增减方向一致")


def _below_zero(context: Context) -> Iterator[Finding]:
    """An increase that is larger than what there is now."""
    report = context.report
    for claim in of_relation(report, "growth", "change"):
        amount, change = claim.amount, claim.change
        if amount is None or change is None or change.direction <= 0 or change.bound or amount.bound:
            continue
        name = named(change.left)
        if "原因" in change.left or (name and name not in named(amount.left)):
            continue  # what grew is something else
        context.saw()
        now, by = wan(amount), wan(change)
        if by.value - by.half <= now.value + now.half:
            continue
        start, end = near(claim, change, amount)
        message = f"{where(report, start)}：{change.left[-2:]} {change.text} 大于本年数 {amount.text}，上年数会小于 0；金额或方向有误"
        related = also(report, amount)
        yield wrong(report, message, start, end, found=change.text, expected=f"不大于 {amount.text}", related=related)


@check("share")
def share(context: Context) -> Iterator[Finding]:
    """占 X 的 p% = 本项 ÷ X."""
    report = context.report
    for claim in of_relation(report, "share"):
        amount, percent = claim.amount, claim.percent
        if amount is None or percent is None or amount.bound or _other_subject(claim):
            continue
        part = wan(amount)
        if not part.value and percent.value:
            context.saw()
            start, end = near(claim, amount)
            message = f"{where(report, start)}：{amount.text} 占 {percent.text}，金额为 0，占比应为 0%"
            yield wrong(report, message, start, end, found=percent.text, expected="0%")
            continue
        wholes = _wholes(context, claim)
        if not wholes:
            continue
        context.saw()
        verdicts = [consistent(part, wan(w), percent) for w in wholes]
        whole = wan(wholes[verdicts.index("yes") if "yes" in verdicts else 0])
        judged(context, claim, "yes" if "yes" in verdicts else verdicts[0], part, whole)
        if "yes" in verdicts:
            continue
        if whole.value <= 0 or part.value > whole.value * 20:
            continue
        start, end = near(claim, amount)
        true = rate(part, whole, percent.decimals)
        yield wrong(
            report,
            f"{where(report, start)}：{amount.text} 占 {wholes[0].text} 的 {percent.text}，应为 {true}",
            start, end,
            severity=_severity(part, whole, percent, verdicts[0]),
            found=percent.text, expected=true,
            calculation=f"{money(part.value)} ÷ {money(whole.value)} = {rate(part, whole, 4)}",
            related=also(report, wholes[0]),
        )  # fmt: skip


def _other_subject(claim: Claim) -> bool:
    """``货物采购授予中小企业合同金额占…``: the percentage is of an amount that is not stated."""
    percent = claim.percent
    assert percent is not None
    before = _OWN.sub("", percent.left)
    return (len(before) > 3 and not before.endswith(("金额", "支出"))) or (len(before) > 6)


def _wholes(context: Context, claim: Claim) -> list[Figure]:
    """What the share is of: the total the clause names, else the total its section begins with."""
    report, percent, amount = context.report, claim.percent, claim.amount
    assert percent is not None and amount is not None
    name = subject(claim.denominator)
    here = innermost(report.prose, percent.start)
    inside = [
        c for c in report.claims if c.relation == "amount" and c.amount is not None and c.amount.start < percent.start
    ]
    same = [c for c in inside if innermost(report.prose, c.amount.start) is here and c.amount is not amount]  # type: ignore[union-attr]
    if name and not _ANY_WHOLE.fullmatch(name):
        core = _CORE.sub("", name)
        named = [c.amount for c in same if c.amount is not None and core in subject(c.subject)]
        named = (
            named
            or [
                c.amount
                for c in inside
                if c.amount is not None and c.amount is not amount and subject(c.subject).endswith(name)
            ][-1:]
        )
        return [f for f in named if f is not None][-1:]
    found = [c.amount for c in same[:1] if c.amount is not None]
    if not name and (spoken := _spoken_of(context, percent)) is not None:
        return [f for f in spoken if f is not amount]
    if claim.base is not None and claim.base not in found:
        found.append(claim.base)
    if name:
        short = _THIS_YEAR.sub("", name)
        ends = (name, name + "合计", short, short + "合计") if len(short) > 3 else (name, name + "合计")
        totals = [
            c.amount
            for c in inside
            if c.amount is not None and c.amount is not amount and subject(c.subject).endswith(ends)
        ]
        found = totals[-1:] + found
    return [f for f in found if f is not amount]


_AMONG = re.compile(r"([^。\n,，；:]{2,40}?)(?:支出)?(?:决算)?(?:数|总额)?(?:之)?中[,，:]")


def _spoken_of(context: Context, percent: Figure) -> list[Figure] | None:
    """``"三公"经费财政拨款支出决算中，…占 p%``: the final of that name stated before; None without such words."""
    report = context.report
    text = report.prose.text
    start = max(text.rfind(c, 0, percent.start) for c in "。\n") + 1
    hit = _AMONG.match(text, start)
    if hit is None:
        return None
    name, key = subject(hit.group(1)), report.prose.key(percent.start)
    named = [i for i, c in enumerate(report.claims) if c.section == key and c.amount is not None and c.end < start]
    for index in named:
        claim = report.claims[index]
        assert claim.amount is not None
        if name not in claim.amount.left:
            continue
        if claim.relation == "amount":
            return [claim.amount]
        # ``…支出年初预算为 B，支出决算为 A``: the final that follows the budget of that name
        after = (report.claims[i].amount for i in named if i > index and report.claims[i].relation == "amount")
        return [f for f in after if f is not None][:1]
    return []


@check("shares_add_up")
def shares_add_up(context: Context) -> Iterator[Finding]:
    """The shares of all parts of one total add to 100 % within rounding."""
    report = context.report
    groups: dict[int, list[Claim]] = {}
    for claim in of_relation(report, "share"):
        section = innermost(report.prose, claim.start)
        if claim.amount is not None and claim.percent is not None and section is not None and not _other_subject(claim):
            groups.setdefault(section.start, []).append(claim)
    for start, group in groups.items():
        total = next(
            (c.amount for c in report.claims if c.relation == "amount" and c.amount and c.amount.start >= start), None
        )
        parts = [wan(c.amount) for c in group if c.amount is not None]
        if total is None or not total.value or len(group) < 3 or equal(plus(*parts), wan(total)) == "no":
            continue
        context.saw()
        shares = [c.percent for c in group if c.percent is not None]
        added = sum((p.value for p in shares), Decimal(0))
        whole, missed = wan(total), plus(*parts)
        # shares of rounded amounts add up to what the amounts themselves do
        half = Counter(p.half for p in shares).most_common(1)[0][0]
        room = half * sum(p.value > 0 for p in parts) + (missed.half + whole.half) / whole.value * 100
        if abs(added - 100) > room:
            low, high = near(group[-1], group[-1].amount)
            message = f"{where(report, low)}：各项占比相加为 {added}%，不等于 100%"
            yield wrong(report, message, low, high, severity="warning", found=f"{added}%", expected="100%")
