"""What a random report's text tells of last year, budgets, purchases and projects is what its facts are."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest

from app.filling.told import told
from app.pipeline import Request, report_of
from app.report.table import Table
from tests.generator.report import FORMS, report
from tests.generator.report_facts import Facts
from tests.generator.report_style import printed

_TRIPS = {"出国费": "出国费", "购置费": "公务用车购置费", "运行费": "公务用车运行费", "接待费": "接待费"}
Key = tuple[str, str, str]


def facts(found: Facts) -> dict[Key, Decimal]:
    wanted: dict[Key, Decimal] = {("上年", k, "上年数"): printed(v) for k, v in found.last.items()}
    wanted |= {("年初预算", c, "年初预算数"): printed(v) for c, v in found.budgets.items()}
    wanted |= {("三公", _TRIPS[t], "上年数"): printed(v) for t, v in found.trips_last.items()}
    wanted |= {("采购", k, "金额"): printed(v) for k, v in found.bought.items()}
    wanted["采购", "合计", "中小企业"] = printed(sum(found.to_middle.values()))
    wanted["采购", "合计", "小微企业"] = printed(found.to_small)
    wanted |= {("车辆", k, "数量"): Decimal(v) for k, v in found.cars.items()}
    for number, project in enumerate(found.projects, 1):
        wanted["项目", str(number), "全年预算数"] = printed(project.budget)
        wanted["项目", str(number), "执行数"] = printed(project.spent)
    return wanted


def amount(table: Table, key: Key) -> Decimal | None:
    row = table.blocks[key[0]].row(key[1])
    found = row.amount(key[2]) if row else None
    return found.value if found else None


def test_random_reports(tmp_path: Path) -> None:
    seen: Counter[str] = Counter()
    for seed in range(45):
        made = report(seed, FORMS[seed % 3], tables=True)
        path = tmp_path / f"{seed}.txt"
        path.write_text(made.text(), "utf-8")
        table = told(report_of(Request(path)))
        assert table is not None
        for key, value in facts(made.told).items():
            got = amount(table, key)
            if got is not None:  # a change printed with two decimals tells the year before to 0.02
                assert abs(got - value) <= Decimal("0.02"), (seed, key, got, value)
                seen[key[0]] += 1
    assert all(seen[block] >= 30 for block in ("上年", "年初预算", "三公", "采购", "车辆", "项目")), seen


@pytest.mark.parametrize(
    ("text", "key", "value"),
    [
        ("收、支总计 944.91 万元。与 2021 年度相比，收、支总计各增加 543.08 万元，增长 135.15%。", ("上年", "收支总计", "上年数"), "401.83"),
        ("收、支总计 5010.42 万元。与 2021 年度相比，收、支总计各减少 119.01 万元。", ("上年", "收支总计", "上年数"), "5129.43"),
        ("收、支总计 944.91 万元。与 2021 年度相比，收、支总计各约 543 万元。", ("上年", "收支总计", "上年数"), None),
        ("收、支总计 944.91 万元，比年初预算增加 5.00 万元，增长 0.53%。", ("上年", "收支总计", "上年数"), None),
    ],
)  # fmt: skip
def test_single_sentences(tmp_path: Path, text: str, key: Key, value: str | None) -> None:
    path = tmp_path / "a.txt"
    path.write_text(
        f"2022 年度某某区财政局部门决算公开\n第三部分 2022 年度部门决算情况说明\n一、收入支出决算总体情况说明\n2022 年度{text}\n",
        "utf-8",
    )
    table = told(report_of(Request(path)))
    assert table is not None
    got = amount(table, key)
    assert got == (Decimal(value) if value else None)
