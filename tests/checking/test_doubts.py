"""A table of a report that was misread is said once, and not guessed at."""

from app.checking.doubts import CODE, set_aside_doubtful
from app.checking.finding import Finding
from app.source import Place
from tests.checking.cells import report_of


def flaw(code: str, table: str) -> Finding:
    return Finding(code, "栏目", "error", "不对", Place(page=3), table=table)


def test_many_structural_flaws_of_one_table_become_one_reminder() -> None:
    report = report_of("支出表[合计行].合计 5.00; 收入表[合计行].合计 5.00")
    title = report.tables["支出表"].title.value
    kept = set_aside_doubtful(
        report, [flaw("S201", title), flaw("S202", title), flaw("S203", title), flaw("S201", "收入决算表")]
    )
    assert [(f.code, f.severity) for f in kept] == [("S201", "error"), (CODE, "warning")]
    assert "支出表" not in report.tables and "收入表" in report.tables


def test_two_flaws_are_errors_of_the_document() -> None:
    report = report_of("支出表[合计行].合计 5.00")
    title = report.tables["支出表"].title.value
    found = [flaw("S201", title), flaw("S202", title)]
    assert set_aside_doubtful(report, found) == found


def test_in_a_pdf_a_single_structural_flaw_is_a_reminder() -> None:
    report = report_of("支出表[合计行].合计 5.00")
    report.kind = "pdf"
    found = set_aside_doubtful(report, [flaw("S203", "支出决算表"), flaw("S403", "支出决算表")])
    assert [(f.code, f.severity) for f in found] == [("S203", "warning"), ("S403", "error")]
