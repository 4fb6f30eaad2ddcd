"""Structure checks beyond their cases: one slip one finding, and how rules end without their input."""

from __future__ import annotations

import dataclasses
from random import Random

import pytest

from app.checking.arithmetic import evaluate
from app.checking.corrections import correct
from app.checking.finding import Finding
from app.checking.rulebook import Rule, rules, run
from app.recognising.recognise import recognise
from app.source import Cell, Grid, Source
from tests.benchmarks.sweep import book
from tests.checking.gridcase import case
from tests.generator.book import Book, Piece

STRUCTURE = [rule for rule in rules() if rule.file in ("S_structure", "F_formulas", "N_notes")]
ARITHMETIC = [rule for rule in rules() if rule.formula]
BY_CODE = {rule.code: rule for rule in rules()}


def source_of(made: Book) -> Source:
    """The workbook as a reader would give it, without the way through a file."""
    source = Source("案例.xlsx", "workbook")
    for sheet in made.sheets:
        grid = Grid(sheet.name, hidden=sheet.hidden)
        from app.source import Span

        grid.merges = [Span(*merge) for merge in sheet.merges]
        for (row, column), piece in sheet.cells.items():
            number_format = "#,##0.00" if piece.role == "amount" else "General"
            grid.put(Cell(row, column, piece.value, piece.formula, number_format))
        source.items.append(grid)
    return source


def all_findings(source: Source) -> list[Finding]:
    """Structure first, then arithmetic on what was meant: the order in which ``run`` has to work."""
    report = recognise(source)
    found = [f for rule in STRUCTURE for f in run(rule, report)[0]]
    correct(report)
    return found + evaluate(ARITHMETIC, report).findings


def loud(findings: list[Finding]) -> list[Finding]:
    return [f for f in findings if f.severity != "info"]


@pytest.mark.parametrize("seed", range(40))
def test_clean_workbooks_raise_nothing(seed: int) -> None:
    report = recognise(source_of(book(seed)))
    assert not loud([f for rule in STRUCTURE for f in run(rule, report)[0]])


def _pieces(made: Book, role: str) -> list[tuple[str, tuple[int, int], Piece]]:
    return [
        (sheet.name, position, piece)
        for sheet in made.sheets
        for position, piece in sheet.cells.items()
        if piece.role == role and str(piece.value or "").strip() and not sheet.hidden
    ]


@pytest.mark.parametrize("seed", range(300, 340))
def test_a_mistyped_code_is_one_finding_in_its_row(seed: int) -> None:
    made, rng = book(seed), Random(seed)
    sheet, (row, column), piece = rng.choice(_pieces(made, "code"))
    old = str(piece.value)
    at = rng.choice([i for i, c in enumerate(old) if c.isdigit()])
    new = old[:at] + str((int(old[at]) + rng.randint(1, 9)) % 10) + old[at + 1 :]
    piece.value = type(piece.value)(new) if piece.value else new
    found = loud(all_findings(source_of(made)))
    assert len(found) == 1, [f.message for f in found]
    if found[0].severity == "error":  # between two tables that disagree, only a reminder at the later one
        place = found[0].place
        assert (place.sheet, place.cell) == (sheet, Grid(sheet).place(row, column).cell)


@pytest.mark.parametrize("seed", range(400, 430))
def test_a_misspelt_name_is_one_finding_at_its_cell(seed: int) -> None:
    made, rng = book(seed), Random(seed)
    # The rows under 年初财政拨款结转和结余 are told from the income rows by its name alone.
    able = [p for p in _pieces(made, "label") if len(str(p[2].value)) > 3 and "年初财政" not in str(p[2].value)]
    sheet, (row, column), piece = rng.choice(able)
    piece.value = str(piece.value)[:-2] + "龘" + str(piece.value)[-1]
    found = loud(all_findings(source_of(made)))
    assert [(f.place.sheet, f.place.cell) for f in found] == [(sheet, Grid(sheet).place(row, column).cell)]


