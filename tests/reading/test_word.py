"""Word in, on documents written here element by element: what Word shows is read, nothing else."""

from __future__ import annotations

import time
import zipfile
from pathlib import Path

import pytest
from lxml import etree

from app.reading import word
from app.reading.errors import Unreadable
from app.reading.word_numbering import label_number
from app.source import Grid, Line, Place, Source, Span

NS = (
    'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
    'xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape" '
    'xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office" '
    'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math" '
    'xmlns:pic="http://schemas.openxmlformats.org/drawingml/2006/picture"'
)
RELS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"


def run(text: str, properties: str = "") -> str:
    return f'<w:r><w:rPr>{properties}</w:rPr><w:t xml:space="preserve">{text}</w:t></w:r>'


def p(*inner: str, properties: str = "") -> str:
    body = "".join(i if i.startswith("<") else run(i) for i in inner)
    return f"<w:p><w:pPr>{properties}</w:pPr>{body}</w:p>"


def tc(*inner: str, properties: str = "") -> str:
    body = "".join(i if i.startswith("<") else p(i) for i in inner) or "<w:p/>"
    return f"<w:tc><w:tcPr>{properties}</w:tcPr>{body}</w:tc>"


def tbl(*rows: str) -> str:
    return f"<w:tbl>{''.join(f'<w:tr>{r}</w:tr>' for r in rows)}</w:tbl>"


def build(path: Path, body: str, doctype: str = "", **parts: str) -> Path:
    """A .docx with this body; ``parts`` are the inner XML of footnotes, numbering, styles, comments."""
    relations = "".join(f'<Relationship Id="r{k}" Type="{RELS}/{k}" Target="{k}.xml"/>' for k in parts)
    root = f'<Relationship Id="r1" Type="{RELS}/officeDocument" Target="word/document.xml"/>'
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("_rels/.rels", f'<Relationships xmlns="{PACKAGE}">{root}</Relationships>')
        file.writestr("word/_rels/document.xml.rels", f'<Relationships xmlns="{PACKAGE}">{relations}</Relationships>')
        file.writestr("word/document.xml", f"{doctype}<w:document {NS}><w:body>{body}</w:body></w:document>")
        for kind, inner in parts.items():
            file.writestr(f"word/{kind}.xml", f"<w:{kind} {NS}>{inner}</w:{kind}>")
    return path


@pytest.fixture
def read(tmp_path: Path):  # type: ignore[no-untyped-def]
    def inner(body: str, **parts: str) -> Source:
        return word.read(build(tmp_path / "报告.docx", body, **parts))

    return inner


def texts(source: Source) -> list[str]:
    return [line.text for line in source.lines]


def field(instruction: str, result: str) -> str:
    marks = [f'<w:r><w:fldChar w:fldCharType="{k}"/></w:r>' for k in ("begin", "separate", "end")]
    return f"{marks[0]}<w:r><w:instrText>{instruction}</w:instrText></w:r>{marks[1]}{run(result)}{marks[2]}"


def test_paragraphs_and_tables_in_document_order(read) -> None:  # type: ignore[no-untyped-def]
    source = read(p("一、收支总体情况") + p() + tbl(tc("甲") + tc("1.20")) + p("完成年初预算的 98%。"))
    kinds = [(type(i).__name__, i.place if isinstance(i, Line) else None) for i in source.items]
    assert kinds == [("Line", Place(paragraph=1)), ("Grid", None), ("Line", Place(paragraph=3))]
    grid = source.grids[0]
    assert not grid.is_sheet
    assert [(c.value, c.place) for c in grid.cells()] == [
        ("甲", Place(table=1, row=1, column=1)),
        ("1.20", Place(table=1, row=1, column=2)),
    ]


def test_tracked_changes(read) -> None:  # type: ignore[no-untyped-def]
    deleted = '<w:del w:id="2"><w:r><w:delText>1,000.00</w:delText></w:r></w:del>'
    moved = f'<w:moveFrom w:id="3">{run("旧处")}</w:moveFrom><w:moveTo w:id="4">{run("新处")}</w:moveTo>'
    source = read(p("收入合计 ", f'<w:ins w:id="1">{run("1,200.00")}</w:ins>', deleted, " 万元", moved))
    assert texts(source) == ["收入合计 1,200.00 万元新处"]
    assert source.features["tracked changes"] == "4"


