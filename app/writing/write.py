"""One result workbook for one checked file: her own workbook annotated in place where the format
allows it, a fresh copy where it does not, the workbook of a report for PDF, Word and text."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from app import outputs
from app.checking.finding import Checked
from app.report.report import Report
from app.source import Grid, Source
from app.writing.marks import marks
from app.writing.result_sheet import result_sheets

IN_PLACE = (".xlsx", ".xlsm")
REPORTS = (".pdf", ".docx", ".txt", ".md")


def write(source_path: Path, report: Report, checked: Checked, out: Path | None = None) -> list[Path]:
    """Write the result of ``source_path`` beside it or into the folder ``out``.

    Returns the files written, under the names they got. The input is only read. Raises
    ``outputs.Unwritable`` (a sentence for the clerk), or what reading the package raises.
    """
    with outputs.replacing(outputs.target(source_path, out)) as draft:
        if source_path.suffix.lower() in IN_PLACE:
            _in_place(source_path, report, checked, draft.temp)
        elif source_path.suffix.lower() in REPORTS:
            from app.writing.report_book import report_book

            report_book(report, checked, draft.temp)
        else:
            from app.writing.fresh import fresh

            fresh(_alone(report.source, source_path), report, checked, draft.temp)
    if source_path.suffix.lower() == ".docx":
        return [draft.path, *_commented(source_path, checked, out)]
    return [draft.path]


def _commented(source_path: Path, checked: Checked, out: Path | None) -> list[Path]:
    """The clerk's own Word file with comments; none where it cannot be edited (signed)."""
    from app.reading.errors import Unreadable
    from app.writing.word_comments import annotate

    try:
        with outputs.replacing(outputs.target(source_path, out, ".docx")) as draft:
            annotate(source_path, draft.temp, checked)
    except Unreadable:
        return []
    return [draft.path]


def _in_place(source_path: Path, report: Report, checked: Checked, temp: Path) -> None:
    from app.package.editor import annotate

    # The editor takes our old sheets out first and then finds free names, links included.
    sheets = result_sheets(report, checked, source_path.name)
    annotate(source_path, temp, marks(checked, source_path.name), sheets)


def _alone(source: Source, path: Path) -> Source:
    """Of a case of two files, what stands in the one at ``path``."""
    own = [item for item in source.items if not isinstance(item, Grid) or item.file in (None, path.name)]
    return replace(source, path=str(path), items=own)
