"""The cases beside each rule on the nature of 项 are its tests."""

import pytest

from app.checking.rulebook import Rule, rules, run
from app.report.report import Report
from tests.checking.cells import report_of

NATURE = [r for r in rules() if r.file == "B1_nature"]


def labelled(rule: Rule, case: str) -> Report:
    report = report_of(case)
    for table in report.tables.values():
        for row in table.blocks[table.key].rows:
            row.label = dict(rule.options)["labels"][row.key]
    return report


@pytest.mark.parametrize("rule", NATURE, ids=lambda r: r.code)
def test_right_bookings_raise_nothing(rule: Rule) -> None:
    for case in rule.passing:
        findings, result = run(rule, labelled(rule, case))
        assert (findings, result.status, result.evaluated) == ([], "passed", 1)


@pytest.mark.parametrize("rule", NATURE, ids=lambda r: r.code)
def test_wrong_bookings_are_told_at_their_cell(rule: Rule) -> None:
    for case in rule.failing:
        findings, _ = run(rule, labelled(rule, case))
        assert [(f.severity, f.found) for f in findings] == [(rule.severity, findings[0].quote)]
        assert findings[0].place.cell
