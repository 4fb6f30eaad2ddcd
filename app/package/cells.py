"""Where the cells of a worksheet part stand in its bytes, and the splices that mark and fill them."""

from __future__ import annotations

import re
from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from app.numbers import column_number, letters
from app.package.markup import Damaged
from app.package.xmlbytes import Node, Splice, escaped, parse, parser, tree, utf8, with_attributes

_ORDER = """
sheetPr dimension sheetViews sheetFormatPr cols sheetData sheetCalcPr sheetProtection protectedRanges scenarios
autoFilter sortState dataConsolidate customSheetViews mergeCells phoneticPr conditionalFormatting dataValidations
hyperlinks printOptions pageMargins pageSetup headerFooter rowBreaks colBreaks customProperties cellWatches
ignoredErrors smartTags drawing legacyDrawing legacyDrawingHF drawingHF picture oleObjects controls
webPublishItems tableParts extLst
"""
_RANK = {name: rank for rank, name in enumerate(_ORDER.split())}
_REFERENCE = re.compile(r"\$?([A-Za-z]{1,3})\$?([0-9]{1,7})")
_MAX_ROW, _MAX_COLUMN = 1_048_576, 16_384

Box = tuple[int, int, int, int]
"""A range: top, left, bottom, right; rows and columns from 0, both ends inside."""


def position(reference: str) -> tuple[int, int]:
    """``C33`` -> (32, 2). Raises ``ValueError`` for what is no cell."""
    found = _REFERENCE.fullmatch(reference.strip())
    if found is None:
        raise ValueError(reference)
    row, column = int(found[2]) - 1, column_number(found[1])
    if not (0 <= row < _MAX_ROW and column < _MAX_COLUMN):
        raise ValueError(reference)
    return row, column


def reference(row: int, column: int) -> str:
    """(32, 2) -> ``C33``."""
    return f"{letters(column)}{row + 1}"


def box(ref: str) -> Box | None:
    """``A1:C3`` or ``A1`` as a range, None for anything else."""
    first, _, last = ref.partition(":")
    try:
        (top, left), (bottom, right) = position(first), position(last or first)
    except ValueError:
        return None
    return min(top, bottom), min(left, right), max(top, bottom), max(left, right)


def inside(row: int, column: int, area: Box) -> bool:
    """True when a cell lies in a range."""
    return area[0] <= row <= area[2] and area[1] <= column <= area[3]


@dataclass(slots=True)
class CellEdit:
    """What to do to one cell: ``style`` turns its style index into the new one; ``formula`` and
    ``value`` (as stored; ``text`` says it is no number) are written when ``fill``, and whatever it
    holds is taken out when ``empty``."""

    style: Callable[[int], int]
    fill: bool = False
    formula: str = ""
    value: str = ""
    empty: bool = False
    text: bool = False

    @property
    def kind(self) -> str | None:
        """The cell's type as the file has it."""
        return None if not self.fill or not self.text else "str" if self.formula else "inlineStr"


@dataclass(slots=True)
class CellView:
    """One cell as it stands: style index, formula, stored value and type; ``there`` if it exists."""

    style: int
    there: bool = False
    formula: str = ""
    value: str = ""
    kind: str = ""
    has_formula: bool = False

    @property
    def blank(self) -> bool:
        return not self.has_formula and not self.value


