"""``juesuan subjects``: the official 科目 list of a year, from a workbook or csv, into the user's data folder."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from app import outputs
from app.knowledge.subject_lists import FIELDS, KINDS, imported, list_path
from app.knowledge.text import norm
from app.numbers import plain
from app.reading.errors import Unreadable
from app.source import Grid

_CODE = re.compile(r"[235]\d{2}(?:\d{2}){0,2}")
_BROKEN = re.compile(r"[235]\d{2}(?:[-.—]\d{2}){1,2}")  # 201-03-01
_BOTH = re.compile(r"([235]\d{2}(?:\d{2}){0,2})[-—.、:_]?([\u4e00-\u9fff].*)")  # code and name in one cell
_YEAR = re.compile(r"(?<!\d)(20\d\d)(?!\d)")
_FEWEST = 10  # entries: less is no list of 科目
Row = list[str]


@dataclass(frozen=True, slots=True)
class Imported:
    """What was taken in: ``conflicts`` are codes that the file gives two names, of which the first stands."""

    kind: str
    year: int
    entries: int
    conflicts: tuple[str, ...]
    path: Path


def import_list(path: Path, year: int | None = None) -> list[Imported]:
    """Read an official list and keep it for its year; one result a kind of 科目.

    ``year`` may be left out where the file's name or its first rows tell it. Raises ``Unreadable``
    with a sentence for the clerk, and nothing is kept then; ``outputs.Unwritable``.
    """
    sheets = [list(sheet) for sheet in _sheets(path)]
    year = year or _told_year(path, sheets)
    if year is not None and not 2000 <= year <= 2099:
        raise Unreadable(f"{year} 年不对，年度应在 2000 至 2099 之间。")
    if year is None:
        raise Unreadable(f"看不出“{path.name}”是哪一年的科目，请用 --year 说明，例如 --year 2024。")
    found: dict[str, dict[str, str]] = {kind: {} for kind in KINDS}
    conflicts: dict[str, list[str]] = {kind: [] for kind in KINDS}
    for rows in sheets:
        for code, name in _entries(rows):
            kind = "经济分类" if code[0] in "35" else "功能分类"
            known = found[kind].setdefault(code, name)
            if norm(known) != norm(name):
                conflicts[kind].append(code)
    if max(map(len, found.values())) < _FEWEST:
        raise Unreadable(
            f"“{path.name}”里没有找到科目：应有一列编码（201、20101、2010101，或类、款、项三列）和一列名称。"
        )
    done = []
    for kind, names in found.items():
        if len(names) >= _FEWEST:
            target = list_path(kind, year)
            _write(target, names, year, path.name)
            done.append(Imported(kind, year, len(names), tuple(dict.fromkeys(conflicts[kind])), target))
    return done


def remove(year: int) -> int:
    """Forget the lists of a year; how many there were."""
    gone = [list_path(kind, year) for kind, y, _ in imported() if y == year]
    for path in gone:
        path.unlink(missing_ok=True)
    return len(gone)


def _write(target: Path, names: dict[str, str], year: int, source: str) -> None:
    with outputs.replacing(target, overwrite=True) as draft, draft.temp.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(FIELDS)
        writer.writerows((code, names[code], year, source) for code in sorted(names))


def _sheets(path: Path) -> Iterator[Iterable[Row]]:
    """The rows of a file, sheet by sheet, as texts."""
    if path.suffix.lower() in (".csv", ".txt"):
        yield _csv_rows(path)
        return
    from app.reading.read import read

    for item in read(path).items:
        if isinstance(item, Grid):
            yield (_texts(item, row) for row in sorted(item.rows))


def _texts(grid: Grid, row: int) -> Row:
    cells = grid.rows[row]
    texts = []
    for column in range(min(max(cells, default=-1) + 1, 30)):
        cell = cells.get(column)
        value = cell.value if cell else None
        texts.append("" if cell is None or value is None else value if isinstance(value, str) else plain(value) if not isinstance(value, bool) else "")  # fmt: skip
    return texts


def _csv_rows(path: Path) -> list[Row]:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise Unreadable(f"“{path.name}”打不开，请确认文件还在、没有被其他程序占用。") from error
    wide = data[:2] in (b"\xff\xfe", b"\xfe\xff")  # Excel's “Unicode 文本”
    for encoding in ("utf-16",) if wide else ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        return list(csv.reader(text.splitlines(), delimiter=max(",\t;；，", key=text[:4000].count)))
    raise Unreadable(f"“{path.name}”的文字编码认不出，请另存为 UTF-8 或 GB18030 编码的 csv，或 .xlsx。")


def _told_year(path: Path, sheets: list[list[Row]]) -> int | None:
    for text in (path.stem, *(" ".join(row) for rows in sheets for row in rows[:5])):
        years = Counter(_YEAR.findall(text))
        if years:
            return int(years.most_common(1)[0][0])
    return None


def _entries(rows: list[Row]) -> Iterator[tuple[str, str]]:
    """(code, name) of every row that has both: a code in one cell, or 类 款 项 in three."""
    table = [_split([_bare(cell) for cell in row]) for row in rows]
    counted = _counting(table)
    table = [[cell for n, cell in enumerate(row) if n not in counted] for row in table]
    base = _base(table)
    last = ["", "", ""]
    for row in table:
        cells = row[base:]
        first = next((n for n, cell in enumerate(cells) if cell), None)
        if first is None:
            continue
        code, at = _code(cells, first, last)
        # mostly the name follows its code; some lists have it before
        name = next((cell for cell in [*cells[at:], *reversed(row[:base])] if _is_name(cell)), "") if code else ""
        if name:
            yield code, name.replace("(", "（").replace(")", "）")


def _bare(cell: str) -> str:
    """A cell as compared, without what spreadsheets put around a code (``="201"``, ``201.0``)."""
    text = re.sub(r'^="?|"$|^\'', "", norm(cell)).removesuffix(".0")
    return re.sub(r"\D", "", text) if _BROKEN.fullmatch(text) else text


def _split(row: Row) -> Row:
    """Code and name of one cell as two; a row that has none stays as it is."""
    for n, cell in enumerate(row):
        if hit := _BOTH.fullmatch(cell):
            return [*row[:n], hit[1], hit[2], *row[n + 1 :]]
    return row


def _counting(table: list[Row]) -> set[int]:
    """Columns that only count the rows (序号)."""
    found = set()
    for column in range(max(map(len, table), default=0)):
        numbers = [int(row[column]) for row in table if column < len(row) and re.fullmatch(r"\d{1,5}", row[column])]
        steps = sum(b == a + 1 for a, b in pairwise(numbers))
        if len(numbers) >= _FEWEST and numbers[0] <= 1 and steps >= 0.9 * (len(numbers) - 1):
            found.add(column)
    return found


def _base(table: list[Row]) -> int:
    """The leftmost column of codes."""
    codes: Counter[int] = Counter()
    for row in table:
        codes.update(n for n, cell in enumerate(row) if _CODE.fullmatch(cell))
    return min((n for n, count in codes.items() if count > 1), default=0)


def _is_name(cell: str) -> bool:
    return len(re.findall(r"[\u4e00-\u9fff]", cell)) >= 2


def _code(cells: Row, first: int, last: list[str]) -> tuple[str, int]:
    """The code of a row and where its name may begin; ``last`` holds 类 款 项 of the row before."""
    if _CODE.fullmatch(cells[first]) and not (first + 1 < len(cells) and re.fullmatch(r"\d{1,2}", cells[first + 1])):
        last[:] = [cells[first][:3], cells[first][3:5], ""]
        return cells[first], first + 1
    parts = cells[:3]
    if len(parts) < 3 or not all(re.fullmatch(r"\d{0,3}", p) for p in parts) or not any(parts):
        return "", 0
    if parts[0]:
        last[:] = [parts[0], parts[1].zfill(2) if parts[1] else "", ""]
    elif parts[1]:
        last[1] = parts[1].zfill(2)
    level = 3 if parts[2] else 2 if parts[1] else 1
    code = "".join([last[0], last[1], parts[2].zfill(2)][:level])
    return (code, 3) if _CODE.fullmatch(code) else ("", 0)
