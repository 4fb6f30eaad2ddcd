"""Comments in the clerk's Word file: on the passage, nothing else changed, nothing doubled."""

import re
import shutil
import subprocess
import time
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from lxml import etree

from app import outputs
from app.checking.finding import Checked, Finding
from app.reading.errors import Unreadable
from app.reading.word import read
from app.source import Line, Place
from app.writing.word_comments import AUTHOR, annotate, clean

docx = pytest.importorskip("docx")
from docx.oxml import parse_xml  # noqa: E402
from docx.oxml.ns import nsdecls  # noqa: E402

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


def finding(quote: str, place: Place, severity: str = "error") -> Finding:
    return Finding("T101", "百分比不对", severity, f"“{quote}”不对", place, quote=quote)


def document(path: Path) -> Path:
    made = docx.Document()
    made.add_paragraph("收入合计 100.00 万元，")
    p = made.add_paragraph("其中财政拨款")
    p.add_run(" 80.00 万元，").bold = True
    p.add_run("占 97.2%。")
    table = made.add_table(rows=2, cols=2)
    table.cell(1, 1).text = "执行率 99.30%"
    body = made.element.body
    inserted = parse_xml(
        f'<w:p {nsdecls("w")}><w:ins w:id="7" w:author="她"><w:r><w:t>插入的 5.00 元</w:t></w:r></w:ins>'
        '<w:del w:id="8" w:author="她"><w:r><w:delText>删去</w:delText></w:r></w:del></w:p>'
    )
    control = parse_xml(
        f"<w:sdt {nsdecls('w')}><w:sdtContent><w:p><w:r><w:t>控件里写 XX 万元</w:t></w:r></w:p></w:sdtContent></w:sdt>"
    )
    body.insert(2, inserted)
    body.insert(3, control)
    made.save(path)
    return path


def texts(path: Path) -> list[str]:
    return [i.text if isinstance(i, Line) else "|".join(c.text for c in i.cells()) for i in read(path).items]


def comments(path: Path) -> list[tuple[str, str]]:
    return [(c.author, c.text) for c in docx.Document(path).comments]


def anchored(path: Path, number: int) -> str:
    """The text between the range marks of a comment."""
    body = docx.Document(path).element.body
    inside, found = False, ""
    for element in body.iter():
        if element.tag == f"{W}commentRangeStart" and element.get(f"{W}id") == str(number):
            inside = True
        elif element.tag == f"{W}commentRangeEnd" and element.get(f"{W}id") == str(number):
            return found
        elif inside and element.tag == f"{W}t":
            found += element.text or ""
    raise AssertionError("no range")


def test_each_wrong_passage_bears_a_comment_and_the_text_stays(tmp_path: Path) -> None:
    source = document(tmp_path / "报告.docx")
    checked = Checked(
        [
            finding("占 97.2%", Place(paragraph=2)),
            finding("5.00 元", Place(paragraph=3)),
            finding("XX 万元", Place(paragraph=4)),
            finding("99.30%", Place(table=1, row=2, column=2), "warning"),
            finding("收入合计", Place(paragraph=1), "info"),
        ]
    )
    target = tmp_path / "out.docx"
    assert annotate(source, target, checked) == 4
    assert texts(target) == texts(source)
    assert [a for a, _ in comments(target)] == [AUTHOR] * 4
    assert [anchored(target, n) for n in range(4)] == ["占 97.2%", "5.00 元", "XX 万元", "99.30%"]


def test_a_quote_over_runs_keeps_their_look(tmp_path: Path) -> None:
    source = document(tmp_path / "报告.docx")
    target = tmp_path / "out.docx"
    annotate(source, target, Checked([finding("财政拨款 80.00 万元", Place(paragraph=2))]))
    runs = docx.Document(target).paragraphs[1].runs
    assert anchored(target, 0) == "财政拨款 80.00 万元"
    assert [(r.text, bool(r.bold)) for r in runs if r.text] == [
        ("其中", False),
        ("财政拨款", False),
        (" 80.00 万元", True),
        ("，", True),
        ("占 97.2%。", False),
    ]