def test_content_controls_around_everything(read) -> None:  # type: ignore[no-untyped-def]
    def sdt(inner: str) -> str:
        return f"<w:sdt><w:sdtPr/><w:sdtContent>{inner}</w:sdtContent></w:sdt>"

    row = sdt(f"<w:tr>{tc('合计')}{sdt(tc('7.00'))}</w:tr>")
    source = read(sdt(p("部门：", sdt(run("某局")))) + f"<w:tbl>{row}</w:tbl>" + sdt(sdt(p("尾"))))
    assert texts(source) == ["部门：某局", "尾"]
    assert [line.place.paragraph for line in source.lines] == [1, 2]
    assert [c.text for c in source.grids[0].cells()] == ["合计", "7.00"]


def test_fields_links_tabs_symbols_and_hidden_text(read) -> None:  # type: ignore[no-untyped-def]
    line = p(
        field("PAGEREF _Toc1 \\h", "12"),
        f'<w:hyperlink w:anchor="a">{run("见附件")}</w:hyperlink>',
        "<w:r><w:tab/><w:t>A</w:t><w:br/><w:t>B</w:t><w:noBreakHyphen/></w:r>",
        '<w:r><w:sym w:font="Wingdings" w:char="F0FE"/></w:r>',
        run("隐藏", "<w:vanish/>"),
        f'<w:fldSimple w:instr="DATE">{run("2023")}</w:fldSimple>',
    )
    assert texts(read(line)) == ["12见附件\tA\nB-☑2023"]


def test_a_field_may_run_over_paragraphs(read) -> None:  # type: ignore[no-untyped-def]
    begin = '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText>TOC \\o "1-3"</w:instrText></w:r>'
    middle = '<w:r><w:fldChar w:fldCharType="separate"/></w:r>'
    source = read(
        p(begin) + p("仍是指令") + p(middle, "目录一") + p('<w:r><w:fldChar w:fldCharType="end"/></w:r>', "正文")
    )
    assert texts(source) == ["目录一", "正文"]


def test_text_box_once_and_after_its_paragraph(read) -> None:  # type: ignore[no-untyped-def]
    box = f"<w:txbxContent>{p('框内 3.50 万元')}{tbl(tc('框表'))}</w:txbxContent>"
    both = (
        f'<w:r><mc:AlternateContent><mc:Choice Requires="wps"><w:drawing><wps:txbx>{box}</wps:txbx></w:drawing>'
        f"</mc:Choice><mc:Fallback><w:pict><v:textbox>{box}</v:textbox></w:pict></mc:Fallback></mc:AlternateContent></w:r>"
    )
    source = read(p("前", both, "后") + p("次段"))
    assert [(line.text, line.place.paragraph) for line in source.lines] == [
        ("前后", 1),
        ("框内 3.50 万元", 2),
        ("次段", 3),
    ]
    assert [c.text for g in source.grids for c in g.cells()] == ["框表"]


def test_merged_cells_once(read) -> None:  # type: ignore[no-untyped-def]
    def span(n: int) -> str:
        return f'<w:gridSpan w:val="{n}"/>'

    top, more = '<w:vMerge w:val="restart"/>', "<w:vMerge/>"
    table = tbl(
        tc("项目", properties=top + span(2)) + tc("本年支出", properties=span(3)),
        tc("被并", properties=more + span(2)) + tc("合计") + tc("基本") + tc("项目"),
        tc("201") + tc("一般公共服务支出") + tc("5.00") + tc() + tc("5.00"),
    )
    grid = read(table).grids[0]
    assert {(c.row, c.column): c.text for c in grid.cells()} == {
        (0, 0): "项目",
        (0, 2): "本年支出",
        (1, 2): "合计",
        (1, 3): "基本",
        (1, 4): "项目",
        (2, 0): "201",
        (2, 1): "一般公共服务支出",
        (2, 2): "5.00",
        (2, 4): "5.00",
    }
    assert set(grid.merges) == {Span(0, 0, 1, 1), Span(0, 2, 0, 4)}
    assert grid.cell(2, 4).place == Place(table=1, row=3, column=5)  # type: ignore[union-attr]


def test_nested_table_after_its_parent(read) -> None:  # type: ignore[no-untyped-def]
    source = read(tbl(tc(p("外"), tbl(tc("内")), p("外尾")) + tc("右")) + tbl(tc("次")))
    assert [[c.text for c in g.cells()] for g in source.grids] == [["外\n外尾", "右"], ["内"], ["次"]]
    assert [next(g.cells()).place.table for g in source.grids] == [1, 2, 3]  # type: ignore[union-attr]


