"""Rows of indicators: from the cells of a ruled table, or from lines in which cells run together."""

from __future__ import annotations

import re
from decimal import Decimal

from app.recognising.performance_rows import Piece, Stretch, TableRow, bare, loose
from app.report.performance import Goal, Indicator, Printed, points

_LEVEL1 = re.compile(r"(?:产出|效益|满意度?|成本)指?标?")
_LEVEL2 = re.compile(r".{2,14}指标|(?:服务对象)?满意度(?:指标)?")
_LABEL = re.compile(r"(?:项目)?(?:年度)?绩效指标.*|年度绩效.*")
_ROLE: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("level1", re.compile(r"^一级指标")),
    ("level2", re.compile(r"^二级指标")),
    ("name", re.compile(r"^三级指标|^指标名称|^绩效指标$")),
    ("reason", re.compile(r"偏差|原因|备注|说明")),
    ("weight", re.compile(r"^分值|^权重|^指标分值")),
    ("score", re.compile(r"得分")),
    ("actual", re.compile(r"完成值|实际值|完成情况|实际完成")),
    ("target", re.compile(r"目标值|指标值|预期值|年度指标")),
)

_SECOND = (
    "数量指标", "质量指标", "时效指标", "成本指标", "经济成本指标", "社会成本指标", "生态环境成本指标", "经济效益指标",
    "社会效益指标", "生态效益指标", "可持续影响指标", "可持续性影响指标", "满意度指标", "服务对象满意度指标",
)  # fmt: skip
_SECOND_START = re.compile(r"^(?:" + "|".join(loose(w) for w in sorted(_SECOND, key=len, reverse=True)) + r")")
_SECOND_CUT = re.compile(
    r"^(?:数量指|质量指|时效指|成本指|(?:经济|社会|生态)效益(?:指)?|可持续(?:影|影响|影响指)?|满意度(?:指)?|服务对象(?:满意度?指?)?|社会公众或)(?=\s|$)"
)
_FRAGMENT = frozenset(
    (
        *(
            "产出",
            "效益",
            "满意",
            "满意度",
            "度指",
            "标",
            "指标",
            "度指标",
            "产出指标",
            "效益指标",
            "满意度指",
            "产出指",
        ),
        *("年度", "绩效", "年", "度", "绩", "效", "年度绩效", "效指标", "响指标", "绩效指标"),
    )
)
_LEAD = re.compile(r"^(?:响指标|度指标|指标|标)(?=\s|$)")
_SCORE = re.compile(r"(?:^|\s)(\d{1,3}(?:\.\d{1,2})?)(?:\s*分)?$")
_GOES_ON = re.compile(r"^\s*(?:个|家|次|人|万|%|元|篇|名|年|月|日|场|期|项|条|户|亿|号|天|台|套|件|笔|余|多|、|,|\.)")
_UNIT = (
    r"(?:%|万元|亿元|元|万|个百分点"
    r"|[个篇次条户人名场期项家天台套件笔栋册批份年月日分处辆吨亩米种所座][\u4e00-\u9fff/]{0,3})"
)
_OP = r"(?:≥|≤|>=|<=|>|<|=|不少于|不低于|不超过|大于等于|小于等于|小于或等于|大于或等于|大于|小于|达到|平均)"
_VALUE = re.compile(
    rf"{_OP}?\d+(?:,\d{{3}})*(?:\.\d+)?%?(?:[-~—至]\d+(?:\.\d+)?)?{_UNIT}?(?:以上|以下|以内|左右)?(?:/[\u4e00-\u9fff])?"
)
_LONE_UNIT = re.compile(rf"^{_UNIT}(?:以上|以下|以内)?$")


def roles_of(header: TableRow) -> dict[str, int]:
    """Column of each role in the header of indicators."""
    found: dict[str, int] = {}
    for piece in header.pieces:
        text = bare(piece.raw)
        role = next((name for name, pattern in _ROLE if pattern.search(text)), None)
        if role and role not in found:
            found[role] = piece.column
    return found


