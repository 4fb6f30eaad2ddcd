"""Everything that a case asks to be filled in: cells of a workbook, placeholders of a report's text."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace

from app.checking.finding import Checked, Fill, Finding
from app.checking.rulebook import rules
from app.knowledge.text import norm
from app.report.report import Report
from app.source import Place


def fill(report: Report, checked: Checked) -> None:
    """Adds the fills, and to what the template left behind what it should be."""
    found = fills(report)
    here: dict[Place, list[Fill]] = defaultdict(list)
    for one in found:
        if one.span is not None:
            here[one.place].append(one)
    # A PDF cannot be written into: there the values stand with the findings alone.
    checked.fills = [f for f in found if f.span is None or report.kind != "pdf"]
    if here:
        residue = {r.code for r in rules() if r.check == "residue"}
        done = "" if report.kind == "pdf" else "标注的文件里已填上，请核对"
        checked.findings = [_answered(f, here[f.place], done) if f.code in residue else f for f in checked.findings]


def fills(report: Report) -> list[Fill]:
    """All fills of a report, in order; those that could not be made bear the reason and no value."""
    found: list[Fill] = []
    if report.percents:
        from app.filling.cells import cell_fills

        found += cell_fills(report)
    if report.kind != "workbook":
        from app.filling.placeholders import placeholder_fills

        found += placeholder_fills(report)
    return found


def _answered(finding: Finding, here: list[Fill], done: str) -> Finding:
    """With what is to be filled in for the placeholders that the finding speaks of, where all are known."""
    same = [f for f in here if norm(f.found).removesuffix("%") == norm(finding.found).removesuffix("%")]
    if not same or not all(f.done for f in same):
        return finding
    return replace(finding, expected="、".join(dict.fromkeys(f.value for f in same)), advice=done)
