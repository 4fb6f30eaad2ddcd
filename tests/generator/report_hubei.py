"""The narrative of Hubei's reports, to 2021 and from 2022: thirteen sections, every figure right."""

from __future__ import annotations

from collections.abc import Callable

from .department import INCOMES, KINDS
from .figures import GRANTS
from .report_facts import CARS, now
from .report_style import mark, printed
from .report_words import Talk
from .subjects import ECONOMIC, STAFF

SECTIONS_2022 = ("总体", "收入", "支出", "财拨", "一般", "基本", "基金", "国资", "三公", "机关", "采购", "资产", "绩效")
SECTIONS_2021 = ("总体", "收入", "支出", "财拨", "一般", "基本", "三公", "基金", "国资", "机关", "采购", "资产", "绩效")
TITLES = {
    "总体": "收入支出决算总体情况说明",
    "收入": "收入决算情况说明",
    "支出": "支出决算情况说明",
    "财拨": "财政拨款收入支出决算总体情况说明",
    "一般": "一般公共预算财政拨款支出决算情况说明",
    "基本": "一般公共预算财政拨款基本支出决算情况说明",
    "基金": "政府性基金预算财政拨款收入支出决算情况说明",
    "国资": "国有资本经营预算财政拨款支出决算情况说明",
    "三公": "财政拨款“三公”经费支出决算情况说明",
    "机关": "机关运行经费支出说明",
    "采购": "政府采购支出说明",
    "资产": "国有资产占用情况说明",
    "绩效": "预算绩效情况说明",
}


def whole(talk: Talk) -> list[str]:
    total, then = now(talk.told, "收支总计"), talk.told.last["收支总计"]
    opening = talk.pick("收、支总计", "收、支总计均为", "收、支总计为")
    text = f"{talk.year()}年度{opening}{talk.how.money(total)}。{talk.growth(total, then, '收、支总计', '各')}"
    return [text, *_chart(talk, 1, "收、支决算总计变动情况")]


def _chart(talk: Talk, number: int, title: str) -> list[str]:
    return [f"图{number}：{title}"] if talk.how.charts else []


def income(talk: Talk) -> list[str]:
    total = now(talk.told, "收入合计")
    fiscal = sum(now(talk.told, key) for key in ("一般收入", "基金收入", "国资收入"))
    kinds = {"财政拨款收入": fiscal}
    kinds |= {kind: talk.told.cell("收支总表", kind, "决算数", "收支总表收入") for kind in INCOMES}
    parts = [
        f"{kind}{talk.share(value, total, talk.how.of_income)}"
        for kind, value in kinds.items()
        if printed(value) or talk.how.zeros
    ]
    text = f"{talk.year()}年度收入合计{talk.how.money(total)}"
    if talk.rng.random() < 0.5:
        text += f"。{talk.growth(total, talk.told.last['收入合计'], '收入合计', why=False)}"
    else:
        text += talk.pick("，", "。")
    return [f"{text}其中：{'；'.join(parts)}。", *_chart(talk, 2, "收入决算结构")]


def spending(talk: Talk) -> list[str]:
    total = now(talk.told, "支出合计")
    kinds = {kind: talk.told.cell("支出表", "合计", kind) for kind in KINDS}
    of = talk.how.of_income.replace("收入", "支出")
    parts = [f"{k}{talk.share(v, total, of)}" for k, v in kinds.items() if printed(v) or talk.how.zeros]
    text = f"{talk.year()}年度支出合计{talk.how.money(total)}"
    if talk.rng.random() < 0.5:
        text += f"。{talk.growth(total, talk.told.last['支出合计'], '支出合计', why=False)}"
    else:
        text += talk.pick("，", "。")
    return [f"{text}其中：{'；'.join(parts)}。", *_chart(talk, 3, "支出决算结构")]


