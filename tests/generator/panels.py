"""The nine tables as grids: titles, merged headers, 行次/栏次, rows, notes, as the forms print them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .book import Piece, Position
from .department import FISCAL, INCOMES, KINDS, Department
from .figures import GRANTS, Figures, Key, levels, subject_name
from .subjects import CLASSES, ECONOMIC, LONG_FORM_ONLY

if TYPE_CHECKING:
    from .style import Layout

TITLES = {
    "收支总表": "收入支出决算总表",
    "收入表": "收入决算表",
    "支出表": "支出决算表",
    "财拨总表": "财政拨款收入支出决算总表",
    "一般支出表": "一般公共预算财政拨款支出决算表",
    "基本支出表": "一般公共预算财政拨款基本支出决算明细表",
    "基金表": "政府性基金预算财政拨款收入支出决算表",
    "国资表": "国有资本经营预算财政拨款支出决算表",
    "三公表": "财政拨款“三公”经费支出决算表",
}
_DIGITS = "一二三四五六七八九"
NUMERALS = [*_DIGITS, "十", *(f"十{d}" for d in _DIGITS), "二十", *(f"二十{d}" for d in _DIGITS)]
_ABSENT = {
    "基金表": "没有政府性基金预算财政拨款收入，也没有使用政府性基金预算财政拨款安排的支出",
    "国资表": "没有国有资本经营预算财政拨款收入，也没有使用国有资本经营预算财政拨款安排的支出",
    "三公表": "没有使用财政拨款安排的“三公”经费支出",
}


@dataclass(slots=True)
class Panel:
    """One table on its own grid; ``body`` are the rows that a continuation may be cut within.

    ``seam`` is the column before which an empty column may be put.
    """

    table: str
    width: int
    cells: dict[Position, Piece] = field(default_factory=dict)
    merges: list[tuple[int, int, int, int]] = field(default_factory=list)
    height: int = 0
    body: range = range(0)
    seam: int = 0
    blank: bool = False  # an empty table: frame and statement only

    def put(self, row: int, column: int, text: str, role: str = "head", to: Position | None = None) -> None:
        """Text into a cell, merged down and right to ``to`` (inclusive) where that is another cell."""
        self.cells[row, column] = Piece(text, role)
        if to is not None and to != (row, column):
            self.merges.append((row, column, *to))

    def amount(self, row: int, column: int, key: Key, parts: Iterable[Key] = ()) -> None:
        self.cells[row, column] = Piece(None, "amount", key, tuple(parts))

    def spare(self, row: int, columns: Iterable[int]) -> None:
        for column in columns:
            self.cells.setdefault((row, column), Piece(None, "label"))


Builder = Callable[[Department, Figures, "Layout"], Panel]


def panel(table: str, whole: Department, exact: Figures, layout: Layout) -> Panel:
    """The table as the layout prints it, amounts not yet filled in."""
    made: dict[str, Builder] = {
        "收支总表": _both_sides, "财拨总表": _fiscal, "基本支出表": _basic, "三公表": _trips,
    }  # fmt: skip
    grid = made[table](whole, exact, layout) if table in made else _code_table(table, whole, exact, layout)
    _footer(grid, whole, exact, layout)
    return grid


def _empty(table: str, exact: Figures) -> bool:
    return not any(v for k, v in exact.items() if k[0] == table)


def _top(table: str, width: int, whole: Department, layout: Layout) -> Panel:
    """Title rows; the next free row is ``height``."""
    grid, last = Panel(table, width), width - 1
    for extra in layout.extra_titles:
        grid.put(grid.height, 0, extra.format(unit=whole.name, year=whole.year), "meta")
        grid.height += 1
    number = layout.number(table)
    if number and layout.number_first:
        grid.put(grid.height, last, number, "meta")
        grid.height += 1
    grid.put(grid.height, 0, layout.title(table, whole.year), "title", (grid.height, last))
    money = f"{layout.money_word}：{'元' if table in layout.yuan else '万元'}"
    if layout.form == "shanghai":
        grid.put(grid.height + 1, last, money, "meta")
        grid.height += 2
        return grid
    if number and not layout.number_first:
        grid.put(grid.height + 1, last, number, "meta")
        grid.height += 1
    if layout.meta_in_one:
        line = f"{layout.unit_word}：{whole.name}          {whole.year}年度          {money}"
        grid.put(grid.height + 1, 0, line, "meta", (grid.height + 1, last))
        grid.height += 2
        return grid
    grid.put(grid.height + 1, 0, f"{layout.unit_word}：{whole.name}", "meta")
    if not layout.year_in_title and width > 3:
        grid.put(grid.height + 1, width // 2, f"{whole.year}年度", "meta")
    grid.put(grid.height + 1, last, money, "meta")
    grid.height += 2
    return grid


def _footer(grid: Panel, whole: Department, exact: Figures, layout: Layout) -> None:
    for line in layout.notes(grid.table):
        grid.put(grid.height, 0, line, "note")
        grid.height += 1
    if grid.blank:
        what = _ABSENT[grid.table]
        grid.put(grid.height, 0, f"说明：{layout.pronoun(whole.name)}{what}，故本表无数据。", "note")
        grid.height += 1


# 收支总表 and 财拨总表 ------------------------------------------------------------------------


def _classes(layout: Layout) -> list[str]:
    return [c for c in CLASSES if layout.class_rows == 26 or c not in ("231", "232")]


def _side(
    grid: Panel, column: int, block: str, lines: Sequence[tuple[str, str | None]], layout: Layout, first: int,
    columns: Sequence[str], sums: dict[str, tuple[str, ...]],
) -> None:  # fmt: skip
    """One side of a 总表 from row ``height`` on: (label, row key) lines, 行次 counted from ``first``."""
    for offset, (label, row) in enumerate(lines):
        at, role = grid.height + offset, "label"
        grid.put(at, column, label, role)
        place = column + 1
        if layout.numbers:
            grid.put(at, place, str(first + offset), "head")
            place += 1
        for index, name in enumerate(columns):
            if row is None:
                grid.spare(at, [place + index])
                continue
            parts = [(grid.table, block, r, name) for r in sums.get(row, ())]
            if not parts and index == 0 and len(columns) > 1:
                parts = [(grid.table, block, row, other) for other in columns[1:]]
            grid.amount(at, place + index, (grid.table, block, row, name), parts)


def _sides_head(grid: Panel, left: Sequence[str], right: Sequence[str], layout: Layout) -> tuple[int, int]:
    """Header of a 总表; returns the first columns of the two sides."""
    gap = 2 if layout.numbers else 1
    seam = gap + len(left)
    row, last = grid.height, seam + gap + len(right) - 1
    grid.put(row, 0, "收入", to=(row, seam - 1))
    grid.put(row, seam, "支出", to=(row, last))
    for start, names in ((0, left), (seam, right)):
        grid.put(row + 1, start, "项目")
        if layout.numbers:
            grid.put(row + 1, start + 1, "行次")
        for index, name in enumerate(names):
            grid.put(row + 1, start + gap + index, name)
    grid.height += 2
    if layout.numbers:
        grid.put(row + 2, 0, "栏次")
        grid.put(row + 2, seam, "栏次")
        for number, column in enumerate([2, *range(seam + 2, last + 1)], 1):
            grid.put(row + 2, column, str(number))
        grid.put(row + 2, 1, "")
        grid.put(row + 2, seam + 1, "")
        grid.height += 1
    grid.seam = seam
    return 0, seam


def _both_sides(whole: Department, exact: Figures, layout: Layout) -> Panel:
    gap = 2 if layout.numbers else 1
    grid = _top("收支总表", 2 * gap + 2, whole, layout)
    left, right = _sides_head(grid, [layout.amount_word], [layout.amount_word], layout)
    incomes = [f"{g}收入" for g in GRANTS] + list(INCOMES)
    classes = _classes(layout)
    income: list[tuple[str, str | None]] = [(f"{NUMERALS[n]}、{row}", row) for n, row in enumerate(incomes)]
    income += [("", None)] * (len(classes) - len(incomes))
    spending: list[tuple[str, str | None]] = [(f"{NUMERALS[n]}、{CLASSES[c]}", c) for n, c in enumerate(classes)]
    spare: list[tuple[str, str | None]] = [("", None)] if layout.numbers else []
    reserve = "使用非财政拨款结余" + ("（含专用结余）" if layout.reserve_note else "")
    income += [("本年收入合计", "本年收入合计"), (reserve, "使用非财政拨款结余")]
    income += [("年初结转和结余", "年初结转和结余"), *spare, ("总计", "总计")]
    spending += [("本年支出合计", "本年支出合计"), ("结余分配", "结余分配")]
    spending += [("年末结转和结余", "年末结转和结余"), *spare, ("总计", "总计")]
    sums = {"本年收入合计": tuple(incomes), "总计": ("本年收入合计", "使用非财政拨款结余", "年初结转和结余")}
    _side(grid, left, "收支总表收入", income, layout, 1, ["决算数"], sums)
    sums = {"本年支出合计": tuple(classes), "总计": ("本年支出合计", "结余分配", "年末结转和结余")}
    _side(grid, right, "收支总表支出", spending, layout, len(income) + 1, ["决算数"], sums)
    grid.height += len(income)
    return grid


def _fiscal(whole: Department, exact: Figures, layout: Layout) -> Panel:
    gap = 2 if layout.numbers else 1
    grid = _top("财拨总表", 2 * gap + 5, whole, layout)
    heads = [layout.total_word, *GRANTS]
    left, right = _sides_head(grid, [layout.amount_word], heads, layout)
    classes = _classes(layout)
    income: list[tuple[str, str | None]] = [(f"{NUMERALS[n]}、{g}", g) for n, g in enumerate(GRANTS)]
    income += [("", None)] * (len(classes) - 3)
    income += [("本年收入合计", "本年收入合计"), ("年初财政拨款结转和结余", "年初财政拨款结转和结余")]
    income += [(f"{NUMERALS[n]}、{g}" if layout.form != "2022" else g, f"年初{g}") for n, g in enumerate(GRANTS)]
    income += [("总计", "总计")]
    spending: list[tuple[str, str | None]] = [(f"{NUMERALS[n]}、{CLASSES[c]}", c) for n, c in enumerate(classes)]
    spending += [("本年支出合计", "本年支出合计"), ("年末财政拨款结转和结余", "年末财政拨款结转和结余")]
    spending += [("", None)] * 3 + [("总计", "总计")]
    sums = {
        "本年收入合计": GRANTS,
        "年初财政拨款结转和结余": tuple(f"年初{g}" for g in GRANTS),
        "总计": ("本年收入合计", "年初财政拨款结转和结余"),
    }
    _side(grid, left, "财拨总表收入", income, layout, 1, ["决算数"], sums)
    sums = {"本年支出合计": tuple(classes), "总计": ("本年支出合计", "年末财政拨款结转和结余")}
    _side(grid, right, "财拨总表支出", spending, layout, len(income) + 1, ["合计", *FISCAL], sums)
    grid.height += len(income)
    return grid


# code tables ------------------------------------------------------------------------------------

Head = tuple[str | None, str, str]  # group, header text, column key


def _heads(table: str, layout: Layout) -> list[Head]:
    total = "合计" if layout.form == "shanghai" else "小计"
    spent: list[Head] = [("本年支出", "基本支出", "基本支出"), ("本年支出", "项目支出", "项目支出")]
    if table == "收入表":
        named: list[Head] = [(None, "本年收入合计", "合计"), (None, "财政拨款收入", "财政拨款收入")]
        return [*named, *((None, k, k) for k in INCOMES)]
    if table == "支出表":
        return [(None, "本年支出合计", "合计"), *((None, k, k) for k in KINDS)]
    if table == "一般支出表":
        if layout.form == "shanghai":
            return [(None, "合计", "合计"), *((None, k, k) for k in KINDS[:2])]
        return [("本年支出", "小计", "合计"), *spent]
    if table == "国资表" and layout.form != "shanghai":
        return [("本年支出", "合计", "合计"), *spent]
    key = "小计" if table == "基金表" else "合计"
    return [(None, "年初结转和结余", "年初结转和结余"), (None, "本年收入", "本年收入"),
            ("本年支出", total, key), *spent, (None, "年末结转和结余", "年末结转和结余")]  # fmt: skip


def _code_head(grid: Panel, heads: list[Head], layout: Layout) -> None:
    row, codes = grid.height, layout.code_columns
    numbered_by = row + 2 if layout.numbers else None
    deep = row + (1 if codes == 1 or layout.numbers else 2)  # last row of the amount headers
    grid.put(row, 0, "项目", to=(row, codes))
    if codes == 1:
        grid.put(row + 1, 0, layout.code_word)
    else:
        grid.put(row + 1, 0, "功能分类科目编码", to=(row + 1, 2))
        for index, word in enumerate("类款项"):
            grid.put(row + 2, index, word)
    grid.put(row + 1, codes, "科目名称", to=(deep, codes))
    for index, (group, text, _) in enumerate(heads):
        column = codes + 1 + index
        if group is None:
            grid.put(row, column, text, to=(deep, column))
            continue
        grid.put(row + 1, column, text, to=(deep, column))
        if index == 0 or heads[index - 1][0] != group:
            span = sum(1 for g, _, _ in heads[index:] if g == group)
            grid.put(row, column, group, to=(row, column + span - 1))
    grid.height = deep + 1
    if numbered_by is not None:
        grid.put(numbered_by, codes if codes == 3 else 0, "栏次", to=(numbered_by, codes))
        for index in range(len(heads)):
            grid.put(numbered_by, codes + 1 + index, str(index + 1))
        grid.height = numbered_by + 1
    grid.seam = codes + 1


def _code_cells(grid: Panel, row: int, code: str, layout: Layout) -> None:
    if layout.code_columns == 1:
        grid.put(row, 0, layout.code(code), "code")
    elif layout.split == "merged":
        grid.put(row, 0, layout.code(code), "code", (row, 2))
    else:
        depth = len(code) // 2 - 1
        texts = [code[:3], code[3:5], code[5:]] if layout.split == "parts" else list(levels(code))
        for index in range(3):
            shown = index <= depth if layout.split == "parts" else index == depth
            grid.put(row, index, texts[index] if shown else "", "code")


def _code_table(table: str, whole: Department, exact: Figures, layout: Layout) -> Panel:
    heads = _heads(table, layout)
    codes = layout.code_columns
    grid = _top(table, codes + 1 + len(heads), whole, layout)
    _code_head(grid, heads, layout)
    keys = [key for _, _, key in heads]
    rows = sorted(r for t, _, r, c in exact if t == table and c == keys[0] and r != "合计")
    rows = [r for r in rows if any(exact[table, table, r, k] for k in keys)]
    grid.blank = not rows
    order = [*rows, "合计"] if table in layout.total_last else ["合计", *rows]
    start = grid.height
    for row in order:
        if row == "合计":
            grid.put(grid.height, 0, "合计", "head", (grid.height, codes))
        else:
            _code_cells(grid, grid.height, row, layout)
            grid.put(grid.height, codes, layout.indent(row) + subject_name(whole, row), "label")
        for index, key in enumerate(keys):
            parts = _parts(table, row, key, rows)
            grid.amount(grid.height, codes + 1 + index, (table, table, row, key), parts)
        grid.height += 1
    grid.body = range(start, grid.height)
    return grid


def _parts(table: str, row: str, column: str, rows: list[str]) -> list[Key]:
    """What Excel would add up here: the codes beneath, or for a 项 its columns."""
    if row == "合计":
        return [(table, table, r, column) for r in rows if len(r) == 3]
    if len(row) < 7:
        return [(table, table, r, column) for r in rows if len(r) == len(row) + 2 and r.startswith(row)]
    adds: dict[str, Sequence[str]] = {
        "收入表": ("财政拨款收入", *INCOMES), "支出表": KINDS, "一般支出表": KINDS[:2],
        "基金表": KINDS[:2], "国资表": KINDS[:2],
    }  # fmt: skip
    total = "小计" if table == "基金表" else "合计"
    return [(table, table, row, c) for c in adds[table]] if column == total else []


# 基本支出表 and 三公表 --------------------------------------------------------------------------


def _basic(whole: Department, exact: Figures, layout: Layout) -> Panel:
    listed = [c for c in ECONOMIC if whole.long_form or layout.long_economic or c not in LONG_FORM_ONLY]
    lists = [[c for c in listed if c[:3] in ("301", "303")]]
    lists += (
        [[c for c in listed if c[:3] == "302"], [c for c in listed if c[:3] in ("307", "310", "399")]]
        if layout.basic_blocks == 3
        else [[c for c in listed if c[:3] not in ("301", "303")]]
    )
    width = 3 * len(lists)
    grid = _top("基本支出表", width, whole, layout)
    if layout.form != "shanghai":
        grid.put(grid.height, 0, "人员经费", to=(grid.height, 2))
        grid.put(grid.height, 3, "公用经费", to=(grid.height, width - 1))
        grid.height += 1
    for block in range(len(lists)):
        for index, text in enumerate((layout.economic_word, "科目名称", "决算数")):
            grid.put(grid.height, 3 * block + index, text)
    grid.height += 1
    grid.seam = 3
    for block, codes in enumerate(lists):
        for offset, code in enumerate(codes):
            row, column = grid.height + offset, 3 * block
            grid.put(row, column, layout.code(code), "code")
            grid.put(row, column + 1, layout.indent(code) + ECONOMIC[code], "label")
            kids = [c for c in listed if len(code) == 3 and len(c) == 5 and c.startswith(code)]
            grid.amount(row, column + 2, _economic(code), map(_economic, kids))
        for offset in range(len(codes), max(map(len, lists))):
            grid.spare(grid.height + offset, range(3 * block, 3 * block + 3))
    grid.height += max(map(len, lists))
    last = grid.height
    grid.put(last, 0, "人员经费合计", "head", (last, 1))
    grid.put(last, 3, "公用经费合计", "head", (last, width - 2))
    classes = [c for c in listed if len(c) == 3]
    grid.amount(last, 2, _economic("人员经费合计"), [_economic(c) for c in classes if c in ("301", "303")])
    grid.amount(last, width - 1, _economic("公用经费合计"), [_economic(c) for c in classes if c not in ("301", "303")])
    grid.height += 1
    return grid


def _economic(row: str) -> Key:
    return "基本支出表", "基本支出表", row, "决算数"


_TRIPS = ("合计", "出国费", "车小计", "购置费", "运行费", "接待费")
_TRIP_SUMS = {"合计": ("出国费", "车小计", "接待费"), "车小计": ("购置费", "运行费")}


def _trips(whole: Department, exact: Figures, layout: Layout) -> Panel:
    grid = _top("三公表", 12, whole, layout)
    grid.blank = whole.no_trips and _empty("三公表", exact)
    step = 2 if layout.pairs else 1
    row = grid.height
    if layout.pairs:
        grid.put(row, 0, "财政拨款“三公”经费", to=(row, 11))
    else:
        grid.put(row, 0, "预算数", to=(row, 5))
        grid.put(row, 6, "决算数", to=(row, 11))
    for start in (0,) if layout.pairs else (0, 6):
        _trip_heads(grid, row + 1, start, step)
    grid.height = row + 3
    if layout.pairs:
        for column in range(12):
            grid.put(grid.height, column, "预算数" if column % 2 == 0 else "决算数")
        grid.height += 1
    if layout.numbers:
        for column in range(12):
            grid.put(grid.height, column, str(column + 1))
        grid.height += 1
    for half, block in enumerate(("三公预算", "三公决算")):
        for index, key in enumerate(_TRIPS):
            column = 2 * index + half if layout.pairs else 6 * half + index
            parts = [("三公表", block, "合计行", part) for part in _TRIP_SUMS.get(key, ())]
            grid.amount(grid.height, column, ("三公表", block, "合计行", key), parts)
    grid.height += 1
    grid.seam = 0
    return grid


def _trip_heads(grid: Panel, row: int, start: int, step: int) -> None:
    wide = step - 1
    for index, text in ((0, "合计"), (1, "因公出国（境）费"), (5, "公务接待费")):
        column = start + step * index
        grid.put(row, column, text, to=(row + 1, column + wide))
    car = start + 2 * step
    grid.put(row, car, "公务用车购置及运行维护费", to=(row, car + 3 * step - 1))
    for index, text in enumerate(("小计", "公务用车购置费", "公务用车运行维护费")):
        grid.put(row + 1, car + step * index, text, to=(row + 1, car + step * index + wide))
