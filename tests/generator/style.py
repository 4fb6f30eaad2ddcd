"""One way to print a department: what its form shows and what its clerk does."""

from __future__ import annotations

from dataclasses import dataclass

from .panels import TITLES

TABLES = tuple(TITLES)
_ORDER_2021 = ("收支总表", "收入表", "支出表", "财拨总表", "一般支出表", "基本支出表", "三公表", "基金表", "国资表")

_NOTES = {
    "收支总表": "本表反映部门本年度的总收支和年末结转结余情况。",
    "收入表": "本表反映部门本年度取得的各项收入情况。",
    "支出表": "本表反映部门本年度各项支出情况。",
    "财拨总表": (
        "本表反映部门本年度一般公共预算财政拨款、政府性基金预算财政拨款"
        "和国有资本经营预算财政拨款的总收支和年末结转结余情况。"
    ),
    "一般支出表": "本表反映部门本年度一般公共预算财政拨款支出情况。",
    "基本支出表": "本表反映部门本年度一般公共预算财政拨款基本支出明细情况。",
    "基金表": "本表反映部门本年度政府性基金预算财政拨款收入、支出及结转和结余情况。",
    "国资表": "本表反映部门本年度国有资本经营预算财政拨款支出情况。",
    "三公表": (
        "本表反映部门本年度财政拨款“三公”经费支出预决算情况。其中，预算数为“三公”经费全年预算数，"
        "反映按规定程序调整后的预算数；决算数是包括当年财政拨款和以前年度结转资金安排的实际支出。"
    ),
}
_FORMULAS = {
    "收支总表": (
        "27 行 = (1+2+3+4+5+6+7+8) 行； 31 行 = (27+28+29) 行；",
        "58 行 = (32+33+...+57) 行； 62 行 = (58+59+60) 行。",
    ),
    "收入表": ("1 栏各行 = (2+3+4+5+6+7) 栏各行。",),
    "支出表": ("1 栏各行 = (2+3+4+5+6) 栏各行。",),
    "财拨总表": (
        "27 行 = (1+2+3) 行；28 行 = (29+30+31) 行；32 行 = (27+28) 行；",
        "59 行 = (33+34+...+58) 行；64 行 = (59+60) 行。",
    ),
    "一般支出表": ("1 栏各行 = (2+3) 栏各行。",),
    "基金表": ("6 栏各行 = (1+2-3) 栏各行；3 栏各行 = (4+5) 栏各行。",),
    "国资表": ("1 栏各行 = (2+3) 栏各行。",),
    "三公表": ("1 栏 = (2+3+6) 栏；3 栏 = (4+5) 栏；7 栏 = (8+9+12) 栏；9 栏 = (10+11) 栏。",),
}
_PAIRED = ("1 栏 = (3+5+11) 栏；5 栏 = (7+9) 栏；2 栏 = (4+6+12) 栏；6 栏 = (8+10) 栏。",)


@dataclass(slots=True)
class Layout:
    """One way to print a department; the defaults are the ministry's 2022 form, a table a sheet."""

    key: str
    form: str = "2022"  # 2021 | 2022 | shanghai
    numbers: bool = True  # 行次 and 栏次 printed
    year_in_title: bool = False
    class_rows: int = 26
    total_last: frozenset[str] = frozenset()
    code_columns: int = 1
    split: str = "merged"  # three code columns: merged | parts | own
    code_as: str = "text"  # text | spaced
    basic_blocks: int = 3
    long_economic: bool = True
    pairs: bool = False
    text_amounts: bool = False
    none: str = ""  # what stands for none: "" | "-" | "—" | "0.00"
    full_width: bool = False
    thousands: bool = True  # of amounts typed as text
    yuan: frozenset[str] = frozenset()
    exact: bool = False  # stored as 5010.41873, shown as 5010.42
    formulas: bool = False
    one_sheet: bool = False
    around: bool = False
    continued: bool = False
    header_again: bool = True
    gaps: bool = False
    breaks: bool = False
    spaced_words: bool = False
    indents: bool = False
    reserve_note: bool = False
    extra_titles: tuple[str, ...] = ()
    number_first: bool = False  # 公开NN表 above the title
    number_spaced: bool = False  # 公开 01 表
    meta_in_one: bool = False  # 部门, year and unit of money in one merged cell
    half_width: bool = False  # : and ( ) for ： and （ ）
    hidden_rows: bool = False  # blank rows of the 总表 hidden
    print_formulas: bool = False
    amount_word: str = "金额"
    total_word: str = "合计"
    code_word: str = "科目代码"
    economic_word: str = "科目代码"
    money_word: str = "单位"
    unit_word: str = "部门"
    sheet_names: str = "公开{n:02d}表"

    def order(self) -> tuple[str, ...]:
        return TABLES if self.form == "2022" else _ORDER_2021

    def number(self, table: str) -> str:
        """公开NN表, or nothing where the form prints none."""
        if self.form == "shanghai" or self.year_in_title:
            return ""
        number = f"{self.order().index(table) + 1:02d}"
        return f"公开 {number} 表" if self.number_spaced else f"公开{number}表"

    def title(self, table: str, year: int) -> str:
        title = TITLES[table]
        if self.form == "shanghai":
            title = title.replace("明细表", "表").replace("经营预算财政拨款支出", "经营预算财政拨款收入支出")
        return f"{year}年度{title}（表{self.order().index(table) + 1}）" if self.year_in_title else title

    def notes(self, table: str) -> list[str]:
        lines = [f"注：{_NOTES[table]}"]
        if self.form == "shanghai":
            lines[0] = lines[0].replace("政府性基金预算财政拨款收入、支出", "政府性基金预算财政拨款收入支出")
        if self.print_formulas:
            lines += _PAIRED if table == "三公表" and self.pairs else _FORMULAS.get(table, ())
        return lines

    def code(self, code: str) -> str:
        return {"spaced": f" {code} ", "number": code}.get(self.code_as, code)

    def indent(self, code: str) -> str:
        return "　" * (len(code) // 2 - 1) if self.indents else ""

    def pronoun(self, name: str) -> str:
        return f"{name}本年度" if self.form == "shanghai" else "我部门"
