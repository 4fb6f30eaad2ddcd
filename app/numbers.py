"""Numbers as Excel stores and shows them, and as clerks type them. No float meets an amount."""

from __future__ import annotations

import re
import unicodedata
from decimal import ROUND_HALF_UP, Context, Decimal
from functools import lru_cache

_FIFTEEN = Context(prec=15, rounding=ROUND_HALF_UP)
_SKIP = re.compile(r'"[^"]*"|\\.|_.|\*.|\[[^\]]*\]')
_NUMBER = re.compile(r"[-+]?(\d{1,3}(,\d{3})+|\d+)?(\.\d*)?")
_DASHES = frozenset("-—–―－─一/")


def stored(text: str) -> Decimal:
    """A stored cell value at 15 significant digits, as Excel itself holds it.

    Raises ``decimal.InvalidOperation`` when ``text`` is no number.
    """
    value = _FIFTEEN.create_decimal(text)
    return value if value.is_finite() else _FIFTEEN.create_decimal("x")


@lru_cache(maxsize=512)
def decimals(number_format: str) -> int | None:
    """How many decimals a number format shows; None for General, text and dates."""
    section = _SKIP.sub("", number_format.split(";")[0])
    if section in ("", "General", "@", "G/通用格式") or re.search(r"[ymdhs]", section, re.I):
        return None
    return len(re.sub(r"[^0#?]", "", section.split(".", 1)[1])) if "." in section else 0


@lru_cache(maxsize=512)
def _shape(number_format: str) -> tuple[int | None, bool, bool]:
    section = _SKIP.sub("", number_format.split(";")[0])
    return decimals(number_format), "," in section, "%" in section


def display(value: object, number_format: str = "General") -> str:
    """What a cell with this value and number format shows (decimals, thousands, percent)."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if not isinstance(value, Decimal):
        return str(value)
    places, thousands, percent = _shape(number_format)
    if places is None:
        return plain(value)
    if percent:
        value = value * 100
    shown = value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP, context=Context(prec=600))
    return (f"{shown:,f}" if thousands else f"{shown:f}") + ("%" if percent else "")


def plain(value: Decimal) -> str:
    """The shortest usual writing of a value: ``18``, ``5010.42``; never an exponent."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def is_dash(text: str) -> bool:
    """True for what clerks type into a cell to say none: ``-``, ``—``, ``——``, ``/``."""
    bare = text.strip()
    return bool(bare) and len(bare) <= 4 and all(c in _DASHES for c in bare)


def typed(text: str) -> Decimal | None:
    """An amount typed as text (``1,234.00``, full-width digits, ``(3.00)``), or None if it is none."""
    bare = re.sub(r"[\s\u3000]", "", unicodedata.normalize("NFKC", text)).replace("−", "-").replace("，", ",")
    bare = bare.strip("¥￥'")
    negative = bare.startswith("(") and bare.endswith(")")
    if negative:
        bare = bare[1:-1]
    if not bare or not _NUMBER.fullmatch(bare) or not re.search(r"\d", bare):
        return None
    value = stored(bare.replace(",", ""))
    return -value if negative else value


def letters(column: int) -> str:
    """Column number from 0 to its letters: 0 -> A, 27 -> AB."""
    name = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(65 + rest) + name
    return name


def column_number(name: str) -> int:
    """Column letters to its number from 0: A -> 0, AB -> 27."""
    number = 0
    for char in name.upper():
        number = number * 26 + ord(char) - 64
    return number - 1
