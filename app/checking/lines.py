"""Rows of the two 总表 and 合计 rows against the form, and 行次.

The form's aliases are right; a row that is not among them was recognised by 行次 or by the rows
around it, so the message can say which one it should be.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from app.checking.evidence import finding, named, printed, rising, row_text
from app.checking.finding import Finding
from app.checking.headers import blocks_of
from app.checking.misspelt import near
from app.checking.rulebook import Context, NotApplicable, check
from app.knowledge.forms import BlockForm, RowForm
from app.knowledge.text import label, norm
from app.numbers import column_number
from app.report.table import Block, Row, Table
from app.source import Grid

_ORDINAL = re.compile(r"^[一二三四五六七八九十]+[、.]")


@check("rows")
def rows(context: Context) -> Iterator[Finding]:
    """The rows of the two 总表 are those of the form, under its labels; 合计 rows are there."""
    for table, block_form, block in blocks_of(context):
        if not block.rows:
            continue
        if not block_form.rows:
            yield from _totals(context, table, block)
            continue
        context.saw(len(block.rows))
        taken: set[str] = set()
        for row in block.rows:
            row_form = block_form.row(row.key) or renamed_row(block_form, block, row)
            if row_form is None:
                continue
            taken.add(row_form.key)
            if label(row.label) not in row_form.names:
                yield _row_renamed(table, row, row_form)
        for row_form in block_form.rows:
            if row_form.key not in taken and _is_owed(row_form, block_form, block, taken):
                yield _row_absent(table, block_form, block, row_form)


def _totals(context: Context, table: Table, block: Block) -> Iterator[Finding]:
    wanted = ("人员经费合计", "公用经费合计") if table.key == "基本支出表" else ("合计行",)
    if table.key == "三公表":
        return
    context.saw(len(wanted))
    for key in wanted:
        if block.row(key) is None and any(row.has_amounts for row in block.rows):
            yield _no_total(table, block, "合计" if key == "合计行" else key)


def _no_total(table: Table, block: Block, name: str) -> Finding:
    last = block.rows[-1]
    grid = last.grid or table.grid
    cells = (c for row in range(last.index - 3, last.index + 5) for c in grid.rows.get(row, {}).values())
    told = {place for row in block.rows for place in (row.place, row.code_place)}
    slip = next((c for c in cells if grid.place(c.row, c.column) not in told and near(norm(c.text), [name])), None)
    if slip is None:
        message, found = f"{named(table)} 缺少“{name}”一行，应列出。", "没有"
        place, quote = table.title.place, table.title.text
    else:
        found, place, quote = norm(slip.text), grid.place(slip.row, slip.column), slip.text
        message = f"{named(table)} 的“{found}”，应为“{name}”：写法不同，这一行没有认出。"
    return finding(message, place, quote=quote, found=found, expected=name, table=named(table), row=name)


def renamed_row(block_form: BlockForm, block: Block, row: Row) -> RowForm | None:
    """The one row of the form missing between the known neighbours of an unknown row."""
    if not row.key.startswith("?"):
        return None
    order = [r.key for r in block_form.rows]
    at = block.rows.index(row)
    before = next((order.index(r.key) for r in reversed(block.rows[:at]) if r.key in order), -1)
    after = next((order.index(r.key) for r in block.rows[at + 1 :] if r.key in order), len(order))
    return block_form.rows[before + 1] if after - before == 2 else None


def _row_renamed(table: Table, row: Row, row_form: RowForm) -> Finding:
    where = f"行次 {row.number}" if row.number else "按上下两行的位置，这一行"
    return finding(
        f"{named(table)} {row.place.cell or row.place} 项目“{row.label or '空白'}”，应为“{row_form.label}”："
        f"{where}是它。",
        row.place,
        quote=printed(row, row.place) or row.label,
        context=row_text(row.grid, row.index),
        found=row.label,
        expected=row_form.label,
        table=named(table),
        row=row_form.key,
    )


def _is_owed(row_form: RowForm, block_form: BlockForm, block: Block, taken: set[str]) -> bool:
    """Whether a missing row must be there.

    Forms of other years print 24 to 26 类, so a 类 is owed only between two that are printed with
    the ordinals of the form; the totals and the rows of income are always owed.
    """
    if not row_form.key.isdigit():
        return True
    order = [r for r in block_form.rows if r.key.isdigit()]
    at = order.index(row_form)
    later = next((r for r in order[at + 1 :] if r.key in taken), None)
    if later is None:
        return False
    printed_row = block.row(later.key)
    match = _ORDINAL.match(printed_row.label) if printed_row else None
    official = _ORDINAL.match(norm(later.label))
    return bool(match and official and match.group(0)[:-1] == official.group(0)[:-1])


def _row_absent(table: Table, block_form: BlockForm, block: Block, row_form: RowForm) -> Finding:
    order = [r.key for r in block_form.rows]
    at = order.index(row_form.key)
    before = next((row for row in reversed(block.rows) if row.key in order[:at]), None)
    near = before or block.rows[0]
    side = f"应在“{near.label}”之后" if before else "应在最前"
    return finding(
        f"{named(table)} 缺少“{row_form.label}”一行，{side}。",
        near.place,
        quote=printed(near, near.place) or near.label,
        context=row_text(near.grid, near.index),
        found="没有",
        expected=row_form.label,
        table=named(table),
        row=row_form.key,
    )


@check("row_order")
def row_order(context: Context) -> Iterator[Finding]:
    """Rows of the two 总表 stand in the order of the form, each once."""
    some = False
    for table, block_form, block in blocks_of(context):
        order = {row.key: i for i, row in enumerate(block_form.rows)}
        known = [row for row in block.rows if row.key in order]
        if not known:
            continue
        some = True
        context.saw(len(known))
        seen: dict[str, Row] = {}
        for row in known:
            seen.setdefault(row.key, row)
        once = list(seen.values())
        kept = {id(once[i]) for i in rising([order[row.key] for row in once])}
        for row in known:
            message = ""
            if seen[row.key] is not row:
                message = f"项目“{row.label}”重复，应只有一行：{seen[row.key].place.cell or '前面'} 已有"
            elif id(row) not in kept:
                before = [r for r in once if id(r) in kept and order[r.key] < order[row.key]]
                belongs = f"应在“{before[-1].label}”之后" if before else "应在最前"
                message = f"项目“{row.label}”的次序不对，{belongs}"
            if message:
                yield finding(
                    f"{named(table)} {message}。",
                    row.place,
                    quote=printed(row, row.place) or row.label,
                    context=row_text(row.grid, row.index),
                    found=row.label,
                    table=named(table),
                    row=row.key,
                )
    if not some:
        raise NotApplicable("没有收支总表和财政拨款收支总表")


@dataclass(frozen=True, slots=True)
class Numbered:
    """A cell of a 行次 column, with its row's label."""

    grid: Grid
    row: int
    column: int
    text: str
    label: str
    key: str


