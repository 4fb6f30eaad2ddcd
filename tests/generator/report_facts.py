"""What a report tells beyond its tables: last year, budgets, projects, purchases, cars; all of it consistent."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from random import Random

from .department import FISCAL, OTHER, TRIPS, Department
from .figures import Figures, figures
from .report_style import printed

TENTH = 100_000  # 分: 0.10 万元, the least difference that a text speaks of
CENT = 10_000  # 分: 0.01 万元
_PROJECTS = (
    "综合业务", "信息化运维", "办公用房维修", "业务培训", "宣传活动", "专项检查", "设备更新", "人才引进补助",
    "社区服务", "档案整理", "安全生产监管", "法律顾问服务", "窗口服务提升", "政策兑现", "公共设施养护",
)  # fmt: skip


@dataclass(slots=True)
class Project:
    """Money in 分: ``budget`` is 全年预算数, ``spent`` 执行数."""

    name: str
    budget: int
    spent: int


@dataclass(slots=True)
class Facts:
    """A department and everything its narrative says; amounts in 分."""

    whole: Department
    exact: Figures
    last: dict[str, int] = field(default_factory=dict)  # 收支总计 收入合计 支出合计 财拨总计 一般支出 …
    budgets: dict[str, int] = field(default_factory=dict)  # 年初预算 by general 项
    trips_last: dict[str, int] = field(default_factory=dict)
    projects: list[Project] = field(default_factory=list)
    bought: dict[str, int] = field(default_factory=dict)  # 货物 工程 服务
    to_middle: dict[str, int] = field(default_factory=dict)  # of it from 中小企业
    to_small: int = 0
    cars: dict[str, int] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)  # 团组 人次 购置 保有量 批次 接待人次

    def cell(self, table: str, row: str, column: str, block: str | None = None) -> int:
        return self.exact.get((table, block or table, row, column), 0)

    def general(self, code: str, column: str = "合计") -> int:
        return self.cell("一般支出表", code, column)

    def rows(self, table: str, size: int) -> list[str]:
        """Codes of 3, 5 or 7 digits of a code table that spent something."""
        column = "小计" if table == "基金表" else "合计"
        return sorted(r for t, _, r, c in self.exact if t == table and c == column and len(r) == size and r != "合计"
                      and self.exact[t, t, r, c])  # fmt: skip


CARS = (
    "主要领导干部用车",
    "机要通信用车",
    "应急保障用车",
    "执法执勤用车",
    "特种专业技术用车",
    "离退休干部用车",
    "其他用车",
)


def facts(whole: Department, rng: Random) -> Facts:
    """The facts of a department, from ``rng`` alone."""
    told = Facts(whole, figures(whole))
    while True:
        _last_year(told, rng)
        pairs = [(now(told, key), then) for key, then in told.last.items()]
        if all(a == b or abs(a - b) >= TENTH for a, b in pairs):
            break
    _budgets(told, rng)
    _trips(told, rng)
    _projects(told, rng)
    _purchases(told, rng)
    _cars(told, rng)
    return told


def now(told: Facts, key: str) -> int:
    """This year's amount of what ``Facts.last`` holds for last year."""
    where = {
        "收支总计": ("收支总表", "总计", "决算数", "收支总表收入"),
        "收入合计": ("收支总表", "本年收入合计", "决算数", "收支总表收入"),
        "支出合计": ("收支总表", "本年支出合计", "决算数", "收支总表支出"),
        "财拨总计": ("财拨总表", "总计", "决算数", "财拨总表收入"),
        "一般收入": ("财拨总表", "一般公共预算财政拨款", "决算数", "财拨总表收入"),
        "基金收入": ("财拨总表", "政府性基金预算财政拨款", "决算数", "财拨总表收入"),
        "国资收入": ("财拨总表", "国有资本经营预算财政拨款", "决算数", "财拨总表收入"),
        "一般支出": ("一般支出表", "合计", "合计", "一般支出表"),
        "机关运行": ("基本支出表", "公用经费合计", "决算数", "基本支出表"),
    }
    return told.cell(*where[key])


