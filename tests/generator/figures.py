"""The nine tables of a department as exact figures: (table, block, row, column) -> 分."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from .department import FISCAL, INCOMES, KINDS, OTHER, TRIPS, Department, Item
from .subjects import CLASSES, ECONOMIC, GROUPS, STAFF

Key = tuple[str, str, str, str]  # table, block, row, column
Figures = dict[Key, int]

GRANTS = ("一般公共预算财政拨款", "政府性基金预算财政拨款", "国有资本经营预算财政拨款")


def levels(code: str) -> tuple[str, str, str]:
    """类, 款 and 项 of a code of seven digits."""
    return code[:3], code[:5], code


def subject_name(whole: Department, code: str) -> str:
    """Name of a 类, 款 or 项 of this department."""
    return CLASSES.get(code) or GROUPS.get(code) or next(i.name for i in whole.items if i.code == code)


def figures(whole: Department) -> Figures:
    """Every amount cell of the nine tables that could be printed, zeros too."""
    out: Figures = {}
    _income_and_spending(whole, out)
    _code_table(out, "收入表", whole.items, _income_columns())
    _code_table(out, "支出表", whole.items, {"合计": lambda i: i.spent(), **{k: _spent(None, k) for k in KINDS}})
    _fiscal(whole, out)
    general = {"合计": _spent(FISCAL[0], None), **{k: _spent(FISCAL[0], k) for k in KINDS[:2]}}
    _code_table(out, "一般支出表", whole.items, general)
    _economic(whole, out)
    for table, source, total in (("基金表", FISCAL[1], "小计"), ("国资表", FISCAL[2], "合计")):
        _code_table(out, table, whole.items, _balance_columns(source, total))
    for block, money in (("三公预算", whole.budget), ("三公决算", whole.final)):
        cells = {t: money[t] for t in TRIPS}
        cells["车小计"] = cells["购置费"] + cells["运行费"]
        cells["合计"] = sum(money.values())
        out.update({("三公表", block, "合计行", c): v for c, v in cells.items()})
    return out


def _spent(source: str | None, kind: str | None) -> Callable[[Item], int]:
    return lambda item: item.spent(source, kind)


def _income_columns() -> dict[str, Callable[[Item], int]]:
    def one(kind: str) -> Callable[[Item], int]:
        return lambda item: item.income.get(kind, 0)

    return {
        "合计": lambda item: sum(item.income.values()),
        "财政拨款收入": lambda item: sum(item.income.get(s, 0) for s in FISCAL),
        **{kind: one(kind) for kind in INCOMES},
    }


def _balance_columns(source: str, total: str) -> dict[str, Callable[[Item], int]]:
    return {
        "年初结转和结余": lambda i: i.opening.get(source, 0),
        "本年收入": lambda i: i.income.get(source, 0),
        total: _spent(source, None),
        "基本支出": _spent(source, "基本支出"),
        "项目支出": _spent(source, "项目支出"),
        "年末结转和结余": lambda i: i.closing.get(source, 0),
    }


def _code_table(out: Figures, table: str, items: Iterable[Item], columns: dict[str, Callable[[Item], int]]) -> None:
    """Rows of a code table: 合计, then each 类 款 项 with an amount in some column."""
    for column in columns:
        out[table, table, "合计", column] = 0
    for item in items:
        cells = {column: of(item) for column, of in columns.items()}
        if not any(cells.values()):
            continue
        for row in ("合计", *levels(item.code)):
            for column, value in cells.items():
                out[table, table, row, column] = out.get((table, table, row, column), 0) + value


def _income_and_spending(whole: Department, out: Figures) -> None:
    left = {f"{g}收入": sum(i.income.get(s, 0) for i in whole.items) for g, s in zip(GRANTS, FISCAL, strict=True)}
    left |= {kind: sum(i.income.get(kind, 0) for i in whole.items) for kind in INCOMES}
    left["本年收入合计"] = income = sum(left.values())
    left["使用非财政拨款结余"] = whole.reserve_used
    left["年初结转和结余"] = opening = sum(sum(i.opening.values()) for i in whole.items) + whole.opening_other
    left["总计"] = income + whole.reserve_used + opening
    right = {code: sum(i.spent() for i in whole.items if i.code[:3] == code) for code in CLASSES}
    right["本年支出合计"] = spent = sum(right.values())
    right["结余分配"] = whole.allocated
    right["年末结转和结余"] = closing = sum(sum(i.closing.values()) for i in whole.items) + whole.closing_other
    right["总计"] = spent + whole.allocated + closing
    for side, cells in (("收支总表收入", left), ("收支总表支出", right)):
        out.update({("收支总表", side, row, "决算数"): value for row, value in cells.items()})


def _fiscal(whole: Department, out: Figures) -> None:
    pairs = list(zip(GRANTS, FISCAL, strict=True))
    left = {grant: sum(i.income.get(s, 0) for i in whole.items) for grant, s in pairs}
    left["本年收入合计"] = income = sum(left.values())
    parts = {f"年初{grant}": sum(i.opening.get(s, 0) for i in whole.items) for grant, s in pairs}
    left["年初财政拨款结转和结余"] = opening = sum(parts.values())
    left |= parts
    left["总计"] = income + opening
    out.update({("财拨总表", "财拨总表收入", row, "决算数"): value for row, value in left.items()})
    for source in FISCAL:
        cells = {c: sum(i.spent(source) for i in whole.items if i.code[:3] == c) for c in CLASSES}
        cells["本年支出合计"] = spent = sum(cells.values())
        cells["年末财政拨款结转和结余"] = closing = sum(i.closing.get(source, 0) for i in whole.items)
        cells["总计"] = spent + closing
        for row, value in cells.items():
            out["财拨总表", "财拨总表支出", row, source] = value
            total = ("财拨总表", "财拨总表支出", row, "合计")
            out[total] = out.get(total, 0) + value


def _economic(whole: Department, out: Figures) -> None:
    for code in ECONOMIC:
        value = sum(v for c, v in whole.economic.items() if c.startswith(code))
        out["基本支出表", "基本支出表", code, "决算数"] = value
    for row, staff in (("人员经费合计", True), ("公用经费合计", False)):
        value = sum(v for c, v in whole.economic.items() if (c[:3] in STAFF) is staff)
        out["基本支出表", "基本支出表", row, "决算数"] = value


__all__ = ["GRANTS", "OTHER", "Figures", "Key", "figures", "levels", "subject_name"]
