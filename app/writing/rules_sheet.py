"""The sheet 校核规则: every rule and how it ended; “could not run” is shown, never a pass."""

from __future__ import annotations

from collections.abc import Sequence

from app.checking.finding import RuleResult
from app.writing import layout
from app.writing.model import MARKS, SheetCell, SheetModel, Style

NAME = "校核规则"
_HEADERS = ("序号", "编号", "规则", "结果", "核对处数", "原因")
_WIDTHS = (6.0, 10.0, 62.0, 13.0, 10.0, 60.0)
_ENDED = {
    "failed": ("✖ 未通过", MARKS["error"]),
    "could_not_run": ("？ 无法核对", MARKS["warning"]),
    "passed": ("✓ 通过", MARKS["filled"]),
    "not_applicable": ("－ 不适用", ("", "595959")),
}


def rules_sheet(results: Sequence[RuleResult], sheet_name: str = NAME) -> SheetModel:
    """Every rule and how it ended: failed ones first, then what could not be checked."""
    sheet = SheetModel(sheet_name, widths=dict(enumerate(_WIDTHS)), footer=layout.footer(""))
    counts = {status: sum(r.status == status for r in results) for status in _ENDED}
    layout.merged(sheet, "校核规则与结果", layout.TITLE, 30)
    summary = "　".join(f"{word[0][2:]} {counts[s]}" for s, word in _ENDED.items())
    layout.merged(sheet, f"共 {len(results)} 条规则：{summary}", layout.FACT)
    top = layout.headers(sheet, _HEADERS)
    order = list(_ENDED)
    for number, result in enumerate(sorted(results, key=lambda r: order.index(r.status)), 1):
        word, (fill, color) = _ENDED[result.status]
        row = [
            SheetCell(number, layout.CENTER),
            SheetCell(result.code, layout.CENTER),
            SheetCell(result.title, layout.TEXT),
            SheetCell(word, Style(fill=fill, color=color, border=True, align="center")),
            SheetCell(result.evaluated, layout.COUNT),
            SheetCell(result.reason or "", layout.TEXT),
        ]
        layout.add(sheet, row)
    sheet.freeze = (top + 1, 0)
    sheet.repeat_rows = (top, top)
    if results:
        sheet.filter = (top, 0, len(sheet.rows) - 1, len(_HEADERS) - 1)
    return sheet
