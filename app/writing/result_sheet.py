"""The sheets 校核结果 and 校核规则: what is wrong, where, what it should be, and what was checked.

校核结果 stands on its own: printed on A4 landscape it is the correction list handed to the unit.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal

from app.checking import rulebook
from app.checking.finding import Checked, Finding, RuleResult
from app.report.report import Report
from app.source import Place
from app.writing import measure, words
from app.writing.model import MARKS, SheetCell, SheetModel, Style

NAME, RULES_NAME = "校核结果", "校核规则"
_HEADERS = ("序号", "编号", "级别", "表", "位置", "原值", "应为", "差额", "说明")
_WIDTHS = (5.5, 9.0, 10.5, 19.0, 17.0, 13.0, 13.0, 11.0, 64.0)
_RULE_HEADERS = ("序号", "编号", "规则", "结果", "核对处数", "原因")
_RULE_WIDTHS = (6.0, 10.0, 62.0, 13.0, 10.0, 60.0)
_LAST = len(_HEADERS) - 1
_MOST_CONSEQUENCES = 8
_MOST_FINDINGS = 5000  # rows; nobody reads further, and Excel stops at 65,530 links a sheet
_ENDED = {
    "failed": ("✖ 未通过", MARKS["error"]),
    "could_not_run": ("？ 无法核对", MARKS["warning"]),
    "passed": ("✓ 通过", MARKS["filled"]),
    "not_applicable": ("－ 不适用", ("", "595959")),
}
_AMOUNT = re.compile(r"-?(\d{1,3}(,\d{3})+|\d+)(\.\d{1,8})?")

_TITLE = Style(bold=True, size=16, align="center")
_FACT = Style(color="404040", wrap=True, align="left")
_HEADER = Style(fill="1F6FB2", color="FFFFFF", bold=True, align="center", border=True, wrap=True)
_TEXT = Style(border=True, wrap=True, align="left")
_CENTER = Style(border=True, wrap=True, align="center")
_VALUE = Style(border=True, wrap=True, align="right")
_LINK = Style(border=True, wrap=True, align="left", color="1F6FB2", underline=True)


def result_sheets(
    report: Report, checked: Checked, file_name: str, taken: Iterable[str] = (), today: date | None = None
) -> list[SheetModel]:
    """校核结果 and 校核规则 under names that no sheet of ``taken`` bears."""
    used = {name.casefold() for name in taken}
    name, rules_name = _free(NAME, used), _free(RULES_NAME, used)
    sheets = [result_sheet(report, checked, file_name, name, rules_name if checked.rules else "", today)]
    return [*sheets, rules_sheet(checked.rules, rules_name)] if checked.rules else sheets


def result_sheet(
    report: Report,
    checked: Checked,
    file_name: str,
    sheet_name: str = NAME,
    rules_name: str = "",
    today: date | None = None,
) -> SheetModel:
    """One row a finding, then what could not be checked; ``rules_name`` is linked when given."""
    sheet = SheetModel(sheet_name, widths=dict(enumerate(_WIDTHS)), tab_color=_tab(checked))
    _heading(sheet, report, checked, file_name, today or date.today(), rules_name)
    top = len(sheet.rows)
    sheet.rows.append([SheetCell(text, _HEADER) for text in _HEADERS])
    sheet.heights[top] = 22
    findings = words.heaviest_first(checked.findings)
    for finding in findings[:_MOST_FINDINGS]:
        _add(sheet, _finding_row(len(sheet.rows) - top, finding, file_name))
    if len(findings) > _MOST_FINDINGS:
        rest = f"另有 {len(findings) - _MOST_FINDINGS:,} 条问题未列出，请先改正以上各条后再校核。"
        _add(sheet, [*(SheetCell("", _TEXT) for _ in range(_LAST)), SheetCell(rest, _TEXT)])
    for codes, titles, reason in _unchecked(checked.rules):
        _add(sheet, _unchecked_row(len(sheet.rows) - top, codes, titles, reason))
    if len(sheet.rows) == top + 1:
        _merged(sheet, "没有需要处理的问题。", Style(border=True, align="center", color=MARKS["filled"][1]), 26)
    else:
        sheet.filter = (top, 0, len(sheet.rows) - 1, _LAST)
    sheet.freeze = (top + 1, 0)
    sheet.repeat_rows = (top, top)
    unit = report.unit.value if report.unit else ""
    sheet.footer = f"&L{_footer(unit)}&C第 &P 页 / 共 &N 页&R决算公开校核"
    return sheet


def rules_sheet(results: Sequence[RuleResult], sheet_name: str = RULES_NAME) -> SheetModel:
    """Every rule and how it ended: failed ones first, then what could not be checked."""
    sheet = SheetModel(sheet_name, widths=dict(enumerate(_RULE_WIDTHS)))
    counts = {status: sum(r.status == status for r in results) for status in _ENDED}
    last = len(_RULE_HEADERS) - 1
    sheet.rows.append([SheetCell("校核规则与结果", _TITLE)])
    summary = "　".join(f"{word[0][2:]} {counts[s]}" for s, word in _ENDED.items())
    sheet.rows.append([SheetCell(f"共 {len(results)} 条规则：{summary}", _FACT)])
    sheet.merges += [(0, 0, 0, last), (1, 0, 1, last)]
    sheet.heights |= {0: 30, 1: 20, 2: 22}
    sheet.rows.append([SheetCell(text, _HEADER) for text in _RULE_HEADERS])
    order = list(_ENDED)
    for number, result in enumerate(sorted(results, key=lambda r: order.index(r.status)), 1):
        word, (fill, color) = _ENDED[result.status]
        row: list[SheetCell | None] = [
            SheetCell(number, _CENTER),
            SheetCell(result.code, _CENTER),
            SheetCell(result.title, _TEXT),
            SheetCell(word, Style(fill=fill, color=color, border=True, align="center")),
            SheetCell(result.evaluated, Style(border=True, align="right", number_format="#,##0_ ")),
            SheetCell(result.reason or "", _TEXT),
        ]
        _add(sheet, row)
    sheet.freeze = (3, 0)
    sheet.repeat_rows = (2, 2)
    if results:
        sheet.filter = (2, 0, len(sheet.rows) - 1, last)
    sheet.footer = "&C第 &P 页 / 共 &N 页&R决算公开校核"
    return sheet


def headline(report: Report, checked: Checked) -> str:
    """The result in one sentence, an empty one too (UI.md)."""
    errors, warnings = checked.count("error"), checked.count("warning")
    if errors:
        first = f"发现 {errors} 处错误" + (f"、{warnings} 处提醒" if warnings else "") + "。"
    else:
        first = "未发现错误" + (f"，有 {warnings} 处提醒请查看" if warnings else "") + "。"
    return first + _done(report, checked)


def _done(report: Report, checked: Checked) -> str:
    """``已核对 9 张表、312 处勾稽、40 项格式与文字；2 项无法核对。``"""
    arithmetic = {rule.code for rule in rulebook.rules() if rule.formula}
    relations = sum(r.evaluated for r in checked.rules if r.code in arithmetic)
    others = sum(r.evaluated for r in checked.rules) - relations
    parts = [f"{len(report.tables)} 张表"] if report.tables else []
    parts += [f"{relations:,} 处勾稽"] if relations else []
    parts += [f"{others:,} 处其他内容"] if others else []
    could_not = _could_not(checked)
    sentence = f"已核对 {'、'.join(parts)}" if parts else "没有可以核对的内容"
    return sentence + (f"；{could_not} 项无法核对（见下表“无法核对”各行）。" if could_not else "。")


def _heading(sheet: SheetModel, report: Report, checked: Checked, file_name: str, today: date, rules_name: str) -> None:
    unit = report.unit.value if report.unit else "（未识别）"
    year = f"{report.year} 年度" if report.year else "（未识别）"
    _merged(sheet, "决算公开校核结果", _TITLE, 32)
    day = f"{today.year} 年 {today.month} 月 {today.day} 日"
    facts = f"单位：{unit}　　年度：{year}　　校核日期：{day}　　文件：{file_name}"
    _merged(sheet, facts, _FACT)
    fill, color = MARKS["error" if checked.count("error") else "warning" if checked.count("warning") else "filled"]
    style = Style(fill=fill, color=color, bold=True, size=12, wrap=True, align="left", border=True)
    _merged(sheet, headline(report, checked), style)
    _counts(sheet, checked, rules_name)
    sheet.rows.append([])
    sheet.heights[len(sheet.rows) - 1] = 8


def _counts(sheet: SheetModel, checked: Checked, rules_name: str) -> None:
    """``错误 3 │ 提醒 5 │ 尾差 4 │ 无法核对 2 │ 已核实 0``, each in the colour it has in the file."""
    verified = sum(f.kind == "已核实" for f in checked.findings)
    plain = (
        checked.count("info")
        - checked.rounding
        - sum(f.kind == "已核实" and f.severity == "info" for f in checked.findings)
    )
    shown = [
        ("✖ 错误", checked.count("error"), MARKS["error"]),
        ("⚠ 提醒", checked.count("warning"), MARKS["warning"]),
        ("≈ 尾差", checked.rounding, MARKS["rounding"]),
        ("ℹ 信息", plain, MARKS["info"]),
        ("？ 无法核对", _could_not(checked), ("F2F2F2", "404040")),
        ("✓ 已核实", verified, MARKS["verified"]),
    ]
    row: list[SheetCell | None] = [None] * len(_HEADERS)
    number = len(sheet.rows)
    # 序号 and 编号 are narrow: the first two counts share them with 级别.
    for (word, count, (fill, color)), (left, right) in zip(
        shown, ((0, 1), (2, 2), (3, 3), (4, 4), (5, 6), (7, 7)), strict=True
    ):
        style = Style(fill=fill, color=color, bold=True, align="center", border=True)
        for column in range(left, right + 1):
            row[column] = SheetCell(f"{word} {count}" if column == left else None, style)
        if right > left:
            sheet.merges.append((number, left, number, right))
    if rules_name:
        text = f"共 {len(checked.rules)} 条规则，各条结果见“{rules_name}”工作表"
        row[_LAST] = SheetCell(
            text, Style(color="1F6FB2", underline=True, align="left"), link=f"{quoted(rules_name)}!A1"
        )
    sheet.rows.append(row)
    sheet.heights[number] = 22


def _finding_row(number: int, finding: Finding, file_name: str) -> list[SheetCell | None]:
    fill, color = MARKS[words.level(finding)]
    as_number = bool(finding.difference)
    return [
        SheetCell(number, _CENTER),
        SheetCell(finding.code, _CENTER),
        SheetCell(words.badge(finding), Style(fill=fill, color=color, bold=True, border=True, align="center")),
        SheetCell(_table(finding), _TEXT),
        _location(finding, file_name),
        _value(finding.found, as_number),
        _value(finding.expected, as_number),
        _value(finding.difference, as_number),
        SheetCell(_explanation(finding), _TEXT),
    ]


def _table(finding: Finding) -> str:
    names = "·".join(part for part in (finding.row, finding.column) if part)
    return "\n".join(part for part in (finding.table, names) if part)


def _location(finding: Finding, file_name: str) -> SheetCell:
    link = link_to(finding.place, file_name)
    return SheetCell(_where(finding.place), _LINK if link else _TEXT, link=link)


def _where(place: Place) -> str:
    return f"{place.file} {place}" if place.file else str(place)


def link_to(place: Place, file_name: str = "") -> str:
    """The target of a link to ``place`` in the workbook ``file_name``, or '' when it is elsewhere."""
    if not place.sheet or place.file not in (None, file_name):
        return ""
    return f"{quoted(place.sheet)}!{place.cell or 'A1'}"


def quoted(sheet: str) -> str:
    """A sheet's name as it stands in references."""
    doubled = sheet.replace("'", "''")
    return f"'{doubled}'"