def fiscal(talk: Talk) -> list[str]:
    total, then = now(talk.told, "财拨总计"), talk.told.last["财拨总计"]
    text = f"{talk.year()}年度财政拨款收、支总计{talk.pick('', '均为')}{talk.how.money(total)}。"
    first = text + talk.growth(total, then, "财政拨款收、支总计", "各")
    parts = []
    for key, grant in zip(("一般收入", "基金收入", "国资收入"), GRANTS, strict=True):
        value, last = now(talk.told, key), talk.told.last[key]
        part = f"{grant}收入{talk.how.money(value)}"
        if printed(value) != printed(last):
            grew = value > last
            part += f"，比{talk.year(1)}年度决算数{mark('d', '增加' if grew else '减少')}"
            part += talk.how.money(talk.how.change(value, last))
            way = mark("d", "增加" if grew else "减少") if talk.rng.random() < 0.7 else ""
            part += f"。{way}主要原因是{talk.reason(grew)}"
        elif value:
            part += f"，与{talk.year(1)}年度持平"
        parts.append(part)
    second = f"{talk.year()}年度财政拨款收入中，{'。'.join(parts)}。"
    return [first, *([second] if talk.rng.random() < 0.8 else []), *_chart(talk, 4, "财政拨款收、支决算总计变动情况")]


def general(talk: Talk) -> list[str]:
    told, how = talk.told, talk.how
    total = now(told, "一般支出")
    subject = "一般公共预算财政拨款支出"
    lead = (
        f"{talk.year()}年度{subject}{how.money(total)}，占本年支出合计的{how.percent(total, now(told, '支出合计'))}。"
    )
    out = [talk.pick("（一）总体情况", f"（一）{subject}决算总体情况"), lead]
    out[1] += talk.growth(total, told.last["一般支出"], subject)
    out.append(talk.pick("（二）结构情况", f"（二）{subject}决算结构情况"))
    return (
        out
        + structure(talk)
        + ["（三）具体情况" if len(out[0]) < 10 else f"（三）{subject}决算具体情况"]
        + details(talk)
    )


def structure(talk: Talk) -> list[str]:
    """主要用于以下方面; ``talk.omit`` leaves one 类 out."""
    total = now(talk.told, "一般支出")
    lead = f"{talk.year()}年度一般公共预算财政拨款支出{talk.how.money(total)}，主要用于以下方面："
    texts = []
    for index, code in enumerate(talk.told.rows("一般支出表", 3)):
        text = f"{talk.klass(code)}{talk.share(talk.told.general(code), total, kind='as')}"
        use = f"主要是用于{talk.pick('人员工资福利', '日常运转', '完成相关工作任务')}等支出"
        texts.append((text, use))
        if index == talk.omit:
            texts.pop()
    if talk.how.listed:
        return [lead, *talk.numbered([f"{text}。{use}。" for text, use in texts])]
    return [f"{lead}{'；'.join(text for text, _ in texts)}。"]


def details(talk: Talk) -> list[str]:
    told, how = talk.told, talk.how
    total, budget = now(told, "一般支出"), sum(told.budgets.values())
    lead = f"{talk.year()}年度一般公共预算财政拨款支出{talk.completion(budget, total)}。其中："
    basic, project = told.general("合计", "基本支出"), told.general("合计", "项目支出")
    if talk.rng.random() < 0.7:
        lead += f"基本支出{how.money(basic)}，项目支出{how.money(project)}。"
        if told.projects and talk.rng.random() < 0.6:
            uses = [
                f"{n}.{p.name}{how.money(p.spent, 'ap')}，主要成效是{talk.pick('保障了各项工作正常开展', '按计划完成了年度工作任务')}"
                for n, p in enumerate(told.projects, 1)
            ]
            lead += f"项目支出主要用于{'；'.join(uses)}。"
    size = 3 if how.form == "2021" and talk.rng.random() < 0.6 else 7
    texts = []
    for code in told.rows("一般支出表", size):
        spent = told.general(code)
        planned = sum(v for c, v in told.budgets.items() if c.startswith(code))
        name = talk.chain(code) if size == 7 else talk.klass(code)
        joint = talk.rng.choice(["，", "。"])
        end = talk.differs(planned, spent, code)
        texts.append(f"{name}{joint}{talk.completion(planned, spent, kinds=('ab', 'af'))}{end}")
    return [lead, *talk.numbered(texts)]


