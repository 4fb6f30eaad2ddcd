"""PDF reading on documents drawn here stroke by stroke, so that each trap stands alone."""

import hashlib
import random
from pathlib import Path

import pytest

from app.reading.errors import Unreadable
from app.reading.pdf import _layout, read
from app.source import Grid, Line, Source, Span


class Page:
    """A page of drawing operators; coordinates in points from the top left of an A4 sheet."""

    def __init__(self, width: float = 595, height: float = 842, rotate: int = 0) -> None:
        self.width, self.height, self.rotate = width, height, rotate
        self.out: list[str] = []

    def text(self, x: float, y: float, text: str, size: float = 10, spread: float = 0, upward: bool = False) -> "Page":
        """Text on baseline ``y``; Chinese and figures an em and half an em wide; ``spread`` between letters."""
        matrix = f"0 1 -1 0 {x} {self.height - y}" if upward else f"1 0 0 1 {x} {self.height - y}"
        code = text.encode("utf-16-be").hex()
        self.out.append(f"BT /F1 {size} Tf {spread} Tc {matrix} Tm <{code}> Tj ET")
        return self

    def line(self, x0: float, y0: float, x1: float, y1: float) -> "Page":
        self.out.append(f"0.5 w {x0} {self.height - y0} m {x1} {self.height - y1} l S")
        return self

    def box(self, x0: float, y0: float, x1: float, y1: float) -> "Page":
        self.out.append(f"{x0} {self.height - y1} {x1 - x0} {y1 - y0} re S")
        return self

    def shade(self, x0: float, y0: float, x1: float, y1: float) -> "Page":
        """A yellow ground without a border."""
        self.out.append(f"q 1 1 0 rg {x0} {self.height - y1} {x1 - x0} {y1 - y0} re f Q")
        return self

    def picture(self, x0: float, y0: float, x1: float, y1: float) -> "Page":
        self.out.append(f"q {x1 - x0} 0 0 {y1 - y0} {x0} {self.height - y1} cm /Im Do Q")
        return self

    def table(self, xs: list[float], ys: list[float], rows: list[list[str]], size: float = 9) -> "Page":
        """A fully ruled table; each text at the left of its cell, ``\\n`` begins another line."""
        for y in ys:
            self.line(xs[0], y, xs[-1], y)
        for x in xs:
            self.line(x, ys[0], x, ys[-1])
        for top, row in zip(ys, rows, strict=False):
            for left, text in zip(xs, row, strict=False):
                for number, part in enumerate(text.split("\n")):
                    if part:
                        self.text(left + 3, top + (number + 1) * (size + 2), part, size)
        return self


def pdf_bytes(pages: list[Page], extra: str = "", encrypt: bool = False) -> bytes:
    objects = [
        "<</Type/Catalog/Pages 2 0 R>>",
        f"<</Type/Pages/Count {len(pages)}/Kids[{' '.join(f'{7 + 2 * i} 0 R' for i in range(len(pages)))}]>>",
        "<</Type/Font/Subtype/Type0/BaseFont/STSong-Light/Encoding/UniGB-UCS2-H/DescendantFonts[4 0 R]>>",
        "<</Type/Font/Subtype/CIDFontType0/BaseFont/STSong-Light/DW 1000/W[1 95 500 814 939 500]"
        "/CIDSystemInfo<</Registry(Adobe)/Ordering(GB1)/Supplement 2>>/FontDescriptor 5 0 R>>",
        "<</Type/FontDescriptor/FontName/STSong-Light/Flags 6/FontBBox[-25 -254 1000 880]/ItalicAngle 0"
        "/Ascent 880/Descent -120/CapHeight 880/StemV 93>>",
        "<</Type/XObject/Subtype/Image/Width 1/Height 1/ColorSpace/DeviceGray/BitsPerComponent 8/Length 1>>\n"
        "stream\n\x80\nendstream",
    ]
    for number, page in enumerate(pages):
        stream = "\n".join(page.out)
        objects.append(
            f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 {page.width} {page.height}]/Rotate {page.rotate}"
            f"/Resources<</Font<</F1 3 0 R>>/XObject<</Im 6 0 R>>>>/Contents {8 + 2 * number} 0 R>>"
        )
        objects.append(f"<</Length {len(stream)}>>\nstream\n{stream}\nendstream")
    out = bytearray(b"%PDF-1.4\n")
    places = []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += f"{number} 0 obj\n{body}\nendobj\n".encode("latin-1")
    start = len(out)
    out += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode()
    out += b"".join(f"{place:010d} 00000 n \n".encode() for place in places)
    lock = _lock() if encrypt else ""
    out += f"trailer\n<</Size {len(objects) + 1}/Root 1 0 R{lock}>>\nstartxref\n{start}\n%%EOF".encode()
    return bytes(out)


