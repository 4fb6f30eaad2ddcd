from decimal import Decimal

import pytest

from app.checking.arithmetic import evaluate
from app.checking.finding import Finding
from app.checking.notation import NotationError, parse
from app.checking.rulebook import rules
from app.checking.suspects import is_slip
from app.knowledge.forms import BLOCK_TABLE
from tests.checking.cells import report_of

FORMULAS = [r for r in rules() if r.formula]


def errors(case: str) -> list[Finding]:
    return [f for f in evaluate(FORMULAS, report_of(case)).findings if f.severity == "error"]


TABLE = (
    "支出表[合计行].合计 100.00; 支出表[合计行].基本支出 70.00; 支出表[合计行].项目支出 30.00; "
    "支出表[201].合计 100.00; 支出表[201].基本支出 70.00; 支出表[201].项目支出 30.00; "
    "支出表[20103].合计 100.00; 支出表[20103].基本支出 70.00; 支出表[20103].项目支出 30.00; "
    "支出表[2010301].合计 60.00; 支出表[2010301].基本支出 60.00; "
    "支出表[2010302].合计 40.00; 支出表[2010302].基本支出 10.00; 支出表[2010302].项目支出 {}"
)


def test_a_right_table_raises_nothing() -> None:
    assert errors(TABLE.format("30.00")) == []


def test_one_slip_gives_one_error_at_its_cell_with_what_follows_beneath() -> None:
    found = errors(TABLE.format("3.00"))
    assert len(found) == 1
    assert (found[0].row, found[0].found, found[0].expected) == ("2010302 2010302", "3.00", "30.00")
    assert found[0].consequences


def test_two_slips_give_two_errors() -> None:
    case = TABLE.format("3.00").replace("支出表[2010301].基本支出 60.00", "支出表[2010301].基本支出 66.00")
    assert {f.found for f in errors(case)} == {"3.00", "66.00"}


def test_rounding_is_one_line_of_information_a_table() -> None:
    case = "支出表[合计行].合计 10.01; 支出表[合计行].基本支出 5.00; 支出表[合计行].项目支出 5.00; 支出表[201].合计 10.02; 支出表[201].基本支出 5.00; 支出表[201].项目支出 5.01"
    found = evaluate(FORMULAS, report_of(case)).findings
    assert [(f.code, f.severity, f.kind) for f in found] == [("R100", "info", "尾差")]


def test_a_blank_row_of_codes_is_missing_data_not_zero() -> None:
    report = report_of("支出表[合计行].合计 5.00; 支出表[201].合计 5.00; 收支总表支出[201].决算数 5.00")
    row = report.tables["支出表"].blocks["支出表"].row("201")
    assert row is not None
    row.entries["合计"].amount = None
    done = evaluate([r for r in FORMULAS if r.code in ("A134", "A208")], report)
    status = {r.code: r.status for r in done.results}
    assert status["A208"] == "could_not_run"
    assert not [f for f in done.findings if f.severity == "error"]


@pytest.mark.parametrize(
    ("printed", "true", "slip"),
    [
        ("12.43", "12.34", True),
        ("3.00", "30.00", True),
        ("112.34", "12.34", True),
        ("57.00", "12.34", False),
        ("-5.00", "5.00", True),
    ],
)
def test_typists_slips(printed: str, true: str, slip: bool) -> None:
    assert is_slip(Decimal(printed), Decimal(true), Decimal("0.01")) is slip


@pytest.mark.parametrize(
    "text",
    [
        "支出表[合计行].合计",
        "支出表[合计行].合计 = ",
        "= 支出表[合计行].合计",
        "支出表合计 = 1",
        "(支出表[各行].合计 = 1",
    ],
)
def test_what_is_no_formula_is_said(text: str) -> None:
    with pytest.raises(NotationError):
        parse(text)


def test_every_formula_of_the_rules_names_known_blocks() -> None:
    for rule in FORMULAS:
        assert all(set(parse(line).blocks) <= set(BLOCK_TABLE) for line in rule.formulas), rule.code