def basic(talk: Talk) -> list[str]:
    told, how = talk.told, talk.how
    table = "基本支出表"
    total = told.general("合计", "基本支出")
    staff = told.cell(table, "人员经费合计", "决算数")
    public = told.cell(table, "公用经费合计", "决算数")

    def listed(of_staff: bool) -> str:
        codes = [c for c in ECONOMIC if len(c) == 5 and told.cell(table, c, "决算数") and (c[:3] in STAFF) is of_staff]
        return "、".join(ECONOMIC[c] for c in codes)

    lead = f"{talk.year()}年度一般公共预算财政拨款基本支出{how.money(total)}，其中："
    first = f"人员经费{how.money(staff)}，主要包括：{listed(True)}。"
    second = f"公用经费{how.money(public)}，主要包括：{listed(False)}。" if public else f"公用经费{how.money(0)}。"
    return [lead + first, second] if talk.rng.random() < 0.5 else [lead, first, second]


def fund(talk: Talk) -> list[str]:
    told, how = talk.told, talk.how
    values = [told.cell("基金表", "合计", c) for c in ("年初结转和结余", "本年收入", "小计", "年末结转和结余")]
    if not any(values) and talk.rng.random() < 0.6:
        return [f"{talk.year()}年度{how.ours}{talk.pick('', '当年')}无政府性基金预算财政拨款收入支出。"]
    a, b, c, d = (how.money(v) for v in values)
    text = f"{talk.year()}年度政府性基金预算财政拨款年初结转和结余{a}，本年收入{b}，本年支出{c}，年末结转和结余{d}。"
    rows = told.rows("基金表", 3)
    if not rows:
        return [text]
    uses = [f"{talk.klass(r)}{how.money(told.cell('基金表', r, '小计'))}" for r in rows]
    return [f"{text}具体支出情况为：{'；'.join(uses)}。"]


def state(talk: Talk) -> list[str]:
    told, how = talk.told, talk.how
    spent = told.cell("国资表", "合计", "合计")
    if not spent and talk.rng.random() < 0.6:
        return [f"{talk.year()}年度{how.ours}当年无国有资本经营预算财政拨款支出。"]
    text = f"{talk.year()}年度国有资本经营预算财政拨款本年支出{how.money(spent)}。"
    uses = [f"{talk.klass(r)}{how.money(told.cell('国资表', r, '合计'))}" for r in told.rows("国资表", 3)]
    return [f"{text}具体支出情况为：{'；'.join(uses)}。"] if uses else [text]


def trips(talk: Talk) -> list[str]:
    told = talk.told
    budget, final = sum(told.whole.budget.values()), sum(told.whole.final.values())
    last = sum(told.trips_last.values())
    head = "（一）“三公”经费财政拨款支出决算总体情况说明", "（二）“三公”经费财政拨款支出决算具体情况说明"
    of = "预算" if talk.how.form == "2022" else "年初预算"
    lead = f"{talk.year()}年度“三公”经费财政拨款支出{talk.completion(budget, final, of)}。"
    if budget or final or last:
        if printed(final) != printed(last):
            lead += talk.growth(final, last, why=False).replace(f"{talk.before()}，", "较上年", 1)
        else:
            lead += "与上年持平。"
        lead += _trip_reasons(talk, budget, final, last)
    return [head[0], lead, head[1], *_trip_items(talk, of)]


def _trip_reasons(talk: Talk, budget: int, final: int, last: int) -> str:
    text = ""
    if printed(budget) != printed(final):
        text += f"决算数{mark('d', '小于' if final < budget else '大于')}预算数的主要原因：{_thrift(talk, final < budget)}。"
    if printed(final) != printed(last):
        way = mark("d", "增加" if final > last else "减少")
        text += f"决算数较上年{way}的主要原因：{_thrift(talk, final < last)}。"
    return text


