"""Which column an amount belongs to when a text file lost the blank cells of its row.

A row prints k amounts, the table has m columns. Every way to spread the k over the m (order kept)
is a candidate; the row's own sum, the row's parent and, for the total, what other tables and the
narrative say, rule candidates out. What stays open is left open: a cell is never guessed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import combinations

Spread = tuple[int, ...]
Balanced = Callable[[dict[int, Decimal]], bool]
_ZERO = Decimal(0)
_HALF = Decimal("0.005")
_NODES = 60_000  # combinations looked at in one group: a tenth of a second
FEW = 2_000
_MOST = 200  # children of one code; real tables have some twenty


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
    return any(_filled(row, o) == _filled(row, given) for o in row.options)


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


def solve(rows: Sequence[Spreading], width: int, limit: int = _NODES) -> None:
    """Rule out options that the sums of parents and children contradict, until nothing changes.

    Groups with more than ``limit`` steps to look at are left as they are.
    """
    for _ in range(6):
        before = sum(len(r.options) for r in rows)
        for row in rows:
            if row.children and not (row.settled and all(c.settled for c in row.children)):
                _group(row, width, limit)
        if sum(len(r.options) for r in rows) == before:
            return


def _group(parent: Spreading, width: int, limit: int) -> None:
    """Narrow one parent and its children to the combinations whose column sums agree best."""
    if len(parent.children) > _MOST:
        return
    members = [parent, *sorted(parent.children, key=lambda c: -max(c.values, default=_ZERO))]
    vectors = [[_cents(m, o, width) for o in m.options] for m in members]
    best = _Search(vectors, width, limit).run()
    for index, member in enumerate(members):
        chosen = {choice[index] for choice in best}
        if chosen:
            member.options = [o for i, o in enumerate(member.options) if i in chosen]


def _cents(row: Spreading, option: Spread, width: int) -> tuple[int, ...]:
    """The amounts by column in ten-thousandths: whole numbers add up faster than decimals."""
    cells = row.at(option)
    return tuple(int(cells.get(c, _ZERO) * 10_000) for c in range(width))


class _Search:
    """All combinations of options (by number) that fit best: fewest columns off, then fewest inexact."""

    def __init__(self, vectors: list[list[tuple[int, ...]]], width: int, limit: int) -> None:
        self._vectors = vectors
        self._width = width
        self._left = limit
        self._tolerance = 50 * (len(vectors) + 1)
        self._negative = any(v < 0 for options in vectors for option in options for v in option)
        self._ranked: dict[tuple[int, int], list[tuple[int, ...]]] = {}

    def run(self) -> list[tuple[int, ...]]:
        """The best combinations; [] when there are too many to look at."""
        size = 1
        for options in self._vectors:
            size *= len(options)
        for prune in (True, False):
            if not prune and size > self._left:
                return []
            for index, target in enumerate(self._vectors[0]):
                self._descend((index,), target, [0] * self._width, [0] * self._width, prune and not self._negative)
            if self._left <= 0:
                return []
            if (self._ranked and min(self._ranked)[0] == 0) or not prune or self._negative:
                break
        return self._ranked[min(self._ranked)] if self._ranked else []

    def _descend(
        self, choice: tuple[int, ...], target: tuple[int, ...], sums: list[int], parts: list[int], prune: bool
    ) -> None:
        self._left -= 1
        if self._left <= 0 or (prune and any(s > t + self._tolerance for s, t in zip(sums, target, strict=True))):
            return
        if len(choice) == len(self._vectors):
            gaps = [abs(t - s) for s, t in zip(sums, target, strict=True)]
            wrong = sum(g > 50 * (n + 1) for g, n in zip(gaps, parts, strict=True))
            self._ranked.setdefault((wrong, sum(g != 0 for g in gaps)), []).append(choice)
            return
        for index, option in enumerate(self._vectors[len(choice)]):
            more = [s + v for s, v in zip(sums, option, strict=True)]
            count = [n + (v != 0) for n, v in zip(parts, option, strict=True)]
            self._descend((*choice, index), target, more, count, prune)


def lean(row: Spreading, usual: set[int]) -> None:
    """Where nothing else decides, keep the options that use only the ``usual`` columns."""
    kept = [o for o in row.options if set(o) <= usual]
    if not row.settled and kept:
        row.options = kept


def agree(one: Spreading, other: Spreading) -> None:
    """The same code with the same amounts in a sister table stands in the same columns."""
    if one.settled == other.settled:
        return
    known, unsettled = (one, other) if one.settled else (other, one)
    cells = _filled(known, known.options[0])
    kept = [o for o in unsettled.options if _filled(unsettled, o) == cells]
    if kept:
        unsettled.options = kept


def below(row: Spreading, most: dict[int, Decimal]) -> None:
    """A row that is part of another (a fund's share of a code): no column above that row's ``most``."""
    kept = [o for o in row.options if all(v <= most.get(c, v) for c, v in row.at(o).items())]
    if kept:
        row.options = kept


def _filled(row: Spreading, option: Spread) -> dict[int, Decimal]:
    return {c: v for c, v in row.at(option).items() if v}
