"""A report and the workbook with its tables as one case: the words of one, the tables of the other."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from app.knowledge.forms import KEYS
from app.knowledge.text import norm
from app.reading.errors import NoCase, Unreadable
from app.recognising.companions import named
from app.recognising.performance import read_performance
from app.recognising.recognise import recognise
from app.report.report import Report
from app.source import Place, Source

# What readers say of tables that are pictures, and what they ask for: the workbook is that.
_TABLES_UNREAD = re.compile(r"九张表无法核对|表内数字读不到|没有读准")
_ASKED = re.compile(r"[，；](?:请|或)同时提供[^。]*")


def one_case(words: Source, workbook: Source, form_key: str | None = None, *, one_unit: bool = False) -> Report:
    """The report that both mean; every place names its file.

    The workbook's tables are the ones checked, for a workbook is read without doubt; the report's
    own copies of them go to ``printed``, tables that only the report has are taken from there.
    Raises ``Unreadable`` when the workbook holds none of the nine tables, and with ``one_unit``
    ``NoCase`` when the two are of different units.
    """
    name = Path(workbook.path).name
    for source in (words, workbook):
        named(source)
    tables = recognise(workbook, form_key)
    if not tables.tables:
        raise Unreadable(f"--tables 给的“{name}”里没有找到决算公开表，请确认选对了文件、各表标题没有改动。")
    report = recognise(words, tables.form)
    if one_unit:
        _together(report, tables)
    report.workbook = name
    report.supplement = tables.supplement
    report.printed = {key: table for key, table in report.tables.items() if key in tables.tables}
    both = {**report.tables, **tables.tables}
    report.tables = {key: both[key] for key in KEYS if key in both}
    report.duplicates += tables.duplicates
    report.problems = tables.problems + report.problems
    report.decimals = tables.decimals
    report.unit, report.year = report.unit or tables.unit, report.year or tables.year
    report.performance = report.performance or read_performance(workbook)
    report.source = replace(
        words,
        items=[*workbook.items, *words.items],
        problems=[*workbook.problems, *_said(words, name)],
        external_links=[*words.external_links, *workbook.external_links],
    )
    return report


def _together(report: Report, tables: Report) -> None:
    """Whether the report speaks of the workbook's unit at all. Raises ``NoCase``."""
    if report.unit is None or tables.unit is None:
        return
    own, other = norm(report.unit.value), norm(tables.unit.value)
    if own in other or other in own or other in norm(report.prose.text):
        return
    raise NoCase(
        f"报告（{report.unit.value}）和工作簿（{tables.unit.value}）不是同一个单位的，没有合并校核，请分别校核。"
    )


def _said(words: Source, name: str) -> list[tuple[str, Place]]:
    """What could not be read of the report, without the request for the workbook that is there."""
    said = [(_ASKED.sub("", text), place) for text, place in words.problems if not _TABLES_UNREAD.search(text)]
    unread = next((place for text, place in words.problems if _TABLES_UNREAD.search(text)), None)
    if unread is not None:
        text = f"报告里的公开表读不到（图片），表内数字按工作簿“{name}”核对；请另行确认报告里的表与工作簿一致"
        said.append((text, unread))
    return said
