"""From a rule's formula to its equations: binds 各行 各类 各款 各项 各科目 各栏 and 其下级."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from app.checking.equation import ZERO, Equation, Spot, Term
from app.checking.notation import Formula, Reference
from app.checking.rulebook import CouldNotRun, NotApplicable
from app.checking.unit_files import unfit, unit_names
from app.knowledge.forms import BLOCK_TABLE, form
from app.report.report import Report
from app.report.table import Block, Entry, Row, Table

_LENGTH = {"各类": 3, "各款": 5, "各项": 7}
ROWS = ("各行", "各类", "各款", "各项", "各科目", "各收入", "各人员类", "各公用类")
_TOTALS = frozenset(("合计行", "本年收入合计", "本年支出合计", "总计", "人员经费合计", "公用经费合计"))


@dataclass(slots=True)
class Book:
    """The report's rows by block, with what equations need of them worked out once."""

    report: Report
    blocks: dict[str, tuple[Table, Block]] = field(default_factory=dict)
    rows: dict[str, dict[str, Row]] = field(default_factory=dict)
    children: dict[str, dict[str, list[str]]] = field(default_factory=dict)
    spots: dict[tuple[str, str, str], Spot | None] = field(default_factory=dict)
    owner: str = ""  # the unit of a 部门 whose book it is
    _units: list[Book] | None = None

    @property
    def units(self) -> list[Book]:
        """The books of 本级 and 下属单位, each under a name of its own."""
        if self._units is None:
            names = unit_names(self.report.units)
            self._units = [Book.of(u, name) for u, name in zip(self.report.units, names, strict=True)]
        return self._units

    @classmethod
    def of(cls, report: Report, owner: str = "") -> Book:
        """The book of a report."""
        book = cls(report, owner=owner)
        for table in report.tables.values():
            for block in table.blocks.values():
                book.blocks[block.key] = (table, block)
                rows: dict[str, Row] = {}
                for row in block.rows:
                    rows.setdefault(row.key, row)
                book.rows[block.key] = rows
                book.children[block.key] = _children(rows)
        return book

    def need(self, block: str) -> tuple[Table, Block]:
        """The block, or the reason why rules on it cannot run."""
        if block not in self.blocks:
            key = BLOCK_TABLE[block]
            title = form(self.report.form).table(key).title
            if not self.report.tables:
                raise CouldNotRun("没有可以识别的公开表")
            unread = any(p.kind == "table" and p.text == key for p in self.report.problems)
            raise CouldNotRun(f"{title}没有读准" if unread else f"缺少{title}")
        table, found = self.blocks[block]
        if not table.readable:
            raise CouldNotRun(f"{table.title.value}无法识别")
        if table.empty and table.statement is None and not _printed(found):
            raise CouldNotRun(f"{table.title.value or table.key}是空表，且没有“本表无数据”的说明")
        return table, found

    def spot(self, block: str, row: str, column: str) -> Spot | None:
        """The printed amount there; None where nothing is printed (it counts as 0)."""
        at = (block, row, column)
        if at not in self.spots:
            self.spots[at] = None
            self.spots[at] = self._spot(block, row, column)
        return self.spots[at]

    def _spot(self, block: str, row_key: str, column_key: str) -> Spot | None:
        table, found = self.blocks[block]
        row = self.rows[block].get(row_key)
        column = next((c for c in found.columns if c.key == column_key), None)
        entry = row.entries.get(column_key) if row else None
        if row is None or column is None or entry is None:
            return None
        amount = entry.amount
        scale = Decimal(table.factor) / 10000
        value, half = (amount.value * scale, amount.half * scale) if amount else (ZERO, ZERO)
        spot = Spot(table, block, row, column, entry, value, half, owner=self.owner)
        spot.weight = self._weight(spot)
        return spot

    def _weight(self, spot: Spot) -> int:
        """How many roundings a printed value holds: a 款 that is the sum of its printed 项 holds
        as many as these, one rounded on its own holds one (DOMAIN §5)."""
        keys = self.children[spot.block].get(spot.row.key, [])
        parts = [p for k in keys if (p := self.spot(spot.block, k, spot.column.key)) is not None and p.value]
        if not parts:
            return 1
        if spot.value == sum((p.value for p in parts), ZERO):
            return sum(p.weight for p in parts)
        leaves = self._leaves(spot.block, keys, spot.column.key)
        return len(leaves) if spot.value == sum((p.value for p in leaves), ZERO) else 1

    def _leaves(self, block: str, keys: list[str], column: str) -> list[Spot]:
        found: list[Spot] = []
        for key in keys:
            below = self.children[block].get(key, [])
            spot = self.spot(block, key, column)
            if below:
                found += self._leaves(block, below, column)
            elif spot is not None and spot.value:
                found.append(spot)
        return found