def _near(value: int, rng: Random, spread: float = 0.25, same: float = 0.08) -> int:
    """An amount that another year may have had."""
    if rng.random() < same:
        return value
    return max(0, round(value * math.exp(rng.gauss(0, spread))) // 100 * 100)


def _last_year(told: Facts, rng: Random) -> None:
    """Last year opened with nothing, so what it received it spent or left for this year to open with."""
    whole = told.whole
    spent = {s: _near(sum(i.spent(s) for i in whole.items), rng) for s in FISCAL}
    opened = {s: sum(i.opening.get(s, 0) for i in whole.items) for s in FISCAL}
    other = _near(sum(i.spent(OTHER) for i in whole.items), rng)
    received = {s: spent[s] + opened[s] for s in FISCAL}
    fiscal = sum(received.values())
    told.last = {
        "收支总计": fiscal + other + whole.opening_other,
        "收入合计": fiscal + other + whole.opening_other,
        "支出合计": sum(spent.values()) + other,
        "财拨总计": fiscal,
        "一般收入": received["一般公共预算"],
        "基金收入": received["政府性基金"],
        "国资收入": received["国有资本"],
        "一般支出": spent["一般公共预算"],
        "机关运行": _near(now(told, "机关运行"), rng),
    }


def _budgets(told: Facts, rng: Random) -> None:
    """年初预算 of each general 项, equal to what was spent or off by 0.10 万元 at least."""
    for code in told.rows("一般支出表", 7):
        spent = told.general(code)
        fate = rng.random()
        if fate < 0.35:
            told.budgets[code] = spent
        elif fate < 0.43:
            told.budgets[code] = 0
        else:
            budget = round(spent * math.exp(rng.gauss(0.04, 0.2))) // CENT * CENT
            told.budgets[code] = budget if abs(budget - spent) >= TENTH else spent


def _trips(told: Facts, rng: Random) -> None:
    whole = told.whole
    for trip in TRIPS:
        spent = whole.final[trip]
        then = _near(spent, rng, 0.4, 0.2) if spent else rng.choice([0, 0, 0, 40 * CENT])
        told.trips_last[trip] = then if abs(then - spent) >= TENTH else spent
        if printed(whole.budget[trip]) == printed(spent) or abs(whole.budget[trip] - spent) < TENTH:
            whole.budget[trip] = spent  # a text does not speak of less
    told.exact = figures(whole)
    money = whole.final
    told.counts = {
        "团组": rng.randint(1, 3) if money["出国费"] else 0,
        "出国人次": rng.randint(3, 9) if money["出国费"] else 0,
        "购置": rng.randint(1, 2) if money["购置费"] else 0,
        "保有量": rng.randint(2, 9) if money["运行费"] or money["购置费"] else 0,
        "批次": rng.randint(2, 40) if money["接待费"] else 0,
        "接待人次": rng.randint(45, 400) if money["接待费"] else 0,
    }


def _projects(told: Facts, rng: Random) -> None:
    """They add up to the printed 项目支出 of 一般支出表, in steps of 0.01 万元."""
    rest = int(printed(told.general("合计", "项目支出")) * 100)
    count = min(rng.randint(1, 6), max(1, rest // 100)) if rest else 0
    names = rng.sample(_PROJECTS, k=count)
    for position, name in enumerate(names):
        left = count - position - 1
        share = rest if not left else rng.randint(1 + rest // (4 * (left + 1)), max(2, rest - left * (1 + rest // 8)))
        share = max(1, min(share, rest - left))
        rest -= share
        budget = share if rng.random() < 0.5 else share + max(10, round(share * rng.uniform(0.01, 0.6)))
        told.projects.append(
            Project(f"{name}项目" if rng.random() < 0.3 else f"{name}经费", budget * CENT, share * CENT)
        )


def _purchases(told: Facts, rng: Random) -> None:
    for kind, likely in (("货物", 0.8), ("工程", 0.3), ("服务", 0.8)):
        money = round(math.exp(rng.uniform(math.log(2), math.log(400))) * 100) * CENT if rng.random() < likely else 0
        told.bought[kind] = money
        share = rng.choice([0.0, 1.0, rng.uniform(0.2, 0.95), rng.uniform(0.2, 0.95)])
        told.to_middle[kind] = round(money / CENT * share) * CENT
    middle = sum(told.to_middle.values())
    told.to_small = rng.choice([middle, 0, round(middle / CENT * rng.uniform(0.2, 0.9)) * CENT])


def _cars(told: Facts, rng: Random) -> None:
    held = told.counts["保有量"]
    for _ in range(held + (rng.randint(0, 2) if held else 0)):
        kind = rng.choice(CARS[1:5] + CARS[6:])
        told.cars[kind] = told.cars.get(kind, 0) + 1
