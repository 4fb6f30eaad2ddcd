"""Rows by label and code, one function a kind of table."""

from __future__ import annotations

import re
from itertools import pairwise

from app.knowledge.forms import BlockForm, TableForm
from app.knowledge.text import label, norm
from app.recognising.amounts import entry, word
from app.recognising.headers import Header, is_label_column, match_columns
from app.report.table import Block, Column, Entry, Problem, Row
from app.source import Grid, Place

_CODE = re.compile(r"\d{3}(?:\d{2}){0,2}")
_TOTAL = re.compile(r"(?:本年|支出|收入)?(?:合计|总计)")
_YEAR_START = "年初财政拨款结转和结余"


def code_rows(grid: Grid, header: Header, form: TableForm, bottom: int) -> tuple[list[Block], list[Problem]]:
    """收入表, 支出表, 一般支出表, 基金表, 国资表: code (one column or 类 款 项), name, amounts."""
    block_form = form.blocks[0]
    columns, problems = match_columns(grid, header, block_form, 0, 10**6)
    block = Block(block_form.key, columns)
    first = min((c.index for c in columns), default=10**6)
    parts: dict[int, str] = {}
    for index in range(header.bottom + 1, bottom + 1):
        texts = {
            c: word(cell) for c, cell in sorted(grid.rows.get(index, {}).items()) if c < first and cell.text.strip()
        }
        row = _code_row(grid, index, texts, parts)
        if row is None:
            if grid.rows.get(index) and any(entry(grid, index, c.index).amount for c in columns):
                problems.append(_unknown_row(grid, index, texts, columns))
            continue
        _fill(grid, index, row, columns)
        block.rows.append(row)
    return [block], problems


def _code_row(grid: Grid, index: int, texts: dict[int, str], parts: dict[int, str]) -> Row | None:
    digits = {c: t for c, t in texts.items() if t.isdigit()}
    names = {c: t for c, t in texts.items() if not t.isdigit()}
    where = next(iter(texts), 0)
    name_at = next(iter(names), where)
    name = names.get(name_at, "")
    if not digits:
        # A code with stray characters is still a code row; the structure check names it.
        crooked = next(
            (c for c, t in names.items() if re.fullmatch(r"[0-9A-Za-z.\-oO]{3,12}", t) and re.search(r"\d{2}", t)), None
        )
        if crooked is not None:
            rest = next((t for c, t in names.items() if c != crooked), "")
            return Row(
                names[crooked],
                rest,
                grid.place(index, crooked),
                names[crooked],
                grid.place(index, crooked),
                index=index,
                grid=grid,
            )
        if name and _TOTAL.fullmatch(name):
            return Row("合计行", name, grid.place(index, name_at), index=index, grid=grid)
        return None
    code_at, code = next(iter(digits.items()))
    if len(digits) > 1 or len(code) < 3:
        code = _joined(digits, parts)
        code_at = max(digits)
    else:
        parts.clear()
    raw = "".join(grid.text(index, c).strip() for c in digits) or code
    return Row(
        code,
        name,
        grid.place(index, name_at),
        raw if not _CODE.fullmatch(code) else code,
        grid.place(index, code_at),
        index=index,
        grid=grid,
    )


def _joined(digits: dict[int, str], parts: dict[int, str]) -> str:
    """類 款 項 in three columns: ``201|06|01`` in full, or with the upper parts left blank."""
    for column, text in digits.items():
        parts[column] = text
        for later in [c for c in parts if c > column and c not in digits]:
            del parts[later]
    code = ""
    for column in sorted(c for c in parts if c <= max(digits)):
        text = parts[column].zfill(2)  # a number cell shows 01 as 1
        code = text if text.startswith(code) and len(text) > len(code) and len(text) > 2 else code + text
    return code


def _fill(grid: Grid, index: int, row: Row, columns: list[Column]) -> None:
    for column in columns:
        row.entries[column.key] = entry(grid, index, column.index)


def _unknown_row(grid: Grid, index: int, texts: dict[int, str], columns: list[Column]) -> Problem:
    text = " ".join(texts.values())
    place = grid.place(index, next(iter(texts), columns[0].index))
    named = f"“{text}”" if text else "没有科目编码和名称"
    return Problem("row", text, place, f"{place}：该行{named}，却有金额，认不出是哪一个科目，未参加核对")


def pair_rows(grid: Grid, header: Header, form: TableForm, bottom: int) -> tuple[list[Block], list[Problem]]:
    """基本支出表: two or three groups of (code, name, amount) side by side, two totals below."""
    block_form = form.blocks[0]
    names = block_form.columns[0].names
    amounts = _amount_columns(header, names)
    block = Block(block_form.key, [Column("决算数", header.leaf(c), c, grid.place(header.bottom, c)) for c in amounts])
    problems: list[Problem] = []
    if not amounts:
        return [block], [Problem("column", "决算数", grid.place(header.top, 0), "没有找到“决算数”栏，本表未能核对")]
    found: list[tuple[int, int, Row]] = []
    for index in range(header.bottom + 1, bottom + 1):
        previous = -1
        for group, amount in enumerate(amounts):
            _pair(grid, index, range(previous + 1, amount), amount, found, group)
            previous = amount
        _totals(grid, index, amounts, found)
    block.rows = [row for _, _, row in sorted(found, key=lambda f: (f[0], f[1]))]
    return [block], problems


