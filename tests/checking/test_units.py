"""部门 = Σ 本级 and 下属单位 on random departments: quiet when it holds, one error for one slip."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from random import Random

import openpyxl
import pytest

from app import cli
from app.checking.run import check
from app.package.workbook_reader import read
from app.pipeline import Request, report_of
from app.recognising.companions import companion
from app.recognising.recognise import recognise
from app.report.report import Report
from tests.generator import LAYOUTS, Department, compose, department, fits
from tests.generator.parts import units

LAYOUT = LAYOUTS["ministry"]


def book(whole: Department, path: Path, layout: str = "ministry", seed: int = 0) -> Path:
    rng = Random(f"units {seed}")
    made = compose(whole, LAYOUTS[layout](rng), rng)
    made.save(path)
    return path


def case(folder: Path, seed: int, layout: str = "ministry") -> tuple[Report, list[Report], Path]:
    whole = next(d for n in range(50) if fits(d := department(seed + 1000 * n), layout))
    main = book(whole, folder / "部门.xlsx", layout, seed)
    parts = [
        companion(read(book(u, folder / f"{n}.xlsx", "ministry", seed)))
        for n, u in enumerate(units(whole, Random(seed)))
    ]
    report = recognise(read(main))
    report.units = parts
    return report, parts, main


def loud(report: Report) -> list[str]:
    return [f.message for f in check(report, only=("U",)).findings]


@pytest.mark.parametrize("seed", range(24))
def test_a_department_that_adds_up_is_quiet(tmp_path: Path, seed: int) -> None:
    report, _, _ = case(tmp_path, seed, ("ministry", "yuan", "surrounded")[seed % 3])
    assert loud(report) == []
    results = {r.code: r for r in check(report, only=("U",)).rules}
    assert results["U102"].status == "passed"
    assert results["U102"].evaluated > 60


@pytest.mark.parametrize("seed", range(12))
def test_one_slip_is_one_error_at_its_place(tmp_path: Path, seed: int) -> None:
    """A 项 of a unit's 一般支出表 is typed wrong, and all its sums follow."""
    report, parts, _ = case(tmp_path, seed)
    block = report.tables["一般支出表"].blocks["一般支出表"]
    rows = [r for r in block.rows if r.code and len(r.code) == 7 and (a := r.amount("合计")) and a.value]
    row = Random(seed).choice(rows)
    column = next(c for c in ("基本支出", "项目支出") if (a := row.amount(c)) and a.value)
    chain = [r for r in block.rows if r.key == "合计行" or (r.code and row.key.startswith(r.code))]
    for one in chain:
        for name in (column, "合计"):
            entry = one.entries[name]
            assert entry.amount is not None
            entry.amount = replace(entry.amount, value=entry.amount.value + 7)
    found = [f for f in check(report, only=("U102",)).findings]
    assert [(f.place, f.severity) for f in found] == [(row.entries[column].place, "error")], [f.message for f in found]
    assert len(found[0].consequences) >= 3
    assert parts


def test_files_that_do_not_belong(tmp_path: Path) -> None:
    report, parts, _ = case(tmp_path, 3)
    report.units = [parts[0], parts[0]]
    results = check(report, only=("U",))
    assert [f.code for f in results.findings] == ["U101"]
    assert {r.code: r.status for r in results.rules}["U102"] == "could_not_run"
    parts[0].year = (parts[0].year or 0) - 1
    report.units = parts
    assert [f.code for f in check(report, only=("U",)).findings] == ["U101"]


def test_without_units_nothing_is_compared(tmp_path: Path) -> None:
    report, _, _ = case(tmp_path, 4)
    report.units = []
    assert {r.status for r in check(report, only=("U", "L")).rules} == {"not_applicable"}


def test_the_command_names_a_unit_that_cannot_be_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("JUESUAN_STATE", str(tmp_path / "state"))
    _, _, main = case(tmp_path, 5)
    bad = tmp_path / "坏.xlsx"
    bad.write_bytes(b"PK no workbook")
    report = report_of(Request(main, units=(tmp_path / "0.xlsx", bad)))
    assert len(report.units) == 1 and "坏.xlsx" in report.unread_units[0]
    assert {r.code: r.reason or "" for r in check(report, only=("U102",)).rules}["U102"].count("坏.xlsx")
    code = cli.main(["check", str(main), "--units", str(tmp_path / "0.xlsx"), str(tmp_path / "1.xlsx")])
    assert code in (0, 1)
    assert "错误" not in capsys.readouterr().out.replace("未发现错误", "")
    sheet = openpyxl.load_workbook(tmp_path / "部门_校核.xlsx")["校核规则"]
    assert any(row[1].value == "U102" and "通过" in str(row[3].value) for row in sheet.iter_rows())