def _lock() -> str:
    """An /Encrypt entry (40 bit) whose user password is not empty: any check of the empty one must fail."""
    key = hashlib.md5(b"x").hexdigest() * 2
    return f"/ID[<{key[:32]}><{key[:32]}>]/Encrypt<</Filter/Standard/V 1/R 2/O<{key}>/U<{key[::-1]}>/P -4>>"


@pytest.fixture
def reading(tmp_path: Path):
    def run(*pages: Page) -> Source:
        path = tmp_path / "report.pdf"
        path.write_bytes(pdf_bytes(list(pages)))
        return read(path)

    return run


def texts(source: Source) -> list[str]:
    return [line.text for line in source.lines]


def rows(grid: Grid) -> list[list[str]]:
    width = max(cell.column for cell in grid.cells()) + 1
    return [[grid.text(r, c) for c in range(width)] for r in range(max(grid.rows) + 1)]


def test_lines_in_reading_order_with_page_and_box(reading):
    source = reading(Page().text(90, 300, "后一行").text(90, 100, "前一行 5010.42 万元"), Page().text(90, 100, "次页"))
    assert texts(source) == ["前一行 5010.42 万元", "后一行", "次页"]
    assert (source.kind, source.pages) == ("pdf", 2)
    x0, top, x1, bottom = source.lines[0].place.box
    assert source.lines[0].place.page == 1 and x0 == 90 and top < 100 < bottom
    assert 90 + 9 * 10 < x1 < 90 + 14 * 10


def test_the_origin_decides_the_line(reading):
    # a full stop and brackets whose boxes sit lower or higher than those of the 汉字 beside them
    page = Page().text(90, 100, "医疗（项）", 16).text(170, 100, "。主要用于", 16).text(250, 104, "下移四点", 16)
    assert texts(reading(page)) == ["医疗（项）。主要用于下移四点"]


def test_bold_printed_twice_is_taken_once(reading):
    page = Page().text(90, 100, "决算数一一11.00").text(90.3, 100, "决算数一一11.00")
    for x, char in ((90, "收"), (100, "支"), (110, "总"), (120, "表")):
        page.text(x, 140, char).text(x + 0.3, 140.2, char)
    assert texts(reading(page)) == ["决算数一一11.00", "收支总表"]


def test_a_number_set_wide_is_one_number_and_columns_stay_apart(reading):
    page = Page().text(90, 100, "9859.38", spread=4).text(90, 130, "12.00").text(150, 130, "13.00")
    page.text(90, 160, "2022 2023")
    assert texts(reading(page)) == ["9859.38", "12.00  13.00", "2022 2023"]


