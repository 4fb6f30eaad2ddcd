"""How clerks lay the nine tables out: the layouts of the issue's reading list, with chance inside each."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from random import Random

from .book import Book, Sheet
from .compose import continue_on, dress, place, surround, write_formulas
from .department import Department
from .figures import Key, figures
from .panels import Panel, panel
from .style import TABLES, Layout

Cells = dict[Key, tuple[str, str]]  # (table, block, row, column) -> (sheet, A1)
_CODED = frozenset({"收入表", "支出表", "一般支出表", "基金表", "国资表"})


def _likely(rng: Random, share: float) -> bool:
    return rng.random() < share


def _ministry(rng: Random) -> Layout:
    return Layout(
        "ministry", print_formulas=_likely(rng, 0.7), none=rng.choice(["", "", "0.00"]),
        number_first=_likely(rng, 0.2), number_spaced=_likely(rng, 0.2), basic_blocks=rng.choice([3, 3, 2]),
    )  # fmt: skip


def _numbered_titles(rng: Random) -> Layout:
    """As 江汉区 prints it: year and 表N in the title, 类 款 项 over merged code cells."""
    return Layout(
        "titles", year_in_title=True, code_columns=3, amount_word="决算数", total_word="小计",
        print_formulas=True, long_economic=False, sheet_names="表{n}", economic_word="经济分类科目编码",
        half_width=_likely(rng, 0.3), split=rng.choice(["merged", "merged", "parts"]),
    )  # fmt: skip


def _stacked(rng: Random) -> Layout:
    return Layout(
        "stacked", one_sheet=True, indents=_likely(rng, 0.5), none=rng.choice(["", "0.00"]),
        code_as=rng.choice(["text", "number"]), numbers=_likely(rng, 0.7), meta_in_one=_likely(rng, 0.4),
        total_last=_CODED if _likely(rng, 0.3) else frozenset(),
    )  # fmt: skip


def _shanghai(rng: Random) -> Layout:
    return Layout(
        "shanghai", form="shanghai", numbers=False, class_rows=24, total_last=frozenset({"一般支出表"}),
        basic_blocks=2, long_economic=False, pairs=True, none=rng.choice(["", "0.00"]), amount_word="决算数",
        code_word="功能分类\n科目编码", economic_word="经济分类\n科目编码", code_as=rng.choice(["text", "number"]),
        one_sheet=_likely(rng, 0.25), reserve_note=_likely(rng, 0.3), sheet_names="{n}",
        half_width=_likely(rng, 0.2),
    )  # fmt: skip


def _older(rng: Random) -> Layout:
    return Layout(
        "older", form="2021", code_columns=3, split=rng.choice(["parts", "own", "merged"]), text_amounts=True,
        none=rng.choice(["", "-", "—", "0.00"]), full_width=_likely(rng, 0.5), thousands=_likely(rng, 0.6),
        money_word="金额单位", code_as=rng.choice(["text", "spaced"]), sheet_names="Z{n:02d}",
        unit_word=rng.choice(["部门", "公开部门"]),
    )  # fmt: skip


def _surrounded(rng: Random) -> Layout:
    return Layout(
        "surrounded", around=True, gaps=_likely(rng, 0.7), breaks=True, spaced_words=_likely(rng, 0.5),
        continued=_likely(rng, 0.7), header_again=_likely(rng, 0.6), indents=_likely(rng, 0.3),
        extra_titles=("附件2", "{unit}{year}年度部门决算公开表")[: rng.randint(0, 2)],
        code_word="功能分类科目编码", print_formulas=_likely(rng, 0.3), pairs=_likely(rng, 0.3),
        hidden_rows=_likely(rng, 0.4), half_width=_likely(rng, 0.3),
    )  # fmt: skip


def _yuan(rng: Random) -> Layout:
    every = _likely(rng, 0.4)
    return Layout(
        "yuan", yuan=frozenset(TABLES if every else rng.sample(TABLES, k=1)), formulas=_likely(rng, 0.5),
        total_last=_CODED if _likely(rng, 0.6) else frozenset(), code_as=rng.choice(["text", "spaced", "number"]),
        numbers=_likely(rng, 0.5), meta_in_one=_likely(rng, 0.2), basic_blocks=rng.choice([2, 3]),
    )  # fmt: skip


def _hidden_decimals(rng: Random) -> Layout:
    return Layout("decimals", exact=True, formulas=_likely(rng, 0.5), code_as=rng.choice(["text", "number"]))


LAYOUTS: dict[str, Callable[[Random], Layout]] = {
    "ministry": _ministry,
    "titles": _numbered_titles,
    "stacked": _stacked,
    "shanghai": _shanghai,
    "older": _older,
    "surrounded": _surrounded,
    "yuan": _yuan,
    "decimals": _hidden_decimals,
}


def fits(whole: Department, name: str) -> bool:
    """Whether a form can print this department: the shorter ones lack some rows."""
    return not (whole.long_form and name in ("shanghai", "titles"))


def compose(whole: Department, layout: Layout, rng: Random) -> Book:
    """The department's nine tables as a workbook in this layout."""
    exact = figures(whole)
    book = Book(layout.key, yuan=layout.yuan)
    panels = [panel(table, whole, exact, layout) for table in layout.order()]
    for grid in panels:
        dress(grid, exact, layout, rng)
    if layout.one_sheet:
        sheet, top = Sheet("决算公开表"), 0
        for grid in panels:
            top = place(grid, sheet, top, layout) + rng.randint(1, 3)
        book.sheets.append(sheet)
    else:
        _one_each(book, panels, layout, rng)
    write_formulas(book)
    if layout.around:
        surround(book, whole, rng)
    return book


def _one_each(book: Book, panels: list[Panel], layout: Layout, rng: Random) -> None:
    long = [g for g in panels if len(g.body) >= 8] if layout.continued else []
    cut = rng.choice(long) if long else None
    for number, grid in enumerate(panels, 1):
        sheet = Sheet(layout.sheet_names.format(n=number))
        book.sheets.append(sheet)
        if grid is cut:
            book.sheets.append(Sheet(f"{sheet.name}续"))
            continue_on(grid, sheet, book.sheets[-1], layout, rng)
        else:
            place(grid, sheet, 0, layout)


def write(whole: Department, layout: Layout, path: Path, rng: Random) -> Cells:
    """Write the department as a workbook; where each amount cell stands."""
    book = compose(whole, layout, rng)
    book.save(path)
    return book.amounts()