def _amount_columns(header: Header, names: tuple[str, ...]) -> list[int]:
    """The columns under 决算数; one whose header is misspelt stands next to a 科目名称."""
    columns = sorted(header.paths)
    amounts = {c for c in columns if header.leaf(c) in names}
    for column, right in pairwise(columns):
        if header.leaf(column).endswith("名称") and right not in amounts and not is_label_column(header, right):
            following = next((c for c in columns if c > right and is_label_column(header, c)), 10**6)
            if not any(right < a < following for a in amounts):
                amounts.add(right)
    return sorted(amounts)


def _pair(grid: Grid, index: int, span: range, amount: int, found: list[tuple[int, int, Row]], group: int) -> None:
    texts = {c: t for c in span if (cell := grid.cell(index, c)) is not None and (t := word(cell))}
    digits = {c: t for c, t in texts.items() if re.fullmatch(r"\d{1,7}", t)}
    name_at = next((c for c in texts if c not in digits), None)
    name = texts[name_at] if name_at is not None else ""
    if not digits or _grand(name):
        return
    code = "".join(t.zfill(2) for t in digits.values())
    at = next(iter(digits))
    place = grid.place(index, name_at if name_at is not None else at)
    row = Row(code, name, place, code, grid.place(index, at), index=index, grid=grid)
    row.entries["决算数"] = entry(grid, index, amount)
    found.append((group, index, row))


def _grand(text: str) -> str:
    """``人员经费合计`` or ``公用经费合计`` if the label says so."""
    return next(
        (k for k in ("人员经费合计", "公用经费合计") if text == k or (text.endswith("合计") and k[:4] in text)), ""
    )


def _totals(grid: Grid, index: int, amounts: list[int], found: list[tuple[int, int, Row]]) -> None:
    cells = [(c, norm(grid.text(index, c))) for c in sorted(grid.rows.get(index, {})) if grid.text(index, c).strip()]
    marks = [(c, _grand(t)) for c, t in cells if _grand(t)]
    for position, (column, key) in enumerate(marks):
        until = marks[position + 1][0] if position + 1 < len(marks) else 10**6
        inside = [a for a in amounts if column < a < until]
        filled = [c for c, t in cells if column < c < until]
        at = next((c for c in filled if entry(grid, index, c).amount is not None), None)
        at = at if at is not None else (inside[-1] if inside else column + 1)
        row = Row(key, norm(grid.text(index, column)), grid.place(index, column), index=index, grid=grid)
        row.entries["决算数"] = entry(grid, index, at)
        found.append((99, index, row))


def side_rows(grid: Grid, header: Header, form: TableForm, bottom: int) -> tuple[list[Block], list[Problem]]:
    """收支总表 and 财拨总表: two sides of labelled rows, each with its own 行次 and amounts."""
    starts = _sides(grid, header, bottom)
    blocks: list[Block] = []
    problems: list[Problem] = []
    for side, block_form in enumerate(form.blocks):
        left = starts[side]
        right = starts[side + 1] - 1 if side + 1 < len(starts) else 10**6
        columns, wrong = match_columns(grid, header, block_form, left + 1, right)
        problems += wrong
        block = Block(block_form.key, columns)
        lines = [c for c in header.paths if left < c <= right and header.leaf(c) in ("行次", "行")]
        _labelled(grid, header, block, block_form, left, lines[0] if lines else None, bottom, problems)
        blocks.append(block)
    return blocks, problems


def _sides(grid: Grid, header: Header, bottom: int) -> list[int]:
    """The label columns of both sides: under 项目, else where the first labels stand."""
    starts = [
        c for c in sorted(header.paths) if header.leaf(c) == "项目" or (header.paths[c] and "项目" in header.paths[c])
    ]
    starts = [c for i, c in enumerate(starts) if not i or c > starts[i - 1] + 1]
    if len(starts) >= 2:
        return starts[:2]
    for index in range(header.bottom + 1, bottom + 1):
        labels = [c for c, cell in sorted(grid.rows.get(index, {}).items()) if norm(cell.text).startswith("一、")]
        if len(labels) >= 2:
            return labels[:2]
    found = [*starts, *(c for c in sorted(header.paths) if header.leaf(c).startswith("支出"))][:2]
    return [*(found or [0]), 10**6][:2]  # a side that is not there has no columns


