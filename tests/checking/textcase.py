"""Reports made from a few lines of text (and, where needed, table cells) for cases of text rules."""

from typing import Any

from app.recognising.claims import read_claims
from app.recognising.performance import read_performance
from app.recognising.prose import read_prose
from app.report.report import Report
from app.report.table import Stated
from app.source import Line, Place, Source
from tests.checking.cells import report_of

_TABLE = {"3": "基本支出表", "2": "一般支出表"}


def _cells(chains: str) -> tuple[str, dict[str, str]]:
    """``221 住房保障支出 27.76`` to a cell and a name; without an amount the row prints 1.00."""
    cells, names = [], {}
    for part in chains.split(";"):
        code, name, *amount = part.split()
        column = "合计" if code[0] == "2" else "决算数"
        cells.append(f"{_TABLE[code[0]]}[{code}].{column} {amount[0] if amount else '1.00'}")
        names[code] = name
    return "; ".join(cells), names


def _two_files(report: Report, case: dict[str, Any], lines: list[Line]) -> None:
    """``printed``: the report's own cells, at the lines that print them; ``headed``: unit and year of
    the workbook, found in the lines, too."""

    def line(text: str) -> Place:
        return next((each.place for each in lines if text and text in each.text), Place(line=1))

    report.workbook = "公开表.xlsx"
    report.printed = report_of(case["printed"], case.get("form", "2022")).tables if case.get("printed") else {}
    for table in report.printed.values():
        table.title = Stated(lines[0].text, lines[0].text, lines[0].place)
        for row in (r for b in table.blocks.values() for r in b.rows):
            row.place = line(row.code or row.label)
            for entry in row.entries.values():
                entry.place = line(entry.text)
    for table in report.tables.values():
        table.grid.file = report.workbook
        if case.get("headed"):
            unit, year = case["headed"].split()
            table.unit_name = Stated(unit, unit, line(unit))
            table.year = Stated(year, year, line(year))


def text_report(case: dict[str, Any]) -> Report:
    """``text`` (lines), and optionally ``cells`` (see ``cells.py``) or ``chains`` (code, name, amount),
    ``unit``, ``year``, ``form``; for two files ``printed`` and ``headed``."""
    cells, names = _cells(case["chains"]) if case.get("chains") else (case.get("cells", ""), {})
    report = report_of(cells, case.get("form", "2022")) if cells else Report(Source("案例", "text"), "text")
    for row in (r for t in report.tables.values() for b in t.blocks.values() for r in b.rows):
        row.label = names.get(row.key, row.label)
    lines = [Line(t, Place(line=n)) for n, t in enumerate(case["text"].splitlines(), 1) if t.strip()]
    report.source = Source("案例", "text", [*report.source.items, *lines])
    report.kind = "text"
    report.year = case.get("year", 2022)
    if case.get("unit"):
        report.unit = Stated(case["unit"], case["unit"], Place())
    if case.get("statement"):  # table key and line: that line is the table's title
        key, number = case["statement"].split()
        report.tables[key].title = Stated(
            lines[int(number) - 1].text, lines[int(number) - 1].text, Place(line=int(number))
        )
    if case.get("printed") or case.get("headed"):
        _two_files(report, case, lines)
    report.prose = read_prose(report.source)
    report.claims = read_claims(report.prose)
    report.performance = read_performance(report.source)
    return report
