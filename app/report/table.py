"""The nine tables with their meaning: blocks of canonical rows and columns."""

from __future__ import annotations

from dataclasses import dataclass, field

from app.report.amount import Amount
from app.source import Cell, Grid, Line, Place


@dataclass(slots=True)
class Entry:
    """One cell of a table: ``amount`` if it holds one; ``wrong`` is ``text`` or ``error`` if it
    holds what is no amount. A blank cell has neither."""

    place: Place
    text: str = ""
    amount: Amount | None = None
    wrong: str | None = None
    cell: Cell | None = None

    @property
    def blank(self) -> bool:
        return self.amount is None and self.wrong is None


@dataclass(slots=True)
class Column:
    """A recognised column: canonical ``key``, header ``text`` as printed (top to bottom), its
    column in the grid, and the 栏次 printed under it."""

    key: str
    text: str
    index: int
    place: Place
    number: str | None = None


@dataclass(slots=True)
class Row:
    """A recognised row. ``key`` is the code (``2010302``) in code blocks, the canonical label
    (``本年收入合计``) elsewhere, ``合计行`` for the total row of a code table and the one row of 三公表."""

    key: str
    label: str
    place: Place
    code: str | None = None
    code_place: Place | None = None
    number: str | None = None  # 行次 as printed
    number_place: Place | None = None
    entries: dict[str, Entry] = field(default_factory=dict)
    index: int = 0  # row in the grid
    grid: Grid | None = None

    def amount(self, column: str) -> Amount | None:
        entry = self.entries.get(column)
        return entry.amount if entry else None

    @property
    def has_amounts(self) -> bool:
        return any(e.amount is not None for e in self.entries.values())


@dataclass(slots=True)
class Block:
    """One side or half of a table: ``收支总表收入``, ``三公决算``, or a whole code table."""

    key: str
    columns: list[Column] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)

    def row(self, key: str) -> Row | None:
        return next((r for r in self.rows if r.key == key), None)


@dataclass(slots=True)
class Stated:
    """A word a table states about itself (unit name, year, 公开NN表, 万元), as printed."""

    value: str
    text: str
    place: Place


@dataclass(slots=True)
class Table:
    """One of the nine tables as recognised. ``key`` as in DOMAIN §2 (``收支总表``)."""

    key: str
    title: Stated
    grid: Grid
    top: int  # first and last row in the grid
    bottom: int
    number: Stated | None = None
    unit_name: Stated | None = None
    year: Stated | None = None
    money: Stated | None = None
    blocks: dict[str, Block] = field(default_factory=dict)
    notes: list[Line] = field(default_factory=list)
    statement: Line | None = None  # the statement of none (…故本表无数据)
    unrecognised: list[Problem] = field(default_factory=list)
    grids: list[Grid] = field(default_factory=list)  # more than one when continued
    readable: bool = True

    @property
    def factor(self) -> int:
        """How many 元 one unit of this table is."""
        return 1 if self.money is not None and self.money.value == "元" else 10000

    @property
    def empty(self) -> bool:
        """True when no cell holds an amount other than zero."""
        return not any(
            e.amount is not None and e.amount.value
            for block in self.blocks.values()
            for row in block.rows
            for e in row.entries.values()
        )


@dataclass(slots=True)
class Problem:
    """What could not be recognised: ``kind`` (``column``, ``row``, ``grid`` …), its text, where."""

    kind: str
    text: str
    place: Place
    message: str
