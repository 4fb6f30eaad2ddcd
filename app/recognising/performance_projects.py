"""Projects of the narrative: name, 全年预算数, 执行数 and 完成率, in 十三（三） and in the annex."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from app.report.claim import Prose

_LISTED = re.compile(
    r"(?:(?<=\n)|(?<=。)|(?<=；)|^)(?:(?P<number>\d{1,2})[.、])?(?P<name>[^\n。；:]{2,60}?)(?:项目)?(?:支出)?(?:绩效)?(?:自评)?(?:情况)?(?:综述)?[:。]"
    r"\n?(?:该)?项目(?P<kind>全年|年初|调整后?)?预算数?为?(?P<budget>\d[\d,]*(?:\.\d+)?)(?P<unit>万元|万|元)?,(?:全年)?(?:实际)?执行数?为?"
    r"(?P<executed>\d[\d,]*(?:\.\d+)?)(?P<unit2>万元|万|元)?(?:,(?:完成(?:全年|年初|调整)?(?:后)?预算的?|(?:预算)?执行率为?)(?P<rate>\d+(?:\.\d+)?)%)?"
)
_REPORT = re.compile(
    r"(?:^|\n)[一二三四五六七八九十]{1,3}、(?:20\d{2}年度?)?(?P<name>[^。:]{2,60}?)(?:项\n?目)?绩\n?效\n?评\n?价\n?报\n?告(?P<rest>[^\n]{0,12})\n"
)
_BUDGET = re.compile(
    r"(?:项目)?(?:全年|年初|调整后?)?预算数?为?(?P<budget>\d[\d,]*(?:\.\d+)?)(?P<unit>万元|万|元)?,(?:全年)?(?:实际)?执行数?为?"
    r"(?P<executed>\d[\d,]*(?:\.\d+)?)(?P<unit2>万元|万|元)?(?:,(?:完成(?:全年|年初|调整)?(?:后)?\n?预算的?|(?:预算)?执行率为?)(?P<rate>\d+(?:\.\d+)?)%)?"
)
_SELF = re.compile(r"自评得分为?:?(?P<score>\d+(?:\.\d+)?)")
_NOISE = re.compile(r"20\d{2}年度?|项目|工作|经费|专项|支出|上级拨付|[\"'“”()（）\-—–·、,]|\(.*?\)")


@dataclass(frozen=True, slots=True)
class Project:
    """One project of the narrative. Amounts in 万元 as printed (a 元 for 万元 is another rule's);
    ``start``/``end`` span name to rate, ``name_span`` the name, ``body_end`` its paragraph(s)."""

    number: int
    name: str
    budget: Decimal
    executed: Decimal
    rate: Decimal | None
    start: int
    end: int
    name_span: tuple[int, int]
    figures: tuple[int, int]
    body_end: int
    score: Decimal | None = None
    score_span: tuple[int, int] = (0, 0)
    annex: bool = False


def listed(prose: Prose) -> list[Project]:
    """The projects of 项目支出自评结果 in order."""
    hits = list(_LISTED.finditer(prose.text))
    found: list[Project] = []
    for n, hit in enumerate(hits):
        section = prose.section(hit.start())
        stop = min(hits[n + 1].start() if n + 1 < len(hits) else len(prose.text), _paragraph_end(prose, hit.end()))
        if section is not None and section.key == "附件":
            continue
        found.append(_project(hit, hit.group("name"), hit.span("name"), stop, int(hit.group("number") or 0)))
    return found


def annexed(prose: Prose) -> list[Project]:
    """The projects that have a 绩效评价报告 of their own in the annex."""
    heads = list(_REPORT.finditer(prose.text))
    found = []
    for n, head in enumerate(heads):
        stop = heads[n + 1].start() if n + 1 < len(heads) else min(len(prose.text), head.end() + 3000)
        hit = _BUDGET.search(prose.text, head.end(), stop)
        if hit is None or "整体" in head.group("name"):
            continue
        score = _SELF.search(prose.text, head.end(), stop)
        found.append(_project(hit, head.group("name"), head.span("name"), stop, n, annex=True, score=score))
    return found


def _project(
    hit: re.Match[str], name: str, span: tuple[int, int], stop: int, number: int, *,
    annex: bool = False, score: re.Match[str] | None = None,
) -> Project:  # fmt: skip
    rate = hit.group("rate")
    return Project(
        number, name.replace("\n", ""), _wan(hit, "budget", "unit"), _wan(hit, "executed", "unit2"),
        Decimal(rate) if rate else None, hit.start(), hit.end(), span, (hit.start("budget"), hit.end()), stop,
        Decimal(score.group("score")) if score else None, score.span() if score else (0, 0), annex,
    )  # fmt: skip


def _wan(hit: re.Match[str], name: str, unit: str) -> Decimal:
    value = Decimal(hit.group(name).replace(",", ""))
    other = hit.group("unit2") if unit == "unit" else hit.group("unit")
    both = hit.group(unit) == "元" and other in ("元", None)
    return value / 10000 if both else value


def _paragraph_end(prose: Prose, start: int) -> int:
    """Where the last project ends: at the next section heading."""
    ends = [s.start for s in prose.sections if s.start > start and s.level <= 2]
    return min([*ends, len(prose.text), start + 2000])


_USED = "项目支出主要用于"
_SPENT = re.compile(
    r"(?:(?<=\n)|(?<=[。；])|(?<=主要用于))(?:\d{1,2}[.、])?(?P<name>[^\n。；,:]{2,40}?)(?P<amount>\d[\d,]*(?:\.\d+)?)万元,"
)


def spent(prose: Prose) -> list[tuple[str, Decimal, int, int]]:
    """(name, amount in 万元, start, end) of the projects in 一般公共预算…项目支出主要用于."""
    section = next((s for s in prose.sections if s.key == "一般支出" and s.level == 1), None)
    if section is None:
        return []
    begin = prose.text.find(_USED, section.start, section.end)
    if begin < 0:
        return []
    begin += len(_USED)
    stop = prose.text.find("按支出功能", begin, section.end)
    hits = _SPENT.finditer(prose.text, begin, stop if stop > 0 else section.end)
    return [
        (h.group("name"), Decimal(h.group("amount").replace(",", "")), h.start("name"), h.end("amount") + 2)
        for h in hits
    ]


def canonical(name: str) -> str:
    """A project's name without the words that are put before or after at will."""
    return _NOISE.sub("", name)
