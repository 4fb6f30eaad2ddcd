"""类款项 and 经济分类 named in the narrative, against the tables."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from app.checking.binding import Book
from app.checking.equation import Spot
from app.checking.finding import Finding, Related
from app.checking.percent import equal, plus
from app.checking.rulebook import Context, CouldNotRun, NotApplicable, check
from app.checking.text_facts import innermost, money, span, wan, where, wrong
from app.checking.text_items import SpendingItem, spending_items
from app.checking.text_tables import mismatch, note, stands_for
from app.checking.wording import context as row_text
from app.knowledge.subjects import Chain, bare, chains
from app.report.claim import Claim, Figure
from app.report.report import Report

_LEI = re.compile(
    r"^(?:\d{1,2}[.、]|\(\d{1,2}\)|\([一二三四五六七八九十]+\))?(?P<name>[^0-9]{2,24}?)(?:支出)?(?:\(类\))?(?:支出)?$"
)


@check("chain")
def chain(context: Context) -> Iterator[Finding]:
    """类（类）款（款）项（项） of an item form a chain that the tables (or 名词解释) know."""
    report = context.report
    known = chains(report)
    items = [i for i in spending_items(report) if i.xiang and i.kuan]
    if not items:
        raise NotApplicable("五（三）没有列到项级科目")
    if not known:
        raise CouldNotRun("没有公开表和名词解释可供核对科目名称")
    book = Book.of(report)
    for item in items:
        context.saw()
        expected = _expected(item, known, book)
        if expected is None:
            continue
        yield _chain_finding(report, item, expected)


def _expected(item: SpendingItem, known: list[Chain], book: Book) -> tuple[Chain, list[str]] | None:
    """The chain meant and which of its names are printed wrong; None when the chain is right."""
    lei, kuan, xiang = bare(item.lei), bare(item.kuan), bare(item.xiang)
    same = [c for c in known if bare(c.xiang) == xiang]
    if any(bare(c.kuan) == kuan and bare(c.lei) == lei for c in same):
        return None
    if same:
        best = max(same, key=lambda c: (_has_amount(c, item, book), bare(c.kuan) == kuan, bare(c.lei) == lei))
        parts = [p for p, a, b in (("款", best.kuan, kuan), ("类", best.lei, lei)) if bare(a) != b]
        return best, parts
    by_amount = [c for c in known if _has_amount(c, item, book)]
    inside = [c for c in by_amount if bare(c.kuan) == kuan] or [c for c in by_amount if bare(c.lei) == lei]
    return (inside[0], ["项"]) if len(inside) == 1 else None


def _has_amount(chain_: Chain, item: SpendingItem, book: Book) -> bool:
    if not chain_.code or item.final is None or "一般支出表" not in book.blocks:
        return False
    spot = book.spot("一般支出表", chain_.code, "合计")
    return spot is not None and bool(spot.value) and equal(wan(item.final), stands_for(spot)) != "no"


def _chain_finding(report: Report, item: SpendingItem, expected: tuple[Chain, list[str]]) -> Finding:
    best, parts = expected
    text = report.prose.text
    head = text[item.start : item.end]
    stop = head.find("(项)")
    end = item.start + (stop + 3 if stop >= 0 else min(40, len(head)))
    names = {"类": (item.lei, best.lei), "款": (item.kuan, best.kuan), "项": (item.xiang, best.xiang)}
    said = "、".join(f"“{names[p][0]}（{p}）”应为“{names[p][1]}（{p}）”" for p in parts)
    code = f"（{best.code}）" if best.code else ""
    message = f"{where(report, item.start)}：{said}：{best.xiang}{code}属于 {best.lei}—{best.kuan}"
    severity = "" if best.code else "warning"
    return wrong(
        report,
        message,
        item.start,
        end,
        severity=severity,
        found="、".join(names[p][0] for p in parts),
        expected="、".join(names[p][1] for p in parts),
    )


@check("item_amounts")
def item_amounts(context: Context) -> Iterator[Finding]:
    """The final of each item is what 一般公共预算财政拨款支出决算表 prints for it."""
    report = context.report
    if "一般支出表" not in report.tables:
        raise CouldNotRun("缺少一般公共预算财政拨款支出决算表")
    book = Book.of(report)
    known = chains(report)
    for item in spending_items(report):
        code = _code(item, known, book)
        if not code or item.final is None:
            continue
        spot = book.spot("一般支出表", code, "合计")
        if spot is None or spot.entry.amount is None:
            continue
        context.saw()
        verdict = equal(wan(item.final), stands_for(spot))
        said = next((c for c in report.claims if c.amount is item.final), None)
        if said is not None:
            note(context, said, spot, verdict)
        if verdict != "equal":
            found = mismatch(report, item.final, spot, verdict == "rounding")
            yield found


def _code(item: SpendingItem, known: list[Chain], book: Book) -> str:
    """The code an item means, if its names leave no doubt."""
    if item.xiang:
        full = [c.code for c in known if bare(c.xiang) == bare(item.xiang) and bare(c.kuan) == bare(item.kuan)]
        return full[0] if len(full) == 1 else ""
    if item.kuan:
        return ""
    rows = book.rows.get("一般支出表", {})
    same = [k for k, r in rows.items() if len(k) == 3 and bare(r.label) == bare(item.lei)]
    return same[0] if len(same) == 1 else ""


@check("structure_items")
def structure_items(context: Context) -> Iterator[Finding]:
    """（二）结构情况: each 类 with its amount is a row of the table, and no 类 with money is left out."""
    report = context.report
    book = Book.of(report)
    if "一般支出表" not in book.blocks:
        raise CouldNotRun("缺少一般公共预算财政拨款支出决算表")
    rows = {
        k: s for k in book.rows["一般支出表"] if len(k) == 3 and k.isdigit() and (s := _lei_spot(book, k)) is not None
    }
    listed = _structure_claims(report)
    if not listed or not rows:
        raise NotApplicable("没有按类列出支出结构")
    seen: set[str] = set()
    for claim, name in listed:
        figure = claim.amount
        assert figure is not None
        key = next((k for k, s in rows.items() if bare(s.row.label) == bare(name)), "")
        context.saw()
        if key:
            seen.add(key)
            verdict = _against_both(book, key, figure)
            note(context, claim, rows[key], verdict)
            if verdict != "equal":
                yield mismatch(report, figure, rows[key], verdict == "rounding")
            continue
        meant = [k for k, s in rows.items() if s.value and equal(wan(figure), stands_for(s)) != "no"]
        if len(meant) == 1:
            seen.add(meant[0])
            yield _misnamed(report, claim, name, rows[meant[0]])
    yield from _left_out(context, rows, seen, listed)


def _lei_spot(book: Book, key: str) -> Spot | None:
    spot = book.spot("一般支出表", key, "合计")
    return spot if spot is not None and spot.entry.amount is not None else None


def _against_both(book: Book, key: str, figure: Figure) -> str:
    """The text may quote 一般支出表 or 财拨总表, whose roundings differ."""
    verdicts = []
    for block, column in (("一般支出表", "合计"), ("财拨总表支出", "一般公共预算")):
        spot = book.spot(block, key, column) if block in book.blocks else None
        if spot is not None and spot.entry.amount is not None:
            verdicts.append(equal(wan(figure), stands_for(spot)))
    return next((v for v in ("equal", "rounding") if v in verdicts), "no")


def _structure_claims(report: Report) -> list[tuple[Claim, str]]:
    """Amounts of （二）结构情况 that bear a share, with the 类 they name."""
    found = []
    for claim in report.claims:
        figure, percent = claim.amount, claim.percent
        if claim.relation != "share" or claim.section != "一般支出" or figure is None or percent is None:
            continue
        section = innermost(report.prose, figure.start)
        hit = _LEI.match(claim.subject)
        if section is not None and "结构" in section.title and hit and len(hit["name"]) >= 2:
            found.append((claim, hit["name"]))
    return found


def _misnamed(report: Report, claim: Claim, name: str, spot: Spot) -> Finding:
    figure = claim.amount
    assert figure is not None
    start, end = span(figure)
    right = spot.row.label
    message = f"{where(report, start)}：“{name}” {figure.text}，表中这个数是 {spot.row.code} {right}，类名应为“{right}”"
    return wrong(
        report,
        message,
        start,
        end,
        found=name,
        expected=spot.row.label,
        related=(Related(spot.entry.place, row_text(spot)),),
    )


def _left_out(
    context: Context, rows: dict[str, Spot], seen: set[str], listed: list[tuple[Claim, str]]
) -> Iterator[Finding]:
    missing = [s for k, s in rows.items() if s.value and k not in seen]
    report = context.report
    last = listed[-1][0].amount
    total = sum((wan(c.amount).value for c, _ in listed if c.amount), Decimal(0))
    if not missing or last is None or len(seen) < len(listed):
        return
    whole = sum((s.value for s in rows.values()), Decimal(0))
    if abs(whole - total) < Decimal("0.05"):
        return
    start, end = span(last)
    names = "、".join(f"{s.row.label} {s.entry.text}" for s in missing)
    message = f"{where(report, start)}：支出结构没有列出{names}万元；请补上"
    yield wrong(report, message, start, end, severity="warning", expected=names)


@check("structure_sum")
def structure_sum(context: Context) -> Iterator[Finding]:
    """Without tables: the 类 listed in （二）结构情况 add to the total the section begins with."""
    report = context.report
    if "一般支出表" in report.tables:
        raise NotApplicable("有公开表，已逐类核对")
    listed = _structure_claims(report)
    if len(listed) < 2:
        raise NotApplicable("没有按类列出支出结构")
    first = listed[0][0].amount
    section = innermost(report.prose, first.start) if first is not None else None
    total = next(
        (
            c.amount
            for c in report.claims
            if c.relation == "amount" and c.amount and section and section.start <= c.amount.start
        ),
        None,
    )
    if first is None or total is None or total.start >= first.start:
        raise NotApplicable("没有支出总数")
    context.saw()
    parts = [wan(c.amount) for c, _ in listed if c.amount is not None]
    added = plus(*parts)
    if equal(wan(total), added) != "no":
        return
    start, end = span(total)
    gap = wan(total).value - added.value
    message = f"{where(report, start)}：总数 {total.text}，所列各类相加 {money(added.value)} 万元，相差 {money(abs(gap))}，请核对是否漏列"
    yield wrong(
        report, message, start, end, found=total.text, expected=f"{money(added.value)}万元", difference=money(gap)
    )