def grid_indicators(body: Stretch, goal: Goal, header: TableRow, first: int, end: int) -> None:
    """Indicators from rows of cells."""
    roles = roles_of(header)
    level = ("", "")
    at = sum(len(r.pieces) for r in body.rows[:first])
    for index in range(first, end):
        row = body.rows[index]
        spans = []
        for n in range(len(row.pieces)):
            stop = body.starts[at + n + 1] - 1 if at + n + 1 < len(body.starts) else len(body.text)
            spans.append(body.printed(body.starts[at + n], stop))
        at += len(row.pieces)
        heads, rest = _split(row, spans, roles)
        level = _levels(level, heads)
        if "一级指标" in row.bare or not rest or all(not p for _, p in rest):
            continue
        indicator = _from_cells(rest, roles, level)
        if indicator is not None:
            goal.indicators.append(indicator)
        elif heads and any(points(p.text) is not None for _, p in rest):
            goal.complete = False


def _split(row: TableRow, spans: list[Printed], roles: dict[str, int]) -> tuple[list[str], list[tuple[Piece, Printed]]]:
    """Level words in front, and the cells after them."""
    cells = list(zip(row.pieces, spans, strict=True))
    values = len([r for r in ("target", "actual", "weight", "score", "reason") if r in roles])
    heads: list[str] = []
    while cells and sum(not _LABEL.fullmatch(h) for h in heads) < 2:
        text = cells[0][1].text
        level = _LEVEL1.fullmatch(text) or _LEVEL2.fullmatch(text) or _LABEL.fullmatch(text)
        custom = heads and len(cells) > values + 1 and points(text) is None
        if not level and not custom:
            break
        heads.append(text)
        cells.pop(0)
    return heads, cells


def _levels(before: tuple[str, str], heads: list[str]) -> tuple[str, str]:
    words = [h for h in heads if not _LABEL.fullmatch(h)]
    if len(words) >= 2:
        return words[-2], words[-1]
    if len(words) == 1:
        return before[0], words[0]
    return before


def _from_cells(rest: list[tuple[Piece, Printed]], roles: dict[str, int], level: tuple[str, str]) -> Indicator | None:
    by_column = {piece.column: printed for piece, printed in rest}
    wanted = [r for r in ("target", "actual", "weight", "score") if r in roles]
    row = rest[0][1]
    context = Printed("".join(p.text for _, p in rest), row.quote, row.place, row.context)
    picked: dict[str, Printed | None] = {}
    score = by_column.get(roles.get("score", -1))
    straight = score is not None and all(roles[r] in by_column for r in wanted)
    if straight or (_same_columns(rest, roles) and not _shifted(rest, roles)):
        picked = {r: by_column.get(roles[r]) or _blank(rest) for r in wanted}
        name = by_column.get(roles.get("name", -1), rest[0][1])
    else:
        reason = len(rest) > len(wanted) + 1 and "reason" in roles
        cells = [p for _, p in rest][: -1 if reason else None]
        name, values = cells[0], cells[1:]
        if len(values) == len(wanted):
            picked = dict(zip(wanted, values, strict=True))
        elif len(values) == len(wanted) - 1 and "score" in wanted and points(values[-1].text) is None:
            picked = {**dict(zip([w for w in wanted if w != "score"], values, strict=True)), "score": _blank(rest)}
        else:
            return None
    weight = picked.get("weight")
    return Indicator(
        level[0], level[1], name.text, picked.get("target"), picked.get("actual"), picked.get("score"),
        points(weight.text) if weight else None, context,
    )  # fmt: skip


def _same_columns(rest: list[tuple[Piece, Printed]], roles: dict[str, int]) -> bool:
    """Every cell stands under a header, the first under 三级指标."""
    columns = set(roles.values())
    return rest[0][0].column == roles.get("name") and all(p.column in columns for p, _ in rest)


def _shifted(rest: list[tuple[Piece, Printed]], roles: dict[str, int]) -> bool:
    """All values are there, one column to the left (a cell that spans rows was lost)."""
    wanted = [r for r in ("target", "actual", "weight", "score") if r in roles]
    score = roles.get("score")
    here = {piece.column for piece, _ in rest}
    return len(rest) == len(wanted) + 1 and score not in here and points(rest[-1][1].text) is not None


