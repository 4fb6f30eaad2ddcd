from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal

from hypothesis import assume, given
from hypothesis import strategies as st

from app.checking.percent import Quantity, consistent, far_off
from app.report.claim import Figure

CENT = Decimal("0.01")


def percent(text: str) -> Figure:
    value = Decimal(text)
    places = len(text.partition(".")[2])
    return Figure(value, Decimal(5).scaleb(-places - 1), "%", 0, 0, "", "", f"{text}%", places)


def amount(text: str, short: bool = False) -> Quantity:
    return Quantity(Decimal(text), Decimal("0.005"), short)


@given(st.integers(0, 10**9), st.integers(1, 10**9), st.integers(0, 2))
def test_what_is_rounded_from_the_exact_figures_is_never_wrong(top: int, base: int, places: int) -> None:
    """Exact in 分, amounts printed at 0.01 万元, the percentage rounded half up: always consistent."""
    exact = Decimal(top) / Decimal(base) * 100
    shown = exact.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
    printed = [(Decimal(v) / 10**6).quantize(CENT, rounding=ROUND_HALF_UP) for v in (top, base)]
    assume(printed[1] > 0 and exact < 10**6)
    assume(printed[0] > 0 or top == 0)  # what prints as 0.00 is taken as none
    assert consistent(amount(str(printed[0])), amount(str(printed[1])), percent(f"{shown:f}")) == "yes"


@given(st.integers(10**4, 10**6), st.integers(10**4, 10**6), st.integers(2, 500))
def test_a_percentage_off_by_more_than_its_interval_is_wrong(top: int, base: int, off: int) -> None:
    exact = (Decimal(top) / Decimal(base) * 100).quantize(CENT, rounding=ROUND_HALF_UP)
    reach = Decimal(top) / Decimal(base) * 200 / Decimal(min(top, base)) + CENT
    shown = exact + reach + CENT * off
    a, b = (str(Decimal(v) / 100) for v in (top, base))
    assert consistent(amount(a), amount(b), percent(f"{shown:f}")) == "no"


def test_truncated_is_wrong_but_not_far_off() -> None:
    top, base, shown = amount("944.91"), amount("951.51"), percent("99.30")
    assert (Decimal("944.91") / Decimal("951.51") * 100).quantize(CENT, rounding=ROUND_DOWN) == Decimal("99.30")
    assert consistent(top, base, shown) == "no"
    assert not far_off(top, base, shown)
    assert far_off(amount("1272.19"), amount("1236.24"), percent("97.2"))


def test_on_the_border_is_right() -> None:
    assert consistent(amount("19.89"), amount("20", True), percent("99.4")) == "yes"
    assert consistent(amount("353.63"), amount("944.91"), percent("37.43")) == "yes"


def test_only_a_short_printed_operand_makes_it_fit() -> None:
    assert consistent(amount("9.3"), amount("18", True), percent("51.0")) == "short"
    assert consistent(amount("0"), amount("0"), percent("0")) == "yes"
    assert consistent(amount("8.95"), amount("0"), percent("100")) == "no"
