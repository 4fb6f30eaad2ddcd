"""Text in: tables whose blanks, lines or cells were lost come back as they were printed, or not at all.

The texts are made here. ``Department`` draws a small unit whose tables are known cell by cell, prints
them as a PDF turned into text prints them, and the read grids are compared with what was drawn.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest

from app.reading import text
from app.reading.errors import Unreadable
from app.reading.text_columns import Spreading, opening_to_closing, solve, start, total_first
from app.reading.text_forms import title_key
from app.reading.text_tables import find
from app.source import Grid, Place, Source, Span

SEEDS = Path(__file__).resolve().parents[3] / "shared" / "seeds"
NAMES = {  # 支出功能分类科目
    "201": "一般公共服务支出", "20103": "政府办公厅（室）及相关机构事务", "2010301": "行政运行",
    "2010302": "一般行政管理事务",
    "2010350": "事业运行", "20129": "群众团体事务", "2012902": "一般行政管理事务", "208": "社会保障和就业支出",
    "20805": "行政事业单位养老支出", "2080505": "机关事业单位基本养老保险缴费支出",
    "2080506": "机关事业单位职业年金缴费支出",
    "210": "卫生健康支出", "21011": "行政事业单位医疗", "2101101": "行政单位医疗", "2101103": "公务员医疗补助",
    "212": "城乡社区支出", "21208": "国有土地使用权出让收入安排的支出", "2120803": "城市建设支出",
    "221": "住房保障支出",
    "22102": "住房改革支出", "2210201": "住房公积金", "2210203": "购房补贴",
}  # fmt: skip


def money(value: Decimal) -> str:
    return f"{value:,.2f}"


def read(tmp_path: Path, content: str | bytes, name: str = "报告.txt") -> Source:
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return text.read(path)


def grid_of(source: Source, key: str) -> Grid:
    return next(g for g in source.grids if title_key(g.name) == key)


def amounts(grid: Grid) -> dict[str, dict[int, str]]:
    """Row label (code or name) -> column from 0 of the amounts -> text; unread cells as ``?``."""
    result: dict[str, dict[int, str]] = {}
    for cells in grid.rows.values():
        label = cells[0].text if 0 in cells else ""
        found = {c - 2: ("?" if x.value is None else x.text) for c, x in cells.items() if c > 1}
        if label.isdigit() or label == "合计":
            result[label] = found
    return result


def paged(lines: list[str], rng: random.Random) -> str:
    """Blank lines between, now and then a page break with its number, as text from a PDF has."""
    out: list[str] = []
    for line in lines:
        if rng.random() < 0.06:
            out += ["", f"- {rng.randint(2, 40)} -", " " + line]
        else:
            out += ["", line]
    return "\n".join(out)


@dataclass
class Department:
    """項 -> amounts by column (0 is the total); codes above are sums of what is printed beneath."""

    rng: random.Random
    width: int
    live: tuple[int, ...]
    rows: dict[str, dict[int, Decimal]] = field(default_factory=dict)
    total: dict[int, Decimal] = field(default_factory=dict)

    def draw(self) -> Department:
        for code in NAMES:
            if len(code) == 7:
                columns = self.rng.sample(self.live, 1 if self.rng.random() < 0.75 else min(2, len(self.live)))
                cells = {c: Decimal(self.rng.randint(100, 9_000_000)) / 100 for c in columns}
                self.rows[code] = cells | {0: sum(cells.values(), Decimal(0))}
        for size in (5, 3):
            for code in [c for c in NAMES if len(c) == size]:
                self.rows[code] = self._sum(
                    [r for c, r in self.rows.items() if len(c) == size + 2 and c[:size] == code]
                )
        self.total = self._sum([r for c, r in self.rows.items() if len(c) == 3])
        if self.rng.random() < 0.5:  # 合计 is rounded from 元 on its own: a cent off
            column = self.rng.choice([c for c in self.total if c])
            self.total[column] += Decimal("0.01")
            self.total[0] += Decimal("0.01")
        return self

    @staticmethod
    def _sum(rows: list[dict[int, Decimal]]) -> dict[int, Decimal]:
        columns = sorted({c for r in rows for c in r})
        return {c: sum((r.get(c, Decimal(0)) for r in rows), Decimal(0)) for c in columns}

    def printed(self, row: dict[int, Decimal]) -> str:
        return " ".join(money(row[c]) for c in sorted(row))

    def lines(self) -> list[str]:
        codes = [f"{c} {NAMES[c]} {self.printed(self.rows[c])}" for c in NAMES]
        return [f"合计 {self.printed(self.total)}", *codes]


INCOME_HEAD = [
    " 收入决算表", "公开 02 表", "部门：某区某局 2023 年度 单位：万元", "项目",
    "本年收入合计 财政拨款收入 上级补助收入 事业收入 经营收入", "附属单位上缴收", "入", "其他收入科目代", "码",
    "科目名称",
    "栏次 1 2 3 4 5 6 7",
]  # fmt: skip
SPENT_HEAD = [
    " 支出决算表", "公开 03 表", "部门：某区某局 2023 年度 单位：万元", "项目",
    "本年支出合计 基本支出 项目支出 上缴上级支出 经营支出", "对附属单位补助", "支出", "科目代", "码", "科目名称",
    "栏次 1 2 3 4 5 6",
]  # fmt: skip


@pytest.mark.parametrize("seed", range(40))
def test_lost_blanks_are_put_back(tmp_path: Path, seed: int) -> None:
    rng = random.Random(seed)
    spent = Department(rng, 6, (1, 2)).draw()
    income = Department(rng, 7, (1,) if seed % 2 else (1, 6)).draw()
    other = income.total.get(6, Decimal(0))
    sides = [
        " 收入支出决算总表", "单位：万元", "收入 支出", "项目 行次 决算数 项目 行次 决算数", "栏次 1 栏次 2",
        f"一、一般公共预算财政拨款收入 1 {money(income.total[1])} 一、一般公共服务支出 32 1.00",
        "二、政府性基金预算财政拨款收入 2 二、外交支出 33", "三、国有资本经营预算财政拨款收入 3 三、国防支出 34",
        "四、上级补助收入 4 四、公共安全支出 35", "五、事业收入 5 五、教育支出 36",
        "六、经营收入 6 六、科学技术支出 37",
        "七、附属单位上缴收入 7 七、文化旅游体育与传媒支出 38",
        f"八、其他收入 8 {money(other)} 八、社会保障和就业支出 39",
        "9 九、卫生健康支出 40", "10 十、节能环保支出 41", "注：本表反映总收支情况。",
    ]  # fmt: skip
    body = [
        *sides,
        *INCOME_HEAD,
        *income.lines(),
        "注：本表反映收入情况。",
        *SPENT_HEAD,
        *spent.lines(),
        "注：本表反映支出情况。",
    ]
    source = read(tmp_path, paged(body, rng))
    for key, drawn in (("收入表", income), ("支出表", spent)):
        found = amounts(grid_of(source, key))
        assert len(found) == len(NAMES) + 1
        unread = 0
        for code, row in {**drawn.rows, "合计": drawn.total}.items():
            for column, value in found[code].items():
                unread += value == "?"
                assert value in ("?", money(row.get(column, Decimal("-1")))), (key, code, column)
            if "?" not in found[code].values():
                assert set(found[code]) == set(row), (key, code)
        assert unread <= 4
        assert bool(unread) == any(f"“{key[:2]}" in message for message, _ in source.problems)


def test_what_stays_ambiguous_is_left_unread_and_said(tmp_path: Path) -> None:
    rows = ["合计 9.00 5.00 4.00", "201 一般公共服务支出 9.00 5.00 4.00", "20103 政府办公厅事务 9.00 5.00 4.00"]
    rows += ["2010301 行政运行 1.00 1.00", "2010302 一般行政管理事务 1.00 1.00", "2010350 事业运行 7.00 4.00 3.00"]
    source = read(tmp_path, "\n\n".join([*SPENT_HEAD, *rows, "注：本表反映支出情况。"]))
    grid = grid_of(source, "支出表")
    found = amounts(grid)
    assert found["2010301"] == found["2010302"] == {0: "1.00", 1: "?", 2: "?"}
    assert found["2010350"] == {0: "7.00", 1: "4.00", 2: "3.00"}
    unread = [c for c in grid.cells() if c.value is None]
    assert all(c.formula for c in unread)
    assert "2010301" in source.problems[0][0] and source.problems[0][1].line


def test_the_sister_table_settles_it(tmp_path: Path) -> None:
    head = [
        "一般公共预算财政拨款支出决算表", "公开 05 表", "单位：万元", "项目 本年支出",
        "科目代码 科目名称 小计 基本支出 项目支出",
        "栏次 1 2 3",
    ]  # fmt: skip
    top = ["合计 9.00 5.00 4.00", "201 一般公共服务支出 9.00 5.00 4.00", "20103 政府办公厅事务 9.00 5.00 4.00"]
    one = [*top, "2010301 行政运行 1.00 1.00", "2010302 一般行政管理事务 1.00 1.00", "2010350 事业运行 7.00 4.00 3.00"]
    two = [*top, "2010301 行政运行 1.00 1.00 0.00", "2010302 一般行政管理事务 1.00 0.00 1.00", one[-1]]
    # With its zeros printed a row has three amounts; without, the values differ: only equal rows help.
    source = read(tmp_path, "\n".join([*SPENT_HEAD, *one, "注：支出。", *head, *two, "注：本表。"]))
    assert amounts(grid_of(source, "一般支出表"))["2010302"] == {0: "1.00", 1: "0.00", 2: "1.00"}
    assert amounts(grid_of(source, "支出表"))["2010302"] == {0: "1.00", 2: "1.00"}


FUND_HEAD = [
    "政府性基金预算财政拨款收入支出决算表", "公开 07 表", "单位：万元", "项目", "年初结转和结余 本年收入", "本年支出",
    "年末结转和结余科目代", "码", "科目名称 小计 基本支出 项目支出", "栏次 1 2 3 4 5 6",
]  # fmt: skip


def test_a_fund_follows_the_expenditure_table_and_the_narrative(tmp_path: Path) -> None:
    spent = ["合计 59.00 9.00 50.00", "201 一般公共服务支出 9.00 9.00", "212 城乡社区支出 50.00 50.00"]
    fund = ["合计 50.00 50.00 50.00", "212 城乡社区支出 50.00 50.00 50.00"]
    end = "第三部分 说明\n政府性基金预算财政拨款本年收入 50 万元，本年支出 50 万元。"
    body = "\n".join([*SPENT_HEAD, *spent, "注：支出。", *FUND_HEAD, *fund, "注：基金。", end])
    source = read(tmp_path, body)
    assert amounts(grid_of(source, "基金表")) == {k: {1: "50.00", 2: "50.00", 4: "50.00"} for k in ("合计", "212")}
    assert not source.problems
    alone = read(tmp_path, "\n".join([*FUND_HEAD, *fund, "注：基金。"]))
    assert amounts(grid_of(alone, "基金表"))["212"] == {0: "?", 1: "?", 2: "50.00", 3: "?", 4: "?"}


def test_codes_in_three_cells(tmp_path: Path) -> None:
    head = [
        "2023 年度支出决算表",
        "单位：万元",
        "项目\t\t\t\t本年支出合计\t基本支出\t项目支出",
        "类\t款\t项\t栏次\t1\t2\t3\t4\t5\t6",
    ]
    rows = ["\t\t\t合计\t9.00\t5.00\t4.00\t\t\t", "201\t\t\t一般公共服务支出\t9.00\t5.00\t4.00\t\t\t"]
    rows += ["201\t03\t\t政府办公厅\t9.00\t5.00\t4.00\t\t\t", "201\t03\t02\t一般行政管理事务\t4.00\t\t4.00\t\t\t"]
    found = amounts(grid_of(read(tmp_path, "\n".join([*head, *rows, "注：表。"])), "支出表"))
    assert found["20103"] == {0: "9.00", 1: "5.00", 2: "4.00"}
    assert found["2010302"] == {0: "4.00", 2: "4.00"}


def test_a_typing_error_is_read_as_printed(tmp_path: Path) -> None:
    rows = [
        "合计 900.00 500.00 400.00",
        "201 一般公共服务支出 900.00 500.00 400.00",
        "20103 政府办公厅事务 900.00 500.00 400.00",
    ]
    rows += ["2010301 行政运行 500.00 500.00", "2010302 一般行政管理事务 400.00 404.00"]
    found = amounts(grid_of(read(tmp_path, "\n".join([*SPENT_HEAD, *rows, "注：支出。"])), "支出表"))
    assert found["2010301"] == {0: "500.00", 1: "500.00"}
    assert found["2010302"] == {0: "400.00", 2: "404.00"}


TWO_FUNDS = """
 财政拨款收入支出决算总表
