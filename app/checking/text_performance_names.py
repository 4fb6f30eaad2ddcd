"""绩效自评表: whose it is, what is ticked, years of documents, and the 整体 table ↔ the nine tables."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from difflib import SequenceMatcher

from app.checking.finding import Finding
from app.checking.performance_values import beside, flag, tables
from app.checking.rulebook import Context, CouldNotRun, NotApplicable, check
from app.numbers import plain
from app.report.performance import Number, PerformanceTable, Printed
from app.report.table import Table

_DOCUMENT = re.compile(r"[\u4e00-\u9fff]{1,10}\[(20\d{2})\]\d{1,4}号")
_PLACE = re.compile(r"^.{0,12}?(?:省|市|自治区|区|县|州|镇|街道)")
_INNER = re.compile(r"(?:科|处|股|室)$")
_OFFICE = re.compile(r"办公室$|办$")
_SELF = re.compile(r"(?:(?<![参])与|[我本])(中心|局|委|学院|学校|医院|站|馆)(?=联系|[的各工职干党]|$)")
_SHORT_UNIT = re.compile(r"资金量?:?(\d+(?:\.\d+)?)万(?!元)")
_SOURCE = re.compile(r"资金量:?(\d+(?:\.\d+)?)万")
_MARGIN = Decimal("0.015")


def alike(a: str, b: str) -> bool:
    """Whether two unit names mean one unit: one within the other, place names left out."""
    x, y = _bare(a), _bare(b)
    if not x or not y:
        return True
    return x in y or y in x or SequenceMatcher(None, x, y).ratio() >= 0.8


def _bare(name: str) -> str:
    plain_name = re.sub(r"\((?:本级|机关|汇总|盖章)\)|部门|单位(?=$)", "", name)
    while hit := re.match(r"^[\u4e00-\u9fff]{1,3}?(?:省|市|自治区|区|县|州)(?=[\u4e00-\u9fff]{3})", plain_name):
        plain_name = plain_name[hit.end() :]
    return plain_name.removeprefix("区").removeprefix("市")


@check("performance_owner")
def owner(context: Context) -> Iterator[Finding]:
    """主管部门 and 项目实施单位 are this unit, not another."""
    found = tables(context)
    own = _own_name(context, found)
    if not own:
        raise CouldNotRun("没有读到单位名称，无法核对自评表的主管部门和实施单位")
    usual = {
        "主管部门": Counter(t.department.text for t in found if t.department),
        "项目实施单位": Counter(t.implementer.text for t in found if t.implementer),
    }
    for table in found:
        for word, printed in (("主管部门", table.department), ("项目实施单位", table.implementer)):
            if not printed:
                continue
            context.saw()
            if alike(printed.text, own):
                continue
            if _INNER.search(printed.text) and not _OFFICE.search(printed.text):
                if word == "主管部门":
                    yield flag(
                        f"{table.name}：主管部门填“{printed.text}”，是内设科室，不是部门名称，应填 {own}",
                        printed, severity="info", found=printed.text, expected=own,
                    )  # fmt: skip
                continue
            if word == "主管部门" and table.implementer and alike(table.implementer.text, own):
                continue  # a superior department may stand there
            others = usual[word]
            lone = others[printed.text] == 1 and len(found) > 2
            yield flag(
                f"{table.name}：{word}印为“{printed.text}”，本报告的单位是 {own}，请核对是否沿用了其他单位的表",
                printed,
                severity="error" if lone and any(alike(o, own) for o in others) else "warning",
                found=printed.text, expected=own, related=beside(table.project),
            )  # fmt: skip


def _own_name(context: Context, found: list[PerformanceTable]) -> str:
    """The report's unit; if that was misread, what most 自评表 state."""
    stated = context.report.unit.value if context.report.unit else ""
    if stated and "," not in stated and "，" not in stated:
        return stated
    names = Counter(t.unit.text for t in found if t.unit)
    return names.most_common(1)[0][0] if names else ""


@check("performance_owner_blank")
def owner_blank(context: Context) -> Iterator[Finding]:
    """A field that other tables fill is blank here."""
    found = [t for t in tables(context) if t.kind == "项目"]
    for word in ("implementer", "department", "project"):
        label = {"implementer": "项目实施单位", "department": "主管部门", "project": "项目名称"}[word]
        fields: list[tuple[PerformanceTable, Printed]] = [(t, p) for t in found if (p := getattr(t, word)) is not None]
        filled = [p for _, p in fields if p]
        blank = [(t, p) for t, p in fields if not p]
        context.saw(len(fields))
        if not blank:
            continue
        if filled:
            for table, printed in blank:
                yield flag(
                    f"{table.name}：{label}空白，其他自评表填“{filled[0].text}”",
                    printed, expected=filled[0].text, related=beside(table.project, filled[0]),
                )  # fmt: skip
        else:
            table, printed = blank[0]
            yield flag(
                f"{len(blank)} 张项目自评表的{label}都空白，请填写",
                printed, severity="info", related=beside(*(p for _, p in blank[1:])),
            )  # fmt: skip


