"""This year's report against last year's file: balances carried over, and every 与上年相比 (DOMAIN §4, §6)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from decimal import Decimal

from app.checking.binding import Book, select
from app.checking.companion_tables import settle
from app.checking.equation import ZERO, Spot
from app.checking.evidence import finding, named
from app.checking.finding import Consequence, Finding, Related
from app.checking.notation import Reference, parse
from app.checking.percent import Quantity, consistent, minus, rate
from app.checking.rulebook import Context, CouldNotRun, NotApplicable, check
from app.checking.text_changes import before, told_changes, told_unchanged, unchanged_trips
from app.checking.text_facts import also, money, span, wan, where, wrong
from app.checking.text_public import Stated, stated
from app.checking.unit_files import file_name
from app.checking.wording import cell_name
from app.knowledge.supplement import section
from app.knowledge.text import norm
from app.report.claim import Claim, Figure
from app.report.report import Report

_APART = Decimal("0.02")  # 万元: what rounding makes of one difference in a part and in its sum


@check("last_year_file")
def last_year_file(context: Context) -> Iterator[Finding]:
    """The file given is that unit's and of the year before."""
    report, last = context.report, _last(context.report)
    table = next(iter(last.tables.values()))
    reason = unusable(report)
    left = "本次没有与它比较" if reason else "本次仍作了比较"
    context.saw()
    if _wrong_year(report):
        year = next((t.year for t in last.tables.values() if t.year), None) or table.title
        yield finding(
            f"上年决算文件“{file_name(last)}”是 {last.year} 年度的，应为 {(report.year or 0) - 1} 年度：请换成上年的文件，{left}。",
            year.place, quote=year.text, found=str(last.year), expected=str((report.year or 0) - 1), table=named(table),
        )  # fmt: skip
    context.saw()
    if report.unit and last.unit and not _same_unit(report, last):
        yield finding(
            f"上年决算文件“{file_name(last)}”的单位是“{last.unit.value}”，本年是“{report.unit.value}”："
            f"请确认是否拿错了文件、单位是否更名，{left}。",
            last.unit.place, "warning", quote=last.unit.text, found=last.unit.value,
            expected=report.unit.value, table=named(table),
        )  # fmt: skip


@check("carried_over")
def carried_over(context: Context) -> Iterator[Finding]:
    """年初 = last year's 年末; openings may be adjusted, so that a difference is a reminder."""
    report, last = _both(context)
    now, then = Book.of(report), Book.of(last)
    roots: list[_Gap] = []
    for line in dict(context.rule.options)["carried"]:
        formula = parse(line)
        opening, closing = formula.left[0], formula.right[0]
        if reason := next((r for b, c in ((now, opening), (then, closing)) if (r := _lacking(b, c.block))), ""):
            context.skipped.append(f"{'上年' if not _lacking(now, opening.block) else ''}{reason}")
            continue
        if not (_has(now, opening) and _has(then, closing)):
            continue  # the form prints no such column or row
        for key in _keys(now, then, opening):
            other = key if closing.row == opening.row else closing.row
            gap = _gap(now.spot(opening.block, key, opening.column), then.spot(closing.block, other, closing.column))
            if gap is None:
                continue
            context.saw()
            if abs(gap.value) <= gap.slack:
                continue
            cause = next((r for r in roots if abs(gap.value - r.value) <= gap.slack + r.slack), None)
            total = sum((r.value for r in roots), ZERO)
            if cause is None and len(roots) > 1 and abs(gap.value - total) <= gap.slack + sum(r.slack for r in roots):
                cause = roots[0]
            (cause.follows if cause is not None else roots).append(gap)
    for gap in roots:
        yield _carried(gap, now, then)


@dataclass(slots=True)
class _Gap:
    """Two balances that differ: this year's opening (None: not printed) and last year's closing."""

    own: Spot | None
    other: Spot | None
    value: Decimal
    slack: Decimal
    follows: list[_Gap] = field(default_factory=list)


def _gap(own: Spot | None, other: Spot | None) -> _Gap | None:
    spots = [s for s in (own, other) if s is not None]
    if not any(s.value for s in spots) or any(s.entry.wrong for s in spots):
        return None
    # a total may be the sum of its printed parts: three kinds of fiscal money, or the 项 beneath it
    slack = sum((s.half * max(s.weight, 1 if s.row.key.isdigit() else 3) for s in spots), ZERO)
    return _Gap(own, other, (own.value if own else ZERO) - (other.value if other else ZERO), slack)


