"""The recognised nine tables by themselves: as data, and as a clean workbook."""

from __future__ import annotations

from pathlib import Path, PurePath

from app.knowledge import forms
from app.report.report import Report
from app.report.table import Block, Table
from app.writing.official import official
from app.writing.render_xlsxwriter import Book, render

SCHEMA = "juesuan-tables/1"


def tables_json(report: Report) -> dict[str, object]:
    """Per table key its ``columns`` and ``rows``; every row with ``code``, ``name`` and ``cells``.

    ``cells`` maps a column's key to the text printed there; a table of two sides tells them by
    ``block``. Tables stand in the order of the form; those not found are left out.
    """
    return {
        "schema": SCHEMA,
        "source": PurePath(report.source.path).name,
        "unit": report.unit.value if report.unit else None,
        "year": report.year,
        "form": report.form,
        "tables": {key: _table(report.tables[key]) for key in _order(report) if key in report.tables},
    }


def tables_xlsx(report: Report, path: Path) -> None:
    """The nine tables in official form, one sheet each and all nine in order, to ``path``.

    A table that was not found has its frame and says so. Raises ``OSError`` when ``path`` cannot
    be written.
    """
    book = Book(path)
    unit = report.unit.value if report.unit else ""
    for table_form in forms.form(_form(report)).tables:
        made = official(report.tables.get(table_form.key), table_form, unit, report.year)
        render(book, made.model)
    book.close()


def _form(report: Report) -> str:
    return report.form if report.form in forms.FORMS else forms.FORMS[0]


def _order(report: Report) -> list[str]:
    return [table.key for table in forms.form(_form(report)).tables]


def _table(table: Table) -> dict[str, object]:
    return {
        "title": table.title.text,
        "number": table.number.text if table.number else None,
        "money": table.money.value if table.money else None,
        "place": table.title.place.as_json(),
        "readable": table.readable,
        "columns": [
            {"block": block.key, "key": column.key, "header": column.text}
            for block in table.blocks.values()
            for column in block.columns
        ],
        "rows": [row for block in table.blocks.values() for row in _rows(block)],
    }


def _rows(block: Block) -> list[dict[str, object]]:
    keys = [column.key for column in block.columns]
    return [
        {
            "block": block.key,
            "code": row.code,
            "name": row.label,
            "cells": {key: row.entries[key].text if key in row.entries else "" for key in keys},
        }
        for row in block.rows
    ]