def _thrift(talk: Talk, less: bool) -> str:
    if less:
        return talk.pick("严格落实中央八项规定精神，从严控制开支", "厉行节约，压减开支")
    return talk.pick("工作任务增加，相应开支增加", "公务活动增加")


def _trip_items(talk: Talk, of: str) -> list[str]:
    told, how = talk.told, talk.how
    plan, final, last, counts = told.whole.budget, told.whole.final, told.trips_last, told.counts

    def one(name: str, keys: tuple[str, ...]) -> str:
        b, a, t = (sum(money[k] for k in keys) for money in (plan, final, last))
        text = f"{name}{talk.completion(b, a, of)}"
        if printed(a) != printed(t):
            way = ("增加", "增长") if a > t else ("减少", "下降")
            text += f"，较上年{mark('d', way[0])}{how.money(how.change(a, t))}"
            text += f"，{mark('d', way[1])}{how.percent(how.change(a, t), t)}" if t else ""
        elif a or t:
            text += "，与上年持平"
        return f"{text}。{_trip_reasons(talk, b, a, t)}"

    abroad = one("因公出国（境）费", ("出国费",))
    if final["出国费"]:
        abroad += f"全年支出涉及出国（境）团组{mark('c', counts['团组'])}个，累计{mark('c', counts['出国人次'])}人次。"
    cars = one("公务用车购置及运行维护费", ("购置费", "运行费"))
    buying = f"（1）公务用车购置费支出{how.money(final['购置费'])}，本年度购置（更新）公务用车{mark('c', counts['购置'])}辆。"
    running = f"（2）公务用车运行维护费支出{how.money(final['运行费'])}"
    if final["运行费"]:
        fuel, repair, insured = _three(printed(final["运行费"]) * 100, talk)
        running += f"，其中：燃料费{how.money(fuel)}；维修费{how.money(repair)}；保险费{how.money(insured)}"
    until = f"截至{talk.year()}年12月31日，开支财政拨款的公务用车保有量{mark('c', counts['保有量'])}辆。"
    guests = one("公务接待费", ("接待费",))
    if final["接待费"]:
        met = f"国内公务接待{mark('c', counts['批次'])}批次{mark('c', counts['接待人次'])}人次"
        guests += f"主要用于接待上级部门检查调研和兄弟单位学习交流，其中：{met}。"
    first, second, third = talk.numbered([abroad, f"{cars}其中：", guests])
    return [first, second, buying, f"{running}。{until}", third]


def _three(cents: object, talk: Talk) -> tuple[int, int, int]:
    """An amount in 0.01 万元 in three parts, in 分."""
    whole = int(str(cents).split(".")[0])
    fuel = round(whole * talk.rng.uniform(0.3, 0.6))
    repair = round((whole - fuel) * talk.rng.uniform(0.3, 0.7))
    return fuel * 10_000, repair * 10_000, (whole - fuel - repair) * 10_000


def office(talk: Talk) -> list[str]:
    told, how = talk.told, talk.how
    if not told.whole.administrative:
        if talk.rng.random() < 0.6:
            return [f"{talk.year()}年度{talk.name}无机关运行经费支出。"]
        return [f"{talk.year()}年度机关运行经费支出{how.money(0)}。"]
    value, then = now(told, "机关运行"), told.last["机关运行"]
    text = f"{talk.year()}年度{talk.pick('', talk.name)}机关运行经费支出{how.money(value)}，"
    if printed(value) == printed(then):
        return [f"{text}与{talk.year(1)}年度持平。"]
    grew = value > then
    text += f"比{talk.year(1)}年度{mark('d', '增加' if grew else '减少')}{how.money(how.change(value, then))}"
    if then:
        text += f"，{mark('d', '增长' if grew else '下降')}{how.percent(how.change(value, then), then)}"
    return [f"{text}。主要原因是{talk.reason(grew)}。"]