def test_a_table_with_merged_cells_is_a_grid(reading):
    page = Page().text(250, 60, "收入决算表")
    page.box(50, 100, 350, 160).line(50, 120, 150, 120).line(50, 140, 350, 140)
    page.line(100, 120, 100, 160).line(150, 100, 150, 160).line(250, 100, 250, 160)
    for x, y, text in (
        (80, 112, "项目"),
        (52, 132, "编码"),
        (102, 132, "名称"),
        (180, 122, "合计"),
        (260, 122, "其他"),
    ):
        page.text(x, y, text)
    page.text(52, 152, "201").text(102, 152, "服务").text(200, 152, "1,234.50").text(50, 180, "注：本表")
    source = reading(page)
    assert [type(item) for item in source.items] == [Line, Grid, Line]
    grid = source.grids[0]
    assert (grid.name, grid.is_sheet) == ("第1页表1", False)
    assert rows(grid) == [["项目", "", "合计", "其他"], ["编码", "名称", "", ""], ["201", "服务", "1,234.50", ""]]
    assert sorted(grid.merges) == [Span(0, 0, 0, 1), Span(0, 2, 1, 2), Span(0, 3, 1, 3)]
    assert grid.cell(0, 1) is None
    place = grid.place(2, 2)
    assert place.page == 1 and place.box == pytest.approx((150, 140, 250, 160), abs=0.6)
    assert grid.place(2, 3).box == pytest.approx((250, 140, 350, 160), abs=0.6)  # a blank cell has its place too


def test_words_under_a_highlighter_are_no_table(reading):
    page = Page().shade(95, 80, 205, 100).shade(50, 100, 120, 120)
    page.text(50, 95, "收入合计为【待填：年初预算数").text(50, 115, "（合计）】万元，支出决算为31.50万元。")
    page.shade(110, 200, 160, 220).text(50, 215, "共有车辆【待填】辆").text(50, 235, "完")
    source = reading(page)
    assert not source.grids
    assert texts(source) == [
        "收入合计为【待填：年初预算数",
        "（合计）】万元，支出决算为31.50万元。",
        "共有车辆【待填】辆",
        "完",
    ]


def test_a_table_that_only_its_grounds_draw_is_one(reading):
    page = Page()
    for row, (name, amount) in enumerate((("项目", "决算数"), ("基本支出", "12.00"), ("合计", "12.00"))):
        top = 100 + 20 * row
        page.shade(50, top, 150, top + 20).shade(150, top, 250, top + 20)
        page.text(54, top + 14, name).text(200, top + 14, amount)
    (grid,) = reading(page).grids
    assert rows(grid) == [["项目", "决算数"], ["基本支出", "12.00"], ["合计", "12.00"]]


def test_a_table_without_outer_rules_keeps_its_outer_columns(reading):
    page = Page()
    for y in (100, 120, 140, 160):
        page.line(50, y, 350, y)
    page.line(150, 100, 150, 160).line(250, 100, 250, 160)
    for y, row in ((115, ["项目", "预算", "决算"]), (135, ["甲", "1.00", "2.00"]), (155, ["乙", "3.00", "4.00"])):
        for x, text in zip((60, 160, 260), row, strict=True):
            page.text(x, y, text)
    assert rows(reading(page).grids[0]) == [["项目", "预算", "决算"], ["甲", "1.00", "2.00"], ["乙", "3.00", "4.00"]]


def test_a_wrapped_text_is_one_and_two_amounts_stay_two(reading):
    table = [["机关事业单位基本养老\n保险缴费支出", "12.00\n13.00", "一般公共\n预算"]]
    page = Page().table([50, 155, 255, 355], [100, 130, 160], [*table, ["甲", "1.00", "2"]])
    assert rows(reading(page).grids[0])[0] == ["机关事业单位基本养老保险缴费支出", "12.00\n13.00", "一般公共\n预算"]


def test_figures_that_touch_at_a_rule_are_two_and_one_that_runs_over_it_is_one(reading):
    page = Page().table([50, 90.2, 130, 200], [100, 120, 140], [["", "", ""], ["", "", ""]])
    page.text(50.5, 115, "1234.567").text(91.5, 115, "7654.321").text(45, 135, "1234567890.12")
    assert rows(reading(page).grids[0]) == [["1234.567", "7654.321", ""], ["1234567890.12", "", ""]]


XS = [50, 120, 250, 350, 450]
HEADER = ["科目编码", "科目名称", "本年收入合计", "其他收入"]


