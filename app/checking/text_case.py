"""One case of two files: the tables that a report prints are those of the workbook given with it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import zip_longest

from app.checking.evidence import finding, named
from app.checking.finding import Finding, Related
from app.checking.rulebook import Context, NotApplicable, check
from app.knowledge.text import norm
from app.report.report import Report
from app.report.table import Block, Column, Entry, Row, Table

_FEW = 6  # cells that differ beyond which a table is asked about as a whole, if they are ...
_PART = 4  # ... more than one in so many of those compared


@dataclass(slots=True)
class _Difference:
    """A cell that the report prints otherwise than the workbook; either may be blank."""

    row: Row
    column: Column
    printed: Entry
    book: Entry


@check("case_tables")
def case_tables(context: Context) -> Iterator[Finding]:
    """Compares every cell that both files print, blanks being zero."""
    report = _two_files(context)
    if not report.printed:
        raise NotApplicable("报告里没有读到公开表，表内数字只在工作簿里")
    for key, printed in report.printed.items():
        book = report.tables[key]
        differences, compared = _compare(printed, book)
        context.saw(compared)
        if len(differences) > _FEW and len(differences) * _PART > compared:
            yield _whole(report, printed, book, differences, compared)
            continue
        for each in differences:
            yield _cell(report, printed, book, each)


@check("case_rows")
def case_rows(context: Context) -> Iterator[Finding]:
    """Rows with amounts that only one of the two files has."""
    report = _two_files(context)
    if not report.printed:
        raise NotApplicable("报告里没有读到公开表，表内数字只在工作簿里")
    for key, printed in report.printed.items():
        book = report.tables[key]
        for block_key, block in printed.blocks.items():
            other = book.blocks.get(block_key)
            if other is None or not block.rows or not other.rows:
                continue
            pairs = list(_pairs(block, other))
            context.saw(len(pairs))
            alone = [(mine, its) for mine, its in pairs if _alone(mine, its)]
            if len(alone) > _FEW and len(alone) * _PART > len(pairs):
                context.skipped.append(f"报告里的《{printed.key}》与工作簿的行大多对不上，没有逐行比较")
                continue
            for mine, its in alone:
                yield _row(report, printed, book, mine, its)


@check("case_identity")
def case_identity(context: Context) -> Iterator[Finding]:
    """Both files are of one unit and one year."""
    report = _two_files(context)
    book = [t for t in report.tables.values() if t.grid.file == report.workbook]
    own = [t for t in report.printed.values()] or [t for t in report.tables.values() if t.grid.file != report.workbook]
    years = {t.year.value for t in book if t.year}
    stated = {t.year.value for t in own if t.year} or ({str(report.year)} if report.year else set())
    context.saw()
    if years and stated and not years & stated:
        at = next(t.year for t in book if t.year)
        yield finding(
            f"工作簿“{report.workbook}”是 {'、'.join(sorted(years))} 年度的，报告是 {'、'.join(sorted(stated))} 年度的，"
            "请确认两个文件是否配套。",
            at.place, quote=at.text, found=at.value, expected="、".join(sorted(stated)),
        )  # fmt: skip
    units = {_unit(t.unit_name.value): t.unit_name for t in book if t.unit_name}
    unit = _unit(report.unit.value) if report.unit and report.unit.place.file != report.workbook else ""
    context.saw()
    if unit and units and not any(u in unit or unit in u for u in units):
        at = next(iter(units.values()))
        yield finding(
            f"工作簿“{report.workbook}”的单位是“{at.value}”，报告的单位是“{report.unit.value if report.unit else ''}”，"
            "请确认两个文件是否配套、单位名称是否写错。",
            at.place, quote=at.text, found=at.value, expected=report.unit.value if report.unit else "",
        )  # fmt: skip


def _two_files(context: Context) -> Report:
    if context.report.workbook is None:
        raise NotApplicable("只给了一个文件")
    return context.report


def _unit(name: str) -> str:
    return norm(name).replace("(本级)", "").removesuffix("本级")


def _pairs(block: Block, other: Block) -> Iterator[tuple[Row | None, Row | None]]:
    """Rows of one key side by side; a key that stands twice is paired in order."""
    mine: dict[str, list[Row]] = defaultdict(list)
    its: dict[str, list[Row]] = defaultdict(list)
    for rows, found in ((block.rows, mine), (other.rows, its)):
        for row in rows:
            found[row.key].append(row)
    for key in dict.fromkeys([*mine, *its]):
        yield from zip_longest(mine[key], its[key])


def _alone(mine: Row | None, its: Row | None) -> bool:
    """A row with amounts that the other file lacks: a blank one may be left out or kept."""
    row = mine or its
    return (mine is None or its is None) and row is not None and any(_value(e) for e in row.entries.values())


def _value(entry: Entry) -> Decimal:
    return entry.amount.value if entry.amount is not None else Decimal(0)


def _compare(printed: Table, book: Table) -> tuple[list[_Difference], int]:
    """(cells that differ, cells compared), the intervals of both in 元."""
    found, compared = [], 0
    for key, block in printed.blocks.items():
        other = book.blocks.get(key)
        for mine, its in _pairs(block, other) if other is not None else ():
            if mine is None or its is None:
                continue
            for column in block.columns:
                entry, there = mine.entries.get(column.key), its.entries.get(column.key)
                if entry is None or there is None or entry.wrong or there.wrong:
                    continue
                compared += 1
                if not _same(entry, printed.factor, there, book.factor):
                    found.append(_Difference(mine, column, entry, there))
    return found, compared


def _same(entry: Entry, factor: int, there: Entry, other: int) -> bool:
    slack = sum(
        (e.amount.half * f for e, f in ((entry, factor), (there, other)) if e.amount is not None), start=Decimal(0)
    )
    gap = abs(_value(entry) * factor - _value(there) * other)
    return gap <= slack if factor != other or _exact(entry) or _exact(there) else gap == 0


def _exact(entry: Entry) -> bool:
    """A value stored longer than it is shown: the other file prints it rounded."""
    return entry.amount is not None and not entry.amount.half and bool(entry.amount.value)


def _cell(report: Report, printed: Table, book: Table, each: _Difference) -> Finding:
    unit = "" if printed.factor == book.factor else "元" if book.factor == 1 else "万元"
    mine, its = each.printed.text.strip() or "空白", (each.book.text.strip() or "空白") + unit
    row = _name(each.row)
    cell = "·".join(p for p in (row, "" if each.column.key == "决算数" else each.column.key) if p)
    return finding(
        f"报告《{printed.key}》“{cell}” {mine}，工作簿 {each.book.place} 是 {its}，两个文件不一致，请核对哪个是对的。",
        each.printed.place,
        quote=each.printed.text.strip(),
        context=_printed_row(each.row),
        found=mine,
        expected=its,
        table=named(printed),
        row=row,
        column=each.column.key,
        related=(Related(each.book.place, each.book.text.strip()),),
    )


def _name(row: Row) -> str:
    return "" if row.key == "合计行" and not row.label else f"{row.code or ''} {row.label}".strip()


def _whole(report: Report, printed: Table, book: Table, differences: list[_Difference], compared: int) -> Finding:
    first = differences[0]
    return finding(
        f"报告《{printed.key}》与工作簿“{report.workbook}”比较了 {compared} 处，有 {len(differences)} 处不同"
        f"（如“{_name(first.row) or '合计'}” {first.printed.text.strip() or '空白'}、{first.book.text.strip() or '空白'}），"
        "多半不是同一版本，或报告里的表没有读准；请确认后重新校核。",
        printed.title.place,
        "warning",
        quote=printed.title.text.strip(),
        found=f"{len(differences)} 处不同",
        expected="与工作簿一致",
        table=named(printed),
        related=(Related(book.title.place, book.title.text.strip()),),
    )


def _row(report: Report, printed: Table, book: Table, mine: Row | None, its: Row | None) -> Finding:
    row = mine or its
    assert row is not None
    name = _name(row) or "合计"
    have, lack = ("报告", "工作簿") if mine is not None else ("工作簿", "报告")
    place = mine.place if mine is not None else printed.title.place
    return finding(
        f"《{printed.key}》的“{name}”只在{have}里有，{lack}里没有这一行，请核对。",
        place,
        # A table of a PDF or a text may have lost a row in reading.
        "" if report.kind == "word" or mine is not None else "warning",
        quote=(mine.code or mine.label) if mine is not None else printed.title.text.strip(),
        context=_printed_row(mine) if mine is not None else "",
        found=f"{lack}没有",
        expected=name,
        table=named(printed),
        row=name,
        related=(Related(its.place if its is not None else book.title.place, _printed_row(row)),),
    )


def _printed_row(row: Row) -> str:
    parts = (row.code or "", row.label, *(e.text.strip() for e in row.entries.values()))
    return " ".join(p for p in parts if p)
