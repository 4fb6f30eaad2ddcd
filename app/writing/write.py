"""One result workbook for one checked file: her own workbook annotated in place where the format
allows it, a fresh copy where it does not, the workbook of a report for PDF, Word and text."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

from app import outputs
from app.checking.finding import Checked
from app.report.report import Report
from app.source import Grid, Source
from app.writing import layout
from app.writing.fills_sheet import fills_sheet
from app.writing.marks import marks
from app.writing.model import SheetModel
from app.writing.percent_sheet import cell_reference, has_own, percent_sheet
from app.writing.result_sheet import result_sheets

IN_PLACE = (".xlsx", ".xlsm")


def write(
    source_path: Path,
    report: Report,
    checked: Checked,
    out: Path | None = None,
    say: Callable[[str], None] = lambda _: None,
) -> list[Path]:
    """Write the results of ``source_path`` beside it or into the folder ``out``.

    ``source_path`` is the file of the report, or the workbook that makes one case with it. Returns
    the files written, under the names they got. The input is only read. ``say`` is told, in a
    sentence for the clerk, what was not written and why. Raises ``outputs.Unwritable`` (such a
    sentence, too), or what reading the package raises.
    """
    kind = report.kind if source_path == Path(report.source.path) else "workbook"
    with outputs.replacing(outputs.target(source_path, out)) as draft:
        if kind != "workbook":
            from app.writing.report_book import report_book

            report_book(report, checked, draft.temp)
        elif source_path.suffix.lower() in IN_PLACE:
            _in_place(source_path, report, checked, draft.temp)
        else:
            from app.writing.fresh import fresh

            alone = _alone(report.source, source_path)
            sheets = own_sheets(report, checked, source_path.name, [grid.name for grid in alone.grids])
            fresh(alone, report, checked, draft.temp, sheets)
    if kind == "word":
        return [draft.path, *_commented(source_path, checked, out, say)]
    if kind == "text":
        return [draft.path, *_filled_text(source_path, checked, out)]
    return [draft.path]


def own_sheets(report: Report, checked: Checked, file_name: str, taken: Iterable[str] = ()) -> list[SheetModel]:
    """The sheets put behind hers: 校核结果, 自动填充, 百分比, 校核规则, under names not in ``taken``."""
    used = {name.casefold() for name in taken}
    first, *rules = result_sheets(report, checked, file_name, used)
    used |= {sheet.name.casefold() for sheet in (first, *rules)}
    percents = None if has_own(report) else percent_sheet(report, cell_reference(file_name))
    more = [sheet for sheet in (fills_sheet(checked.fills, file_name), percents) if sheet is not None]
    for sheet in more:
        sheet.name = layout.free(sheet.name, used)
    return [first, *more, *rules]


def _filled_text(source_path: Path, checked: Checked, out: Path | None) -> list[Path]:
    """The clerk's own text with its placeholders filled; none where there is nothing to fill."""
    if not any(f.done and f.span for f in checked.fills):
        return []
    from app.writing.text_filling import fill_text

    suffix = source_path.suffix.lower() if source_path.suffix.lower() in (".txt", ".md") else ".txt"
    with outputs.replacing(outputs.target(source_path, out, suffix)) as draft:
        fill_text(source_path, draft.temp, checked.fills)
    return [draft.path]


def _commented(source_path: Path, checked: Checked, out: Path | None, say: Callable[[str], None]) -> list[Path]:
    """The clerk's own Word file with comments; none, and why, where it must not be edited."""
    from app.writing.word_comments import annotate, refusal

    if why := refusal(source_path):
        say(why)
        return []
    with outputs.replacing(outputs.target(source_path, out, ".docx")) as draft:
        annotate(source_path, draft.temp, checked)
    return [draft.path]


def _in_place(source_path: Path, report: Report, checked: Checked, temp: Path) -> None:
    from app.package.editor import annotate

    # The editor takes our old sheets out first and then finds free names, links included.
    annotate(source_path, temp, marks(checked, source_path.name), own_sheets(report, checked, source_path.name))


def _alone(source: Source, path: Path) -> Source:
    """Of a case of two files, what stands in the one at ``path``."""
    own = [item for item in source.items if not isinstance(item, Grid) or item.file in (None, path.name)]
    return replace(source, path=str(path), items=own)
