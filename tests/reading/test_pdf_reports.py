"""PDF reading on documents as Word, Excel and LibreOffice make them, and on a published report."""

import re
import shutil
import subprocess
from decimal import Decimal
from pathlib import Path

import pytest

from app.numbers import typed
from app.reading.pdf import read
from app.source import Grid, Source

REPORTS = Path(__file__).resolve().parents[3] / "shared" / "reports"
AMOUNT = re.compile(r"-?[\d,]+\.\d\d")


def made(folder: Path, name: str) -> Source:
    """The PDF that LibreOffice makes of a file."""
    office = shutil.which("soffice")
    if office is None:
        pytest.skip("LibreOffice is not installed: no PDF can be made from office files")
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    command = [office, profile, "--headless", "--convert-to", "pdf", "--outdir", str(folder), str(folder / name)]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    return read((folder / name).with_suffix(".pdf"))


def bare(grid: Grid, row: int, column: int) -> str:
    return "".join(grid.text(row, column).split())


def height(grid: Grid) -> int:
    return max(grid.rows) + 1


def test_a_word_report_with_a_table_over_pages(tmp_path):
    docx = pytest.importorskip("docx")
    document = docx.Document()
    document.sections[0].header.paragraphs[0].text = "某市某局2023年度部门决算"
    document.add_paragraph("收入决算表")
    table = document.add_table(rows=2, cols=5)
    table.style = "Table Grid"
    table.cell(0, 0).merge(table.cell(0, 1)).text = "项目"
    table.cell(1, 0).text, table.cell(1, 1).text = "科目编码", "科目名称"
    for column, text in enumerate(("本年收入合计", "财政拨款收入", "其他收入"), 2):
        table.cell(0, column).merge(table.cell(1, column)).text = text
    for row in table.rows[:2]:  # printed again on each page
        row._tr.get_or_add_trPr().append(docx.oxml.OxmlElement("w:tblHeader"))
    long = "机关事业单位基本养老保险缴费支出及其他相关的社会保障和就业支出"
    wanted = [[str(2080500 + i), long if i % 3 else "行政运行", f"{i * 1234567:,}.{i:02d}"] for i in range(70)]
    for code, name, amount in wanted:
        for cell, text in zip(table.add_row().cells, (code, name, amount, amount, "0.00"), strict=True):
            cell.text = text
    document.add_paragraph("本年收入合计 5010.42 万元，比上年增加 12.30 万元，增长 0.25%。" * 8)
    document.save(str(tmp_path / "报告.docx"))
    source = made(tmp_path, "报告.docx")
    (grid,) = source.grids
    assert source.pages > 4 and source.features["running_heads"] == "某市某局2023年度部门决算"
    assert [bare(grid, 1, c) for c in range(2)] == ["科目编码", "科目名称"]
    found = [[bare(grid, r, c) for c in range(5)] for r in range(2, height(grid))]
    assert found == [[code, name, amount, amount, "0.00"] for code, name, amount in wanted]
    pages = [grid.place(row, 0).page for row in range(height(grid))]
    assert pages == sorted(pages) and len(set(pages)) > 3
    text = "".join("".join(line.text.split()) for line in source.lines)
    assert text.count("本年收入合计5010.42万元，比上年增加12.30万元，增长0.25%。") == 8


def test_a_printed_workbook_with_merged_headers(tmp_path):
    import xlsxwriter

    path = tmp_path / "公开表.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet("公开01表")
        cell, number = book.add_format({"border": 1}), book.add_format({"border": 1, "num_format": "#,##0.00"})
        head = book.add_format({"border": 2, "align": "center", "bg_color": "#DDEEFF", "text_wrap": True})
        sheet.merge_range(0, 0, 0, 5, "收入支出决算总表", book.add_format({"bold": True, "align": "center"}))
        sheet.write(1, 5, "单位：万元")
        sheet.merge_range(2, 0, 2, 2, "收入", head)
        sheet.merge_range(2, 3, 2, 5, "支出", head)
        sheet.write_row(3, 0, ["项目", "行次", "决算数"] * 2, head)
        for row in range(90):
            sheet.write_row(4 + row, 0, [f"第{row}项收入", row + 1], cell)
            sheet.write(4 + row, 2, row * 123456.7, number)
            sheet.write_row(4 + row, 3, [f"第{row}项支出", row + 91], cell)
            sheet.write(4 + row, 5, row * 3.3, number)
        sheet.set_column(0, 5, 12)
        sheet.repeat_rows(0, 3)
        sheet.fit_to_pages(1, 0)
        sheet.set_footer("&C第 &P 页，共 &N 页")
    source = made(tmp_path, "公开表.xlsx")
    (grid,) = source.grids
    assert [line.text.strip() for line in source.lines] == ["收入支出决算总表", "单位：万元"]
    assert [bare(grid, 0, c) for c in range(6)] == ["收入", "", "", "支出", "", ""]
    assert height(grid) == 92
    for row in range(90):
        wanted = [f"第{row}项收入", str(row + 1), f"{row * 123456.7:,.2f}"]
        wanted += [f"第{row}项支出", str(row + 91), f"{row * 3.3:,.2f}"]
        assert [bare(grid, 2 + row, c) for c in range(6)] == wanted