def test_a_table_over_pages_is_one_and_its_repeated_header_goes(reading):
    first = Page().text(200, 80, "收入决算表").text(400, 95, "单位：万元")
    first.table(XS, [100, 120, 140], [HEADER, ["201", "一般公共服务支出", "1.00", "2.00"]])
    second = Page().text(200, 80, "收入决算表（续）").text(400, 95, "单位：万元")
    second.table(XS, [100, 120, 140], [HEADER, ["202", "外交支出", "3.00", "4.00"]]).text(50, 160, "注：本表")
    source = reading(first, second)
    assert rows(source.grids[0]) == [
        HEADER,
        ["201", "一般公共服务支出", "1.00", "2.00"],
        ["202", "外交支出", "3.00", "4.00"],
    ]
    assert [source.grids[0].place(row, 0).page for row in range(3)] == [1, 1, 2]
    assert texts(source) == ["收入决算表", "单位：万元", "注：本表"]


def test_two_tables_on_following_pages_stay_two(reading):
    first = Page().text(200, 80, "收入决算表").table(XS, [100, 120, 140], [HEADER, ["201", "甲", "1.00", "2.00"]])
    second = Page().text(200, 80, "支出决算表").table(XS, [100, 120, 140], [HEADER, ["201", "甲", "1.00", "2.00"]])
    assert [grid.name for grid in reading(first, second).grids] == ["第1页表1", "第2页表1"]


@pytest.mark.parametrize("strip", [False, True])
def test_a_row_that_runs_over_the_page_is_put_together(reading, strip):
    first = Page().table(XS, [700, 720, 760], [HEADER, ["2080505", "机关事业单位基本养老保险", "446.11", "446.11"]])
    table = [["", "缴费支出", "", ""], ["2080506", "职业年金", "225.12", "225.12"]]
    ys = [60, 80, 100]
    if strip:
        table, ys = [["", "", "", ""], *table[1:]], [60, 66, 100]
    name = "机关事业单位基本养老保险" + ("" if strip else "缴费支出")
    assert rows(reading(first, Page().table(XS, ys, table)).grids[0])[1:] == [
        ["2080505", name, "446.11", "446.11"],
        ["2080506", "职业年金", "225.12", "225.12"],
    ]


def test_a_row_with_one_text_after_the_break_is_no_overflow(reading):
    side = ["收入", "决算数", "支出", "决算数"]
    first = Page().table(XS, [700, 720, 740], [side, ["其他收入", "", "十五、商业服务业等支出", ""]])
    second = Page().table(XS, [60, 80, 100], [["", "", "十六、金融支出", ""], ["总计", "1.00", "总计", "1.00"]])
    assert [row[2] for row in rows(reading(first, second).grids[0])] == [
        "支出",
        "十五、商业服务业等支出",
        "十六、金融支出",
        "总计",
    ]


@pytest.mark.parametrize("style", ["- {} -", "{}", "— {} —", "第{}页", "第 {} 页 共 3 页"])
def test_page_numbers_and_running_heads_are_no_lines(reading, style):
    pages = [
        Page().text(200, 40, "某市某局2023年度决算").text(90, 200, f"正文{n}").text(290, 810, style.format(n))
        for n in (1, 2, 3)
    ]
    source = reading(*pages)
    assert texts(source) == ["正文1", "正文2", "正文3"]
    assert source.features["running_heads"] == "某市某局2023年度决算"
    printed = "".join(style.format(3).split())
    assert source.features["page_numbers"].split(";")[2] == f"3={printed}"


def test_a_title_that_each_page_repeats_is_no_running_head(reading):
    pages = [Page().text(200, 60, "支出决算表").text(90, 200, f"正文{n}") for n in (1, 2, 3)]
    assert texts(reading(*pages)).count("支出决算表") == 3


