"""绩效自评表 recognised from Word tables, from tab-separated rows and from lines run together."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from app.reading.read import read
from app.recognising.performance import read_performance
from app.source import Cell, Grid, Line, Place, Source

SEEDS = Path(__file__).resolve().parents[3] / "shared" / "seeds"


def from_lines(text: str) -> Source:
    return Source("案例", "text", [Line(t, Place(line=n)) for n, t in enumerate(text.splitlines(), 1) if t.strip()])


def from_rows(*rows: dict[int, str], above: str = "2022 年度项目支出绩效自评表") -> Source:
    """A ruled table: the cells of each row by column."""
    grid = Grid("表", is_sheet=False)
    for r, cells in enumerate(rows):
        for c, text in cells.items():
            grid.put(Cell(r, c, text, place=Place(table=1, row=r + 1, column=c + 1)))
    return Source("案例", "word", [Line(above, Place(paragraph=1)), grid, Line("咨询电话：027", Place(paragraph=2))])


HEAD = (
    {0: "项目名称", 2: "园区走访经费"},
    {0: "主管部门", 2: "东城区某某局", 4: "项目实施单位", 5: ""},
    {0: "预算执行情况\n(万元)\n(20分)", 3: "预算数(A)", 4: "执行数(B)", 5: "执行率(B/A)", 6: "得分(20分*执行率)"},
    {2: "年度财政资金总额", 3: "40.00", 4: "36.00", 5: "90%", 6: "18"},
    {0: "年度绩效目标1(80分)", 2: "走访企业"},
    {
        0: "年度绩效指标",
        1: "一级指标",
        2: "二级指标",
        3: "三级指标",
        4: "年初目标值(A)",
        5: "实际完成值(B)",
        6: "得分",
    },
)
FOOT = ({0: "总分", 6: "98"}, {0: "偏差大或目标未完成原因分析"}, {0: "改进措施及结果应用方案", 2: "加强管理"})


def test_a_ruled_table_with_merged_cells_gives_every_field() -> None:
    source = from_rows(
        *HEAD,
        {1: "产出指标", 2: "数量指标", 3: "走访企业次数", 4: "≥10次", 5: "12次", 6: "20"},
        {3: "走访园区次数", 4: "≥5次", 5: "6次", 6: "20"},
        {2: "质量指标", 3: "诉求办结率", 4: "≥95%", 5: "98%", 6: "20"},
        {1: "满意度指标", 2: "满意度指标", 3: "服务对象满意度", 4: "≥90%", 5: "95%", 6: "20"},
        *FOOT,
    )
    (table,) = read_performance(source)
    assert table.kind == "项目" and table.project is not None and table.project.text == "园区走访经费"
    assert table.department is not None and table.department.text == "东城区某某局"
    assert table.implementer is not None and not table.implementer, "printed, but blank"
    assert table.budget and table.executed and table.rate and table.points and table.total
    values = (table.budget.value, table.executed.value, table.rate.value, table.points.value, table.total.value)
    assert values == tuple(map(Decimal, ("40.00", "36.00", "90", "18", "98"))) and table.rate.percent
    assert table.weight == 20 and [g.weight for g in table.goals] == [Decimal(80)]
    assert [(i.level2, i.name) for i in table.indicators] == [
        ("数量指标", "走访企业次数"),
        ("数量指标", "走访园区次数"),
        ("质量指标", "诉求办结率"),
        ("满意度指标", "服务对象满意度"),
    ]
    assert table.complete and table.indicators[1].score is not None
    assert table.indicators[1].score.place == Place(table=1, row=8, column=7)
    assert table.reasons is not None and not table.reasons
    assert table.measures is not None and table.measures.text == "加强管理", "the line below is no part of it"


def test_a_blank_score_is_blank_and_the_table_not_complete() -> None:
    source = from_rows(
        *HEAD,
        {1: "产出指标", 2: "数量指标", 3: "走访企业次数", 4: "≥10", 5: "12", 6: "20"},
        {1: "满意度指标", 2: "满意度指标", 3: "服务对象满意度", 4: "满意", 5: "98%"},
        *FOOT,
    )
    (table,) = read_performance(source)
    last = table.indicators[-1]
    assert last.name == "服务对象满意度" and last.actual is not None and last.actual.text == "98%"
    assert last.score is not None and not last.score and last.points is None
    assert not table.complete


def test_the_national_form_with_a_column_of_weights() -> None:
    source = from_rows(
        {0: "项目名称", 2: "园区走访经费"},
        {0: "主管部门", 2: "东城区某某局", 5: "实施单位", 6: "东城区某某中心"},
        {
            0: "项目资金（万元）",
            3: "年初预算数",
            4: "全年预算数（A）",
            5: "全年执行数（B）",
            6: "分值",
            7: "执行率（B/A）",
            8: "得分",
        },
        {2: "年度资金总额", 3: "50.00", 4: "40.00", 5: "36.00", 6: "10", 7: "90%", 8: "9"},
        {2: "其中：当年财政拨款", 3: "50.00", 4: "40.00", 5: "36.00", 6: "—", 7: "90%", 8: "—"},
        {0: "年度总体目标", 1: "预期目标", 5: "实际完成情况"},
        {1: "走访企业10次", 5: "走访12次"},
        {
            0: "绩效指标",
            1: "一级指标",
            2: "二级指标",
            3: "三级指标",
            4: "年度指标值",
            5: "实际完成值",
            6: "分值",
            7: "得分",
            8: "偏差原因分析及改进措施",
        },
        {1: "产出指标", 2: "数量指标", 3: "走访企业次数", 4: "≥10次", 5: "12次", 6: "50", 7: "50"},
        {2: "质量指标", 3: "诉求办结率", 4: "≥95%", 5: "92%", 6: "30", 7: "29", 8: "积案较多"},
        {1: "满意度指标", 2: "服务对象满意度指标", 3: "企业满意度", 4: "≥90%", 5: "95%", 6: "10", 7: "10"},
        {0: "总分", 6: "100", 7: "98"},
    )
    (table,) = read_performance(source)
    assert table.budget and table.executed and table.points and table.total
    assert (table.budget.value, table.executed.value, table.points.value) == (Decimal(40), Decimal(36), Decimal(9))
    assert table.weight == 10 and table.total.value == 98
    assert [(i.weight, i.points) for i in table.indicators] == [(50, 50), (30, 29), (10, 10)]
    assert table.complete


LINES = """2022 年度部门整体绩效自评表
单位名称 东城区某某局
基本支出总额 200.00 项目支出总额 397.00
预算执行情况
（万元）
（20 分）
预算数（A) 执行数（B) 执行率（B/A)
得分
（20 分*执行率）
部门整体
支出总额
600.00 万
元
597.00 万
元
99.50% 19.9 分
年 度
绩 效
目标 1
（ 80
分）
做好服务
年度
绩效
指标
一级
指标
二级指标 三级指标
年初目标值
(A)
实际完成值
(B) 得分
产出
指标
数量指标
走访企业次数 ≥10 次 12 次 20
数量指标
帮助村集体建设、发展产业
项目
≥30 个 41 个 20
效益
指标
可持续影
响指标
持续改善
环境
完成 完成 20
满意
度指
标
满意度指
标
服务对象
满意率 90%
98% 98% {last}
总分 99.9 分
偏差大或
目标未完成
原因分析
无
- 57 -
改进措施及
结果应用方案
加强管理。
二、2022 年度项目绩效评价报告
"""


def test_lines_in_which_cells_and_words_are_broken() -> None:
    (table,) = read_performance(from_lines(LINES.format(last="20")))
    assert table.kind == "整体" and table.unit is not None and table.unit.text == "东城区某某局"
    assert table.basic and table.projects and table.budget and table.executed and table.rate and table.points
    assert (table.basic.value, table.projects.value) == (Decimal("200.00"), Decimal("397.00"))
    assert (table.executed.value, table.rate.value, table.points.value) == tuple(map(Decimal, ("597", "99.5", "19.9")))
    assert [g.weight for g in table.goals] == [Decimal(80)]
    assert [i.points for i in table.indicators] == [Decimal(20)] * 4
    second = table.indicators[1]
    assert second.target is not None and second.actual is not None
    assert (second.name, second.target.text, second.actual.text) == (
        "帮助村集体建设、发展产业项目",
        "≥30个",
        "41个",
    )
    assert "≥30 个 41 个 20" in second.row.quote
    assert table.total is not None and table.total.value == Decimal("99.9") and table.complete
    assert table.reasons is not None and table.reasons.text == "无"


def test_a_row_without_its_score_is_not_guessed() -> None:
    (table,) = read_performance(from_lines(LINES.format(last="")))
    assert len(table.indicators) == 3 and not table.complete


def test_text_that_speaks_of_execution_is_no_table() -> None:
    text = "十三、预算绩效情况说明\n预算执行情况良好，执行率 98%。\n项目全年预算数为 5 万元，执行数为 5 万元。"
    assert read_performance(from_lines(text)) == []


@pytest.mark.skipif(not SEEDS.is_dir(), reason="the shared seed documents are not here")
@pytest.mark.parametrize(("seed", "tables", "indicators"), [("001", 7, 98), ("004", 6, 84), ("000", 0, 0)])
def test_published_reports(seed: str, tables: int, indicators: int) -> None:
    found = read_performance(read(next(SEEDS.glob(f"{seed}_*.txt"))))
    assert len(found) == tables
    assert sum(len(t.indicators) for t in found) == indicators
    for table in found:
        assert table.budget and table.executed and table.rate and table.points and table.weight == 20