@check("performance_unit_name")
def unit_name(context: Context) -> Iterator[Finding]:
    """部门名称 above the tables: another unit is an error, a shorter name a hint."""
    found = tables(context)
    own = _own_name(context, found)
    if not own:
        raise CouldNotRun("没有读到单位名称")
    names = Counter(t.unit.text for t in found if t.unit)
    for table in found:
        if not table.unit:
            continue
        context.saw()
        if not alike(table.unit.text, own):
            yield flag(
                f"{table.name}：单位名称印为“{table.unit.text}”，本报告的单位是 {own}", table.unit,
                found=table.unit.text, expected=own,
            )  # fmt: skip
        elif len(names) > 1 and names[table.unit.text] * 2 < sum(names.values()):
            usual = names.most_common(1)[0][0]
            yield flag(
                f"{table.name}：单位名称写“{table.unit.text}”，其他自评表写“{usual}”，请统一", table.unit,
                severity="info", found=table.unit.text, expected=usual, related=beside(table.self_score.printed if table.self_score else None),
            )  # fmt: skip


@check("performance_choice")
def choice(context: Context) -> Iterator[Finding]:
    """项目类型, 项目属性: one box is ticked."""
    found = tables(context)
    ticking = any(t for table in found for c in table.choices for _, t in c.options)
    for table in found:
        none: list[Printed] = []
        for single in table.choices:
            context.saw()
            ticked = [name for name, mark in single.options if mark]
            if len(ticked) > 1 and single.name != "项目类别":
                yield flag(
                    f"{table.name}：{single.name}是单选，同时勾选了{'、'.join(ticked)}，只能选一项",
                    single.printed, found="、".join(ticked), expected="一项",
                )  # fmt: skip
            if not ticked and all(mark is False for _, mark in single.options):
                none.append(single.printed)
        if none and ticking:
            yield flag(
                f"{table.name}：有 {len(none)} 个选项没有勾选（其他自评表已勾选），请补勾",
                none[0], severity="info", related=beside(*none[1:]),
            )  # fmt: skip


@check("performance_document")
def document(context: Context) -> Iterator[Finding]:
    """A 文号 of a year after the report year cannot be the basis of its targets."""
    year = context.report.year
    if year is None:
        raise CouldNotRun("没有读到报告年度")
    for table in tables(context):
        for row in table.texts:
            for hit in _DOCUMENT.finditer(row.text):
                context.saw()
                if int(hit.group(1)) > year:
                    yield _later(table, row, hit, year)


def _later(table: PerformanceTable, row: Printed, hit: re.Match[str], year: int) -> Finding:
    near = next((i.row for i in table.indicators if hit.group() in i.row.text and row.place == i.row.place), row)
    full = next((i.row for i in table.indicators if row.quote in i.row.quote), near)
    return flag(
        f"{table.name}：依据文件“{hit.group()}”是 {hit.group(1)} 年的，晚于报告年度 {year} 年，不能作为 {year} 年目标的依据",
        row, found=hit.group(1), expected=f"{year} 年或以前的文件", related=beside(full),
    )  # fmt: skip


@check("performance_self")
def other_self(context: Context) -> Iterator[Finding]:
    """与中心联系 in the table of an office: text taken over from another kind of unit."""
    found = tables(context)
    own = _own_name(context, found)
    if not own:
        raise CouldNotRun("没有读到单位名称")
    for table in found:
        for indicator in table.indicators:
            context.saw()
            hit = _SELF.search(indicator.row.text)
            if (
                hit
                and hit.group(1) not in own
                and hit.group(1)
                not in (table.implementer.text if table.implementer and alike(table.implementer.text, own) else "")
            ):
                yield flag(
                    f"{table.name}：指标文字写“{hit.group()}…”，本单位是 {own}，不是{hit.group(1)}，疑从其他单位抄来",
                    indicator.row, found=hit.group(1), expected=own,
                )  # fmt: skip


@check("performance_short_unit")
def short_unit(context: Context) -> Iterator[Finding]:
    """资金量：26.5 万 for 万元."""
    for table in tables(context):
        for row in table.texts:
            for hit in _SHORT_UNIT.finditer(row.text):
                context.saw()
                yield flag(
                    f"{table.name}：金额写“{hit.group(1)} 万”，应写“{hit.group(1)} 万元”",
                    row,
                    found=f"{hit.group(1)}万",
                    expected=f"{hit.group(1)}万元",
                )


@check("performance_source_amount")
def source_amount(context: Context) -> Iterator[Finding]:
    """资金量 beside the ticked source = 预算数（A）, where only one is given."""
    for table in tables(context):
        found = [(row, Decimal(h.group(1))) for row in table.texts for h in _SOURCE.finditer(row.text)]
        if not found or table.budget is None:
            continue
        context.saw()
        total = sum((amount for _, amount in found), Decimal(0))
        if abs(total - table.budget.value) > _MARGIN:
            yield flag(
                f"{table.name}：资金量 {plain(total)} 万元，预算数（A）为 {plain(table.budget.value)} 万元，应一致",
                found[0][0], found=plain(total), expected=plain(table.budget.value), related=beside(table.budget.printed),
            )  # fmt: skip


