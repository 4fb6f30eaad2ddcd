"""The formulas that a document prints in its own 注: ``27 行 = (1+2+…+8) 行；3 栏=(4+5) 栏``.

They are read by a pattern of their own and compared with the form's identities (the rule's
``identities``). The figures themselves are the business of the arithmetic rules: a note is only
reported where it says something else than the form.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from app.checking.evidence import finding, named
from app.checking.finding import Finding, Related
from app.checking.rulebook import Context, NotApplicable, check
from app.knowledge.forms import BLOCK_TABLE, form
from app.knowledge.text import norm
from app.report.amount import Amount
from app.report.report import Report
from app.report.table import Table
from app.source import Line

_FORMULA = re.compile(r"(?<![\d.])(\d+)(行|栏)(?:各行|各栏)?=([^;。,，=]+?)(?=[;。,，]|\d+(?:行|栏)(?:各行|各栏)?=|$)")
_WORDS = re.compile(r"各行|各栏|行|栏|[()]")
_SUM = re.compile(r"\d+(?:[+-](?:\d+|\.{2,}|…+))*")
_MOST = 200  # terms; more is no formula of a 公开表

Spot = tuple[str, str]  # block, canonical row or column


@dataclass(frozen=True, slots=True)
class NoteFormula:
    """``target = Σ sign × number`` in 行次 or 栏次, with the line that prints it."""

    kind: str  # 行 | 栏
    target: int
    terms: tuple[tuple[int, int], ...]  # (sign, number)
    text: str
    line: Line


def parse(line: Line) -> list[NoteFormula]:
    """The formulas printed in one line; what is no formula is passed over."""
    found = []
    for match in _FORMULA.finditer(norm(line.text)):
        terms = _terms(_WORDS.sub("", match[3]))
        if terms:
            found.append(NoteFormula(match[2], int(match[1]), terms, match[0], line))
    return found


def _terms(text: str) -> tuple[tuple[int, int], ...]:
    """``1+2+...+8`` -> all eight; ``1+2-3`` -> (1, 1), (1, 2), (-1, 3)."""
    if not _SUM.fullmatch(text):
        return ()
    terms: list[tuple[int, int]] = []
    parts = re.findall(r"([+-]?)(\d+|\.{2,}|…+)", text)
    for i, (sign, part) in enumerate(parts):
        if part.isdigit():
            terms.append((-1 if sign == "-" else 1, int(part)))
            continue
        end = parts[i + 1][1] if i + 1 < len(parts) else ""
        if not end.isdigit() or not terms or int(end) - terms[-1][1] > _MOST:
            return ()
        step = terms[-1][1] - terms[-2][1] if len(terms) > 1 else 1
        if step < 1:
            return ()
        terms += [(terms[-1][0], n) for n in range(terms[-1][1] + step, int(end), step)]
    return tuple(terms)


@check("note_formulas")
def note_formulas(context: Context) -> Iterator[Finding]:
    """Each formula of a 注 is an identity of the form."""
    some = False
    identities = _identities(context)
    for table in context.report.tables.values():
        for line in table.notes:
            for formula in parse(line):
                some = True
                context.saw()
                told = [
                    _judge(table, formula, spots, identities) for spots in _numberings(context.report, table, formula)
                ]
                if told and all(told):
                    yield from told[0]
    if not some:
        raise NotApplicable("表下的注没有列公式")


Terms = frozenset[tuple[int, str]]
Identities = dict[tuple[str, Spot], tuple[Terms, str]]  # the terms, and as the rule file words them


def _identities(context: Context) -> Identities:
    """(kind, (block, target)) -> signed terms; ``各类`` is left for the rows that are printed."""
    found: Identities = {}
    for text in dict(context.rule.options).get("identities", ()):
        head, _, tail = text.partition("=")
        block, kind, target = head.split()
        terms = re.findall(r"([+-]?)\s*([^\s+-]+)", tail)
        signed = frozenset((-1 if sign == "-" else 1, term) for sign, term in terms)
        found[kind, (block, target)] = signed, tail.strip().replace("各类", "各类支出之和")
    return found


def _numberings(report: Report, table: Table, formula: NoteFormula) -> list[dict[int, Spot]]:
    """What the numbers of a note may mean: those printed in this table, else those of the form.

    三公表 with 预算数 and 决算数 in pairs often keeps the note of the form with two halves.
    """
    found = [_line_spots(report, table)] if formula.kind == "行" else _column_spots(report, table)
    return [spots for spots in found if spots]


def _judge(table: Table, formula: NoteFormula, spots: dict[int, Spot], identities: Identities) -> list[Finding]:
    """What is wrong with a note under one reading of its numbers; empty if nothing is."""
    target = spots.get(formula.target)
    last = max(spots)
    unknown = [n for _, n in (*formula.terms, (1, formula.target)) if n > last]
    if unknown:
        because = f"本表最末是第 {last} {formula.kind}，没有第 {unknown[0]} {formula.kind}"
        return [_contradicts(table, formula, f"第 {last} {formula.kind}以内", because)]
    if target is None:
        return []
    identity = identities.get((formula.kind, target))
    stated = frozenset((sign, spots[n][1]) for sign, n in formula.terms if n in spots)
    if identity is None:
        if _fits(table, formula, spots) is False:
            because = f"按表中数据，第 {formula.target} {formula.kind}不等于这些{formula.kind}之和"
            return [_contradicts(table, formula, "与表中数据相符的公式", because, "warning")]
        return []
    wanted = _spread(identity[0], target[0], spots)
    if stated == wanted:
        return []
    right = _written(formula, wanted, spots, target[0])
    # Where the figures obey the note all the same, only the wording can be wrong.
    severity = "" if _fits(table, formula, spots) is False else "warning"
    return [_contradicts(table, formula, right, f"{target[1]} = {identity[1]}", severity)]


def _spread(terms: Terms, block: str, spots: dict[int, Spot]) -> Terms:
    """``各类`` written out as the 类 rows of this block."""
    if (1, "各类") not in terms:
        return terms
    classes = {(1, key) for owner, key in spots.values() if owner == block and key.isdigit()}
    return (terms - {(1, "各类")}) | classes


def _written(formula: NoteFormula, wanted: Terms, spots: dict[int, Spot], block: str) -> str:
    """The form's identity in the numbers of this document: ``31 行 = (27+28+29) 行``."""
    numbers = sorted((-sign, n) for sign, key in wanted for n, spot in spots.items() if spot == (block, key))
    if len(numbers) > 6 and all(sign < 0 for sign, _ in numbers):
        plain = [n for _, n in numbers]
        inside = f"{plain[0]}+{plain[1]}+…+{plain[-1]}"
    else:
        inside = "".join(f"{'+' if sign < 0 else '-'}{n}" for sign, n in numbers).removeprefix("+")
    return f"{formula.target} {formula.kind} = ({inside}) {formula.kind}"


