from __future__ import annotations

import datetime
import shutil
import struct
import subprocess
import zipfile
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest

from app.reading.errors import Unreadable
from app.reading.read import read
from app.source import CellError, Grid, Source, Span

SOFFICE = shutil.which("soffice")
needs_office = pytest.mark.skipif(SOFFICE is None, reason="LibreOffice (soffice) is not installed")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one workbook as .xls and .ods."""
    folder = tmp_path_factory.mktemp("legacy")
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "公开01表"
    sheet["A1"] = "收入支出决算总表"
    sheet.merge_cells("A1:C1")
    sheet["B3"], sheet["B4"], sheet["E3"] = 1234.5, 5010.41873, 0.1 + 0.2
    sheet["B3"].number_format, sheet["B4"].number_format = "#,##0.00", "0.00"
    sheet["C5"], sheet["C6"], sheet["C8"] = "=1/0", True, "=B3+B4"
    sheet["C7"] = datetime.date(2022, 12, 31)
    sheet["D9"], sheet["D10"], sheet["D11"] = " 12.30 ", "=甲", 18
    sheet.row_dimensions[4].hidden = True
    sheet.row_dimensions[5].height = 40
    sheet.column_dimensions["D"].hidden = True
    sheet.column_dimensions["A"].width = 30
    hidden = book.create_sheet("隐藏")
    hidden.sheet_state = "hidden"
    hidden["B2"] = 1
    book.save(folder / "a.xlsx")
    profile = f"-env:UserInstallation=file://{folder}/profile"
    for kind in ("xls", "ods"):
        command = [SOFFICE or "", profile, "--headless", "--convert-to", kind, "--outdir", folder, folder / "a.xlsx"]
        subprocess.run(command, check=True, capture_output=True, timeout=120)
    shutil.copy(folder / "a.xls", folder / "a.et")
    return folder


def grids(source: Source) -> dict[str, Grid]:
    assert source.kind == "workbook"
    return {grid.name: grid for grid in source.grids}


@needs_office
@pytest.mark.parametrize("kind", ["xls", "et"])
def test_biff_values_formats_merges_and_what_is_hidden(made: Path, kind: str) -> None:
    sheets = grids(read(made / f"a.{kind}"))
    grid = sheets["公开01表"]
    assert list(sheets) == ["公开01表", "隐藏"]
    assert sheets["隐藏"].hidden and not grid.hidden
    assert grid.text(2, 1) == "1,234.50" and grid.text(3, 1) == "5010.42"
    values = {(c.row, c.column): c.value for c in grid.cells()}
    assert values[3, 1] == Decimal("5010.41873")
    assert values[2, 4] == Decimal("0.3")  # 15 significant digits
    assert values[4, 2] == "#DIV/0!" and isinstance(values[4, 2], CellError)
    assert values[5, 2] is True
    assert values[7, 2] == Decimal("6244.91873")
    assert values[8, 3] == " 12.30 "
    assert str(values[10, 3]) == "18"
    assert grid.merges == [Span(0, 0, 0, 2)]
    assert grid.hidden_rows == {3} and 3 in grid.hidden_columns
    assert grid.widths[0] == pytest.approx(30, abs=1)
    assert grid.heights[4] == pytest.approx(40, abs=1)


@needs_office
def test_ods_values_formats_merges_and_what_is_hidden(made: Path) -> None:
    sheets = grids(read(made / "a.ods"))
    grid = sheets["公开01表"]
    assert list(sheets) == ["公开01表", "隐藏"] and sheets["隐藏"].hidden and not grid.hidden
    assert grid.text(0, 0) == "收入支出决算总表"
    values = {(c.row, c.column): c.value for c in grid.cells()}
    assert values[2, 1] == Decimal("1234.5") and values[3, 1] == Decimal("5010.41873")
    assert grid.text(2, 1) == "1,234.50" and grid.text(3, 1) == "5010.42"
    assert values[2, 4] == Decimal("0.3") and values[7, 2] == Decimal("6244.91873")
    assert values[6, 2] == "2022-12-31" and values[8, 3] == " 12.30 "
    assert isinstance(values[4, 2], CellError)
    formula = grid.cell(7, 2)
    assert formula is not None and formula.formula == "B3+B4"
    assert grid.merges == [Span(0, 0, 0, 2)]
    assert grid.hidden_rows == {3} and 3 in grid.hidden_columns
    assert grid.widths[0] > 2.5 * grid.widths[1]  # the very number hangs on the fonts installed


def ods(path: Path, rows: str, manifest: str = "") -> Path:
    names = ("office", "table", "text", "style")
    spaces = " ".join(f'xmlns:{n}="urn:oasis:names:tc:opendocument:xmlns:{n}:1.0"' for n in names)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        package.writestr("META-INF/manifest.xml", f"<manifest>{manifest}</manifest>")
        package.writestr(
            "content.xml",
            f"<office:document-content {spaces}><office:body><office:spreadsheet>"
            f'<table:table table:name="表">{rows}</table:table>'
            "</office:spreadsheet></office:body></office:document-content>",
        )
    return path


def ods_cell(text: str, **facts: object) -> str:
    given = " ".join(f'table:{k.replace("_", "-")}="{v}"' for k, v in facts.items())
    return f'<table:table-cell office:value-type="string" {given}><text:p>{text}</text:p></table:table-cell>'


def test_ods_far_cells_cost_nothing(tmp_path: Path) -> None:
    """A1 and XFD1048576: calamine would allocate the whole rectangle, and abort."""
    rows = f"<table:table-row>{ods_cell('甲')}</table:table-row>"
    rows += '<table:table-row table:number-rows-repeated="1048574"><table:table-cell/></table:table-row>'
    rows += '<table:table-row><table:table-cell table:number-columns-repeated="16383"/>' + ods_cell("乙")
    grid = read(ods(tmp_path / "a.ods", rows + "</table:table-row>")).grids[0]
    assert {(c.row, c.column): c.value for c in grid.cells()} == {(0, 0): "甲", (1048575, 16383): "乙"}


def test_ods_that_repeats_without_end_is_refused(tmp_path: Path) -> None:
    for row in (
        f'<table:table-row table:number-rows-repeated="99999999">{ods_cell("1")}</table:table-row>',
        f"<table:table-row>{ods_cell('1', number_columns_repeated=99999999)}</table:table-row>",
    ):
        with pytest.raises(Unreadable, match=r"表.*过多"):
            read(ods(tmp_path / "a.ods", row))


def test_ods_text_with_breaks_notes_and_nested_tables(tmp_path: Path) -> None:
    note = "<office:annotation><text:p>批注</text:p></office:annotation>"
    inner = f"<table:table><table:table-row>{ods_cell('里')}</table:table-row></table:table>"
    words = "<text:p>上<text:s text:c='2'/>下</text:p><text:p>再</text:p>"
    first = f"<table:table-cell>{note}{words}{inner}</table:table-cell>"
    source = read(ods(tmp_path / "a.ods", f"<table:table-row>{first}{ods_cell('右')}</table:table-row>"))
    assert [g.text(0, 0) for g in source.grids] == ["上  下\n再"]
    assert source.grids[0].text(0, 1) == "右" and source.features == {"comments": "表"}


def test_ods_encrypted_or_with_a_document_type(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="密码"):
        read(ods(tmp_path / "a.ods", "", "<encryption-data/>"))
    path = tmp_path / "b.ods"
    with zipfile.ZipFile(path, "w") as package:
        package.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        package.writestr("content.xml", '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>')
    with pytest.raises(Unreadable, match="外部引用"):
        read(path)


@needs_office
@pytest.mark.parametrize("kind", ["xls", "ods"])
@pytest.mark.parametrize("share", [0.3, 0.6, 0.9])
def test_damage_is_one_sentence(made: Path, tmp_path: Path, kind: str, share: float) -> None:
    whole = (made / f"a.{kind}").read_bytes()
    broken = tmp_path / f"b.{kind}"
    broken.write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(Unreadable, match=r"^[^\n]+。$"):
        read(broken)


@needs_office
def test_damaged_bytes_never_bring_more_than_a_sentence(made: Path, tmp_path: Path) -> None:
    """Bytes overwritten at many places: it is read, or refused in a sentence."""
    for kind in ("xls", "ods"):
        whole = (made / f"a.{kind}").read_bytes()
        for at in range(0, len(whole), max(1, len(whole) // 60)):
            broken = tmp_path / f"c.{kind}"
            broken.write_bytes(whole[:at] + b"\xff\x00\x41\x9c" + whole[at + 4 :])
            try:
                assert read(broken).kind == "workbook"
            except Unreadable as error:
                assert str(error).endswith("。")


def test_encrypted_biff_is_said(tmp_path: Path) -> None:
    bof = bytes.fromhex("0908 1000 0006 0500 0000 0000 0000 0000 0000 0000")
    path = tmp_path / "a.xls"
    path.write_bytes(bof + bytes.fromhex("2f00 0600 0000 1234 5678") + bytes(64))
    with pytest.raises(Unreadable, match="密码"):
        read(path)


def record(kind: int, content: bytes = b"") -> bytes:
    head = bytes([kind]) if kind < 128 else bytes([kind & 0x7F | 0x80, kind >> 7])
    size = bytes([len(content)]) if len(content) < 128 else bytes([len(content) & 0x7F | 0x80, len(content) >> 7])
    return head + size + content


def wide(text: str) -> bytes:
    return struct.pack("<I", len(text)) + text.encode("utf-16-le")


def xlsb(path: Path, rows: dict[int, bytes], last: tuple[int, int] = (9, 9)) -> Path:
    """A binary workbook with one sheet 表1; cell style 1 shows #,##0.00, style 2 0.0000."""
    sheet = record(129) + record(148, struct.pack("<IIII", 0, last[0], 0, last[1]))
    sheet += record(390) + record(60, struct.pack("<IIIIH", 1, 2, 20 * 256, 0, 1)) + record(391) + record(145)
    for row, cells in rows.items():
        sheet += record(0, struct.pack("<IIHBBB", row, 0, 300, 0, 0x10 if row == 3 else 0, 0) + bytes(4)) + cells
    sheet += (
        record(146) + record(177, struct.pack("<I", 1)) + record(176, struct.pack("<IIII", 0, 0, 0, 3)) + record(178)
    )
    styles = record(278) + record(615, struct.pack("<I", 1)) + record(44, struct.pack("<H", 200) + wide("0.0000"))
    styles += record(626) + record(47, struct.pack("<HH", 0xFFFF, 9) + bytes(12)) + record(627)
    styles += record(617, struct.pack("<I", 3))
    for number in (0, 4, 200):
        styles += record(47, struct.pack("<HH", 0, number) + bytes(12))
    styles += record(618) + record(279)
    book = record(131) + record(143) + record(156, struct.pack("<II", 0, 1) + wide("rId1") + wide("表1"))
    book += record(144) + record(132)
    kind = "application/vnd.ms-excel.sheet.binary.macroEnabled.main"
    space = "http://schemas.openxmlformats.org/package/2006"
    link = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet"
    with zipfile.ZipFile(path, "w") as package:
        override = f'<Override PartName="/xl/workbook.bin" ContentType="{kind}"/>'
        package.writestr("[Content_Types].xml", f'<Types xmlns="{space}/content-types">{override}</Types>')
        relation = f'<Relationship Id="rId1" Type="{link}" Target="worksheets/sheet1.bin"/>'
        package.writestr(
            "xl/_rels/workbook.bin.rels", f'<Relationships xmlns="{space}/relationships">{relation}</Relationships>'
        )
        package.writestr("xl/workbook.bin", book)
        package.writestr("xl/styles.bin", styles)
        package.writestr("xl/worksheets/sheet1.bin", sheet + record(130))
    return path