@check("performance_over")
def over(context: Context) -> Iterator[Finding]:
    """执行数 beyond 预算数."""
    for table in tables(context):
        if table.budget is None or table.executed is None:
            continue
        context.saw()
        if table.executed.value > table.budget.value + _MARGIN:
            yield flag(
                f"{table.name}：执行数 {plain(table.executed.value)} 大于预算数 {plain(table.budget.value)}，预算数应为调整后的全年预算，请核对",
                table.executed.printed, found=plain(table.executed.value), expected=f"≤{plain(table.budget.value)}",
                related=beside(table.budget.printed),
            )  # fmt: skip


@check("performance_project_sum")
def project_sum(context: Context) -> Iterator[Finding]:
    """项目支出总额 of the 整体 table = Σ 执行数 of the 项目 tables."""
    found = tables(context)
    whole = [t for t in found if t.kind == "整体" and t.projects is not None]
    parts = [t.executed for t in found if t.kind == "项目"]
    if len(whole) != 1 or len(parts) < 2:
        raise NotApplicable("没有一张整体自评表和几张项目自评表可以对照")
    values = [p for p in parts if p is not None]
    if len(values) < len(parts):
        raise CouldNotRun("有项目自评表的执行数没有读到，合计未核对")
    context.saw()
    stated = whole[0].projects
    assert stated is not None
    total = sum((v.value for v in values), Decimal(0))
    if abs(total - stated.value) > Decimal("0.005") * (len(values) + 1):
        yield flag(
            f"整体绩效自评表：项目支出总额印为 {plain(stated.value)}，{len(values)} 张项目自评表的执行数合计 {plain(total)}，请核对",
            stated.printed, found=plain(stated.value), expected=plain(total),
            calculation=" + ".join(plain(v.value) for v in values) + f" = {plain(total)}",
            related=beside(*(v.printed for v in values)),
        )  # fmt: skip


@check("performance_overall")
def overall(context: Context) -> Iterator[Finding]:
    """整体: 基本支出 + 项目支出 = 执行数, and all three are those of 支出决算表."""
    for table in tables(context):
        if table.kind != "整体":
            continue
        yield from _parts(context, table)
        known = [
            t for key in ("支出表", "一般支出表") if (t := context.report.tables.get(key)) is not None and t.readable
        ]
        if not known:
            context.skipped.append("没有读到支出决算表，整体自评表的金额未与表核对")
            continue
        for column, number, word in (
            ("合计", table.executed, "执行数"), ("基本支出", table.basic, "基本支出总额"), ("项目支出", table.projects, "项目支出总额"),
        ):  # fmt: skip
            if number is not None:
                yield from _against(context, table, known, column, number, word)


def _parts(context: Context, table: PerformanceTable) -> Iterator[Finding]:
    if table.basic is None or table.projects is None or table.executed is None:
        return
    context.saw()
    total = table.basic.value + table.projects.value
    gap = abs(total - table.executed.value)
    budget = abs(total - table.budget.value) if table.budget else gap
    if min(gap, budget) == 0:
        return
    rounding = gap <= _MARGIN
    yield flag(
        f"{table.name}：基本支出 {plain(table.basic.value)} + 项目支出 {plain(table.projects.value)} = {plain(total)}，"
        f"部门整体支出执行数印为 {plain(table.executed.value)}" + ("（尾差）" if rounding else ""),
        table.executed.printed, severity="info" if rounding else "error", kind="尾差" if rounding else "",
        found=plain(table.executed.value), expected=plain(total),
        calculation=f"{plain(table.basic.value)} + {plain(table.projects.value)} = {plain(total)}",
        related=beside(table.basic.printed, table.projects.printed),
    )  # fmt: skip


def _against(
    context: Context, table: PerformanceTable, known: list[Table], column: str, number: Number, word: str
) -> Iterator[Finding]:
    amounts = []
    for each in known:
        block = each.blocks.get(each.key)
        row = block.row("合计行") if block else None
        amount = row.amount(column) if row else None
        if amount is not None:
            amounts.append((each, amount.value * each.factor / 10000))
    if not amounts:
        return
    context.saw()
    gaps = [abs(value - number.value) for _, value in amounts]
    if min(gaps) <= _MARGIN:
        return
    names = "、".join(f"{t.key} {plain(v)}" for t, v in amounts)
    yield flag(
        f"{table.name}：{word}印为 {plain(number.value)} 万元，决算表{column}为 {names} 万元，应一致（预算调整等口径不同请说明）",
        number.printed, found=plain(number.value), expected=plain(amounts[0][1]),
        severity="warning",
    )  # fmt: skip
