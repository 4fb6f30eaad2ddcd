"""What the template left behind, and amounts that lost their unit or their percent sign."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from app.checking.finding import Finding, Related
from app.checking.rulebook import Context, check
from app.checking.text_facts import around, span, where, wrong
from app.report.claim import Claim, Figure


@check("residue")
def residue(context: Context) -> Iterator[Finding]:
    """Patterns of the rule entry (``patterns``: severity, regular expression, what to do)."""
    report = context.report
    text = report.prose.text
    taken: list[tuple[int, int]] = []
    for entry in _options(context):
        pattern = re.compile(entry["find"])
        context.saw()
        for hit in pattern.finditer(text):
            start, end = hit.span("at") if "at" in pattern.groupindex and hit["at"] else hit.span()
            if any(a < end and start < b for a, b in taken):
                continue
            taken.append((start, end))
            said = text[start:end]
            low, high = around(report.prose, start, end)
            message = f"{where(report, start)}：“{said}”是模板留下的文字，{entry['do']}"
            yield wrong(
                report,
                message,
                low,
                high,
                severity=entry.get("severity", ""),
                found=said,
                expected=entry.get("expected", ""),
            )


def _options(context: Context) -> list[dict[str, Any]]:
    return next((list(v) for k, v in context.rule.options if k == "patterns"), [])


_BARE_RATE = re.compile(
    r"(?:增长|下降|降低|上升|提高|增幅|降幅|占比?|完成率为?|执行率为?|(?:占|完成)[^,，。；\n\d]{2,24}的)(?P<number>\d+(?:\.\d+)?)(?=[。,，；、\n])"
)


@check("bare_rate")
def bare_rate(context: Context) -> Iterator[Finding]:
    """``增长13.95。``: the percent sign is missing."""
    report = context.report
    text = report.prose.text
    for hit in _BARE_RATE.finditer(text):
        context.saw()
        sentence = text[max(text.rfind("。", 0, hit.start()), text.rfind("\n", 0, hit.start())) + 1 : hit.start()]
        if "." not in hit["number"] and "万元" not in sentence:
            continue
        message = f"{where(report, hit.start())}：“{hit.group()}”缺少单位，应为“{hit.group()}%”"
        yield wrong(
            report,
            message,
            hit.start(),
            min(hit.end() + 5, len(text)),
            found=hit["number"],
            expected=f"{hit['number']}%",
        )
    if not context.evaluated:
        context.saw()


@check("yuan_for_wan")
def yuan_for_wan(context: Context) -> Iterator[Finding]:
    """``执行数为148.84元`` where the sentence counts in 万元."""
    report = context.report
    money: list[Figure] = []
    for claim in report.claims:
        for figure in (claim.amount, claim.change):
            if figure is not None and (not money or money[-1] is not figure):
                money.append(figure)
    for position, figure in enumerate(money):
        if figure.unit != "元" or not figure.value:
            continue
        context.saw()
        near = [
            f
            for f in money[max(0, position - 3) : position + 3]
            if f.unit == "万元" and _same_sentence(report.prose.text, f, figure)
        ]
        if any(f.value and figure.value / 2 <= f.value <= figure.value * 2 for f in near) or _told_in_wan(
            report.claims, figure, bool(near)
        ):
            start, end = span(figure)
            message = f"{where(report, start)}：{figure.text}，同句其他数的单位是万元，应为“{figure.text[:-1]}万元”"
            tail = report.prose.text[end : end + 12].split("。")[0].split("\n")[0]
            yield wrong(report, message, start, end + len(tail), found=figure.text, expected=f"{figure.text[:-1]}万元")
    if not context.evaluated:
        context.saw()


_WHOLE = re.compile(r"资金|(?:支出|收入|预算|决算|结转和结余|总额|合计)(?:为)?$")
_EACH = re.compile(r"人均|平均|每|标准|单价|/")


def _told_in_wan(claims: list[Claim], figure: Figure, near: bool) -> bool:
    """``844.09元``: the very number stands elsewhere as 万元; or a change with decimals beside amounts in 万元."""
    if not figure.decimals or figure.bound:
        return False
    if near and figure.role == "change":
        return True
    told = Counter(c.amount.unit for c in claims if c.amount is not None and c.amount.decimals)
    if told["万元"] > 20 * told["元"] and _WHOLE.search(figure.left) and not _EACH.search(figure.left):
        return True  # a budget to the 分 in a report that counts in 万元
    same = (c.amount for c in claims if c.amount is not None and c.amount is not figure)
    return figure.value >= 1 and any(f.unit == "万元" and f.value == figure.value for f in same)


def _same_sentence(text: str, a: Figure, b: Figure) -> bool:
    low, high = min(a.end, b.end), max(a.start, b.start)
    if b.role == "change" and high - low < 60:
        return "\n" not in text[low:high]  # 支出决算为 0 万元。较上年减少 0.4 元
    return high - low < 80 and not re.search(r"[。\n]", text[low:high])


# 万 before a measure word (6.7万余市场主体) or in （含外宾 of the template is right.
_CUT = re.compile(r"(?P<amount>\d+(?:\.\d+)?万)(?=[,，。；、\n]|占|完成|执行)")
_MONEY_LEFT = re.compile(r"(?:预算|决算|执行|支出|收入|资金|经费|金额|投入)(?:数|量|为|总额)*:?$")


@check("cut_unit")
def cut_unit(context: Context) -> Iterator[Finding]:
    """``执行数 73.1 万，``: 元 is missing."""
    report = context.report
    text = report.prose.text
    found = []
    for hit in _CUT.finditer(text):
        left = text[max(0, hit.start() - 14) : hit.start()]
        if _MONEY_LEFT.search(left):
            found.append((hit.start() - len(re.split(r"[,，。；\n:]", left)[-1]), hit.end(), hit["amount"]))
    context.saw(len(found) or 1)
    if not found:
        return
    # The same habit through a whole report is one finding with all its places.
    low, high, amount = found[0]
    more = f"，全文共 {len(found)} 处" if len(found) > 1 else ""
    message = f"{where(report, low)}：“{amount}”缺少“元”，应为“{amount}元”{more}"
    related = tuple(Related(report.prose.place(a), report.prose.quote(a, b)) for a, b, _ in found[1:60])
    yield wrong(report, message, low, high, found=amount, expected=f"{amount}元", related=related)


_PRIVATE = (
    (re.compile(r"(?<!\d)[1-9]\d{5}(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:[0-2]\d|3[01])\d{3}[\dXx](?!\d)"), "身份证号码"),
    (re.compile(r"(?<![\d-])1[3-9]\d{9}(?!\d)"), "手机号码"),
    (re.compile(r"(?<!\d)62\d{14,17}(?!\d)"), "银行账号"),
)


@check("private_numbers")
def private_numbers(context: Context) -> Iterator[Finding]:
    """Identity cards, mobile phones and bank accounts do not belong into a published report."""
    text = context.report.prose.text
    context.saw()
    for pattern, name in _PRIVATE:
        for hit in pattern.finditer(text):
            message = f"{where(context.report, hit.start())}：有{name}，公开前请确认是否应当隐去"
            yield wrong(context.report, message, hit.start(), hit.end(), found=hit.group())
