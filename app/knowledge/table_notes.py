"""What stands beneath the tables of the template (``resources/forms/notes.toml``)."""

from __future__ import annotations

import tomllib
from functools import cache

from app import paths
from app.knowledge.forms import TableForm


def note(table: TableForm) -> str:
    """The 注 of a table as its form prints it, without formulas of lines and columns."""
    return _of(table)["note"][table.key]


def none(table: TableForm, unit: str) -> str:
    """The statement of a table that may stay empty; ``""`` for one that may not."""
    return _of(table)["none"].get(table.key, "").format(unit=unit)


def _of(table: TableForm) -> dict[str, dict[str, str]]:
    return _data()["lined" if table.lined else "plain"]


@cache
def _data() -> dict[str, dict[str, dict[str, str]]]:
    return tomllib.loads((paths.resources() / "forms" / "notes.toml").read_text("utf-8"))
