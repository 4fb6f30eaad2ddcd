"""What a published report tells in its text and 补充资料 would hold: last year's figures, budgets, counts.

Read from the claims of the narrative. A figure that the text gives twice with different values is left
out: no wrong number.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from app.checking.text_changes import before, last_year_changes
from app.checking.text_facts import counts, part, wan
from app.checking.text_items import SpendingItem, spending_items, spending_total
from app.checking.text_public import stated
from app.checking.text_purchase import purchases
from app.knowledge.subjects import Chain, bare, chains
from app.knowledge.supplement import SupplementRow, section, sections, sheet_name
from app.recognising.performance_projects import listed
from app.report.amount import Amount
from app.report.claim import Figure
from app.report.report import Report
from app.report.table import Block, Column, Entry, Row, Stated, Table
from app.source import Grid, Place

_SHARE_KINDS = (("货物", re.compile(r"货物")), ("工程", re.compile(r"工程")), ("服务", re.compile(r"服务")))
_REASON = re.compile(r"主要(?:的)?原因(?:是|为|:|：|一是)?(?P<text>[^。\n]{2,200})")
_CARS = re.compile(r"(?P<kind>[\u4e00-\u9fff]{2,12}?用?车)(?P<number>\d{1,3})辆")
_HELD = re.compile(r"共有车辆(?P<number>\d{1,4})辆")
_DEVICE = re.compile(r"单(?:位)?价(?P<worth>50|100)万元[^,，。；;\d]*?(?P<number>\d{1,4})台")
_PROJECT_COUNT = re.compile(r"涉及(?:一级|二级)?项目(?P<count>\d+)个")
_COUNTS = {
    "出国团组": (r"团组", "个"), "出国人次": (r"出国|出境|团组|累计", "人次"), "购置数": (r"购置|更新", "辆"),
    "保有量": (r"保有量", "辆"), "国内接待批次": (r"国内公务接待|公务接待", "批次"), "国内接待人次": (r"国内公务接待|公务接待|批次", "人次"),
}  # fmt: skip


@dataclass(slots=True)
class _Told:
    """Values by (block, row, column); None once two of them differ."""

    report: Report
    values: dict[tuple[str, str, str], tuple[Decimal, Decimal, int] | None] = field(default_factory=dict)
    texts: dict[tuple[str, str, str], tuple[str, int]] = field(default_factory=dict)
    names: dict[tuple[str, str], str] = field(default_factory=dict)

    def put(self, key: tuple[str, str, str], value: Decimal, half: Decimal, at: int) -> None:
        known = self.values.get(key, (value, half, at))
        same = known is not None and abs(known[0] - value) <= known[1] + half
        self.values[key] = (known if same else None) if key in self.values else (value, half, at)

    def figure(self, key: tuple[str, str, str], figure: Figure | None) -> None:
        if figure is not None and not figure.bound:
            in_wan = wan(figure)
            self.put(key, in_wan.value, in_wan.half, figure.start)

    def text(self, key: tuple[str, str, str], text: str, at: int) -> None:
        if text:
            self.texts.setdefault(key, (text, at))


def told(report: Report) -> Table | None:
    """The figures as 补充资料 would hold them; None for a report without narrative."""
    if not report.claims:
        return None
    found = _Told(report)
    _last_year(found)
    _running(found)
    _budgets(found)
    _trips(found)
    _purchases(found)
    _assets(found)
    _projects(found)
    return _table(found)


def _last_year(found: _Told) -> None:
    for key, claim, value, half in last_year_changes(found.report):
        found.put(("上年", key, "上年数"), value, half, claim.start)
        found.text(("上年", key, "主要原因"), _reason(found.report, claim.end), claim.end)


def _running(found: _Told) -> None:
    """机关运行经费: whether there is any, and its budget where the text compares with that."""
    report, key = found.report, ("单位情况", "运行经费", "内容")
    bounds = part(report, "机关运行")
    if bounds is None:
        return
    if hit := re.search(r"(?:无|没有)机关运行经费", report.prose.text[bounds[0] : bounds[1]]):
        found.text(key, "否", bounds[0] + hit.start())
    for claim in report.claims:
        if not bounds[0] <= claim.start < bounds[1] or claim.change is None or claim.amount is None:
            continue
        found.text(key, "是", claim.start)
        value = before(claim)
        if value is not None and "预算" in report.prose.text[claim.amount.end : claim.change.start]:
            found.put(("机关运行", "机关运行经费", "年初预算数"), *value, claim.change.start)


def _reason(report: Report, at: int) -> str:
    """The reason that follows within the sentence or the next one."""
    stop = report.prose.text.find("\n", at)
    piece = report.prose.text[at : stop if 0 <= stop <= at + 400 else at + 400]
    hit = _REASON.search(piece)
    return hit["text"].strip("，,；; :：") if hit and hit.start() < 60 else ""


def _budgets(found: _Told) -> None:
    report = found.report
    total = spending_total(report)
    if total is not None:
        found.figure(("年初预算", "合计行", "年初预算数"), total.budget)
        found.text(("年初预算", "合计行", "主要原因"), _reason(report, total.start), total.start)
    known = [c for c in chains(report) if c.code]
    for item in spending_items(report):
        code, name = _code(item, known)
        if not code:
            continue
        found.names["年初预算", code] = name
        found.figure(("年初预算", code, "年初预算数"), item.budget)
        hit = _REASON.search(item.text)
        found.text(("年初预算", code, "主要原因"), hit["text"].strip("，,；; :：") if hit else "", item.start)


def _code(item: SpendingItem, known: list[Chain]) -> tuple[str, str]:
    """The code that an item's names stand for, and its name; blank where it cannot be told."""
    if not item.xiang:
        found = {c.code[:3]: c.lei for c in known if bare(c.lei) == bare(item.lei)} if not item.kuan else {}
        return next(iter(found.items())) if len(found) == 1 else ("", "")
    same = [c for c in known if bare(c.xiang) == bare(item.xiang)]
    for part_of in ("kuan", "lei"):
        narrower = [c for c in same if bare(getattr(c, part_of)) == bare(getattr(item, part_of))]
        same = narrower or same
    return (same[0].code, same[0].xiang) if len({c.code for c in same}) == 1 else ("", "")


