"""The sheet 总览 of a report: counts by table, and the four charts of the report as native charts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from app.checking.finding import Checked
from app.knowledge.forms import Form
from app.report.report import Report
from app.report.table import Block, Row, Table
from app.writing import layout, summary, words
from app.writing.model import MARKS, SheetCell, SheetModel, Style

NAME = "总览"
_WIDTHS = (24.0, 16.0, 14.0, 14.0, 14.0, 14.0, 14.0, 20.0)
_CHART_ROWS = 16  # rows of 20 pixels a chart takes
_SECTION = Style(bold=True, size=12, align="left", color="1F6FB2")
_AMOUNT = Style(border=True, align="right", number_format="#,##0.00_ ")
_SHARE = Style(border=True, align="right", number_format="0.00%")
_COUNTS = ("error", "warning", "rounding", "info", "verified")

Reference = Mapping[int, str]  # id(entry) -> where it stands in this workbook: 'sheet'!C5


@dataclass(slots=True)
class Chart:
    """A native chart: ``kind`` is column or pie; ranges are (first row, first column, last row, last
    column) on the sheet; each series is (name's cell, values' range)."""

    kind: str
    title: str
    categories: tuple[int, int, int, int]
    series: list[tuple[tuple[int, int], tuple[int, int, int, int]]]
    row: int = 0
    column: int = 0


@dataclass(slots=True)
class Overview:
    """The sheet and the charts that stand on it."""

    sheet: SheetModel
    charts: list[Chart] = field(default_factory=list)


def overview(
    report: Report,
    checked: Checked,
    form: Form,
    references: Reference,
    file_name: str,
    today: date | None = None,
) -> Overview:
    """总览. Figures of this year are live references to the rebuilt tables; last year's totals are
    those that the narrative implies, since no table prints them."""
    sheet = SheetModel(NAME, widths=dict(enumerate(_WIDTHS)), tab_color=summary.tab_color(checked))
    sheet.landscape = False  # upright, counts and the four charts stay on one page
    made = Overview(sheet)
    summary.heading(sheet, "决算公开校核总览", report, checked, file_name, today or date.today())
    summary.count_row(sheet, checked, ((0, 0), (1, 1), (2, 2), (3, 3), (4, 5), (6, 6)))
    layout.gap(sheet)
    _by_table(sheet, report, checked, form)
    layout.gap(sheet)
    _section(sheet, "图表")
    first = len(sheet.rows)
    for _ in range(2 * _CHART_ROWS):
        layout.gap(sheet, 15)
    layout.gap(sheet)
    _section(sheet, "图表数据（万元，随各表数字变动）")
    _years(made, report, references, "收支总表", "收、支决算总计变动情况", _before(report, "收支总体"))
    _parts(made, report, references, "收入表", "收入决算结构")
    _parts(made, report, references, "支出表", "支出决算结构")
    _years(made, report, references, "财拨总表", "财政拨款收、支决算总计变动情况", _before(report, "财拨总体"))
    for number, chart in enumerate(made.charts):
        chart.row, chart.column = first + number // 2 * _CHART_ROWS, number % 2 * 4
    sheet.footer = layout.footer(report.unit.value if report.unit else "")
    return made


def _section(sheet: SheetModel, text: str) -> None:
    sheet.heights[len(sheet.rows)] = 22
    sheet.rows.append([SheetCell(text, _SECTION)])


def _by_table(sheet: SheetModel, report: Report, checked: Checked, form: Form) -> None:
    """One row a table and one for the rest: its state and how many findings of each level."""
    layout.headers(sheet, ("表与文字", "状态", "错误", "提醒", "尾差", "信息", "已核实"))
    found: dict[str, list[str]] = {}
    known = {table.key for table in form.tables}
    for finding in checked.findings:
        key = words.table_key(finding.table)
        found.setdefault(key if key in known else "文字及全文", []).append(words.level(finding))
    for key in [*(table.key for table in form.tables), "文字及全文"]:
        levels = found.get(key, [])
        link = f"{layout.quoted(key)}!A1" if key in known else ""
        row: layout.Row = [
            SheetCell(key, layout.LINK if link else layout.TEXT, link=link),
            SheetCell(_state(report.tables.get(key)) if key in known else "", layout.CENTER),
        ]
        layout.add(sheet, [*row, *(_count(levels.count(level), level) for level in _COUNTS)])


def _count(count: int, level: str) -> SheetCell:
    fill, color = MARKS[level] if count else ("", "")
    return SheetCell(count, Style(fill=fill, color=color, border=True, align="center"))


def _state(table: Table | None) -> str:
    if table is None:
        return "未找到"
    if not table.readable:
        return "无法读取"
    return "无数据" if table.empty else "已识别"


def _years(
    made: Overview, report: Report, references: Reference, key: str, title: str, previous: Decimal | None
) -> None:
    """Income and expenditure totals of last year and this year side by side."""
    totals = [_total(report, key, side) for side in ("收入", "支出")]
    if all(row is None for row in totals):
        return
    sheet, year = made.sheet, report.year
    top = layout.headers(sheet, (title, "收入总计", "支出总计"))
    if previous is not None:
        name = f"{year - 1}年" if year else "上年"
        label = SheetCell(f"{name}（按文字推算）", layout.TEXT)
        sheet.rows.append([label, SheetCell(previous, _AMOUNT), SheetCell(previous, _AMOUNT)])
    column = "决算数" if key == "收支总表" else "合计"
    cells = [_live(row, references, ("决算数", column)) for row in totals]
    sheet.rows.append([SheetCell(f"{year}年" if year else "本年", layout.TEXT), *cells])
    last = len(sheet.rows) - 1
    series = [((top, c), (top + 1, c, last, c)) for c in (1, 2)]
    made.charts.append(Chart("column", title, (top + 1, 0, last, 0), series))
    layout.gap(sheet)


def _before(report: Report, section: str) -> Decimal | None:
    """Last year's total as the first comparison of a section implies it: 944.91, 增加 543.08."""
    for claim in report.claims:
        if claim.section == section and claim.amount and claim.change and claim.direction:
            return claim.amount.value - claim.direction * claim.change.value
    return None


