"""部门 = Σ 本级 and 下属单位, table by table and code by code (DOMAIN §4)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from app.checking.binding import Book
from app.checking.equation import Spot
from app.checking.evidence import finding, named
from app.checking.finding import Consequence, Finding, Related
from app.checking.rulebook import Context, CouldNotRun, NotApplicable, check
from app.checking.text_facts import money
from app.checking.wording import cell_name
from app.knowledge.forms import BLOCK_TABLE, form
from app.knowledge.text import norm
from app.report.report import Report
from app.source import Place

# Fiscal money is not netted between units: every cell adds up. 收入表 only in this column.
_FISCAL = ("财拨总表收入", "财拨总表支出", "一般支出表", "基本支出表", "基金表", "国资表", "三公预算", "三公决算")
_COLUMNS = {"收入表": ("财政拨款收入",)}
# Where internal 补助 and 上缴 are netted the department has at most the sum.
_NETTED = ("收支总表收入", "收支总表支出", "收入表", "支出表")
_MOST = 40


@dataclass(slots=True)
class Gap:
    """A cell of the department that is not the sum of its units'."""

    block: str
    row: str
    column: str
    value: Decimal
    added: Decimal
    slack: Decimal
    spot: Spot | None
    parts: list[tuple[str, Spot]]
    follows: list[Gap] = field(default_factory=list)

    @property
    def difference(self) -> Decimal:
        return self.value - self.added


@check("unit_files")
def unit_files(context: Context) -> Iterator[Finding]:
    """The files are of this year, of different units, and none is the department's own."""
    report = _department(context.report)
    seen: dict[str, Report] = {}
    for unit in report.units:
        context.saw()
        table = next(iter(unit.tables.values()))
        name = norm(unit.unit.value) if unit.unit else unit.source.path
        if report.year and unit.year and unit.year != report.year:
            at = next((t.year for t in unit.tables.values() if t.year), None)
            yield finding(
                f"单位文件“{_file(unit)}”是 {unit.year} 年度的，应为 {report.year} 年度：请换成本年的文件。",
                at.place if at else table.title.place, quote=at.text if at else table.title.text,
                found=str(unit.year), expected=str(report.year), table=named(table),
            )  # fmt: skip
        if name in seen:
            yield finding(
                f"单位文件“{_file(unit)}”与“{_file(seen[name])}”是同一个单位（{name}），应只给一份：现在被加了两次。",
                table.title.place, quote=table.title.text, found=name, expected="每个单位一份", table=named(table),
            )  # fmt: skip
        seen.setdefault(name, unit)


@check("units_add_up")
def units_add_up(context: Context) -> Iterator[Finding]:
    """Every amount of fiscal money: the department's is the sum of its units'."""
    report = _ready(context)
    gaps = list(_gaps(context, report, [*_FISCAL, *_COLUMNS]))
    for gap in _grouped(gaps)[:_MOST]:
        yield _finding(report, gap)


@check("units_netted")
def units_netted(context: Context) -> Iterator[Finding]:
    """All money: the department's totals are at most the sum, for what units pay each other is netted."""
    report = _ready(context)
    for block in _NETTED:
        over = [
            g for g in _gaps(context, report, [block], whole=True) if g.difference > 0 and (g.row, g.column) in _TOTALS
        ]
        for gap in over[:1]:
            place, quote, name = _where(report, gap)
            yield finding(
                f"{name} {money(gap.value)}，各单位合计只有 {money(gap.added)}，多 {money(gap.difference)}：部门数一般不大于各单位之和，请核对。",
                place, quote=quote, found=money(gap.value), expected=f"不大于 {money(gap.added)}",
                difference=money(gap.difference), related=_parts(gap),
            )  # fmt: skip


_TOTALS = {
    ("总计", "决算数"), ("本年收入合计", "决算数"), ("本年支出合计", "决算数"), ("合计行", "合计"),
}  # fmt: skip


def _department(report: Report) -> Report:
    if not report.units and not report.unread_units:
        raise NotApplicable("没有提供本级和下属单位的文件（--units）")
    return report


def _ready(context: Context) -> Report:
    report = _department(context.report)
    if report.unread_units:
        raise CouldNotRun("；".join(report.unread_units))
    if any(report.year and u.year and u.year != report.year for u in report.units):
        raise CouldNotRun("有单位文件不是本年度的")
    names = [norm(u.unit.value) for u in report.units if u.unit]
    if len(set(names)) < len(names):
        raise CouldNotRun("有单位的文件给了两份")
    return report


def _file(report: Report) -> str:
    return next((t.grid.file for t in report.tables.values() if t.grid.file), None) or report.source.path


