"""The cases beside each rule on the narrative are its tests."""

from typing import Any

import pytest

from app.checking.rulebook import Rule, rules, run
from tests.checking.textcase import text_report

NARRATIVE = [r for r in rules() if r.narrative]
PASSING = [pytest.param(r, c, id=f"{r.code}-{n}") for r in NARRATIVE for n, c in enumerate(r.passing)]
FAILING = [pytest.param(r, c, id=f"{r.code}-{n}") for r in NARRATIVE for n, c in enumerate(r.failing)]


def _bare(text: str) -> str:
    return "".join(text.split())


@pytest.mark.parametrize("rule", NARRATIVE, ids=lambda r: r.code)
def test_every_rule_has_passing_and_failing_cases_and_an_explanation(rule: Rule) -> None:
    assert rule.passing and rule.failing and rule.explain


@pytest.mark.parametrize(("rule", "case"), PASSING)
def test_right_text_raises_nothing(rule: Rule, case: dict[str, Any]) -> None:
    findings, result = run(rule, text_report(case))
    assert not [f.message for f in findings if f.severity != "info"]
    if case.get("status"):
        assert result.status == case["status"], result
    elif not case.get("idle"):
        assert result.evaluated, "a passing case must have been looked at"


@pytest.mark.parametrize(("rule", "case"), FAILING)
def test_wrong_text_is_found_at_its_quote(rule: Rule, case: dict[str, Any]) -> None:
    findings, result = run(rule, text_report(case))
    assert result.status == "failed", result
    assert len(findings) == case.get("count", 1), [f.message for f in findings]
    finding = findings[0]
    assert _bare(case["quote"]) in _bare(finding.quote), finding.quote
    assert _bare(finding.quote) in _bare(case["text"]), "the quote must stand in the text as printed"
    assert finding.severity == case.get("severity", rule.severity)
    assert finding.place.line and finding.message
