"""One amount of a workbook typed wrong, as fingers do it, by 0.50 万元 or more."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise
from random import Random

from .book import Book, Piece
from .figures import Key

_CENT = Decimal("0.01")
_HALF = str.maketrans("０１２３４５６７８９．，", "0123456789.,")


@dataclass(frozen=True, slots=True)
class Slip:
    """What was typed wrong: where, the printed text before and after, how."""

    key: Key
    place: tuple[str, str]  # sheet, A1
    old: str
    new: str
    kind: str


def slip(book: Book, rng: Random) -> Slip:
    """Type one printed non-zero amount of the book wrong, in place.

    The cell is drawn uniformly from those that hold a typed amount (no formula) that some slip
    can move far enough; a book without such a cell raises ``ValueError``.
    """
    places = book.amounts()
    pieces = [p for s in book.sheets for p in s.cells.values() if p.key is not None and p.formula is None]
    rng.shuffle(pieces)
    for piece in pieces:
        assert piece.key is not None
        old = amount(piece)
        least = Decimal(5000 if piece.key[0] in book.yuan else "0.50")
        if not old:
            continue
        kinds = list(KINDS)
        rng.shuffle(kinds)
        for kind in kinds:
            new = KINDS[kind](f"{old:.2f}", rng)
            if new is not None and abs(new - _printed(old)) >= least:
                _type(piece, new)
                return Slip(piece.key, places[piece.key], f"{old:,.2f}", f"{new:,.2f}", kind)
    raise ValueError("no amount that a slip could move by 0.50")


def recalculate(book: Book) -> None:
    """Bring every formula up to date, as Excel does after typing: a slip then carries on into its totals."""
    pieces = {p.key: p for s in book.sheets for p in s.cells.values() if p.key is not None}
    formulas = [p for p in pieces.values() if p.formula is not None]
    changed = True
    while changed:  # the formulas form no circle: each round settles at least one more
        changed = False
        for piece in formulas:
            total = sum((amount(pieces[part]) or Decimal(0) for part in piece.parts), Decimal(0))
            changed |= total != piece.value
            piece.value = total


def amount(piece: Piece) -> Decimal | None:
    """The amount a cell holds, also where it was typed as text."""
    if isinstance(piece.value, Decimal):
        return piece.value
    bare = (piece.value or "").translate(_HALF).replace(",", "")
    return Decimal(bare) if bare.replace(".", "").isdigit() else None


def _printed(value: Decimal) -> Decimal:
    return value.quantize(_CENT, rounding=ROUND_HALF_UP)


def _type(piece: Piece, new: Decimal) -> None:
    piece.value = f"{new:,.2f}" if isinstance(piece.value, str) else new


def _digits(text: str) -> list[int]:
    return [i for i, char in enumerate(text) if char.isdigit()]


def _replaced(text: str, rng: Random) -> Decimal | None:
    at = rng.choice(_digits(text))
    return Decimal(text[:at] + rng.choice([d for d in "0123456789" if d != text[at]]) + text[at + 1 :])


def _swapped(text: str, rng: Random) -> Decimal | None:
    digits = _digits(text)
    pairs = [(a, b) for a, b in pairwise(digits) if text[a] != text[b]]
    if not pairs:
        return None
    a, b = rng.choice(pairs)
    chars = list(text)
    chars[a], chars[b] = chars[b], chars[a]
    return Decimal("".join(chars))


def _dropped(text: str, rng: Random) -> Decimal | None:
    whole = text.index(".")
    if whole < 2:
        return None
    at = rng.randrange(whole)
    return Decimal(text[:at] + text[at + 1 :])


def _doubled(text: str, rng: Random) -> Decimal | None:
    at = rng.randrange(text.index("."))
    return Decimal(text[:at] + text[at] + text[at:])


def _point_moved(text: str, rng: Random) -> Decimal | None:
    return _printed(Decimal(text).scaleb(rng.choice([-2, -1, 1, 2])))


def _thousands(text: str, rng: Random) -> Decimal | None:
    """The comma of 1,234.56 typed as a point, or the group before it lost."""
    value = Decimal(text)
    if value < 1000:
        return None
    return rng.choice([_printed(value.scaleb(-3)), value % 1000])


KINDS: dict[str, Callable[[str, Random], Decimal | None]] = {
    "digit replaced": _replaced,
    "neighbours swapped": _swapped,
    "digit dropped": _dropped,
    "digit doubled": _doubled,
    "point moved": _point_moved,
    "thousands lost": _thousands,
}
