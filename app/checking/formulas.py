"""A small calculator for the formulas clerks write: ``+ - * / ^ %``, parentheses, ``SUM``, ``ROUND``.

It answers one question: does the value that Excel stored fit the cells the formula points to? The
cells are taken at their stored values (one step, no chain), so a stale sum is reported once, where
it stands, and not again in every cell that builds on it.
"""

from __future__ import annotations

import decimal
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

from app.numbers import column_number, display
from app.source import Cell, CellError, Grid, Value

_CONTEXT = decimal.Context(prec=40, rounding=ROUND_HALF_UP)
_FIFTEEN = decimal.Context(prec=15, rounding=ROUND_HALF_UP)
_ASCII_NUMBER = re.compile(r"\s*[-+]?(\d{1,3}(,\d{3})+|\d+)(\.\d*)?\s*")
_TOKEN = re.compile(
    r"""\s*(?:
    (?P<text>"(?:[^"]|"")*")
  | (?P<sheet>'(?:[^']|'')+'!|[^\W\d][\w.]*!|\d[\w.]*[^\W\d][\w.]*!|\[\d+\][^!'"()+*/,]*!)
  | (?P<range>\$?[A-Za-z]{1,3}\$?[1-9]\d{0,6}:\$?[A-Za-z]{1,3}\$?[1-9]\d{0,6}(?![\w(.]))
  | (?P<columns>\$?[A-Za-z]{1,3}:\$?[A-Za-z]{1,3}(?![\w(.]))
  | (?P<lines>\$?[1-9]\d{0,6}:\$?[1-9]\d{0,6}(?![\w(.]))
  | (?P<function>[A-Za-z_][\w.]*)\s*\(
  | (?P<cell>\$?[A-Za-z]{1,3}\$?[1-9]\d{0,6}(?![\w(.]))
  | (?P<number>(?:\d+\.?\d*|\.\d+)(?:[Ee][-+]?\d+)?)
  | (?P<mark>[-+*/^%(),])
  | (?P<other>\S)
    )""",
    re.X,
)
_ANCHOR = re.compile(r"(\$?)([A-Za-z]{0,3})(\$?)(\d*)")


class Unsupported(Exception):
    """The formula holds what this calculator does not know; the text names it (``VLOOKUP``)."""


class Uncached(Exception):
    """A cell the formula points to is itself a formula without a stored value."""


@dataclass(frozen=True, slots=True)
class Area:
    """A reference: its grid and the corners, rows and columns from 0, both ends inside."""

    grid: Grid
    top: int
    left: int
    bottom: int
    right: int

    @property
    def single(self) -> bool:
        return self.top == self.bottom and self.left == self.right

    def cells(self) -> Iterator[Cell]:
        rows = self.grid.rows
        # Rows are sparse: walk whichever is shorter, so A:A costs no more than the sheet holds.
        numbers = range(self.top, self.bottom + 1) if self.bottom - self.top < len(rows) else sorted(rows)
        for number in numbers:
            if self.top <= number <= self.bottom and number in rows:
                for column, cell in rows[number].items():
                    if self.left <= column <= self.right:
                        yield cell


Operand = Value | Area


