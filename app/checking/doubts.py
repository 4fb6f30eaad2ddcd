"""Tables of a report that were not read well enough to be checked: said once, not guessed at.

In a workbook every cell is certain. In a PDF, Word or text file a table with several columns and rows
that its form does not have is more likely misread than misprinted.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace

from app.checking.finding import Finding
from app.report.report import Report
from app.report.table import Problem, Table
from app.source import Place

_MOST = 3  # structural flaws of one table beyond which its reading is doubted
CODE = "R101"


def set_aside_doubtful(report: Report, findings: list[Finding]) -> list[Finding]:
    """Takes doubtful tables out of ``report.tables``; their findings become one reminder each."""
    by_table: dict[str, list[Finding]] = defaultdict(list)
    for finding in findings:
        key = next((k for k, t in report.tables.items() if _of(t, finding)), None)
        if key is None or (report.workbook and report.tables[key].grid.file == report.workbook):
            continue  # every cell of the workbook beside a report is certain
        if finding.severity == "error" and finding.code.startswith(("S2", "S3")):
            by_table[key].append(finding)
    doubtful = {k for k, found in by_table.items() if len(found) >= _MOST}
    if report.kind == "pdf":
        findings = [_softened(f) for f in findings]
    if not doubtful:
        return findings
    kept = [f for f in findings if not any(_of(report.tables[k], f) for k in doubtful)]
    for key in sorted(doubtful):
        table = report.tables.pop(key)
        title = table.title.value or key
        message = f"《{title}》在文件里没有读准（栏目或行对不上），没有核对；请同时提供公开表的 Excel 文件（--tables）"
        report.problems.append(Problem("table", key, table.title.place, message))
        kept.append(
            Finding(
                CODE, "表格没有读准", "warning", message, table.title.place, quote=table.title.text.strip(), table=title
            )
        )
    return kept


def _softened(finding: Finding) -> Finding:
    """In a PDF a row torn by the page's end looks like a wrong label: a reminder, not an error."""
    structural = finding.code.startswith(("S2", "S3")) and finding.severity == "error"
    return replace(finding, severity="warning") if structural else finding


def _of(table: Table, finding: Finding) -> bool:
    """Whether a finding speaks of this table, by name or by place."""
    if finding.table and finding.table == (table.title.value or table.key):
        return True
    return finding.place != Place() and finding.place == table.title.place
