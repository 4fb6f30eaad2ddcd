"""How much room text takes in a cell: Excel wraps but never grows a row that a program wrote."""

from __future__ import annotations

import unicodedata
from math import ceil

# An Excel width unit is one digit of the workbook's default font. A wide character measured
# 1.7 (宋体 12) to 2.2 (Calibri 11 beside 宋体 11) units; text that is cut is worse than a gap.
WIDE = 2.05
_LINE = 1.4  # line height ÷ font size, 宋体 and its substitutes
_MOST = 409.0  # Excel's highest row, points


def width(text: str, size: int = 10) -> float:
    """Width of the longest line of ``text`` at ``size`` points, in Excel characters."""
    return max((_advance(line) for line in text.split("\n")), default=0.0) * size / 10


def lines(text: str, column: float, size: int = 10) -> int:
    """Lines that ``text`` takes when wrapped into a column ``column`` characters wide.

    A wide character never starts in the last half of a cell, and closing punctuation drags its
    neighbour down, so each wrapped line is taken to hold two units less than the column.
    """
    room = max(column - 1.5, 2.0) * 10 / size
    return sum(max(1, ceil(_advance(line) / room)) for line in text.split("\n"))


def height(count: int, size: int = 10) -> float:
    """Row height in points for ``count`` lines, with a little air; at most what Excel allows."""
    return min(_MOST, round(count * size * _LINE + 5, 1))


def most_lines(size: int = 10) -> int:
    """How many lines fit into the highest row Excel allows."""
    return int((_MOST - 5) / (size * _LINE))


def _advance(line: str) -> float:
    return sum(WIDE if unicodedata.east_asian_width(c) in "WFA" else 1.05 for c in line)