def test_every_other_part_keeps_its_bytes(tmp_path: Path) -> None:
    source = document(tmp_path / "报告.docx")
    target = tmp_path / "out.docx"
    annotate(source, target, Checked([finding("占 97.2%", Place(paragraph=2))]))
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target) as new:
        changed = {n for n in old.namelist() if old.read(n) != new.read(n)}
        added = set(new.namelist()) - set(old.namelist())
    assert changed <= {"word/document.xml", "[Content_Types].xml", "word/_rels/document.xml.rels", "word/comments.xml"}
    assert added <= {"word/comments.xml"}


def test_dropped_again_nothing_doubles_and_clean_takes_all_out(tmp_path: Path) -> None:
    source = document(tmp_path / "报告.docx")
    once, twice, bare = tmp_path / "1.docx", tmp_path / "2.docx", tmp_path / "3.docx"
    checked = Checked([finding("占 97.2%", Place(paragraph=2)), finding("99.30%", Place(table=1, row=2, column=2))])
    annotate(source, once, checked)
    annotate(once, twice, checked)
    assert len(comments(twice)) == 2
    assert clean(twice, bare)
    assert texts(bare) == texts(source)
    assert not comments(bare)
    assert not clean(bare, tmp_path / "4.docx")
    assert not (tmp_path / "4.docx").exists()


def test_her_own_comments_stay(tmp_path: Path) -> None:
    source = document(tmp_path / "报告.docx")
    made = docx.Document(source)
    made.add_comment(made.paragraphs[0].runs[0], text="请核实", author="她")
    made.save(source)
    target, bare = tmp_path / "out.docx", tmp_path / "bare.docx"
    annotate(source, target, Checked([finding("占 97.2%", Place(paragraph=2))]))
    assert {a for a, _ in comments(target)} == {"她", AUTHOR}
    assert clean(target, bare)
    assert comments(bare) == [("她", "请核实")]


def test_an_automatic_number_is_not_in_the_text(tmp_path: Path) -> None:
    source = document(tmp_path / "报告.docx")
    target = tmp_path / "out.docx"
    annotate(source, target, Checked([finding("一、收入合计 100.00 万元", Place(paragraph=1))]))
    assert anchored(target, 0) == "收入合计 100.00 万元"


def test_a_quote_that_is_not_there_marks_the_paragraph(tmp_path: Path) -> None:
    source = document(tmp_path / "报告.docx")
    target = tmp_path / "out.docx"
    annotate(source, target, Checked([finding("别处的话", Place(paragraph=1))]))
    assert anchored(target, 0) == "收入合计 100.00 万元，"


def test_a_signed_document_is_left_alone(tmp_path: Path) -> None:
    source = document(tmp_path / "报告.docx")
    with zipfile.ZipFile(source, "a") as package:
        package.writestr("_xmlsignatures/sig1.xml", "<Signature/>")
    with pytest.raises(Unreadable, match="签名"):
        annotate(source, tmp_path / "out.docx", Checked([]))


