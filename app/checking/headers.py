"""Column headers and 栏次 against the form.

The form's aliases are right. What is not among them was recognised by position or 栏次, so the
message can say which column it should be.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from app.checking.evidence import finding, listing, named, row_text
from app.checking.finding import Finding
from app.checking.misspelt import Misspelt, misspelt
from app.checking.rulebook import Context, CouldNotRun, NotApplicable, check
from app.knowledge.forms import BlockForm, ColumnForm, form
from app.knowledge.text import norm
from app.recognising.percent_headers import kind_of
from app.report.table import Block, Column, Problem, Table
from app.source import Place

_HALF = re.compile(r"^(?:预|决)算数?$")
_PERIOD = re.compile(r"^(?:20\d{2}年度?|本年度?|当年)|\((?:万?元|20\d{2}年度?)\)$")


def blocks_of(context: Context) -> list[tuple[Table, BlockForm, Block]]:
    """The recognised blocks with their forms; ``CouldNotRun`` where there are none."""
    found = []
    for table in context.report.tables.values():
        for block_form in form(context.report.form).table(table.key).blocks:
            block = table.blocks.get(block_form.key)
            if table.readable and block is not None:
                found.append((table, block_form, block))
    if not found:
        raise CouldNotRun("没有可读的表")
    return found


def _leaf(column: Column) -> tuple[str, bool]:
    """The lowest header over a column, and whether anything is printed there at all."""
    path = [part for part in column.text.split(" ") if part]
    own = [part for part in path if not _HALF.fullmatch(part)] or path
    return (own[-1] if own else ""), bool(path)


def header_fits(column: Column, column_form: ColumnForm) -> bool:
    """Whether the printed header is one of the form's, also when it is split over rows."""
    path = [part for part in column.text.split(" ") if part]
    own = [part for part in path if not _HALF.fullmatch(part)] or path
    names = set(column_form.names)
    texts = {"".join(own[i:]) for i in range(len(own))} | {"".join(path[i:]) for i in range(len(path))}
    return any(text in names or _PERIOD.sub("", text) in names for text in texts)


@check("columns")
def columns(context: Context) -> Iterator[Finding]:
    """Every column of the form is there, under a header of the form."""
    slips: list[Misspelt] = []
    told: set[tuple[str, str, str]] = set()
    for table, block_form, block in blocks_of(context):
        if not block.columns:
            continue
        context.saw(len(block_form.columns))
        for column in block.columns:
            column_form = block_form.column(column.key)
            if column_form is None or header_fits(column, column_form):
                continue
            # One merged header stands over both the 预算数 and the 决算数 of an item.
            slip = (table.key, _leaf(column)[0], column_form.key)
            if slip not in told:
                told.add(slip)
                yield _renamed(table, block, column, column_form)
        if block is next(iter(table.blocks.values())):
            slips = list(misspelt(table))
            yield from (_misspelt(table, slip) for slip in slips)
        if slips:
            continue  # what seems missing or strange stands under a misspelt header
        have = {column.key for column in block.columns}
        for column_form in block_form.columns:
            if column_form.key not in have and table.key != "基本支出表":
                yield _absent(table, block_form, block, column_form)
        if block is next(iter(table.blocks.values())):
            for problem in table.unrecognised:
                if problem.kind == "column" and kind_of(problem.text) is None:
                    yield _stray(table, problem)


def _misspelt(table: Table, slip: Misspelt) -> Finding:
    text = slip.cell.text.strip()
    return finding(
        f"{named(table)} 的表头“{norm(text)}”，应为“{slip.expected}”：与本表格式相差一两个字。",
        slip.place,
        quote=slip.cell.text,
        context=row_text(table.grid, slip.cell.row),
        found=norm(text),
        expected=slip.expected,
        table=named(table),
        column=slip.expected,
    )


def _stray(table: Table, problem: Problem) -> Finding:
    return finding(
        f"{named(table)} 的栏目“{problem.text}”，应删去或改正：本表的格式中没有这一栏，该列未参加核对。",
        problem.place,
        found=problem.text,
        table=named(table),
        column=problem.text,
    )


def _renamed(table: Table, block: Block, column: Column, column_form: ColumnForm) -> Finding:
    leaf, _ = _leaf(column)
    expected = column_form.headers[0]
    how = f"第 {column.number} 栏" if column.number else "按左右两栏的位置，这一栏"
    return finding(
        f"{named(table)} 的栏目“{leaf or '空白'}”，应为“{expected}”：{how}是{expected}。",
        _head(table, column),
        quote=_text_at(table, column) or leaf,
        context=column.text,
        found=leaf,
        expected=expected,
        table=named(table),
        column=column.key,
    )


def _head(table: Table, column: Column) -> Place:
    """The cell that holds the lowest header over a column; merged ones stand further up or left."""
    cell = column.place.cell
    if not cell:
        return column.place
    leaf, row = _leaf(column)[0], int(re.sub(r"\D", "", cell)) - 1
    for up in range(row, max(table.top, row - 6) - 1, -1):
        if leaf and norm(table.grid.text(up, column.index)) == leaf:
            return table.grid.place(up, column.index)
    return column.place


def _text_at(table: Table, column: Column) -> str:
    place = _head(table, column)
    for grid in [table.grid, *table.grids]:
        if place.cell and place.sheet in (None, grid.name):
            return grid.text(int(re.sub(r"\D", "", place.cell)) - 1, column.index)
    return ""


