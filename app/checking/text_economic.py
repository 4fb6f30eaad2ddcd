"""经济分类 items listed under 人员经费 and 公用经费 against 基本支出决算表."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from app.checking.binding import Book
from app.checking.finding import Finding, Related
from app.checking.rulebook import Context, CouldNotRun, NotApplicable, check
from app.checking.text_facts import where, wrong
from app.knowledge.subjects import bare
from app.report.report import Report
from app.report.table import Row

_LIST = r"(?:支出)?[\d,.]+万?元?[^。\n]{0,12}?(?:主要)?(?:包括|用于|为)[::]?(?P<list>[^。；\n]+)"
_ETC = re.compile(r"等(?:支出|费用|方面|内容)?$")
GROUPS = {"人员经费": ("301", "303"), "公用经费": ("302", "307", "309", "310", "311", "312", "399")}


@dataclass(slots=True)
class Listing:
    """One list as printed: ``names`` maps each compared name to its offsets."""

    group: str
    start: int
    end: int
    names: dict[str, tuple[int, int]]
    open: bool  # ends with 等


def listings(report: Report) -> list[Listing]:
    """The lists of 人员经费 and 公用经费 in 基本支出决算情况说明."""
    prose = report.prose
    section = next((s for s in prose.sections if s.key == "基本支出" and s.level <= 1), None)
    found = []
    for group in GROUPS if section is not None else ():
        hit = re.compile(group + _LIST).search(prose.text, section.start, section.end) if section else None
        if hit is None:
            continue
        names: dict[str, tuple[int, int]] = {}
        for part in re.finditer(r"[^、,，]+", hit["list"]):
            words = _ETC.sub("", part.group())
            at = hit.start("list") + part.start()
            names[bare(words)] = (at, at + len(words))
        found.append(Listing(group, hit.start(), hit.end(), names, bool(_ETC.search(hit["list"]))))
    return found


@check("economic_items")
def economic_items(context: Context) -> Iterator[Finding]:
    """The items listed are exactly those that have money."""
    book = Book.of(context.report)
    if "基本支出表" not in book.blocks:
        raise CouldNotRun("缺少基本支出决算表")
    rows = {k: r for k, r in book.rows["基本支出表"].items() if k.isdigit() and len(k) == 5}
    if not any(_paid(r) for r in rows.values()):
        raise CouldNotRun("基本支出决算表没有款级明细")
    lists = listings(context.report)
    if not lists:
        raise NotApplicable("文字没有列出人员经费、公用经费的内容")
    for listing in lists:
        own = {bare(r.label): r for k, r in rows.items() if k[:3] in GROUPS[listing.group]}
        context.saw(len(listing.names))
        yield from _unpaid(context.report, listing, own)
        yield from _unlisted(context.report, listing, own)


def _paid(row: Row) -> bool:
    amount = row.amount("决算数")
    return amount is not None and bool(amount.value)


def _unpaid(report: Report, listing: Listing, own: dict[str, Row]) -> Iterator[Finding]:
    previous = listing.start
    for name, (start, end) in listing.names.items():
        row = own.get(name)
        if row is not None and not _paid(row):
            said = f"基本支出决算表中 {row.code} {row.label}没有金额，不涉及的不应列出"
            message = f"{where(report, start)}：{listing.group}列有“{row.label}”，{said}"
            entry = row.entries["决算数"]
            related = (Related(entry.place, f"{row.code} {row.label} {entry.text}".strip()),)
            # The name alone may stand in many places: quote it with the one before it.
            yield wrong(
                report, message, max(previous, start - 20), end, found=row.label, expected="删去", related=related
            )
        previous = start


def _unlisted(report: Report, listing: Listing, own: dict[str, Row]) -> Iterator[Finding]:
    left = [r for name, r in own.items() if _paid(r) and name not in listing.names]
    if not left or listing.open:
        return
    names = "、".join(f"{r.label} {r.entries['决算数'].text}" for r in left)
    message = f"{where(report, listing.start)}：{listing.group}没有列出{names}；请补上，或在末尾写“等”"
    end = min(listing.end, listing.start + 36)
    yield wrong(report, message, listing.start, end, severity="info", expected=names)
