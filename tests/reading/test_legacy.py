from __future__ import annotations

import datetime
import shutil
import subprocess
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest

from app.reading import legacy
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
def test_ods_values_stand_where_they_stood(made: Path) -> None:
    sheets = grids(read(made / "a.ods"))
    grid = sheets["公开01表"]
    assert list(sheets) == ["公开01表", "隐藏"] and sheets["隐藏"].hidden
    assert grid.text(0, 0) == "收入支出决算总表"
    values = {(c.row, c.column): c.value for c in grid.cells()}
    assert values[2, 1] == Decimal("1234.5") and values[3, 1] == Decimal("5010.41873")
    assert values[2, 4] == Decimal("0.3") and values[7, 2] == Decimal("6244.91873")
    assert values[6, 2] == "2022-12-31" and values[8, 3] == " 12.30 "


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


def test_used_rectangle_of_a_binary_sheet() -> None:
    """BrtBeginSheet (129), then BrtWsDim (148, 16 bytes): A1 to XFD1048576."""
    head = bytes([0x81, 0x01, 0]) + bytes([0x94, 0x01, 16])
    for number in (0, 1048575, 0, 16383):
        head += number.to_bytes(4, "little")
    assert legacy._dimension(head + bytes(9)) == (1048576, 16384)
    assert legacy._dimension(b"") == (0, 0)
