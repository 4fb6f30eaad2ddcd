"""Emptiness: tables, blocks and rows without amounts, statements of none, words for amounts."""

from __future__ import annotations

import re
from collections.abc import Iterator

from app.checking.evidence import cells_of, finding, listing, named, printed, row_text
from app.checking.finding import Finding, Related
from app.checking.rulebook import Context, CouldNotRun, NotApplicable, check
from app.knowledge.text import norm
from app.report.report import Report
from app.report.table import Block, Entry, Row, Table

MAY_BE_EMPTY = ("基金表", "国资表", "三公表")
CODE_TABLES = ("收入表", "支出表", "一般支出表", "基金表", "国资表")
_NO_DATA = re.compile(r"本表(?:无数据|为空|无数字|无内容)|空表")


def _readable(context: Context) -> list[Table]:
    tables = [table for table in context.report.tables.values() if table.readable]
    if not tables:
        raise CouldNotRun("没有可读的表")
    return tables


def _filled_in(context: Context) -> list[Table]:
    """The readable tables; a template that nobody has filled in yet is nothing to check."""
    tables = _readable(context)
    if is_unfilled(context.report):
        raise CouldNotRun("各表都没有填写金额，像是空白模板")
    return tables


def is_unfilled(report: Report) -> bool:
    """Whether the tables are a template that nobody has filled in yet."""
    tables = [table for table in report.tables.values() if table.readable]
    return len(tables) > 1 and all(is_blank(table) for table in tables)


def is_blank(table: Table) -> bool:
    """No cell of the body holds anything typed, not even a zero or a dash; formulas add up nothing."""
    return all(entry.blank or _sums_nothing(entry) for *_, entry in cells_of(table))


def _sums_nothing(entry: Entry) -> bool:
    if entry.cell is None or not entry.cell.formula:
        return False
    return entry.wrong == "uncached" or (entry.amount is not None and not entry.amount.value)


def bare_rows(block: Block) -> list[Row]:
    """Code rows in which no cell holds anything."""
    return [row for row in block.rows if row.code and row.entries and all(e.blank for e in row.entries.values())]


def bare_blocks(report: Report) -> list[tuple[Table, Block, list[Row]]]:
    """Code tables whose 合计 row is filled while every code row is blank: one slip, not thirty.

    Arithmetic rules that would trip over these rows should leave them to ``details_blank``.
    """
    found = []
    for key in CODE_TABLES:
        table = report.tables.get(key)
        for block in table.blocks.values() if table else ():
            coded = [row for row in block.rows if row.code]
            total = block.row("合计行")
            if table and coded and total is not None and _nonzero(total) and len(bare_rows(block)) == len(coded):
                found.append((table, block, coded))
    return found


def _nonzero(row: Row) -> bool:
    return any(e.amount is not None and e.amount.value for e in row.entries.values())


def _uncached(table: Table) -> bool:
    """A formula without its result, in the table or in the lines beneath, where a statement stands."""
    rows = range(table.top, table.bottom + 4)
    return any(cell.formula and cell.value is None for cell in table.grid.cells() if cell.row in rows)


@check("empty_without_statement")
def empty_without_statement(context: Context) -> Iterator[Finding]:
    """A blank table owes a sentence that says so (说明：…没有…，故本表无数据)."""
    for table in _filled_in(context):
        context.saw()
        if not is_blank(table) or table.statement is not None:
            continue
        if _uncached(table):
            context.skipped.append(f"{named(table)} 的公式没有计算结果，请在 Excel 中打开并保存一次")
            continue
        if any(row.code for block in table.blocks.values() for row in block.rows) and table.key != "基本支出表":
            continue  # code rows are printed, so amounts are missing: ``row_blank`` tells
        optional = table.key in MAY_BE_EMPTY
        what = "表下应有一句说明（如“本单位没有……，故本表无数据”）" if optional else "本表应有数据"
        yield finding(
            f"{named(table)} 没有填写任何金额，{what}。",
            table.title.place,
            severity="warning" if optional else "",
            quote=table.title.text,
            found="空表",
            expected="空表的说明" if optional else "金额",
            table=named(table),
            advice="没有发生的，请在表下写明“本单位没有……，故本表无数据”；有发生的，请补填。",
        )


@check("statement_over_numbers")
def statement_over_numbers(context: Context) -> Iterator[Finding]:
    """A statement of none under a table that holds amounts."""
    stated = [table for table in _readable(context) if table.statement is not None]
    if not stated:
        raise NotApplicable("没有空表说明")
    for table in stated:
        context.saw()
        statement = table.statement
        if statement is None:
            continue
        whole = bool(_NO_DATA.search(norm(statement.text)))
        filled = [
            (row, column, entry)
            for block, row, column, entry in cells_of(table)
            # 没有“三公”经费支出 speaks of what was spent; a budget may still stand above it.
            if entry.amount is not None and entry.amount.value and (whole or block.key != "三公预算")
        ]
        if filled and (whole or _says_none(norm(statement.text), table)):
            row, column, entry = filled[0]
            where = f"{row.label} {column.text}".strip()
            yield finding(
                f"{named(table)} 下面说明“{statement.text.strip()}”，表中却有 {len(filled)} 个金额，"
                f"如 {where} {entry.text}：说明与表中数据矛盾。",
                statement.place,
                quote=statement.text,
                found="说明无数据",
                expected=f"删去说明（表中有 {entry.text}）",
                table=named(table),
                advice="表中数据正确的，请删去这句说明；确实没有的，请清空表中数据。",
                related=tuple(Related(e.place, e.text) for *_, e in filled[:20]),
            )


