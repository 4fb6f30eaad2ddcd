"""What the narrative of a report says: text with places, sections, figures and claims."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from decimal import Decimal

from app.source import Line, Place


@dataclass(slots=True)
class Section:
    """A heading and what stands under it. ``level``: 0 第一部分, 1 一、, 2 （一）, 3 1.

    ``key`` is the canonical name (``收支总体``, ``三公`` …, see ``recognising.prose``), inherited by
    sub-sections that have none of their own; ``start``/``end`` are offsets in the prose.
    """

    level: int
    number: str
    title: str
    start: int
    end: int
    place: Place
    key: str = ""
    parent: Section | None = None

    @property
    def path(self) -> str:
        """``第三部分 五、… （三）…`` for people."""
        own = f"{self.number}{self.title}"
        return f"{self.parent.path} {own}" if self.parent else own


@dataclass(slots=True)
class Prose:
    """The running text as compared (NFKC, no white space, ``\\n`` between paragraphs) with the way
    back to the source. All offsets elsewhere are offsets into ``text``."""

    text: str = ""
    lines: list[Line] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)  # offset of each line in ``text``
    maps: list[list[int]] = field(default_factory=list)  # for each line: source index of each char
    sections: list[Section] = field(default_factory=list)
    contents: list[Section] = field(default_factory=list)  # entries of the 目录

    def line_at(self, offset: int) -> int:
        """Index of the line that holds ``offset``."""
        return max(0, bisect_right(self.starts, offset) - 1)

    def place(self, start: int) -> Place:
        """Where the character at ``start`` stands."""
        return self.lines[self.line_at(start)].place if self.lines else Place()

    def quote(self, start: int, end: int) -> str:
        """The source text of ``text[start:end]``, exactly as printed, line breaks left out."""
        parts: list[str] = []
        index = self.line_at(start)
        while index < len(self.lines) and self.starts[index] < end:
            places = self.maps[index]
            low = max(0, start - self.starts[index])
            high = min(len(places), end - self.starts[index])
            if low < high:
                parts.append(self.lines[index].text[places[low] : places[high - 1] + 1])
            index += 1
        return "".join(parts)

    def context(self, start: int, end: int, around: int = 24) -> str:
        """The quote with a little more on both sides, within its paragraph."""
        low = max(self.text.rfind("\n", 0, start) + 1, start - around)
        stop = self.text.find("\n", end)
        high = min(stop if stop >= 0 else len(self.text), end + around)
        return self.quote(low, high)

    def section(self, offset: int) -> Section | None:
        """The innermost section that holds ``offset``."""
        found = None
        for section in self.sections:
            if section.start <= offset < section.end and (found is None or section.level >= found.level):
                found = section
        return found

    def key(self, offset: int) -> str:
        """The canonical key of the section there, or ``""``."""
        section = self.section(offset)
        return section.key if section else ""


@dataclass(slots=True)
class Figure:
    """One number in the text. ``half`` is half a unit of its last printed decimal, for amounts at
    least of 0.01 万元 (``short`` says trailing zeros were dropped). ``unit`` as printed (``万元``,
    ``%``, ``个`` …). ``subject`` are the words before it back to the last comma, without 为/共/达."""

    value: Decimal
    half: Decimal
    unit: str
    start: int
    end: int
    subject: str
    left: str  # the clause before it
    text: str  # as compared: 5010.42万元
    decimals: int
    short: bool = False
    role: str = ""  # budget | final | change | amount | share | growth | completion | rate | count
    direction: int = 0  # +1 增加, -1 减少, 0 neither
    bound: str = ""  # 余 近 以上 … : not exact


@dataclass(slots=True)
class Claim:
    """One statement that can be checked.

    ``relation``: ``amount`` (subject = amount), ``share`` (amount ÷ base = percent), ``growth``
    (change ÷ (amount ∓ change) = percent), ``completion`` (amount ÷ base = percent),
    ``change`` (a change without percent), ``sum`` (parts add to amount).
    """

    relation: str
    subject: str
    start: int
    end: int
    quote: str
    place: Place
    section: str = ""
    amount: Figure | None = None
    base: Figure | None = None
    change: Figure | None = None
    percent: Figure | None = None
    denominator: str = ""  # 占…的 as printed
    direction: int = 0
    parts: list[Figure] = field(default_factory=list)
