"""The sheet 补充资料 of the template: what the narrative needs besides the nine tables, percentages as formulas.

Eight columns for all sections: A and B hold the label (科目编码 and 科目名称 in sections by code), figures
stand from C on, texts share what is left.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from app.knowledge.supplement import SupplementColumn, SupplementRow, SupplementSection, sections, sheet_name
from app.numbers import letters
from app.writing import layout, measure
from app.writing.layout import quoted
from app.writing.model import SheetCell, SheetModel, Style
from app.writing.template_shapes import INPUT, MONEY, ROWS, TYPED, Spot
from app.writing.template_tables import Tables, joined, name_of

HELP = "科目"  # the sheet that numbers the 项 of the tables
CODED = {"年初预算": "一般支出表", "基金预算": "基金表", "国资预算": "国资表"}
_HELP_COLUMN = dict(zip(CODED.values(), "EFG", strict=True))
_WIDTHS = (14.0, 32.0, 15.0, 15.0, 15.0, 15.0, 30.0, 40.0)
_FIRST = 2  # the column of the first figure
_TITLE = Style(bold=True, size=12, color="1F6FB2", align="left")
_FORMATS = {"amount": TYPED, "count": "0_ ", "score": "0.00_ ", "percent": "0.00%", "text": "@"}
_FIGURES = ("amount", "count", "score")


@dataclass(slots=True)
class Supplement:
    """The model, and where amounts, counts and words from a list are typed."""

    model: SheetModel
    amounts: list[Spot] = field(default_factory=list)
    counts: list[Spot] = field(default_factory=list)
    choices: dict[Spot, tuple[str, ...]] = field(default_factory=dict)
    cells: dict[tuple[str, str, str], Spot] = field(default_factory=dict)  # block, row (number in lists), column


@dataclass(frozen=True, slots=True)
class _Part:
    """A section as it is laid out: its rows, and the columns (first, last) of each of its columns."""

    section: SupplementSection
    rows: list[SupplementRow]
    spans: dict[str, Spot]
    top: int  # its first row beneath the header

    @property
    def coded(self) -> bool:
        return self.section.kind == "codes"

    def line(self, row: SupplementRow) -> int:
        return self.top + self.rows.index(row)

    def spot(self, row: SupplementRow, column: str) -> str:
        return f"{letters(self.spans[column][0])}{self.line(row) + 1}"


def supplement(tables: Tables) -> Supplement:
    """The sheet for these tables."""
    made = Supplement(SheetModel(sheet_name(), widths=dict(enumerate(_WIDTHS)), footer="&C第 &P 页 / 共 &N 页"))
    sheet = made.model
    layout.merged(sheet, f"{tables.year}年度部门决算公开补充资料", layout.TITLE, 30)
    note = "编写情况说明所需而九张表里没有的数据。浅黄色格填写（金额单位：万元），其余由公式算出；没有的不填。"
    layout.merged(sheet, note, layout.FACT)
    for section in sections():
        layout.gap(sheet)
        sheet.heights[len(sheet.rows)] = 22
        sheet.rows.append([SheetCell(section.title, _TITLE)])
        _section(made, tables, section)
    sheet.freeze = (2, 0)
    return made


def _section(made: Supplement, tables: Tables, section: SupplementSection) -> None:
    part = _Part(section, _rows(section), _spans(section), len(made.model.rows) + 1)
    labels = {"科目编码": (0, 0), "科目名称": (1, 1)} if part.coded else {section.label: (0, _FIRST - 1)}
    heads = labels | {c.header: part.spans[c.key] for c in section.columns}
    _append(made.model, [(span, SheetCell(word, layout.HEADER)) for word, span in heads.items()], 22)
    for number, row in enumerate(part.rows):
        line = part.line(row)
        cells = _label(tables, part, row, number)
        for column in section.columns:
            cell = _cell(tables, part, row, column)
            spot = (line, part.spans[column.key][0])
            made.cells[section.key, row.key, column.key] = spot
            if cell.style.fill and column.type in _FIGURES:
                (made.counts if (row.type or column.type) == "count" else made.amounts).append(spot)
            if row.choices and column.type == "text":
                made.choices[spot] = row.choices
            cells.append((part.spans[column.key], cell))
        _append(made.model, cells, 20)


def _rows(section: SupplementSection) -> list[SupplementRow]:
    if section.kind == "rows":
        return list(section.rows)
    numbered = [SupplementRow(str(n), "") for n in range(1, section.size + 1)]
    return [SupplementRow("合计行", "合计"), *numbered] if section.kind == "codes" else numbered


def _spans(section: SupplementSection) -> dict[str, Spot]:
    """Figures one column each; the last text ends with the sheet, an earlier one before that."""
    figures = [c.key for c in section.columns if c.type != "text"]
    texts = [c.key for c in section.columns if c.type == "text"]
    spans = {key: (_FIRST + n, _FIRST + n) for n, key in enumerate(figures)}
    left, last = _FIRST + len(figures), len(_WIDTHS) - 1
    for n, key in enumerate(texts):
        right = last - (len(texts) - 1 - n)
        spans[key] = (left, right)
        left = right + 1
    return spans


def _append(sheet: SheetModel, cells: list[tuple[Spot, SheetCell]], least: float) -> None:
    """A row of cells, each over its columns, as high as its longest text."""
    row: layout.Row = []
    number, most = len(sheet.rows), 1
    for (left, right), cell in cells:
        row += [replace(cell, value=None, formula="") for _ in range(right + 1 - len(row))]
        row[left] = cell
        if right > left:
            sheet.merges.append((number, left, number, right))
        width = sum(_WIDTHS[left : right + 1])
        most = max(most, measure.lines(str(cell.value or ""), width, cell.style.size))
    sheet.heights[number] = max(least, measure.height(most))
    sheet.rows.append(row)


def _label(tables: Tables, part: _Part, row: SupplementRow, number: int) -> list[tuple[Spot, SheetCell]]:
    whole = (0, _FIRST - 1)
    if part.section.kind == "rows":
        return [(whole, SheetCell(row.label, layout.TEXT))]
    if part.section.kind == "list":
        return [(whole, SheetCell(None, _input("text")))]
    if row.key == "合计行":
        return [((0, 0), SheetCell("合计", layout.CENTER)), ((1, 1), SheetCell(None, layout.TEXT))]
    key = CODED[part.section.key]
    line = part.line(row) + 1
    column = _HELP_COLUMN[key]
    counted = f"{quoted(HELP)}!${column}$3:${column}${counted_rows(key) + 2}"
    names = tables.area(key).replace("$A$", "$B$")
    at = f"MATCH({number},{counted},0)"
    code = f'IFERROR(INDEX({tables.area(key)},{at})&"","")'
    # what the table does not name, because its code was typed here, 科目 does
    name = f'IFERROR(INDEX({names},MATCH($A{line},{tables.area(key)},0))&"",{name_of(f"$A{line}")})'
    return [
        ((0, 0), SheetCell("", _input("text"), formula=code)),
        ((1, 1), SheetCell("", layout.TEXT, formula=f'IF($A{line}="","",{name})')),
    ]


def counted_rows(key: str) -> int:
    """How many code rows of a table are numbered: some more than it has, as rows may be inserted."""
    return ROWS[key] + 40


def _cell(tables: Tables, part: _Part, row: SupplementRow, column: SupplementColumn) -> SheetCell:
    if column.type == "percent":
        return SheetCell("", _plain("percent"), formula=_percent(part, row, column))
    if column.look:
        waiting = part.coded and row.key != "合计行"
        return SheetCell("" if waiting else 0, _plain("amount"), formula=_look(tables, part, row, column))
    if column.type in _FIGURES and (parts := _parts(part, row)):
        cells = ",".join(joined([part.spot(p, column.key) for p in parts]))
        kind = row.type or column.type
        return SheetCell("", _plain(kind), formula=f'IF(COUNT({cells})=0,"",ROUND(SUM({cells}),2))')
    return SheetCell(None, _input(row.type or column.type))


def _parts(part: _Part, row: SupplementRow) -> list[SupplementRow]:
    """The rows that a row is the sum of; none for a row that is typed."""
    if part.coded:
        return part.rows[1:] if row.key == "合计行" else []
    if row.total:
        return [r for r in part.rows[: part.rows.index(row)] if not r.apart]
    return [r for key in row.parts for r in part.rows if r.key == key]


def _percent(part: _Part, row: SupplementRow, column: SupplementColumn) -> str:
    """Blank as long as there is nothing to compare or words stand for a figure, ``—`` without a base."""
    top, base = part.spot(row, column.top), part.spot(row, column.base)
    waiting = [f'$A{part.line(row) + 1}=""']
    if row.key == "合计行" or part.section.kind == "rows":
        waiting = [f"AND(N({top})=0,N({base})=0)"]
    elif part.section.kind == "list":
        waiting.append(f"COUNT({top})=0")
    if not part.section.column(column.base).look:
        typed = joined([part.spot(r, column.base) for r in _parts(part, row) or [row]])
        waiting += [f"SUMPRODUCT(ISTEXT({c})*1)>0" if ":" in c else f"ISTEXT({c})" for c in typed]
    words = f"OR({','.join(waiting)})" if len(waiting) > 1 else waiting[0]
    return f'IF({words},"",IF(N({base})<=0,"—",ROUND({top}/{base},4)))'


def _look(tables: Tables, part: _Part, row: SupplementRow, column: SupplementColumn) -> str:
    """The tables' own figure: by code, or the cell itself."""
    block, key, of = re.fullmatch(r"(.+)\[(.+)\]\.(.+)", column.look).groups()  # type: ignore[union-attr]
    if part.coded:
        if row.key == "合计行":
            return tables.ref((block, "合计行", of))
        code = f"$A{part.line(row) + 1}"
        return f'IF({code}="","",{tables.of_code(block, of, code)})'
    return tables.ref((block, key, row.key if of == "row" else of))


def _input(kind: str) -> Style:
    style = layout.TEXT if kind == "text" else layout.VALUE
    return replace(style, fill=INPUT, number_format=_FORMATS[kind])


def _plain(kind: str) -> Style:
    return replace(layout.VALUE, number_format=MONEY if kind == "amount" else _FORMATS[kind])
