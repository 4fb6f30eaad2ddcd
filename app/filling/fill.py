"""Everything that a case asks to be filled in: cells of a workbook, placeholders of a report's text."""

from __future__ import annotations

from collections import defaultdict

from app.checking.finding import Checked, Fill, Finding
from app.checking.rulebook import rules
from app.knowledge.text import norm
from app.report.report import Report
from app.source import Place


def fill(report: Report, checked: Checked) -> None:
    """Adds the fills; a placeholder that is filled in is no residue of the template any more."""
    checked.fills = fills(report)
    done: dict[Place, list[Fill]] = defaultdict(list)
    for one in checked.fills:
        if one.span is not None:
            done[one.place].append(one)
    if done:
        residue = {r.code for r in rules() if r.check == "residue"}
        checked.findings = [
            f for f in checked.findings if not (f.code in residue and _filled(f, done.get(f.place, [])))
        ]


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


def _filled(finding: Finding, here: list[Fill]) -> bool:
    """Whether every placeholder of its paragraph that the finding speaks of is filled in."""
    same = [f for f in here if norm(f.found).removesuffix("%") == norm(finding.found).removesuffix("%")]
    return bool(same) and all(f.done for f in same)
