"""科目 codes by themselves: what is well formed, what a mistyped one was meant to be, and why.

Evidence is what other tables and the list of 经济分类 (``resources/subjects``) call a code, the
children below a row, and the rows around it.
"""

from __future__ import annotations

import re
import tomllib
from collections import defaultdict
from dataclasses import dataclass, field
from functools import cache, lru_cache

from app import paths
from app.checking.evidence import named
from app.knowledge.text import norm
from app.report.report import Report
from app.report.table import Block, Row, Table
from app.source import Place

FUNCTIONAL = ("收入表", "支出表", "一般支出表", "基金表", "国资表")
ECONOMIC = ("基本支出表",)
_NAME_MARKS = re.compile(r"[()\[\]【】<>《》\"'、,，.。:：-]")


@dataclass(frozen=True, slots=True)
class Coded:
    """A row with a code, and where it belongs."""

    table: Table
    block: Block
    row: Row

    @property
    def code(self) -> str:
        return norm(self.row.code or self.row.key)

    @property
    def economic(self) -> bool:
        return self.table.key in ECONOMIC

    @property
    def place(self) -> Place:
        return self.row.code_place or self.row.place


def coded_blocks(report: Report) -> list[list[Coded]]:
    """The code rows of each code block, in order."""
    blocks = []
    for key in (*FUNCTIONAL, *ECONOMIC):
        table = report.tables.get(key)
        for block in table.blocks.values() if table else ():
            rows = [Coded(table, block, row) for row in block.rows if row.code] if table else []
            if rows:
                blocks.append(rows)
    return blocks


def well_formed(code: str, economic: bool) -> bool:
    """Whether ``code`` may be a 功能分类 (3, 5, 7 digits, 类 201–234) or 经济分类 code (3, 5; 301–399)."""
    if not (code.isascii() and code.isdigit()) or len(code) not in ((3, 5) if economic else (3, 5, 7)):
        return False
    return 301 <= int(code[:3]) <= 399 if economic else 201 <= int(code[:3]) <= 234


@lru_cache(maxsize=8192)
def same_name(text: str) -> str:
    """A 科目 name for comparison: without brackets and marks, without a trailing 支出."""
    bare = _NAME_MARKS.sub("", norm(text))
    return bare.removesuffix("支出") or bare


@cache
def economic_names() -> dict[str, tuple[str, ...]]:
    """经济分类 code -> its names, the official one first."""
    data = tomllib.loads((paths.resources() / "subjects" / "economic.toml").read_text("utf-8"))
    return {code: tuple(names.split("|")) for code, names in data["names"].items()}


@cache
def _economic_codes() -> dict[str, tuple[str, ...]]:
    """Compared name -> the codes that bear it."""
    found: dict[str, list[str]] = defaultdict(list)
    for code, names in economic_names().items():
        for name in names:
            found[same_name(name)].append(code)
    return {name: tuple(codes) for name, codes in found.items()}


@dataclass(slots=True)
class Names:
    """What the 功能分类 tables call each code: rows by code and compared name, codes by name."""

    rows: dict[str, dict[str, list[Coded]]] = field(default_factory=lambda: defaultdict(lambda: defaultdict(list)))
    codes: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))


def names_of(blocks: list[list[Coded]]) -> Names:
    """The names in all 功能分类 blocks."""
    names = Names()
    for rows in blocks:
        for coded in rows:
            if not coded.economic and coded.row.label and well_formed(coded.code, False):
                name = same_name(coded.row.label)
                names.rows[coded.code][name].append(coded)
                if coded.code not in names.codes[name]:
                    names.codes[name].append(coded.code)
    return names


def guess(rows: list[Coded], i: int, names: Names) -> tuple[str, str] | None:
    """The code a row should bear, and why: by its name in other tables, its children, its place."""
    at, own = rows[i], {other.code for other in rows}
    if right := by_name(at, own, names):
        return right
    child = rows[i + 1].code if i + 1 < len(rows) else ""
    if len(child) > 3 and well_formed(child, at.economic) and child[:-2] not in own:
        return child[:-2], f"它下面的 {child} 属于 {child[:-2]}"
    return by_place(rows, i, own)


def by_name(at: Coded, own: set[str], names: Names) -> tuple[str, str] | None:
    """The one code that other tables (or the list) give this name, if this table lacks it."""
    if not at.row.label:
        return None
    name = same_name(at.row.label)
    if at.economic:
        if name in {same_name(n) for n in economic_names().get(at.code, ())}:
            return None
        like = [c for c in _economic_codes().get(name, ()) if c not in own]
        like = [c for c in like if len(c) == len(at.code)] or like
        return (like[0], f"经济分类中“{at.row.label}”的编码是 {like[0]}") if len(like) == 1 else None
    like = [c for c in names.codes[name] if c not in own and c != at.code]
    like = [c for c in like if len(c) == len(at.code)] or like
    if len(like) != 1 or len(names.rows.get(at.code, {}).get(name, [])) > 1:
        return None
    table = names.rows[like[0]][name][0].table
    return like[0], f"{named(table)}中“{at.row.label}”的编码是 {like[0]}"


def by_place(rows: list[Coded], i: int, own: set[str]) -> tuple[str, str] | None:
    """The one code that fits between the rows above and below: the only one left, or the row's own
    last digits under the parent of its neighbours."""
    at = rows[i]
    before, after = rows[i - 1].code if i else "", rows[i + 1].code if i + 1 < len(rows) else ""
    if not well_formed(before, at.economic):
        return None
    parents = {before, before[:-2]} if len(before) < (5 if at.economic else 7) else {before[:-2]}
    parents = {p for p in parents if len(p) == len(at.code) - 2 and len(p) >= 3}
    fitting = [
        code
        for code in (f"{parent}{n:02d}" for parent in parents for n in range(100))
        if code not in own and before < code and (not after or code < after)
    ]
    once = sum(other.code == at.code for other in rows) == 1
    like = [code for code in fitting if code[-2:] == at.code[-2:]] if once else []
    fitting = [code for code in fitting if code[-2:] != "00"]
    if not like and len(fitting) == 1:
        like = fitting
    return (like[0], f"它在 {before} 与 {after or '表尾'} 之间") if len(like) == 1 else None


def confirmed(at: Coded, names: Names) -> bool:
    """Whether another table has this code under this name."""
    tables = {c.table.key for c in names.rows.get(at.code, {}).get(same_name(at.row.label), [])}
    return bool(tables - {at.table.key})


def fits_between(rows: list[Coded], i: int) -> bool:
    """Whether a row's code lies between those above and below."""
    before, after = rows[i - 1].code if i else "", rows[i + 1].code if i + 1 < len(rows) else "9"
    return before < rows[i].code < after


def childless(at: Coded, rows: list[Coded], parent: str) -> bool:
    """A code of the parent's length without children of its own: the parent, mistyped."""
    return len(at.code) == len(parent) and not any(
        other.code.startswith(at.code) and len(other.code) > len(at.code) for other in rows
    )
