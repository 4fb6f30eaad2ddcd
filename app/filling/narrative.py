"""Part 3, 决算情况说明, in its official wording (``resources/narrative``), with the figures of a case.

Every figure is a piece of its own: the draft writes the pieces, placeholders of a clerk's text are
filled from those that stand in the same words. What only a person knows is a piece 【待填：…】.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from typing import Any

from app import paths
from app.filling.narrative_items import Bound, Items, of_item
from app.filling.percentages import Percentage, shown
from app.filling.quantities import Quantities, Quantity
from app.report.report import Report

_SLOT = re.compile(r"\{([^{}]*)\}")
_NUMERALS = "一二三四五六七八九十"
WHO, REASON, USE = "单位名称", "原因", "用途"


@dataclass(frozen=True, slots=True)
class Piece:
    """``kind``: ``""`` words, amount, percent, count, direction, text, or blank (【待填：…】).

    ``name`` says what a figure is, ``quantities`` what it rests on, ``value`` in 万元 or as a fraction.
    """

    text: str
    kind: str = ""
    name: str = ""
    value: Decimal | None = None
    quantities: tuple[Quantity, ...] = ()
    about: str = ""  # the item of a list that it is of: a project's name, a chain （类）（款）（项）


@dataclass(frozen=True, slots=True)
class ChartData:
    """``kind``: years (two bars) or parts (shares); labels with amounts in 万元."""

    name: str
    title: str
    kind: str
    points: tuple[tuple[str, Decimal], ...]


@dataclass(frozen=True, slots=True)
class Paragraph:
    """``kind``: title, heading1, heading2, text or chart; ``section`` is its canonical key."""

    kind: str
    section: str
    pieces: tuple[Piece, ...] = ()
    chart: ChartData | None = None

    @property
    def text(self) -> str:
        return "".join(p.text for p in self.pieces)


def narrative(report: Report, quantities: Quantities | None = None) -> list[Paragraph]:
    """The whole narrative of a report in the wording of its form."""
    return list(_Writer(report, quantities or Quantities.of(report)).paragraphs())


@cache
def wording(form: str) -> dict[str, Any]:
    """The data of a form, over that of the form it is ``like``."""
    path = paths.resources() / "narrative" / f"{form}.toml"
    own = tomllib.loads(path.read_text("utf-8"))
    if "like" not in own:
        return own
    base = wording(own["like"])
    merged = {**base, **own}
    for key in ("words", "charts", "lists"):
        merged[key] = {**base[key], **own.get(key, {})}
    known = {s["key"]: s for s in base["section"]} | {s["key"]: s for s in own.get("section", [])}
    merged["section"] = list(known.values())
    return merged


def money(value: Decimal) -> str:
    """``427.70``."""
    return f"{value.quantize(Decimal('0.01'), ROUND_HALF_UP):.2f}"


@dataclass(slots=True)
class _Writer:
    report: Report
    quantities: Quantities
    data: dict[str, Any] = field(init=False)
    words: dict[str, Any] = field(init=False)
    lists: Items = field(init=False)
    changed: bool = False  # whether the last {change} or {gap} told of a difference

    def __post_init__(self) -> None:
        self.data = wording(self.report.form)
        self.words = self.data["words"]
        self.lists = Items(self.quantities, self.data["lists"])

    def paragraphs(self) -> Iterator[Paragraph]:
        yield Paragraph("title", "", tuple(self._pieces(self.data["title"], None)))
        sections = {s["key"]: s for s in self.data["section"]}
        for number, key in enumerate(self.data["order"]):
            section = sections[key]
            yield Paragraph("heading1", key, (Piece(f"{_numeral(number)}、{section['heading']}"),))
            yield from self._section(key, section)

    def _section(self, key: str, section: dict[str, Any]) -> Iterator[Paragraph]:
        second = 0
        for entry in section["paragraphs"]:
            verdict = self._wanted(entry)
            if verdict is None:
                if "told" in entry:
                    yield Paragraph("text", key, (_blank("机关运行经费（没有的写明没有）"),))
                continue
            if not verdict:
                continue
            if "chart" in entry:
                chart = self._chart(entry["chart"])
                lacking = chart.kind == "years" and len(chart.points) < 2
                blank = (_blank(f"{chart.name} {chart.title}，缺少上年数"),) if lacking else ()
                yield Paragraph("text" if lacking else "chart", key, blank, chart)
            elif entry.get("level") == 2:
                yield Paragraph("heading2", key, (Piece(f"（{_numeral(second)}）{entry['text']}"),))
                second += 1
            else:
                yield from self._text(key, entry)

    def _text(self, key: str, entry: dict[str, Any]) -> Iterator[Paragraph]:
        if "each" not in entry:
            yield Paragraph("text", key, tuple(self._pieces(entry["text"], None)))
            return
        for number, bound in enumerate(self.lists.items(entry["each"]), 1):
            text = entry["text"].replace("{k}", str(number))
            yield Paragraph("text", key, tuple(self._pieces(text, bound)))

    def _wanted(self, entry: dict[str, Any]) -> bool | None:
        """Whether a paragraph belongs in; None where only a person can say."""
        if "if" in entry and self.quantities.get(entry["if"]).value == 0:
            return False
        if "unless" in entry and self.quantities.get(entry["unless"]).value != 0:
            return False
        if "known" in entry and self.quantities.get(entry["known"]).missing:
            return False
        if "unknown" in entry and not self.quantities.get(entry["unknown"]).missing:
            return False
        if "exists" in entry and not self.lists.items(entry["exists"]):
            return False
        if "absent" in entry and self.lists.items(entry["absent"]):
            return False
        if "told" in entry or "untold" in entry:
            said = self._has(entry.get("told") or entry["untold"])
            return None if said is None else said is ("told" in entry)
        return True

    def _has(self, what: str) -> bool | None:
        text = self.quantities.text("单位情况", what, "内容")
        if text:
            return not re.match(r"否|无|没有|不", text)
        cells = ("上年[机关运行].上年数", "机关运行[机关运行经费].年初预算数")
        return True if any(not self.quantities.get(cell).missing for cell in cells) else None

    # -- pieces -----------------------------------------------------------------------------

    def _pieces(self, text: str, bound: Bound | None) -> Iterator[Piece]:
        at = 0
        for slot in _SLOT.finditer(text):
            yield from _words(text[at : slot.start()])
            at = slot.end()
            for piece in self._slot(slot.group(1), bound):
                yield replace(piece, about=bound.chain or bound.name) if bound and not piece.about else piece
        yield from _words(text[at:])

    def _slot(self, slot: str, bound: Bound | None) -> Iterator[Piece]:
        kind, _, rest = slot.partition(" ")
        rest = of_item(rest, bound) if bound else rest
        if not rest:
            yield self._plain(kind, bound)
            return
        yield from getattr(self, f"_{kind}")(rest)

    def _plain(self, kind: str, bound: Bound | None) -> Piece:
        year, unit = self.report.year, self.report.unit
        if kind in ("year", "last"):
            return Piece(str(year - (kind == "last"))) if year else _blank("年度")
        if kind == "unit":
            return Piece(unit.value) if unit else _blank(WHO)
        if kind == "self":
            return Piece(self.quantities.text("单位情况", "简称", "内容") or "本部门")
        assert bound is not None
        return Piece(str(getattr(bound, kind)))

    def _m(self, rest: str) -> Iterator[Piece]:
        yield self._amount(self.quantities.get(rest))

    def _amount(self, quantity: Quantity) -> Piece:
        if quantity.value is None:
            return _blank(_lacking(quantity))
        return Piece(money(quantity.value), "amount", quantity.name, quantity.value, (quantity,))

    def _p(self, rest: str) -> Iterator[Piece]:
        top, base = (self.quantities.get(part.strip()) for part in rest.split(" / "))
        yield self._rate("share", top, base)

    def _rate(self, kind: str, top: Quantity, base: Quantity, name: str = "") -> Piece:
        one = Percentage("", name, kind, top, base)
        if one.value is None:
            if not one.missing and not top.value:  # nothing of nothing
                return Piece("0.00%", "percent", f"{top.name} ÷ {base.name}", Decimal(0), (top, base))
            return _blank(_lacking(top) if top.missing else _lacking(base) if base.missing else "比率")
        return Piece(shown(abs(one.value)), "percent", f"{top.name} ÷ {base.name}", abs(one.value), (top, base))

    def _change(self, rest: str, *, rate: bool = True) -> Iterator[Piece]:
        now, then = (self.quantities.get(part.strip()) for part in rest.split(" | "))
        up, down = self.words["up"], self.words["down"]
        if now.value is None or then.value is None:
            self.changed = True
            yield _blank(f"与上年相比的增减，缺少{_lacking(now if now.value is None else then)}")
            return
        gap = now.value - then.value
        self.changed = bool(gap)
        if not gap:
            yield Piece(self.words["same"], "direction", "", Decimal(0), (now, then))
            return
        way = up if gap > 0 else down
        yield Piece(way[0], "direction", "", gap, (now, then))
        yield Piece(money(abs(gap)), "amount", f"{now.name} − {then.name}", abs(gap), (now, then))
        yield Piece("万元")
        if rate and then.value > 0:
            yield Piece("，")
            yield Piece(way[1], "direction", "", gap, (now, then))
            yield self._rate("growth", now, then)

    def _rise(self, rest: str) -> Iterator[Piece]:
        yield from self._change(rest, rate=False)

    def _done(self, rest: str) -> Iterator[Piece]:
        final, budget, *word = (part.strip() for part in rest.split(" | "))
        top, base = self.quantities.get(final), self.quantities.get(budget)
        name = word[0] if word else "年初预算"
        if base.value == 0:
            return
        yield Piece(f"，完成{name}的")
        yield self._rate("completion", top, base)

    def _gap(self, rest: str) -> Iterator[Piece]:
        final, budget = (self.quantities.get(part.strip()) for part in rest.split(" | "))
        self.changed = False
        if final.value is None or budget.value is None:
            return
        gap = final.value - budget.value
        self.changed = bool(gap)
        words = self.words["more"] if gap > 0 else self.words["less"] if gap else self.words["even"]
        if words:
            yield Piece(words, "direction", "", gap, (final, budget))

    def _because(self, rest: str) -> Iterator[Piece]:
        if self.changed:
            yield Piece(self.words["because"])
            yield self._told(rest, REASON)

    def _why(self, rest: str) -> Iterator[Piece]:
        yield self._told(rest, REASON)

    def _why_if(self, rest: str) -> Iterator[Piece]:
        if self.changed:
            yield Piece("，主要原因是")
            yield self._told(rest, REASON)

    def _use(self, rest: str) -> Iterator[Piece]:
        yield self._told(rest, USE)

    def _told(self, cell: str, what: str) -> Piece:
        block, row, column = re.fullmatch(r"(.+)\[(.+)\]\.(.+)", cell).groups()  # type: ignore[union-attr]
        text = self.quantities.text(block, row, column).rstrip("。；;，, ")
        return Piece(text, "text") if text else _blank(what)

    def _n(self, rest: str) -> Iterator[Piece]:
        quantity = self.quantities.get(rest)
        if quantity.value is None:
            yield _blank(_lacking(quantity))
            return
        whole = quantity.value == quantity.value.to_integral_value()
        text = str(int(quantity.value)) if whole else f"{quantity.value.normalize():f}"
        yield Piece(text, "count", quantity.name, quantity.value, (quantity,))

    def _list(self, name: str) -> Iterator[Piece]:
        entry = self.data["lists"][name]
        found = self.lists.items(name)
        if not found:
            yield _blank("明细")
        for number, bound in enumerate(found):
            if number:
                yield Piece(entry["join"])
            yield from self._pieces(entry["item"], bound)

    def _count(self, name: str) -> Iterator[Piece]:
        count = len(self.lists.items(name))
        yield Piece(str(count), "count", "项目个数", Decimal(count))

    # -- charts -----------------------------------------------------------------------------

    def _chart(self, name: str) -> ChartData:
        entry = self.data["charts"][name]
        if entry["kind"] == "years":
            year = self.report.year or 0
            now, then = self.quantities.get(entry["now"]).value, self.quantities.get(entry["then"]).value
            points = [(f"{year - 1}年度", then), (f"{year}年度", now)]
        else:
            of = self.data["lists"][entry["list"]]["of"]
            points = [(b.name, self.quantities.get(of_item(of, b)).value) for b in self.lists.items(entry["list"])]
        known = tuple((label, value) for label, value in points if value is not None)
        return ChartData(name, entry["title"], entry["kind"], known)


def _words(text: str) -> Iterator[Piece]:
    """Words of the wording, in which 【待填：…】 may stand."""
    for part in re.split(r"(【待填：[^】]*】)", text):
        if part:
            yield _blank(part[4:-1]) if part.startswith("【待填：") else Piece(part)


def _blank(what: str) -> Piece:
    return Piece(f"【待填：{what}】", "blank", what)


def _lacking(quantity: Quantity) -> str:
    return quantity.missing.removeprefix("缺少").partition("；")[0] or "数据"


def _numeral(number: int) -> str:
    """0 -> 一, 10 -> 十一."""
    return _NUMERALS[number] if number < 10 else "十" + _NUMERALS[number - 10]