class SheetMap:
    """One pass over a worksheet part (any prefix, strict or not). Raises ``Damaged``.

    Keeps the elements around the cells as nodes, and of every row only its number and offsets
    (24 bytes a row); a row is looked into when it is asked for.
    """

    def __init__(self, data: bytes) -> None:
        self.data = utf8(data)
        self.numbers = array("q")
        self._starts = array("q")
        self._closes = array("q")
        self.root = self._scan()
        if self.root.local != "worksheet" or self.root.empty:
            raise Damaged("这张工作表不是普通表格，无法标注。")
        self.sheet_data = self.root.find("sheetData")
        self._sorted = all(a < b for a, b in zip(self.numbers, self.numbers[1:], strict=False))
        self._rows: dict[int, Node] = {}
        self.merges = self._merges()
        self.columns = self._columns()

    def _scan(self) -> Node:
        data = self.data
        top = Node(data, "", {}, 0)
        stack = [top]
        row_tag = ""

        def start(tag: str, attrs: dict[str, str]) -> None:
            node = Node(data, tag, attrs, made.CurrentByteIndex)
            stack[-1].children.append(node)
            stack.append(node)
            if len(stack) == 3 and node.local == "sheetData":
                made.StartElementHandler = row_start
                made.EndElementHandler = row_end

        def end(_: str) -> None:
            stack.pop().close = made.CurrentByteIndex

        def row_start(tag: str, attrs: dict[str, str]) -> None:
            nonlocal row_tag
            row_tag = tag
            number = attrs.get("r")
            self.numbers.append(int(number) if number else (self.numbers[-1] if self.numbers else 0) + 1)
            self._starts.append(made.CurrentByteIndex)
            made.StartElementHandler = None  # nothing inside a row is looked at now

        def row_end(tag: str) -> None:
            if tag == row_tag:
                self._closes.append(made.CurrentByteIndex)
                made.StartElementHandler = row_start
            elif tag == stack[-1].tag:
                made.StartElementHandler = start
                made.EndElementHandler = end
                end(tag)

        made = parser(start, end)
        parse(made, data)
        return top.children[0]

    # -- around the cells ---------------------------------------------------------------------

    @property
    def prefix(self) -> str:
        return self.root.prefix

    def element(self, local: str) -> Node | None:
        """A child of the worksheet, also one that stands inside ``mc:AlternateContent``."""
        for child in self.root.children:
            if child.local == local:
                return child
            if child.local == "AlternateContent":
                found = next((n for n in child.walk() if n.local == local), None)
                if found is not None:
                    return found
        return None

    def insertion(self, local: str) -> int:
        """The offset at which a child of this name has its place in the worksheet's order."""
        rank = _RANK[local]
        for child in self.root.children:
            names = (n.local for n in child.walk()) if child.local == "AlternateContent" else iter((child.local,))
            if next((_RANK[n] for n in names if n in _RANK), -1) > rank:
                return child.start
        return self.root.close

    def _merges(self) -> list[Box]:
        node = self.root.find("mergeCells")
        areas = (box(c.attrs.get("ref", "")) for c in node.children) if node else ()
        return [a for a in areas if a is not None]

    def _columns(self) -> list[tuple[int, int, dict[str, str]]]:
        node = self.root.find("cols")
        found = []
        for child in node.children if node else ():
            first, last = child.attrs.get("min", ""), child.attrs.get("max", "")
            if first.isdigit() and last.isdigit():
                found.append((int(first) - 1, int(last) - 1, child.attrs))
        return found

    def column(self, number: int) -> dict[str, str]:
        """The attributes of the ``col`` that covers a column."""
        return next((a for first, last, a in self.columns if first <= number <= last), {})

    def anchor(self, row: int, column: int) -> tuple[int, int]:
        """The top left cell of the merged range that holds a cell, else the cell itself."""
        return next(((m[0], m[1]) for m in self.merges if inside(row, column, m)), (row, column))

    # -- rows and cells -----------------------------------------------------------------------

    def row(self, row: int) -> Node | None:
        """The row element with its cells as children; offsets within the whole part."""
        index = self._index(row)
        if index is None:
            return None
        if row not in self._rows:
            start, close = self._starts[index], self._closes[index]
            outer = Node(self.data, "", {}, start)
            end = outer.open_end if outer.empty else self.data.index(b">", max(close, start + 1)) + 1
            node = tree(self.data[start:end], text=True)
            for each in node.walk():
                each.data, each.start, each.close = self.data, each.start + start, each.close + start
            _explicit(node, row)
            self._rows[row] = node
        return self._rows[row]

    def _index(self, row: int) -> int | None:
        if self._sorted:
            at = bisect_left(self.numbers, row + 1)
            return at if at < len(self.numbers) and self.numbers[at] == row + 1 else None
        return self.numbers.index(row + 1) if row + 1 in self.numbers else None

    def view(self, row: int, column: int) -> CellView:
        """A cell as it stands; one that is not there has the style it would inherit."""
        node = self.row(row)
        cell = next((c for c in node.children if c.attrs.get("r") == reference(row, column)), None) if node else None
        if cell is None:
            return CellView(self._inherited(node, column))
        formula, value = cell.find("f"), cell.find("v") or cell.find("is")
        return CellView(
            _number(cell.attrs.get("s")), True, formula.text if formula else "", value.words() if value else "",
            cell.attrs.get("t", ""), formula is not None,
        )  # fmt: skip

    def _inherited(self, row: Node | None, column: int) -> int:
        if row is not None and row.attrs.get("customFormat") in ("1", "true"):
            return _number(row.attrs.get("s"))
        return _number(self.column(column).get("style"))

    def formula_ranges(self) -> list[Box]:
        """The ranges that array formulas and data tables fill; looked for only where one may be."""
        if not any(word in self.data for word in (b"array", b"dataTable")):
            return []
        found: list[Box | None] = []

        def start(tag: str, attrs: dict[str, str]) -> None:
            if attrs.get("t") in ("array", "dataTable") and tag.rpartition(":")[2] == "f":
                found.append(box(attrs.get("ref", "")))

        parse(parser(start, lambda _: None), self.data)
        return [f for f in found if f is not None]

    # -- changes ------------------------------------------------------------------------------

    def edited(self, edits: dict[tuple[int, int], CellEdit]) -> list[Splice]:
        """The splices for these cells: styles, fills, new cells and rows, spans and dimension."""
        rows: dict[int, dict[int, CellEdit]] = {}
        for (row, column), edit in sorted(edits.items()):
            rows.setdefault(row, {})[column] = edit
        changes: list[Splice] = []
        fresh: list[tuple[int, bytes]] = []
        for number, cells in rows.items():
            node = self.row(number)
            if node is None:
                fresh.append((number, self._new_row(number, cells)))
            else:
                changes += self._row_changes(node, number, cells)
        changes += self._inserted_rows(fresh)
        return changes + self._widened(edits)

    def _row_changes(self, row: Node, number: int, cells: dict[int, CellEdit]) -> list[Splice]:
        there = {position(c.attrs["r"])[1]: c for c in row.children if c.local == "c"}
        changes: list[Splice] = []
        missing = [c for c in cells if c not in there and not cells[c].empty]
        if missing:
            changes += _spelled_out(row, [there[c] for c in there if c not in cells])
            changes += [_spans(row, number, min(missing), max(missing))]
        for column, edit in cells.items():
            if column in there:
                changes.append(_changed(there[column], edit))
        new: dict[int, bytes] = {}  # offset -> the cells that go there
        for column in missing:
            at = next((c.start for n, c in sorted(there.items()) if n > column), -1)
            base = self._inherited(row, column)
            new[at] = new.get(at, b"") + _new_cell(self.prefix, number, column, base, cells[column])
        for at, content in new.items():
            changes += [Splice(at, at, content)] if at >= 0 else row.appended(content)
        return _merged_opening(row, changes)

    def _new_row(self, number: int, cells: dict[int, CellEdit]) -> bytes:
        content = b"".join(
            _new_cell(self.prefix, number, c, self._inherited(None, c), edit)
            for c, edit in cells.items()
            if not edit.empty
        )
        if not content:
            return b""
        return b'<%srow r="%d">%s</%srow>' % (self.prefix.encode(), number + 1, content, self.prefix.encode())

    def _inserted_rows(self, fresh: list[tuple[int, bytes]]) -> list[Splice]:
        tail = b""
        changes = []
        for number, content in fresh:
            after = next((i for i in self._from(number) if self.numbers[i] > number + 1), None)
            if after is None:
                tail += content
            elif content:
                changes.append(Splice(self._starts[after], self._starts[after], content))
        if not tail:
            return changes
        if self.sheet_data is None:
            at, name = self.insertion("sheetData"), f"{self.prefix}sheetData".encode()
            return [*changes, Splice(at, at, b"<%s>%s</%s>" % (name, tail, name))]
        return changes + self.sheet_data.appended(tail)

    def _from(self, row: int) -> Iterable[int]:
        return range(bisect_left(self.numbers, row + 1) if self._sorted else 0, len(self.numbers))

    def _widened(self, cells: Iterable[tuple[int, int]]) -> list[Splice]:
        node = self.root.find("dimension")
        area = box(node.attrs.get("ref", "")) if node else None
        if node is None or area is None:
            return []
        top, left, bottom, right = area
        for row, column in cells:
            top, left, bottom, right = min(top, row), min(left, column), max(bottom, row), max(right, column)
        if (top, left, bottom, right) == area:
            return []
        return [node.with_attributes(ref=f"{reference(top, left)}:{reference(bottom, right)}")]

    # -- sizes, for note boxes ----------------------------------------------------------------

    def column_pixels(self, column: int) -> int:
        """Width of a column on screen at 96 dpi."""
        attrs = self.column(column)
        if attrs.get("hidden") in ("1", "true"):
            return 0
        layout = self.root.find("sheetFormatPr")
        default = layout.attrs.get("defaultColWidth", "") if layout else ""
        return round(_real(attrs.get("width"), _real(default, 8.43)) * 7 + 5)

    def row_pixels(self, row: int) -> int:
        """Height of a row on screen at 96 dpi."""
        layout = self.root.find("sheetFormatPr")
        default = layout.attrs.get("defaultRowHeight", "") if layout else ""
        index = self._index(row)
        attrs = {}
        if index is not None:
            opening = Node(self.data, "", {}, self._starts[index]).opening
            attrs = tree(opening if opening.endswith(b"/>") else opening[:-1] + b"/>").attrs
        if attrs.get("hidden") in ("1", "true"):
            return 0
        return round(_real(attrs.get("ht"), _real(default, 15.0)) * 4 / 3)