@dataclass(slots=True)
class Formula:
    """A formula in the middle of being worked out."""

    grid: Grid
    sheets: dict[str, Grid]
    tokens: list[tuple[str, str]]
    at: int = 0
    scale: Decimal = Decimal(1)  # the largest amount met, for the tolerance of binary fractions
    areas: list[Area] = field(default_factory=list)
    visited: int = 0  # cells read, so that a caller can bound the work

    def peek(self) -> str:
        return self.tokens[self.at][1] if self.at < len(self.tokens) else ""

    def take(self, mark: str) -> bool:
        if self.at < len(self.tokens) and self.tokens[self.at] == ("mark", mark):
            self.at += 1
            return True
        return False

    def sum(self) -> Operand:
        left = self.product()
        while (sign := self.peek()) in ("+", "-") and self.take(sign):
            a, b = self.number(left), self.number(self.product())
            left = _CONTEXT.add(a, b) if sign == "+" else _CONTEXT.subtract(a, b)
        return left

    def product(self) -> Operand:
        left = self.power()
        while (sign := self.peek()) in ("*", "/") and self.take(sign):
            a, b = self.number(left), self.number(self.power())
            if sign == "/" and not b:
                raise Unsupported("除数为 0")
            left = _CONTEXT.multiply(a, b) if sign == "*" else _CONTEXT.divide(a, b)
        return left

    def power(self) -> Operand:
        left = self.signed()
        while self.take("^"):
            exponent = self.number(self.signed())
            if exponent != exponent.to_integral_value() or abs(exponent) > 12:
                raise Unsupported("乘方")
            left = _CONTEXT.power(self.number(left), exponent)
        return left

    def signed(self) -> Operand:
        # In Excel the sign binds tighter than ^ (-2^2 is 4), and % tighter than the sign.
        if self.take("-"):
            return -self.number(self.signed())
        if self.take("+"):
            return self.signed()
        value = self.atom()
        while self.take("%"):
            value = self.number(value) / 100
        return value

    def atom(self) -> Operand:
        if self.at >= len(self.tokens):
            raise Unsupported("公式不完整")
        kind, text = self.tokens[self.at]
        self.at += 1
        if kind == "number":
            return _FIFTEEN.create_decimal(text)
        if kind == "text":
            return text[1:-1].replace('""', '"')
        if kind == "mark" and text == "(":
            value = self.sum()
            if not self.take(")"):
                raise Unsupported("引用运算")
            return value
        if kind == "function":
            return self.call(text)
        grid = self.grid
        if kind == "sheet":
            grid = self.sheet(text)
            kind, text = self.tokens[self.at] if self.at < len(self.tokens) else ("", "")
            self.at += 1
        return self.area(grid, kind, text)

    def sheet(self, text: str) -> Grid:
        name = text[:-1]
        if name.startswith("'"):
            name = name[1:-1].replace("''", "'")
        if "[" in name:
            raise Unsupported("其他工作簿的单元格")
        grid = self.sheets.get(name.casefold())
        if grid is None:
            raise Unsupported(f"工作表“{name}”")
        return grid

    def area(self, grid: Grid, kind: str, text: str) -> Area:
        if kind not in ("cell", "range", "columns", "lines"):
            raise Unsupported(text or "公式不完整")
        first, _, last = text.replace("$", "").partition(":")
        ends = [_corner(first), _corner(last or first)]
        rows = [row for row, _ in ends if row is not None] or [0, 1 << 20]
        columns = [column for _, column in ends if column is not None] or [0, 1 << 14]
        area = Area(grid, min(rows), min(columns), max(rows), max(columns))
        self.areas.append(area)
        return area

    def call(self, name: str) -> Decimal:
        name = name.upper().removeprefix("_XLFN.")
        if name not in ("SUM", "ROUND"):
            raise Unsupported(f"函数 {name}")
        arguments: list[Operand] = []
        if not self.take(")"):
            arguments.append(None if self.peek() == "," else self.sum())
            while self.take(","):
                arguments.append(None if self.peek() in (",", ")") else self.sum())
            if not self.take(")"):
                raise Unsupported("引用运算")
        if name == "SUM":
            return self.total(arguments)
        if len(arguments) != 2:
            raise Unsupported("ROUND 的参数")
        places = int(self.number(arguments[1]))
        if abs(places) > 15:
            raise Unsupported("ROUND 的位数")
        # Excel rounds what it shows at 15 digits, not the binary fraction beneath.
        shown = _FIFTEEN.plus(self.number(arguments[0]))
        return shown.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP, context=_CONTEXT)

    def total(self, arguments: list[Operand]) -> Decimal:
        amount = Decimal(0)
        for argument in arguments:
            if not isinstance(argument, Area):
                amount = _CONTEXT.add(amount, self.number(argument))
                continue
            for cell in argument.cells():
                self.visited += 1
                value = self.value(cell)
                if isinstance(value, CellError):
                    raise Unsupported(f"所引用的错误值 {value}")
                if isinstance(value, Decimal):  # SUM passes over text and logical values in a range
                    self.scale = max(self.scale, abs(value))
                    amount = _CONTEXT.add(amount, value)
        return amount

    def number(self, operand: Operand) -> Decimal:
        """The operand as Excel's arithmetic takes it: a blank is 0, a text of digits a number."""
        if isinstance(operand, Area):
            if not operand.single:
                raise Unsupported("区域运算")
            cell = operand.grid.cell(operand.top, operand.left)
            operand = self.value(cell) if cell is not None else None
        if isinstance(operand, CellError):
            raise Unsupported(f"所引用的错误值 {operand}")
        if isinstance(operand, str):
            if not _ASCII_NUMBER.fullmatch(operand):
                raise Unsupported(f"所引用的文字“{operand[:12]}”")
            operand = _FIFTEEN.create_decimal(operand.replace(",", "").strip())
        number = Decimal(operand or 0)
        self.scale = max(self.scale, abs(number))
        return number

    @staticmethod
    def value(cell: Cell) -> Value:
        if cell.value is None and cell.formula:
            raise Uncached
        return cell.value


@lru_cache(maxsize=4096)
def _tokens(formula: str) -> tuple[tuple[str, str], ...]:
    found = []
    for match in _TOKEN.finditer(formula):
        kind = match.lastgroup
        if kind:
            found.append((kind, match[kind]))
    return tuple(found)


