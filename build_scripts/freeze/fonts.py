"""Whether the desktop has a font for Chinese; without one the window would show boxes."""

from __future__ import annotations

import sys

_LACKING = (
    "系统没有中文字体，窗口里的字会显示成方框；请安装一种，如 sudo apt install fonts-noto-cjk，然后重新打开。"
    "（No Chinese font found: please install one.）"
)


def lacking() -> str | None:
    """The sentence for the clerk, None where there is a font. Needs a running ``QApplication``."""
    if not sys.platform.startswith("linux"):  # Windows and macOS bring theirs
        return None
    from PySide6.QtGui import QFontDatabase

    chinese = QFontDatabase.WritingSystem.SimplifiedChinese
    return None if QFontDatabase.families(chinese) else _LACKING
