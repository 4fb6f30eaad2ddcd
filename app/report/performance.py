"""绩效自评表: budget, goals, indicators and scores as printed (DOMAIN §7)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import Decimal

from app.source import Place

_NUMBER = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?")


@dataclass(frozen=True, slots=True)
class Printed:
    """A piece of a table. ``text`` is compared (NFKC, no white space), ``quote`` the exact source:
    the cell of a grid, the whole line(s) of running text. ``context`` is its row as printed."""

    text: str
    quote: str
    place: Place
    context: str = ""

    def __bool__(self) -> bool:
        return bool(self.text)


@dataclass(frozen=True, slots=True)
class Number:
    """A printed number: ``half`` is half a unit of its last decimal (amounts: at most 0.005)."""

    value: Decimal
    half: Decimal
    decimals: int
    printed: Printed
    percent: bool = False
    short: bool = False


@dataclass(slots=True)
class Indicator:
    """One 三级指标. A field is None when it could not be told apart, blank when it is printed blank."""

    level1: str
    level2: str
    name: str
    target: Printed | None
    actual: Printed | None
    score: Printed | None
    weight: Decimal | None  # 分值 of its own column, where the form has one
    row: Printed

    @property
    def points(self) -> Decimal | None:
        """The score as a number, or None."""
        return points(self.score.text) if self.score else None


@dataclass(slots=True)
class Goal:
    """年度目标N, 项目绩效总目标 or 年度绩效指标. ``weight`` is the （20分） of its heading."""

    name: str
    heading: Printed
    weight: Decimal | None = None
    score: Number | None = None  # of a goal without indicators
    text: str = ""
    indicators: list[Indicator] = field(default_factory=list)
    complete: bool = True  # every row could be read


@dataclass(slots=True)
class Choice:
    """单选 such as 项目类型: its options with the mark beside each (True ticked, None unreadable)."""

    name: str
    options: list[tuple[str, bool | None]]
    printed: Printed


@dataclass(slots=True)
class PerformanceTable:
    """One 自评表. ``kind`` 整体 or 项目; ``weight`` are the points for 预算执行."""

    kind: str
    title: Printed
    place: Place
    unit: Printed | None = None
    project: Printed | None = None
    department: Printed | None = None  # 主管部门
    implementer: Printed | None = None  # 项目实施单位
    basic: Number | None = None  # 基本支出总额
    projects: Number | None = None  # 项目支出总额
    budget: Number | None = None  # A
    executed: Number | None = None  # B
    rate: Number | None = None  # 执行率
    points: Number | None = None  # 预算执行得分
    weight: Decimal | None = None
    goals: list[Goal] = field(default_factory=list)
    self_score: Number | None = None  # 自评得分 above the table
    total: Number | None = None  # 总分 below the indicators
    reasons: Printed | None = None
    measures: Printed | None = None
    choices: list[Choice] = field(default_factory=list)
    texts: list[Printed] = field(default_factory=list)  # every row as printed

    @property
    def name(self) -> str:
        """How messages call the table."""
        if self.kind == "整体":
            return "整体绩效自评表"
        return f"“{self.project.text}”自评表" if self.project else "项目自评表"

    @property
    def indicators(self) -> list[Indicator]:
        return [i for g in self.goals for i in g.indicators]

    @property
    def complete(self) -> bool:
        """Every goal and indicator was read with its score."""
        return (
            bool(self.goals)
            and all(g.complete for g in self.goals)
            and all(i.points is not None for i in self.indicators)
            and all(g.indicators or g.score is not None for g in self.goals)
        )


def points(text: str) -> Decimal | None:
    """``19.86分`` -> 19.86; None for anything that is no plain number."""
    bare = text.removesuffix("分")
    return Decimal(bare.replace(",", "")) if _NUMBER.fullmatch(bare) else None
