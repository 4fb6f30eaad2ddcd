"""Years in headings, documents dated after the report year, next steps that name the year gone by."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import zip_longest

from app.checking.finding import Finding
from app.checking.rulebook import Context, CouldNotRun, NotApplicable, check
from app.checking.text_facts import around, where, wrong
from app.recognising.prose import compared
from app.report.claim import Section
from app.report.report import Report

# What a heading says of the report year itself; a project's own heading may name its own year.
_OF_YEAR = re.compile(
    r"(?<![-至\d])(?P<year>20\d\d)年度?(?=[^,。\n]{0,30}?(?:(?:部门|单位)?决算|整体(?:支出)?绩效|(?:年度)?重点工作|(?:部门|单位)整体|概况))"
)
_OF_PROJECT = re.compile(r"(?<![-至\d(])(?P<year>20\d\d)年度(?=[^,。\n]{0,40}?(?:绩效自评|绩效评价|自评表|自评结果))")


@check("heading_year")
def heading_year(context: Context) -> Iterator[Finding]:
    """Headings, contents and cover name the report year."""
    report = context.report
    if report.year is None:
        raise CouldNotRun("没有认出年度")
    sections = [*report.prose.contents, *report.prose.sections]
    for section, following in zip_longest(sections, sections[1:]):
        if section.level > 2:
            continue
        stop = _title_end(report, section, following)
        for pattern, severity in ((_OF_YEAR, ""), (_OF_PROJECT, "warning")):
            hit = pattern.search(report.prose.text, section.start, stop)
            if hit is None:
                continue
            context.saw()
            if int(hit["year"]) != report.year and not _plan(section):
                message = f"{where(report, section.start)}：标题的年度写作 {hit['year']}，应为 {report.year}"
                yield wrong(
                    report,
                    message,
                    section.start,
                    min(stop, hit.end() + 24),
                    severity=severity,
                    found=hit["year"],
                    expected=str(report.year),
                )
            break
    yield from _cover(context)


def _title_end(report: Report, section: Section, following: Section | None) -> int:
    """A heading ends with its line; that of a part may run over to the next one of the source."""
    if section.level == 0:
        return min(section.start + 60, following.start if following is not None else len(report.prose.text))
    end = section.start + len(section.number + section.title)
    line = report.prose.text.find("\n", section.start)
    return min(end, line if line > 0 else end)


def _plan(section: Section) -> bool:
    """``2023年重点工作安排`` in a report on 2022 is a plan."""
    return bool(re.search(r"计划|安排|打算|展望|预算|结转|上年|下年", section.title))


_COVER = re.compile(r"(?P<year>20\d\d)年度?(?=(?:部门|单位)?决算)")


def _cover(context: Context) -> Iterator[Finding]:
    """The title before the first section."""
    report = context.report
    sections = [*report.prose.contents, *report.prose.sections]
    first = min((s.start for s in sections), default=0)
    for hit in _COVER.finditer(report.prose.text, 0, min(first, 400)):
        context.saw()
        if int(hit["year"]) != report.year:
            low, high = around(report.prose, *hit.span(), before=20, after=6)
            message = f"{where(report, hit.start())}：封面（标题）的年度写作 {hit['year']}，应为 {report.year}"
            yield wrong(report, message, low, high, found=hit["year"], expected=str(report.year))


_NUMBERED = re.compile(r"[\u4e00-\u9fff]{1,10}(?P<number>[\[(【](?P<year>20\d\d)[\])】](?:第)?\d{1,4}号)")


@check("later_document")
def later_document(context: Context) -> Iterator[Finding]:
    """A document number of a later year as the ground for what was done in the report year."""
    report = context.report
    if report.year is None:
        raise CouldNotRun("没有认出年度")
    tabled = _tabled(report)
    hits = [h for h in _NUMBERED.finditer(report.prose.text) if h["number"] not in tabled]
    if not hits:
        raise NotApplicable("没有文号")
    context.saw(len(hits))
    text = report.prose.text
    for hit in hits:
        sentence = text[max(text.rfind(c, 0, hit.start()) for c in "。\n") + 1 : hit.end() + 30].split("。")[0]
        if int(hit["year"]) <= report.year or re.search(r"决算|公开|批复|绩效(?:自评|评价)|自评|编制", sentence):
            continue
        low, high = around(report.prose, *hit.span())
        message = f"{where(report, hit.start())}：文号“{hit.group()}”晚于报告年度 {report.year} 年，请核对"
        yield wrong(report, message, low, high, found=hit["year"], expected=f"不晚于 {report.year}")


def _tabled(report: Report) -> set[str]:
    """The numbers that stand in performance tables: T720 tells of those."""
    rows = (compared(row.text)[0] for table in report.performance for row in table.texts)
    return {hit["number"] for row in rows for hit in _NUMBERED.finditer(row)}


_STEPS = re.compile(
    r"下一步(?:工作)?(?:拟)?(?:改进)?(?:措施|计划|打算|安排|工作)|今后(?:工作)?|改进措施|结果应用|下年度?(?:工作|预算)"
)
_AHEAD = re.compile(
    r"(?P<year>20\d\d)年度?(?:的)?(?:部门|单位|项目|财政|预算)*(?:预算(?:编制|安排|申报|执行(?!情况|结果|率|进度偏))|(?:预算|工作)(?:时|中)|工作(?:计划|安排)|将|我们将|拟|计划|继续|要(?=进一步|继续|加强|在))"
)


@check("next_steps_year")
def next_steps_year(context: Context) -> Iterator[Finding]:
    """Next steps speak of the year to come, not of the report year."""
    report = context.report
    if report.year is None:
        raise CouldNotRun("没有认出年度")
    text = report.prose.text
    steps = [hit.start() for hit in _STEPS.finditer(text) if report.prose.key(hit.start()) in ("绩效", "附件", "")]
    if not steps:
        raise NotApplicable("没有下一步措施")
    for start, following in zip(steps, [*steps[1:], len(text)], strict=True):
        context.saw()
        stop = min(following, start + 400, _paragraph_end(text, start))
        for hit in _AHEAD.finditer(text, start, stop):
            if int(hit["year"]) == report.year:
                low, high = around(report.prose, *hit.span(), before=14, after=14)
                message = f"{where(report, hit.start())}：下一步措施写的是 {hit['year']} 年，报告年度已过去，应为 {report.year + 1} 年"
                yield wrong(report, message, low, high, found=hit["year"], expected=str(report.year + 1))


def _paragraph_end(text: str, start: int) -> int:
    """The steps may begin on the line after their heading."""
    line = text.find("\n", start)
    if 0 <= line - start < 20:
        line = text.find("\n", line + 1)
    return line if line >= 0 else len(text)
