"""Columns by header text: merged headers of one to three rows become one path a column."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from app.knowledge.forms import BlockForm
from app.knowledge.text import norm
from app.numbers import is_dash, typed
from app.recognising.amounts import word
from app.report.table import Column, Problem
from app.source import Cell, Grid

_CODE_HEAD = re.compile(r"编码|代码|^类$|^款$|^项$")
_CODE = re.compile(r"\d{3}(?:\d{2}){0,2}")
_LABELS = (
    "项目",
    "科目名称",
    "名称",
    "栏次",
    "行次",
    "功能分类科目编码",
    "科目编码",
    "科目代码",
    "经济分类科目编码",
    "科目",
)
_LINE = ("行次", "行")
MAX_HEADER_ROWS = 9


@dataclass(slots=True)
class Header:
    """The header of one table: ``paths[column]`` are its texts from top to bottom, merges spread."""

    top: int
    bottom: int  # last header row, the 栏次 row included
    paths: dict[int, list[str]] = field(default_factory=dict)
    numbers: dict[int, str] = field(default_factory=dict)  # 栏次 by column
    number_row: int | None = None

    def leaf(self, column: int) -> str:
        path = self.paths.get(column, [])
        return path[-1] if path else ""


def read_header(grid: Grid, top: int, bottom: int) -> Header:
    """The header that begins in row ``top``; it ends above the first row that holds data."""
    header = Header(top, top)
    last = min(bottom, top + MAX_HEADER_ROWS)
    for row in range(top, last + 1):
        cells = _filled(grid, row)
        if row > top and _is_numbers(cells, header):
            header.number_row, header.bottom = row, row
            header.numbers = {c.column: word(c) for c in cells if word(c).isdigit()}
            break
        if row > top and cells and _is_data(cells, _starts_in_header(grid, top, row, cells)):
            break
        if cells:
            header.bottom = row
    _spread(grid, header)
    return header


def _filled(grid: Grid, row: int) -> list[Cell]:
    return [c for c in sorted(grid.rows.get(row, {}).values(), key=lambda c: c.column) if c.text.strip()]


def _is_numbers(cells: list[Cell], header: Header) -> bool:
    """A 栏次 row: 1, 2, 3 … in order, with nothing else but 栏次, 类 款 项 beside them."""
    numbers = [word(c) for c in cells if word(c).isdigit()]
    words = [word(c) for c in cells if not word(c).isdigit()]
    if any(w not in ("栏次", "类", "款", "项", "行次", "合计", "科目名称") for w in words):
        return False
    if "栏次" in words or {"类", "款", "项"} <= set(words):
        return bool(numbers)
    return len(numbers) >= 3 and numbers[0] == "1" and all(int(n) <= len(numbers) + 2 for n in numbers)


def _starts_in_header(grid: Grid, top: int, row: int, cells: list[Cell]) -> bool:
    return any(s.top < row <= s.bottom and s.top >= top and s.left <= cells[0].column for s in grid.merges)


def _is_data(cells: list[Cell], below_header: bool) -> bool:
    """The first row of data: a code, an ordinal label, 合计 at the left, or an amount."""
    first = word(cells[0])
    if _CODE.fullmatch(first) or first.startswith(("一、", "1、")):
        return True
    shown = [norm(c.text) for c in cells]
    numbers = [t for t in shown if typed(t) is not None or is_dash(t)]
    if any(not t.isdigit() for t in numbers) or len(numbers) == len(shown):
        return True
    if below_header:
        return False
    return first in ("合计", "本年收入合计") and not any(_is_head(word(c)) for c in cells[1:])


def _is_head(text: str) -> bool:
    return bool(re.search(r"支出|收入|小计|结余|费|预算数|决算数|名称|编码", text))


def _spread(grid: Grid, header: Header) -> None:
    """Fills ``paths``: a merged header cell counts for every column and row it covers."""
    skip = header.number_row
    spans = {(s.top, s.left): s for s in grid.merges}
    texts: dict[int, list[tuple[int, str]]] = {}
    for row in range(header.top, header.bottom + 1):
        if row == skip:
            continue
        for cell in _filled(grid, row):
            text = word(cell)
            span = spans.get((row, cell.column))
            right = span.right if span else cell.column
            for column in range(cell.column, min(right, cell.column + 60) + 1):
                texts.setdefault(column, []).append((row, text))
    header.paths = {c: [t for _, t in sorted(found, key=lambda f: f[0])] for c, found in texts.items()}


def is_label_column(header: Header, column: int) -> bool:
    """True for columns of codes, names, 项目 and 行次 (also with a stray 合计 beneath)."""
    leaf = header.leaf(column)
    if leaf in _LABELS or leaf in _LINE or bool(_CODE_HEAD.search(leaf)) or leaf.endswith("科目名称"):
        return True
    return leaf == "合计" and any(t in _LABELS for t in header.paths.get(column, []))


def match_columns(
    grid: Grid, header: Header, block: BlockForm, left: int, right: int
) -> tuple[list[Column], list[Problem]]:
    """The amount columns of ``block`` between grid columns ``left`` and ``right``.

    A header that is not known is taken by its 栏次, else by its place between known neighbours;
    it keeps its printed text, so that the structure check can name it.
    """
    candidates = [c for c in sorted(header.paths) if left <= c <= right and not is_label_column(header, c)]
    keys: dict[int, str] = {}
    for column in candidates:
        key = _known(header.paths[column], block, set(keys.values()))
        if key:
            keys[column] = key
    rest = [c for c in candidates if c not in keys and _holds_amounts(grid, header, c)]
    order = [c.key for c in block.columns]
    for column in rest:
        number = header.numbers.get(column, "")
        first = min((int(n) for c, n in header.numbers.items() if left <= c <= right), default=1)
        position = int(number) - first if number else -1
        guess = order[position] if 0 <= position < len(order) else _between(column, keys, order)
        if guess and guess not in keys.values():
            keys[column] = guess
    problems = [_problem(grid, header, c) for c in rest if c not in keys]
    columns = [
        Column(key, " ".join(header.paths[c]), c, grid.place(_leaf_row(grid, header, c), c), header.numbers.get(c))
        for c, key in sorted(keys.items())
    ]
    return columns, problems


def _known(path: list[str], block: BlockForm, taken: set[str]) -> str | None:
    for text in reversed(path):
        for column in block.columns:
            if column.key not in taken and text in column.names:
                return column.key
    return None


def _between(column: int, keys: dict[int, str], order: list[str]) -> str | None:
    """The one canonical column missing between the known neighbours, if there is just one."""
    before = [order.index(k) for c, k in keys.items() if c < column]
    after = [order.index(k) for c, k in keys.items() if c > column]
    low, high = max(before, default=-1), min(after, default=len(order))
    return order[low + 1] if high - low == 2 else None


def _holds_amounts(grid: Grid, header: Header, column: int) -> bool:
    if header.leaf(column) and header.leaf(column) not in ("项目", "收入", "支出"):
        return True
    rows = range(header.bottom + 1, header.bottom + 80)
    return any((cell := grid.cell(r, column)) is not None and typed(cell.text) is not None for r in rows)


def _leaf_row(grid: Grid, header: Header, column: int) -> int:
    for row in range(header.bottom, header.top - 1, -1):
        if row != header.number_row and grid.text(row, column).strip():
            return row
    return header.top


def _problem(grid: Grid, header: Header, column: int) -> Problem:
    text = " ".join(header.paths.get(column, []))
    place = grid.place(_leaf_row(grid, header, column), column)
    return Problem("column", text, place, f"{place}：列标题“{text}”不是本表应有的栏目，该列未参加核对")
