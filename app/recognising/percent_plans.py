"""How the percentages under one header are worked out: which column (or row) over which."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from app.recognising.percent_headers import Region, denominator_words, is_total_row, kind_of, role

Signed = tuple[int, int, int]  # sign, row, column of a side
Terms = Callable[[int], list[Signed]]


@dataclass(frozen=True, slots=True)
class Plan:
    """How the cells of one column are worked out, row by row."""

    kind: str
    numerator: Terms
    denominator: Terms
    about: str  # 占本年支出合计, for people
    check: Terms | None = None  # cells that must add up to 0: this year − last year − change


def plans_of(around: Region, column: int, kind: str, year: int | None) -> list[Plan] | str:
    """The ways in which the column may be meant, or why there is none (``""``: it asks for nothing)."""
    roles = {c: role(around.paths[c], year) for c in around.paths if c != column}
    amounts = {c: r for c, r in roles.items() if r and around.amounts(c)}
    if not amounts:
        return ""
    if kind == "completion":
        return _completion(around, column, amounts)
    if kind == "growth":
        return _growth(around, column, amounts)
    return _share(around, column, amounts)


def _nearest(around: Region, column: int, columns: list[int]) -> list[int]:
    """Those that share the most of the header with the column that asks."""
    most = max((around.shared(column, c) for c in columns), default=0)
    return [c for c in columns if around.shared(column, c) == most]


def _completion(around: Region, column: int, amounts: dict[int, str]) -> list[Plan] | str:
    words = around.words(column)
    budgets = [c for c, r in amounts.items() if r == "budget"]
    for name in ("年初", "全年", "调整"):
        if name in words and any(name in around.words(c) for c in budgets):
            budgets = [c for c in budgets if name in around.words(c)]
    finals = [c for c, r in amounts.items() if r == "final"]
    budgets, finals = (_whole(around, _nearest(around, column, cols)) for cols in (budgets, finals))
    if len(finals) > 1:
        finals = [c for c in finals if "决算" in around.words(c) or "执行" in around.words(c)] or finals
    if len(budgets) != 1 or len(finals) != 1:
        what = [f"没有找到{n}一列" if not f else f"{n}有 {len(f)} 列，分不清" for n, f in (("预算数", budgets), ("决算数（执行数）", finals)) if len(f) != 1]  # fmt: skip
        return "；".join(what)
    about = f"{around.words(finals[0])} ÷ {around.words(budgets[0])}"
    return [Plan("completion", _at(finals[0]), _at(budgets[0]), about)]


def _whole(around: Region, columns: list[int]) -> list[int]:
    """Of several, the one that is the total of the others."""
    totals = [c for c in columns if around.words(c).endswith("合计")]
    return totals if len(columns) > 2 and len(totals) == 1 else columns


def _growth(around: Region, column: int, amounts: dict[int, str]) -> list[Plan] | str:
    against = "budget" if "预算" in around.words(column) else "last"
    bases = _nearest(around, column, [c for c, r in amounts.items() if r == against])
    finals = [c for c, r in amounts.items() if r == "final"] or [
        c for c, r in amounts.items() if r in ("amount", "total")
    ]
    finals = _nearest(around, column, finals)
    changes = _nearest(around, column, [c for c, r in amounts.items() if r == "change"])
    if len(bases) > 1 or len(finals) > 1 or len(changes) > 1:
        return "本年数、上年数或增减额有多列，分不清"
    base, final, change = (f[0] if f else None for f in (bases, finals, changes))
    if base is not None and final is not None:
        check = None if change is None else _sum_of((1, final), (-1, base), (-1, change))
        about = f"（{around.words(final)} − {around.words(base)}）÷ {around.words(base)}"
        return [Plan("growth", _sum_of((1, final), (-1, base)), _at(base), about, check)]
    if base is not None and change is not None:
        return [Plan("growth", _at(change), _at(base), f"{around.words(change)} ÷ {around.words(base)}")]
    if final is not None and change is not None:
        about = f"{around.words(change)} ÷（{around.words(final)} − {around.words(change)}）"
        return [Plan("growth", _at(change), _sum_of((1, final), (-1, change)), about)]
    return "没有找到" + ("预算数" if against == "budget" else "上年数") + "一列"


def _share(around: Region, column: int, amounts: dict[int, str]) -> list[Plan] | str:
    amounts = {c: r for c, r in amounts.items() if r != "change"}
    words = around.words(column)
    numerator = _numerator(around, column, amounts)
    if numerator is None:
        return "没有找到计算占比的金额一列"
    whole = denominator_words(words)
    plans = []
    rows = _total_rows(around, numerator, whole)
    for row in rows:
        label = around.label(row, numerator)
        plans.append(Plan("share", _at(numerator), _fixed(row, numerator), f"{around.words(numerator)} ÷ “{label}”行"))
    if amounts[numerator] != "total":
        totals = [c for c, r in amounts.items() if c != numerator and r == "total"]
        named = [c for c in totals if whole and (whole in around.words(c) or around.words(c) in whole)]
        if named and not any(around.label(r, numerator) == whole for r in rows):
            plans = []  # the header names a column
        for each in named or (_nearest(around, numerator, totals) if not (whole and rows) else []):
            plans.append(Plan("share", _at(numerator), _at(each), f"{around.words(numerator)} ÷ {around.words(each)}"))
    return plans or "没有找到合计（分母）"


def _numerator(around: Region, column: int, amounts: dict[int, str]) -> int | None:
    """The amount column that the header names, else the nearest to its left within its group."""
    head = around.words(column).split("占")[0]
    named = [c for c in amounts if head and len(head) >= 2 and (around.words(c).endswith(head) or head.startswith(around.words(c)))]  # fmt: skip
    if len(named) == 1:
        return named[0]
    left = [c for c in amounts if c < column]
    group = [c for c in _nearest(around, column, left) if around.shared(column, c)] or left
    finals = [c for c in group if amounts[c] == "final"]
    shares = [c for c in around.paths if kind_of(around.words(c)) == "share"]
    if len(finals) == 1 and len(shares) == 1:  # the report is about this year's figures
        return finals[0]
    totals = [c for c in group if amounts[c] == "total"]
    if len(totals) == 1 and len(group) > 2 and not any(c > column for c in amounts):
        return totals[0]  # behind a total and all its parts: the share of the row
    return max(group, default=None)


def _total_rows(around: Region, numerator: int, whole: str) -> list[int]:
    rows = [r for r in around.rows if is_total_row(around.label(r, numerator)) and around.side.number(r, numerator) is not None]  # fmt: skip
    named = [r for r in rows if whole and whole.removesuffix("合计") in around.label(r, numerator)]
    return named or rows


def _at(column: int) -> Terms:
    return lambda row: [(1, row, column)]


def _fixed(row: int, column: int) -> Terms:
    return lambda _: [(1, row, column)]


def _sum_of(*terms: tuple[int, int]) -> Terms:
    return lambda row: [(sign, row, column) for sign, column in terms]
