"""“三公”经费 of the narrative: amounts against 三公表, parts, and the counts that go with them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from app.checking.binding import Book
from app.checking.finding import Finding, Related
from app.checking.percent import consistent, equal, plus, rate
from app.checking.rulebook import Context, CouldNotRun, NotApplicable, check
from app.checking.text_facts import Count, also, amounts, counts, item_start, money, near, part, span, wan, where, wrong
from app.checking.text_tables import mismatch, note, stands_for
from app.report.claim import Figure
from app.report.report import Report
from app.report.table import Table

# What a clause is about, the most special first; keys as in 三公表.
_ITEMS = (
    ("公务用车购置费", re.compile(r"公务用车购置(?:费|支出|费支出|经费)")),
    ("公务用车运行费", re.compile(r"公务用车运行(?:维护)?(?:费|支出)")),
    ("公务用车小计", re.compile(r"公务用车购置(?:及|和|与)运行(?:维护)?费")),
    ("出国费", re.compile(r"因公出国")),
    ("接待费", re.compile(r"公务接待")),
    ("合计", re.compile(r'"?三公"?经费')),
)
_PARTS = (("合计", ("出国费", "公务用车小计", "接待费")), ("公务用车小计", ("公务用车购置费", "公务用车运行费")))
_SPENT = re.compile(r"支出|决算|费$|为$|经费")
_DETAIL = re.compile(r"燃料|维修|保险|外宾|过桥|过路|单价|租用|安全奖励|其中住宿")
Stated = dict[tuple[str, str], Figure]


def stated(report: Report) -> Stated:
    """(item, budget|final|change) -> the first figure that 三公 section gives for it."""
    bounds = part(report, "三公")
    found: Stated = {}
    if bounds is None:
        return found
    text = report.prose.text
    item = "合计"
    for claim in report.claims:
        figure = claim.change if claim.relation == "change" else claim.amount
        if claim.relation == "growth":
            figure = claim.change
        if figure is None or not bounds[0] <= figure.start < bounds[1] or figure.unit == "%":
            continue
        item = item_at(text, figure.start, bounds[0]) or item
        role = {"budget": "budget", "change": "change"}.get(figure.role, "final")
        if role == "final" and not _is_spending(figure):
            continue
        found.setdefault((item, role), figure)
    return found


def item_at(text: str, at: int, floor: int) -> str:
    """The item named nearest before an offset, within its paragraph; ``""`` for none."""
    low = max(floor, item_start(text, at))
    before = text[low:at]
    hits = [(m.end(), key) for key, pattern in _ITEMS for m in pattern.finditer(before)]
    return max(hits)[1] if hits else ""


def _is_spending(figure: Figure) -> bool:
    return bool(_SPENT.search(figure.left)) and not _DETAIL.search(figure.left)


@check("public_expenses_empty")
def public_expenses_empty(context: Context) -> Iterator[Finding]:
    """An empty 三公表 with “本表无数据” while the text states a budget or a final above zero."""
    report = context.report
    table = report.tables.get("三公表")
    if table is None:
        raise CouldNotRun("缺少“三公”经费支出决算表")
    figures = [f for (_, role), f in stated(report).items() if role in ("budget", "final")]
    if not figures:
        raise NotApplicable("文字没有“三公”经费的金额")
    context.saw()
    above = [f for f in figures if f.value and not f.bound]
    if not table.empty or not above:
        return
    line = table.statement
    place, quote = (line.place, line.text.strip()) if line is not None else (table.title.place, table.title.text)
    said = "、".join(dict.fromkeys(report.prose.quote(*span(f)).strip() for f in above[:3]))
    message = f"{place}：三公表没有数据，情况说明却写“{said}”；表中应填预算数、决算数"
    yield Finding(
        "",
        "",
        "",
        message,
        place,
        quote=quote,
        context=quote,
        expected=said,
        table=table.title.value,
        related=also(report, *above[:3]),
    )


@check("public_expenses_table")
def public_expenses_table(context: Context) -> Iterator[Finding]:
    """Budgets and finals of the text against 三公表."""
    report = context.report
    table = report.tables.get("三公表")
    if table is None:
        raise CouldNotRun("缺少“三公”经费支出决算表")
    if table.empty:
        raise NotApplicable("三公表没有数据")
    book = Book.of(report)
    yield from _rates(context, book)
    for (item, role), figure in stated(report).items():
        block = {"budget": "三公预算", "final": "三公决算"}.get(role, "")
        spot = book.spot(block, "合计行", item) if block in book.blocks else None
        if spot is None or spot.entry.wrong or figure.bound:
            continue
        context.saw()
        verdict = equal(wan(figure), stands_for(spot))
        said = next((c for c in report.claims if c.amount is figure), None)
        if said is not None:
            note(context, said, spot, verdict)
        if verdict != "equal":
            yield mismatch(
                report, figure, spot, verdict == "rounding", "warning" if _other_budget(figure, table, role) else ""
            )


def _rates(context: Context, book: Book) -> Iterator[Finding]:
    """``其中：公务接待费支出决算为 A，完成预算的 p%`` without its budget: that of 三公表."""
    report = context.report
    items = {id(f): item for (item, role), f in stated(report).items() if role == "final"}
    for claim in report.claims:
        final, percent = claim.amount, claim.percent
        if claim.relation != "completion" or claim.base is not None or final is None or percent is None:
            continue
        spot = book.spot("三公预算", "合计行", items[id(final)]) if id(final) in items else None
        if spot is None or spot.entry.amount is None or not spot.value or final.bound:
            continue
        context.saw()
        if consistent(wan(final), stands_for(spot), percent) != "no":
            continue
        start, end = near(claim, final)
        true = rate(wan(final), stands_for(spot), percent.decimals)
        message = f"{where(report, start)}：完成预算的 {percent.text}，三公表预算数 {spot.entry.text}，应为 {true}"
        related = (Related(spot.entry.place, spot.entry.text),)
        yield wrong(report, message, start, end, found=percent.text, expected=true, related=related)


def _other_budget(figure: Figure, table: Table, role: str) -> bool:
    """年初预算 in the text and 全年预算数 in the table are different figures."""
    return role == "budget" and "年初" in figure.left and any("全年预算" in line.text for line in table.notes)


@check("public_expenses_parts")
def public_expenses_parts(context: Context) -> Iterator[Finding]:
    """三公 = 出国 + 公务用车 + 接待, 公务用车 = 购置 + 运行; also for what changed."""
    report = context.report
    figures = stated(report)
    if not figures:
        raise NotApplicable("文字没有“三公”经费的金额")
    yield from _told_again(context, figures)
    yield from _running(context)
    for whole, parts in _PARTS:
        for role, word in (("budget", "预算"), ("final", "支出决算")):
            total = figures.get((whole, role))
            known = [figures.get((p, role)) for p in parts]
            if total is None or any(k is None for k in known):
                continue
            context.saw()
            present = [k for k in known if k is not None]
            added = plus(*(wan(k) for k in present))
            if equal(wan(total), added) != "no":
                continue
            start, end = span(total)
            name = "“三公”经费" if whole == "合计" else "公务用车购置及运行费"
            listed = " + ".join(money(wan(k).value) for k in present)
            message = f"{where(report, start)}：{name}{word} {total.text}，与其各项之和 {listed} = {money(added.value)} 万元不符"
            yield wrong(
                report,
                message,
                start,
                end,
                found=total.text,
                expected=f"{money(added.value)}万元",
                calculation=f"{listed} = {money(added.value)}",
                related=also(report, *present),
            )


_ALONE = re.compile(
    r"(?:\(?\d{1,2}[.、)])?(?:20\d\d年度?)?(?:其中:)?(?P<home>国内)?(?:因公出国\(境\)|公务用车购置及运行(?:维护)?|公务用车购置|公务用车运行(?:维护)?|公务接待)费?(?:支出)?(?:决算)?(?:数)?(?:为|共)?"
)


def _told_again(context: Context, figures: Stated) -> Iterator[Finding]:
    """The same item's spending stated twice in the section: one amount."""
    report = context.report
    for claim in amounts(report, "三公"):
        figure = claim.amount
        hit = _ALONE.fullmatch(figure.left) if figure is not None else None
        if figure is None or hit is None or figure.role == "budget" or figure.bound:
            continue
        item = next((key for key, pattern in _ITEMS if pattern.search(figure.left)), "")
        first = figures.get((item, "final"))
        if first is None or first.start >= figure.start:
            continue
        context.saw()
        if equal(wan(figure), wan(first)) != "no" or (hit["home"] and wan(figure).value < wan(first).value):
            continue
        start, end = span(figure)
        message = f"{where(report, start)}：{item}这里写 {figure.text}，前面写的是 {first.text}，应一致"
        yield wrong(report, message, start, end, found=figure.text, expected=first.text, related=also(report, first))


