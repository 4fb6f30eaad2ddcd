"""This year's report with last year's file: quiet when they agree, one finding for one slip."""

from __future__ import annotations

from copy import deepcopy
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest

from app.checking.run import check
from app.package.workbook_reader import read
from app.pipeline import Request, report_of
from app.pipeline import check as run
from app.recognising.companions import companion
from app.recognising.recognise import recognise
from app.report.report import Report
from tests.checking.test_units import book
from tests.generator import Department, department, fits


def pair(folder: Path, seed: int) -> tuple[Report, Path, Path]:
    """A department with openings; its year before, which closed with them."""
    whole = next(d for n in range(200) if fits(d := department(seed + 1000 * n), "ministry") and carries(d))
    before = deepcopy(whole)
    before.year -= 1
    for item in before.items:
        item.closing = dict(item.opening)
        item.opening = {}
        item.income = {k: v for k, v in item.income.items() if k not in ("一般公共预算", "政府性基金", "国有资本")}
        for source in ("一般公共预算", "政府性基金", "国有资本"):
            if need := item.spent(source) + item.closing.get(source, 0):
                item.income[source] = need
    before.closing_other = whole.opening_other
    spent = sum(i.spent("非财政") for i in before.items)
    income = sum(
        v for i in before.items for k, v in i.income.items() if k not in ("一般公共预算", "政府性基金", "国有资本")
    )
    before.opening_other = before.closing_other + spent + before.allocated - income - before.reserve_used
    if before.opening_other < 0:
        before.reserve_used -= before.opening_other
        before.opening_other = 0
    now, then = book(whole, folder / "今年.xlsx"), book(before, folder / "上年.xlsx")
    report = recognise(read(now))
    report.last_year = companion(read(then))
    return report, now, then


def carries(whole: Department) -> bool:
    return any(sum(i.opening.values()) > 10**6 for i in whole.items)


@pytest.mark.parametrize("seed", range(16))
def test_two_years_that_agree_are_quiet(tmp_path: Path, seed: int) -> None:
    report, _, _ = pair(tmp_path, seed)
    done = check(report, only=("L",))
    assert [f.message for f in done.findings] == []
    assert {r.code: r.status for r in done.rules}["L102"] == "passed"


@pytest.mark.parametrize("seed", range(8))
def test_an_opening_that_is_not_last_years_closing_is_one_reminder(tmp_path: Path, seed: int) -> None:
    report, _, then = pair(tmp_path, seed)
    work = openpyxl.load_workbook(then)
    row = next(r for r in report.last_year.tables["收支总表"].blocks["收支总表支出"].rows if r.key == "年末结转和结余")  # type: ignore[union-attr]
    place = row.entries["决算数"].place
    amount = row.amount("决算数")
    work[place.sheet][place.cell] = float((amount.value if amount else Decimal(0)) + 3)
    work.save(then)
    report.last_year = companion(read(then))
    found = check(report, only=("L",)).findings
    assert [(f.code, f.severity) for f in found] == [("L102", "warning")]
    assert found[0].related[0].place.file == "上年.xlsx"


def test_another_year_or_unit_is_said_and_not_compared(tmp_path: Path) -> None:
    report, _, _ = pair(tmp_path, 1)
    assert report.last_year is not None
    report.last_year.year = report.year
    done = check(report, only=("L",))
    assert [f.code for f in done.findings] == ["L101"]
    assert {r.code: r.status for r in done.rules}["L102"] == "could_not_run"
    report, _, _ = pair(tmp_path, 2)
    assert report.last_year is not None and report.last_year.unit is not None
    report.last_year.unit.value = "某市另外一个局"
    assert [(f.code, f.severity) for f in check(report, only=("L101",)).findings] == [("L101", "warning")]


TEXT = """{year}年度{unit}部门决算公开
第三部分 {year}年度部门决算情况说明
一、收入支出决算总体情况说明
{year}年度收、支总计{now}万元。与{last}年度相比，收、支总计各{way}{change}万元，主要原因是项目变动。
"""


def told(report: Report, change: Decimal) -> str:
    row = report.tables["收支总表"].blocks["收支总表收入"].row("总计")
    amount = row.amount("决算数") if row else None
    assert amount is not None and report.year and report.unit
    way = "增加" if change > 0 else "减少"
    return TEXT.format(year=report.year, last=report.year - 1, unit=report.unit.value, now=amount.value, way=way, change=abs(change))  # fmt: skip


@pytest.mark.parametrize("slip", [Decimal(0), Decimal("5.00")])
def test_a_change_told_in_the_text_is_that_of_the_two_years(tmp_path: Path, slip: Decimal) -> None:
    report, now, then = pair(tmp_path, 4)
    assert report.last_year is not None
    totals = [r.tables["收支总表"].blocks["收支总表收入"].row("总计") for r in (report, report.last_year)]
    a, b = (t.amount("决算数") for t in totals if t)
    assert a and b
    words = tmp_path / "说明.txt"
    words.write_text(told(report, a.value - b.value + slip), "utf-8")
    case = report_of(Request(words, tables=now, last_year=then))
    found = check(case, only=("L103",)).findings
    assert [f.severity for f in found] == (["error"] if slip else [])
    if slip:
        assert "万元" in found[0].quote and f"{abs(a.value - b.value):,.2f}" in found[0].expected


def test_growth_comes_from_last_years_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JUESUAN_STATE", str(tmp_path / "state"))
    _, now, then = pair(tmp_path, 6)
    (path,) = run(Request(now, last_year=then)).outputs
    page = openpyxl.load_workbook(path, data_only=True)["百分比"]
    row = next(r for r in page.iter_rows(min_row=4, values_only=True) if r[2] == "收、支总计比上年")
    assert row[6] is not None and "上年决算" in str(row[8])
