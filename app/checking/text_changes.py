"""与上年相比 of the narrative: which of last year's figures each change implies."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from app.checking.text_facts import subject, wan
from app.report.claim import Claim
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
    "一般支出": ("一般支出", r"一般公共预算(?:财政拨款)?支出"),
    "机关运行": ("机关运行", r"运行经费"),
}


def last_year_changes(report: Report) -> Iterator[tuple[str, Claim, Decimal, Decimal]]:
    """(key of 上年 in 补充资料, the claim, last year's figure that it implies, half its interval), in 万元."""
    for key, (where, pattern) in _LAST.items():
        for claim in report.claims:
            if claim.section != where or claim.relation not in ("growth", "change") or claim.change is None:
                continue
            if claim.amount is None or not re.search(pattern, subject(claim.subject) + claim.amount.subject):
                continue
            if "预算" in report.prose.text[claim.amount.end : claim.change.start]:
                continue  # compared with the budget
            value = before(claim)
            if value is not None:
                yield key, claim, *value
                break


def before(claim: Claim) -> tuple[Decimal, Decimal] | None:
    """Last year's figure: the amount without its change."""
    assert claim.amount is not None and claim.change is not None
    amount, change = wan(claim.amount), wan(claim.change)
    if change.value and not claim.direction:
        return None
    return amount.value - claim.direction * change.value, amount.half + change.half
