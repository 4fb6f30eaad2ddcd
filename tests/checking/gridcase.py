"""The cases of ``check`` rules as data: small sheets, edited by a sentence, with the place expected.

``支出表：A9 改为 20103O1 ⇒ A9`` — take the stock sheet 支出表 (``resources/rules/cases/sheets.toml``),
put ``20103O1`` into A9, and the rule has to report A9. ``九表`` names all nine, ``九表－基金表`` all
but one. Edits, separated by ``；``:

    A9 改为 TEXT        TEXT may be 1,234.00, '1.00 (a text), =SUM(C9:C10)|150.25, #REF!, 10.004 显示 10.00
    A9 清空    删去第 9 行    删去 C 列    第 9 行前插入 a | b | c    隐藏第 9 行    隐藏 C 列    隐藏该表
    链接 上年.xlsx    再来一张（该表在文件里又有一份）

A place or edit may name its sheet (``公开03表!A9``); without it the first sheet is meant. ``全文`` is
a finding without a cell; ``无``, in front of the arrow of a passing case, is not needed.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache

from app import paths
from app.knowledge.forms import KEYS
from app.numbers import column_number
from app.recognising.recognise import recognise
from app.report.report import Report
from app.source import Cell, CellError, Grid, Source, Span, Value

_NUMBER = re.compile(r"-?\d{1,3}(,\d{3})+(\.\d+)?|-?\d+(\.\d+)?")
_BETWEEN = re.compile(r"；(?=(?:[^!；]+!)?(?:[A-Z]+\d+ (?:改为|清空)|[A-Z]+\d+ 清空|删去|第 \d+ 行前|隐藏|链接|再来))")
_ERROR = re.compile(r"#(REF!|VALUE!|DIV/0!|N/A|NAME\?|NULL!|NUM!)")


@dataclass(slots=True)
class Case:
    """A workbook in memory and the places (``公开03表!A9``) that must be reported, in order."""

    source: Source
    places: list[str] = field(default_factory=list)

    @property
    def report(self) -> Report:
        return recognise(self.source)


@cache
def stock() -> dict[str, tuple[str, str]]:
    """Key -> (sheet name, text) of the stock sheets."""
    data = tomllib.loads((paths.resources() / "rules" / "cases" / "sheets.toml").read_text("utf-8"))
    return {key: (sheet["name"], sheet["text"]) for key, sheet in data["sheets"].items()}


def case(text: str) -> Case:
    """The case that a sentence describes; ValueError when it is not understood."""
    head, _, expected = text.partition("⇒")
    names, _, edits = head.strip().partition("：")
    source = Source("案例.xlsx", "workbook")
    keys = _keys(names.strip())
    source.items = [sheet(*stock()[key]) for key in keys]
    home = source.grids[0].name
    for edit in filter(None, (part.strip() for part in _BETWEEN.split(edits))):
        _edit(source, home, edit)
    places = [p if "!" in p or p == "全文" else f"{home}!{p}" for p in re.split(r"[；、\s]+", expected.strip()) if p]
    return Case(source, places)


def _keys(names: str) -> list[str]:
    whole, _, without = names.partition("－")
    if whole == "九表":
        left_out = without.split("、") if without else []
        return [key for key in KEYS if key not in left_out]
    return names.split("、")


def sheet(name: str, text: str) -> Grid:
    """A grid from tab-separated lines; ``<`` and ``^`` merge with the cell to the left or above."""
    grid = Grid(name)
    spans: dict[tuple[int, int], tuple[int, int]] = {}
    for row, line in enumerate(text.strip("\n").split("\n")):
        for column, content in enumerate(line.split("\t")):
            if content in ("<", "^"):
                at = (row, column - 1) if content == "<" else (row - 1, column)
                anchor = spans.get(at, at)
                spans[row, column] = anchor
            elif content:
                grid.put(cell(row, column, content))
    for anchor in dict.fromkeys(spans.values()):
        inside = [at for at, owner in spans.items() if owner == anchor]
        grid.merges.append(Span(*anchor, max(r for r, _ in inside), max(c for _, c in inside)))
    return grid


def cell(row: int, column: int, content: str) -> Cell:
    """A cell as typed: amounts get a number format with their decimals."""
    formula = None
    if content.startswith("="):
        formula, _, content = content[1:].partition("|")
    stored, _, shown = content.partition(" 显示 ")
    value: Value = stored or None
    number_format = "General"
    if stored.startswith("'"):
        value = stored[1:]
    elif _ERROR.fullmatch(stored):
        value = CellError(stored)
    elif _NUMBER.fullmatch(stored):
        value = Decimal(stored.replace(",", ""))
        number_format = _format(shown or stored)
    return Cell(row, column, value, formula, number_format)


def _format(shown: str) -> str:
    digits = shown.partition(".")[2]
    return f"#,##0.{'0' * len(digits)}" if digits else "General"


def _edit(source: Source, home: str, edit: str) -> None:
    if link := re.fullmatch(r"链接 (.+)", edit):
        source.external_links.append(link[1])
        return
    name, _, rest = edit.partition("!") if re.match(r"[^\s!]+!", edit) else (home, "", edit)
    grid = next(g for g in source.grids if g.name == name)
    if rest == "再来一张":
        again = sheet(f"{name}(2)", next(text for known, text in stock().values() if known == name))
        source.items.insert(source.items.index(grid) + 1, again)
    elif change := re.fullmatch(r"([A-Z]+)(\d+) (?:改为 (.*)|清空)", rest):
        row, column = int(change[2]) - 1, column_number(change[1])
        grid.rows.get(row, {}).pop(column, None)
        if change[3]:
            grid.put(cell(row, column, change[3]))
    elif cut := re.fullmatch(r"删去第 (\d+) 行", rest):
        _shift_rows(grid, int(cut[1]) - 1, -1)
    elif new := re.fullmatch(r"第 (\d+) 行前插入 (.*)", rest):
        row = int(new[1]) - 1
        _shift_rows(grid, row, 1)
        for column, content in enumerate(part.strip() for part in new[2].split("|")):
            if content:
                grid.put(cell(row, column, content))
    elif cut := re.fullmatch(r"删去 ([A-Z]+) 列", rest):
        _cut_column(grid, column_number(cut[1]))
    elif hide := re.fullmatch(r"隐藏第 (\d+) 行", rest):
        grid.hidden_rows.add(int(hide[1]) - 1)
    elif hide := re.fullmatch(r"隐藏 ([A-Z]+) 列", rest):
        grid.hidden_columns.add(column_number(hide[1]))
    elif rest == "隐藏该表":
        grid.hidden = True
    else:
        raise ValueError(f"not understood: {edit}")


def _shift_rows(grid: Grid, at: int, by: int) -> None:
    moved: dict[int, dict[int, Cell]] = {}
    for row, cells in grid.rows.items():
        if by < 0 and row == at:
            continue
        to = row + by if row >= at else row
        moved[to] = {c: Cell(to, c, x.value, x.formula, x.number_format) for c, x in cells.items()}
    grid.rows = moved
    grid.merges = [s if s.top < at else s._replace(top=s.top + by, bottom=s.bottom + by) for s in grid.merges]


def _cut_column(grid: Grid, at: int) -> None:
    for row, cells in grid.rows.items():
        left = {c: x for c, x in cells.items() if c < at}
        right = {c - 1: Cell(row, c - 1, x.value, x.formula, x.number_format) for c, x in cells.items() if c > at}
        grid.rows[row] = left | right
    merges = []
    for span in grid.merges:
        left, right = span.left - (span.left > at), span.right - (span.right >= at)
        if right >= left and (right, span.bottom) != (left, span.top):
            merges.append(Span(span.top, left, span.bottom, right))
    grid.merges = merges


def found_at(place: object) -> str:
    """A place as the cases write it."""
    text = str(place)
    return text if "!" in text else "全文"


__all__ = ["Case", "case", "cell", "found_at", "sheet", "stock"]
