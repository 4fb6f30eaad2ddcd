"""What the rest of a text file says about the totals of a table that lost its blank cells."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal

from app.numbers import typed
from app.reading.text_forms import compact
from app.reading.text_rows import CodeRow, Half

_AMOUNT = r"(-?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?)万?元"
_INCOME = {"上级补助收入": 2, "事业收入": 3, "经营收入": 4, "附属单位上缴收入": 5, "其他收入": 6}
_FUNDS = ("一般公共预算", "政府性基金", "国有资本")
_VISITS = ("因公出国", "公务用车购置及运行", "公务用车购置费", "公务用车运行", "公务接待费")


class Known:
    """Amounts by what they are, gathered from the narrative (``text``, compacted) and other tables."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._income: dict[int, set[Decimal]] = {}
        self._fund: dict[str, set[Decimal]] = {}
        self._spent: dict[str, set[Decimal]] = {}

    def sides(self, key: str, pairs: Sequence[tuple[Half, Half]]) -> None:
        """Take the left sides of 收支总表 (sources of income) or 财拨总表 (income and opening by fund)."""
        fiscal = Decimal(0)
        opening = False
        for half, _ in pairs:
            value = half.amounts[0].value if half.amounts else Decimal(0)
            name = re.sub(r"^[一二三四五六七八九十]+[、.]", "", compact(half.label))
            if key == "收支总表":
                fiscal += value if "财政拨款" in name and "非财政" not in name else 0
                for word, column in _INCOME.items():
                    if name == word:
                        self._income[column] = {value}
            else:
                opening = opening or name.startswith(("年初", "上年"))
                for fund in _FUNDS:
                    if name.startswith(fund):
                        self._fund.setdefault(f"{fund}年初" if opening else fund, set()).add(value)
        if key == "收支总表" and fiscal:
            self._income[1] = {fiscal}

    def totals(self, key: str, table: Sequence[CodeRow]) -> None:
        """Take the 合计 row of 一般支出表, 基金表 or 国资表: what its fund spent is among its amounts."""
        fund = {"一般支出表": "一般公共预算", "基金表": "政府性基金", "国资表": "国有资本"}.get(key)
        total = next((r for r in table if r.total), None)
        if fund and total is not None:
            found = [t.value for t in total.amounts]
            self._spent[fund] = set(found[:1] if key == "一般支出表" else found)

    def columns(self, key: str, names: Sequence[str]) -> dict[int, set[Decimal]]:
        """What the 合计 row of a code table may hold, by column from 0."""
        scope = {"基金表": "政府性基金预算财政拨款", "国资表": "国有资本经营预算财政拨款"}.get(key)
        text = self._text if scope is None else "".join(re.findall(f"{scope}[^。]{{0,200}}。", self._text))
        words = {"小计": "本年支出"} if scope else {}
        found = {i: self._stated(words.get(n, n), text) for i, n in enumerate(names) if n and (i or scope)}
        if key == "收入表":
            for column, values in self._income.items():
                found[column] = values
        if key == "基金表":
            found[0] = found.get(0, set()) | self._fund.get("政府性基金年初", set())
            found[1] = found.get(1, set()) | self._fund.get("政府性基金", set())
        return found

    def funds(self) -> dict[int, set[Decimal]]:
        """What 本年支出合计 of 财拨总表 may hold: columns 1 to 3 are the funds."""
        result = {}
        for column, fund in enumerate(_FUNDS, 1):
            income = self._fund.get(fund, set())
            opening = self._fund.get(f"{fund}年初", set())
            both = {a + b for a in income for b in opening}
            result[column] = {v for v in income | opening | both | self._spent.get(fund, set()) if v}
        return result

    def visits(self) -> dict[int, set[Decimal]]:
        """What 三公表 may hold by column: 0–5 预算数, 6–11 决算数."""
        result: dict[int, set[Decimal]] = {}
        for column, word in enumerate(_VISITS, 1):
            for match in re.finditer(word + r"[^。]{0,40}?预算[^\d。]{0,8}" + _AMOUNT, self._text):
                result.setdefault(column, set()).add(_value(match.group(1)))
            for match in re.finditer(word + r"[^。]{0,60}?(?:决算|实际支出)[^\d。]{0,8}" + _AMOUNT, self._text):
                result.setdefault(column + 6, set()).add(_value(match.group(1)))
        return result

    @staticmethod
    def _stated(name: str, text: str) -> set[Decimal]:
        pattern = re.escape(compact(name)) + r"[^\d,.;。]{0,8}" + _AMOUNT
        return {_value(m) for m in re.findall(pattern, text)}


def _value(text: str) -> Decimal:
    return typed(text) or Decimal(0)