单位：万元
收 入 支 出
项目
行
次
金额 项目
行
次
合计
一般公共预算财
政拨款
政府性基金预算
财政拨款
国有资本经营预
算财政拨款
栏次 1 栏次 2 3 4 5
一、一般公共预算财政拨款 1 100.00 一、一般公共服务支出 33 60.00 60.00
二、政府性基金预算财政拨款 2 50.00 二、外交支出 34
三、国有资本经营预算财政拨款 3 三、国防支出 35
4 四、公共安全支出 36
5 五、城乡社区支出 37 75.00 40.00 35.00
次 次
6 六、农林水支出 38 15.00 15.00
- 7 -
本年收入合计 27 150.00 本年支出合计 59 150.00 100.00 50.00
年初财政拨款结转和结余 28 年末财政拨款结转和结余 60
一般公共预算财政拨款 29 61
总 计 32 150.00 总计 64 150.00 100.00 50.00
注：本表反映财政拨款总收支。
"""


def test_two_funds_on_the_right_side(tmp_path: Path) -> None:
    grid = grid_of(read(tmp_path, TWO_FUNDS), "财拨总表")
    by_label = {grid.text(r, 3): {c - 5: x.text for c, x in row.items() if c > 4} for r, row in grid.rows.items()}
    assert by_label["一、一般公共服务支出"] == {0: "60.00", 1: "60.00"}
    assert by_label["五、城乡社区支出"] == {0: "75.00", 1: "40.00", 2: "35.00"}
    assert by_label["六、农林水支出"] == {0: "15.00", 2: "15.00"}
    assert by_label["本年支出合计"] == {0: "150.00", 1: "100.00", 2: "50.00"}
    left = {grid.text(r, 0): (grid.text(r, 1), grid.text(r, 2)) for r in grid.rows}
    assert left["一般公共预算财政拨款"] == ("29", "")
    assert left["总计"] == ("32", "150.00")
    assert not any("次次" in c.text for c in grid.cells())
    assert [grid.text(3, c) for c in range(5, 9)][:2] == ["合计", "一般公共预算财政拨款"]


def test_sides_without_line_numbers(tmp_path: Path) -> None:
    content = """收入支出决算总表
