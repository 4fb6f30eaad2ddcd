"""The examples of a rule as small tables: amounts, edits of a sheet, or passages of a text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape
from itertools import groupby
from typing import TYPE_CHECKING, Any

from app.ui import theme

if TYPE_CHECKING:
    from app.checking.rulebook import Rule

_MOST = 4  # examples of either kind
_LINES = 10  # of a text, beyond which only what stands around the passage is shown
_WRONG, _WRONG_GROUND = "#9C0006", "#FFC7CE"
_RIGHT = "#006100"
_CELL = re.compile(r"(?P<block>[^\[\];]+)\[(?P<row>[^\]]+)\]\.(?P<column>\S+)\s+(?P<value>\S.*)")
_FACTS = {"unit": "单位名称", "year": "年度", "headed": "表头写的是"}
_TABLES = {"cells": "公开表里的数", "printed": "报告里的表", "chains": "公开表里的科目"}
_SHEETS = {
    "九表": "一套完整的九张公开表", "收支总表": "收入支出决算总表", "财拨总表": "财政拨款收支总表",
    "一般支出表": "一般公共预算支出表", "基金表": "政府性基金表", "国资表": "国有资本表",
}  # fmt: skip
_EDITS = re.compile(r"；(?=\s*(?:[^!；]+!)?(?:[A-Z]+\d+ |删去|隐藏|第 \d+ 行|链接|再来))")
_LEVELS = {"error": "这一种是错误", "warning": "这一种只作提醒", "info": "这一种只作信息"}
Cell = tuple[str, str, str, str, str]  # whose, table, row, column, value


def examples(rule: Rule) -> list[str]:
    """The parts of the page that show what is right and what is wrong."""
    parts = []
    for wrong, cases in ((False, rule.passing), (True, rule.failing)):
        if not cases:
            continue
        ink, sign, word = (_WRONG, "✖", "错误的例子") if wrong else (_RIGHT, "✓", "正确的例子")
        parts.append(f'<h4 style="margin:14px 0 4px 0;color:{ink}">{sign} {word}</h4>')
        parts += _shown(rule, cases[:_MOST], wrong)
    return parts


def _shown(rule: Rule, cases: Sequence[Any], wrong: bool) -> list[str]:
    """Examples of one kind: of texts one by one, of amounts one by one, edits of sheets in one table."""
    parts, edits = [], []
    for position, case in enumerate(cases):
        if isinstance(case, dict):
            parts.append(_of_text(case, rule.severity if wrong else ""))
        elif cells := _cells(str(case)):
            right = rule.passing[min(position, len(rule.passing) - 1)] if wrong and rule.passing else None
            parts.append(_of_cells(cells, set(_cells(right)) if isinstance(right, str) else None))
        else:
            edits.append(str(case))
    return [*parts, _of_sheets(edits)] if edits else parts


def _cells(text: str) -> list[Cell]:
    """The amounts of a case; empty where it is none of amounts. ``‖`` parts the 部门 from its units."""
    owners = text.split("‖")
    found: list[Cell] = []
    for number, owned in enumerate(owners):
        owner = "" if len(owners) == 1 else "部门" if number == 0 else f"单位 {number}"
        for part in owned.split(";"):
            hit = _CELL.fullmatch(part.strip())
            if hit is None:
                return []
            found.append((owner, hit["block"].strip(), hit["row"], hit["column"], hit["value"]))
    return found


def _of_cells(cells: Sequence[Cell], before: set[Cell] | None) -> str:
    """Amounts as a table; those that differ from the right example are marked."""
    from app.ui.rule_page import BLOCKS, row_name

    shown = []
    for cell in cells:
        owner, block, row, column, value = cell
        wrong = before is not None and cell not in before
        shown.append(([owner, BLOCKS.get(block, block), row_name(block, row), column, value], wrong))
    heads = ["文件", "表", "行", "栏", "金额"]
    keep = [n for n in range(5) if n or any(row[0] for row, _ in shown)]
    rows = ["".join(_head(heads[n], right=n == 4) for n in keep)]
    for row, wrong in shown:
        bad = [wrong and n == 4 for n in keep]
        rows.append(
            "".join(
                _data(escape(row[n]), right=n == 4, ink=_WRONG if b else "", ground=_WRONG_GROUND if b else theme.PAPER)
                for n, b in zip(keep, bad, strict=True)
            )
        )
    return _table(rows)


def _of_sheets(cases: Sequence[str]) -> str:
    """Edits of small sheets, and the places where the program marks them."""
    marked = any("⇒" in case for case in cases)
    rows = ["".join(_head(h) for h in ("表", "改成这样", *(["标在"] if marked else [])))]
    for case in cases:
        head, _, places = case.partition("⇒")
        names, _, edits = head.strip().partition("：")
        changes = "<br>".join(escape(_edit(edit)) for edit in _EDITS.split(edits) if edit)
        row = _data(escape(_sheet(names.strip()))) + _data(changes or "不改")
        if marked:
            where = dict.fromkeys(places.strip().replace("全文", "整份文件").split())
            row += _data(escape("、".join(where).replace("!", " ")), ink=_WRONG)
        rows.append(row)
    return _table(rows)


def _sheet(names: str) -> str:
    whole, _, missing = names.partition("－")
    first = "、".join(_SHEETS.get(n, n) for n in whole.split("、"))
    return f"{first}，但缺{'、'.join(_SHEETS.get(n, n) for n in missing.split('、'))}" if missing else first


def _edit(edit: str) -> str:
    """``C9 改为 =SUM(C10:C11)|150.25`` in words."""
    text = edit.strip().replace("!", " ")
    place, changed, value = text.partition(" 改为 ")
    if not changed:
        return text.replace("再来一张", "在文件里又有一张")
    if value.startswith("'"):
        return f"{place} 写成 {value[1:]}（文本格式）"
    if value.startswith("=") and "|" in value:
        written, _, result = value.rpartition("|")
        return f"{place} 写成 {written}，结果 {result}"
    return f"{place} 写成 {value}"


def _of_text(case: dict[str, Any], severity: str) -> str:
    """A passage with the wrong words marked, then the facts that go with it."""
    text, quote = str(case.get("text", "")), str(case.get("quote", "")) if severity else ""
    notes = [f"{name}：{escape(str(case[key]))}" for key, name in _FACTS.items() if key in case]
    if quote and not _certain(text, quote):
        notes.append(f"标在：{escape(quote)}")
    if severity and case.get("severity", severity) != severity:
        notes.append(_LEVELS.get(case["severity"], ""))
    if case.get("status") == "not_applicable":
        notes.append("不适用")
    parts = [_table([_data(_passage(text, quote))])]
    if notes:
        parts.append(f'<p style="margin:2px 0 4px 0;color:{theme.GREY}">{"　".join(n for n in notes if n)}</p>')
    for key, name in _TABLES.items():
        if key in case:
            parts.append(f'<p style="margin:2px 0;color:{theme.GREY}">{name}</p>{_facts(str(case[key]))}')
    return "".join(parts)


def _facts(text: str) -> str:
    cells = _cells(text)
    if cells:
        return _of_cells(cells, None)
    return _table([_data("<br>".join(escape(part.strip()) for part in text.split(";")))])


def _passage(text: str, quote: str) -> str:
    whole = "\n".join(_cut(text.strip("\n"), quote))
    for start, end in reversed(_find(whole, quote) if _certain(text, quote) else []):
        inside = whole[start:end].replace("\n", "\x02\n\x01").replace("\t", "\x02\t\x01")
        whole = f"{whole[:start]}\x01{inside}\x02{whole[end:]}"
    return _lines(whole)


def _lines(text: str) -> str:
    """Lines of text; those with tabs are the rows of a table that a report prints."""
    parts = []
    for tabled, group in groupby(text.split("\n"), lambda line: "\t" in line):
        lines = [_marked(escape(line)) for line in group]
        if tabled:
            rows = [line.split("\t") for line in lines]
            wide = max(map(len, rows))
            parts.append(_table(["".join(map(_data, _padded(row, wide))) for row in rows], small=True))
        else:
            parts.append("<br>".join(lines))
    return "".join(parts)


def _padded(row: list[str], wide: int) -> list[str]:
    return [*row, *[""] * (wide - len(row))]


def _marked(text: str) -> str:
    mark = f'<span style="background-color:{_WRONG_GROUND};color:{_WRONG}">'
    return text.replace("\x01", mark).replace("\x02", "</span>")


def _cut(text: str, quote: str) -> list[str]:
    """A long text around its passage; the head line stays, ``……`` stands for the rest."""
    lines = text.split("\n")
    if len(lines) <= _LINES:
        return lines
    hits = _find(text, quote)
    if not hits:
        return [*lines[: _LINES - 2], "……"]
    low = max(0, text.count("\n", 0, hits[0][0]) - 3)
    high = text.count("\n", 0, hits[0][1]) + 4
    before = lines[:low] if low < 3 else [lines[0], "……"]
    return [*before, *lines[low:high], *(["……"] if high < len(lines) else [])]


def _certain(text: str, quote: str) -> bool:
    """Whether one can tell which words are meant: a figure may stand in a text more than once."""
    return len(quote) >= 6 or len(_find(text, quote)) == 1


def _find(text: str, quote: str) -> list[tuple[int, int]]:
    """Where a passage stands; line breaks and blanks count for nothing."""
    if not quote:
        return []
    pattern = r"\s*".join(re.escape(c) for c in quote if not c.isspace())
    return [hit.span() for hit in re.finditer(pattern, text)]


def _head(text: str, *, right: bool = False) -> str:
    return f'<th align="{"right" if right else "left"}" bgcolor="{theme.GROUND}">{text}</th>'


def _data(inner: str, *, right: bool = False, ink: str = "", ground: str = theme.PAPER) -> str:
    color = f' style="color:{ink}"' if ink else ""
    return f'<td align="{"right" if right else "left"}" bgcolor="{ground}"{color}>{inner}</td>'


def _table(rows: Sequence[str], *, small: bool = False) -> str:
    """Rows with hairlines: the ground of the table shows between its cells."""
    body = "".join(f"<tr>{row}</tr>" for row in rows)
    return (
        f'<table width="{"99%" if not small else ""}" cellspacing="1" cellpadding="{3 if small else 5}" '
        f'bgcolor="{theme.LINE}" style="margin-bottom:6px">{body}</table>'
    )
