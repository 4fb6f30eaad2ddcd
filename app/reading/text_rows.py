"""Lines of a table whose borders are gone, cut into the things they print: labels, codes, amounts."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from app.numbers import is_dash, typed

_AMOUNT = re.compile(r"-?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?")
_CODE = re.compile(r"2\d{2}(?:\d{2}){0,2}")
_ECONOMIC = re.compile(r"3\d{2}(?:\d{2})?")
_GLUED = re.compile(r"(\d{7}|\d{5}|\d{3})([\u4e00-\u9fff（(].*)")
_TOTALS = ("合计", "总计", "本年合计")
_BOLD = re.compile(r"</?b>|<br\s*/?>|\*\*", re.I)


@dataclass(frozen=True, slots=True)
class Token:
    """One printed thing: ``text`` without bold tags, its ``line`` (from 1), and the tab cell it stands in
    (-1 where the file has no cells)."""

    text: str
    line: int
    cell: int = -1

    @property
    def plain(self) -> str:
        return re.sub(r"\s", "", unicodedata.normalize("NFKC", self.text)).replace("−", "-")

    @property
    def is_amount(self) -> bool:
        return bool(_AMOUNT.fullmatch(self.plain)) or is_dash(self.plain.replace("一", "x"))

    @property
    def is_count(self) -> bool:
        """A whole number of one or two digits: what 行次 and 栏次 look like."""
        return bool(re.fullmatch(r"\d{1,2}", self.plain))

    @property
    def value(self) -> Decimal:
        return typed(self.plain) or Decimal(0)


def clean(text: str) -> str:
    """The text of a table cell without bold tags, with single spaces."""
    return re.sub(r"\s+", " ", _BOLD.sub("", text)).strip()


def cells(line: str) -> list[str] | None:
    """The cells of a tab- or bar-separated line, cleaned; None for any other line."""
    if "\t" in line:
        return [clean(c) for c in line.strip("\n").split("\t")]
    bare = line.strip()
    if bare.startswith("|") and bare.endswith("|") and bare.count("|") > 2:
        return [clean(c) for c in bare[1:-1].split("|")]
    return None


def tokens(line: str, number: int) -> list[Token]:
    """The things a line prints. Digits torn apart (``1, 281.44``) are one amount."""
    found = cells(line)
    if found is not None:
        return [Token(c, number, i) for i, c in enumerate(found) if c]
    parts: list[str] = []
    for word in clean(line).split(" "):
        before = parts[-1] if parts else ""
        torn = re.search(r"\d[.,]$", before) and re.match(r"\d", word)
        if glued := _GLUED.fullmatch(word):
            parts += glued.groups()
        elif torn or (before in ("合", "总") and word == "计"):
            parts[-1] += word
        elif word:
            parts.append(word)
    return [Token(p, number) for p in parts]


@dataclass(slots=True)
class CodeRow:
    """One row of a code table as printed: ``code`` (None for 合计), ``name`` and the amounts."""

    line: int
    code: str | None = None
    code_text: str = ""
    name: str = ""
    total: bool = False
    amounts: list[Token] = field(default_factory=list)
    given: tuple[int, ...] | None = None

    @property
    def known(self) -> bool:
        return self.total or self.code is not None


def code_row(found: Sequence[Token]) -> CodeRow:
    """A line of a code table. A line without a code is a row whose ``known`` is false: a piece."""
    row = CodeRow(found[0].line)
    rest = list(found)
    if _CODE.fullmatch(rest[0].plain):
        row.code = row.code_text = rest.pop(0).plain
        while len(row.code) < 7 and len(rest) > 1 and re.fullmatch(r"\d{2}", rest[0].plain) and _split(rest):
            row.code += rest.pop(0).plain
            row.code_text = row.code
        rest = [t for t in rest if not (t.cell >= 0 and t.cell < 3 and t.plain == row.code)]
    elif rest[0].plain in _TOTALS:
        row.total = True
        row.name = rest.pop(0).text
    for token in rest:
        if token.is_amount and (row.name or row.code is None or not _CODE.fullmatch(token.plain)):
            row.amounts.append(token)
        elif row.code is None and token.plain in _TOTALS:
            row.total, row.name = True, token.text
        else:
            row.name += token.text
    return row


def _split(rest: Sequence[Token]) -> bool:
    """类 款 项 in cells of their own: two digits, then the next two or a name."""
    following = rest[1]
    return not following.is_amount or bool(re.fullmatch(r"\d{2}", following.plain))


def code_rows(lines: Sequence[Sequence[Token]], width: int) -> tuple[list[CodeRow], list[int]]:
    """All rows of a code table of ``width`` columns; names that run over lines are joined.

    Where names stand above and below their code (cells centred from top to bottom), a row takes as
    many pieces below it as stood above it. Also returns the lines that were not understood.
    """
    found = [code_row(line) for line in lines]
    centred = bool(found) and (not found[0].known or any(r.code and r.amounts and not r.name for r in found))
    rows: list[CodeRow] = []
    odd: list[int] = []
    loose: list[str] = []  # pieces of a name that wait for the code below them
    owed = 0  # pieces the last row still takes below
    for row in found:
        last = rows[-1] if rows else None
        if row.known:
            owed = len(loose)
            row.name = "".join(loose) + row.name
            loose = []
            rows.append(row)
        elif last is not None and not row.name and len(last.amounts) + len(row.amounts) <= width:
            last.amounts += row.amounts  # one cell a line
        elif last is not None and row.amounts and not last.amounts:
            last.name += row.name
            last.amounts += row.amounts
        elif row.amounts:
            odd.append(row.line)
        elif centred and owed == 0 and (last is None or last.name):
            loose.append(row.name)
        elif last is not None:
            last.name += row.name
            owed = max(0, owed - 1)
    return rows, odd


@dataclass(slots=True)
class Half:
    """One side of a row of 收支总表 or 财拨总表."""

    line: int
    label: str = ""
    number: Token | None = None
    amounts: list[Token] = field(default_factory=list)
    given: tuple[int, ...] | None = None

    @property
    def blank(self) -> bool:
        return not self.label and self.number is None and not self.amounts


def numbered(lines: Sequence[Sequence[Token]]) -> bool:
    """True when the rows print 行次: most labels are followed by a whole number, in rising order."""
    first = [r[i + 1].plain for r in lines for i, t in enumerate(r[:-1]) if not t.is_amount and r[i + 1].is_amount]
    counts = [int(t) for t in first if re.fullmatch(r"\d{1,2}", t)]
    rising = sum(a < b for a, b in zip(counts[:-2], counts[2:], strict=True))
    return len(counts) >= 8 and len(counts) >= len(first) * 0.8 and rising >= (len(counts) - 2) * 0.8


def halves(
    found: Sequence[Token], counted: bool, expected: tuple[int, int], left: re.Pattern[str]
) -> tuple[Half, Half]:
    """A row of a two-sided table cut in two. ``expected`` are the next 行次 of both sides, ``left``
    matches the labels of the left side (a row whose left side is blank begins with a right label)."""
    one, two = Half(found[0].line), Half(found[0].line)
    side = one
    for token in found:
        if not token.is_amount:
            begun = side.number is not None or side.amounts or (side.label and not counted)
            if side is one and (begun or not left.match(token.plain)) and not _piece(side, token):
                side = two
            side.label += token.text
        elif counted and token.is_count and side is one and side.number is not None and int(token.plain) == expected[1]:
            side = two
            side.number = token
        elif counted and side.number is None and token.is_count:
            side.number = token
        else:
            side.amounts.append(token)
    return one, two


def _piece(side: Half, token: Token) -> bool:
    """A label torn by a space (``十八、 自然资源…``, ``总 计``) goes on in the same half."""
    return bool(side.label) and side.number is None and not side.amounts and _torn(side.label, token.plain)


def _torn(label: str, following: str) -> bool:
    return bool(re.fullmatch(r"[一二三四五六七八九十]+[、.．,，]?|总|[收支].{0,1}", label)) or following.startswith(
        ("（", "(")
    )


@dataclass(slots=True)
class Item:
    """One (code, name, amount) of 基本支出表; ``total`` for 人员经费合计 and 公用经费合计."""

    line: int
    code: str = ""
    name: str = ""
    amount: Token | None = None
    order: int = 0
    total: bool = False


def item_rows(lines: Sequence[Sequence[Token]]) -> list[list[Item]]:
    """The rows of 基本支出表 as (code, name, amount) groups; what runs over a line is joined."""
    result: list[list[Item]] = []
    above = ""  # the upper half of a name whose code stands below
    below: Item | None = None  # the code that waits for the lower half
    for line in lines:
        lead = next((i for i, t in enumerate(line) if starts_item(line, i)), len(line))
        text = "".join(t.text for t in line[:lead] if not t.is_amount)
        amount = next((t for t in line[:lead] if t.is_amount), None)
        found = items(line[lead:])
        last = result[-1][-1] if result else None
        if last is not None and (text or amount) and (not last.name or (amount is not None and last.amount is None)):
            last.name += text
            last.amount = last.amount or amount
            free = {i.code[:3] for i in result[-1]}
            if found and not free & {i.code[:3] for i in found} and not found[0].total:
                for item in found:
                    item.order += len(result[-1])
                result[-1] += found
                continue
        elif text and below is not None:
            below.name += text
            below = None
        elif text and found and not found[0].name:
            found[0].name = text
        elif text and last is not None:
            above = text
        first = found[0] if found else None
        if first is not None and above:
            if first.name:
                (last or first).name += above
            else:
                first.name, below = above, first
            above = ""
        if found:
            result.append(found)
    if above and result:
        result[-1][-1].name += above
    return result


def starts_item(line: Sequence[Token], index: int) -> bool:
    """True where a code of 基本支出表 or one of its totals begins."""
    token = line[index]
    following = line[index + 1] if index + 1 < len(line) else None
    if _ECONOMIC.fullmatch(token.plain):
        named = following is None or not following.is_amount
        return named or index == 0 or len(token.plain) == 5
    return bool(re.search(r"经费.{0,3}合计", token.plain)) or token.plain in _TOTALS


def items(found: Sequence[Token]) -> list[Item]:
    """The (code, name, amount) groups of one line of 基本支出表."""
    result: list[Item] = []
    for index, token in enumerate(found):
        if starts_item(found, index):
            code = token.plain if _ECONOMIC.fullmatch(token.plain) else ""
            result.append(Item(token.line, code, "" if code else token.text, order=len(result), total=not code))
        elif token.is_amount:
            if result and result[-1].amount is None:
                result[-1].amount = token
        elif result and result[-1].amount is None:
            result[-1].name += token.text
    return result
