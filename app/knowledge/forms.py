"""The shapes of the nine tables (``resources/forms``): titles, numbers, columns, rows.

``tables.toml`` holds what all forms share; ``2021``, ``2022`` and ``shanghai`` what differs.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from typing import Any

from app import paths
from app.knowledge.text import label, norm

KEYS = ("收支总表", "收入表", "支出表", "财拨总表", "一般支出表", "基本支出表", "基金表", "国资表", "三公表")
FORMS = ("2022", "2021", "shanghai")


@dataclass(frozen=True, slots=True)
class ColumnForm:
    """A column: canonical ``key``; ``headers`` as they may be printed, the official one first."""

    key: str
    headers: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The headers as compared."""
        return tuple(norm(h) for h in self.headers)


@dataclass(frozen=True, slots=True)
class RowForm:
    """A fixed row of a 总表: ``number`` is its 行次, None where the form prints none."""

    key: str
    label: str
    aliases: tuple[str, ...] = ()
    number: int | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """The labels as compared, without ordinals."""
        return tuple(label(t) for t in (self.label, *self.aliases))


@dataclass(frozen=True, slots=True)
class BlockForm:
    """One side or half of a table."""

    key: str
    columns: tuple[ColumnForm, ...]
    rows: tuple[RowForm, ...] = ()

    def column(self, key: str) -> ColumnForm | None:
        return next((c for c in self.columns if c.key == key), None)

    def row(self, key: str) -> RowForm | None:
        return next((r for r in self.rows if r.key == key), None)


@dataclass(frozen=True, slots=True)
class TableForm:
    """One table of a form. ``kind``: sides | codes | pairs | cells (see ``tables.toml``)."""

    key: str
    kind: str
    title: str
    titles: tuple[str, ...]
    number: str
    blocks: tuple[BlockForm, ...]

    @property
    def lined(self) -> bool:
        """Whether the form prints 行次 and 栏次 (and 公开NN表)."""
        return self.number.startswith("公开")

    def block(self, key: str) -> BlockForm | None:
        return next((b for b in self.blocks if b.key == key), None)


@dataclass(frozen=True, slots=True)
class Form:
    """A whole form; ``tables`` in the order in which it prints them."""

    key: str
    name: str
    tables: tuple[TableForm, ...]

    def table(self, key: str) -> TableForm:
        """The form of a table; KeyError when there is no such key."""
        for table in self.tables:
            if table.key == key:
                return table
        raise KeyError(key)


def _load(name: str) -> dict[str, Any]:
    return tomllib.loads((paths.resources() / "forms" / f"{name}.toml").read_text("utf-8"))


def _block(entry: dict[str, Any], kept: list[str] | None, sides: list[dict[str, Any]]) -> BlockForm:
    columns = {c["key"]: ColumnForm(c["key"], tuple(c["headers"])) for c in entry["columns"]}
    rows: list[dict[str, Any]] = next((r["rows"] for r in sides if r["block"] == entry["key"]), [])
    return BlockForm(
        entry["key"],
        tuple(columns[k] for k in kept or columns),
        tuple(RowForm(r["key"], r["label"], tuple(r.get("aliases", ())), r.get("number")) for r in rows),
    )


@cache
def form(key: str) -> Form:
    """The form of this key (one of ``FORMS``); FileNotFoundError when there is none."""
    data = _load(key)
    shared = {t["key"]: t for t in _load("tables")["table"]}
    tables = []
    for own in data["tables"]:
        entry = shared[own["key"]]
        official = own.get("title", entry["title"])
        names = tuple(dict.fromkeys([official, entry["title"], *entry["aliases"]]))
        blocks = tuple(_block(b, own.get("columns"), data["rows"]) for b in entry["block"])
        tables.append(TableForm(own["key"], entry["kind"], official, names, own["number"], blocks))
    return Form(data["key"], data["name"], tuple(tables))


@cache
def titles() -> tuple[tuple[str, str], ...]:
    """(compared title, table key) of every form, the longest first."""
    found = {norm(t): table.key for key in FORMS for table in form(key).tables for t in table.titles}
    return tuple(sorted(found.items(), key=lambda item: -len(item[0])))


BLOCK_TABLE = {
    "收支总表收入": "收支总表", "收支总表支出": "收支总表", "收入表": "收入表", "支出表": "支出表",
    "财拨总表收入": "财拨总表", "财拨总表支出": "财拨总表", "一般支出表": "一般支出表",
    "基本支出表": "基本支出表", "基金表": "基金表", "国资表": "国资表", "三公预算": "三公表", "三公决算": "三公表",
}  # fmt: skip
