"""This year's report against last year's file: balances carried over, and every 与上年相比 (DOMAIN §4, §6)."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from app.checking.binding import Book
from app.checking.equation import Spot
from app.checking.evidence import finding, named
from app.checking.finding import Finding, Related
from app.checking.notation import parse
from app.checking.rulebook import Context, CouldNotRun, NotApplicable, check
from app.checking.text_changes import last_year_changes
from app.checking.text_facts import also, money, span, wan, where, wrong
from app.checking.text_public import stated
from app.checking.wording import cell_name
from app.knowledge.supplement import section
from app.knowledge.text import norm
from app.report.report import Report

# Opening of this year = closing of last year; by table and, in 财拨总表, by source.
_CARRIED = (
    ("收支总表收入[年初结转和结余].决算数", "收支总表支出[年末结转和结余].决算数"),
    ("财拨总表收入[年初财政拨款结转和结余].决算数", "财拨总表支出[年末财政拨款结转和结余].合计"),
    ("财拨总表收入[年初一般公共预算财政拨款].决算数", "财拨总表支出[年末财政拨款结转和结余].一般公共预算"),
    ("财拨总表收入[年初政府性基金预算财政拨款].决算数", "财拨总表支出[年末财政拨款结转和结余].政府性基金"),
    ("财拨总表收入[年初国有资本经营预算财政拨款].决算数", "财拨总表支出[年末财政拨款结转和结余].国有资本"),
)
_CODED = (("基金表", "年初结转和结余", "年末结转和结余"), ("国资表", "年初结转和结余", "年末结转和结余"))


@check("last_year_file")
def last_year_file(context: Context) -> Iterator[Finding]:
    """The file given is that unit's and of the year before."""
    report, last = context.report, _last(context.report)
    table = next(iter(last.tables.values()))
    context.saw()
    if wrong_year(report):
        at = next((t.year for t in last.tables.values() if t.year), None)
        place, text = (at.place, at.text) if at else (table.title.place, table.title.text)
        yield finding(
            f"上年决算文件是 {last.year} 年度的，应为 {(report.year or 0) - 1} 年度：请换成上年的文件，本次没有与它比较。",
            place, quote=text, found=str(last.year), expected=str((report.year or 0) - 1), table=named(table),
        )  # fmt: skip
    own, other = (_bare(r.unit.value) if r.unit else "" for r in (report, last))
    context.saw()
    if own and other and own not in other and other not in own:
        assert last.unit is not None
        yield finding(
            f"上年决算文件的单位是“{last.unit.value}”，本年是“{report.unit.value if report.unit else ''}”："
            "请确认是否拿错了文件、单位是否更名。",
            last.unit.place, "warning", quote=last.unit.text, found=last.unit.value,
            expected=report.unit.value if report.unit else "", table=named(table),
        )  # fmt: skip


@check("carried_over")
def carried_over(context: Context) -> Iterator[Finding]:
    """年初 = last year's 年末; openings may be adjusted, so that a difference is a reminder."""
    report, last = _both(context)
    now, then = Book.of(report), Book.of(last)
    pairs = [(_spot(now, a), _spot(then, b)) for a, b in _CARRIED]
    for block, opening, closing in _CODED:
        codes = [k for k in {**now.rows.get(block, {}), **then.rows.get(block, {})} if k.isdigit() and len(k) == 7]
        pairs += [(_spot(now, f"{block}[{c}].{opening}"), _spot(then, f"{block}[{c}].{closing}")) for c in codes]
    told: set[Decimal] = set()
    for own, other in pairs:
        if own is None or other is None:
            continue
        context.saw()
        gap = own.value - other.value
        if abs(gap) <= own.half + other.half or gap in told:
            continue
        told.add(gap)
        yield finding(
            f"{named(own.table)} {cell_name(own)} {money(own.value)}，上年决算年末数为 {money(other.value)}"
            f"（{other.entry.place.file} {other.entry.place}），相差 {money(gap)}：年初数有调整的请说明，没有的请核对。",
            own.entry.place, quote=own.entry.text, found=money(own.value), expected=money(other.value),
            difference=money(gap), table=named(own.table), row=own.row.label,
            related=(Related(other.entry.place, other.entry.text),),
        )  # fmt: skip


