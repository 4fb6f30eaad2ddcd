from __future__ import annotations

import re
import zipfile
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
import writing_examples as ex

from app.checking.finding import Checked, Finding
from app.report.report import Report
from app.source import Cell, CellError, Grid, Place, Source, Span
from app.writing.fresh import fresh
from app.writing.write import own_sheets


def made(tmp_path: Path, report: Report, checked: Checked) -> openpyxl.Workbook:
    path = tmp_path / "x.xlsx"
    taken = [grid.name for grid in report.source.grids]
    fresh(report.source, report, checked, path, own_sheets(report, checked, "x.xlsx", taken))
    return openpyxl.load_workbook(path)


def test_her_sheets_as_read_then_ours(tmp_path: Path) -> None:
    book = made(tmp_path, ex.report(), ex.checked())
    assert book.sheetnames == ["公开01表", "说明'一'页", "校核结果", "百分比", "校核规则"]
    sheet = book["公开01表"]
    assert sheet["B4"].value == 944.91
    assert sheet["B4"].number_format == "#,##0.00"
    assert [str(m) for m in sheet.merged_cells.ranges] == ["A1:D1"]
    assert sheet.column_dimensions["A"].width == pytest.approx(40, abs=1)


def test_text_never_becomes_a_formula_or_a_link(tmp_path: Path) -> None:
    report = ex.report()
    found = ex.finding(1, message="=1+1", found="=cmd|x", expected="+2", difference="", table="@甲")
    book = made(tmp_path, report, Checked([found]))
    assert book["公开01表"]["A2"].value == "部门：=甲&乙单位"
    strange = book["说明'一'页"]
    assert [(c.data_type, c.value) for (c,) in strange["A1:A3"]] == [
        ("s", "=1+1"), ("s", "'=HYPERLINK(\"x\")"), ("s", "https://example.invalid/"),
    ]  # fmt: skip
    assert strange["A3"].hyperlink is None
    with zipfile.ZipFile(tmp_path / "x.xlsx") as package:
        sheets = {n: package.read(n).decode() for n in package.namelist() if "worksheets/sheet" in n}
    percents = f"xl/worksheets/sheet{book.sheetnames.index('百分比') + 1}.xml"  # whose formulas are ours
    assert re.search(r"<f[ >]", sheets.pop(percents))
    assert not any(re.search(r"<f[ >]", text) for text in sheets.values())


def test_marks_are_fill_and_note(tmp_path: Path) -> None:
    sheet = made(tmp_path, ex.report(), ex.checked())["公开01表"]
    assert sheet["B6"].fill.start_color.rgb == "FFFFC7CE"
    assert "A101" in sheet["B6"].comment.text
    assert sheet["B5"].fill.fill_type is None


def test_a_mark_inside_a_merged_range_stands_at_its_anchor(tmp_path: Path) -> None:
    sheet = made(tmp_path, ex.report(), Checked([ex.finding(1, cell="C1")]))["公开01表"]
    assert sheet["A1"].fill.start_color.rgb == "FFFFC7CE"
    assert sheet["A1"].comment is not None


def test_links_lead_to_the_cell_also_when_a_sheet_had_to_be_renamed(tmp_path: Path) -> None:
    grid = Grid("很长的工作表名称" * 5 + "/甲")
    grid.put(Cell(0, 0, "x"))
    report = Report(Source("/x/a.ods", "workbook", [grid]), "workbook")
    book = made(tmp_path, report, Checked([Finding("A1", "", "error", "x", Place(sheet=grid.name, cell="A1"))]))
    name = book.sheetnames[0]
    assert len(name) <= 31
    assert f"'{name}'!A1" in [c.hyperlink.location for r in book["校核结果"] for c in r if c.hyperlink]


def test_strange_values(tmp_path: Path) -> None:
    grid = Grid("甲", hidden_rows={3}, hidden_columns={2}, hidden=True, widths={2: 300.0})
    values = (True, CellError("#REF!"), Decimal("44927"), "半\ud800个\x07", "长" * 40000, None)
    for row, value in enumerate(values):
        grid.put(Cell(row, 0, value, number_format='yyyy"年"' if row == 2 else "General"))
    grid.merges += [Span(0, 3, 1, 4), Span(1, 4, 2, 5), Span(5, 5, 5, 5)]
    report = Report(Source("/x/a.xls", "workbook", [grid]), "workbook")
    book = made(tmp_path, report, Checked())
    sheet = book["甲"]
    assert [sheet.cell(r, 1).value for r in (1, 2)] == [True, "#REF!"]
    assert sheet["A3"].is_date
    assert "半" in sheet["A4"].value
    assert len(sheet["A5"].value) == 32767
    assert sheet.sheet_state == "hidden"
    assert sheet.row_dimensions[4].hidden
    assert book["校核结果"].sheet_view.tabSelected


def test_a_big_sheet_goes_straight_to_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.writing.fresh._MANY", 5)
    sheet = made(tmp_path, ex.report(), ex.checked())["公开01表"]
    assert sheet["B4"].value == 944.91
    assert sheet["B6"].comment is not None


def test_an_unwritable_target_is_an_os_error(tmp_path: Path) -> None:
    report = ex.report()
    with pytest.raises(OSError):
        fresh(report.source, report, ex.checked(), tmp_path / "missing" / "x.xlsx")
