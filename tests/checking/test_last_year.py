"""This year's report with last year's file: quiet when they agree, one finding for one slip."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from random import Random

import openpyxl
import pytest

import tests.generator.report as reports
from app.checking.finding import Finding
from app.checking.last_year import unusable
from app.checking.run import check
from app.filling.quantities import Quantities
from app.package.workbook_reader import read as read_workbook
from app.pipeline import Request, report_of
from app.pipeline import check as run
from app.reading.read import read
from app.recognising.companions import companion
from app.recognising.recognise import recognise
from app.report.report import Report
from app.report.table import Entry, Row
from tests.checking.test_units import book
from tests.generator import LAYOUTS, Department, compose, department, fits
from tests.generator.department import TRIPS
from tests.generator.figures import figures
from tests.generator.past import past
from tests.generator.report_facts import TENTH, now

_CELLS = {
    "收支总计": ("收支总表", "收支总表收入", "总计", "决算数"),
    "收入合计": ("收支总表", "收支总表收入", "本年收入合计", "决算数"),
    "支出合计": ("收支总表", "收支总表支出", "本年支出合计", "决算数"),
    "财拨总计": ("财拨总表", "财拨总表收入", "总计", "决算数"),
    "一般收入": ("财拨总表", "财拨总表收入", "一般公共预算财政拨款", "决算数"),
    "基金收入": ("财拨总表", "财拨总表收入", "政府性基金预算财政拨款", "决算数"),
    "国资收入": ("财拨总表", "财拨总表收入", "国有资本经营预算财政拨款", "决算数"),
    "一般支出": ("一般支出表", "一般支出表", "合计", "合计"),
    "机关运行": ("基本支出表", "基本支出表", "公用经费合计", "决算数"),
}


def pair(folder: Path, seed: int, wanted: Callable[[Department], bool] = lambda _: True, layout: str = "") -> Report:
    """A department and its year before, each in a layout of its own or in the one asked for."""
    whole = next(d for n in range(200) if wanted(d := department(seed + 1000 * n)))
    rng = Random(f"past {seed}")
    for name, one in (("今年", whole), ("上年", past(whole, rng))):
        able = [n for n in LAYOUTS if fits(one, n) and n != "yuan"]
        compose(one, LAYOUTS[layout or rng.choice(able)](rng), rng).save(folder / f"{name}.xlsx")
    report = recognise(read_workbook(folder / "今年.xlsx"))
    report.last_year = companion(read_workbook(folder / "上年.xlsx"))
    return report


def carries(whole: Department) -> bool:
    return any(sum(i.opening.values()) > 10**7 for i in whole.items)


def closing(report: Report | None) -> Row:
    assert report is not None
    row = report.tables["收支总表"].blocks["收支总表支出"].row("年末结转和结余")
    assert row is not None
    return row


def add(entry: Entry, by: int) -> None:
    assert entry.amount is not None
    entry.amount = replace(entry.amount, value=entry.amount.value + by)


@pytest.mark.parametrize("seed", range(24))
def test_two_years_that_agree_are_quiet(tmp_path: Path, seed: int) -> None:
    done = check(pair(tmp_path, seed), only=("L",))
    assert [f.message for f in done.findings] == []
    assert {r.code: r.status for r in done.rules}["L102"] == "passed"


@pytest.mark.parametrize("seed", range(8))
def test_an_opening_that_is_not_last_years_closing_is_one_reminder(tmp_path: Path, seed: int) -> None:
    report = pair(tmp_path, seed, carries)
    add(closing(report.last_year).entries["决算数"], 3)
    found = check(report, only=("L",)).findings
    assert [(f.code, f.severity) for f in found] == [("L102", "warning")]
    assert found[0].place.file is None and found[0].related[0].place.file == "上年.xlsx"


def test_one_adjustment_of_an_opening_is_one_reminder_with_its_sums(tmp_path: Path) -> None:
    report = pair(tmp_path, 3, lambda d: any(i.opening.get("一般公共预算", 0) > 10**7 for i in d.items))
    sides = [report.tables["财拨总表"].blocks["财拨总表收入"], report.tables["收支总表"].blocks["收支总表收入"]]
    rows = ("年初一般公共预算财政拨款", "年初财政拨款结转和结余", "年初结转和结余")
    for key in rows:
        row = next(r for s in sides if (r := s.row(key)))
        add(row.entries["决算数"], 2)
    (found,) = check(report, only=("L",)).findings
    assert (found.code, found.row, len(found.consequences)) == ("L102", "一般公共预算财政拨款", 2)


def test_a_balance_that_this_year_has_no_row_for(tmp_path: Path) -> None:
    """Money of the fund that last year left and this year does not open with."""
    report = pair(tmp_path, 1, lambda d: any(i.opening.get("政府性基金", 0) > 10**7 for i in d.items))
    table = report.tables["基金表"].blocks["基金表"]
    row = next(r for r in table.rows if r.code and len(r.code) == 7 and (a := r.amount("年初结转和结余")) and a.value)
    table.rows.remove(row)
    (found,) = check(report, only=("L",)).findings
    assert found.code == "L102" and "没有" in found.message and row.label in found.message


# -- which file -------------------------------------------------------------------------------------


def test_another_year_is_said_and_not_compared(tmp_path: Path) -> None:
    report = pair(tmp_path, 1)
    assert report.last_year is not None
    report.year, report.last_year.year = 2022, 2022
    done = check(report, only=("L",))
    assert [(f.code, f.severity) for f in done.findings] == [("L101", "error")]
    statuses = {r.code: r.status for r in done.rules}
    assert statuses == {"L101": "failed", **{f"L10{n}": "could_not_run" for n in (2, 3, 4, 5)}}
    assert unusable(report)


def test_another_unit_is_said_and_compared_only_where_the_balances_agree(tmp_path: Path) -> None:
    report = pair(tmp_path, 2, carries, "ministry")
    assert report.last_year and report.last_year.unit and report.unit
    stated = report.last_year.unit
    report.last_year.unit = replace(stated, value=f"{report.unit.value}信息中心")
    done = check(report, only=("L",))
    assert [(f.code, f.severity) for f in done.findings] == [("L101", "warning")]
    assert {r.code: r.status for r in done.rules}["L102"] == "passed", "renamed, but it closed with our opening"
    add(closing(report.last_year).entries["决算数"], 3)
    assert {r.code: r.status for r in check(report, only=("L",)).rules}["L102"] == "could_not_run"
    report.last_year.unit = replace(stated, value=report.unit.value[3:])
    assert check(report, only=("L101",)).findings == [], "the name without its place"


# -- what the text tells ----------------------------------------------------------------------------


def told(seed: int, folder: Path, change: str = "", by: int = 0) -> Report:
    """A report of words and its last year's workbook; ``by`` 分 are added to one of last year's figures
    as the words tell it."""
    made = reports.report(seed)
    last = past(made.told.whole, Random(f"past {seed}"))
    exact = figures(last)
    made.told.last = {key: exact.get(cell, 0) for key, cell in _CELLS.items()}
    made.told.trips_last = dict(last.final)
    if any(0 < abs(now(made.told, key) - then) < TENTH for key, then in made.told.last.items()):
        pytest.skip("a change too small to be told")
    if by:
        (made.told.trips_last if change in TRIPS else made.told.last)[change] += by
    made.paragraphs, made.merges = [], []
    reports._assemble(made, None)
    (folder / "报告.txt").write_text(made.text(), "utf-8")
    report = recognise(read(folder / "报告.txt"))
    report.last_year = companion(read_workbook(book(last, folder / "上年.xlsx")))
    return report


def of_text(report: Report) -> list[Finding]:
    return check(report, only=("L103", "L104")).findings


@pytest.mark.parametrize("seed", range(12))
def test_words_that_tell_the_change_of_the_two_years_are_quiet(tmp_path: Path, seed: int) -> None:
    report = told(seed, tmp_path)
    assert [f.message for f in of_text(report)] == []
    assert {r.code: r.evaluated > 1 for r in check(report, only=("L103",)).rules} == {"L103": True}


@pytest.mark.parametrize("change", ["收支总计", "财拨总计", "一般支出", "接待费"])
@pytest.mark.parametrize("seed", [3, 5, 6, 10])
def test_one_change_told_wrong_is_one_error(tmp_path: Path, seed: int, change: str) -> None:
    (found,) = of_text(told(seed, tmp_path, change, by=5_000_000))
    assert found.severity == "error" and found.quote
    assert any(r.place.file == "上年.xlsx" for r in found.related)


WORDS = """2022年度某市某区文化馆部门决算公开
第三部分 2022年度部门决算情况说明
一、收入支出决算总体情况说明
2022年度收、支总计{now}万元。{rest}
"""


@pytest.mark.parametrize(
    ("last", "rest", "expected", "severity"),
    [
        ("900.00", "与2021年度相比，收、支总计各增加44.91万元，增长4.99%。", "", ""),
        ("900.00", "与2021年度相比，收、支总计各增加49.41万元，增长5.52%。", "增加44.91万元", "error"),
        ("990.00", "与2021年度相比，收、支总计各增加45.09万元，增长5.01%。", "减少45.09万元", "error"),
        ("900.00", "与2021年度相比，收、支总计各增加45万元，增长5.00%。", "增加44.91万元", "warning"),
        ("900.00", "与2021年度相比，增长4.99%。", "", ""),
        ("900.00", "与2021年度相比，增长5.99%。", "增加4.99%", "error"),
        ("900.00", "与2021年度相比，下降4.99%。", "增加4.99%", "error"),
        ("944.91", "与2021年度持平。", "", ""),
        ("900.00", "与2021年度持平。", "增加44.91万元", "error"),
    ],
)
def test_words_against_last_years_table(last: str, rest: str, expected: str, severity: str, tmp_path: Path) -> None:
    (tmp_path / "说明.txt").write_text(WORDS.format(now="944.91", rest=rest), "utf-8")
    report = recognise(read(tmp_path / "说明.txt"))
    report.last_year = companion(read_workbook(book(department(5), tmp_path / "上年.xlsx")))
    report.last_year.year, report.last_year.unit = 2021, report.unit
    row = report.last_year.tables["收支总表"].blocks["收支总表收入"].row("总计")
    assert row is not None
    entry = row.entries["决算数"]
    assert entry.amount is not None
    entry.amount = replace(entry.amount, value=Decimal(last), half=Decimal("0.005"))
    found = of_text(report)
    assert [(f.expected, f.severity) for f in found] == ([(expected, severity)] if expected else [])


def test_last_years_figures_in_补充资料(tmp_path: Path) -> None:
    from tests.generator.filled_template import fill
    from tests.generator.filled_template import told as filled

    facts = filled(3)
    last = past(facts.whole, Random(3))
    exact = figures(last)
    facts.last = {key: exact.get(cell, 0) for key, cell in _CELLS.items()}
    facts.trips_last = dict(last.final)
    report = recognise(read_workbook(fill(facts, "2022", tmp_path, "填好")))
    report.last_year = companion(read_workbook(book(last, tmp_path / "上年.xlsx")))
    first = [f for f in check(report, only=("L105",)).findings if "支出" not in f.row]
    assert [f.message for f in first] == []
    assert report.supplement is not None
    row = report.supplement.blocks["上年"].row("收支总计")
    assert row is not None
    add(row.entries["上年数"], 9)
    found = [f for f in check(report, only=("L105",)).findings if f.row == "收、支总计"]
    assert [(f.severity, f.place) for f in found] == [("error", row.entries["上年数"].place)]


def test_both_files_through_the_pipeline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JUESUAN_STATE", str(tmp_path / "state"))
    pair(tmp_path, 6, carries)
    request = Request(tmp_path / "今年.xlsx", last_year=tmp_path / "上年.xlsx")
    assert report_of(request).last_year is not None
    (path,) = run(request).outputs
    page = openpyxl.load_workbook(path, data_only=True)["百分比"]
    row = next(r for r in page.iter_rows(min_row=4, values_only=True) if r[2] == "收、支总计比上年")
    assert row[6] is not None and "上年决算" in str(row[8])


def test_a_file_of_the_same_name_in_another_folder_keeps_places_apart(tmp_path: Path) -> None:
    pair(tmp_path, 6, carries)
    (tmp_path / "2021").mkdir()
    twin = (tmp_path / "上年.xlsx").rename(tmp_path / "2021" / "今年.xlsx")
    report = report_of(Request(tmp_path / "今年.xlsx", last_year=twin))
    assert report.last_year is not None
    own, last = (closing(r).place.file for r in (report, report.last_year))
    assert last == "2021/今年.xlsx" != own


def test_a_year_that_may_not_be_compared_fills_nothing(tmp_path: Path) -> None:
    report = pair(tmp_path, 1)
    assert report.last_year is not None
    assert Quantities.of(report).last is not None
    report.year, report.last_year.year = 2022, 2022
    assert Quantities.of(report).last is None
