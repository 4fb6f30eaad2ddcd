"""Chains of 功能分类 (类 款 项) as a document itself gives them: its tables, its 名词解释.

Names change between years, so only names that the document confirms raise an error (DOMAIN §9).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from app.knowledge.text import norm
from app.report.report import Report

_TABLES = ("支出表", "一般支出表", "收入表", "基金表", "国资表")
_EXPLAINED = re.compile(
    r"(?P<lei>[^,，。；:、\d\n.()]{2,30})\(类\)(?:支出)?(?P<kuan>[^,，。；:\n]{2,40}?)\(款\)(?:支出)?(?P<xiang>[^,，。；:\n]{2,60}?)\(项\)"
)


def bare(name: str) -> str:
    """A 科目 name as compared: without a trailing 支出, brackets in one kind."""
    text = norm(name).replace("（", "(").replace("）", ")")
    return text.removesuffix("支出") or text


@dataclass(frozen=True, slots=True)
class Chain:
    """One 项 with the names above it; ``code`` is empty where only 名词解释 gives it."""

    lei: str
    kuan: str
    xiang: str
    code: str = ""


def chains(report: Report) -> list[Chain]:
    """The chains of the tables; of 名词解释 where no table could be read."""
    names: dict[str, str] = {}
    for key in _TABLES:
        table = report.tables.get(key)
        for block in table.blocks.values() if table else ():
            for row in block.rows:
                if row.code and row.code.isdigit() and row.label:
                    names.setdefault(row.code, row.label)
    found = [
        Chain(names[code[:3]], names[code[:5]], name, code)
        for code, name in names.items()
        if len(code) == 7 and code[:3] in names and code[:5] in names
    ]
    return found or _explained(report)


def _explained(report: Report) -> list[Chain]:
    text = report.prose.text
    found: dict[Chain, None] = {}
    for section in report.prose.sections:
        if section.key == "名词解释" and section.level <= 1:
            for hit in _EXPLAINED.finditer(text, section.start, section.end):
                found.setdefault(Chain(hit["lei"], hit["kuan"], hit["xiang"]))
    return list(found)
