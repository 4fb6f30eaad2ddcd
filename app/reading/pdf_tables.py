"""Ruling lines to tables: the lattice they draw, its cells and merged cells, the text in each.

Works on the lines themselves, not on their crossings one by one as pdfplumber's ``TableFinder``
does: that takes longer than pdfium needs for the whole page, and loses the cells of a table whose
outer rules are left out (open sides, a row cut by the end of the page). The tests hold the two
against each other.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from app.reading.pdf_chars import Run, TooDense
from app.reading.pdf_page import Edge, PageContent
from app.reading.pdf_shading import drawn_by
from app.reading.pdf_text import cell_text
from app.source import Span

_SNAP = 2.2  # rules nearer than this are one (double rules, a fill beside its border)
_JOIN = 3.2  # a gap in a rule that is no gap
_REACH = 3.2  # how far a rule may stop short of the one it meets
_MOST = 1_000_000  # pairs of rules to look at: a table of 500 rows and 100 columns has 50,000
_OPEN = 12.0  # rules that run on this far beyond the last cross rule enclose cells too


@dataclass(slots=True)
class PieceCell:
    """A cell of a table on one page; ``span`` in rows and columns of the piece, ``box`` as read."""

    span: Span
    text: str
    box: tuple[float, float, float, float]
    full: bool = False


@dataclass(slots=True)
class Piece:
    """A table, or the part of one that stands on page ``page``; rules at ``xs`` and ``ys``."""

    page: int
    xs: list[float]
    ys: list[float]
    cells: list[PieceCell] = field(default_factory=list)

    @property
    def top(self) -> float:
        return self.ys[0]

    @property
    def bottom(self) -> float:
        return self.ys[-1]


def find_tables(content: PageContent) -> tuple[list[Piece], list[Run]]:
    """The tables of a page from top to bottom, and the runs of text outside them.

    Raises ``TooDense`` for a drawing of more rules than any table has.
    """
    shades = list(drawn_by(content.shades, content.runs))
    rules = [*content.horizontal, *(side for shade in shades for side in shade.horizontal)]
    posts = [*content.vertical, *(side for shade in shades for side in shade.vertical)]
    if not posts or not rules:
        return [], content.runs
    pieces: list[Piece] = []
    runs = content.runs
    level, upright = _straighten(rules), _straighten(posts)
    if len(level) * len(upright) > _MOST:
        raise TooDense
    for horizontal, vertical in _groups(level, upright):
        lattice = _lattice(horizontal, vertical)
        if lattice is None:
            continue
        inside, outside = _within(runs, lattice)
        piece = _fill(lattice, content.number, inside)
        if piece is not None:
            pieces.append(piece)
            runs = outside
    pieces.sort(key=lambda piece: piece.top)
    return pieces, runs


def _straighten(edges: Sequence[Edge]) -> list[Edge]:
    """Rules that lie on one line put together, sorted by position."""
    groups: list[list[Edge]] = []
    for edge in sorted(edges):
        if groups and edge.at - groups[-1][0].at <= _SNAP:
            groups[-1].append(edge)
        else:
            groups.append([edge])
    whole: list[Edge] = []
    for group in groups:
        at = sum(edge.at for edge in group) / len(group)
        start, end = 0.0, -1e9
        for _, left, right in sorted(group, key=_start):
            if left > end + _JOIN:
                if end > start:
                    whole.append(Edge(at, start, end))
                start, end = left, right
            elif right > end:
                end = right
        whole.append(Edge(at, start, end))
    return whole


def _start(edge: Edge) -> float:
    return edge.start


def _groups(horizontal: list[Edge], vertical: list[Edge]) -> Iterable[tuple[list[Edge], list[Edge]]]:
    """Rules that meet each other, directly or through others: one group a table."""
    count = len(horizontal)
    parent = list(range(count + len(vertical)))

    def root(item: int) -> int:
        while parent[item] != item:
            parent[item] = parent[parent[item]]
            item = parent[item]
        return item

    met = set()
    for i, (y, x0, x1) in enumerate(horizontal):
        x0, x1 = x0 - _REACH, x1 + _REACH
        for j, (x, y0, y1) in enumerate(vertical, count):
            if x0 <= x <= x1 and y0 - _REACH <= y <= y1 + _REACH:
                parent[root(i)] = root(j)
                met.add(i)
    groups: dict[int, tuple[list[Edge], list[Edge]]] = {}
    for item in range(len(parent)):
        if item >= count or item in met:
            group = groups.setdefault(root(item), ([], []))
            group[item >= count].append(horizontal[item] if item < count else vertical[item - count])
    return [group for group in groups.values() if len(group[0]) >= 2]


@dataclass(slots=True)
class _Lattice:
    xs: list[float]
    ys: list[float]
    right: list[list[bool]]  # right[r][c]: a rule stands at the right of unit cell (r, c)
    below: list[list[bool]]


def _lattice(horizontal: list[Edge], vertical: list[Edge]) -> _Lattice | None:
    """The unit cells of a group of rules, and where rules part them; None when there is but one column."""
    xs = _positions(vertical, horizontal)
    ys = _positions(horizontal, vertical)
    if len(xs) < 3 or len(ys) < 2:
        return None
    rows, columns = len(ys) - 1, len(xs) - 1
    right = [[False] * columns for _ in range(rows)]
    below = [[False] * columns for _ in range(rows)]
    middles = [(a + b) / 2 for a, b in pairwise(ys)]
    index = {x: i for i, x in enumerate(xs)}
    for x, start, end in vertical:
        column = index[x] - 1
        if column >= 0:
            for row in range(bisect_right(middles, start), bisect_right(middles, end)):
                right[row][column] = True
    middles = [(a + b) / 2 for a, b in pairwise(xs)]
    index = {y: i for i, y in enumerate(ys)}
    for y, start, end in horizontal:
        row = index[y] - 1
        if row >= 0:
            line = below[row]
            for column in range(bisect_right(middles, start), bisect_right(middles, end)):
                line[column] = True
    return _Lattice(xs, ys, right, below)


def _positions(edges: list[Edge], across: list[Edge]) -> list[float]:
    """Where the rules stand, and the open ends of a table without outer rules.

    An open end counts where most of the rules ``across`` run on to it.
    """
    found = sorted({edge.at for edge in edges})
    first, last = min(edge.start for edge in across), max(edge.end for edge in across)
    half = len(across) / 2
    if found[0] - first > _OPEN and sum(edge.start < first + _REACH for edge in across) > half:
        found.insert(0, first)
    if last - found[-1] > _OPEN and sum(edge.end > last - _REACH for edge in across) > half:
        found.append(last)
    return found


def _within(runs: list[Run], lattice: _Lattice) -> tuple[list[Run], list[Run]]:
    left, right, top, bottom = lattice.xs[0], lattice.xs[-1], lattice.ys[0], lattice.ys[-1]
    inside: list[Run] = []
    outside: list[Run] = []
    for run in runs:
        here = left <= (run.x0 + run.x1) / 2 <= right and top <= run.y - 0.3 * run.size <= bottom
        (inside if here else outside).append(run)
    return inside, outside


def _regions(lattice: _Lattice) -> list[list[int]]:
    """``owner[r][c]``: the cell that unit cell (r, c) belongs to, as row * columns + column of its top left."""
    rows, columns = len(lattice.ys) - 1, len(lattice.xs) - 1
    owner = [[-1] * columns for _ in range(rows)]
    for row in range(rows):
        for column in range(columns):
            if owner[row][column] < 0:
                _claim(lattice, owner, row, column)
    return owner


def _claim(lattice: _Lattice, owner: list[list[int]], row: int, column: int) -> None:
    """Give the cell that starts at (row, column) all it reaches: as wide as no rule stops it, then down."""
    rows, columns = len(owner), len(owner[0])
    right, below = lattice.right, lattice.below
    end = column
    while end + 1 < columns and not right[row][end] and owner[row][end + 1] < 0:
        end += 1
    last = row
    span = range(column, end + 1)
    while (
        last + 1 < rows
        and not any(below[last][c] for c in span)
        and not any(right[last + 1][c] for c in range(column, end))
        and all(owner[last + 1][c] < 0 for c in span)
    ):
        last += 1
    name = row * columns + column
    for r in range(row, last + 1):
        for c in span:
            owner[r][c] = name


def _fill(lattice: _Lattice, page: int, runs: list[Run]) -> Piece | None:
    """Put the runs into the cells; None when no text stands inside."""
    if not runs:
        return None
    xs, ys = lattice.xs, lattice.ys
    columns = len(xs) - 1
    owner = _regions(lattice)
    texts: dict[int, list[Run]] = {}
    for run in runs:
        row = min(max(bisect_right(ys, run.y - 0.3 * run.size) - 1, 0), len(ys) - 2)
        for part in _cut(run, xs, owner[row]):
            column = min(max(bisect_right(xs, (part.x0 + part.x1) / 2) - 1, 0), columns - 1)
            texts.setdefault(owner[row][column], []).append(part)
    cells: list[PieceCell] = []
    for name, span in _spans(owner).items():
        box = xs[span.left], ys[span.top], xs[span.right + 1], ys[span.bottom + 1]
        inside = texts.get(name)
        if inside:
            found = cell_text(inside, box[2] - box[0])
            cells.append(PieceCell(span, found.text, box, found.full))
        else:
            cells.append(PieceCell(span, "", box))
    return Piece(page, xs, ys, cells)


def _spans(owner: list[list[int]]) -> dict[int, Span]:
    spans: dict[int, Span] = {}
    for r, line in enumerate(owner):
        for c, name in enumerate(line):
            first = spans.get(name)
            if first is None:
                spans[name] = Span(r, c, r, c)
            elif r > first.bottom or c > first.right:
                spans[name] = Span(first.top, first.left, r, c)
    return spans


def _cut(run: Run, xs: list[float], owner: list[int]) -> list[Run]:
    """A run that crosses a rule is two texts where the rule falls between glyphs, else one that overflows."""
    first = max(bisect_right(xs, run.x0 + 0.5), 1)
    last = bisect_right(xs, run.x1 - 0.5)
    if first >= last or last > len(owner) or owner[first - 1] == owner[last - 1]:
        return [run]
    parts: list[Run] = []
    rest = run.glyphs
    for column in range(first, last):
        if owner[column - 1] == owner[column]:
            continue
        at = xs[column]
        for i in range(1, len(rest)):
            before, after = rest[i - 1], rest[i]
            if before[2] <= at + 0.6 and after[1] >= at - 0.6 and after[1] - before[2] > 0.3:
                parts.append(run.part(rest[:i]))
                rest = rest[i:]
                break
    parts.append(run.part(rest))
    return parts