单位：万元
收入 支出
项目 决算数 项目 决算数
一、一般公共预算财政拨款收入 97.50 一、一般公共服务支出
二、政府性基金预算财政拨款收入 二、外交支出
八、其他收入 八、社会保障和就业支出 54.75
九、卫生健康支出 36.63
十八、 自然资源海洋气象等支出 6.12
本年收入合计 97.50 本年支出合计 97.50
使用非财政拨款结余 结余分配
年初结转和结余 12.88 年末结转和结余 12.88
总计 110.38 总计 110.38
第三部分 决算情况说明
2023 年度收、支总计 110.38 万元。"""
    source = read(tmp_path, content)
    rows = {tuple(c.text for _, c in sorted(r.items())) for r in grid_of(source, "收支总表").rows.values()}
    assert ("九、卫生健康支出", "36.63") in rows
    assert ("十八、自然资源海洋气象等支出", "6.12") in rows
    assert ("年初结转和结余", "12.88", "年末结转和结余", "12.88") in rows
    assert [x.place.line for x in source.lines] == [14, 15]


BASIC = """一般公共预算财政拨款基本支出决算明细表
公开 06 表
部门：某局 2023 年度 单位：万元
人员经费 公用经费
科目
代码
科目名称 决算数
科目
代码
科目名称 决算数
301 工资福利支出 103.10 302 商品和服务支出 22.00 307 债务利息及费用支出
30101 基本工资 86.33 30201 办公费 15 30701 国内债务付息
30107 绩效工资 30205 水费 310 资本性支出 13
30108 机关事业单位基本养老保
险缴费 16.77 30206 电费 7.00 31002 办公设备购置 13
30399 其他对个人和家庭的补助 30240 税金及附加费用
30299 其他商品和服务支出
人员经费合计 103.10 公用经费合计 35.00
注：本表反映基本支出。
"""


def test_basic_expenditure_blocks(tmp_path: Path) -> None:
    grid = grid_of(read(tmp_path, BASIC), "基本支出表")
    found = {grid.text(r, c): (c, grid.text(r, c + 1), grid.text(r, c + 2)) for r in grid.rows for c in (0, 3, 6)}
    assert found["310"] == (6, "资本性支出", "13")
    assert found["30205"] == (3, "水费", "")
    assert found["30108"] == (0, "机关事业单位基本养老保险缴费", "16.77")
    assert found["31002"] == (6, "办公设备购置", "13")
    assert found["30299"] == (3, "其他商品和服务支出", "")
    last = max(r for r in grid.rows if "人员经费合计" in grid.text(r, 0))
    assert [(c, x.text) for c, x in sorted(grid.rows[last].items())][1::2] == [(2, "103.10"), (8, "35.00")]


TWELVE = "9 1 6 2 4 2 7.5 0 6 2 4 1.5"
VISITS = """财政拨款“三公”经费支出决算表
单位：万元
预算数 决算数
合计 因公出国（境）费 公务用车购置及运行维护费 公务接待费 合计 因公出国（境）费 公务用车购置及运行维护费 公务接待费
小计 公务用车购置费 公务用车运行维护费 小计 公务用车购置费 公务用车运行维护费
1 2 3 4 5 6 7 8 9 10 11 12
{row}
注：本表反映“三公”经费。
第三部分 说明
{text}
"""


@pytest.mark.parametrize(
    ("row", "text_", "expected"),
    [
        (TWELVE, "", dict(enumerate(TWELVE.split()))),
        ("5.00 3.00 3.00 2.00 3.00 3.00 3.00", "公务用车运行维护费全年预算为 3 万元，支出决算为 3.00 万元。",
         {0: "5.00", 2: "3.00", 4: "3.00", 5: "2.00", 6: "3.00", 8: "3.00", 10: "3.00"}),
        ("1.36 1.36", "公务接待费全年预算为 1.36 万元，支出决算为 0 万元。", {0: "1.36", 5: "1.36"}),
    ],
)  # fmt: skip
def test_visits_row(tmp_path: Path, row: str, text_: str, expected: dict[int, str]) -> None:
    grid = grid_of(read(tmp_path, VISITS.format(row=row, text=text_)), "三公表")
    data = grid.rows[next(r for r in grid.rows if grid.text(r, 0).startswith("注")) - 1]
    assert {c: x.text for c, x in data.items()} == expected


def test_visits_row_that_may_be_several_things_is_unread(tmp_path: Path) -> None:
    source = read(tmp_path, VISITS.format(row="1.36 1.36", text="三公经费情况见表。"))
    assert any(c.value is None for c in grid_of(source, "三公表").cells())
    assert source.problems


TABBED = """# 第二部分 2023 年度部门决算表