def _contradicts(table: Table, formula: NoteFormula, expected: str, because: str, severity: str = "") -> Finding:
    return finding(
        f"{named(table)} 注中的公式 {formula.text}，应为 {expected}：{because}。",
        formula.line.place,
        severity=severity,
        quote=formula.line.text,
        found=formula.text,
        expected=expected,
        table=named(table),
        related=(Related(table.title.place, table.title.text),),
    )


def _line_spots(report: Report, table: Table) -> dict[int, Spot]:
    """行次 -> row, by the form's numbers unless the document as a whole numbers otherwise."""
    official: dict[int, Spot] = {}
    printed: dict[int, Spot] = {}
    agree = 0
    for block_form in form(report.form).table(table.key).blocks:
        block = table.blocks.get(block_form.key)
        official |= {r.number: (block_form.key, r.key) for r in block_form.rows if r.number is not None}
        for row in block.rows if block else ():
            if row.number and row.number.isdigit():
                printed[int(row.number)] = (block_form.key, row.key)
    agree = sum(official.get(n) == spot for n, spot in printed.items())
    return official if official and agree * 2 >= len(printed) else printed


def _column_spots(report: Report, table: Table) -> list[dict[int, Spot]]:
    """栏次 -> column: from left to right as printed, then as the form lists them."""
    if table.key == "基本支出表":
        return []
    form_spots: dict[int, Spot] = {}
    for block_form in form(report.form).table(table.key).blocks:
        for column in block_form.columns:
            form_spots[len(form_spots) + 1] = (block_form.key, column.key)
    found = sorted((c.index, key, c.key) for key, b in table.blocks.items() for c in b.columns)
    here = {i + 1: (block, key) for i, (_, block, key) in enumerate(found)}
    return [here, form_spots] if len(here) == len(form_spots) and here != form_spots else [form_spots]


def _fits(table: Table, formula: NoteFormula, spots: dict[int, Spot]) -> bool | None:
    """Whether the printed amounts obey the note, rounding aside; None where there are none."""
    answers = []
    for amounts in _cases(table, formula, spots):
        target, terms = amounts
        parts = [(sign, a) for sign, a in terms if a is not None and a.value]
        if target is None and not parts:
            continue
        total = sum((sign * a.value for sign, a in parts), Decimal(0))
        slack = sum((a.half for _, a in parts), target.half if target else Decimal("0.005"))
        answers.append(abs(total - (target.value if target else 0)) <= slack)
    return all(answers) if answers else None


Case = tuple[Amount | None, list[tuple[int, Amount | None]]]


def _cases(table: Table, formula: NoteFormula, spots: dict[int, Spot]) -> Iterator[Case]:
    """The formula over each column (行) or each row (栏) of its block."""
    block_key, target = spots[formula.target]
    block = table.blocks.get(block_key)
    if block is None or BLOCK_TABLE.get(block_key) != table.key:
        return
    terms = [(sign, spots[n][1]) for sign, n in formula.terms if n in spots and spots[n][0] == block_key]
    if formula.kind == "栏":
        for row in block.rows:
            yield row.amount(target), [(sign, row.amount(key)) for sign, key in terms]
        return
    rows = {row.key: row for row in block.rows}
    for column in block.columns:
        total = rows[target].amount(column.key) if target in rows else None
        yield total, [(sign, rows[key].amount(column.key)) for sign, key in terms if key in rows]
