"""The tables of a text file that are no code tables: two-sided ones, 基本支出表 and 三公表."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING

from app.reading import text_columns as columns
from app.reading import text_rows as rows
from app.reading.text_forms import HEADERS, Header, compact, printed
from app.reading.text_known import Known
from app.reading.text_layout import (
    LEFT,
    Sheet,
    header_of,
    put_amounts,
    report_odd,
    unread_row,
    unread_table,
)

if TYPE_CHECKING:
    from app.reading.text_tables import Draft, Found

_ZERO = Decimal(0)


@dataclass(slots=True)
class Sides:
    """A two-sided table before it is laid out."""

    header: Header
    counted: bool
    rows: list[tuple[rows.Half, rows.Half]] = field(default_factory=list)
    odd: list[int] = field(default_factory=list)

    @property
    def lost(self) -> bool:
        """Amounts stand apart from their labels: the file prints one cell a line."""
        apart = sum(bool(h.amounts) and not h.label and h.number is None for pair in self.rows for h in pair)
        return apart + len(self.odd) > 2


def parse(draft: Draft, found: Found) -> Sides:
    """Cut every row of 收支总表 or 财拨总表 into its two halves."""
    body = [r for r in draft.body if not all(re.fullmatch("[行次]+", t.plain) for t in r)]
    counted = rows.numbered(body)
    tab = _tab_layout(body, counted)
    numbers = sum(t.is_count for t in draft.numbers)
    width = numbers - 1 if numbers > 1 else None
    header = header_of(draft, found, width if found.key == "财拨总表" else None)
    table = Sides(header, counted)
    after = (1, 0)
    for line in body:
        one, two = _cells(line, tab, counted) if tab and line[0].cell >= 0 else (None, None)
        if one is None or two is None:
            one, two = rows.halves(line, counted, after, LEFT)
        if _wrapped(table, one, two):
            continue
        after = (_next(one, after[0]), _next(two, after[1]))
        table.rows.append((one, two))
    for pair in table.rows:
        _trim(pair[0], 1, table)
        _trim(pair[1], header.width, table)
    return table


def _next(half: rows.Half, before: int) -> int:
    return int(half.number.plain) + 1 if half.number is not None else before


def _trim(half: rows.Half, most: int, table: Sides) -> None:
    table.odd += [t.line for t in half.amounts[most:]]
    del half.amounts[most:]


def _wrapped(table: Sides, one: rows.Half, two: rows.Half) -> bool:
    """A label that runs over into a line of its own is the rest of the label above."""
    lone = one if one.label and two.blank else two if two.label and one.blank else None
    if (
        lone is None
        or lone.number is not None
        or not table.rows
        or re.match(r"[一二三四五六七八九十]+[、.]", lone.label)
    ):
        return False
    if re.fullmatch(r"本年(?:收入|支出)合计|.{0,2}总计|年[初末].*|使用.*|结余分配.*", compact(lone.label)):
        return False
    last = table.rows[-1]
    # The upper label that does not end like a complete one takes the rest.
    target = last[1] if last[1].label and not re.search("支出|合计|总计|结余|分配$", last[1].label) else last[0]
    if not target.label or (lone.amounts and target.amounts):
        return False
    target.label += lone.label
    target.amounts += lone.amounts
    return True


def _tab_layout(body: list[list[rows.Token]], counted: bool) -> tuple[int, int] | None:
    """(cell of the right label, cell of the first right amount) in a tab-separated table."""
    second = Counter(t.cell for r in body for t in r if t.cell > 1 and not t.is_amount)
    if not second or len(body) < 5:
        return None
    right, hits = second.most_common(1)[0]
    return (right, right + (2 if counted else 1)) if hits >= len(body) * 0.6 else None


def _cells(
    line: list[rows.Token], tab: tuple[int, int], counted: bool
) -> tuple[rows.Half, rows.Half] | tuple[None, None]:
    """A tab-separated row by its cells; (None, None) when its cells are shifted."""
    one, two = rows.Half(line[0].line), rows.Half(line[0].line)
    given: list[int] = []
    for token in line:
        side, at = (two, token.cell - tab[0]) if token.cell >= tab[0] else (one, token.cell)
        if at == 0 and not token.is_amount:
            side.label = token.text
        elif counted and at == 1 and token.is_count:
            side.number = token
        elif token.is_amount and at >= (2 if counted else 1):
            side.amounts.append(token)
            if side is two:
                given.append(token.cell - tab[1])
        else:
            return None, None
    two.given = tuple(given)
    return one, two


def build(sheet: Sheet, draft: Draft, table: Sides, known: Known) -> None:
    """Lay out a two-sided table: 项目 [行次] 金额 | 项目 [行次] and the right amounts."""
    spread = _spread(table, known)
    stream = draft.stream
    count = ["行次"] if table.counted else []
    amount = printed(("决算数", "金额"), stream)
    right = [printed(n, stream) for n in table.header.names] if table.header.width > 1 else [amount]
    heads = [["收入", w] for w in ("项目", *count, amount)] + [["支出", w] for w in ("项目", *count, *right)]
    sheet.paths(heads, draft)
    middle, first = len(count) + 2, len(count) * 2 + 3
    if draft.numbers:
        _numbers(sheet, draft, middle, first)
    lost = table.lost
    for (one, two), row in zip(table.rows, spread, strict=True):
        for half, left in ((one, 0), (two, middle)):
            sheet.put(left, half.label, half.line)
            if half.number is not None:
                sheet.put(left + 1, half.number.text, half.number.line)
        if lost:
            unread_row(sheet, (middle - 1, *range(first, first + len(right))), one.line)
        else:
            for token in one.amounts:
                sheet.put(middle - 1, token.text, token.line)
            put_amounts(sheet, first, two.amounts, row, two.line, two.label, right)
        sheet.row += 1
    if lost:
        unread_table(sheet)
    else:
        report_odd(sheet, table.odd)


def _numbers(sheet: Sheet, draft: Draft, middle: int, first: int) -> None:
    for index, token in enumerate(t for t in draft.numbers if t.is_count):
        sheet.put(middle - 1 if index == 0 else first + index - 1, token.text, token.line)
    for column, token in zip((0, middle), (t for t in draft.numbers if t.plain == "栏次"), strict=False):
        sheet.put(column, token.text, token.line)
    sheet.row += 1


def _spread(table: Sides, known: Known) -> list[columns.Spreading]:
    """The columns of the right-hand amounts (one column only in 收支总表)."""
    width = table.header.width
    spread = [columns.Spreading([t.value for t in two.amounts], two.given) for _, two in table.rows]
    columns.start(spread, width, columns.total_first(width) if width > 1 else lambda _: True, True)
    if width == 1:
        return spread
    named = {compact(two.label): s for (_, two), s in zip(table.rows, spread, strict=True) if two.label}
    total = next((s for n, s in named.items() if n.startswith("本年支出")), None)
    grand = next((s for n, s in reversed(named.items()) if n.endswith("总计")), None)
    if total is None:
        return spread
    after = False
    closing = []
    for (_, two), row in zip(table.rows, spread, strict=True):
        if row is total:
            after = True
        elif not after:
            total.children.append(row)
        elif row is not grand and compact(two.label).startswith("年末"):
            closing.append(row)
    columns.solve(spread, width)
    columns.prefer(total, known.funds())
    columns.within([r for r in total.children], total)
    if grand is not None:
        grand.children = [total, *closing]
    columns.solve(spread, width)
    return spread


def build_pairs(sheet: Sheet, draft: Draft) -> None:
    """Lay out 基本支出表: two or three (code, name, amount) blocks, the two totals at the end."""
    lines = rows.item_rows(draft.body)
    blocks = max([2, *(len(i) for i in lines)])
    home = _homes(lines, blocks)
    stream = draft.stream
    code = printed(("经济分类科目编码", "科目编码", "科目代码"), stream)
    amount = printed(("决算数", "金额"), stream)
    name = printed(("科目名称", "名称"), stream)
    heads = [["人员经费" if b == 0 else "公用经费", w] for b in range(blocks) for w in (code, name, amount)]
    sheet.paths(heads, draft)
    for found in lines:
        for item in found:
            _item(sheet, item, home, blocks)
        sheet.row += 1


def _homes(lines: list[list[rows.Item]], blocks: int) -> dict[str, int]:
    """In which block each class of codes stands, by where full lines print it."""
    votes: dict[str, Counter[int]] = {}
    for found in lines:
        if len(found) == blocks:
            for item in found:
                votes.setdefault(item.code[:3], Counter())[item.order] += 1
    home = {c: v.most_common(1)[0][0] for c, v in votes.items()}
    for found in lines:
        for item in found:
            personal = item.code[:3] in ("301", "303")
            home.setdefault(item.code[:3], 0 if personal else 1 if item.code[:3] == "302" else blocks - 1)
    return home


def _item(sheet: Sheet, item: rows.Item, home: dict[str, int], blocks: int) -> None:
    if item.total:
        first = item.order == 0 and "公用" not in item.name
        left, right = (0, 2) if first else (3, blocks * 3 - 1)
        sheet.put(left, item.name, item.line, right - 1)
        if item.amount is not None:
            sheet.put(right, item.amount.text, item.amount.line)
        return
    left = home[item.code[:3]] * 3
    while sheet.found.grid.cell(sheet.row, left) is not None and left + 3 < blocks * 3:
        left += 3
    sheet.put(left, item.code, item.line)
    sheet.put(left + 1, item.name, item.line)
    if item.amount is not None:
        sheet.put(left + 2, item.amount.text, item.amount.line)


def build_visits(sheet: Sheet, draft: Draft, known: Known) -> None:
    """Lay out 三公表: six 预算数 then six 决算数, or pairs; a row that lost cells by its sums."""
    header = HEADERS["三公表"][0]
    paired = draft.stream.count("预算数") > 2
    heads = []
    for index in range(12):
        at = index // 2 if paired else index % 6
        kind = ["预算数", "决算数"][index % 2 if paired else index // 6]
        group, name = header.groups[at], printed(header.names[at], draft.stream)
        path = [group, name] if group else [name, ""]
        heads.append([*path, kind] if paired else [kind, *path])
    sheet.paths(heads, draft)
    if draft.numbers:
        for index, token in enumerate(t for t in draft.numbers if t.is_count):
            sheet.put(index, token.text, token.line)
        sheet.row += 1
    start = next((t.cell for t in draft.numbers if t.plain == "1"), 0)
    for line in draft.body:
        found = [t for t in line if t.is_amount]
        if len(found) > 12 or not found:
            report_odd(sheet, [line[0].line])
            continue
        given = tuple(t.cell - start for t in found) if found[0].cell >= 0 else None
        row = columns.Spreading([t.value for t in found], given)
        columns.start([row], 12, lambda r: _visits_sum(r, paired), False)
        columns.prefer(row, {_position(c, paired): v for c, v in known.visits().items()})
        put_amounts(sheet, 0, found, row, line[0].line, "", ["·".join(h) for h in heads])
        sheet.row += 1


def _position(column: int, paired: bool) -> int:
    return (column % 6) * 2 + column // 6 if paired else column


def _visits_sum(row: dict[int, Decimal], paired: bool) -> bool:
    for half in (0, 1):
        total, abroad, cars, bought, run, guests = (row.get(_position(half * 6 + i, paired), _ZERO) for i in range(6))
        if not columns.near(total, (abroad, cars, guests)) or not columns.near(cars, (bought, run)):
            return False
    return True