def _parts(made: Overview, report: Report, references: Reference, key: str, title: str) -> None:
    """What the total of a code table is made of, parts without money left out."""
    block = _block(report, key, key)
    total = block.row("合计行") if block else None
    if block is None or total is None:
        return
    parts = [c for c in block.columns if c.key != "合计" and (a := total.amount(c.key)) and a.value]
    if not parts:
        return
    sheet = made.sheet
    top = layout.headers(sheet, (title, "金额", "占比"))
    last = top + len(parts)
    for number, column in enumerate(parts, top + 1):
        amount = total.amount(column.key)
        whole = sum((a.value for c in parts if (a := total.amount(c.key))), Decimal(0))
        share = amount.value / whole if amount and whole else None
        formula = f"B{number + 1}/SUM(B${top + 2}:B${last + 1})"
        cells = [_live(total, references, (column.key,)), SheetCell(share, _SHARE, formula=formula)]
        sheet.rows.append([SheetCell(column.key, layout.TEXT), *cells])
    made.charts.append(Chart("pie", title, (top + 1, 0, last, 0), [((top, 1), (top + 1, 1, last, 1))]))
    layout.gap(sheet)


def _total(report: Report, key: str, side: str) -> Row | None:
    block = _block(report, key, f"{key}{side}")
    return block.row("总计") if block else None


def _block(report: Report, table: str, block: str) -> Block | None:
    found = report.tables.get(table)
    return found.blocks.get(block) if found else None


def _live(row: Row | None, references: Reference, columns: tuple[str, ...]) -> SheetCell:
    """The amount as a reference to where it stands in the rebuilt table."""
    for column in columns:
        entry = row.entries.get(column) if row else None
        if entry is not None and entry.amount is not None:
            return SheetCell(entry.amount.value, _AMOUNT, formula=references.get(id(entry), ""))
    return SheetCell(None, _AMOUNT)
