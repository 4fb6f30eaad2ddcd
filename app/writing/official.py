"""The nine tables rebuilt in their official form: sides face to face, headers merged, 栏次 beneath."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from app.knowledge.forms import BlockForm, TableForm
from app.report.table import Block, Column, Entry, Row, Table
from app.source import Place
from app.writing import measure
from app.writing.model import SheetCell, SheetModel, Style

_TITLE = Style(bold=True, size=16, align="center")
_PLAIN = Style(align="left")
_RIGHT = Style(align="right")
_HEAD = Style(bold=True, align="center", wrap=True, border=True, fill="F2F2F2")
_LABEL = Style(align="left", wrap=True, border=True)
_TOTAL = Style(align="center", bold=True, wrap=True, border=True)
_NUMBER = Style(align="center", border=True)
_NOTE = Style(align="left", wrap=True, size=9)
_SPENT = ("本年支出", ("小计", "基本支出", "项目支出"))
_CAR = ("公务用车购置及运行维护费", ("小计", "公务用车购置费", "公务用车运行维护费"))
_AMOUNT_WIDTH, _LABEL_WIDTH, _CODE_WIDTH, _LINE_WIDTH = 15.0, 36.0, 11.0, 6.0
_ROW_HEIGHT = 18.0


@dataclass(slots=True)
class Official:
    """A rebuilt table; ``where`` gives the (row, column) at which each place of the source stands now."""

    model: SheetModel
    where: dict[Place, tuple[int, int]] = field(default_factory=dict)
    # By id(): in a text several entries stand at one place, its line.
    entries: dict[int, tuple[int, int]] = field(default_factory=dict)

    def put(self, row: int, column: int, cell: SheetCell, place: Place | None = None) -> None:
        rows = self.model.rows
        while len(rows) <= row:
            rows.append([])
        rows[row] += [None] * (column + 1 - len(rows[row]))
        rows[row][column] = cell
        if place is not None:
            self.where.setdefault(place, (row, column))

    def span(self, top: int, left: int, bottom: int, right: int, text: str, style: Style) -> None:
        """A merged range; each cell bears the style, so that its borders close."""
        for row in range(top, bottom + 1):
            for column in range(left, right + 1):
                self.put(row, column, SheetCell(text if (row, column) == (top, left) else None, style))
        if (top, left) != (bottom, right):
            self.model.merges.append((top, left, bottom, right))


def official(table: Table | None, form: TableForm, unit: str = "", year: int | None = None) -> Official:
    """``table`` in the form's shape; a frame that says so when it is None."""
    made = Official(SheetModel(form.key))
    build = {"sides": _sides, "codes": _codes, "pairs": _pairs, "cells": _cells}[form.kind]
    last, width = build(made, table, form, 3)
    _heading(made, table, form, unit, year, width)
    notes = [line.text for line in table.notes] if table else ["原文件中未找到本表。"]
    if table and table.statement and table.statement.text not in notes:
        notes.append(table.statement.text)
    if table and not table.readable:
        notes.append("本表无法读取（如为图片），未列数据。")
    total = sum(made.model.widths.get(c, 9.0) for c in range(width))
    for offset, text in enumerate(notes, last + 1):
        made.span(offset, 0, offset, width - 1, text, _NOTE)
        made.model.heights[offset] = measure.height(measure.lines(text, total, 9), 9)
    for row in range(3, last + 1):
        made.model.heights.setdefault(row, _ROW_HEIGHT)
    made.model.footer = "&C第 &P 页 / 共 &N 页"
    return made