NS = (
    f'xmlns:w="{W[1:-1]}" xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
    'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"'
)
RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def handmade(path: Path, body: str, head: str = "", parts: dict[str, str] | None = None, strict: bool = False) -> Path:
    """A package written element by element: ``parts`` are related to the document by their stem."""
    parts = parts or {}
    document = f"{head}<w:document {NS}><w:body>{body}</w:body></w:document>"
    relations = "".join(
        f"<Relationship Id='r{n}' Type='{OFFICE}/{name}' Target='{name}.xml'/>" for n, name in enumerate(parts)
    )
    main = f'<Relationship Id="rId1" Type="{OFFICE}/officeDocument" Target="word/document.xml"/>'
    content = '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"></Types>'
    files = {
        "[Content_Types].xml": content,
        "_rels/.rels": f'<Relationships xmlns="{RELATIONS}">{main}</Relationships>',
        "word/document.xml": document,
        **({"word/_rels/document.xml.rels": f"<Relationships xmlns='{RELATIONS}'>{relations}</Relationships>"}),
        **{f"word/{name}.xml": text for name, text in parts.items()},
        "word/embeddings/nobody-names-me.bin": "\x00\x01",
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        for name, text in files.items():
            if strict:
                text = text.replace("http://schemas.openxmlformats.org/wordprocessingml/2006/main", STRICT_W)
                text = text.replace(OFFICE, "http://purl.oclc.org/ooxml/officeDocument/relationships")
            package.writestr(name, text)
    return path


STRICT_W = "http://purl.oclc.org/ooxml/wordprocessingml/main"
PLAIN = '<w:r w:rsidR="00A1"><w:rPr><w:b/></w:rPr><w:t>合计 12.34 万元，占 97.2%</w:t></w:r>'


def main_part(path: Path) -> str:
    with zipfile.ZipFile(path) as package:
        return package.read("word/document.xml").decode()


def marked(tmp_path: Path, body: str, *quotes: str, paragraph: int = 1, **more: object) -> str:
    """The body after the quotes of one paragraph were commented; cleaning gives the first bytes again."""
    source = handmade(tmp_path / "原稿.docx", body, **more)  # type: ignore[arg-type]
    target, bare = tmp_path / "批注.docx", tmp_path / "还原.docx"
    found = Checked([finding(quote, Place(paragraph=paragraph)) for quote in quotes])
    assert annotate(source, target, found) == len(set(quotes))
    assert texts(target) == texts(source)
    assert clean(target, bare) and main_part(bare) == main_part(source)
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(bare) as new:
        assert old.namelist() == new.namelist()
    return main_part(target).partition("<w:body>")[2].removesuffix("</w:body></w:document>")


def shape(body: str) -> str:
    """A body with its marks in short: [0 … 0] the range, {0} the reference."""
    for name, sign in (("RangeStart", r"[\1"), ("RangeEnd", r"\1]")):
        body = re.sub(rf'<w:comment{name} w:id="(\d+)"/>', sign, body)
    return re.sub(r'<w:r><w:commentReference w:id="(\d+)"/></w:r>', r"{\1}", body)


def test_a_run_is_cut_with_its_look_and_nothing_else_changes(tmp_path: Path) -> None:
    head = '<w:r w:rsidR="00A1"{}><w:rPr><w:b/></w:rPr><w:t{}>'
    kept = " xml:space='preserve'"  # only where a cut brings a space to an edge
    assert shape(marked(tmp_path, f"<!-- 甲 --><w:p >{PLAIN}</w:p>", "12.34 万元")) == (
        f"<!-- 甲 --><w:p >{head.format('', kept)}合计 </w:t></w:r>[0{head.format(' ', '')}12.34 万元</w:t></w:r>"
        f"0]{{0}}{head.format(' ', '')}，占 97.2%</w:t></w:r></w:p>"
    )


def test_passages_that_overlap_or_touch(tmp_path: Path) -> None:
    body = shape(marked(tmp_path, f"<w:p>{PLAIN}</w:p>", "合计 12.34", "12.34 万元", " 万元，"))
    assert re.sub("<[^>]*>", "", body) == "[0合计 [112.340]{0} [2万元1]{1}，2]{2}占 97.2%"


def test_breaks_entities_and_parts_of_words(tmp_path: Path) -> None:
    body = (
        "<w:p><w:r><w:t>A&amp;B&#x4E00;</w:t><w:br/><w:t>五十</w:t><w:noBreakHyphen/><w:t>万</w:t><w:tab/></w:r></w:p>"
    )
    assert shape(marked(tmp_path, body, "B一五十-")) == (
        "<w:p><w:r><w:t>A&amp;</w:t></w:r>[0<w:r ><w:t>B&#x4E00;</w:t><w:br/><w:t>五十</w:t><w:noBreakHyphen/></w:r>"
        "0]{0}<w:r  ><w:t>万</w:t><w:tab/></w:r></w:p>"
    )


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (  # the reference is no part of the tracked insertion: rejecting it must not lose the comment
            '<w:p><w:ins w:id="1" w:author="她"><w:r><w:t>甲12.34乙</w:t></w:r></w:ins></w:p>',
            '<w:p><w:ins w:id="1" w:author="她"><w:r><w:t>甲</w:t></w:r>[0<w:r ><w:t>12.34</w:t></w:r>0]'
            "<w:r ><w:t>乙</w:t></w:r></w:ins>{0}</w:p>",
        ),
        (
            '<w:p><w:hyperlink w:anchor="a"><w:r><w:t>12.34</w:t></w:r></w:hyperlink></w:p>',
            '<w:p><w:hyperlink w:anchor="a">[0<w:r><w:t>12.34</w:t></w:r>0]</w:hyperlink>{0}</w:p>',
        ),
        (  # what is bound to a control or made by a field would lose marks inside it
            "<w:p><w:sdt><w:sdtContent><w:r><w:t>共12.34元</w:t></w:r></w:sdtContent></w:sdt></w:p>",
            "<w:p>[0<w:sdt><w:sdtContent><w:r><w:t>共12.34元</w:t></w:r></w:sdtContent></w:sdt>0]{0}</w:p>",
        ),
        (
            '<w:p><w:fldSimple w:instr="X"><w:r><w:t>12.34</w:t></w:r></w:fldSimple></w:p>',
            '<w:p>[0<w:fldSimple w:instr="X"><w:r><w:t>12.34</w:t></w:r></w:fldSimple>0]{0}</w:p>',
        ),
        (
            '<w:p><w:r><w:t>甲</w:t></w:r><w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText>12.34'
            '</w:instrText></w:r><w:r><w:fldChar w:fldCharType="separate"/></w:r><w:r><w:t>共12.34元</w:t></w:r>'
            '<w:r><w:fldChar w:fldCharType="end"/></w:r><w:r><w:t>乙</w:t></w:r></w:p>',
            '<w:p><w:r><w:t>甲</w:t></w:r>[0<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText>12.34'
            '</w:instrText></w:r><w:r><w:fldChar w:fldCharType="separate"/></w:r><w:r><w:t>共12.34元</w:t></w:r>'
            '<w:r><w:fldChar w:fldCharType="end"/></w:r>0]{0}<w:r><w:t>乙</w:t></w:r></w:p>',
        ),
        (
            "<w:p><m:oMath><m:r><m:t>共12.34</m:t></m:r></m:oMath></w:p>",
            "<w:p>[0<m:oMath><m:r><m:t>共12.34</m:t></m:r></m:oMath>0]{0}</w:p>",
        ),
        (  # deleted and hidden text is not the text, and not marked
            '<w:p><w:del w:id="1"><w:r><w:delText>12.34</w:delText></w:r></w:del><w:r><w:rPr><w:vanish/></w:rPr>'
            "<w:t>12.34</w:t></w:r><w:r><w:t>12.34</w:t></w:r></w:p>",
            '<w:p><w:del w:id="1"><w:r><w:delText>12.34</w:delText></w:r></w:del><w:r><w:rPr><w:vanish/></w:rPr>'
            "<w:t>12.34</w:t></w:r>[0<w:r><w:t>12.34</w:t></w:r>0]{0}</w:p>",
        ),
        (
            "<w:p><w:r><w:t><![CDATA[共<12.34>元]]></w:t></w:r></w:p>",
            "<w:p>[0<w:r><w:t><![CDATA[共<12.34>元]]></w:t></w:r>0]{0}</w:p>",
        ),
        ("<w:p/>", "<w:p>[00]{0}</w:p>"),
        ("<w:p><w:pPr/><w:r><w:pict/></w:r></w:p>", "<w:p><w:pPr/>[00]{0}<w:r><w:pict/></w:r></w:p>"),
    ],
)
def test_what_marks_stay_out_of(tmp_path: Path, body: str, expected: str) -> None:
    source = handmade(tmp_path / "原稿.docx", body)
    annotate(source, tmp_path / "批注.docx", Checked([finding("12.34", Place(paragraph=1))]))
    made = main_part(tmp_path / "批注.docx").partition("<w:body>")[2].removesuffix("</w:body></w:document>")
    assert shape(made) == expected


