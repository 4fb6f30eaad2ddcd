"""The colours of marks, in the file and on screen: (fill, text) as RGB hex without ``#``."""

from __future__ import annotations

# Excel's own 差 / 适中 / 好, which the clerk knows (UI.md).
MARKS = {
    "error": ("FFC7CE", "9C0006"),
    "warning": ("FFEB9C", "9C5700"),
    "filled": ("C6EFCE", "006100"),
    "rounding": ("DDEBF7", "1F4E79"),
    "info": ("DDEBF7", "1F4E79"),
    "verified": ("D9D9D9", "000000"),
}
