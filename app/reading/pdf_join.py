"""Tables that run over pages put together, and the furniture of pages (numbers, running heads) taken out."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from app.reading.pdf_page import Frame
from app.reading.pdf_tables import Piece, PieceCell
from app.reading.pdf_text import TextLine, joint
from app.source import Cell, Grid, Place, Span

_NUMBER_LINE = re.compile(
    r"[-—–－~·.\s]*(第\s*)?(\d{1,4}|[IVXivx]{1,6})(\s*页)?(\s*[/／,，]?\s*共?\s*\d{1,4}\s*页?)?[-—–－~·.\s]*"
)
_ENUMERATED = re.compile(r"\s*([（(]?[一二三四五六七八九十百]+[)）、.]|[（(]?\d+[)）、.．]|\d{3,})")
_AMOUNT = re.compile(r"[-+]?[\d,，]*\.?\d+%?")
_WHOLE_AMOUNT = re.compile(r"-?(\d{1,3}(,\d{3})+|\d+)\.\d\d")
_TITLE = re.compile(r"表([（(]续.{0,3}[)）])?$")
_CONTINUED = re.compile(r"[（(]?续\s*表?[一二三四五六七八九十\d]*[)）]?")
_SAME = 4.0  # points by which a column may shift from page to page


@dataclass(slots=True)
class PageItems:
    """One page in reading order."""

    number: int
    frame: Frame
    items: list[TextLine | Piece] = field(default_factory=list)


@dataclass(slots=True)
class Joined:
    """The parts of one table; for each part after the first, how many of its rows repeat the header."""

    parts: list[Piece]
    repeated: list[int]
    name: str
    above: list[str] = field(default_factory=list)


def _bare(text: str) -> str:
    return "".join(text.split())


def strip_furniture(pages: Sequence[PageItems]) -> tuple[dict[int, str], list[str]]:
    """Take page numbers and running heads out of ``pages``.

    Returns the page numbers as printed, by page, and the texts of the running heads.
    """
    numbers: dict[int, str] = {}
    seen: defaultdict[str, set[int]] = defaultdict(set)
    for page in pages:
        for item in _margin_lines(page):
            bare = _bare(item.text)
            if bare and _NUMBER_LINE.fullmatch(item.text.strip()):
                numbers[page.number] = bare
                page.items.remove(item)
            elif bare:
                seen[bare].add(page.number)
    heads = {text for text, where in seen.items() if _is_running_head(text, len(where), len(pages))}
    if heads:
        for page in pages:
            drop = [item for item in _margin_lines(page) if _bare(item.text) in heads]
            page.items = [item for item in page.items if not any(item is d for d in drop)]
    return numbers, sorted(heads)


def _is_running_head(text: str, times: int, pages: int) -> bool:
    """True for a line that many pages bear; a table's title is none, though a long table repeats it."""
    if _TITLE.search(text):
        return pages >= 6 and times >= 0.8 * pages
    return times >= max(3, pages / 3)


def _margin_lines(page: PageItems) -> list[TextLine]:
    """The first and last lines of a page that stand in its margins."""
    found: list[TextLine] = []
    for item in page.items[:2]:
        if isinstance(item, TextLine) and item.bottom < page.frame.height * 0.1:
            found.append(item)
    for item in page.items[-2:]:
        if isinstance(item, TextLine) and item.top > page.frame.height * 0.88 and item not in found:
            found.append(item)
    return found


