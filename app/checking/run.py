"""Checking: every rule on a report, findings in order of weight, and how each rule ended."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from app.checking import arithmetic
from app.checking.corrections import correct
from app.checking.doubts import set_aside_doubtful
from app.checking.finding import SEVERITIES, Checked, Consequence, Finding
from app.checking.rulebook import Rule, rules, run
from app.report.report import Report
from app.source import Place

_STALE = "F102"
_OFFICIAL = ("K1", "L102")
_RANK = {name: position for position, name in enumerate(SEVERITIES)}


def check(report: Report, only: Collection[str] = (), skip: Collection[str] = ()) -> Checked:
    """All findings of a report. ``only`` and ``skip`` name rules by code or its beginning (``A1``)."""
    chosen = [r for r in rules(report.kind != "workbook") if _wanted(r.code, only, skip)]
    checked = Checked()
    _carry_out([r for r in chosen if r.check and not r.narrative], report, checked)
    if report.kind != "workbook":
        checked.findings = set_aside_doubtful(report, checked.findings)
    # What the structure checks know for certain is put right, so that one slip stays one error.
    correct(report)
    done = arithmetic.evaluate([r for r in chosen if r.formula], report)
    checked.findings = _grouped(checked.findings, [f for f in done.findings if _wanted(f.code, only, skip)])
    checked.rules += done.results
    _carry_out([r for r in chosen if r.narrative], report, checked)
    unit = report.unit.value if report.unit else ""
    checked.findings = _once(checked.findings)
    checked.findings = [f.signed(unit, report.year) for f in _ordered(_distinct(checked.findings), report)]
    checked.rules.sort(key=lambda r: r.code)
    return checked


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
