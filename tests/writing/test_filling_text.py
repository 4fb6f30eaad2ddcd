"""Placeholders filled in Word and text files: the words around them stay, ``clean`` brings them back."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path
from random import Random

import pytest

from app.checking.finding import Fill
from app.filling.placeholders import holes, placeholder_fills
from app.pipeline import Request, check, clean, draft, report_of
from app.writing.text_filling import fill_text
from tests.benchmarks.placeholder_sweep import run
from tests.generator.filled_template import fill, told
from tests.office import needs_office, recalculated

docx = pytest.importorskip("docx")
TEXT = (
    "第三部分 2022年度部门决算情况说明\n"
    "五、一般公共预算财政拨款支出决算情况说明\n"
    "（三）一般公共预算财政拨款支出决算具体情况\n"
    "2022年度一般公共预算财政拨款支出年初预算为395.04万元，支出决算为944.91万元，完成年初预算的 XX%。\n"
    "十一、政府采购支出情况\n"
    "XX制度建设情况见附件。与2021年度相比增加（减少）3.21万元，增长5.00%。\n"
)


@pytest.fixture(autouse=True)
def memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JUESUAN_STATE", str(tmp_path / "state"))


def words(path: Path, text: str = TEXT, torn: bool = False) -> Path:
    document = docx.Document()
    for line in text.splitlines():
        paragraph = document.add_paragraph()
        pieces = re.split(r"(?<=X)(?=X)|(?<=（)(?=减少)", line) if torn else [line]
        for number, piece in enumerate(pieces):
            paragraph.add_run(piece).bold = bool(number % 2)
    document.save(str(path))
    return path


def paragraphs(path: Path) -> list[str]:
    return [p.text for p in docx.Document(str(path)).paragraphs]


@pytest.mark.parametrize("torn", [False, True])
def test_a_word_file_is_filled_in_place_with_a_comment(tmp_path: Path, torn: bool) -> None:
    source = words(tmp_path / "报告.docx", torn=torn)
    before = source.read_bytes()
    outcome = check(Request(source))
    assert outcome.error is None
    assert outcome.filled == 2
    marked = next(p for p in outcome.outputs if p.suffix == ".docx")
    after = paragraphs(marked)
    assert "完成年初预算的 239.19%。" in after[3]
    assert "XX制度建设" in after[5] and "增加3.21万元" in after[5]
    assert source.read_bytes() == before
    with zipfile.ZipFile(marked) as package:
        comments = package.read("word/comments.xml").decode()
    assert "✓ 已填 239.19%" in comments and "944.91万元 ÷ 395.04万元" in comments
    clean(Request(marked, target=tmp_path / "原样.docx"))
    with zipfile.ZipFile(source) as one, zipfile.ZipFile(tmp_path / "原样.docx") as other:
        assert one.read("word/document.xml") == other.read("word/document.xml")


def test_what_was_filled_is_hers_when_the_file_is_checked_again(tmp_path: Path) -> None:
    source = words(tmp_path / "报告.docx")
    marked = next(p for p in check(Request(source)).outputs if p.suffix == ".docx")
    again = check(Request(marked))
    assert again.filled == 0
    assert any("239.19%" in p for p in paragraphs(next(p for p in again.outputs if p.suffix == ".docx")))


@pytest.mark.parametrize(
    ("encoding", "end"), [("utf-8", "\n"), ("utf-8-sig", "\r\n"), ("gb18030", "\r\n"), ("utf-16", "\n")]
)
def test_a_text_keeps_its_encoding_and_every_other_byte(tmp_path: Path, encoding: str, end: str) -> None:
    source = tmp_path / "报告.txt"
    data = TEXT.replace("\n", end).encode(encoding)
    source.write_bytes(data)
    outcome = check(Request(source))
    filled = next(p for p in outcome.outputs if p.suffix == ".txt")
    expected = TEXT.replace("XX%", "239.19%").replace("增加（减少）", "增加").replace("\n", end).encode(encoding)
    assert filled.read_bytes() == expected
    assert source.read_bytes() == data


def test_what_the_template_left_behind_stays_a_finding_with_its_value(tmp_path: Path) -> None:
    source = tmp_path / "报告.txt"
    source.write_text(TEXT + "一般公共预算财政拨款支出XXX万元用于其他。\n", "utf-8")
    found = [(f.found, f.expected, bool(f.advice)) for f in _findings(source) if "X" in f.found]
    assert ("XX", "239.19%", True) in found
    assert ("XXX", "", False) in found


def _findings(path: Path) -> list:  # type: ignore[type-arg]
    from app.pipeline import checked_of
    from app.pipeline import fill as fill_in

    request = Request(path)
    report = report_of(request)
    checked = checked_of(report, request)
    fill_in(report, checked, request)
    return checked.findings


def test_other_lines_than_were_recognised_are_left_alone(tmp_path: Path) -> None:
    source = tmp_path / "a.txt"
    source.write_text("占本年支出XX%，增长XX%。\n", "utf-8")
    from app.source import Place

    assert fill_text(source, tmp_path / "b.txt", [Fill(Place(line=1), "5%", "", "", span=(0, 2))]) == 0
    assert not (tmp_path / "b.txt").exists()


def test_names_and_words_are_no_placeholders() -> None:
    assert [h.text for h in holes("XX局XX制度，XXX万元，占XX%，增加(减少)，AXX%，2XX%")] == ["XXX", "XX", "增加(减少)"]


@pytest.mark.parametrize("seed", range(0, 30, 2))
def test_random_reports_are_filled_right_or_not_at_all(tmp_path: Path, seed: int) -> None:
    case = run(seed, tmp_path)
    assert case.wrong == []
    assert sum(case.right.values()) + sum(case.blank.values()) > 4


@needs_office
def test_official_sentences_are_filled_from_a_filled_template(tmp_path: Path) -> None:
    """A draft whose figures became placeholders is the draft again."""
    (book,) = recalculated([fill(told(77), "2022", tmp_path, "模板")], tmp_path)
    made = draft(Request(book, target=tmp_path / "稿.docx")).outputs[0]
    rng = Random(5)
    lines, count = [], 0
    for line in paragraphs(made):
        blanked = re.sub(r"\d+\.\d+(?=万元)", lambda m: "XXX" if rng.random() < 0.4 else m.group(), line)
        blanked = re.sub(r"\d+\.\d+(?=%)", lambda m: "XX" if rng.random() < 0.5 else m.group(), blanked)
        count += len(holes(blanked))
        lines.append(blanked)
    report = words(tmp_path / "报告.docx", "\n".join(lines))
    fills = placeholder_fills(report_of(Request(report, tables=book)))
    assert len(fills) == count
    outcome = check(Request(report, tables=book))
    marked = next(p for p in outcome.outputs if p.suffix == ".docx")
    wrong = [(a, b) for a, b in zip(paragraphs(made), paragraphs(marked), strict=True) if a != b and "X" not in b]
    assert wrong == []
    assert outcome.filled >= 0.9 * count, [(f.why, f.context) for f in fills if not f.done]
