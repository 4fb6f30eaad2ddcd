"""The template's sheet 百分比, continued: 完成年初预算 by item and 执行率 by project, which have no names yet.

Each line follows one row of 补充资料 and stays blank as long as that row is.
"""

from __future__ import annotations

import re
from dataclasses import replace

from app.filling.percentages import entries
from app.knowledge.supplement import SupplementSection, section, sheet_name
from app.numbers import letters
from app.writing import layout
from app.writing.layout import quoted
from app.writing.model import SheetCell, SheetModel, Style
from app.writing.template_supplement import Supplement

# Section of 补充资料, section of the narrative, what the percentage is called.
_LISTED = (
    ("年初预算", "一般支出", "完成年初预算"), ("基金预算", "基金", "完成年初预算"), ("国资预算", "国资", "完成年初预算"),
    ("项目", "绩效", "执行率"),
)  # fmt: skip
_MONEY = Style(border=True, align="right", number_format="#,##0.00_ ")
_RATE = Style(border=True, align="right", number_format="0.00%")


def by_item(sheet: SheetModel, made: Supplement) -> None:
    """Append the lines, and let sums over a list sum its rows; the filter then covers all lines."""
    for entry in (e for e in entries() if e.top.startswith("Σ")):
        _summed(sheet, made, entry.name, entry.top)
    for key, where, what in _LISTED:
        one = section(key)
        for number in range(1, one.size + 1):
            _line(sheet, made, one, str(number), where, what)
    if sheet.filter:
        sheet.filter = (*sheet.filter[:2], len(sheet.rows) - 1, sheet.filter[3])


def _summed(sheet: SheetModel, made: Supplement, name: str, top: str) -> None:
    """``Σ项目[各行].执行数`` of a list that has no rows yet: the sum of the column that waits for them."""
    block, column = re.fullmatch(r"Σ(.+)\[各行\]\.(.+)", top).groups()  # type: ignore[union-attr]
    lines = [spot for (b, _, c), spot in made.cells.items() if (b, c) == (block, column)]
    first, last = min(lines), max(lines)
    area = f"{quoted(sheet_name())}!${letters(first[1])}${first[0] + 1}:${letters(last[1])}${last[0] + 1}"
    for number, row in enumerate(sheet.rows, 1):
        if len(row) > 7 and row[2] is not None and row[2].value == name:
            over, rate = row[4] or SheetCell(None), row[7] or SheetCell(None)
            row[3] = SheetCell(f"{section(block).column(column).header}合计", layout.TEXT)
            row[4] = replace(over, value="", style=_MONEY, formula=f'IF(COUNT({area})=0,"",ROUND(SUM({area}),2))')
            row[7] = replace(rate, value="", formula=f'IF(COUNT(E{number},G{number})<2,"",IF(G{number}<=0,"—",ROUND(E{number}/G{number},4)))')  # fmt: skip


def _line(sheet: SheetModel, made: Supplement, one: SupplementSection, row: str, where: str, what: str) -> None:
    rate = next(c for c in one.columns if c.type == "percent")
    top, base, value = (_at(made, one, row, key) for key in (rate.top, rate.base, rate.key))
    line = made.cells[one.key, row, rate.key][0] + 1
    head = f"{quoted(sheet_name())}!$A${line}"
    name = f'{head}&" "&{quoted(sheet_name())}!$B${line}' if one.kind == "codes" else head
    names = [one.column(key).header for key in (rate.top, rate.base)]
    own = len(sheet.rows) + 1

    def shown(text: str, style: Style = layout.TEXT) -> SheetCell:
        return SheetCell("", style, formula=f'IF({head}="","",{text})')

    def amount(cell: str) -> SheetCell:
        return SheetCell("", _MONEY, formula=f'IF(COUNT({cell})=0,"",{cell})')

    said = f'IF(ISNUMBER(H{own}),TEXT(E{own},"#,##0.00")&" ÷ "&TEXT(G{own},"#,##0.00")&" = "&TEXT(H{own},"0.00%"),"")'
    cells = [
        SheetCell(own - 3, layout.CENTER), SheetCell(where, layout.CENTER), shown(f'{name}&"{what}"'),
        shown(f'"{names[0]}"'), amount(top), shown(f'"{names[1]}"'), amount(base),
        SheetCell("", _RATE, formula=value), SheetCell("", layout.TEXT, formula=said),
    ]  # fmt: skip
    layout.add(sheet, [replace(cell, style=replace(cell.style, wrap=False)) for cell in cells])


def _at(made: Supplement, one: SupplementSection, row: str, column: str) -> str:
    line, at = made.cells[one.key, row, column]
    return f"{quoted(sheet_name())}!${letters(at)}${line + 1}"
