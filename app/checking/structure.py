"""The set of nine tables, and what each table says about itself: number, unit name, year, 万元."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal

from app.checking.evidence import finding, listing, named
from app.checking.finding import Finding, Related
from app.checking.lines import renamed_row
from app.checking.misspelt import meant_for
from app.checking.rulebook import Context, CouldNotRun, NotApplicable, check
from app.knowledge.forms import TableForm, form
from app.knowledge.text import norm
from app.report.report import Report
from app.report.table import Stated, Table
from app.source import Place

_SHORT = 8  # characters of a cell that holds the year and nothing else
_FEW = 4  # with fewer tables than this the file is no set, and one sentence is enough


def _tables(context: Context) -> list[Table]:
    tables = list(context.report.tables.values())
    if not tables:
        raise CouldNotRun("没有找到九张公开表中的任何一张")
    return tables


def _form(report: Report, key: str) -> TableForm:
    return form(report.form).table(key)


def _called(entry: TableForm) -> str:
    number = entry.number if entry.number.startswith("公开") else f"表{entry.number}"
    return f"{number} {entry.title}"


@check("table_missing")
def table_missing(context: Context) -> Iterator[Finding]:
    """Each of the nine tables is there."""
    report = context.report
    tables = _tables(context)
    wanted = form(report.form).tables
    missing = [entry for entry in wanted if entry.key not in report.tables]
    context.saw(len(wanted))
    pictures = [text for text, _ in report.source.problems]
    if missing and report.source.kind != "workbook" and pictures:
        raise CouldNotRun(f"有未能读取的内容（{pictures[0]}），不能断定缺少 {listing([e.title for e in missing])}")
    if len(tables) < _FEW and missing:
        names = listing([_called(entry) for entry in missing], 9)
        yield _missing(
            report, tables[-1], f"文件中只有 {len(tables)} 张表，应为 {len(wanted)} 张：缺少 {names}。", names
        )
        return
    for entry in missing:
        before = [report.tables[e.key] for e in wanted[: wanted.index(entry)] if e.key in report.tables]
        after = f"应在 {named(before[-1])} 之后" if before else "应是第一张表"
        name = _called(entry)
        yield _missing(report, tables[-1], f"缺少 {name}，{after}：没有数据的也应保留空表并说明。", name)


def _missing(report: Report, last: Table, message: str, expected: str) -> Finding:
    # A table that is not there has no place of its own: the whole file is named.
    unnamed = [p.text for p in report.problems if p.kind == "grid"]
    advice = f"工作表 {listing(unnamed)} 没有认出表名，如是该表请补上表名。" if unnamed else "请补上这张表。"
    return finding(message, Place(file=last.grid.file), found="没有", expected=expected, table=expected, advice=advice)


@check("table_twice")
def table_twice(context: Context) -> Iterator[Finding]:
    """No table stands in the file twice."""
    context.saw(len(_tables(context)))
    for table in context.report.duplicates:
        first = context.report.tables[table.key]
        yield finding(
            f"{named(table)} 出现了两次，应只有一张：前一张在 {first.title.place}，后一张没有参加核对。",
            table.title.place,
            quote=table.title.text,
            found="两张",
            expected="一张",
            table=named(table),
            advice="请删去多余的一张，或改正表名。",
            related=(Related(first.title.place, first.title.text),),
        )


@check("table_number")
def table_number(context: Context) -> Iterator[Finding]:
    """The 公开NN表 of each table is that of the form."""
    tables = [table for table in _tables(context) if table.number is not None]
    if not tables:
        raise NotApplicable("各表没有印“公开NN表”编号")
    for table in tables:
        context.saw()
        entry = _form(context.report, table.key)
        stated = table.number
        if stated is None or not entry.number.startswith("公开"):
            continue
        if _digits(stated.value) != _digits(entry.number):
            yield _misnumbered(context.report, table, stated, entry.number)
    bare = [table for table in context.report.tables.values() if table.number is None]
    if len(tables) > 2 * len(bare):
        for table in bare:
            expected = _form(context.report, table.key).number
            yield _unstated(table, "表号", expected, expected, "其他各表都印有表号")


def _misnumbered(report: Report, table: Table, stated: Stated, expected: str) -> Finding:
    return finding(
        f"{table.title.value} 的表号 {norm(stated.text)}，应为 {expected}：{form(report.form).name}中本表的编号如此。",
        stated.place,
        quote=stated.text,
        found=stated.value,
        expected=expected,
        table=table.title.value,
    )


def _digits(text: str) -> int:
    return int(re.sub(r"\D", "", text) or 0)


def _unstated(table: Table, what: str, expected: str, words: str, because: str) -> Finding:
    """A word that a table fails to state; ``words`` is how the other tables print it."""
    slip = meant_for(table, words)
    if slip is not None:
        cell, place = slip
        return finding(
            f"{named(table)} 的{what}“{norm(cell.text)}”，应为 {expected}：与其他表的写法不同，认不出来。",
            place,
            quote=cell.text,
            found=norm(cell.text),
            expected=expected,
            table=named(table),
        )
    return finding(
        f"{named(table)} 没有印{what}，应为 {expected}：{because}。",
        table.title.place,
        quote=table.title.text,
        found="没有",
        expected=expected,
        table=named(table),
    )


@check("table_title")
def table_title(context: Context) -> Iterator[Finding]:
    """The title fits the columns: 收入支出决算表 only where there is a column for income."""
    for table in _tables(context):
        context.saw()
        entry = _form(context.report, table.key)
        columns = {column.key for block in table.blocks.values() for column in block.columns}
        title = norm(table.title.value)
        if table.key != "国资表" or title not in {norm(t) for t in entry.titles} or not columns:
            continue
        if "收入支出" in title and "本年收入" not in columns:
            expected = next((t for t in entry.titles if "收入支出" not in t), entry.title)
            yield finding(
                f"{named(table)} 的表名，应为 {expected}：本表只有支出的栏目，没有收入。",
                table.title.place,
                quote=table.title.text,
                found=table.title.value,
                expected=expected,
                table=named(table),
            )


@check("unrecognised")
def unrecognised(context: Context) -> Iterator[Finding]:
    """What stands in a table, or looks like one, and could not be understood."""
    report = context.report
    for table in report.tables.values():
        told = _renamed_places(report, table)
        for problem in table.unrecognised:
            # Columns, and rows that merely bear another name, are told of by rules of their own.
            if problem.kind != "column" and problem.place not in told:
                yield finding(
                    f"{named(table)} {problem.message.removesuffix('。')}。",
                    problem.place,
                    quote=problem.text,
                    found=problem.text or "空白",
                    expected="科目编码和名称" if problem.kind == "row" else "",
                    table=named(table),
                    row=problem.text if problem.kind == "row" else "",
                )
    for problem in report.problems:
        yield finding(f"{problem.message.removesuffix('。')}。", problem.place, found=problem.text)
    for text, place in report.source.problems:
        # Nothing is wrong there as far as anyone knows: it could not be checked, and is said to be so.
        yield finding(text.rstrip("。") + "。", place, severity="info", found="未能读取")
    if not report.tables and not report.problems:
        raise CouldNotRun("没有找到九张公开表中的任何一张")
    context.saw(len(report.tables))


def _renamed_places(report: Report, table: Table) -> set[Place]:
    found = set()
    for block_form in _form(report, table.key).blocks:
        block = table.blocks.get(block_form.key)
        for row in block.rows if block and block_form.rows else ():
            if block is not None and renamed_row(block_form, block, row) is not None:
                found.add(row.place)
    return found


@check("unit_name")
def unit_name(context: Context) -> Iterator[Finding]:
    """One and the same unit name on every table that prints one."""
    yield from _one_value(context, [(t, t.unit_name) for t in _tables(context)], "单位名称", "各表没有印单位名称")


@check("year")
def year(context: Context) -> Iterator[Finding]:
    """One and the same year on every table that prints one."""
    tables = _tables(context)
    yield from _one_value(context, [(t, t.year) for t in tables], "年度", "各表没有印年度")
    yield from _odd_years([(t, t.year) for t in tables if t.year is not None])


def _odd_years(stated: list[tuple[Table, Stated]]) -> Iterator[Finding]:
    """The right year in a cell that reads ``2021度`` where the others read ``2021年度``."""
    words = Counter((norm(value.value), norm(value.text)) for _, value in stated if len(norm(value.text)) <= _SHORT)
    if not words:
        return
    (usual_year, usual), most = words.most_common(1)[0]
    for table, value in stated:
        text = norm(value.text)
        if most * 2 > len(stated) and text != usual and len(text) <= _SHORT and norm(value.value) == usual_year:
            yield finding(
                f"{named(table)} 的年度“{text}”，应为“{usual}”：其他 {most} 张表都这样写。",
                value.place,
                quote=value.text,
                found=text,
                expected=usual,
                table=named(table),
            )


def _one_value(
    context: Context, found: list[tuple[Table, Stated | None]], what: str, nowhere: str
) -> Iterator[Finding]:
    """The majority is right, the odd one is wrong; a table without it is wrong where most have it."""
    stated = [(table, value) for table, value in found if value is not None]
    if not stated:
        raise NotApplicable(nowhere)
    context.saw(len(found))
    count = Counter(norm(value.value) for _, value in stated)
    best, most = count.most_common(1)[0]
    tie = sum(1 for n in count.values() if n == most) > 1
    right = next(value for _, value in stated if norm(value.value) == best)
    wrong = [(table, value) for table, value in stated if norm(value.value) != best]
    for table, value in wrong:
        sure = "" if not tie else "warning"
        others = f"其他 {most} 张表都是 {right.value}" if not tie else f"{right.place} 是 {right.value}"
        yield finding(
            f"{named(table)} 的{what} {value.value}，应为 {right.value}：{others}{_apart(value.value, right.value)}。",
            value.place,
            severity=sure,
            quote=value.text,
            found=value.value,
            expected=right.value,
            table=named(table),
            related=(Related(right.place, right.text),),
        )
    bare = [table for table, value in found if value is None]
    if len(stated) > 2 * len(bare) and not tie:
        for table in bare:
            yield _unstated(table, what, right.value, right.text, f"其他 {len(stated)} 张表都印有{what}")


def _apart(found: str, expected: str) -> str:
    """Names that differ by a character: say which, the eye passes over it."""
    a, b = norm(found), norm(expected)
    head = next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
    tail = next(
        (i for i, (x, y) in enumerate(zip(a[head:][::-1], b[head:][::-1], strict=False)) if x != y),
        min(len(a), len(b)) - head,
    )
    mine, theirs = a[head : len(a) - tail], b[head : len(b) - tail]
    if max(len(mine), len(theirs)) > 3 or a.isdigit():
        return ""
    if not mine:
        return f"，少了“{theirs}”"
    return f"，“{mine}”应为“{theirs}”" if theirs else f"，多了“{mine}”"


@check("money")
def money(context: Context) -> Iterator[Finding]:
    """万元 or 元: stated by every table, and fitting the amounts of the other tables."""
    tables = _tables(context)
    stated = [table for table in tables if table.money is not None]
    if not stated:
        raise NotApplicable("各表没有印金额单位")
    usual = _usual_money(stated)
    for table in tables:
        context.saw()
        if table.money is None:
            if len(stated) * 3 > 2 * len(tables):
                words = stated[0].money.text if stated[0].money else ""
                yield _unstated(table, "金额单位", usual or "万元", words, f"其他 {len(stated)} 张表都印有单位")
        elif usual and table.money.value != usual:
            yield _other_money(context.report, table, table.money, usual)


def _usual_money(stated: list[Table]) -> str:
    """What more than half of the tables state; empty where there is no such majority."""
    usual, most = Counter(table.money.value for table in stated if table.money).most_common(1)[0]
    return usual if most * 2 > len(stated) else ""


def misstated_money(report: Report) -> list[tuple[Table, str]]:
    """Tables that state another unit than the rest, but print amounts in the unit of the rest."""
    stated = [table for table in report.tables.values() if table.money is not None]
    usual = _usual_money(stated) if stated else ""
    if not usual:
        return []
    odd = [table for table in stated if table.money and table.money.value != usual]
    return [(table, usual) for table in odd if table.money and _money_fits(report, table, usual) is False]


def _money_fits(report: Report, table: Table, usual: str) -> bool | None:
    """Whether the amounts of a table are in the unit it states; None where it has none.

    Tables of one department print many of the same amounts. Where most of a table's amounts stand,
    digit by digit, in tables of another unit, they are in that unit, whatever the table states.
    """
    mine = _amounts(table)
    others = {value for t in report.tables.values() if t.money and t.money.value == usual for value in _amounts(t)}
    if not mine or not others:
        return None
    return len(mine & others) * 2 <= len(mine)


def _amounts(table: Table) -> set[Decimal]:
    return {
        e.amount.value
        for block in table.blocks.values()
        for row in block.rows
        for e in row.entries.values()
        if e.amount is not None and e.amount.value
    }


def _other_money(report: Report, table: Table, stated: Stated, usual: str) -> Finding:
    fits = _money_fits(report, table, usual)
    if fits:
        message, severity = "与其他表不同，但金额确是按此单位填列的，请确认是否统一", "info"
    elif fits is None:
        message, severity = "其他表的单位是它，本表没有金额可比，请确认", "info"
    else:
        message, severity = "表中金额与其他表是同一单位", ""
    return finding(
        f"{named(table)} 的金额单位 {stated.value}，应为 {usual}：{message}。",
        stated.place,
        severity=severity,
        quote=stated.text,
        found=stated.value,
        expected=usual,
        table=named(table),
    )
