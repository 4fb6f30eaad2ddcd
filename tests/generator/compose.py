"""Panels onto sheets: figures printed, formulas where they agree, sheets placed, cut and surrounded."""

from __future__ import annotations

from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal
from random import Random

from .book import Book, Piece, Position, Sheet, Value, a1
from .department import Department
from .figures import Figures, Key
from .panels import Panel
from .style import Layout

_CENT = Decimal("0.01")
_WIDE = str.maketrans("0123456789.,", "０１２３４５６７８９．，")
_HALF = str.maketrans("：（）", ":()")
_BREAKABLE = (
    "公务用车",
    "因公出国",
    "附属单位",
    "一般公共",
    "政府性基金",
    "国有资本",
    "财政拨款",
    "对附属",
    "年初结转",
    "年末结转",
)
_SPACED = {"合计": "合    计", "项目": "项  目", "总计": "总    计", "收入": "收     入", "支出": "支     出"}


def printed(amount: int, money: str) -> Decimal:
    """An amount of 分 as printed in 元 or 万元: each on its own, half up."""
    unit = Decimal(100 if money == "元" else 1_000_000)
    return (Decimal(amount) / unit).quantize(_CENT, rounding=ROUND_HALF_UP)


def dress(grid: Panel, exact: Figures, layout: Layout, rng: Random) -> None:
    """Put the figures into a panel and print its words as this layout does."""
    money = "元" if grid.table in layout.yuan else "万元"
    stored = _stored(grid, exact, layout, money)
    formulas = layout.formulas and not layout.text_amounts and not layout.continued and _adds_up(grid, stored)
    for piece in grid.cells.values():
        if piece.key is not None:
            value = stored[piece.key]
            if not (formulas and piece.parts):
                piece.parts = ()
                piece.value = _shown(value, grid, layout, rng)
            else:
                piece.value = value
        elif isinstance(piece.value, str):
            piece.value = _worded(piece, layout, rng)


def _stored(grid: Panel, exact: Figures, layout: Layout, money: str) -> dict[Key, Decimal]:
    keys = [p.key for p in grid.cells.values() if p.key is not None]
    if not layout.exact:
        return {key: printed(exact.get(key, 0), money) for key in keys}
    unit = 100 if money == "元" else 1_000_000
    return {key: Decimal(exact.get(key, 0)) / unit for key in keys}


def _adds_up(grid: Panel, stored: dict[Key, Decimal]) -> bool:
    """Formulas only where the rounded parts give the rounded total in the whole table."""
    sums = ((p.key, p.parts) for p in grid.cells.values() if p.key is not None and p.parts)
    return all(stored[key] == sum(stored[part] for part in parts) for key, parts in sums)


def _shown(value: Decimal, grid: Panel, layout: Layout, rng: Random) -> Value:
    if grid.blank:
        return None
    if not value:
        zeros = grid.table == "三公表" and not any(
            p.value for p in grid.cells.values() if p.key is not None and p.value is not None
        )
        if layout.none == "0.00" or zeros:
            return "0.00" if layout.text_amounts else Decimal(0)
        return layout.none or None
    if not layout.text_amounts:
        return value
    text = f"{value:,.2f}" if layout.thousands else f"{value:.2f}"
    return text.translate(_WIDE) if layout.full_width and rng.random() < 0.3 else text


def _worded(piece: Piece, layout: Layout, rng: Random) -> Value:
    text = str(piece.value)
    if layout.half_width:
        text = text.translate(_HALF)
    if piece.role == "code":
        return Decimal(text) if layout.code_as == "number" and text else text
    if piece.role == "head" and text.isdigit():
        return Decimal(text) if rng.random() < 0.5 else text
    if layout.spaced_words and piece.role in ("head", "label"):
        text = _SPACED.get(text, text)
    if layout.breaks and piece.role == "head":
        for word in _BREAKABLE:
            if text.startswith(word) and len(text) > len(word):
                return f"{word}\n{text[len(word) :]}"
    return text


# placing ----------------------------------------------------------------------------------------


def _columns(grid: Panel, layout: Layout) -> Callable[[int], int]:
    """Column of the panel -> column of the sheet: empty columns are put in where the layout has gaps."""
    if not layout.gaps:
        return lambda column: column
    return lambda column: column + 1 + (1 if grid.seam and column >= grid.seam else 0)


