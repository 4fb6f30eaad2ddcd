"""The cases beside each arithmetic rule are its tests."""

import pytest

from app.checking.arithmetic import evaluate
from app.checking.rulebook import Rule, rules
from tests.checking.cells import report_of

FORMULAS = [r for r in rules() if r.formula]


@pytest.mark.parametrize("rule", FORMULAS, ids=lambda r: r.code)
def test_passing_cases_pass(rule: Rule) -> None:
    assert rule.passing
    for case in rule.passing:
        done = evaluate([rule], report_of(case))
        assert (done.results[0].status, done.results[0].evaluated > 0) == ("passed", True), done.results
        assert not [f for f in done.findings if f.severity != "info"]


@pytest.mark.parametrize("rule", FORMULAS, ids=lambda r: r.code)
def test_failing_cases_fail_with_one_error(rule: Rule) -> None:
    assert rule.failing
    for case in rule.failing:
        done = evaluate([rule], report_of(case))
        assert done.results[0].status == "failed", done.results
        loud = [f for f in done.findings if f.severity == rule.severity]
        assert [f.code for f in loud] == [rule.code]
        assert loud[0].found and loud[0].calculation and loud[0].place.cell
