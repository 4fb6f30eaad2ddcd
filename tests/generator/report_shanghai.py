"""The narrative of Shanghai's reports: eleven sections, the last with 机关运行, 采购 and 资产 inside."""

from __future__ import annotations

from collections.abc import Callable

from .department import INCOMES, KINDS
from .report_facts import CARS, TENTH, now
from .report_hubei import basic
from .report_style import mark, printed
from .report_words import Talk

SECTIONS = ("总体", "收入", "支出", "财拨", "一般", "基本", "三公", "基金", "国资", "绩效", "其他")
TITLES = {
    "总体": "收入支出决算总体情况说明",
    "收入": "收入决算情况说明",
    "支出": "支出决算情况说明",
    "财拨": "财政拨款收入支出决算总体情况说明",
    "一般": "一般公共预算财政拨款支出决算情况说明",
    "基本": "一般公共预算财政拨款基本支出决算情况说明",
    "三公": "财政拨款“三公”经费支出决算情况说明",
    "基金": "政府性基金预算财政拨款收入支出决算情况说明",
    "国资": "国有资本经营预算财政拨款收入支出决算情况说明",
    "绩效": "预算绩效管理情况",
    "其他": "其他重要事项的情况说明",
}


def whole(talk: Talk) -> list[str]:
    total, then = now(talk.told, "收支总计"), talk.told.last["收支总计"]
    text = f"{talk.name}{talk.year()}年度收入支出总计{talk.how.money(total)}。"
    return [text + talk.growth(total, then, "收入支出总计")]


def income(talk: Talk) -> list[str]:
    total = now(talk.told, "收入合计")
    fiscal = sum(now(talk.told, key) for key in ("一般收入", "基金收入", "国资收入"))
    kinds = {"财政拨款收入": fiscal}
    kinds |= {kind: talk.told.cell("收支总表", kind, "决算数", "收支总表收入") for kind in INCOMES}
    parts = [f"{k}{talk.share(v, total)}" for k, v in kinds.items() if printed(v) or talk.how.zeros]
    return [f"本年收入合计{talk.how.money(total)}，其中：{'；'.join(parts)}。"]


def spending(talk: Talk) -> list[str]:
    total = now(talk.told, "支出合计")
    kinds = {kind: talk.told.cell("支出表", "合计", kind) for kind in KINDS}
    parts = [f"{k}{talk.share(v, total)}" for k, v in kinds.items() if printed(v) or talk.how.zeros]
    return [f"本年支出合计{talk.how.money(total)}，其中：{'；'.join(parts)}。"]


def fiscal(talk: Talk) -> list[str]:
    total, then = now(talk.told, "财拨总计"), talk.told.last["财拨总计"]
    text = f"{talk.name}{talk.year()}年度财政拨款收入支出总计{talk.how.money(total)}。"
    return [text + talk.growth(total, then, "财政拨款收入支出总计")]


def general(talk: Talk) -> list[str]:
    told, how = talk.told, talk.how
    total = now(told, "一般支出")
    subject = "一般公共预算财政拨款支出"
    lead = f"{subject}{how.money(total)}，占本年支出合计的{how.percent(total, now(told, '支出合计'))}。"
    lead += talk.growth(total, told.last["一般支出"], subject)
    shares = [
        f"{talk.klass(c)}{talk.share(told.general(c), total, kind='as')}"
        for index, c in enumerate(told.rows("一般支出表", 3))
        if index != talk.omit
    ]
    return [
        f"（一）{subject}决算总体情况", lead,
        f"（二）{subject}决算结构情况", f"{subject}{how.money(total)}，主要用于以下方面：{'；'.join(shares)}。",
        f"（三）{subject}决算具体情况", *_details(talk, subject, total),
    ]  # fmt: skip


def _details(talk: Talk, subject: str, total: int) -> list[str]:
    told = talk.told
    budget = sum(told.budgets.values())
    lead = f"{subject}{talk.completion(budget, total)}{_compared(talk, budget, total)}其中："
    texts = []
    for code in told.rows("一般支出表", 7):
        b, a = told.budgets[code], told.general(code)
        kinds = [k for k in ("基本支出", "项目支出") if told.general(code, k)]
        use = "、".join({"基本支出": "人员支出、公用支出", "项目支出": "项目支出"}[k] for k in kinds)
        text = f"{talk.chain(code)}。主要用于：{use}。{talk.completion(b, a, kinds=('ab', 'af'))}"
        texts.append(f"{text}{_compared(talk, b, a, code)}")
    return [lead, *[f"{n}、{text}" for n, text in enumerate(texts, 1)]]