def _value(text: str, as_number: bool) -> SheetCell:
    """An amount as a number the clerk can add up; a code or a name stays text."""
    bare = text.strip()
    if _AMOUNT.fullmatch(bare) and (as_number or "." in bare):
        value = Decimal(bare.replace(",", ""))
        places = max(-int(value.as_tuple().exponent), 0)
        # "_ " leaves the width of a blank between the digits and the border.
        digits = "#,##0" + ("." + "0" * places if places else "") + "_ "
        return SheetCell(value, Style(border=True, align="right", number_format=digits))
    return SheetCell(text, _VALUE if len(text) <= 12 else _TEXT)


def _explanation(finding: Finding) -> str:
    lines = [finding.message]
    if text := words.calculation(finding):
        lines.append(f"计算：{text}")
    elif not finding.calculation and finding.related:
        lines.append("依据：" + "；".join(f"{_where(r.place)} {r.quote}".strip() for r in finding.related[:6]))
    if text := words.advice(finding):
        lines.append(f"处理：{text}")
    room = measure.most_lines() - sum(measure.lines(line, _WIDTHS[_LAST]) for line in lines) - 2
    return "\n".join(lines + _consequences(finding, room))


def _consequences(finding: Finding, room: int) -> list[str]:
    """What follows from the slip, as far as it fits: Excel cuts a row at 409 points."""
    if not finding.consequences:
        return []
    lines = [f"连带 {len(finding.consequences)} 处，改正后随之消除："]
    for shown, one in enumerate(finding.consequences):
        if shown == _MOST_CONSEQUENCES:
            room = 0
        line = f"· {one.code} {_where(one.place)}：{one.message}"
        room -= measure.lines(line, _WIDTHS[_LAST])
        if room < 0:
            lines.append(f"· 其余 {len(finding.consequences) - shown} 处略")
            break
        lines.append(line)
    return lines


