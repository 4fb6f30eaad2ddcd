"""Percentages filled into workbooks: against an independent computation, and nothing else changed."""

from __future__ import annotations

import shutil
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from random import Random
from typing import Any

import openpyxl
import pytest

from app.pipeline import Request, check, clean
from app.reading.read import read
from app.recognising.recognise import recognise
from app.source import Source
from tests.checking.gridcase import case
from tests.checking.gridcase import sheet as stock_sheet
from tests.office import needs_office, recalculated

SHARE = ("占比", "占比（%）", "比重", "占合计%", "所占比例", "占合计的比重")
DONE = ("完成预算%", "完成年初预算的%", "预算完成率", "执行率", "执行率（决算数/预算数）", "完成年初预算%")
GROWTH = ("增减%", "增长率", "较上年±%", "比上年增减（%）", "同比增长率", "增减幅度（%）")
NAMES = ("基本支出", "项目支出", "经营支出", "上缴上级支出", "对附属单位补助支出", "其他支出")


@pytest.fixture(autouse=True)
def memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JUESUAN_STATE", str(tmp_path / "state"))


def half_up(top: Decimal, base: Decimal, decimals: int) -> Decimal:
    return (top / base).quantize(Decimal(1).scaleb(-decimals - 2), ROUND_HALF_UP)


def sheet(rng: Random, path: Path) -> dict[str, tuple[Decimal, Decimal, int]]:
    """An analysis sheet; (numerator, denominator, decimals of the percentage) of each cell left blank."""
    book = openpyxl.Workbook()
    page: Any = book.active
    page.title = rng.choice(("分析", "收支分析'表", "预算执行 情况"))
    page.append(["2022年度支出情况分析表"])
    page.append(["单位：万元"])
    columns = ["项目", "年初预算数", "决算数", "上年决算数"]
    asked = [rng.choice(group) for group in rng.sample((SHARE, DONE, GROWTH), rng.randint(1, 3))]
    if rng.random() < 0.5:
        columns.insert(rng.randint(0, 1), "行次")
    at = {name: n for n, name in enumerate(columns)}
    for name in asked:
        at[name] = len(columns)
        columns.append(name)
    page.append(columns)
    if rng.random() < 0.5:
        page.append(["栏次" if c == "项目" else n for n, c in enumerate(columns)])
    count = rng.randint(2, 5)
    values = {c: [Decimal(rng.randint(0, 10**7)) / 100 * (rng.random() > 0.15) for _ in range(count)] for c in ("年初预算数", "决算数", "上年决算数")}  # fmt: skip
    for series in values.values():
        series.append(sum(series, Decimal(0)))
    decimals = rng.choice((None, 1, 2))
    wanted: dict[str, tuple[Decimal, Decimal, int]] = {}
    for n, name in enumerate([*rng.sample(NAMES, count), "合计"]):
        row: list[Any] = [None] * len(columns)
        row[at["项目"]] = name
        if "行次" in at:
            row[at["行次"]] = n + 1
        for c, series in values.items():
            row[at[c]] = float(series[n]) if series[n] or rng.random() < 0.5 else None
        page.append(row)
        budget, final, last = (values[c][n] for c in ("年初预算数", "决算数", "上年决算数"))
        for header in asked:
            cell = page.cell(page.max_row, at[header] + 1)
            if decimals is not None:
                cell.number_format = "0.0%" if decimals == 1 else "0.00%"
            cell.value = rng.choice((None, None, "XX%", "××%"))
            top, base = (final, values["决算数"][-1]) if header in SHARE else (final, budget) if header in DONE else (final - last, last)  # fmt: skip
            blank = row[at["决算数"]] is None
            if (header in SHARE and blank) or (header not in SHARE and blank and not base):
                continue
            wanted[cell.coordinate] = (top, base, decimals or 2)
    book.save(path)
    return wanted


@pytest.mark.parametrize("seed", range(40))
def test_random_sheets(tmp_path: Path, seed: int) -> None:
    rng = Random(f"cells {seed}")
    source = tmp_path / "分析.xlsx"
    wanted = sheet(rng, source)
    report = recognise(read(source))
    from app.filling.cells import cell_fills

    fills = {fill.place.cell: fill for fill in cell_fills(report)}
    for spot, (top, base, decimals) in wanted.items():
        fill = fills[spot]
        if not base:
            assert fill.value == "—" and fill.why
        elif not fill.done:  # 0 ÷ …: nothing was spent
            assert not top and fill.why
        else:
            assert fill.value == f"{half_up(top, base, decimals) * 100:.{decimals}f}%", (spot, fill)
    assert fills.keys() - wanted.keys() <= {spot for spot, fill in fills.items() if not fill.done or fill.value == "—"}


