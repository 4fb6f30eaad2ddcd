"""Files and folders in the programs of the system: Excel, WPS, the file manager."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices

_NO_PROGRAM = "没有打开“{}”：系统里没有能打开它的程序。请安装 WPS 或 Excel，或到文件夹里双击打开。"
_GONE = "找不到“{}”，可能已被移走或改名。"


def open_file(path: Path) -> str | None:
    """Open a file in its own program; gives a sentence for the clerk when that failed."""
    if not path.exists():
        return _GONE.format(path.name)
    return None if QDesktopServices.openUrl(QUrl.fromLocalFile(str(path))) else _NO_PROGRAM.format(path.name)


def open_folder(path: Path) -> str | None:
    """Show the folder of a file (on Windows with the file selected), or a folder itself."""
    folder = path if path.is_dir() else path.parent
    if not folder.exists():
        return _GONE.format(folder.name)
    if sys.platform == "win32" and not path.is_dir() and path.exists():
        subprocess.Popen(f'explorer /select,"{path}"')  # its exit code is 1 also when it worked
        return None
    return None if QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder))) else _NO_PROGRAM.format(folder.name)
