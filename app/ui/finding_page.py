"""One finding as a page: what is wrong, found → expected, the calculation, its terms as links."""

from __future__ import annotations

from html import escape

from app.checking.finding import Finding
from app.source import Place
from app.ui import theme
from app.ui.case import level, short

PLACE, RULE = "place:", "rule:"  # links: the number of a place of the finding; the code of its rule
_MOST = 40


def places(finding: Finding) -> list[Place]:
    """The places that the links of a page name by their number: its own, its terms, what follows."""
    return [
        finding.place,
        *(r.place for r in finding.related[:_MOST]),
        *(c.place for c in finding.consequences[:_MOST]),
    ]


def page(finding: Finding, remark: str | None = None) -> str:
    """The finding as HTML for a ``QTextBrowser``."""
    shown = level(finding)
    rows = [
        ("位置", _link(0, _where(finding))),
        ("原文", escape(finding.quote) if finding.quote and finding.quote != finding.found else ""),
        ("现为", f"<b>{escape(finding.found)}</b>" if finding.found else ""),
        ("应为", f"<b style='color:#006100'>{escape(finding.expected)}</b>" if finding.expected else ""),
        ("相差", escape(finding.difference)),
        ("计算", escape(finding.calculation)),
        ("依据", _terms(finding)),
        ("怎么改", escape(finding.advice)),
        ("连带", _follows(finding)),
        ("核实说明", escape(remark) if remark else ""),
    ]
    cells = "".join(
        f"<tr><td style='color:{theme.GREY}; padding:2px 10px 2px 0; white-space:nowrap'>{name}</td>"
        f"<td style='padding:2px 0'>{value}</td></tr>"
        for name, value in rows
        if value
    )
    badge = f"{theme.SIGNS[shown]} {theme.WORDS[shown]}"
    color, ground = theme.color(shown).name(), theme.ground(shown).name()
    return (
        f"<p style='margin:2px 0 6px 0'><span style='color:{color}; background:{ground}'>&nbsp;<b>{badge}</b>&nbsp;</span>"
        f"&nbsp; <a href='{RULE}{escape(finding.code)}'>{escape(finding.code)} {escape(finding.title)}</a></p>"
        f"<p style='margin:0 0 6px 0'>{escape(short(finding))}</p>"
        f"<table cellspacing='0' cellpadding='0'>{cells}</table>"
    )


def _where(finding: Finding) -> str:
    return "　".join(dict.fromkeys(x for x in (str(finding.place), finding.table, finding.row, finding.column) if x))


def _link(number: int, text: str) -> str:
    return f"<a href='{PLACE}{number}'>{escape(text)}</a>"


def _terms(finding: Finding) -> str:
    parts = []
    for number, related in enumerate(finding.related[:_MOST], 1):
        quote = f" {escape(related.quote)}" if related.quote else ""
        parts.append(f"{_link(number, str(related.place))}{quote}")
    if len(finding.related) > _MOST:
        parts.append(f"等 {len(finding.related)} 处")
    return "；".join(parts)


def _follows(finding: Finding) -> str:
    first = 1 + len(finding.related[:_MOST])
    lines = [
        f"{_link(first + n, str(one.place))} {escape(one.message)}"
        for n, one in enumerate(finding.consequences[:_MOST])
    ]
    if not lines:
        return ""
    return "同一处差错还使下列各处对不上，改正后一般随之消失：<br>" + "<br>".join(lines)