def _number(text: str | None) -> int:
    return int(text) if text and text.isdigit() else 0


def _real(text: str | None, default: float) -> float:
    try:
        return float(text) if text else default
    except ValueError:
        return default


def _explicit(row: Node, number: int) -> None:
    """Gives each cell node of a row its reference, also where the file leaves it out."""
    column = -1
    for cell in row.children:
        if cell.local != "c":
            continue
        try:
            column = position(cell.attrs.get("r", ""))[1]
        except ValueError:
            column += 1
        cell.attrs["r"] = reference(number, column)


def _spelled_out(row: Node, cells: list[Node]) -> list[Splice]:
    """``r=`` made explicit on the cells of a row into which a cell is put."""
    implied = (c for c in cells if b"r" not in {m for m in re.findall(rb"\s([^\s=]+)\s*=", c.opening)})
    return [c.with_attributes(r=c.attrs["r"]) for c in implied]


def _spans(row: Node, number: int, first: int, last: int) -> Splice:
    """The row's start tag with its number, and with spans that hold the new columns."""
    wanted = {"r": str(number + 1)}
    spans = re.fullmatch(r"(\d+):(\d+)", row.attrs.get("spans", ""))
    if spans:
        wanted["spans"] = f"{min(int(spans[1]), first + 1)}:{max(int(spans[2]), last + 1)}"
    return Splice(row.start, row.open_end, with_attributes(row.opening, **wanted))


