"""Files that a case is compared with: last year's, and those of the units that make up a 部门."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from app.recognising.recognise import recognise
from app.report.report import Report
from app.source import Line, Source


def companion(source: Source, form: str | None = None, name: str = "") -> Report:
    """A file beside the one that is checked: every place in it bears its name (see ``names``)."""
    named(source, name)
    return recognise(source, form)


def names(own: Sequence[Path], others: Sequence[Path]) -> list[str]:
    """What to call each of ``others``: its name, with folders before it where another file is called so.

    The files that are checked (``own``) keep their names: a mark must never land in the wrong book.
    """
    found: list[str] = []
    for number, path in enumerate(others):
        parts = path.resolve().parts
        beside = [p for n, p in enumerate((*own, *others)) if n != len(own) + number and p.name == path.name]
        apart = [p.resolve().parts for p in beside if p.resolve() != path.resolve()]
        size = 1 + bool(beside)
        while size < len(parts) and any(other[-size:] == parts[-size:] for other in apart):
            size += 1
        found.append("/".join(parts[-size:]))
    return found


def named(source: Source, name: str = "") -> None:
    """Write the file's name (or ``name``) into every place of a source."""
    name = name or Path(source.path).name
    for item in source.items:
        if isinstance(item, Line):
            item.place = replace(item.place, file=name)
            continue
        item.file = name
        for cell in item.cells():
            if cell.place is not None:
                cell.place = replace(cell.place, file=name)
    source.problems = [(text, replace(place, file=name)) for text, place in source.problems]
