"""The sheet 补充资料 of the template: what the narrative needs besides the nine tables, percentages as formulas."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from app.knowledge.supplement import SupplementColumn, SupplementRow, SupplementSection, sections, sheet_name
from app.numbers import letters
from app.writing import layout
from app.writing.layout import quoted
from app.writing.model import SheetCell, SheetModel, Style
from app.writing.template_tables import INPUT, MONEY, Tables, name_of

_WIDTHS = (34.0, 30.0, 15.0, 15.0, 15.0, 44.0, 44.0)
_TITLE = Style(bold=True, size=12, color="1F6FB2", align="left")
_CODED = {"年初预算": "一般支出表", "基金预算": "基金表", "国资预算": "国资表"}
HELP = "科目"  # the sheet that numbers the 项 of the tables
_HELP_COLUMN = {"一般支出表": "E", "基金表": "F", "国资表": "G"}
_FORMATS = {
    "amount": "#,##0.00_ ;-#,##0.00_ ;0.00_ ;@",
    "count": "0_ ",
    "score": "0.00_ ",
    "percent": "0.00%",
    "text": "@",
}
Spot = tuple[int, int]


@dataclass(slots=True)
class Supplement:
    """The model, and where amounts, counts and codes are typed."""

    model: SheetModel
    amounts: list[Spot] = field(default_factory=list)
    counts: list[Spot] = field(default_factory=list)
    cells: dict[tuple[str, str, str], Spot] = field(default_factory=dict)  # block, row (number in lists), column


def supplement(tables: Tables) -> Supplement:
    """The sheet for these tables."""
    made = Supplement(SheetModel(sheet_name(), widths=dict(enumerate(_WIDTHS)), footer="&C第 &P 页 / 共 &N 页"))
    sheet = made.model
    layout.merged(sheet, f"{tables.year}年度部门决算公开补充资料", layout.TITLE, 30)
    note = "编写情况说明所需而九张表里没有的数据。浅黄色格填写（金额单位：万元），其余由公式算出；没有的不填。"
    layout.merged(sheet, note, layout.FACT)
    for section in sections():
        layout.gap(sheet)
        sheet.rows.append([SheetCell(section.title, _TITLE)])
        sheet.heights[len(sheet.rows) - 1] = 22
        _section(made, tables, section)
    sheet.freeze = (2, 0)
    return made


def _section(made: Supplement, tables: Tables, section: SupplementSection) -> None:
    sheet = made.model
    coded = section.kind == "codes"
    left = 2 if coded else 1
    head = [section.label, *(["科目名称"] if coded else []), *(c.header for c in section.columns)]
    layout.headers(sheet, head, 30 if max(map(len, head)) > 12 else 22)
    at = {c.key: left + n for n, c in enumerate(section.columns)}
    rows = _rows(section)
    first = len(sheet.rows) + (1 if coded else 0)
    last = len(sheet.rows) + len(rows) - 1
    for number, row in enumerate(rows):
        line = len(sheet.rows)
        cells = _label(tables, section, row, number, line)
        for column in section.columns:
            cell = _cell(tables, section, row, column, at, line, (first, last))
            made.cells[section.key, row.key, column.key] = (line, at[column.key])
            if cell.style.fill and not cell.formula and column.type in ("amount", "count", "score"):
                kind = row.type or column.type
                (made.counts if kind == "count" else made.amounts).append((line, at[column.key]))
            cells.append(cell)
        layout.add(sheet, cells)


def _rows(section: SupplementSection) -> list[SupplementRow]:
    if section.kind == "rows":
        return list(section.rows)
    numbered = [SupplementRow(str(n), "") for n in range(1, section.size + 1)]
    return [SupplementRow("合计行", "合计"), *numbered] if section.kind == "codes" else numbered


def _label(tables: Tables, section: SupplementSection, row: SupplementRow, number: int, line: int) -> layout.Row:
    if section.kind == "rows":
        return [SheetCell(row.label, layout.TEXT)]
    if section.kind == "list":
        return [SheetCell(None, _input("text"))]
    if row.key == "合计行":
        return [SheetCell("合计", layout.CENTER), SheetCell(None, layout.TEXT)]
    key = _CODED[section.key]
    count = f"{quoted(HELP)}!${_HELP_COLUMN[key]}$3:${_HELP_COLUMN[key]}$200"
    table = tables.sheets[key]
    codes = f"{quoted(table.name)}!$A${table.first + 1}:$A${table.last + 1}"
    names = codes.replace("$A$", "$B$")
    size = table.last - table.first + 1
    counted = count.replace("$200", f"${2 + size}")
    return [
        SheetCell("", replace(_input("text"), number_format="@"), formula=f'IFERROR(INDEX({codes},MATCH({number},{counted},0))&"","")'),
        SheetCell("", layout.TEXT, formula=f'IFERROR(INDEX({names},MATCH({number},{counted},0))&"",{name_of(f"$A{line + 1}")})'),
    ]  # fmt: skip


def _cell(
    tables: Tables,
    section: SupplementSection,
    row: SupplementRow,
    column: SupplementColumn,
    at: dict[str, int],
    line: int,
    span: Spot,
) -> SheetCell:
    def spot(key: str) -> str:
        return f"{letters(at[key])}{line + 1}"

    kind = row.type or column.type
    if column.type == "percent":
        top, base = spot(column.top), spot(column.base)
        empty = f'$A{line + 1}=""' if section.kind != "rows" else f"COUNT({base})=0"
        formula = f'IF({empty},"",IF(N({base})=0,"—",ROUND({top}/{base},4)))'
        return SheetCell("", _plain("percent"), formula=formula)
    if column.look:
        return SheetCell(
            "" if section.kind == "codes" and row.key != "合计行" else 0,
            _plain("look"),
            formula=_look(tables, section, row, column, line),
        )
    name = letters(at[column.key])
    if section.kind == "codes" and row.key == "合计行" and column.type == "amount":
        return SheetCell(0, _plain("look"), formula=f"SUM({name}{span[0] + 1}:{name}{span[1] + 1})")
    if row.total:
        parts = [r for r in section.rows if not r.total and not r.apart]
        first = line - len(parts) + 1
        shape = _plain("count" if kind == "count" else "look")
        return SheetCell(0, shape, formula=f"SUM({name}{first}:{name}{line})")
    return SheetCell(None, _input(kind))


def _look(tables: Tables, section: SupplementSection, row: SupplementRow, column: SupplementColumn, line: int) -> str:
    """The tables' own figure: by code, or the cell itself."""
    block, key, of = re.fullmatch(r"(.+)\[(.+)\]\.(.+)", column.look).groups()  # type: ignore[union-attr]
    if section.kind == "codes":
        if row.key == "合计行":
            return tables.ref((block, "合计行", of))
        return f'IF($A{line + 1}="","",{tables.of_code(block, of, f"$A{line + 1}")})'
    return tables.ref((block, key, row.key if of == "row" else of))


def _input(kind: str) -> Style:
    style = layout.TEXT if kind == "text" else layout.VALUE
    return replace(style, fill=INPUT, number_format=_FORMATS.get(kind, _FORMATS["amount"]))


def _plain(kind: str) -> Style:
    return replace(layout.VALUE, number_format=_FORMATS[kind] if kind in ("percent", "count") else MONEY)