def _could_not(checked: Checked) -> int:
    return sum(r.status == "could_not_run" for r in checked.rules)


def _unchecked(results: Sequence[RuleResult]) -> list[tuple[list[str], list[str], str]]:
    """Rules that could not run, gathered by reason: (codes, titles, reason)."""
    groups: dict[str, list[RuleResult]] = {}
    for result in results:
        if result.status == "could_not_run":
            groups.setdefault(result.reason or "原因未说明", []).append(result)
    return [([r.code for r in g], [r.title for r in g], reason) for reason, g in groups.items()]


def _unchecked_row(number: int, codes: list[str], titles: list[str], reason: str) -> list[SheetCell | None]:
    style = Style(fill="F2F2F2", color="404040", bold=True, border=True, align="center", wrap=True)
    code = codes[0] if len(codes) == 1 else f"{codes[0]}\n等 {len(codes)} 项"
    named = "、".join(f"{c} {t}" for c, t in zip(codes[:8], titles[:8], strict=True))
    more = f" 等 {len(codes)} 项" if len(codes) > 8 else ""
    return [
        SheetCell(number, _CENTER),
        SheetCell(code, _CENTER),
        SheetCell("？ 无法核对", style),
        *(SheetCell("", _TEXT) for _ in range(5)),
        SheetCell(f"{reason}\n未核对：{named}{more}", _TEXT),
    ]


