from __future__ import annotations

import zipfile
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import openpyxl
import writing_examples as ex

from app.checking.finding import Checked, Finding, Operand, RuleResult, Verdict
from app.report.amount import Amount
from app.report.claim import Claim, Figure
from app.report.report import Report
from app.report.table import Block, Column, Entry, Row, Stated, Table
from app.source import Grid, Place, Source
from app.writing.claims_sheet import claims_sheet
from app.writing.report_book import report_book


def figure(text: str, unit: str = "万元") -> Figure:
    value = Decimal(text)
    return Figure(value, Decimal("0.005"), unit, 0, 0, "", "", text + unit, -int(value.as_tuple().exponent))


def table(key: str, blocks: dict[str, dict[str, dict[str, str]]], page: int) -> Table:
    """A table of a PDF: block -> row -> column -> amount, each cell with a box of its own."""
    grid = Grid(key, is_sheet=False)
    made = Table(key, Stated(key, key, Place(page=page, box=(0, 0, 9, 9))), grid, 0, 9)
    for number, (block_key, rows) in enumerate(blocks.items()):
        names = list(next(iter(rows.values())))
        block = Block(block_key, [Column(n, n, i, Place(page=page)) for i, n in enumerate(names)])
        for index, (label, cells) in enumerate(rows.items()):
            row = Row("合计行" if label == "合计" else label, label, Place(page=page, box=(0, index, 0, number)))
            for column, (name, text) in enumerate(cells.items()):
                place = Place(page=page, box=(number, column, index, 1))
                row.entries[name] = Entry(place, text, Amount(Decimal(text), Decimal("0.005"), text))
            block.rows.append(row)
        made.blocks[block_key] = block
    return made


def report() -> Report:
    totals = {side: {"总计": {"决算数": "944.91"}} for side in ("收支总表收入", "收支总表支出")}
    spent = {"合计": {"合计": "944.91", "基本支出": "427.70", "项目支出": "517.21"}}
    tables = {"收支总表": table("收支总表", totals, 7), "支出表": table("支出表", {"支出表": spent}, 9)}
    claims = [
        Claim("growth", "收、支总计", 0, 0, "增长 135.15%", Place(page=3), "收支总体", direction=1,
              amount=figure("944.91"), change=figure("543.08"), percent=figure("135.15", "%")),
        Claim("share", "基本支出", 0, 0, "占本年支出 45.26%", Place(page=4), "支出",
              amount=figure("427.70"), percent=figure("45.26", "%")),
    ]  # fmt: skip
    unit = Stated("江汉区企业服务中心", "", Place(page=1))
    return Report(Source("/x/报告.pdf", "pdf"), "pdf", "2022", unit, 2022, tables, claims=claims)


def wrong(made: Report) -> Checked:
    """One error in a table, one in a sentence; the second claim is checked against its operands."""
    cells = made.tables["支出表"].blocks["支出表"].rows[0].entries
    whole, part = cells["合计"].place, cells["基本支出"].place
    cell = Finding("A1", "支出", "error", "合计不符", whole, "944.91", table="支出表", column="合计")
    said = Finding("N1", "增长", "error", "应为 135.2%", Place(page=3), "增长135.15%")
    upper, lower = Operand(Decimal("427.70"), part), Operand(Decimal("944.91"), whole)
    share = Verdict(made.claims[1], "agrees", "45.26%", "支出表·合计", part, upper, lower)
    return Checked([cell, said], [RuleResult("A1", "x", "failed", None, 3, [share])])


def test_sheets_in_order_and_four_native_charts(tmp_path: Path) -> None:
    made = report()
    made.tables["收入表"] = table("收入表", {"收入表": {"合计": {"合计": "9.00", "财政拨款收入": "9.00"}}}, 8)
    fiscal = {side: {"总计": {"决算数": "9.00"}} for side in ("财拨总表收入", "财拨总表支出")}
    made.tables["财拨总表"] = table("财拨总表", fiscal, 10)
    path = tmp_path / "r.xlsx"
    report_book(made, wrong(made), path)
    book = openpyxl.load_workbook(path)
    assert book.sheetnames == [
        "总览", "问题清单", "收支总表", "收入表", "支出表", "财拨总表", "一般支出表", "基本支出表",
        "基金表", "国资表", "三公表", "文字核对", "百分比", "校核规则",
    ]  # fmt: skip
    with zipfile.ZipFile(path) as package:
        charts = [n for n in package.namelist() if n.startswith("xl/charts/chart")]
        text = "".join(package.read(n).decode() for n in charts)
    assert len(charts) == 4
    for title in ("收、支决算总计变动情况", "收入决算结构", "支出决算结构", "财政拨款收、支决算总计变动情况"):
        assert title in text


