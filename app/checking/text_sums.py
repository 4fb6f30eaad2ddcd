"""Totals of the narrative and the parts listed under them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from app.checking.finding import Finding
from app.checking.percent import equal, plus
from app.checking.rulebook import Context, check
from app.checking.text_facts import also, amounts, money, span, subject, wan, where, wrong
from app.checking.text_items import SpendingItem, details, spending_items, spending_total
from app.report.claim import Figure
from app.report.report import Report


@check("parts_add_up")
def parts_add_up(context: Context) -> Iterator[Finding]:
    """Totals of the narrative and the parts listed under them."""
    for finding_ in (_incomes_and_spending, _items, _fund_uses):
        yield from finding_(context)


def _incomes_and_spending(context: Context) -> Iterator[Finding]:
    report = context.report
    for key, total_name, parts in _LISTED:
        claims = amounts(report, key)
        total = next((c for c in claims if re.search(total_name, subject(c.subject))), None)
        if total is None or total.amount is None:
            continue
        found: dict[str, Figure] = {}
        for claim in claims:
            name = next((p for p in parts if re.search(p, subject(claim.subject))), None)
            if name and claim.amount is not None and claim.start > total.start:
                found.setdefault(name, claim.amount)
        if not set(parts[:2]) <= set(found):
            continue
        yield from _compare(context, total.amount, list(found.values()), f"{total_name.strip('^$')}与其各项之和")


_LISTED = (
    ("支出", "支出合计", ("^基本支出", "^项目支出", "^上缴上级支出", "^经营支出", "^对附属单位补助支出")),
    ("基本支出", "基本支出$", ("^人员经费", "^(?:日常)?公用经费")),
)


def _items(context: Context) -> Iterator[Finding]:
    """五（三）: budgets and finals of the 类 / 项 items against their totals."""
    report = context.report
    items = spending_items(report)
    total = spending_total(report)
    if total is not None and total.final is not None:
        kinds = [_within(report, total, pattern) for pattern in ("^基本支出$", "^项目支出$")]
        if all(kinds):
            yield from _compare(context, total.final, [k for k in kinds if k], "支出决算与其中基本支出、项目支出之和")
    if total is None or len(items) < 2:
        return
    for name, whole, parts in (
        ("年初预算", total.budget, [i.budget for i in items]),
        ("支出决算", total.final, [i.final for i in items]),
    ):
        if whole is not None and all(p is not None for p in parts):
            yield from _compare(context, whole, [p for p in parts if p is not None], f"{name}与各科目{name}之和")


def _within(report: Report, total: SpendingItem, pattern: str) -> Figure | None:
    """An amount between the sentence of a total and the first item."""
    bounds = details(report)
    stop = min([i.start for i in spending_items(report)] or [bounds[1] if bounds else total.end])
    inside = (c for c in report.claims if c.relation == "amount" and total.start <= c.start < min(stop, total.end + 60))
    return next((c.amount for c in inside if re.search(pattern, subject(c.subject))), None)


_USES = re.compile(r"具体(?:支出)?情况(?:为|如下)?:")


def _fund_uses(context: Context) -> Iterator[Finding]:
    """基金 and 国资: 本年支出 and what it was spent on, where 具体支出情况为 lists it."""
    report = context.report
    for key in ("基金", "国资"):
        claims = amounts(report, key)
        total = next((c.amount for c in claims if re.search(r"本年支出$", c.subject)), None)
        listed = _USES.search(report.prose.text, total.end, total.end + 120) if total is not None else None
        yield from _carried_over(context, key)
        if total is None or listed is None:
            continue
        stop = report.prose.text.find("。", listed.end())
        uses = [c.amount for c in claims if c.amount is not None and listed.end() <= c.amount.start < stop]
        if uses and all(re.search(r"支出(?:\(类\))?$|\((?:类|款|项)\)(?:支出)?$", u.subject) for u in uses):
            yield from _compare(context, total, uses, "本年支出与具体支出各项之和")


_BALANCE = ("年初结转和结余$", "本年收入$", "本年支出$", "年末结转和结余$")


def _carried_over(context: Context, key: str) -> Iterator[Finding]:
    """年初 + 收入 − 支出 = 年末, as the text gives them; the tables have rules of their own."""
    report = context.report
    if key == "基金" and "基金表" in report.tables:
        return  # each figure is compared with the table
    claims = amounts(report, key)
    found = [next((c.amount for c in claims if re.search(p, c.subject)), None) for p in _BALANCE]
    opening, income, spent, closing = found
    if opening is None or income is None or spent is None or closing is None:
        return
    context.saw()
    left, right = plus(wan(opening), wan(income)), plus(wan(spent), wan(closing))
    if equal(left, right) != "no":
        return
    start, _ = span(opening)
    gap = left.value - right.value
    message = f"{where(report, start)}：年初结转和结余 + 本年收入 − 本年支出 ≠ 年末结转和结余，相差 {money(abs(gap))}"
    yield wrong(
        report, message, start, closing.end, found=closing.text,
        expected=f"{money(closing.value + gap)}万元", difference=money(gap),
    )  # fmt: skip


def _compare(context: Context, whole: Figure, parts: list[Figure], name: str) -> Iterator[Finding]:
    context.saw()
    total, added = wan(whole), plus(*(wan(p) for p in parts))
    verdict = equal(total, added)
    if verdict == "equal":
        return
    report = context.report
    start, end = span(whole)
    gap = total.value - added.value
    yield wrong(
        report,
        f"{where(report, start)}：{name}不符：{whole.text}，各项相加 {money(added.value)} 万元，相差 {money(abs(gap))}",
        start, end,
        severity="info" if verdict == "rounding" else "",
        kind="尾差" if verdict == "rounding" else "",
        found=whole.text, expected=f"{money(added.value)}万元", difference=money(gap),
        calculation=_sum(parts, added.value),
        related=also(report, *parts),
    )  # fmt: skip


def _sum(parts: list[Figure], added: Decimal) -> str:
    more = " + …" if len(parts) > 12 else ""
    return " + ".join(money(wan(p).value) for p in parts[:12]) + f"{more} = {money(added)}"
