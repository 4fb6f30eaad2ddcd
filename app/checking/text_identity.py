"""Whose report it is: another unit where the unit names itself, its own kind and level, 部门 or 单位."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from itertools import zip_longest

from app.checking.finding import Finding, Related
from app.checking.rulebook import Context, CouldNotRun, NotApplicable, check
from app.checking.text_facts import around, where, wrong
from app.checking.text_names import one_edit
from app.knowledge.text import norm
from app.report.report import Report

_KINDS = "局|委员会|委|办公室|办事处|办|中心|法院|检察院|医院|学校|学院|研究院|院|校|所|站|队|处|馆|园|厅|部|协会|联合会|会|学|社|公司|政府"
_UNIT = rf"(?P<unit>[\u4e00-\u9fff]{{2,30}}?(?:{_KINDS})(?:\((?:本级|机关|汇总)\))?)"
# Where a report names itself; DOMAIN §6 and the templates of Hubei and Shanghai.
_OWN = tuple(
    re.compile(pattern)
    for pattern in (
        rf"(?:^|\n)第[一二三四五六]部分{_UNIT}(?:概况|20\d\d年度?(?:部门|单位)?决算)",
        rf"(?:^|\n){_UNIT}20\d\d年度?(?:部门|单位)决算",
        rf"(?:^|[\n。])20\d\d年度?{_UNIT}(?=收、支|收入|支出|财政拨款|政府采购|机关运行|无|\"三公\"|一般公共)",
        rf"(?:^|[\n。]){_UNIT}20\d\d年度?(?=收、支|收入|支出|财政拨款|政府采购|机关运行|无|\"三公\"|一般公共)",
        rf"单位构成(?:看|来看),{_UNIT}(?=(?:部门|单位)?决算|20\d\d年)",
        rf"纳入{_UNIT}20\d\d年度",
        rf"12月31日,{_UNIT}(?=共有车辆|(?:部门|单位)?共有)",
    )
)
_GENERIC = re.compile(
    r"^第.部分|^(?:本|我|该|各|全)?(?:部门|单位|区|市|县|局|中心|办|级)|(?:部门|单位)名称|^[Xx×]|^下属|政府采购|所属"
)


@check("other_unit")
def other_unit(context: Context) -> Iterator[Finding]:
    """Another unit's name where the report names itself."""
    report = context.report
    if report.unit is None:
        raise CouldNotRun("没有认出单位名称")
    name = _plain(report.unit.value)
    text = report.prose.text
    often = text.count(name)
    seen: set[int] = set()
    for pattern in _OWN:
        for hit in pattern.finditer(text):
            said = _plain(hit["unit"])
            context.saw()
            if hit.start("unit") in seen or _same(said, name) or _GENERIC.search(said) or "XX" in said:
                continue
            seen.add(hit.start("unit"))
            if text.count(said) >= max(2, often):
                continue  # it may be this one that the report is about
            stop = min(hit.end() + 8, len(text))
            line = text.find("\n", hit.end())
            sure = often >= 4 and _place(said) != _place(name) and _place(said) != "" and text.count(said) <= 2
            message = f"{where(report, hit.start('unit'))}：这里写的是“{hit['unit']}”，本单位是“{name}”，疑从其他单位的报告抄来"
            severity = "error" if sure else ""
            yield wrong(
                report,
                message,
                hit.start("unit"),
                min(stop, line) if line >= 0 else stop,
                severity=severity,
                found=hit["unit"],
                expected=name,
            )


def _plain(name: str) -> str:
    return re.sub(r"\(.*?\)|20\d\d年度?", "", norm(name))


def _same(said: str, name: str) -> bool:
    """The unit itself: its name, a part of it in order, a longer form, or a slip of one character (T501)."""
    if said in name or name in said or one_edit(said, name) is not None:
        return True
    return _within(said, name) or _within(name, said)


def _within(short: str, long: str) -> bool:
    """``区企业服务中心`` within ``武汉市江汉区企业服务中心``: every character in order."""
    rest = iter(long)
    return len(short) >= 3 and all(char in rest for char in short)


def _place(name: str) -> str:
    hit = re.match(r"(?:.{2,8}?[省市州盟])?(.{1,6}?[区县市旗])", name)
    return hit.group(1) if hit else ""


_SELF = re.compile(
    r"[我本](?P<kind>局|委(?!托)|办(?!法|理|公|案|事|结|证)|中心(?!城|组|镇|村|工)|校|院(?!系)|所(?!有|属|需|在|得|以)|站|馆|厅)"
)
_WORDS = {
    "局": "局|支队|大队",
    "委": "委",
    "办": "办",
    "中心": "中心",
    "校": "校|学|园",
    "院": "院",
    "所": "所",
    "站": "站",
    "馆": "馆|宫|院",
    "厅": "厅",
}
_TOLD = (
    "收支总体",
    "收入",
    "支出",
    "财拨总体",
    "一般支出",
    "基本支出",
    "三公",
    "基金",
    "国资",
    "机关运行",
    "采购",
    "资产",
)


