"""Workbooks as they come from offices: each builder gives the bytes of one awkward package."""

from __future__ import annotations

import io
import re
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Callable
from datetime import date
from pathlib import Path

import openpyxl
import xlsxwriter
from openpyxl.comments import Comment
from openpyxl.styles import Font, PatternFill

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
TYPES = "application/vnd.openxmlformats-officedocument.spreadsheetml."
HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
FIRST, SECOND = "公开01表", "公开02表"

Parts = dict[str, bytes]


def zipped(parts: Parts) -> bytes:
    """The parts as a package, in order."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return packed.getvalue()


def unzipped(path: Path | bytes) -> Parts:
    """The parts of a package, in order."""
    with zipfile.ZipFile(io.BytesIO(path) if isinstance(path, bytes) else path) as archive:
        return {n: archive.read(n) for n in archive.namelist()}


def relations(*targets: tuple[str, str]) -> bytes:
    """A relations part: (kind, target), ids rId1, rId2, …"""
    items = "".join(
        f'<Relationship Id="rId{i + 1}" Type="{REL}/{kind}" Target="{target}"/>'
        for i, (kind, target) in enumerate(targets)
    )
    space = "http://schemas.openxmlformats.org/package/2006/relationships"
    return f'{HEAD}<Relationships xmlns="{space}">{items}</Relationships>'.encode()


def types(**overrides: str) -> bytes:
    space = "http://schemas.openxmlformats.org/package/2006/content-types"
    kinds = {
        "/xl/workbook.xml": TYPES + "sheet.main+xml", "/xl/worksheets/sheet1.xml": TYPES + "worksheet+xml",
        "/xl/worksheets/sheet2.xml": TYPES + "worksheet+xml", "/xl/styles.xml": TYPES + "styles+xml",
        "/xl/sharedStrings.xml": TYPES + "sharedStrings+xml", **overrides,
    }  # fmt: skip
    items = "".join(f'<Override PartName="{n}" ContentType="{k}"/>' for n, k in kinds.items())
    rels = "application/vnd.openxmlformats-package.relationships+xml"
    defaults = (
        f'<Default Extension="rels" ContentType="{rels}"/><Default Extension="xml" ContentType="application/xml"/>'
        '<Default Extension="bin" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.printerSettings"/>'
        '<Default Extension="vml" ContentType="application/vnd.openxmlformats-officedocument.vmlDrawing"/>'
    )
    return f'{HEAD}<Types xmlns="{space}">{defaults}{items}</Types>'.encode()


SHEET = (
    f'{HEAD}<worksheet xmlns="{MAIN}" xmlns:r="{REL}"><sheetPr/><dimension ref="A1:D9"/>'
    '<sheetViews><sheetView tabSelected="1" workbookViewId="0"/></sheetViews><sheetFormatPr defaultRowHeight="14.25"/>'
    '<cols><col min="1" max="1" width="30.5" customWidth="1"/><col min="6" max="7" width="9" style="2"/></cols>'
    "<sheetData>"
    '<row r="1" spans="1:4"><c r="A1" s="1" t="s"><v>0</v></c><c r="B1" s="1"/><c r="C1" s="1"/><c r="D1" s="1"/></row>'
    '<row r="2" spans="1:4"><c r="A2" t="s"><v>1</v></c><c r="B2" s="2"><v>1236.24</v></c><c r="C2" s="2"><v>1.5</v></c></row>'
    '<row r="3" s="2" customFormat="1" spans="1:4"><c r="A3" t="s"><v>2</v></c><c r="B3" s="2"><v>100</v></c>'
    '<c r="D3"><f>B3+C3</f><v>100</v></c></row>'
    '<row r="5" spans="1:4"><c r="A5" t="inlineStr"><is><t>a &gt; b &amp; c</t></is></c><c r="B5" s="2"/>'
    '<c r="C5"><f t="array" ref="C5:C6">B2:B3*2</f><v>2</v></c></row>'
    '<row r="6"><c r="C6"/></row>'
    '<row r="9"><c r="A9" t="b"><v>1</v></c></row>'
    '</sheetData><sheetProtection sheet="1" objects="1"/>'
    '<mergeCells count="1"><mergeCell ref="A1:D1"/></mergeCells>'
    '<dataValidations count="1"><dataValidation type="list" sqref="E1"><formula1>"是,否"</formula1></dataValidation>'
    "</dataValidations>"
    '<pageMargins left="0.7" right="0.7" top="0.75" bottom="0.75" header="0.3" footer="0.3"/>'
    '<pageSetup paperSize="9" r:id="rId1"/></worksheet>'
).encode()

STYLES = (
    f'{HEAD}<styleSheet xmlns="{MAIN}"><numFmts count="1"><numFmt numFmtId="176" formatCode="#,##0.00_ "/></numFmts>'
    '<fonts count="2"><font><sz val="11"/><color theme="1"/><name val="宋体"/><charset val="134"/></font>'
    '<font><b/><sz val="14"/><color rgb="FF0000FF"/><name val="黑体"/></font></fonts>'
    '<fills count="3"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill>'
    '<fill><patternFill patternType="solid"><fgColor rgb="FFFFFF00"/><bgColor indexed="64"/></patternFill></fill></fills>'
    '<borders count="2"><border><left/><right/><top/><bottom/><diagonal/></border><border><left style="thin"/>'
    '<right style="thin"/><top style="thin"/><bottom style="thin"/><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    '<cellXfs count="3"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    '<xf numFmtId="0" fontId="1" fillId="2" borderId="1" xfId="0" applyFont="1" applyFill="1"/>'
    '<xf numFmtId="176" fontId="0" fillId="0" borderId="1" xfId="0" applyNumberFormat="1"><alignment horizontal="right"/>'
    '<protection locked="0"/></xf></cellXfs><cellStyles count="1"><cellStyle name="常规" xfId="0" builtinId="0"/></cellStyles>'
    '<dxfs count="1"><dxf><fill><patternFill><bgColor rgb="FFFF0000"/></patternFill></fill></dxf></dxfs>'
    '<extLst><ext uri="{X}" xmlns:x14="http://schemas.microsoft.com/office/spreadsheetml/2009/9/main"><x14:slicerStyles/></ext>'
    "</extLst></styleSheet>"
).encode()

WORKBOOK = (
    f'{HEAD}<workbook xmlns="{MAIN}" xmlns:r="{REL}"><workbookPr/><workbookProtection lockStructure="1"/>'
    '<bookViews><workbookView activeTab="1"/></bookViews>'
    f'<sheets><sheet name="{FIRST}" sheetId="3" r:id="rId1"/><sheet name="{SECOND}" sheetId="7" state="visible" r:id="rId2"/>'
    f'</sheets><definedNames><definedName name="_xlnm.Print_Area" localSheetId="0">\'{FIRST}\'!$A$1:$D$9</definedName>'
    f'<definedName name="合计">\'{FIRST}\'!$B$2</definedName></definedNames><calcPr calcId="191029"/></workbook>'
).encode()


def base() -> Parts:
    """A workbook by hand: odd ids, merges, array formula, protection, calcChain, printer settings."""
    second = (
        f'{HEAD}<worksheet xmlns="{MAIN}"><sheetData><row><c t="s"><v>1</v></c><c><v>5</v></c></row>'
        "<row/><row><c><v>7</v></c></row></sheetData></worksheet>"
    )
    strings = (
        f'{HEAD}<sst xmlns="{MAIN}" count="3" uniqueCount="3"><si><t>收入支出决算总表</t></si>'
        "<si><r><t>一、一般</t></r><r><t>公共预算</t></r></si><si><t>=甲</t></si></sst>"
    )
    chain = f'{HEAD}<calcChain xmlns="{MAIN}"><c r="D3" i="3"/><c r="C5" i="3" a="1"/></calcChain>'
    return {
        "[Content_Types].xml": types(**{"/xl/calcChain.xml": TYPES + "calcChain+xml"}),
        "_rels/.rels": relations(("officeDocument", "xl/workbook.xml")),
        "xl/workbook.xml": WORKBOOK,
        "xl/_rels/workbook.xml.rels": relations(
            ("worksheet", "worksheets/sheet1.xml"),
            ("worksheet", "worksheets/sheet2.xml"),
            ("styles", "styles.xml"),
            ("sharedStrings", "sharedStrings.xml"),
            ("calcChain", "calcChain.xml"),
        ),
        "xl/worksheets/sheet1.xml": SHEET,
        "xl/worksheets/_rels/sheet1.xml.rels": relations(
            ("printerSettings", "../printerSettings/printerSettings1.bin")
        ),
        "xl/worksheets/sheet2.xml": second.encode(),
        "xl/styles.xml": STYLES,
        "xl/sharedStrings.xml": strings.encode(),
        "xl/calcChain.xml": chain.encode(),
        "xl/printerSettings/printerSettings1.bin": bytes(range(256)),
    }


def _changed(name: str, old: str, new: str, parts: Parts | None = None) -> Parts:
    parts = parts or base()
    assert old.encode() in parts[name]
    parts[name] = parts[name].replace(old.encode(), new.encode(), 1)
    return parts


def prefixed() -> Parts:
    """Every spreadsheet part with prefixed names (as some exports write them)."""
    parts = base()
    for name, data in parts.items():
        if f'xmlns="{MAIN}"'.encode() in data:
            data = data.replace(f'xmlns="{MAIN}"'.encode(), f'xmlns:x="{MAIN}"'.encode())
            parts[name] = re.sub(rb"<(/?)([A-Za-z]\w*)(?=[\s/>])", rb"<\1x:\2", data)
    return parts


def strict() -> Parts:
    """Strict Open XML."""
    parts = base()
    for name, data in parts.items():
        data = data.replace(MAIN.encode(), b"http://purl.oclc.org/ooxml/spreadsheetml/main")
        parts[name] = data.replace(REL.encode(), b"http://purl.oclc.org/ooxml/officeDocument/relationships")
    return parts


def odd_names() -> Parts:
    """Absolute targets, and names that differ in case."""
    parts = base()
    old = "worksheets/sheet1.xml"
    parts = _changed("xl/_rels/workbook.xml.rels", old, "/XL/Worksheets/Sheet1.xml", parts)
    return _changed("xl/_rels/workbook.xml.rels", "styles.xml", "/xl/Styles.XML", parts)


def utf16() -> Parts:
    """A sheet and the styles in UTF-16."""
    parts = base()
    for name in ("xl/worksheets/sheet1.xml", "xl/styles.xml"):
        parts[name] = parts[name].decode().replace("UTF-8", "UTF-16").encode("utf-16")
    return parts


def dangling() -> Parts:
    """Cells whose style index has no format."""
    return _changed("xl/worksheets/sheet1.xml", '<c r="C2" s="2">', '<c r="C2" s="11">')


def no_styles() -> Parts:
    """No styles part at all, an empty sheet, no dimension."""
    parts = base()
    del parts["xl/styles.xml"]
    parts = _changed(
        "[Content_Types].xml", f'<Override PartName="/xl/styles.xml" ContentType="{TYPES}styles+xml"/>', "", parts
    )
    parts = _changed(
        "xl/_rels/workbook.xml.rels", f'<Relationship Id="rId3" Type="{REL}/styles" Target="styles.xml"/>', "", parts
    )
    parts["xl/worksheets/sheet1.xml"] = f'<worksheet xmlns="{MAIN}"><sheetData/></worksheet>'.encode()
    return parts


def her_result_sheet() -> Parts:
    """A sheet of hers that bears the name of ours."""
    return _changed("xl/workbook.xml", f'name="{SECOND}"', 'name="校核结果"')


VML = (
    '<xml xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office" '
    'xmlns:x="urn:schemas-microsoft-com:office:excel"><o:shapelayout v:ext="edit"><o:idmap v:ext="edit" data="3"/>'
    '</o:shapelayout><v:shapetype id="_x0000_t202" coordsize="21600,21600" o:spt="202" path="m,l,21600r21600,l21600,xe"/>'
    '<v:shape id="_x0000_s3073" type="#_x0000_t202" style="visibility:hidden"><v:textbox>{inner}</v:textbox>'
    '<x:ClientData ObjectType="Note"><x:Anchor>1, 1, 1, 1, 3, 3, 3, 3</x:Anchor><x:Row>1</x:Row><x:Column>1</x:Column>'
    "</x:ClientData></v:shape></xml>"
)


def notes(inner: str = "<div/>", ref: str = "B2") -> Parts:
    """A note of hers (plain text, no runs) on B2."""
    parts = base()
    parts["xl/worksheets/_rels/sheet1.xml.rels"] = relations(
        ("printerSettings", "../printerSettings/printerSettings1.bin"),
        ("vmlDrawing", "../drawings/vmlDrawing1.vml"),
        ("comments", "../comments1.xml"),
    )
    parts["[Content_Types].xml"] = types(
        **{"/xl/calcChain.xml": TYPES + "calcChain+xml", "/xl/comments1.xml": TYPES + "comments+xml"}
    )
    parts["xl/comments1.xml"] = (
        f'{HEAD}<comments xmlns="{MAIN}"><authors><author>张会计</author></authors><commentList>'
        f'<comment ref="{ref}" authorId="0"><text><t>与预算处核对过</t></text></comment></commentList></comments>'
    ).encode()
    parts["xl/drawings/vmlDrawing1.vml"] = VML.format(inner=inner).encode()
    return _changed("xl/worksheets/sheet1.xml", "</worksheet>", '<legacyDrawing r:id="rId2"/></worksheet>', parts)


def ill_formed_vml() -> Parts:
    """VML with an unclosed tag, as Excel itself writes it."""
    return notes("<div>a<br>b</div>")


def threaded() -> Parts:
    """A threaded comment on B2 with the legacy note that stands for it."""
    parts = notes()
    kind = "http://schemas.microsoft.com/office/2017/10/relationships/threadedComment"
    space = "http://schemas.microsoft.com/office/spreadsheetml/2018/threadedcomments"
    parts["xl/threadedComments/threadedComment1.xml"] = (
        f'<ThreadedComments xmlns="{space}"><threadedComment ref="B2" id="{{1}}"><text>?</text></threadedComment>'
        "</ThreadedComments>"
    ).encode()
    relation = f'<Relationship Id="rId9" Type="{kind}" Target="../threadedComments/threadedComment1.xml"/>'
    return _changed("xl/worksheets/_rels/sheet1.xml.rels", "</Relationships>", relation + "</Relationships>", parts)


def controls() -> Parts:
    """A form control; its drawing is named inside mc:AlternateContent, tableParts follow."""
    parts = notes()
    mc = "http://schemas.openxmlformats.org/markup-compatibility/2006"
    wrapped = (
        f'<mc:AlternateContent xmlns:mc="{mc}"><mc:Choice Requires="x14"><legacyDrawing r:id="rId2"/></mc:Choice>'
        '</mc:AlternateContent><extLst><ext uri="{Y}"/></extLst>'
    )
    return _changed("xl/worksheets/sheet1.xml", '<legacyDrawing r:id="rId2"/>', wrapped, parts)


def image() -> io.BytesIO:
    """A picture of one pixel."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)
    body = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0\xff\0\0")) + chunk(b"IEND", b"")
    return io.BytesIO(b"\x89PNG\r\n\x1a\n" + body)