def _trips(found: _Told) -> None:
    figures = stated(found.report)
    changes = {c.change.start: c for c in found.report.claims if c.change is not None}
    for row in section("三公").rows:
        final, change = figures.get((row.key, "final")), figures.get((row.key, "change"))
        if final is None or change is None or not (change.direction or not change.value):
            continue
        claim = changes.get(change.start)
        direction = claim.direction if claim is not None else change.direction
        value = wan(final).value - direction * wan(change).value
        if value >= 0:
            found.put(("三公", row.key, "上年数"), value, wan(final).half + wan(change).half, change.start)
    bounds = part(found.report, "三公")
    for count in counts(found.report.prose, *bounds) if bounds else ():
        for key, (pattern, unit) in _COUNTS.items():
            before = found.report.prose.text[max(bounds[0] if bounds else 0, count.start - 24) : count.start]
            if count.unit == unit and re.search(pattern, before) and "外宾" not in before:
                found.put(("三公数量", key, "数量"), Decimal(count.value), Decimal(0), count.start)
                break


def _purchases(found: _Told) -> None:
    report = found.report
    figures = purchases(report)
    for name, key in (("总额", ("合计", "金额")), ("中小", ("合计", "中小企业")), ("小微", ("合计", "小微企业"))):
        found.figure(("采购", *key), figures.get(name))
    for kind in ("货物", "工程", "服务"):
        found.figure(("采购", kind, "金额"), figures.get(kind))
    shares: dict[str, Figure] = {}
    for claim in report.claims:
        if claim.relation == "share" and claim.percent is not None and "中小企业" in claim.percent.left:
            kind = next((k for k, p in _SHARE_KINDS if p.search(claim.denominator) and len(claim.denominator) < 12), "")
            if kind:
                shares.setdefault(kind, claim.percent)
    for kind, percent in shares.items():
        whole = figures.get(kind)
        if percent.value == 0:  # other shares give the amount only roughly
            found.put(("采购", kind, "中小企业"), Decimal(0), Decimal(0), percent.start)
        elif percent.value == 100 and whole is not None:
            found.put(("采购", kind, "中小企业"), wan(whole).value, wan(whole).half, percent.start)


