"""Headers that ask for a percentage, and what the columns beside them hold.

A row that asks (占比 beneath a row of amounts) is a column of the sheet turned on its side: everything
here works on a ``Side``, which is one or the other.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from app.knowledge.text import norm
from app.source import Cell, Grid, Place, Span

_LONGEST = 32  # characters of a header
_MOST_ROWS = 3000  # of one table
_SHARE = re.compile(
    r"^(?:百分比|比例|构成|结构)(?:\(?%\)?)?$|占比|比重|构成比|结构比|所占|占.{1,18}(?:%|比例|比率|百分比|比$)|^占.{2,14}(?:合计|总额|总计|收入|支出|资金)的?$"
)
_COMPLETION = re.compile(
    r"(?:完成|执行).{0,14}(?:%|率|百分比|比例|进度)|(?:执行|完成)率|预算完成(?:率|情况%)|支出进度|完成程度|(?:为|占)(?:年初|全年|调整后?)?预算数?的?(?:%|比[例重率]|百分比)"
)
_GROWTH = re.compile(
    r"(?:增减|增长|增加|增幅|变动|变化|升降|下降).{0,6}(?:%|率|幅度|百分比|比例|±)|增幅|增长率|(?:较|比|同)(?:上年|上期|去年|预算|年初预算|20\d\d年).{0,8}(?:%|±)|同比(?:增长|增减|变动|±)?(?:\(?%\)?|率)?$"
)
# A placeholder that waits for a percentage; a dash is an answer of hers.
PLACEHOLDER = re.compile(r"[XxＸ×＊*?？_]{1,6}[%％]?|[%％]")
_ORDINAL = re.compile(
    r"^(?:序号|行次|栏次|编号|.{0,6}编码|.{0,6}代码|年度|年份|.{0,4}日期|时间|得分|.{0,4}分值|权重|.{0,4}得分|电话|备注|说明)"
)
_BUDGET = re.compile(r"预算|指标(?:数|金额)|\(A\)$|^A$")
_LAST = re.compile(r"上年|去年|上期|以前年度")
_CHANGE = re.compile(r"(?:增减|增长|增加|变动|变化|升降)(?:额|数|金额|量|值)?(?:\(.{0,4}\))?$|差额|^增减")
_FINAL = re.compile(
    r"决算|执行数|执行金额|执行\(|支出数|实际支出|本年数|本年度?(?:金额|发生)|已支|累计支出|完成数|\(B\)$|^B$|实际(?:执行|完成)"
)
_YEAR = re.compile(r"(20\d\d)年?度?")
_TOTAL = re.compile(r"^(?:总额|(?:本年)?(?:收入|支出)?(?:决算)?(?:合计|小计|总计)|本年(?:收入|支出))$")
_TOTAL_ROW = re.compile(r"^(?:总计|合计|总额|共计|本年(?:收入|支出)合计|(?:收入|支出)(?:合计|总计))$")
_VAGUE = re.compile(r"金额|数额|合计|小计|总计|占比.{0,3}|比重.{0,3}|[%()增减率]{1,5}")
_END = re.compile(r"^(?:注|说明|备注|填表人|制表|审核|单位负责人)[:：0-9.、]?|^注")
_ABOVE = re.compile(r"单位[:：]|万元$|公开\d|^\(?表\d|编制|部门[:：]")


def kind_of(text: str) -> str | None:
    """share, completion or growth for a header that asks for a percentage, else None."""
    bare = norm(text)
    if not 2 <= len(bare) <= _LONGEST or bare.startswith(("注", "说明")) or re.search(r"[。;；]", bare):
        return None
    for kind, pattern in (("completion", _COMPLETION), ("growth", _GROWTH), ("share", _SHARE)):
        if pattern.search(bare):
            return kind
    return None


@dataclass(slots=True)
class Side:
    """A grid as it stands, or turned so that its rows are columns."""

    grid: Grid
    turned: bool = False
    covered: dict[tuple[int, int], tuple[int, int]] = field(default_factory=dict)

    @classmethod
    def both(cls, grid: Grid) -> tuple[Side, Side]:
        """The grid and the grid turned."""
        covered = _covered(grid.merges)
        turned = {(c, r): (ac, ar) for (r, c), (ar, ac) in covered.items()}
        return cls(grid, False, covered), cls(grid, True, turned)

    def spot(self, row: int, column: int) -> tuple[int, int]:
        """Row and column in the grid itself."""
        return (column, row) if self.turned else (row, column)

    def cell(self, row: int, column: int) -> Cell | None:
        return self.grid.cell(*self.spot(row, column))

    def text(self, row: int, column: int) -> str:
        """What is read there, merged ranges included, as compared."""
        cell = self.cell(*self.covered.get((row, column), (row, column)))
        return norm(cell.text) if cell is not None else ""

    def place(self, row: int, column: int) -> Place:
        return self.grid.place(*self.spot(row, column))

    def columns(self, row: int) -> list[int]:
        """Columns of a row that hold something, merged ranges included."""
        if self.turned:
            held = {r for r, cells in self.grid.rows.items() if row in cells}
        else:
            held = set(self.grid.rows.get(row, ()))
        return sorted(held | {c for (r, c) in self.covered if r == row})

    def number(self, row: int, column: int) -> Decimal | None:
        cell = self.cell(row, column)
        return cell.value if cell is not None and isinstance(cell.value, Decimal) else None

    def last(self) -> int:
        """The last row that holds something."""
        if self.turned:
            return max((c for cells in self.grid.rows.values() for c in cells), default=-1)
        return max(self.grid.rows, default=-1)


def _covered(merges: list[Span]) -> dict[tuple[int, int], tuple[int, int]]:
    found: dict[tuple[int, int], tuple[int, int]] = {}
    for span in merges:
        if (span.bottom - span.top + 1) * (span.right - span.left + 1) <= 400 and len(found) < 40_000:
            for row in range(span.top, span.bottom + 1):
                for column in range(span.left, span.right + 1):
                    found[row, column] = (span.top, span.left)
    return found


@dataclass(slots=True)
class Region:
    """The table around a header that asks: header rows, data rows, and each column's words from top to bottom."""

    side: Side
    top: int
    bottom: int
    rows: list[int]
    paths: dict[int, tuple[str, ...]]

    def words(self, column: int) -> str:
        """All of a column's header in one."""
        return "".join(self.paths.get(column, ()))

    def title(self, column: int) -> str:
        """A column's header for people: its lowest word, unless that says nothing by itself (金额)."""
        path = self.paths.get(column, ())
        return path[-1] if path and not _VAGUE.fullmatch(path[-1]) else "".join(path)

    def shared(self, one: int, other: int) -> int:
        """How many words, from the top, two columns have in common."""
        count = 0
        for a, b in zip(self.paths.get(one, ()), self.paths.get(other, ()), strict=False):
            if a != b:
                break
            count += 1
        return count

    def label(self, row: int, column: int) -> str:
        """The words of a row for a column: the nearest text to its left that is no number."""
        for left in range(column - 1, -1, -1):
            text = self.side.text(row, left)
            if (
                text
                and self.side.number(row, left) is None
                and not self.amounts(left)
                and not re.fullmatch(r"[\d.,%\-—/]+", text)
            ):
                return re.sub(r"^其中[:：]", "", text)
        return ""

    def amounts(self, column: int) -> int:
        """How many rows hold a number in a column."""
        return sum(self.side.number(row, column) is not None for row in self.rows)


