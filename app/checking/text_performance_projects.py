"""绩效: projects of the narrative ↔ their 自评表, their number, their sum, their names (DOMAIN §6, §7)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from app.checking import percent
from app.checking.evidence import finding
from app.checking.finding import Finding, Related
from app.checking.performance_values import beside, flag
from app.checking.rulebook import Context, NotApplicable, check
from app.numbers import plain
from app.recognising.performance_projects import Project, annexed, canonical, listed, spent
from app.report.claim import Figure, Prose
from app.report.performance import PerformanceTable

_COUNT = re.compile(
    r"涉及(?:一级|二级)?项目(?P<n>\d+)个(?:,(?:涉及)?(?:资金|金额)(?P<fund>\d[\d,]*(?:\.\d+)?)万元)?"
    r"(?:,占一般公共预算(?:财政拨款)?项目支出(?:总额|决算)?的?(?P<share>\d+(?:\.\d+)?)%)?|涉及(?P<m>\d+)个(?:一级|二级)?项目"
)
_DECLARED = re.compile(
    r"申报项目(?P<n>\d+)个,项目预算资金(?P<budget>\d[\d,]*(?:\.\d+)?)万元,(?:项目)?实际支出(?P<executed>\d[\d,]*(?:\.\d+)?)万元"
)
_HALF = Decimal("0.005")


def _prose(context: Context) -> Prose:
    prose = context.report.prose
    if not prose.text or not re.search(r"绩效", prose.text):
        raise NotApplicable("文字中没有预算绩效情况")
    return prose


def at(prose: Prose, start: int, end: int, message: str, **facts: Any) -> Finding:
    """A finding at a stretch of the narrative."""
    return finding(
        message, prose.place(start), quote=prose.quote(start, end), context=prose.context(start, end), **facts
    )


def _related(prose: Prose, *spans: tuple[int, int]) -> tuple[Related, ...]:
    return tuple(Related(prose.place(a), prose.quote(a, b)) for a, b in spans)


@check("performance_count")
def count(context: Context) -> Iterator[Finding]:
    """Projects stated = projects listed, in every statement of their number."""
    prose = _prose(context)
    stated = [h for h in _COUNT.finditer(prose.text) if prose.key(h.start()) in ("绩效", "")]
    projects = listed(prose)
    if not stated:
        raise NotApplicable("没有写涉及项目的个数")
    numbers = [int(h.group("n") or h.group("m")) for h in stated]
    context.saw()
    whole = [n for h, n in zip(stated, numbers, strict=True)]
    if len(set(whole)) > 1:
        a, b = stated[0], next(h for h, n in zip(stated, numbers, strict=True) if n != numbers[0])
        yield at(
            prose, b.start(), b.end(),
            f"绩效说明前面写涉及项目 {numbers[0]} 个，这里写 {b.group('n') or b.group('m')} 个，请核对",
            severity="warning", found=b.group("n") or b.group("m"), expected=str(numbers[0]), related=_related(prose, a.span()),
        )  # fmt: skip
    if not projects or not _numbered(projects):
        context.skipped.append("没有逐项读到项目绩效自评综述，项目个数未核对")
        return
    last = stated[-1]
    if numbers[-1] != len(projects):
        yield at(
            prose, last.start(), last.end(),
            f"写涉及项目 {numbers[-1]} 个，下文逐项列出 {len(projects)} 个，应一致",
            severity="" if len(projects) > 1 else "warning", found=str(numbers[-1]), expected=str(len(projects)),
            related=_related(prose, projects[-1].name_span),
        )  # fmt: skip


def _numbered(projects: list[Project]) -> bool:
    """The list is whole: numbered 1, 2, 3 …"""
    return [p.number for p in projects] == list(range(1, len(projects) + 1))


@check("performance_fund")
def fund(context: Context) -> Iterator[Finding]:
    """资金 = the projects' 执行数, and ÷ 一般公共预算项目支出 = the printed share."""
    prose = _prose(context)
    hits = [h for h in _COUNT.finditer(prose.text) if h.group("fund")]
    declared = list(_DECLARED.finditer(prose.text))
    if not hits and not declared:
        raise NotApplicable("没有写绩效自评涉及的资金")
    for other in declared:
        yield from _declared(context, prose, other)
    for hit in hits:
        money = Decimal(hit.group("fund").replace(",", ""))
        yield from _sum(context, prose, hit, money)
        yield from _share(context, prose, hit, money)


def _sum(context: Context, prose: Prose, hit: re.Match[str], money: Decimal) -> Iterator[Finding]:
    projects = listed(prose)
    if len(projects) < 2 or not _numbered(projects):
        context.skipped.append("没有逐项读到项目，资金合计未核对")
        return
    context.saw()
    total = sum((p.executed for p in projects), Decimal(0))
    budgets = sum((p.budget for p in projects), Decimal(0))
    least = _HALF * (len(projects) + 1)
    if min(abs(total - money), abs(budgets - money)) <= least:
        return
    short = int(hit.group("n")) > len(projects) and total < money
    left = f"，少列的项目应为 {plain(money - total)} 万元" if short else ""
    yield at(
        prose, hit.start(), hit.end(),
        f"写资金 {plain(money)} 万元，下文 {len(projects)} 个项目的执行数合计 {plain(total)} 万元，相差 {plain(abs(money - total))} 万元{left}",
        severity="warning" if short else "", found=plain(money), expected=plain(total),
        calculation=" + ".join(plain(p.executed) for p in projects) + f" = {plain(total)}",
        related=_related(prose, *(p.figures for p in projects[:1])),
    )  # fmt: skip


