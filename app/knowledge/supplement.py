"""The shape of 补充资料 (``resources/forms/supplement.toml``): what the narrative needs besides the nine tables."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache

from app import paths


@dataclass(frozen=True, slots=True)
class SupplementColumn:
    """A column. ``type``: amount (万元), count, percent, score or text; ``look`` is the cell of the
    tables it repeats; ``top``/``base`` are the columns of a percent."""

    key: str
    header: str
    type: str = "amount"
    look: str = ""
    top: str = ""
    base: str = ""


@dataclass(frozen=True, slots=True)
class SupplementRow:
    """A fixed row. ``total``: the sum of the rows before it; ``apart``: no part of that sum; ``parts``:
    the rows whose sum it is, in columns that are typed. ``now`` is this year's cell of the tables,
    ``past`` where last year's file has it (``now`` if empty). ``choices`` are offered for its text."""

    key: str
    label: str
    type: str = ""
    now: str = ""
    past: str = ""
    total: bool = False
    apart: bool = False
    parts: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SupplementSection:
    """One section, which is one block of the notation (``上年[收支总计].上年数``).

    ``kind``: rows (fixed), codes (a 科目编码 each, and 合计行) or list (``size`` free rows).
    """

    key: str
    title: str
    kind: str
    label: str
    columns: tuple[SupplementColumn, ...]
    rows: tuple[SupplementRow, ...] = ()
    size: int = 0

    def column(self, key: str) -> SupplementColumn:
        """KeyError when there is none."""
        return {c.key: c for c in self.columns}[key]


@cache
def sections() -> tuple[SupplementSection, ...]:
    """All sections in order."""
    made = []
    for entry in _data()["section"]:
        facts = {k: v for k, v in entry.items() if k not in ("columns", "rows")}
        columns = tuple(SupplementColumn(**c) for c in entry["columns"])
        made.append(SupplementSection(columns=columns, rows=tuple(_row(r) for r in entry.get("rows", ())), **facts))
    return tuple(made)


def _row(entry: dict) -> SupplementRow:  # type: ignore[type-arg]
    listed = {k: tuple(entry[k]) for k in ("parts", "choices") if k in entry}
    return SupplementRow(**{**entry, **listed})


@cache
def section(key: str) -> SupplementSection:
    """The section of this key; KeyError when there is none."""
    return {s.key: s for s in sections()}[key]


def sheet_name() -> str:
    """The sheet that holds it."""
    return str(_data()["sheet"])


@cache
def _data() -> dict:  # type: ignore[type-arg]
    return tomllib.loads((paths.resources() / "forms" / "supplement.toml").read_text("utf-8"))
