"""What checks on the narrative share: amounts in 万元, wholes and their parts, findings on claims."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from app import numbers
from app.checking.evidence import finding
from app.checking.finding import Finding, Operand, Related, Verdict
from app.checking.rulebook import Context
from app.recognising.prose import heading
from app.report.claim import Claim, Figure, Prose, Section
from app.report.report import Report

_SCALE = {"元": Decimal("0.0001"), "千元": Decimal("0.1"), "亿元": Decimal(10000)}
_NOISE = re.compile(
    r"^(?:\d{1,2}[.、]|\([一二三四五六七八九十\d]+\)|其中:?|20\d{2}年度?|本年度|我?本?(?:部门|单位)|共)+"
)


def wan(figure: Figure) -> Figure:
    """The figure in 万元 (``148.84元`` -> 0.014884)."""
    scale = _SCALE.get(figure.unit)
    if scale is None:
        return figure
    return replace(figure, value=figure.value * scale, half=figure.half * scale)


def subject(text: str) -> str:
    """A subject without numbering, year and 其中."""
    return _NOISE.sub("", text)


def money(value: Decimal) -> str:
    """``1,236.24``."""
    return f"{value:,.2f}" if -value.as_tuple().exponent <= 2 else numbers.plain(value)  # type: ignore[operator]


def amounts(report: Report, key: str) -> list[Claim]:
    """The amount claims of a section, in order."""
    return [c for c in report.claims if c.relation == "amount" and c.section == key and c.amount is not None]


def innermost(prose: Prose, offset: int) -> Section | None:
    """The section of level 0–2 that holds ``offset`` (items ``1.`` do not count)."""
    section = prose.section(offset)
    while section is not None and section.level > 2:
        section = section.parent
    return section


def quoted(prose: Prose, start: int, end: int) -> str:
    """The exact text without the line breaks and headings before it."""
    return prose.quote(start, end).strip(" ，,、；;。")


def span(*figures: Figure | None) -> tuple[int, int]:
    """From the first figure's clause to the end of the last."""
    known = [f for f in figures if f is not None]
    first = min(known, key=lambda f: f.start)
    return first.start - len(first.left), max(f.end for f in known)


def near(claim: Claim, *figures: Figure | None, most: int = 90) -> tuple[int, int]:
    """The span of the claim's percentage together with those figures that stand close before it."""
    last = claim.percent or claim.change or claim.amount
    assert last is not None
    kept = [f for f in figures if f is not None and 0 <= last.end - f.start <= most]
    return span(last, *kept)


def wrong(report: Report, message: str, start: int, end: int, **facts: Any) -> Finding:
    """A finding on ``prose.text[start:end]``."""
    prose = report.prose
    facts.setdefault("context", prose.context(start, end))
    section = innermost(prose, start)
    facts.setdefault("row", f"{section.number}{section.title}" if section else "")
    text = prose.text[start:end]
    start += len(text) - len(text.lstrip("\n，,、；;。"))
    return finding(message, prose.place(start), quote=prose.quote(start, end), **facts)


def where(report: Report, offset: int) -> str:
    """``第18页“五、…（三）…”``: where a person finds a passage."""
    section = report.prose.section(offset)
    while section is not None and section.level > 2:
        section = section.parent
    title = f"“{section.number}{section.title[:24]}”" if section else ""
    return f"{report.prose.place(offset)}{title}"


def item_start(text: str, at: int, most: int = 400) -> int:
    """Where the item that holds ``at`` begins: its number or heading, no line break within it."""
    floor = max(0, at - most)
    low = text.rfind("\n", floor, at)
    while low > floor and heading(text[low + 1 : low + 40]) is None:
        low = text.rfind("\n", floor, low)
    return max(low, floor)


def also(report: Report, *figures: Figure | None) -> tuple[Related, ...]:
    """Other figures a finding rests on."""
    prose = report.prose
    found = []
    for figure in figures:
        if figure is not None:
            start, end = span(figure)
            found.append(Related(prose.place(figure.start), prose.quote(start, end)))
    return tuple(found)


def of_relation(report: Report, *relations: str) -> Iterator[Claim]:
    """The claims of these relations, in order, without those that are bounds (近, 余)."""
    for claim in report.claims:
        if claim.relation in relations and not (claim.percent is not None and claim.percent.bound):
            yield claim


@dataclass(frozen=True, slots=True)
class Count:
    """A number of things: ``5辆``, ``2批次``; ``left`` are the words before it."""

    value: int
    unit: str
    left: str
    start: int
    end: int


_COUNT = re.compile(r"(\d{1,9})(辆|台|批次|批|人次|人|个|次|套|项|户|家)")


def counts(prose: Prose, start: int, end: int) -> list[Count]:
    """The numbers of things between two offsets, in order."""
    found = []
    for hit in _COUNT.finditer(prose.text, start, end):
        low = max(prose.text.rfind(c, start, hit.start()) for c in "，,。；\n:、")
        found.append(Count(int(hit.group(1)), hit.group(2), prose.text[low + 1 : hit.start()], hit.start(), hit.end()))
    return found


def part(report: Report, key: str) -> tuple[int, int] | None:
    """The offsets of the section with this key in the narrative (level 1, else level 2)."""
    for level in (1, 2):
        for section in report.prose.sections:
            if (
                section.key == key
                and section.level == level
                and not (section.parent and section.parent.key in ("名词解释", "附件"))
            ):
                return section.start, section.end
    return None


def judged(context: Context, claim: Claim, verdict: str, top: Any = None, base: Any = None, expected: str = "") -> None:
    """Notes for 文字核对 how one percentage came out; ``top`` ÷ ``base`` in 万元."""
    result = {"yes": "agrees", "equal": "agrees", "short": "rounding", "rounding": "rounding"}.get(verdict, "differs")
    one = Verdict(claim, result, expected)
    if top is not None and base is not None and base.value:
        one.numerator, one.denominator = Operand(top.value), Operand(base.value)
    context.verdicts.append(one)


def around(prose: Prose, start: int, end: int, before: int = 10, after: int = 8) -> tuple[int, int]:
    """A few more characters on the same source lines, so that a short slip can be found by search."""
    first, last = prose.line_at(start), prose.line_at(max(start, end - 1))
    floor = prose.starts[first]
    ceiling = prose.starts[last + 1] if last + 1 < len(prose.starts) else len(prose.text)
    low = max(floor, prose.text.rfind("\n", 0, start) + 1, start - before)
    stop = prose.text.find("\n", end)
    return low, min(stop if stop >= 0 else ceiling, ceiling, end + after)
