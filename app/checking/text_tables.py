"""Narrative ↔ tables: each amount that the text gives is the one that its table prints.

Which figure of which section stands in which cell is data (``cells`` of the rule entry): section,
a pattern for the subject, the cell as in arithmetic rules (``支出表[合计行].基本支出``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from app.checking.binding import Book
from app.checking.equation import Spot
from app.checking.finding import Finding, Related, Verdict
from app.checking.notation import Reference, parse
from app.checking.percent import Quantity, equal
from app.checking.rulebook import Context, CouldNotRun, check
from app.checking.text_facts import money, span, subject, wan, where, wrong
from app.checking.wording import cell_name
from app.checking.wording import context as row_text
from app.report.claim import Claim, Figure
from app.report.report import Report


@dataclass(frozen=True, slots=True)
class Fact:
    """``section`` and ``pattern`` of the subject, and the cell it should equal."""

    section: str
    pattern: re.Pattern[str]
    cell: Reference
    relation: str


@cache
def _facts(entries: tuple[str, ...]) -> tuple[Fact, ...]:
    found = []
    for entry in entries:
        section, pattern, cell = (part.strip() for part in entry.split(" | "))
        relation = "budget" if section.endswith("*预算") else "amount"
        reference = parse(f"{cell} = 0").left[0]
        found.append(Fact(section.removesuffix("*预算"), re.compile(pattern), reference, relation))
    return tuple(found)


@check("narrative_cells")
def narrative_cells(context: Context) -> Iterator[Finding]:
    """Compares the first figure of each fact in its section with the cell."""
    report = context.report
    if not report.tables:
        raise CouldNotRun("文件中没有可以识别的公开表，文字无法与表核对；请同时提供公开表的 Excel 文件")
    book = Book.of(report)
    entries: list[str] = next((v for k, v in context.rule.options if k == "cells"), [])
    for fact in _facts(tuple(entries)):
        for claim in report.claims:
            figure = claim.amount
            if figure is None or claim.relation != fact.relation or claim.section != fact.section or figure.bound:
                continue
            if fact.pattern.search(subject(claim.subject)) and figure.unit in ("万元", "元", "亿元", "万"):
                yield from _against(context, book, fact, claim, figure)


def _against(context: Context, book: Book, fact: Fact, claim: Claim, figure: Figure) -> Iterator[Finding]:
    cell = fact.cell
    spot = _spot(book, cell)
    if spot is None:
        return
    context.saw()
    verdict = equal(wan(figure), stands_for(spot))
    note(context, claim, spot, verdict)
    if verdict != "equal":
        yield mismatch(context.report, figure, spot, verdict == "rounding")


def _spot(book: Book, cell: Reference) -> Spot | None:
    """The printed cell; None where the table is missing or could not be read there."""
    if cell.block not in book.blocks:
        return None
    table, _ = book.blocks[cell.block]
    if not table.readable or (table.empty and table.statement is None):
        return None
    spot = book.spot(cell.block, cell.row, cell.column)
    if spot is None or spot.entry.wrong:
        return None
    blank = spot.row.code is not None and not spot.row.has_amounts and cell.block != "基本支出表"
    return None if blank else spot


def note(context: Context, claim: Claim, spot: Spot, verdict: str) -> None:
    """Notes for 文字核对 which cell a figure should equal, and whether it does."""
    table = spot.table.title.value or spot.table.key
    result = {"equal": "agrees", "rounding": "rounding"}.get(verdict, "differs")
    source = f"{table}·{cell_name(spot)}"
    context.verdicts.append(Verdict(claim, result, f"{money(spot.value)}万元", source, spot.entry.place))


def stands_for(spot: Spot) -> Quantity:
    """What a printed cell stands for: a sum of printed 项 holds as many roundings as there are."""
    return Quantity(spot.value, spot.half * max(1, spot.weight))


def mismatch(report: Report, figure: Figure, spot: Spot, rounding: bool, severity: str = "") -> Finding:
    """A figure of the text that is not what its table prints."""
    start, end = span(figure)
    table = spot.table.title.value or spot.table.key
    gap = wan(figure).value - spot.value
    cell = f"《{table}》{cell_name(spot)} {spot.entry.text or '空白'}"
    said = f"{subject(figure.subject)} {figure.text}"
    message = f"{where(report, start)}：{said}，{cell}（{spot.entry.place}），相差 {money(abs(gap))}"
    return wrong(
        report, message, start, end,
        severity="info" if rounding else severity,
        kind="尾差" if rounding else "",
        found=figure.text, expected=f"{money(spot.value)}万元", difference=money(gap),
        calculation=f"{money(wan(figure).value)} − {money(spot.value)} = {money(gap)}",
        table=table, column=spot.column.text,
        related=(Related(spot.entry.place, spot.entry.text), Related(spot.entry.place, row_text(spot))),
    )  # fmt: skip
