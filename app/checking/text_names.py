"""The unit's name and the years as the narrative writes them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from app.checking.finding import Finding
from app.checking.rulebook import Context, CouldNotRun, NotApplicable, check
from app.checking.text_facts import where, wrong
from app.knowledge.text import norm
from app.report.report import Report

_PLACES = re.compile(r"^(?P<city>.{1,8}?[省市州盟])(?P<district>.{1,8}?[区县市旗])(?P<rest>.{3,})$")
_OWN = r"(?=20\d\d年|概况|部门决算|单位决算|本级)"


@check("own_name")
def own_name(context: Context) -> Iterator[Finding]:
    """The unit's name wrong by a character, or with its district left out where it names itself."""
    report = context.report
    if report.unit is None:
        raise CouldNotRun("没有认出单位名称")
    name = re.sub(r"\(.*?\)", "", norm(report.unit.value))
    if len(name) < 6:
        raise NotApplicable("单位名称太短，不宜比较")
    context.saw(report.prose.text.count(name) or 1)
    for start, end, severity in [*_variants(report.prose.text, name), *_shortened(report.prose.text, name)]:
        said = report.prose.text[start:end]
        message = f"{where(report, start)}：单位名称写作“{said}”，应为“{name}”"
        stop = min(end + 12, len(report.prose.text))
        line = report.prose.text.find("\n", end)
        stop = min(stop, line) if line >= 0 else stop
        yield wrong(report, message, start, stop, severity=severity, found=said, expected=name)


def _variants(text: str, name: str) -> Iterator[tuple[int, int, str]]:
    """Places one edit away from the name, with the same two first and last characters."""
    half = len(name) // 2
    seen: set[int] = set()
    for part, offset in ((name[:half], 0), (name[half:], half)):
        at = text.find(part)
        while at >= 0:
            for start in {at - offset, at - offset - 1, at - offset + 1}:
                for length in (len(name), len(name) - 1, len(name) + 1):
                    said = text[max(start, 0) : start + length]
                    if start < 0 or start in seen or not _aligned(said, name):
                        continue
                    edit = one_edit(said, name)
                    if (
                        edit is not None
                        and "\n" not in said
                        and name not in text[max(0, start - 1) : start + len(name) + 2]
                    ):
                        seen.add(start)
                        yield start, start + length, "warning" if edit < _admin(name) else ""
            at = text.find(part, at + 1)


def _aligned(said: str, name: str) -> bool:
    """Both ends agree, so that a longer name that merely holds this one is no variant."""
    if said[:1] != name[0] or said[-1:] != name[-1]:
        return False
    return said[:2] == name[:2] or said[-2:] == name[-2:]


def one_edit(a: str, b: str) -> int | None:
    """Where ``a`` differs from ``b`` by one character put in, left out or replaced; else None."""
    if a == b or abs(len(a) - len(b)) > 1:
        return None
    at = next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
    rest_a, rest_b = a[at:], b[at:]
    same = rest_a[1:] == rest_b[1:] if len(a) == len(b) else (rest_a[1:] == rest_b or rest_a == rest_b[1:])
    return at if same else None


def _admin(name: str) -> int:
    """Length of the place names it begins with: another place may be another unit."""
    hit = _PLACES.match(name)
    return len(hit["city"] + hit["district"]) if hit else 0


def _shortened(text: str, name: str) -> Iterator[tuple[int, int, str]]:
    """``上海市规划…局2024年度`` for ``上海市普陀区规划…局``: the district is missing."""
    hit = _PLACES.match(name)
    if hit is None:
        return
    short = hit["city"] + hit["rest"]
    for found in re.finditer(re.escape(short) + _OWN, text):
        yield found.start(), found.end(), ""


