"""Goals and indicators of a 绩效自评表."""

from __future__ import annotations

import re
from decimal import Decimal

from app.recognising.performance_head import REASONS, number
from app.recognising.performance_indicators import grid_indicators, line_indicators
from app.recognising.performance_rows import Stretch, loose
from app.report.performance import Goal, Number, PerformanceTable, points

_W = r"\s*"
_POINTS = rf"(?:{_W}:?{_W}\({_W}(?P<{{0}}>\d{{{{1,3}}}}(?:\.\d+)?|[Xx]+){_W}分?{_W}\)?)"
_NUMBERED = re.compile(
    rf"年{_W}度{_W}(?:绩{_W}效{_W})?目{_W}标{_W}(?P<n>\d)(?![\d.%]){_W}:?" + _POINTS.format("w") + "?"
)
_WHOLE = re.compile(rf"(?:{loose('项目')}{_W})?{loose('绩效总目标')}" + _POINTS.format("w"))
_BLOCK = re.compile(
    rf"(?:{loose('项目')}{_W})?{loose('年度')}{_W}{loose('绩效')}{_W}{loose('指标')}" + _POINTS.format("w")
)
_HEADER = re.compile(rf"{loose('一级指标')}.{{0,140}}?{loose('得分')}", re.S)
_HEADER_BARE = re.compile(rf"{loose('一级指标')}.{{0,60}}?{loose('三级指标')}[^\n]*", re.S)
_LEVEL = re.compile(loose("一级指标"))
_FOOT = re.compile(rf"(?<![\u4e00-\u9fff])总{_W}分|{loose('改进措施')}")


def read_goals(body: Stretch, table: PerformanceTable) -> None:
    """Fills ``table.goals``. A form without 年度目标 headings gives one goal without weight."""
    text = body.text
    begin = _begin(text)
    foot = _end(text, begin)
    found = sorted(
        [
            *_heads(_NUMBERED, "年度目标", text, foot),
            *_heads(_WHOLE, "总目标", text, foot),
            *_heads(_BLOCK, "年度绩效指标", text, foot),
        ],
        key=lambda h: h[1].start(),
    )
    if not found:
        level = _LEVEL.search(text, begin, foot)
        if level is not None:
            goal = Goal("绩效指标", body.printed(level.start(), level.end()))
            _fill(body, goal, level.start(), foot)
            table.goals.append(goal)
        return
    for position, (name, hit) in enumerate(found):
        stop = found[position + 1][1].start() if position + 1 < len(found) else foot
        table.goals.append(_goal(body, name, hit, stop))


def _begin(text: str) -> int:
    level = _LEVEL.search(text)
    return 0 if level is None else max(0, level.start() - 1)


def _end(text: str, begin: int) -> int:
    below = text.find("\n", begin + 1)  # a column of the header may be 偏差原因分析及改进措施
    hits = [h.start() for p in (_FOOT, REASONS) if (h := p.search(text, max(below, begin + 1)))]
    return min(hits, default=len(text))


def _heads(pattern: re.Pattern[str], name: str, text: str, foot: int) -> list[tuple[str, re.Match[str]]]:
    return [
        (name + (hit.groupdict().get("n") or ""), hit)
        for hit in pattern.finditer(text, 0, foot)
        if name != "年度目标" or _stands_alone(text, hit)
    ]


def _stands_alone(text: str, hit: re.Match[str]) -> bool:
    """A heading begins its cell or line; 完成年度目标 1 … in a sentence does not."""
    return hit.start() == 0 or text[hit.start() - 1] in "\t\n "


def _goal(body: Stretch, name: str, hit: re.Match[str], stop: int) -> Goal:
    goal = Goal(name, body.printed(hit.start(), hit.end()))
    weight = hit.group("w") or ""
    goal.weight = Decimal(weight) if weight[:1].isdigit() else None
    if name == "总目标":
        goal.score = _whole_score(body, hit.end(), stop)
        return goal
    level = _LEVEL.search(body.text, hit.end(), stop)
    goal.text = "".join(body.text[hit.end() : level.start() if level else stop].split())
    _fill(body, goal, hit.end(), stop)
    return goal


def _whole_score(body: Stretch, start: int, stop: int) -> Number | None:
    """The score of 项目绩效总目标: the last cell of the row below its heading."""
    first = body.row_at(start)
    for index in range(first + 1, min(first + 2, len(body.rows))):
        row = body.rows[index]
        if row.is_line or body.row_starts[index] >= stop:
            return None
        last = len(row.pieces) - 1
        at = sum(len(r.pieces) for r in body.rows[:index]) + last
        end = body.starts[at + 1] - 1 if at + 1 < len(body.starts) else len(body.text)
        if points("".join(body.text[body.starts[at] : end].split())) is not None:
            return number(body, body.starts[at], end)
    return None


def _fill(body: Stretch, goal: Goal, start: int, stop: int) -> None:
    header = _HEADER.search(body.text, start, stop) or _HEADER_BARE.search(body.text, start, stop)
    if header is None:
        goal.complete = False
        return
    first = body.row_at(header.start())
    last = body.row_at(header.end() - 1)
    end = body.row_at(stop) if stop < len(body.text) else len(body.rows)
    if body.rows[first].is_line:
        line_indicators(body, goal, last + 1, end)
    else:
        grid_indicators(body, goal, body.rows[last], last + 1, end)
