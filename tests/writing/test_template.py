"""The template: empty it is quiet and says so; filled in it is clean, its formulas agree with LibreOffice."""

from __future__ import annotations

import warnings
from pathlib import Path

import openpyxl
import pytest

from app import cli
from app.knowledge.forms import FORMS, form
from app.pipeline import Request, check, checked_of, report_of
from app.writing.template import template
from app.writing.template_tables import Tables
from tests.benchmarks.template_sweep import run
from tests.generator.filled_template import fill, told
from tests.office import needs_office, recalculated


@pytest.fixture(autouse=True)
def memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JUESUAN_STATE", str(tmp_path / "state"))
    monkeypatch.setenv("JUESUAN_DATA", str(tmp_path / "data"))


@pytest.mark.parametrize("key", FORMS)
def test_empty_it_passes_as_not_filled(tmp_path: Path, key: str) -> None:
    path = tmp_path / "模板.xlsx"
    template(key, 2023, "某某区=财政局", path)
    report = report_of(Request(path))
    assert report.form == key
    assert report.year == 2023
    assert list(report.tables) == [t for t in ("收支总表", "收入表", "支出表", "财拨总表", "一般支出表", "基本支出表", "基金表", "国资表", "三公表")]  # fmt: skip
    outcome = check(Request(path))
    assert (outcome.errors, outcome.warnings, outcome.info, outcome.filled) == (0, 0, 0, 0)
    assert outcome.blank


@needs_office
def test_empty_it_stays_so_when_a_program_saves_it(tmp_path: Path) -> None:
    """And each cached value is the one that another program works out."""
    paths = [tmp_path / f"{key}.xlsx" for key in FORMS]
    for key, path in zip(FORMS, paths, strict=True):
        template(key, 2023, "某某区财政局", path)
    for path, saved in zip(paths, recalculated(paths, tmp_path), strict=True):
        outcome = check(Request(saved))
        assert (outcome.errors, outcome.warnings, outcome.info, outcome.blank) == (0, 0, 0, True)
        formulas = openpyxl.load_workbook(path)
        ours, theirs = (openpyxl.load_workbook(p, data_only=True) for p in (path, saved))
        seen = 0
        for cell in (c for page in formulas for row in page.iter_rows() for c in row if c.data_type == "f"):
            pair = [book[cell.parent.title][cell.coordinate].value for book in (ours, theirs)]
            assert pair[0] == pair[1] or set(pair) <= {None, ""}, (cell.parent.title, cell.coordinate, pair)
            seen += 1
        assert seen > 1500


@needs_office
def test_filled_it_is_clean_and_every_percentage_is_right(tmp_path: Path) -> None:
    """A slice of ``tests/benchmarks/template_sweep.py``: all three forms."""
    cases = run(range(900, 904), tmp_path)
    assert {c.form for c in cases} == set(FORMS)
    assert [(c.seed, c.faults, c.warnings) for c in cases if c.faults or c.warnings] == []
    assert sum(c.percentages for c in cases) > 150


@needs_office
def test_half_filled_it_tells_only_what_is_missing(tmp_path: Path) -> None:
    """基本支出表 is still to be filled in: that table is spoken of, no other sheet."""
    found = told(901)
    assert found.cell("一般支出表", "合计", "基本支出")
    path = fill(found, "2022", tmp_path, "half")
    book = openpyxl.load_workbook(path)
    page, sheet = book["公开06表"], Tables(form("2022"), found.whole.year, found.whole.name).sheets["基本支出表"]
    for row, column in sheet.inputs:
        page.cell(row + 1, column + 1).value = None
    more = book["补充资料"]
    budget = next(r for r in range(1, 200) if more.cell(r, 1).value == "科目编码") + 2
    more.cell(budget, 3).value = "约三十万"
    book.save(path)
    (saved,) = recalculated([path], tmp_path)
    request = Request(saved)
    findings = checked_of(report_of(request), request).findings
    errors = [f for f in findings if f.severity == "error"]
    assert errors
    assert all("公开06表" in f.message or "基本支出表" in f.message for f in errors), [f.message for f in errors]
    assert not [f for f in findings if f.place.sheet in ("补充资料", "百分比", "科目", "填表说明")]
    shown = openpyxl.load_workbook(saved, data_only=True)["补充资料"]
    assert shown.cell(budget, 5).value in (None, "")  # no rate on words,
    assert shown.cell(budget - 1, 5).value in (None, "")  # nor on a total that lacks them


