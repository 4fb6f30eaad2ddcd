"""Tables as clerks lay them out, from small sheets written as text."""

from decimal import Decimal

import pytest

from app.numbers import typed
from app.recognising.recognise import recognise
from app.recognising.segments import title_key
from app.report.report import Report
from app.source import Cell, Grid, Source, Span

CODES = """支出决算表
公开03表
部门：某某中心|||2022年度|||单位：万元
项目||本年支出合计|基本支出|项目支出|上缴上级支出|经营支出|对附属单位补助支出
科目编码|科目名称||||||
栏次||1|2|3|4|5|6
合计||10.00|6.00|4.00|||
201|一般公共服务支出|10.00|6.00|4.00|||
20103|政府办公厅（室）及相关机构事务|10.00|6.00|4.00|||
2010301|行政运行|10.00|6.00|4.00|||
注：本表反映部门本年度各项支出情况。"""


def grid(text: str, name: str = "Sheet1", merges: tuple[Span, ...] = ()) -> Grid:
    made = Grid(name, merges=list(merges))
    for r, line in enumerate(text.splitlines()):
        for c, part in enumerate(line.split("|")):
            if part:
                number = typed(part)
                made.put(Cell(r, c, number if number is not None and "，" not in part else part, None, "0.00"))
    return made


def report(*grids: Grid) -> Report:
    return recognise(Source("案例.xlsx", "workbook", list(grids)))


def amount(found: Report, table: str, block: str, row: str, column: str) -> Decimal | None:
    got = found.tables[table].blocks[block].row(row)
    value = got.amount(column) if got else None
    return value.value if value else None


def test_a_code_table_with_its_facts() -> None:
    found = report(grid(CODES))
    table = found.tables["支出表"]
    assert table.unit_name is not None and table.unit_name.value == "某某中心"
    assert table.number is not None and table.number.value == "公开03表"
    assert table.money is not None and table.money.value == "万元"
    assert found.year == 2022
    assert [r.key for r in table.blocks["支出表"].rows] == ["合计行", "201", "20103", "2010301"]
    assert amount(found, "支出表", "支出表", "2010301", "项目支出") == 4
    assert table.notes


@pytest.mark.parametrize(
    "change",
    [
        ("科目编码|科目名称", "科目\n编码|科目名称"),
        ("栏次||1|2|3|4|5|6\n", ""),
        ("2010301|行政运行", " 2010301 |行政运行"),
        ("合计||10.00|6.00|4.00|||\n", ""),
        ("公开03表\n", "\n\n公开03表\n"),
        ("项目||本年支出合计", "项  目||本年支出 合计"),
    ],
)
def test_layouts_that_mean_the_same(change: tuple[str, str]) -> None:
    text = CODES.replace(*change) if "\n编码" not in change[1] else CODES
    found = report(grid(text))
    assert amount(found, "支出表", "支出表", "2010301", "基本支出") == 6


def test_codes_in_three_columns() -> None:
    text = """支出决算表
项目||||本年支出合计|基本支出|项目支出
类|款|项|科目名称|||
类|款|项|栏次|1|2|3
201|||一般公共服务支出|9.00|9.00|
201|03||政府办公厅|9.00|9.00|
201|03|01|行政运行|9.00|9.00|"""
    found = report(grid(text))
    assert [r.key for r in found.tables["支出表"].blocks["支出表"].rows] == ["201", "20103", "2010301"]


def test_a_table_goes_on_in_the_next_sheet() -> None:
    head, tail = CODES.split("20103|")
    more = "20103|" + tail
    found = report(grid(head, "公开03表"), grid(more, "公开03表续"))
    assert [r.key for r in found.tables["支出表"].blocks["支出表"].rows] == ["合计行", "201", "20103", "2010301"]
    assert not found.duplicates


def test_the_same_table_twice_is_a_duplicate() -> None:
    found = report(grid(CODES, "甲"), grid(CODES, "乙"))
    assert [d.key for d in found.duplicates] == ["支出表"]


def test_cover_and_contents_are_no_tables() -> None:
    found = report(grid("目录\n一、收入支出决算总表\n二、收入决算表\n三、支出决算表", "目录"), grid(CODES))
    assert list(found.tables) == ["支出表"]
    assert not found.problems


def test_what_looks_like_a_table_without_a_title_is_said() -> None:
    found = report(grid("项目|行次|决算数|项目|行次|决算数\n一、其他|1|5.00|一、其他|2|5.00", "表甲"))
    assert not found.tables
    assert "表甲" in found.problems[0].message


def test_interleaved_public_expenses() -> None:
    text = """财政拨款“三公”经费支出决算表
单位：万元
合计||因公出国（境）费||公务接待费|
预算数|决算数|预算数|决算数|预算数|决算数
2.85|0.39|0.00|0.00|2.85|0.39"""
    merges = tuple(Span(2, c, 2, c + 1) for c in (0, 2, 4))
    found = report(grid(text, merges=merges))
    assert amount(found, "三公表", "三公预算", "合计行", "接待费") == Decimal("2.85")
    assert amount(found, "三公表", "三公决算", "合计行", "合计") == Decimal("0.39")


def test_the_opening_balances_bear_the_labels_of_the_income_rows() -> None:
    text = """财政拨款收入支出决算总表
收入||支出||
项目|决算数|项目|合计|一般公共预算财政拨款
一、一般公共预算财政拨款|9.00|一、一般公共服务支出|8.00|8.00
本年收入合计|9.00|本年支出合计|8.00|8.00
年初财政拨款结转和结余|1.00|年末财政拨款结转和结余|2.00|2.00
一般公共预算财政拨款|1.00|||
总计|10.00|总计|10.00|10.00"""
    found = report(grid(text))
    assert amount(found, "财拨总表", "财拨总表收入", "一般公共预算财政拨款", "决算数") == 9
    assert amount(found, "财拨总表", "财拨总表收入", "年初一般公共预算财政拨款", "决算数") == 1
    assert amount(found, "财拨总表", "财拨总表支出", "201", "一般公共预算") == 8


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("2022年度收入支出决算总表（表 1）", "收支总表"),
        ("财政拨款收入支出决算总表", "财拨总表"),
        ("一般公共预算财政拨款“三公”经费支出决算表", "三公表"),
        ("某某局2022年度支出决算表", "支出表"),
        ("注：支出决算表见附件", None),
        ("支出决算表反映了本部门本年度各项支出的情况。", None),
    ],
)
def test_titles(text: str, key: str | None) -> None:
    hit = title_key(text)
    assert (hit[0] if hit else None) == key
