"""The colours of what the program says, on screen as in the file it writes: one table for both."""

from __future__ import annotations

from PySide6.QtGui import QColor

from app.writing.palette import MARKS

ACCENT = QColor("#1F6FB2")
INK = QColor("#1B1F24")
PAPER = QColor("#FFFFFF")
BEYOND = QColor("#EEF0F3")  # where a sheet has ended
GRID = QColor("#D9DCE1")
HEADER, HEADER_LINE, HEADER_INK = QColor("#F0F1F3"), QColor("#C3C8CF"), QColor("#444B55")
HEADER_EDGE = QColor("#8A929D")  # below rows that stay in sight
CHOSEN, CHOSEN_INK = QColor("#D6E6F4"), QColor("#12466F")  # headers of the selected cells
SELECTED = QColor(31, 111, 178, 38)  # the accent, laid over the cells
FLASH = QColor("#1F6FB2")

FILLS = {level: QColor(f"#{fill}") for level, (fill, _) in MARKS.items()}
INKS = {level: QColor(f"#{ink}") for level, (_, ink) in MARKS.items()}
DOTS = INKS | {"verified": QColor("#767676")}  # black would be louder than an error
WORDS = {"error": "错误", "warning": "提醒", "info": "信息", "rounding": "尾差", "filled": "已填", "verified": "已核实"}
