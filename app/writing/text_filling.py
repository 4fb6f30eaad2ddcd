"""A text report with its placeholders filled: same encoding, same line ends, every other byte as it was."""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections.abc import Iterable
from pathlib import Path

from app.checking.finding import Fill
from app.filling.placeholders import PLACEHOLDER

_ENCODINGS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))


def fill_text(source: Path, target: Path, fills: Iterable[Fill]) -> int:
    """Write ``source`` with the fills to ``target``; gives how many were written (0: no file)."""
    by_line: dict[int, list[Fill]] = {}
    for fill in sorted(fills, key=lambda f: f.span or (0, 0)):
        if fill.place.line:
            by_line.setdefault(fill.place.line, []).append(fill)
    data = source.read_bytes()
    mark, encoding = next(((m, e) for m, e in _ENCODINGS if data.startswith(m)), (b"", ""))
    text, encoding = _decoded(data[len(mark) :], encoding)
    parts = re.split(r"(\r\n|\r|\n)", text)
    done = 0
    for line, wanted in by_line.items():
        at = (line - 1) * 2
        if at < len(parts):
            parts[at], count = _filled(parts[at], wanted)
            done += count
    if done:
        target.write_bytes(mark + "".join(parts).encode(encoding))
    return done


def _decoded(data: bytes, encoding: str) -> tuple[str, str]:
    for name in (encoding,) if encoding else ("utf-8", "gb18030"):
        try:
            return data.decode(name), name
        except UnicodeDecodeError:
            continue
    return data.decode("latin-1"), "latin-1"  # bytes for bytes; there will be nothing to fill


def _filled(line: str, fills: list[Fill]) -> tuple[str, int]:
    """The line with its placeholders replaced, where it holds the very ones that were recognised."""
    places = [n for n, c in enumerate(line) if not c.isspace()]
    plain = "".join(p if len(p := unicodedata.normalize("NFKC", line[n])) == 1 else line[n] for n in places)
    found = [hit.span() for hit in PLACEHOLDER.finditer(plain)]
    if len(found) != len(fills):
        return line, 0
    done = 0
    for (start, end), fill in reversed(list(zip(found, fills, strict=True))):
        if fill.done:
            words = fill.value.removesuffix("%")
            line = line[: places[start]] + words + line[places[end - 1] + 1 :]
            done += 1
    return line, done
