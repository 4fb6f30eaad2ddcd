"""How two printed words are compared: NFKC, no white space, one kind of brackets and quotes."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_SPACE = re.compile(r"[\s\u3000\u200b\ufeff]+")
_QUOTES = str.maketrans({"“": '"', "”": '"', "„": '"', "‟": '"', "＂": '"', "〝": '"', "〞": '"', "〔": "(", "〕": ")"})
_ORDINAL = re.compile(r"^(?:\([一二三四五六七八九十\d]+\)|[一二三四五六七八九十]+[、.,，]|\d+[、.])")


@lru_cache(maxsize=16384)
def norm(text: str) -> str:
    """``text`` as compared: ``因公出国 （境）费`` -> ``因公出国(境)费``."""
    return _SPACE.sub("", unicodedata.normalize("NFKC", text)).translate(_QUOTES)


@lru_cache(maxsize=16384)
def label(text: str) -> str:
    """A row label without its ordinal: ``二十四、债务还本支出`` -> ``债务还本支出``."""
    bare = norm(text)
    return _ORDINAL.sub("", bare) or bare