def region(side: Side, row: int, column: int) -> Region | None:
    """The table whose header holds the cell at (``row``, ``column``); None when nothing beneath is data."""
    top, bottom = _header(side, row, column)
    rows = list(_data_rows(side, bottom + 1, column))
    if not rows:
        return None
    used = {c for r in (*range(top, bottom + 1), *rows[:200]) for c in side.columns(r)}
    paths = {c: _path(side, top, bottom, c) for c in sorted(used)}
    return Region(side, top, bottom, rows, paths)


def _header(side: Side, row: int, column: int) -> tuple[int, int]:
    """First and last header row around a header cell."""
    spanned = [r for (r, c), a in side.covered.items() if a == side.covered.get((row, column)) and c == column]
    top, bottom = min([row, *spanned]), max([row, *spanned])
    while bottom - row < 4 and _is_header(side, bottom + 1, column):
        bottom += 1
    while top > 0 and row - top < 3 and _is_above(side, top - 1):
        top -= 1
    return top, bottom


def _is_header(side: Side, row: int, column: int) -> bool:
    """A further header row: words beside each other, or the numbers of the columns (栏次)."""
    cells = [(c, side.text(row, c)) for c in side.columns(row)]
    texts = [t for _, t in cells if t]
    if len(texts) >= 3 and all(re.fullmatch(r"\d{1,2}|栏次|[A-Z]|[类款项]|\d=.*", t) for t in texts):
        return True
    if side.text(row, column) and kind_of(side.text(row, column)) is None:
        return False
    return len(set(texts)) >= 3 and not any(side.number(row, c) is not None for c, _ in cells) and all(
        not PLACEHOLDER.fullmatch(t) for t in texts
    ) and sum(bool(_FINAL.search(t) or _BUDGET.search(t) or _TOTAL.match(t) or t.endswith(("支出", "收入", "数", "额"))) for t in texts) >= 2  # fmt: skip


