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
from app.writing import layout, measure, words
from app.writing import rules_sheet as rules
from app.writing.model import MARKS, SheetCell, SheetModel, Style

NAME = "校核结果"
_HEADERS = ("序号", "编号", "级别", "表", "位置", "原值", "应为", "差额", "说明")
_WIDTHS = (5.5, 9.0, 10.5, 19.0, 17.0, 13.0, 13.0, 11.0, 64.0)
_LAST = len(_HEADERS) - 1
_MOST_CONSEQUENCES = 8
_MOST_FINDINGS = 5000  # rows; nobody reads further, and Excel stops at 65,530 links a sheet
_AMOUNT = re.compile(r"-?(\d{1,3}(,\d{3})+|\d+)(\.\d{1,8})?")


def result_sheets(
    report: Report, checked: Checked, file_name: str, taken: Iterable[str] = (), today: date | None = None
) -> list[SheetModel]:
    """校核结果 and 校核规则 under names that no sheet of ``taken`` bears."""
    used = {name.casefold() for name in taken}
    name, rules_name = layout.free(NAME, used), layout.free(rules.NAME, used)
    sheets = [result_sheet(report, checked, file_name, name, rules_name if checked.rules else "", today)]
    return [*sheets, rules.rules_sheet(checked.rules, rules_name)] if checked.rules else sheets


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
    top = layout.headers(sheet, _HEADERS)
    findings = words.heaviest_first(checked.findings)
    for finding in findings[:_MOST_FINDINGS]:
        layout.add(sheet, _finding_row(len(sheet.rows) - top, finding, file_name))
    if len(findings) > _MOST_FINDINGS:
        rest = f"另有 {len(findings) - _MOST_FINDINGS:,} 条问题未列出，请先改正以上各条后再校核。"
        layout.add(sheet, [*(SheetCell("", layout.TEXT) for _ in range(_LAST)), SheetCell(rest, layout.TEXT)])
    for codes, titles, reason in _unchecked(checked.rules):
        layout.add(sheet, _unchecked_row(len(sheet.rows) - top, codes, titles, reason))
    if len(sheet.rows) == top + 1:
        layout.merged(sheet, "没有需要处理的问题。", Style(border=True, align="center", color=MARKS["filled"][1]), 26)
    else:
        sheet.filter = (top, 0, len(sheet.rows) - 1, _LAST)
    sheet.freeze = (top + 1, 0)
    sheet.repeat_rows = (top, top)
    unit = report.unit.value if report.unit else ""
    sheet.footer = layout.footer(unit)
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
    layout.merged(sheet, "决算公开校核结果", layout.TITLE, 32)
    day = f"{today.year} 年 {today.month} 月 {today.day} 日"
    facts = f"单位：{unit}　　年度：{year}　　校核日期：{day}　　文件：{file_name}"
    layout.merged(sheet, facts, layout.FACT)
    fill, color = MARKS["error" if checked.count("error") else "warning" if checked.count("warning") else "filled"]
    style = Style(fill=fill, color=color, bold=True, size=12, wrap=True, align="left", border=True)
    layout.merged(sheet, headline(report, checked), style)
    _counts(sheet, checked, rules_name)
    layout.gap(sheet)


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
    row: layout.Row = [None] * len(_HEADERS)
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
            text, Style(color="1F6FB2", underline=True, align="left"), link=f"{layout.quoted(rules_name)}!A1"
        )
    sheet.rows.append(row)
    sheet.heights[number] = 22


def _finding_row(number: int, finding: Finding, file_name: str) -> layout.Row:
    fill, color = MARKS[words.level(finding)]
    as_number = bool(finding.difference)
    return [
        SheetCell(number, layout.CENTER),
        SheetCell(finding.code, layout.CENTER),
        SheetCell(words.badge(finding), Style(fill=fill, color=color, bold=True, border=True, align="center")),
        SheetCell(_table(finding), layout.TEXT),
        _location(finding, file_name),
        _value(finding.found, as_number),
        _value(finding.expected, as_number),
        _value(finding.difference, as_number),
        SheetCell(_explanation(finding), layout.TEXT),
    ]


def _table(finding: Finding) -> str:
    names = "·".join(part for part in (finding.row, finding.column) if part)
    return "\n".join(part for part in (finding.table, names) if part)


def _location(finding: Finding, file_name: str) -> SheetCell:
    link = layout.link_to(finding.place, file_name)
    return SheetCell(layout.where(finding.place), layout.LINK if link else layout.TEXT, link=link)


def _value(text: str, as_number: bool) -> SheetCell:
    """An amount as a number the clerk can add up; a code or a name stays text."""
    bare = text.strip()
    if _AMOUNT.fullmatch(bare) and (as_number or "." in bare):
        value = Decimal(bare.replace(",", ""))
        places = max(-int(value.as_tuple().exponent), 0)
        # "_ " leaves the width of a blank between the digits and the border.
        digits = "#,##0" + ("." + "0" * places if places else "") + "_ "
        return SheetCell(value, Style(border=True, align="right", number_format=digits))
    return SheetCell(text, layout.VALUE if len(text) <= 12 else layout.TEXT)


def _explanation(finding: Finding) -> str:
    lines = [finding.message]
    if text := words.calculation(finding):
        lines.append(f"计算：{text}")
    elif not finding.calculation and finding.related:
        lines.append("依据：" + "；".join(f"{layout.where(r.place)} {r.quote}".strip() for r in finding.related[:6]))
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
        line = f"· {one.code} {layout.where(one.place)}：{one.message}"
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


def _unchecked_row(number: int, codes: list[str], titles: list[str], reason: str) -> layout.Row:
    style = Style(fill="F2F2F2", color="404040", bold=True, border=True, align="center", wrap=True)
    code = codes[0] if len(codes) == 1 else f"{codes[0]}\n等 {len(codes)} 项"
    named = "、".join(f"{c} {t}" for c, t in zip(codes[:8], titles[:8], strict=True))
    more = f" 等 {len(codes)} 项" if len(codes) > 8 else ""
    return [
        SheetCell(number, layout.CENTER),
        SheetCell(code, layout.CENTER),
        SheetCell("？ 无法核对", style),
        *(SheetCell("", layout.TEXT) for _ in range(5)),
        SheetCell(f"{reason}\n未核对：{named}{more}", layout.TEXT),
    ]


def _tab(checked: Checked) -> str:
    return "C00000" if checked.count("error") else "BF8F00" if checked.count("warning") else "548235"
