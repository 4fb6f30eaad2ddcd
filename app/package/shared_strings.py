"""The texts of a workbook that its cells refer to by number."""

from __future__ import annotations

import re

from app.package.container import Package
from app.package.markup import Damaged, Scanner, ill_formed

TEXT_LIMIT = 1 << 20  # characters in one cell; Excel itself stops at 32,767
COUNT_LIMIT = 6_000_000
_ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")


def unescaped(text: str) -> str:
    """Text with ``_x000D_`` and the like (how a part writes control characters) resolved."""
    return _ESCAPE.sub(lambda m: chr(int(m[1], 16)), text) if "_x" in text else text


def shared_strings(package: Package, part: str) -> list[str]:
    """The texts of the part in order, rich text as plain, without phonetic readings.

    Raises ``Damaged``.
    """
    scanner = _Strings(part)
    scanner.run(package.stream(part))
    return scanner.texts


class _Strings(Scanner):
    def __init__(self, part: str) -> None:
        super().__init__(part)
        self.texts: list[str] = []
        self._pieces: list[str] = []
        self._size = 0
        self._phonetic = False

    def root(self, tag: str, attributes: dict[str, str]) -> None:
        space = tag.rpartition(" ")[0]
        self._t, self._si, self._rph = f"{space} t", f"{space} si", f"{space} rPh"
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == self._t:
            if not self._phonetic:
                self.parser.CharacterDataHandler = self._add
        elif tag == self._si:
            self._pieces, self._size = [], 0
        elif tag == self._rph:
            self._phonetic = True

    def _add(self, text: str) -> None:
        self._pieces.append(text)
        self._size += len(text)
        if self._size > TEXT_LIMIT:
            raise Damaged(ill_formed(self.part))

    def _end(self, tag: str) -> None:
        if tag == self._t:
            self.parser.CharacterDataHandler = None
        elif tag == self._si:
            self.texts.append(unescaped("".join(self._pieces)))
            if len(self.texts) > COUNT_LIMIT:
                raise Damaged(f"文件内部的“{self.part}”超过 {COUNT_LIMIT // 10000} 万条文字，无法读取。")
        elif tag == self._rph:
            self._phonetic = False
