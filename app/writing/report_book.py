"""The workbook of a checked report (PDF, Word, text): 总览 with charts, 问题清单, the nine tables
rebuilt in official form with marks and notes, 文字核对, 校核规则."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from app.checking.finding import Checked, Finding
from app.filling.quantities import Part
from app.knowledge import forms
from app.numbers import letters
from app.report.report import Report
from app.report.table import Entry, Table
from app.source import Place
from app.writing import rules_sheet, words
from app.writing.claims_sheet import claims_sheet
from app.writing.fills_sheet import fills_sheet
from app.writing.layout import quoted
from app.writing.model import MARKS, SheetCell
from app.writing.note_text import note
from app.writing.official import Official, official
from app.writing.overview import Chart, overview
from app.writing.percent_sheet import percent_sheet
from app.writing.render_xlsxwriter import Book, render
from app.writing.result_sheet import result_sheet

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet  # type: ignore[import-untyped]

FINDINGS_NAME = "问题清单"
_CHART_SIZE = (490, 310)  # pixels: four columns of 总览, sixteen rows
_COLORS = ("#1F6FB2", "#E08E45", "#6BA368", "#B5637A", "#8C8C8C", "#C9B458", "#5B5EA6")


@dataclass(slots=True)
class _Rebuilt:
    """The nine tables as sheets, and where everything stands in them."""

    sheets: dict[str, Official] = field(default_factory=dict)
    entries: dict[int, str] = field(default_factory=dict)  # id(entry) -> 'sheet'!C5
    places: dict[Place, str] = field(default_factory=dict)
    values: dict[tuple[Place, Decimal], str] = field(default_factory=dict)


def report_book(report: Report, checked: Checked, path: Path) -> None:
    """Write the workbook to ``path``. Raises ``OSError`` when it cannot be written."""
    file_name = PurePath(report.source.path).name
    form = forms.form(report.form if report.form in forms.FORMS else forms.FORMS[0])
    unit = report.unit.value if report.unit else ""
    rebuilt = _Rebuilt()
    for table_form in form.tables:
        table = report.tables.get(table_form.key)
        _add(rebuilt, table_form.key, official(table, table_form, unit, report.year), table)
    spots = _mark(rebuilt, report, checked)
    claims, claimed = claims_sheet(report, checked, rebuilt.values, rebuilt.places)
    book = Book(path)
    front = overview(report, checked, form, rebuilt.entries, file_name)
    sheet = render(book, front.sheet)
    for chart in front.charts:
        _insert(book, sheet, front.sheet.name, chart)

    def link(finding: Finding) -> str:
        return spots.get(id(finding)) or claimed.get(id(finding)) or rebuilt.places.get(finding.place, "")

    rules_name = rules_sheet.NAME if checked.rules else ""
    render(book, result_sheet(report, checked, file_name, FINDINGS_NAME, rules_name, link=link))
    for made in rebuilt.sheets.values():
        render(book, made.model)
    if claims is not None:
        render(book, claims)
    percents = percent_sheet(report, _where(rebuilt))
    for more in (percents, fills_sheet(checked.fills, file_name, link=lambda fill: rebuilt.places.get(fill.place, ""))):
        if more is not None:
            render(book, more)
    if checked.rules:
        render(book, rules_sheet.rules_sheet(checked.rules))
    book.close()


def _add(rebuilt: _Rebuilt, name: str, made: Official, table: Table | None) -> None:
    rebuilt.sheets[name] = made
    rebuilt.entries |= {key: _reference(name, spot) for key, spot in made.entries.items()}
    for place, spot in made.where.items():
        rebuilt.places.setdefault(place, _reference(name, spot))
    rows = [row for block in table.blocks.values() for row in block.rows] if table else []
    for entry in (e for row in rows for e in row.entries.values()):
        if entry.amount is not None and id(entry) in made.entries:
            rebuilt.values.setdefault((entry.place, entry.amount.value), rebuilt.entries[id(entry)])


def _reference(sheet: str, spot: tuple[int, int]) -> str:
    return f"{quoted(sheet)}!{letters(spot[1])}{spot[0] + 1}"


def _where(rebuilt: _Rebuilt) -> Callable[[Part], str]:
    return lambda part: rebuilt.entries.get(id(part.entry), "") if part.entry is not None else ""


def _mark(rebuilt: _Rebuilt, report: Report, checked: Checked) -> dict[int, str]:
    """Fill and note on the rebuilt cell of each finding; by id() of the finding where that is."""
    at: dict[tuple[str, tuple[int, int]], list[Finding]] = {}
    found: dict[int, str] = {}
    for finding in words.heaviest_first(checked.findings):
        spot = _spot(rebuilt, report, finding)
        if spot is not None:
            at.setdefault(spot, []).append(finding)
            found[id(finding)] = _reference(*spot)
    for (name, (row, column)), some in at.items():
        rows = rebuilt.sheets[name].model.rows
        cell = rows[row][column] or SheetCell(None)
        fill, color = MARKS[words.level(some[0])]
        rows[row][column] = replace(
            cell, style=replace(cell.style, fill=fill, color=color), note=note(some, f"“{FINDINGS_NAME}”工作表")
        )
    return found


def _spot(rebuilt: _Rebuilt, report: Report, finding: Finding) -> tuple[str, tuple[int, int]] | None:
    """The rebuilt cell of a finding: its entry when one fits, else what else stands at its place."""
    named = words.table_key(finding.table)
    names = [named] if named in rebuilt.sheets else list(rebuilt.sheets)
    for name in names:
        made, table = rebuilt.sheets[name], report.tables.get(name)
        entry = _entry(table, finding) if table else None
        if entry is not None and id(entry) in made.entries:
            return name, made.entries[id(entry)]
        if finding.place in made.where:
            return name, made.where[finding.place]
    return None


def _entry(table: Table, finding: Finding) -> Entry | None:
    """In a text all entries of a row stand on one line: the column, then the words tell them apart."""
    here = [
        (column.key, column.text, entry)
        for block in table.blocks.values()
        for row in block.rows
        for column in block.columns
        if (entry := row.entries.get(column.key)) is not None and entry.place == finding.place
    ]
    if len(here) > 1 and finding.column:
        here = [h for h in here if finding.column in h[:2]] or here
    if len(here) > 1:
        here = [h for h in here if h[2].text.strip() in (finding.found, finding.quote)] or here
    return here[0][2] if len(here) == 1 else None


def _insert(book: Book, sheet: Worksheet, name: str, chart: Chart) -> None:
    """A native chart, with values on it: it is to be read on paper too."""
    made = book.workbook.add_chart({"type": chart.kind})
    labels: dict[str, object] = {"value": True, "num_format": "#,##0.00", "font": {"size": 9}}
    if chart.kind == "pie":
        labels = {
            "percentage": True,
            "category": True,
            "separator": "\n",
            "position": "outside_end",
            "font": {"size": 9},
        }
    for number, (title, values) in enumerate(chart.series):
        series: dict[str, object] = {
            "name": [name, *title],
            "categories": [name, *chart.categories],
            "values": [name, *values],
            "data_labels": labels,
        }
        if chart.kind == "pie":
            series["points"] = [{"fill": {"color": color}} for color in _COLORS]
        else:
            series |= {"fill": {"color": _COLORS[number]}, "gap": 80}
        made.add_series(series)
    made.set_title({"name": chart.title, "name_font": {"size": 12, "bold": True}, "overlay": False})
    made.set_legend({"position": "bottom"})
    if chart.kind == "column":
        made.set_y_axis(
            {"min": 0, "num_format": "#,##0", "major_gridlines": {"visible": True, "line": {"color": "#E5E5E5"}}}
        )
    made.set_size({"width": _CHART_SIZE[0], "height": _CHART_SIZE[1]})
    sheet.insert_chart(chart.row, chart.column, made, {"object_position": 1, "description": chart.title})