@check("changes_told")
def changes_told(context: Context) -> Iterator[Finding]:
    """与上年相比增加 D: the two years' tables give the same change."""
    report, last = _both(context)
    then = Book.of(last)
    rows = {r.key: r.past or r.now for r in section("上年").rows}
    for key, claim, value, half in last_year_changes(report):
        spot = _spot(then, rows[key])
        if spot is None or claim.change is None:
            continue
        context.saw()
        if abs(value - spot.value) <= half + spot.half:
            continue
        start, end = span(claim.change, claim.percent)
        amount = wan(claim.amount).value if claim.amount else Decimal(0)
        right = amount - spot.value
        message = (
            f"{where(report, start)}：与上年相比的变动 {claim.change.text}，由此推出上年数 {money(value)} 万元，"
            f"上年决算{named(spot.table)}{cell_name(spot)}为 {money(spot.value)} 万元，变动应为{'增加' if right > 0 else '减少'} {money(abs(right))} 万元"
        )
        yield wrong(
            report, message, start, end, found=claim.change.text, expected=f"{money(abs(right))}万元",
            calculation=f"{money(amount)} − {money(spot.value)} = {money(right)}",
            related=(Related(spot.entry.place, spot.entry.text), *also(report, claim.amount)),
        )  # fmt: skip


@check("trips_told")
def trips_told(context: Context) -> Iterator[Finding]:
    """三公: 较上年增加 D against last year's 三公表."""
    report, last = _both(context)
    then = Book.of(last)
    figures = stated(report)
    for row in section("三公").rows:
        final, change = figures.get((row.key, "final")), figures.get((row.key, "change"))
        spot = _spot(then, f"三公决算[合计行].{row.key}")
        if final is None or change is None or spot is None or (change.value and not change.direction):
            continue
        context.saw()
        value = wan(final).value - change.direction * wan(change).value
        if abs(value - spot.value) <= wan(final).half + wan(change).half + spot.half:
            continue
        start, end = span(change)
        right = wan(final).value - spot.value
        message = (
            f"{where(report, start)}：{row.label.removeprefix('其中：')}较上年的变动 {change.text}，上年决算三公表为 {money(spot.value)} 万元，"
            f"变动应为{'增加' if right > 0 else '减少'} {money(abs(right))} 万元"
        )
        yield wrong(
            report, message, start, end, found=change.text, expected=f"{money(abs(right))}万元",
            calculation=f"{money(wan(final).value)} − {money(spot.value)} = {money(right)}",
            related=(Related(spot.entry.place, spot.entry.text), *also(report, final)),
        )  # fmt: skip


@check("supplement_last_year")
def supplement_last_year(context: Context) -> Iterator[Finding]:
    """上年数 typed into 补充资料 is what last year's tables print."""
    report, last = _both(context)
    if report.supplement is None:
        raise NotApplicable("没有补充资料")
    then = Book.of(last)
    for block, cells in (("上年", {r.key: r.past or r.now for r in section("上年").rows}), ("三公", {r.key: f"三公决算[合计行].{r.key}" for r in section("三公").rows})):  # fmt: skip
        for row in report.supplement.blocks[block].rows if block in report.supplement.blocks else ():
            entry, spot = row.entries.get("上年数"), _spot(then, cells[row.key])
            if entry is None or entry.amount is None or spot is None:
                continue
            context.saw()
            if abs(entry.amount.value - spot.value) > entry.amount.half + spot.half:
                yield finding(
                    f"补充资料的上年数“{row.label}” {entry.text}，上年决算{named(spot.table)}{cell_name(spot)}为 {money(spot.value)}"
                    f"（{spot.entry.place.file} {spot.entry.place}），请改正。",
                    entry.place, quote=entry.text, found=entry.text, expected=money(spot.value),
                    difference=money(entry.amount.value - spot.value), table="补充资料", row=row.label,
                    related=(Related(spot.entry.place, spot.entry.text),),
                )  # fmt: skip


def _last(report: Report) -> Report:
    if report.last_year is None:
        raise NotApplicable("没有提供上年决算（--last-year）")
    return report.last_year


def wrong_year(report: Report) -> bool:
    """Whether the file given as last year's says itself that it is of another year."""
    last = report.last_year
    return last is not None and bool(report.year and last.year and last.year != report.year - 1)


def _both(context: Context) -> tuple[Report, Report]:
    last = _last(context.report)
    if wrong_year(context.report):
        raise CouldNotRun(f"上年决算文件是 {last.year} 年度的，不是上年的")
    return context.report, last


def _spot(book: Book, cell: str) -> Spot | None:
    """The cell; None where its table is missing, unreadable or blank without a statement."""
    reference = parse(f"{cell} = 0").left[0]
    try:
        book.need(reference.block)
    except CouldNotRun:
        return None
    return book.spot(reference.block, reference.row, reference.column)


def _bare(name: str) -> str:
    return norm(name).replace("(本级)", "").removesuffix("本级")