def test_saved_without_results_it_cannot_be_checked_and_is_called_no_names(tmp_path: Path) -> None:
    """Names and sums are formulas: without their values nothing is known, and nothing is an error."""
    outcome = check(Request(fill(told(900), "2022", tmp_path, "uncached")))
    assert (outcome.errors, outcome.warnings) == (0, 0)
    assert outcome.rules["could_not_run"] > 20


def test_titles_numbers_and_print_set_up_are_official(tmp_path: Path) -> None:
    path = tmp_path / "模板.xlsx"
    template("2022", 2023, "某某区财政局", path)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        book = openpyxl.load_workbook(path)
    for one in form("2022").tables:
        page = book[one.number]
        assert page["A1"].value == one.title
        assert page.page_setup.paperSize == 9
        assert page.sheet_properties.pageSetUpPr.fitToPage
        assert page.freeze_panes
        assert page.print_title_rows
        assert any(c.value == "2023年度" for c in page[3])
        assert page.data_validations.dataValidation
    spent = book["公开03表"]
    assert spent["C7"].value == "=SUM(D7:H7)"
    assert "SUMPRODUCT" in spent["D7"].value  # 合计 = Σ 类
    assert "SUMPRODUCT" in spent["D8"].value  # what lies beneath a 类 or 款
    assert spent["A3"].value.startswith("部门：")
    assert spent["H3"].value == "单位：万元"
    assert spent["A8"].number_format == "@"
    assert {"补充资料", "百分比", "科目"} <= set(book.sheetnames)


def test_an_imported_list_names_its_year(tmp_path: Path) -> None:
    """Codes and names of the official list; of 经济分类 only the classes that the table prints."""
    folder = tmp_path / "data" / "subjects"
    folder.mkdir(parents=True)
    listed = {"功能分类": ("2990001", "某项新科目"), "经济分类": ("30188", "某项新支出")}
    for kind, (code, name) in listed.items():
        rows = [
            ("code", "name", "year", "source"),
            (code, name, "2023", "官方"),
            ("50101", "工资奖金津补贴", "2023", "官方"),
        ]
        (folder / f"{kind}-2023.csv").write_text("\n".join(map(",".join, rows)), encoding="utf-8")
    path = tmp_path / "模板.xlsx"
    template("2022", 2023, "某某区财政局", path)
    book = openpyxl.load_workbook(path)
    words = {page.title: [c.value for row in page.iter_rows() for c in row] for page in book}
    assert {"2990001", "某项新科目"} <= set(words["科目"])
    assert {"30188", "某项新支出"} <= set(words["公开06表"])
    assert "50101" not in words["公开06表"]
    template("2022", 2022, "某某区财政局", path)
    assert "2990001" not in [c.value for row in openpyxl.load_workbook(path)["科目"].iter_rows() for c in row]


def test_the_command_writes_it_under_the_units_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert cli.main(["template", "--form", "shanghai", "--year", "2024", "--unit", "上海市某某局"]) == 0
    assert (tmp_path / "上海市某某局2024年度决算公开表.xlsx").is_file()
    assert cli.main(["template", "--year", "2024", "--unit", "甲/乙:局", "-o", str(tmp_path / "x.xlsx")]) == 0
    assert (tmp_path / "x.xlsx").is_file()


def test_an_existing_file_of_hers_is_not_written_over(tmp_path: Path) -> None:
    mine = tmp_path / "x.xlsx"
    mine.write_bytes(b"hers")
    assert cli.main(["template", "--year", "2024", "--unit", "甲", "-o", str(mine)]) == 0
    assert mine.read_bytes() == b"hers"
    assert (tmp_path / "x(2).xlsx").is_file()
