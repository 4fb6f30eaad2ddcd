"""科目 against the official list of the year, where the user imported one (``juesuan subjects import``)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import get_close_matches

from app.checking.code_evidence import same_name
from app.checking.evidence import finding, named
from app.checking.finding import Finding, Related
from app.checking.rulebook import Context, NotApplicable, check
from app.knowledge.subject_lists import official
from app.report.table import Row, Table

_CODED = ("收入表", "支出表", "一般支出表", "基金表", "国资表")


@check("official_codes")
def official_codes(context: Context) -> Iterator[Finding]:
    """A code that the official list of the year does not have; one finding a code."""
    for code, rows, names in _codes(context):
        context.saw()
        # 219 has 款 only: what software prints beneath one (2199900) is in no list
        if code not in names and not (code.startswith("219") and code[:5] in names):
            table, row = rows[0]
            right = [c for c, name in names.items() if row.label and same_name(name) == same_name(row.label)]
            near = right or get_close_matches(code, [c for c in names if len(c) == len(code)], 1, 0.8)
            advice = f"，“{names[near[0]]}”的编码是 {near[0]}" if right else ""
            yield finding(
                f"{named(table)} 的科目编码 {code}（{row.label}），应为 {context.report.year} 年科目表里的编码：表中没有这个编码{advice}。",
                row.code_place or row.place,
                quote=code,
                context=f"{code} {row.label}",
                found=code,
                expected=near[0] if right else "",
                table=named(table),
                row=f"{code} {row.label}",
                related=_others(rows),
            )


@check("official_names")
def official_names(context: Context) -> Iterator[Finding]:
    """A name that differs from the official list's; one finding a code and name."""
    for code, rows, names in _codes(context):
        wrong = [(t, r) for t, r in rows if code in names and r.label and same_name(r.label) != same_name(names[code])]
        context.saw()
        if wrong:
            table, row = wrong[0]
            yield finding(
                f"{named(table)} 的科目 {code}“{row.label}”，应为“{names[code]}”：{context.report.year} 年科目表中这个编码的名称。",
                row.place,
                quote=row.label,
                context=f"{code} {row.label}",
                found=row.label,
                expected=names[code],
                table=named(table),
                row=f"{code} {row.label}",
                related=_others(wrong),
            )


def _codes(context: Context) -> Iterator[tuple[str, list[tuple[Table, Row]], dict[str, str]]]:
    """Every code of the tables with its rows and the list it must be in."""
    report = context.report
    lists = {kind: official(kind, report.year) for kind in ("功能分类", "经济分类")}
    if not any(lists.values()):
        raise NotApplicable("没有导入本年的官方科目表（juesuan subjects import）")
    for kind, keys in (("功能分类", _CODED), ("经济分类", ("基本支出表",))):
        found: dict[str, list[tuple[Table, Row]]] = {}
        for key in keys if lists[kind] else ():
            table = report.tables.get(key)
            for row in (r for b in table.blocks.values() for r in b.rows) if table else ():
                if table and row.code and re.fullmatch(r"\d{3}(\d{2}){0,2}", row.code):
                    found.setdefault(row.code, []).append((table, row))
        for code, rows in found.items():
            yield code, rows, lists[kind]


def _others(rows: list[tuple[Table, Row]]) -> tuple[Related, ...]:
    return tuple(Related(r.code_place or r.place, f"{r.code} {r.label}") for _, r in rows[1:])