def purchases(talk: Talk) -> list[str]:
    told, how = talk.told, talk.how
    total, middle = sum(told.bought.values()), sum(told.to_middle.values())
    parts = "、".join(f"政府采购{kind}支出{how.money(value)}" for kind, value in told.bought.items())
    text = f"{talk.year()}年度{talk.pick('', talk.name)}政府采购支出总额{how.money(total)}，其中：{parts}。"
    if not total:
        return [text]
    text += f"授予中小企业合同金额{how.money(middle)}，占政府采购支出总额的{how.percent(middle, total)}，"
    text += f"其中：授予小微企业合同金额{how.money(told.to_small)}，占授予中小企业合同金额的{how.percent(told.to_small, middle)}"
    shares = [
        f"{kind}采购授予中小企业合同金额占{kind}支出金额的{how.percent(told.to_middle[kind], value)}"
        for kind, value in told.bought.items()
        if value or how.zeros
    ]
    return [f"{text}；{'，'.join(shares)}。"]


def assets(talk: Talk) -> list[str]:
    told = talk.told
    kinds = [k for k in CARS if told.cars.get(k) or talk.how.zeros or talk.how.listed]
    total = mark("c", sum(told.cars.values()))
    text = f"截至{talk.year()}年12月31日，{talk.name}共有车辆{total}辆"
    if kinds:
        text += "，其中：" + "、".join(f"{k}{told.cars.get(k, 0)}辆" for k in kinds)
        if told.cars.get("其他用车"):
            text += "，其他用车主要是业务保障用车"
    if talk.how.form == "2021":
        machines = "单价50万元（含）以上通用设备0台（套），单价100万元（含）以上专用设备0台（套）"
    else:
        machines = "单价100万元（含）以上设备（不含车辆）0台（套）"
    return [f"{text}。{machines}。"]


def performance(talk: Talk) -> list[str]:
    told, how = talk.told, talk.how
    if not told.projects:
        return [f"{talk.year()}年度{how.ours}无项目支出，未开展项目绩效自评。"]
    money = told.general("合计", "项目支出")
    count = len(told.projects)
    lead = f"根据预算绩效管理要求，{how.ours}组织对{talk.year()}年度一般公共预算项目支出全面开展绩效自评，"
    lead += f"共涉及项目{mark('k', count)}个，资金{how.money(money)}，占一般公共预算项目支出总额的{how.percent(money, money)}。"
    lead += "从评价情况来看，项目管理较为规范，资金使用符合规定，基本达到了预期效果。"
    texts = []
    for project in told.projects:
        text = f"{project.name}绩效自评综述：项目全年预算数为{how.money(project.budget)}，"
        text += f"执行数为{how.money(project.spent, 'ap')}，完成预算的{how.percent(project.spent, project.budget)}。"
        text += f"主要产出和效益：一是{talk.pick('完成了年初确定的工作任务', '保障了工作正常运转')}；"
        text += f"二是{talk.pick('服务对象反映良好', '提高了服务效率')}。"
        if project.budget != project.spent:
            text += f"发现的问题及原因：{talk.pick('部分合同款项按进度结转到下年支付', '年初预算编制不够精准')}，预算没有全部执行。"
        text += f"下一步改进措施：{talk.pick('加强预算编制的准确性', '加快预算执行进度')}。"
        texts.append(text)
    head = f"{how.ours}在{talk.year()}年度部门决算中反映所有项目绩效自评结果，共涉及{mark('k', count)}个项目。"
    return ["（一）预算绩效管理工作开展情况", lead, "（二）部门决算中项目绩效自评结果", head, *talk.numbered(texts)]


WRITERS: dict[str, Callable[[Talk], list[str]]] = {
    "总体": whole, "收入": income, "支出": spending, "财拨": fiscal, "一般": general, "基本": basic, "基金": fund,
    "国资": state, "三公": trips, "机关": office, "采购": purchases, "资产": assets, "绩效": performance,
}  # fmt: skip
