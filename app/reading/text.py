"""Plain text and markdown in: lines as printed, and the tables in them as grids."""

from __future__ import annotations

import codecs
import re
from pathlib import Path

from app.reading import text_rows, text_tables
from app.reading.errors import Unreadable
from app.source import Cell, Grid, Line, Place, Source

MAX_BYTES = 32 * 1024 * 1024
MAX_LINES = 100_000  # a report of a hundred pages has some 5,000


def read(path: Path | str) -> Source:
    """The lines and tables of a ``.txt`` or ``.md`` file in reading order (kind ``text``).

    ``Line.text`` is the line exactly as printed without its end; ``Place(line=n)`` counts lines from
    1 as an editor does. Each of the nine tables is one ``Grid`` (its cells cleaned of bold tags, with the
    line each stands in); other tab- or bar-separated rows are grids as printed. Lines of a grid
    are not repeated as lines. Raises ``Unreadable``.
    """
    lines = re.split(r"\r\n|\r|\n", _text(Path(path)))
    if len(lines) > MAX_LINES:
        raise Unreadable(f"文本超过 {MAX_LINES // 10000} 万行，不像决算公开报告，请确认是否选错文件")
    source = Source(str(path), "text", pages=0)
    found = {t.first: t for t in text_tables.find(lines)}
    index = 0
    while index < len(lines):
        table = found.get(index)
        if table is not None:
            source.items.append(table.grid)
            source.problems += table.problems
            index = table.last + 1
            continue
        stop = _tab_run(lines, index, found)
        if stop > index:
            source.items.append(_plain_grid(lines, index, stop))
            index = stop
            continue
        if lines[index].strip("\ufeff \t\f\u3000"):
            source.items.append(Line(lines[index], Place(line=index + 1), _bold(lines[index])))
        index += 1
    _pictures(source, lines)
    return source


def _text(path: Path) -> str:
    """The decoded file: a byte-order mark decides, else UTF-8, else GB 18030."""
    try:
        if path.stat().st_size > MAX_BYTES:
            raise Unreadable(f"文本超过 {MAX_BYTES >> 20} MB，不像决算公开报告，请确认是否选错文件")
        data = path.read_bytes()
    except OSError as error:
        raise Unreadable(f"文件打不开（{error.strerror}），请确认文件还在、没有被其他程序占用") from error
    if not data.strip():
        raise Unreadable("文件是空的，没有可以核对的内容")
    text = decode(data)
    if text is None:
        raise Unreadable("这不是文本文件，或文字编码无法识别，请另存为 UTF-8 编码的文本后再试")
    return text


def decode(data: bytes) -> str | None:
    """``data`` as text, or None when it is none of UTF-8, UTF-16, GB 18030 (or holds NUL bytes)."""
    marks = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
    guesses = [name for mark, name in marks if data.startswith(mark)]
    if not guesses:
        guesses = ["utf-8", "gb18030"]
        head = data[:4000]
        if head.count(0) > len(head) // 20:  # ASCII digits and line ends in UTF-16 hold a zero byte each
            guesses = ["utf-16-le" if head[1::2].count(0) >= head[0::2].count(0) else "utf-16-be"]
    for name in guesses:
        try:
            text = data.decode(name)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text
    return None


def _bold(text: str) -> bool:
    bare = text.strip()
    return bare.startswith("#") or (bare.startswith("**") and bare.endswith("**") and len(bare) > 4)


def _tab_run(lines: list[str], start: int, found: dict[int, text_tables.Found]) -> int:
    """The line after a run of two or more tab- or bar-separated rows; ``start`` when there is none."""
    stop, rows, index = start, 0, start
    while index < len(lines) and index not in found:
        if text_rows.cells(lines[index]) is not None:
            rows, stop = rows + 1, index + 1
        elif lines[index].strip() or index > stop:  # one blank line may stand between rows
            break
        index += 1
    return stop if rows >= 2 else start


def _plain_grid(lines: list[str], start: int, stop: int) -> Grid:
    """Tab- or bar-separated rows as printed, one grid row a line."""
    grid = Grid(f"第{start + 1}行起的表格", is_sheet=False)
    row = 0
    for index in range(start, stop):
        cells = text_rows.cells(lines[index])
        if cells is None or all(re.fullmatch(r":?-{2,}:?", c) for c in cells):
            continue
        for column, text in enumerate(cells):
            if text:
                grid.put(Cell(row, column, text, place=Place(line=index + 1)))
        row += 1
    return grid


def _pictures(source: Source, lines: list[str]) -> None:
    """A report that names tables but holds none: they were pictures, so they cannot be checked."""
    from app.reading.text_forms import compact, title_key

    if any(title_key(g.name) for g in source.grids):
        return
    part = next((i for i, t in enumerate(lines) if re.search(r"决算表$", compact(t)) and "部分" in compact(t)), None)
    named = next((i for i, t in enumerate(lines) if title_key(t)), None)
    where = part if part is not None else named
    if where is None:
        where = next(
            (i for i, t in enumerate(lines) if re.fullmatch(r".{0,30}年度(?:部门|单位)决算表", compact(t))), None
        )
    if where is not None:
        message = "文本中没有公开表的数字（原文可能是图片），九张表无法核对，只核对文字；请同时提供公开表的 Excel 文件"
        source.problems.append((message, Place(line=where + 1)))
