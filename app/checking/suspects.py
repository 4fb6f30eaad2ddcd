"""One slip, one error: which printed cell best explains the equations that fail (DESIGN).

A wrong cell breaks every equation it stands in, all by the same amount. So each cell of a failing
equation is tried: how many failing equations would hold if it were changed by that amount, and how
many that hold now would break. The best one is the suspect, what it explains is grouped beneath,
and the rest is tried again.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal

from app import numbers
from app.checking.equation import Equation, Spot

_CENT = Decimal("0.01")
_FEW = 4
_MOST = 4000  # failing equations beyond which cells are no longer weighed against each other


@dataclass(slots=True)
class Suspect:
    """A cell, by how much it is wrong, the equations that say so, the heaviest first."""

    spot: Spot
    delta: Decimal  # printed − true
    slack: Decimal
    equations: list[Equation] = field(default_factory=list)
    sure: bool = True  # False: other cells of the same equation explain it as well
    plausible: bool = False
    note: str = ""  # what to say besides


def suspects(equations: Iterable[Equation]) -> list[Suspect]:
    """The fewest cells that explain every failing equation, the most certain first."""
    everything = list(equations)
    failed = [e for e in everything if e.status == "failed"]
    holding: dict[tuple[str, str, int], list[tuple[int, Equation]]] = {}
    for equation in everything:
        if equation.status != "failed":
            for sign, spot in equation.terms:
                holding.setdefault(spot.id, []).append((sign, equation))
    found: list[Suspect] = []
    while failed:
        best = _best(failed, holding)
        found.append(best)
        taken = {id(e) for e in best.equations}
        failed = [e for e in failed if id(e) not in taken]
    return found


Holding = dict[tuple[str, str, int], list[tuple[int, Equation]]]


def _best(failed: list[Equation], holding: Holding) -> Suspect:
    by_spot: dict[tuple[str, str, int], list[tuple[int, Equation]]] = {}
    spots: dict[tuple[str, str, int], Spot] = {}
    for equation in failed[:_MOST]:
        for sign, spot in equation.terms:
            by_spot.setdefault(spot.id, []).append((sign, equation))
            spots[spot.id] = spot
    candidates = [
        candidate
        for key, uses in by_spot.items()
        for candidate in _candidates(spots[key], uses)
    ]  # fmt: skip
    scored = [(_score(c, holding), position, c) for position, c in enumerate(candidates)]
    top = max(score for score, _, _ in scored)
    best = next(c for score, _, c in scored if score == top)
    equals = [c for score, _, c in scored if score[:3] == top[:3]]
    best.sure = len(equals) == 1
    best.equations.sort(key=lambda e: (len(e.terms), e.code))
    if not best.sure and sum(c.plausible for c in equals) != 1 and len(best.equations[0].terms) > _FEW:
        return _total(best)
    return best


def _total(best: Suspect) -> Suspect:
    """Where any of many details may be wrong, the place is their total: no detail is accused."""
    equation = best.equations[0]
    sign, spot = equation.terms[0]
    return Suspect(spot, equation.residual * sign, equation.tolerance, best.equations, sure=False)


def _candidates(spot: Spot, uses: list[tuple[int, Equation]]) -> list[Suspect]:
    """Each amount by which the cell might be wrong, with the failing equations it explains."""
    found: list[Suspect] = []
    for sign, equation in uses:
        delta, slack = equation.residual * sign, equation.tolerance
        if any(abs(f.delta - delta) <= f.slack + slack for f in found):
            continue
        explained = [e for s, e in uses if _explains(e, s, delta, slack)]
        tight = min(explained, key=lambda e: e.tolerance)
        sign_tight = next(s for s, e in uses if e is tight)
        found.append(Suspect(spot, tight.residual * sign_tight, tight.tolerance, explained))
    return found


def _explains(equation: Equation, sign: int, delta: Decimal, slack: Decimal) -> bool:
    rest = equation.residual - sign * delta
    room = equation.tolerance + slack
    if equation.relation == "≤":
        return rest <= room
    if equation.relation == "≥":
        return rest >= -room
    return abs(rest) <= room


def _score(suspect: Suspect, holding: Holding) -> tuple[int, int, int, int, int]:
    """(equations explained − equations it would break, …): more is more suspect."""
    broken = 0
    for sign, equation in holding.get(suspect.spot.id, ()):
        rest = equation.residual - sign * suspect.delta
        room = equation.tolerance + suspect.slack
        if equation.relation == "=":
            broken += abs(rest) > room
        else:
            broken += (rest > room) if equation.relation == "≤" else (rest < -room)
    true = suspect.spot.value - suspect.delta
    suspect.plausible = true >= 0 and is_slip(suspect.spot.value, true, suspect.slack)
    explained = len(suspect.equations)
    first = suspect.equations[0]
    led = bool(first.terms) and any(t.spot is suspect.spot for t in first.left)
    negative = true < 0 <= suspect.spot.value
    # A blank cell may have been forgotten, but a typed one is the likelier slip.
    typed = suspect.spot.entry.amount is not None and bool(suspect.spot.value)
    return (2 * (explained - broken) - negative, explained, int(typed), int(suspect.plausible), int(led))


def is_slip(printed: Decimal, true: Decimal, slack: Decimal) -> bool:
    """True when a typist turns ``true`` (± slack) into ``printed`` with one slip: a digit wrong,
    left out or doubled, two neighbours swapped, the point moved, the sign lost."""
    steps = min(int(slack / _CENT), 6)
    centre = true.quantize(_CENT)
    return any(_one_slip(printed, centre + _CENT * k) for k in range(-steps, steps + 1))


def _one_slip(printed: Decimal, true: Decimal) -> bool:
    if printed == true:
        return False
    if true == -printed:
        return True
    a, b = f"{abs(printed):.2f}", f"{abs(true):.2f}"
    for k in (1, 2, 3, 4):
        if abs(printed).scaleb(k) == abs(true) or abs(true).scaleb(k) == abs(printed):
            return True
    pairs = {(a, b), (numbers.plain(abs(printed)), numbers.plain(abs(true)))}
    return any(_near(x, y) for x, y in pairs)


def _near(a: str, b: str) -> bool:
    if len(a) == len(b):
        wrong = [i for i in range(len(a)) if a[i] != b[i]]
        if len(wrong) == 1:
            return True
        return (
            len(wrong) == 2 and wrong[1] == wrong[0] + 1 and a[wrong[0]] == b[wrong[1]] and a[wrong[1]] == b[wrong[0]]
        )
    if abs(len(a) - len(b)) != 1:
        return False
    short, long = sorted((a, b), key=len)
    return any(long[:i] + long[i + 1 :] == short for i in range(len(long)))