def _is_above(side: Side, row: int) -> bool:
    texts = [side.text(row, c) for c in side.columns(row)]
    words = {t for t in texts if t}
    return len(words) >= 2 and not any(_ABOVE.search(t) for t in words) and not any(
        side.number(row, c) is not None for c in side.columns(row)
    )  # fmt: skip


def _data_rows(side: Side, first: int, column: int) -> Iterator[int]:
    blank, last = 0, side.last()
    for row in range(first, min(first + _MOST_ROWS, last + 1)):
        texts = [t for c in side.columns(row) if (t := side.text(row, c))]
        if not texts:
            blank += 1
            if blank == 2:
                return
            continue
        blank = 0
        if _END.match(texts[0]) or _begins_another(side, row, column, texts):
            return
        yield row


def _begins_another(side: Side, row: int, column: int, texts: list[str]) -> bool:
    """The title or the header of the next table on the sheet: words where a percentage would stand."""
    here = side.text(row, column)
    if here and side.number(row, column) is None and not PLACEHOLDER.fullmatch(here):
        return re.fullmatch(r"[-+—–\-/]{1,4}|[-+]?\d+(?:\.\d+)?[%％]?|持平|不适用|无", here) is None
    return len(set(texts)) == 1 and re.match(r"[一二三四五六七八九十]{1,3}、|附表|表\d", texts[0]) is not None


def _path(side: Side, top: int, bottom: int, column: int) -> tuple[str, ...]:
    words: list[str] = []
    for row in range(top, bottom + 1):
        text = side.text(row, column)
        if text and (not words or words[-1] != text) and not re.fullmatch(r"\d{1,2}|栏次", text):
            words.append(text)
    return tuple(words)


def role(path: tuple[str, ...], year: int | None = None) -> str:
    """What a column of amounts holds: budget, final, last, change, total, amount; ``""`` for no amounts.

    The lowest word of the header decides; what stands above it (预算数 over 合计) where that says nothing.
    """
    if not path or _ORDINAL.match(path[-1]) or kind_of(path[-1]) or kind_of("".join(path)):
        return ""
    years = [int(y) for y in _YEAR.findall("".join(path))]
    if not _CHANGE.search(path[-1]) and year is not None and years and max(years) == year - 1:
        return "last"
    for word in reversed(path):
        for name, pattern in (("change", _CHANGE), ("last", _LAST), ("budget", _BUDGET), ("final", _FINAL)):
            hit = pattern.search(word)
            if hit is None or (name == "budget" and re.search(r"一般公共预算|基金预算|经营预算", word)):
                continue
            if word is path[-1] or (
                hit.start() == 0 if name == "last" else re.search(r"数$|额$|安排$|预算$|决算$", word)
            ):
                return name
    if year is not None and year in years:
        return "final"
    bare = re.sub(r"(?:金额|数额|决算数|数)$|[(（].{0,4}[)）]$", "", "".join(path))
    return "total" if _TOTAL.match(bare) else "amount"


def is_total_row(label: str) -> bool:
    """合计, 总计, 本年支出合计 …"""
    return _TOTAL_ROW.match(label) is not None


def denominator_words(words: str) -> str:
    """``本年支出`` of ``占本年支出的%``; ``""`` where the header names no whole."""
    found = re.search(r"占(?!比)(.+?)(?:的?(?:\(?%\)?|比重|比例|比率|百分比|比)|的?$)", words)
    return re.sub(r"[()（）%]", "", found.group(1)) if found else ""
