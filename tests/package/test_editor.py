"""Laws of marking in place, on every awkward workbook."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest

from app.package import notes
from app.package.book import Workbook
from app.package.cells import SheetMap, position
from app.package.container import Package
from app.package.editor import annotate, clean, is_annotated, strip
from app.package.styles import StyleBook
from app.reading.errors import Unreadable
from app.writing.model import MARKS, Mark, SheetCell, SheetModel, Style
from tests.package import awkward
from tests.package.awkward import FIRST, SECOND, Parts, unzipped, zipped

MARKED = [
    Mark(FIRST, "B2", "error", "第2行 印 1236.24，应为 1272.19"),
    Mark(FIRST, "C1", "warning", "合并单元格"),
    Mark(FIRST, "F3", "info", "行样式"),
    Mark(FIRST, "G40", "rounding", "列样式，新行"),
    Mark(FIRST, "B4", "error", "中间的新行"),
    Mark(FIRST, "B5", "filled", "", Decimal("0.0521"), "=B2/B3", "0.00%"),
]


def result() -> SheetModel:
    """A sheet of ours with everything a model can ask for."""
    head = Style(fill="1F6FB2", color="FFFFFF", bold=True, align="center", border=True, wrap=True)
    rows: list[list[SheetCell | None]] = [
        [SheetCell("校核结果", Style(size=16, bold=True)), None],
        [SheetCell("表", head), SheetCell("差额", head), SheetCell("说明", head)],
        [SheetCell(FIRST, link=f"'{FIRST}'!B2"), SheetCell(Decimal("-35.95"), Style(number_format="#,##0.00"))],
        [SheetCell("=HYPERLINK(1)", note="说明"), SheetCell(3), SheetCell("<&>\n二")],
    ]
    return SheetModel(
        "校核结果", rows, {0: 14, 2: 60.5}, {1: 30}, [(0, 0, 0, 2)], (2, 0), (1, 0, 3, 2), repeat_rows=(1, 1),
        footer="第 &P 页", tab_color="1F6FB2",
    )  # fmt: skip


@pytest.fixture(params=awkward.ALL)
def parts(request: pytest.FixtureRequest) -> Parts:
    return awkward.ALL[request.param]()


@pytest.fixture
def book(tmp_path: Path, parts: Parts) -> Path:
    return _saved(tmp_path, parts)


def _saved(folder: Path, parts: Parts, name: str = "in.xlsx") -> Path:
    path = folder / name
    path.write_bytes(zipped(parts))
    return path


def _annotated(path: Path, name: str = "out.xlsx", marks: list[Mark] | None = None) -> Path:
    out = path.with_name(name)
    annotate(path, out, MARKED if marks is None else marks, [result()])
    return out


def _look(path: Path, sheet: str, cell: str) -> tuple[StyleBook, int]:
    package = Package.open(path)
    book = Workbook(package)
    part = next(s.part for s in book.sheets if s.name == sheet)
    styles = next(r.target for r in package.relations(book.part) if r.kind == "styles")
    return StyleBook(package.read(styles)), SheetMap(package.read(part)).view(*position(cell)).style


def _has(path: Path, cell: str, style: str) -> bool:
    styles, index = _look(path, FIRST, cell)
    return styles.has_mark(index, MARKS[style][0])


def test_untouched_parts_keep_every_byte(book: Path, parts: Parts) -> None:
    after = unzipped(_annotated(book))
    sheet = next(s.part for s in Workbook(Package.open(book)).sheets if s.name == FIRST)
    may_change = (
        "[content_types]",
        "workbook.xml",
        "styles",
        sheet.lower(),
        "sheet1.xml.rels",
        "comments",
        "vmldrawing",
    )
    kept = [n for n in parts if not any(word in n.lower() for word in may_change)]
    assert len(kept) >= 3
    assert {n: after[n] for n in kept} == {n: parts[n] for n in kept}


def test_the_marked_sheet_differs_only_where_marked(tmp_path: Path) -> None:
    before = awkward.base()["xl/worksheets/sheet1.xml"]
    after = unzipped(_annotated(_saved(tmp_path, awkward.base())))["xl/worksheets/sheet1.xml"]
    row = b'<row r="9"><c r="A9" t="b"><v>1</v></c></row>'
    assert row in before and row in after
    tail = before[before.index(b"<sheetProtection") : before.index(b"</worksheet>")]
    assert tail in after
    assert after.index(b'<row r="4">') < after.index(b'<row r="5"') < after.index(b'<row r="40">')
    assert b'<dimension ref="A1:G40"/>' in after and b'spans="1:6"' in after


def test_marks_are_there(book: Path) -> None:
    out = _annotated(book)
    assert _has(out, "B2", "error")
    assert _has(out, "B4", "error")
    assert _has(out, "F3", "info")
    assert _has(out, "G40", "rounding")


def test_clean_gives_the_original_back_to_the_byte(book: Path, parts: Parts) -> None:
    out = _annotated(book)
    back = book.with_name("back.xlsx")
    assert clean(out, back)
    assert unzipped(back) == parts
    assert not clean(back, book.with_name("none.xlsx"))
    assert not book.with_name("none.xlsx").exists()


def test_annotating_twice_is_annotating_once(book: Path) -> None:
    once = _annotated(book)
    twice = _annotated(once, "twice.xlsx")
    assert twice.read_bytes() == once.read_bytes()


def test_source_is_only_read(book: Path) -> None:
    before = book.read_bytes()
    _annotated(book)
    assert book.read_bytes() == before


def test_strip_in_memory(book: Path, parts: Parts) -> None:
    package = Package.open(_annotated(book))
    assert is_annotated(package)
    strip(package)
    assert not is_annotated(package)
    assert {n: package.read(n) for n in package.names} == parts


@pytest.mark.filterwarnings("ignore")
def test_openpyxl_reads_the_same_values_and_formulas(book: Path, request: pytest.FixtureRequest) -> None:
    if any(word in request.node.name for word in ("strict", "odd_names")):
        pytest.skip("openpyxl reads neither strict workbooks nor part names that differ in case")
    out = _annotated(book)
    if any(word in request.node.name for word in ("dangling", "no_styles")):
        assert openpyxl.load_workbook(out).sheetnames[:2] == [FIRST, SECOND]  # it cannot load the input
        return
    for data_only in (False, True):
        old, new = (openpyxl.load_workbook(p, data_only=data_only) for p in (book, out))
        assert new.sheetnames[: len(old.sheetnames)] == old.sheetnames
        assert old.active.title == new.active.title
        for sheet in old.worksheets:
            for row in sheet.iter_rows():
                for cell in row:
                    if (sheet.title, cell.coordinate) != (FIRST, "B5") or cell.value is not None:
                        assert str(new[sheet.title][cell.coordinate].value) == str(cell.value) or _array(cell.value)


def _array(value: object) -> bool:
    return type(value).__name__ == "ArrayFormula"


# -- styles ---------------------------------------------------------------------------------------


def test_a_mark_changes_fill_and_font_colour_only(tmp_path: Path) -> None:
    styles, index = _look(_annotated(_saved(tmp_path, awkward.base())), FIRST, "B2")
    xf = styles.node("cellXfs", index)
    assert (xf.attrs["numFmtId"], xf.attrs["borderId"], xf.attrs["xfId"]) == ("176", "1", "0")
    assert b'<alignment horizontal="right"/><protection locked="0"/>' in xf.raw
    font = styles.node("fonts", int(xf.attrs["fontId"])).raw
    name = '<name val="宋体"/><charset val="134"/>'
    assert font.decode() == f'<font><sz val="11"/><color rgb="FF9C0006"/>{name}</font>'


def test_new_cells_inherit_row_and_column_style(tmp_path: Path) -> None:
    out = _annotated(_saved(tmp_path, awkward.base()))
    for cell in ("F3", "G40"):
        styles, index = _look(out, FIRST, cell)
        assert styles.node("cellXfs", index).attrs["numFmtId"] == "176"


def test_same_look_shares_one_format(tmp_path: Path) -> None:
    path = _saved(tmp_path, awkward.plain_openpyxl())
    marks = [Mark(FIRST, f"C{r}", "error", "") for r in range(1, 9)]
    out = _annotated(path, marks=marks)
    assert len({_look(out, FIRST, m.cell)[1] for m in marks}) == 1


def test_dangling_styles_stay_plain(tmp_path: Path) -> None:
    out = _annotated(_saved(tmp_path, awkward.dangling()))
    styles, index = _look(out, FIRST, "C2")
    assert index == 11
    assert styles.node("cellXfs", 11).raw == styles.node("cellXfs", 0).raw


def test_dxfs_and_extensions_stay(tmp_path: Path) -> None:
    after = unzipped(_annotated(_saved(tmp_path, awkward.base())))["xl/styles.xml"]
    assert awkward.STYLES[awkward.STYLES.index(b"<dxfs") :] in after
    root = StyleBook(after).root
    for kind in ("fonts", "fills", "borders", "cellXfs"):
        section = root.find(kind)
        assert section is not None and int(section.attrs["count"]) == len(section.children)


# -- fills ----------------------------------------------------------------------------------------


def test_fill_writes_value_and_formula(tmp_path: Path) -> None:
    out = _annotated(_saved(tmp_path, awkward.base()))
    cell = openpyxl.load_workbook(out)[FIRST]["B5"]
    assert (cell.value, cell.number_format, cell.alignment.horizontal) == ("=B2/B3", "0.00%", "right")
    assert openpyxl.load_workbook(out, data_only=True)[FIRST]["B5"].value == 0.0521
    assert b'fullCalcOnLoad="1"' in unzipped(out)["xl/workbook.xml"]


@pytest.mark.parametrize("cell", ["B2", "D3", "C6", "C5"])
def test_nothing_is_filled_over_content_or_arrays(tmp_path: Path, cell: str) -> None:
    path = _saved(tmp_path, awkward.base())
    done = annotate(path, tmp_path / "out.xlsx", [Mark(FIRST, cell, "filled", "", Decimal(1))], [])
    assert [(s.sheet, s.cell) for s in done.skipped] == [(FIRST, cell)]
    assert done.filled == 0
    assert unzipped(tmp_path / "out.xlsx")["xl/worksheets/sheet1.xml"] == awkward.SHEET


def test_nothing_is_filled_in_a_table(tmp_path: Path) -> None:
    path = _saved(tmp_path, awkward.rich())
    done = annotate(path, tmp_path / "out.xlsx", [Mark(SECOND, "B3", "filled", "", Decimal(1))], [])
    assert (done.filled, len(done.skipped)) == (0, 1)


# -- notes ----------------------------------------------------------------------------------------


def test_our_text_follows_her_note(tmp_path: Path) -> None:
    out = _annotated(_saved(tmp_path, awkward.notes()))
    sheet = openpyxl.load_workbook(out)[FIRST]
    text = sheet["B2"].comment.text
    assert text.startswith("与预算处核对过\n") and "应为 1272.19" in text and notes.OPEN in text
    assert sheet["B2"].comment.author == "张会计"
    assert sheet["B4"].comment.author == notes.AUTHOR
    assert sheet["A1"].comment.text == notes.HEADER + "\n合并单元格"
    drawing = unzipped(out)["xl/drawings/vmlDrawing1.vml"]
    assert drawing.count(b"<v:shape ") == 5  # hers and four of ours, none twice
    assert b'id="_x0000_s3074"' in drawing


def test_ill_formed_drawing_gets_our_boxes(tmp_path: Path) -> None:
    drawing = unzipped(_annotated(_saved(tmp_path, awkward.ill_formed_vml())))["xl/drawings/vmlDrawing1.vml"]
    assert b"<br>b" in drawing and drawing.endswith(b"</v:shape></xml>")


def test_threaded_cells_get_no_note(tmp_path: Path) -> None:
    path = _saved(tmp_path, awkward.threaded())
    done = annotate(path, tmp_path / "out.xlsx", MARKED, [])
    assert [s.cell for s in done.skipped] == ["B2"]
    assert _has(tmp_path / "out.xlsx", "B2", "error")
    assert "应为" not in openpyxl.load_workbook(tmp_path / "out.xlsx")[FIRST]["B2"].comment.text


def test_at_most_a_thousand_notes_a_sheet(tmp_path: Path) -> None:
    path = _saved(tmp_path, awkward.base())
    marks = [Mark(FIRST, f"H{r}", "error", "错") for r in range(1, 1006)]
    done = annotate(path, tmp_path / "out.xlsx", marks, [])
    assert (done.marked, done.noted, len(done.skipped)) == (1005, 1000, 5)


def test_legacy_drawing_has_its_place(tmp_path: Path) -> None:
    parts = awkward.base()
    name = "xl/worksheets/sheet1.xml"
    parts[name] = parts[name].replace(b"</worksheet>", b'<tableParts count="0"/><extLst/></worksheet>')
    after = unzipped(_annotated(_saved(tmp_path, parts)))[name]
    assert after.index(b"<pageSetup") < after.index(b"<legacyDrawing") < after.index(b"<tableParts")


def test_drawing_named_inside_alternate_content_is_used(tmp_path: Path) -> None:
    out = unzipped(_annotated(_saved(tmp_path, awkward.controls())))
    assert out["xl/worksheets/sheet1.xml"].count(b"<legacyDrawing") == 1
    assert out["xl/drawings/vmlDrawing1.vml"].count(b"<v:shape ") == 5


# -- our sheets -----------------------------------------------------------------------------------


def test_our_sheet_looks_as_the_model_says(tmp_path: Path) -> None:
    book = openpyxl.load_workbook(_annotated(_saved(tmp_path, awkward.base())))
    sheet = book["校核结果"]
    assert sheet["A4"].value == "=HYPERLINK(1)" and sheet["A4"].data_type == "s"
    assert sheet["C4"].value == "<&>\n二"
    assert sheet["B3"].value == -35.95 and sheet["B3"].number_format == "#,##0.00"
    assert sheet["A3"].hyperlink.location == f"'{FIRST}'!B2"
    assert (sheet.freeze_panes, sheet.auto_filter.ref, sheet.print_title_rows) == ("A3", "A2:C4", "$2:$2")
    assert (sheet.page_setup.orientation, sheet.page_setup.paperSize) == ("landscape", 9)
    assert sheet.sheet_properties.pageSetUpPr.fitToPage and not sheet.sheet_view.showGridLines
    assert (sheet.column_dimensions["C"].width, sheet.row_dimensions[2].height) == (60.5, 30)
    assert sheet["A2"].fill.fgColor.rgb == "FF1F6FB2" and sheet["A2"].font.b and sheet["A2"].border.left.style == "thin"
    assert str(sheet.merged_cells) == "A1:C1" and sheet.oddFooter.center.text == "第 &P 页"
    assert sheet["A4"].comment.text.endswith("说明")
    assert book["_juesuan"].sheet_state == "veryHidden"
    assert book.active.title == SECOND


def test_a_sheet_of_hers_keeps_its_name(tmp_path: Path) -> None:
    names = openpyxl.load_workbook(_annotated(_saved(tmp_path, awkward.her_result_sheet()))).sheetnames
    assert names == [FIRST, "校核结果", "校核结果(2)", "_juesuan"]


# -- refusals -------------------------------------------------------------------------------------


def test_signed_workbooks_are_refused(tmp_path: Path) -> None:
    parts = awkward.base()
    kind = "http://schemas.openxmlformats.org/package/2006/relationships/digital-signature/origin"
    relation = f'<Relationship Id="rId7" Type="{kind}" Target="_xmlsignatures/origin.sigs"/></Relationships>'
    parts["_rels/.rels"] = parts["_rels/.rels"].replace(b"</Relationships>", relation.encode())
    with pytest.raises(Unreadable, match="数字签名"):
        annotate(_saved(tmp_path, parts), tmp_path / "out.xlsx", MARKED, [])
    assert not (tmp_path / "out.xlsx").exists()


def test_marks_for_what_is_not_there_are_said(tmp_path: Path) -> None:
    path = _saved(tmp_path, awkward.base())
    marks = [Mark("没有", "A1", "error", ""), Mark(FIRST, "ZZZ99", "error", ""), Mark(FIRST, "B2", "error", "")]
    done = annotate(path, tmp_path / "out.xlsx", marks, [])
    assert (done.marked, [s.cell for s in done.skipped]) == (1, ["A1", "ZZZ99"])
