"""A rule as a page: what it checks in plain words, the formula readable, examples right and wrong.

The pages are Qt's subset of HTML: they are shown by the settings and by the help.
"""

from __future__ import annotations

from functools import cache
from html import escape
from typing import TYPE_CHECKING

from app.ui import theme
from app.ui.rule_examples import examples

if TYPE_CHECKING:
    from app.checking.notation import Formula, Reference
    from app.checking.rulebook import Rule

LEVELS = {"error": "错误", "warning": "提醒", "info": "信息", "off": "关闭"}
SIGNS = {"error": "✖", "warning": "⚠", "info": "ℹ", "off": "○"}
INK = {"error": "#9C0006", "warning": "#7A4300", "info": "#1F4E79", "off": theme.GREY}
# What the files of resources/rules hold, by the beginnings of their names.
FAMILIES = {
    "A1": "表内勾稽", "A2": "表间勾稽", "B1": "科目性质", "F": "公式与格式", "K1": "官方科目表", "L1": "与上年决算核对",
    "N": "表下的注", "P1": "表中的百分比", "R": "说明", "S": "表的结构", "T1": "文字中的百分比", "T2": "文字与公开表",
    "T3": "文字中的科目", "T4": "三公、采购等各节", "T5": "名称、年度与用语", "T6": "报告框架", "T7": "绩效",
    "T8": "前后一致", "T9": "报告与工作簿", "U1": "部门与各单位",
}  # fmt: skip
BLOCKS = {
    "收支总表收入": "收支总表（收入）", "收支总表支出": "收支总表（支出）", "财拨总表收入": "财拨总表（收入）",
    "财拨总表支出": "财拨总表（支出）", "收入表": "收入表", "支出表": "支出表", "一般支出表": "一般公共预算支出表",
    "基本支出表": "基本支出表", "基金表": "政府性基金表", "国资表": "国有资本表", "三公预算": "三公表（预算数）",
    "三公决算": "三公表（决算数）",
}  # fmt: skip
_ROWS = {
    "各行": "每一行", "各类": "每一类", "各科目": "每个科目", "其下级": "其下一级各科目", "合计行": "合计行",
    "各收入": "各项收入", "各人员类": "人员经费各类", "各公用类": "公用经费各类",
}  # fmt: skip
_SUMMED = {"各类": "各类"}
_ONE_COLUMN = ("收支总表收入", "收支总表支出", "财拨总表收入", "基本支出表")  # whose only amount is 决算数
_SIGN = {"=": "＝", "≤": "≤", "≥": "≥"}


def family(rule: Rule) -> str:
    """What kind of rule it is, in her words."""
    return FAMILIES.get(rule.file.partition("_")[0], "")


def source(rule: Rule) -> str:
    """What the rule rests on, without the developers' own notes."""
    parts = [p.strip().partition("（resources/")[0] for p in rule.source.split("；")]
    return "；".join(p for p in parts if p and p != "Excel" and not p.startswith(("DOMAIN", "DESIGN", "resources/")))


def page(rule: Rule, level: str = "") -> str:
    """The page of a rule as HTML; ``level`` is the one she set (``""``: the rule's own)."""
    parts = [_head(rule, level)]
    if rule.explain:
        parts.append(_paragraphs(rule.explain))
    if rule.formula:
        lines = "".join(f'<p style="margin:2px 0">{formula(line)}</p>' for line in rule.formulas)
        parts.append(_heading("算式") + _box(lines, theme.GROUND))
    if lacking := str(dict(rule.options).get("lacking", "")):
        needed = lacking.partition("（--")[0].removeprefix("没有提供")  # without the command line's option
        parts.append(f'<p style="color:{theme.GREY}">需要同时提供{escape(needed)}，否则不适用。</p>')
    if text := source(rule):
        parts.append(_heading("依据") + f"<p>{escape(text)}</p>")
    parts += examples(rule)
    return f'<div style="line-height:130%">{"".join(parts)}</div>'


def plain_formula(text: str) -> str:
    """A formula in one line without marks, for search and tool tips."""
    import re
    from html import unescape

    return unescape(re.sub(r"<[^>]+>", "", formula(text)))


