"""Where each table begins and ends: titles, what the rows around them state, notes below."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from app.knowledge.forms import titles
from app.knowledge.text import norm
from app.report.table import Stated
from app.source import Grid, Line

NUMBER = re.compile(r"公开0?(\d)表|\(?表(\d)\)?$")
MONEY = re.compile(r"单位[:：]?(?:人民币)?(万元|元|亿元|千元|百元)|^\(?(万元|元)\)?$")
YEAR = re.compile(r"(20\d{2})年?度?")
UNIT = re.compile(r"^(?:编制单位|编制部门|公开部门|公开单位|填报单位|预算单位|部门名称|单位名称|部门|单位)[::](.+)$")
NOTE = re.compile(r"^(?:注|备注|说明)[:：]?")
NONE = re.compile(
    r"(?:故|因此)?本表(?:无数据|为空|无数字)|(?:没有|无|未(?:发生|安排)).{2,40}(?:收入|支出|收支|经费|资金)"
)
_HEADER = (
    "项目",
    "科目编码",
    "科目代码",
    "功能分类科目编码",
    "经济分类科目编码",
    "人员经费",
    "预算数",
    "栏次",
    "收入",
    "科目名称",
    "决算数",
)
_HEADER_LIKE = re.compile(r".{0,8}科目(?:编码|代码)|因公出国\(境\)费用?|(?:.{0,14})?\"三公\"经费")
_AROUND = re.compile(r"20\d{2}年?度?|年度|表\d+|公开\d+表|附[件表]\d*|[\d()一二三四五六七八九十、.:：,附表件续-]")


@dataclass(slots=True)
class Segment:
    """The rows of one table in one grid, before columns are known."""

    key: str
    title: Stated
    grid: Grid
    top: int
    bottom: int
    continued: bool = False
    number: Stated | None = None
    unit_name: Stated | None = None
    year: Stated | None = None
    money: Stated | None = None
    header: int = 0  # first header row
    notes: list[Line] = field(default_factory=list)
    statement: Line | None = None


def title_key(text: str) -> tuple[str, str] | None:
    """(table key, compared title) if ``text`` is the title of one of the nine tables.

    A unit name, a year, ``(表 1)`` or ``公开01表`` may stand around it; a sentence may not.
    """
    bare = norm(text)
    if not 5 <= len(bare) <= 70 or bare.startswith(("注", "说明")):
        return None
    for title, key in titles():
        at = bare.find(title)
        if at < 0:
            continue
        before, after = bare[:at], bare[at + len(title) :]
        rest = _AROUND.sub("", after)
        if rest or any(c in before for c in "。;") or before.endswith(("见", "和", "与", "本")):
            return None
        return key, title
    return None


def is_header_row(grid: Grid, row: int) -> bool:
    """True when at least one cell of the row is a word that only table headers hold."""
    texts = (norm(c.text) for c in grid.rows.get(row, {}).values())
    return any(t in _HEADER or _HEADER_LIKE.fullmatch(t) for t in texts)


def segments(grid: Grid) -> list[Segment]:
    """The tables of one grid in order. A title without a header below it (目录, cover) is none."""
    rows = sorted(r for r, cells in grid.rows.items() if any(c.text.strip() for c in cells.values()))
    found: list[tuple[int, Stated, str]] = []
    for row in rows:
        for cell in grid.rows[row].values():
            if isinstance(cell.value, str) and (hit := title_key(cell.value)):
                found.append((row, Stated(hit[1], cell.text, grid.place(row, cell.column)), hit[0]))
                break
    result = []
    for position, (row, stated, key) in enumerate(found):
        until = found[position + 1][0] if position + 1 < len(found) else (rows[-1] + 1 if rows else 0)
        header = next((r for r in rows if row < r < until and r - row <= 12 and is_header_row(grid, r)), None)
        if header is None:
            continue
        segment = Segment(key, stated, grid, row, until - 1, "续" in stated.text, header=header)
        result.append(segment)
    _bounds(grid, rows, result)
    return result


def untitled(grid: Grid, key: str, stated: Stated) -> Segment | None:
    """The whole grid as one table named from outside (a sheet name, the table it continues)."""
    rows = sorted(r for r, cells in grid.rows.items() if any(c.text.strip() for c in cells.values()))
    if not rows:
        return None
    header = next((r for r in rows if is_header_row(grid, r)), rows[0])
    segment = Segment(key, stated, grid, rows[0], rows[-1], header=header)
    _state(segment, range(rows[0], header + 1))
    _tail(segment, rows)
    return segment


def _bounds(grid: Grid, rows: list[int], found: list[Segment]) -> None:
    """Rows just above a title that only state something (公开01表) belong to that table."""
    for position, segment in enumerate(found):
        floor = found[position - 1].header if position else -1
        start = segment.top
        for row in reversed([r for r in rows if floor < r < segment.top]):
            texts = [norm(c.text) for c in grid.rows[row].values() if c.text.strip()]
            if segment.top - row > 6 or not all(
                NUMBER.fullmatch(t) or re.fullmatch(r"附[件表]?\d*[:：]?", t) for t in texts
            ):
                break
            start = row
        if position:
            found[position - 1].bottom = min(found[position - 1].bottom, start - 1)
        _state(segment, range(start, segment.header + 2))
    for segment in found:
        _tail(segment, rows)


def _state(segment: Segment, rows: range) -> None:
    """Reads 公开NN表, unit name, year and 万元 from the rows around the title."""
    grid = segment.grid
    for row in rows:
        for cell in sorted(grid.rows.get(row, {}).values(), key=lambda c: c.column):
            text = norm(cell.text)
            if not text or (row > segment.header and not MONEY.search(text)):
                continue
            place = grid.place(row, cell.column)
            if segment.number is None and (hit := NUMBER.search(text)):
                digit = hit.group(1) or hit.group(2)
                segment.number = Stated(f"公开0{digit}表" if hit.group(1) else digit, cell.text, place)
            if segment.money is None and (hit := MONEY.search(text)):
                segment.money = Stated(hit.group(1) or hit.group(2), cell.text, place)
                text = MONEY.sub("", text).removesuffix("金额")
            if segment.year is None and (hit := YEAR.search(text)):
                segment.year = Stated(hit.group(1), cell.text, place)
            name = UNIT.match(YEAR.sub("", text))
            if segment.unit_name is None and name and not MONEY.search(text):
                segment.unit_name = Stated(_unit(name.group(1)), cell.text, place)
            elif segment.unit_name is None and text.rstrip(":") in (
                "部门",
                "编制单位",
                "编制部门",
                "公开部门",
                "单位名称",
            ):
                right = next(
                    (
                        c
                        for c in sorted(grid.rows[row].values(), key=lambda c: c.column)
                        if c.column > cell.column and c.text.strip()
                    ),
                    None,
                )
                if right is not None and not MONEY.search(norm(right.text)) and not YEAR.fullmatch(norm(right.text)):
                    segment.unit_name = Stated(_unit(norm(right.text)), right.text, grid.place(row, right.column))


def _unit(text: str) -> str:
    bare = re.sub(r"(?:金额)?单位[:：]?.*$|公开\d+表.*$", "", text).strip("_ ").removesuffix("()")
    # brackets left over from what was cut, not those of 某局(本级)
    return bare if bare.count("(") == bare.count(")") and not bare.startswith("(") else bare.strip("()_ ")


def _wrapped(before: str, text: str) -> bool:
    """Whether a line of a note goes on with the one before it, which a narrow page broke."""
    before = norm(before)
    if before[-1:] in "。；;.!" or NOTE.match(text) or text == "注":
        return False
    return len(before) > 23 or before[-1] in ",，、"


def _tail(segment: Segment, rows: list[int]) -> None:
    """Takes the 注 and the statement of none from the end of the table."""
    grid = segment.grid
    noting = False
    last = segment.header
    for row in [r for r in rows if segment.header < r <= segment.bottom]:
        cells = [c for c in sorted(grid.rows[row].values(), key=lambda c: c.column) if c.text.strip()]
        first = norm(cells[0].text)
        if NOTE.match(first) or (noting and len(cells) == 1 and isinstance(cells[0].value, str)):
            noting = True
        elif not (len(cells) == 1 and isinstance(cells[0].value, str) and len(first) > 8 and NONE.search(first)):
            noting = False
            last = row
            continue
        for cell in cells:
            line = Line(cell.text, grid.place(row, cell.column))
            if len(cells) == 1 and segment.notes and _wrapped(segment.notes[-1].text, first):
                before = segment.notes.pop()
                line = Line(before.text + cell.text, before.place)
            text = norm(line.text)
            if segment.statement is None and NONE.search(text) and "反映" not in text:
                segment.statement = line
            segment.notes.append(line)
    segment.bottom = last