@pytest.fixture(scope="module")
def published() -> Source:
    path = REPORTS / "sh-ghzyj-2024.pdf"
    if not path.exists():
        pytest.skip("the published report is not at hand (../shared/reports/sh-ghzyj-2024.pdf)")
    return read(path)


def test_published_tables_stand_where_they_do(published):
    shape = {g.name: (height(g), max(c.column for c in g.cells()) + 1) for g in published.grids}
    assert list(shape.items())[1:] == [
        ("第7页表1", (30, 4)),
        ("第8页表1", (27, 9)),
        ("第10页表1", (27, 8)),
        ("第12页表1", (32, 7)),
        ("第14页表1", (27, 5)),
        ("第16页表1", (40, 6)),
        ("第17页表1", (5, 12)),
        ("第18页表1", (6, 8)),
        ("第19页表1", (6, 8)),
    ]
    assert published.pages == 30 and not published.problems


def test_published_amounts_are_those_that_pdftotext_prints(published):
    """Every amount of the table pages, by page, as an independent reader sees them."""
    tool = shutil.which("pdftotext")
    if tool is None:
        pytest.skip("pdftotext is not installed")
    for page in range(7, 20):
        command = [tool, "-f", str(page), "-l", str(page), published.path, "-"]
        printed = subprocess.run(command, check=True, capture_output=True, timeout=60).stdout.decode()
        cells = [c.text for g in published.grids for c in g.cells() if c.place and c.place.page == page]
        assert sorted(AMOUNT.findall(printed)) == sorted(t for t in cells if AMOUNT.fullmatch(t)), page


def code_rows(grid: Grid, columns: int) -> dict[str, list[Decimal]]:
    """Amounts of each row by code, ``合计`` for the last."""
    found = {}
    for row in range(height(grid)):
        code = bare(grid, row, 0)
        if code.isdigit() or code == "合计":
            found[code] = [typed(grid.text(row, c)) or Decimal(0) for c in range(2, 2 + columns)]
    return found


@pytest.mark.parametrize(("table", "columns", "parts"), [(2, 7, slice(1, 7)), (3, 6, slice(1, 6)), (5, 3, slice(1, 3))])
def test_published_code_tables_add_up(published, table, columns, parts):
    """款 = Σ 项 and 类 = Σ 款 to the cent; 合计 within the rounding of its 类 (DOMAIN §5)."""
    figures = code_rows(published.grids[table], columns)
    codes = [code for code in figures if code != "合计"]
    assert sum(len(code) == 7 for code in codes) >= 13
    for code in codes:
        children = [figures[c] for c in codes if len(c) == len(code) + 2 and c.startswith(code)]
        if children:
            assert abs(figures[code][0] - sum(child[0] for child in children)) <= Decimal("0.02"), code
        assert abs(figures[code][0] - sum(figures[code][parts])) <= Decimal("0.02"), code
    total = sum(figures[code][0] for code in codes if len(code) == 3)
    assert abs(figures["合计"][0] - total) <= Decimal("0.03")


def test_published_totals(published):
    totals, basic, official = published.grids[1], published.grids[6], published.grids[7]
    right = [typed(totals.text(row, 3)) or Decimal(0) for row in range(2, 26)]
    assert sum(right) == Decimal("9759.38") and totals.text(29, 1) == totals.text(29, 3) == "9859.38"
    # the report's own slip is read as printed: 301xx add up to 4816.14 less nothing, 303 to 67.96
    figures = {bare(basic, r, c): typed(basic.text(r, c + 2)) or Decimal(0) for r in range(1, 39) for c in (0, 3)}
    for group, total in (("301", "4816.14"), ("302", "440.90"), ("303", "67.96"), ("310", "39.76")):
        parts = sum(value for code, value in figures.items() if code.startswith(group) and len(code) == 5)
        assert figures[group] == Decimal(total) and abs(parts - figures[group]) <= Decimal("0.05")
    assert [official.text(4, c) for c in range(12)] == ["2.85", "0.39", *["0.00"] * 8, "2.85", "0.39"]


def test_published_sentences_can_be_searched(published):
    text = "".join("".join(line.text.split()) for line in published.lines)
    for quote in (
        "完成年初预算的95.45%",
        "医疗（项）。主要用于",
        "住房公积金（项）。主要用于",
        "（一）“三公”经费财政拨款支出",
    ):
        assert quote in text
