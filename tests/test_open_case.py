"""What a window is handed of a case: pieces that make the sheets again, parts that hold every finding."""

from __future__ import annotations

import pickle
from pathlib import Path
from random import Random

import openpyxl
import pytest

from app.open_case import open_case
from app.opened import Opened, SheetPiece, SheetTexts
from app.pipeline import Request, report_of
from tests.generator import LAYOUTS, compose, department, fits
from tests.two_files import pair


def handed(request: Request) -> tuple[Opened, list[SheetTexts], list]:
    news: list[object] = []
    outcome = open_case(request, news.append)
    assert outcome.error is None, outcome.error
    (opened,) = (n for n in news if isinstance(n, Opened))
    sheets = [SheetTexts(shape) for shape in opened.sheets]
    for piece in (n for n in news if isinstance(n, SheetPiece)):
        sheets[piece.sheet].add(piece)
    findings = [f for n in news if isinstance(n, list) for f in n]
    return opened, sheets, findings


def workbook(path: Path, seed: int) -> Path:
    whole, rng = department(seed), Random(f"open {seed}")
    able = [n for n in LAYOUTS if fits(whole, n)]
    compose(whole, LAYOUTS[rng.choice(able)](rng), rng).save(path)
    return path


@pytest.mark.parametrize("seed", range(6))
def test_the_pieces_make_every_sheet_again(tmp_path: Path, seed: int) -> None:
    path = workbook(tmp_path / "甲.xlsx", seed)
    _, sheets, _ = handed(Request(path, write=False))
    grids = [g for g in report_of(Request(path)).source.grids if g.is_sheet]
    assert [s.shape.name for s in sheets] == [g.name for g in grids]
    for texts, grid in zip(sheets, grids, strict=True):
        for row in range(texts.shape.rows):
            for column in range(texts.shape.columns):
                assert texts.text(row, column) == " ".join(grid.text(row, column).split(" "))


def test_rows_far_apart_and_many_cross_in_pieces(tmp_path: Path) -> None:
    path = workbook(tmp_path / "甲.xlsx", 1)
    book = openpyxl.load_workbook(path)
    sheet = book.create_sheet("明细")
    for row in (1, 2, 5000, 200_000):
        sheet.cell(row, 3, row)
        sheet.cell(row, 1, "文\x1f字" if row == 1 else "文字") if row != 1 else None
    more = book.create_sheet("多")
    for row in range(3000):
        more.append([row, "a", "b", "c"])
    book.save(path)
    news: list[object] = []
    open_case(Request(path, write=False), news.append)
    opened = next(n for n in news if isinstance(n, Opened))
    pieces = [n for n in news if isinstance(n, SheetPiece)]
    assert max(len(pickle.dumps(p)) for p in pieces) < 200_000
    names = [s.name for s in opened.sheets]
    texts = SheetTexts(opened.sheets[names.index("明细")])
    own = [p for p in pieces if p.sheet == names.index("明细")]
    assert len(own) == 3
    for piece in own:
        texts.add(piece)
    assert [texts.text(r - 1, 2) for r in (1, 2, 5000, 200_000)] == ["1", "2", "5000", "200000"]
    assert texts.text(100, 2) == "" and texts.is_number(1, 2) and not texts.is_number(1, 0)
    assert sum(p.sheet == names.index("多") for p in pieces) >= 3


def test_every_finding_is_in_one_part_and_comes_before_the_writing(tmp_path: Path) -> None:
    words, book = pair(tmp_path, 6, tables=True)
    text = tmp_path / "改.txt"
    report = pair(tmp_path / "二", 6, tables=True, kind="txt")[0].read_text("utf-8")
    text.write_text(report.replace("占本年支出", "占本年收入", 1), "utf-8")
    for request in (Request(words, tables=book), Request(text)):
        news: list[object] = []
        open_case(request, news.append)
        opened = next(n for n in news if isinstance(n, Opened))
        findings = [f for n in news if isinstance(n, list) for f in n]
        held = [key for part in opened.parts for key in part.fingerprints]
        assert sorted(held) == sorted(f.fingerprint for f in findings) and len(findings) == opened.findings
        assert news.index("写出") > news.index(opened)
        assert [p.number for p in opened.parts if p.kind == "table"] == [f"{n:02d}" for n in range(1, 10)]
        assert any(p.kind == "section" and p.state == "passed" for p in opened.parts)


def test_a_missing_table_could_not_be_checked(tmp_path: Path) -> None:
    path = workbook(tmp_path / "甲.xlsx", 1)
    book = openpyxl.load_workbook(path)
    name = next(s.title for s in book if "三公" in str([c.value for row in s.iter_rows(max_row=3) for c in row]))
    del book[name]
    book.save(path)
    opened, _, _ = handed(Request(path, write=False))
    part = next(p for p in opened.parts if p.name == "三公表")
    assert part.place is None or part.errors or part.warnings
    assert part.state in ("could_not_check", "found") and part.reason == "没有找到这张表"
