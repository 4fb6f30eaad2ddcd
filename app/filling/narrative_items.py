"""The lists of the narrative: which kinds of income, 类, 项, projects … it speaks of, and their names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from app.filling.quantities import Quantities
from app.knowledge.supplement import section as supplement_section
from app.knowledge.text import label as without_number
from app.report.table import Row


@dataclass(frozen=True, slots=True)
class Bound:
    """One item of a list: the key that 各行 and 各栏 stand for, and its names."""

    key: str
    name: str
    bare: str = ""
    chain: str = ""


@dataclass(frozen=True, slots=True)
class Items:
    """The ``[lists]`` of the wording, over the figures of a case."""

    quantities: Quantities
    lists: dict[str, Any]

    def items(self, name: str) -> list[Bound]:
        """The items of a list that the narrative speaks of."""
        entry = self.lists[name]
        block, _, word = entry["each"].rpartition(" ")
        if word in ("各收入栏", "各支出栏"):
            table = "收入表" if word == "各收入栏" else "支出表"
            found = [Bound(c, c) for c in self.quantities.columns(table) if c != "合计"]
        elif word == "各项目":
            found = [Bound(r.key, r.label) for r in self.quantities.rows(block, "各行")]
        elif word == "各车":
            kinds = {r.key for r in supplement_section("车辆").rows if not r.total and not r.apart}
            found = [
                Bound(r.key, r.key) for r in self.quantities.rows(block, "各行") if r.key in kinds and r.has_amounts
            ]
        elif word in ("人员", "公用"):
            staff = word == "人员"
            rows = self.quantities.rows(block, "各科目")
            found = [Bound(r.key, r.label) for r in rows if len(r.key) == 5 and (r.key[:3] in ("301", "303")) is staff]
        else:
            found = self._coded(block, word, entry.get("also", ""))
        return [b for b in found if self._spokenof_item(entry, b)]

    def _coded(self, block: str, word: str, also: str) -> list[Bound]:
        rows = {r.key: r for r in self.quantities.rows(block, word)}
        if also:
            budgets = {r.key: r for r in self.quantities.rows(also, "各科目") if r.has_amounts}
            if budgets and not any(len(key) == 7 for key in budgets):  # some tell of 类 only
                rows = {r.key: r for r in self.quantities.rows(block, "各类")}
            rows = {**{k: r for k, r in budgets.items() if k not in rows}, **rows}
        names = {r.key: r for r in self.quantities.rows(block, "各科目")}
        return [self._coded_item(rows[key], names) for key in sorted(rows)]

    def _coded_item(self, row: Row, names: dict[str, Row]) -> Bound:
        name = without_number(row.label)
        parts = []
        for size, level in ((3, "类"), (5, "款"), (7, "项")):
            if len(row.key) >= size and row.key.isdigit():
                one = names.get(row.key[:size])
                text = (
                    without_number(one.label)
                    if one
                    else name
                    if size == len(row.key)
                    else f"【待填：{row.key[:size]} 的名称】"
                )
                parts.append(f"{text}（{level}）")
        return Bound(row.key, name, name.removesuffix("支出") or name, "".join(parts))

    def _spokenof_item(self, entry: dict[str, Any], bound: Bound) -> bool:
        """What has money, or had a budget."""
        if not entry["of"]:
            return True
        final = self.quantities.get(of_item(entry["of"], bound))
        if final.value or final.missing:
            return True
        return bool(entry.get("also") and self.quantities.get(f"{entry['also']}[{bound.key}].年初预算数").value)


def of_item(text: str, bound: Bound) -> str:
    """A text or cell with the item's key for 各行 and 各栏."""
    return text.replace("各行", bound.key).replace("各栏", bound.key)