def test_the_year_before_is_what_the_narrative_implies(tmp_path: Path) -> None:
    made = report()
    report_book(made, wrong(made), tmp_path / "r.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "r.xlsx")["总览"]
    rows = [[c.value for c in row[:3]] for row in sheet if row[0].value and "年" in str(row[0].value)]
    assert ["2021年（按文字推算）", 401.83, 401.83] in rows
    assert next(r for r in rows if r[0] == "2022年")[1].startswith("='收支总表'!")


def test_marks_notes_and_links_stand_in_the_rebuilt_tables(tmp_path: Path) -> None:
    made = report()
    report_book(made, wrong(made), tmp_path / "r.xlsx")
    book = openpyxl.load_workbook(tmp_path / "r.xlsx")
    marked = [c for row in book["支出表"] for c in row if c.comment]
    assert [(c.value, c.fill.start_color.rgb) for c in marked] == [(944.91, "FFFFC7CE")]
    findings = book["问题清单"]
    links = {c.value: c.hyperlink.location for row in findings for c in row if c.hyperlink}
    assert links["第9页"] == f"'支出表'!{marked[0].coordinate}"
    assert links["第3页"].startswith("'文字核对'!D")
    assert "增长135.15%" in [c.value for row in findings for c in row]


def test_each_claim_with_its_operands_and_a_live_percentage(tmp_path: Path) -> None:
    made = report()
    report_book(made, wrong(made), tmp_path / "r.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "r.xlsx")["文字核对"]
    growth, share = [[c.value for c in row] for row in sheet.iter_rows(4, 5)]
    assert growth[3] == "增长 135.15%"
    assert growth[7] == "✖ 错误"
    assert growth[8:12] == [1.3515, 543.08, 401.83, '=IF(K4=0,"",ROUND(J4/K4,4))']
    assert share[5:8] == ["45.26%", "支出表·合计", "✓ 一致"]
    assert [str(v).split("!")[0] for v in share[9:11]] == ["='支出表'", "='支出表'"]
    assert sheet["D4"].comment is not None


def test_cells_on_one_line_of_a_text_are_told_apart_by_column(tmp_path: Path) -> None:
    made = report()
    row = made.tables["支出表"].blocks["支出表"].rows[0]
    for entry in row.entries.values():
        entry.place = Place(line=77)
    found = Finding("A1", "x", "error", "x", Place(line=77), "517.21", table="支出表", column="项目支出")
    report_book(made, Checked([found]), tmp_path / "r.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "r.xlsx")["支出表"]
    assert [c.value for cells in sheet for c in cells if c.comment] == [517.21]


def test_a_report_without_claims_has_no_sheet_for_them() -> None:
    assert claims_sheet(replace(ex.report(), kind="pdf"), Checked(), {}, {}) == (None, {})


def test_a_base_of_nothing_divides_nothing(tmp_path: Path) -> None:
    made = report()
    made.claims[0].change = made.claims[0].amount  # the year before was 0
    sheet, _ = claims_sheet(made, Checked(), {}, {})
    assert sheet is not None
    cell = sheet.rows[3][11]
    assert cell is not None
    assert cell.value is None
    assert cell.formula.startswith("IF(K4=0")


def test_two_rules_on_one_claim_give_one_row() -> None:
    made = report()
    claim = made.claims[1]
    rate = Verdict(claim, "agrees", numerator=Operand(Decimal(1)), denominator=Operand(Decimal(4)))
    value = Verdict(claim, "differs", "999.00", "支出表·合计")
    rules = [RuleResult("A", "", "passed", verdicts=[rate]), RuleResult("B", "", "failed", verdicts=[value])]
    sheet, _ = claims_sheet(made, Checked([], rules), {}, {})
    assert sheet is not None
    shown = [cell.value if cell else None for cell in sheet.rows[4]]
    assert shown[5:8] == ["999.00", "支出表·合计", "✖ 不一致"]
    assert shown[9:12] == [1, 4, Decimal("0.2500")]