def _add(sheet: SheetModel, row: list[SheetCell | None]) -> None:
    """Append a row high enough for its longest wrapped cell."""
    most = max(
        measure.lines(str(cell.value), sheet.widths[column])
        for column, cell in enumerate(row)
        if cell is not None and cell.value is not None and cell.style.wrap
    )
    sheet.heights[len(sheet.rows)] = max(measure.height(most), 20.0)
    sheet.rows.append(row)


def _merged(sheet: SheetModel, text: str, style: Style, height: float = 0) -> None:
    """A row across the whole sheet; merged cells each carry the style, so borders are closed."""
    number = len(sheet.rows)
    count = measure.lines(text, sum(sheet.widths.values()), style.size)
    sheet.rows.append([SheetCell(text if c == 0 else None, style) for c in range(len(sheet.widths))])
    sheet.merges.append((number, 0, number, len(sheet.widths) - 1))
    sheet.heights[number] = height or measure.height(count, style.size) + 4


def _tab(checked: Checked) -> str:
    return "C00000" if checked.count("error") else "BF8F00" if checked.count("warning") else "548235"


def _footer(unit: str) -> str:
    """``&`` is a code in headers and footers; a leading digit would be read as a font size."""
    return " " + unit.replace("&", "&&")[:60]


def _free(name: str, used: set[str]) -> str:
    """``name``, or ``name(2)`` … when a sheet already bears it (Excel ignores case)."""
    candidate, number = name, 2
    while candidate.casefold() in used:
        candidate, number = f"{name}({number})", number + 1
    used.add(candidate.casefold())
    return candidate
