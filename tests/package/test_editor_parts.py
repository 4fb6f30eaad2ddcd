"""The pieces of the editor: offsets and splices, rows and cells, notes, record."""

from __future__ import annotations

import base64
import json
import zlib
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.package import ledger, notes
from app.package.cells import CellEdit, SheetMap, box
from app.package.container import Package
from app.package.editor import annotate, is_annotated, strip
from app.package.markup import Damaged
from app.package.newsheet import string
from app.package.styles import Look, StyleBook
from app.package.xmlbytes import Splice, splice, tree, utf8, with_attributes
from app.writing.model import Mark, SheetCell, SheetModel
from tests.package import awkward
from tests.package.awkward import FIRST, MAIN, SECOND, unzipped, zipped

HEAD = f'<worksheet xmlns="{MAIN}">'


def _edited(rows: str, edits: dict[tuple[int, int], CellEdit]) -> str:
    data = f"{HEAD}<sheetData>{rows}</sheetData></worksheet>".encode()
    sheet = SheetMap(data)
    after = splice(data, sheet.edited(edits))[0]
    tree(after)
    return after.decode().removeprefix(f"{HEAD}<sheetData>").removesuffix("</sheetData></worksheet>")


def _styled(index: int) -> CellEdit:
    return CellEdit(lambda _: index)


# -- bytes ----------------------------------------------------------------------------------------


@given(st.binary(max_size=40), st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40), st.binary(max_size=6))))
def test_undo_of_a_splice_is_the_original(data: bytes, wanted: list[tuple[int, int, bytes]]) -> None:
    changes, at = [], 0
    for start, length, new in sorted(wanted):
        start = max(start, at)
        end = min(start + length, len(data))
        if start <= len(data) and end >= start:
            changes.append(Splice(start, end, new))
            at = end
    after, undo = splice(data, changes)
    assert splice(after, undo)[0] == data


def test_overlapping_changes_are_refused() -> None:
    with pytest.raises(ValueError, match="overlapping"):
        splice(b"abcdef", [Splice(0, 3, b""), Splice(2, 4, b"")])


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gbk"])
def test_any_encoding_becomes_utf8(encoding: str) -> None:
    text = f'<?xml version="1.0" encoding="{encoding.removesuffix("-sig")}"?><a>表</a>'
    assert tree(utf8(text.encode(encoding)), text=True).text == "表"


def test_offsets_hold_with_tricky_attributes() -> None:
    root = tree("<r><!-- <c/> --><c a='>' b=\"/>\"/><c>表</c ></r>".encode())
    assert [c.raw for c in root.children] == [b"<c a='>' b=\"/>\"/>", "<c>表</c >".encode()]
    assert with_attributes(root.children[0].opening, a=None, d="<1>") == b'<c b="/>" d="&lt;1&gt;"/>'