def join_tables(pages: Sequence[PageItems]) -> list[tuple[int, TextLine | Joined]]:
    """All items in reading order with their page, the parts of each table in one ``Joined``."""
    result: list[tuple[int, TextLine | Joined]] = []
    last: Joined | None = None  # the table that nothing has followed yet
    waiting: list[tuple[int, TextLine | Joined]] = []  # lines at the head of a page below such a table
    for page in pages:
        count = 0
        for item in page.items:
            if isinstance(item, Piece):
                count += 1
                repeated = _continues(last, item, waiting) if last is not None else None
                if last is not None and repeated is not None:
                    last.parts.append(item)
                    last.repeated.append(repeated)
                    waiting = []
                    continue
                result.extend(waiting)
                waiting = []
                above = [_bare(line.text) for _, line in result[-3:] if isinstance(line, TextLine)]
                last = Joined([item], [0], f"第{page.number}页表{count}", above)
                result.append((page.number, last))
            elif (
                last is not None and last.parts[-1].page < page.number and _may_repeat(last, item) and len(waiting) < 3
            ):
                waiting.append((page.number, item))
            else:
                result.extend(waiting)
                waiting, last = [], None
                result.append((page.number, item))
    return result + waiting


def _may_repeat(table: Joined, line: TextLine) -> bool:
    """True for a line over the next page's table that repeats the table's own title, unit or 续表."""
    bare = _bare(line.text)
    return bare in table.above or _CONTINUED.sub("", bare) in table.above or bool(_CONTINUED.fullmatch(bare))


def _continues(table: Joined, piece: Piece, waiting: Sequence[object]) -> int | None:
    """How many header rows ``piece`` repeats if it carries ``table`` on; None when it does not."""
    last = table.parts[-1]
    if piece.page == last.page or piece.page > last.page + 2:
        return None
    if abs((last.xs[-1] - last.xs[0]) - (piece.xs[-1] - piece.xs[0])) > 2 * _SAME:
        return None
    columns, others = _relative(table.parts[0]), _relative(piece)
    shared = sum(any(abs(a - b) <= _SAME for b in columns) for a in others)
    if shared < max(2, 0.6 * min(len(others), max(len(columns), 2))):
        return None
    repeated = _repeated_rows(table.parts[0], piece)
    if repeated or waiting:
        return repeated
    first = [cell for cell in piece.cells if cell.span.top == 0 and cell.text]
    wide = len(first) == 1 and first[0].span.right - first[0].span.left + 1 == len(piece.xs) - 1
    return None if wide and _TITLE.search(_bare(first[0].text)) else 0


def _relative(piece: Piece) -> list[float]:
    return [x - piece.xs[0] for x in piece.xs]


def _rows(piece: Piece) -> dict[int, list[PieceCell]]:
    rows: defaultdict[int, list[PieceCell]] = defaultdict(list)
    for cell in piece.cells:
        rows[cell.span.top].append(cell)
    return rows


def _repeated_rows(head: Piece, piece: Piece) -> int:
    """How many rows at the top of ``piece`` repeat the rows at the top of ``head``."""
    ours, theirs = _rows(head), _rows(piece)
    count = 0
    while count < min(len(head.ys), len(piece.ys)) - 1:
        a = [_bare(cell.text) for cell in ours[count] if cell.text]
        b = [_bare(cell.text) for cell in theirs[count] if cell.text]
        if a != b or not all(_is_label(text) for text in a):
            break
        count += 1
    return count if any(cell.text for r in range(count) for cell in theirs[r]) else 0


def _is_label(text: str) -> bool:
    """True for a header's text: words, or the small number of a 栏次."""
    return not _AMOUNT.fullmatch(text) or (text.isdigit() and len(text) <= 2)


