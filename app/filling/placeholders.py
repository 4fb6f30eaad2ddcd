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
from difflib import SequenceMatcher

from app.checking.finding import Fill, Related
from app.checking.text_facts import wan
from app.filling.narrative import REASON, USE, WHO, Paragraph, Piece, narrative
from app.filling.quantities import Quantity
from app.knowledge.subjects import bare
from app.knowledge.text import norm
from app.recognising.claims import read_claims
from app.report.claim import Claim, Figure, Prose
from app.report.report import Report

_BLANK = r"(?<![\d.A-Za-z])[XxＸ×]{1,6}(?:\.[XxＸ×]{1,3})?|[_＿]{2,12}"
_UNITS = r"万元|%|个百分点|个|人次|批次|辆|台|分"
_EITHER = (
    ("增加", "减少"), ("减少", "增加"), ("增长", "下降"), ("下降", "增长"), ("大于", "小于"), ("小于", "大于"),
)  # fmt: skip
_CHOICE = "|".join(rf"{a}(?:\({b}\)|/{b})" for a, b in _EITHER)
# A placeholder of a figure has a unit behind it: XX局 and XX制度 are names that only a person knows.
PLACEHOLDER = re.compile(rf"(?P<blank>(?:{_BLANK}))(?=(?P<unit>{_UNITS}))|(?P<choice>{_CHOICE})")
_UP = frozenset(("增加", "增长", "大于"))
_KINDS = {"万元": "amount", "%": "percent"}
_NOISE = re.compile(r"[的为是各均数共约达]|总额|支出(?=决算)|^其中:?|□年度?")
_FIGURE = re.compile(rf"【待填:[^】]*】|{_BLANK}(?={_UNITS})|\d[\d,]*(?:\.\d+)?")
_DIRECTION = re.compile(rf"(?:{_CHOICE})|增加|减少|增长|下降|持平|大于|小于")
_CHAIN = re.compile(
    r"(?P<lei>[^,，。；:()\d\n.、]{2,30}?)\(类\)(?:支出)?(?:(?P<kuan>[^,，。；:\n]{2,30}?)\(款\)(?:支出)?)?(?:(?P<xiang>[^,，。；:\n]{2,40}?)\(项\))?"
)
_LAST_NAME = re.compile(r"（[类款项]）.*$|支出$")
_WORDS = frozenset((WHO, REASON, USE, "明细", "年度"))  # 【待填】 that no figure is
_ITEM = re.compile(r"\(类\)|\(款\)|\(项\)|绩效自评综述")
_LEFT, _RIGHT, _LEAST = 60, 14, 18


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
    opening: str  # how its paragraph begins
    before: Decimal | None  # the amount that stands before it in the official sentence


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
    if len({a.text for a in known}) > 1:
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
    before: Decimal | None = None
    for piece, start, end in places:
        if piece.kind in ("amount", "percent", "count", "direction", "blank") and piece.name not in _WORDS:
            behind = end - 1 if piece.kind == "percent" else end  # the sign stands in the text already
            left, right = _bare(text[max(0, start - _LEFT) : start]), _bare(text[behind : behind + _RIGHT])
            yield _Candidate(piece, left, right, _opening(text), before)
        if piece.kind in ("amount", "blank"):
            before = piece.value if piece.kind == "amount" else None


def _opening(paragraph: str) -> str:
    """The words of a paragraph up to its first figure that is no year."""
    words = _bare(re.sub(r"^\d{1,2}[.、．]|20\d\d年度?", "", norm(paragraph[:80])))
    return words.partition("□")[0][-40:]


def _bare(text: str) -> str:
    """Words alone: figures and placeholders as one sign, directions as another."""
    return _NOISE.sub("", _DIRECTION.sub("◇", _FIGURE.sub("□", norm(text))))


def _aligned(prose: Prose, hole: Hole, official: dict[str, list[_Candidate]]) -> _Answer | str | None:
    """The figure that the official sentence has in these words; a reason where it is not known."""
    text = prose.text
    low = max(text.rfind("\n", 0, hole.start) + 1, hole.start - _LEFT)
    left, right = _bare(text[low : hole.start]), _bare(text[hole.end : hole.end + _RIGHT])
    candidates = official.get(prose.key(hole.start), [])
    about = _about(text, hole, {c.piece.about for c in candidates if c.piece.about})
    if about is None:
        return None
    if not about:
        candidates = _of_paragraph(text[text.rfind("\n", 0, hole.start) + 1 :][:80], candidates)
    scored: list[tuple[int, _Candidate]] = []
    for one in candidates:
        if not _fits(hole, one.piece) or one.piece.about != about or _role(left) != _role(one.left):
            continue
        alike = _common(left[::-1], one.left[::-1])
        if "□" in one.left[len(one.left) - alike :] and _other_amount(text[low : hole.start], one.before):
            continue  # the same words about something else
        if about or alike >= _enough(one.left):
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


