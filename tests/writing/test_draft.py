"""The drafted 情况说明: the official headings, every figure from the tables, pictures with data, 【待填】 marked."""

from __future__ import annotations

from pathlib import Path

import pytest

from app import cli
from app.filling.narrative import narrative, wording
from app.knowledge.forms import FORMS
from app.pipeline import Request, checked_of, draft, report_of
from app.writing.charts import picture
from app.writing.draft import draft as write
from tests.generator import LAYOUTS, compose, department, fits
from tests.generator.filled_template import fill, told
from tests.office import needs_office, recalculated

docx = pytest.importorskip("docx")


@pytest.fixture(autouse=True)
def memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JUESUAN_STATE", str(tmp_path / "state"))


def plain(tmp_path: Path, seed: int, layout: str) -> Path:
    """A workbook without 补充资料."""
    from random import Random

    rng = Random(f"draft {seed}")
    whole = next(d for n in range(50) if fits(d := department(seed + 1000 * n), layout))
    path = tmp_path / f"{layout}{seed}.xlsx"
    compose(whole, LAYOUTS[layout](rng), rng).save(path)
    return path


@pytest.mark.parametrize("layout", ["ministry", "yuan", "shanghai", "older"])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_checked_against_its_workbook_it_has_no_error(tmp_path: Path, layout: str, seed: int) -> None:
    book = plain(tmp_path, seed, layout)
    outcome = draft(Request(book))
    assert outcome.error is None
    (path,) = outcome.outputs
    assert "待填" in outcome.notes[0]
    request = Request(path, tables=book)
    checked = checked_of(report_of(request), request)
    assert [f.message for f in checked.findings if f.severity == "error"] == []
    assert sum(r.evaluated for r in checked.rules if r.code.startswith("T")) > 50


@needs_office
@pytest.mark.parametrize("form", FORMS)
def test_from_a_filled_template_only_reasons_are_left(tmp_path: Path, form: str) -> None:
    (book,) = recalculated([fill(told(31), form, tmp_path, "模板")], tmp_path)
    report = report_of(Request(book))
    blanks = {p.name for paragraph in narrative(report) for p in paragraph.pieces if p.kind == "blank"}
    assert blanks <= {"原因", "用途", "机关运行经费（没有的写明没有）", "数值（整体自评得分（分））"} | {
        b for b in blanks if "待填" in b or "预算绩效" in b
    }
    path = tmp_path / "稿.docx"
    waiting = write(report, path)
    document = docx.Document(str(path))
    texts = [p.text for p in document.paragraphs]
    keys = {s["key"]: s["heading"] for s in wording(form)["section"]}
    heads = [t.partition("、")[2] for t in texts if "、" in t[:3] and t.partition("、")[2] in keys.values()]
    assert heads == [keys[k] for k in wording(form)["order"]]
    assert len(document.inline_shapes) == 4
    assert [t[:3] for t in texts if t.startswith("图")] == ["图1：", "图2：", "图3：", "图4："]
    marked = [r for p in document.paragraphs for r in p.runs if r.font.highlight_color is not None]
    assert len(marked) == waiting == sum(t.count("【待填：") for t in texts)


def test_pictures_are_drawn_with_our_own_font(tmp_path: Path) -> None:
    charts = [p.chart for p in narrative(report_of(Request(plain(tmp_path, 5, "ministry")))) if p.kind == "chart"]
    for chart in charts:
        assert chart is not None
        data = picture(chart)
        assert data.startswith(b"\x89PNG") and len(data) > 5000


def test_without_last_year_a_chart_of_two_years_is_to_be_filled_in(tmp_path: Path) -> None:
    paragraphs = narrative(report_of(Request(plain(tmp_path, 5, "ministry"))))
    assert any("图1" in p.text and "缺少上年数" in p.text for p in paragraphs)


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    book = plain(tmp_path, 6, "ministry")
    assert cli.main(["draft", str(book), "-o", str(tmp_path / "稿.docx")]) == 0
    out = capsys.readouterr().out
    assert "稿.docx" in out and "待填" in out
    assert cli.main(["draft", str(tmp_path / "没有.xlsx")]) == 2
