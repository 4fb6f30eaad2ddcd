"""The sweep of ``tests/benchmarks/sweep.py`` with fixed seeds and a smaller count."""

from __future__ import annotations

from pathlib import Path
from statistics import median

import pytest

from app.package.workbook_reader import read
from app.recognising.recognise import recognise
from tests.benchmarks.sweep import Case, book, carried, clean, run, slipped
from tests.generator import LAYOUTS
from tests.generator.slips import amount

CLEAN, SLIPS = 60, 120


@pytest.fixture(scope="module")
def slips() -> list[Case]:
    return run(slipped, range(10_000, 10_000 + SLIPS))


def test_clean_workbooks_are_quiet() -> None:
    cases = run(clean, range(CLEAN))
    loud = [(c.seed, c.layout, c.fault, c.errors[:1], c.arithmetic_warnings[:1]) for c in cases if not c.quiet]
    assert not loud
    assert {c.layout for c in cases} == set(LAYOUTS)


def test_every_slip_is_named(slips: list[Case]) -> None:
    assert not [(c.seed, c.layout, c.slip, c.fault) for c in slips if not c.named]


def test_the_first_error_is_the_slip_itself(slips: list[Case]) -> None:
    assert sum(c.first for c in slips) >= 0.9 * len(slips)


def test_one_slip_is_one_error(slips: list[Case]) -> None:
    assert median(len(c.errors) for c in slips) == 1


def test_a_slip_that_formulas_carry_on_is_mostly_still_an_error() -> None:
    """Not always: a 三公 part under live totals contradicts nothing else in the nine tables."""
    cases = run(carried, range(20_000, 20_016), layout="decimals")
    assert sum(bool(c.errors) for c in cases) >= 14


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_amount_is_recognised_at_its_cell(tmp_path: Path, layout: str) -> None:
    """Nothing is quiet because it was not seen: each printed amount is an amount of the report."""
    for seed in (4, 9):
        made = book(seed, layout)
        made.save(tmp_path / "x.xlsx")
        report = recognise(read(tmp_path / "x.xlsx"), None)
        rows = [r for t in report.tables.values() for b in t.blocks.values() for r in b.rows]
        seen = {(e.place.sheet, e.place.cell): e.amount for r in rows for e in r.entries.values() if e.amount}
        places = made.amounts()
        for sheet in made.sheets:
            for piece in sheet.cells.values():
                value = amount(piece) if piece.key is not None else None
                if piece.key is not None and value:
                    assert seen[places[piece.key]].value == value, (seed, piece.key)