def test_the_same_words_twice_are_told_apart_by_their_context(tmp_path: Path) -> None:
    source = handmade(tmp_path / "a.docx", "<w:p><w:r><w:t>收入占 9.7%，支出占 9.7%。</w:t></w:r></w:p>")
    found = replace(finding("占 9.7%", Place(paragraph=1)), context="支出占 9.7%")
    annotate(source, tmp_path / "b.docx", Checked([found]))
    assert re.sub("<[^>]*>", "", shape(main_part(tmp_path / "b.docx"))) == "收入占 9.7%，支出[0占 9.7%0]{0}。"


def test_text_boxes_nested_tables_and_cells(tmp_path: Path) -> None:
    cell = "<w:tc><w:p><w:r><w:t>{}</w:t></w:r></w:p>{}</w:tc>"
    inner = f"<w:tbl><w:tr>{cell.format('内', '')}{cell.format('12.34', '')}</w:tr></w:tbl>"
    box = "<w:p><w:r><w:pict><w:txbxContent><w:p><w:r><w:t>框 56.78</w:t></w:r></w:p></w:txbxContent></w:pict></w:r></w:p>"
    body = f"{box}<w:tbl><w:tr>{cell.format('外', inner)}</w:tr></w:tbl><w:p><w:r><w:t>尾</w:t></w:r></w:p>"
    places = [("56.78", Place(paragraph=2)), ("12.34", Place(table=2, row=1, column=2)), ("尾", Place(paragraph=3))]
    source = handmade(tmp_path / "a.docx", body)
    found = Checked([finding(quote, place) for quote, place in reversed(places)])
    assert annotate(source, tmp_path / "b.docx", found) == 3
    assert re.sub("<[^>]*>", "", shape(main_part(tmp_path / "b.docx"))) == "框 [056.780]{0}外内[112.341]{1}[2尾2]{2}"


