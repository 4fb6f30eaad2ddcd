"""The sheet 百分比 against an independent computation, and against what LibreOffice recalculates."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from random import Random

import openpyxl
import pytest

from app.pipeline import Request, check
from app.writing.percent_sheet import NAME, TITLE
from tests.benchmarks.sweep import book
from tests.generator import LAYOUTS
from tests.office import needs_office, recalculated

HEAD = 3  # rows above the first percentage


@pytest.fixture(autouse=True)
def memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JUESUAN_STATE", str(tmp_path / "state"))


def annotated(folder: Path, seed: int, layout: str) -> Path:
    folder.mkdir(exist_ok=True)
    book(seed, layout).save(folder / f"{layout}{seed}.xlsx")
    outcome = check(Request(folder / f"{layout}{seed}.xlsx"))
    assert outcome.error is None
    return outcome.outputs[0]


def rows(path: Path, *, values: bool) -> list[tuple[object, ...]]:
    sheet = openpyxl.load_workbook(path, data_only=values)[NAME]
    assert sheet["A1"].value == TITLE
    return [tuple(c.value for c in row) for row in sheet.iter_rows(min_row=HEAD + 1)]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_each_percentage_is_the_quotient_of_its_operands(tmp_path: Path, layout: str) -> None:
    done = 0
    for seed in (3, 11):
        for row in rows(annotated(tmp_path / "in", seed, layout), values=True):
            name, top, base, value = str(row[2]), row[4], row[6], row[7]
            if value in (None, "", "—"):
                assert row[8], "says why"
                continue
            a, b = Decimal(str(top)), Decimal(str(base))
            if "比上年" in name:
                a -= b
            assert Decimal(str(value)) == (a / b).quantize(Decimal("0.0001"), ROUND_HALF_UP), row
            done += 1
    assert done > 10


def test_what_is_missing_can_be_typed_in_and_the_formula_takes_it(tmp_path: Path) -> None:
    path = annotated(tmp_path / "in", 5, next(iter(LAYOUTS)))
    row = next(r for r in rows(path, values=False) if r[2] == "收、支总计比上年")
    assert row[6] is None
    assert "缺少上年决算数（收、支总计）" in str(row[8])
    assert str(row[7]).startswith("=IF(COUNT(G4)<1,")


def test_what_she_typed_there_is_not_lost_when_the_file_is_checked_again(tmp_path: Path) -> None:
    path = annotated(tmp_path / "in", 5, next(iter(LAYOUTS)))
    work = openpyxl.load_workbook(path)
    work[NAME]["G4"] = 1000
    work.save(path)
    again = check(Request(path)).outputs[0]
    row = next(r for r in rows(again, values=True) if r[2] == "收、支总计比上年")
    top = Decimal(str(row[4]))
    assert row[6] == 1000
    assert Decimal(str(row[7])) == ((top - 1000) / 1000).quantize(Decimal("0.0001"), ROUND_HALF_UP)
    assert next(r for r in rows(again, values=True) if r[2] == "收入合计比上年")[6] is None


@needs_office
def test_recalculated_by_libreoffice_the_values_are_the_cached_ones(tmp_path: Path) -> None:
    made = [annotated(tmp_path / "in", seed, layout) for seed, layout in enumerate(LAYOUTS, 30)]
    back = recalculated(made, tmp_path)
    compared = 0
    for path, other in zip(made, back, strict=True):
        for ours, theirs in zip(rows(path, values=True), rows(other, values=True), strict=True):
            for mine, its in ((ours[4], theirs[4]), (ours[6], theirs[6]), (ours[7], theirs[7])):
                if isinstance(mine, int | float):
                    assert its == pytest.approx(mine, abs=1e-9), ours
                    compared += 1
                else:
                    assert (its or "") == (mine or ""), ours
    assert compared > 100


def test_a_growth_is_worked_out_once_last_years_figure_is_there() -> None:
    from app.filling.percentages import Percentage, shown
    from app.filling.quantities import Part, Quantity

    rng = Random(7)
    for _ in range(200):
        now, then = (Decimal(rng.randint(1, 10**7)) / 100 for _ in range(2))
        one = Percentage("", "", "growth", Quantity((Part(1, "", now),)), Quantity((Part(1, "", then),)))
        assert one.value is not None
        assert shown(one.value) == f"{((now - then) / then * 100).quantize(Decimal('0.01'), ROUND_HALF_UP)}%"
    zero = Percentage("", "", "growth", Quantity((Part(1, "", now),)), Quantity((Part(1, "上年数", Decimal(0)),)))
    assert zero.value is None
    assert "上年数" in zero.reason
