"""Numbers that were never filled in, amounts without unit, a sentence on the wrong fund, empty sections."""

from __future__ import annotations

import re
from collections.abc import Iterator

from app.checking.finding import Finding
from app.checking.rulebook import Context, NotApplicable, check
from app.checking.text_facts import around, where, wrong
from app.report.claim import Section
from app.report.report import Report

_SECTIONS = (
    "收支总体",
    "收入",
    "支出",
    "财拨总体",
    "一般支出",
    "基本支出",
    "三公",
    "基金",
    "国资",
    "机关运行",
    "采购",
    "资产",
    "其他事项",
    "绩效",
)

_BLANK = (
    re.compile(r"(?:总计|合计|总额|金额|预算|决算|收入|支出|资金|执行)数?(?:均)?为(?=万元)|(?:增加|减少)了?(?=万元)"),
    re.compile(r"(?:增长|下降|降低|上升|占|[算入出额]的)(?=%)|团组(?=个)|累计(?=人次)"),
    re.compile(
        r"(?:领导干部|机要通信|应急保障|执法执勤|专业技术|离退休干部|其他)用车(?=辆[,、;；。])|共有车辆(?=辆)|共涉及项目(?=个)"
    ),
    re.compile(r"(?:截[至止])(?=年\d{0,2}月\d{0,2}日)|(?<![\d\u4e00-\u9fff])(?=年月日)"),
)


@check("blank_number")
def blank_number(context: Context) -> Iterator[Finding]:
    """``支出决算为 万元``, ``下降 %``, ``共有车辆 辆``: the number was not filled in."""
    report = context.report
    context.saw()
    for pattern in _BLANK:
        for hit in pattern.finditer(report.prose.text):
            if report.prose.key(hit.start()) not in _SECTIONS:
                continue
            low, high = around(report.prose, hit.start(), hit.end(), before=12, after=10)
            message = f"{where(report, hit.start())}：“{report.prose.text[hit.start() : hit.end() + 2]}”中间没有填数字"
            yield wrong(report, message, low, high, found="没有填数", expected="数字")


_NO_UNIT = re.compile(
    r"(?:(?:预算|决算|执行)(?:数)?为|(?:收入|支出|总计|合计)(?:均为|为)?|增加|减少)(?P<number>\d[\d,]*\.\d{1,2})(?=[,，。；、](?!\d))"
)


@check("no_unit")
def no_unit(context: Context) -> Iterator[Finding]:
    """``支出决算为 12.34，``: no unit behind the amount."""
    report = context.report
    context.saw()
    for hit in _NO_UNIT.finditer(report.prose.text):
        if report.prose.key(hit.start()) not in _SECTIONS or "." not in hit["number"]:
            continue
        text = report.prose.text
        low, high = around(report.prose, hit.start(), hit.end(), before=12, after=10)
        sentence = text[max(text.rfind(c, 0, hit.start()) for c in "。\n") + 1 : hit.end() + 60]
        if "万元" not in sentence:
            continue
        message = f"{where(report, hit.start())}：“{hit.group()}”后面没有单位，应为“{hit['number']}万元”"
        yield wrong(report, message, low, high, found=hit["number"], expected=f"{hit['number']}万元")


_FUND = {"基金": "政府性基金", "国资": "国有资本经营"}


@check("wrong_fund")
def wrong_fund(context: Context) -> Iterator[Finding]:
    """The section on 政府性基金 speaks of 国有资本经营 alone, or the other way round; 收入 of 支出."""
    report = context.report
    for section in report.prose.sections:
        if section.key not in _FUND or section.level > 2:
            continue
        body = report.prose.text[section.start + len(section.number + section.title) : section.end]
        other = next(words for key, words in _FUND.items() if key != section.key)
        context.saw()
        if _FUND[section.key] in body or other not in body:
            continue
        start = section.start + len(section.number + section.title) + body.index(other)
        message = f"{where(report, start)}：这一节应写{_FUND[section.key]}预算，写的却是{other}预算，疑从另一节抄来"
        low, high = around(report.prose, start, start + len(other), before=20, after=16)
        yield wrong(report, message, low, high, found=other, expected=_FUND[section.key])
    if not context.evaluated:
        raise NotApplicable("没有政府性基金、国有资本经营两节")


