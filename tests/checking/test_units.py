"""部门 = Σ 本级 and 下属单位 on random departments: quiet when it holds, one error for one slip."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from random import Random

import openpyxl
import pytest

from app import cli
from app.checking.finding import Checked, Finding
from app.checking.run import check
from app.package.workbook_reader import read
from app.pipeline import Request, report_of
from app.recognising.companions import companion, names
from app.recognising.recognise import recognise
from app.report.report import Report
from app.report.table import Entry, Row
from app.source import Line, Place
from tests.generator import LAYOUTS, Department, Slip, compose, department, fits, slip
from tests.generator.book import Book
from tests.generator.split import split


def book(whole: Department, path: Path, layout: str = "ministry", seed: int = 0) -> Path:
    rng = Random(f"units {seed}")
    compose(whole, LAYOUTS[layout](rng), rng).save(path)
    return path


def books(seed: int, netted: bool = False, count: int | None = None) -> list[Book]:
    """The department's workbook and those of its units, each laid out in its own way."""
    rng = Random(f"units {seed}")
    whole = department(seed)
    made = []
    for one in (whole, *split(whole, rng, count, netted)):
        able = [name for name in LAYOUTS if fits(one, name)]
        made.append(compose(one, LAYOUTS[rng.choice(able)](rng), rng))
    return made


def saved(made: list[Book], folder: Path) -> Report:
    paths = [folder / ("部门.xlsx" if not n else f"单位{n}.xlsx") for n in range(len(made))]
    for one, path in zip(made, paths, strict=True):
        one.save(path)
    report = recognise(read(paths[0]))
    report.units = [companion(read(path)) for path in paths[1:]]
    return report


def loud(checked: Checked) -> list[Finding]:
    """Errors, and what the sums of units say."""
    return [f for f in checked.findings if f.severity == "error" or (f.code[0] == "U" and f.severity == "warning")]


def status(checked: Checked) -> dict[str, str]:
    return {r.code: r.status for r in checked.rules if r.code[0] == "U"}


@pytest.mark.parametrize("seed", range(16))
@pytest.mark.parametrize("netted", [False, True])
def test_a_department_that_adds_up_is_quiet(tmp_path: Path, seed: int, netted: bool) -> None:
    done = check(saved(books(seed, netted), tmp_path))
    assert [f.message for f in loud(done)] == []
    assert set(status(done).values()) == {"passed"}
    assert next(r for r in done.rules if r.code == "U102").evaluated > 50


def test_netting_is_really_there(tmp_path: Path) -> None:
    """What 本级 gives a unit stands in the units' books, not in the department's."""
    found = 0
    for seed in range(16):
        whole = department(seed)
        units = split(whole, Random(f"units {seed}"), netted=True)
        given = sum(i.spent(kind="对附属单位补助支出") for u in units for i in u.items)
        found += given > sum(i.spent(kind="对附属单位补助支出") for i in whole.items)
    assert found >= 4


def slipped(seed: int, which: Callable[[Random, int], int], folder: Path) -> tuple[Checked, Slip, str | None]:
    made = books(seed)
    rng = Random(f"slip {seed}")
    at = which(rng, len(made))
    done = slip(made[at], rng)
    return check(saved(made, folder)), done, f"单位{at}.xlsx" if at else None


@pytest.mark.parametrize("seed", range(100, 112))
def test_a_slip_in_the_department_is_one_error_at_its_cell(tmp_path: Path, seed: int) -> None:
    done, wrong, _ = slipped(seed, lambda *_: 0, tmp_path)
    errors = [f for f in done.findings if f.severity == "error"]
    assert [(f.place.sheet, f.place.cell, f.place.file) for f in errors] == [(*wrong.place, None)], errors


@pytest.mark.parametrize("seed", range(100, 130))
def test_a_slip_in_a_unit_is_at_most_one_error_at_its_cell(tmp_path: Path, seed: int) -> None:
    """Fiscal money is an error there; what is wrong inside the unit alone is for its own check."""
    done, wrong, file = slipped(seed, lambda rng, n: rng.randrange(1, n), tmp_path)
    errors = [f for f in done.findings if f.severity == "error"]
    fiscal = wrong.key[0] not in ("收支总表", "收入表", "支出表")
    assert [(f.place.sheet, f.place.cell, f.place.file) for f in errors] == ([(*wrong.place, file)] if fiscal else []) or (
        not fiscal and len(errors) == 1 and errors[0].place.file == file
    )  # fmt: skip