def _absent(table: Table, block_form: BlockForm, block: Block, column_form: ColumnForm) -> Finding:
    order = [c.key for c in block_form.columns]
    at = order.index(column_form.key)
    before = [c for c in block.columns if order.index(c.key) < at]
    after = [c for c in block.columns if order.index(c.key) > at]
    near = before[-1] if before else after[0]
    expected = column_form.headers[0]
    gap = _gap(table, before[-1] if before else None, after[0] if after else None)
    side = "之后" if before else "之前"
    if gap is not None:
        message = f"{named(table)} 这一栏没有列标题，应为“{expected}”：它在“{_leaf(near)[0]}”{side}。"
    else:
        message = f"{named(table)} 缺少“{expected}”一栏，应在“{_leaf(near)[0]}”{side}。"
    return finding(
        message,
        gap or _head(table, near),
        quote="" if gap else _text_at(table, near),
        found="没有",
        expected=expected,
        table=named(table),
        column=column_form.key,
    )


def _gap(table: Table, before: Column | None, after: Column | None) -> Place | None:
    """The blank header cell of a column that stands between two known ones with a 栏次 or amounts."""
    if before is None or after is None or not before.place.cell:
        return None
    top = int(re.sub(r"\D", "", before.place.cell)) - 1
    for index in range(before.index + 1, after.index):
        if any(table.grid.text(row, index).strip() for row in range(top + 1, table.bottom + 1)):
            return table.grid.place(top, index)
    return None


@check("column_order")
def column_order(context: Context) -> Iterator[Finding]:
    """Columns stand in the order of the form."""
    for table, block_form, block in blocks_of(context):
        order = [column.key for column in block_form.columns]
        found = [column for column in sorted(block.columns, key=lambda c: c.index) if column.key in order]
        context.saw(len(found))
        if table.key == "基本支出表":
            continue
        expected = [key for key in order if any(column.key == key for column in found)]
        wrong = [(column, key) for column, key in zip(found, expected, strict=False) if column.key != key]
        if wrong:
            column, key = wrong[0]
            column_form = block_form.column(key)
            name = column_form.headers[0] if column_form else key
            yield finding(
                f"{named(table)} 的栏目次序不对：“{_leaf(column)[0]}”处应为“{name}”，"
                f"应依次为 {listing([_header(block_form, k) for k in expected], 12)}。",
                _head(table, column),
                quote=_text_at(table, column),
                context=" ".join(_leaf(c)[0] for c in found),
                found=_leaf(column)[0],
                expected=name,
                table=named(table),
                column=column.key,
            )


def _header(block_form: BlockForm, key: str) -> str:
    column = block_form.column(key)
    return column.headers[0] if column else key


@check("column_numbers")
def column_numbers(context: Context) -> Iterator[Finding]:
    """栏次 run 1, 2, 3 … over the whole table, one under each column of amounts."""
    some = False
    for table in context.report.tables.values():
        found = sorted((c for block in table.blocks.values() for c in block.columns), key=lambda c: c.index)
        printed_numbers = [column for column in found if column.number]
        if not printed_numbers or table.key == "基本支出表":
            continue
        some = True
        context.saw(len(found))
        expected = _expected_numbers(context, table, found)
        if [column.number for column in found] == [str(i + 1) for i in range(len(found))]:
            continue  # right by position; a column that is missing has its own rule
        if table.unrecognised and any(p.kind == "column" for p in table.unrecognised):
            continue
        wrong = [(c, n) for c, n in zip(found, expected, strict=True) if c.number != n]
        for column, number in wrong if len(wrong) <= 2 else wrong[:1]:
            yield _wrong_number(table, column, number, printed_numbers[0])
    if not some:
        raise NotApplicable("各表没有印栏次")


def _expected_numbers(context: Context, table: Table, found: list[Column]) -> list[str]:
    """The 栏次 by the form's own list, so that one missing column does not shift the others."""
    wanted = form(context.report.form).table(table.key)
    keys = [(b.key, c.key) for b in wanted.blocks for c in b.columns]
    owner = {id(c): b.key for b in table.blocks.values() for c in b.columns}
    if len(found) == len(keys):
        return [str(i + 1) for i in range(len(found))]
    return [str(keys.index((owner[id(c)], c.key)) + 1) if (owner[id(c)], c.key) in keys else "" for c in found]


def _wrong_number(table: Table, column: Column, number: str, known: Column) -> Finding:
    row = _number_row(table, known)
    place = table.grid.place(row, column.index) if row is not None else column.place
    shown = table.grid.text(row, column.index).strip() if row is not None else column.number or ""
    return finding(
        f"{named(table)} “{_leaf(column)[0]}”的栏次 {shown or '空白'}，应为 {number}：栏次从 1 起由左到右连续编号。",
        place,
        quote=shown,
        context=row_text(table.grid, row) if row is not None else "",
        found=shown or "空白",
        expected=number,
        table=named(table),
        column=_leaf(column)[0],
    )


def _number_row(table: Table, column: Column) -> int | None:
    """The grid row of the 栏次: the first below the header that holds this column's number."""
    cell = column.place.cell
    top = int(re.sub(r"\D", "", cell)) - 1 if cell else table.top
    rows = range(top + 1, top + 6)
    return next((r for r in rows if norm(table.grid.text(r, column.index)) == column.number), None)
