"""Checking: every rule on a report, findings in order of weight, and how each rule ended."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from app.checking import arithmetic
from app.checking.corrections import correct
from app.checking.doubts import set_aside_doubtful
from app.checking.finding import ROUNDING, SEVERITIES, Checked, Consequence, Finding, RuleResult
from app.checking.rulebook import Rule, rules, run
from app.report.report import Report
from app.report.table import Stated, Table
from app.source import Place

_STALE = "F102"
_MONEY = "money"  # the check on the units that the tables print
_SWITCHED_OFF = "已在设置中关闭"
_OFFICIAL = ("K1", "L102")
_RANK = {name: position for position, name in enumerate(SEVERITIES)}


def check(
    report: Report,
    only: Collection[str] = (),
    skip: Collection[str] = (),
    *,
    off: Collection[str] = (),
    severities: Mapping[str, str] | None = None,
    money: str = "",
) -> Checked:
    """All findings of a report. ``only`` and ``skip`` name rules by code or its beginning (``A1``).

    ``off``, ``severities`` (by code) and ``money`` (元, 万元, for all tables) are the user's settings;
    ``only`` brings back what is off. Findings on rounding stay what they are.
    """
    asked = [r for r in rules(report.kind != "workbook") if _wanted(r.code, only, skip)]
    gone = {r.code for r in asked if r.code in off and not (only and _wanted(r.code, only, ()))}
    chosen = [r for r in asked if r.code not in gone]
    checked = Checked()
    own = [r for r in chosen if r.check and not r.narrative]
    _carry_out([r for r in own if r.check == _MONEY], report, checked)  # speaks of what is printed
    count_in(report, money)
    _carry_out([r for r in own if r.check != _MONEY], report, checked)
    if report.kind != "workbook":
        checked.findings = set_aside_doubtful(report, checked.findings)
    # What the structure checks know for certain is put right, so that one slip stays one error.
    correct(report)
    done = arithmetic.evaluate([r for r in chosen if r.formula], report)
    checked.findings = _grouped(
        checked.findings, [f for f in done.findings if _wanted(f.code, only, skip) and f.code not in gone]
    )
    checked.rules += done.results
    _carry_out([r for r in chosen if r.narrative], report, checked)
    findings = [_as_set(f, severities or {}) for f in _once(checked.findings)]
    checked.findings = _signed(_ordered(_distinct(findings), report), report)
    checked.rules += [RuleResult(r.code, r.title, "not_applicable", _SWITCHED_OFF) for r in asked if r.code in gone]
    checked.rules.sort(key=lambda r: r.code)
    return checked


def count_in(report: Report, money: str) -> None:
    """Take the amounts of all tables as being in ``money`` (元, 万元; nothing where it is empty).

    A case's printed copies of its tables, and the files it is compared with, are in what they print,
    and in ``money`` only where they print nothing.
    """
    if not money:
        return
    for table in (*report.tables.values(), *report.duplicates):
        _state(table, money)
    beside = [r for r in (report.last_year, *report.units) if r is not None]
    copies = [*report.printed.values(), *(t for r in beside for t in (*r.tables.values(), *r.duplicates))]
    for table in copies:
        if table.money is None:
            _state(table, money)


def _state(table: Table, money: str) -> None:
    stated = table.money or Stated(money, "", Place(file=table.grid.file, sheet=table.grid.name))
    table.money = replace(stated, value=money)


def mark_verified(checked: Checked, remarks: Mapping[str, str]) -> None:
    """Set her remarks, by fingerprint, on the findings she has verified; they go behind the others."""
    if remarks:
        marked = [replace(f, verified=remarks.get(f.fingerprint)) for f in checked.findings]
        checked.findings = sorted(marked, key=lambda f: f.verified is not None)


def _as_set(finding: Finding, severities: Mapping[str, str]) -> Finding:
    """With the severity that the user gave its rule."""
    severity = severities.get(finding.code, finding.severity)
    return finding if severity == finding.severity or finding.kind == ROUNDING else replace(finding, severity=severity)


def _signed(findings: list[Finding], report: Report) -> list[Finding]:
    """With fingerprints, each its own: where two would have the same, their messages part them."""
    unit = report.unit.value if report.unit else ""
    signed = [f.signed(unit, report.year) for f in findings]
    shared = Counter(f.fingerprint for f in signed)
    seen: Counter[str] = Counter()
    for position, finding in enumerate(signed):
        if shared[finding.fingerprint] > 1:
            seen[finding.fingerprint + finding.message] += 1
            number = seen[finding.fingerprint + finding.message]
            signed[position] = finding.signed(unit, report.year, f"{finding.message}{number}")
    return signed


def _carry_out(chosen: Sequence[Rule], report: Report, checked: Checked) -> None:
    for rule in chosen:
        findings, result = run(rule, report)
        checked.findings += findings
        checked.rules.append(result)


def _grouped(findings: list[Finding], sums: list[Finding]) -> list[Finding]:
    """A stale formula in a cell that an arithmetic error names follows from the same slip."""
    kept: list[Finding] = []
    for finding in findings:
        place = finding.place
        cause = next((i for i, f in enumerate(sums) if f.severity == "error" and _names(f, place)), None)
        if finding.code == _STALE and cause is not None:
            follows = Consequence(finding.code, finding.message, place)
            sums[cause] = replace(sums[cause], consequences=(*sums[cause].consequences, follows))
        else:
            kept.append(finding)
    return kept + sums


def _once(findings: list[Finding]) -> list[Finding]:
    """A slip that the tables themselves show need not be told again from the official list."""
    known = {f.place for f in findings if f.severity == "error" and not f.code.startswith(_OFFICIAL)}
    return [f for f in findings if not (f.code.startswith(_OFFICIAL) and f.place in known)]


def _names(finding: Finding, place: Place) -> bool:
    return finding.place == place or any(r.place == place for r in finding.related)


def _wanted(code: str, only: Collection[str], skip: Collection[str]) -> bool:
    return (not only or any(code.startswith(o) for o in only)) and not any(code.startswith(s) for s in skip)


def _distinct(findings: list[Finding]) -> list[Finding]:
    """One finding a place, code and message."""
    seen: dict[tuple[object, ...], Finding] = {}
    for finding in findings:
        seen.setdefault((finding.code, finding.place, finding.found, finding.message), finding)
    return list(seen.values())


def _ordered(findings: list[Finding], report: Report) -> list[Finding]:
    """Errors first; within a severity by weight, then as the document goes."""
    sheets = {g.name: n for n, g in enumerate(report.source.grids)}

    def position(place: Place) -> tuple[object, ...]:
        row = int("".join(c for c in place.cell if c.isdigit())) if place.cell else 0
        return (
            sheets.get(place.sheet or "", -1),
            place.page or 0,
            place.line or place.paragraph or 0,
            row,
            place.cell or "",
        )

    return sorted(findings, key=lambda f: (_RANK[f.severity], -f.weight, position(f.place), f.code))