def _of_paragraph(paragraph: str, candidates: list[_Candidate]) -> list[_Candidate]:
    """The candidates of the official paragraph that begins most like this one."""
    opening = _opening(paragraph)
    alike = {
        one: SequenceMatcher(None, opening, one, autojunk=False).find_longest_match().size
        for one in {c.opening for c in candidates}
    }
    most = max(alike.values(), default=0)
    return [c for c in candidates if alike[c.opening] == most] if most >= 3 else []


def _enough(left: str) -> int:
    """How many characters must agree: the sentence's words; where these are few, what it follows, too."""
    sentence = len(left) - left.rfind("。") - 1
    return min(_LEAST, sentence if sentence >= 8 else len(left))


def _about(text: str, hole: Hole, names: set[str]) -> str | None:
    """The item of a list that is spoken of: the name that stands last before the placeholder.

    ``""`` for no item; None where the text lists something that the official narrative does not.
    """
    start = text.rfind("\n", 0, hole.start) + 1
    before = text[start : hole.start].replace("（", "(").replace("）", ")")
    sentence = before[before.rfind("。") + 1 :]
    listed = re.match(r"\d{1,2}[.、．]|\(\d{1,2}\)", before) is not None and _ITEM.search(before) is not None
    scope = before if listed else sentence
    if listed and (chain := _CHAIN.search(scope)):
        return _of_chain(chain, names)
    single = [name for name in names if name.count("（") < 2]
    found = [(end, len(name), name) for name in single for end in _named(scope, bare(_LAST_NAME.sub("", name)))]
    if found:
        last = max(found)
        behind = scope[last[0] :]
        # another item may stand between, which the official narrative does not know
        return last[2] if not re.search(r"[;；。]", behind) or listed else None
    return None if listed or _ITEM.search(sentence) else ""


def _of_chain(chain: re.Match[str], names: set[str]) -> str | None:
    """The item whose 类款项 are those of the text, as far as the text gives them."""
    said = {level: bare(chain[level]) for level in ("lei", "kuan", "xiang") if chain[level]}
    same = []
    for name in names:
        parts = dict(
            zip(("lei", "kuan", "xiang"), (bare(p) for p in re.split(r"（[类款项]）", name)[:-1]), strict=False)
        )
        if parts.get("xiang") == said.get("xiang") and all(parts.get(level) == word for level, word in said.items()):
            same.append(name)
    return same[0] if len(same) == 1 else None


def _named(scope: str, name: str) -> Iterator[int]:
    """Where a name ends in a text that stands there as a whole: 其他支出, not 其他教育支出."""
    for hit in re.finditer(rf"{re.escape(name)}(?:支出)?", scope):
        before, after = scope[: hit.start()], scope[hit.end() : hit.end() + 2]
        whole = not re.search(r"[\u4e00-\u9fff]$", before) or before.endswith((")支出", "中", "其中"))
        if whole and not (
            re.match(r"[\u4e00-\u9fff]", after) and after not in ("绩效", "自评", "项目", "经费", "支出")
        ):
            yield hit.end()


def _other_amount(left: str, official: Decimal | None) -> bool:
    """The amount printed before the placeholder is another than the official sentence has there."""
    printed = re.findall(rf"((?<![\d.,])\d[\d,]*(?:\.\d+)?|{_BLANK})万元", left)
    if not printed or official is None or not printed[-1][0].isdigit():
        return False
    return abs(Decimal(printed[-1].replace(",", "")) - abs(official)) > Decimal("0.02")


def _role(left: str) -> str:
    """What the words just before a figure make of it."""
    near = left[-9:]
    for role, pattern in (("change", "◇$"), ("done", "完成"), ("share", "占[^,，]*$"), ("budget", "预算[^,，]*$"), ("final", "(?:决算|执行)[^,，]*$")):  # fmt: skip
        if re.search(pattern, near):
            return role
    return ""


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
    why = f"{piece.name} = {piece.text}"
    values = [q.value for q in piece.quantities]
    if piece.kind == "percent" and len(values) == 2 and None not in values:
        why = f"{piece.name}：{values[0]:.2f}万元 ÷ {values[1]:.2f}万元 = {piece.text}"
    return _Answer(text, why, value, operands, piece.name)


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
    if hole.kind == "direction":
        return _paired(report.prose.text, hole)
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


_PAIR = {"增加": "增长", "减少": "下降", "增长": "增加", "下降": "减少"}


def _paired(text: str, hole: Hole) -> _Answer | None:
    """增加（减少）3.21 万元，增长 5 %: the other of the two words is there."""
    behind = re.split(r"[。；;\n]", text[hole.end : hole.end + 30])[0]
    before = re.split(r"[。；;\n]", text[max(0, hole.start - 30) : hole.start])[-1]
    around = behind if hole.text[:2] in ("增加", "减少") else before
    if PLACEHOLDER.search(around) and PLACEHOLDER.search(around)["choice"]:  # type: ignore[index]
        return None
    words = re.findall("增长|下降" if hole.text[:2] in ("增加", "减少") else "增加|减少", around)
    if len(words) != 1 or hole.text[:2] not in _PAIR:
        return None
    word = _PAIR[words[0]]
    return _Answer(word, f"与“{words[0]}”一致", Decimal(1 if word in _UP else -1))


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
