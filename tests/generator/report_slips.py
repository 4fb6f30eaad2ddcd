"""One slip in the words of a report, as clerks make them; what was there before and after."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from random import Random

from .report import Report, report
from .report_style import END, MARK, START, bare
from .slips import KINDS as TYPED
from .subjects import GROUPS

_FLIPPED = {"增加": "减少", "减少": "增加", "增长": "下降", "下降": "增长", "大于": "小于", "小于": "大于"}
_LEAST = Decimal("0.50")


@dataclass(frozen=True, slots=True)
class TextSlip:
    """What kind, in which section (its heading), and the words before and after."""

    kind: str
    section: str
    old: str
    new: str
    around: str


Hit = tuple[int, "re.Match[str]"]  # paragraph, mark


def slip_text(made: Report, kind: str, rng: Random) -> tuple[Report, TextSlip] | None:
    """The report with one slip of this kind, its place between ``START`` and ``END``; None without a chance for it."""
    return SLIPS[kind](made, kind, rng)


def _marks(made: Report, kinds: str, good: Callable[[str], bool] = lambda _: True) -> list[Hit]:
    """Marks of the narrative whose kind fits the pattern and whose text is good."""
    return [
        (index, hit)
        for index in made.narrative
        for hit in MARK.finditer(made.paragraphs[index])
        if re.fullmatch(kinds, hit.group(1)) and good(hit.group(2))
    ]


def _replaced(made: Report, kind: str, at: Hit, new: str) -> tuple[Report, TextSlip]:
    index, hit = at
    old = made.paragraphs[index]
    made.paragraphs[index] = f"{old[: hit.start()]}{START}{new}{END}{old[hit.end() :]}"
    around = bare(old[max(0, hit.start() - 60) : hit.start()])[-24:] + f"[{hit.group(2)}→{new}]"
    return made, TextSlip(kind, section_of(made, index), hit.group(2), new, around + bare(old[hit.end() :])[:16])


def section_of(made: Report, index: int) -> str:
    """The heading that a paragraph of the narrative stands under."""
    for above in range(index, made.narrative.start - 1, -1):
        text = bare(made.paragraphs[above]).lstrip("# ")
        if re.match(r"[一二三四五六七八九十]+、", text) and len(text) < 40:
            return text.split("、")[1]
    return ""


def _value(text: str) -> Decimal:
    return Decimal(text.replace(",", ""))


def _shown(value: Decimal, like: str) -> str:
    return f"{value:,.2f}" if "," in like else f"{value:.2f}"


def _amount(made: Report, kind: str, rng: Random) -> tuple[Report, TextSlip] | None:
    hits = _marks(made, "a.*", lambda text: _value(text) >= 1)
    rng.shuffle(hits)
    for at in hits:
        old = at[1].group(2)
        for typed in rng.sample(list(TYPED.values()), k=len(TYPED)):
            new = typed(f"{_value(old):.2f}", rng)
            if new is not None and abs(new - _value(old)) >= _LEAST:
                return _replaced(made, kind, at, _shown(new, old))
    return None


def _percent(made: Report, kind: str, rng: Random) -> tuple[Report, TextSlip] | None:
    hits = _marks(made, "p")
    if not hits:
        return None
    at = rng.choice(hits)
    old = at[1].group(2)
    places = len(old.partition(".")[2])
    step = Decimal(rng.choice(["0.3", "0.9", "1", "3.6", "10", "9"]))
    new = max(Decimal(0), _value(old) + rng.choice([-step, step]))
    if abs(new - _value(old)) < Decimal("0.3"):
        new = _value(old) + step
    return _replaced(made, kind, at, f"{new:.{max(places, 1)}f}")


def _direction(made: Report, kind: str, rng: Random) -> tuple[Report, TextSlip] | None:
    hits = _marks(made, "d")
    return _replaced(made, kind, at, _FLIPPED[at[1].group(2)]) if hits and (at := rng.choice(hits)) else None


def _group(made: Report, kind: str, rng: Random) -> tuple[Report, TextSlip] | None:
    hits = _marks(made, "g")
    if not hits:
        return None
    at = rng.choice(hits)
    other = [name for name in GROUPS.values() if name != at[1].group(2)]
    return _replaced(made, kind, at, rng.choice(other))


def _copied(made: Report, kind: str, rng: Random) -> tuple[Report, TextSlip] | None:
    """An item's amount is the one of the item before."""
    pairs = []
    for kinds in ("as", "af", "ab", "ap"):
        hits = _marks(made, kinds)
        pairs += [(a, b) for a, b in itertools.pairwise(hits)]
    pairs = [(a, b) for a, b in pairs if abs(_value(a[1].group(2)) - _value(b[1].group(2))) >= _LEAST]
    if not pairs:
        return None
    before, at = rng.choice(pairs)
    return _replaced(made, kind, at, before[1].group(2))


