"""The formula calculator: values, what it refuses, shapes, and what counts as stale."""

from decimal import Decimal

import pytest

from app.checking.formulas import Uncached, Unsupported, calculate, moved, references, shape
from app.source import Cell, CellError, Grid


def _grid(name: str = "公开03表", **cells: object) -> Grid:
    from app.numbers import column_number

    grid = Grid(name)
    for at, value in cells.items():
        letters = at.rstrip("0123456789")
        number = Decimal(str(value)) if isinstance(value, int | float) else value
        grid.put(Cell(int(at[len(letters) :]) - 1, column_number(letters), number))  # type: ignore[arg-type]
    return grid


GRID = _grid(A1=10, A2=20.5, A3="文字", A4="1,234.00", B1=3, B2=None, C1=CellError("#REF!"), D1="")
OTHER = _grid("公开 02表", A1=7, A2=8)
BOOK = {"公开03表": GRID, "公开 02表": OTHER}


@pytest.mark.parametrize(
    ("formula", "value"),
    [
        ("A1+A2", "30.5"),
        ("A1-A2*2", "-31"),
        ("(A1+A2)*2/4", "15.25"),
        ("SUM(A1:A3)", "30.5"),
        ("SUM(A:A)", "30.5"),
        ("SUM(1:1,5)", None),
        ("SUM(A1:B2)", "33.5"),
        ("SUM(A1:A2,B1,2)+1", "36.5"),
        ("sum( $A$1 : A2 )", None),
        ("SUM($A$1:A$2)", "30.5"),
        ("ROUND(A2/3,2)", "6.83"),
        ("ROUND(123455.5,-1)", "123460"),
        ("ROUND(-2.345,2)", "-2.35"),
        ("A4+1", "1235"),
        ("B2+1", "1"),
        ("-A1+3", "-7"),
        ("-2^2", "4"),
        ("A1*50%", "5"),
        ("'公开 02表'!A1+A1", "17"),
        ("SUM('公开 02表'!A1:A2)", "15"),
        ("公开03表!A1", "10"),
        ("+A1", "10"),
        ("1.5E3", "1500"),
        ("0.1+0.2-0.3", "0"),
    ],
)
def test_values(formula: str, value: str | None) -> None:
    if value is None:
        with pytest.raises(Unsupported):
            calculate(formula, GRID, BOOK)
    else:
        assert calculate(formula, GRID, BOOK).value == Decimal(value)


@pytest.mark.parametrize(
    "formula",
    [
        "VLOOKUP(A1,A1:B2,2,0)", "IF(A1>0,1,2)", "A1&A2", "A1:A2", "A1:A2+1", "名称+1", "[1]Sheet1!A1", "'[a.xls]b'!A1",
        "不存在!A1", "A3+1", "C1+1", "SUM(A1:C1)", "1/0", "A1/B2", "D1+1", "SUM(A1", "(A1", "A1 A2", "", "ROUND(A1)",
        "SUM(A1:A2*2)", "A1^99", "'开头!A1", "A1=A2", "{1,2}",
    ],
)  # fmt: skip
def test_refuses_what_it_does_not_know(formula: str) -> None:
    with pytest.raises(Unsupported):
        calculate(formula, GRID, BOOK)


def test_needs_the_stored_values_of_what_it_reads() -> None:
    grid = _grid(A1=1)
    grid.put(Cell(1, 0, None, formula="A1"))
    for formula in ("A2+1", "SUM(A1:A2)", "A2"):
        with pytest.raises(Uncached):
            calculate(formula, grid, {})


def test_deep_brackets_do_not_break_it() -> None:
    with pytest.raises(Unsupported):
        calculate("(" * 5000 + "1" + ")" * 5000, GRID, BOOK)


@pytest.mark.parametrize(
    ("formula", "cached", "number_format", "fits"),
    [
        ("A1+A2", "30.5", "General", True),
        ("A1+A2", "30.6", "General", False),
        ("A1+A2", "30.51", "0.00", False),
        ("A2/3", "6.83", "0.00", True),  # "precision as displayed" stores the rounded value
        ("A2/3", "6.83", "General", False),
        ("0.1+0.2-0.3", "0.0000000000000000555", "General", True),
        ("A2/3", "6.83333333333333", "General", True),
    ],
)
def test_stale(formula: str, cached: str, number_format: str, fits: bool) -> None:
    assert calculate(formula, GRID, BOOK).fits(Decimal(cached), number_format) is fits


def test_a_reference_to_text_gives_the_text() -> None:
    assert calculate("A3", GRID, BOOK).fits("文字", "General")
    assert calculate("B2", GRID, BOOK).fits(Decimal(0), "General")


@pytest.mark.parametrize(
    ("first", "at", "second", "other", "same"),
    [
        ("SUM(C5:D5)", (4, 1), "SUM(C6:D6)", (5, 1), True),
        ("SUM(C5:D5)", (4, 1), "SUM(C6:E6)", (5, 1), False),
        ("C5*$A$1", (4, 1), "C6*$A$1", (5, 1), True),
        ("C5*$A1", (4, 1), "C6*$A1", (5, 1), False),
        ("甲!C5", (4, 1), "乙!C6", (5, 1), False),
        ("SUM(5:5)", (6, 1), "SUM(6:6)", (7, 1), True),
        ("SUM($5:$5)", (6, 1), "SUM($5:$5)", (7, 1), True),
    ],
)
def test_shapes(first: str, at: tuple[int, int], second: str, other: tuple[int, int], same: bool) -> None:
    assert (shape(first, *at) == shape(second, *other)) is same


def test_moved_as_excel_fills() -> None:
    assert moved("SUM(C5:D5)+$A$1+A$2+$B3", 2, 1) == "SUM(D7:E7)+$A$1+B$2+$B5"
    assert moved("'公开 02表'!A1", 1, 0) == "'公开 02表'!A2"


def test_references_are_found_within_unknown_functions() -> None:
    areas = references("VLOOKUP(A1,'公开 02表'!A1:A2,2)", GRID, BOOK)
    assert [(a.grid.name, a.top, a.bottom) for a in areas] == [("公开03表", 0, 0), ("公开 02表", 0, 1)]