def _declared(context: Context, prose: Prose, hit: re.Match[str]) -> Iterator[Finding]:
    """申报项目 15 个，项目预算资金 …，项目实际支出 …: the sums of as many projects listed."""
    projects = listed(prose)
    if len(projects) != int(hit.group("n")) or not _numbered(projects):
        context.skipped.append("申报的项目与逐项所列不是同一范围，合计未核对")
        return
    for word, name in (("预算资金", "budget"), ("实际支出", "executed")):
        context.saw()
        value = Decimal(hit.group(name).replace(",", ""))
        total = sum((p.budget if name == "budget" else p.executed for p in projects), Decimal(0))
        if abs(total - value) > _HALF * (len(projects) + 1):
            yield at(
                prose, hit.start(), hit.end(),
                f"写 {hit.group('n')} 个项目{word} {plain(value)} 万元，逐项所列合计 {plain(total)} 万元，应一致",
                found=plain(value), expected=plain(total),
            )  # fmt: skip


def _share(context: Context, prose: Prose, hit: re.Match[str], money: Decimal) -> Iterator[Finding]:
    table = context.report.tables.get("一般支出表")
    block = table.blocks.get("一般支出表") if table is not None and table.readable else None
    row = block.row("合计行") if block else None
    whole = row.amount("项目支出") if row else None
    if table is None or whole is None or not hit.group("share") or table.factor != 10000:
        context.skipped.append("没有一般公共预算支出决算表，占项目支出的比例未核对")
        return
    context.saw()
    shown = hit.group("share")
    places = len(shown.partition(".")[2])
    figure = Figure(Decimal(shown), Decimal(5).scaleb(-places - 1), "%", 0, 0, "", "", shown, places)
    if percent.consistent(percent.Quantity(money, _HALF), whole, figure) == "no":
        right = percent.rate(percent.Quantity(money, _HALF), whole, places)
        yield at(
            prose, hit.start(), hit.end(),
            f"写资金 {plain(money)} 万元占一般公共预算项目支出的 {shown}%，一般公共预算项目支出决算为 {plain(whole.value)} 万元，应为 {right}",
            severity="warning", found=f"{shown}%", expected=right, calculation=f"{plain(money)} ÷ {plain(whole.value)} = {right}",
        )  # fmt: skip


@check("performance_project_table")
def project_table(context: Context) -> Iterator[Finding]:
    """预算数 and 执行数 of a project: narrative, annex and its own 自评表 agree."""
    prose = _prose(context)
    tables = [t for t in context.report.performance if t.kind == "项目"]
    projects = listed(prose)
    uses = spent(prose)
    if not projects or not (tables or annexed(prose) or uses):
        raise NotApplicable("没有可以与绩效说明对照的项目自评表或支出说明")
    for project in projects:
        yield from _spent(context, prose, project, uses)
    for project, table, sure in pairs(projects, tables):
        yield from _amounts(context, prose, project, table, sure)
    for other in annexed(prose):
        mates = [p for p in projects if canonical(p.name) == canonical(other.name)]
        if len(mates) == 1:
            yield from _texts(context, prose, mates[0], other)


def pairs(projects: list[Project], tables: list[PerformanceTable]) -> list[tuple[Project, PerformanceTable, bool]]:
    """Projects with their tables: by name, by amounts, and the one left over on both sides."""
    found: list[tuple[Project, PerformanceTable, bool]] = []
    rest, left = list(projects), [t for t in tables if t.project]
    tests = (
        lambda p, t: canonical(p.name) == canonical(t.project.text),
        lambda p, t: t.executed is not None and t.executed.value == p.executed and p.executed > 0,
        lambda p, t: _within(canonical(p.name), canonical(t.project.text)),
    )
    for test in tests:
        for project in list(rest):
            mates = [t for t in left if test(project, t)]
            if len(mates) == 1:
                found.append((project, mates[0], True))
                rest.remove(project)
                left.remove(mates[0])
    if len(rest) == 1 and len(left) == 1 and len(projects) == len(tables):
        found.append((rest[0], left[0], False))
    return found


def _within(a: str, b: str) -> bool:
    return len(a) >= 3 and len(b) >= 3 and (a in b or b in a)