def test_a_strict_file_and_one_without_the_usual_prefix(tmp_path: Path) -> None:
    body = "<w:p><w:r><w:t>甲12.34乙</w:t></w:r></w:p>"
    source = handmade(tmp_path / "a.docx", body, strict=True)
    annotate(source, tmp_path / "b.docx", Checked([finding("12.34", Place(paragraph=1))]))
    with zipfile.ZipFile(tmp_path / "b.docx") as package:
        assert f'xmlns:w="{STRICT_W}"' in package.read("word/comments.xml").decode()
        assert b"purl.oclc.org/ooxml/officeDocument/relationships/comments" in package.read(
            "word/_rels/document.xml.rels"
        )
    with zipfile.ZipFile(tmp_path / "a.docx") as package:
        plain = package.read("word/document.xml").decode()
    other = re.sub(r"\bxmlns:w=", "xmlns=", plain).replace("<w:", "<").replace("</w:", "</")
    with zipfile.ZipFile(tmp_path / "c.docx", "w") as package, zipfile.ZipFile(tmp_path / "a.docx") as old:
        for name in old.namelist():
            package.writestr(name, other if name == "word/document.xml" else old.read(name))
    annotate(tmp_path / "c.docx", tmp_path / "d.docx", Checked([finding("12.34", Place(paragraph=1))]))
    ids = etree.fromstring(main_part(tmp_path / "d.docx").encode()).xpath("//@*[name()='w:id']")
    assert ids == ["0", "0", "0"]
    assert texts(tmp_path / "d.docx") == texts(tmp_path / "c.docx") == ["甲12.34乙"]


def test_a_reply_to_our_comment_stays_as_her_own(tmp_path: Path) -> None:
    def comment(number: int, author: str) -> str:
        inner = f'<w:p w14:paraId="A{number}"><w:r><w:t>话</w:t></w:r></w:p>'
        return f'<w:comment w:id="{number}" w:author="{author}">{inner}</w:comment>'

    w14, w15 = (
        "http://schemas.microsoft.com/office/word/2010/wordml",
        "http://schemas.microsoft.com/office/word/2012/wordml",
    )
    marks = "".join(f'<w:commentRangeStart w:id="{n}"/>' for n in (0, 1))
    marks += "<w:r><w:t>话</w:t></w:r>" + "".join(f'<w:commentRangeEnd w:id="{n}"/>' for n in (0, 1))
    parts = {
        "comments": f'<w:comments {NS} xmlns:w14="{w14}">{comment(0, AUTHOR)}{comment(1, "她")}</w:comments>',
        "commentsExtended": f'<w15:commentsEx xmlns:w15="{w15}"><w15:commentEx w15:paraId="A0" w15:done="0"/>'
        '<w15:commentEx w15:paraId="A1" w15:paraIdParent="A0" w15:done="0"/></w15:commentsEx>',
    }
    source = handmade(tmp_path / "a.docx", f"<w:p>{marks}</w:p>", parts=parts)
    assert clean(source, tmp_path / "b.docx")
    with zipfile.ZipFile(tmp_path / "b.docx") as package:
        assert AUTHOR not in package.read("word/comments.xml").decode()
        assert "她" in package.read("word/comments.xml").decode()
        extended = package.read("word/commentsExtended.xml").decode()
    assert 'paraId="A0"' not in extended and "paraIdParent" not in extended and 'paraId="A1" w15:done="0"' in extended
    assert main_part(tmp_path / "b.docx").count('w:id="1"') == 2 and 'w:id="0"' not in main_part(tmp_path / "b.docx")


