"""The sheets 校核结果 and 校核规则: what is wrong, where, what it should be, and what was checked.

校核结果 stands on its own: printed on A4 landscape it is the correction list handed to the unit.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from app.checking.finding import Checked, Finding, RuleResult
from app.report.report import Report
from app.writing import layout, measure, summary, words
from app.writing import rules_sheet as rules
from app.writing.model import MARKS, SheetCell, SheetModel, Style

NAME = "校核结果"


@dataclass(frozen=True, slots=True)
class _Shape:
    """The columns of a list of findings; the first two counts share the narrow ones."""

    headers: tuple[str, ...]
    widths: tuple[float, ...]
    counts: tuple[tuple[int, int], ...]

    @property
    def last(self) -> int:
        return len(self.headers) - 1

    @property
    def wide(self) -> float:
        """Width of 说明."""
        return self.widths[-1]


_WORKBOOK = _Shape(
    ("序号", "编号", "级别", "表", "位置", "原值", "应为", "差额", "说明"),
    (5.5, 9.0, 10.5, 19.0, 17.0, 13.0, 13.0, 11.0, 64.0),
    ((0, 1), (2, 2), (3, 3), (4, 4), (5, 6), (7, 7)),
)
# A report is read by page and sentence: the quote stands beside the place.
_REPORT = _Shape(
    ("序号", "编号", "级别", "表与章节", "位置", "原文", "原值", "应为", "差额", "说明"),
    (5.5, 9.0, 10.5, 16.0, 14.0, 34.0, 12.0, 12.0, 11.0, 52.0),
    ((0, 1), (2, 2), (3, 3), (4, 4), (5, 5), (6, 8)),
)
Link = Callable[[Finding], str]
_MOST_CONSEQUENCES = 8
_MOST_FINDINGS = 5000  # rows; nobody reads further, and Excel stops at 65,530 links a sheet
_LONGEST_VALUE = 60  # characters of 原值 and 应为; the message has the whole of it
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
    link: Link | None = None,
) -> SheetModel:
    """One row a finding, then what could not be checked, then what she has verified.

    ``rules_name`` is linked when given. ``link`` gives the target for a finding; by default the cell
    of the clerk's own workbook.
    """
    shape = _WORKBOOK if report.kind == "workbook" else _REPORT
    sheet = SheetModel(sheet_name, widths=dict(enumerate(shape.widths)), tab_color=summary.tab_color(checked))
    summary.heading(sheet, "决算公开校核结果", report, checked, file_name, today or date.today())
    summary.count_row(sheet, checked, shape.counts, rules_name)
    layout.gap(sheet)
    top = layout.headers(sheet, shape.headers)
    to = link or (lambda finding: layout.link_to(finding.place, file_name))
    findings = [f for f in words.heaviest_first(checked.findings) if f.verified is None]
    _list(sheet, findings, shape, to)
    if len(findings) > _MOST_FINDINGS:
        rest = f"另有 {len(findings) - _MOST_FINDINGS:,} 条问题未列出，请先改正以上各条后再校核。"
        layout.add(sheet, [*(SheetCell("", layout.TEXT) for _ in range(shape.last)), SheetCell(rest, layout.TEXT)])
    for group in _unchecked(checked.rules):
        layout.add(sheet, _unchecked_row(len(sheet.rows) - top, group, shape))
    if len(sheet.rows) == top + 1:
        layout.merged(sheet, "没有需要处理的问题。", Style(border=True, align="center", color=MARKS["filled"][1]), 26)
    else:
        sheet.filter = (top, 0, len(sheet.rows) - 1, shape.last)
    _verified(sheet, [f for f in checked.findings if f.verified is not None], shape, to)
    sheet.freeze = (top + 1, 0)
    sheet.repeat_rows = (top, top)
    sheet.footer = layout.footer(report.unit.value if report.unit else "")
    return sheet


def _list(sheet: SheetModel, findings: Sequence[Finding], shape: _Shape, to: Link) -> None:
    for number, finding in enumerate(findings[:_MOST_FINDINGS], 1):
        layout.add(sheet, _finding_row(number, finding, shape, to(finding)))


def _verified(sheet: SheetModel, findings: Sequence[Finding], shape: _Shape, to: Link) -> None:
    """What she has verified stands apart, below the rows that the filter of the list takes in."""
    if not findings:
        return
    layout.gap(sheet)
    fill, color = MARKS["verified"]
    heading = Style(fill=fill, color=color, bold=True, size=12, align="left", border=True)
    layout.merged(sheet, f"已核实（{len(findings)} 条，不计入以上各数）", heading, 24)
    _list(sheet, findings, shape, to)


def _finding_row(number: int, finding: Finding, shape: _Shape, link: str) -> layout.Row:
    fill, color = MARKS[words.level(finding)]
    as_number = bool(finding.difference)
    quote = [SheetCell(finding.quote, layout.TEXT)] if shape is _REPORT else []
    return [
        SheetCell(number, layout.CENTER),
        SheetCell(finding.code, layout.CENTER),
        SheetCell(words.badge(finding), Style(fill=fill, color=color, bold=True, border=True, align="center")),
        SheetCell(_table(finding), layout.TEXT),
        SheetCell(layout.where(finding.place), layout.LINK if link else layout.TEXT, link=link),
        *quote,
        _value(finding.found, as_number),
        _value(finding.expected, as_number),
        _value(finding.difference, as_number),
        SheetCell(_explanation(finding, shape.wide), layout.TEXT),
    ]


def _table(finding: Finding) -> str:
    names = "·".join(part for part in (finding.row, finding.column) if part)
    return "\n".join(part for part in (finding.table, names) if part)


def _value(text: str, as_number: bool) -> SheetCell:
    """An amount as a number the clerk can add up; a code or a name stays text."""
    bare = text.strip()
    if _AMOUNT.fullmatch(bare) and (as_number or "." in bare):
        value = Decimal(bare.replace(",", ""))
        places = max(-int(value.as_tuple().exponent), 0)
        # "_ " leaves the width of a blank between the digits and the border.
        digits = "#,##0" + ("." + "0" * places if places else "") + "_ "
        return SheetCell(value, Style(border=True, align="right", number_format=digits))
    if len(text) > _LONGEST_VALUE:
        text = text[:_LONGEST_VALUE] + "…"
    return SheetCell(text, layout.VALUE if len(text) <= 12 else layout.TEXT)


def _explanation(finding: Finding, width: float) -> str:
    lines = [text for text in (words.verified(finding), finding.message) if text]
    if text := words.calculation(finding):
        lines.append(f"计算：{text}")
    elif not finding.calculation and finding.related:
        lines.append("依据：" + "；".join(f"{layout.where(r.place)} {r.quote}".strip() for r in finding.related[:6]))
    if text := words.advice(finding):
        lines.append(f"处理：{text}")
    room = measure.most_lines() - sum(measure.lines(line, width) for line in lines) - 2
    return "\n".join(lines + _consequences(finding, room, width))


def _consequences(finding: Finding, room: int, width: float) -> list[str]:
    """What follows from the slip, as far as it fits: Excel cuts a row at 409 points."""
    if not finding.consequences:
        return []
    lines = [f"连带 {len(finding.consequences)} 处，改正后随之消除："]
    for shown, one in enumerate(finding.consequences):
        if shown == _MOST_CONSEQUENCES:
            room = 0
        line = f"· {one.code} {layout.where(one.place)}：{one.message}"
        room -= measure.lines(line, width)
        if room < 0:
            lines.append(f"· 其余 {len(finding.consequences) - shown} 处略")
            break
        lines.append(line)
    return lines


def _unchecked(results: Sequence[RuleResult]) -> list[list[RuleResult]]:
    """Rules that could not run, gathered by reason."""
    groups: dict[str | None, list[RuleResult]] = {}
    for result in results:
        if result.status == "could_not_run":
            groups.setdefault(result.reason, []).append(result)
    return list(groups.values())


def _unchecked_row(number: int, group: list[RuleResult], shape: _Shape) -> layout.Row:
    fill, color = summary.UNCHECKED
    style = Style(fill=fill, color=color, bold=True, border=True, align="center", wrap=True)
    code = group[0].code if len(group) == 1 else f"{group[0].code}\n等 {len(group)} 项"
    named = "、".join(f"{r.code} {r.title}" for r in group[:8])
    more = f" 等 {len(group)} 项" if len(group) > 8 else ""
    return [
        SheetCell(number, layout.CENTER),
        SheetCell(code, layout.CENTER),
        SheetCell("？ 无法核对", style),
        *(SheetCell("", layout.TEXT) for _ in range(shape.last - 3)),
        SheetCell(f"{group[0].reason or '原因未说明'}\n未核对：{named}{more}", layout.TEXT),
    ]