@pytest.mark.parametrize("rotate", [0, 90, 180, 270])
def test_a_turned_page_reads_the_same(tmp_path, rotate):
    page = Page().table(XS, [100, 120, 140], [HEADER, ["201", "甲", "1.00", "2.00"]]).text(60, 90, "收入决算表")
    if rotate:  # draw it so that it stands upright once the viewer has turned the page
        matrix = {90: "0 1 -1 0 842 0", 180: "-1 0 0 -1 595 842", 270: "0 -1 1 0 0 595"}[rotate]
        page.out = [f"q {matrix} cm", *page.out, "Q"]
        page.rotate = rotate
        if rotate != 180:
            page.width, page.height = 842, 595
    path = tmp_path / "turned.pdf"
    path.write_bytes(pdf_bytes([page]))
    source = read(path)
    assert texts(source) == ["收入决算表"]
    assert rows(source.grids[0]) == [HEADER, ["201", "甲", "1.00", "2.00"]]
    assert source.grids[0].place(1, 2).box == pytest.approx((250, 120, 350, 140), abs=0.6)


def test_text_drawn_at_a_right_angle_is_read_and_placed_as_shown(reading):
    page = Page(595, 842).text(100, 700, "竖着印的表题", upward=True).text(130, 700, "第二行文字", upward=True)
    source = reading(page)
    assert texts(source) == ["竖着印的表题", "第二行文字"]
    x0, top, x1, bottom = source.lines[0].place.box
    assert 85 < x0 < x1 < 105 and bottom == pytest.approx(700, abs=1) and top == pytest.approx(640, abs=1)


def test_picture_pages_are_named(reading):
    source = reading(
        Page().text(90, 100, "封面"),
        Page().picture(0, 0, 595, 842).text(290, 820, "2"),
        Page().text(90, 100, "正文一段文字在此"),
        Page().text(90, 100, "收入决算表").picture(60, 150, 540, 700),
        Page(),
    )
    assert source.features["image_pages"] == "2,4"
    assert [place.page for _, place in source.problems] == [2, 4]
    assert source.problems[0][0].startswith("第2页是图片") and "无法识别" in source.problems[0][0]


def test_radicals_become_the_characters_they_stand_for(reading):
    assert texts(reading(Page().text(90, 100, "正文").text(90, 130, "单位")))[0] == "正文"
    from app.reading.pdf_chars import _unusual

    assert chr(_unusual(0x2F00, 0)[0]) == "一" and chr(_unusual(0x2ED3, 0)[0]) == "长"
    assert _unusual(0xDC0B, 0xD840)[0] == 0x2000B and _unusual(0xDC0B, 0)[2]


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"", "空"),
        (b"<html>not a pdf</html>", "不是 PDF"),
        (b"%PDF-1.4\ngarbage that ends here", "损坏"),
        (pdf_bytes([Page().text(90, 100, "甲")])[:300], "损坏"),
        (pdf_bytes([]), "没有页面"),
        (pdf_bytes([Page().picture(0, 0, 595, 842)] * 3), "全是图片"),
        (pdf_bytes([Page()] * 2), "空白页"),
        (pdf_bytes([Page().text(90, 100, "甲")] * 1501), "1501 页"),
        (pdf_bytes([Page().text(90, 100, "甲")], encrypt=True), "密码"),
    ],
    ids=["empty", "html", "garbage", "truncated", "no page", "pictures", "blank", "too long", "encrypted"],
)
def test_bad_input_gives_one_clear_sentence(tmp_path, content, word):
    path = tmp_path / "坏文件.pdf"
    path.write_bytes(content)
    with pytest.raises(Unreadable) as caught:
        read(path)
    sentence = str(caught.value)
    assert word in sentence and sentence.endswith("。") and "\n" not in sentence


def test_a_drawing_of_countless_lines_is_named_and_the_rest_is_read(reading):
    drawing = Page().text(90, 100, "某市国土空间总体规划图纸一张")
    for i in range(1100):  # more pairs of rules than any table has, each apart from the next
        drawing.line(i % 2 * 300, i * 3, 200 + i % 2 * 300, i * 3).line(i * 3, 0, i * 3, 100)
    source = reading(Page().text(90, 100, "正文"), drawing)
    assert texts(source) == ["正文"]
    assert [place.page for _, place in source.problems] == [2] and "过多" in source.problems[0][0]
    assert source.features["image_pages"] == "2"


