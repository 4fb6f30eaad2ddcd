"""How the arithmetic findings read: where · what is printed · what it should be · because."""

from __future__ import annotations

from decimal import Decimal

from app import numbers
from app.checking.equation import Equation, Spot, Term
from app.checking.suspects import Suspect

_MOST_TERMS = 8


def money(value: Decimal, spot: Spot) -> str:
    """An amount in the unit of the spot's table, two decimals unless it has more."""
    own = value * 10000 / spot.table.factor
    text = numbers.plain(own)
    places = max(2, min(len(text.partition(".")[2]), 6))
    return f"{own:,.{places}f}"


def printed(spot: Spot) -> str:
    """The amount as printed; 空 for a blank."""
    return spot.entry.text or ("空白" if spot.printed else "没有这一行")


def table_name(spot: Spot) -> str:
    """``公开01表 收入支出决算总表`` as far as the table says so."""
    table = spot.table
    number = table.number.value if table.number and table.number.value.startswith("公开") else ""
    return f"{number}{'《' + (table.title.value or table.key) + '》'}"


def row_name(spot: Spot) -> str:
    """``2010301 行政运行``, ``本年收入合计``."""
    row = spot.row
    if row.key == "合计行":
        return row.label or ""
    return f"{row.code} {row.label}".strip() if row.code else row.label


def column_name(spot: Spot) -> str:
    """The last word of the printed header (the item for 三公表)."""
    if spot.block.startswith("三公"):
        return f"{spot.block[2:]}数·{spot.column.key}"
    if spot.block.startswith(("收支总表", "财拨总表收入", "基本支出表")):
        return ""
    return spot.column.key


def cell_name(spot: Spot) -> str:
    """Row and column in a few words."""
    return "·".join(p for p in (row_name(spot), column_name(spot)) if p)


def where(spot: Spot) -> str:
    """Where a person finds the cell."""
    place = str(spot.entry.place)
    if spot.owner:
        return f"“{spot.owner}”的{table_name(spot)}{cell_name(spot)}（{spot.entry.place.file} {place}）"
    return f"{table_name(spot)}{cell_name(spot)}（{place}）"


def context(spot: Spot) -> str:
    """The row as printed."""
    cells = [e.text for e in spot.row.entries.values() if e.text]
    return " ".join(p for p in (spot.row.code or "", spot.row.label, *cells) if p)


def calculation(equation: Equation) -> str:
    """``本年收入合计 944.91 + 年初结转和结余 1.00 = 945.91 ≠ 944.91``, in the printed figures."""
    left, right = _side(equation.left, equation), _side(equation.right, equation)
    gap = equation.residual
    sign = (
        "=" if gap == 0 else {"=": "≠", "≤": ">", "≥": "<"}[equation.relation] if equation.status == "failed" else "≈"
    )
    return f"{left} {sign} {right}，相差 {_plain(abs(gap), equation)}" if gap else f"{left} = {right}"


def _plain(value: Decimal, equation: Equation) -> str:
    if equation.unit == "元":
        value = value * 10000
    places = max(2, min(len(numbers.plain(value).partition(".")[2]), 6))
    return f"{value:,.{places}f}{'元' if equation.unit == '元' else ''}"


def _side(terms: list[Term], equation: Equation) -> str:
    shown = [t for t in terms if t.value] or terms[:1]
    if equation.between and not shown:
        return "各单位都没有这一行"
    tables = {t.spot.table.key for t in (*equation.left, *equation.right) if t.spot}
    parts = []
    for position, term in enumerate(shown[:_MOST_TERMS]):
        lead = (
            "" if position == 0 and term.sign > 0 else ("−" if position == 0 else (" + " if term.sign > 0 else " − "))
        )
        parts.append(lead + _term(term, equation, len(tables) > 1))
    if len(shown) > _MOST_TERMS:
        rest = sum((t.sign * t.value for t in shown[_MOST_TERMS:]), Decimal(0))
        parts.append(f" + 其余 {len(shown) - _MOST_TERMS} 项 {_plain(rest, equation)}")
    text = "".join(parts) or "0.00"
    if len(shown) > 1:
        total = sum((t.sign * t.value for t in terms), Decimal(0))
        text += f" = {_plain(total, equation)}"
    return text


def _term(term: Term, equation: Equation, cross: bool) -> str:
    if term.spot is None:
        return _plain(term.value, equation)
    name = cell_name(term.spot)
    table = f"{term.spot.table.key}·" if cross else ""
    if equation.between:
        name = term.spot.owner or f"部门·{table}{name}"
        return f"{name} {_plain(term.value, equation)}"
    return f"{table}{name} {_plain(term.value, equation)}"


def headline(suspect: Suspect, expected: str) -> str:
    """The sentence of one arithmetic finding."""
    spot, main = suspect.spot, suspect.equations[0]
    start = f"{where(spot)} {printed(spot)}{suspect.note}"
    if not expected:
        return f"{start} 与明细不符：{calculation(main)}。请逐项核对该行及所列明细"
    middle = f"，应{'' if expected.startswith('不') else '为 '}{expected}"
    tail = "" if suspect.sure or suspect.plausible else "（也可能是所列其他数字有误）"
    return f"{start}{middle}：{calculation(main)}{tail}"


def rounding_line(group: list[Equation], spot: Spot) -> str:
    """One line a table for its rounding differences."""
    most = max(abs(e.residual) for e in group)
    cells = "、".join(dict.fromkeys(cell_name(e.terms[0][1]) or str(e.terms[0][1].entry.place) for e in group[:6]))
    more = f"等 {len(group)} 处" if len(group) > 6 else f"共 {len(group)} 处"
    return f"{table_name(spot)}有尾差，{more}，最大 {_plain(most, group[0])}：{cells}。系四舍五入所致，不需修改"


def rounding_detail(equation: Equation) -> str:
    """``合计 5,010.42，按其余各数计算 5,010.44，差 0.02``."""
    first = equation.terms[0][1]
    return f"{cell_name(first) or first.entry.place} {_plain(first.value, equation)}，按其他各数计算 {_plain(first.value - equation.residual, equation)}"
