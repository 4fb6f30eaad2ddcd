"""Placeholders of a Word file replaced in place: the bytes of their characters, nothing else.

A placeholder may be torn over several runs; what is filled in stands in the first of them. The comment
beside it keeps the original words, run by run, so that ``clean`` can put them back.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from app.checking.finding import Fill
from app.filling.placeholders import PLACEHOLDER
from app.package.xmlbytes import Splice, escaped
from app.writing.word_passage import Char, Paragraph, byte_offset

_ORIGINAL = "原文："
_TORN = "｜"


@dataclass(frozen=True, slots=True)
class Written:
    """One fill as written: the new words, what stood there (by runs), and words around it to find it by."""

    fill: Fill
    text: str
    before: str
    context: str


def plan(paragraph: Paragraph, fills: Sequence[Fill]) -> tuple[list[Splice], list[Written]]:
    """The changes for one paragraph. ``fills`` are all its placeholders in order, also those that stay.

    Nothing is changed where the paragraph does not hold the same placeholders.
    """
    chars = paragraph.chars
    text = "".join(_plain(c.char) for c in chars)
    found = [hit.span() for hit in PLACEHOLDER.finditer(text)]
    if len(found) != len(fills):
        return [], []
    splices: list[Splice] = []
    written: list[tuple[Fill, str, str, int]] = []
    new, shift = text, 0
    for (start, end), fill in zip(found, fills, strict=True):
        if not fill.done:
            continue
        words = fill.value.removesuffix("%")  # the sign stands in the text
        changes = _replaced(paragraph, chars[start:end], words)
        if changes is None:
            continue
        splices += changes[0]
        new = new[: start + shift] + words + new[end + shift :]
        written.append((fill, words, changes[1], start + shift))
        shift += len(words) - (end - start)
    return splices, [Written(f, w, b, new[max(0, at - 16) : at + len(w) + 16]) for f, w, b, at in written]


def said(written: Written) -> str:
    """The text of the comment."""
    return f"✓ 已填 {written.fill.value}\n{written.fill.why}\n{_ORIGINAL}{written.before}"


def original(comment: str) -> list[str] | None:
    """The words by runs that a comment of ours keeps; None for any other comment."""
    head, mark, before = comment.rpartition(_ORIGINAL)
    return before.split(_TORN) if mark and head.startswith("✓ 已填") else None


def _plain(char: str) -> str:
    """As the text is compared, one character for one."""
    plain = unicodedata.normalize("NFKC", char)
    return plain if len(plain) == 1 else char


def _replaced(paragraph: Paragraph, chars: list[Char], words: str) -> tuple[list[Splice], str] | None:
    """The splices, and the original words by runs; None where a character cannot be placed."""
    groups: list[list[Char]] = []
    for char in chars:
        if groups and groups[-1][0].element is char.element:
            groups[-1].append(char)
        else:
            groups.append([char])
    splices, pieces = [], []
    for number, group in enumerate(groups):
        node = paragraph.node(group[0].element)
        if node.local != "t" or group[0].element.getparent() is not group[0].run:
            return None
        start, end = byte_offset(node, group[0].at), byte_offset(node, group[-1].at + 1)
        if start is None or end is None:
            return None
        pieces.append((group[0].element.text or "")[group[0].at : group[-1].at + 1])
        splices.append(Splice(start, end, escaped(words).encode() if number == 0 else b""))
    return splices, _TORN.join(pieces)
