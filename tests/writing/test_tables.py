from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import openpyxl
import writing_examples as ex

from app.knowledge import forms
from app.report.amount import Amount
from app.report.table import Block, Column, Entry, Row, Stated, Table
from app.source import Grid, Line, Place
from app.writing.official import official
from app.writing.tables import tables_json, tables_xlsx


def code_table(key: str, columns: list[str], rows: list[tuple[str | None, str]]) -> Table:
    """A code table in which cell (row r, column c) holds r.c0."""
    grid = Grid(key)
    table = Table(key, Stated(key, key, grid.place(0, 0)), grid, 0, 9)
    block = Block(key, [Column(name, name, n + 2, grid.place(1, n + 2)) for n, name in enumerate(columns)])
    for r, (code, label) in enumerate(rows, 2):
        row = Row(code or label, label, grid.place(r, 1), code, grid.place(r, 0), index=r, grid=grid)
        for n, name in enumerate(columns):
            value = Decimal(f"{r}.{n}0")
            row.entries[name] = Entry(grid.place(r, n + 2), str(value), Amount(value, Decimal("0.005"), str(value)))
        block.rows.append(row)
    table.blocks[key] = block
    return table


SPENT = ["合计", "基本支出", "项目支出"]


def test_json_has_columns_and_rows_with_printed_text() -> None:
    report = ex.report()
    report.tables["一般支出表"] = code_table("一般支出表", SPENT, [(None, "合计"), ("201", "一般公共服务支出")])
    data = tables_json(report)
    assert (data["form"], data["unit"], data["year"]) == ("2022", "江汉区企业服务中心", 2022)
    tables = data["tables"]
    assert isinstance(tables, dict)
    assert list(tables) == ["收支总表", "一般支出表"]
    code = tables["一般支出表"]
    assert [c["key"] for c in code["columns"]] == SPENT
    assert code["rows"][1] == {
        "block": "一般支出表", "code": "201", "name": "一般公共服务支出",
        "cells": {"合计": "3.00", "基本支出": "3.10", "项目支出": "3.20"},
    }  # fmt: skip
    assert [r["block"] for r in tables["收支总表"]["rows"]] == ["收支总表收入"] * 3 + ["收支总表支出"] * 2
    assert tables["收支总表"]["rows"][0]["cells"] == {"决算数": "944.91"}


def test_workbook_has_all_nine_in_order(tmp_path: Path) -> None:
    for form in forms.FORMS:
        report = ex.report()
        report.form = form
        tables_xlsx(report, tmp_path / "t.xlsx")
        book = openpyxl.load_workbook(tmp_path / "t.xlsx")
        assert book.sheetnames == [t.key for t in forms.form(form).tables]
        first, missing = book["收支总表"], book["三公表"]
        assert first["A1"].value == "收入支出决算总表"
        values = [cell.value for row in first for cell in row]
        assert values.count(944.91) == 3
        assert values.count(945.91) == 2
        assert "原文件中未找到本表。" in [cell.value for row in missing for cell in row]


def test_both_totals_stand_on_one_line() -> None:
    made = official(ex.table(), forms.form("2022").table("收支总表"))
    totals = [n for n, row in enumerate(made.model.rows) if any(c and c.value == "总计" for c in row)]
    assert len(totals) == 1
    assert [c.value for c in made.model.rows[totals[0]] if c] == ["总计", Decimal("944.91"), "总计", Decimal("945.91")]


def test_each_place_is_found_again() -> None:
    table = code_table("一般支出表", SPENT, [(None, "合计"), ("201", "一般公共服务支出")])
    made = official(table, forms.form("2022").table("一般支出表"))
    for row in table.blocks["一般支出表"].rows:
        for entry in row.entries.values():
            r, c = made.where[entry.place]
            cell = made.model.rows[r][c]
            assert cell is not None
            assert entry.amount is not None
            assert cell.value == entry.amount.value


def test_columns_stand_under_their_group_and_in_the_order_of_the_form() -> None:
    table = code_table("一般支出表", SPENT[::-1], [(None, "合计")])
    made = official(table, forms.form("2022").table("一般支出表"))
    heads = [[c.value for c in row if c and c.value is not None] for row in made.model.rows[3:7]]
    assert heads == [
        ["项目", "本年支出"],
        ["科目编码", "科目名称", "小计", "基本支出", "项目支出"],
        ["栏次", 1, 2, 3],
        ["合计", Decimal("2.20"), Decimal("2.10"), Decimal("2.00")],
    ]


def test_basic_expenditure_in_three_blocks_with_totals_beneath() -> None:
    rows = [("301", "工资福利支出"), ("302", "商品和服务支出"), ("303", "补助"), ("310", "资本性支出")]
    table = code_table("基本支出表", ["决算数"], [*rows, (None, "人员经费合计"), (None, "公用经费合计")])
    made = official(table, forms.form("2022").table("基本支出表"))
    shown = [[c.value for c in row if c and c.value is not None] for row in made.model.rows[5:]]
    assert shown == [
        ["301", "工资福利支出", 2, "302", "商品和服务支出", 3, "310", "资本性支出", 5],
        ["303", "补助", 4],
        ["人员经费合计", 6, "公用经费合计", 7],
    ]


def test_text_in_an_amount_cell_and_the_statement_are_kept() -> None:
    table = code_table("国资表", SPENT, [(None, "合计")])
    table.blocks["国资表"].rows[0].entries["合计"] = Entry(Place(sheet="国资表", cell="C3"), "=待定", wrong="text")
    table.statement = Line("本单位没有国有资本经营预算支出，故本表无数据。", Place())
    made = official(table, forms.form("2022").table("国资表"))
    values = [c.value for row in made.model.rows for c in row if c]
    assert "=待定" in values
    assert table.statement.text in values
