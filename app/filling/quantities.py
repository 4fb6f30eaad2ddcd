"""Any figure of a case by its name in the rules' notation: the nine tables, 补充资料, last year's file.

``支出表[合计行].基本支出`` is a cell of the tables, ``上年[收支总计].上年数`` one of 补充资料 (a sheet of
our template, or the same figures told in a report's text). All values are in 万元.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import lru_cache

from app.checking.binding import Book, select
from app.checking.last_year import unusable
from app.checking.notation import Reference, parse
from app.checking.rulebook import CouldNotRun
from app.checking.statements import is_blank
from app.knowledge import supplement
from app.knowledge.forms import form
from app.report.report import Report
from app.report.table import Block, Entry, Row, Table
from app.source import Place

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Part:
    """One cell of a quantity. ``value`` in 万元; ``scale`` is 万元 for one unit of the cell.

    ``place`` is None for a figure that stands in no file at hand (a row that is not printed).
    ``file`` is ``last year`` when it stands in last year's file.
    """

    sign: int
    name: str
    value: Decimal
    place: Place | None = None
    entry: Entry | None = None
    scale: Decimal = Decimal(1)
    file: str = ""


@dataclass(frozen=True, slots=True)
class Quantity:
    """A sum of cells. ``missing`` says in the clerk's words what is not there; ``value`` is then None,
    and ``parts`` name the cells that are there to be filled in."""

    parts: tuple[Part, ...] = ()
    missing: str = ""

    @property
    def value(self) -> Decimal | None:
        """In 万元."""
        return None if self.missing else sum((p.sign * p.value for p in self.parts), ZERO)

    @property
    def name(self) -> str:
        """``合计·基本支出``; the cells joined by their signs."""
        text = "".join(f" {'+' if p.sign > 0 else '−'} {p.name}" for p in self.parts)
        return text.removeprefix(" + ").strip()


@dataclass(slots=True)
class Quantities:
    """What a case states, by name."""

    report: Report
    book: Book
    last: Quantities | None = None
    template: bool = False  # a blank table is one that waits to be filled in
    _known: dict[str, Quantity] = field(default_factory=dict)

    @classmethod
    def of(cls, report: Report, *, template: bool = False) -> Quantities:
        """The quantities of a report, with its 补充资料 (or what its text tells) and last year's file.

        In a ``template`` blank tables are no lack: its formulas wait for them.
        """
        book = Book.of(report)
        supplement_table = report.supplement or _told(report)
        if supplement_table is not None:
            for key, block in supplement_table.blocks.items():
                book.blocks[key] = (supplement_table, block)
                rows: dict[str, Row] = {}
                for row in block.rows:
                    rows.setdefault(row.key, row)
                book.rows[key] = rows
                book.children[key] = {}
        last = cls.of(report.last_year) if report.last_year is not None and not unusable(report) else None
        return cls(report, book, last, template)

    def get(self, expression: str) -> Quantity:
        """The quantity that a sum of cells names, ``block[row].column + …``; Σ sums all rows of a word."""
        if expression not in self._known:
            self._known[expression] = self._sum(_references(expression))
        return self._known[expression]

    def rows(self, block: str, word: str) -> list[Row]:
        """The rows that a word (各类, 各项, 各行 …) names in a block, in order; none without the block."""
        if block not in self.book.blocks:
            return []
        return [self.book.rows[block][key] for key in select(self.book, block, word)]

    def columns(self, block: str) -> list[str]:
        """The keys of a block's columns as printed; none without the block."""
        return [c.key for c in self.book.blocks[block][1].columns] if block in self.book.blocks else []

    def text(self, block: str, row: str, column: str) -> str:
        """What is written in a text cell of 补充资料; ``""`` where nothing is."""
        found = self.book.rows.get(block, {}).get(row)
        entry = found.entries.get(column) if found else None
        return entry.text.strip() if entry else ""

    def _sum(self, references: tuple[Reference, ...]) -> Quantity:
        parts: list[Part] = []
        missing: list[str] = []
        for reference in references:
            for part, reason in self._each(reference):
                parts += [part] if part is not None else []
                missing += [reason] if reason else []
        return Quantity(tuple(parts), "；".join(dict.fromkeys(missing)))

    def _each(self, reference: Reference) -> Iterator[tuple[Part | None, str]]:
        if reference.number is not None:
            yield Part(reference.sign, str(reference.number), reference.number), ""
            return
        if not reference.sum:
            yield self._cell(reference, reference.row)
            return
        rows = self.rows(reference.block, reference.row)
        if not rows:
            yield None, self._lacking(reference.block) or "没有可以相加的行"
        for row in rows:
            yield self._cell(reference, row.key)

    def _cell(self, reference: Reference, key: str) -> tuple[Part | None, str]:
        """The cell as far as it is there, and what is missing."""
        lacking = self._lacking(reference.block)
        if lacking and (past := self._of_last_year(reference, key)):
            return past, ""
        if reference.block not in self.book.blocks:
            name = _told_name(reference.block, key, reference.column)
            return self._waiting(Part(reference.sign, name, ZERO)) if name else (None, lacking)
        table, block = self.book.blocks[reference.block]
        row = self.book.rows[reference.block].get(key)
        entry = row.entries.get(reference.column) if row else None
        name = _name(table, block, row, key, reference.column)
        scale = Decimal(table.factor) / 10000
        amount = entry.amount if entry is not None else None
        value = amount.value * scale if amount is not None else ZERO
        part = Part(reference.sign, name, value, entry.place if entry else None, entry, scale)
        if entry is not None and entry.wrong:
            return part, f"{name}（{entry.place}）不是数字"
        if lacking or amount is not None:
            return part, lacking
        if _is_supplement(table) and not (table.grid.is_sheet and _optional(reference.block, block)):
            past = self._of_last_year(reference, key)
            return (past, "") if past else self._waiting(part)
        return part, ""

    def _waiting(self, part: Part) -> tuple[Part, str]:
        """A figure that 补充资料 lacks: what she typed for it into the sheet 百分比, if she did."""
        typed = self.report.source.supplied.get(part.name)
        return (part, f"缺少{part.name}") if typed is None else (replace(part, value=typed, place=None, entry=None), "")

    def _lacking(self, block: str) -> str:
        """Why nothing can be had from a block; ``""`` when it can."""
        if block in self.book.blocks and _is_supplement(self.book.blocks[block][0]):
            return ""
        if block in _sections():
            return f"缺少{supplement.section(block).title.split('、', 1)[-1]}"
        try:
            self.book.need(block)
        except CouldNotRun as reason:
            return str(reason)
        table = self.book.blocks[block][0]
        unfilled = not self.template and table.statement is None and is_blank(table)
        return f"{table.key}没有填写金额" if unfilled else ""

    def _of_last_year(self, reference: Reference, key: str) -> Part | None:
        """上年 from last year's own tables, 三公上年数 too."""
        if self.last is None:
            return None
        cell = _past(reference.block, key, reference.column)
        found = self.last.get(cell) if cell else Quantity(missing="-")
        if found.missing or len(found.parts) != 1:
            return None
        part = found.parts[0]
        return Part(reference.sign, f"上年{part.name}", part.value, part.place, part.entry, part.scale, "last year")