def _has(book: Book, cell: Reference) -> bool:
    columns = {c.key for c in book.blocks[cell.block][1].columns}
    return cell.column in columns and (cell.row == "各项" or cell.row in book.rows[cell.block])


def _keys(now: Book, then: Book, cell: Reference) -> list[str]:
    """The rows that a word names in either year; the row itself where it is no word."""
    return list(dict.fromkeys(k for book in (now, then) for k in select(book, cell.block, cell.row)))


def _carried(gap: _Gap, now: Book, then: Book) -> Finding:
    own, other = gap.own, gap.other
    spot = own or other
    assert spot is not None
    table = now.blocks[spot.block][0]
    what = f"{named(table)} {cell_name(own)} {money(own.value)}" if own else (
        f"{named(table)} 没有“{spot.row.code or ''} {spot.row.label}”一行，年初应为 {money(spot.value)}"
    )  # fmt: skip
    past = then.blocks[spot.block][0] if other is None else other.table
    at = f"（{other.entry.place.file} {other.entry.place}）" if other else f"（{file_name(then.report)} 没有这一行）"
    told = f"，上年决算{past.key}年末数为 {money(other.value if other else ZERO)}{at}"
    return finding(
        f"{what}{told}，相差 {money(gap.value)}：年初数有调整的请说明，没有的请核对。",
        own.entry.place if own else table.title.place,
        quote=own.entry.text if own else table.title.text,
        found=money(own.value) if own else "没有这一行",
        expected=money(other.value if other else ZERO),
        difference=money(gap.value), table=named(table), row=spot.row.label,
        related=(Related(other.entry.place, other.entry.text),) if other else (),
        consequences=tuple(
            Consequence("L102", f"{cell_name(s)} {money(g.own.value if g.own else ZERO)}，上年年末 {money(g.other.value if g.other else ZERO)}", s.entry.place)
            for g in gap.follows if (s := g.own or g.other)
        ),
    )  # fmt: skip


@check("changes_told")
def changes_told(context: Context) -> Iterator[Finding]:
    """与上年相比增加 D, 增长 p%: the two years' tables give the same change and percentage."""
    report, last = _both(context)
    then = Book.of(last)
    rows = {r.key: r.past or r.now for r in section("上年").rows}
    for key, claim in told_changes(report):
        spot = _spot(then, rows[key])
        if spot is None or spot.entry.wrong or claim.amount is None or claim.amount.bound:
            continue
        context.saw()
        yield from _change(report, claim, spot) if claim.change is not None else _growth(report, claim, spot)
    for key, amount, start, end in told_unchanged(report):
        spot = _spot(then, rows[key])
        if spot is None or spot.entry.wrong:
            continue
        context.saw()
        gap = wan(amount).value - spot.value
        if abs(gap) > wan(amount).half + _half(spot):
            message = f"{where(report, start)}：写与上年持平，{_was(spot)}，本年 {amount.text}，应为{_way(gap)} {money(abs(gap))} 万元"
            yield wrong(
                report, message, start, end, found=report.prose.quote(start, end), expected=f"{_way(gap)}{money(abs(gap))}万元",
                related=(Related(spot.entry.place, spot.entry.text), *also(report, amount)),
            )  # fmt: skip
    if not context.evaluated:
        raise NotApplicable("文字没有写与上年相比的变动")


def _change(report: Report, claim: Claim, spot: Spot) -> Iterator[Finding]:
    """The amount of a change; one that is right only at the decimals it gives (119) is a reminder."""
    amount, change = claim.amount, claim.change
    told = before(claim)
    if amount is None or change is None or told is None or change.bound:
        return
    value, half = told
    apart = abs(value - spot.value)
    if apart <= half + _half(spot):
        return
    start, end = span(change, claim.percent)
    gap = wan(amount).value - spot.value
    message = (
        f"{where(report, start)}：与上年相比的变动 {change.text}，由此推出上年数 {money(value)} 万元，"
        f"{_was(spot)}，变动应为{_way(gap)} {money(abs(gap))} 万元"
    )
    loosely = apart <= half + _half(spot) + Decimal(5).scaleb(-change.decimals - 1)
    yield wrong(
        report, message, start, end, severity="warning" if change.short and loosely else "",
        found=change.text, expected=f"{_way(gap)}{money(abs(gap))}万元",
        calculation=f"{money(wan(amount).value)} − {money(spot.value)} = {money(gap)}",
        related=(Related(spot.entry.place, spot.entry.text), *also(report, amount)),
    )  # fmt: skip