## 2023 年度支出决算表（表 3）

部门：某局

单位：万元

项目\t\t\t本年支出合计\t基本支出\t项目支出\t上缴上级支出\t经营支出\t对附属单位补助支出
功能分类科目编码\t科目名称\t\t\t\t\t\t\t
类\t款\t项\t1\t2\t3\t4\t5\t6
栏次\t\t\t\t\t\t\t\t
合计\t\t\t12.10\t7.10\t5\t\t\t
<b>201</b>\t\t\t<b>一般公共服务支出</b>\t\t\t\t\t
2010301\t\t\t行政运行\t\t\t\t\t

注：本表反映支出情况。

1 栏各行 = (2+3+4+5+6) 栏各行。

## 2023 年度政府性基金预算财政拨款收入支出决算表（表 7）

单位：万元

项目\t\t\t\t年初结转和 结余\t本年收入\t本年支出\t\t\t年末结转和 结余
功能分类 科目编码\t\t\t科目名称\t\t\t小计\t基本支出\t项目支出\t
类\t款\t项\t栏次\t1\t2\t3\t4\t5\t6
\t\t\t合计\t\t8.00\t8.00\t\t8.00\t
212\t\t\t城乡社区支出\t\t8.00\t8.00\t\t8.00\t

注：本表反映基金情况。