_AGAINST = re.compile(
    r"(?:与|比|较|同)(?:上年\()?(?P<year>20\d\d)年(?:度)?(?:决算)?(?:数)?(?:相比|增加|减少|增长|下降|相较|,|上升|降低|持平)"
)
_ASOF = re.compile(r"截[至止](?P<year>20\d\d)年(?:12月31日|年?底|年?末|度末)")
# The first words of a sentence; what was left over from an earlier year may stand there too.
_FIRST_YEAR = re.compile(
    r"(?:^|[\n。])(?:其中[:,])?(?P<year>20\d\d)年度(?!末|结转|结余|决算数?相比|[\u4e00-\u9fff]{0,4}(?:项目|尾款|奖))"
)
_WORDS = r'收、支|收入支出(?:决算)?总计|收入合计|支出合计|财政拨款|一般公共预算财政|(?:当年)?无?政府性基金|(?:当年)?无?国有资本|无?"三公"|无?机关运行|政府采购|面向中小企业'
_OWN_YEAR = re.compile(
    rf"(?<![与比较同和至])(?P<year>20\d\d)年度(?=(?:[\u4e00-\u9fff()]{{4,30}}?(?:局|委员会|办公室|中心|馆|院|校|所|站|学|处|队|会|部门|单位)|[本我](?:部门|单位))?(?:{_WORDS}))"
)
_KEPT_YEAR = re.compile(r"(?<![与比较同和至\d])(?P<year>20\d\d)年,(?=[^,，。；\n]{2,40}(?:所属各?预算单位|保有量))")
_RATED_YEAR = re.compile(
    r"(?<![与比较同和至])(?P<year>20\d\d)年度(?=项目\d+个|一般公共预算项目支出全面|部门决算中|单位决算中|预算绩效管理工作开展|[我本](?:部门|单位)(?:无|没有)项目)"
)
_SECTIONS = (
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
    "其他事项",
)


@check("years")
def years(context: Context) -> Iterator[Finding]:
    """The report year where the report speaks of itself, the year before after 与 and 比."""
    report = context.report
    if report.year is None:
        raise CouldNotRun("没有认出年度")
    told: set[int] = set()
    for pattern, expected, what in (
        (_AGAINST, report.year - 1, "比较的年度"),
        (_ASOF, report.year, "截止日期的年度"),
        (_OWN_YEAR, report.year, "本年度"),
        (_KEPT_YEAR, report.year, "本年度"),
        (_RATED_YEAR, report.year, "绩效自评的年度"),
        (_FIRST_YEAR, report.year, "本年度"),
    ):
        for hit in pattern.finditer(report.prose.text):
            start = hit.start("year")
            keys = _SECTIONS if pattern is not _RATED_YEAR else (*_SECTIONS, "绩效")
            if start in told or report.prose.key(start) not in keys:
                continue
            context.saw()
            if int(hit["year"]) != expected:
                told.add(start)
                severity = "warning" if pattern is _FIRST_YEAR else ""
                yield _year(report, hit, expected, what, severity)


def _year(report: Report, hit: re.Match[str], expected: int, what: str, severity: str) -> Finding:
    start, end = hit.span()
    message = f"{where(report, start)}：{what}写作 {hit['year']}，应为 {expected}"
    return wrong(
        report,
        message,
        hit.start("year") - (1 if start < hit.start("year") else 0),
        min(end + 8, len(report.prose.text)),
        severity=severity,
        found=hit["year"],
        expected=str(expected),
    )


_CROOKED = re.compile(
    r"(?<!\d)20\d\d度|(?<!\d)20\d年度?(?!\d)|上一度(?!电)|(?<![\d.])2\d{4}年度|上年年度|(?<![\d.])20[12]\d(?=将|我们|我局|我中心)"
)


@check("crooked_year")
def crooked_year(context: Context) -> Iterator[Finding]:
    """``2021度``, ``202年度``, ``上一度``: a character of the year is missing."""
    text = context.report.prose.text
    context.saw()
    for hit in _CROOKED.finditer(text):
        missing = "“年”字" if re.fullmatch(r"20\d\d度?", hit.group()) else "字"
        message = f"{where(context.report, hit.start())}：年度写作“{hit.group()}”，漏了{missing}"
        start = hit.start() - 1 if hit.start() and text[hit.start() - 1] in "与比较同" else hit.start()
        yield wrong(context.report, message, start, min(hit.end() + 4, len(text)), found=hit.group())