def at(kind: int, column: int, content: bytes, style: int = 0) -> bytes:
    return record(kind, struct.pack("<II", column, style) + content)


def test_xlsb_values_are_calamines_the_rest_is_ours(tmp_path: Path) -> None:
    rows = {
        0: at(6, 0, wide("收入支出决算总表")),
        2: at(5, 1, struct.pack("<d", 1234.5), style=1) + at(5, 2, struct.pack("<d", 0.1 + 0.2), style=2),
        3: at(3, 0, b"\x17") + at(4, 1, b"\x01"),
    }
    grid = read(xlsb(tmp_path / "a.xlsb", rows)).grids[0]
    assert grid.name == "表1" and grid.text(0, 0) == "收入支出决算总表"
    assert grid.text(2, 1) == "1,234.50" and grid.text(2, 2) == "0.3000"
    error = grid.cell(3, 0)
    assert error is not None and isinstance(error.value, CellError) and error.value == "#REF!"
    flag = grid.cell(3, 1)
    assert flag is not None and flag.value is True
    assert grid.merges == [Span(0, 0, 0, 3)]
    assert grid.hidden_rows == {3} and grid.hidden_columns == {1, 2} and grid.widths == {1: 20, 2: 20}


def test_xlsb_too_wide_is_refused_before_it_is_allocated(tmp_path: Path) -> None:
    """Whatever the sheet states as its size: the cells decide."""
    rows = {0: at(6, 0, wide("甲")), 1048575: at(5, 16383, struct.pack("<d", 1))}
    with pytest.raises(Unreadable, match="1048576 行 × 16384 列"):
        read(xlsb(tmp_path / "a.xlsb", rows, last=(0, 0)))


def test_xlsb_cut_short_is_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "b.xlsb"
    with (
        zipfile.ZipFile(xlsb(tmp_path / "a.xlsb", {0: at(6, 0, wide("甲"))})) as whole,
        zipfile.ZipFile(path, "w") as cut,
    ):
        for name in whole.namelist():
            data = whole.read(name)
            cut.writestr(name, data[: len(data) // 2] if name.endswith("sheet1.bin") else data)
    with pytest.raises(Unreadable, match=r"^[^\n]+。$"):
        read(path)
