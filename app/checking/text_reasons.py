"""决算 against 预算 in words: 大于, 小于, 持平, and the reason that is owed."""

from __future__ import annotations

import re
from collections.abc import Iterator

from app.checking.finding import Finding
from app.checking.rulebook import Context, NotApplicable, check
from app.checking.text_facts import item_start, near, span, wan, where, wrong
from app.checking.text_items import spending_items
from app.recognising.claims import named
from app.report.claim import Claim, Figure
from app.report.report import Report

_COMPARED = re.compile(
    r"(?:支出)?决算数?(?:比|较|与)?(?P<word>大于|小于|等于|高于|低于|同|与|超过)(?:年初|全年|调整)?预算数?(?P<even>持平|一致|相等)?"
)
_EVEN = re.compile(r"(?:与|同|和)(?:年初|全年)?预算(?:数)?(?:基本)?(?:持平|一致|相等)")
_REASON = re.compile(r"原因|主要是|主要用于|由于|因")


@check("compared_with_budget")
def compared_with_budget(context: Context) -> Iterator[Finding]:
    """决算数大于/小于/等于预算数 agrees with the figures before it."""
    report = context.report
    text = report.prose.text
    for hit in _COMPARED.finditer(text):
        pair = _pair(report, hit.start())
        if pair is None:
            continue
        budget, final = pair
        context.saw()
        gap = wan(final).value - wan(budget).value
        word = "等于" if hit["even"] else hit["word"]
        said = {"大于": 1, "高于": 1, "超过": 1, "小于": -1, "低于": -1, "等于": 0}.get(word)
        if said is None or (gap > 0) - (gap < 0) == said or (said == 0 and "基本" in hit.group()):
            continue
        true = "大于" if gap > 0 else ("小于" if gap < 0 else "等于")
        message = f"{where(report, hit.start())}：写的是“{hit.group()}”，而决算 {final.text} {true}预算 {budget.text}"
        yield wrong(report, message, hit.start(), hit.end(), found=word, expected=true)


def _pair(report: Report, at: int) -> tuple[Figure, Figure] | None:
    """The budget and final figure of the same item, not further back than its paragraph."""
    low = item_start(report.prose.text, at)
    budget: Figure | None = None
    final: Figure | None = None
    for claim in report.claims:
        figure = claim.amount
        if figure is None or figure.start < low or figure.start >= at:
            continue
        if claim.relation == "budget":
            budget, final = figure, None
        elif claim.relation == "amount" and figure.role == "final" and budget is not None and final is None:
            final = figure
    return (budget, final) if budget is not None and final is not None else None


@check("reason_owed")
def reason_owed(context: Context) -> Iterator[Finding]:
    """An item whose final differs from its budget says why, as the others do."""
    report = context.report
    items = [i for i in spending_items(report) if i.budget is not None and i.final is not None]
    differ = [i for i in items if wan(i.budget).value != wan(i.final).value]  # type: ignore[arg-type]
    if not differ:
        raise NotApplicable("没有决算与预算不同的科目")
    without = []
    for item in differ:
        context.saw()
        if not _REASON.search(item.text):
            without.append(item)
    for item in without:
        budget, final = item.budget, item.final
        assert budget is not None and final is not None
        start, _ = span(budget)
        end = item.percent.end if item.percent is not None and item.percent.end < item.end else final.end
        word = "大于" if wan(final).value > wan(budget).value else "小于"
        name = item.xiang or item.kuan or item.lei
        message = (
            f"{where(report, start)}：{name}决算 {final.text} {word}预算 {budget.text}，没有说明原因；请补上主要原因"
        )
        yield wrong(report, message, start, end, expected=f"补充决算数{word}预算数的主要原因")


@check("change_even")
def change_even(context: Context) -> Iterator[Finding]:
    """持平 with last year only where nothing changed."""
    report = context.report
    for claim in report.claims:
        if claim.relation not in ("change", "growth") or claim.change is None or not claim.change.value:
            continue
        text = report.prose.text
        stop = min((p for p in (text.find(c, claim.end) for c in "。；\n") if p >= 0), default=len(text))
        context.saw()
        hit = re.search(
            r"(?:与|同|和|较|比)(?:上年|上一年|去年|20\d\d年)度?(?:基本)?(?:持平|一致)", text[claim.end : stop]
        )
        if hit and not _other_item(claim, text, hit.start() + claim.end):
            start, _ = near(claim, claim.change)
            message = f"{where(report, start)}：变动 {claim.change.text}，又写“{hit.group()}”，前后矛盾"
            yield wrong(report, message, start, claim.end + hit.end(), severity="warning", found=hit.group())


def _other_item(claim: Claim, text: str, at: int) -> bool:
    """Another item begins between (``其中：因公出国…与上年持平``)."""
    return bool(re.search(r"其中|[，,；].{2,}(?:费|支出|经费)", text[claim.end : at]))


_BECAUSE = re.compile(r"(?P<word>增加|减少|增长|下降|降低|上升)的?(?:主要)?原因")
_UP = ("增加", "增长", "上升")


@check("reason_direction")
def reason_direction(context: Context) -> Iterator[Finding]:
    """减少的主要原因 after a change that is an increase."""
    report = context.report
    text = report.prose.text
    changes = [c for c in report.claims if c.change is not None and c.change.direction]
    for hit in _BECAUSE.finditer(text):
        low = item_start(text, hit.start(), 160)
        before = [c for c in changes if c.change is not None and low <= c.change.start < hit.start()]
        change = before[-1].change if before else None
        if change is not None and _item_between(text[change.end : hit.start()]):
            change = _of_name(text, hit, changes)
        if change is None or not change.value:
            continue
        context.saw()
        said = 1 if hit["word"] in _UP else -1
        if said != change.direction:
            start, _ = span(change)
            message = f"{where(report, hit.start())}：写“{hit.group()}”，而前面的变动是“{change.left[-6:]}{change.text}”，方向不一致"
            yield wrong(
                report, message, max(start, hit.start() - 40), hit.end(), found=hit["word"], expected="方向一致"
            )
    if not context.evaluated:
        raise NotApplicable("没有增减原因的说明")


def _of_name(text: str, hit: re.Match[str], changes: list[Claim]) -> Figure | None:
    """``…；公务接待费支出减少 D…。公务接待费支出减少的主要原因是``: the change of the item that is named."""
    low = max(text.rfind(c, 0, hit.start()) for c in "。；\n") + 1
    name = named(text[low : hit.end("word")])
    found = [c.change for c in changes if c.change is not None and 0 < hit.start() - c.change.end < 400]
    same = [f for f in found if len(name) > 2 and named(f.left) == name]
    return same[-1] if same else None


def _item_between(text: str) -> bool:
    """Another item's name stands between the change and the reason given."""
    return bool(re.search(r"费|经费|人员|收入|支出(?!决算)", text))
