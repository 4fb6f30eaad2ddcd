"""The nine tables of the template with every sum and every cross-table reference as a formula."""

from __future__ import annotations

import re
from dataclasses import replace

from app.knowledge.forms import BLOCK_TABLE, Form
from app.writing.model import SheetCell
from app.writing.template_shapes import INPUT, ROWS, TYPED, Cell, Shapes, Sheet

_FUNDS = ("基本支出", "项目支出")
# Columns that are worked out within their row, from those to their right.
_ACROSS: dict[str, tuple[str, tuple[str, ...]]] = {
    "收入表": ("合计", ()), "支出表": ("合计", ()), "一般支出表": ("合计", ()),
    "基金表": ("本年支出", _FUNDS), "国资表": ("本年支出", _FUNDS),
}  # fmt: skip
# 财拨总表: the table and column that each of its spending columns repeats, and the row of its income side.
_SOURCES = {
    "一般公共预算": ("一般支出表", "合计", "一般公共预算财政拨款"),
    "政府性基金": ("基金表", "本年支出", "政府性基金预算财政拨款"),
    "国有资本": ("国资表", "本年支出", "国有资本经营预算财政拨款"),
}
_CLOSING = "年末财政拨款结转和结余"
_OPENING = "年初财政拨款结转和结余"
_MANY = 9  # so many parts may leave behind a binary fraction in the fifteenth digit
_NAMES = "科目!$A$3:$B$4000"


class Tables(Shapes):
    """The nine tables, formulas written, what is typed coloured."""

    def __init__(self, form: Form, year: int, unit: str) -> None:
        super().__init__(form, year, unit)
        self._whole()
        self._fiscal()
        for key in ROWS:
            self._codes(self.sheets[key])
        self._basic()
        self._trips()
        for sheet in self.sheets.values():
            self._inputs(sheet)

    def _put(self, cell: Cell, formula: str) -> None:
        sheet = self.sheets[BLOCK_TABLE[cell[0]]]
        sheet.put(sheet.cells[cell], formula)

    def _sum(self, cell: Cell, rows: list[str]) -> None:
        home = self.sheets[BLOCK_TABLE[cell[0]]].name
        total = f"SUM({','.join(joined([self.ref((cell[0], r, cell[2]), home) for r in rows]))})"
        self._put(cell, total if len(rows) < _MANY else _exact(total))

    def _whole(self) -> None:
        """收支总表: incomes from 财拨总表 and 收入表, classes from 支出表, sums."""
        left, right = "收支总表收入", "收支总表支出"
        rows = self.rows(left)
        income = rows.index("本年收入合计")
        for own, other in zip(rows[:3], self.rows("财拨总表收入")[:3], strict=True):
            self._put((left, own, "决算数"), self.ref(("财拨总表收入", other, "决算数")))
        for own in rows[3:income]:
            self._put((left, own, "决算数"), self.ref(("收入表", "合计行", own)))
        self._sum((left, "本年收入合计", "决算数"), rows[:income])
        self._sum((left, "总计", "决算数"), rows[income : rows.index("总计")])
        classes = [r for r in self.rows(right) if r.isdigit()]
        for code in classes:
            self._put((right, code, "决算数"), self.of_code("支出表", "合计", f'"{code}"'))
        self._sum((right, "本年支出合计", "决算数"), classes)
        self._sum((right, "总计", "决算数"), ["本年支出合计", "结余分配", "年末结转和结余"])

    def _fiscal(self) -> None:
        """财拨总表: columns from the code tables of each kind of money, sums."""
        left, right = "财拨总表收入", "财拨总表支出"
        home = self.sheets["财拨总表"].name
        rows = self.rows(left)
        self._sum((left, "本年收入合计", "决算数"), rows[:3])
        self._sum((left, _OPENING, "决算数"), rows[rows.index(_OPENING) + 1 : rows.index("总计")])
        self._sum((left, "总计", "决算数"), ["本年收入合计", _OPENING])
        classes = [r for r in self.rows(right) if r.isdigit()]
        for column, (key, of, income) in _SOURCES.items():
            for code in classes:
                self._put((right, code, column), self.of_code(key, of, f'"{code}"'))
            self._sum((right, "本年支出合计", column), classes)
            self._sum((right, "总计", column), ["本年支出合计", _CLOSING])
            repeated = {
                "本年收入": (left, income, "决算数"),
                "年初结转和结余": (left, f"年初{income}", "决算数"),
                "年末结转和结余": (right, _CLOSING, column),
            }
            for name, cell in repeated.items():  # where the table itself has these columns
                if self.has((key, "合计行", name)):
                    self._put(cell, self.ref((key, "合计行", name), home))
        for row in self.rows(right):
            first, last = (self.ref((right, row, c), home) for c in ("一般公共预算", "国有资本"))
            self._put((right, row, "合计"), f"SUM({first}:{last})")

    def _codes(self, sheet: Sheet) -> None:
        """合计 = Σ 类, 类 = Σ 款, 款 = Σ 项 by code; 项 is typed over its formula; the total column."""
        key = sheet.key
        across, parts = _ACROSS[key]
        parts = parts or tuple(c for c in sheet.columns if c != across)
        for number in (-1, *range(ROWS[key])):
            line = sheet.first + number + 1
            for column in sheet.columns:
                spot = sheet.cells[key, "合计行" if number < 0 else str(number), column]
                if column == across:
                    cells = [f"{sheet.letter(p)}{spot[0] + 1}" for p in parts]
                    sheet.put(spot, _blank(number, line, f"SUM({','.join(joined(cells))})"))
                elif column == "年末结转和结余":
                    a, b, c = (f"N({sheet.letter(p)}{spot[0] + 1})" for p in ("年初结转和结余", "本年收入", "本年支出"))
                    sheet.put(spot, _blank(number, line, _exact(f"{a}+{b}-{c}")))
                elif number < 0:
                    sheet.put(spot, _total(sheet, column))
                else:
                    sheet.put(spot, _children(sheet, column, line))
                    sheet.inputs.append(spot)
            if number >= 0:
                self._named(sheet, line - 1)
        if sheet.statement:
            self._state(sheet, [self.ref((key, "合计行", c), sheet.name) for c in sheet.columns])

    def _named(self, sheet: Sheet, row: int) -> None:
        cells = sheet.official.model.rows[row]
        code, name = cells[0] or SheetCell(None), cells[1] or SheetCell(None)
        cells[0] = replace(code, value=None, style=replace(code.style, number_format="@", fill=INPUT))
        cells[1] = replace(name, value="", formula=name_of(f"$A{row + 1}"))

    def _basic(self) -> None:
        """基本支出表: classes from their items, 人员经费合计 and 公用经费合计 from classes."""
        key = "基本支出表"
        codes = [r for r in self.rows(key) if r.isdigit()]
        classes = [c for c in codes if len(c) == 3]
        for code in classes:
            self._sum((key, code, "决算数"), [c for c in codes if len(c) == 5 and c.startswith(code)])
        self._sum((key, "人员经费合计", "决算数"), [c for c in classes if c in ("301", "303")])
        self._sum((key, "公用经费合计", "决算数"), [c for c in classes if c not in ("301", "303")])

    def _trips(self) -> None:
        sheet = self.sheets["三公表"]
        for block in ("三公预算", "三公决算"):
            car = ["公务用车购置费", "公务用车运行费"]
            whole = ["出国费", "公务用车小计", "接待费"]
            for cell, parts in (("公务用车小计", car), ("合计", whole)):
                refs = [self.ref((block, "合计行", p), sheet.name) for p in parts]
                self._put((block, "合计行", cell), f"SUM({','.join(joined(refs))})")
        self._state(sheet, [self.ref((b, "合计行", "合计"), sheet.name) for b in ("三公预算", "三公决算")])

    def _state(self, sheet: Sheet, cells: list[str]) -> None:
        """The statement of an empty table appears once the others are being filled in."""
        assert sheet.statement is not None
        row = sheet.official.model.rows[sheet.statement[0]]
        cell = row[0] or SheetCell(None)
        others = ",".join(self.ref((side, "总计", "决算数")) for side in ("收支总表支出", "收支总表收入"))
        words = sheet.none.replace('"', '""')
        formula = f'IF(AND(SUM({",".join(joined(cells))})=0,SUM({others})<>0),"{words}","")'
        row[0] = replace(cell, value="", formula=formula)

    def _inputs(self, sheet: Sheet) -> None:
        """What is no formula is typed: softly coloured."""
        rows = sheet.official.model.rows
        typed = set(sheet.inputs)
        for spot in sheet.cells.values():
            cell = rows[spot[0]][spot[1]] or SheetCell(None)
            if not cell.formula:
                sheet.inputs.append(spot)
                cell = replace(cell, style=replace(cell.style, number_format=TYPED, fill=INPUT))
            elif spot in typed:
                cell = replace(cell, style=replace(cell.style, fill=INPUT))
            rows[spot[0]][spot[1]] = cell