def _heading(made: Official, table: Table | None, form: TableForm, unit: str, year: int | None, width: int) -> None:
    """Title; table number at the right; unit, year, 单位：万元."""
    made.span(0, 0, 0, width - 1, table.title.value if table and table.title.value else form.title, _TITLE)
    made.model.heights[0] = 30
    name = table.unit_name.value if table and table.unit_name else unit
    number = table.number.text if table and table.number else form.number
    money = table.money.value if table and table.money else "万元"
    printed = table.year.value if table and table.year else str(year or "")
    if not number.isdigit():  # Shanghai numbers its tables in the 目录 only
        made.put(1, width - 1, SheetCell(number, _RIGHT))
    made.put(2, 0, SheetCell(f"单位名称：{name}", _PLAIN))
    if printed:
        made.put(2, width // 2, SheetCell(printed if "年" in printed else f"{printed}年度", Style(align="center")))
    made.put(2, width - 1, SheetCell(f"金额单位：{money}", _RIGHT))
    if table:
        made.where.setdefault(table.title.place, (0, 0))
        for stated, spot in ((table.number, (1, width - 1)), (table.unit_name, (2, 0)), (table.money, (2, width - 1))):
            if stated:
                made.where.setdefault(stated.place, spot)


def _block(table: Table | None, key: str) -> Block:
    return (table.blocks.get(key) if table else None) or Block(key)


def _columns(block: Block, form: BlockForm) -> list[tuple[str, str, Place | None]]:
    """(key, official header, place) of the recognised columns; the form's own for an empty frame."""
    known: Sequence[Column] = block.columns
    if not known:
        return [(c.key, c.headers[0], None) for c in form.columns]
    order = {c.key: n for n, c in enumerate(form.columns)}
    heads = {c.key: c.headers[0] for c in form.columns}
    found = sorted(known, key=lambda c: order.get(c.key, len(order)))
    return [(c.key, heads.get(c.key, c.text or c.key), c.place) for c in found]


def amount(entry: Entry | None) -> SheetCell:
    """An amount as a number with thousands, what is no amount as the text it is."""
    style = Style(align="right", border=True, number_format="#,##0.00_ ")
    if entry is None or entry.blank:
        return SheetCell(None, style)
    if entry.amount is None:
        return SheetCell(entry.text, Style(align="right", border=True))
    value = entry.amount.value
    places = max(2, -int(value.normalize().as_tuple().exponent))
    if places > 2:
        style = Style(align="right", border=True, number_format=f"#,##0.{'0' * places}_ ")
    return SheetCell(value, style)


def _label(made: Official, row: int, column: int, one: Row) -> None:
    total = one.code is None and ("合计" in one.key or "总计" in one.key)
    made.put(row, column, SheetCell(one.label or one.key, _TOTAL if total else _LABEL), one.place)
    width = made.model.widths.get(column, _LABEL_WIDTH)
    height = measure.height(measure.lines(one.label, width))
    made.model.heights[row] = max(made.model.heights.get(row, _ROW_HEIGHT), height)


def _entries(made: Official, row: int, left: int, one: Row | None, keys: list[str]) -> None:
    for offset, key in enumerate(keys):
        entry = one.entries.get(key) if one else None
        made.put(row, left + offset, amount(entry), entry.place if entry else None)
        if entry is not None:
            made.entries[id(entry)] = (row, left + offset)


def _heads(
    made: Official,
    top: int,
    left: int,
    columns: list[tuple[str, str, Place | None]],
    group: tuple[str, tuple[str, ...]],
) -> None:
    """Two header rows; columns of ``group`` stand side by side beneath one word."""
    word, members = group
    inside = [n for n, (_, head, _) in enumerate(columns) if head in members]
    joined = len(inside) == len(members) and inside == list(range(inside[0], inside[0] + len(inside)))
    if joined:
        made.span(top, left + inside[0], top, left + inside[-1], word, _HEAD)
    for n, (_, head, place) in enumerate(columns):
        if joined and n in inside:
            made.span(top + 1, left + n, top + 1, left + n, head, _HEAD)
        else:
            made.span(top, left + n, top + 1, left + n, head, _HEAD)
        if place is not None:
            made.where.setdefault(place, (top + 1 if joined and n in inside else top, left + n))
    made.model.heights |= {top: 24.0, top + 1: 30.0}


def _sides(made: Official, table: Table | None, form: TableForm, top: int) -> tuple[int, int]:
    """Income at the left, expenditure at the right; both 合计 and both 总计 on one line."""
    sides = [(_block(table, b.key), b) for b in form.blocks]
    numbered = any(row.number for block, _ in sides for row in block.rows)
    parts = [_parts(block.rows) for block, _ in sides]
    left, printed = 0, 0
    for (block, block_form), word, split in zip(sides, ("收入", "支出"), parts, strict=False):
        columns = _columns(block, block_form)
        first = left + 1 + numbered
        made.model.widths |= {left: _LABEL_WIDTH, **{first + n: _AMOUNT_WIDTH for n in range(len(columns))}}
        made.span(top, left, top, first + len(columns) - 1, word, _HEAD)
        made.span(top + 1, left, top + 1, left, "项目", _HEAD)
        if numbered:
            made.model.widths[left + 1] = _LINE_WIDTH
            made.span(top + 1, left + 1, top + 1, left + 1, "行次", _HEAD)
        for n, (_, head, place) in enumerate(columns):
            made.put(top + 1, first + n, SheetCell(head, _HEAD), place)
        if numbered:
            made.span(top + 2, left, top + 2, left + 1, "栏次", _HEAD)
            for n in range(len(columns)):
                printed += 1
                made.put(top + 2, first + n, SheetCell(printed, _HEAD))
        row = top + 2 + numbered
        for n, part in enumerate(split):
            for index in range(max(len(p[n]) for p in parts)):
                one = part[index] if index < len(part) else None
                _side_row(made, row, left, one, numbered, [key for key, _, _ in columns])
                row += 1
        bottom, left = row - 1, first + len(columns)
    made.model.heights |= {top: 22.0, top + 1: 30.0}
    made.model.freeze, made.model.repeat_rows = (top + 2 + numbered, 0), (0, top + 1 + numbered)
    made.model.landscape = left > 6  # two narrow sides and 35 rows: upright they fill one page
    return bottom, left


def _parts(rows: list[Row]) -> list[list[Row]]:
    """Rows before 本年…合计, from there to 总计, and 总计."""
    first = next((n for n, r in enumerate(rows) if r.key.startswith("本年") and r.key.endswith("合计")), len(rows))
    total = next((n for n, r in enumerate(rows) if r.key == "总计"), len(rows))
    first = min(first, total)
    return [rows[:first], rows[first:total], rows[total:]]


def _side_row(made: Official, row: int, left: int, one: Row | None, numbered: bool, keys: list[str]) -> None:
    if one is None:
        made.put(row, left, SheetCell(None, _LABEL))
    else:
        _label(made, row, left, one)
    if numbered:
        made.put(row, left + 1, SheetCell(one.number if one else None, _NUMBER), one.number_place if one else None)
    _entries(made, row, left + 1 + numbered, one, keys)


def _codes(made: Official, table: Table | None, form: TableForm, top: int) -> tuple[int, int]:
    """科目编码, 科目名称 and the amounts, 栏次 beneath the header."""
    block, block_form = _block(table, form.blocks[0].key), form.blocks[0]
    columns = _columns(block, block_form)
    made.model.widths = {0: _CODE_WIDTH, 1: _LABEL_WIDTH, **{2 + n: _AMOUNT_WIDTH for n in range(len(columns))}}
    made.span(top, 0, top, 1, "项目", _HEAD)
    made.span(top + 1, 0, top + 1, 0, "科目编码", _HEAD)
    made.span(top + 1, 1, top + 1, 1, "科目名称", _HEAD)
    _heads(made, top, 2, columns, _SPENT)
    if form.lined:
        made.span(top + 2, 0, top + 2, 1, "栏次", _HEAD)
        for n in range(len(columns)):
            made.put(top + 2, 2 + n, SheetCell(n + 1, _HEAD))
    body = top + 2 + form.lined
    row = body - 1
    for row, one in enumerate(block.rows, body):
        if one.code is None:
            made.span(row, 0, row, 1, one.label or one.key, _TOTAL)
            made.where.setdefault(one.place, (row, 0))
        else:
            made.put(row, 0, SheetCell(one.code, _LABEL), one.code_place)
            _label(made, row, 1, one)
        _entries(made, row, 2, one, [key for key, _, _ in columns])
    made.model.freeze, made.model.repeat_rows = (body, 2), (0, body - 1)
    return _frame(made, row, body, 2 + len(columns))


def _frame(made: Official, last: int, first: int, width: int) -> tuple[int, int]:
    """An empty line in the frame when there is no row, so that it prints as a frame."""
    if last < first:
        for column in range(width):
            made.put(first, column, SheetCell(None, _LABEL))
        last = first
    return last, width


def _pairs(made: Official, table: Table | None, form: TableForm, top: int) -> tuple[int, int]:
    """人员经费 (301 303) at the left, 302 in the middle, the other classes at the right."""
    rows = _block(table, form.blocks[0].key).rows
    groups: list[list[Row]] = [[], [], []]
    totals = [r for r in rows if r.code is None]
    for row in rows:
        if row.code is not None:
            # Shanghai prints two blocks, the others three
            third = 2 if form.lined else 1
            groups[0 if row.code[:3] in ("301", "303") else 1 if row.code[:3] == "302" else third].append(row)
    shown = [g for g in groups if g] or [[], []]
    high = max(max(len(g) for g in shown), 1)
    for n, group in enumerate(shown):
        left = 3 * n
        made.model.widths |= {left: _CODE_WIDTH, left + 1: 30.0, left + 2: 13.0}
        for offset, head in enumerate(("科目编码", "科目名称", "决算数")):
            made.put(top + 1, left + offset, SheetCell(head, _HEAD))
        for index in range(high):
            one = group[index] if index < len(group) else None
            made.put(
                top + 2 + index, left, SheetCell(one.code if one else None, _LABEL), one.code_place if one else None
            )
            if one is None:
                made.put(top + 2 + index, left + 1, SheetCell(None, _LABEL))
            else:
                _label(made, top + 2 + index, left + 1, one)
            _entries(made, top + 2 + index, left + 2, one, ["决算数"])
    made.span(top, 0, top, 2, "人员经费", _HEAD)
    if len(shown) > 1:
        made.span(top, 3, top, 3 * len(shown) - 1, "公用经费", _HEAD)
    made.model.freeze, made.model.repeat_rows = (top + 2, 0), (0, top + 1)
    made.model.landscape = len(shown) > 2
    last = _pair_totals(made, totals, top + 2 + high, 3 * len(shown))
    return last, 3 * len(shown)


def _pair_totals(made: Official, totals: list[Row], row: int, width: int) -> int:
    """人员经费合计 and 公用经费合计 side by side, any other total beneath."""
    if not totals:
        return row - 1
    personal = [r for r in totals if "公用" not in r.key]
    public = [r for r in totals if "公用" in r.key]
    for n in range(max(len(personal), len(public))):
        for found, left, right in ((personal, 0, 2), (public, 3, width - 1)):
            one = found[n] if n < len(found) else None
            if right > left:
                made.span(row + n, left, row + n, right - 1, (one.label or one.key) if one else "", _TOTAL)
                _entries(made, row + n, right, one, ["决算数"])
            if one:
                made.where.setdefault(one.place, (row + n, left))
    return row + max(len(personal), len(public)) - 1


def _cells(made: Official, table: Table | None, form: TableForm, top: int) -> tuple[int, int]:
    """预算数 and 决算数, six columns each; in pairs where the form has no 栏次 (Shanghai)."""
    if not form.lined:
        return _trip_pairs(made, table, form, top)
    left, last = 0, top + 4
    for block_form, word in zip(form.blocks, ("预算数", "决算数"), strict=False):
        block = _block(table, block_form.key)
        columns = _columns(block, block_form)
        made.span(top, left, top, left + len(columns) - 1, word, _HEAD)
        _heads(made, top + 1, left, columns, _CAR)
        for n in range(len(columns)):
            made.model.widths[left + n] = 13.0
            made.put(top + 3, left + n, SheetCell(left + n + 1, _HEAD))
        for row, one in enumerate(block.rows or [None], top + 4):
            _entries(made, row, left, one, [key for key, _, _ in columns])
            last = max(last, row)
        left += len(columns)
    made.model.heights[top + 2] = 40.0
    made.model.freeze, made.model.repeat_rows = (top + 4, 0), (0, top + 3)
    return last, left


def _trip_pairs(made: Official, table: Table | None, form: TableForm, top: int) -> tuple[int, int]:
    """Each item of 三公 over its 预算数 and 决算数."""
    blocks = [_block(table, b.key) for b in form.blocks]
    columns = _columns(blocks[0], form.blocks[0])
    inside = [n for n, (_, head, _) in enumerate(columns) if head in _CAR[1]]
    made.span(top, 0, top, 2 * len(columns) - 1, "财政拨款“三公”经费", _HEAD)
    if inside:
        made.span(top + 1, 2 * inside[0], top + 1, 2 * inside[-1] + 1, _CAR[0], _HEAD)
    for n, (key, head, _) in enumerate(columns):
        made.span(top + 1 + (n in inside), 2 * n, top + 2, 2 * n + 1, head, _HEAD)
        for half, (block, word) in enumerate(zip(blocks, ("预算数", "决算数"), strict=False)):
            column = 2 * n + half
            made.model.widths[column] = 11.0
            place = next((c.place for c in block.columns if c.key == key), None)
            made.put(top + 3, column, SheetCell(word, _HEAD), place)
            _entries(made, top + 4, column, block.rows[0] if block.rows else None, [key])
    made.model.heights |= {top + 2: 34.0, top + 4: 24.0}
    made.model.freeze, made.model.repeat_rows = (top + 4, 0), (0, top + 3)
    return top + 4, 2 * len(columns)
