"""The parts around the narrative: 目录, 概况, 名词解释 and the 自评表 of the projects."""

from __future__ import annotations

from decimal import Decimal

from .panels import NUMERALS
from .report_facts import Project
from .report_style import printed
from .report_words import Talk

_DUTIES = (
    "贯彻执行国家、省、市有关法律法规和方针政策，拟订本辖区相关工作规划并组织实施。",
    "承担本行业的日常管理和服务工作，指导基层单位开展业务。",
    "负责行业统计、信息发布和宣传教育。",
    "承担本系统安全生产和应急处置的具体工作。",
    "完成上级交办的其他事项。",
)
_TERMS = (
    ("一般公共预算财政拨款收入", "指本级财政一般公共预算当年拨付的资金。"),
    ("政府性基金预算财政拨款收入", "指本级财政政府性基金预算当年拨付的资金。"),
    ("国有资本经营预算财政拨款收入", "指本级财政国有资本经营预算当年拨付的资金。"),
    ("事业收入", "指事业单位开展专业业务活动及其辅助活动取得的收入。"),
    ("其他收入", "指单位取得的除上述各项收入以外的收入。"),
    ("年初结转和结余", "指以前年度尚未完成、结转到本年按有关规定继续使用的资金。"),
    ("年末结转和结余", "指本年度按有关规定结转到下年或以后年度继续使用的资金。"),
    ("基本支出", "指为保障机构正常运转、完成日常工作任务而发生的支出。"),
    ("项目支出", "指在基本支出之外为完成特定任务和事业发展目标所发生的支出。"),
)
_KNOWN = {
    "行政运行": "反映行政单位的基本支出",
    "一般行政管理事务": "反映行政单位未单独设置项级科目的其他项目支出",
    "事业运行": "反映事业单位的基本支出",
}


def contents(parts: list[tuple[str, list[str]]]) -> list[str]:
    """目录 of (part heading, section headings)."""
    out = ["目录"]
    for part, sections in parts:
        out += [part, *sections]
    return out


def about(talk: Talk) -> list[str]:
    duties = [*talk.rng.sample(_DUTIES[:-1], k=talk.rng.randint(2, 4)), _DUTIES[-1]]
    out = ["一、部门主要职责", *[f"（{NUMERALS[n]}）{text}" for n, text in enumerate(duties)], "二、部门决算单位构成"]
    return [*out, f"从单位构成看，{talk.name}部门决算由纳入独立核算的单位本级决算组成，无下属单位。"]


def terms(talk: Talk) -> list[str]:
    """名词解释 with the chains of every 项 that spent."""
    shanghai = talk.how.form == "shanghai"
    texts = [f"{name}：{text}" for name, text in _TERMS]
    chains = []
    for code in talk.told.rows("支出表", 7):
        chain = talk.chain(code)
        name = next(i.name for i in talk.told.whole.items if i.code == code)
        usual = f"反映用于{name.removeprefix('用于').removesuffix('支出')}方面的支出"
        chains.append(f"{chain}：{_KNOWN.get(name, usual)}。")
    if shanghai:
        return [f"{NUMERALS[n]}、{text}" for n, text in enumerate(texts)]
    out = [f"（{NUMERALS[n]}）{text}" for n, text in enumerate(texts)]
    out.append(f"（{NUMERALS[len(texts)]}）{talk.how.ours}使用的支出功能分类科目（到项级）")
    return [*out, *talk.numbered(chains)]


def works(talk: Talk) -> list[str]:
    out = []
    for number, project in enumerate(talk.told.projects[:3]):
        name = project.name.removesuffix("经费").removesuffix("项目")
        out += [f"{NUMERALS[number]}、{name}", f"按计划推进{name}工作，完成了年度任务，工作质量稳步提高。"]
    return out or ["一、日常工作", "按计划完成了年度工作任务。"]


def project_forms(talk: Talk) -> list[str]:
    """One 自评表 a project, as tab-separated lines."""
    out = [f"一、{talk.year()}年度项目绩效自评表"]
    for number, project in enumerate(talk.told.projects, 1):
        out += _form(talk, number, project)
    return out


def _form(talk: Talk, number: int, project: Project) -> list[str]:
    rate = printed(project.spent) / printed(project.budget)
    got = (rate * 20).quantize(Decimal("0.01"))
    shown = f"{(rate * 100).quantize(Decimal('0.01')):f}".rstrip("0").rstrip(".")
    total = f"{80 + got:f}".rstrip("0").rstrip(".")
    score = f"{got:f}".rstrip("0").rstrip(".")
    number_of = talk.how.number
    lacks = "部分合同款项结转到下年支付，预算没有全部执行。" if project.spent != project.budget else "无"
    return [
        f"{talk.year()}年度项目支出绩效自评表（表{number}）",
        f"部门名称：{talk.name}",
        f"自评得分：{total}",
        f"项目名称\t\t{project.name}\t\t\t\t",
        f"主管部门\t\t{talk.told.whole.name}\t项目实施单位\t\t{talk.told.whole.name}\t",
        "预算执行情况（万元）（20分）\t\t年度财政资金总额\t预算数（A）\t执行数（B）\t执行率（B/A）\t得分（20分*执行率）",
        f"\t\t\t{number_of(printed(project.budget))}\t{number_of(printed(project.spent))}\t{shown}%\t{score}",
        "年度绩效目标1（80分）\t\t完成年度工作任务\t\t\t\t",
        "年度绩效指标\t一级指标\t二级指标\t三级指标\t年初目标值（A）\t实际完成值（B）\t得分",
        "\t产出指标\t数量指标\t工作任务完成数量\t≥10项\t12项\t20",
        "\t\t质量指标\t工作合格率\t100%\t100%\t20",
        "\t\t时效指标\t完成及时率\t100%\t100%\t20",
        "\t效益指标\t社会效益指标\t服务水平\t有所提升\t有所提升\t10",
        "\t满意度指标\t服务对象满意度指标\t服务对象满意度\t≥90%\t95%\t10",
        f"偏差大或目标未完成原因分析\t\t{lacks}\t\t\t\t",
        "改进措施及结果应用方案\t\t加强预算执行管理。\t\t\t\t",
    ]
