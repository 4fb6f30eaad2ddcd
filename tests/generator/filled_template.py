"""The program's own template, typed into by a random department's clerk, and saved by LibreOffice."""

from __future__ import annotations

from pathlib import Path
from random import Random
from typing import Any

from app.knowledge.forms import form as form_of
from app.writing.template import template
from app.writing.template_shapes import ROWS
from app.writing.template_supplement import supplement
from app.writing.template_tables import Tables

from .department import FISCAL, OTHER, Department, department
from .figures import GRANTS, levels, subject_name
from .report_facts import CENT, Facts, facts
from .report_style import printed

_TRIPS = {"出国费": "出国费", "购置费": "公务用车购置费", "运行费": "公务用车运行费", "接待费": "接待费"}
_SOURCES = dict(zip(("一般公共预算", "政府性基金", "国有资本"), FISCAL, strict=True))
_COUNTS = {
    "出国团组": "团组", "出国人次": "出国人次", "购置数": "购置", "保有量": "保有量", "国内接待批次": "批次", "国内接待人次": "接待人次",
}  # fmt: skip


def told(seed: int) -> Facts:
    """The facts of a department that fits the template: no more rows than it has."""
    step = seed
    while True:
        whole = in_cents(department(step))
        found = facts(whole, Random(f"filled {step}"))
        sizes = {key: len(codes(found, key)) for key in ROWS}
        if all(sizes[key] <= ROWS[key] for key in ROWS):
            return found
        step += 100_003


def in_cents(whole: Department) -> Department:
    """The department with every amount a multiple of 0.01 万元: what is typed adds up to the last digit."""

    def cents(value: int) -> int:
        return round(value / CENT) * CENT

    for item in whole.items:
        item.spend = {k: cents(v) for k, v in item.spend.items()}
        item.opening = {k: cents(v) for k, v in item.opening.items()}
        item.closing = {k: cents(v) for k, v in item.closing.items()}
        for source in FISCAL:
            need = item.spent(source) + item.closing.get(source, 0)
            if item.opening.get(source, 0) > need or (
                source not in item.income and item.opening.get(source, 0) != need
            ):
                item.opening[source] = need
            if need - item.opening.get(source, 0) or source in item.income:
                item.income[source] = need - item.opening.get(source, 0)
        item.income = {k: v if k in FISCAL else cents(v) for k, v in item.income.items()}
    for name in ("opening_other", "reserve_used", "allocated"):
        setattr(whole, name, cents(getattr(whole, name)))
    _balance_other(whole)
    _balance_economic(whole, cents)
    whole.budget = {k: cents(v) for k, v in whole.budget.items()}
    whole.final = {k: cents(v) for k, v in whole.final.items()}
    return whole


def _balance_other(whole: Department) -> None:
    """Money of other kinds: what came in and was there was spent, allocated or is left."""
    income = sum(v for i in whole.items for k, v in i.income.items() if k not in FISCAL)
    spent = sum(i.spent(OTHER) for i in whole.items)
    rest = income + whole.opening_other + whole.reserve_used - spent - whole.allocated
    if rest < 0:
        whole.opening_other -= rest
    whole.closing_other = max(rest, 0)


def _balance_economic(whole: Department, cents: Any) -> None:
    whole.economic = {k: cents(v) for k, v in whole.economic.items()}
    basic = sum(i.spent(FISCAL[0], "基本支出") for i in whole.items)
    gap = basic - sum(whole.economic.values())
    largest = max(whole.economic, key=lambda k: whole.economic[k], default=None)
    if largest is not None:
        whole.economic[largest] += gap


def codes(found: Facts, key: str) -> list[str]:
    """类, 款 and 项 that have an amount in a code table, as she lists them."""
    return sorted({r for (t, b, r, _), v in found.exact.items() if t == b == key and r.isdigit() and v})


def fill(found: Facts, form: str, folder: Path, name: str) -> Path:
    """The template with everything typed that a clerk types; formulas without values."""
    whole = found.whole
    path = folder / f"{name}.xlsx"
    template(form, whole.year, whole.name, path)
    import openpyxl

    book = openpyxl.load_workbook(path)
    tables = Tables(form_of(form), whole.year, whole.name)
    for key in ROWS:
        _codes(book, tables, found, key)
    _single(book, tables, found)
    _more(book, tables, found)
    book.save(path)
    return path


