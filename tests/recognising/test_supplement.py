"""补充资料 is read as its keys say, however the clerk moved, spaced and renamed things."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from random import Random

import pytest

from app.knowledge.supplement import sections
from app.reading.read import read
from app.recognising.recognise import recognise
from app.recognising.supplement import read_supplement
from app.report.table import Table
from app.source import Cell, CellError, Grid, Source, Value
from app.writing.template import template

CODES = ("2010301", "2010302", "2080505")
Key = tuple[str, str, str]
TYPED: dict[Key, Value] = {
    ("单位情况", "简称", "内容"): "本单位",
    ("上年", "收支总计", "上年数"): Decimal("1234.56"),
    ("上年", "收支总计", "主要原因"): "一是人员增加 2 人；二是项目结转。",
    ("上年", "年末结转和结余", "上年数"): Decimal("0"),
    ("年初预算", "2010301", "年初预算数"): Decimal("30"),
    ("年初预算", "2080505", "年初预算数"): Decimal("12.5"),
    ("年初预算", "2080505", "主要用途"): "缴纳养老保险",
    ("三公", "接待费", "上年数"): "—",
    ("三公", "公务用车运行费", "上年数"): "1,002.30",
    ("三公数量", "国内接待批次", "数量"): Decimal("12"),
    ("采购", "服务", "小微企业"): Decimal("3.2"),
    ("车辆", "其他用车", "数量"): Decimal("2"),
    ("项目", "1", "执行数"): Decimal("88.8"),
    ("项目", "2", "全年预算数"): Decimal("9"),
    ("绩效", "整体得分", "数值"): Decimal("97.5"),
}
PROJECTS = ("信息化运维", "办公用房维修（二期）")


@pytest.fixture(scope="module")
def blank(tmp_path_factory: pytest.TempPathFactory) -> Source:
    path = tmp_path_factory.mktemp("supplement") / "模板.xlsx"
    template("2022", 2023, "某某区财政局", path)
    return read(path)


def sheet(source: Source) -> Grid:
    return next(g for g in source.grids if g.name == "补充资料")


def filled(blank: Source) -> Grid:
    """A copy with ``TYPED`` in its cells and the codes that its formulas would repeat."""
    made = copied(sheet(blank))
    for row, code in zip(range(1, 4), CODES, strict=True):
        spot = line(made, "三、", "科目编码") + 1 + row
        made.put(Cell(spot, 0, code, formula="X"))
    for row, project in enumerate(PROJECTS, line(made, "十一、", "项目名称") + 1):
        made.put(Cell(row, 0, project))
    known = read_supplement(Source("x.xlsx", "workbook", [made]))
    assert known is not None
    for (block, row_key, column), value in TYPED.items():
        row = known.blocks[block].row(row_key)
        at = next(c.index for c in known.blocks[block].columns if c.key == column)
        assert row is not None and row.index is not None and at is not None
        made.put(Cell(row.index, at, value, None, "0.00"))
    return made


def copied(grid: Grid, rows: dict[int, int] | None = None, columns: dict[int, int] | None = None) -> Grid:
    """The sheet with its rows and columns moved as the maps say."""
    made = Grid(grid.name)
    for cell in grid.cells():
        row, column = (rows or {}).get(cell.row, cell.row), (columns or {}).get(cell.column, cell.column)
        made.put(Cell(row, column, cell.value, cell.formula, cell.number_format))
    return made


def line(grid: Grid, title: str, label: str) -> int:
    """The header row of the section whose title begins so."""
    top = next(c.row for c in grid.cells() if c.text.startswith(title))
    return next(c.row for c in grid.cells() if c.row > top and c.text == label)


def values(table: Table | None) -> dict[Key, tuple[Decimal | None, str]]:
    """Cells that hold something, as amount and text."""
    assert table is not None
    return {
        (block.key, row.key, column): (e.amount.value if e.amount else None, e.text)
        for block in table.blocks.values()
        for row in block.rows
        for column, e in row.entries.items()
        if e.text
    }


def read_back(*grids: Grid) -> Table | None:
    return read_supplement(Source("x.xlsx", "workbook", list(grids)))


def test_every_section_column_and_row_of_the_form_is_found(blank: Source) -> None:
    table = read_back(sheet(blank))
    assert table is not None
    assert table.key == "补充资料"
    assert list(table.blocks) == [s.key for s in sections()]
    for one in sections():
        block = table.blocks[one.key]
        assert [c.key for c in block.columns] == [c.key for c in one.columns]
        wanted = {"rows": [r.key for r in one.rows], "codes": ["合计行"], "list": []}[one.kind]
        assert [r.key for r in block.rows] == wanted


def test_what_was_typed_stands_under_its_keys(blank: Source) -> None:
    found = values(read_back(filled(blank)))
    for key, value in TYPED.items():
        amount, text = found[key]
        if isinstance(value, Decimal):
            assert amount == value, key
        elif key == ("三公", "接待费", "上年数"):
            assert amount == 0
        elif key[2] == "上年数":
            assert amount == Decimal("1002.30")
        else:
            assert (amount, text) == (None, value)
    assert found["三公数量", "国内接待批次", "数量"][1] == "12"


def test_codes_bear_their_codes_and_projects_their_names(blank: Source) -> None:
    table = read_back(filled(blank))
    assert table is not None
    assert [(r.key, r.code) for r in table.blocks["年初预算"].rows] == [("合计行", None), *((c, c) for c in CODES)]
    assert [(r.key, r.label) for r in table.blocks["项目"].rows] == list(zip(("1", "2"), PROJECTS, strict=True))
    row = table.blocks["上年"].row("收支总计")
    assert row is not None
    assert row.entries["上年数"].place.sheet == "补充资料"
    assert row.entries["上年数"].place.cell == f"C{(row.index or 0) + 1}"


def test_a_code_stored_as_a_number_is_the_same_code(blank: Source) -> None:
    made = filled(blank)
    spot = line(made, "三、", "科目编码") + 2
    assert made.text(spot, 0) == CODES[0]
    made.put(Cell(spot, 0, Decimal(CODES[0]), None, "#,##0.00"))
    assert values(read_back(made)) == values(read_back(filled(blank)))


def moves(grid: Grid, rng: Random) -> Iterator[Grid]:
    """Rows inserted, columns moved, words retyped: each alone, then all at once."""
    last = max(grid.rows)
    shift, rows = 0, {}
    for row in range(last + 1):
        shift += rng.random() < 0.15
        rows[row] = row + shift
    order = list(range(12))
    rng.shuffle(order)
    columns = dict(enumerate(order))
    yield copied(grid, rows)
    yield copied(grid, None, columns)
    yield retyped(copied(grid), rng)
    yield retyped(copied(grid, rows, columns), rng)


def retyped(grid: Grid, rng: Random) -> Grid:
    """Spaces in and around titles, headers and labels; brackets at their end left out."""
    words = (
        {s.title for s in sections()}
        | {s.label for s in sections()}
        | {c.header for s in sections() for c in s.columns}
    )
    words |= {r.label for s in sections() for r in s.rows}
    for cell in list(grid.cells()):
        if isinstance(cell.value, str) and cell.value in words:
            text = cell.value
            at = rng.randrange(1, len(text))
            text = rng.choice((f" {text}　", f"{text[:at]} {text[at:]}", f"{text[:at]}\n{text[at:]}", text))
            if text.endswith("）") and rng.random() < 0.5:
                text = text[: text.rindex("（")]
            grid.put(Cell(cell.row, cell.column, text.replace("（", rng.choice("（(")), cell.formula))
    return grid


@pytest.mark.parametrize("seed", range(12))
def test_moved_and_retyped_it_reads_the_same(blank: Source, seed: int) -> None:
    made = filled(blank)
    want = values(read_back(made))
    for changed in moves(made, Random(seed)):
        assert values(read_back(changed)) == want


def test_a_renamed_sheet_is_known_by_its_title(blank: Source) -> None:
    made = filled(blank)
    made.name = "Sheet12"
    assert values(read_back(made)) == values(read_back(filled(blank)))
    made.put(Cell(0, 0, "别的标题"))
    assert read_back(made) is None


def test_no_sheet_no_table() -> None:
    other = Grid("补充")
    other.put(Cell(0, 0, "项目"))
    assert read_back(other) is None
    assert read_back(Grid("补充资料")) is None


@pytest.mark.parametrize(
    ("value", "wrong"),
    [("约 30 万", "text"), (CellError("#DIV/0!"), "error"), (True, "text")],
)
def test_what_is_no_amount_is_said_to_be_none(blank: Source, value: Value, wrong: str) -> None:
    made = filled(blank)
    spot = line(made, "二、", "项目") + 1
    made.put(Cell(spot, 2, value))
    table = read_back(made)
    row = table.blocks["上年"].row("收支总计") if table else None
    assert row is not None
    assert (row.entries["上年数"].amount, row.entries["上年数"].wrong) == (None, wrong)


def test_totals_and_remarks_among_projects_are_no_projects(blank: Source) -> None:
    made = filled(blank)
    top = line(made, "十一、", "项目名称")
    made.put(Cell(top + 3, 0, "合 计"))
    made.put(Cell(top + 4, 0, "备注：含上年结转"))
    table = read_back(made)
    assert table is not None
    assert [r.label for r in table.blocks["项目"].rows] == list(PROJECTS)


def test_a_formula_that_shows_nothing_or_a_dash_is_no_amount(blank: Source) -> None:
    made = filled(blank)
    spot = line(made, "三、", "科目编码") + 2
    made.put(Cell(spot, 3, "", "SUMIFS()"))
    made.put(Cell(spot, 4, "—", "IF()"))
    table = read_back(made)
    row = table.blocks["年初预算"].row(CODES[0]) if table else None
    assert row is not None
    for column in ("支出决算数", "完成率"):
        assert (row.entries[column].amount, row.entries[column].wrong) == (None, None)


def test_the_recogniser_takes_none_of_the_other_sheets_for_a_table(blank: Source, tmp_path: Path) -> None:
    report = recognise(blank)
    assert len(report.tables) == 9
    assert not report.duplicates
    assert not report.problems
    assert {t.grid.name for t in report.tables.values()} == {f"公开0{n}表" for n in range(1, 10)}
    assert not any(p.place.sheet in ("补充资料", "百分比", "科目", "填表说明") for p in report.percents if p.place)
    assert report.supplement is not None
