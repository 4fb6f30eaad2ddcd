"""Counts that a report states of something (``企业服务资讯 256 条``), wherever they stand."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from app.recognising.prose import compared
from app.report.report import Report
from app.source import Place

_UNITS = "人次|批次|条|个|次|篇|份|户|家|件|场|册|栋|名|期|笔|处|起|本"
_COUNT = re.compile(
    rf"(?P<noun>[\u4e00-\u9fff\"]{{2,24}}?)(?:共计|累计|合计|总计|共|达到|达|为|约|近|超过|超|有)*(?P<number>\d{{1,7}})(?P<more>余|多)?(?P<unit>{_UNITS})(?P<after>以上|左右|以内)?"
)
_SPAN = re.compile(
    r"(?P<about>近|约)?(?P<number>\d{1,3}|[一二三四五六七八九十两半]{1,2})(?P<unit>年|个月)的(?P<noun>[\u4e00-\u9fff]{4})"
)
# What comes before the thing counted: the fact is about what follows the last of these.
_VERB = re.compile(
    r"发布|推送|收集|受理|更新|开展|组织|举办|完成|发放|印发|印刷|接待|召开|参与|参加|提供|解决|办理|办结|处理|回复|走访|服务了|整改|录入|制定|"
    r"新增|累计|共|全年|其中|以及|及|和|与|了|对|向|为|到|在|年|月"
)
_BOUND = re.compile(r"(?:近|约|超|超过|不少于|不低于|至少|达到或超过|逾|每|每月|每年|平均|其中|新增|第)$")
_SAME_UNIT = {"个": "条", "件": "条", "笔": "条"}


@dataclass(frozen=True, slots=True)
class Fact:
    """``noun`` as compared (what is counted), ``verb`` what was done with it, the value, where.

    ``offset`` is its place in reading order (prose offset, or beyond it for table cells);
    ``quote`` the exact text, ``context`` a little more.
    """

    noun: str
    verb: str
    value: str
    unit: str
    offset: int
    place: Place
    quote: str
    context: str


# From the offsets of a passage to its place, its exact text, and a little more of it.
Where = Callable[[int, int], tuple[Place, str, str]]


def read_facts(report: Report) -> list[Fact]:
    """The exact counts of the narrative and of tables that are none of the nine."""
    prose = report.prose
    found = _facts(prose.text, 0, lambda a, b: (prose.place(a), prose.quote(a, b), prose.context(a, b)))
    nine = {id(g) for t in report.tables.values() for g in t.grids}
    offset = len(prose.text) + 1
    for grid in report.source.grids:
        if id(grid) in nine or len(grid.rows) > 400:
            continue
        for cell in grid.cells():
            if not isinstance(cell.value, str) or len(cell.value) < 8:
                continue
            text, where = _in_cell(cell.value, grid.place(cell.row, cell.column))
            found += _facts(text, offset, where)
            offset += len(text) + 1
    return found


def _in_cell(raw: str, place: Place) -> tuple[str, Where]:
    text, places = compared(raw)
    return text, lambda a, b: (place, raw[places[a] : places[b - 1] + 1], raw[:80])


def _facts(text: str, offset: int, where: Where) -> list[Fact]:
    found = []
    for pattern in (_COUNT, _SPAN):
        for hit in pattern.finditer(text):
            fact = _fact(hit, pattern is _SPAN, offset, where)
            if fact is not None:
                found.append(fact)
    return found


def _fact(hit: re.Match[str], span: bool, offset: int, where: Where) -> Fact | None:
    noun, verb, start = hit["noun"], "", hit.start()
    if span:
        value, unit = hit["number"] + hit["unit"], "时长"
    else:
        if hit["more"] or hit["after"] or _BOUND.search(hit.string[hit.start() : hit.start("number")]):
            return None
        verbs = list(_VERB.finditer(noun))
        if verbs:
            verb = verbs[-1].group()
            start += verbs[-1].start()
            noun = noun[verbs[-1].end() :]
        value, unit = hit["number"], _SAME_UNIT.get(hit["unit"], hit["unit"])
    noun = noun.strip('"')
    if len(noun) < 4:
        return None
    place, quote, context = where(start, hit.end())
    return Fact(noun, verb, value, unit, offset + hit.start(), place, quote, context)
