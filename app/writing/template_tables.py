"""The nine tables of the template: blank, in official form, with every sum and cross-table reference as a formula."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from app.knowledge.forms import BLOCK_TABLE, BlockForm, Form, TableForm
from app.knowledge.subject_lists import names
from app.numbers import letters
from app.report.table import Block, Column, Entry, Row, Stated, Table
from app.source import Grid, Line, Place
from app.writing.layout import quoted
from app.writing.model import SheetCell
from app.writing.official import Official, official

INPUT = "FFF9E5"
MONEY = "#,##0.00_ ;-#,##0.00_ ;;@"  # a sum of nothing shows nothing
ROWS = {"收入表": 60, "支出表": 60, "一般支出表": 60, "基金表": 12, "国资表": 6}
_CODED = tuple(ROWS)
# Columns that are worked out within their row, from those to their right.
_ACROSS: dict[str, tuple[str, tuple[str, ...]]] = {
    "收入表": ("合计", ()), "支出表": ("合计", ()), "一般支出表": ("合计", ()),
    "基金表": ("本年支出", ("基本支出", "项目支出")), "国资表": ("本年支出", ("基本支出", "项目支出")),
}  # fmt: skip
_NOTES = {
    "收支总表": "注：1.本表反映部门本年度的总收支和年末结转结余情况。2.本套报表金额单位转换时可能存在尾数误差。",
    "收入表": "注：本表反映部门本年度取得的各项收入情况。",
    "支出表": "注：本表反映部门本年度各项支出情况。",
    "财拨总表": "注：本表反映部门本年度一般公共预算财政拨款、政府性基金预算财政拨款和国有资本经营预算财政拨款的总收支和年末结转结余情况。",
    "一般支出表": "注：本表反映部门本年度一般公共预算财政拨款支出情况。",
    "基本支出表": "注：本表反映部门本年度一般公共预算财政拨款基本支出明细情况。",
    "基金表": "注：本表反映部门本年度政府性基金预算财政拨款收入、支出及结转和结余情况。",
    "国资表": "注：本表反映部门本年度国有资本经营预算财政拨款支出情况。",
    "三公表": "注：本表反映部门本年度财政拨款“三公”经费支出预决算情况。其中，预算数为“三公”经费全年预算数，反映按规定程序调整后的预算数；决算数是包括当年财政拨款和以前年度结转资金安排的实际支出。",
}
_NONE = {
    "基金表": "说明：本单位本年度没有政府性基金预算财政拨款收入和支出，故本表无数据。",
    "国资表": "说明：本单位本年度没有国有资本经营预算财政拨款收入和支出，故本表无数据。",
    "三公表": "说明：本单位本年度没有使用财政拨款安排的“三公”经费支出，故本表无数据。",
}
Spot = tuple[int, int]
Cell = tuple[str, str, str]  # block, row (a code table's: its number from 0, or 合计行), column


@dataclass(slots=True)
class Sheet:
    """One table of the template: its model and where each of its cells stands."""

    key: str
    name: str
    official: Official
    cells: dict[Cell, Spot] = field(default_factory=dict)
    inputs: list[Spot] = field(default_factory=list)
    statement: Spot | None = None

    @property
    def first(self) -> int:
        """The first code row."""
        return self.cells[self.key, "0", self.columns[0]][0]

    @property
    def last(self) -> int:
        """The last code row."""
        return self.first + ROWS[self.key] - 1

    @property
    def columns(self) -> list[str]:
        return list(dict.fromkeys(c for b, _, c in self.cells if b == self.key))

    def put(self, spot: Spot, formula: str) -> None:
        """A formula in place of an input."""
        row = self.official.model.rows[spot[0]]
        cell = row[spot[1]] or SheetCell(None)
        nothing = "" if formula.startswith("IF(") else 0
        row[spot[1]] = replace(cell, value=nothing, formula=formula, style=replace(cell.style, number_format=MONEY))


class Tables:
    """The nine tables; ``sheets`` in the order of the form."""

    def __init__(self, form: Form, year: int, unit: str) -> None:
        self.form, self.year, self.unit = form, year, unit
        self.sheets = {t.key: self._sheet(t) for t in form.tables}
        self._sides()
        for key in _CODED:
            self._codes(self.sheets[key])
        self._basic()
        self._trips()
        for sheet in self.sheets.values():
            self._inputs(sheet)

    def ref(self, cell: Cell, home: str = "", fixed: bool = False) -> str:
        """A cell as formulas of the sheet ``home`` write it."""
        sheet = self.sheets[BLOCK_TABLE[cell[0]]]
        row, column = sheet.cells[cell]
        spot = f"${letters(column)}${row + 1}" if fixed else f"{letters(column)}{row + 1}"
        return spot if sheet.name == home else f"{quoted(sheet.name)}!{spot}"

    def has(self, cell: Cell) -> bool:
        return cell in self.sheets[BLOCK_TABLE[cell[0]]].cells

    def area(self, key: str, column: str | None = None) -> str:
        """A column of a code table, 科目编码 without ``column``, as other sheets write it."""
        sheet = self.sheets[key]
        name = "A" if column is None else letters(sheet.cells[key, "0", column][1])
        return f"{quoted(sheet.name)}!${name}${sheet.first + 1}:${name}${sheet.last + 1}"

    def of_code(self, key: str, column: str, code: str) -> str:
        """The amount that a code table gives a code; ``code`` is a cell or a text in quotes."""
        return f"SUMIFS({self.area(key, column)},{self.area(key)},{code})"

    # -- shapes -------------------------------------------------------------------------------

    def _sheet(self, form: TableForm) -> Sheet:
        blocks = {b.key: _block(b, form.kind, form.key) for b in form.blocks}
        hubei = form.number.startswith("公开")
        at = Place()
        table = Table(
            form.key, Stated(form.title, form.title, at), Grid(form.key), 0, 0,
            Stated(form.number, form.number, at), Stated(self.unit, self.unit, at),
            Stated(f"{self.year}年度", f"{self.year}年度", at), Stated("万元", "万元", at), blocks,
            [Line(text, at) for text in self._notes(form, hubei)],
        )  # fmt: skip
        if form.key in _NONE:
            table.notes.append(Line("　", at))  # where the statement appears
        made = official(table, form, self.unit, self.year)
        sheet = Sheet(form.key, form.number if hubei else f"表{form.number}", made)
        made.model.name = sheet.name
        for block in blocks.values():
            for number, row in enumerate(r for r in block.rows if r.key == ""):
                row.key = str(number)
            for row in block.rows:
                for column, entry in row.entries.items():
                    sheet.cells[block.key, row.key, column] = made.entries[id(entry)]
        if form.key in _NONE:
            sheet.statement = (len(made.model.rows) - 1, 0)
        _number_lines(sheet)
        return sheet

    def _notes(self, form: TableForm, hubei: bool) -> Iterator[str]:
        yield _NOTES[form.key]
        if not hubei:
            return
        if form.kind == "sides":
            lines = [_line_formulas(b) for b in form.blocks]
            if all(lines):
                yield "；".join(lines) + "。"
        elif form.key in ("收入表", "支出表", "一般支出表"):
            yield f"1栏各行=（{'+'.join(str(n + 2) for n in range(len(form.blocks[0].columns) - 1))}）栏各行。"
        elif form.key == "国资表" and len(form.blocks[0].columns) == 3:
            yield "1栏各行=（2+3）栏各行。"
        elif form.key == "基金表":
            yield "6栏各行=（1+2-3）栏各行；3栏各行=（4+5）栏各行。"
        elif form.key == "三公表":
            yield "1栏=（2+3+6）栏；3栏=（4+5）栏；7栏=（8+9+12）栏；9栏=（10+11）栏。"

    # -- formulas -----------------------------------------------------------------------------

    def _put(self, cell: Cell, formula: str) -> None:
        sheet = self.sheets[BLOCK_TABLE[cell[0]]]
        sheet.put(sheet.cells[cell], formula)

    def _sum(self, cell: Cell, rows: list[str]) -> None:
        home = self.sheets[BLOCK_TABLE[cell[0]]].name
        self._put(cell, f"SUM({','.join(_joined([self.ref((cell[0], r, cell[2]), home) for r in rows]))})")

    def _sides(self) -> None:
        """收支总表 and 财拨总表: classes from the code tables, incomes from each other, sums."""
        left, right = "收支总表收入", "收支总表支出"
        rows = self._rows(left)
        home = self.sheets["收支总表"].name
        for own, other in zip(rows[:3], self._rows("财拨总表收入")[:3], strict=True):
            self._put((left, own, "决算数"), self.ref(("财拨总表收入", other, "决算数"), home))
        for own in rows[3 : rows.index("本年收入合计")]:
            self._put((left, own, "决算数"), self.ref(("收入表", "合计行", own), home))
        self._sum((left, "本年收入合计", "决算数"), rows[: rows.index("本年收入合计")])
        self._sum((left, "总计", "决算数"), rows[rows.index("本年收入合计") : rows.index("总计")])
        classes = [r for r in self._rows(right) if r.isdigit()]
        for code in classes:
            self._put((right, code, "决算数"), self.of_code("支出表", "合计", f'"{code}"'))
        self._sum((right, "本年支出合计", "决算数"), classes)
        self._sum((right, "总计", "决算数"), ["本年支出合计", "结余分配", "年末结转和结余"])
        self._fiscal(classes)

    def _fiscal(self, classes: list[str]) -> None:
        left, right = "财拨总表收入", "财拨总表支出"
        rows = self._rows(left)
        self._sum((left, "本年收入合计", "决算数"), rows[:3])
        opening = "年初财政拨款结转和结余"
        self._sum((left, opening, "决算数"), rows[rows.index(opening) + 1 : rows.index("总计")])
        self._sum((left, "总计", "决算数"), ["本年收入合计", opening])
        sources = {
            "一般公共预算": ("一般支出表", "合计"),
            "政府性基金": ("基金表", "本年支出"),
            "国有资本": ("国资表", "本年支出"),
        }
        closing = "年末财政拨款结转和结余"
        for column, (key, of) in sources.items():
            for code in (r for r in self._rows(right) if r.isdigit()):
                self._put((right, code, column), self.of_code(key, of, f'"{code}"'))
            self._sum((right, "本年支出合计", column), [r for r in self._rows(right) if r.isdigit()])
            if self.has((key, "合计行", "年末结转和结余")):
                self._put(
                    (right, closing, column), self.ref((key, "合计行", "年末结转和结余"), self.sheets["财拨总表"].name)
                )
            self._sum((right, "总计", column), ["本年支出合计", closing])
        for row in self._rows(right):
            first, last = (
                self.ref((right, row, c), self.sheets["财拨总表"].name) for c in ("一般公共预算", "国有资本")
            )
            self._put((right, row, "合计"), f"SUM({first}:{last})")

    def _codes(self, sheet: Sheet) -> None:
        """合计 = Σ 类, 类 = Σ 款, 款 = Σ 项 by code; 项 is typed over its formula; the total column."""
        key, last = sheet.key, sheet.last + 2  # the line after the last code row, blank or a note
        across, parts = _ACROSS[key]
        parts = parts or tuple(c for c in sheet.columns if c != across)
        for number in (-1, *range(ROWS[key])):
            row = "合计行" if number < 0 else str(number)
            line = sheet.first + number + 1
            for column in sheet.columns:
                name = letters(sheet.cells[key, "0", column][1])
                below = f"{name}{line + 1}:{name}${last},$A{line + 1}:$A${last}"
                spot = sheet.cells[key, row, column]
                if column == across:
                    cells = [f"{letters(sheet.cells[key, '0', p][1])}{spot[0] + 1}" for p in parts]
                    sheet.put(spot, _blank(number, line, f"SUM({','.join(_joined(cells))})"))
                elif column == "年末结转和结余":
                    a, b, c = (
                        f"N({letters(sheet.cells[key, '0', p][1])}{spot[0] + 1})"
                        for p in ("年初结转和结余", "本年收入", "本年支出")
                    )
                    sheet.put(spot, _blank(number, line, f"{a}+{b}-{c}"))
                elif number < 0:
                    area = f"{name}{sheet.first + 1}:{name}{sheet.last + 1},$A{sheet.first + 1}:$A{sheet.last + 1}"
                    sheet.put(spot, f'SUMIFS({area},"???")')
                else:
                    sheet.put(spot, f'IF(OR(LEN($A{line})=3,LEN($A{line})=5),SUMIFS({below},$A{line}&"??"),"")')
                    sheet.inputs.append(spot)
            if number >= 0:
                self._named(sheet, line - 1)
        if sheet.statement and key in _NONE:
            self._state(sheet, [self.ref((key, "合计行", c), sheet.name) for c in sheet.columns])

    def _named(self, sheet: Sheet, row: int) -> None:
        cells = sheet.official.model.rows[row]
        code, name = cells[0] or SheetCell(None), cells[1] or SheetCell(None)
        cells[0] = replace(code, value=None, style=replace(code.style, number_format="@", fill=INPUT))
        cells[1] = replace(name, value="", formula=name_of(f"$A{row + 1}"))

    def _basic(self) -> None:
        """基本支出表: classes from their items, 人员经费合计 and 公用经费合计 from classes."""
        key = "基本支出表"
        sheet = self.sheets[key]
        codes = [r for r in self._rows(key) if r.isdigit()]
        for code in (c for c in codes if len(c) == 3):
            self._sum((key, code, "决算数"), [c for c in codes if len(c) == 5 and c.startswith(code)])
        classes = [c for c in codes if len(c) == 3]
        self._sum((key, "人员经费合计", "决算数"), [c for c in classes if c in ("301", "303")])
        self._sum((key, "公用经费合计", "决算数"), [c for c in classes if c not in ("301", "303")])
        del sheet

    def _trips(self) -> None:
        sheet = self.sheets["三公表"]
        for block in ("三公预算", "三公决算"):
            car = ["公务用车购置费", "公务用车运行费"]
            whole = ["出国费", "公务用车小计", "接待费"]
            for cell, parts in (("公务用车小计", car), ("合计", whole)):
                refs = [self.ref((block, "合计行", p), sheet.name) for p in parts]
                self._put((block, "合计行", cell), f"SUM({','.join(_joined(refs))})")
        totals = [self.ref((b, "合计行", "合计"), sheet.name) for b in ("三公预算", "三公决算")]
        self._state(sheet, totals)

    def _state(self, sheet: Sheet, cells: list[str]) -> None:
        """The statement of an empty table appears as long as nothing is filled in."""
        assert sheet.statement is not None
        row = sheet.official.model.rows[sheet.statement[0]]
        cell = row[0] or SheetCell(None)
        every = [*_filled_anywhere(self), "0"]
        row[0] = replace(
            cell,
            value="",
            formula=f'IF(AND(SUM({",".join(cells)})=0,SUM({",".join(every)})<>0),"{_NONE[sheet.key]}","")',
        )

    def _rows(self, block: str) -> list[str]:
        return list(dict.fromkeys(r for b, r, _ in self.sheets[BLOCK_TABLE[block]].cells if b == block))

    def _inputs(self, sheet: Sheet) -> None:
        """What is no formula is typed: softly coloured."""
        rows = sheet.official.model.rows
        for spot in sheet.cells.values():
            cell = rows[spot[0]][spot[1]] or SheetCell(None)
            if not cell.formula:
                sheet.inputs.append(spot)
                cell = replace(cell, style=replace(cell.style, number_format=MONEY.replace(";;", ";0.00_ ;")))
            if spot in sheet.inputs:
                cell = replace(cell, style=replace(cell.style, fill=INPUT))
            rows[spot[0]][spot[1]] = cell


def _filled_anywhere(tables: Tables) -> list[str]:
    """Cells that hold something as soon as the template is being filled in."""
    return [tables.ref(("收支总表支出", "总计", "决算数")), tables.ref(("收支总表收入", "总计", "决算数"))]


def name_of(code: str) -> str:
    """The formula that looks a code up in the sheet 科目."""
    return f'IF({code}="","",IFERROR(VLOOKUP({code}&"",科目!$A$3:$B$1200,2,FALSE),""))'


def _blank(number: int, line: int, formula: str) -> str:
    return formula if number < 0 else f'IF($A{line}="","",{formula})'


def _joined(cells: list[str]) -> list[str]:
    """Cells one below the other, or side by side, as a range: ``C7,C8,C9`` -> ``C7:C9``."""
    groups: list[list[str]] = []
    for cell in cells:
        if groups and _follows(groups[-1][-1], cell):
            groups[-1].append(cell)
        else:
            groups.append([cell])
    return [f"{g[0]}:{g[-1]}" if len(g) > 1 else g[0] for g in groups]


def _follows(one: str, other: str) -> bool:
    a, b = (re.fullmatch(r"([A-Z]+)(\d+)", c) for c in (one, other))
    if not a or not b:
        return False
    down = a[1] == b[1] and int(b[2]) == int(a[2]) + 1
    across = a[2] == b[2] and len(a[1]) == len(b[1]) == 1 and ord(b[1]) == ord(a[1]) + 1
    return down or across


def _block(form: BlockForm, kind: str, key: str) -> Block:
    columns = [Column(c.key, c.headers[0], n, Place()) for n, c in enumerate(form.columns)]
    if kind == "sides":
        rows = [Row(r.key, r.label, Place(), number=str(r.number) if r.number else None) for r in form.rows]
    elif kind == "codes":
        rows = [Row("合计行", "合计", Place()), *(Row("", "", Place(), code="") for _ in range(ROWS[key]))]
    elif kind == "pairs":
        listed = sorted(names("经济分类").items())
        rows = [Row(code, name, Place(), code=code) for code, name in listed if len(code) in (3, 5)]
        rows += [Row(name, name, Place()) for name in ("人员经费合计", "公用经费合计")]
    else:
        rows = [Row("合计行", "", Place())]
    for row in rows:
        row.entries = {c.key: Entry(Place()) for c in columns}
    return Block(form.key, columns, rows)


def _line_formulas(form: BlockForm) -> str:
    """``27行=（1+2+…+8）行；31行=（27+28+29）行``, as the form numbers its lines."""
    at = {r.key: r.number for r in form.rows}
    if not all(at.values()):
        return ""
    keys = list(at)
    sums = []
    total = next(k for k in keys if k.startswith("本年") and k.endswith("合计"))
    parts = keys[: keys.index(total)]
    sums.append((total, parts))
    rest = keys[keys.index(total) : keys.index("总计")]
    opening = next((k for k in rest if k == "年初财政拨款结转和结余"), None)
    if opening:
        inner = rest[rest.index(opening) + 1 :]
        sums.append((opening, inner))
        rest = [k for k in rest if k not in inner]
    sums.append(("总计", rest))
    return "；".join(f"{at[k]}行=（{'+'.join(_dots([str(at[p]) for p in ps]))}）行" for k, ps in sums)


def _dots(numbers: list[str]) -> list[str]:
    return numbers if len(numbers) < 12 else [*numbers[:2], "...", numbers[-1]]


def _number_lines(sheet: Sheet) -> None:
    """行次 of the lines that the form leaves blank (9 to 26 at the left)."""
    rows = sheet.official.model.rows
    head = next((r for r, cells in enumerate(rows) if any(c and c.value == "行次" for c in cells)), None)
    if head is None:
        return
    columns = [n for n, c in enumerate(rows[head]) if c and c.value == "行次"]
    last = max(r for r, _ in sheet.cells.values())
    for column in columns:
        number = 0
        for row in range(head + 1, last + 1):
            cell = rows[row][column] if column < len(rows[row]) else None
            if cell is None or row in _counted(rows, head):
                continue
            text = str(cell.value or "")
            number = int(text) if text.isdigit() else number + 1
            rows[row][column] = replace(cell, value=number)


def _counted(rows: list[list[SheetCell | None]], head: int) -> list[int]:
    return [r for r in range(head, min(head + 3, len(rows))) if any(c and c.value == "栏次" for c in rows[r])]
