"""The year before a random 部门: it closed with what this year opened with."""

from __future__ import annotations

import math
from copy import deepcopy
from random import Random

from .department import FISCAL, INCOMES, LEAST, OTHER, TRIPS, Department

_TRIP_CODES = {"出国费": "30212", "购置费": "31013", "运行费": "30231", "接待费": "30217"}


def past(whole: Department, rng: Random) -> Department:
    """Last year's department: the same 项 with other amounts, exact in 分, closing = this year's opening."""
    last = deepcopy(whole)
    last.year -= 1
    for item in last.items:
        factor = math.exp(rng.gauss(0, 0.2)) if rng.random() < 0.9 else 1.0
        item.spend = {k: max(LEAST, round(v * factor)) for k, v in item.spend.items()}
        item.closing, item.opening = dict(item.opening), {}
        item.income = {k: max(LEAST, round(v * factor)) for k, v in item.income.items() if k in INCOMES}
        for source in FISCAL:
            received = item.spent(source) + item.closing.get(source, 0)
            if received:
                item.income[source] = received
    last.items = [i for i in last.items if i.spent() or i.income]
    _other(whole, last)
    _economic(last)
    _trips(last, rng)
    return last


def _other(whole: Department, last: Department) -> None:
    received = sum(v for i in last.items for k, v in i.income.items() if k in INCOMES)
    need = sum(i.spent(OTHER) for i in last.items) + whole.opening_other
    last.closing_other, last.reserve_used = whole.opening_other, 0
    last.opening_other, last.allocated = max(0, need - received), max(0, received - need)


def _economic(last: Department) -> None:
    """The codes as they are, 30101 takes up the difference; smaller amounts where it cannot."""
    basic = sum(i.spent("一般公共预算", "基本支出") for i in last.items)
    others = {k: v for k, v in last.economic.items() if k != "30101"}
    while sum(others.values()) > basic:
        others = {k: v // 2 for k, v in others.items() if v // 2 >= LEAST}
    last.economic = others | {"30101": basic - sum(others.values())}


def _trips(last: Department, rng: Random) -> None:
    """No less than the 基本支出 part of each; a third of them as they are."""
    for trip in TRIPS:
        least = last.economic.get(_TRIP_CODES[trip], 0)
        more = 0 if last.no_trips else rng.choice([0, 0, rng.randint(50, 900) * 10_000])
        last.final[trip] = max(last.final[trip], least) + more
        last.budget[trip] = max(last.budget[trip], last.final[trip])
