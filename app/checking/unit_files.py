"""The files of 本级 and 下属单位 of a 部门: what to call them, and whether they can be added up."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

from app.knowledge.text import norm
from app.report.report import Report


def unit_names(units: list[Report]) -> list[str]:
    """What to call each unit: its name, with its file's where two bear one name or it states none."""
    names = [u.unit.value if u.unit else "" for u in units]
    return [
        name if name and names.count(name) == 1 else f"{name}（{file_name(u)}）" if name else file_name(u)
        for u, name in zip(units, names, strict=True)
    ]


def file_name(report: Report) -> str:
    """The name under which a report's file goes in places."""
    return next((t.grid.file for t in report.tables.values() if t.grid.file), None) or Path(report.source.path).name


def unfit(report: Report) -> str:
    """Why the units' files cannot be added up; ``""`` when they can."""
    if report.unread_units:
        return "；".join(report.unread_units)
    if strange := [u for u in report.units if report.year and u.year and u.year != report.year]:
        return f"“{file_name(strange[0])}”不是 {report.year} 年度的"
    if twice := next(iter(same_unit(report)), None):
        return f"“{file_name(twice[1])}”与“{file_name(twice[0])}”重复"
    return ""


def same_unit(report: Report) -> Iterator[tuple[Report, Report]]:
    """(earlier, later) of every two files that are one unit's, the department's own among them.

    本级 may bear the department's name: only equal figures make it the same file.
    """
    figures = [_figures(r) for r in (report, *report.units)]
    for n, unit in enumerate(report.units):
        alike = [report] if len(report.units) > 1 and figures[0] == figures[n + 1] and _same_name(report, unit) else []
        alike += [u for u in report.units[:n] if _same_name(u, unit)]
        if alike:
            yield alike[0], unit


def _same_name(a: Report, b: Report) -> bool:
    if Path(a.source.path).resolve() == Path(b.source.path).resolve():
        return True
    return bool(a.unit and b.unit and norm(a.unit.value) == norm(b.unit.value))


def _figures(report: Report) -> dict[tuple[str, str, str], Decimal]:
    return {
        (block.key, row.key, key): entry.amount.value * table.factor
        for table in report.tables.values()
        for block in table.blocks.values()
        for row in block.rows
        for key, entry in row.entries.items()
        if entry.amount is not None and entry.amount.value
    }