@check("empty_section")
def empty_section(context: Context) -> Iterator[Finding]:
    """A heading of the narrative with nothing beneath it."""
    report = context.report
    sections = report.prose.sections
    parents = {id(s.parent) for s in sections if s.parent is not None}
    told = [s for s in sections if s.level in (1, 2) and s.key in _SECTIONS and _in_story(s)]
    if len(told) < 4:
        raise NotApplicable("没有决算情况说明")
    for section in told:
        context.saw()
        if id(section) in parents or section.end >= len(report.prose.text):
            continue
        start = section.start + len(section.number + section.title)
        body = report.prose.text[start : section.end]
        if len(re.sub(r"[^\u4e00-\u9fff\d]", "", body)) > 3 or re.search(r"无|没有|表", body + section.title):
            continue
        message = (
            f"{where(report, section.start)}：“{section.number}{section.title}”只有标题，没有内容；没有的也应写明“无”"
        )
        yield wrong(report, message, section.start, start, found="没有内容")


def _in_story(section: Section) -> bool:
    top = section
    while top.parent is not None:
        top = top.parent
    return top.key not in ("名词解释", "附件", "决算表", "概况") and not re.search(r"目录|决算表$", top.title)


_NONE = re.compile(
    r"(?:本(?:部门|单位))?(?:20\d\d年度?)?(?:本(?:部门|单位))?(?:没有|无|未发生|未安排|未使用)(?:[^,，。；\n]{0,12})"
    r"(?P<what>政府性基金预算财政拨款|国有资本经营预算财政拨款|机关运行经费|政府采购|\"三公\"经费)(?P<how>[^,，。；\n]{0,12})"
)
_AMOUNT = re.compile(r"(?:收入|支出|总额|经费|决算|金额|为)(?P<amount>\d[\d,]*(?:\.\d+)?)万元")
_OF_KEY = {"政府性": "基金", "国有资": "国资", "机关运": "机关运行", "政府采": "采购", '"三公': "三公"}


@check("none_and_amount")
def none_and_amount(context: Context) -> Iterator[Finding]:
    """无机关运行经费支出 and, in the same section, an amount of it."""
    report = context.report
    for section in _of_keys(report, set(_OF_KEY.values())):
        context.saw()
        for none in _NONE.finditer(report.prose.text, section.start, section.end):
            if _OF_KEY[none["what"][:3]] != section.key or re.search(r"^(?:年初|预算安排|预算的)", none["how"]):
                continue
            if section.key == "三公" and "支出" not in none["how"]:
                continue
            for hit in _AMOUNT.finditer(report.prose.text, section.start, section.end):
                if float(hit["amount"].replace(",", "")) == 0 or _of_last_year(report, hit.start()):
                    continue
                message = f"{where(report, none.start())}：写“{none.group()}”，同一节又写“{hit.group()}”，前后矛盾"
                yield wrong(
                    report,
                    message,
                    none.start(),
                    none.end(),
                    found=none.group(),
                    context=report.prose.context(hit.start(), hit.end()),
                )
                break
    if not context.evaluated:
        raise NotApplicable("没有政府性基金、国有资本、机关运行、政府采购各节")


def _of_keys(report: Report, keys: set[str]) -> list[Section]:
    return [
        s
        for s in report.prose.sections
        if s.key in keys and s.level in (1, 2) and (s.parent is None or s.parent.key != s.key) and _in_story(s)
    ]


def _of_last_year(report: Report, at: int) -> bool:
    """The amount is a change, a budget or last year's."""
    text = report.prose.text
    clause = text[max(text.rfind(c, 0, at) for c in ",，。；\n") + 1 : at]
    return bool(re.search(r"上年|预算|减少|增加|比|较", clause)) or (
        report.year is not None and str(report.year - 1) in clause
    )