def _compared(talk: Talk, budget: int, final: int, code: str = "合计") -> str:
    if printed(budget) == printed(final):
        return "。决算数同预算数持平。"
    word = mark("d", "大于" if final > budget else "小于")
    return f"。决算数{word}预算数的主要原因：{talk.reason(final > budget, code)}。"


def trips(talk: Talk) -> list[str]:
    told, how = talk.told, talk.how
    plan, final, last = told.whole.budget, told.whole.final, told.trips_last
    b, a, t = (sum(money.values()) for money in (plan, final, last))
    groups = {
        "因公出国（境）费": ("出国费",),
        "公务用车购置及运行维护费": ("购置费", "运行费"),
        "公务接待费": ("接待费",),
    }
    money = {name: tuple(sum(m[k] for k in keys) for m in (plan, final, last)) for name, keys in groups.items()}
    lead = f"“三公”经费财政拨款支出{talk.completion(b, a)}，其中："
    parts = [
        f"{name}支出决算为{how.money(x[1])}" + (f"，完成预算的{how.percent(x[1], x[0])}" if x[0] or how.zeros else "")
        for name, x in money.items()
    ]
    lead += "；".join(parts) + "。"
    if printed(a) != printed(b):
        word = mark("d", "大于" if a > b else "小于")
        lead += f"{talk.year()}年度“三公”经费支出决算数{word}预算数的主要原因：{_why(talk, a > b)}。"
    shares = [f"{name}支出决算{talk.share(x[1], a)}" for name, x in money.items()]
    second = f"“三公”经费财政拨款支出决算中，{'；'.join(shares)}。具体情况如下："
    return [
        "（一）“三公”经费财政拨款支出决算总体情况说明", lead, _since(talk, a, t, money),
        "（二）“三公”经费财政拨款支出决算具体情况说明", second, *_items(talk),
    ]  # fmt: skip


def _why(talk: Talk, grew: bool) -> str:
    return talk.pick("业务工作增加", "公务活动增加") if grew else talk.pick("严格落实中央八项规定精神", "厉行节约")


def _change(talk: Talk, a: int, t: int) -> str:
    if abs(a - t) < TENTH:
        return "与上年持平"
    way = ("增加", "增长") if a > t else ("减少", "下降")
    text = f"{mark('d', way[0])}{talk.how.money(talk.how.change(a, t))}"
    return text + (f"，{mark('d', way[1])}{talk.how.percent(talk.how.change(a, t), t)}" if t else "")


def _since(talk: Talk, a: int, t: int, money: dict[str, tuple[int, ...]]) -> str:
    """Compared with last year: the whole, then each kind with its reason."""
    if abs(a - t) < TENTH:
        text = f"{talk.year()}年度“三公”经费财政拨款支出决算数与{talk.year(1)}年度持平，其中："
    else:
        text = f"{talk.year()}年度“三公”经费财政拨款支出决算数比{talk.year(1)}年度{_change(talk, a, t)}，其中："
    text += "；".join(f"{name}支出{_change(talk, x[1], x[2])}" for name, x in money.items()) + "。"
    for name, x in money.items():
        if abs(x[1] - x[2]) >= TENTH:
            way = mark("d", "增加" if x[1] > x[2] else "减少")
            text += f"{name}支出{way}的主要原因是{_why(talk, x[1] > x[2])}。"
    return text


def _items(talk: Talk) -> list[str]:
    told, how = talk.told, talk.how
    final, n = told.whole.final, {k: mark("c", v) for k, v in told.counts.items()}
    cars = final["购置费"] + final["运行费"]
    abroad = f"1、因公出国（境）费支出{how.money(final['出国费'])}。全年安排因公出国（境）团组{n['团组']}个、累计{n['出国人次']}人次。"
    buying = f"公务用车购置支出为{how.money(final['购置费'])}。"
    buying += f"全年购置公务用车{n['购置']}辆。" if told.counts["购置"] else ""
    running = f"公务用车运行维护支出{how.money(final['运行费'])}。"
    running += "主要用于公务用车燃料费、维修费、保险费等。" if final["运行费"] else ""
    held = f"{talk.year()}年，{talk.name}所属各预算单位开支财政拨款的公务用车保有量为{n['保有量']}辆。"
    guests = f"国内公务接待支出{how.money(final['接待费'])}（含外宾接待支出{how.money(0)}）。"
    if final["接待费"]:
        guests += f"主要用于接待上级部门及外省市单位调研，公务接待{n['批次']}批次、{n['接待人次']}人次，其中：接待外宾0批次、0人次。"
    return [
        abroad, f"2、公务用车购置及运行维护费支出{how.money(cars)}。其中：", buying, running, held,
        f"3、公务接待费支出{how.money(final['接待费'])}。其中：", guests,
    ]  # fmt: skip