_RUNNING = re.compile(r"公务用车运行(?:维护)?(?:费|支出|经费)")
_COSTS = re.compile(r"(?:燃料|维修|保险|过桥过路|过路过桥|安全奖励|停车|检测|其他).{0,6}$")


def _running(context: Context) -> Iterator[Finding]:
    """公务用车运行费 = fuel + repair + insurance …, where three or more are listed right after it."""
    report = context.report
    claims = amounts(report, "三公")
    for index, claim in enumerate(claims):
        total = claim.amount
        if total is None or total.role == "budget" or not _RUNNING.search(total.left) or not total.value:
            continue
        listed: list[Figure] = []
        for other in claims[index + 1 :]:
            figure = other.amount
            assert figure is not None
            if figure.start - (listed[-1].end if listed else total.end) > 24 or not _COSTS.search(figure.subject):
                break
            listed.append(figure)
        if len(listed) < 3 or "等" in report.prose.text[listed[0].start : listed[-1].end + 2]:
            continue
        context.saw()
        added = plus(*(wan(f) for f in listed))
        if equal(wan(total), added) != "no":
            continue
        start, _ = span(total)
        sums = " + ".join(money(wan(f).value) for f in listed)
        message = (
            f"{where(report, start)}：公务用车运行费 {total.text}，所列各项 {sums} = {money(added.value)} 万元，不符"
        )
        yield wrong(
            report, message, start, listed[-1].end, severity="warning",
            found=total.text, expected=f"{money(added.value)}万元", calculation=sums,
        )  # fmt: skip


