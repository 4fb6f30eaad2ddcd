"""Word in: every paragraph and table of ``word/document.xml`` in document order.

**How paragraphs are counted.** ``Place.paragraph`` is the number of a ``w:p``, from 1, among all
``w:p`` of the body that are not inside a table, in the order their start tags stand: content
controls, text boxes (after the paragraph they hang on), empty and deleted paragraphs count. Of
``mc:AlternateContent`` only one branch counts: the first ``Choice`` that holds text, else ``Fallback``.
``Place.table`` numbers the ``w:tbl`` the same way (a nested one after the one around it), ``row`` its
``w:tr``, ``column`` the grid column where the cell begins, all from 1. ``walk`` yields exactly this
numbering with the elements, so a writer finds the paragraph a finding speaks of.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from lxml import etree

from app.reading.errors import Unreadable
from app.reading.word_numbering import Numbering, W
from app.reading.word_package import WordPackage
from app.reading.word_text import Fields, children, count, is_bold, label_of, local, paragraph_text, text_boxes
from app.source import Cell, Grid, Line, Place, Source, Span

MAX_CELLS = 1_000_000
MAX_PARAGRAPHS = 500_000  # outside tables; a thousand pages hold some 40,000
MAX_DEPTH = 200  # elements inside each other outside of runs; Word itself nests tables some twenty deep
MAX_SPAN = 256
_CHANGES = ("ins", "del", "moveFrom", "moveTo")
_PASS = frozenset(("sdt", "sdtContent", "customXml", "smartTag", "ins", "moveTo"))


def read(path: Path | str) -> Source:
    """The paragraphs and tables of a ``.docx`` in reading order (kind ``word``).

    Text in tracked insertions and content controls is kept, deleted and hidden text dropped, a field
    gives its result. Automatic numbers (一、 （二） 1.) are written before the text as Word shows them;
    ``features["numbering"]`` counts them. Footnotes follow at the end at the place that refers to
    them. ``features`` also counts ``comments`` and ``tracked changes``. Raises ``Unreadable``.
    """
    package = WordPackage(Path(path))
    root = package.root(package.main)
    body = root.find(f"{W}body")
    if body is None:
        raise Unreadable("文档里没有正文，请用 Word 或 WPS 打开确认内容后另存为 .docx 再校核")
    source = Source(str(path), "word")
    numbering = Numbering(package.related("numbering"), package.related("styles"))
    try:
        reader = _Reader(source, numbering)
        reader.body(body)
        for kind in ("footnote", "endnote"):
            reader.notes(package.related(f"{kind}s"), kind)
    except RecursionError as error:
        raise Unreadable(
            "文档内部嵌套过深，不像 Word 写出的文件，请用 Word 或 WPS 打开后另存为 .docx 再校核"
        ) from error
    comments = package.related("comments")
    if comments is not None and (number := sum(1 for _ in comments.iter(f"{W}comment"))):
        source.features["comments"] = str(number)
    if number := sum(count(body, name) for name in _CHANGES):
        source.features["tracked changes"] = str(number)
    if reader.labels:
        source.features["numbering"] = str(reader.labels)
    reader.report()
    return source


def walk(body: etree._Element) -> Iterator[tuple[Place, etree._Element]]:
    """Each ``w:p`` outside tables and each ``w:tbl`` (row and column None), with its ``Place``.

    A table's own cells come from ``cells``. Order and numbers are those of ``read``.
    """
    state = [0, 0]
    yield from _walk(body, state, 0)


def _walk(element: etree._Element, state: list[int], depth: int) -> Iterator[tuple[Place, etree._Element]]:
    if depth > MAX_DEPTH:
        raise RecursionError
    for child in children(element):
        name = local(child)
        if name == "p":
            state[0] += 1
            yield Place(paragraph=state[0]), child
            for box in text_boxes(child):
                yield from _walk(box, state, depth + 1)
        elif name == "tbl":
            yield from _tables(child, state, depth)
        elif name in _PASS:
            yield from _walk(child, state, depth + 1)
        elif name in ("altChunk",):
            yield Place(paragraph=state[0] or None), child


def _tables(table: etree._Element, state: list[int], depth: int) -> Iterator[tuple[Place, etree._Element]]:
    """A table, then the tables inside its cells."""
    if depth > MAX_DEPTH:
        raise RecursionError
    state[1] += 1
    yield Place(table=state[1]), table
    for _, _, _, cell in cells(table):
        for inner in _nested(cell):
            yield from _tables(inner, state, depth + 1)


def _nested(element: etree._Element) -> Iterator[etree._Element]:
    """The tables directly inside a cell, also those in content controls and text boxes."""
    for child in children(element):
        name = local(child)
        if name == "tbl":
            yield child
        elif name == "p":
            for box in text_boxes(child):
                yield from _nested(box)
        elif name in _PASS:
            yield from _nested(child)


def cells(table: etree._Element) -> Iterator[tuple[int, int, int, etree._Element]]:
    """(row, column, columns it covers, ``w:tc``) of every cell of a table; row and column from 0."""
    for number, row in enumerate(_members(table, "tr")):
        properties = row.find(f"{W}trPr")
        column = _number(properties, "gridBefore", 0)
        for cell in _members(row, "tc"):
            wide = max(1, min(_number(cell.find(f"{W}tcPr"), "gridSpan", 1), MAX_SPAN))
            yield number, column, wide, cell
            column += wide


def paragraphs(element: etree._Element) -> Iterator[etree._Element]:
    """The ``w:p`` of a cell or text box, not those of tables inside it; text boxes after their paragraph."""
    for child in children(element):
        name = local(child)
        if name == "p":
            yield child
            for box in text_boxes(child):
                yield from paragraphs(box)
        elif name in _PASS:
            yield from paragraphs(child)


def _members(element: etree._Element, name: str) -> Iterator[etree._Element]:
    """Rows of a table or cells of a row, also those in content controls."""
    for child in children(element):
        if local(child) == name:
            yield child
        elif local(child) in _PASS:
            yield from _members(child, name)


def _number(properties: etree._Element | None, name: str, default: int) -> int:
    child = properties.find(f"{W}{name}") if properties is not None else None
    text = "" if child is None else child.get(f"{W}val", "")
    return min(int(text), 1000) if text.isdigit() else default


class _Reader:
    """Fills a ``Source`` from the body; fields and lists run on over paragraphs."""

    def __init__(self, source: Source, numbering: Numbering) -> None:
        self._source = source
        self._numbering = numbering
        self._fields = Fields()
        self._notes: dict[tuple[str, str], Place] = {}
        self._pictures: dict[int, str] = {}
        self._cells = 0
        self.labels = 0

    def body(self, body: etree._Element) -> None:
        for place, element in walk(body):
            name = local(element)
            if name == "p":
                if (place.paragraph or 0) > MAX_PARAGRAPHS:
                    raise Unreadable(
                        f"文档超过 {MAX_PARAGRAPHS // 10000} 万段，远超正常的报告，没有读取；请拆分后再校核"
                    )
                text = self._text(element, place)
                if text.strip():
                    self._source.items.append(Line(text, place, is_bold(element)))
                if kind := label_of(element):
                    self._pictures[place.paragraph or 0] = kind
            elif name == "tbl":
                self._table(element, place)
            else:
                message = "文档在这里嵌入了另一个文件的内容，未能读取；请在 Word 中打开后另存，再重新校核"
                self._source.problems.append((message, place))

    def _text(self, paragraph: etree._Element, place: Place) -> str:
        """A paragraph as Word shows it, its automatic number first."""
        text, notes, gone = paragraph_text(paragraph, self._fields)
        for note in notes:
            self._notes.setdefault(note, place)
        if gone and not text.strip():
            return ""
        label = self._numbering.label(paragraph.find(f"{W}pPr"))
        if label and text.strip():
            self.labels += 1
            return label + text
        return text

    def _table(self, table: etree._Element, place: Place) -> None:
        grid = Grid(f"第{place.table}个表格", is_sheet=False)
        down: dict[int, tuple[int, int]] = {}  # column -> (row where a vertical merge began, its right column)
        ends: dict[tuple[int, int], tuple[int, int]] = {}
        for row, column, wide, cell in cells(table):
            self._cells += 1
            if self._cells > MAX_CELLS:
                raise Unreadable(
                    f"文档里的表格超过 {MAX_CELLS // 10000} 万格，远超正常的报告，没有读取；请拆分后再校核"
                )
            right = column + wide - 1
            merge = self._vertical(cell)
            if merge == "continue" and column in down:
                top = down[column][0]
                ends[(top, column)] = (row, down[column][1])
                continue
            for each in range(column, right + 1):
                down.pop(each, None)
            if merge:
                down[column] = (row, right)
            if wide > 1:
                ends[(row, column)] = (row, right)
            here = Place(table=place.table, row=row + 1, column=column + 1)
            text = "\n".join(t for t in (self._text(p, here).strip() for p in paragraphs(cell)) if t)
            if text:
                grid.put(Cell(row, column, text, place=here))
        grid.merges = [Span(r, c, *end) for (r, c), end in ends.items()]
        self._source.items.append(grid)

    @staticmethod
    def _vertical(cell: etree._Element) -> str:
        """``restart``, ``continue`` or ""."""
        properties = cell.find(f"{W}tcPr")
        merge = properties.find(f"{W}vMerge") if properties is not None else None
        return "" if merge is None else merge.get(f"{W}val", "continue")

    def notes(self, root: etree._Element | None, kind: str) -> None:
        """Footnotes or endnotes as lines, in the order the text refers to them."""
        if root is None:
            return
        found = {e.get(f"{W}id", ""): e for e in root.iter(f"{W}{kind}") if not e.get(f"{W}type")}
        for (what, number), place in list(self._notes.items()):
            if what != kind or number not in found:
                continue
            for paragraph in paragraphs(found[number]):
                text, _, _ = paragraph_text(paragraph, Fields())
                if text.strip():
                    self._source.items.append(Line(text.strip(), place))

    def report(self) -> None:
        """Says which of the nine tables stand in the file as pictures or embedded workbooks."""
        from app.reading.text_forms import title_key

        items = self._source.items
        for index, item in enumerate(items):
            after = items[index + 1] if index + 1 < len(items) else None
            if not isinstance(item, Line) or title_key(item.text) is None or isinstance(after, Grid):
                continue
            number = item.place.paragraph or 0
            end = after.place.paragraph if after is not None and after.place.paragraph else number + 3
            kind = next((k for n, k in self._pictures.items() if number <= n <= max(end, number)), "")
            if kind:
                message = f"“{item.text.strip()}”是{kind}，表内数字读不到，未参加核对；请同时提供公开表的 Excel 文件"
                self._source.problems.append((message, item.place))