def _unit(made: Report, kind: str, rng: Random) -> tuple[Report, TextSlip] | None:
    hits = []
    for index, hit in _marks(made, "u"):
        ahead = MARK.findall(made.paragraphs[index][: hit.start()])
        if ahead and _value(ahead[-1][1]):
            hits.append((index, hit))
    return _replaced(made, kind, rng.choice(hits), "元") if hits else None


def _year(made: Report, kind: str, rng: Random) -> tuple[Report, TextSlip] | None:
    hits = _marks(made, "y")
    if not hits:
        return None
    at = rng.choice(hits)
    return _replaced(made, kind, at, str(int(at[1].group(2)) + rng.choice([-1, 1])))


def _name(made: Report, kind: str, rng: Random) -> tuple[Report, TextSlip] | None:
    hits = _marks(made, "n")
    if not hits:
        return None
    at = rng.choice(hits)
    name = at[1].group(2)
    spot = rng.randrange(1, len(name) - 1)
    new = rng.choice([name[:spot] + name[spot + 1 :], name[:spot] + rng.choice("与口和区心") + name[spot + 1 :]])
    return _replaced(made, kind, at, new) if new != name else None


def _doubled(made: Report, kind: str, rng: Random) -> tuple[Report, TextSlip] | None:
    """A whole paragraph is pasted twice."""
    long = [i for i in made.narrative if len(bare(made.paragraphs[i])) >= 40 and "\t" not in made.paragraphs[i]]
    if not long:
        return None
    index = rng.choice(long)
    text = made.paragraphs[index]
    made.paragraphs.insert(index + 1, f"{START}{text}{END}")
    return made, TextSlip(kind, section_of(made, index), "", "", bare(text)[:40])


def _residue(made: Report, kind: str, rng: Random) -> tuple[Report, TextSlip] | None:
    """Words of the template left standing."""
    choices: list[tuple[Hit, str]] = []
    choices += [(at, {"增加": "增加（减少）", "减少": "增加（减少）", "增长": "增长（下降）", "下降": "增长（下降）"}[at[1].group(2)])
                for at in _marks(made, "d", lambda t: t in ("增加", "减少", "增长", "下降"))]  # fmt: skip
    choices += [(at, "部门名称") for at in _marks(made, "n")]
    choices += [(at, rng.choice(["XX", "XXX", "××"])) for at in _marks(made, "[acp].*")]
    return _replaced(made, kind, *rng.choice(choices)) if choices else None


def _zeroed(made: Report, kind: str, rng: Random) -> tuple[Report, TextSlip] | None:
    """A count stays zero where money was spent, or a number of projects is another one."""
    hits = _marks(made, "[ck]", lambda text: text != "0")
    if not hits:
        return None
    at = rng.choice(hits)
    new = "0" if at[1].group(1) == "c" else str(int(at[1].group(2)) + 1)
    return _replaced(made, kind, at, new)


def _left_out(made: Report, kind: str, rng: Random) -> tuple[Report, TextSlip] | None:
    """One 类 is missing where the text lists them all."""
    told = made.told
    rows = told.rows("一般支出表", 3)
    if len(rows) < 2:
        return None
    omit = rng.randrange(len(rows))
    without = report(made.seed, made.form, omit=omit, tables=made.how.tables)
    starts = [i for i in without.narrative if "主要用于以下方面" in without.paragraphs[i]]
    if not starts:
        return None
    first = last = starts[0]
    while made.how.listed and made.form != "shanghai" and not without.paragraphs[last + 1].startswith("（三）"):
        last += 1
    without.paragraphs[first] = START + without.paragraphs[first]
    without.paragraphs[last] += END
    name = f"类 {rows[omit]}"
    return without, TextSlip(kind, section_of(without, first), name, "", bare(without.paragraphs[first])[:40])


SLIPS: dict[str, Callable[[Report, str, Random], tuple[Report, TextSlip] | None]] = {
    "amount": _amount,
    "percent": _percent,
    "direction": _direction,
    "款 name": _group,
    "copied": _copied,
    "unit of money": _unit,
    "year": _year,
    "unit name": _name,
    "doubled": _doubled,
    "residue": _residue,
    "count": _zeroed,
    "类 left out": _left_out,
}
