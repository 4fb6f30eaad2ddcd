"""绩效自评表 of a report: where each begins and ends, its head, goals, indicators and foot.

They come as ruled tables (PDF, Word, markdown) and as lines of text in which cells run together
and words are broken. What cannot be told apart stays None; nothing is guessed.
"""

from __future__ import annotations

import re

from app.recognising.performance_goals import read_goals
from app.recognising.performance_head import read_foot, read_head
from app.recognising.performance_rows import Stretch, TableRow, table_rows
from app.report.performance import PerformanceTable
from app.source import Source

_FIRST = re.compile(r"^(?:项目名称|单位名称|部门\(?单位\)?名称|部门名称)")
_BUDGET = re.compile(r"^(?:年度)?(?:预算执行情|预算执行\(|项目资金\(|预算执行$)")
_RATE = re.compile(r"执行率")
_SENTENCE = re.compile(r"[。,;；]")
_MEASURES = re.compile(r"改进措施")
_STOP = re.compile(
    r"^(?:第.{1,3}部分|[一二三四五六七八九十]{1,3}、(?:20\d\d|.{0,20}(?:报告|自评))|\([一二三四五六七八九十]\)"
    r"|20\d\d年度.{2,40}(?:自评表|评价报告|自评报告).{0,8}$)"
)
_TITLE = re.compile(r"自评|绩效|^部门|^单位|得分")
_LOOK_BACK = 16
_TITLE_ROWS = 6
_LONGEST = 400  # rows of the longest table at hand: 130


def read_performance(source: Source) -> list[PerformanceTable]:
    """The 自评表 of a source in order; empty when there is none (or only pictures of them)."""
    rows = table_rows(source)
    spans = _spans(rows)
    tables = []
    for number, (start, stop) in enumerate(spans):
        before = spans[number - 1][1] if number else 0
        title = _titles(rows, start, before)
        tables.append(_table(Stretch(rows[title:start]), Stretch(rows[start:stop])))
    return tables


def _spans(rows: list[TableRow]) -> list[tuple[int, int]]:
    """First row and the row after the last of every table."""
    bares = [row.bare if len(row.quote) < 400 or not row.is_line else "" for row in rows]
    anchors = []
    for index, text in enumerate(bares):
        begins = _BUDGET.match(text) and (not rows[index].is_line or (len(text) <= 24 and not _SENTENCE.search(text)))
        if begins and any(_RATE.search(t) for t in bares[index : index + 8]):
            anchors.append(index)
    starts: list[int] = []
    last = 0
    for anchor in anchors:
        low = max(last, anchor - _LOOK_BACK)
        firsts = [i for i in range(low, anchor) if _FIRST.match(bares[i]) and ":" not in bares[i][:9]]
        starts.append(firsts[-1] if firsts else anchor)
        last = anchor + 1
    spans = []
    for n, start in enumerate(starts):
        limit = starts[n + 1] if n + 1 < len(starts) else len(rows)
        spans.append((start, _end(rows, bares, anchors[n], min(limit, start + _LONGEST))))
    return spans


def _end(rows: list[TableRow], bares: list[str], start: int, limit: int) -> int:
    """Where a table ends: with its grid or at the next heading after 改进措施, or before the next table."""
    measures = None
    for index in range(start, limit):
        if _MEASURES.match(bares[index]):
            measures = index
        elif measures is not None and (
            _STOP.match(bares[index]) or (rows[index].is_line and not rows[measures].is_line)
        ):
            return index
    return limit if measures is None else min(limit, measures + 16)


def _titles(rows: list[TableRow], start: int, before: int) -> int:
    """The first of the title lines above a table (title, 部门名称, 自评得分)."""
    index = start
    while index > before and start - index < _TITLE_ROWS:
        row = rows[index - 1]
        if not row.is_line or len(row.bare) > 60 or row.bare.endswith(("。", "；")) or not _TITLE.search(row.bare):
            break
        index -= 1
    return index


def _table(title: Stretch, body: Stretch) -> PerformanceTable:
    table = read_head(title, body)
    read_goals(body, table)
    read_foot(body, table)
    return table
