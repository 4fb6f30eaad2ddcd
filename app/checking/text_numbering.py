"""Numbers of items, parts and headings without gap; the contents against the headings in order."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from app.checking.evidence import rising
from app.checking.finding import Finding, Related
from app.checking.rulebook import Context, NotApplicable, check
from app.checking.text_facts import around, where, wrong
from app.checking.text_layout import ordinal, title_of
from app.report.claim import Prose, Section
from app.report.report import Report

_START = re.compile(
    r"(?:^|\n)(?:(?P<part>第[一二三四五六七八九十]{1,2}部分)|(?P<one>[一二三四五六七八九十]{1,3}、)|(?P<two>\([一二三四五六七八九十]{1,3}\))"
    r"|(?P<three>\d{1,2}[.、](?!\d))|(?P<four>\(\d{1,2}\)))"
)
_ORDER = ("part", "one", "two", "three", "four")


@dataclass(frozen=True, slots=True)
class _Item:
    style: str
    number: int
    start: int
    printed: str


def _items(prose: Prose) -> Iterator[_Item]:
    body = prose.sections[0].start if prose.sections else 0
    for hit in _START.finditer(prose.text, max(0, body - 1)):
        style = hit.lastgroup or ""
        printed = hit.group(style)
        digits = re.search(r"\d+", printed)
        number = int(digits.group()) if digits else ordinal(printed.strip("第部分、()"))
        yield _Item(style, number, hit.start(style), printed)


@check("item_numbers")
def item_numbers(context: Context) -> Iterator[Finding]:
    """（一）（二）（四）, 1. 2. 2.: an item left out, or its number twice."""
    report = context.report
    last: dict[str, _Item] = {}
    for item in _items(report.prose):
        before = last.get(item.style)
        for lower in _ORDER[_ORDER.index(item.style) :]:
            last.pop(lower, None)
        last[item.style] = item
        if before is None or item.number < 2 or _told_elsewhere(report, item):
            continue
        context.saw()
        step = item.number - before.number
        if step not in (0, 2) or _between(report.prose.text, before, item):
            continue
        what = "编号重复" if step == 0 else f"中间缺少第 {before.number + 1} 项"
        message = f"{where(report, item.start)}：“{before.printed}”之后是“{item.printed}”，{what}"
        low, high = around(report.prose, item.start, item.start + len(item.printed), before=0, after=20)
        related = (Related(report.prose.place(before.start), report.prose.context(before.start, before.start + 12, 0)),)
        yield wrong(report, message, low, high, found=item.printed, related=related)
    if not context.evaluated:
        raise NotApplicable("没有编号的条目")


def _told_elsewhere(report: Report, item: _Item) -> bool:
    """Headings of the narrative are T603's; numbers in performance tables are no items."""
    key = report.prose.key(item.start)
    if item.style == "one":
        return key not in ("名词解释", "重点工作", "职责", "附件", "机构")
    return key == "附件" and item.style in ("three", "four")


def _between(text: str, before: _Item, item: _Item) -> bool:
    """The missing number stands within a line, or so much lies between that another list has begun."""
    body = text[before.start : item.start]
    if len(body) > 4000:
        return True
    missing = before.number + 1
    words = "零一二三四五六七八九"
    chinese = ("" if missing < 10 else "十" if missing < 20 else "二十") + (words[missing % 10] if missing % 10 else "")
    return f"({chinese})" in body or f"{chinese}、" in body or bool(re.search(rf"(?<!\d){missing}(?:[.、)]|\))", body))


_FIRSTLY = re.compile(r"(?<![第十唯统之单其万同专])(?P<number>[一二三四五六七八九])是(?=[\u4e00-\u9fff])")


@check("firstly_secondly")
def firstly_secondly(context: Context) -> Iterator[Finding]:
    """一是…三是: 二是 is missing; 二是…二是; 一是 with nothing that follows."""
    report = context.report
    text = report.prose.text
    hits = [(ordinal(hit["number"]), hit.start()) for hit in _FIRSTLY.finditer(text)]
    if not hits:
        raise NotApplicable("没有“一是…二是…”")
    context.saw(len(hits))
    for (a, first), (b, second) in pairwise([*hits, (1, len(text))]):
        far = second - first > 900 or "\n一、" in text[first:second]
        if a == 1 and b == 1 and _alone(text, first):
            low, high = around(report.prose, first, first + 2, before=8, after=16)
            yield wrong(report, f"{where(report, first)}：只有“一是”，后面没有“二是”", low, high, found="一是")
        elif b >= 2 and not far and b - a in (0, 2):
            what = "重复" if a == b else f"缺少“{'零一二三四五六七八九'[a + 1]}是”"
            low, high = around(report.prose, second, second + 2, before=8, after=16)
            message = f"{where(report, second)}：“{text[first : first + 2]}”之后是“{text[second : second + 2]}”，{what}"
            yield wrong(report, message, low, high, found=text[second : second + 2], severity="info")


def _alone(text: str, at: int) -> bool:
    """``原因一是`` that ends its paragraph or is followed by no second point in other words."""
    if not re.search(r"(?:原因|主要|在于|[:：])$", text[max(0, at - 4) : at]):
        return False
    stop = text.find("\n", at)
    rest = text[at : stop if stop >= 0 else len(text)]
    return len(rest) < 400 and not re.search(r"另一|其次|另外|同时|此外|二、|\(二\)|2[.、]|还", rest)


@check("contents_order")
def contents_order(context: Context) -> Iterator[Finding]:
    """Headings of the body that the contents leave out, or list in another order."""
    report = context.report
    entries = [e for e in report.prose.contents if e.level <= 1]
    firsts = [e for e in entries if e.level == 1]
    if len(firsts) < 4:
        raise NotApplicable("没有列到各节的目录")
    body = [s for s in report.prose.sections if s.level == 1 and s.key not in ("决算表", "名词解释", "附件", "")]
    found = [_entry(entries, section) for section in body]
    context.saw(len(body))
    for position, section in enumerate(body):
        before = position == 0 or found[position - 1] is None or body[position - 1].parent is not section.parent
        after = body[position + 1 : position + 2]
        cut = bool(after) and found[position + 1] is None and after[0].parent is section.parent
        if found[position] is None and not before and not cut:
            shown = f"{section.number}{section.title}"
            message = f"{where(report, section.start)}：正文有“{shown}”，目录没有列出"
            yield wrong(report, message, section.start, section.start + len(shown), found=shown)
    kept = [s for s, at in zip(body, found, strict=True) if at is not None]
    order = [at for at in found if at is not None]
    right = rising(order)
    for position, section in enumerate(kept):
        if position not in right:
            shown = f"{section.number}{section.title}"
            message = f"{where(report, section.start)}：“{shown}”的顺序与目录不同"
            yield wrong(report, message, section.start, section.start + len(shown), found=shown)


def _entry(entries: list[Section], section: Section) -> int | None:
    """The place in the contents: the same title, else the same canonical section."""
    title = title_of(section)
    for fits in (
        lambda e: title_of(e) == title,
        lambda e: bool(e.key) and e.key == section.key and e.level == section.level,
    ):
        at = next((i for i, entry in enumerate(entries) if fits(entry)), None)
        if at is not None:
            return at
    return None
