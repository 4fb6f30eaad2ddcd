"""政府采购, 国有资产, 机关运行经费 and 人员 of the narrative."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from app.checking.binding import Book
from app.checking.finding import Finding, Related
from app.checking.percent import Quantity, equal, plus
from app.checking.rulebook import Context, CouldNotRun, NotApplicable, check
from app.checking.text_facts import also, amounts, counts, money, near, part, span, subject, wan, where, wrong
from app.report.claim import Claim, Figure
from app.report.report import Report

_KINDS = (("货物", re.compile(r"货物")), ("工程", re.compile(r"工程")), ("服务", re.compile(r"服务")))
_TOTAL = re.compile(r"政府采购(?:支出)?(?:总额|金额|支出|总金额|合计)?(?:\(.*\))?$|采购总额$")
_KIND_TOTAL = re.compile(r"(?:货物|工程|服务)类?(?:政府)?采购(?:支出)?(?:总额|金额|总金额|合计)?$")
_SMALL = re.compile(r"小微|小型微型|小、微")
_MEDIUM = re.compile(r"中小企业")


def purchases(report: Report) -> dict[str, Figure]:
    """总额, 货物, 工程, 服务, 中小, 小微 as far as the section gives them."""
    found: dict[str, Figure] = {}
    for claim in amounts(report, "采购") or _other(report):
        figure, name = claim.amount, subject(claim.subject)
        assert figure is not None
        if "预留" in name or "预算" in name:
            continue
        if _SMALL.search(name) and "授予" in name:
            found.setdefault("小微", figure)
        elif _MEDIUM.search(name) and "授予" in name:
            found.setdefault("中小", figure)
        elif _TOTAL.search(name) and not _KIND_TOTAL.search(name):  # 人才服务中心政府采购支出总额 is no 服务
            found.setdefault("总额", figure)
        elif kind := next((k for k, p in _KINDS if p.search(name) and len(name) <= 16), ""):
            found.setdefault(kind, figure)
    return found


def _other(report: Report) -> list[Claim]:
    """Shanghai puts 政府采购 under 其他重要事项."""
    bounds = part(report, "采购")
    inside = (c for c in report.claims if c.relation == "amount" and c.amount is not None)
    return [c for c in inside if bounds and bounds[0] <= c.start < bounds[1]]


@check("purchase_parts")
def purchase_parts(context: Context) -> Iterator[Finding]:
    """总额 = 货物 + 工程 + 服务."""
    report = context.report
    found = purchases(report)
    total, parts = found.get("总额"), [found.get(k) for k, _ in _KINDS]
    known = [p for p in parts if p is not None]
    if total is None or len(known) < 3:
        raise NotApplicable("没有列出政府采购的货物、工程、服务三项")
    context.saw()
    added = plus(*(wan(p) for p in known))
    verdict = equal(wan(total), added)
    if verdict == "equal":
        return
    start, end = span(total)
    listed = " + ".join(money(wan(p).value) for p in known)
    message = (
        f"{where(report, start)}：政府采购总额 {total.text}，货物、工程、服务相加 {listed} = {money(added.value)} 万元"
    )
    yield wrong(
        report, message, start, end,
        severity="info" if verdict == "rounding" else "", kind="尾差" if verdict == "rounding" else "",
        found=total.text, expected=f"{money(added.value)}万元", calculation=f"{listed} = {money(added.value)}", related=also(report, *known),
    )  # fmt: skip


@check("purchase_limits")
def purchase_limits(context: Context) -> Iterator[Finding]:
    """小微 ≤ 中小 ≤ 总额."""
    report = context.report
    found = purchases(report)
    if "中小" not in found:
        raise NotApplicable("没有授予中小企业合同金额")
    for small, large, name in (("中小", "总额", "政府采购支出总额"), ("小微", "中小", "授予中小企业合同金额")):
        less, more = found.get(small), found.get(large)
        if less is None or more is None:
            continue
        context.saw()
        if wan(less).value > wan(more).value + wan(less).half + wan(more).half:
            claim = next((c for c in report.claims if c.relation == "share" and c.amount is less), None)
            start, end = near(claim, less) if claim is not None else span(less)
            message = (
                f"{where(report, start)}：授予{small}企业合同金额 {less.text} 大于{name} {more.text}，部分不能大于全体"
            )
            yield wrong(
                report, message, start, end, found=less.text, expected=f"不大于 {more.text}", related=also(report, more)
            )


@check("share_over_hundred")
def share_over_hundred(context: Context) -> Iterator[Finding]:
    """No share of a whole exceeds 100 %."""
    report = context.report
    for claim in report.claims:
        percent = claim.percent
        if claim.relation != "share" or percent is None:
            continue
        context.saw()
        if percent.value > 100 and not re.search(r"预算|上年|去年|目标", claim.denominator):
            start, end = span(percent)
            message = f"{where(report, start)}：占比 {percent.text} 超过 100%，部分不能大于全体"
            yield wrong(report, message, start, end, found=percent.text, expected="不大于 100%")


@check("purchase_shares")
def purchase_shares(context: Context) -> Iterator[Finding]:
    """Σ 货物、工程、服务 × the share of each given to SMEs = 授予中小企业合同金额."""
    report = context.report
    found = purchases(report)
    shares: dict[str, Figure] = {}
    for claim in report.claims:
        if (
            claim.relation == "share"
            and claim.section in ("采购", "其他事项")
            and claim.percent is not None
            and _MEDIUM.search(claim.percent.left)
        ):
            for kind, pattern in _KINDS:
                if pattern.search(claim.denominator):
                    shares[kind] = claim.percent
    medium = found.get("中小")
    for kind in (k for k, _ in _KINDS if k in found and not found[k].value and k in shares and shares[k].value):
        context.saw()
        start, end = span(shares[kind])
        message = f"{where(report, start)}：{kind}采购为 0，授予中小企业的占比却写 {shares[kind].text}，应为 0%"
        yield wrong(report, message, start, end, severity="warning", found=shares[kind].text, expected="0%")
    spent = [k for k, _ in _KINDS if k in found and found[k].value]
    if medium is None or not spent or any(k not in shares for k in spent):
        raise NotApplicable("没有列出货物、工程、服务各自授予中小企业的占比")
    if any(shares[k].value > 100 for k in spent):
        return
    context.saw()
    value = sum((wan(found[k]).value * shares[k].value / 100 for k in spent), Decimal(0))
    room = sum((wan(found[k]).value * shares[k].half / 100 + wan(found[k]).half for k in spent), Decimal(0))
    if equal(wan(medium), Quantity(value, room)) != "no":
        return
    last = shares[spent[-1]]
    start, end = span(last)
    sums = " + ".join(f"{money(wan(found[k]).value)}×{shares[k].text}" for k in spent)
    message = f"{where(report, start)}：按各占比计算授予中小企业 {sums} = {money(value)} 万元，与所写 {medium.text} 不符，占比有误"
    yield wrong(
        report, message, start, end, found=last.text, expected=f"各占比合计应为 {medium.text}",
        calculation=f"{sums} = {money(value)}", related=also(report, medium, *(shares[k] for k in spent)),
    )  # fmt: skip


@check("vehicles")
def vehicles(context: Context) -> Iterator[Finding]:
    """共有车辆 = Σ kinds of vehicles; 公务用车保有量 ≤ 车辆."""
    report = context.report
    bounds = part(report, "资产")
    found = [c for c in counts(report.prose, *bounds) if c.unit == "辆"] if bounds else []
    total = next((c for c in found if re.search(r"共有车辆|车辆(?:共|共计|合计|总数)?$", c.left)), None)
    if total is None:
        raise NotApplicable("没有车辆总数")
    kinds = [c for c in found if c.start > total.start and re.search(r"用车|保障|车$", c.left)]
    if len(kinds) >= 3:
        context.saw()
        added = sum(c.value for c in kinds)
        if added != total.value:
            message = f"{where(report, total.start)}：共有车辆 {total.value} 辆，所列各种车辆相加 {added} 辆"
            start = total.start - len(total.left)
            yield wrong(report, message, start, total.end, found=f"{total.value}辆", expected=f"{added}辆")
    public = part(report, "三公")
    kept = (
        next((c for c in counts(report.prose, *public) if c.unit == "辆" and "保有量" in c.left), None)
        if public
        else None
    )
    if kept is not None:
        context.saw()
        if kept.value > total.value:
            message = f"{where(report, kept.start)}：公务用车保有量 {kept.value} 辆，大于车辆总数 {total.value} 辆"
            quote = report.prose.quote(total.start - len(total.left), total.end)
            related = (Related(report.prose.place(total.start), quote),)
            yield wrong(
                report,
                message,
                kept.start - len(kept.left),
                kept.end,
                severity="warning",
                found=f"{kept.value}辆",
                expected=f"不大于 {total.value}辆",
                related=related,
            )


@check("running_costs")
def running_costs(context: Context) -> Iterator[Finding]:
    """机关运行经费 ≤ 公用经费合计 (equal where every unit is 行政 or 参公)."""
    report = context.report
    book = Book.of(report)
    claims = [c for c in amounts(report, "机关运行") if "机关运行经费" in c.subject]
    figure = claims[0].amount if claims else None
    if figure is None:
        raise NotApplicable("没有机关运行经费的金额")
    spot = book.spot("基本支出表", "公用经费合计", "决算数") if "基本支出表" in book.blocks else None
    if spot is None or spot.entry.amount is None:
        raise CouldNotRun("没有基本支出决算表的公用经费合计")
    context.saw()
    room = wan(figure).half + spot.half * max(1, spot.weight)
    if wan(figure).value > spot.value + room:
        start, end = span(figure)
        message = f"{where(report, start)}：机关运行经费 {figure.text}，大于公用经费合计 {spot.entry.text}（{spot.entry.place}）"
        yield wrong(
            report,
            message,
            start,
            end,
            severity="warning",
            found=figure.text,
            expected=f"不大于 {spot.entry.text}",
            related=(Related(spot.entry.place, spot.entry.text),),
        )


_STAFF = (
    (re.compile(r"在职(?:实有)?(?:人[数员])?"), (re.compile(r"行政"), re.compile(r"事业"))),
    (re.compile(r"离退休(?:人员)?"), (re.compile(r"离休"), re.compile(r"(?<!离)退休"))),
)


@check("staff")
def staff(context: Context) -> Iterator[Finding]:
    """在职 = 行政 + 事业, 离退休 = 离休 + 退休."""
    report = context.report
    bounds = part(report, "机构")
    found = [c for c in counts(report.prose, *bounds) if c.unit == "人"] if bounds else []
    for whole, parts in _STAFF:
        for position, total in enumerate(found):
            if not whole.search(total.left):
                continue
            after = found[position + 1 : position + 4]
            known = [next((c for c in after if p.search(c.left) and "参照" not in c.left), None) for p in parts]
            if any(k is None for k in known):
                continue
            context.saw()
            added = sum(k.value for k in known if k is not None)
            if added != total.value:
                start = total.start - len(total.left)
                listed = " + ".join(str(k.value) for k in known if k is not None)
                message = f"{where(report, start)}：{total.left}{total.value}人，其中各项相加 {listed} = {added}人"
                yield wrong(report, message, start, total.end, found=f"{total.value}人", expected=f"{added}人")
            break
    if not context.evaluated:
        raise NotApplicable("没有人员构成的数字")
