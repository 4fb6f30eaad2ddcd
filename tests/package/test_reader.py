"""Workbooks by openpyxl, XlsxWriter, LibreOffice and by hand into ``Source``."""

from __future__ import annotations

import math
import shutil
import subprocess
import sys
import time
from decimal import Decimal
from pathlib import Path

import handmade as hand
import openpyxl
import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl.comments import Comment
from openpyxl.worksheet.formula import ArrayFormula

from app.package.shared_formula import SharedFormula
from app.package.workbook_reader import read
from app.reading.errors import Unreadable
from app.source import CellError, Grid, Place, Span


def values(grid: Grid) -> dict[str, object]:
    return {str(grid.place(c.row, c.column).cell): c.value for c in grid.cells()}


def one(path: Path) -> Grid:
    source = read(path)
    assert source.problems == []
    assert len(source.grids) == 1
    return source.grids[0]


# --- workbooks that libraries write -------------------------------------------------------------


def test_openpyxl_workbook(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "公开01表"
    sheet["A1"] = "收入支出决算总表"
    sheet.merge_cells("A1:C2")
    sheet["A3"], sheet["B3"], sheet["C3"] = 1234.5, True, "=SUM(A3:A3)"
    sheet["A3"].number_format = "#,##0.00"
    sheet["B4"] = "#REF!"
    sheet["C4"].number_format = "0%"  # a style alone makes no cell
    sheet["D5"] = ArrayFormula("D5:D6", "=A3:A4*2")
    sheet["A6"] = 0.5
    sheet["A6"].number_format = '0.0"元"'
    sheet["A3"].comment = Comment("甲", "乙")
    sheet.column_dimensions["B"].width = 20.5
    sheet.column_dimensions["C"].hidden = True
    sheet.row_dimensions[3].height = 33
    sheet.row_dimensions[6].hidden = True
    book.create_chartsheet("图")
    book.create_sheet("藏").sheet_state = "veryHidden"
    path = tmp_path / "a.xlsx"
    book.save(path)

    source = read(str(path))
    assert (source.kind, source.path) == ("workbook", str(path))
    grid, hidden = source.grids
    assert (grid.name, grid.hidden, hidden.name, hidden.hidden) == ("公开01表", False, "藏", True)
    assert values(grid) == {
        "A1": "收入支出决算总表",
        "A3": Decimal("1234.5"),
        "B3": True,
        "C3": None,
        "B4": CellError("#REF!"),
        "D5": None,
        "A6": Decimal("0.5"),
    }
    assert isinstance(grid.cell(3, 1).value, CellError)
    assert grid.cell(2, 2).formula == "SUM(A3:A3)"
    assert grid.cell(4, 3).formula == "A3:A4*2"
    assert (grid.text(2, 0), grid.cell(5, 0).number_format) == ("1,234.50", '0.0"元"')
    assert grid.merges == [Span(0, 0, 1, 2)]
    assert (grid.widths[1], grid.hidden_columns, grid.heights[2], grid.hidden_rows) == (20.5, {2}, 33.0, {5})
    assert source.features == {"comments": "公开01表"}
    assert source.external_links == []


def test_xlsxwriter_workbook(tmp_path: Path) -> None:
    path = tmp_path / "w.xlsx"
    book = xlsxwriter.Workbook(str(path))
    sheet = book.add_worksheet("表")
    bold = book.add_format({"bold": True})
    money = book.add_format({"num_format": 4})
    sheet.write_rich_string("A1", "收", bold, "入 ", "合计")
    sheet.write_number("B1", 3.14159265358979312, money)
    sheet.write_formula("C1", "=B1*2", money, 6.28)
    sheet.write_formula("D1", '="甲 "', None, "甲 ")
    sheet.write_formula("E1", "=1/0", None, "#DIV/0!")
    sheet.write_formula("F1", "=TRUE", None, True)
    sheet.write_string("G1", "a\r\nb\tc")
    sheet.write_blank("H1", None, money)
    book.close()
    grid = one(path)
    assert values(grid) == {
        "A1": "收入 合计", "B1": Decimal("3.14159265358979"), "C1": Decimal("6.28"), "D1": "甲 ",
        "E1": "#DIV/0!", "F1": True, "G1": "a\r\nb\tc",
    }  # fmt: skip
    assert [grid.cell(0, c).formula for c in (1, 2, 3)] == [None, "B1*2", '"甲 "']
    assert grid.cell(0, 1).number_format == "#,##0.00"


MONEY = '<cellXfs><xf numFmtId="4"/></cellXfs>'
CHARACTERS = st.characters(codec="utf-8", exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff")
SCALARS = st.one_of(
    st.integers(-(10**15), 10**15),
    st.decimals(min_value=-(10**12), max_value=10**12, places=2, allow_nan=False).map(float),
    st.floats(-1e307, 1e307, allow_subnormal=False),
    st.booleans(),
    st.text(CHARACTERS, min_size=1).filter(lambda s: not s.startswith(("=", "#")) and "_x" not in s),
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(st.tuples(st.integers(1, 300), st.integers(1, 700)), SCALARS, max_size=12))
def test_what_openpyxl_writes_is_read(tmp_path: Path, cells: dict[tuple[int, int], object]) -> None:
    book = openpyxl.Workbook()
    for (row, column), value in cells.items():
        book.active.cell(row, column).value = value
    book.save(tmp_path / "h.xlsx")
    grid = one(tmp_path / "h.xlsx")
    found = {(c.row + 1, c.column + 1): c.value for c in grid.cells()}
    assert found.keys() == cells.keys()
    for key, value in cells.items():
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            assert isinstance(found[key], Decimal)
            assert math.isclose(float(found[key]), value, rel_tol=1e-14, abs_tol=0)
        else:
            assert found[key] == value
            assert type(found[key]) is type(value)


@pytest.mark.skipif(not shutil.which("soffice"), reason="LibreOffice is not installed")
def test_libreoffice_workbook(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    for row in range(1, 30):
        sheet.cell(row, 1).value = row * 1.1
        sheet.cell(row, 2).value = f"=A{row}*2"
        sheet.cell(row, 3).value = f"项目{row}"
    sheet.merge_cells("D1:E2")
    book.save(tmp_path / "in.xlsx")
    (tmp_path / "out").mkdir()
    profile = f"-env:UserInstallation=file://{tmp_path}/profile"
    command = ["soffice", profile, "--headless", "--convert-to", "xlsx", "--outdir", str(tmp_path / "out")]
    command.append(str(tmp_path / "in.xlsx"))
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    grid = one(tmp_path / "out" / "in.xlsx")
    assert grid.merges == [Span(0, 3, 1, 4)]
    for row in range(1, 30):
        assert grid.cell(row - 1, 0).value == Decimal(row) * Decimal("1.1")
        assert grid.cell(row - 1, 1).formula == f"A{row}*2"
        assert grid.cell(row - 1, 1).value == Decimal(row) * Decimal("2.2")
        assert grid.text(row - 1, 2) == f"项目{row}"


# --- what the format allows and no library writes ------------------------------------------------


def test_prefixed_roots(tmp_path: Path) -> None:
    made = hand.parts("")
    made["xl/workbook.xml"] = (
        f'<x:workbook xmlns:x="{hand.MAIN}" xmlns:q="{hand.REL}"><x:sheets>'
        '<x:sheet name="表" sheetId="1" q:id="r1"/></x:sheets></x:workbook>'
    )
    made["xl/worksheets/sheet1.xml"] = (
        f'<x:worksheet xmlns:x="{hand.MAIN}"><x:cols><x:col min="1" max="1" width="9"/></x:cols><x:sheetData>'
        '<x:row r="1"><x:c r="A1"><x:f>1+1</x:f><x:v>2</x:v></x:c></x:row></x:sheetData></x:worksheet>'
    )
    grid = one(hand.package(tmp_path / "x.xlsx", made))
    assert (values(grid), grid.cell(0, 0).formula, grid.widths) == ({"A1": Decimal(2)}, "1+1", {0: 9.0})


def test_strict_namespaces_and_iso_dates(tmp_path: Path) -> None:
    path = hand.workbook(
        tmp_path / "s.xlsx",
        '<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="d"><v>2022-12-31T12:00:00Z</v></c></row>',
        strings="<si><t>合计</t></si>",
        main=hand.STRICT,
        rel=hand.STRICT_REL,
    )
    assert values(one(path)) == {"A1": "合计", "B1": Decimal("44926.5")}


def test_implied_and_disordered_positions(tmp_path: Path) -> None:
    path = hand.workbook(
        tmp_path / "i.xlsx",
        "<row><c><v>1</v></c><c/><c><v>3</v></c></row>"
        '<row r="5"><c r="D5"><v>4</v></c><c><v>5</v></c><c r="B5"><v>2</v></c><c r="H5" s="0"/><c><v>9</v></c></row>'
        "<row><c><v>6</v></c></row>"
        '<row r="3"><c r="A3"><v>7</v></c></row><row r="5"><c r="A5"><v>8</v></c></row>',
    )
    expected = {"A1": 1, "C1": 3, "D5": 4, "E5": 5, "B5": 2, "I5": 9, "A6": 6, "A3": 7, "A5": 8}
    assert values(one(path)) == {k: Decimal(v) for k, v in expected.items()}


def test_laid_out_with_spaces(tmp_path: Path) -> None:
    path = hand.workbook(
        tmp_path / "p.xlsx",
        """
        <row r="1">
          <c r="A1">
            <f> B1 + 1 </f>
            <v> 2 </v>
          </c>
          <c r="B1" t="s">
            <v>0</v>
          </c>
          <c r="C1" t="str">
            <f>" "</f>
            <v> 甲 </v>
          </c>
          <c r="D1" t="inlineStr">
            <is>
              <r><t>乙 </t></r>
              <r><rPr><b/></rPr><t>丙</t></r>
              <rPh sb="0" eb="1"><t>yi</t></rPh>
            </is>
          </c>
          <c r="E1" t="b">
            <v>1</v>
          </c>
        </row>""",
        strings="<si>\n<r><rPr><b/></rPr><t>合</t></r>\n<r><t>计 _x000D_</t></r><rPh><t>he</t></rPh></si>",
    )
    grid = one(path)
    assert values(grid) == {"A1": Decimal(2), "B1": "合计 \r", "C1": " 甲 ", "D1": "乙 丙", "E1": True}
    assert [grid.cell(0, c).formula for c in (0, 2)] == ["B1 + 1", '" "']


def test_shared_formulas(tmp_path: Path) -> None:
    path = hand.workbook(
        tmp_path / "f.xlsx",
        '<row r="1"><c r="B1"><f t="shared" si="1"/><v>0</v></c>'  # stands before its text
        '<c r="C1"><f t="shared" ref="C1:C3" si="0">SUM($A1:B1,A$1)&amp;"A1"</f><v>1</v></c></row>'
        '<row r="2"><c r="C2"><f t="shared" si="0"/><v>1</v></c></row>'
        '<row r="3"><c r="C3"><f t="shared" si="0"/></c><c r="D3"><f t="shared" si="0">A1+9</f></c>'
        '<c r="E3"><f t="shared" si="7"/><v>5</v></c></row>'
        '<row r="4"><c r="B4"><f t="shared" ref="B1:B4" si="1">A4</f><v>0</v></c></row>',
    )
    grid = one(path)
    found = {grid.place(c.row, c.column).cell: c.formula for c in grid.cells()}
    assert found == {
        "B1": "A1", "C1": 'SUM($A1:B1,A$1)&"A1"', "C2": 'SUM($A2:B2,A$1)&"A1"', "C3": 'SUM($A3:B3,A$1)&"A1"',
        "D3": "A1+9", "E3": None, "B4": "A4",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "moved"),
    [
        ("A1+$A1+A$1+$A$1", "C4+$A4+C$1+$A$1"),
        ("SUM(A:A)+SUM($A:B)+SUM(1:2)+SUM($1:2)", "SUM(C:C)+SUM($A:D)+SUM(4:5)+SUM($1:5)"),
        ("LOG10(A1)+ATAN2(B2,1E5)", "LOG10(C4)+ATAN2(D5,1E5)"),
        ("Sheet1!A1+'A1 表'!B2+'O''A1'!C3", "Sheet1!C4+'A1 表'!D5+'O''A1'!E6"),
        ("FY22!A1+Jan:Mar!A1", "FY22!C4+Jan:Mar!C4"),
        ("[1]Sheet1!$A1+表1[列A1]+表1[[#This Row],[B2]]", "[1]Sheet1!$A4+表1[列A1]+表1[[#This Row],[B2]]"),
        ('"A1""B2"&A1', '"A1""B2"&C4'),
        ("合计A1+_A1+A1_x+A1.b+TAX2022", "合计A1+_A1+A1_x+A1.b+TAX2025"),
        ("XFD1+A1048576+XFE1+ABCD1", "#REF!+#REF!+XFE1+ABCD1"),
        ("#REF!+A1%", "#REF!+C4%"),
        ("a1", "C4"),
    ],
)
def test_references_shift(text: str, moved: str) -> None:
    # TAX2022 is a cell reference: column TAX exists
    expected = moved.replace("TAX2025", "TAZ2025")
    assert SharedFormula(text, 0, 0).at(3, 2) == expected


@given(st.integers(0, 1000), st.integers(0, 500), st.integers(0, 1000), st.integers(0, 500))
def test_shifting_back_gives_the_formula(row: int, column: int, to_row: int, to_column: int) -> None:
    text = 'SUM(XA2000:$XB2001)*IF(XC$3000>0,1,"XA1")'
    there = SharedFormula(text, row, column).at(to_row, to_column)
    assert SharedFormula(there, to_row, to_column).at(row, column) == text


def test_absolute_targets_and_case(tmp_path: Path) -> None:
    made = hand.parts('<sheetData><row r="1"><c r="A1" t="s"><v>0</v></c></row></sheetData>')
    made["XL/SharedStrings.XML"] = f'<sst xmlns="{hand.MAIN}"><si><t>甲</t></si></sst>'
    made["xl/Worksheets/Sheet1.xml"] = made.pop("xl/worksheets/sheet1.xml")
    made["_rels/.rels"] = hand.relations(("r1", f"{hand.REL}/officeDocument", "/XL/Workbook.xml"))
    made["xl/_rels/workbook.xml.rels"] = hand.relations(
        ("r1", f"{hand.REL}/worksheet", "/xl/worksheets/sheet1.xml"),
        ("r2", f"{hand.REL}/sharedStrings", "../xl/./sharedstrings.xml"),
    )
    assert values(one(hand.package(tmp_path / "c.xlsx", made))) == {"A1": "甲"}


def test_number_formats(tmp_path: Path) -> None:
    cells = "".join(f'<c r="{c}1" s="{s}"><v>1234.5</v></c>' for c, s in zip("ABCDE", "01239", strict=True))
    path = hand.workbook(
        tmp_path / "n.xlsx",
        f'<row r="1">{cells}<c r="F1"><v>1.0E-2</v></c><c r="G1"><v>-0</v></c></row>',
        styles='<numFmts><numFmt numFmtId="176" formatCode="0.00_);[Red]\\(0.00\\)"/></numFmts>'
        '<cellStyleXfs><xf numFmtId="9"/></cellStyleXfs>'
        '<cellXfs><xf numFmtId="0"/><xf numFmtId="4"/><xf numFmtId="176"/><xf numFmtId="31"/></cellXfs>',
    )
    grid = one(path)
    formats = [grid.cell(0, c).number_format for c in range(5)]
    assert formats == ["General", "#,##0.00", "0.00_);[Red]\\(0.00\\)", 'yyyy"年"m"月"d"日"', "General"]
    assert [grid.text(0, c) for c in (0, 1, 2, 5, 6)] == ["1234.5", "1,234.50", "1234.50", "0.01", "0"]


def test_merged_range_keeps_only_its_anchor(tmp_path: Path) -> None:
    sheet = (
        '<sheetData><row r="1"><c r="A1"><v>1</v></c><c r="B1"><v>2</v></c><c r="D1"><v>3</v></c></row>'
        '<row r="2"><c r="A2"><v>4</v></c></row></sheetData>'
        '<mergeCells count="2"><mergeCell ref="A1:B2"/><mergeCell ref="?"/></mergeCells>'
    )
    grid = one(hand.package(tmp_path / "m.xlsx", hand.parts(sheet)))
    assert values(grid) == {"A1": Decimal(1), "D1": Decimal(3)}
    assert grid.merges == [Span(0, 0, 1, 1)]


def test_elements_of_other_kinds_are_not_rows(tmp_path: Path) -> None:
    sheet = (
        '<sheetData><row r="1"><c r="A1"><v>1</v></c></row></sheetData>'
        '<conditionalFormatting sqref="A1"><cfRule type="expression" priority="1"><formula>A1&gt;7</formula></cfRule>'
        "</conditionalFormatting><controls><control><controlPr><anchor><from>"
        '<d:row xmlns:d="urn:d">5</d:row></from></anchor></controlPr></control></controls>'
        '<extLst><ext><d:f xmlns:d="urn:d">表!A1</d:f></ext></extLst>'
    )
    grid = one(hand.package(tmp_path / "e.xlsx", hand.parts(sheet)))
    assert [(c.value, c.formula) for c in grid.cells()] == [(Decimal(1), None)]


def test_links_and_features(tmp_path: Path) -> None:
    made = hand.parts('<sheetData><row r="1"><c r="A1"><f>[1]表!A1</f><v>1</v></c></row></sheetData>')
    made["[Content_Types].xml"] = hand.content_types("application/vnd.ms-excel.sheet.macroEnabled.main+xml")
    made["xl/workbook.xml"] = made["xl/workbook.xml"].replace(
        "</sheets>", '</sheets><externalReferences><externalReference r:id="r8"/></externalReferences>'
    )
    made["xl/_rels/workbook.xml.rels"] = hand.relations(
        ("r1", f"{hand.REL}/worksheet", "worksheets/sheet1.xml"),
        ("r8", f"{hand.REL}/externalLink", "externalLinks/externalLink1.xml"),
        ("r9", f"{hand.REL}/revisionHeaders", "revisions/headers.xml"),
    )
    made["xl/externalLinks/_rels/externalLink1.xml.rels"] = hand.relations(
        ("r1", f"{hand.REL}/externalLinkPath", "file:///D:/2022/预算.xlsx")
    )
    made["xl/revisions/headers.xml"] = "<headers/>"
    made["xl/worksheets/_rels/sheet1.xml.rels"] = hand.relations(
        ("r1", "http://schemas.microsoft.com/office/2017/10/relationships/threadedComment", "../tc.xml")
    )
    made["_rels/.rels"] = hand.relations(
        ("r1", f"{hand.REL}/officeDocument", "xl/workbook.xml"),
        ("r2", f"{hand.PACKAGE_REL}/digital-signature/origin", "_xmlsignatures/origin.sigs"),
    )
    source = read(hand.package(tmp_path / "l.xlsm", made))
    assert source.external_links == ["file:///D:/2022/预算.xlsx"]
    assert source.features == {
        "threaded comments": "表",
        "tracked changes": "工作簿",
        "macros": "工作簿",
        "signed": "工作簿",
    }


# --- bad input -----------------------------------------------------------------------------------


def test_numbers_that_are_none(tmp_path: Path) -> None:
    row = "".join(f"<c><v>{v}</v></c>" for v in ("1E+999999999", "1E-999999999", "NaN", "INF", "甲", ""))
    grid = one(hand.workbook(tmp_path / "big.xlsx", f"<row>{row}</row>"))
    assert values(grid) == {"A1": "1E+999999999", "B1": Decimal(0), "C1": "NaN", "D1": "INF", "E1": "甲"}


def test_the_largest_number_can_be_shown(tmp_path: Path) -> None:
    path = hand.workbook(tmp_path / "l.xlsx", "<row><c><v>1.5E+300</v></c></row>", styles=MONEY)
    assert one(path).text(0, 0).startswith("1,500,000,")


def test_far_apart_cells(tmp_path: Path) -> None:
    path = hand.workbook(
        tmp_path / "far.xlsx",
        '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>2</v></c></row>',
    )
    start = time.perf_counter()
    assert values(one(path)) == {"A1": Decimal(1), "XFD1048576": Decimal(2)}
    assert time.perf_counter() - start < 1


def test_overlapping_columns_and_merges_take_no_time(tmp_path: Path) -> None:
    columns = '<col min="1" max="16384" width="9"/>' * 16_000
    merges = '<mergeCell ref="A1:B1048576"/>' * 100_000
    cells = "<c><v>1</v></c>" * 16_384
    sheet = f"<cols>{columns}</cols><sheetData><row>{cells}</row></sheetData><mergeCells>{merges}</mergeCells>"
    made = hand.parts(sheet)
    start = time.perf_counter()
    grid = one(hand.package(tmp_path / "o.xlsx", made))
    assert len(grid.rows[0]) == 16_383
    assert time.perf_counter() - start < 4


def test_a_million_empty_rows(tmp_path: Path) -> None:
    rows = "".join(f'<row r="{n}" ht="15"/>' for n in range(2, 1_000_001))
    path = hand.workbook(tmp_path / "rows.xlsx", '<row r="1"><c r="A1"><v>1</v></c></row>' + rows)
    grid = one(path)
    assert (len(grid.rows), grid.heights) == (1, {})


@pytest.mark.parametrize("where", ["A0", "XFE1", "A1048577", "１", "A", "7"])
def test_cells_off_the_sheet(tmp_path: Path, where: str) -> None:
    made = hand.parts(f'<sheetData><row r="1"><c r="{where}"><v>1</v></c></row></sheetData>')
    with pytest.raises(Unreadable, match="没有一个工作表能读出"):
        read(hand.package(tmp_path / "o.xlsx", made))


def two_sheets(second: str) -> dict[str, str]:
    made = hand.parts('<sheetData><row><c t="s"><v>0</v></c></row></sheetData>', strings="<si><t>好</t></si>")
    made["xl/workbook.xml"] = (
        f'<workbook xmlns="{hand.MAIN}" xmlns:r="{hand.REL}"><sheets><sheet name="坏" sheetId="2" r:id="r7"/>'
        '<sheet name="好" sheetId="1" r:id="r1"/></sheets></workbook>'
    )
    made["xl/_rels/workbook.xml.rels"] = hand.relations(
        ("r1", f"{hand.REL}/worksheet", "worksheets/sheet1.xml"),
        ("r2", f"{hand.REL}/sharedStrings", "sharedStrings.xml"),
        ("r7", f"{hand.REL}/worksheet", "worksheets/sheet2.xml"),
    )
    if second:
        made["xl/worksheets/sheet2.xml"] = second
    return made


@pytest.mark.parametrize(
    "second",
    [
        "",  # the part is missing
        f'<worksheet xmlns="{hand.MAIN}"><sheetData><row r="1"><c r="A1"><v>1</v></c>',
        "not xml",
        f'<chart xmlns="{hand.MAIN}"/>',
        f'<!DOCTYPE w [<!ENTITY e SYSTEM "file:///etc/hostname">]><worksheet xmlns="{hand.MAIN}"><sheetData><row>'
        '<c t="str"><v>&e;</v></c></row></sheetData></worksheet>',
    ],
)
def test_a_damaged_sheet_stops_only_itself(tmp_path: Path, second: str) -> None:
    source = read(hand.package(tmp_path / "d.xlsx", two_sheets(second)))
    assert [g.name for g in source.grids] == ["好"]
    ((message, place),) = source.problems
    assert place == Place(sheet="坏")
    assert message.startswith("工作表“坏”没有读出：")
    assert message.endswith("。")


def test_text_that_is_not_there(tmp_path: Path) -> None:
    row = '<row r="2"><c r="B2" t="s"><v>4</v></c></row>'
    path = hand.workbook(tmp_path / "t.xlsx", row, strings="<si><t>甲</t></si>")
    source = read(path)
    assert source.grids[0].rows == {}
    assert source.problems[0][1] == Place(sheet="表", cell="B2")


def test_damaged_styles_still_give_values(tmp_path: Path) -> None:
    path = hand.workbook(tmp_path / "y.xlsx", '<row><c s="1"><v>4</v></c></row>', styles="<oops>")
    source = read(path)
    assert values(source.grids[0]) == {"A1": Decimal(4)}
    assert "数字格式没有读出" in source.problems[0][0]


@pytest.mark.parametrize("part", ["xl/sharedStrings.xml", "xl/workbook.xml"])
def test_entities_are_refused(tmp_path: Path, part: str) -> None:
    made = hand.parts('<sheetData><row><c t="s"><v>0</v></c></row></sheetData>', strings="<si><t>&a9;</t></si>")
    laughs = '<!ENTITY a0 "ha">' + "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
    made[part] = f"<!DOCTYPE x [{laughs}]>" + made[part]
    with pytest.raises(Unreadable, match="外部引用"):
        read(hand.package(tmp_path / "xxe.xlsx", made))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_whatever_is_damaged_is_said_in_a_sentence(tmp_path: Path, data: st.DataObject) -> None:
    made = {k: v.encode() for k, v in two_sheets(f'<worksheet xmlns="{hand.MAIN}"/>').items()}
    name = data.draw(st.sampled_from(sorted(made)))
    at = data.draw(st.integers(0, len(made[name])))
    junk = data.draw(
        st.sampled_from([b"", b"<", b'"', b"&", b"\0", b"\xff", b"-1", b"9" * 30, b"A1:XFD1048576", b"../", b"1e400"])
    )
    made[name] = made[name][:at] + junk + made[name][at + data.draw(st.integers(0, 9)) :]
    try:
        source = read(hand.package(tmp_path / "fuzz.xlsx", made))
    except Unreadable as error:
        assert str(error).endswith("。")
    else:
        assert all(c.text is not None for g in source.grids for c in g.cells())


def test_only_charts(tmp_path: Path) -> None:
    made = hand.parts("")
    made["xl/_rels/workbook.xml.rels"] = hand.relations(("r1", f"{hand.REL}/chartsheet", "worksheets/sheet1.xml"))
    with pytest.raises(Unreadable, match="没有工作表"):
        read(hand.package(tmp_path / "ch.xlsx", made))


def test_too_many_cells(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.package.sheet_reader.CELL_LIMIT", 50)
    path = hand.workbook(tmp_path / "many.xlsx", "<row><c><v>1</v></c><c><v>1</v></c></row>" * 40)
    with pytest.raises(Unreadable, match="单元格超过"):
        read(path)


def test_an_endless_attribute_or_text_is_refused(tmp_path: Path) -> None:
    noise = "".join(chr(0x4E00 + n * 7919 % 20000) for n in range(3_000_000))
    for number, row in enumerate((f'<row><c r="{noise}"/></row>', f'<row><c t="str"><v>{noise}</v></c></row>')):
        with pytest.raises(Unreadable, match="没有一个工作表能读出"):
            read(hand.workbook(tmp_path / f"{number}.xlsx", row))


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="peak memory is read from /proc")
def test_memory_of_many_cells(tmp_path: Path) -> None:
    rows = "".join(
        "<row>" + "".join(f"<c><v>{r * 13 + c}.25</v></c>" for c in range(12)) + "</row>" for r in range(20_000)
    )
    path = hand.workbook(tmp_path / "big.xlsx", rows)
    code = (
        "import re, sys; from app.package.workbook_reader import read; s = read(sys.argv[1]);"
        "assert len(s.grids[0].rows) == 20000;"
        "print(int(re.search(r'VmHWM:\\s+(\\d+)', open('/proc/self/status').read())[1]) // 1024)"
    )
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run([sys.executable, "-c", code, path], cwd=root, capture_output=True, text=True, check=True)
    assert int(done.stdout) < 160  # MB for 240,000 cells; 200,000 rows stay under 1.2 GB
