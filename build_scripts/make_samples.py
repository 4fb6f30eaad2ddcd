"""Makes resources/samples: two published 决算公开 workbooks, laid out as the ministry prints them.

    python build_scripts/make_samples.py [folder]

Every figure below is as the unit published it, slips included:
- 武汉市江汉区企业服务中心 2022 年度部门决算公开 (published 2023-10-24): 表3 is blank but for its 合计.
- 武汉市武昌区人民政府办公室 2022 年度部门决算公开: 公开04表 prints 总计 5,010.43 beside 5,010.42.
The published documents are PDFs; zeros that they drop in print (18 for 18.00) come back through the
number format. The same run always gives the same bytes.
"""

from __future__ import annotations

import datetime
import sys
from pathlib import Path
from typing import Any

import xlsxwriter  # type: ignore[import-untyped]

sys.path.insert(0, str(Path(__file__).resolve().parent))

from sample_figures import CLASSES, ECONOMIC, SAMPLES, Sample

FOLDER = Path(__file__).resolve().parent.parent / "resources" / "samples"
GRANTS = ("一般公共预算财政拨款", "政府性基金预算财政拨款", "国有资本经营预算财政拨款")
INCOMES = (*(f"{g}收入" for g in GRANTS), "上级补助收入", "事业收入", "经营收入", "附属单位上缴收入", "其他收入")
CODED = {
    "收入表": ("本年收入合计", "财政拨款收入", "上级补助收入", "事业收入", "经营收入", "附属单位上缴收入", "其他收入"),
    "支出表": ("本年支出合计", "基本支出", "项目支出", "上缴上级支出", "经营支出", "对附属单位补助支出"),
    "一般支出表": ("本年支出/小计", "本年支出/基本支出", "本年支出/项目支出"),
    "基金表": (
        "年初结转和结余", "本年收入", "本年支出/小计", "本年支出/基本支出", "本年支出/项目支出", "年末结转和结余",
    ),
    "国资表": ("本年支出/合计", "本年支出/基本支出", "本年支出/项目支出"),
}  # fmt: skip
TRIPS = ("合计", "因公出国（境）费", "小计", "公务用车购置费", "公务用车运行维护费", "公务接待费")
DIGITS = "一二三四五六七八九"
NUMERALS = [*DIGITS, "十", *(f"十{d}" for d in DIGITS), "二十", *(f"二十{d}" for d in DIGITS)]