def place(grid: Panel, sheet: Sheet, top: int, layout: Layout, rows: range | None = None) -> int:
    """Lay rows of a panel onto a sheet from row ``top``; returns the next free row."""
    rows = rows if rows is not None else range(grid.height)
    column = _columns(grid, layout)
    for (r, c), piece in grid.cells.items():
        if r in rows:
            sheet.cells[top + r - rows.start, column(c)] = piece
    for r0, c0, r1, c1 in grid.merges:
        if r0 in rows and r1 in rows:
            sheet.merges.append((top + r0 - rows.start, column(c0), top + r1 - rows.start, column(c1)))
    if layout.hidden_rows:
        sheet.hidden_rows |= {top + r - rows.start for r in _blank_rows(grid) if r in rows}
    for c in range(grid.width):
        sheet.widths.setdefault(column(c), 36.0 if c == 1 else 14.0)
    return top + len(rows)


def _blank_rows(grid: Panel) -> set[int]:
    """Rows of a 总表 whose amounts are all blank."""
    if grid.table not in ("收支总表", "财拨总表"):
        return set()
    amounts: dict[int, list[Value]] = {}
    for (row, _), piece in grid.cells.items():
        if piece.key is not None:
            amounts.setdefault(row, []).append(piece.value)
    return {row for row, values in amounts.items() if not any(values)}


def continue_on(grid: Panel, first: Sheet, second: Sheet, layout: Layout, rng: Random) -> None:
    """Cut a panel within its body: the rest, and what stands below it, goes to the second sheet."""
    cut = rng.randint(grid.body.start + 2, grid.body.stop - 2)
    place(grid, first, 0, layout, range(cut))
    top = 0
    if layout.header_again:
        head = Panel(grid.table, grid.width, seam=grid.seam)
        stop = grid.body.start
        head.cells = {p: Piece(x.value, x.role) for p, x in grid.cells.items() if p[0] < stop}
        head.merges = [m for m in grid.merges if m[2] < stop]
        title = next(p for p in head.cells.values() if p.role == "title")
        title.value = f"{title.value}（续）"
        top = place(head, second, 0, layout, range(stop))
    place(grid, second, top, layout, range(cut, grid.height))


def write_formulas(book: Book) -> None:
    """Give every amount that kept its parts the formula that adds up their cells."""
    where: dict[Key, Position] = {}
    for sheet in book.sheets:
        where |= {piece.key: at for at, piece in sheet.cells.items() if piece.key is not None}
    for sheet in book.sheets:
        for piece in sheet.cells.values():
            if piece.parts:
                piece.formula = _sum([where[part] for part in piece.parts])


def _sum(cells: list[Position]) -> str:
    cells = sorted(cells)
    rows, columns = {r for r, _ in cells}, {c for _, c in cells}
    block = (max(rows) - min(rows) + 1) * (max(columns) - min(columns) + 1)
    if len(cells) > 1 and block == len(cells):
        return f"=SUM({a1(*cells[0])}:{a1(*cells[-1])})"
    return "=" + "+".join(a1(*cell) for cell in cells)


def surround(book: Book, whole: Department, rng: Random) -> None:
    """Cover, 目录 and 说明 around the tables, and a hidden sheet of codes."""

    def sheet(name: str, lines: list[list[Value]], hidden: bool = False) -> Sheet:
        cells = {(r, c): Piece(v) for r, line in enumerate(lines) for c, v in enumerate(line) if v is not None}
        return Sheet(name, cells, hidden=hidden)

    titles = [
        str(p.value) for s in book.sheets for p in s.cells.values() if p.role == "title" and "续" not in str(p.value)
    ]
    cover = sheet(
        "封面", [[], [None, f"{whole.year}年度部门决算公开"], [], [None, whole.name], [None, f"{whole.year + 1}年9月"]]
    )
    entries: list[list[Value]] = [[f"{n}、{title}", Decimal(n)] for n, title in enumerate(titles, 1)]
    contents = sheet("目录", [["目    录"], *entries])
    about = sheet(
        "填表说明",
        [
            ["填表说明"],
            ["一、本套报表金额单位为万元，保留两位小数。"],
            [f"二、本部门{whole.year}年度决算编制范围内共{rng.randint(1, 9)}个单位。"],
        ],
    )
    codes = sheet("代码", [["编码", "名称"], [Decimal(1), "行政单位"], [Decimal(2), "事业单位"]], hidden=True)
    book.sheets = [cover, contents, *book.sheets, about, codes, Sheet("Sheet99")]
