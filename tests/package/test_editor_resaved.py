"""She corrects inside the annotated file, saves it with another program, and drops it again."""

from __future__ import annotations

import functools
import io
import re
import shutil
import subprocess
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest

from app.package import notes
from app.package.book import Workbook
from app.package.container import Package
from app.package.editor import annotate, clean, is_annotated, strip
from app.writing.model import Mark, SheetCell, SheetModel
from tests.package import awkward
from tests.package.awkward import FIRST, zipped

OFFICE = shutil.which("soffice")
MARKS = [
    Mark(FIRST, "B2", "error", "第2行 印 2.25，应为 3.25"),
    Mark(FIRST, "B3", "warning", "第3行"),
    Mark(FIRST, "C7", "error", "第7行"),
    Mark(FIRST, "F4", "filled", "占比", Decimal("0.5"), "=B4/C4", "0.00%"),
]
SHEETS = [SheetModel("校核结果", [[SheetCell("标题")], [SheetCell(FIRST, link=f"'{FIRST}'!B2")]], filter=(0, 0, 1, 0))]


def office(kind: str, folder: Path, *files: Path) -> None:
    """Converts with LibreOffice; its own profile, so a running one does not matter."""
    assert OFFICE
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    out = folder / kind
    command = [OFFICE, profile, "--headless", "--convert-to", kind, "--outdir", str(out), *map(str, files)]
    subprocess.run(command, check=True, capture_output=True, timeout=120)


@functools.cache
def _package() -> bytes:
    return zipped(awkward.plain_openpyxl())


@pytest.fixture
def annotated(tmp_path: Path) -> Path:
    (tmp_path / "in.xlsx").write_bytes(_package())
    annotate(tmp_path / "in.xlsx", tmp_path / "out.xlsx", MARKS, SHEETS)
    return tmp_path / "out.xlsx"


def _resaved(path: Path, change: object = None) -> Path:
    """Loaded, changed and saved by openpyxl: styles renumbered, our own part dropped."""
    book = openpyxl.load_workbook(path)
    if callable(change):
        change(book)
    target = path.with_name("resaved.xlsx")
    book.save(target)
    return target


def _correct(book: openpyxl.Workbook) -> None:
    book[FIRST]["B2"] = 3.25


def _resaved_by_office(path: Path) -> Path:
    office("xlsx", path.parent, _resaved(path, _correct))
    return path.parent / "xlsx" / "resaved.xlsx"


def _color(book: openpyxl.Workbook, cell: str) -> tuple[object, object]:
    found = book[FIRST][cell]
    fill = found.fill.fgColor.rgb[-6:] if found.fill.fill_type else None
    return fill, found.font.color.rgb[-6:] if found.font.color and isinstance(found.font.color.rgb, str) else None


RESAVE = [
    pytest.param(lambda p: _resaved(p, _correct), id="openpyxl"),
    pytest.param(_resaved_by_office, id="office", marks=pytest.mark.skipif(not OFFICE, reason="no LibreOffice here")),
]


@pytest.mark.parametrize("resave", RESAVE)
def test_correction_stays_and_marks_go(annotated: Path, resave: object) -> None:
    saved = resave(annotated)  # type: ignore[operator]
    out = annotated.with_name("again.xlsx")
    annotate(saved, out, MARKS[1:], SHEETS)
    book = openpyxl.load_workbook(out)
    assert book.sheetnames == [FIRST, "公开02表", "校核结果", "_juesuan"]
    assert book[FIRST]["B2"].value == 3.25
    assert _color(book, "B2") == ("FFFF00", "0000FF") and book[FIRST]["B2"].font.b
    assert book[FIRST]["B2"].comment is None
    assert _color(book, "B3")[0] == "FFEB9C"
    text = book[FIRST]["B3"].comment.text
    assert text.startswith("她的批注") and text.count("第3行") == 1
    assert (book[FIRST]["F4"].value, book[FIRST]["F4"].number_format) == ("=B4/C4", "0.00%")
    assert len(book["校核结果"]["A"]) == 2


