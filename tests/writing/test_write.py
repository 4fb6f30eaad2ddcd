from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest
import writing_examples as ex

from app import outputs
from app.checking.finding import Checked
from app.writing.write import write


@pytest.fixture(autouse=True)
def memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JUESUAN_STATE", str(tmp_path / "state"))


def clerks_book(path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = ex.SHEET
    for cell in ex.table().grid.cells():
        sheet.cell(cell.row + 1, cell.column + 1).value = cell.value
    book.save(path)


def test_a_workbook_is_marked_in_place(tmp_path: Path) -> None:
    source = tmp_path / "江汉区.xlsx"
    clerks_book(source)
    before = source.read_bytes()
    (path,) = write(source, ex.report(str(source)), ex.checked())
    assert path == tmp_path / "江汉区_校核.xlsx"
    assert source.read_bytes() == before
    book = openpyxl.load_workbook(path)
    assert [name for name in book.sheetnames if book[name].sheet_state == "visible"] == [
        ex.SHEET, "校核结果", "百分比", "校核规则",
    ]  # fmt: skip
    assert book[ex.SHEET]["B6"].fill.start_color.rgb == "FFFFC7CE"
    assert "A101" in book[ex.SHEET]["B6"].comment.text
    sheet = book["校核结果"]
    header = next(row for row in range(1, 20) if sheet.cell(row, 1).value == "序号")
    assert sheet.auto_filter.ref.startswith(f"A{header}:I")
    assert sheet.freeze_panes == f"A{header + 1}"
    assert sheet.cell(header + 1, 5).hyperlink.location == "'公开01表'!B6"
    assert sheet.page_setup.orientation == "landscape"
    assert sheet.print_title_rows == f"${header}:${header}"


@pytest.mark.parametrize("kind", [".xls", ".ods", ".et", ".xlsb"])
def test_what_cannot_be_edited_gets_a_fresh_workbook(tmp_path: Path, kind: str) -> None:
    source = tmp_path / f"甲{kind}"
    (path,) = write(source, ex.report(str(source)), ex.checked(), tmp_path / "out")
    assert path == tmp_path / "out" / "甲_校核.xlsx"
    assert openpyxl.load_workbook(path).sheetnames[-3:] == ["校核结果", "百分比", "校核规则"]
    assert outputs.is_ours(path)


def test_nothing_is_left_behind_when_writing_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr("app.writing.fresh.fresh", broken)
    with pytest.raises(RuntimeError):
        write(tmp_path / "甲.xls", ex.report(), Checked())
    assert not [p for p in tmp_path.iterdir() if p.is_file()]


def test_of_two_files_each_copy_holds_its_own_sheets(tmp_path: Path) -> None:
    report = ex.report(str(tmp_path / "甲.docx"))
    report.kind = "word"
    own, other = report.source.grids
    own.file, other.file = "乙.xls", "甲.docx"
    (path,) = write(tmp_path / "乙.xls", report, Checked([ex.finding(1)]))
    assert path.name == "乙_校核.xlsx"
    assert openpyxl.load_workbook(path).sheetnames == [ex.SHEET, "校核结果", "百分比"]
    pytest.importorskip("docx").Document().save(str(tmp_path / "甲.docx"))
    path, commented = write(tmp_path / "甲.docx", report, Checked([ex.finding(1)]))
    assert commented.name == "甲_校核.docx"
    assert openpyxl.load_workbook(path).sheetnames[:3] == ["总览", "问题清单", "收支总表"]