@check("own_kind")
def own_kind(context: Context) -> Iterator[Finding]:
    """``我局`` in the report of a 中心: text of another unit."""
    report = context.report
    if report.unit is None:
        raise CouldNotRun("没有认出单位名称")
    name = _plain(report.unit.value)
    hits = list(_SELF.finditer(report.prose.text))
    context.saw(len(hits) or 1)
    usual = Counter(hit["kind"] for hit in hits)
    for hit in hits:
        kind = hit["kind"]
        if re.search(_WORDS[kind], name) or usual[kind] > 3:
            continue  # a habit through the report is a short form (我局 of a 分局, a 政府 that speaks as 我办)
        place = where(report, hit.start())
        message = f"{place}：写作“{hit.group()}”，本单位是“{name}”，疑从其他单位的文字抄来"
        severity = "" if report.prose.key(hit.start()) in _TOLD else "info"
        low, high = around(report.prose, *hit.span())
        yield wrong(report, message, low, high, severity=severity, found=hit.group(), expected=name)


_LEVEL = re.compile(r"(?P<level>省|市|区|县)(?:直部门|直单位|级部门|级单位|级机关)(?=用|的|一般|安排|预算|决算|单位)")
_RANK = {"省": 3, "市": 2, "区": 1, "县": 1}


@check("level")
def level(context: Context) -> Iterator[Finding]:
    """``省直部门`` in the report of a district: the level does not fit the unit."""
    report = context.report
    if report.unit is None:
        raise CouldNotRun("没有认出单位名称")
    name = _plain(report.unit.value)
    own = 1 if re.match(r".{2,14}?[区县旗]", name) and not re.match(r"(?:.{2,8}自治区)", name) else 0
    own = own or (2 if re.match(r".{2,8}市", name) else 3 if re.match(r".{2,8}(?:省|自治区)", name) else 0)
    if not own:
        raise NotApplicable("从单位名称看不出级次")
    context.saw()
    if name[:3] in ("北京市", "上海市", "天津市", "重庆市") and own == 2:
        own = 3  # 市级 there is 省级
    for hit in _LEVEL.finditer(report.prose.text):
        rank = _RANK[hit["level"]] + (1 if hit["level"] == "市" and name[:3] in ("北京市", "上海市") else 0)
        if rank == own or report.prose.key(hit.start()) not in (*_TOLD, "名词解释", "绩效"):
            continue
        low, high = around(report.prose, *hit.span())
        message = f"{where(report, hit.start())}：“{hit.group()}”与本单位的级次不符，请核对是否沿用了上级的模板"
        yield wrong(report, message, low, high, found=hit.group())


_TITLE = re.compile(r"(?P<kind>部门|单位)决算(?=目录|公开|$|\n|情况|表|说明|概况)")


@check("department_or_unit")
def department_or_unit(context: Context) -> Iterator[Finding]:
    """A 单位决算 that calls itself 本部门, and titles that say now 部门决算, now 单位决算."""
    report = context.report
    kinds = _titles(report)
    if len(kinds) == 0:
        raise NotApplicable("没有部门决算或单位决算的标题")
    context.saw()
    text = report.prose.text
    if set(kinds) == {"单位"}:
        own = [
            hit.start()
            for hit in re.finditer(r"本部门(?!预算|主管|所属)", text)
            if report.prose.key(hit.start()) in (*_TOLD, "绩效")
        ]
        if own:
            yield _kind(report, own, "本部门", "本单位")
    elif len(kinds) == 2:
        rare, usual = sorted(kinds, key=lambda kind: len(kinds[kind]))
        if len(kinds[rare]) == 1 and len(kinds[usual]) >= 2:
            yield _kind(report, kinds[rare], f"{rare}决算", f"{usual}决算")


def _titles(report: Report) -> dict[str, list[int]]:
    """Where the part headings say 部门决算 and 单位决算."""
    found: dict[str, list[int]] = {}
    sections = [*report.prose.contents, *report.prose.sections]
    for section, following in zip_longest(sections, sections[1:]):
        if section.level == 0:
            end = section.start + len(section.number + section.title) + 24
            end = min(end, following.start if following is not None else end)
            for hit in _TITLE.finditer(report.prose.text, section.start, end):
                found.setdefault(hit["kind"], []).append(hit.start())
    return found


def _kind(report: Report, places: list[int], found: str, expected: str) -> Finding:
    low, high = around(report.prose, places[0], places[0] + len(found))
    more = f"，全文共 {len(places)} 处" if len(places) > 1 else ""
    message = (
        f"{where(report, places[0])}：写作“{found}”，标题是{expected.replace('本', '')}的决算，应为“{expected}”{more}"
    )
    if "决算" in found:
        message = f"{where(report, places[0])}：写作“{found}”，其他标题写“{expected}”，应前后一致"
    related = tuple(Related(report.prose.place(a), report.prose.context(a, a + len(found), 8)) for a in places[1:40])
    return wrong(report, message, low, high, found=found, expected=expected, related=related)
