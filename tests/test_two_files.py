"""A report and the workbook of its tables checked as one case, end to end."""

from __future__ import annotations

import json
import re
import zipfile
from pathlib import Path

import pytest

from app import pipeline
from app.checking.finding import Finding
from app.pipeline import Request, checked_of, report_of
from app.recognising.merge import one_case
from app.source import Cell, Grid, Line, Place, Source
from tests.two_files import pair

docx = pytest.importorskip("docx")
openpyxl = pytest.importorskip("openpyxl")


@pytest.fixture(autouse=True)
def memory(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JUESUAN_STATE", str(tmp_path_factory.mktemp("state")))


def findings(words: Path, workbook: Path) -> list[Finding]:
    request = Request(words, tables=workbook)
    return [f for f in checked_of(report_of(request), request).findings if f.severity != "info"]


def retyped(path: Path, old: re.Pattern[str], place: int = 0) -> tuple[str, str]:
    """One figure of a Word file changed in the first paragraph (or cell) that fits; gives old and new."""
    document = docx.Document(str(path))
    for paragraph in [p for t in document.tables for c in t._cells for p in c.paragraphs] + document.paragraphs:
        if hit := old.search(paragraph.text):
            was = hit.group(1)
            new = str(int(was[0]) % 9 + 1) + was[1:]
            paragraph.runs[0].text = paragraph.text[: hit.start(1)] + new + paragraph.text[hit.end(1) :]
            document.save(str(path))
            return was, new
    raise AssertionError("nothing fits")


@pytest.mark.parametrize("layout", ["ministry", "stacked", "yuan"])
@pytest.mark.parametrize("kind", ["docx", "txt"])
def test_two_files_that_agree_are_quiet(tmp_path: Path, layout: str, kind: str) -> None:
    words, workbook = pair(tmp_path, 6, tables=True, layout=layout, kind=kind)
    report = report_of(Request(words, tables=workbook))
    assert len(report.tables) == len(report.printed) == 9 and report.workbook == "公开表.xlsx"
    checked = checked_of(report, Request(words, tables=workbook))
    assert not [f.message for f in checked.findings if f.severity != "info"]
    compared = next(rule for rule in checked.rules if rule.code == "T901")
    assert compared.status == "passed" and compared.evaluated > 500


def test_the_workbook_stands_in_for_tables_that_are_pictures(tmp_path: Path) -> None:
    words, workbook = pair(tmp_path, 6, tables=False)
    alone = report_of(Request(words))
    both = report_of(Request(words, tables=workbook))
    assert not alone.tables and len(both.tables) == 9 and not both.printed
    assert not findings(words, workbook)
    was, new = retyped(words, re.compile(r"收、支总计\D{0,6}(\d[\d,]*\.\d+)"))
    found = next(f for f in findings(words, workbook) if f.code == "T201" and f.severity == "error")
    assert found.place.file == "说明.docx" and found.place.paragraph and new in found.quote
    assert {r.place.file for r in found.related} == {"公开表.xlsx"} and was in found.message


def test_a_cell_that_differs_is_named_in_both_files_and_marked_in_each_copy(tmp_path: Path) -> None:
    words, workbook = pair(tmp_path, 6, tables=True)
    was, new = retyped(words, re.compile(r"^(\d\d+\.\d\d)$"))
    out = tmp_path / "结果"
    outcome = pipeline.check(Request(words, tables=workbook, folder=out, json_folder=out))
    assert outcome.error is None and outcome.errors == 1
    names = ["公开表_校核.xlsx", "说明.json", "说明_校核.docx", "说明_校核.xlsx"]
    assert sorted(p.name for p in outcome.outputs) == sorted(p.name for p in out.iterdir()) == names
    data = json.loads((out / "说明.json").read_text("utf-8"))
    found = next(f for f in data["findings"] if f["severity"] == "error")
    assert found["code"] == "T901" and (found["found"], found["expected"]) == (new, was)
    assert found["place"]["file"] == "说明.docx" and found["place"]["table"]
    assert found["related"][0]["file"] == "公开表.xlsx" and found["related"][0]["cell"]
    assert all("file" in f["place"] for f in data["findings"])
    with zipfile.ZipFile(out / "说明_校核.docx") as package:
        assert "T901" in package.read("word/comments.xml").decode()
    for name in ("说明_校核.xlsx", "公开表_校核.xlsx"):
        book = openpyxl.load_workbook(out / name)
        listed = [str(c.value) for s in book.worksheets[:2] + book.worksheets[-3:] for r in s.iter_rows() for c in r]
        assert any("T901" in text for text in listed), name
    assert words.stat().st_size and docx.Document(str(words)).tables  # the inputs stay as they are


def test_a_slip_in_the_workbook_is_marked_there(tmp_path: Path) -> None:
    words, workbook = pair(tmp_path, 6, tables=False)
    book = openpyxl.load_workbook(workbook)
    sheet = next(s for s in book.worksheets if "收入决算表" in {str(c.value) for r in s.iter_rows() for c in r})
    cell = next(
        c for r in sheet.iter_rows() for c in r if isinstance(c.value, int | float) and c.value > 20 and c.row > 8
    )
    cell.value += 1000
    book.save(workbook)
    found = findings(words, workbook)
    assert any(f.place == Place("公开表.xlsx", sheet.title, cell.coordinate) for f in found)


def test_another_version_of_the_workbook_is_asked_about_once_a_table(tmp_path: Path) -> None:
    words, _ = pair(tmp_path / "一", 6, tables=True)
    _, other = pair(tmp_path / "二", 9, tables=True)
    found = [f for f in findings(words, other) if f.code.startswith("T9")]
    assert "T903" in {f.code for f in found}
    assert sum(f.code == "T901" for f in found) < 60
    assert any("不是同一版本" in f.message for f in found)


@pytest.mark.parametrize(
    ("words", "tables", "said"),
    [
        ("公开表.xlsx", "公开表.xlsx", "本身是工作簿"),
        ("说明.txt", "说明.txt", "不是工作簿"),
        ("说明.txt", "空.xlsx", "“空.xlsx”里没有找到决算公开表"),
        ("说明.txt", "坏.xlsx", "“坏.xlsx”："),
        ("说明.txt", "没有.xlsx", "“没有.xlsx”："),
    ],
)
def test_what_cannot_be_one_case_is_said_in_a_sentence(tmp_path: Path, words: str, tables: str, said: str) -> None:
    pair(tmp_path, 6, tables=False, kind="txt")
    openpyxl.Workbook().save(tmp_path / "空.xlsx")
    (tmp_path / "坏.xlsx").write_bytes(b"PK\3\4" + b"x" * 100)
    outcome = pipeline.check(Request(tmp_path / words, tables=tmp_path / tables))
    assert outcome.error is not None and said in outcome.error and not outcome.outputs


def test_what_was_asked_for_is_not_asked_for_again() -> None:
    words = Source("报告.pdf", "pdf", [Line("二、情况说明", Place(page=3))])
    words.problems = [
        ("“收入决算表”是图片，表内数字读不到，未参加核对；请同时提供公开表的 Excel 文件", Place(page=2)),
        ("第9页是图片，其中的文字和表格无法识别，未校核；请改用带文字的 PDF，或同时提供 Excel 公开表。", Place(page=9)),
    ]
    grid = Grid("收入")
    for n, row in enumerate(
        [["收入决算表"], ["科目编码", "科目名称", "本年收入合计"], ["合计", "", "1"], ["201", "一般公共服务支出", "1"]]
    ):
        for m, text in enumerate(row):
            grid.put(Cell(n, m, text))
    report = one_case(words, Source("表.xlsx", "workbook", [grid]))
    said = [text for text, _ in report.source.problems]
    assert not any("Excel" in text for text in said) and len(said) == 2
    assert any("按工作簿“表.xlsx”核对" in text for text in said)
    assert {place.file for _, place in report.source.problems} == {"报告.pdf"}
    assert report.tables["收入表"].grid.file == "表.xlsx" and report.kind == "pdf"
