from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app import numbers


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1,234.00", "1234.00"), ("１，２３４．５０", "1234.50"), (" 12 ", "12"), ("(3.00)", "-3.00"), ("-0.5", "-0.5"),
        ("1 234.5", "1234.5"), ("¥5", "5"),
    ],
)  # fmt: skip
def test_amounts_typed_as_text(text: str, value: str) -> None:
    assert numbers.typed(text) == Decimal(value)


@pytest.mark.parametrize("text", ["", "-", "—", "无", "1,23.0", "12元", "3-4", ".", "一"])
def test_what_is_no_amount(text: str) -> None:
    assert numbers.typed(text) is None


@pytest.mark.parametrize("text", ["-", "—", "——", "/", "－"])
def test_dashes_say_none(text: str) -> None:
    assert numbers.is_dash(text)
    assert not numbers.is_dash(text + "1")


def test_stored_values_count_at_fifteen_digits() -> None:
    assert numbers.stored("5010.4200000000001") == Decimal("5010.42")
    assert numbers.stored("1E-3") == Decimal("0.001")


@pytest.mark.parametrize(
    ("value", "shape", "shown"),
    [
        ("1234.5", "#,##0.00", "1,234.50"), ("1234.565", "0.00", "1234.57"), ("18", "General", "18"), ("0.5", "0.0%", "50.0%"),
        ("-3", "#,##0.00_);(#,##0.00)", "-3.00"), ("7", '_ * #,##0.00_ ;_ * -#,##0.00_ ;_ * "-"??_ ;_ @_ ', "7.00"),
    ],
)  # fmt: skip
def test_what_the_cell_shows(value: str, shape: str, shown: str) -> None:
    assert numbers.display(Decimal(value), shape) == shown


@given(st.integers(0, 16383))
def test_column_letters_and_numbers_are_inverse(column: int) -> None:
    assert numbers.column_number(numbers.letters(column)) == column


@given(st.decimals(min_value=0, max_value=10**10, places=2))
def test_what_is_displayed_reads_back(value: Decimal) -> None:
    assert numbers.typed(numbers.display(value, "#,##0.00")) == value