def rich(*, macros: bool = False) -> Parts:
    """XlsxWriter: chart, picture, x14 data bar, sparkline, table, button, header picture, note, macros."""
    packed = io.BytesIO()
    book = xlsxwriter.Workbook(packed, {"in_memory": True})
    sheet, other = book.add_worksheet(FIRST), book.add_worksheet(SECOND)
    for row in range(12):
        sheet.write_row(row, 0, [f"项目{row}", row * 1.25, row * 2])
    sheet.write_formula("D3", "=B3+C3", None, 6.5)
    chart = book.add_chart({"type": "column"})
    chart.add_series({"values": f"='{FIRST}'!$B$1:$B$9"})
    sheet.insert_chart("F2", chart)
    sheet.insert_image("F20", "a.png", {"image_data": image()})
    sheet.conditional_format("B1:B9", {"type": "data_bar", "data_bar_2010": True})
    sheet.add_sparkline("E2", {"range": f"'{FIRST}'!B1:B9"})
    sheet.insert_button("H2", {"macro": "run", "caption": "执行"})
    sheet.set_header("&L&G", {"image_left": "a.png", "image_data_left": image()})
    sheet.write_comment("B3", "她的批注", {"author": "张会计"})
    other.add_table("A1:C4", {"columns": [{"header": h} for h in ("甲", "乙", "丙")]})
    other.data_validation("E1", {"validate": "date", "criteria": ">", "value": date(2022, 1, 1)})
    if macros:
        with tempfile.TemporaryDirectory() as folder:
            blob = Path(folder) / "vbaProject.bin"
            blob.write_bytes(b"\xd0\xcf\x11\xe0" + bytes(600))
            book.add_vba_project(str(blob))
            book.close()
            return unzipped(packed.getvalue())
    book.close()
    return unzipped(packed.getvalue())


def plain_openpyxl() -> Parts:
    """openpyxl: notes, a hidden sheet, coloured cells."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = FIRST
    for row in range(1, 10):
        for column in range(1, 5):
            sheet.cell(row, column, f"项目{row}" if column == 1 else row * column + 0.25)
    sheet["B2"].fill, sheet["B2"].font = PatternFill("solid", "FFFF00"), Font(color="FF0000FF", bold=True)
    sheet["B3"].comment = Comment("她的批注", "张会计")
    book.create_sheet(SECOND).sheet_state = "hidden"
    packed = io.BytesIO()
    book.save(packed)
    return unzipped(packed.getvalue())


ALL: dict[str, Callable[[], Parts]] = {
    "base": base, "prefixed": prefixed, "strict": strict, "odd_names": odd_names, "utf16": utf16,
    "dangling": dangling, "no_styles": no_styles, "her_result_sheet": her_result_sheet, "notes": notes,
    "ill_formed_vml": ill_formed_vml, "threaded": threaded, "controls": controls, "rich": rich,
    "macros": lambda: rich(macros=True), "openpyxl": plain_openpyxl,
}  # fmt: skip