@pytest.mark.parametrize("seed", [1, 2, 4, 7])
def test_a_code_that_a_unit_mistyped_is_no_error_of_the_department(tmp_path: Path, seed: int) -> None:
    """Its own check tells it; here it is taken for what it was meant."""
    made = books(seed, count=2)
    codes = [
        (piece, str(piece.value))
        for sheet in made[1].sheets
        for piece in sheet.cells.values()
        if piece.role == "code" and isinstance(piece.value, str) and len(piece.value) == 7 and piece.value[0] == "2"
    ]
    piece, code = Random(seed).choice(codes)
    piece.value = code[:3] + "97" + code[5:]
    report = saved(made, tmp_path)
    assert [f.message for f in loud(check(report))] == []
    assert [f for f in check(report.units[0]).findings if f.severity == "error"]


def general(report: Report) -> list[Row]:
    """The 项 of 一般支出表 that have money."""
    rows = report.tables["一般支出表"].blocks["一般支出表"].rows
    return [r for r in rows if r.code and len(r.code) == 7 and (a := r.amount("合计")) and a.value]


@pytest.mark.parametrize("seed", range(12))
def test_a_slip_that_all_sums_carry_on_is_one_error(tmp_path: Path, seed: int) -> None:
    report = saved(books(seed), tmp_path)
    row = Random(seed).choice(general(report))
    column = next(c for c in ("基本支出", "项目支出") if (a := row.amount(c)) and a.value)
    for one in report.tables["一般支出表"].blocks["一般支出表"].rows:
        if one.key == "合计行" or (one.code and row.key.startswith(one.code)):
            for name in (column, "合计"):
                _add(one.entries[name], 7 if report.tables["一般支出表"].factor > 1 else 70_000)
    found = check(report, only=("U102",)).findings
    assert [(f.place, f.severity) for f in found] == [(row.entries[column].place, "error")], [f.message for f in found]
    assert len(found[0].consequences) >= 3


def _add(entry: Entry, by: int) -> None:
    assert entry.amount is not None
    entry.amount = replace(entry.amount, value=entry.amount.value + by)


@pytest.mark.parametrize("seed", [1, 2, 3, 5, 8])
def test_a_row_that_the_department_forgot_is_one_error(tmp_path: Path, seed: int) -> None:
    report = saved(books(seed), tmp_path)
    block = report.tables["一般支出表"].blocks["一般支出表"]
    row = Random(seed).choice(general(report))
    block.rows.remove(row)
    found = [f for f in check(report, only=("A", "U")).findings if f.severity == "error"]
    assert len(found) == 1 and row.label in found[0].message and "没有这一行" in found[0].message


@pytest.mark.parametrize("seed", [4, 6, 9])
def test_a_missing_unit_is_said_once(tmp_path: Path, seed: int) -> None:
    report = saved(books(seed, count=3), tmp_path)
    gone = report.units.pop()
    (found,) = loud(check(report, only=("U",)))
    assert "漏给了单位的文件" in found.message and len(found.consequences) > 20
    folder = tmp_path / "另一个部门"
    folder.mkdir()
    report.units += [gone, of_year(saved(books(seed + 50, count=2), folder).units[0], report.year)]
    (found,) = loud(check(report, only=("U",)))
    assert "多给了单位的文件" in found.message


def of_year(unit: Report, year: int | None) -> Report:
    unit.year = year
    return unit


def test_a_table_left_blank_is_one_error(tmp_path: Path) -> None:
    report = next(r for s in range(20) if not (r := saved(books(s), tmp_path)).tables["三公表"].empty)
    table = report.tables["三公表"]
    for entry in (e for b in table.blocks.values() for r in b.rows for e in r.entries.values()):
        entry.amount, entry.text = None, ""
    table.statement = Line("说明：本部门没有“三公”经费，故本表无数据。", Place())
    (found,) = loud(check(report, only=("U",)))
    assert "部门的表没有数据" in found.message


