"""绩效 in words: success claims, reasons owed, scores stated, execution of the whole (DOMAIN §6, §7)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal

from app.checking.finding import Finding, Related
from app.checking.performance_values import beside, missed
from app.checking.rulebook import Context, CouldNotRun, NotApplicable, check
from app.checking.text_performance_projects import _prose, at
from app.numbers import plain
from app.recognising.performance_projects import Project, annexed, listed
from app.report.claim import Prose
from app.report.performance import Indicator, PerformanceTable

_ALL_DONE = re.compile(
    r"[^。,;；\n]{0,24}(?:(?<!基本)(?:均已|全部|都已)(?:按[^,。]{0,6})?(?:完成|达成|实现|达到)|均达成|绩效目标均(?:已)?(?:达成|完成|实现)|无偏差|"
    r"无未完成的?绩效目标|不存在(?:偏差|未完成))[^。,;；\n]{0,12}"
)
_GOAL_WORD = re.compile(r"目标|指标|任务|偏差|项目标")
_GOOD = re.compile(r"[^。,;；\n]{0,14}预算执行(?:情况|率)?(?:总体|较)?(?:良好|较好|较高|高)[^。,;；\n]{0,4}")
_NONE_LEFT = re.compile(
    r"未完成的?绩效目标[。:\n]{1,2}(?P<said>无未完成的?绩效目标|无(?=[。\n;；]|$)|[^。\n]{0,30}均(?:已)?(?:达成|完成))"
)
_UNFINISHED = re.compile(
    r"未完成的?绩效目标[。:\n]{0,2}(?P<said>(?!无)[^。\n]{2,30}(?:不达预期|未完成|未达|偏低|较低|不足))"
)
_UNSET = re.compile(r"未(?:按照?[^,。]{0,12})?设[定置](?P<kinds>[^。,]{0,40}指标)")
_KIND = re.compile(r"(数量|质量|时效|成本|效益|满意度)指标")
_REASON = re.compile(r"原因分析|(?:问题及)?原因(?:是|为|:)|未完成原因|主要是因")
_EMPTY_REASON = re.compile(r"(?:发现的)?问题及?原因:?\n?无(?=[。\n])|存在的问题和原因\n?(?:整体)?[^。\n]{0,16}无偏差")
_OVERALL = re.compile(
    r"(?P<who>[^。\n,]{0,30}?)预算数为?(?P<budget>\d[\d,]*(?:\.\d+)?)万元,(?:实际)?执行数为?(?P<executed>\d[\d,]*(?:\.\d+)?)万元,(?:预算)?执行率为?(?P<rate>\d+(?:\.\d+)?)%"
)
_STATED = re.compile(
    r"(?:整体(?:支出)?绩效(?:评价|自评)?[^。\n]{0,10}?|综合评价[^。\n]{0,20}?|整体绩效自评)得分(?:为)?(?P<score>\d+(?:\.\d+)?)分?"
)
_PART = re.compile(r"(\d+(?:\.\d+)?)分(?:\([^)]*\))?$")
_BREAK = re.compile(
    r"(?P<head>自评得分|[\u4e00-\u9fff]{2,8}指标)(?:得分)?(?:为)?(?P<score>\d+(?:\.\d+)?)分,?(?P<lead>其中:?|主要为)(?P<list>[^。；\n]{6,160})"
)
_GRADES = re.compile(r"绩效评级为\"?(?P<grade>优|良|合格|不合格)\"?的项目(?P<n>\d+)个")
_SELF_COUNT = re.compile(r"绩效自评的[^。]{0,14}?项目(?P<n>\d+)个")
_PROBLEMS = re.compile(
    r"(?:共)?发现问题(?P<all>\d+)个[^。]{0,30}?已(?:经)?整改(?:完成)?(?:的)?(?:问题)?(?P<done>\d+)个[^。]{0,20}?(?:正在|未)整改(?:的)?(?:问题)?(?P<open>\d+)个"
)
_WHOLE_FUND = re.compile(r"开展(?:部门|单位)?整体支出绩效自评,(?:涉及)?资金(?P<fund>\d[\d,]*(?:\.\d+)?)万元")
_RATED = re.compile(
    r"得分(?:为)?(?P<score>\d+(?:\.\d+)?)分,(?:绩效)?(?:评价|自评)?(?:级别|等级|等次|结果)?(?:评定)?为?\"(?P<grade>优秀?|良好?|中|差)\""
)
_GRADE_FLOOR = (("优", 90), ("良", 80), ("中", 60), ("差", 0))  # 财预〔2020〕10号
_LOW = Decimal(80)
_OWED = Decimal(60)


def _misses(context: Context) -> list[tuple[PerformanceTable, Indicator]]:
    return [(t, i) for t in context.report.performance for i in t.indicators if missed(i)]


@check("performance_success")
def success(context: Context) -> Iterator[Finding]:
    """均已完成, 无偏差, 无未完成的绩效目标 against a missed target or an execution under 80 %."""
    prose = _prose(context)
    misses = _misses(context)
    projects = listed(prose)
    reports = annexed(prose)
    low = [p for p in projects if p.rate is not None and p.rate < _LOW]
    denial = _UNFINISHED.search(prose.text)
    evidence = _evidence(prose, misses, low, denial)
    for hit in _claims(prose):
        own = next((p for p in [*reports, *projects] if p.start <= hit.start() < p.body_end), None)
        context.saw()
        if own is not None:
            if own.rate is not None and own.rate < _LOW:
                yield at(
                    prose, hit.start(), hit.end(),
                    f"写“{hit.group().strip()}”，但项目“{own.name}”只完成预算的 {plain(own.rate)}%，请写明偏差和原因",
                    severity="warning", found=hit.group(), related=(Related(prose.place(own.start), prose.quote(*own.figures)),),
                )  # fmt: skip
            continue
        if evidence:
            words, related = evidence
            yield at(
                prose, hit.start(), hit.end(), f"写“{hit.group().strip()}”，与{words}矛盾，请改写",
                severity="warning", found=hit.group(), related=related,
            )  # fmt: skip


def _claims(prose: Prose) -> list[re.Match[str]]:
    """Success claims about goals, in 绩效 and the annex."""
    found = [
        h for h in _ALL_DONE.finditer(prose.text)
        if _GOAL_WORD.search(h.group()) and prose.key(h.start()) in ("绩效", "附件") and not re.search(r"问题|整改|办结|除", h.group())
    ]  # fmt: skip
    taken = [range(h.start(), h.end()) for h in found]
    extra = [
        h for h in _NONE_LEFT.finditer(prose.text) if not any(h.start("said") in t or h.end() - 1 in t for t in taken)
    ]
    return sorted([*found, *extra], key=lambda h: h.start())


def _evidence(
    prose: Prose, misses: list[tuple[PerformanceTable, Indicator]], low: list[Project], denial: re.Match[str] | None
) -> tuple[str, tuple[Related, ...]] | None:
    if misses:
        table, one = misses[0]
        assert one.target is not None and one.actual is not None
        words = f"{table.name}中“{one.name[:20]}”目标 {one.target.text}、实际完成 {one.actual.text}（未完成）"
        return words, beside(one.row)
    if denial is not None:
        return f"“未完成的绩效目标”中写的“{denial.group('said')}”", (
            Related(prose.place(denial.start()), prose.quote(*denial.span())),
        )
    if low:
        first = min(low, key=lambda p: p.rate or Decimal(0))
        words = f"项目“{first.name}”只完成预算的 {plain(first.rate or Decimal(0))}%"
        return words, (Related(prose.place(first.start), prose.quote(*first.figures)),)
    return None


@check("performance_execution_claim")
def execution_claim(context: Context) -> Iterator[Finding]:
    """预算执行情况良好 against 预算执行不达预期 or a project under 80 %."""
    prose = _prose(context)
    denial = _UNFINISHED.search(prose.text)
    projects = [p for p in listed(prose) if p.rate is not None and p.rate < _LOW]
    for hit in _GOOD.finditer(prose.text):
        if prose.key(hit.start()) not in ("绩效", "附件"):
            continue
        context.saw()
        if denial is not None:
            yield at(
                prose, hit.start(), hit.end(), f"写“{hit.group().strip()}”，而“未完成的绩效目标”写“{denial.group('said')}”，前后矛盾",
                severity="warning", found=hit.group(), related=(Related(prose.place(denial.start()), prose.quote(*denial.span())),),
            )  # fmt: skip
        elif projects:
            first = min(projects, key=lambda p: p.rate or Decimal(0))
            yield at(
                prose, hit.start(), hit.end(),
                f"写“{hit.group().strip()}”，但项目“{first.name}”只完成预算的 {plain(first.rate or Decimal(0))}%，请核对",
                severity="info", found=hit.group(), related=(Related(prose.place(first.start), prose.quote(*first.figures)),),
            )  # fmt: skip
    if denial is not None and any(True for _ in _GOOD.finditer(prose.text)):
        good = next(_GOOD.finditer(prose.text))
        yield at(
            prose, *denial.span(), f"“未完成的绩效目标”写“{denial.group('said')}”，前文却写“{good.group().strip()}”，前后矛盾",
            severity="warning", found=denial.group("said"), related=(Related(prose.place(good.start()), prose.quote(*good.span())),),
        )  # fmt: skip


@check("performance_unset")
def unset(context: Context) -> Iterator[Finding]:
    """未设定质量指标 while the 整体 table lists such indicators."""
    prose = _prose(context)
    overall = [t for t in context.report.performance if t.kind == "整体"]
    if not overall:
        raise NotApplicable("没有读到整体绩效自评表")
    levels = {i.level2 + i.level1 for t in overall for i in t.indicators}
    for hit in _UNSET.finditer(prose.text):
        kinds = _KIND.findall(hit.group("kinds"))
        there = [k for k in kinds if any(k in level for level in levels)]
        context.saw()
        if there:
            row = next(i.row for t in overall for i in t.indicators if there[0] in i.level2 + i.level1)
            yield at(
                prose, hit.start(), hit.end(),
                f"写“{hit.group()}”，整体绩效自评表里却有{'、'.join(there)}指标，请核对",
                severity="warning", found=hit.group(), related=beside(row),
            )  # fmt: skip


@check("performance_reason_owed")
def reason_owed(context: Context) -> Iterator[Finding]:
    """A project with low execution owes a reason where others give one (or far under 60 %)."""
    prose = _prose(context)
    projects = listed(prose)
    if not projects:
        raise NotApplicable("没有逐项列出的项目")
    others = any(_given(prose, p) for p in projects)
    for project in projects:
        if project.rate is None or project.rate >= 100:
            continue
        context.saw()
        if _given(prose, project):
            continue
        said = _EMPTY_REASON.search(prose.text, project.end, project.body_end)
        if project.rate < _LOW and (others or said or project.rate < _OWED):
            severity = "warning"
        elif project.rate < 90 and others:
            severity = "info"
        else:
            continue
        start = project.start if project.end - project.start < 90 else project.figures[0]
        state = f"却写“{said.group()}”" if said else "没有写偏差大或目标未完成原因"
        yield at(
            prose, start, project.end,
            f"项目“{project.name}”只完成预算的 {plain(project.rate)}%，{state}，请补充原因",
            severity=severity, found=f"{plain(project.rate)}%", expected="原因分析",
            related=(Related(prose.place(said.start()), prose.quote(*said.span())),) if said else (),
        )  # fmt: skip


def _given(prose: Prose, project: Project) -> bool:
    body = prose.text[project.end : project.body_end]
    return bool(_REASON.search(body)) and not _EMPTY_REASON.search(body)


@check("performance_whole")
def whole(context: Context) -> Iterator[Finding]:
    """整体 execution given on project spending only, while the 整体 table has the whole."""
    prose = _prose(context)
    tables = [t for t in context.report.performance if t.kind == "整体" and t.executed is not None]
    for hit in _OVERALL.finditer(prose.text):
        if prose.key(hit.start()) not in ("附件", "绩效") or "项目" in hit.group("who"):
            continue
        head = prose.text[max(0, hit.start() - 400) : hit.start()]
        if "整体" not in head or not tables:
            continue
        context.saw()
        table = tables[0]
        assert table.executed is not None
        value = Decimal(hit.group("executed").replace(",", ""))
        if abs(value - table.executed.value) <= Decimal("0.02"):
            continue
        only = table.projects is not None and table.projects.value == value
        hint = "，只写了项目支出" if only else ""
        yield at(
            prose, hit.start(), hit.end(),
            f"整体绩效的执行数写 {plain(value)} 万元{hint}，整体自评表的部门整体支出为 {plain(table.executed.value)} 万元，口径应一致",
            severity="warning", found=plain(value), expected=plain(table.executed.value), related=beside(table.executed.printed),
        )  # fmt: skip


@check("performance_stated_score")
def stated_score(context: Context) -> Iterator[Finding]:
    """整体绩效得分 in words = 自评得分 or 总分 of the 整体 table."""
    prose = _prose(context)
    tables = [t for t in context.report.performance if t.kind == "整体" and (t.total or t.self_score)]
    if len(tables) != 1:
        raise NotApplicable("没有读到带得分的整体绩效自评表")
    printed = tables[0].self_score or tables[0].total
    assert printed is not None
    for hit in _STATED.finditer(prose.text):
        context.saw()
        if Decimal(hit.group("score")) != printed.value:
            yield at(
                prose, hit.start(), hit.end(),
                f"文字写整体绩效得分 {hit.group('score')} 分，整体自评表为 {plain(printed.value)} 分，应一致",
                found=hit.group("score"), expected=plain(printed.value), related=beside(printed.printed),
            )  # fmt: skip


@check("performance_breakdown")
def breakdown(context: Context) -> Iterator[Finding]:
    """自评得分 99 分，其中：预算执行 20 分，产出指标 34 分 …: the parts add up."""
    prose = _prose(context)
    for hit in _BREAK.finditer(prose.text):
        chunks = [c for c in hit.group("list").split(",") if c]
        scores = [m.group(1) if (m := _PART.search(c)) else "" for c in chunks]
        if len(chunks) < 2 or not all(scores):
            continue  # something else stands among the parts
        context.saw()
        total = sum((Decimal(p) for p in scores), Decimal(0))
        stated = Decimal(hit.group("score"))
        if total != stated:
            sum_text = " + ".join(scores)
            yield at(
                prose, hit.start("head"), hit.end(),
                f"写{hit.group('head')} {plain(stated)} 分，所列各项合计 {sum_text} = {plain(total)} 分，应一致",
                found=plain(stated), expected=plain(total), calculation=f"{sum_text} = {plain(total)}",
            )  # fmt: skip


@check("performance_annex_bound")
def annex_bound(context: Context) -> Iterator[Finding]:
    """自评得分 100 with an execution under 100 %: more than the rate allows (weight 20 or more usual)."""
    prose = _prose(context)
    reports = [p for p in annexed(prose) if p.score is not None and p.budget > 0]
    if not reports:
        raise NotApplicable("附件没有写自评得分的项目评价报告")
    for project in reports:
        context.saw()
        rate = min(project.executed / project.budget, Decimal(1))
        most = 100 - 10 * (1 - rate)  # the smallest weight in use is 10
        assert project.score is not None
        if project.score > most + Decimal("0.02"):
            usual = 100 - 20 * (1 - rate)
            yield at(
                prose, *project.score_span,
                f"项目“{project.name}”执行率 {rate * 100:.2f}%，自评得分却为 {plain(project.score)} 分；预算执行按 20 分计最多 {usual:.2f} 分",
                severity="warning", found=plain(project.score), expected=f"≤{usual:.2f}",
                related=(Related(prose.place(project.figures[0]), prose.quote(*project.figures)),),
            )  # fmt: skip


@check("performance_grades")
def grades(context: Context) -> Iterator[Finding]:
    """Shanghai: 优 + 良 + 合格 + 不合格 = projects; 问题 = 已整改 + 正在整改."""
    prose = _prose(context)
    hits = list(_GRADES.finditer(prose.text))
    stated = _SELF_COUNT.search(prose.text)
    problems = list(_PROBLEMS.finditer(prose.text))
    if not (hits and stated) and not problems and not _MANAGED.search(prose.text):
        raise NotApplicable("没有按评级列出的项目数")
    if hits and stated:
        context.saw()
        total = sum(int(h.group("n")) for h in hits)
        if len({h.group("grade") for h in hits}) == len(hits) and total != int(stated.group("n")):
            sum_text = " + ".join(h.group("n") for h in hits)
            yield at(
                prose, stated.start(), stated.end(),
                f"绩效自评项目 {stated.group('n')} 个，各评级合计 {sum_text} = {total} 个，应一致",
                found=stated.group("n"), expected=str(total), calculation=f"{sum_text} = {total}",
                related=tuple(Related(prose.place(h.start()), prose.quote(*h.span())) for h in hits),
            )  # fmt: skip
    yield from _managed(context, prose)
    for hit in problems:
        context.saw()
        parts = int(hit.group("done")) + int(hit.group("open"))
        if parts != int(hit.group("all")):
            yield at(
                prose, hit.start(), hit.end(),
                f"发现问题 {hit.group('all')} 个，已整改 {hit.group('done')} 个、正在整改 {hit.group('open')} 个，合计 {parts} 个，应一致",
                found=hit.group("all"), expected=str(parts),
            )  # fmt: skip


_MANAGED = re.compile(
    r"(?P<what>编报绩效目标|绩效跟踪(?:评价)?|绩效自评)的20\d\d年度项目(?P<n>\d+)个,涉及预算金额(?P<money>[\d.,]+)万元"
)


def _managed(context: Context, prose: Prose) -> Iterator[Finding]:
    """Targets, tracking and rating of the same money: the same number of projects."""
    hits = list(_MANAGED.finditer(prose.text))
    if len(hits) < 2 or len({h["money"].replace(",", "") for h in hits}) > 1:
        return
    context.saw()
    usual = Counter(h["n"] for h in hits).most_common(1)[0][0]
    for hit in (h for h in hits if h["n"] != usual):
        yield at(
            prose, hit.start(), hit.end(),
            f"{hit['what']}的项目 {hit['n']} 个，同样金额的其他各处是 {usual} 个，请核对",
            severity="warning", found=hit["n"], expected=usual,
            related=tuple(Related(prose.place(h.start()), prose.quote(*h.span())) for h in hits if h is not hit),
        )  # fmt: skip


@check("performance_announced")
def announced(context: Context) -> Iterator[Finding]:
    """自评表 announced (详见…自评表) and not in the text: perhaps pictures, perhaps missing."""
    prose = _prose(context)
    hit = re.search(r"(?:详见|见)[^。\n]{0,6}[\"《][^。\n\"》]{4,60}自评表[\"》]|自评表》?\n?见附件", prose.text)
    if hit is None:
        raise NotApplicable("文字没有说附自评表")
    context.saw()
    if not context.report.performance:
        yield at(
            prose, hit.start(), hit.end(), "文字说附有绩效自评表，但报告里没有读到（可能是图片，或漏附），自评表未核对",
            severity="info", found=hit.group(),
        )  # fmt: skip


@check("performance_whole_fund")
def whole_fund(context: Context) -> Iterator[Finding]:
    """整体支出绩效自评资金 = 支出合计."""
    prose = _prose(context)
    hits = list(_WHOLE_FUND.finditer(prose.text))
    if not hits:
        raise NotApplicable("没有写整体支出绩效自评的资金")
    amounts = []
    for key in ("支出表", "一般支出表"):
        table = context.report.tables.get(key)
        block = table.blocks.get(key) if table is not None and table.readable and table.factor == 10000 else None
        row = block.row("合计行") if block else None
        amount = row.amount("合计") if row else None
        if amount is not None:
            amounts.append((key, amount))
    if not amounts:
        raise CouldNotRun("没有读到支出决算表，整体支出绩效自评资金未核对")
    for hit in hits:
        context.saw()
        value = Decimal(hit.group("fund").replace(",", ""))
        if all(abs(a.value - value) > Decimal("0.015") for _, a in amounts):
            names = "、".join(f"{k}合计 {plain(a.value)}" for k, a in amounts)
            yield at(
                prose, hit.start(), hit.end(),
                f"整体支出绩效自评资金写 {plain(value)} 万元，{names} 万元，应一致",
                found=plain(value), expected=plain(amounts[0][1].value),
            )  # fmt: skip


@check("performance_grade_word")
def grade_word(context: Context) -> Iterator[Finding]:
    """优 from 90, 良 from 80, 中 from 60, 差 below (财预〔2020〕10号)."""
    prose = _prose(context)
    for hit in _RATED.finditer(prose.text):
        context.saw()
        score = Decimal(hit.group("score"))
        right = next(word for word, floor in _GRADE_FLOOR if score >= floor)
        if hit.group("grade")[0] != right:
            yield at(
                prose, hit.start(), hit.end(),
                f"得分 {plain(score)} 分评为“{hit.group('grade')}”，按通行标准（90 分以上优、80 分以上良、60 分以上中）应为“{right}”，请核对",
                found=hit.group("grade"), expected=right,
            )  # fmt: skip
