"""The rows of a table found in text, laid out in columns as the clerk's own sheet would be."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING

from app.reading import text_columns as columns
from app.reading import text_rows as rows
from app.reading.text_forms import HEADERS, Header, compact, header_for, printed
from app.reading.text_known import Known
from app.source import Cell, Place, Span

if TYPE_CHECKING:
    from app.reading.text_tables import Draft, Found

SIDES = ("收支总表", "财拨总表")
UNREAD = "?"  # ``Cell.formula`` of a cell whose amount could not be told from its neighbours'
_WORDS = re.compile(r"栏次|行次|类|款|项|项目|科目名称|合计")
LEFT = re.compile(r"(?!.*(?:支出|年末|结余分配)).*(?:收入|财政拨款|使用|年初|上年|弥补|总计|合计|专用结余)")
_TOTAL = re.compile(r"本年(?:收入|支出)合计|(?:收入|支出)?总计")


def is_numbers(found: Sequence[rows.Token], key: str) -> bool:
    """The 栏次 row: 1, 2, 3 … with nothing but words like 栏次, 类 款 项 around them."""
    plain = [t.plain for t in found if not _WORDS.fullmatch(t.plain)]
    if plain != [str(n) for n in range(1, len(plain) + 1)]:
        return False
    labelled = any(t.plain == "栏次" for t in found)
    return labelled or len(plain) >= (2 if key not in SIDES else 6)


def begins_row(found: Sequence[rows.Token], key: str) -> bool:
    """True for a line that can only be a row of data of table ``key``."""
    first, rest = found[0], found[1:]
    if key in SIDES:
        if _TOTAL.fullmatch(first.plain):
            return any(t.is_amount for t in rest) or bool(rest)
        return bool(re.match(r"[一二三四五六七八九十]+[、.]", first.plain)) or (
            first.is_count
            and any(not t.is_amount for t in rest)
            and bool(re.match(r"[一二三四五六七八九十]+[、.]", rest[0].plain))
        )
    if key == "基本支出表":
        item = rows.items(found[:2]) if rows.starts_item(found, 0) else []
        return bool(item) and (item[0].total or bool(rest))
    if key == "三公表":
        return all(t.is_amount for t in found) and len(found) > 1
    row = rows.code_row(found)
    if row.total:
        return not rest or all(t.is_amount for t in rest) or found[-1].plain == "合计"
    return row.code is not None


@dataclass(slots=True)
class Sheet:
    """Builds one grid row by row."""

    found: Found
    row: int = 0
    open: list[tuple[str, int, tuple[str, ...]]] = field(default_factory=list)  # rows with doubtful columns

    def put(self, column: int, text: str, line: int, right: int | None = None, down: int = 0) -> None:
        """One cell of the current row; merged as far as column ``right`` and ``down`` rows more."""
        if text:
            self.found.grid.put(Cell(self.row, column, text, place=Place(line=line)))
        if (right is not None and right > column) or down:
            self.found.grid.merges.append(Span(self.row, column, self.row + down, max(column, right or column)))

    def unread(self, column: int, line: int) -> None:
        self.found.grid.put(Cell(self.row, column, None, UNREAD, place=Place(line=line)))

    def line(self, text: str, number: int) -> None:
        """A row of one cell."""
        self.put(0, text, number)
        self.row += 1

    def paths(self, paths: Sequence[Sequence[str]], draft: Draft) -> None:
        """The header: one path of words a column, top to bottom; equal neighbours are merged, and a
        word goes down over the blank levels beneath it."""
        depth = max(map(len, paths))
        full = [[*p, *[""] * (depth - len(p))] for p in paths]
        top = self.row
        for level in range(depth):
            self.row = top + level
            column = 0
            while column < len(full):
                start, path = column, full[column]
                column += 1
                if not path[level]:
                    continue
                down = next((n for n in range(depth - level) if level + n + 1 == depth or path[level + n + 1]), 0)
                leaf = level + down == depth - 1
                while not leaf and column < len(full) and full[column][: level + 1] == path[: level + 1]:
                    column += 1
                self.put(start, path[level], _line_of(path[level], draft), column - 1, down)
        self.row = top + depth


def _line_of(word: str, draft: Draft) -> int:
    """The line a header word is printed in, else the first line of the header."""
    bare = compact(word)
    hit = next((n for t, n in draft.header if bare and bare in compact(t)), None)
    return hit or (draft.header[0][1] if draft.header else draft.title[0][1])


@dataclass(slots=True)
class Codes:
    """A code table before it is laid out."""

    header: Header
    rows: list[rows.CodeRow]
    spread: list[columns.Spreading]
    odd: list[int] = field(default_factory=list)

    @property
    def lost(self) -> bool:
        """Too much was not understood: the columns came one after the other, or not as rows at all."""
        return len(self.odd) > max(3, len(self.rows) * 0.15)


def lay_out(pairs: Sequence[tuple[Draft, Found]], text: str) -> None:
    """Fill the grid and the problems of every found table. ``text`` is the whole file, compacted."""
    from app.reading import text_sides as sides

    known = Known(text)
    codes: dict[int, Codes] = {}
    halves: dict[int, sides.Sides] = {}
    for index, (draft, found) in enumerate(pairs):
        if found.key in SIDES:
            halves[index] = sides.parse(draft, found)
            known.sides(found.key, halves[index].rows)
        elif found.key not in ("基本支出表", "三公表"):
            codes[index] = parse_codes(draft, found)
            known.totals(found.key, codes[index].rows)
    for index, table in codes.items():
        settle_codes(table, known.columns(pairs[index][1].key, [n[0] for n in table.header.names]), pairs[index][1].key)
    by_key = {pairs[i][1].key: t for i, t in codes.items()}
    _sisters(by_key)
    _shares(by_key)
    for index, (draft, found) in enumerate(pairs):
        sheet = Sheet(found)
        _top(sheet, draft)
        if index in codes:
            _codes(sheet, draft, codes[index])
        elif index in halves:
            sides.build(sheet, draft, halves[index], known)
        elif found.key == "基本支出表":
            sides.build_pairs(sheet, draft)
        else:
            sides.build_visits(sheet, draft, known)
        report_open(sheet)
        for note, number in draft.notes:
            sheet.line(note, number)


def _top(sheet: Sheet, draft: Draft) -> None:
    from app.reading.text_tables import info_cells

    sheet.line(*draft.title[0])
    for text, number in draft.info:
        for column, part in enumerate(info_cells(text)):
            sheet.put(column, part, number)
        sheet.row += 1


def header_of(draft: Draft, found: Found, width: int | None) -> Header:
    """The header of a table; nameless columns (and a problem) when none of that width is known."""
    header = header_for(found.key, draft.stream, width)
    if header is not None:
        return header
    place = Place(line=(draft.numbers or [rows.Token("", draft.title[0][1])])[0].line)
    message = f"“{found.grid.name}”印有 {width} 栏，与该表已知的样式不同，栏目名称未能识别，请对照原表"
    found.problems.append((message, place))
    return Header(("",) * (width or 1), (("",),) * (width or 1))


def parse_codes(draft: Draft, found: Found) -> Codes:
    """The rows of a code table with every way their amounts may stand."""
    count = sum(t.is_count for t in draft.numbers)
    printed_rows, odd = rows.code_rows(draft.body, count or max(h.width for h in HEADERS[found.key]))
    most = max((len(r.amounts) for r in printed_rows), default=0)
    header = header_of(draft, found, count or None)
    if not count and most > header.width:
        header = header_of(draft, found, most)
    spread = []
    start = _amounts_start(draft, printed_rows)
    for row in printed_rows:
        row.amounts, extra = row.amounts[: header.width], row.amounts[header.width :]
        odd += [t.line for t in extra]
        spread.append(columns.Spreading([t.value for t in row.amounts], _given(row, start, header.width)))
    return Codes(header, printed_rows, spread, odd)


def _amounts_start(draft: Draft, printed_rows: Sequence[rows.CodeRow]) -> int | None:
    """The cell of the first amount column in a tab-separated table; None where there are no cells."""
    one = next((t.cell for t in draft.numbers if t.plain == "1"), -1)
    if one >= 0:
        return one
    firsts = [r.amounts[0].cell for r in printed_rows if r.amounts and r.amounts[0].cell >= 0]
    return max(set(firsts), key=lambda c: (firsts.count(c), -c)) if firsts else None


def _given(row: rows.CodeRow, start: int | None, width: int) -> columns.Spread | None:
    if start is None or not row.amounts or row.amounts[0].cell < 0:
        return None
    spread = tuple(t.cell - start for t in row.amounts)
    if spread[0] < 0 or spread[-1] >= width:  # the whole row is shifted
        by = spread[0] if spread[0] < 0 else spread[-1] - width + 1
        spread = tuple(c - by for c in spread)
    return spread if spread[0] >= 0 and spread[-1] < width else None


def settle_codes(table: Codes, expected: dict[int, set[Decimal]], key: str) -> None:
    """Find the column of every amount of a code table, as far as it can be known."""
    width = table.header.width
    flow = width == 6 and key in ("基金表", "国资表")
    columns.start(table.spread, width, columns.opening_to_closing if flow else columns.total_first(width), not flow)
    total = next((s for r, s in zip(table.rows, table.spread, strict=True) if r.total), None)
    by_code = {r.code: s for r, s in zip(table.rows, table.spread, strict=True) if r.code}
    for row, spread in zip(table.rows, table.spread, strict=True):
        if row.code:
            parent = by_code.get(row.code[:5] if len(row.code) == 7 else row.code[:3])
            spread.parent = total if len(row.code) == 3 else (parent or by_code.get(row.code[:3]) or total)
            if spread.parent is not None and spread.parent is not spread:
                spread.parent.children.append(spread)
    if total is not None:
        columns.solve(table.spread, width, columns.FEW)
        columns.prefer(total, expected)
        if key == "支出表" and not any(expected.get(4, ())):  # 基本 and 项目 unless 经营支出 is spoken of
            columns.lean(total, {0, 1, 2})
        columns.within(table.spread, total)
    columns.solve(table.spread, width)


def _sisters(tables: dict[str, Codes]) -> None:
    """支出表 and 一般支出表 share their first three columns: what one row shows, the other follows."""
    one, other = tables.get("支出表"), tables.get("一般支出表")
    if one is None or other is None:
        return
    rows_there = {r.code: s for r, s in zip(other.rows, other.spread, strict=True)}
    for row, spread in zip(one.rows, one.spread, strict=True):
        if row.code in rows_there:
            columns.agree(spread, rows_there[row.code])
    for table in (one, other):
        columns.solve(table.spread, table.header.width)


def _shares(tables: dict[str, Codes]) -> None:
    """What a fund spent on a code is part of 支出表: no 基本支出 there, none in 基金表 or 国资表."""
    whole = tables.get("支出表")
    for key in ("基金表", "国资表"):
        part = tables.get(key)
        if whole is None or part is None:
            continue
        spent = {r.code: s for r, s in zip(whole.rows, whole.spread, strict=True) if r.code and s.settled}
        first = 3 if part.header.width == 6 else 1
        for row, spread in zip(part.rows, part.spread, strict=True):
            if row.code in spent and not spread.settled:
                cells = spent[row.code].at(spent[row.code].options[0])
                columns.below(spread, {first: cells.get(1, Decimal(0)), first + 1: cells.get(2, Decimal(0))})
        columns.solve(part.spread, part.header.width)


def _codes(sheet: Sheet, draft: Draft, table: Codes) -> None:
    stream = draft.stream
    code = printed(("功能分类科目编码", "科目编码", "科目代码"), stream)
    heads = [["项目", code], ["项目", "科目名称"]]
    for group, names in zip(table.header.groups, table.header.names, strict=True):
        name = printed(names, stream)
        heads.append([group, name] if group else [name])
    sheet.paths(heads, draft)
    if draft.numbers:
        for token in draft.numbers:
            if token.plain == "栏次":
                sheet.put(0, token.text, token.line)
        for index, token in enumerate(t for t in draft.numbers if t.is_count):
            sheet.put(index + 2, token.text, token.line)
        sheet.row += 1
    for row, spread in zip(table.rows, table.spread, strict=True):
        if row.total:
            sheet.put(0, row.name, row.line, 1)
        else:
            sheet.put(0, row.code_text, row.line)
            sheet.put(1, row.name, row.line)
        columns_named = [n[0] for n in table.header.names]
        if table.lost:
            unread_row(sheet, range(2, table.header.width + 2), row.line)
        else:
            put_amounts(sheet, 2, row.amounts, spread, row.line, f"{row.code_text}{row.name}", columns_named)
        sheet.row += 1
    if table.lost:
        unread_table(sheet)
    else:
        report_odd(sheet, table.odd)


def unread_row(sheet: Sheet, where: Iterable[int], line: int) -> None:
    """Mark the amounts of a row as there but not read."""
    for column in where:
        sheet.unread(column, line)


def unread_table(sheet: Sheet) -> None:
    """Say of a whole table that its amounts were not read."""
    message = (
        f"“{sheet.found.grid.name}”的文字不成行列（可能按列抽取），表内金额未能识别，未参加核对；"
        "请改用 PDF、Word 或 Excel 文件"
    )
    sheet.found.problems.append((message, next(sheet.found.grid.cells()).place or Place()))


def report_odd(sheet: Sheet, lines: Sequence[int]) -> None:
    """Name the lines of a table that belong to none of its rows."""
    if lines:
        which = "、".join(str(n) for n in sorted(set(lines)))
        message = f"“{sheet.found.grid.name}”中第 {which} 行的内容未能归入表内任何一格，请对照原表"
        sheet.found.problems.append((message, Place(line=min(lines))))


def put_amounts(
    sheet: Sheet,
    left: int,
    amounts: Sequence[rows.Token],
    spread: columns.Spreading,
    line: int,
    label: str,
    names: Sequence[str],
) -> None:
    """The amounts of one row from grid column ``left`` on; doubtful columns are left unread."""
    doubtful = spread.doubtful()
    for token, column in zip(amounts, spread.columns(), strict=True):
        if column is not None and column not in doubtful:
            sheet.put(left + column, token.text, token.line)
    for column in sorted(doubtful):
        sheet.unread(left + column, line)
    if doubtful:
        sheet.open.append((label, line, tuple(names[c] for c in sorted(doubtful) if c < len(names))))


def report_open(sheet: Sheet) -> None:
    """One sentence a table about the rows whose amounts have no certain column."""
    if not sheet.open:
        return
    labels = "、".join(label for label, _, _ in sheet.open[:6] if label) + (" 等" if len(sheet.open) > 6 else "")
    which = "、".join(dict.fromkeys(n for _, _, names in sheet.open for n in names if n))
    message = (
        f"“{sheet.found.grid.name}”中 {len(sheet.open)} 行（{labels}）的空格子在文本中已丢失，"
        f"无法确定金额属于哪一栏（{which}），这几格未参加核对，请对照原表"
    )
    sheet.found.problems.append((message, Place(line=sheet.open[0][1])))
