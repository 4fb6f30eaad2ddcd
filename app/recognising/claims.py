"""Sentences to claims: every figure with what it is said of, and what ties figures together."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from app.numbers import stored
from app.report.claim import Claim, Figure, Prose

_FIGURE = re.compile(
    r"(?<![\d.,])(?P<number>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)(?P<more>余|多)?(?P<unit>亿元|万元|千元|元|万(?![\d,.名人户次])|%|个百分点|百分点)?"
)
_CENT = Decimal("0.01")
_CUT = "，,。；\n:、"
_UP = r"增加|增长|上升|提高|提升|上涨|增幅|多支出|超支|超过|高于|增收"
_DOWN = r"减少|下降|降低|缩减|压减|降幅|节约|少支出|低于|减收|节支"
_DIRECTION = re.compile(rf"({_UP})|({_DOWN})")
_CHANGE = re.compile(rf"(?:{_UP}|{_DOWN})(?:了|额|数|额为|数为|为|约|金额|金额为)?$")
_TAIL = re.compile(r"(?:分别|均|各|共)*(?:为|是|共|共计|合计为|达到|达|约|有|金额为|金额|总额为|总额)?$")
_BUDGET = re.compile(
    r"(?:年初|全年|年初财政|调整|调整后)?预算(?:数|总额|金额|安排|资金)?(?:\([A-Za-z]\))?(?:分别)?(?:为|是|共|:)?$"
)
_FINAL = re.compile(
    r"(?:支出|收入)?决算(?:数|总额)?(?:为|是|共|:)?$|执行数?(?:\([A-Za-z]\))?(?:为|是|:)?$|实际(?:支出|执行)(?:数|为|数为)?$"
)
_COMPLETION = re.compile(
    r"(?:完成|占|达到|为|达)(?:了)?(?:本年|全年|年初|年度|调整|调整后|当年)*(?:收入|支出)?预算(?:数|的)*(?:的)?(?:比例为|比率为)?$|(?:预算)?(?:执行|完成)率(?:\([^)]*\))?(?:为|达|达到|:)?$"
)
_SHARE = re.compile(r"占(?:比)?(?P<of>[^，,。；\n%]{0,40}?)(?:的比[重例率](?:为|是)?|比[重例](?:为|是)?|的|为|达)?$")
_BOUND_AFTER = re.compile(r"^(?:余|多|以上|左右|以内|以下|上下)")
_BOUND_BEFORE = re.compile(r"(?:近|约|超过?|不足|不少于|不低于|至少|达到或超过|逾|突破|≥|≤|>|<)$")
# 收、支总计 is one subject, not two.
_ENUMERATED = re.compile(r"收、支")
SENTENCE_END = "。\n"
_NEAR = 700  # characters within which a change may name an amount before it
# What comes after the name of a change, and what is no part of a name.
_SINCE = re.compile(
    rf"(?:(?:与|比|较|同)[^,，]{{0,12}}?(?:相比|年|年度|预算)?数?)?(?:各|均|分别)?(?:{_UP}|{_DOWN}).*$|(?:比|较|与).*$"
)
_NOT_NAME = re.compile(
    r"20\d{2}年度?|[\"'、]|其中:?|^(?:本|我)(?:部门|单位)|财政拨款|(?:支出|收入)?决算数?|支出(?:总额)?$|[均各共]?为?$|^\d{1,2}[.、]"
)
# Names that bear money of their own beside the total a section speaks of.
_OWN_MONEY = re.compile(r"三公|出国|接待|用车|购置|运行|基本支出|项目支出|人员经费|公用经费|基金|国有资本|一般公共")


def figures(prose: Prose, start: int = 0, end: int | None = None) -> list[Figure]:
    """Every number with a unit of money or ``%`` between two offsets, in order."""
    text = prose.text
    found: list[Figure] = []
    for hit in _FIGURE.finditer(text, start, len(text) if end is None else end):
        unit = hit.group("unit") or ""
        if not unit:
            continue
        found.append(_figure(text, hit, unit))
    return found


def _figure(text: str, hit: re.Match[str], unit: str) -> Figure:
    number = hit.group("number").replace(",", "")
    value = stored(number)
    decimals = len(number.partition(".")[2])
    least = 2 if unit in ("万元", "万") else decimals
    half = Decimal(5).scaleb(-max(decimals, least) - 1)
    left = _clause(text, hit.start())
    figure = Figure(
        value, half, unit, hit.start(), hit.end(), _TAIL.sub("", left), left, hit.group(), decimals, decimals < least
    )
    bound = _BOUND_BEFORE.search(left) or _BOUND_AFTER.match(text[hit.end() : hit.end() + 2])
    figure.bound = hit.group("more") or (bound.group() if bound else "")
    _role(figure)
    return figure


def _clause(text: str, at: int) -> str:
    """The words before a figure back to the nearest comma, colon or figure."""
    low = max(at - 60, 0)
    piece = text[low:at]
    cut = max(_ENUMERATED.sub("　　　", piece).rfind(c) for c in _CUT)
    opened = piece.rfind("(")
    if opened > cut and ")" not in piece[opened:]:
        cut = opened
    piece = piece[cut + 1 :]
    numbers = list(_FIGURE.finditer(piece))
    marked = [n for n in numbers if n.group("unit")]
    return piece[marked[-1].end() :] if marked else piece


def _role(figure: Figure) -> None:
    left = figure.left
    hits = _DIRECTION.findall(left)
    if hits:
        figure.direction = 1 if hits[-1][0] else -1
    if figure.unit == "%":
        if _COMPLETION.search(left):
            figure.role = "completion"
        elif _SHARE.search(left):
            figure.role = "share"
        elif _CHANGE.search(left):
            figure.role = "growth"
        else:
            figure.role = "rate"
    elif "百分点" in figure.unit:
        figure.role = "points"
    elif _CHANGE.search(left):
        figure.role = "change"
    elif _BUDGET.search(left):
        figure.role = "budget"
    elif _FINAL.search(left):
        figure.role = "final"
    else:
        figure.role = "amount"


def read_claims(prose: Prose) -> list[Claim]:
    """Every claim of the narrative, in order."""
    claims: list[Claim] = []
    for start, end in sentences(prose.text):
        found = figures(prose, start, end)
        if found:
            claims += _sentence(prose, found, start, end, claims)
    return claims


def sentences(text: str) -> Iterator[tuple[int, int]]:
    """(start, end) of every sentence, the full stop included."""
    start = 0
    for index, char in enumerate(text):
        if char in SENTENCE_END:
            if index > start:
                yield start, index + 1
            start = index + 1
    if start < len(text):
        yield start, len(text)


def _sentence(prose: Prose, found: list[Figure], start: int, end: int, before: list[Claim]) -> list[Claim]:
    claims: list[Claim] = []
    main = _carried(prose, before, start)
    budget: Figure | None = None
    paired: Figure | None = None  # the amount that the budget is the budget of
    change: Figure | None = None
    whole: Figure | None = None
    for figure in found:
        if figure.role in ("amount", "final", "budget"):
            if figure.role == "budget":
                budget, paired = figure, None
            else:
                main, change = figure, None
                whole = whole or figure
                paired = _pair(prose, budget, paired, figure)
            claims.append(_claim(prose, "budget" if figure.role == "budget" else "amount", figure, amount=figure))
        elif figure.role == "change":
            change = figure
            of = _of(prose, [*before, *claims], main, figure)
            claims.append(_claim(prose, "change", figure, amount=of, change=figure, direction=figure.direction))
        elif figure.role == "growth":
            of = _of(prose, [*before, *claims], main, change or figure)
            if change is not None:
                claims[:] = [c for c in claims if not (c.relation == "change" and c.change is change)]
            claims.append(
                _claim(prose, "growth", figure, amount=of, change=change, percent=figure, direction=figure.direction)
            )
        elif figure.role == "completion":
            base = budget if paired in (None, main) else None
            claims.append(_claim(prose, "completion", figure, amount=main, base=base, percent=figure))
        elif figure.role == "share":
            hit = _SHARE.search(figure.left)
            of_what = hit.group("of") if hit else ""
            base = whole if whole is not None and whole is not main else None
            claims.append(_claim(prose, "share", figure, amount=main, base=base, percent=figure, denominator=of_what))
    return claims


def _pair(prose: Prose, budget: Figure | None, paired: Figure | None, figure: Figure) -> Figure | None:
    """Which amount a budget belongs to: the first 决算 after it, and none of the parts after 其中."""
    if budget is None or (paired is not None and paired.role == "final"):
        return paired
    if paired is None or (figure.role == "final" and "其中" not in prose.text[budget.end : figure.start]):
        return figure
    return paired


def _of(prose: Prose, before: list[Claim], main: Figure | None, change: Figure) -> Figure | None:
    """The amount that a change is of: the one its own words name, else the one spoken of before it.

    ``公务接待费支出减少 0.15 万元`` after ``因公出国费 0 万元`` is no change of the latter; without
    an amount of that name near by there is none.
    """
    name = named(change.left)
    if not name or main is None or name in named(main.subject) or named(main.subject).endswith(name[-6:]):
        return main
    section = prose.key(change.start)
    after: Figure | None = None  # the amount that follows the claim looked at: what a budget is spent by
    for claim in reversed(before):
        figure = claim.amount
        if figure is None or claim.relation not in ("amount", "budget"):
            continue
        if change.start - figure.start > _NEAR or claim.section != section:
            break
        after = figure if claim.relation == "amount" else after
        if name in named(figure.left) and after is not None:
            return after
    return None if _OWN_MONEY.search(name) else main


def named(words: str) -> str:
    """What a figure is said of, bare: ``2022年度"三公"经费财政拨款支出决算数比2021年度减少`` -> ``三公经费``."""
    return _NOT_NAME.sub("", _SINCE.sub("", words))


def _carried(prose: Prose, before: list[Claim], start: int) -> Figure | None:
    """``与 2021 年度相比，…增长`` in a sentence of its own speaks of the amount before it."""
    for claim in reversed(before):
        figure = claim.amount
        if figure is not None and claim.relation == "amount":
            near = start - figure.end < 160 and prose.section(figure.start) is prose.section(start)
            return figure if near else None
    return None


def _claim(prose: Prose, relation: str, figure: Figure, **parts: object) -> Claim:
    amount = parts.get("amount")
    low = _clause_start(prose.text, figure.start)
    subject = amount.subject if isinstance(amount, Figure) else figure.subject
    claim = Claim(
        relation,
        subject,
        low,
        figure.end,
        prose.quote(low, figure.end),
        prose.place(figure.start),
        prose.key(figure.start),
    )
    for name, value in parts.items():
        setattr(claim, name, value)
    return claim


def _clause_start(text: str, at: int) -> int:
    cut = max(text.rfind(c, max(0, at - 60), at) for c in "，,。；\n")
    return cut + 1 if cut >= 0 else max(0, at - 60)