def _says_none(text: str, table: Table) -> bool:
    """A statement without 本表无数据 must deny just what the table is about."""
    subject = {"基金表": "政府性基金", "国资表": "国有资本经营", "三公表": "三公"}.get(table.key, "")
    denied = re.search(r"(?:没有|无|未发生|未安排)[^，,。;；]*", text)
    return bool(subject) and denied is not None and subject in denied.group(0)


@check("details_blank")
def details_blank(context: Context) -> Iterator[Finding]:
    """合计 is filled and every detail row is blank."""
    tables = [table for table in _readable(context) if table.key in CODE_TABLES]
    context.saw(sum(any(r.code for b in table.blocks.values() for r in b.rows) for table in tables))
    if not context.evaluated:
        raise NotApplicable("没有按科目列示的明细")
    for table, block, rows in bare_blocks(context.report):
        first, last = rows[0], rows[-1]
        total = block.row("合计行")
        filled = [e for e in total.entries.values() if e.amount is not None and e.amount.value] if total else []
        codes = listing([row.code or row.key for row in rows])
        lines = f"第 {first.index + 1}–{last.index + 1} 行" if first.grid and first.grid.is_sheet else ""
        span = f"{lines}共 {len(rows)} 个科目（{codes}）".removeprefix("共 " if not lines else "")
        yield finding(
            f"{named(table)} 只有合计行有数（{'、'.join(e.text for e in filled)}），"
            f"{span}的金额全部空白，应填列：合计应等于各类之和。",
            first.code_place or first.place,
            quote=printed(first, first.code_place or first.place) or first.code or "",
            context=row_text(first.grid, first.index),
            found="空白",
            expected="各科目的金额",
            table=named(table),
            row=f"{first.code} {first.label}",
            advice="请补填各科目的金额。",
            related=tuple(Related(e.place, e.text) for e in filled),
            weight=5,
        )


@check("row_blank")
def row_blank(context: Context) -> Iterator[Finding]:
    """A code row without any amount, in a table whose other rows have some."""
    whole = {id(block) for _, block, _ in bare_blocks(context.report)}
    for table in _filled_in(context):
        for block in table.blocks.values() if table.key in CODE_TABLES else ():
            coded = [row for row in block.rows if row.code]
            context.saw(len(coded))
            if id(block) in whole:
                continue
            for rows in _runs(block.rows, bare_rows(block)):
                yield _bare(table, rows)
    if not context.evaluated:
        raise NotApplicable("没有按科目列示的明细")


def _runs(rows: list[Row], bare: list[Row]) -> list[list[Row]]:
    """Bare rows that follow each other directly make one finding."""
    ids = {id(row) for row in bare}
    runs: list[list[Row]] = []
    previous = False
    for row in rows:
        here = id(row) in ids
        if here and previous:
            runs[-1].append(row)
        elif here:
            runs.append([row])
        previous = here
    return runs


def _bare(table: Table, rows: list[Row]) -> Finding:
    first = rows[0]
    codes = listing([f"{row.code} {row.label}".strip() for row in rows])
    return finding(
        f"{named(table)} {codes} 没有任何金额，应填列：列出了科目而没有数。",
        first.code_place or first.place,
        quote=printed(first, first.code_place or first.place) or first.code or "",
        context=row_text(first.grid, first.index),
        found="空白",
        expected="金额",
        table=named(table),
        row=f"{first.code} {first.label}".strip(),
        advice="请补填金额；本年没有发生的科目，请删去该行。",
        related=tuple(Related(row.code_place or row.place, row.label) for row in rows[1:]),
    )


@check("text_for_amount")
def text_for_amount(context: Context) -> Iterator[Finding]:
    """Words where an amount belongs; dashes say none and are right."""
    for table in _readable(context):
        for _, row, column, entry in cells_of(table):
            context.saw()
            if entry.wrong != "text":
                continue
            name = row.label or row.key
            where = f"{named(table)} {entry.place.cell or entry.place} {name}"
            yield finding(
                f"{where} 填的是“{entry.text}”，应为金额：这不是一个数。",
                entry.place,
                quote=entry.text,
                context=row_text(row.grid, row.index),
                found=entry.text,
                expected="金额",
                table=named(table),
                row=name,
                column=column.text or column.key,
                advice="请改为数字；没有发生的留空或填 0.00。",
            )
