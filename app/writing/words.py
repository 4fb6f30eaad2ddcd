"""How a finding is put into words, wherever it is shown: list, note, Word comment."""

from __future__ import annotations

from app.checking.finding import ROUNDING, SEVERITIES, Finding
from app.knowledge import forms
from app.knowledge.text import norm

# Colour is never the only sign: a mark of its own and a word go with it (UI.md).
_ICONS = {"error": "✖ 错误", "warning": "⚠ 提醒", "rounding": "≈ 尾差", "info": "ℹ 信息", "verified": "✓ 已核实"}


def level(finding: Finding) -> str:
    """The key of ``model.MARKS`` that a finding is shown in."""
    if finding.verified is not None:
        return "verified"
    return "rounding" if finding.kind == ROUNDING else finding.severity


def badge(finding: Finding) -> str:
    """Icon and word: ``✖ 错误``."""
    return _ICONS[level(finding)]


def heaviest_first(findings: list[Finding]) -> list[Finding]:
    """By level; within one level they stay in the order of weight in which checking gives them."""
    order = {key: n for n, key in enumerate((*SEVERITIES[:2], "info", "rounding", "verified"))}
    return sorted(findings, key=lambda f: order[level(f)])


def calculation(finding: Finding) -> str:
    """The calculation, unless the message already gives it."""
    bare = _bare(finding.calculation)
    return "" if not bare or bare in _bare(finding.message) else finding.calculation


def verified(finding: Finding) -> str:
    """That she has verified a finding, with her remark; empty for others."""
    if finding.verified is None:
        return ""
    return f"已核实：{finding.verified}" if finding.verified else "已核实（没有备注）"


def advice(finding: Finding) -> str:
    """What to do, unless the message already says so, or she has verified that nothing is."""
    return "" if finding.verified is not None or _bare(finding.advice) in _bare(finding.message) else finding.advice


def table_key(text: str) -> str:
    """The key of the table that a finding names by key or title (``公开01表 收入支出决算总表``), or ''."""
    if text in forms.KEYS:
        return text
    compared = norm(text)
    return next((key for title, key in forms.titles() if title in compared), "")


def _bare(text: str) -> str:
    return "".join(text.split()).rstrip("。；;.")
