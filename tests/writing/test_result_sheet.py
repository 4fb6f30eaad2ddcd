from __future__ import annotations

from datetime import date
from decimal import Decimal

import writing_examples as ex

from app.checking.finding import Checked, Finding, RuleResult
from app.source import Place
from app.writing import measure
from app.writing.model import MARKS, SheetModel
from app.writing.result_sheet import result_sheet, result_sheets
from app.writing.summary import headline


def texts(sheet: SheetModel, row: int) -> list[object]:
    return [cell.value if cell else None for cell in sheet.rows[row]]


def table(sheet: SheetModel) -> list[list[object]]:
    assert sheet.filter is not None
    return [texts(sheet, row) for row in range(sheet.filter[0] + 1, sheet.filter[2] + 1)]


def test_heading_names_unit_year_date_file_and_counts() -> None:
    sheet = result_sheet(ex.report(), ex.checked(), "甲.xlsx", today=date(2023, 8, 9))
    top = "\n".join(str(cell.value) for row in sheet.rows[:5] for cell in row if cell and cell.value)
    checked = ex.checked()
    for wanted in ("江汉区企业服务中心", "2022 年度", "2023 年 8 月 9 日", "甲.xlsx", f"错误 {checked.count('error')}"):
        assert wanted in top
    assert f"提醒 {checked.count('warning')}" in top
    assert "尾差 1" in top
    assert "无法核对 13" in top


def test_one_row_a_finding_heaviest_first_then_what_could_not_be_checked() -> None:
    sheet = result_sheet(ex.report(), ex.checked(), "甲.xlsx")
    rows = table(sheet)
    levels = [str(row[2]) for row in rows]
    assert levels == sorted(levels, key=["✖ 错误", "⚠ 提醒", "ℹ 信息", "≈ 尾差", "？ 无法核对"].index)
    assert len(rows) == len(ex.checked().findings) + 2  # 13 rules, two reasons
    assert rows[0][0] == 1
    assert rows[-2][1] == "A200\n等 12 项"
    assert "三公表是图片" in str(rows[-2][-1])
    assert sheet.freeze == (sheet.filter[0] + 1, 0)  # type: ignore[index]


def test_amounts_are_numbers_codes_stay_text() -> None:
    rows = table(result_sheet(ex.report(), ex.checked(), "甲.xlsx"))
    by_code = {row[1]: row for row in rows}
    assert by_code["A101"][5:8] == [Decimal("944.91"), Decimal("945.91"), Decimal("-1.00")]
    assert by_code["A106"][5:7] == ["2010601", "2010602"]


def test_the_location_links_to_the_cell_of_this_file_only() -> None:
    here = ex.finding(1)
    there = Finding("A1", "", "error", "x", Place(file="乙.docx", sheet="表", cell="B2"))
    quoted = Finding("A2", "", "error", "x", Place(sheet="张三's 表", cell="B2"))
    sheet = result_sheet(ex.report(), Checked([here, there, quoted]), "甲.xlsx")
    links = [sheet.rows[row][4].link for row in range(sheet.filter[0] + 1, sheet.filter[2] + 1)]  # type: ignore
    assert links == ["'公开01表'!B6", "", "'张三''s 表'!B2"]


def test_explanation_holds_calculation_advice_and_consequences_within_the_highest_row() -> None:
    sheet = result_sheet(ex.report(), ex.checked(), "甲.xlsx")
    explained = {row[1]: str(row[-1]) for row in table(sheet)}
    assert "计算：944.91 + 1.00 = 945.91" in explained["A101"]
    assert "处理：请核对" in explained["A101"]
    assert "连带 3 处" in explained["A101"]
    assert "B203" in explained["A101"]
    assert "连带 60 处" in explained["A103"]
    assert "其余 52 处略" in explained["A103"]
    for row, height in sheet.heights.items():
        assert height <= 409
        for column, cell in enumerate(sheet.rows[row]):
            if cell and cell.style.wrap and column == 8:
                needed = measure.lines(str(cell.value), sheet.widths[column]) * 10 * 1.2
                assert height >= needed, cell.value


def test_the_calculation_is_not_said_twice() -> None:
    finding = ex.finding(1, message="总计 1.00，应为 2.00：1.00 + 1.00 = 2.00。", calculation="1.00 + 1.00 = 2.00")
    rows = table(result_sheet(ex.report(), Checked([finding]), "甲.xlsx"))
    assert str(rows[0][-1]).count("1.00 + 1.00") == 1


def test_an_empty_result_is_a_result() -> None:
    checked = Checked([], [RuleResult("A1", "x", "passed", None, 312)])
    sheet = result_sheet(ex.report(), checked, "甲.xlsx")
    assert sheet.filter is None
    assert "没有需要处理的问题" in str(texts(sheet, len(sheet.rows) - 1)[0])
    said = headline(ex.report(), checked)
    assert said.startswith("未发现错误")
    assert "312 处" in said
    assert "1 张表" in said


def test_nothing_checked_is_not_called_checked() -> None:
    checked = Checked([], [RuleResult("A1", "x", "could_not_run", "没有公开表", 0)])
    report = ex.report()
    report.tables = {}
    said = headline(report, checked)
    assert "已核对" not in said
    assert "1 项无法核对" in said


def test_rules_stand_on_a_sheet_of_their_own_with_how_each_ended() -> None:
    checked = ex.checked()
    sheets = result_sheets(ex.report(), checked, "甲.xlsx", ["公开01表", "校核结果"])
    assert [s.name for s in sheets] == ["校核结果(2)", "校核规则"]
    rules = sheets[1]
    found = {str(texts(rules, row)[1]): texts(rules, row) for row in range(3, len(rules.rows))}
    assert len(found) == len(checked.rules)
    assert found["A302"][3] == "✖ 未通过"
    assert found["A301"][3:] == ["－ 不适用", 0, "没有国有资本经营预算支出"]
    assert found["A300"][5] == "公式没有保存结果，请在 Excel 中打开并保存一次"
    links = [cell.link for row in sheets[0].rows[:5] for cell in row if cell and cell.link]
    assert links == ["'校核规则'!A1"]


def test_levels_bear_the_colours_of_excel() -> None:
    sheet = result_sheet(ex.report(), ex.checked(), "甲.xlsx")
    first = sheet.rows[sheet.filter[0] + 1][2]  # type: ignore[index]
    assert first is not None
    assert (first.style.fill, first.style.color) == MARKS["error"]


def test_the_footer_of_a_unit_with_an_ampersand() -> None:
    report = ex.report()
    assert report.unit is not None
    report.unit.value = "1&2中心"
    assert "&L 1&&2中心&C" in result_sheet(report, Checked(), "甲.xlsx").footer


def test_thousands_of_findings_stay_readable() -> None:
    many = [ex.finding(1, cell=f"B{n}", message="x") for n in range(1, 5200)]
    sheet = result_sheet(ex.report(), Checked(many), "甲.xlsx")
    assert len(table(sheet)) == 5001
    assert "另有 199 条" in str(table(sheet)[-1][-1])
