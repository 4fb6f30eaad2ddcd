"""Head and foot of a 绩效自评表: names, 预算执行情况, choices; 总分, reasons and measures."""

from __future__ import annotations

import re
from decimal import Decimal

from app.recognising.performance_rows import Stretch, loose
from app.report.performance import Choice, Number, PerformanceTable, Printed

_W = r"\s*"
_NUMBER = re.compile(r"(?<![\d.])(\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)\s*(%|万\s*元|元|分)?(?![\d.])")
GOAL = re.compile(
    rf"(?:项目)?年{_W}度{_W}(?:绩{_W}效{_W})?(?:总体{_W})?目{_W}标|项目{_W}绩效{_W}总{_W}目{_W}标|年度{_W}总体{_W}目标|年度{_W}绩效{_W}指标"
)
_LEVELS = re.compile(loose("一级指标"))
_BUDGET = re.compile(rf"(?:{loose('预算执行情况')}|项目资金|年度预算执行|{loose('预算执行')})")
_WEIGHT = re.compile(rf"\({_W}(\d{{1,3}}){_W}分{_W}\*?{_W}(?:执行率)?{_W}\)|(\d{{1,3}}){_W}分{_W}[*x×]{_W}执行率")
_PROJECT = re.compile(
    rf"{loose('项目名称')}\s*(?:\({_W}盖章{_W}\))?(.*?)(?={loose('主管部门')}|{loose('项目类')}|{loose('预算执行')}|\n)",
    re.S,
)
_DEPARTMENT = re.compile(rf"{loose('主管部门')}(?:及代码)?\s*:?(.*?)(?:项目)?{_W}(?:{loose('实施单位')})", re.S)
_IMPLEMENTER = re.compile(
    rf"{loose('实施单位')}\s*:?(.*?)(?={loose('项目类')}|{loose('项目属')}|{loose('预算来源')}|{loose('预算执行')}|{loose('项目资金')}|{loose('资金')}|{loose('项目负责')})",
    re.S,
)
_UNIT = re.compile(
    rf"(?:{loose('单位名称')}|{loose('部门名称')}|{loose('部门(单位)名称')})\s*:?(.*?)(?=\n|{loose('自评得分')}|{loose('基本支出')}|{loose('填报')})",
    re.S,
)
_BASIC = re.compile(rf"{loose('基本支出总额')}\s*:?\s*(\d[\d,]*(?:\.\d+)?)")
_PROJECTS = re.compile(rf"{loose('项目支出总额')}\s*:?\s*(\d[\d,]*(?:\.\d+)?)")
_SELF = re.compile(rf"{loose('自评得分')}\s*[:]?\s*(\d+(?:\.\d+)?)")
_TOTAL = re.compile(
    rf"(?<![\u4e00-\u9fff]){loose('总分')}(?:\s*\(?合计\)?)?\s*[:]?\s*(?:100\s*\t\s*)?(\d+(?:\.\d+)?)\s*分?"
)
REASONS = re.compile(
    rf"{loose('偏差大或')}{_W}{loose('目标未完成')}{_W}{loose('原因分析')}|{loose('目标未完成原因')}(?:{_W}{loose('分析')})?"
)
_MEASURES = re.compile(rf"{loose('改进措施及')}{_W}{loose('结果应用')}{_W}(?:{loose('方案')})?|{loose('改进措施')}")
_CHOICE = re.compile(rf"(项{_W}目{_W}类{_W}型|项{_W}目{_W}属{_W}性|项{_W}目{_W}类{_W}别)")
_OPTION = re.compile(r"(\d)\s*[、.]\s*([\u4e00-\u9fff]{2,12})\s*([^\d\u4e00-\u9fff\n\t]{0,6}|口|[☑□√]+)\s*(口)?")
TICKED = frozenset("☑√■✓✔☒")
OPEN = frozenset("□☐○")

# The words over the figures of 预算执行情况; national and Hubei forms.
_ROLES: tuple[tuple[str, str], ...] = (
    ("initial", rf"年初{_W}预算{_W}数"),
    ("budget", rf"(?:全年|调整)?{_W}预算{_W}数{_W}(?:\({_W}A{_W}\))?"),
    ("executed", rf"(?:全年)?{_W}执行{_W}数{_W}(?:\({_W}B{_W}\))?"),
    ("rate", rf"执{_W}行{_W}率{_W}(?:\({_W}B{_W}/{_W}A{_W}\))?"),
    ("points", rf"得{_W}分{_W}(?:\({_W}\d+{_W}分?{_W}[*x×]{_W}执行率{_W}\))?"),
    ("weight", rf"分{_W}值"),
)
_ROLE = re.compile("|".join(f"(?P<{name}>{pattern})" for name, pattern in _ROLES))


def number(stretch: Stretch, start: int, end: int, *, amount: bool = False) -> Number | None:
    """The number between two offsets, or None. Amounts count as of 0.01 at least."""
    hit = _NUMBER.search(stretch.text, start, end)
    if hit is None:
        return None
    bare = hit.group(1).replace(",", "")
    decimals = len(bare.partition(".")[2])
    half = Decimal(5).scaleb(-max(decimals, 2 if amount else decimals) - 1)
    return Number(
        Decimal(bare),
        half,
        decimals,
        stretch.printed(hit.start(), max(hit.end(1), hit.end(2))),
        percent=(hit.group(2) or "") == "%",
        short=amount and decimals < 2,
    )