@cache
def formula(text: str) -> str:
    """``收入表，每一行：合计 ＝ 财政拨款收入 ＋ …``; what all terms have in common is said once, in front."""
    from app.checking.notation import NotationError, parse

    try:
        read = parse(text)
    except NotationError:  # shown as it stands rather than not at all
        return escape(text)
    common = _common(read)
    left, right = _side(read.left, common), _side(read.right, common)
    sentence = f"{left} {_mark(_SIGN[read.relation])} {right}"
    where = "，".join(part for part in (common.get("block"), common.get("row"), common.get("column")) if part)
    return f'<span style="color:{theme.GREY}">{escape(where)}：</span>{sentence}' if where else sentence


def _common(read: Formula) -> dict[str, str]:
    """What every term shares: ``block``, ``row``, ``column`` as words."""
    terms = [t for t in (*read.left, *read.right) if t.number is None]
    words = {
        "block": {_block(t) for t in terms},
        "row": {_row(t) for t in terms},
        "column": {_column(t) for t in terms},
    }
    shared = {name: next(iter(found)) for name, found in words.items() if len(found) == 1}
    if len(shared) == 3 and not read.units:
        del shared["block"]
    return shared


def _side(terms: tuple[Reference, ...], common: dict[str, str]) -> str:
    parts = []
    for position, term in enumerate(terms):
        sign = "－" if term.sign < 0 else "＋" if position else ""
        parts.append((f"{_mark(sign)} " if sign else "") + escape(_term(term, common)))
    return " ".join(parts)


def _term(term: Reference, common: dict[str, str]) -> str:
    if term.number is not None:
        return str(term.number)
    words = [
        word
        for name, word in (("block", _block(term)), ("row", _row(term)), ("column", _column(term)))
        if word and name not in common
    ]
    text = "·".join(words)
    if term.units:
        return f"各单位{text}之和" if text else "各单位之和"
    if term.sum:
        return f"{text}之和"
    return text or "部门"


def _block(term: Reference) -> str:
    return BLOCKS.get(term.block, term.block)


def _row(term: Reference) -> str:
    if term.sum and not term.units and term.row in _SUMMED:
        return _SUMMED[term.row]
    return _ROWS.get(term.row) or row_name(term.block, term.row)


def _column(term: Reference) -> str:
    if term.block in _ONE_COLUMN:
        return ""
    return "每一栏" if term.column == "各栏" else term.column


@cache
def row_name(block: str, row: str) -> str:
    """A row as she calls it: a code with its name."""
    if row in _ROWS:
        return _ROWS[row]
    if not row.isdigit():
        return row
    from app.knowledge.subject_lists import names

    name = names("经济分类" if block == "基本支出表" else "功能分类").get(row, "")
    return f"{row} {name}".strip()


def _head(rule: Rule, level: str) -> str:
    shown = level or rule.severity
    fill, ink = {
        "error": ("#FFC7CE", "#9C0006"),
        "warning": ("#FFEB9C", "#7A4300"),
        "info": ("#DDEBF7", "#1F4E79"),
    }.get(shown, ("#E3E6EA", theme.INK))
    word = f"{SIGNS[shown]} {LEVELS[shown]}"
    own = f"　本来是{LEVELS[rule.severity]}" if level and level != rule.severity else ""
    return (
        f'<p style="margin:0;color:{theme.GREY}">{rule.code}　{family(rule)}</p>'
        f'<h2 style="margin:4px 0 6px 0">{escape(rule.title)}</h2>'
        f'<p style="margin:0 0 8px 0"><span style="background-color:{fill};color:{ink}">&nbsp;{word}&nbsp;</span>'
        f'<span style="color:{theme.GREY}">{own}</span></p>'
    )


def _paragraphs(text: str) -> str:
    return "".join(f"<p>{escape(part.strip())}</p>" for part in text.strip().split("\n\n"))


def _heading(text: str) -> str:
    return f'<h4 style="margin:12px 0 4px 0">{text}</h4>'


def _box(inner: str, ground: str) -> str:
    return f'<table width="99%" cellspacing="0" cellpadding="8" bgcolor="{ground}"><tr><td>{inner}</td></tr></table>'


def _mark(sign: str) -> str:
    return f'<span style="color:{theme.ACCENT};font-weight:600">{sign}</span>'