def test_a_missing_file_is_said(tmp_path):
    with pytest.raises(Unreadable, match="无法打开"):
        read(tmp_path / "无.pdf")


@pytest.mark.parametrize("readable", [True, False])
def test_a_page_that_pdfium_refuses_goes_to_pdfplumber_or_is_named(reading, monkeypatch, readable):
    import pypdfium2

    from app.reading import pdf, pdf_fallback

    whole = pdf.read_page

    def refuse(document, index):
        if index == 1:
            raise pypdfium2.PdfiumError("Failed to load page.")
        return whole(document, index)

    monkeypatch.setattr(pdf, "read_page", refuse)
    if not readable:
        monkeypatch.setattr(pdf_fallback, "fallback_page", lambda path, index: None)
    source = reading(*(Page().text(90, 100, text) for text in ("第一页", "第二页", "第三页")))
    assert texts(source) == (["第一页", "第二页", "第三页"] if readable else ["第一页", "第三页"])
    assert [place.page for _, place in source.problems] == ([] if readable else [2])


def test_pdfplumber_in_its_place_reads_the_same(tmp_path):
    from app.reading.pdf_fallback import fallback_pages
    from app.reading.pdf_tables import Piece

    page = Page().text(60, 80, "收入决算表").table(XS, [100, 120, 140], [HEADER, ["201", "甲", "1.00", "2.00"]])
    page.text(60.3, 80, "收入决算表")
    path = tmp_path / "plain.pdf"
    path.write_bytes(pdf_bytes([page]))
    ((content, total),) = fallback_pages(path)
    assert total == 1
    line, piece = _layout(content).items
    assert line.text == "收入决算表" and isinstance(piece, Piece)
    assert [cell.text for cell in piece.cells] == [*HEADER, "201", "甲", "1.00", "2.00"]


def test_cells_are_those_that_pdfplumber_finds(tmp_path):
    """Random ruled tables with merged cells: our lattice against ``TableFinder`` on the same page."""
    import pdfplumber

    rand = random.Random(7)
    pages = [_random_table(rand) for _ in range(12)]
    path = tmp_path / "random.pdf"
    path.write_bytes(pdf_bytes(pages))
    grids = read(path).grids
    with pdfplumber.open(path) as document:
        for page, grid in zip(document.pages, grids, strict=True):
            expected = sorted(tuple(round(v) for v in cell) for cell in page.find_tables()[0].cells)
            found = sorted(tuple(round(v) for v in cell.place.box) for cell in grid.cells())
            assert len(found) == len(expected)
            assert all(abs(a - b) <= 1 for x, y in zip(found, expected, strict=True) for a, b in zip(x, y, strict=True))


def _random_table(rand: random.Random) -> Page:
    columns, lines = rand.randint(3, 7), rand.randint(3, 20)
    xs = [50 + 70 * i for i in range(columns + 1)]
    ys = [100 + 20 * i for i in range(lines + 1)]
    taken: set[tuple[int, int]] = set()
    page = Page().text(60, 80, f"第{rand.random()}表").text(60, 90, "正文")
    for row in range(lines):
        for column in range(columns):
            if (row, column) in taken:
                continue
            right, down = column + 1, row + 1
            if rand.random() < 0.2:
                right = min(columns, column + rand.randint(1, 2))
                down = min(lines, row + rand.randint(1, 2))
            block = {(r, c) for r in range(row, down) for c in range(column, right)}
            if block & taken:
                right, down, block = column + 1, row + 1, {(row, column)}
            taken |= block
            page.box(xs[column], ys[row], xs[right], ys[down]).text(xs[column] + 4, ys[row] + 14, f"{row}.{column}")
    return page
