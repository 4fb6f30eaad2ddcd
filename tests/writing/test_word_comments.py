"""Comments in the clerk's Word file: on the passage, nothing else changed, nothing doubled."""

import zipfile
from pathlib import Path

import pytest

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
