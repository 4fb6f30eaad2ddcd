"""How a report's clerk writes: numbers, spaces, brackets, line breaks; and the marks that slips aim at.

A paragraph is a string with marks ``⟦kind=text⟧``: ``a…`` an amount, ``p`` a percentage, ``u`` a unit of
money, ``d`` a direction word, ``y`` a year, ``n`` the unit's name, ``c`` a count, ``g`` a 款 name.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from random import Random

CENT = Decimal("0.01")
MARK = re.compile(r"⟦(\w+)=([^⟧]*)⟧")
START, END = "\x02", "\x03"  # around what a slip changed; of no width
_CLOSED = re.compile(r"[。；！？:：;!?]$")
_TITLE = re.compile(r"决算(?:明细)?表(?:（表\s?\d）|\(表\s?\d\))?$")
_NUMBERED = re.compile(r"(?:[一二三四五六七八九十]+、|[（(][一二三四五六七八九十\d]+[）)]|\d{1,2}[.．、]|第.部分)")


def mark(kind: str, text: object) -> str:
    """Text that a slip of this kind may aim at."""
    return f"⟦{kind}={text}⟧"


def bare(text: str) -> str:
    """A paragraph without its marks."""
    return MARK.sub(lambda hit: hit.group(2), text)


@dataclass(slots=True)
class Style:
    """One clerk's way of writing, held through the whole report."""

    form: str  # 2021 | 2022 | shanghai
    trim: bool = False  # 427.7 for 427.70
    thousands: bool = False
    spaced: bool = False  # 2022 年度, 18 万元
    half: bool = False  # half-width brackets
    wide_percent: bool = False
    places: int = 2  # decimals of percentages
    whole_percent: bool = True  # 100% for 100.00%
    wrap: int = 0  # characters a line, 0 for none
    pages: bool = False  # page numbers between the lines
    markdown: bool = False
    from_printed: bool = True  # percentages worked out from printed amounts
    tables: bool = True
    listed: bool = True  # structure and projects one a paragraph
    zeros: bool = False  # kinds of money that are nil are named too
    before: str = "与{y}年度相比"
    of_income: str = "占本年收入"
    class_first: bool = False  # 一般公共服务（类）支出 for 一般公共服务支出（类）
    dot: str = "."
    charts: bool = False
    ours: str = "本部门"
    project_forms: bool = False

    def money(self, value: int, kind: str = "a", unit: str = "万元") -> str:
        """An amount of 分 as printed, both marked."""
        return mark(kind, self.number(printed(value))) + mark("u", unit)

    def number(self, value: Decimal) -> str:
        text = f"{value:,.2f}" if self.thousands else f"{value:.2f}"
        return text.rstrip("0").rstrip(".") if self.trim else text

    def percent(self, top: int, bottom: int) -> str:
        """``97.2%`` of two amounts of 分; 0 of 0 is 0."""
        if not bottom:
            return self._percent(Decimal(0))
        if self.from_printed:
            return self._percent(printed(top) / printed(bottom) * 100)
        return self._percent(Decimal(top) / bottom * 100)

    def _percent(self, value: Decimal) -> str:
        shown = value.quantize(Decimal(1).scaleb(-self.places), rounding=ROUND_HALF_UP)
        text = f"{shown:f}"
        if self.trim or (self.whole_percent and shown == shown.to_integral_value()):
            text = text.rstrip("0").rstrip(".")
        return mark("p", text) + "%"

    def change(self, now: int, then: int) -> int:
        """What is printed as the change, in 分, without its sign."""
        if self.from_printed:
            return int(abs(printed(now) - printed(then)) * 1_000_000)
        return abs(now - then)