def _growth(report: Report, claim: Claim, spot: Spot) -> Iterator[Finding]:
    """A percentage without the amount of the change."""
    amount, percent = claim.amount, claim.percent
    if amount is None or percent is None or percent.bound or spot.value <= 0:
        return
    base = Quantity(spot.value, _half(spot))
    gap = minus(wan(amount), base)
    by = Quantity(abs(gap.value), gap.half)
    straight = not percent.direction or not gap.value or (gap.value > 0) == (percent.direction > 0)
    if straight and consistent(by, base, percent) != "no":
        return
    start, end = span(percent)
    true = f"{_way(gap.value)}{rate(by, base, percent.decimals)}"
    yield wrong(
        report, f"{where(report, start)}：{percent.text} 应为{true}：本年 {amount.text}，{_was(spot)}", start, end,
        found=percent.text, expected=true,
        calculation=f"({money(wan(amount).value)} − {money(spot.value)}) ÷ {money(spot.value)} = {rate(by, base, 4)}",
        related=(Related(spot.entry.place, spot.entry.text), *also(report, amount)),
    )  # fmt: skip


def _was(spot: Spot) -> str:
    return f"上年决算{named(spot.table)}{cell_name(spot)}为 {money(spot.value)} 万元"


def _way(gap: Decimal) -> str:
    return "增加" if gap > 0 else "减少" if gap < 0 else "持平"


def _half(spot: Spot) -> Decimal:
    return spot.half * max(1, spot.weight)


@check("trips_told")
def trips_told(context: Context) -> Iterator[Finding]:
    """三公: 较上年增加 D, 与上年持平 against last year's 三公表."""
    report, last = _both(context)
    then = Book.of(last)
    figures = stated(report)
    if not figures:
        raise NotApplicable("文字没有“三公”经费的金额")
    if reason := _lacking(then, "三公决算"):
        raise CouldNotRun(f"上年决算{reason}")
    names = {r.key: r.label.removeprefix("其中：") for r in section("三公").rows}
    found: list[tuple[Decimal, Finding]] = []
    for key, at, change, said in _trip_changes(report, figures):
        final, spot = figures[key, "final"], then.spot("三公决算", "合计行", key)
        if spot is None or spot.entry.wrong:
            continue
        context.saw()
        value = wan(final).value - (change.direction * wan(change).value if change else ZERO)
        half = wan(final).half + (wan(change).half if change else ZERO)
        if abs(value - spot.value) > half + _half(spot):
            found.append((value - spot.value, _trip(report, names[key], final, spot, at, said)))
    if not context.evaluated:
        raise NotApplicable("文字没有写“三公”经费与上年相比的变动")
    yield from _parts_first(found)


def _trip_changes(report: Report, figures: Stated) -> Iterator[tuple[str, tuple[int, int], Figure | None, str]]:
    """(item, where it is told, the change or None for 持平, the words), the parts before their sums."""
    for key in ("出国费", "公务用车购置费", "公务用车运行费", "接待费", "公务用车小计", "合计"):
        change = figures.get((key, "change"))
        if (key, "final") not in figures:
            continue
        if change is not None and not change.bound and (change.direction or not change.value):
            yield key, span(change), change, f"较上年的变动 {change.text}"
        yield from ((k, (start, end), None, "写与上年持平") for k, start, end in unchanged_trips(report) if k == key)


def _parts_first(found: list[tuple[Decimal, Finding]]) -> Iterator[Finding]:
    """One error for an item; the same difference in the sums above it follows from it."""
    groups: list[tuple[Decimal, list[Finding]]] = []
    for gap, one in found:
        same = next((findings for other, findings in groups if abs(gap - other) <= _APART), None)
        if same is None:
            groups.append((gap, [one]))
        else:
            same.append(one)
    for _, (first, *rest) in groups:
        yield replace(first, consequences=tuple(Consequence("L104", f.message, f.place) for f in rest))