def typed(amount: int) -> float:
    return float(printed(amount))


def _codes(book: Any, tables: Tables, found: Facts, key: str) -> None:
    sheet = tables.sheets[key]
    page = book[sheet.name]
    listed = codes(found, key)
    for number, code in enumerate(listed):
        row = sheet.first + number + 1
        page.cell(row, 1).value = int(code) if number % 7 == 3 else code  # some are pasted as numbers
        if not str(page.cell(row, 2).value or "").startswith("="):
            raise AssertionError("the name is looked up")
        if code not in _known():
            page.cell(row, 2).value = subject_name(found.whole, code)
        if any(other != code and other.startswith(code) for other in listed):
            continue
        for column in sheet.columns:
            spot = sheet.cells[key, str(number), column]
            if spot in sheet.inputs:
                value = found.cell(key, code, "小计" if (key, column) == ("基金表", "本年支出") else column)
                if value:
                    page.cell(spot[0] + 1, spot[1] + 1).value = typed(value)


def _known() -> dict[str, str]:
    from app.knowledge.subject_lists import names

    return names("功能分类")


def _put(book: Any, tables: Tables, cell: tuple[str, str, str], value: int) -> None:
    from app.knowledge.forms import BLOCK_TABLE

    sheet = tables.sheets[BLOCK_TABLE[cell[0]]]
    if cell in sheet.cells and sheet.cells[cell] in sheet.inputs and value:
        row, column = sheet.cells[cell]
        book[sheet.name].cell(row + 1, column + 1).value = typed(value)


def _single(book: Any, tables: Tables, found: Facts) -> None:
    """The cells of 总表, 基本支出表 and 三公表 that are no formulas."""
    for (table, block, row, column), value in found.exact.items():
        if table in ("收支总表", "财拨总表"):
            names = {v: k for k, v in _SOURCES.items()}
            _put(book, tables, (block, row, names.get(column, column)), value)
        elif table == "三公表" and row == "合计行" and column in _TRIPS:
            _put(book, tables, (block, row, _TRIPS[column]), value)
    for code, value in found.whole.economic.items():
        _put(book, tables, ("基本支出表", code, "决算数"), value)


def _more(book: Any, tables: Tables, found: Facts) -> None:
    made = supplement(tables)
    page = book["补充资料"]

    def put(block: str, row: str, column: str, value: Any) -> None:
        if value is not None:
            at = made.cells[block, row, column]
            page.cell(at[0] + 1, at[1] + 1).value = value

    for key, value in found.last.items():
        if ("上年", key, "上年数") in made.cells:
            put("上年", key, "上年数", typed(value))
    for own, like in (("基金支出", "基金收入"), ("国资支出", "国资收入")):
        put("上年", own, "上年数", typed(found.last[like]))
    spent = typed(found.cell("支出表", "合计", "合计"))
    put("绩效", "整体预算数", "数值", round(spent * 1.07, 2))
    put("绩效", "整体执行数", "数值", spent)
    items = [c for c in codes(found, "一般支出表") if len(c) == 7]
    for number, code in enumerate(items, 1):
        put("年初预算", str(number), "年初预算数", typed(found.budgets[code]) if code in found.budgets else None)
    for trip, name in _TRIPS.items():
        put("三公", name, "上年数", typed(found.trips_last[trip]))
    for key, name in _COUNTS.items():
        put("三公数量", key, "数量", found.counts[name])
    for kind, value in found.bought.items():
        put("采购", kind, "金额", typed(value))
        put("采购", kind, "中小企业", typed(found.to_middle[kind]))
    rest = found.to_small
    for kind, value in found.to_middle.items():
        share = min(rest, value)
        rest -= share
        put("采购", kind, "小微企业", typed(share))
    for kind, value in found.cars.items():
        put("车辆", kind, "数量", value)
    for number, project in enumerate(found.projects, 1):
        at = made.cells["项目", str(number), "全年预算数"]
        page.cell(at[0] + 1, 1).value = project.name
        put("项目", str(number), "全年预算数", typed(project.budget))
        put("项目", str(number), "执行数", typed(project.spent))


__all__ = ["GRANTS", "Department", "codes", "fill", "levels", "told"]
