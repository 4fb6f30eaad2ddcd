"""Files that a case is compared with: last year's, and those of the units that make up a 部门."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from app.recognising.recognise import recognise
from app.report.report import Report
from app.source import Line, Source


def companion(source: Source, form: str | None = None) -> Report:
    """A file beside the one that is checked: every place in it bears its name."""
    named(source)
    return recognise(source, form)


def named(source: Source) -> None:
    """Write the file's name into every place of a source."""
    name = Path(source.path).name
    for item in source.items:
        if isinstance(item, Line):
            item.place = replace(item.place, file=name)
            continue
        item.file = name
        for cell in item.cells():
            if cell.place is not None:
                cell.place = replace(cell.place, file=name)
    source.problems = [(text, replace(place, file=name)) for text, place in source.problems]
