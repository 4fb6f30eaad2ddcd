"""Reports made from a few lines of text (and, where needed, table cells) for cases of text rules."""

from typing import Any

from app.recognising.claims import read_claims
from app.recognising.prose import read_prose
from app.report.report import Report
from app.report.table import Stated
from app.source import Line, Place, Source
from tests.checking.cells import report_of


def text_report(case: dict[str, Any]) -> Report:
    """``text`` (lines), and optionally ``cells`` (see ``cells.py``), ``unit``, ``year``, ``form``."""
    report = report_of(case["cells"], case.get("form", "2022")) if case.get("cells") else Report(Source("案例", "text"), "text")
    lines = [Line(t, Place(line=n)) for n, t in enumerate(case["text"].splitlines(), 1) if t.strip()]
    report.source = Source("案例", "text", [*report.source.items, *lines])
    report.kind = "text"
    report.year = case.get("year", 2022)
    if case.get("unit"):
        report.unit = Stated(case["unit"], case["unit"], Place())
    report.prose = read_prose(report.source)
    report.claims = read_claims(report.prose)
    return report