def _told(report: Report) -> Table | None:
    """What the text tells; what reads a narrative is not loaded for a workbook."""
    if not report.claims:
        return None
    from app.filling.told import told

    return told(report)


@lru_cache(maxsize=2048)
def _references(expression: str) -> tuple[Reference, ...]:
    return parse(f"{expression} = 0").left


def _sections() -> frozenset[str]:
    return frozenset(s.key for s in supplement.sections())


def _is_supplement(table: Table) -> bool:
    return table.key == supplement.sheet_name()


def _optional(key: str, block: Block) -> bool:
    """采购 and the like: where something is filled in, a blank beside it is none; elsewhere it is unknown."""
    return key in ("采购", "车辆", "三公数量") and any(row.has_amounts for row in block.rows)


def _past(block: str, row: str, column: str) -> str:
    """The cell of last year's tables that a cell of 补充资料 repeats."""
    if block == "上年" and column == "上年数":
        known = {r.key: r.past or r.now for r in supplement.section("上年").rows}
        return known.get(row, "")
    return f"三公决算[合计行].{row}" if block == "三公" and column == "上年数" else ""


def _told_name(block: str, row: str, column: str) -> str:
    """What a cell of 补充资料 is called where there is no such sheet; ``""`` for cells of the tables."""
    if block not in _sections():
        return ""
    section = supplement.section(block)
    label = next((r.label for r in section.rows if r.key == row), "合计" if row == "合计行" else row)
    return _called(section.column(column).header, label)


def _called(header: str, label: str) -> str:
    """``上年决算数（收、支总计）``."""
    return f"{header.removeprefix('其中：')}（{label.removeprefix('其中：')}）"


def _name(table: Table, block: Block, row: Row | None, key: str, column: str) -> str:
    """``收支总表·总计``, ``支出表·2010301 行政运行·基本支出``: for people."""
    if _is_supplement(table):
        label = row.label if row else key
        label = f"{row.code} {label}" if row and row.code and row.code.isdigit() else label
        return _called(supplement.section(block.key).column(column).header, label)
    title = "财政拨款“三公”经费" if table.key == "三公表" else table.key
    head = f"{block.key[2:]}数" if table.key == "三公表" else ""
    name = "" if table.key == "三公表" else "合计" if key == "合计行" else _label(row, key, table, block)
    shown = "" if column == "决算数" or (column, name) == ("合计", "合计") else column
    return "·".join(p for p in (title, head, name, shown) if p)


def _label(row: Row | None, key: str, table: Table, block: Block) -> str:
    if row is not None:
        return f"{row.code} {row.label}" if row.code and row.code.isdigit() else row.label
    shape = form("2022").table(table.key).block(block.key)
    known = shape.row(key) if shape else None
    return known.label if known else key