@pytest.mark.skipif(not OFFICE, reason="no LibreOffice here")
def test_theme_colours_survive_the_loss_of_the_theme(tmp_path: Path) -> None:
    book = openpyxl.load_workbook(io.BytesIO(_package()))
    color = openpyxl.styles.colors.Color(theme=4, tint=0.5999938962981048)  # 蓝色，着色 1，浅色 60%
    book[FIRST]["C7"].fill = openpyxl.styles.PatternFill("solid", fgColor=color)
    book.save(tmp_path / "in.xlsx")
    annotate(tmp_path / "in.xlsx", tmp_path / "out.xlsx", MARKS, SHEETS)
    office("xlsx", tmp_path, tmp_path / "out.xlsx")
    assert clean(tmp_path / "xlsx" / "out.xlsx", tmp_path / "clean.xlsx")
    assert _color(openpyxl.load_workbook(tmp_path / "clean.xlsx"), "C7")[0] == "B9CDE5"


@pytest.mark.parametrize("resave", RESAVE)
def test_clean_leaves_nothing_of_ours(annotated: Path, resave: object) -> None:
    saved = resave(annotated)  # type: ignore[operator]
    out = annotated.with_name("clean.xlsx")
    assert clean(saved, out)
    package = Package.open(out)
    assert not is_annotated(package)
    everything = b"".join(package.read(n) for n in package.names if n.startswith("xl/") and "styles" not in n)
    for word in (notes.AUTHOR, "_juesuan", "_FilterDatabase"):
        assert word.encode() not in everything
    book = openpyxl.load_workbook(out)
    assert book.sheetnames == [FIRST, "公开02表"]
    assert book[FIRST]["F4"].value is None and book[FIRST]["F4"].number_format == "General"
    assert book[FIRST]["B3"].comment.text == "她的批注"
    assert [c.coordinate for r in book[FIRST].iter_rows() for c in r if c.comment] == ["B3"]
    for cell in ("B3", "C7", "F4"):
        assert _color(book, cell)[0] is None, cell


def test_again_and_again_neither_doubles_nor_grows(annotated: Path) -> None:
    sizes, names = [], []
    for turn in range(4):
        saved = _resaved(annotated)
        annotated = annotated.with_name(f"turn{turn}.xlsx")
        annotate(saved, annotated, MARKS, SHEETS)
        package = Package.open(annotated)
        sizes.append(sum(package.size(n) for n in package.names))
        names.append(sorted(package.names))
    assert names[1] == names[3]
    assert sizes[1] == sizes[3]


def test_shared_strings_of_hers_stay_while_ours_are_emptied(annotated: Path) -> None:
    """As Excel saves: our inline strings have become shared ones, beside hers."""
    parts = awkward.unzipped(annotated)
    book = Workbook(Package.open(annotated))
    ours = next(s.part for s in book.sheets if s.name == "校核结果")
    space = f'xmlns="{awkward.MAIN}"'
    rows = '<row r="1"><c r="A1" t="s"><v>{}</v></c><c r="B1"><v>{}</v></c></row>'
    parts[ours] = f"<worksheet {space}><sheetData>{rows.format(1, 0)}</sheetData></worksheet>".encode()
    parts["xl/worksheets/sheet2.xml"] = (
        f"<worksheet {space}><sheetData>{rows.format(0, 1)}</sheetData></worksheet>".encode()
    )
    parts["xl/sharedStrings.xml"] = f"<sst {space}><si><t>她的</t></si><si><t>我们的</t></si></sst>".encode()
    name = "xl/_rels/workbook.xml.rels"
    relation = (
        f'<Relationship Id="rId99" Type="{awkward.REL}/sharedStrings" Target="/xl/sharedStrings.xml"/></Relationships>'
    )
    parts[name] = parts[name].replace(b"</Relationships>", relation.encode())
    annotated.write_bytes(zipped(parts))
    package = Package.open(annotated)
    strip(package)
    after = package.read("xl/sharedStrings.xml").decode()
    assert after == f"<sst {space}><si><t>她的</t></si><si><t></t></si></sst>"


def test_a_renamed_sheet_is_still_ours(annotated: Path) -> None:
    def rename(book: openpyxl.Workbook) -> None:
        book["校核结果"].title = "结果"
        book["_juesuan"]["B2"] = "='结果'!A1"  # as Excel does by itself

    annotate(_resaved(annotated, rename), annotated.with_name("b.xlsx"), MARKS, SHEETS)
    assert openpyxl.load_workbook(annotated.with_name("b.xlsx")).sheetnames == [
        FIRST, "公开02表", "校核结果", "_juesuan",
    ]  # fmt: skip


