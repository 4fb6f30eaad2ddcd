"""Any sheet at all: percentages are looked for without a fault, and none is filled over what she typed."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from app.checking.percent_cells import judged
from app.filling.cells import cell_fills
from app.recognising.recognise import recognise
from app.source import Cell, CellError, Grid, Source, Span

WORDS = st.sampled_from(
    ("项目", "合计", "预算数", "年初预算数", "决算数", "上年决算数", "增减额", "占比", "占本年支出%", "完成预算%", "执行率(B/A)",
     "全年预算数（A）", "全年执行数（B）", "增减%", "同比", "XX%", "—", "45.26%", "基本支出", "项目支出", "其中：", "注：", "一、", "单位：万元",
     "2021年", "2022年", "", " ", "行次", "1", "#REF!")
)  # fmt: skip
VALUES = st.one_of(
    WORDS,
    st.decimals(-1000, 1000, places=2),
    st.just(Decimal(0)),
    st.just(CellError("#DIV/0!")),
    st.booleans(),
    st.none(),
)
PLACES = st.tuples(st.integers(0, 11), st.integers(0, 9))
SPANS = st.tuples(PLACES, st.integers(0, 3), st.integers(0, 3))


@st.composite
def grids(draw: st.DrawFn) -> Grid:
    grid = Grid("表")
    for (row, column), value in draw(st.dictionaries(PLACES, VALUES, max_size=90)).items():
        formula = draw(st.sampled_from((None, None, None, "A1+B1")))
        form = draw(st.sampled_from(("General", "0.00", "0.00%", "0%")))
        if value is not None or formula:
            grid.put(Cell(row, column, value, formula, form))
    for (top, left), down, right in draw(st.lists(SPANS, max_size=4)):
        grid.merges.append(Span(top, left, top + down, left + right))
    grid.protected = draw(st.booleans()) and draw(st.booleans())
    return grid


@settings(max_examples=250, deadline=None)
@given(grids())
def test_no_sheet_is_too_odd(grid: Grid) -> None:
    report = recognise(Source("x.xlsx", "workbook", [grid]))
    for fill in cell_fills(report):
        cell = next((c for c in grid.cells() if grid.place(c.row, c.column) == fill.place), None)
        waiting = cell is None or cell.value is None or "X" in str(cell.value) or not str(cell.value).strip()
        assert waiting and (cell is None or cell.formula is None)
        assert not (grid.protected and fill.done)
        assert fill.why
    for found in report.percents:
        if found.typed is not None and not found.blocked:
            assert judged(found) in ("yes", "no", "short")