def _corner(text: str) -> tuple[int | None, int | None]:
    match = _ANCHOR.fullmatch(text)
    if not match:
        raise Unsupported(text)
    return int(match[4]) - 1 if match[4] else None, column_number(match[2]) if match[2] else None


@dataclass(frozen=True, slots=True)
class Result:
    """What a formula gives: its ``value``, the ``tolerance`` of binary fractions, what it read."""

    value: Value
    tolerance: Decimal
    areas: tuple[Area, ...]
    visited: int = 0

    def fits(self, cached: Value, number_format: str) -> bool:
        """Whether a stored value is what the formula gives, as far as anyone can see.

        A workbook set to "precision as displayed" stores the rounded value: equal print is equal.
        """
        value = self.value
        if isinstance(value, Decimal) and isinstance(cached, Decimal):
            if abs(value - cached) <= self.tolerance:
                return True
            return display(_FIFTEEN.plus(value), number_format) == display(cached, number_format)
        if value is None or value == "":
            return cached in (None, "", Decimal(0))
        return bool(value == cached)


def calculate(formula: str, grid: Grid, sheets: dict[str, Grid]) -> Result:
    """Work a formula (without ``=``) out from the stored values of the cells it points to.

    ``sheets`` maps casefolded sheet names to grids. Raises ``Unsupported`` for anything beyond the
    arithmetic of this module and ``Uncached`` when a needed cell has no stored value.
    """
    state = Formula(grid, sheets, list(_tokens(formula)))
    try:
        operand = state.sum()
        if state.at < len(state.tokens):
            raise Unsupported(state.tokens[state.at][1])
        if isinstance(operand, Area):
            if not operand.single:
                raise Unsupported("区域运算")
            cell = operand.grid.cell(operand.top, operand.left)
            operand = state.value(cell) if cell is not None else None
    except decimal.DecimalException:
        raise Unsupported("数值过大") from None
    except RecursionError:
        raise Unsupported("括号层数过多") from None
    return Result(operand, state.scale * Decimal("1e-10"), tuple(state.areas), state.visited)


def references(formula: str, grid: Grid, sheets: dict[str, Grid]) -> list[Area]:
    """Every area a formula points to, as far as its sheets are there; functions do not matter."""
    state, found, home = Formula(grid, sheets, []), [], grid
    for kind, text in _tokens(formula):
        if kind == "sheet":
            try:
                home = state.sheet(text)
            except Unsupported:
                home = Grid("")
        elif kind in ("cell", "range", "columns", "lines"):
            found.append(state.area(home, kind, text))
            home = grid
    return found


def shape(formula: str, row: int, column: int) -> str:
    """The formula with its references written relative to its own cell (R1C1).

    ``=C5+D5`` in B5 and ``=C6+D6`` in B6 have one shape; ``$``-anchored parts stay absolute.
    """
    parts = []
    for kind, text in _tokens(formula):
        if kind in ("cell", "range", "columns", "lines"):
            parts.append(":".join(_relative(end, row, column) for end in text.split(":")))
        else:
            parts.append(text.upper() + "(" if kind == "function" else text)
    return "".join(parts)


def _relative(text: str, row: int, column: int) -> str:
    match = _ANCHOR.fullmatch(text)
    if not match:
        return text
    # In 5:5 the anchor of the row is taken by the first group.
    fixed_row = match[3] or (match[1] if not match[2] else "")
    r = "" if not match[4] else f"R{match[4]}" if fixed_row else f"R[{int(match[4]) - 1 - row}]"
    number = column_number(match[2]) if match[2] else 0
    c = "" if not match[2] else f"C{number + 1}" if match[1] else f"C[{number - column}]"
    return r + c


def moved(formula: str, rows: int, columns: int) -> str:
    """The formula as Excel would fill it ``rows`` down and ``columns`` to the right."""

    def shift(match: re.Match[str]) -> str:
        kind = match.lastgroup
        if kind not in ("cell", "range", "columns", "lines"):
            return match[0]
        lead = match[0][: len(match[0]) - len(match[kind])]
        return lead + ":".join(_moved(end, rows, columns) for end in match[kind].split(":"))

    return _TOKEN.sub(shift, formula)


def _moved(text: str, rows: int, columns: int) -> str:
    from app.numbers import letters

    match = _ANCHOR.fullmatch(text)
    if not match:
        return text
    name, digits = match[2], match[4]
    if name and not match[1]:
        name = letters(max(0, column_number(name) + columns))
    fixed = match[3] or (match[1] if not match[2] else "")
    if digits and not fixed:
        digits = str(max(1, int(digits) + rows))
    return f"{match[1]}{name}{match[3]}{digits}"
