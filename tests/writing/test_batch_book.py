"""汇总: a row a file, totals that add up, every error listed; no formula out of a file's name."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import openpyxl

from app.pipeline import Issue, Outcome
from app.writing.batch_book import batch_book


def test_rows_totals_and_issues(tmp_path: Path) -> None:
    wrong = Outcome(Path("=甲.xlsx"), unit="甲局", year=2024, tables=9, errors=2, warnings=1, filled=3, evaluated=9)
    wrong.issues = [
        Issue("error", "A101", "公开01表!C3", "本年收入合计 1.00，应为 2.00"),
        Issue("warning", "S1", "全文", "看"),
    ]
    wrong.outputs = [Path("甲_校核.xlsx")]
    clean = Outcome(Path("乙.xlsx"), unit="乙局", year=2024, tables=9, evaluated=9, rules={"could_not_run": 4})
    broken = Outcome(Path("坏.xlsx"), error="文件不完整或已损坏。")
    path = tmp_path / "汇总.xlsx"
    batch_book([wrong, clean, broken], path, date(2026, 11, 21))
    book = openpyxl.load_workbook(path)
    rows = [[c.value for c in row] for row in book["汇总"].iter_rows()]
    assert "共 3 个文件：错误 2、提醒 1，无错误 1 个，未能校核 1 个" in rows[1][0]
    assert rows[3][:7] == [1, "=甲.xlsx", "甲局", 2024, 9, 2, 1] and rows[3][12] == "甲_校核.xlsx"
    assert rows[4][10] == 4 and rows[4][11] == "未发现错误"
    assert "未能校核：文件不完整" in rows[5][11]
    assert rows[6][0] == "合计" and rows[6][4:11] == [18, 2, 1, 0, 0, 3, 4]
    issues = [[c.value for c in row] for row in book["全部问题"].iter_rows()]
    assert [r[4] for r in issues[1:]] == ["A101", "S1"] and issues[1][3] == "✖ 错误"


def test_without_problems_there_is_no_second_sheet(tmp_path: Path) -> None:
    path = tmp_path / "汇总.xlsx"
    batch_book([Outcome(Path("乙.xlsx"), tables=9, evaluated=9)], path)
    assert openpyxl.load_workbook(path).sheetnames == ["汇总"]