def _labelled(
    grid: Grid,
    header: Header,
    block: Block,
    form: BlockForm,
    left: int,
    line: int | None,
    bottom: int,
    problems: list[Problem],
) -> None:
    names: dict[str, list[str]] = {}
    for row_form in form.rows:
        for name in row_form.names:
            names.setdefault(name, []).append(row_form.key)
    seen: set[str] = set()
    for index in range(header.bottom + 1, bottom + 1):
        text = grid.text(index, left)
        at_line = grid.cell(index, line) if line is not None else None
        number = word(at_line) if at_line is not None else ""
        key = _row_key(label(text), names, seen) if text.strip() else ""
        place: Place = grid.place(index, left)
        row = Row(key, norm(text), place, number=number or None, index=index, grid=grid)
        _fill(grid, index, row, block.columns)
        if line is not None:
            row.number_place = grid.place(index, line)
        if not key:
            key = _by_number(number, form, seen, text) or _odd(row, text)
            row.key = key
            if key.startswith("?") and row.has_amounts:
                problems.append(
                    Problem(
                        "row", text, place, f"{place}：“{text.strip() or '（空白项目）'}”不是本表应有的项目，却有金额"
                    )
                )
        if not row.label and not row.has_amounts and not number:
            continue
        if key:
            seen.add(key)
            block.rows.append(row)


def _row_key(name: str, names: dict[str, list[str]], seen: set[str]) -> str:
    """The canonical row; a label that stands twice (财拨总表) is told by what came before it."""
    keys = names.get(name, [])
    if len(keys) > 1:
        late = _YEAR_START in seen or "本年收入合计" in seen
        keys = [k for k in keys if k.startswith("年初") == late] or keys
    return next((k for k in keys if k not in seen), keys[0] if keys else "")


def _by_number(number: str, form: BlockForm, seen: set[str], text: str) -> str:
    """A renamed row, told by its 行次."""
    if not text.strip() or not number.isdigit():
        return ""
    return next((r.key for r in form.rows if r.number == int(number) and r.key not in seen), "")


def _odd(row: Row, text: str) -> str:
    return f"?{row.label}" if text.strip() or row.has_amounts else ""


def cell_rows(grid: Grid, header: Header, form: TableForm, bottom: int) -> tuple[list[Block], list[Problem]]:
    """三公表: one row, 预算数 and 决算数 as two halves or as interleaved pairs."""
    columns = {b.key: _three_public(grid, header, b) for b in form.blocks}
    index = next(
        (r for r in range(header.bottom + 1, bottom + 1) if any(c.text.strip() for c in grid.rows.get(r, {}).values())),
        None,
    )
    blocks = []
    for block_form in form.blocks:
        block = Block(block_form.key, columns[block_form.key])
        first = block.columns[0].index if block.columns else 0
        # without figures: the blank row of a sheet that waits for them
        at = index if index is not None else header.bottom + grid.is_sheet
        row = Row("合计行", "", grid.place(at, first), index=at, grid=grid)
        if index is not None:
            _fill(grid, at, row, block.columns)
        else:
            row.entries = {c.key: Entry(grid.place(at, c.index) if grid.is_sheet else c.place) for c in block.columns}
        block.rows.append(row)
        blocks.append(block)
    problems = []
    if not any(b.columns for b in blocks):
        problems.append(
            Problem("column", "预算数 决算数", grid.place(header.top, 0), "没有找到“预算数”“决算数”栏，本表未能核对")
        )
    return blocks, problems


def _three_public(grid: Grid, header: Header, form: BlockForm) -> list[Column]:
    half = "预算" if form.key == "三公预算" else "决算"
    found: dict[str, Column] = {}
    for column, path in sorted(header.paths.items()):
        if not any(re.search(half + r"数?$", t) for t in path):
            continue
        key = _item([t for t in path if not re.search(r"[预决]算数?$", t) or "经费" in t])
        if key and key not in found:
            found[key] = Column(
                key, " ".join(path), column, grid.place(header.bottom, column), header.numbers.get(column)
            )
    if len(found) < len(form.columns) and header.numbers:
        offset = 0 if half == "预算" else len(form.columns)
        for column, number in sorted(header.numbers.items()):
            position = int(number) - 1 - offset
            if (
                0 <= position < len(form.columns)
                and form.columns[position].key not in found
                and not any(f.index == column for f in found.values())
            ):
                key = form.columns[position].key
                found[key] = Column(
                    key, " ".join(header.paths.get(column, [])), column, grid.place(header.bottom, column), number
                )
    return sorted(found.values(), key=lambda c: c.index)


def _item(path: list[str]) -> str:
    """Which 三公 item a header path names."""
    car = any("公务用车购置及运行" in t for t in path)
    for text in reversed(path):
        if "公务用车购置及运行" in text:
            continue
        if "出国" in text:
            return "出国费"
        if "购置" in text:
            return "公务用车购置费"
        if "运行" in text:
            return "公务用车运行费"
        if "接待" in text:
            return "接待费"
        if text == "小计" or (car and text == "合计"):
            return "公务用车小计"
        if text == "合计":
            return "合计"
    return "公务用车小计" if car else ""