def _merged_opening(row: Node, changes: list[Splice]) -> list[Splice]:
    """An empty row's start tag and its new content are one change: they would overlap."""
    if not row.empty or len(changes) < 2:
        return changes
    opening, content = changes[0], changes[-1]
    return [Splice(row.start, row.end, opening.data[:-2] + content.data)]


def _changed(cell: Node, edit: CellEdit) -> Splice:
    style = str(edit.style(_number(cell.attrs.get("s"))))
    wanted: dict[str, str | None] = {"r": cell.attrs["r"], "s": style}
    if "r" in cell.attrs and not (edit.fill or edit.empty):
        return Splice(cell.start, cell.open_end, with_attributes(cell.opening, **wanted))
    opening = with_attributes(cell.opening, **wanted, t=edit.kind, vm=None)
    kept = b"".join(c.raw for c in cell.children if c.local not in ("f", "v", "is"))
    inner = kept if edit.empty else _content(cell.prefix, edit) + kept
    if not inner:
        return Splice(cell.start, cell.end, opening.rstrip(b"/>") + b"/>")
    return Splice(cell.start, cell.end, opening.rstrip(b"/>") + b">" + inner + f"</{cell.tag}>".encode())


def _new_cell(prefix: str, row: int, column: int, base: int, edit: CellEdit) -> bytes:
    style = edit.style(base)
    inner = _content(prefix, edit) if edit.fill else b""
    kind = f' t="{edit.kind}"' if edit.kind else ""
    opening = f'<{prefix}c r="{reference(row, column)}" s="{style}"{kind}'
    return (opening + "/>").encode() if not inner else (opening + ">").encode() + inner + f"</{prefix}c>".encode()


def _content(prefix: str, edit: CellEdit) -> bytes:
    formula = f"<{prefix}f>{escaped(edit.formula)}</{prefix}f>" if edit.formula else ""
    if edit.kind == "inlineStr":
        return f'<{prefix}is><{prefix}t xml:space="preserve">{escaped(edit.value)}</{prefix}t></{prefix}is>'.encode()
    value = f"<{prefix}v>{escaped(edit.value)}</{prefix}v>" if edit.value else ""
    return (formula + value).encode()
