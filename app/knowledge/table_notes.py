"""What stands beneath the tables of the template (``resources/forms/notes.toml``)."""

from __future__ import annotations

import tomllib
from functools import cache

from app import paths
from app.knowledge.forms import TableForm


def note(table: TableForm) -> str:
    """The 注 of a table as its form prints it, without formulas of lines and columns."""
    return _data()[table.key]["lined" if table.lined else "plain"]


def none(table: TableForm, unit: str) -> str:
    """The statement of a table that may stay empty; ``""`` for one that may not."""
    return _data()[table.key].get("lined_none" if table.lined else "plain_none", "").replace("{unit}", unit)


@cache
def _data() -> dict[str, dict[str, str]]:
    text = (paths.resources() / "forms" / "notes.toml").read_text("utf-8")
    return {entry["key"]: entry for entry in tomllib.loads(text)["table"]}
