"""汇总: one workbook over all files of a batch, for whoever checks many units."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from app.pipeline import Outcome
from app.writing import layout
from app.writing.model import MARKS, SheetCell, SheetModel, Style
from app.writing.render_xlsxwriter import Book, render

_FILES = (
    "序号",
    "文件",
    "单位",
    "年度",
    "表数",
    "错误",
    "提醒",
    "尾差",
    "已核实",
    "已填",
    "无法核对",
    "结果",
    "标注文件",
)
_FILES_WIDTHS = (5.5, 34.0, 26.0, 8.0, 7.0, 7.0, 7.0, 7.0, 8.0, 7.0, 9.0, 30.0, 34.0)
_ISSUES = ("序号", "文件", "单位", "级别", "编号", "位置", "说明")
_ISSUES_WIDTHS = (6.0, 30.0, 24.0, 9.0, 8.0, 18.0, 76.0)
_WORDS = {"error": "✖ 错误", "warning": "⚠ 提醒"}


def batch_book(outcomes: Sequence[Outcome], path: Path, today: date | None = None) -> None:
    """Write the sheets 汇总 (one row a file, totals) and 全部问题 to ``path``. Raises ``OSError``."""
    book = Book(path)
    render(book, _summary(outcomes, today or date.today()))
    issues = _issues(outcomes)
    if issues is not None:
        render(book, issues)
    book.close()


def _summary(outcomes: Sequence[Outcome], today: date) -> SheetModel:
    read = [o for o in outcomes if not o.error]
    errors, warnings = sum(o.errors for o in read), sum(o.warnings for o in read)
    sheet = SheetModel("汇总", widths=dict(enumerate(_FILES_WIDTHS)), tab_color="C00000" if errors else "548235")
    layout.merged(sheet, "决算公开校核汇总", layout.TITLE, 32)
    said = f"共 {len(outcomes)} 个文件：错误 {errors}、提醒 {warnings}，无错误 {sum(not o.errors for o in read)} 个"
    if len(read) < len(outcomes):
        said += f"，未能校核 {len(outcomes) - len(read)} 个"
    layout.merged(sheet, f"{said}　　校核日期：{today.year} 年 {today.month} 月 {today.day} 日", layout.FACT)
    top = layout.headers(sheet, _FILES)
    for number, outcome in enumerate(outcomes, 1):
        layout.add(sheet, _file(number, outcome))
    _total(sheet, read)
    sheet.filter = (top, 0, len(sheet.rows) - 2, len(_FILES) - 1)
    sheet.freeze = (top + 1, 2)
    sheet.repeat_rows = (top, top)
    sheet.footer = layout.footer("")
    return sheet


def _file(number: int, outcome: Outcome) -> layout.Row:
    if outcome.error:
        blank = [SheetCell(None, layout.CENTER) for _ in range(9)]
        result = SheetCell(f"未能校核：{outcome.error}", _style("error"))
        return [_center(number), _text(outcome.path.name), *blank, result, SheetCell(None, layout.TEXT)]
    made = outcome.outputs[0].name if outcome.outputs else ""
    level = "error" if outcome.errors else "warning" if outcome.warnings else "filled"
    return [
        _center(number),
        _text(outcome.path.name),
        _text(outcome.unit or "（未识别）"),
        _center(outcome.year or ""),
        _center(outcome.tables),
        _count(outcome.errors, "error"),
        _count(outcome.warnings, "warning"),
        _count(outcome.rounding, "rounding"),
        _count(outcome.verified, "verified"),
        _count(outcome.filled, "filled"),
        _center(outcome.rules.get("could_not_run", 0)),
        SheetCell(_result(outcome), _style(level)),
        _text(made),
    ]


def _result(outcome: Outcome) -> str:
    if not outcome.evaluated:
        return "没有可核对的内容"
    if outcome.blank:
        return "模板尚未填写"
    if outcome.errors:
        return f"{outcome.errors} 处错误须改正"
    return "未发现错误，提醒请查看" if outcome.warnings else "未发现错误"


def _total(sheet: SheetModel, read: Sequence[Outcome]) -> None:
    style = Style(bold=True, border=True, align="center")
    sums = [
        sum(getattr(o, name) for o in read)
        for name in ("tables", "errors", "warnings", "rounding", "verified", "filled")
    ]
    unknown = sum(o.rules.get("could_not_run", 0) for o in read)
    values: list[object] = ["合计", f"{len(read)} 个文件", "", "", *sums, unknown, "", ""]
    layout.add(sheet, [SheetCell(value, style) for value in values])  # type: ignore[arg-type]


def _issues(outcomes: Sequence[Outcome]) -> SheetModel | None:
    """Every error and reminder of every file, to be filtered by unit."""
    rows = [(o, issue) for o in outcomes for issue in o.issues]
    if not rows:
        return None
    sheet = SheetModel("全部问题", widths=dict(enumerate(_ISSUES_WIDTHS)))
    top = layout.headers(sheet, _ISSUES)
    for number, (outcome, issue) in enumerate(rows, 1):
        level = SheetCell(_WORDS[issue.severity], _style(issue.severity))
        head = [_center(number), _text(outcome.path.name), _text(outcome.unit or ""), level]
        layout.add(sheet, [*head, _center(issue.code), _text(issue.place), _text(issue.message)])
    sheet.filter = (top, 0, len(sheet.rows) - 1, len(_ISSUES) - 1)
    sheet.freeze = (top + 1, 0)
    sheet.repeat_rows = (top, top)
    sheet.footer = layout.footer("")
    return sheet


def _style(level: str) -> Style:
    fill, color = MARKS[level]
    return Style(fill=fill, color=color, border=True, wrap=True, align="left")


def _count(count: int, level: str) -> SheetCell:
    fill, color = MARKS[level] if count else ("", "")
    return SheetCell(count, Style(fill=fill, color=color, border=True, align="center"))


def _center(value: int | str) -> SheetCell:
    return SheetCell(value, layout.CENTER)


def _text(value: str) -> SheetCell:
    return SheetCell(value, layout.TEXT)