def nine(tmp_path: Path, edits: str = "") -> Path:
    """The nine stock tables and the analysis sheet as a file."""
    source = case(
        f"收支总表、收入表、支出表、财拨总表、一般支出表、基本支出表、基金表、国资表、三公表、分析表：{edits}"
    ).source
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for grid in source.grids:
        page = book.create_sheet(grid.name)
        for cell in grid.cells():
            page.cell(cell.row + 1, cell.column + 1).value = cell.value if cell.formula is None else f"={cell.formula}"  # type: ignore[assignment]
        for span in grid.merges:
            page.merge_cells(start_row=span.top + 1, end_row=span.bottom + 1, start_column=span.left + 1, end_column=span.right + 1)  # fmt: skip
    path = tmp_path / "九表.xlsx"
    book.save(path)
    return path


def cells(path: Path, name: str) -> dict[str, object]:
    return {c.coordinate: c.value for row in openpyxl.load_workbook(path)[name] for c in row if c.value is not None}


def test_the_file_gets_live_formulas_and_nothing_else_changes(tmp_path: Path) -> None:
    source = nine(tmp_path)
    outcome = check(Request(source))
    assert outcome.error is None
    assert outcome.filled == 15
    (path,) = outcome.outputs
    before, after = cells(source, "支出分析"), cells(path, "支出分析")
    assert {k: v for k, v in after.items() if k in before} == before
    assert after["D5"] == '=IF(B5=0,"—",ROUND(C5/B5,4))'
    values = openpyxl.load_workbook(path, data_only=True)["支出分析"]
    assert values["D5"].value == 1.0708
    assert values["D5"].number_format == "0.00%"
    assert values["D5"].fill.start_color.rgb == "FFC6EFCE"
    assert values["D8"].value == "—"
    assert "109.38 ÷" in values["D5"].comment.text
    listed = openpyxl.load_workbook(path)["自动填充"]
    row = next(r for r in listed.iter_rows(min_row=4) if r[1].value == "支出分析!D5")
    assert [c.value for c in row][4:6] == ["107.08%", '=IF(B5=0,"—",ROUND(C5/B5,4))']
    assert row[1].hyperlink.location == "'支出分析'!D5"
    clean(Request(path, target=tmp_path / "back.xlsx"))
    assert cells(tmp_path / "back.xlsx", "支出分析") == before
    again = check(Request(path))
    assert (again.filled, again.errors, again.warnings) == (outcome.filled, outcome.errors, outcome.warnings)


def test_placeholders_come_back_also_after_another_program_saved(tmp_path: Path) -> None:
    source = nine(tmp_path)
    book = openpyxl.load_workbook(source)
    book["支出分析"]["D5"] = "XX%"
    book.save(source)
    (path,) = check(Request(source)).outputs
    assert cells(path, "支出分析")["D5"] == '=IF(B5=0,"—",ROUND(C5/B5,4))'
    saved = openpyxl.load_workbook(path)
    saved.save(path)
    clean(Request(path, target=tmp_path / "back.xlsx"))
    assert cells(tmp_path / "back.xlsx", "支出分析") == cells(source, "支出分析")


def test_a_wrong_percentage_stays_as_typed_with_the_right_one_in_the_note(tmp_path: Path) -> None:
    source = nine(tmp_path)
    book = openpyxl.load_workbook(source)
    book["支出分析"]["D5"] = 1.7008
    book["支出分析"]["D5"].number_format = "0.00%"
    book.save(source)
    outcome = check(Request(source))
    page = openpyxl.load_workbook(outcome.outputs[0])["支出分析"]
    assert page["D5"].value == 1.7008
    assert page["D5"].fill.start_color.rgb == "FFFFC7CE"
    assert "107.08%" in page["D5"].comment.text


def test_no_fill(tmp_path: Path) -> None:
    source = nine(tmp_path)
    outcome = check(Request(source, fill=False))
    assert cells(outcome.outputs[0], "支出分析") == cells(source, "支出分析")
    assert "自动填充" not in openpyxl.load_workbook(outcome.outputs[0]).sheetnames


def test_a_column_of_her_own_beside_a_table_is_filled_and_no_error(tmp_path: Path) -> None:
    source = nine(tmp_path)
    book = openpyxl.load_workbook(source)
    book["公开03表"]["I4"] = "占本年支出%"
    book["公开09表"]["M5"] = "完成预算%"
    book["公开01表"]["G5"] = "占本年支出%"
    book.save(source)
    outcome = check(Request(source))
    assert (outcome.errors, outcome.warnings) == (0, 0)
    values = openpyxl.load_workbook(outcome.outputs[0], data_only=True)
    spent = values["公开03表"]
    assert [spent[f"I{row}"].value for row in (7, 8, 12)] == [1, 0.882, 0.118]
    assert values["公开09表"]["M8"].value == 0.8333
    both = values["公开01表"]
    assert (both["G7"].value, both["G33"].value, both["G37"].value) == (0.882, 1, None)


BAD = [
    ("B5 改为 约一百万", "不是数字"),
    ("B5 改为 '102.15", "存成了文本"),
    ("B5 改为 #DIV/0!", "不是数字"),
    ("B5 改为 -3.00", "负数"),
]