class _Builder:
    """Puts the parts of a table under each other, row by row, in the columns of all parts."""

    def __init__(self, table: Joined, frames: dict[int, Frame]) -> None:
        self.grid = Grid(table.name, is_sheet=False)
        self.frames = frames
        self.columns = _columns(table.parts)
        self.base = 0
        self.full: set[int] = set()  # ids of cells whose text may go on overleaf

    def add(self, piece: Piece, skip: int, last: bool) -> None:
        """Put ``piece`` below what there is, without its first ``skip`` rows."""
        where = _column_map(piece, self.columns)
        if self.base:
            skip += self._carried_over(piece, skip, where)
        rows = len(piece.ys) - 1
        if not last:  # a blank strip at the foot of a page that the table runs over
            filled = max((cell.span.bottom for cell in piece.cells if cell.text), default=-1)
            rows = filled + 1 if filled >= 0 else rows
        frame = self.frames[piece.page]
        for found in piece.cells:
            top, left, bottom, right = found.span
            if bottom < skip or top >= rows:
                continue
            top, bottom = self.base + max(top, skip) - skip, self.base + min(bottom, rows - 1) - skip
            left, right = where[left], where[right + 1] - 1
            cell = Cell(top, left, found.text or None, place=Place(page=piece.page, box=frame.box(*found.box)))
            self.grid.put(cell)
            if found.full:
                self.full.add(id(cell))
            if bottom > top or right > left:
                self.grid.merges.append(Span(top, left, bottom, right))
        self.base += max(rows - skip, 0)

    def _carried_over(self, piece: Piece, start: int, where: Sequence[int]) -> int:
        """Rows at the top of ``piece`` that belong to the row above the break: blank strips and overflow."""
        rows = _rows(piece)
        count = 0
        while start + count < len(piece.ys) - 1:
            row = rows.get(start + count, [])
            filled = [cell for cell in row if cell.text]
            if not filled and row and all(cell.span.bottom == cell.span.top for cell in row):
                count += 1
                continue
            owners = [self._owner(where[cell.span.left]) for cell in filled]
            if filled and self._overflows(filled, owners, where[-1]):
                for cell, owner in zip(filled, owners, strict=True):
                    if owner is not None:
                        before = str(owner.value)
                        owner.value = before + joint(before, cell.text, id(owner) in self.full) + cell.text
                count += 1
            break
        return count

    def _owner(self, column: int) -> Cell | None:
        """The cell that covers ``column`` in the last row, merged ranges included."""
        row = self.base - 1
        cell = self.grid.cell(row, column)
        if cell is not None:
            return cell
        for span in reversed(self.grid.merges):
            if span.top <= row <= span.bottom and span.left <= column <= span.right:
                return self.grid.cell(span.top, span.left)
        return None

    def _overflows(self, filled: Sequence[PieceCell], owners: Sequence[Cell | None], columns: int) -> bool:
        """True when the row holds nothing but the rest of texts that the row above broke off."""
        above = {id(c) for column in range(columns) if (c := self._owner(column)) is not None and c.value}
        if len(filled) >= len(above) or not any(id(owner) in self.full for owner in owners):
            return False
        return all(
            owner is not None and owner.value and _goes_on(str(owner.value), cell.text)
            for cell, owner in zip(filled, owners, strict=True)
        )


def _goes_on(before: str, text: str) -> bool:
    """True when ``text`` can be the rest of ``before``: of a figure only where the two make one amount."""
    if _AMOUNT.fullmatch(_bare(text)):
        return bool(_AMOUNT.fullmatch(_bare(before))) and bool(_WHOLE_AMOUNT.fullmatch(_bare(before + text)))
    return not _ENUMERATED.match(text)


def to_grid(table: Joined, frames: dict[int, Frame]) -> Grid:
    """One ``Grid`` from the parts of a table; each cell keeps the page and box it stands on."""
    builder = _Builder(table, frames)
    for number, (piece, repeated) in enumerate(zip(table.parts, table.repeated, strict=True), 1):
        builder.add(piece, repeated, last=number == len(table.parts))
    return builder.grid


def _columns(parts: Sequence[Piece]) -> list[float]:
    """Rules of all parts, counted from the left one; those within a few points are one."""
    columns: list[float] = []
    for piece in parts:
        for x in _relative(piece):
            if not any(abs(x - c) <= _SAME for c in columns):
                columns.append(x)
    return sorted(columns)


def _column_map(piece: Piece, columns: Sequence[float]) -> list[int]:
    return [min(range(len(columns)), key=lambda i: abs(columns[i] - x)) for x in _relative(piece)]