def read_head(title: Stretch, body: Stretch) -> PerformanceTable:
    """Names and 预算执行情况 of a table."""
    text = body.text
    overall = bool(_BASIC.search(text) or re.search(r"部门整体\s*支出|整体\s*支出总额", text)) and not _PROJECT.search(
        text
    )
    first = (
        title.printed(0, len(title.text.split("\n")[0]))
        if title.text
        else body.printed(0, len(body.text.split("\n")[0]))
    )
    table = PerformanceTable(
        "整体" if overall else "项目", first, body.pieces[0][1].place if body.pieces else first.place
    )
    limit = _head_end(text)
    table.project = _field(body, _PROJECT, limit)
    table.department = _field(body, _DEPARTMENT, limit)
    table.implementer = _field(body, _IMPLEMENTER, limit)
    table.unit = _field(body, _UNIT, limit) or _field(title, _UNIT, len(title.text))
    table.basic = _figure(body, _BASIC)
    table.projects = _figure(body, _PROJECTS)
    if hit := _SELF.search(title.text):
        table.self_score = number(title, *hit.span(1))
    _execution(body, table, limit)
    table.choices = _choices(body, limit)
    table.texts = [body.printed(a, b) for a, b in zip(body.starts, [*body.starts[1:], len(body.text)], strict=True)]
    return table


def _head_end(text: str) -> int:
    """Where goals or indicators begin."""
    budget = _BUDGET.search(text)
    begin = budget.end() if budget else 0
    hits = [h.start() for p in (GOAL, _LEVELS) if (h := p.search(text, begin))]
    return min(hits, default=len(text))


def _field(stretch: Stretch, pattern: re.Pattern[str], limit: int) -> Printed | None:
    """What is printed beside a label; blank if nothing is, None without the label."""
    hit = pattern.search(stretch.text, 0, limit)
    if hit is None:
        return None
    start, end = hit.span(1)
    if not stretch.text[start:end].strip():
        return stretch.blank(hit.start())
    return stretch.printed(start, end)


def _figure(stretch: Stretch, pattern: re.Pattern[str]) -> Number | None:
    hit = pattern.search(stretch.text)
    return number(stretch, *hit.span(1), amount=True) if hit else None


def _execution(body: Stretch, table: PerformanceTable, limit: int) -> None:
    """预算数, 执行数, 执行率 and 得分: the labels in their order, then as many numbers."""
    begin = _BUDGET.search(body.text)
    if begin is None:
        return
    if weight := _WEIGHT.search(body.text, begin.end(), limit):
        table.weight = Decimal(weight.group(1) or weight.group(2))
    labels = list(_ROLE.finditer(body.text, begin.end(), limit))
    roles = [str(hit.lastgroup) for hit in labels]
    if not {"budget", "executed"} <= set(roles) or len(set(roles)) != len(roles):
        return
    spans = _numbers(body.text, begin.end(), limit, [h.span() for h in labels])
    if len(spans) < len(roles) or ("initial" not in roles and len(spans) > len(roles)):
        spans = spans if _rate_tells(body.text, roles, spans) else []
    for role, span in zip(roles, spans, strict=False):
        value = number(body, *span, amount=role in ("budget", "executed"))
        if role == "weight" and value is not None:
            table.weight = value.value
        elif role != "initial" and value is not None:
            setattr(table, role, value)


def _rate_tells(text: str, roles: list[str], spans: list[tuple[int, int]]) -> bool:
    """Numbers are missing, but the per cent sign stands where the rate belongs."""
    if "rate" not in roles or len(spans) > len(roles):
        return False
    at = roles.index("rate")
    return len(spans) > at and "%" in text[spans[at][0] : spans[at][1]]


def _numbers(text: str, start: int, end: int, taken: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Numbers between two offsets that stand in no label and no bracket (（20 分）)."""
    found = []
    for hit in _NUMBER.finditer(text, start, end):
        inside = any(a <= hit.start() < b for a, b in taken)
        bracket = re.search(r"\(\s*$", text[max(0, hit.start() - 3) : hit.start()])
        if not inside and not bracket:
            found.append(hit.span())
    return found


def _choices(body: Stretch, limit: int) -> list[Choice]:
    found = []
    for hit in _CHOICE.finditer(body.text, 0, limit):
        stop = body.text.find("\n", hit.end())
        end = stop if 0 <= stop < limit else limit
        options: list[tuple[str, bool | None]] = []
        first = 0
        for option in _OPTION.finditer(body.text, hit.end(), end):
            marks = set((option.group(3) or "") + (option.group(4) or "")) - {" "}
            ticked = True if marks & TICKED else False if marks and marks <= OPEN else None
            first = first or option.start()
            options.append((option.group(2).removesuffix("口"), ticked))
        if len(options) >= 2:
            found.append(Choice("".join(hit.group(1).split()), options, body.printed(first, end)))
    return found


def read_foot(body: Stretch, table: PerformanceTable) -> None:
    """总分, reasons and measures below the indicators."""
    text = body.text
    levels = _LEVELS.search(text)
    begin = max(text.find("\n", levels.end()), levels.end()) if levels else 0
    reasons = REASONS.search(text, begin)
    measures = _MEASURES.search(text, reasons.end() if reasons else begin)
    end = reasons.start() if reasons else measures.start() if measures else len(text)
    totals = list(_TOTAL.finditer(text, begin, end))
    if totals:
        table.total = number(body, *totals[-1].span(1))
    if reasons:
        stop = measures.start() if measures else len(text)
        inside = text[reasons.end() : stop].strip(" \t\n。")
        table.reasons = body.printed(reasons.end(), stop) if inside else body.blank(reasons.start())
    if measures and reasons:
        inside = text[measures.end() :].strip()
        table.measures = body.printed(measures.end(), len(text)) if inside else body.blank(measures.start())