@pytest.mark.parametrize(("edit", "reason"), BAD)
def test_bad_operands_give_no_number_but_a_reason(edit: str, reason: str) -> None:
    from app.filling.cells import cell_fills

    fills = {f.place.cell: f for f in cell_fills(case(f"分析表：{edit}").report)}
    assert fills["D5"].value == ""
    assert reason in fills["D5"].why
    assert fills["D6"].value == "100.00%"


def test_protected_sheets_and_merged_cells_are_left_alone(tmp_path: Path) -> None:
    source = nine(tmp_path)
    book = openpyxl.load_workbook(source)
    book["支出分析"].protection.sheet = True
    book.save(source)
    outcome = check(Request(source))
    assert outcome.filled == 0
    assert cells(outcome.outputs[0], "支出分析") == cells(source, "支出分析")
    reasons = [str(r[6].value) for r in openpyxl.load_workbook(outcome.outputs[0])["自动填充"].iter_rows(min_row=4)]
    assert reasons and all("受保护" in reason for reason in reasons)
    book = openpyxl.load_workbook(source)
    book["支出分析"].protection.sheet = False
    book["支出分析"].merge_cells("D5:D6")
    book.save(source)
    after = cells(check(Request(source)).outputs[0], "支出分析")
    assert "D5" not in after and "D6" not in after and "D7" in after


def test_several_budgets_and_none_named_is_not_guessed() -> None:
    from app.filling.cells import cell_fills

    text = "执行情况表\n项目\t年初预算数\t调整预算数\t决算数\t{}\n甲\t10.00\t12.00\t9.00\t\n乙\t5.00\t5.00\t5.00\t"
    for header, values in (
        ("预算完成率", [""]),
        ("完成年初预算%", ["90.00%", "100.00%"]),
        ("执行率（调整预算）", ["75.00%", "100.00%"]),
    ):
        source = Source("x.xlsx", "workbook", [stock_sheet("执行", text.format(header))])
        fills = cell_fills(recognise(source))
        assert [f.value for f in fills] == values
        assert all(f.done or "分不清" in f.why for f in fills)


def test_a_label_with_its_value_beside_it() -> None:
    from app.filling.cells import cell_fills

    text = "项目绩效自评表\n项目名称\t信息化运维\n全年预算数\t100.00\t全年执行数\t95.50\t执行率\t{}\n上年决算数\t50.00\t本年决算数\t40.00\t增长率\t"
    for waiting in ("", "XX%"):
        source = Source("x.xlsx", "workbook", [stock_sheet("绩效", text.format(waiting))])
        assert [(f.place.cell, f.value) for f in cell_fills(recognise(source))] == [("F3", "95.50%"), ("F4", "-20.00%")]
    source = Source("x.xlsx", "workbook", [stock_sheet("绩效", text.format("96%"))])
    assert [f.place.cell for f in cell_fills(recognise(source))] == ["F4"]


@needs_office
def test_recalculated_by_libreoffice(tmp_path: Path) -> None:
    made = []
    for seed in range(60, 66):
        source = tmp_path / f"{seed}.xlsx"
        sheet(Random(f"cells {seed}"), source)
        target = tmp_path / "marked" / source.name
        target.parent.mkdir(exist_ok=True)
        from app.checking.finding import Checked
        from app.filling.cells import cell_fills
        from app.package.editor import annotate
        from app.writing.marks import marks

        fills = cell_fills(recognise(read(source)))
        annotate(source, target, marks(Checked(fills=fills), source.name), [])
        made.append(target)
    compared = 0
    for ours, theirs in zip(made, recalculated(made, tmp_path), strict=True):
        mine, its = (openpyxl.load_workbook(p, data_only=True).worksheets[0] for p in (ours, theirs))
        for row in mine.iter_rows(min_row=4):
            for cell in row:
                if cell.value is not None:
                    value = its[cell.coordinate].value
                    assert value == (
                        pytest.approx(cell.value, abs=1e-9) if isinstance(cell.value, float) else cell.value
                    )
                    compared += 1
    assert compared > 60


@needs_office
def test_what_is_not_xlsx_gets_the_fills_in_its_fresh_copy(tmp_path: Path) -> None:
    import subprocess

    source = nine(tmp_path)
    profile = f"-env:UserInstallation=file://{tmp_path / 'profile'}"
    command = [shutil.which("soffice") or "", profile, "--headless", "--convert-to", "xls", "--outdir", str(tmp_path)]
    subprocess.run([*command, str(source)], check=True, capture_output=True, timeout=120)
    (path,) = check(Request(tmp_path / "九表.xls")).outputs
    assert cells(path, "支出分析")["D5"] == '=IF(B5=0,"—",ROUND(C5/B5,4))'
    assert openpyxl.load_workbook(path, data_only=True)["支出分析"]["D5"].value == 1.0708
