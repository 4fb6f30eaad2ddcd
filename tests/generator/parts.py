"""A department split into two units whose figures add up, and the year before a department's year."""

from __future__ import annotations

from copy import deepcopy
from random import Random

from .department import FISCAL, Department


def units(whole: Department, rng: Random) -> list[Department]:
    """本级 and one 下属单位: every fiscal amount of the department is the sum of theirs."""
    first, second = deepcopy(whole), deepcopy(whole)
    first.name, second.name = f"{whole.name}本级", f"{whole.name}服务中心"
    for item, a, b in zip(whole.items, first.items, second.items, strict=True):
        share = rng.choice([0.0, 1.0, rng.uniform(0.1, 0.9), rng.uniform(0.1, 0.9)])
        a.spend = {k: int(v * share) for k, v in item.spend.items()}
        a.opening = {k: int(v * share) for k, v in item.opening.items()}
        a.closing = {k: int(v * share) for k, v in item.closing.items()}
        a.income = {k: int(v * share) for k, v in item.income.items()}
        for source in FISCAL:
            need = a.spent(source) + a.closing.get(source, 0)
            if source in item.income:
                if a.opening.get(source, 0) > need:
                    a.opening[source] = need
                a.income[source] = need - a.opening.get(source, 0)
            elif source in item.opening:
                a.opening[source] = need
        for name in ("spend", "opening", "closing", "income"):
            rest = {k: v - getattr(a, name).get(k, 0) for k, v in getattr(item, name).items()}
            setattr(b, name, rest)
    first.economic = {k: int(v * 0.6) for k, v in whole.economic.items()}
    second.economic = {k: v - first.economic[k] for k, v in whole.economic.items()}
    for name in ("budget", "final"):
        mine = {k: int(v * 0.5) for k, v in getattr(whole, name).items()}
        setattr(first, name, mine)
        setattr(second, name, {k: v - mine[k] for k, v in getattr(whole, name).items()})
    for name in ("opening_other", "closing_other", "reserve_used", "allocated"):
        setattr(second, name, 0)
    return [first, second]