def _assets(found: _Told) -> None:
    bounds = part(found.report, "资产")
    if bounds is None:
        return
    text = found.report.prose.text
    rows = section("车辆").rows
    if hit := _HELD.search(text, *bounds):
        found.put(("车辆", "合计", "数量"), Decimal(hit["number"]), Decimal(0), hit.start())
    for hit in _CARS.finditer(text, *bounds):
        key = next((r.key for r in rows if _alike(r.key, hit["kind"])), "")
        if key:
            found.put(("车辆", key, "数量"), Decimal(hit["number"]), Decimal(0), hit.start())
    for hit in _DEVICE.finditer(text, *bounds):
        found.put(("车辆", f"设备{hit['worth']}万元", "数量"), Decimal(hit["number"]), Decimal(0), hit.start())


def _alike(key: str, printed: str) -> bool:
    """应急保障车 is 应急保障用车."""
    short = key.replace("用车", "").replace("车", "")
    return short in printed.replace("用车", "").replace("车", "") and not (short == "其他" and len(printed) > 6)


def _projects(found: _Told) -> None:
    projects = listed(found.report.prose)
    stated_count = _PROJECT_COUNT.search(found.report.prose.text)
    if stated_count and int(stated_count["count"]) != len(projects):
        projects = []  # some could not be read: their sum would be wrong
    for number, project in enumerate(projects, 1):
        found.names["项目", str(number)] = project.name.removesuffix("绩效自评综述")
        half = Decimal("0.005")
        found.put(("项目", str(number), "全年预算数"), project.budget, half, project.start)
        found.put(("项目", str(number), "执行数"), project.executed, half, project.start)
    whole = next((t for t in found.report.performance if t.kind == "整体"), None)
    told_of = (
        (("整体预算数", whole.budget), ("整体执行数", whole.executed), ("整体得分", whole.self_score)) if whole else ()
    )
    for key, printed in told_of:
        if printed is not None:
            found.put(("绩效", key, "数值"), printed.value, printed.half, 0)


# -- as a table ------------------------------------------------------------------------------------


def _table(found: _Told) -> Table:
    place = Place()
    table = Table(sheet_name(), Stated(sheet_name(), sheet_name(), place), Grid(sheet_name(), is_sheet=False), 0, 0)
    for one in sections():
        block = Block(one.key, [Column(c.key, c.header, n, place) for n, c in enumerate(one.columns)])
        for key, label, code in _rows(found, one.key, one.kind, one.rows):
            row = Row(key, label, place, code=code)
            row.entries = {c.key: _entry(found, (one.key, key, c.key)) for c in one.columns}
            block.rows.append(row)
        table.blocks[one.key] = block
    return table


def _rows(
    found: _Told, block: str, kind: str, fixed: tuple[SupplementRow, ...]
) -> Iterator[tuple[str, str, str | None]]:
    if kind == "rows":
        yield from ((r.key, r.label, None) for r in fixed)
        return
    if kind == "codes":
        yield "合计行", "合计", None
    keys = {row for (b, row, _) in (*found.values, *found.texts) if b == block and row != "合计行"}
    for key in sorted(keys, key=lambda k: (len(k) if kind == "list" else 0, k)):
        yield key, found.names.get((block, key), key), key if kind == "codes" else None


def _entry(found: _Told, key: tuple[str, str, str]) -> Entry:
    prose = found.report.prose
    if known := found.values.get(key):
        value, half, at = known
        return Entry(prose.place(at), f"{value}", Amount(value, half, f"{value}"))
    if key in found.texts:
        text, at = found.texts[key]
        return Entry(prose.place(at), text)
    return Entry(Place())