def test_the_units_and_their_figures_are_named(tmp_path: Path) -> None:
    report = saved(books(7, count=2), tmp_path)
    row = general(report)[0]
    _add(row.entries["合计"], 50)
    (found,) = loud(check(report, only=("U",)))
    assert any(u.unit and u.unit.value in found.message for u in report.units)
    assert {r.place.file for r in found.related} <= {None, "单位1.xlsx", "单位2.xlsx"}
    assert any(r.place.file for r in found.related)


# -- the files --------------------------------------------------------------------------------------


def test_files_that_do_not_belong(tmp_path: Path) -> None:
    report = saved(books(3, count=3), tmp_path)
    own = list(report.units)
    report.units = [own[0], own[1], own[0]]
    done = check(report, only=("U",))
    assert [f.code for f in done.findings] == ["U101"]
    assert status(done) == {"U101": "failed", "U102": "could_not_run", "U103": "could_not_run", "U104": "could_not_run"}
    report.units = [*own, companion(read(tmp_path / "部门.xlsx"))]
    (found,) = check(report, only=("U",)).findings
    assert "部门文件本身" in found.message
    report.year, report.units = 2022, [of_year(u, 2021 if u is own[0] else 2022) for u in own]
    done = check(report, only=("U",))
    assert [f.code for f in done.findings] == ["U101"] and status(done)["U102"] == "could_not_run"


def test_a_unit_without_a_table_stops_only_what_needs_it(tmp_path: Path) -> None:
    report = saved(books(3, count=2), tmp_path)
    del report.units[0].tables["三公表"]
    result = next(r for r in check(report, only=("U102",)).rules)
    assert (result.status, result.evaluated > 50) == ("passed", True)
    assert report.units[0].unit and f"{report.units[0].unit.value}：缺少" in (result.reason or "")


def test_without_units_nothing_is_compared(tmp_path: Path) -> None:
    report = saved(books(4), tmp_path)
    report.units = []
    del report.tables["三公表"]
    assert {r.status for r in check(report, only=("U", "L")).rules} == {"not_applicable"}


def test_yuan_and_wan_are_added_up(tmp_path: Path) -> None:
    whole = next(d for s in range(50) if fits(d := department(s), "yuan"))
    paths = [tmp_path / f"{n}.xlsx" for n in range(3)]
    for n, (one, path) in enumerate(zip((whole, *split(whole, Random(1), 2)), paths, strict=True)):
        book(one, path, ("ministry", "yuan", "decimals")[n])
    report = recognise(read(paths[0]))
    report.units = [companion(read(p)) for p in paths[1:]]
    assert report.units[0].tables and any(t.factor == 1 for t in report.units[0].tables.values())
    assert loud(check(report)) == []


def test_files_of_one_name_are_told_apart(tmp_path: Path) -> None:
    own, last, unit = tmp_path / "决算.xlsx", tmp_path / "2021" / "决算.xlsx", tmp_path / "甲" / "单位.xlsx"
    assert names([own], [last, unit, tmp_path / "乙" / "单位.xlsx"]) == [
        "2021/决算.xlsx",
        "甲/单位.xlsx",
        "乙/单位.xlsx",
    ]
    assert names([own], [unit]) == ["单位.xlsx"]
    assert len(set(names([own], [tmp_path / "2021" / "公开" / "x.xlsx", tmp_path / "2020" / "公开" / "x.xlsx"]))) == 2


def test_the_command_names_a_unit_that_cannot_be_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("JUESUAN_STATE", str(tmp_path / "state"))
    saved(books(5, count=2), tmp_path)
    main, units, bad = tmp_path / "部门.xlsx", [tmp_path / "单位1.xlsx", tmp_path / "单位2.xlsx"], tmp_path / "坏.xlsx"
    bad.write_bytes(b"PK no workbook")
    report = report_of(Request(main, units=(units[0], bad)))
    assert len(report.units) == 1 and "坏.xlsx" in report.unread_units[0]
    results = {r.code: r for r in check(report, only=("U",)).rules}
    assert results["U102"].status == "could_not_run" and "坏.xlsx" in (results["U102"].reason or "")
    code = cli.main(["check", str(main), "--units", *map(str, units)])
    assert code in (0, 1)
    assert "错误" not in capsys.readouterr().out.replace("未发现错误", "")
    sheet = openpyxl.load_workbook(tmp_path / "部门_校核.xlsx")["校核规则"]
    assert any(row[1].value == "U102" and "通过" in str(row[3].value) for row in sheet.iter_rows())
