"""The one notation of arithmetic rules (DESIGN):

rule := sum ("=" | "≤" | "≥") sum      sum  := ["-"] term {("+" | "-") term}
term := number | ["Σ"] cell | "(" sum ")"   cell := ["各单位."] block "[" row "]" "." column

``Σ各单位.`` sums the cell of the same row over the files of the units that make up a 部门.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from app.knowledge.text import norm

_TOKEN = re.compile(
    r"(?P<number>\d+(?:\.\d+)?)(?![^\[\]=≤≥+\-()Σ]*\[)|(?P<cell>[^\[\]=≤≥+\-()Σ]+\[[^\]]+\]\.[^\[\]=≤≥+\-()Σ]+)|(?P<mark>[=≤≥+\-()Σ])"
)


_UNITS = "各单位."


class NotationError(ValueError):
    """The formula of a rule cannot be read; the text says where."""


@dataclass(frozen=True, slots=True)
class Reference:
    """``block[row].column``; ``sum`` for Σ; ``number`` instead of a cell for a constant.

    ``units``: the cell of every unit's file, added up.
    """

    sign: int
    block: str = ""
    row: str = ""
    column: str = ""
    sum: bool = False
    number: Decimal | None = None
    units: bool = False


@dataclass(frozen=True, slots=True)
class Formula:
    """Both sides as signed references; ``relation`` is ``=``, ``≤`` or ``≥``."""

    left: tuple[Reference, ...]
    relation: str
    right: tuple[Reference, ...]
    text: str

    @property
    def blocks(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(r.block for r in self.left + self.right if r.block))

    @property
    def units(self) -> bool:
        """Whether it speaks of the units' files."""
        return any(r.units for r in self.left + self.right)


@lru_cache(maxsize=1024)
def parse(text: str) -> Formula:
    """The formula of a rule; NotationError when it is none."""
    tokens = _tokens(norm(text))
    left, rest = _sum(tokens, 1)
    if not rest or rest[0] not in "=≤≥":
        raise NotationError(f"缺少 = ≤ ≥：{text}")
    right, end = _sum(rest[1:], 1)
    if end:
        raise NotationError(f"多余的内容 {end[0]}：{text}")
    return Formula(tuple(left), rest[0], tuple(right), text)


def _tokens(text: str) -> list[str]:
    found, at = [], 0
    while at < len(text):
        hit = _TOKEN.match(text, at)
        if hit is None:
            raise NotationError(f"看不懂“{text[at : at + 12]}”：{text}")
        found.append(hit.group())
        at = hit.end()
    return found


def _sum(tokens: list[str], sign: int) -> tuple[list[Reference], list[str]]:
    terms: list[Reference] = []
    now = sign
    if tokens and tokens[0] in "+-":
        now = -sign if tokens[0] == "-" else sign
        tokens = tokens[1:]
    while True:
        more, tokens = _term(tokens, now)
        terms += more
        if not tokens or tokens[0] not in ("+", "-"):
            return terms, tokens
        now = -sign if tokens[0] == "-" else sign
        tokens = tokens[1:]


def _term(tokens: list[str], sign: int) -> tuple[list[Reference], list[str]]:
    if not tokens:
        raise NotationError("公式不完整")
    head, rest = tokens[0], tokens[1:]
    if head == "(":
        inner, rest = _sum(rest, sign)
        if not rest or rest[0] != ")":
            raise NotationError("括号不成对")
        return inner, rest[1:]
    if head == "Σ":
        if not rest or "[" not in rest[0]:
            raise NotationError("Σ 后应为单元格")
        return [_cell(rest[0], sign, True)], rest[1:]
    if "[" in head:
        return [_cell(head, sign, False)], rest
    if head[0].isdigit():
        return [Reference(sign, number=Decimal(head))], rest
    raise NotationError(f"不应出现“{head}”")


def _cell(text: str, sign: int, total: bool) -> Reference:
    block, _, rest = text.partition("[")
    row, _, column = rest.partition("].")
    units = block.startswith(_UNITS)
    return Reference(sign, block.removeprefix(_UNITS), row, column, total, units=units)