def test_a_damaged_file_is_one_sentence(tmp_path: Path) -> None:
    source = document(tmp_path / "报告.docx")
    (tmp_path / "坏.docx").write_bytes(source.read_bytes()[:3000])
    with pytest.raises(Unreadable, match="Word、WPS") as raised:
        clean(tmp_path / "坏.docx", tmp_path / "out.docx")
    assert "Excel" not in str(raised.value)


def test_many_findings_in_a_long_document_take_little_time(tmp_path: Path) -> None:
    body = "".join(f"<w:p><w:r><w:t>第 {n} 段，占 97.2%。</w:t></w:r></w:p>" for n in range(20_000))
    source = handmade(tmp_path / "长.docx", body)
    found = [finding("占 97.2%", Place(paragraph=n)) for n in range(1, 20_000, 10)]
    began = time.monotonic()
    assert annotate(source, tmp_path / "out.docx", Checked(found)) == 1000
    assert time.monotonic() - began < 5


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
def test_libreoffice_opens_it_with_the_comments_on_their_words(tmp_path: Path) -> None:
    source = document(tmp_path / "报告.docx")
    target = tmp_path / "out.docx"
    places = [
        ("占 97.2%", Place(paragraph=2)),
        ("XX 万元", Place(paragraph=4)),
        ("99.30%", Place(table=1, row=2, column=2)),
    ]
    annotate(source, target, Checked([finding(*each) for each in places]))
    command = ["soffice", f"-env:UserInstallation=file://{tmp_path}/profile", "--headless", "--convert-to", "fodt"]
    subprocess.run([*command, "--outdir", tmp_path, target], check=True, capture_output=True, timeout=120)
    text = (tmp_path / "out.fodt").read_text("utf-8")
    assert text.count(f"<dc:creator>{AUTHOR}</dc:creator>") == 3
    assert re.search(r"<office:annotation .*?</office:annotation>占 97\.2%<office:annotation-end", text, re.DOTALL)


def test_a_copy_without_comments_is_known_as_ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JUESUAN_STATE", str(tmp_path / "state"))
    source = document(tmp_path / "报告.docx")
    with outputs.replacing(outputs.target(source, None, ".docx")) as draft:
        assert annotate(source, draft.temp, Checked([])) == 0
    assert draft.path.name == "报告_校核.docx" and outputs.is_ours(draft.path)
    (tmp_path / "她的_校核.docx").write_bytes(source.read_bytes())
    assert not outputs.is_ours(tmp_path / "她的_校核.docx")


def test_the_comment_says_what_is_wrong_without_counting_paragraphs(tmp_path: Path) -> None:
    source = document(tmp_path / "报告.docx")
    found = replace(finding("占 97.2%", Place(paragraph=2)), message="第2段“二、收入”：占 97.2%，应为 80.0%")
    many = [replace(found, message=f"第2段又一处 {n}") for n in range(6)]
    annotate(source, tmp_path / "out.docx", Checked([found, *many]))
    ((_, text),) = comments(tmp_path / "out.docx")
    assert text.startswith("✖ 错误 T101 百分比不对\n“二、收入”：占 97.2%，应为 80.0%") and "第2段" not in text
    assert text.endswith("另有 2 条，见同名 .xlsx 的“问题清单”。")