def _amounts(
    context: Context, prose: Prose, project: Project, table: PerformanceTable, sure: bool
) -> Iterator[Finding]:
    for word, number, value in (("执行数", table.executed, project.executed), ("预算数", table.budget, project.budget)):
        if number is None:
            context.skipped.append(f"{table.name}的{word}没有读到")
            continue
        context.saw()
        if abs(number.value - value) <= number.half + _HALF and (number.value == value or number.decimals != 2):
            continue
        tail = abs(number.value - value) <= Decimal("0.01")
        yield at(
            prose, *project.figures,
            f"项目“{project.name}”的{word}：文字为 {plain(value)} 万元，{table.name}为 {plain(number.value)} 万元，应一致",
            severity="info" if tail else "" if sure else "warning", found=plain(value), expected=plain(number.value),
            related=beside(number.printed),
        )  # fmt: skip
        return


def _spent(
    context: Context, prose: Prose, project: Project, uses: list[tuple[str, Decimal, int, int]]
) -> Iterator[Finding]:
    """The same project in 项目支出主要用于 has the same 执行数."""
    same = [u for u in uses if canonical(u[0]) == canonical(project.name) and canonical(u[0])]
    if len(same) != 1:
        return
    context.saw()
    name, amount, start, end = same[0]
    if amount != project.executed:
        yield at(
            prose, *project.figures,
            f"项目“{project.name}”的执行数：绩效自评为 {plain(project.executed)} 万元，支出说明中“{name}”为 {plain(amount)} 万元，应一致",
            found=plain(project.executed), expected=plain(amount), related=_related(prose, (start, end)),
        )  # fmt: skip


def _texts(context: Context, prose: Prose, project: Project, other: Project) -> Iterator[Finding]:
    context.saw()
    for word, a, b in (("执行数", project.executed, other.executed), ("预算数", project.budget, other.budget)):
        if a != b:
            yield at(
                prose, *other.figures,
                f"项目“{project.name}”的{word}：项目自评结果为 {plain(a)} 万元，附件评价报告为 {plain(b)} 万元，应一致",
                found=plain(b), expected=plain(a), related=_related(prose, project.figures),
            )  # fmt: skip
            return


@check("performance_project_name")
def project_name(context: Context) -> Iterator[Finding]:
    """One project has one name in 项目支出, 绩效自评 and its 自评表."""
    prose = _prose(context)
    projects = listed(prose)
    if not projects:
        raise NotApplicable("没有逐项列出的项目")
    tables = {id(p): t for p, t, _ in pairs(projects, [t for t in context.report.performance if t.kind == "项目"])}
    uses = spent(prose)
    for project in projects:
        table = tables.get(id(project))
        if table is not None and (table.executed is None or table.executed.value != project.executed):
            table = None
        same = [u for u in uses if u[1] == project.executed and project.executed > 0]
        if len(same) != 1 or sum(p.executed == project.executed for p in projects) != 1:
            same = []
        context.saw()
        yield from _names(prose, project, table, same[0] if same else None)


def _names(
    prose: Prose, project: Project, table: PerformanceTable | None, use: tuple[str, Decimal, int, int] | None
) -> Iterator[Finding]:
    """The odd one of the names a project bears; when all differ, the 自评表 and the narrative."""
    here = canonical(project.name)
    printed = table.project if table is not None and table.project else None
    used = use[0] if use else ""
    on_table = printed is not None and canonical(printed.text) != here
    in_use = bool(used) and canonical(used) != here
    agreed = printed is not None and bool(used) and canonical(printed.text) == canonical(used)
    places = _related(prose, project.name_span, *([(use[2], use[3])] if use else []))
    if on_table and not agreed and printed is not None:
        others = f"绩效自评写“{project.name}”" + (f"，支出说明写“{used}”" if in_use else "")
        yield flag(
            f"同一项目（执行数 {plain(project.executed)} 万元）名称不一：自评表写“{printed.text}”，{others}，请统一",
            printed, found=printed.text, expected=used or project.name, related=places,
        )  # fmt: skip
    if (in_use and (agreed or on_table or printed is None)) or (in_use and not on_table):
        near = _within(here, canonical(used)) or _shared(here, canonical(used)) >= 0.5
        yield at(
            prose, *project.name_span,
            f"同一项目（{plain(project.executed)} 万元）名称不一：绩效自评写“{project.name}”，支出说明写“{used}”"
            + ("，自评表同支出说明" if agreed else "") + "，请统一",
            severity="info" if near else "", found=project.name, expected=used, related=places,
        )  # fmt: skip


def _shared(a: str, b: str) -> float:
    common = sum(1 for c in set(a) if c in b)
    return common / max(1, len(set(a)))


@check("performance_table_count")
def table_count(context: Context) -> Iterator[Finding]:
    """As many 项目自评表 as projects listed; those without a table are named."""
    prose = _prose(context)
    tables = [t for t in context.report.performance if t.kind == "项目"]
    projects = listed(prose)
    if len(tables) < 2 or not projects or not _numbered(projects):
        raise NotApplicable("没有可以对照的项目自评表和项目清单")
    context.saw()
    if len(tables) >= len(projects):
        return
    have = {id(p) for p, _, _ in pairs(projects, tables)}
    for project in projects:
        if id(project) not in have:
            yield at(
                prose, *project.name_span,
                f"项目“{project.name}”没有读到自评表（其他 {len(tables)} 个项目有），请核对是否漏附",
                found="无自评表", expected="附自评表",
            )  # fmt: skip