def style(form: str, rng: Random) -> Style:
    """A clerk of one form's region."""
    markdown = rng.random() < 0.25
    hubei = form != "shanghai"
    return Style(
        form,
        trim=hubei and rng.random() < 0.5,
        thousands=rng.random() < 0.25,
        spaced=rng.random() < 0.5,
        half=rng.random() < 0.3,
        wide_percent=rng.random() < 0.1,
        places=rng.choice([2, 2, 1] if hubei else [2]),
        whole_percent=hubei and rng.random() < 0.7,
        wrap=0 if markdown or rng.random() < 0.2 else rng.randint(26, 42),
        pages=rng.random() < 0.4,
        markdown=markdown,
        from_printed=rng.random() < 0.6,
        tables=rng.random() < 0.75,
        listed=rng.random() < 0.5,
        zeros=rng.random() < 0.3,
        before=rng.choice(["与{y}年度相比", "与{y}年相比", "较上年", "比上年", "较{y}年"]) if hubei else "与{y}年度相比",
        of_income=rng.choice(["占本年收入", "占本年收入的", "占"]),
        class_first=rng.random() < 0.4,
        dot=rng.choice([".", "．", "、", "."]),
        charts=rng.random() < 0.5,
        ours=rng.choice(["本部门", "我部门"]),
        project_forms=hubei and rng.random() < 0.4,
    )  # fmt: skip


def printed(value: int) -> Decimal:
    """分 as 万元 with two decimals, half up."""
    return (Decimal(value) / 1_000_000).quantize(CENT, rounding=ROUND_HALF_UP)


# from paragraphs to lines ------------------------------------------------------------------------


def dressed(paragraph: str, how: Style) -> str:
    """Marks gone, spaces, brackets and percent signs as this clerk types them."""
    text = bare(paragraph)
    if "\t" in text:
        return text
    if how.half:
        text = text.replace("（", "(").replace("）", ")")
    if how.wide_percent:
        text = text.replace("%", "％")
    return _spaced(text) if how.spaced else text


def _spaced(text: str) -> str:
    """A space between Chinese words and numbers."""
    out: list[str] = []
    last = ""
    for char in text:
        if char in (START, END):
            out.append(char)
            continue
        if last and ((_word(last) and char.isdigit()) or (_word(char) and (last.isdigit() or last in "%％"))):
            out.append(" ")
        out.append(char)
        last = char
    return "".join(out)


def _word(char: str) -> bool:
    return "\u4e00" <= char <= "\u9fff"


def lines(paragraphs: Sequence[str], how: Style, rng: Random) -> list[str]:
    """Paragraphs broken into printed lines, also within words and numbers; tab lines stay whole."""
    out: list[str] = []
    page, used = 1, 0
    for paragraph in paragraphs:
        text = dressed(paragraph, how)
        heading = len(text) < 45 and _NUMBERED.match(text.strip(START + END + "# "))
        title = len(text) < 60 and _TITLE.search(text)
        if not how.wrap or "\t" in text or title or (heading and not _CLOSED.search(text)):
            pieces = [text]
        else:
            pieces = _wrapped(text, how.wrap)
        for piece in pieces:
            out.append(piece)
            used += 1
            if how.pages and used >= 30 and "\t" not in piece:
                out.append(rng.choice(["- {} -", "{}", "— {} —"]).format(page) if page == 1 else f"- {page} -")
                page, used = page + 1, 0
        if how.markdown or "\t" not in text:
            out.append("")
    return [line for index, line in enumerate(out) if how.markdown or line or index % 7 == 0]


def _wrapped(text: str, width: int) -> list[str]:
    """Full lines of ``width`` characters (a digit is half one), the next begins where it is full."""
    out: list[str] = []
    line, room = "", float(width)
    for char in text:
        line += char
        room -= 0 if char in (START, END) else (0.5 if char.isascii() else 1)
        if room <= 0:
            out.append(line)
            line, room = "", float(width)
    if line:
        out.append(line)
    # a line never begins with a full stop or comma: the printer hangs it
    for index in range(1, len(out)):
        while out[index] and out[index][0] in "，。；、）":
            out[index - 1] += out[index][0]
            out[index] = out[index][1:]
    return [line for line in out if line]
