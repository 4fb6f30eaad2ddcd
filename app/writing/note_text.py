"""The note on a wrong cell: what, why, the calculation, what to do; short enough to hover over."""

from __future__ import annotations

from app.checking.finding import ROUNDING, Finding
from app.writing import words

_MOST_FINDINGS = 5
_MOST_CONSEQUENCES = 5
_LONGEST = 400  # characters of one message; the findings sheet has the whole of it


def note(findings: list[Finding], listed: str = "“校核结果”工作表") -> str:
    """The text of one note for all ``findings`` at a place, heaviest first; ``listed`` has them all."""
    ordered = words.heaviest_first(findings)
    parts = [_one(finding) for finding in ordered[:_MOST_FINDINGS]]
    if len(ordered) > _MOST_FINDINGS:
        parts.append(f"另有 {len(ordered) - _MOST_FINDINGS} 条，见{listed}。")
    return "\n\n".join(parts)


def _one(finding: Finding) -> str:
    head = f"{words.badge(finding)} {finding.code}"
    lines = [f"{head} {finding.title}" if finding.title else head, _short(finding.message)]
    if said := words.verified(finding):
        lines = [_short(said), f"{finding.code} {finding.title}".strip(), lines[1]]
    # Found and expected on a line of their own only when the sentence does not carry them.
    if finding.expected and finding.expected not in finding.message:
        lines.append(f"现为 {finding.found or '空'}，应为 {finding.expected}")
    # 尾差 needs nothing done: its sums stand on the findings sheet, not over her cells.
    if finding.kind != ROUNDING and (text := words.calculation(finding)):
        lines.append(f"计算：{_short(text)}")
    if text := words.advice(finding):
        lines.append(f"处理：{_short(text)}")
    if finding.consequences:
        places = list(dict.fromkeys(str(c.place) for c in finding.consequences))
        more = " 等" if len(places) > _MOST_CONSEQUENCES else ""
        lines.append(f"连带 {len(finding.consequences)} 处：{'、'.join(places[:_MOST_CONSEQUENCES])}{more}")
    return "\n".join(line for line in lines if line)


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else text[:_LONGEST] + "…"
