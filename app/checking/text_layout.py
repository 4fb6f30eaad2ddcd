"""The frame of a report: required sections, contents against headings, numbering, statements of none."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from app.checking.finding import Finding, Related
from app.checking.rulebook import Context, CouldNotRun, NotApplicable, check
from app.checking.text_facts import where, wrong
from app.knowledge.text import norm
from app.report.claim import Section
from app.report.report import Report

# Section keys of the narrative, what they are called, and words that show it is there all the same.
_REQUIRED = (
    ("收支总体", "收入支出决算总体情况说明", r"收、支(?:决算)?总计|收入支出(?:决算)?总计|收入总计"),
    ("收入", "收入决算情况说明", r"(?:本年)?收入(?:决算)?合计"),
    ("支出", "支出决算情况说明", r"(?:本年)?支出(?:决算)?合计"),
    ("财拨总体", "财政拨款收入支出决算总体情况说明", r"财政拨款(?:收、支|收入支出|收支)(?:决算)?总计|财政拨款收入支出"),
    ("一般支出", "一般公共预算财政拨款支出决算情况说明", r"一般公共预算财政拨款支出"),
    ("基本支出", "一般公共预算财政拨款基本支出决算情况说明", r"基本支出.{0,12}其中"),
    ("基金", "政府性基金预算财政拨款收入支出决算情况说明", r"政府性基金预算财政拨款"),
    ("国资", "国有资本经营预算财政拨款支出决算情况说明", r"国有资本经营预算财政拨款"),
    ("三公", "财政拨款“三公”经费支出决算情况说明", r"三公\"?经费"),
    ("机关运行", "机关运行经费支出情况", r"机关运行经费"),
    ("采购", "政府采购支出情况", r"政府采购(?:支出|货物|总额|金额|预算)|无政府采购|没有政府采购"),
    ("资产", "国有资产占用情况", r"共有车辆|国有资产占[用有]"),
    ("绩效", "预算绩效情况说明", r"预算绩效|绩效(?:自评|评价|目标|管理)"),
)


def _narrative(report: Report) -> tuple[int, int]:
    """From the first to the last section of 情况说明; NotApplicable without one."""
    keys = {k for k, _, _ in _REQUIRED}
    inside = [s for s in report.prose.sections if s.key in keys and s.level in (1, 2)]
    if len({s.key for s in inside}) < 4:
        raise NotApplicable("没有决算情况说明")
    return inside[0].start, max(s.end for s in inside)


@check("required_sections")
def required_sections(context: Context) -> Iterator[Finding]:
    """Every section that the form asks for is there, by its title."""
    report = context.report
    start, end = _narrative(report)
    present = {s.key for s in report.prose.sections}
    first = next(s for s in report.prose.sections if s.start == start)
    for key, title, words in _REQUIRED:
        context.saw()
        if key in present or re.search(words, _without(report, start, end, _SPOKEN_OF.get(key, ()))):
            continue
        message = f"情况说明缺少“{title}”一节；没有这项收支的也应写明“无”"
        yield wrong(report, message, first.start, first.start + len(first.number + first.title), expected=title)


# Sections that speak of another one's subject in passing.
_SPOKEN_OF = {
    "基金": ("收支总体", "收入", "支出", "财拨总体", "三公"),
    "国资": ("收支总体", "收入", "支出", "财拨总体", "三公"),
    "采购": ("绩效", "机关运行"),
    "一般支出": ("收入", "财拨总体"),
}


def _without(report: Report, start: int, end: int, keys: tuple[str, ...]) -> str:
    """The narrative without the top sections of these keys."""
    text, at = [], start
    for section in report.prose.sections:
        if section.key in keys and section.level <= 1 and at <= section.start < end:
            text.append(report.prose.text[at : section.start])
            at = section.end
    return "".join((*text, report.prose.text[at:end]))


@check("contents")
def contents(context: Context) -> Iterator[Finding]:
    """Each entry of the 目录 is a heading of the body."""
    report = context.report
    entries = [e for e in report.prose.contents if e.level <= 1 and len(title_of(e)) >= 3]
    if len(entries) < 4:
        raise NotApplicable("没有目录")
    body = [title_of(s) for s in report.prose.sections if s.level <= 1]
    tables = {norm(t.title.value) for t in report.tables.values()}
    for entry in entries:
        title = title_of(entry)
        context.saw()
        if any(same_title(title, b) for b in body) or any(t and t in title for t in tables) or "表" in title:
            continue
        number_only = next(
            (
                s
                for s in report.prose.sections
                if s.level == entry.level and s.number == entry.number and s.key == entry.key
            ),
            None,
        )
        if number_only is None and entry.level == 1:
            message = f"{report.prose.place(entry.start)}：目录列有“{entry.number}{entry.title}”，正文没有这个标题"
            yield wrong(report, message, entry.start, entry.start + len(entry.number + entry.title), found=entry.title)


def title_of(section: Section) -> str:
    """The words of a heading as compared: no year, no page number, no 情况说明."""
    bare = re.sub(r"\(表\d\)|[.·…\d]+$|20\d\d年度?|的", "", norm(section.title))
    return re.sub(r"(?:情况)?说明$|情况$", "", bare)


def same_title(a: str, b: str) -> bool:
    """Whether two headings are the same, one perhaps shorter."""
    return a == b or (min(len(a), len(b)) >= 4 and (a in b or b in a))


_DIGITS = "零一二三四五六七八九"


def ordinal(text: str) -> int:
    """``十三`` -> 13; 0 when it is none."""
    bare = re.sub(r"[^一二三四五六七八九十]", "", text)
    if not bare:
        return 0
    tens, ten, ones = bare.partition("十")
    if not ten:
        return _DIGITS.index(bare) if len(bare) == 1 else 0
    return (_DIGITS.index(tens) if tens else 1) * 10 + (_DIGITS.index(ones) if len(ones) == 1 else 0)


@check("numbering")
def numbering(context: Context) -> Iterator[Finding]:
    """The sections of the narrative are numbered without gap or repetition."""
    report = context.report
    start, end = _narrative(report)
    run = [
        s
        for s in report.prose.sections
        if s.level == 1 and start <= s.start < end and s.key in {k for k, _, _ in _REQUIRED} | {"其他事项"}
    ]
    for before, section in pairwise(run):
        context.saw()
        a, b = ordinal(before.number), ordinal(section.number)
        if before.parent is section.parent and a and b and b not in (a + 1, 1) and b - a in (0, 2):
            what = "重复" if a == b else f"之间缺少第{a + 1}项"
            message = f"{where(report, section.start)}：标题编号“{before.number}”之后是“{section.number}”，编号{what}"
            stop = section.start + len(section.number + section.title)
            yield wrong(report, message, section.start, stop, severity="info", found=section.number)


_NONE = re.compile(
    r"(?:没有|无|未(?:发生|安排|使用))[^。；\n]{0,40}(?:政府性基金|国有资本经营|[\"']?三公[\"']?经费)|(?:政府性基金|国有资本经营)[^。；\n]{0,24}(?:没有|无)(?:收入|支出|收支)"
)
_NO_PUBLIC = re.compile(
    r"(?:没有|无|未发生)(?:一般公共预算|财政拨款|安排的?)*\"?三公\"?经费(?:财政拨款)?(?:的?支出|收支)?(?=[,，。；\n]|$)"
)
_KINDS = (("基金", "基金表"), ("国资", "国资表"), ("三公", "三公表"))


@check("none_in_text")
def none_in_text(context: Context) -> Iterator[Finding]:
    """“没有…收入支出” in the text while its table holds amounts."""
    report = context.report
    if not report.tables:
        raise CouldNotRun("没有可以识别的公开表")
    for key, table_key in _KINDS:
        table = report.tables.get(table_key)
        section = next((s for s in report.prose.sections if s.key == key and s.level <= 1), None)
        if table is None or section is None:
            continue
        context.saw()
        hit = (_NO_PUBLIC if key == "三公" else _NONE).search(report.prose.text, section.start, section.end)
        blocks = [b for name, b in table.blocks.items() if name != "三公预算"]  # none was spent; a budget may stand
        filled = [e for b in blocks for r in b.rows for e in r.entries.values() if e.amount and e.amount.value]
        if hit is None or not filled or report.prose.text.startswith("安排的", hit.end()):
            continue
        entry = filled[0]
        title = table.title.value or table.key
        message = f"{where(report, hit.start())}：写“{hit.group()}”，《{title}》却有数字（{entry.place} {entry.text}）"
        yield wrong(
            report, message, hit.start(), hit.end(), found=hit.group(), related=(Related(entry.place, entry.text),)
        )