class Page:
    """One sheet being written from top to bottom; ``row`` is the next free row."""

    def __init__(self, book: Any, sample: Sample, table: str, widths: list[float]) -> None:
        self.sample, self.table, self.last = sample, table, len(widths) - 1
        self.sheet = book.add_worksheet(sample.sheets[table])
        self.styles = _styles(book)
        self.row = 0
        for column, width in enumerate(widths):
            self.sheet.set_column(column, column, width)
        self._print(landscape=sum(widths) > 115)
        self._top()

    def _print(self, landscape: bool) -> None:
        self.sheet.set_paper(9)
        if landscape:
            self.sheet.set_landscape()
        self.sheet.fit_to_pages(1, 1)
        self.sheet.center_horizontally()
        self.sheet.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.6)
        self.sheet.set_footer("&C&9- &P -")
        self.sheet.hide_gridlines(1)

    def _top(self) -> None:
        sample = self.sample
        self.put(0, sample.titles[self.table], "title", self.last)
        self.sheet.set_row(0, 30)
        self.row = 1
        if sample.numbered:
            number = list(sample.sheets).index(self.table) + 1
            self.put(self.last, f"公开{number:02d}表", "right")
            self.row = 2
            self.put(self.last // 2, f"{sample.year}年度", "centre")
        self.put(0, f"部门：{sample.unit}", "left")
        self.put(self.last, "单位：万元", "right")
        self.row += 1
        self.first = self.row

    def put(self, column: int, value: object, style: str, to: int | None = None, down: int = 0) -> None:
        """A value into this row; ``to`` is the last column, ``down`` the further rows it is merged over."""
        look, right = self.styles[style], to if to is not None else column
        if right > column or down:
            self.sheet.merge_range(self.row, column, self.row + down, right, "", look)
        if value is None or value == "":
            self.sheet.write_blank(self.row, column, None, look)
        elif isinstance(value, int | float):
            self.sheet.write_number(self.row, column, value, look)
        else:
            self.sheet.write_string(self.row, column, str(value), look)

    def end(self, height: float = 18) -> None:
        self.sheet.set_row(self.row, height)
        self.row += 1

    def heads_done(self) -> None:
        self.sheet.repeat_rows(0, self.row - 1)

    def notes(self) -> None:
        for line in self.sample.notes[self.table]:
            long = len(line) > 60
            self.put(0, line, "note", self.last)
            self.end(32 if long else 16)


def _styles(book: Any) -> dict[str, Any]:
    base = {"font_name": "宋体", "font_size": 10, "valign": "vcenter"}
    boxed = {**base, "border": 1}
    return {
        "title": book.add_format({**base, "font_size": 18, "bold": True, "align": "center"}),
        "left": book.add_format(base),
        "centre": book.add_format({**base, "align": "center"}),
        "right": book.add_format({**base, "align": "right"}),
        "note": book.add_format({**base, "text_wrap": True, "align": "left"}),
        "head": book.add_format({**boxed, "align": "center", "text_wrap": True}),
        "label": book.add_format({**boxed, "text_wrap": True}),
        "bold": book.add_format({**boxed, "bold": True, "align": "center"}),
        "strong": book.add_format({**boxed, "bold": True, "text_wrap": True}),
        "code": book.add_format({**boxed, "align": "left", "num_format": "@"}),
        "amount": book.add_format({**boxed, "align": "right", "num_format": "#,##0.00"}),
    }


def _total_row(label: str | None) -> bool:
    return bool(label) and (str(label).endswith("合计") or label == "总计")


def _sides(page: Page, left: list[tuple[str, Any]], right: list[tuple[str, Any]], heads: list[str]) -> None:
    """A 总表: (label, amount) on the left, (label, amounts) on the right, 行次 down both sides."""
    word = page.sample.amount_word
    page.put(0, "收入", "head", 2)
    page.put(3, "支出", "head", page.last)
    page.end(20)
    for column, text in enumerate(["项目", "行次", word, "项目", "行次", *heads]):
        page.put(column, text, "head")
    page.end(32 if len(heads) > 1 else 20)
    for column, text in enumerate(["栏次", "", 1, "栏次", "", *range(2, 2 + len(heads))]):
        page.put(column, text, "head")
    page.end()
    page.heads_done()
    for number, ((label, value), (other, values)) in enumerate(zip(left, right, strict=True), 1):
        page.put(0, label, "bold" if _total_row(label) else "label")
        page.put(1, number, "head")
        page.put(2, value, "amount")
        page.put(3, other, "bold" if _total_row(other) else "label")
        page.put(4, len(left) + number, "head")
        for index in range(len(heads)):
            page.put(5 + index, values[index] if index < len(values) else None, "amount")
        page.end()


def _both_sides(book: Any, sample: Sample) -> None:
    page = Page(book, sample, "收支总表", [33, 6, 15, 33, 6, 15])
    left: list[tuple[str, Any]] = [(f"{NUMERALS[n]}、{k}", sample.income.get(k)) for n, k in enumerate(INCOMES)]
    left += [("", None)] * (len(CLASSES) - len(left))
    left += [(k, sample.income.get(k)) for k in ("本年收入合计", "使用非财政拨款结余", "年初结转和结余", "", "总计")]
    right = [(f"{NUMERALS[n]}、{k}", [sample.spending.get(k)]) for n, k in enumerate(CLASSES)]
    right += [(k, [sample.spending.get(k)]) for k in ("本年支出合计", "结余分配", "年末结转和结余", "", "总计")]
    _sides(page, left, right, [sample.amount_word])
    page.notes()


def _fiscal(book: Any, sample: Sample) -> None:
    page = Page(book, sample, "财拨总表", [30, 6, 13, 31, 6, 13, 14, 14, 14])
    values = sample.fiscal_income
    left: list[tuple[str, Any]] = [(f"{NUMERALS[n]}、{g}", values.get(g)) for n, g in enumerate(GRANTS)]
    left += [("", None)] * (len(CLASSES) - 3)
    left += [(k, values.get(k)) for k in ("本年收入合计", "年初财政拨款结转和结余")]
    left += [(g, values.get(f"年初{g}")) for g in GRANTS] + [("总计", values.get("总计"))]
    right = [(f"{NUMERALS[n]}、{k}", sample.fiscal_spending.get(k, [])) for n, k in enumerate(CLASSES)]
    rest = ("本年支出合计", "年末财政拨款结转和结余", "", "", "", "总计")
    right += [(k, sample.fiscal_spending.get(k, [])) for k in rest]
    _sides(page, left, right, [sample.total_word, *GRANTS])
    page.notes()


def _code_head(page: Page, names: tuple[str, ...]) -> int:
    """Header of a code table; returns the column of the 科目名称."""
    three = page.sample.three_codes
    at = 3 if three else 1
    grouped = [name.split("/") for name in names]
    page.put(0, "项目", "head", at)
    for index, parts in enumerate(grouped):
        if len(parts) == 1:
            page.put(at + 1 + index, parts[0], "head", down=1)
        elif index == 0 or len(grouped[index - 1]) == 1:
            page.put(at + 1 + index, parts[0], "head", at + 3 + index)
    page.end(20)
    page.put(0, "功能分类科目编码" if three else "科目代码", "head", at - 1)
    page.put(at, "科目名称", "head")
    for index, parts in enumerate(grouped):
        if len(parts) == 2:
            page.put(at + 1 + index, parts[1], "head")
    page.end(32)
    for column, text in enumerate("类款项" if three else ""):
        page.put(column, text, "head")
    page.put(at if three else 0, "栏次", "head", at)
    for index in range(len(names)):
        page.put(at + 1 + index, index + 1, "head")
    page.end()
    page.heads_done()
    return at


def _coded(book: Any, sample: Sample, table: str) -> None:
    names = CODED[table]
    codes = [4.0, 4.0, 4.0] if sample.three_codes else [12.0]
    page = Page(book, sample, table, [*codes, 38, *([14.0] * len(names))])
    at = _code_head(page, names)
    for code, name, *values in sample.coded[table]:
        style = "bold" if code == "合计" else "label" if len(str(code)) == 7 else "strong"
        if code == "合计":
            page.put(0, "合计", "bold", at)
        else:
            page.put(0, code, "code", at - 1 if at > 1 else None)
            page.put(at, name, style)
        for index in range(len(names)):
            page.put(at + 1 + index, values[index] if index < len(values) else None, "amount")
        page.end()
    page.notes()


def _basic(book: Any, sample: Sample) -> None:
    page = Page(book, sample, "基本支出表", [10, 31, 12, 10, 25, 12, 10, 40, 12])
    page.put(0, "人员经费", "head", 2)
    page.put(3, "公用经费", "head", 8)
    page.end(20)
    for column in range(9):
        page.put(column, (sample.economic_word, "科目名称", "决算数")[column % 3], "head")
    page.end(32)
    page.heads_done()
    blocks = [[c for c in ECONOMIC if c[:3] in kinds and c not in sample.unlisted] for kinds in sample.blocks]
    for index in range(max(map(len, blocks))):
        for block, codes in enumerate(blocks):
            code = codes[index] if index < len(codes) else ""
            page.put(3 * block, code, "code")
            page.put(3 * block + 1, ECONOMIC.get(code, ""), "strong" if len(code) == 3 else "label")
            page.put(3 * block + 2, sample.basic.get(code), "amount")
        page.end()
    page.put(0, "人员经费合计", "bold", 1)
    page.put(2, sample.basic["人员经费合计"], "amount")
    page.put(3, "公用经费合计", "bold", 7)
    page.put(8, sample.basic["公用经费合计"], "amount")
    page.end()
    page.notes()


def _trips(book: Any, sample: Sample) -> None:
    page = Page(book, sample, "三公表", [10, 12, 10, 12, 14, 12] * 2)
    page.put(0, "预算数", "head", 5)
    page.put(6, "决算数", "head", 11)
    page.end(20)
    for start in (0, 6):
        for offset in (0, 1, 5):
            page.put(start + offset, TRIPS[offset], "head", down=1)
        page.put(start + 2, "公务用车购置及运行维护费", "head", start + 4)
    page.end(20)
    for start in (0, 6):
        for offset in (2, 3, 4):
            page.put(start + offset, TRIPS[offset], "head")
    page.end(32)
    for column in range(12):
        page.put(column, column + 1, "head")
    page.end()
    for column in range(12):
        page.put(column, None, "amount")
    page.end(22)
    page.notes()


def make(sample: Sample, folder: Path) -> Path:
    """Write one sample; its nine tables each on a sheet."""
    path = folder / sample.file
    book = xlsxwriter.Workbook(str(path))
    book.set_properties(
        {"created": datetime.datetime(2023, 10, 24), "title": f"{sample.unit}{sample.year}年度部门决算"}
    )
    _both_sides(book, sample)
    _coded(book, sample, "收入表")
    _coded(book, sample, "支出表")
    _fiscal(book, sample)
    _coded(book, sample, "一般支出表")
    _basic(book, sample)
    _coded(book, sample, "基金表")
    _coded(book, sample, "国资表")
    _trips(book, sample)
    book.close()
    return path


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER
    target.mkdir(parents=True, exist_ok=True)
    for each in SAMPLES:
        print(make(each, target))