@pytest.mark.parametrize("data", [b"", b"<a>", b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', b"no xml"])
def test_what_is_no_xml_is_damaged(data: bytes) -> None:
    with pytest.raises(Damaged):
        tree(data)


# -- rows and cells -------------------------------------------------------------------------------


def test_implied_references_are_spelled_out_where_a_cell_comes_in() -> None:
    after = _edited('<row><c t="b"><v>1</v></c><c/></row><row/>', {(0, 5): _styled(3), (1, 2): _styled(4)})
    assert after == (
        '<row r="1"><c t="b" r="A1"><v>1</v></c><c r="B1"/><c r="F1" s="3"/></row>'
        '<row r="2"><c r="C2" s="4"/></row>'
    )  # fmt: skip


def test_a_row_whose_cells_are_all_there_keeps_its_bytes() -> None:
    after = _edited('<row  spans="1:1" ><c   s="1"/><c><v>2</v></c></row>', {(0, 0): _styled(3)})
    assert after == '<row  spans="1:1" ><c s="3" r="A1"/><c><v>2</v></c></row>'


def test_several_new_cells_stand_in_order() -> None:
    after = _edited('<row r="2"><c r="C2"/></row>', {(1, c): _styled(c) for c in (5, 0, 3, 1)})
    assert after == '<row r="2"><c r="A2" s="0"/><c r="B2" s="1"/><c r="C2"/><c r="D2" s="3"/><c r="F2" s="5"/></row>'


def test_new_rows_stand_in_order() -> None:
    after = _edited('<row r="2"/><row r="5"/>', {(r, 0): _styled(r) for r in (9, 0, 3, 2)})
    assert [n.attrs["r"] for n in tree(f"<a>{after}</a>".encode()).children] == ["1", "2", "3", "4", "5", "10"]


def test_fills_and_emptied_cells() -> None:
    fill = CellEdit(lambda s: s, True, "A1&B1", "x<y")
    after = _edited('<row r="1"><c r="A1" t="s"/><c r="B1" s="2" t="str"><f>1</f><v>1</v></c></row>', {
        (0, 0): fill, (0, 1): CellEdit(lambda s: s + 1, empty=True),
    })  # fmt: skip
    assert after == ('<row r="1"><c r="A1" s="0"><f>A1&amp;B1</f><v>x&lt;y</v></c><c r="B1" s="3"/></row>')


@settings(max_examples=60, deadline=None)
@given(
    st.sets(st.tuples(st.integers(0, 6), st.integers(0, 6))),
    st.sets(st.tuples(st.integers(0, 8), st.integers(0, 8)), min_size=1),
)
def test_edits_change_the_wanted_cells_only(there: set[tuple[int, int]], wanted: set[tuple[int, int]]) -> None:
    rows = ""
    for number in sorted({r for r, _ in there}):
        cells = "".join(
            f'<c r="{chr(65 + c)}{number + 1}" s="1"><v>{c}</v></c>' for r, c in sorted(there) if r == number
        )
        rows += f'<row r="{number + 1}">{cells}</row>'
    after = SheetMap(
        f"{HEAD}<sheetData>{_edited(rows, {w: _styled(9) for w in wanted})}</sheetData></worksheet>".encode()
    )
    assert list(after.numbers) == sorted({r + 1 for r, _ in there | wanted})
    for row in range(9):
        for column in range(9):
            view = after.view(row, column)
            assert view.there == ((row, column) in there | wanted)
            assert view.value == (str(column) if (row, column) in there else "")
            assert view.style == (9 if (row, column) in wanted else 1 if (row, column) in there else 0)


@pytest.mark.parametrize(
    "text", ["", "[]", '["x", null, ""]', '[["a b", {}, []], null, ""]', '[["fill", {}, [1]], null, ""]']
)
def test_a_look_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        Look.from_json(text)


def test_ranges() -> None:
    assert box("$A$1:C3") == (0, 0, 2, 2)
    assert box("B2") == (1, 1, 1, 1)
    assert box("A:C") is None


# -- styles, notes, sheets ------------------------------------------------------------------------


def test_a_format_that_is_there_is_used_again() -> None:
    first = StyleBook(awkward.STYLES)
    made = first.marked(2, "FFC7CE", "9C0006")
    again = StyleBook(splice(first.data, first.splices())[0])
    assert again.marked(2, "FFC7CE", "9C0006") == made
    assert again.splices() == []


def test_restoring_a_look_finds_the_old_format() -> None:
    book = StyleBook(awkward.STYLES)
    marked = book.marked(1, "FFC7CE", "9C0006", "0.00%")
    assert book.restored(marked, book.look(1), "9C0006", number_format=True) == 1


def test_underscore_escapes_in_text_are_not_read_as_such() -> None:
    assert "_x005F_x0041_" in string("_x0041_")
    assert string("a\x00\x0b<") == '<t xml:space="preserve">a&lt;</t>'


def test_a_note_taken_out_leaves_hers_as_it_was() -> None:
    hers = (
        f'<comments xmlns="{MAIN}"><authors><author>张</author></authors><commentList><comment ref="A1" authorId="0">'
        '<text><r><rPr><b/></rPr><t>张:</t></r><r><t xml:space="preserve">\n好</t></r></text></comment></commentList></comments>'
    ).encode()
    changes, fresh = notes.added(hers, {"A1": "错\n了", "B1": "也错"})
    assert fresh == ["B1"]
    after = notes.stripped(splice(hers, changes)[0])
    assert (after.gone, after.ours, after.left) == ({"B1": "也错"}, {"A1": "错\n了", "B1": "也错"}, 1)
    assert '<r><rPr><b/></rPr><t>张:</t></r><r><t xml:space="preserve">\n好</t></r></text>'.encode() in after.data
    assert notes.AUTHOR.encode() not in after.data


@pytest.mark.parametrize("inside", ["", "<authors/>", "<commentList/>", "<authors/><commentList/>"])
def test_a_comments_part_may_lack_anything(inside: str) -> None:
    for data in {f"<comments>{inside}</comments>", f"<comments>{inside}</comments>" if inside else "<comments/>"}:
        after = splice(data.encode(), notes.added(data.encode(), {"A1": "错"})[0])[0]
        root = tree(after, text=True)
        assert [n.local for n in root.children] == ["authors", "commentList"]
        assert notes.stripped(after).gone == {"A1": "错"}


def test_only_our_boxes_leave_a_drawing() -> None:
    before = awkward.VML.format(inner="<br>").encode()
    after = splice(before, notes.drawn(before, [notes.Box(4, 2, (1,) * 8)]))[0]
    assert notes.undrawn(after, ["C5"]) == (before, True)
    assert notes.undrawn(after, ["C5", "B2"])[1] is False


def test_her_own_words_about_the_program_are_not_ours(tmp_path: Path) -> None:
    parts = awkward.notes()
    parts["xl/comments1.xml"] = parts["xl/comments1.xml"].replace("与预算处".encode(), "用决算公开校核".encode())
    path = tmp_path / "in.xlsx"
    path.write_bytes(zipped(parts))
    assert not is_annotated(Package.open(path))


def test_nothing_is_filled_in_a_pivot_table(tmp_path: Path) -> None:
    parts = awkward.base()
    name = "xl/worksheets/_rels/sheet1.xml.rels"
    kind = awkward.REL + "/pivotTable"
    relation = f'<Relationship Id="rId8" Type="{kind}" Target="../pivotTables/pivotTable1.xml"/></Relationships>'
    parts[name] = parts[name].replace(b"</Relationships>", relation.encode())
    parts["xl/pivotTables/pivotTable1.xml"] = (
        f'<pivotTableDefinition xmlns="{MAIN}"><location ref="H1:J9"/></pivotTableDefinition>'.encode()
    )
    (tmp_path / "in.xlsx").write_bytes(zipped(parts))
    marks = [Mark(FIRST, c, "filled", "", Decimal(1)) for c in ("H9", "K9")]
    done = annotate(tmp_path / "in.xlsx", tmp_path / "out.xlsx", marks, [])
    assert (done.filled, [s.cell for s in done.skipped]) == (1, ["H9"])


# -- the record -----------------------------------------------------------------------------------


@pytest.fixture
def annotated(tmp_path: Path) -> Path:
    (tmp_path / "in.xlsx").write_bytes(zipped(awkward.base()))
    marks = [Mark(FIRST, "B2", "error", "错"), Mark(SECOND, "A2", "warning", "行没有编号")]
    annotate(tmp_path / "in.xlsx", tmp_path / "out.xlsx", marks, [SheetModel("校核结果", [[SheetCell("标题")]])])
    return tmp_path / "out.xlsx"


def test_a_stale_record_is_not_trusted(annotated: Path, tmp_path: Path) -> None:
    """Excel keeps our part through a save, while everything it speaks of has changed."""
    parts = unzipped(annotated)
    parts["xl/worksheets/sheet1.xml"] = parts["xl/worksheets/sheet1.xml"].replace(b"1236.24", b"1272.19")
    (tmp_path / "saved.xlsx").write_bytes(zipped(parts))
    package = Package.open(tmp_path / "saved.xlsx")
    assert not ledger.take_back(package)
    strip(package)
    assert not is_annotated(package)
    assert sorted(package.names) == sorted(n for n in awkward.base() if "calcChain" not in n)
    assert b"1272.19" in package.read("xl/worksheets/sheet1.xml")
    sheet = SheetMap(package.read("xl/worksheets/sheet1.xml"))
    assert sheet.view(1, 1).style == 2 and sheet.element("legacyDrawing") is None
    workbook = package.read("xl/workbook.xml")
    assert "校核结果".encode() not in workbook and b"_juesuan" not in workbook and b"Print_Area" in workbook


def _forged(facts: object) -> bytes:
    body = base64.b64encode(zlib.compress(json.dumps(facts).encode())).decode()
    return f"{ledger._HEAD}{body}{ledger._FOOT}".encode()


@pytest.mark.parametrize("data", [
    b"", f'<record xmlns="{ledger.NAMESPACE}"/>'.encode(), f"{ledger._HEAD}?{ledger._FOOT}".encode(),
    _forged(["parts", "added"]), _forged({"parts": [], "added": 1}), _forged({"parts": {"x": []}, "added": {}}),
    _forged({"parts": {}, "added": {"xl/nothing.xml": ""}}),
])  # fmt: skip
def test_a_broken_record_does_not_stop_us(annotated: Path, tmp_path: Path, data: bytes) -> None:
    parts = unzipped(annotated)
    parts["customXml/item1.xml"] = data
    (tmp_path / "saved.xlsx").write_bytes(zipped(parts))
    package = Package.open(tmp_path / "saved.xlsx")
    assert not ledger.take_back(package)
    strip(package)
    assert "校核结果".encode() not in package.read("xl/workbook.xml")
