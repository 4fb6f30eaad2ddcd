"""``Source`` to ``Report``: finds the nine tables, chooses the form, reads rows and amounts."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable

from app.knowledge.forms import FORMS, KEYS, Form, TableForm, form, titles
from app.knowledge.text import norm
from app.recognising.amounts import places, settle, word
from app.recognising.frames import framed
from app.recognising.headers import Header, read_header
from app.recognising.identity import identify
from app.recognising.percent_cells import percent_cells
from app.recognising.rows import cell_rows, code_rows, pair_rows, side_rows
from app.recognising.segments import Segment, is_header_row, segments, untitled
from app.recognising.supplement import read_supplement
from app.report.report import Report
from app.report.table import Block, Problem, Stated, Table
from app.source import Grid, Place, Source

_ROWS: dict[str, Callable[[Grid, Header, TableForm, int], tuple[list[Block], list[Problem]]]] = {
    "codes": code_rows,
    "pairs": pair_rows,
    "sides": side_rows,
    "cells": cell_rows,
}
# No 公开表 has nearly as many rows; what is longer is a pasted ledger, and costs memory.
_MOST_ROWS = 20_000
_CODE = re.compile(r"\d{3}(?:\d{2}){0,2}")


def recognise(source: Source, form_key: str | None = None) -> Report:
    """The report that a source means. ``form_key`` (one of ``FORMS``) overrides the choice."""
    found, problems = _segments(source)
    chosen = form(form_key if form_key in FORMS else detect_form(found))
    report = Report(source, source.kind, chosen.key, problems=problems)
    headers: dict[int, Header] = {}
    for segment in found:
        _add(report, chosen, segment, headers)
    if source.kind != "workbook":
        _narrative(report)
    identify(report)
    _settle(report)
    if source.kind == "workbook":
        report.percents = percent_cells(report)
        report.supplement = read_supplement(source, report.decimals)
    return report


def _narrative(report: Report) -> None:
    """The words of a report; a workbook has none and need not load what reads them."""
    from app.recognising.claims import read_claims
    from app.recognising.performance import read_performance
    from app.recognising.prose import read_prose

    report.prose = read_prose(report.source)
    report.claims = read_claims(report.prose)
    report.performance = read_performance(report.source)


def _segments(source: Source) -> tuple[list[Segment], list[Problem]]:
    """Every table of the source in order; grids without a title are named by their sheet or are
    the continuation of the table before."""
    found: list[Segment] = []
    problems: list[Problem] = []
    for grid in framed(source):
        here = segments(grid)
        if not here:
            extra = _by_sheet_name(grid) or _continuation(grid, found[-1] if found else None)
            here = [extra] if extra else []
            if not here and (problem := _unnamed(grid)):
                problems.append(problem)
        found += here
    return found, problems


def _by_sheet_name(grid: Grid) -> Segment | None:
    name = re.sub(r"^[A-Z]?\d{1,2}[.、_ -]*|\(.*\)$", "", norm(grid.name))
    key = next((key for title, key in titles() if title == name), None)
    if key is None or not any(is_header_row(grid, r) for r in list(sorted(grid.rows))[:12]):
        return None
    return untitled(grid, key, Stated("", grid.name, Place(file=grid.file, sheet=grid.name)))


def _continuation(grid: Grid, before: Segment | None) -> Segment | None:
    """A grid without title whose rows begin with codes goes on with the table before it."""
    if before is None or before.notes:
        return None
    rows = [r for r in sorted(grid.rows) if any(c.text.strip() for c in grid.rows[r].values())]
    data = [r for r in rows if any(_CODE.fullmatch(word(c)) for c in list(grid.rows[r].values())[:3])]
    if not rows or len(data) * 2 < len(rows):
        return None
    segment = untitled(grid, before.key, before.title)
    if segment is not None:
        segment.continued = True
    return segment


def _unnamed(grid: Grid) -> Problem | None:
    """A sheet that looks like a 公开表 but bears no title of one."""
    for row in sorted(grid.rows)[:12]:
        texts = {norm(c.text) for c in grid.rows[row].values()}
        if texts & {"栏次", "功能分类科目编码", "经济分类科目编码"} or {"项目", "行次"} <= texts:
            place = Place(file=grid.file, sheet=grid.name) if grid.is_sheet else grid.place(row, min(grid.rows[row]))
            where = f"工作表“{grid.name}”" if grid.is_sheet else str(place)
            text = f"{where}像是公开表，但没有找到九张公开表中任何一张的表名，未参加核对；请补上表名"
            return Problem("grid", grid.name, place, text)
    return None


def detect_form(found: list[Segment]) -> str:
    """The form that fits the numbers printed on the tables, else their order and look."""
    scores: Counter[str] = Counter()
    order = [s.key for s in found if s.key in ("三公表", "基金表", "国资表")]
    numbered = 0
    for segment in found:
        for key in FORMS:
            expected = form(key).table(segment.key).number
            if segment.number is not None and segment.number.value[-2:].strip("表") == expected[-2:].strip("表"):
                scores[key] += 2
        numbered += segment.number is not None
    if order and order[0] == "三公表":
        scores["2021"] += 1
        scores["shanghai"] += 1
    elif order:
        scores["2022"] += 1
    if not numbered and any(
        "上海" in norm(s.title.text) or (s.unit_name and "上海" in s.unit_name.value) for s in found
    ):
        scores["shanghai"] += 3
    if not numbered and not any(_has_lines(s) for s in found):
        scores["shanghai"] += 2
    if numbered and any(_has_lines(s) for s in found):
        scores["shanghai"] -= 5
    years = Counter(int(s.year.value) for s in found if s.year)
    if years:
        scores["2021" if years.most_common(1)[0][0] <= 2021 else "2022"] += 1
    return max(FORMS, key=lambda key: scores[key])


def _has_lines(segment: Segment) -> bool:
    rows = range(segment.header, min(segment.header + 6, segment.bottom + 1))
    return any(norm(c.text) in ("栏次", "行次") for r in rows for c in segment.grid.rows.get(r, {}).values())


def _add(report: Report, chosen: Form, segment: Segment, headers: dict[int, Header]) -> None:
    table_form = chosen.table(segment.key)
    header = read_header(segment.grid, segment.header, segment.bottom)
    known = report.tables.get(segment.key)
    if segment.continued and known is not None and not is_header_row(segment.grid, segment.header):
        before = headers[id(known)]
        header = Header(segment.header - 1, segment.header - 1, before.paths, before.numbers)
    bottom = min(segment.bottom, header.bottom + _MOST_ROWS)
    blocks, problems = _ROWS[table_form.kind](segment.grid, header, table_form, bottom)
    if bottom < segment.bottom:
        problems.append(_too_long(segment, bottom))
    table = Table(
        segment.key, segment.title, segment.grid, segment.top, segment.bottom,
        segment.number, segment.unit_name, segment.year, segment.money,
        {b.key: b for b in blocks}, segment.notes, segment.statement, problems, [segment.grid],
    )  # fmt: skip
    if known is None:
        report.tables[segment.key] = table
        headers[id(table)] = header
    elif _continues(known, table, segment.continued):
        _join(known, table)
    else:
        report.duplicates.append(table)


def _too_long(segment: Segment, bottom: int) -> Problem:
    place = segment.grid.place(bottom + 1, 0)
    text = f"{place}：本表超过 {_MOST_ROWS:,} 行，其后的行未参加核对；公开表没有这么多科目，请检查是否粘贴了多余的行"
    return Problem("row", segment.title.text, place, text)


def _continues(known: Table, table: Table, said: bool) -> bool:
    """A second part has rows the first lacks and no total that the first has already."""
    keys = {r.key for b in known.blocks.values() for r in b.rows}
    more = [r.key for b in table.blocks.values() for r in b.rows]
    if said:
        return True
    return bool(more) and not keys & set(more) and known.key not in ("三公表",)


def _join(known: Table, table: Table) -> None:
    for key, block in table.blocks.items():
        known.blocks[key].rows += block.rows
    known.notes += table.notes
    known.statement = known.statement or table.statement
    known.unrecognised += table.unrecognised
    known.grids += table.grids


def _settle(report: Report) -> None:
    """Gives every amount its interval, by the decimals the whole document prints."""
    tables = [*report.tables.values(), *report.duplicates]
    entries = [
        e for t in tables for b in t.blocks.values() for r in b.rows for e in r.entries.values() if e.amount is not None
    ]
    printed = [p for e in entries if (p := places(e)) is not None]
    report.decimals = min(2, max(printed)) if len(printed) >= 10 else 2
    for found in entries:
        settle(found, report.decimals)
    report.tables = {key: report.tables[key] for key in KEYS if key in report.tables}