def _balances(table: str, total: str, money: str) -> Callable[[Talk], list[str]]:
    def write(talk: Talk) -> list[str]:
        told, how = talk.told, talk.how
        values = [told.cell(table, "合计", c) for c in ("年初结转和结余", "本年收入", total, "年末结转和结余")]
        if not any(values):
            return [f"{talk.name}{talk.year()}年度无{money}财政拨款收入和支出。"]
        a, b, c, d = (how.money(v) for v in values)
        return [
            f"{talk.name}{talk.year()}年度{money}财政拨款年初结转和结余{a}，本年收入{b}，本年支出{c}，年末结转和结余{d}。"
        ]

    return write


def performance(talk: Talk) -> list[str]:
    told, how = talk.told, talk.how
    count, money = len(told.projects), sum(p.budget for p in told.projects)
    good = count - talk.rng.randint(0, min(1, count))
    about = f"{talk.name}{talk.year()}年度预算绩效管理工作开展情况如下：按照预算绩效管理有关规定，完善内部管理制度，明确职责分工。"
    if not count:
        return [about]

    def what(kind: str) -> str:
        return f"{kind}的{talk.year()}年度项目{mark('k', count)}个，涉及预算金额{how.money(money, 'x')}"

    rated = f"平均得分{talk.rng.randint(9100, 9990) / 100:.2f}分（其中，绩效评级为“优”的项目{good}个；"
    rated += f"绩效评级为“良”的项目{count - good}个；绩效评级为“合格”的项目0个；绩效评级为“不合格”的项目0个）"
    return [
        f"{about}全过程绩效管理实施情况：{what('编报绩效目标')}；{what('绩效跟踪评价')}；{what('绩效自评')}，{rated}。"
        "绩效自评中共发现问题0个。"
    ]


def other(talk: Talk) -> list[str]:
    told, how = talk.told, talk.how
    out = ["（一）机关运行经费支出情况"]
    if told.whole.administrative:
        value, then = now(told, "机关运行"), told.last["机关运行"]
        text = f"机关运行经费支出{how.money(value)}，"
        if printed(value) == printed(then):
            out.append(f"{text}与{talk.year(1)}年度持平。")
        else:
            change = _change(talk, value, then)
            out.append(f"{text}比{talk.year(1)}年度{change}。主要原因是{talk.reason(value > then)}。")
    else:
        out.append(f"{talk.name}{talk.year()}年度无机关运行经费支出。")
    total = sum(told.bought.values())
    parts = "、".join(f"{kind}采购金额{how.money(value)}" for kind, value in told.bought.items())
    middle, small = sum(told.to_middle.values()), told.to_small
    out += [
        "（二）政府采购支出情况",
        f"{talk.name}{talk.year()}年度政府采购金额（以合同签订为准）为{how.money(total)}，其中：{parts}。",
        f"{talk.year()}年度{how.ours}面向中小企业预留政府采购项目预算金额{how.money(middle)}，"
        f"面向小微企业预留政府采购项目预算金额{how.money(small)}。在面向中小企业预留的政府采购项目中，"
        f"由中小企业供应商中标或成交的，采购金额{how.money(middle)}；在面向小微企业预留政府采购项目中，"
        f"由小微企业供应商中标或成交的，采购金额{how.money(small)}；在其他政府采购项目中，"
        f"由中小企业供应商中标或成交的，采购金额{how.money(0)}。",
        "（三）国有资产占有使用情况说明",
    ]
    kinds = "、".join(f"{k}{told.cars.get(k, 0)}辆" for k in CARS)
    cars = f"截至{talk.year()}年12月31日，{talk.name}共有车辆{mark('c', sum(told.cars.values()))}辆，其中：{kinds}。"
    return [*out, f"{cars}单价100万元（含）以上设备（不含车辆）0台（套）。"]


WRITERS: dict[str, Callable[[Talk], list[str]]] = {
    "总体": whole, "收入": income, "支出": spending, "财拨": fiscal, "一般": general, "基本": basic, "三公": trips,
    "基金": _balances("基金表", "小计", "政府性基金预算"), "国资": _balances("国资表", "合计", "国有资本经营预算"),
    "绩效": performance, "其他": other,
}  # fmt: skip