def _gaps(context: Context, report: Report, blocks: list[str], *, whole: bool = False) -> Iterator[Gap]:
    """Cells that differ from the sum beyond their roundings, in the order of the form."""
    own = Book.of(report)
    books = [(_file(unit), Book.of(unit)) for unit in report.units]
    for block in blocks:
        if block not in own.blocks or not own.blocks[block][0].readable:
            context.skipped.append(f"部门文件缺少{BLOCK_TABLE[block]}")
            continue
        lacking = [name for name, book in books if block not in book.blocks]
        if lacking:
            context.skipped.append(f"{'、'.join(lacking)}缺少{BLOCK_TABLE[block]}")
            continue
        columns = [c.key for c in own.blocks[block][1].columns]
        if not whole:
            columns = [c for c in columns if c in _COLUMNS.get(block, columns)]
        keys = dict.fromkeys(key for book in (own, *(b for _, b in books)) for key in book.rows[block])
        for row in keys:
            for column in columns:
                spot = own.spot(block, row, column)
                parts = [(n, s) for n, b in books if (s := b.spot(block, row, column)) is not None and s.value]
                value = spot.value if spot else Decimal(0)
                added = sum((s.value for _, s in parts), Decimal(0))
                if not value and not added:
                    continue
                context.saw()
                slack = sum((s.half * s.weight for _, s in parts), spot.half * spot.weight if spot else Decimal(0))
                if abs(value - added) > slack:
                    yield Gap(block, row, column, value, added, slack, spot, parts)


def _grouped(gaps: list[Gap]) -> list[Gap]:
    """One slip, one error: what the details explain follows from them."""
    first: list[Gap] = []
    for gap in sorted(gaps, key=lambda g: (_depth(g), g.column in ("合计", "本年支出", "公务用车小计"))):
        causes = _explained(gap, first)
        if causes:
            causes[0].follows.append(gap)
        else:
            first.append(gap)
    order = {id(g): n for n, g in enumerate(gaps)}
    return sorted(first, key=lambda g: order[id(g)])


def _depth(gap: Gap) -> int:
    """項 before 款 before 类 before totals."""
    return -len(gap.row) if gap.row.isdigit() else 1 if gap.block in ("三公预算", "三公决算") else 0


def _explained(gap: Gap, first: list[Gap]) -> list[Gap]:
    """The details whose differences make up this one: of its own table, else of another."""
    for block in dict.fromkeys([gap.block, *(g.block for g in first)]):
        inside = [
            g
            for g in first
            if g.block == block
            and (not gap.row.isdigit() or g.row.startswith(gap.row) or not g.row.isdigit())
            and (
                g.block != gap.block
                or g.column == gap.column
                or gap.column in ("合计", "本年支出", "公务用车小计", "年末结转和结余")
            )
        ]
        for some in (inside, *([g] for g in inside)):
            total = sum((g.difference for g in some), Decimal(0))
            if some and abs(abs(total) - abs(gap.difference)) <= gap.slack + sum((g.slack for g in some), Decimal(0)):
                return some
    return []


def _finding(report: Report, gap: Gap) -> Finding:
    place, quote, name = _where(report, gap)
    listed = " + ".join(f"{unit} {money(s.value)}" for unit, s in gap.parts[:8]) or "各单位都没有"
    return finding(
        f"{name} {money(gap.value)}，应为各单位之和 {money(gap.added)}：{listed}，相差 {money(gap.difference)}。",
        place,
        quote=quote,
        found=money(gap.value),
        expected=money(gap.added),
        difference=money(gap.difference),
        calculation=f"{listed} = {money(gap.added)}",
        table=named(report.tables[BLOCK_TABLE[gap.block]]),
        row=gap.row,
        column=gap.column,
        related=_parts(gap),
        consequences=tuple(_consequence(report, g) for g in gap.follows),
    )


def _consequence(report: Report, gap: Gap) -> Consequence:
    place, _, name = _where(report, gap)
    return Consequence("U102", f"{name} {money(gap.value)} ≠ 各单位之和 {money(gap.added)}", place)


def _parts(gap: Gap) -> tuple[Related, ...]:
    return tuple(Related(s.entry.place, s.entry.text) for _, s in gap.parts)


def _where(report: Report, gap: Gap) -> tuple[Place, str, str]:
    """The cell; the table's title where the department has no such row."""
    table = report.tables[BLOCK_TABLE[gap.block]]
    title = named(table)
    if gap.spot is not None:
        return gap.spot.entry.place, gap.spot.entry.text, f"{title} {cell_name(gap.spot)}（{gap.spot.entry.place}）"
    names = {s.row.label for _, s in gap.parts}
    shape = form(report.form).table(table.key).block(gap.block)
    known = shape.row(gap.row) if shape else None
    row = f"{gap.row} {next(iter(names), '')}".strip() if gap.row.isdigit() else known.label if known else gap.row
    return table.title.place, table.title.text, f"{title} 没有“{row}”一行（{gap.column}）"