def _printed(block: Block) -> bool:
    return any(r.code for r in block.rows) or any(r.has_amounts for r in block.rows)


def _children(rows: dict[str, Row]) -> dict[str, list[str]]:
    """Code -> the codes printed beneath it (the nearest that are there); 合计行 -> the topmost."""
    codes = [k for k, r in rows.items() if k.isdigit() and r.code is not None]
    known = set(codes)
    below: dict[str, list[str]] = {}
    for code in codes:
        parent = next((code[:n] for n in (5, 3) if n < len(code) and code[:n] in known), "合计行")
        below.setdefault(parent, []).append(code)
    if "人员经费合计" in rows or "公用经费合计" in rows:
        top = below.pop("合计行", [])
        below["人员经费合计"] = [c for c in top if c[:3] in ("301", "303")]
        below["公用经费合计"] = [c for c in top if c[:3] not in ("301", "303")]
    return below


def equations(book: Book, formula: Formula, code: str) -> Iterator[Equation]:
    """Every equation the formula stands for; raises NotApplicable or CouldNotRun."""
    if formula.units and not book.report.units and not book.report.unread_units:
        raise NotApplicable("没有提供本级和下属单位的文件（--units）")
    for block in formula.blocks:
        book.need(block)
    if formula.units:
        _need_units(book, formula)
    free = [r for r in (*formula.left, *formula.right) if not r.sum and r.number is None]
    row_word = next((r.row for r in free if r.row in ROWS), None)
    column_word = any(r.column == "各栏" for r in free)
    rows = _rows(book, [r.block for r in free if r.row == row_word], row_word, formula.units) if row_word else [""]
    columns = _columns(book, formula) if column_word else [""]
    _present(book, formula)
    cross = len({BLOCK_TABLE[b] for b in formula.blocks}) > 1
    for row in rows:
        for column in columns:
            left = [t for r in formula.left for t in _terms(book, r, row, column, formula.units)]
            right = [t for r in formula.right for t in _terms(book, r, row, column, formula.units)]
            spots = [t.spot for t in (*left, *right) if t.spot is not None]
            if not any(s.value for s in spots):
                continue
            if any(r.row == "其下级" for r in formula.right) and not right:
                continue
            yield _equation(code, formula, left, right, cross)


def _need_units(book: Book, formula: Formula) -> None:
    """The units' files can be added up and have the tables too; raises CouldNotRun."""
    if reason := unfit(book.report):
        raise CouldNotRun(reason)
    for unit in book.units:
        for block in formula.blocks:
            try:
                unit.need(block)
            except CouldNotRun as why:
                raise CouldNotRun(f"{unit.owner}：{why}") from why


def _equation(code: str, formula: Formula, left: list[Term], right: list[Term], cross: bool) -> Equation:
    spots = [t.spot for t in (*left, *right) if t.spot is not None]
    own = [s for s in spots if not s.owner]  # the department's own unit is the one she reads
    unit = "元" if spots and all(s.table.factor == 1 for s in own or spots) else "万元"
    return Equation(code, left, formula.relation, right, formula.text, unit=unit, between=formula.units)


def _present(book: Book, formula: Formula) -> None:
    """A column or total row that the table does not have makes the rule not applicable."""
    for ref in (*formula.left, *formula.right):
        if ref.number is not None or ref.sum:
            continue
        table, block = book.blocks[ref.block]
        if ref.column != "各栏" and block.columns and not any(c.key == ref.column for c in block.columns):
            raise NotApplicable(f"{table.title.value or table.key}没有“{ref.column}”栏")
        if ref.row in _TOTALS and ref.row not in book.rows[ref.block] and _printed(block):
            raise CouldNotRun(f"{table.title.value or table.key}没有“{ref.row.replace('合计行', '合计')}”行")


