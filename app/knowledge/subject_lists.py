"""Lists of 科目: those of the documents at hand (``resources/subjects``) and official ones the user imported.

A list is a csv ``code,name,year,source``. An imported list stands in the user's data folder under
``subjects/功能分类-2024.csv``; for its year it is the whole truth, the built-in one only helps.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from app import paths
from app.knowledge.user import data_folder

KINDS = ("功能分类", "经济分类")
FIELDS = ("code", "name", "year", "source")


@dataclass(frozen=True, slots=True)
class Subject:
    """One entry: ``source`` names the documents that print it, or the imported file."""

    code: str
    name: str
    year: int
    source: str


def names(kind: str, year: int | None = None) -> dict[str, str]:
    """Code -> name: the imported list of that year over the built-in one (of the nearest year)."""
    found: dict[str, tuple[int, str]] = {}
    for one in built_in(kind):
        away = abs(one.year - (year or one.year))
        if one.code not in found or away < found[one.code][0]:
            found[one.code] = (away, one.name)
    known = {code: name for code, (_, name) in found.items()}
    return known | official(kind, year)


def official(kind: str, year: int | None) -> dict[str, str]:
    """Code -> name of the list imported for that year; empty when there is none."""
    path = list_path(kind, year) if year else None
    return {s.code: s.name for s in _read(path, path.stat().st_mtime_ns)} if path and path.is_file() else {}


def built_in(kind: str) -> tuple[Subject, ...]:
    """The entries of the documents at hand, by code and year."""
    return _read(paths.resources() / "subjects" / f"{kind}.csv", 0)


def list_path(kind: str, year: int) -> Path:
    """Where the imported list of a year stands."""
    return data_folder() / "subjects" / f"{kind}-{year}.csv"


def imported() -> list[tuple[str, int, int]]:
    """(kind, year, entries) of every imported list."""
    found = []
    for path in sorted((data_folder() / "subjects").glob("*-*.csv")):
        kind, _, year = path.stem.rpartition("-")
        if kind in KINDS and year.isdigit():
            found.append((kind, int(year), len(official(kind, int(year)))))
    return found


@lru_cache(maxsize=16)
def _read(path: Path, _changed: int) -> tuple[Subject, ...]:
    with path.open(encoding="utf-8", newline="") as file:
        return tuple(
            Subject(r["code"], r["name"], int(r["year"]), r["source"]) for r in csv.DictReader(file) if r["code"]
        )
