"""Placeholders of the official sentences in a report's text (XX%, XXX万元, 增加（减少）), filled or resolved.

Two ways that know nothing of each other: the official narrative, worked out from the tables and
补充资料, has a figure in the very words around the placeholder; the claims of the text itself give a
percentage whose operands stand beside it. Where both answer and differ, nothing is filled.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal

from app.checking.finding import Fill, Related
from app.checking.text_facts import wan
from app.filling.narrative import Paragraph, Piece, narrative
from app.filling.quantities import Quantity
from app.knowledge.text import norm
from app.recognising.claims import read_claims
from app.report.claim import Claim, Figure, Prose
from app.report.report import Report

_BLANK = r"[XxＸ×]{1,6}(?:\.[XxＸ×]{1,3})?|[_＿]{2,12}"
_UNITS = r"万元|%|个百分点|个|人次|批次|辆|台|分"
_EITHER = (
    ("增加", "减少"), ("减少", "增加"), ("增长", "下降"), ("下降", "增长"), ("大于", "小于"), ("小于", "大于"),
)  # fmt: skip
_CHOICE = "|".join(rf"{a}(?:\({b}\)|/{b})" for a, b in _EITHER)
# A placeholder of a figure has a unit behind it: XX局 and XX制度 are names that only a person knows.
PLACEHOLDER = re.compile(rf"(?P<blank>(?:{_BLANK}))(?=(?P<unit>{_UNITS}))|(?P<choice>{_CHOICE})")
_UP = frozenset(("增加", "增长", "大于"))
_KINDS = {"万元": "amount", "%": "percent"}
_NOISE = re.compile(r"[的为是各均数共计约达]|合计|总额|支出决算(?=\W)|^其中:?")
_FIGURE = re.compile(rf"【待填:[^】]*】|{_BLANK}(?={_UNITS})|\d[\d,]*(?:\.\d+)?")
_DIRECTION = re.compile(rf"(?:{_CHOICE})|增加|减少|增长|下降|持平|大于|小于")
_LEFT, _RIGHT, _LEAST = 60, 14, 5


@dataclass(frozen=True, slots=True)
class Hole:
    """A placeholder in the text as compared: its offsets, its unit (``""`` for a choice of words)."""

    start: int
    end: int
    text: str
    unit: str

    @property
    def kind(self) -> str:
        return _KINDS.get(self.unit, "count") if self.unit else "direction"


@dataclass(frozen=True, slots=True)
class _Candidate:
    piece: Piece
    left: str
    right: str


@dataclass(frozen=True, slots=True)
class _Answer:
    """``text`` is written; ``why`` says how it came about."""

    text: str
    why: str
    value: Decimal
    operands: tuple[Related, ...] = ()
    name: str = ""


def holes(text: str) -> list[Hole]:
    """The placeholders in a text as compared, in order."""
    return [Hole(*hit.span(), hit.group(), hit["unit"] or "") for hit in PLACEHOLDER.finditer(text)]


def placeholder_fills(report: Report) -> list[Fill]:
    """A fill for each placeholder of the narrative; those that cannot be told bear the reason."""
    prose = report.prose
    found = [hole for hole in holes(prose.text) if _in_story(prose, hole.start)]
    if not found:
        return []
    official = _official(report)
    claims = _claims(report, found)
    return [_fill(report, hole, official, claims) for hole in found]


def _in_story(prose: Prose, at: int) -> bool:
    section = prose.section(at)
    while section is not None and section.parent is not None:
        section = section.parent
    return section is not None and section.key not in ("名词解释", "附件", "决算表")


def _fill(report: Report, hole: Hole, official: dict[str, list[_Candidate]], claims: dict[int, Claim]) -> Fill:
    prose = report.prose
    context = prose.context(hole.start, hole.end)
    found = hole.text + ("%" if hole.unit == "%" else "")
    empty = Fill(prose.place(hole.start), "", "", "", context, found, span=(hole.start, hole.end), context=context)
    aligned = _aligned(prose, hole, official)
    worked = _worked(report, hole, claims)
    known = [a for a in (aligned, worked) if isinstance(a, _Answer)]
    if not known:
        return replace(empty, why=aligned if isinstance(aligned, str) else "看不出要填哪个数")
    if len({abs(a.value) for a in known}) > 1:
        return replace(empty, why=f"按表应为 {known[0].text}，按文中的数应为 {known[1].text}，两者不同，请先核对")
    answer = known[0]
    value = answer.text + ("%" if hole.unit == "%" else "")
    return replace(empty, value=value, why=answer.why, operands=answer.operands, name=answer.name or context)


# -- by the official sentences ------------------------------------------------------------------------


def _official(report: Report) -> dict[str, list[_Candidate]]:
    """By section, every figure of the official narrative with the words around it."""
    found: dict[str, list[_Candidate]] = {}
    for paragraph in narrative(report):
        if paragraph.kind == "text":
            found.setdefault(paragraph.section, []).extend(_candidates(paragraph))
    return found


def _candidates(paragraph: Paragraph) -> Iterator[_Candidate]:
    text, places = "", []
    for piece in paragraph.pieces:
        start = len(text)
        text += norm(piece.text)
        places.append((piece, start, len(text)))
    for piece, start, end in places:
        if piece.kind in ("amount", "percent", "count", "direction", "blank"):
            behind = end - 1 if piece.kind == "percent" else end  # the sign stands in the text already
            yield _Candidate(piece, _bare(text[max(0, start - _LEFT) : start]), _bare(text[behind : behind + _RIGHT]))


def _bare(text: str) -> str:
    """Words alone: figures and placeholders as one sign, directions as another."""
    return _NOISE.sub("", _DIRECTION.sub("◇", _FIGURE.sub("□", norm(text))))


def _aligned(prose: Prose, hole: Hole, official: dict[str, list[_Candidate]]) -> _Answer | str | None:
    """The figure that the official sentence has in these words; a reason where it is not known."""
    text = prose.text
    low = max(text.rfind("\n", 0, hole.start) + 1, hole.start - _LEFT)
    left, right = _bare(text[low : hole.start]), _bare(text[hole.end : hole.end + _RIGHT])
    key = prose.key(hole.start)
    scored: list[tuple[int, _Candidate]] = []
    for one in official.get(key, []):
        if not _fits(hole, one.piece):
            continue
        alike = _common(left[::-1], one.left[::-1])
        if alike >= min(_LEAST, len(left)) and alike >= 3:
            scored.append((alike * 2 + _common(right, one.right), one))
    if not scored:
        return None
    best = max(score for score, _ in scored)
    top = [one for score, one in scored if score == best]
    if len({(c.piece.text, c.piece.kind) for c in top}) > 1:
        return "有几处相似的表述，分不清要填哪个数"
    piece = top[0].piece
    if piece.kind == "blank":
        return f"缺少{piece.name}"
    return _answer(hole, piece)


def _fits(hole: Hole, piece: Piece) -> bool:
    return piece.kind in (hole.kind, "blank") and not (hole.kind == "direction" and piece.kind == "blank")


def _common(one: str, other: str) -> int:
    return next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


def _answer(hole: Hole, piece: Piece) -> _Answer | str:
    value = piece.value if piece.value is not None else Decimal(0)
    operands = tuple(r for q in piece.quantities for r in _related(q))
    if hole.kind == "direction":
        if not value:
            return "与上年（预算）持平，请改写为“持平”"
        options = re.findall("|".join(sorted({w for pair in _EITHER for w in pair})), hole.text)
        word = next((w for w in options if (w in _UP) is (value > 0)), "")
        now, then = (q.value for q in piece.quantities[:2]) if len(piece.quantities) >= 2 else (None, None)
        why = f"{now:,.2f} {'>' if value > 0 else '<'} {then:,.2f}" if now is not None and then is not None else ""
        return _Answer(word, why, value, operands, piece.name) if word else "看不出方向"
    text = piece.text.rstrip("%")
    return _Answer(text, f"{piece.name} = {piece.text}", value, operands, piece.name)


def _related(quantity: Quantity) -> Iterator[Related]:
    for part in quantity.parts:
        if part.place is not None:
            yield Related(part.place, part.entry.text if part.entry else str(part.value))


# -- by the claims of the text itself -----------------------------------------------------------------


def _claims(report: Report, found: list[Hole]) -> dict[int, Claim]:
    """The claims of the text as if placeholders were figures, by the offset of a percentage that is one."""
    text = report.prose.text
    for hole in found:
        if hole.unit:
            text = text[: hole.start] + "1" * (hole.end - hole.start) + text[hole.end :]
    copy = replace(report.prose, text=text)
    starts = {hole.start for hole in found if hole.kind == "percent"}
    return {c.percent.start: c for c in read_claims(copy) if c.percent is not None and c.percent.start in starts}


def _worked(report: Report, hole: Hole, claims: dict[int, Claim]) -> _Answer | None:
    claim = claims.get(hole.start)
    if claim is None or hole.kind != "percent":
        return None
    amount, base, change = (_real(report, f) for f in (claim.amount, claim.base, claim.change))
    if claim.relation == "completion" and amount is not None and base is not None:
        return _quotient(amount.value, base.value, f"{amount.text} ÷ {base.text}")
    if claim.relation == "growth" and amount is not None and change is not None and change.direction:
        then = amount.value - change.direction * change.value
        if _choice_before(report, change):
            return None
        return _quotient(change.value, then, f"{change.text} ÷ {then:.2f}万元")
    return None


def _real(report: Report, figure: Figure | None) -> Figure | None:
    """A figure that the text really has."""
    if figure is None or figure.bound or not report.prose.text[figure.start : figure.end].startswith(figure.text[:1]):
        return None
    return wan(figure) if report.prose.text[figure.start : figure.end] == figure.text else None


def _choice_before(report: Report, change: Figure) -> bool:
    return PLACEHOLDER.search(report.prose.text, max(0, change.start - 10), change.start) is not None


def _quotient(top: Decimal, base: Decimal, why: str) -> _Answer | None:
    if base <= 0 or top < 0:
        return None
    value = (top / base).quantize(Decimal("0.0001"), ROUND_HALF_UP)
    return _Answer(f"{value * 100:.2f}", f"{why} = {value * 100:.2f}%", value)