def test_rows_she_inserted_move_the_marks(annotated: Path) -> None:
    def insert(book: openpyxl.Workbook) -> None:
        """What Excel does on inserting a row above row 7: cells, notes and references move."""
        sheet = book[FIRST]
        sheet.move_range("A7:D9", rows=1)
        for row in book["_juesuan"].iter_rows(min_col=2, max_col=2):
            for cell in row:
                cell.value = re.sub(r"(?<=!)C7$", "C8", str(cell.value)) if cell.value else None

    saved = _resaved(annotated, insert)
    assert _color(openpyxl.load_workbook(saved), "C8")[0] == "FFC7CE"
    clean(saved, annotated.with_name("clean.xlsx"))
    book = openpyxl.load_workbook(annotated.with_name("clean.xlsx"))
    assert _color(book, "C8")[0] is None
    assert book[FIRST]["C8"].value == 21.25


def test_a_colour_she_chose_stays(annotated: Path) -> None:
    def paint(book: openpyxl.Workbook) -> None:
        book[FIRST]["C7"].fill = openpyxl.styles.PatternFill("solid", "00FF00")

    clean(_resaved(annotated, paint), annotated.with_name("clean.xlsx"))
    assert _color(openpyxl.load_workbook(annotated.with_name("clean.xlsx")), "C7")[0] == "00FF00"


def test_a_value_she_typed_over_a_fill_stays(annotated: Path) -> None:
    def type_over(book: openpyxl.Workbook) -> None:
        book[FIRST]["F4"] = 0.75

    clean(_resaved(annotated, type_over), annotated.with_name("clean.xlsx"))
    book = openpyxl.load_workbook(annotated.with_name("clean.xlsx"))
    assert book[FIRST]["F4"].value == 0.75
    assert _color(book, "F4")[0] is None


def test_what_she_wrote_into_our_note_stays(annotated: Path) -> None:
    def write(book: openpyxl.Workbook) -> None:
        comment = book[FIRST]["C7"].comment
        comment.text += "\n已问过预算处"

    clean(_resaved(annotated, write), annotated.with_name("clean.xlsx"))
    comment = openpyxl.load_workbook(annotated.with_name("clean.xlsx"))[FIRST]["C7"].comment
    assert comment.text.strip() == "已问过预算处"


def test_without_our_hidden_sheet_the_notes_still_lead_to_the_marks(annotated: Path) -> None:
    def lose(book: openpyxl.Workbook) -> None:
        del book["_juesuan"]

    clean(_resaved(annotated, lose), annotated.with_name("clean.xlsx"))
    book = openpyxl.load_workbook(annotated.with_name("clean.xlsx"))
    assert _color(book, "C7")[0] is None
    assert book[FIRST]["C7"].comment is None


def test_a_calculation_chain_is_dropped_with_our_formulas(tmp_path: Path) -> None:
    (tmp_path / "in.xlsx").write_bytes(zipped(awkward.base()))
    annotate(tmp_path / "in.xlsx", tmp_path / "out.xlsx", MARKS, SHEETS)
    parts = awkward.unzipped(tmp_path / "out.xlsx")
    parts["xl/worksheets/sheet2.xml"] = parts["xl/worksheets/sheet2.xml"].replace(b"7", b"8")
    parts["xl/worksheets/sheet1.xml"] = parts["xl/worksheets/sheet1.xml"].replace(b"100", b"101")
    (tmp_path / "edited.xlsx").write_bytes(zipped(parts))
    package = Package.open(tmp_path / "edited.xlsx")
    strip(package)
    assert not package.has("xl/calcChain.xml")
    assert b"calcChain" not in package.read("xl/_rels/workbook.xml.rels") + package.read("[Content_Types].xml")
    assert b"<v>101</v>" in package.read("xl/worksheets/sheet1.xml")


@pytest.mark.skipif(not OFFICE, reason="no LibreOffice here")
def test_office_prints_every_annotated_file(tmp_path: Path) -> None:
    files = []
    for name, build in awkward.ALL.items():
        source, target = tmp_path / f"{name}.xlsx", tmp_path / "out" / f"{name}.xlsx"
        target.parent.mkdir(exist_ok=True)
        source.write_bytes(zipped(build()))
        annotate(source, target, MARKS, SHEETS)
        files.append(target)
    office("pdf", tmp_path, *files)
    assert {p.stem for p in (tmp_path / "pdf").glob("*.pdf")} == set(awkward.ALL)