@pytest.mark.parametrize(
    "text",
    [
        "九表：公开03表!A9 改为 20103O",
        "九表：公开03表!A9 改为 20113",
        "九表：公开03表!A11 改为 2010303",
        "九表：公开03表!A11 改为 2010301",
        "九表：公开03表!C3 改为 单位：元",
        "九表：公开01表!D7 改为 一、一般公服支出；公开01表!E7 清空",
    ],
)
def test_what_was_meant_keeps_the_arithmetic_quiet(text: str) -> None:
    report = case(text).report
    before = loud(evaluate(ARITHMETIC, report).findings)
    assert correct(report) == 1
    assert not loud(evaluate(ARITHMETIC, report).findings)
    if "公开01表" not in text:
        assert before, "without it, the arithmetic would cry out"


def test_without_any_table_rules_could_not_run() -> None:
    grid = Grid("封面")
    grid.put(Cell(0, 0, "某区财政局"))
    report = recognise(Source("案例.xlsx", "workbook", [grid]))
    ended = {code: run(BY_CODE[code], report)[1] for code in ("S101", "S105", "S106", "S201", "S401", "S405")}
    assert {result.status for result in ended.values()} == {"could_not_run"}
    assert all(result.reason for result in ended.values())


def test_what_a_picture_hides_is_not_called_missing() -> None:
    wanted = case("九表－基金表")
    wanted.source.kind = "pdf"
    wanted.source.problems.append(("第 9 页是图片", wanted.source.grids[0].place(0, 0)))
    report = recognise(wanted.source)
    findings, result = run(BY_CODE["S101"], report)
    assert not findings and result.status == "could_not_run"
    assert [f.severity for f in run(BY_CODE["S105"], report)[0]] == ["info"]


def test_workbook_hygiene_does_not_apply_to_reports() -> None:
    wanted = case("支出表：D10 改为 #REF!")
    wanted.source.kind = "pdf"
    assert run(BY_CODE["F101"], recognise(wanted.source))[1].status == "not_applicable"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("支出表：C9 改为 =C10+C11|", "打开并保存一次"),
        ("支出表：C9 改为 =VLOOKUP(1,A1:B2,2)|150.25", "VLOOKUP"),
    ],
)
def test_formulas_beyond_the_calculator_could_not_run(text: str, words: str) -> None:
    findings, result = run(BY_CODE["F102"], case(text).report)
    assert not findings
    assert result.status == "could_not_run" and words in (result.reason or "")


def test_an_error_is_told_once_where_it_begins() -> None:
    text = "支出表：D10 改为 #REF!；D9 改为 =SUM(D10:D11)|#REF!；D8 改为 =D9|#REF!"
    (finding,) = run(BY_CODE["F101"], case(text).report)[0]
    assert finding.place.cell == "D10"
    assert sorted(str(c.place.cell) for c in finding.consequences) == ["D8", "D9"]


def test_units_that_truly_differ_are_no_error() -> None:
    factor = "；".join(
        f"公开09表!{c}8 改为 {v}"
        for c, v in zip(
            "AEFGIKL",
            ("30,000.00", "20,000.00", "10,000.00", "25,000.00", "18,000.00", "18,000.00", "7,000.00"),
            strict=True,
        )
    )
    findings, _ = run(BY_CODE["S108"], case(f"九表：公开09表!C3 改为 单位：元；{factor}").report)
    assert [f.severity for f in findings] == ["info"]


def test_many_stale_formulas_are_one_matter() -> None:
    wanted = case("支出表")
    grid = wanted.source.grids[0]
    for row in range(100, 140):
        grid.put(Cell(row, 20, grid.rows[6][2].value, f"C7+{row}", "0.00"))
    (finding,) = run(BY_CODE["F102"], recognise(wanted.source))[0]
    assert "40 个公式" in finding.message and len(finding.related) == 39


def test_rules_read_as_the_reviewer_reads() -> None:
    for rule in STRUCTURE:
        assert isinstance(rule, Rule) and dataclasses.is_dataclass(rule)
        assert not set("{}") & set(rule.explain) and len(rule.title) <= 20
