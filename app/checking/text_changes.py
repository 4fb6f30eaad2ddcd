"""与上年相比 of the narrative: which of last year's figures each change implies."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from app.checking.text_facts import part, subject, wan
from app.checking.text_public import item_at
from app.report.claim import Claim, Figure
from app.report.report import Report

# 上年: the section that tells of it, and what its subject says.
_LAST = {
    "收支总计": ("收支总体", r"总计"),
    "收入合计": ("收入", r"收入合计|合计"),
    "支出合计": ("支出", r"支出合计|合计"),
    "财拨总计": ("财拨总体", r"总计"),
    "一般收入": ("财拨总体", r"一般公共预算(?:财政拨款)?收入"),
    "基金收入": ("财拨总体", r"政府性基金预算(?:财政拨款)?收入"),
    "国资收入": ("财拨总体", r"国有资本经营预算(?:财政拨款)?收入"),
    "一般支出": ("一般支出", r"一般公共预算(?:财政拨款)?支出|^财政拨款支出"),
    "机关运行": ("机关运行", r"运行经费"),
}
# compared with the budget (not: 一般公共预算财政拨款支出), or a change for a reason of its own
_OTHER = re.compile(r"(?<!公共)(?<!基金)(?<!经营)预算|原因|其中")
_SAME = re.compile(
    r"(?:与|比|较|同)(?:上年|20\d\d年)(?:度)?(?:决算数?|相比)*,?(?:基本)?(?:持平|一致|相同|没有变化|无变化|无增减)"
)


def last_year_changes(report: Report) -> Iterator[tuple[str, Claim, Decimal, Decimal]]:
    """(key of 上年 in 补充资料, the claim, last year's figure that it implies, half its interval), in 万元."""
    done: set[str] = set()
    for key, claim in told_changes(report):
        if key not in done and claim.change is not None and (value := before(claim)) is not None:
            done.add(key)
            yield key, claim, *value


def told_changes(report: Report) -> Iterator[tuple[str, Claim]]:
    """(key of 上年, claim) of every change or growth against last year; of one that is told twice, both."""
    for key, (where, pattern) in _LAST.items():
        for claim in report.claims:
            if claim.section != where or claim.relation not in ("growth", "change") or claim.amount is None:
                continue
            if not re.search(pattern, subject(claim.subject) + claim.amount.subject):
                continue
            first = claim.change or claim.percent
            if first is not None and not _OTHER.search(report.prose.text[claim.amount.end : first.start]):
                yield key, claim


def told_unchanged(report: Report) -> Iterator[tuple[str, Figure, int, int]]:
    """(key of 上年, this year's amount, start and end of the words) where the text says 与上年持平."""
    text = report.prose.text
    for key, (where, pattern) in _LAST.items():
        for claim in report.claims:
            if claim.section != where or claim.relation != "amount" or claim.amount is None:
                continue
            if not re.search(pattern, subject(claim.subject)):
                continue
            stop = text.find("\n", claim.amount.end)
            hit = _SAME.search(text, claim.amount.end, min(stop if stop >= 0 else len(text), claim.amount.end + 60))
            if hit is not None and not re.search(r"\d[\d.]*(?:万元|%)", text[claim.amount.end : hit.start()]):
                yield key, claim.amount, hit.start(), hit.end()


def unchanged_trips(report: Report) -> Iterator[tuple[str, int, int]]:
    """(item of 三公, start and end of the words) where the text says 与上年持平."""
    bounds = part(report, "三公")
    for hit in _SAME.finditer(report.prose.text, *bounds) if bounds else ():
        if key := item_at(report.prose.text, hit.start(), bounds[0] if bounds else 0):
            yield key, hit.start(), hit.end()


def before(claim: Claim) -> tuple[Decimal, Decimal] | None:
    """Last year's figure: the amount without its change."""
    assert claim.amount is not None and claim.change is not None
    amount, change = wan(claim.amount), wan(claim.change)
    if change.value and not claim.direction:
        return None
    return amount.value - claim.direction * change.value, amount.half + change.half
