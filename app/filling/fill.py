"""Everything that a case asks to be filled in: cells of a workbook, placeholders of a report's text."""

from __future__ import annotations

from app.checking.finding import Fill
from app.report.report import Report


def fills(report: Report) -> list[Fill]:
    """All fills of a report, in order; those that could not be made bear the reason and no value."""
    found: list[Fill] = []
    if report.percents:
        from app.filling.cells import cell_fills

        found += cell_fills(report)
    return found
