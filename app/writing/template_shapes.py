"""The nine tables of the template as blank official frames: where each cell stands, what is printed around it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from app.knowledge import table_notes
from app.knowledge.forms import BLOCK_TABLE, BlockForm, Form, TableForm
from app.knowledge.subject_lists import built_in, names
from app.numbers import letters
from app.report.table import Block, Column, Entry, Row, Stated, Table
from app.source import Grid, Line, Place
from app.writing.layout import quoted
from app.writing.model import SheetCell
from app.writing.official import Official, official

INPUT = "FFF9E5"
MONEY = "#,##0.00_ ;-#,##0.00_ ;;@"  # a sum of nothing shows nothing
TYPED = MONEY.replace(";;", ";0.00_ ;")  # a zero that was typed is shown
ROWS = {"收入表": 60, "支出表": 60, "一般支出表": 60, "基金表": 12, "国资表": 6}
# The official words beneath the title, which say 部门 and 单位 alone (seeds 001, 004).
_HEADING = (("单位名称：", "部门："), ("金额单位：", "单位："))
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
    none: str = ""  # what the statement says

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

    def letter(self, column: str) -> str:
        """The letters of a column of a code table."""
        return letters(self.cells[self.key, "0", column][1])

    def put(self, spot: Spot, formula: str) -> None:
        """A formula in place of an input; its value as long as nothing is typed."""
        row = self.official.model.rows[spot[0]]
        cell = row[spot[1]] or SheetCell(None)
        nothing = "" if formula.startswith("IF(") else 0
        row[spot[1]] = replace(cell, value=nothing, formula=formula, style=replace(cell.style, number_format=MONEY))


class Shapes:
    """The nine frames; ``sheets`` in the order of the form."""

    def __init__(self, form: Form, year: int, unit: str) -> None:
        self.form, self.year, self.unit = form, year, unit
        self.sheets = {t.key: self._sheet(t) for t in form.tables}

    def ref(self, cell: Cell, home: str = "") -> str:
        """A cell as formulas of the sheet ``home`` write it."""
        sheet = self.sheets[BLOCK_TABLE[cell[0]]]
        row, column = sheet.cells[cell]
        spot = f"{letters(column)}{row + 1}"
        return spot if sheet.name == home else f"{quoted(sheet.name)}!{spot}"

    def has(self, cell: Cell) -> bool:
        return cell in self.sheets[BLOCK_TABLE[cell[0]]].cells

    def rows(self, block: str) -> list[str]:
        """The rows of a block, in order."""
        return list(dict.fromkeys(r for b, r, _ in self.sheets[BLOCK_TABLE[block]].cells if b == block))

    def area(self, key: str, column: str | None = None) -> str:
        """A column of a code table, 科目编码 without ``column``, as other sheets write it."""
        sheet = self.sheets[key]
        name = "A" if column is None else sheet.letter(column)
        return f"{quoted(sheet.name)}!${name}${sheet.first + 1}:${name}${sheet.last + 1}"

    def of_code(self, key: str, column: str, code: str) -> str:
        """The amount that a code table gives a code; ``code`` is a cell or a text in quotes."""
        return f"SUMIFS({self.area(key, column)},{self.area(key)},{code})"

    def _sheet(self, form: TableForm) -> Sheet:
        blocks = {b.key: _block(b, form.kind, form.key, self.year) for b in form.blocks}
        none = table_notes.none(form, self.unit)
        at = Place()
        table = Table(
            form.key, Stated(form.title, form.title, at), Grid(form.key), 0, 0,
            Stated(form.number, form.number, at), Stated(self.unit, self.unit, at),
            Stated(f"{self.year}年度", f"{self.year}年度", at), Stated("万元", "万元", at), blocks,
            [Line(text, at) for text in _notes(form)],
        )  # fmt: skip
        if none:
            table.notes.append(Line("　", at))  # where the statement appears
        made = official(table, form, self.unit, self.year)
        sheet = Sheet(form.key, form.number if form.lined else f"表{form.number}", made, none=none)
        made.model.name = sheet.name
        _official_words(made)
        for block in blocks.values():
            for number, row in enumerate(r for r in block.rows if r.key == ""):
                row.key = str(number)
            for row in block.rows:
                for column, entry in row.entries.items():
                    sheet.cells[block.key, row.key, column] = made.entries[id(entry)]
        if none:
            sheet.statement = (len(made.model.rows) - 1, 0)
        _number_lines(sheet)
        return sheet


def _block(form: BlockForm, kind: str, key: str, year: int) -> Block:
    columns = [Column(c.key, c.headers[0], n, Place()) for n, c in enumerate(form.columns)]
    if kind == "sides":
        rows = [Row(r.key, r.label, Place(), number=str(r.number) if r.number else None) for r in form.rows]
    elif kind == "codes":
        rows = [Row("合计行", "合计", Place()), *(Row("", "", Place(), code="") for _ in range(ROWS[key]))]
    elif kind == "pairs":
        rows = [Row(code, name, Place(), code=code) for code, name in _economic(year)]
        rows += [Row(name, name, Place()) for name in ("人员经费合计", "公用经费合计")]
    else:
        rows = [Row("合计行", "", Place())]
    for row in rows:
        row.entries = {c.key: Entry(Place()) for c in columns}
    return Block(form.key, columns, rows)


def _economic(year: int) -> list[tuple[str, str]]:
    """The 经济分类 that the table prints; an official list of the year has many more classes."""
    classes = {one.code[:3] for one in built_in("经济分类")}
    return [(c, n) for c, n in sorted(names("经济分类", year).items()) if len(c) in (3, 5) and c[:3] in classes]


def _official_words(made: Official) -> None:
    for row in made.model.rows[:3]:
        for column, cell in enumerate(row):
            for ours, official_words in _HEADING if cell else ():
                if cell and isinstance(cell.value, str) and cell.value.startswith(ours):
                    row[column] = replace(cell, value=official_words + cell.value.removeprefix(ours))


def _notes(form: TableForm) -> Iterator[str]:
    """The 注 and, where lines and columns are numbered, the formulas as the form prints them."""
    yield table_notes.note(form)
    if not form.lined:
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


def _line_formulas(form: BlockForm) -> str:
    """``27行=（1+2+…+8）行；31行=（27+28+29）行``, as the form numbers its lines."""
    at = {r.key: r.number for r in form.rows}
    if not all(at.values()):
        return ""
    keys = list(at)
    total = next(k for k in keys if k.startswith("本年") and k.endswith("合计"))
    sums = [(total, keys[: keys.index(total)])]
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
    beneath = {r for r in range(head, head + 3) if r < len(rows) and any(c and c.value == "栏次" for c in rows[r])}
    for column in columns:
        number = 0
        for row in range(head + 1, last + 1):
            cell = rows[row][column] if column < len(rows[row]) else None
            if cell is None or row in beneath:
                continue
            text = str(cell.value or "")
            number = int(text) if text.isdigit() else number + 1
            rows[row][column] = replace(cell, value=number)
