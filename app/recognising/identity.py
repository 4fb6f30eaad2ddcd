"""Whose report it is, and of which year: what most of its places state."""

from __future__ import annotations

import re
from collections import Counter

from app.knowledge.text import norm
from app.report.report import Report
from app.report.table import Stated
from app.source import Line, Place

_NAME = r"(?P<name>[\u4e00-\u9fff][\u4e00-\u9fff()]{3,39}?)"
# The unit's name as covers, part headings and first sentences have it; the votes they carry.
_STATED = (
    (re.compile(_NAME + r"(?:20\d\d年度?)(?:部门|单位)决算"), 3),
    (re.compile(r"(?:第[一二]部分|[。；\n]|^)" + _NAME + r"概况"), 3),
    (re.compile(r"20\d\d年度" + _NAME + r"(?:部门|单位)决算(?:公开)?(?:\n|$)"), 3),
    (re.compile(r"从单位构成看,?" + _NAME + r"(?:部门|单位)决算"), 2),
    (
        re.compile(
            r"(?:^|\n|。|:)" + _NAME + r"20\d\d年度(?:机关运行|政府采购|无政府性基金|无国有资本|预算绩效|因公出国)"
        ),
        1,
    ),
)
_NOT = re.compile(
    r"^(?:第.部分|目录|本|我|上年|本年|一般公共|财政|政府性|国有资本|情况|说明|部门|单位|年度|附件|关于)|(?:的|和|与|及|说明|情况|年)$"
)
# 比2021年度决算数 is the year before
_YEARS = re.compile(r"(?<![比与较同])(20\d\d)年度?[\u4e00-\u9fff()]{0,30}?(?:部门|单位)?决算")


def identify(report: Report) -> None:
    """Sets ``report.unit`` and ``report.year``; leaves them None where nothing states them."""
    units: Counter[str] = Counter(t.unit_name.value for t in report.tables.values() if t.unit_name)
    years = Counter(int(t.year.value) for t in report.tables.values() if t.year)
    if units:
        name = units.most_common(1)[0][0]
        report.unit = next(t.unit_name for t in report.tables.values() if t.unit_name and t.unit_name.value == name)
    if years:
        report.year = years.most_common(1)[0][0]
    if report.unit is not None and report.year is not None:
        return
    text, places = _text(report)
    if report.unit is None:
        report.unit = _unit(text, places)
    if report.year is None:
        found = Counter(int(y) for y in _YEARS.findall(text))
        report.year = found.most_common(1)[0][0] if found else None


def _unit(text: str, places: list[tuple[int, Place, str]]) -> Stated | None:
    votes: Counter[str] = Counter()
    first: dict[str, int] = {}
    for pattern, weight in _STATED:
        for hit in pattern.finditer(text):
            name = re.sub(r"^(?:第[一二三四五六]部分)", "", hit["name"])
            name = re.sub(r"\(本级\)$", "", name)
            if len(name) >= 4 and not _NOT.search(name):
                votes[name] += weight
                first.setdefault(name, hit.start("name"))
    if not votes:
        return None
    most = max(votes.values())
    name = max((n for n, v in votes.items() if v == most), key=len)
    at = first[name]
    place, line = next(((p, t) for start, p, t in reversed(places) if start <= at), (Place(), name))
    return Stated(name, line, place)


def _text(report: Report) -> tuple[str, list[tuple[int, Place, str]]]:
    """The lines (of a report) or the upper rows of each sheet as one text, with their places."""
    if report.prose.text:
        prose = report.prose
        return prose.text, [(s, line.place, line.text) for s, line in zip(prose.starts, prose.lines, strict=True)]
    parts: list[str] = []
    places: list[tuple[int, Place, str]] = []
    offset = 0
    for item in report.source.items:
        cells = [(item.text, item.place)] if isinstance(item, Line) else [
            (c.text, item.place(c.row, c.column)) for r in sorted(item.rows)[:8] for c in item.rows[r].values() if isinstance(c.value, str)
        ]  # fmt: skip
        for shown, place in cells:
            bare = norm(shown) + "\n"
            places.append((offset, place, shown))
            parts.append(bare)
            offset += len(bare)
    return "".join(parts), places