## 一、年度重点工作

工作\t目标\t结果
开会\t≥12 次\t14 次
"""


def test_tab_tables_with_shifted_cells(tmp_path: Path) -> None:
    source = read(tmp_path, TABBED, "报告.md")
    spent, fund = grid_of(source, "支出表"), grid_of(source, "基金表")
    assert amounts(spent)["合计"] == {0: "12.10", 1: "7.10", 2: "5"}
    assert amounts(spent)["201"] == {} and amounts(spent)["2010301"] == {}
    assert [spent.text(r, 1) for r in spent.rows if spent.text(r, 0) == "201"] == ["一般公共服务支出"]
    assert amounts(fund) == {k: {1: "8.00", 2: "8.00", 4: "8.00"} for k in ("合计", "212")}
    assert spent.cell(0, 0).place == Place(line=3)  # type: ignore[union-attr]
    assert [c.text for c in spent.cells()][-2:] == ["注：本表反映支出情况。", "1 栏各行 = (2+3+4+5+6) 栏各行。"]
    plain = next(g for g in source.grids if title_key(g.name) is None)
    assert [c.text for c in plain.cells()] == ["工作", "目标", "结果", "开会", "≥12 次", "14 次"]
    assert [x.text for x in source.lines] == ["# 第二部分 2023 年度部门决算表", "## 一、年度重点工作"]


def test_layout_of_a_code_table(tmp_path: Path) -> None:
    grid = grid_of(read(tmp_path, TABBED), "基金表")
    top = {r: {c: x.text for c, x in row.items()} for r, row in grid.rows.items() if r < 5}
    assert top[2] == {0: "项目", 2: "年初结转和结余", 3: "本年收入", 4: "本年支出", 7: "年末结转和结余"}
    assert top[3] == {0: "功能分类科目编码", 1: "科目名称", 4: "小计", 5: "基本支出", 6: "项目支出"}
    assert top[4] == {0: "栏次", 2: "1", 3: "2", 4: "3", 5: "4", 6: "5", 7: "6"}
    assert Span(2, 4, 2, 6) in grid.merges and Span(2, 2, 3, 2) in grid.merges
    assert not grid.is_sheet


def test_bar_separated_markdown(tmp_path: Path) -> None:
    rows = [
        "| 项目 | | 本年支出 | | |",
        "|---|---|---|---|---|",
        "| 科目编码 | 科目名称 | 小计 | 基本支出 | 项目支出 |",
    ]
    rows += ["| 合计 | | 9.00 | 5.00 | 4.00 |", "| 201 | 一般公共服务支出 | 9.00 | 5.00 | 4.00 |"]
    content = "\n".join(["### 国有资本经营预算财政拨款支出决算表", "单位：万元", *rows, "", "注：本表。"])
    found = amounts(grid_of(read(tmp_path, content, "a.md"), "国资表"))
    assert found == {k: {0: "9.00", 1: "5.00", 2: "4.00"} for k in ("合计", "201")}


def test_names_around_their_codes(tmp_path: Path) -> None:
    lines = ["一般公共预算财政拨款支出决算表", "单位：万元", "项目", "合计 基本支出 项目支出", "科目编码 科目名称"]
    lines += [
        "社会保障和就",
        "208 54.75 54.75 0.00",
        "业支出",
        "机关事业单位",
        "2080505 基本养老保险 54.75 54.75 0.00",
        "缴费支出",
    ]
    lines += [
        "210 卫生健康支出 36.64 36.64 0.00",
        "2101103 公务员医疗补",
        "助 36.64 36.64 0.00",
        "合计 91.39 91.39 0.00",
        "注：本表。",
    ]
    grid = grid_of(read(tmp_path, "\n".join(lines)), "一般支出表")
    names = {grid.text(r, 0): grid.text(r, 1) for r in grid.rows}
    assert names["208"] == "社会保障和就业支出"
    assert names["2080505"] == "机关事业单位基本养老保险缴费支出"
    assert names["2101103"] == "公务员医疗补助"
    assert amounts(grid)["2101103"] == {0: "36.64", 1: "36.64", 2: "0.00"}


def test_contents_are_no_tables_and_pictures_are_said(tmp_path: Path) -> None:
    content = "目录\n第二部分 2023 年度部门决算表\n一、收入支出决算总表\n"
    content += "二、收入决算表\n三、支出决算表\n第三部分 情况说明\n正文共 3 页。"
    source = read(tmp_path, content)
    assert not source.grids
    assert len(source.lines) == 7
    assert [p.line for _, p in source.problems] == [2]
    assert not read(tmp_path, "会议纪要\n没有表。").problems


def test_lines_are_exactly_as_printed(tmp_path: Path) -> None:
    lines = ["# 标题 ", "", "\t缩进 5010.", "42 万元。", "**加粗**", "<b>粗</b> 体　"]
    source = read(tmp_path, "\r\n".join(lines))
    assert [(x.text, x.place.line) for x in source.lines] == [(t, i + 1) for i, t in enumerate(lines) if t]
    assert [x.bold for x in source.lines] == [True, False, False, True, False]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-16-be"])
def test_encodings(tmp_path: Path, encoding: str) -> None:
    source = read(tmp_path, "收、支总计 5,010.42 万元。\n第二行 2023 年 12 月 31 日".encode(encoding))
    assert [x.text.lstrip("\ufeff") for x in source.lines] == [
        "收、支总计 5,010.42 万元。",
        "第二行 2023 年 12 月 31 日",
    ]


@pytest.mark.parametrize(
    "data", [b"", b" \r\n ", bytes(range(256)) * 40, b"\x89PNG\r\n\x1a\n" + bytes(400) + b"\xff\xfe\xfd" * 99]
)
def test_what_is_no_text_is_refused(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(Unreadable):
        read(tmp_path, data)


def test_missing_and_huge(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="打不开"):
        text.read(tmp_path / "没有.txt")
    with pytest.raises(Unreadable, match="万行"):
        read(tmp_path, "\n" * (text.MAX_LINES + 5) + "x")


def test_a_wall_of_codes_stays_quick(tmp_path: Path) -> None:
    rows = [f"20103{i:02d} 项 {i + 1}.00 {i + 1}.00" for i in range(99)]
    total = sum(range(1, 100))
    body = [
        *SPENT_HEAD,
        f"合计 {total}.00 {total - 50}.00 50.00",
        f"20103 款 {total}.00 {total - 50}.00 50.00",
        *rows,
        "注：表。",
    ]
    source = read(tmp_path, "\n".join(body))
    assert len(amounts(grid_of(source, "支出表"))) == 101
    assert source.problems


def test_thousands_of_children_are_left_alone(tmp_path: Path) -> None:
    rows = [f"201 一般公共服务支出 {i}.00 {i}.00" for i in range(5000)]
    source = read(tmp_path, "\n".join([*SPENT_HEAD, "合计 9.00 5.00 4.00", *rows, "注：表。"]))
    assert len(source.grids) == 1
    assert source.problems


def test_one_cell_a_line_is_not_guessed(tmp_path: Path) -> None:
    cells = [f"{n}、{name}" for n, name in zip("一二三四五六七八", ["甲收入", "乙收入"] * 4, strict=True)]
    amounts_ = [f"{i}.50" for i in range(8)]
    body = "\n".join(x for pair in zip(cells, amounts_, strict=True) for x in pair)
    source = read(tmp_path, f"收入支出决算总表\n单位：万元\n项目\n金额\n{body}\n注：表。")
    grid = grid_of(source, "收支总表")
    assert not any(c.text.endswith(".50") for c in grid.cells())
    assert source.problems


def test_opening_to_closing() -> None:
    row = Spreading([Decimal(3), Decimal(8), Decimal(9), Decimal(9), Decimal(2)])
    start([row], 6, opening_to_closing, False)
    assert {o[:3] + o[-1:] for o in row.options} == {(0, 1, 2, 5)}
    assert row.doubtful() == {3, 4}


def test_solver_prefers_what_adds_up() -> None:
    parent = Spreading([Decimal(9), Decimal(5), Decimal(4)])
    parts = [Spreading([Decimal(5), Decimal(5)]), Spreading([Decimal(4), Decimal(4)])]
    parent.children = parts
    rows = [parent, *parts]
    start(rows, 3, total_first(3), True)
    solve(rows, 3)
    assert [r.options for r in rows] == [[(0, 1, 2)], [(0, 1)], [(0, 2)]]


@pytest.mark.skipif(not SEEDS.is_dir(), reason="the published documents are not beside this checkout")
@pytest.mark.parametrize("number", ["001", "004"])
def test_seeds_hold_nine_tables(number: str) -> None:
    path = next(SEEDS.glob(f"{number}*.txt"))
    lines = path.read_text(encoding="utf-8").split("\n")
    found = find(lines)
    assert [f.key for f in found] == [
        "收支总表", "收入表", "支出表", "财拨总表", "一般支出表", "基本支出表", "基金表", "国资表", "三公表",
    ]  # fmt: skip
    assert not any(f.problems for f in found)
    assert all(a.last < b.first for a, b in pairwise(found))
    for table in found:
        for cell in table.grid.cells():
            if any(c.isdigit() for c in cell.text) and cell.place and cell.place.line:
                near = "".join(lines[cell.place.line - 1 : cell.place.line + 3])
                assert cell.text.replace(" ", "") in near.replace(" ", "").replace("<b>", "").replace("</b>", "")


def test_a_table_goes_on_under_a_repeated_title_and_header(tmp_path: Path) -> None:
    first = ["合计 9.00 5.00 4.00", "201 一般公共服务支出 9.00 5.00 4.00"]
    second = ["20103 政府办公厅事务 9.00 5.00 4.00", "2010301 行政运行 9.00 5.00 4.00", "注：支出。"]
    repeated = ["项目", "本年支出合计 基本支出 项目支出 上缴上级支出 经营支出", "栏次 1 2 3 4 5 6"]
    for between in ([*SPENT_HEAD], ["- 12 -", *repeated], ["支出决算表（续表）", "单位：万元", *repeated]):
        source = read(tmp_path, "\n\n".join([*SPENT_HEAD, *first, *between, *second]))
        assert len(source.grids) == 1, between
        assert list(amounts(source.grids[0])) == ["合计", "201", "20103", "2010301"]
        assert all(len(r) == 3 for r in amounts(source.grids[0]).values())


def test_a_title_over_two_lines(tmp_path: Path) -> None:
    lines = [
        "国有资本经营预算财政拨款收入支出决算",
        "表",
        "单位：万元",
        "项目 本年支出",
        "科目代码 科目名称 合计 基本支出 项目支出",
    ]
    source = read(
        tmp_path,
        "\n".join([*lines, "栏次 1 2 3", "合计", "说明：本单位没有国有资本经营支出，故本表无数据。", "第三部分 说明"]),
    )
    grid = source.grids[0]
    assert title_key(grid.text(0, 0)) == "国资表"
    assert grid.rows[max(grid.rows)][0].text.endswith("故本表无数据。")
    assert [x.text for x in source.lines] == ["第三部分 说明"]


@pytest.mark.parametrize(
    ("line", "key"),
    [
        ("## 2022 年度收入支出决算总表（表 1）", "收支总表"),
        ("某某局收支决算总表", "收支总表"),
        ("财政拨款收入支出决算总表", "财拨总表"),
        (" 四、财政拨款收支决算总表", "财拨总表"),
        ("一般公共预算财政拨款基本支出决算表", "基本支出表"),
        ("一般公共预算财政拨款“三公”经费支出决算表", "三公表"),
        ("“三公”经费公共预算财政拨款支出决算表", "三公表"),
        ("国有资本经营预算财政拨款收入支出决算表", "国资表"),
        ("公开 02 表 收入决算表", "收入表"),
        ("一般公共预算财政拨款支出决算情况说明", None),
        ("我们在收入决算表中看到，本年收入增加。", None),
        ("项目支出决算表", None),
        ("第二部分 2022 年度部门决算表", None),
    ],
)
def test_titles(line: str, key: str | None) -> None:
    assert title_key(line) == key
