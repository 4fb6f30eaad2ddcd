"""Section 五（三）: the spending items, each with its 类款项, budget, final and reason."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

from app.report.claim import Claim, Figure
from app.report.report import Report

_CHAIN = re.compile(
    r"(?P<lei>[^,，。；:、\d\n.]{2,30}?)(?:支出)?\(类\)(?:支出)?(?:(?P<kuan>[^,，。；:\n]{2,30}?)\(款\)(?:支出)?)?(?:(?P<xiang>[^,，。；:\n]{2,40}?)\(项\)(?:支出)?)?"
)
_ITEM = re.compile(r"(?:^|\n)(?:\d{1,2}[.、]|\(\d{1,2}\))")


@dataclass(slots=True)
class SpendingItem:
    """One numbered item. ``lei``, ``kuan``, ``xiang`` are the names as printed (without 类 款 项);
    ``start``/``end`` its offsets; ``text`` the item as compared."""

    start: int
    end: int
    text: str
    lei: str = ""
    kuan: str = ""
    xiang: str = ""
    budget: Figure | None = None
    final: Figure | None = None
    percent: Figure | None = None


def details(report: Report) -> tuple[int, int] | None:
    """The offsets of 五（三）支出决算具体情况, or None."""
    for section in report.prose.sections:
        if section.level == 2 and section.key == "一般支出" and "具体情况" in section.title:
            return section.start, section.end
    return None


def spending_items(report: Report) -> list[SpendingItem]:
    """Every item of 五（三） that states a final figure under its 类, 款 or 项."""
    bounds = details(report)
    if bounds is None:
        return []
    text = report.prose.text
    starts = [m.end() for m in _ITEM.finditer(text, *bounds)] + [bounds[1]]
    items = []
    for start, end in pairwise(starts):
        item = SpendingItem(start, end, text[start:end])
        head = re.split(
            r"[,，。:]?(?:20\d{2}年)?(?:年初预算|全年预算|预算数|支出决算|本年支出)", item.text, maxsplit=1
        )[0]
        chain = _CHAIN.search(item.text[: len(head) + 30])
        if chain:
            item.lei, item.kuan, item.xiang = (chain.group(g) or "" for g in ("lei", "kuan", "xiang"))
        elif len(head) <= 24 and re.search(r"支出$|\(类\)$", head):
            item.lei = head
        if not item.lei and not item.xiang:
            continue
        _figures(report, item)
        if item.final is not None:
            items.append(item)
    return items


def _figures(report: Report, item: SpendingItem) -> None:
    for claim in _inside(report, item.start, item.end):
        if claim.relation == "budget" and item.budget is None:
            item.budget = claim.amount
        elif claim.relation == "amount" and claim.amount is not None and item.final is None:
            if claim.amount.role == "final" or "决算" in claim.amount.left:
                item.final = claim.amount
        elif claim.relation == "completion" and item.percent is None:
            item.percent = claim.percent


def _inside(report: Report, start: int, end: int) -> list[Claim]:
    return [c for c in report.claims if (c.amount is not None and start <= c.start < end) or start <= c.end <= end]


def spending_total(report: Report) -> SpendingItem | None:
    """The sentence that gives budget and final of all general public spending."""
    bounds = details(report)
    if bounds is None:
        return None
    first = _ITEM.search(report.prose.text, *bounds)
    end = first.start() if first else bounds[1]
    total = SpendingItem(bounds[0], end, report.prose.text[bounds[0] : end])
    sentence = report.prose.text.find("。", bounds[0])
    total.end = min(end, sentence + 1) if sentence > 0 else end
    _figures(report, total)
    return total if total.final is not None else None
