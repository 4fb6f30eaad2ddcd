"""The sweep of ``tests/benchmarks/sweep.py`` with fixed seeds and a smaller count."""

from __future__ import annotations

from statistics import median

import pytest

from tests.benchmarks.sweep import Case, clean, run, slipped
from tests.generator import LAYOUTS

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