@check("row_numbers")
def row_numbers(context: Context) -> Iterator[Finding]:
    """行次 run on without gap, first down the left side and then down the right."""
    some = False
    for table, block_form, block in blocks_of(context):
        lines = _line_cells(block)
        if not any(line.text for line in lines):
            continue
        some = True
        context.saw(len(lines))
        for line, number in _wrong_numbers(block_form, lines):
            yield _wrong_line(table, line, number)
    if not some:
        raise NotApplicable("各表没有印行次")


def _wrong_numbers(block_form: BlockForm, lines: list[Numbered]) -> list[tuple[Numbered, str]]:
    """The 行次 that are wrong, each with the right one."""
    official = {row.key: row.number for row in block_form.rows if row.number is not None}
    known = [(line, official[line.key]) for line in lines if line.key in official]
    if known and sum(line.text == str(number) for line, number in known) * 2 >= len(known):
        # A row that was left out does not make the numbers of the others wrong.
        wrong = [(line, str(number)) for line, number in known if line.text != str(number)]
        for i, line in enumerate(lines[:-1]):
            if line.key not in official and i and lines[i - 1].text.isdigit() and lines[i + 1].text.isdigit():
                low, high = int(lines[i - 1].text), int(lines[i + 1].text)
                if low < high - 1 and not (line.text.isdigit() and low < int(line.text) < high):
                    wrong.append((line, str(low + 1)))
        return wrong
    # Else most rows agree on one distance between 行次 and position; the others are the slips.
    away = Counter(int(line.text) - i for i, line in enumerate(lines) if line.text.isdigit())
    start, agree = away.most_common(1)[0] if away else (1, 0)
    if agree * 2 <= len(lines):
        return [(lines[0], str(next(iter(official.values()), 1)))]
    wrong = [(line, str(i + start)) for i, line in enumerate(lines) if line.text != str(i + start)]
    first = known[0][1] if known and known[0][0] is lines[0] else start
    if not wrong and first != start:
        return [(lines[0], str(first))]
    return wrong if len(wrong) <= 2 else wrong[:1]


def _line_cells(block: Block) -> list[Numbered]:
    """The 行次 column of one side from its first row to its last, rows without a label too."""
    placed = [row for row in block.rows if row.number_place is not None and row.number_place.cell and row.grid]
    found: list[Numbered] = []
    for grid in dict.fromkeys(id(row.grid) for row in placed):
        here = [row for row in placed if id(row.grid) == grid]
        sheet, cell = here[0].grid, here[0].number_place.cell if here[0].number_place else None
        if sheet is None or cell is None:
            continue
        column = column_number(cell.rstrip("0123456789"))
        rows_at = {row.index: row for row in here}
        for index in range(min(rows_at), max(rows_at) + 1):
            text, row = norm(sheet.text(index, column)), rows_at.get(index)
            if text or (row and row.label):
                name, key = (row.label, row.key) if row else ("", "")
                found.append(Numbered(sheet, index, column, text, name, key))
    return found


def _wrong_line(table: Table, line: Numbered, number: str) -> Finding:
    return finding(
        f"{named(table)} “{line.label}”的行次 {line.text or '空白'}，应为 {number}：行次由上到下连续编号。",
        line.grid.place(line.row, line.column),
        quote=line.grid.text(line.row, line.column),
        context=row_text(line.grid, line.row),
        found=line.text or "空白",
        expected=number,
        table=named(table),
        row=line.label,
    )