def _rows(book: Book, blocks: list[str], word: str, units: bool = False) -> list[str]:
    found: dict[str, None] = {}
    for one in (book, *(book.units if units else ())):
        for block in blocks:
            for key in select(one, block, word):
                found.setdefault(key)
    return list(found)


def select(book: Book, block: str, word: str) -> list[str]:
    """The keys of the rows that a word (各类, 各收入 …) names in a block."""
    rows = book.rows[block]
    if word in _LENGTH:
        return [
            k
            for k, r in rows.items()
            if (k.isdigit() and len(k) == _LENGTH[word]) or (word == "各类" and k.startswith("?"))
        ]
    if word == "各科目":
        return [k for k, r in rows.items() if r.code is not None]
    if word == "各收入":
        return [k for k in _until(rows, "本年收入合计") if k not in _TOTALS]
    if word == "各人员类":
        return [k for k in rows if len(k) == 3 and k in ("301", "303")]
    if word == "各公用类":
        return [k for k in rows if k.isdigit() and len(k) == 3 and k not in ("301", "303")]
    if word == "各行":
        return list(rows)
    return [word]


def _until(rows: dict[str, Row], key: str) -> list[str]:
    keys = list(rows)
    return keys[: keys.index(key)] if key in keys else keys


def _columns(book: Book, formula: Formula) -> list[str]:
    """The columns that all blocks named with 各栏 have in common, in the units' files too."""
    lists = [
        [c.key for c in one.blocks[r.block][1].columns]
        for r in (*formula.left, *formula.right)
        if r.column == "各栏"
        for one in (book.units if r.units else [book])
    ]
    return [c for c in lists[0] if all(c in other for other in lists)]


def _terms(book: Book, ref: Reference, row: str, column: str, units: bool = False) -> list[Term]:
    if ref.number is not None:
        return [Term(ref.sign, None, ref.number, ZERO)]
    at_column = column if ref.column == "各栏" else ref.column
    if ref.units:
        own = [u.spot(ref.block, row if ref.row in ROWS else ref.row, at_column) for u in book.units]
        return [Term(ref.sign, s, s.value, s.half * s.weight if s.value else ZERO) for s in own if s is not None]
    keys = book.children[ref.block].get(row, []) if ref.row == "其下级" else None
    if keys is None:
        keys = select(book, ref.block, ref.row) if ref.sum else [row if ref.row in ROWS else ref.row]
    found = []
    for key in keys:
        spot = book.spot(ref.block, key, at_column)
        if spot is None and units:
            spot = _unprinted(book, ref.block, key, at_column)
        if spot is None:
            if not ref.sum:
                found.append(Term(ref.sign, None, ZERO, ZERO))
            continue
        slack = spot.half * spot.weight if spot.value else ZERO
        found.append(Term(ref.sign, spot, spot.value, slack))
    return found


def _unprinted(book: Book, block: str, key: str, column_key: str) -> Spot | None:
    """A row of the units that the department does not print, as 0 at the row above it in the hierarchy."""
    theirs = next((s for u in book.units if (s := u.spot(block, key, column_key)) is not None), None)
    table, found = book.blocks[block]
    column = next((c for c in found.columns if c.key == column_key), None)
    if theirs is None or column is None:
        return None
    above = [book.rows[block].get(k) for k in (key[:5], key[:3], "合计行") if k != key]
    place = next(((r.code_place or r.place) for r in above if r is not None), table.title.place)
    row = Row(key, theirs.row.label, place, code=theirs.row.code, code_place=place)
    return Spot(table, block, row, column, Entry(place), ZERO, ZERO, printed=False)


def blank_row(spot: Spot) -> bool:
    """A code row printed without any amount: missing data, not zeros."""
    return (
        spot.printed
        and spot.row.code is not None
        and not any(e.amount is not None or e.wrong for e in spot.row.entries.values())
    )
