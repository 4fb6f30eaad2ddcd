from __future__ import annotations

from decimal import Decimal

import writing_examples as ex

from app.checking.finding import Checked, Fill, Finding
from app.source import Place
from app.writing.marks import marks


def test_one_mark_a_cell_in_the_colour_of_the_heaviest() -> None:
    found = [ex.finding(1, "info", kind="尾差"), ex.finding(2), ex.finding(3, "warning", "C9")]
    made = {mark.cell: mark for mark in marks(Checked(found), "甲.xlsx")}
    assert {cell: mark.style for cell, mark in made.items()} == {"B6": "error", "C9": "warning"}
    assert "A102" in made["B6"].note
    assert "≈ 尾差" in made["B6"].note


def test_consequences_and_terms_are_not_marked() -> None:
    made = marks(Checked([ex.finding(1, consequences=ex.consequences(9))]), "甲.xlsx")
    assert [mark.cell for mark in made] == ["B6"]


def test_without_a_cell_or_in_another_file_there_is_no_mark() -> None:
    other = Finding("A1", "", "error", "x", Place(file="乙.xlsx", sheet="表", cell="A1"))
    own = Finding("A1", "", "error", "x", Place(file="甲.xlsx", sheet="表", cell="A1"))
    found = [ex.finding(1, cell=None), Finding("S1", "", "error", "x", Place()), other, own]
    assert [(m.sheet, m.cell) for m in marks(Checked(found), "甲.xlsx")] == [("表", "A1")]


def test_a_fill_brings_value_formula_and_format() -> None:
    fills = [Fill(Place(sheet="表", cell="D4"), "5.25%", "=B3/B9", "收入 ÷ 合计", number_format="0.00%")]
    (mark,) = marks(Checked(fills=fills), "甲.xlsx")
    assert (mark.style, mark.fill_value, mark.fill_formula, mark.fill_format) == (
        "filled", Decimal("0.0525"), "B3/B9", "0.00%",
    )  # fmt: skip
    assert "收入 ÷ 合计" in mark.note
