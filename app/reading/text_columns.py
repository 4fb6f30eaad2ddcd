"""Which column an amount belongs to when a text file lost the blank cells of its row.

A row prints k amounts, the table has m columns. Every way to spread the k over the m (order kept)
is a candidate; the row's own sum, the row's parent and, for the total, what other tables and the
narrative say, rule candidates out. What stays open is left open: a cell is never guessed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import combinations, product

Spread = tuple[int, ...]
Balanced = Callable[[dict[int, Decimal]], bool]
_ZERO = Decimal(0)
_HALF = Decimal("0.005")
_NODES = 60_000


@dataclass(slots=True)
class Spreading:
    """One row's amounts and the spreads over the columns that are still possible.

    ``parent`` is the row whose columns are the sums of this row's and its sisters'. ``given`` is
    where the file itself puts the amounts (tab-separated cells), if it says so.
    """

    values: list[Decimal]
    given: Spread | None = None
    parent: Spreading | None = None
    children: list[Spreading] = field(default_factory=list)
    options: list[Spread] = field(default_factory=list)

    @property
    def settled(self) -> bool:
        return len(self.options) == 1

    def at(self, option: Spread) -> dict[int, Decimal]:
        return dict(zip(option, self.values, strict=True))

    def columns(self) -> list[int | None]:
        """The column of each amount, None where the remaining options disagree."""
        return [c[0] if len(set(c)) == 1 else None for c in zip(*self.options, strict=True)]

    def doubtful(self) -> set[int]:
        """The columns whose content the remaining options disagree about."""
        filled = [self.at(o) for o in self.options]
        every = {c for f in filled for c in f}
        return {c for c in every if len({f.get(c, _ZERO) for f in filled}) > 1}


def near(left: Decimal, parts: Iterable[Decimal]) -> bool:
    """True when a printed total may be the sum of printed parts (DOMAIN §5)."""
    some = [p for p in parts if p]
    return abs(left - sum(some, _ZERO)) <= _HALF * (len(some) + 1)


def total_first(width: int) -> Balanced:
    """The first column is the sum of the others."""

    def check(row: dict[int, Decimal]) -> bool:
        return near(row.get(0, _ZERO), (row.get(c, _ZERO) for c in range(1, width)))

    return check


def opening_to_closing(row: dict[int, Decimal]) -> bool:
    """年初, 收入, 小计, 基本, 项目, 年末: 小计 = 基本 + 项目 and 年末 = 年初 + 收入 − 小计."""
    opening, income, spent, basic, project, closing = (row.get(c, _ZERO) for c in range(6))
    return near(spent, (basic, project)) and near(closing, (opening, income, -spent))


def start(rows: Sequence[Spreading], width: int, balanced: Balanced, first: bool) -> None:
    """Fill ``options`` of every row from its own amounts. ``first``: a row with any amount has one
    in its first column (the total)."""
    for row in rows:
        count = len(row.values)
        ways = [w for w in combinations(range(width), count) if not (first and count and w[0] != 0)]
        right = [w for w in ways if balanced(row.at(w))]
        if row.given is not None and (row.given in right or not right or row.given not in ways):
            row.options = [row.given]
        else:
            row.options = right or ways or [tuple(range(count))]
        # A zero says the same in any column: the row as printed without its zeros decides.
        if row.given is not None and row.given not in row.options and _same(row, row.given):
            row.options = [row.given]


def _same(row: Spreading, given: Spread) -> bool:
    return any(
        {c: v for c, v in row.at(o).items() if v} == {c: v for c, v in row.at(given).items() if v} for o in row.options
    )


def prefer(row: Spreading, expected: dict[int, set[Decimal]]) -> None:
    """Keep the options of ``row`` that most of what is known elsewhere of its columns supports."""
    if row.settled or not any(expected.values()):
        return
    scores = []
    for option in row.options:
        cells = row.at(option)
        hits = sum(1 for c, v in cells.items() if v and v in expected.get(c, ()))
        holes = sum(1 for c, known in expected.items() if any(known) and not cells.get(c))
        scores.append(2 * hits - holes)
    best = max(scores)
    row.options = [o for o, s in zip(row.options, scores, strict=True) if s == best]


def within(rows: Sequence[Spreading], total: Spreading | None) -> None:
    """Rows use only the columns their total uses, where that leaves them a way at all."""
    if total is None or not total.settled:
        return
    used = {c for c, v in total.at(total.options[0]).items() if v} or set(total.options[0])
    for row in rows:
        kept = [o for o in row.options if {c for c, v in row.at(o).items() if v} <= used]
        if kept and row is not total:
            row.options = kept


def solve(rows: Sequence[Spreading], width: int) -> None:
    """Rule out options that the sums of parents and children contradict, until nothing changes."""
    for _ in range(6):
        before = sum(len(r.options) for r in rows)
        for row in rows:
            if row.children and not (row.settled and all(c.settled for c in row.children)):
                _group(row, width)
        if sum(len(r.options) for r in rows) == before:
            return


def _group(parent: Spreading, width: int) -> None:
    """Narrow one parent and its children to the combinations whose column sums agree best."""
    members = [parent, *parent.children]
    size = 1
    for member in members:
        size *= len(member.options)
        if size > _NODES:
            return
    ranked: dict[tuple[int, int], list[tuple[Spread, ...]]] = {}
    for choice in product(*(m.options for m in members)):
        ranked.setdefault(_misfit(members, choice, width), []).append(choice)
    best = ranked[min(ranked)]
    for index, member in enumerate(members):
        chosen = {choice[index] for choice in best}
        member.options = [o for o in member.options if o in chosen]


def _misfit(members: list[Spreading], choice: tuple[Spread, ...], width: int) -> tuple[int, int]:
    """How badly a combination fits: columns off by more than rounding, then columns not exact."""
    rows = [m.at(o) for m, o in zip(members, choice, strict=True)]
    wrong = inexact = 0
    for column in range(width):
        parts = [r[column] for r in rows[1:] if r.get(column)]
        gap = abs(rows[0].get(column, _ZERO) - sum(parts, _ZERO))
        inexact += gap != 0
        wrong += gap > _HALF * (len(parts) + 1)
    return wrong, inexact


def agree(one: Spreading, other: Spreading) -> None:
    """The same code with the same amounts in a sister table stands in the same columns."""
    if one.values != other.values or one.settled == other.settled:
        return
    known, open_ = (one, other) if one.settled else (other, one)
    if known.options[0] in open_.options:
        open_.options = list(known.options)
