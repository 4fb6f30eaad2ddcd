"""The result in a few words: one sentence, the counts, the heading of a sheet."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from app.checking import rulebook
from app.checking.finding import Checked
from app.report.report import Report
from app.writing import layout, words
from app.writing.model import MARKS, SheetCell, SheetModel, Style

Count = tuple[str, int, tuple[str, str]]  # word with its sign, how many, (fill, text colour)
UNCHECKED = ("F2F2F2", "404040")


def headline(report: Report, checked: Checked) -> str:
    """The result in one sentence, an empty one too (UI.md)."""
    errors, warnings = checked.count("error"), checked.count("warning")
    if errors:
        first = f"发现 {errors} 处错误" + (f"、{warnings} 处提醒" if warnings else "")
    else:
        first = "未发现错误" + (f"，有 {warnings} 处提醒请查看" if warnings else "")
    first += f"，另有 {checked.verified} 处已核实。" if checked.verified else "。"
    return first + _done(report, checked)


def _done(report: Report, checked: Checked) -> str:
    """``已核对 9 张表、312 处勾稽、128 个百分比；2 项无法核对。``"""
    families = {rule.code: _family(rule) for rule in rulebook.rules(report.kind != "workbook")}
    tally = dict.fromkeys(("处勾稽", "个百分比", "处文字", "处填列"), 0)
    for result in checked.rules:
        tally[families.get(result.code, "处填列")] += result.evaluated
    parts = [f"{len(report.tables)} 张表"] if report.tables else []
    parts += [f"{count:,} {word}" for word, count in tally.items() if count]
    missing = could_not(checked)
    sentence = f"已核对 {'、'.join(parts)}" if parts else "没有可以核对的内容"
    if filled := sum(fill.done for fill in checked.fills):
        sentence += f"；已填 {filled} 处（见“自动填充”）"
    return sentence + (f"；{missing} 项无法核对（见“无法核对”各行）。" if missing else "。")


def _family(rule: rulebook.Rule) -> str:
    """What a rule counts: identities, percentages, words, or what is filled into the tables."""
    if rule.formula:
        return "处勾稽"
    if rule.file.startswith(("T1", "P1")):
        return "个百分比"
    return "处文字" if rule.file.startswith("T") else "处填列"


def could_not(checked: Checked) -> int:
    """How many rules could not run."""
    return sum(r.status == "could_not_run" for r in checked.rules)


def counts(checked: Checked) -> list[Count]:
    """错误, 提醒, 尾差, 信息, 无法核对, 已核实, each in the colour it has in the file."""
    found = [words.level(finding) for finding in checked.findings]
    return [
        ("✖ 错误", found.count("error"), MARKS["error"]),
        ("⚠ 提醒", found.count("warning"), MARKS["warning"]),
        ("≈ 尾差", found.count("rounding"), MARKS["rounding"]),
        ("ℹ 信息", found.count("info"), MARKS["info"]),
        ("？ 无法核对", could_not(checked), UNCHECKED),
        ("✓ 已核实", found.count("verified"), MARKS["verified"]),
    ]


def heading(sheet: SheetModel, title: str, report: Report, checked: Checked, file_name: str, today: date) -> None:
    """Title; unit, year, date and file; the result in one sentence, in its colour."""
    unit = report.unit.value if report.unit else "（未识别）"
    year = f"{report.year} 年度" if report.year else "（未识别）"
    layout.merged(sheet, title, layout.TITLE, 32)
    day = f"{today.year} 年 {today.month} 月 {today.day} 日"
    layout.merged(sheet, f"单位：{unit}　　年度：{year}　　校核日期：{day}　　文件：{file_name}", layout.FACT)
    fill, color = MARKS["error" if checked.count("error") else "warning" if checked.count("warning") else "filled"]
    style = Style(fill=fill, color=color, bold=True, size=12, wrap=True, align="left", border=True)
    layout.merged(sheet, headline(report, checked), style)


def count_row(sheet: SheetModel, checked: Checked, spans: Sequence[tuple[int, int]], rules_name: str = "") -> None:
    """The counts side by side, each over the columns of its span; a link to the rules in the last column."""
    last, number = max(sheet.widths), len(sheet.rows)
    row: layout.Row = [None] * (last + 1)
    for (word, count, (fill, color)), (left, right) in zip(counts(checked), spans, strict=True):
        style = Style(fill=fill, color=color, bold=True, align="center", border=True)
        for column in range(left, right + 1):
            row[column] = SheetCell(f"{word} {count}" if column == left else None, style)
        if right > left:
            sheet.merges.append((number, left, number, right))
    if rules_name:
        text = f"共 {len(checked.rules)} 条规则，各条结果见“{rules_name}”工作表"
        style = Style(color="1F6FB2", underline=True, align="left")
        row[last] = SheetCell(text, style, link=f"{layout.quoted(rules_name)}!A1")
    sheet.rows.append(row)
    sheet.heights[number] = 22


def tab_color(checked: Checked) -> str:
    """Red with errors, amber with reminders, else green."""
    return "C00000" if checked.count("error") else "BF8F00" if checked.count("warning") else "548235"