def _blank(rest: list[tuple[Piece, Printed]]) -> Printed:
    """A blank cell, quoted by the cell before it."""
    last = rest[-1][1]
    return Printed("", last.quote, last.place, last.context)


def line_indicators(body: Stretch, goal: Goal, first: int, end: int) -> None:
    """Indicators from lines: a row ends with the line whose last word is its score."""
    buffer: list[int] = []
    seconds = 0
    level = ""
    for index in range(first, end):
        text = _line(body, index)
        if "".join(text.split()) in _FRAGMENT:
            continue
        hit = _SECOND_START.match(text) or _SECOND_CUT.match(text)
        if hit:
            if buffer and _has_second(body, buffer):
                goal.complete = False  # the row before ended without a score
            buffer = []
            seconds += 1
            level = "".join(hit.group().split())
        buffer.append(index)
        score = _SCORE.search(text)
        if score is None or not _is_score(body, index, end, Decimal(score.group(1)), goal):
            continue
        goal.indicators.append(_from_lines(body, buffer, level))
        buffer = []
    if buffer and _has_second(body, buffer):
        goal.complete = False
    if seconds > len(goal.indicators) or not goal.indicators:
        goal.complete = False


def _line(body: Stretch, index: int) -> str:
    stop = body.row_starts[index + 1] - 1 if index + 1 < len(body.row_starts) else len(body.text) - 1
    return body.text[body.row_starts[index] : stop].strip()


def _has_second(body: Stretch, buffer: list[int]) -> bool:
    text = _line(body, buffer[0])
    return bool(_SECOND_START.match(text) or _SECOND_CUT.match(text))


def _is_score(body: Stretch, index: int, end: int, value: Decimal, goal: Goal) -> bool:
    """Not so where the next line goes on with a measure word, unless target and value stand before."""
    if value > (goal.weight or Decimal(100)):
        return False
    following = _line(body, index + 1) if index + 1 < end else ""
    words = _merged(_line(body, index).split()[:-1])
    return not _GOES_ON.match(following) or (len(words) >= 2 and _values(["", *words])[0] is not None)


def _from_lines(body: Stretch, buffer: list[int], level: str) -> Indicator:
    words: list[tuple[str, int]] = []
    for index in buffer:
        text = _line(body, index)
        if index == buffer[0]:
            text = _SECOND_START.sub("", text) if _SECOND_START.match(text) else _SECOND_CUT.sub("", text)
        text = _LEAD.sub("", text.strip())
        words += [(w, index) for w in text.split()]
    score = body.printed(body.row_starts[buffer[-1]], body.row_starts[buffer[-1]] + len(_line(body, buffer[-1])))
    tail = words.pop()[0] if words else ""
    if tail == "分" and words:
        tail = words.pop()[0]
    merged = _merged([w for w, _ in words])
    target, actual = _values(merged)
    start = body.row_starts[buffer[0]]
    row = body.printed(start, body.row_starts[buffer[-1]] + len(_line(body, buffer[-1])))
    name = "".join(merged[: -2 if target else None])

    def piece(text: str | None) -> Printed | None:
        return None if text is None else Printed(text, row.quote, score.place, row.quote)

    return Indicator(
        "", level, name, piece(target), piece(actual), Printed(tail, row.quote, score.place, row.quote), None,
        Printed(row.text, row.quote, score.place, row.quote),
    )  # fmt: skip


def _merged(words: list[str]) -> list[str]:
    """Words with a unit that stands apart joined to its number (``2 个`` -> ``2个``)."""
    found: list[str] = []
    for word in words:
        unit = found and _LONE_UNIT.match(word) and re.search(r"\d$", found[-1])
        if unit or (found and re.fullmatch(_OP, found[-1]) and word[:1].isdigit()):
            found[-1] += word
        else:
            found.append(word)
    return found


def _values(words: list[str]) -> tuple[str | None, str | None]:
    """Target and actual value before the score: two values, or one word twice; else unknown."""
    if len(words) < 3:
        return None, None
    target, actual = words[-2], words[-1]
    if (_VALUE.fullmatch(target) and _VALUE.fullmatch(actual)) or (target == actual and len(target) >= 2):
        return target, actual
    return None, None