_WHAT = (
    ("出国费", re.compile(r"团组|出国.*人次"), "团组数、人次"),
    ("公务用车购置费", re.compile(r"购置(?:\(更新\)|和更新|及更新|更新)?.{0,6}公务用车|公务用车购置"), "购置辆数"),
    ("公务用车运行费", re.compile(r"保有量"), "保有量"),
    ("接待费", re.compile(r"接待.*(?:批|人)|批次"), "批次、人次"),
)


@check("public_expenses_counts")
def public_expenses_counts(context: Context) -> Iterator[Finding]:
    """Counts above zero exactly where there is money: 团组, 购置数, 保有量, 批次."""
    report = context.report
    bounds = part(report, "三公")
    figures = stated(report)
    if bounds is None or not figures:
        raise NotApplicable("文字没有“三公”经费的金额")
    for item, pattern, name in _WHAT:
        figure = figures.get((item, "final"))
        found = [c for c in counts(report.prose, *bounds) if _matches(pattern, c, item, report)]
        if figure is None or not found or figure.bound:
            continue
        context.saw()
        count = found[0]
        if figure.value and not count.value:
            message = f"{where(report, count.start)}：{item}支出 {figure.text}，{name}却是 {count.value}{count.unit}"
            yield wrong(
                report,
                message,
                count.start - len(count.left),
                count.end,
                found=f"{count.value}{count.unit}",
                expected="大于 0",
                related=also(report, figure),
            )
        elif count.value and not figure.value and item in ("接待费", "公务用车购置费", "出国费"):
            message = f"{where(report, count.start)}：{item}支出为 0，{name}却是 {count.value}{count.unit}"
            yield wrong(
                report,
                message,
                count.start - len(count.left),
                count.end,
                severity="warning",
                found=f"{count.value}{count.unit}",
                expected="0",
                related=also(report, figure),
            )


def _matches(pattern: re.Pattern[str], count: Count, item: str, report: Report) -> bool:
    words = {
        "出国费": ("个", "人次"),
        "公务用车购置费": ("辆",),
        "公务用车运行费": ("辆",),
        "接待费": ("批次", "批", "人次"),
    }[item]
    return count.unit in words and bool(pattern.search(count.left + count.unit)) and "外宾" not in count.left


@check("counts_go_together")
def counts_go_together(context: Context) -> Iterator[Finding]:
    """批次 and 人次, 团组 and 人次: both zero or both above."""
    report = context.report
    bounds = part(report, "三公")
    found = counts(report.prose, *bounds) if bounds else []
    for group, people in pairwise(found):
        near = people.start - group.end <= 6 and people.unit == "人次"
        if not near or not (group.unit in ("批次", "批") or (group.unit == "个" and "团组" in group.left)):
            continue
        context.saw()
        if bool(group.value) != bool(people.value):
            start = group.start - min(len(group.left), 12)
            message = f"{where(report, group.start)}：{group.value}{group.unit}而{people.value}人次，两个数不能一个为 0"
            yield wrong(report, message, start, people.end, found=f"{group.value}{group.unit}、{people.value}人次")
    if not context.evaluated:
        raise NotApplicable("没有批次、人次")