def _trip(report: Report, name: str, final: Figure, spot: Spot, at: tuple[int, int], said: str) -> Finding:
    start, end = at
    gap = wan(final).value - spot.value
    right = f"{_way(gap)}{money(abs(gap))}万元" if gap else "持平"
    message = f"{where(report, start)}：{name}{said}，上年决算三公表为 {money(spot.value)} 万元、本年 {final.text}，应为{right}"
    return wrong(
        report, message, start, end, found=report.prose.quote(start, end), expected=right,
        calculation=f"{money(wan(final).value)} − {money(spot.value)} = {money(gap)}",
        related=(Related(spot.entry.place, spot.entry.text), *also(report, final)),
    )  # fmt: skip


@check("supplement_last_year")
def supplement_last_year(context: Context) -> Iterator[Finding]:
    """上年数 typed into 补充资料 is what last year's tables print."""
    report, last = _both(context)
    if report.supplement is None:
        raise NotApplicable("没有补充资料")
    then = Book.of(last)
    cells = {("上年", r.key): r.past or r.now for r in section("上年").rows}
    cells |= {("三公", r.key): f"三公决算[合计行].{r.key}" for r in section("三公").rows}
    for (block, key), cell in cells.items():
        row = report.supplement.blocks[block].row(key) if block in report.supplement.blocks else None
        entry, spot = row.entries.get("上年数") if row else None, _spot(then, cell)
        if row is None or entry is None or entry.amount is None or spot is None or spot.entry.wrong:
            continue
        context.saw()
        if abs(entry.amount.value - spot.value) > entry.amount.half + _half(spot):
            yield finding(
                f"补充资料的上年数“{row.label}” {entry.text}，应为 {money(spot.value)}：上年决算{named(spot.table)}{cell_name(spot)}"
                f"（{spot.entry.place.file} {spot.entry.place}）。",
                entry.place, quote=entry.text, found=entry.text, expected=money(spot.value),
                difference=money(entry.amount.value - spot.value), table="补充资料", row=row.label,
                related=(Related(spot.entry.place, spot.entry.text),),
            )  # fmt: skip
    if not context.evaluated:
        raise NotApplicable("补充资料没有填上年数")


def _last(report: Report) -> Report:
    if report.last_year is None:
        raise NotApplicable("没有提供上年决算（--last-year）")
    return report.last_year


def unusable(report: Report) -> str:
    """Why last year's file must not be compared with; ``""`` when it may be, or there is none."""
    last = report.last_year
    if last is None:
        return ""
    if not last.tables:
        return f"上年决算文件“{file_name(last)}”里没有读到公开表"
    if _wrong_year(report):
        return f"上年决算文件是 {last.year} 年度的，不是 {(report.year or 0) - 1} 年度的"
    if _same_unit(report, last) or _same_balances(report, last):
        return ""
    return "上年决算文件的单位与本年不同，年初数也对不上"


def _wrong_year(report: Report) -> bool:
    """Whether the file given as last year's says itself that it is of another year."""
    last = report.last_year
    return last is not None and bool(report.year and last.year and last.year != report.year - 1)


def _same_unit(report: Report, last: Report) -> bool:
    """Whether both bear one name; a place may stand before it in one of them."""
    if report.unit is None or last.unit is None:
        return True
    own, other = (re.sub(r"\((?:汇总|部门|合并)\)$", "", norm(r.unit.value)) for r in (report, last) if r.unit)
    return own.endswith(other) or other.endswith(own)


def _same_balances(report: Report, last: Report) -> bool:
    """A unit that changed its name opens with what it closed with."""
    own = Book.of(report), "收支总表收入[年初结转和结余].决算数"
    other = Book.of(last), "收支总表支出[年末结转和结余].决算数"
    now, then = _spot(*own), _spot(*other)
    return now is not None and then is not None and bool(now.value) and abs(now.value - then.value) <= now.half * 2


def _both(context: Context) -> tuple[Report, Report]:
    last = _last(context.report)
    if reason := unusable(context.report):
        raise CouldNotRun(reason)
    settle(last)
    return context.report, last


def _lacking(book: Book, block: str) -> str:
    """Why a block has no figures; ``""`` when it has."""
    try:
        book.need(block)
    except CouldNotRun as reason:
        return str(reason)
    return ""


def _spot(book: Book, cell: str) -> Spot | None:
    """The cell; None where its table is missing, unreadable or blank without a statement."""
    reference = parse(f"{cell} = 0").left[0]
    return None if _lacking(book, reference.block) else book.spot(reference.block, reference.row, reference.column)