def name_of(code: str) -> str:
    """The formula that looks a code up in the sheet 科目."""
    return f'IF({code}="","",IFERROR(VLOOKUP({code}&"",{_NAMES},2,FALSE),""))'


def joined(cells: list[str]) -> list[str]:
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


def _exact(formula: str) -> str:
    """At the two decimals that amounts are typed with: 0.15, not 0.150000000000002."""
    return f"ROUND({formula},2)"


def _blank(number: int, line: int, formula: str) -> str:
    return formula if number < 0 else f'IF($A{line}="","",{formula})'


def _total(sheet: Sheet, column: str) -> str:
    """合计 = Σ 类; by length, not by pattern: a code pasted as a number counts, too."""
    name, first, last = sheet.letter(column), sheet.first + 1, sheet.last + 1
    return _exact(f"SUMPRODUCT((LEN($A{first}:$A{last})=3)*1,{name}{first}:{name}{last})")


def _children(sheet: Sheet, column: str, line: int) -> str:
    """What the codes beneath that begin with this one and are a level lower add up to; nothing at a 项.

    The rows beneath only: its own cell in the range would be a circular reference. The range ends
    after the last code row, so that the last one has a row beneath it, too.
    """
    name, last = sheet.letter(column), sheet.last + 2
    codes, own = f"$A{line + 1}:$A${last}", f"$A{line}"
    below = f'(LEFT({codes},LEN({own}))={own}&"")*(LEN({codes})=LEN({own})+2)'
    total = _exact(f"SUMPRODUCT({below},{name}{line + 1}:{name}${last})")
    return f'IF(OR(LEN({own})=3,LEN({own})=5),{total},"")'
