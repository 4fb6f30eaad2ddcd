"""A random 部门, exact in 分: every identity of DOMAIN §3–4 holds to the last 分 by construction."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from random import Random

from .subjects import CENTRES, FUND, GENERAL, LONG_FORM_ONLY, OFFICES, PLACES, STATE

LEAST = 20_000  # 分 (0.02 万元): no printed cell rounds a real amount away to 0.00
FISCAL = ("一般公共预算", "政府性基金", "国有资本")
OTHER = "非财政"
KINDS = ("基本支出", "项目支出", "上缴上级支出", "经营支出", "对附属单位补助支出")
INCOMES = ("上级补助收入", "事业收入", "经营收入", "附属单位上缴收入", "其他收入")
TRIPS = ("出国费", "购置费", "运行费", "接待费")
_TRIP_CODES = {"30212": "出国费", "31013": "购置费", "30231": "运行费", "30217": "接待费"}


@dataclass(slots=True)
class Item:
    """One 项: what it spent by (kind, source), received and carried over, all in 分.

    ``income`` is keyed by a source of ``FISCAL`` or a kind of ``INCOMES``; ``opening`` and
    ``closing`` are fiscal balances by source.
    """

    code: str
    name: str
    nature: str
    spend: dict[tuple[str, str], int] = field(default_factory=dict)
    income: dict[str, int] = field(default_factory=dict)
    opening: dict[str, int] = field(default_factory=dict)
    closing: dict[str, int] = field(default_factory=dict)

    def spent(self, source: str | None = None, kind: str | None = None) -> int:
        """分 spent, of one money source and one kind where given."""
        return sum(v for (k, s), v in self.spend.items() if source in (None, s) and kind in (None, k))


@dataclass(slots=True)
class Department:
    """``economic``: the general 基本支出 by 经济分类 款; ``budget``/``final``: 三公 by ``TRIPS``."""

    seed: int
    name: str
    year: int
    administrative: bool
    items: list[Item]
    opening_other: int = 0
    closing_other: int = 0
    reserve_used: int = 0  # 使用非财政拨款结余
    allocated: int = 0  # 结余分配
    economic: dict[str, int] = field(default_factory=dict)
    budget: dict[str, int] = field(default_factory=dict)
    final: dict[str, int] = field(default_factory=dict)
    no_trips: bool = False  # 三公表 left blank under its statement, rather than printed as zeros

    @property
    def long_form(self) -> bool:
        """True when only the long list of 经济分类 (307, 399 …) can print it."""
        return bool(LONG_FORM_ONLY & self.economic.keys())


def department(seed: int) -> Department:
    """The department of this seed: 5 to 60 项, always the same."""
    rng = Random(f"department {seed}")
    administrative = rng.random() < 0.45
    name = rng.choice(PLACES) + rng.choice(OFFICES if administrative else CENTRES)
    whole = Department(seed, name, rng.randint(2019, 2024), administrative, [])
    scale = math.exp(rng.uniform(-1.5, 1.5))
    whole.items = _items(whole, rng)
    _general(whole, rng, scale)
    if rng.random() < 0.35:
        _earmarked(whole, rng, "政府性基金", FUND, rng.randint(1, 5))
    if rng.random() < 0.2:
        _earmarked(whole, rng, "国有资本", STATE, rng.randint(1, 2))
    if rng.random() < 0.5:
        _other_money(whole, rng)
    whole.items = sorted((i for i in whole.items if i.spent() or i.income), key=lambda i: i.code)
    _trips(whole, rng)
    _economic(whole, rng)
    return whole


def _amount(rng: Random, low: float = 0.3, high: float = 900.0) -> int:
    """Log-uniform between two amounts of 万元, in 分, with digits down to the 分."""
    return max(LEAST, round(math.exp(rng.uniform(math.log(low), math.log(high))) * 1_000_000))


def _items(whole: Department, rng: Random) -> list[Item]:
    size = round(math.exp(rng.uniform(math.log(5), math.log(60))))
    barred = "s" if whole.administrative else "r"
    common = ["2080505", "2210201", "2101101" if whole.administrative else "2101102"]
    able = [c for c, (_, nature) in GENERAL.items() if nature != barred and c not in common]
    # real departments cluster: a few classes of their own, then what every unit has
    own = rng.sample(sorted({c[:3] for c in able}), k=min(3 + size // 4, 20))
    able = [c for c in able if c[:3] in own] or able
    chosen = common + rng.sample(able, k=min(len(able), size - len(common)))
    return [Item(code, *GENERAL[code]) for code in chosen]


def _general(whole: Department, rng: Random, scale: float) -> None:
    carries = rng.random() < 0.5
    for item in whole.items:
        kinds = {"p": ["项目支出"], "m": rng.choice([["基本支出"], ["项目支出"], ["基本支出", "项目支出"]])}
        for kind in kinds.get(item.nature, ["基本支出"]):
            high = 1500.0 if item.nature in "rsp" else 300.0
            item.spend[kind, "一般公共预算"] = max(LEAST, round(_amount(rng, high=high) * scale))
        if (carries and item.spent(kind="项目支出") and rng.random() < 0.6) or (carries and rng.random() < 0.25):
            _carry(item, "一般公共预算", rng)
        else:
            item.income["一般公共预算"] = item.spent("一般公共预算")


def _carry(item: Item, source: str, rng: Random) -> None:
    """Opening and closing balances of one 项; income is what makes opening + income = spent + closing."""
    fate = rng.random()
    spent = item.spent(source)
    if fate < 0.08 and source == "一般公共预算" and item.nature == "p":
        item.spend.clear()  # received, nothing spent: all of it is carried over
        item.income[source] = item.closing[source] = spent
        return
    if fate < 0.6:
        item.closing[source] = _amount(rng, 0.05, 120)
    need = spent + item.closing.get(source, 0)
    if fate > 0.92:
        item.opening[source] = need  # paid from old money alone
        return
    if fate > 0.4 and need > 4 * LEAST:
        item.opening[source] = rng.randint(LEAST, need - 2 * LEAST)
    item.income[source] = need - item.opening.get(source, 0)


def _earmarked(whole: Department, rng: Random, source: str, pool: dict[str, tuple[str, str]], count: int) -> None:
    for code in rng.sample(sorted(pool), k=min(count, len(pool))):
        item = Item(code, *pool[code])
        item.spend["项目支出", source] = _amount(rng, 1, 2500)
        if source == "政府性基金" and rng.random() < 0.2:
            item.spend["基本支出", source] = _amount(rng, 0.5, 60)
        _carry(item, source, rng)
        whole.items.append(item)


def _other_money(whole: Department, rng: Random) -> None:
    kinds = ["其他收入", "上级补助收入"] if whole.administrative else [*INCOMES]
    kinds = rng.sample(kinds, k=rng.randint(1, len(kinds)))
    for item in [i for i in whole.items if i.nature != "r"]:
        if item.code in FUND or item.code in STATE or rng.random() < 0.6:
            continue
        kind = {"p": "项目支出", "m": rng.choice(KINDS[:2])}.get(item.nature, "基本支出")
        if rng.random() < 0.12 and len(whole.items) > 8 and item.nature in "pm" and not item.opening:
            _only_other(item)
        item.spend[kind, OTHER] = _amount(rng, 0.05, 300)
        for income in rng.sample(kinds, k=rng.randint(1, len(kinds))):
            item.income[income] = _amount(rng, 0.05, 300)
        _internal(item, kinds, rng, whole)
    if rng.random() < 0.4:
        whole.opening_other = _amount(rng, 0.5, 200)
    _settle(whole, rng)


def _only_other(item: Item) -> None:
    """No fiscal money at all: the 项 stands in 支出表 but not in 一般支出表."""
    item.spend.clear()
    item.income.clear()
    item.closing.clear()


def _internal(item: Item, kinds: list[str], rng: Random, whole: Department) -> None:
    if "经营收入" in item.income:
        item.spend["经营支出", OTHER] = _amount(rng, 0.1, 90)
    if not whole.administrative and rng.random() < 0.08:
        item.spend[rng.choice(["上缴上级支出", "对附属单位补助支出"]), OTHER] = _amount(rng, 0.5, 60)


def _settle(whole: Department, rng: Random) -> None:
    """What non-fiscal money leaves: used from reserves, allocated, or carried over."""

    def left() -> int:
        received = sum(i.income.get(k, 0) for i in whole.items for k in INCOMES)
        return whole.opening_other + received - sum(i.spent(OTHER) for i in whole.items)

    if left() and abs(left()) < 2 * LEAST:
        whole.opening_other += 5 * LEAST
    rest = left()
    if rest < 0:
        whole.reserve_used = -rest
        return
    if not whole.administrative and rest > 4 * LEAST and rng.random() < 0.5:
        whole.allocated = rng.choice([rest, rng.randint(LEAST, rest - 2 * LEAST)])
    whole.closing_other = rest - whole.allocated


def _trips(whole: Department, rng: Random) -> None:
    """三公 final (the 基本支出 part is fixed first, in ``economic``) and budget."""
    whole.budget = dict.fromkeys(TRIPS, 0)
    whole.final = dict.fromkeys(TRIPS, 0)
    fate = rng.random()
    if fate < 0.35:
        whole.no_trips = fate < 0.25
        return
    basic = sum(i.spent("一般公共预算", "基本支出") for i in whole.items)
    project = sum(i.spent(s, "项目支出") for i in whole.items for s in FISCAL)
    likely = {"31013": 0.12, "30231": 0.7, "30217": 0.8, "30212": 0.15}
    for code, trip in _TRIP_CODES.items():
        if rng.random() < likely[code] and basic * 0.02 > LEAST:
            whole.economic[code] = rng.randint(LEAST, round(basic * 0.02))
        if rng.random() < 0.25 and project * 0.02 > LEAST:
            whole.final[trip] = rng.randint(LEAST, round(project * 0.02))
        whole.final[trip] += whole.economic.get(code, 0)
        if whole.final[trip] and rng.random() < 0.5:
            whole.budget[trip] = whole.final[trip]
        elif whole.final[trip] or rng.random() < 0.2:
            whole.budget[trip] = whole.final[trip] + _amount(rng, 0.05, 20)


def _economic(whole: Department, rng: Random) -> None:
    """Spread the general 基本支出 over 经济分类 款, to the last 分."""
    from .subjects import ECONOMIC

    total = sum(i.spent("一般公共预算", "基本支出") for i in whole.items)
    rest = total - sum(whole.economic.values())
    long_form = rng.random() < 0.15
    codes = [c for c in ECONOMIC if len(c) == 5 and c not in _TRIP_CODES and (long_form or c not in LONG_FORM_ONLY)]
    usual = ["30101", "30102", "30108", "30113", "30201"]
    chosen = usual + rng.sample([c for c in codes if c not in usual], k=rng.randint(5, 24))
    weights = {c: math.exp(rng.gauss(2.0 if c < "302" else 0.0, 1.2)) for c in chosen}
    scale = rest / sum(weights.values())
    for code, weight in weights.items():
        share = int(weight * scale)
        if share >= LEAST:
            whole.economic[code] = share
    whole.economic["30101"] = whole.economic.get("30101", 0) + total - sum(whole.economic.values())
