"""The findings contract ``juesuan-findings/1`` (DESIGN): keys and their order are stable.

A finding that the user has verified bears two keys more, ``verified`` and ``remark``.
"""

from __future__ import annotations

from pathlib import PurePath

from app.checking.finding import Checked, Finding
from app.report.report import Report
from app.writing import words

SCHEMA = "juesuan-findings/1"
_KEYS = (
    "code", "title", "severity", "message", "quote", "context", "found", "expected", "calculation",
    "table", "row", "column", "place", "fingerprint", "related", "consequences",
)  # fmt: skip


def dump(report: Report, checked: Checked) -> dict[str, object]:
    """Findings, fills and rules of one case as plain data, ready for ``json.dump``."""
    unit = report.unit.value if report.unit else None
    return {
        "schema": SCHEMA,
        "source": PurePath(report.source.path).name,
        "unit": unit,
        "year": report.year,
        "form": report.form,
        "kind": report.kind,
        "findings": [_finding(f, unit or "", report.year) for f in checked.findings],
        "fills": [fill.as_json() for fill in checked.fills],
        "rules": [rule.as_json() for rule in checked.rules],
    }


def _finding(finding: Finding, unit: str, year: int | None) -> dict[str, object]:
    signed = finding if finding.fingerprint else finding.signed(unit, year)
    data = signed.as_json()
    data["table"] = words.table_key(finding.table) or finding.table
    told: dict[str, object] = {key: data[key] for key in _KEYS}
    if finding.verified is not None:
        told |= {"verified": True, "remark": finding.verified}
    return told
