"""The cases beside each ``check`` rule are its tests; their language is that of ``gridcase``."""

from importlib import import_module

import pytest

from app.checking.rulebook import CHECKS, Rule, rules, run
from tests.checking.gridcase import case, found_at

FAMILIES = ("structure", "headers", "lines", "codes", "statements", "hygiene", "table_notes", "percent_cells")
for _family in FAMILIES:
    import_module(f"app.checking.{_family}")
MINE = [
    rule for rule in rules() if rule.check and rule.file in ("S_structure", "F_formulas", "N_notes", "P1_percent_cells")
]
_PASSING = [pytest.param(rule, text, id=f"{rule.code} {text}") for rule in MINE for text in rule.passing]
_FAILING = [pytest.param(rule, text, id=f"{rule.code} {text}") for rule in MINE for text in rule.failing]


def test_every_check_has_a_rule_and_every_rule_its_cases() -> None:
    own = {name for name, check in CHECKS.items() if check.__module__.rpartition(".")[2] in FAMILIES}
    assert own == {rule.check for rule in MINE}
    assert [rule.code for rule in MINE if not (rule.passing and rule.failing and rule.explain and rule.source)] == []


@pytest.mark.parametrize(("rule", "text"), _PASSING)
def test_passes(rule: Rule, text: str) -> None:
    findings, result = run(rule, case(text).report)
    assert not [f.message for f in findings]
    assert result.status in ("passed", "not_applicable"), result.reason


@pytest.mark.parametrize(("rule", "text"), _FAILING)
def test_fails_at_its_place(rule: Rule, text: str) -> None:
    wanted = case(text)
    findings, result = run(rule, wanted.report)
    assert wanted.places, "a failing case names its places"
    assert [found_at(f.place) for f in findings] == wanted.places, [f.message for f in findings]
    assert result.status == "failed"
    for finding in findings:
        assert finding.code == rule.code and finding.title == rule.title
        assert finding.message.endswith("。") and "None" not in finding.message
        assert finding.expected or finding.found


@pytest.mark.parametrize("text", ["九表", "支出表", "三公表"])
def test_the_stock_sheets_are_right_in_every_rule(text: str) -> None:
    report = case(text).report
    loud = [f.message for rule in MINE if rule.code != "S101" for f in run(rule, report)[0]]
    assert not loud


@pytest.mark.parametrize(("rule", "text"), _FAILING)
def test_quotes_are_printed_at_their_place(rule: Rule, text: str) -> None:
    wanted = case(text)
    grids = {grid.name: grid for grid in wanted.source.grids}
    for finding in run(rule, wanted.report)[0]:
        if finding.quote and finding.place.cell:
            texts = {grid.place(c.row, c.column): c.text for grid in grids.values() for c in grid.cells()}
            assert texts.get(finding.place) == finding.quote