NUMBERING = """
<w:abstractNum w:abstractNumId="0">
 <w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="chineseCounting"/><w:lvlText w:val="%1、"/></w:lvl>
 <w:lvl w:ilvl="1"><w:start w:val="1"/><w:numFmt w:val="chineseCounting"/><w:lvlText w:val="（%2）"/></w:lvl>
 <w:lvl w:ilvl="2"><w:start w:val="1"/><w:numFmt w:val="decimal"/><w:suff w:val="space"/>
  <w:lvlText w:val="%3."/></w:lvl>
</w:abstractNum>
<w:abstractNum w:abstractNumId="1">
 <w:lvl w:ilvl="0"><w:numFmt w:val="bullet"/><w:lvlText w:val="&#xF0B7;"/></w:lvl></w:abstractNum>
<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>
<w:num w:numId="2"><w:abstractNumId w:val="1"/></w:num>
<w:num w:numId="3"><w:abstractNumId w:val="0"/>
 <w:lvlOverride w:ilvl="0"><w:startOverride w:val="9"/></w:lvlOverride></w:num>
"""
STYLES = (
    '<w:style w:styleId="H1"><w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr></w:style>'
    '<w:style w:styleId="H1a"><w:basedOn w:val="H1"/></w:style>'
)


def test_automatic_numbers_are_written_out(read) -> None:  # type: ignore[no-untyped-def]
    def numbered(text: str, level: int, number: int = 1) -> str:
        return p(text, properties=f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{number}"/></w:numPr>')

    body = (
        numbered("收支", 0)
        + numbered("总体", 1)
        + numbered("其一", 2)
        + numbered("其二", 2)
        + p("收入", properties='<w:pStyle w:val="H1a"/>')
        + numbered("又", 1)
        + p("不编号", properties='<w:pStyle w:val="H1"/><w:numPr><w:numId w:val="0"/></w:numPr>')
        + numbered("点", 0, 2)
        + numbered("九起", 0, 3)
    )
    source = read(body, numbering=NUMBERING, styles=STYLES)
    assert texts(source) == [
        "一、收支",
        "（一）总体",
        "1. 其一",
        "2. 其二",
        "二、收入",
        "（一）又",
        "不编号",
        "点",
        "九、九起",
    ]
    assert source.features["numbering"] == "7"


@pytest.mark.parametrize(
    ("number", "kind", "text"),
    [
        (10, "chineseCounting", "十"),
        (21, "chineseCountingThousand", "二十一"),
        (105, "chineseCounting", "一百〇五"),
        (12, "ideographDigital", "一二"),
        (3, "ideographTraditional", "丙"),
        (4, "upperRoman", "IV"),
        (28, "lowerLetter", "bb"),
        (7, "decimalEnclosedCircleChinese", "⑦"),
        (5, "bullet", ""),
        (8, "decimal", "8"),
    ],
)
def test_number_formats(number: int, kind: str, text: str) -> None:
    assert label_number(number, kind) == text


def test_footnotes_at_the_end_at_their_paragraph(read) -> None:  # type: ignore[no-untyped-def]
    notes = (
        f'<w:footnote w:type="separator" w:id="0">{p("——")}</w:footnote>'
        f'<w:footnote w:id="2">{p("口径见说明")}</w:footnote><w:footnote w:id="5">{p("没有引用")}</w:footnote>'
    )
    source = read(p("首") + p("决算数", '<w:r><w:footnoteReference w:id="2"/></w:r>') + p("末"), footnotes=notes)
    assert [(x.text, x.place.paragraph) for x in source.lines] == [
        ("首", 1),
        ("决算数", 2),
        ("末", 3),
        ("口径见说明", 2),
    ]


def test_comments_and_bold(read) -> None:  # type: ignore[no-untyped-def]
    source = read(p(run("标题", "<w:b/>")) + p(run("半", "<w:b/>"), "不"), comments='<w:comment w:id="0"/>')
    assert source.features["comments"] == "1"
    assert [line.bold for line in source.lines] == [True, False]


def test_a_writer_finds_the_same_paragraphs(tmp_path: Path) -> None:
    body = p("一") + f"<w:sdt><w:sdtContent>{p('二')}{tbl(tc('格'))}</w:sdtContent></w:sdt>" + p() + p("四")
    path = build(tmp_path / "a.docx", body)
    with zipfile.ZipFile(path) as file:
        root = etree.fromstring(file.read("word/document.xml"))
    places = {place: "".join(e.itertext()) for place, e in word.walk(root[0])}
    assert places == {
        Place(paragraph=1): "一",
        Place(paragraph=2): "二",
        Place(table=1): "格",
        Place(paragraph=3): "",
        Place(paragraph=4): "四",
    }
    for line in word.read(path).lines:
        assert places[line.place] == line.text


def test_tables_as_pictures_are_said(read) -> None:  # type: ignore[no-untyped-def]
    picture = p("<w:r><w:drawing><pic:pic/></w:drawing></w:r>")
    source = read(p("收入支出决算总表") + picture + p("第三部分 决算情况说明"))
    assert [place for _, place in source.problems] == [Place(paragraph=1)]
    assert "图片" in source.problems[0][0]
    assert not read(p("收入支出决算总表") + tbl(tc("项目"))).problems
    assert not read(p("一、收入支出决算总表") + p("二、收入决算表") + p("正文") + picture).problems


def test_strict_namespace(tmp_path: Path) -> None:
    path = build(tmp_path / "s.docx", p("严格 8.00") + tbl(tc("格", properties='<w:gridSpan w:val="2"/>')))
    with zipfile.ZipFile(path) as file:
        parts = {n: file.read(n) for n in file.namelist()}
    with zipfile.ZipFile(path, "w") as file:
        for name, data in parts.items():
            strict = data.replace(
                b"http://schemas.openxmlformats.org/wordprocessingml/2006/main",
                b"http://purl.oclc.org/ooxml/wordprocessingml/main",
            ).replace(
                b"http://schemas.openxmlformats.org/officeDocument/2006/", b"http://purl.oclc.org/ooxml/officeDocument/"
            )
            file.writestr(name, strict)
    source = word.read(path)
    assert texts(source) == ["严格 8.00"]
    assert source.grids[0].merges == [Span(0, 0, 0, 1)]


def test_five_hundred_tables_are_quick(read) -> None:  # type: ignore[no-untyped-def]
    table = tbl(*(tc(f"{i}") + tc("1.00") + tc("2.00") for i in range(20)))
    begun = time.perf_counter()
    source = read((p("题") + table) * 500)
    assert len(source.grids) == 500
    assert time.perf_counter() - begun < 10


def test_a_wall_of_empty_paragraphs_is_refused(read, monkeypatch: pytest.MonkeyPatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setattr(word, "MAX_PARAGRAPHS", 100)
    with pytest.raises(Unreadable, match="段"):
        read("<w:p/>" * 101)
    assert not read("<w:p/>" * 100).items


def bad_files(folder: Path) -> dict[str, Path]:
    files = {
        name: folder / f"{name}.docx"
        for name in ("empty", "text", "cut", "doc", "locked", "zip", "bomb", "deep", "xxe")
    }
    files["empty"].write_bytes(b"")
    files["text"].write_text("不是文档", encoding="utf-8")
    whole = build(folder / "whole.docx", p("甲" * 500)).read_bytes()
    files["cut"].write_bytes(whole[: len(whole) // 2])
    ole = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(1024)
    files["doc"].write_bytes(ole + "WordDocument".encode("utf-16-le"))
    files["locked"].write_bytes(ole + "EncryptedPackage".encode("utf-16-le"))
    with zipfile.ZipFile(files["zip"], "w") as file:
        file.writestr("readme.txt", "x")
    with zipfile.ZipFile(files["bomb"], "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("_rels/.rels", f'<Relationships xmlns="{PACKAGE}"/>')
        file.writestr("word/document.xml", b" " * (60 << 20))
    build(files["deep"], "<w:sdt><w:sdtContent>" * 900 + p("底") + "</w:sdtContent></w:sdt>" * 900)
    build(files["xxe"], p("&x;"), doctype='<!DOCTYPE w [<!ENTITY x SYSTEM "file:///etc/passwd">]>')
    return files


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("empty", "空"),
        ("text", "不是 Word"),
        ("cut", "损坏"),
        ("doc", ".docx"),
        ("locked", "密码"),
        ("zip", "没有 Word"),
        ("bomb", "MB"),
        ("deep", "嵌套"),
        ("xxe", "DTD"),
    ],
)
def test_bad_input_gives_one_clear_sentence(tmp_path: Path, name: str, words: str) -> None:
    with pytest.raises(Unreadable, match=words):
        word.read(bad_files(tmp_path)[name])


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="打不开"):
        word.read(tmp_path / "没有.docx")


def test_a_table_grid_is_a_grid(read) -> None:  # type: ignore[no-untyped-def]
    assert isinstance(read(tbl(tc("a"))).items[0], Grid)
