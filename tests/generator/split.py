"""A random 部门 divided into 本级 and 下属单位: the units' figures add up to its own, to the last 分."""

from __future__ import annotations

from random import Random

from .department import FISCAL, LEAST, OTHER, TRIPS, Department, Item

_TRIP_CODES = {"出国费": "30212", "购置费": "31013", "运行费": "30231", "接待费": "30217"}
_NAMES = ("（本级）", "机关服务中心", "信息中心", "执法大队", "培训中心", "档案馆")


def split(whole: Department, rng: Random, count: int | None = None, netted: bool = False) -> list[Department]:
    """The units of a department, each right in itself; ``netted``: one subsidises another where it can.

    Money of other kinds stays with 本级 (and what it passes on to the first 下属单位 is netted).
    """
    count = min(count or rng.randint(2, 5), sum(map(_sustains, whole.items)))
    units = [
        Department(
            whole.seed,
            f"{whole.name}{_NAMES[n] if n < len(_NAMES) else f'第{n}所'}",
            whole.year,
            whole.administrative,
            [],
        )
        for n in range(count)
    ]
    units[0].opening_other, units[0].closing_other = whole.opening_other, whole.closing_other
    units[0].reserve_used, units[0].allocated = whole.reserve_used, whole.allocated
    for number, item in enumerate(sorted(whole.items, key=lambda i: not _sustains(i))):
        _share(item, units, rng, units[number : number + 1])
    if netted:
        _pass_on(units)
    for unit in units:
        unit.items = sorted((i for i in unit.items if i.spent() or i.income or i.closing), key=lambda i: i.code)
    _economic(whole, units)
    _trips(whole, units)
    return units


def _sustains(item: Item) -> bool:
    """Whether a unit lives by it: without general money that comes and goes most tables would be blank."""
    return bool(item.spent("一般公共预算") and item.income.get("一般公共预算"))


def _share(item: Item, units: list[Department], rng: Random, first: list[Department]) -> None:
    """Fiscal money of an item to one unit or to two (``first`` where given); all other money to 本级."""
    other = {k: v for k, v in item.spend.items() if k[1] == OTHER}
    income = {k: v for k, v in item.income.items() if k not in FISCAL}
    owners = first or rng.sample(units, k=min(len(units), rng.choice([1, 1, 2])))
    fiscal = [v for k, v in item.spend.items() if k[1] != OTHER] + [*item.opening.values(), *item.closing.values()]
    if len(owners) == 2 and all(v >= 40 * LEAST for v in fiscal):
        weight = rng.uniform(0.25, 0.75)
        part = _portion(item, weight)
        pieces = [part, _rest(item, part)]
    else:
        owners, pieces = owners[:1], [_portion(item, 1)]
    for unit, piece in zip(owners, pieces, strict=True):
        unit.items.append(piece)
    if other or income:
        home = next((i for i in units[0].items if i.code == item.code), None)
        if home is None:
            home = Item(item.code, item.name, item.nature)
            units[0].items.append(home)
        home.spend |= other
        home.income |= income


def _portion(item: Item, weight: float) -> Item:
    """That share of an item's fiscal money; income is what makes opening + income = spent + closing."""

    def cut(amount: int) -> int:
        return amount if weight == 1 else round(amount * weight)

    piece = Item(item.code, item.name, item.nature)
    piece.spend = {k: cut(v) for k, v in item.spend.items() if k[1] != OTHER}
    piece.opening = {k: cut(v) for k, v in item.opening.items()}
    piece.closing = {k: cut(v) for k, v in item.closing.items()}
    for source in FISCAL:
        if source in item.income:
            piece.income[source] = piece.spent(source) + piece.closing.get(source, 0) - piece.opening.get(source, 0)
    if weight != 1 and not all(s in item.income for s in item.opening):
        piece.opening = {s: piece.spent(s) + piece.closing.get(s, 0) - piece.income.get(s, 0) for s in item.opening}
    return piece


def _rest(item: Item, first: Item) -> Item:
    piece = Item(item.code, item.name, item.nature)
    for name in ("spend", "opening", "closing", "income"):
        whole, taken = getattr(item, name), getattr(first, name)
        setattr(piece, name, {k: v - taken[k] for k, v in whole.items() if k in taken})
    return piece


def _pass_on(units: list[Department]) -> None:
    """本级 gives what it spent of other money on one item to a 下属单位, which spends it instead."""
    for item in units[0].items:
        spent = item.spend.get(("基本支出", OTHER), 0)
        if not spent or "上级补助收入" in item.income:
            continue
        del item.spend["基本支出", OTHER]
        item.spend["对附属单位补助支出", OTHER] = item.spend.get(("对附属单位补助支出", OTHER), 0) + spent
        home = next((i for i in units[1].items if i.code == item.code), None)
        if home is None:
            home = Item(item.code, item.name, item.nature)
            units[1].items.append(home)
        home.spend["基本支出", OTHER] = spent
        home.income["上级补助收入"] = spent
        return


def _economic(whole: Department, units: list[Department]) -> None:
    """Each unit's 经济分类 adds up to its general 基本支出, each code's amounts to the department's."""
    left = {code: value for code, value in sorted(whole.economic.items()) if value}
    for unit in units:
        need = sum(i.spent("一般公共预算", "基本支出") for i in unit.items)
        for code in list(left):
            taken = min(need, left[code])
            if taken:
                unit.economic[code] = taken
                left[code] -= taken
                need -= taken
    for unit in units:
        for code, value in list(unit.economic.items()):
            if value < LEAST:
                _round_off(units, unit, code)
    for unit in units:
        unit.economic = {code: value for code, value in unit.economic.items() if value}


def _round_off(units: list[Department], unit: Department, code: str) -> None:
    """An amount that would print as 0.00 goes to another unit that has the code, for one of another code
    of that unit; or the other way round, until it is large enough."""
    value = unit.economic[code]
    for other in (o for o in units if o is not unit and o.economic.get(code)):
        for both in sorted(other.economic):
            if both != code and other.economic[both] >= value + LEAST and unit.economic.get(both):
                _exchange(unit, other, both, code, value)
                return
        for both in sorted(unit.economic):
            if both != code and unit.economic[both] >= 2 * LEAST and other.economic[code] >= 2 * LEAST:
                _exchange(other, unit, both, code, LEAST)
                return


def _exchange(one: Department, other: Department, gains: str, loses: str, value: int) -> None:
    """``one`` gets more of a code and less of another, ``other`` the reverse: both totals stay."""
    one.economic[gains] = one.economic.get(gains, 0) + value
    other.economic[gains] -= value
    one.economic[loses] -= value
    other.economic[loses] = other.economic.get(loses, 0) + value


def _trips(whole: Department, units: list[Department]) -> None:
    for unit in units:
        unit.final = {t: unit.economic.get(_TRIP_CODES[t], 0) for t in TRIPS}
    for trip in TRIPS:
        units[0].final[trip] += whole.final[trip] - sum(u.final[trip] for u in units)
        for unit in units:
            unit.budget[trip] = unit.final[trip]
        units[0].budget[trip] += whole.budget[trip] - whole.final[trip]
    for unit in units:
        unit.no_trips = not any(unit.final.values()) and not any(unit.budget.values()) and whole.no_trips
