from __future__ import annotations

import json
import pickle
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import docx
import openpyxl
import pytest

from app import pipeline
from app.checking.finding import Checked, Finding
from app.checking.run import _signed, mark_verified
from app.outputs import Unwritable
from app.pipeline import Request
from app.report.report import Report
from app.source import Place, Source
from app.verified import Verified
from tests.test_cli import run, workbook
from tests.two_files import pair

REMARK = "上级已批复，见附件"


@pytest.fixture(autouse=True)
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("JUESUAN_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("JUESUAN_STATE", str(tmp_path / "state"))
    return tmp_path / "data"


def found(source: Path, **more: object) -> list[Finding]:
    request = Request(source, **more)  # type: ignore[arg-type]
    return pipeline.checked_of(pipeline.report_of(request), request).findings


def error(source: Path) -> Finding:
    """The error of 收入决算表 whose total is wrong."""
    return next(f for f in found(source, only=("A",)) if f.severity == "error")


def finding(number: int = 1) -> Finding:
    return Finding("A101", "题", "error", f"第{number}句", Place(sheet="表", cell=f"C{number}")).signed("甲", 2022)


# The store


def test_what_is_marked_is_known_the_next_time(data: Path) -> None:
    store = Verified.load()
    assert store.remarks() == {} and store.problems == []
    store.mark(finding(), "某局", 2022, f" {REMARK} ")
    assert store.remarks() == {finding().fingerprint: REMARK}
    store.save()
    again = Verified.load()
    assert again.remarks() == {finding().fingerprint: REMARK}
    one = again.listed()[0]
    assert (one.unit, one.year, one.code, one.message, one.place) == ("某局", 2022, "A101", "第1句", "表!C1")
    assert one.when.startswith("20") and "T" in one.when
    assert json.loads((data / "已核实.json").read_text("utf-8"))["schema"] == "juesuan-verified/1"
    again.unmark(one.fingerprint)
    again.unmark("never there")
    again.save()
    assert Verified.load().listed() == []


def test_two_windows_keep_what_the_other_wrote() -> None:
    first, second = Verified.load(), Verified.load()
    first.mark(finding(1), "甲", 2022, "一")
    second.mark(finding(2), None, None)
    first.save()
    second.save()
    assert sorted(second.remarks().values()) == ["", "一"]
    first.unmark(finding(2).fingerprint)
    first.save()
    assert Verified.load().remarks() == {finding(1).fingerprint: "一"} == first.remarks()


def test_many_windows_at_once_lose_nothing(tmp_path: Path) -> None:
    """Each process marks its own, a save a mark: without the lock some of them are lost."""
    script = (
        "import sys\n"
        "from tests.test_verified import finding\n"
        "from app.verified import Verified\n"
        "store = Verified.load()\n"
        "for n in range(15):\n"
        "    store.mark(finding(int(sys.argv[1]) * 100 + n), '甲', 2022)\n"
        "    store.save()\n"
    )
    started = [subprocess.Popen([sys.executable, "-c", script, str(n)]) for n in range(4)]
    assert [process.wait(60) for process in started] == [0] * 4
    assert len(Verified.load().listed()) == 60


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe\x00", b"[]", b'{"findings": 3}', b"[" * 100_000])
def test_a_damaged_file_is_put_aside_and_told(data: Path, content: bytes) -> None:
    data.mkdir()
    (data / "已核实.json").write_bytes(content)
    store = Verified.load()
    assert store.remarks() == {} and len(store.problems) == 1
    assert "已损坏" in store.problems[0] and "已核实.json.bad" in store.problems[0]
    assert (data / "已核实.json.bad").read_bytes() == content
    store.mark(finding(), "甲", 2022)
    store.save()
    assert Verified.load().problems == [] and len(Verified.load().listed()) == 1
    (data / "已核实.json").write_bytes(content)
    Verified.load()
    assert (data / "已核实.json.bad2").read_bytes() == content  # the first stays


def test_a_file_that_cannot_be_read_loses_nothing(data: Path) -> None:
    (data / "已核实.json").mkdir(parents=True)
    store = Verified.load()
    assert "读不了" in store.problems[0]
    store.mark(finding(), "甲", 2022, "一")
    with pytest.raises(Unwritable, match="没有保存"):
        store.save()
    (data / "已核实.json").rmdir()
    store.save()  # nothing was lost: it can be tried again
    assert Verified.load().remarks() == {finding().fingerprint: "一"}


def test_entries_of_another_version_are_kept(data: Path) -> None:
    data.mkdir()
    entries = {"a": {"remark": "一", "more": [1]}, "b": 3, "c": {"remark": None, "year": "x"}}
    (data / "已核实.json").write_text(json.dumps({"findings": entries}), "utf-8")
    store = Verified.load()
    assert store.remarks() == {"a": "一", "c": ""}
    store.mark(finding(), "甲", 2022)
    store.save()
    kept = json.loads((data / "已核实.json").read_text("utf-8"))["findings"]
    assert kept["a"] == entries["a"] and kept["b"] == 3


# Fingerprints


def test_the_look_of_a_number_and_the_name_of_the_file_make_no_difference() -> None:
    made = finding()
    base = replace(made, found="1,234.50", expected="12").signed("甲", 2022)
    same = replace(base, found=" 1234.5", expected="12.00", place=replace(made.place, file="乙.xlsx"))
    assert same.signed("甲", 2022).fingerprint == base.fingerprint
    boxed = replace(base, place=Place(page=3, box=(1.01, 2.0, 3.0, 4.0))).signed("甲", 2022)
    assert (
        replace(boxed, place=Place(page=3, box=(1.02, 2.0, 3.0, 4.0))).signed("甲", 2022).fingerprint
        == boxed.fingerprint
    )
    for other in (
        replace(base, found="1,234.51"), replace(base, expected="120"), replace(base, code="A102"),
        replace(base, place=Place(sheet="表", cell="C2")),
    ):  # fmt: skip
        assert other.signed("甲", 2022).fingerprint != base.fingerprint
    assert base.signed("甲", 2023).fingerprint != base.fingerprint != base.signed("乙", 2022).fingerprint


def test_other_words_at_the_place_are_another_finding() -> None:
    made = finding()
    one, two = (replace(made, quote=words).signed("甲", 2022) for words in ("原因说明", "另一句"))
    assert one.fingerprint != two.fingerprint


def test_findings_with_all_in_common_are_told_apart(tmp_path: Path) -> None:
    """A sentence that contradicts two sums: verifying one leaves the other."""
    words, tables = pair(tmp_path, 1, tables=True, kind="txt")
    here = found(words, tables=tables)
    assert len({f.fingerprint for f in here}) == len(here) > len({f.signed("", 0).fingerprint for f in here})
    twins = [finding(), replace(finding(), message="别的")]
    signed = _signed([*twins, twins[0]], Report(Source("x", "workbook"), "workbook"))
    assert len({f.fingerprint for f in signed}) == 3


def test_known_again_after_saving_renaming_and_marking(tmp_path: Path) -> None:
    source = workbook(tmp_path / "甲.xlsx", total=130.0)
    book = openpyxl.load_workbook(source)
    book.worksheets[0]["C5"].number_format = "#,##0.00"
    book.save(source)
    wrong = error(source)
    store = Verified.load()
    store.mark(wrong, "某市某局", 2022, REMARK)
    store.save()
    kept = Verified.load().remarks()

    saved = tmp_path / "别的名字（终稿）.xlsx"
    book = openpyxl.load_workbook(source)
    book.worksheets[0]["C5"].number_format = "General"
    book.worksheets[0]["K20"] = "她写的"
    book.save(saved)
    outcome = pipeline.check(Request(saved, only=("A",), verified=kept))
    marked = outcome.outputs[0]
    again = tmp_path / "又一份.xlsx"
    openpyxl.load_workbook(marked).save(again)
    for path in (source, saved, marked, again):
        here = found(path, only=("A",), verified=kept)
        assert [f.verified for f in here if f.fingerprint == wrong.fingerprint] == [REMARK], path
    book = openpyxl.load_workbook(again)
    book.worksheets[0]["C5"] = 131  # another figure: another finding
    book.save(again)
    assert {f.verified for f in found(again, only=("A",), verified=kept)} == {None}


def test_known_again_in_a_case_of_two_renamed_files(tmp_path: Path) -> None:
    words, tables = pair(tmp_path, 3, tables=True)
    book = openpyxl.load_workbook(tables)
    cell = next(c for row in book.worksheets[0] for c in row if isinstance(c.value, float))
    cell.value += 7
    book.save(tables)
    before = found(words, tables=tables)
    assert any(f.place.file == tables.name for f in before)
    others = words.rename(tmp_path / "b.docx"), tables.rename(tmp_path / "b.xlsx")
    after = found(others[0], tables=others[1])
    assert {f.fingerprint for f in after} == {f.fingerprint for f in before}


# What becomes of a verified finding


def test_verified_findings_count_nowhere_else_and_come_last(tmp_path: Path) -> None:
    source = workbook(tmp_path / "甲.xlsx", total=130.0)
    wrong = error(source)
    before = pipeline.check(Request(source, only=("A",), write=False))
    after = pipeline.check(Request(source, only=("A",), write=False, verified={wrong.fingerprint: ""}))
    assert (after.errors, after.verified) == (before.errors - 1, 1) and before.verified == 0
    listed = found(source, only=("A", "S"), verified={wrong.fingerprint: "", "unknown": "x"})
    assert len(listed) > 1 and found(source, only=("A", "S"))[0].fingerprint == wrong.fingerprint
    assert [f.verified for f in listed] == [None] * (len(listed) - 1) + [""]


def test_a_verified_rounding_line_is_no_rounding_line() -> None:
    line = replace(finding(), severity="info", kind="尾差")
    checked = Checked([line])
    assert (checked.rounding, checked.count("info"), checked.verified) == (1, 1, 0)
    mark_verified(checked, {line.fingerprint: ""})
    assert (checked.rounding, checked.count("info"), checked.verified) == (0, 0, 1)


def test_a_verified_finding_crosses_to_the_window() -> None:
    assert pickle.loads(pickle.dumps(replace(finding(), verified="x"))).verified == "x"


def rows(path: Path, sheet: str) -> list[list[str]]:
    return [[str(c.value or "") for c in row] for row in openpyxl.load_workbook(path)[sheet].iter_rows()]


def test_the_workbook_shows_them_grey_and_apart(tmp_path: Path) -> None:
    source = workbook(tmp_path / "甲.xlsx", total=130.0)
    wrong = error(source)
    others = [
        f for f in found(source, only=("A", "S")) if f.fingerprint != wrong.fingerprint and f.place != wrong.place
    ]
    assert others
    kept = {f.fingerprint: REMARK for f in found(source, only=("A",)) if f.place == wrong.place}
    outcome = pipeline.check(Request(source, only=("A", "S"), verified=kept))
    book = openpyxl.load_workbook(outcome.outputs[0])
    cell = book.worksheets[0][wrong.place.cell]
    assert cell.fill.start_color.rgb == "FFD9D9D9" and f"校核：\n已核实：{REMARK}\n{wrong.code}" in cell.comment.text
    shown = rows(outcome.outputs[0], "校核结果")
    heading = next(n for n, row in enumerate(shown) if row[0].startswith("已核实（"))
    count = len(kept)
    assert f"已核实（{count} 条" in shown[heading][0]
    below = [row for row in shown[heading + 1 :] if row[0]]
    assert [row[0] for row in below] == [str(n + 1) for n in range(count)]
    assert all(row[2] == "✓ 已核实" and row[8].startswith(f"已核实：{REMARK}\n") for row in below)
    assert not any("处理：" in row[8] for row in below) and wrong.advice  # there is nothing left to do
    above = [row for row in shown[:heading] if row[0].isdigit()]
    assert above and not any(row[2] == "✓ 已核实" for row in above)
    assert any(f"✓ 已核实 {count}" in cell for row in shown[:heading] for cell in row)
    last = openpyxl.load_workbook(outcome.outputs[0])["校核结果"].auto_filter.ref
    assert int(last.split(":")[1].strip("ABCDEFGHI")) < heading + 1  # the filter leaves them alone


def test_a_cell_with_one_verified_and_one_open_finding_stays_red(tmp_path: Path) -> None:
    from app.writing.marks import marks

    open_one = replace(finding(), code="A102", title="另一题")
    made = marks(Checked([replace(finding(), verified=REMARK), open_one]), "甲.xlsx")
    assert [m.style for m in made] == ["error"]
    assert made[0].note.startswith("✖ 错误 A102") and f"已核实：{REMARK}" in made[0].note
    assert marks(Checked([replace(finding(), verified="")]), "甲.xlsx")[0].note.startswith("已核实（没有备注）\nA101")


def test_a_file_with_nothing_but_verified_findings_is_in_order(tmp_path: Path) -> None:
    source = workbook(tmp_path / "甲.xlsx", total=130.0)
    rule = error(source).code
    kept = {f.fingerprint: "" for f in found(source, only=(rule,))}
    outcome = pipeline.check(Request(source, only=(rule,), verified=kept))
    book = openpyxl.load_workbook(outcome.outputs[0])
    assert book["校核结果"].sheet_properties.tabColor.rgb.endswith("548235")
    shown = [cell for row in rows(outcome.outputs[0], "校核结果") for cell in row]
    assert "没有需要处理的问题。" in shown
    assert any(text.startswith(f"未发现错误，另有 {len(kept)} 处已核实。") for text in shown)


def test_a_report_shows_them_in_its_workbook_and_in_word(tmp_path: Path) -> None:
    words, _ = pair(tmp_path, 3, tables=True)
    document = docx.Document(str(words))
    place = next(p for p in document.paragraphs if "%" in p.text and "占" in p.text)
    for piece in place.runs:
        piece.text = piece.text.replace("%", "1%")
    document.save(str(words))
    loud = [f for f in found(words) if f.severity != "info" and f.place.paragraph]
    assert loud
    kept = {f.fingerprint: REMARK for f in loud}
    outcome = pipeline.check(Request(words, verified=kept))
    book, word = (next(p for p in outcome.outputs if p.suffix == kind) for kind in (".xlsx", ".docx"))
    shown = rows(book, "问题清单")
    heading = next(n for n, row in enumerate(shown) if row[0].startswith("已核实（"))
    assert [row[2] for row in shown[heading + 1 :] if row[0]] == ["✓ 已核实"] * len(loud)
    overview = rows(book, "总览")
    top = next(n for n, row in enumerate(overview) if row[0] == "表与文字")
    assert overview[top][6] == "已核实" and sum(int(row[6] or 0) for row in overview[top + 1 : top + 11]) == len(loud)
    with zipfile.ZipFile(word) as package:
        comments = package.read("word/comments.xml").decode()
    assert f"已核实：{REMARK}" in comments and "✖" not in comments
    again = found(word, verified=kept)
    assert {f.fingerprint for f in again if f.verified == REMARK} == set(kept)


def test_json_says_so_for_verified_findings_only(tmp_path: Path) -> None:
    source = workbook(tmp_path / "甲.xlsx", total=130.0)
    wrong = error(source)
    pipeline.check(Request(source, json_folder=tmp_path, write=False, verified={wrong.fingerprint: REMARK}))
    findings = json.loads((tmp_path / "甲.json").read_text("utf-8"))["findings"]
    told = [f for f in findings if "verified" in f or "remark" in f]
    assert [(f["fingerprint"], f["verified"], f["remark"]) for f in told] == [(wrong.fingerprint, True, REMARK)]
    assert len(findings) > 1


def test_the_command_line_knows_them(tmp_path: Path, data: Path) -> None:
    source = workbook(tmp_path / "甲.xlsx", total=130.0)
    store = Verified.load()
    for one in found(source, only=("A",)):
        store.mark(one, "某市某局", 2022, REMARK)
    store.save()
    done = run("check", source, "--only", "A", "--json", tmp_path)
    assert (done.returncode, done.stderr) == (0, "") and "错误" not in done.stdout.replace("未发现错误", "")
    assert all(f["remark"] == REMARK for f in json.loads((tmp_path / "甲.json").read_text("utf-8"))["findings"])
    (data / "已核实.json").write_bytes(b"{")
    done = run("check", source, "--only", "A")
    assert done.returncode == 1 and "已损坏" in done.stderr and done.stderr.count("\n") == 1
