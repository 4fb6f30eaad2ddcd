"""Opens a file in its own program, and a folder with the file chosen in it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices

_PROGRAMS = {
    ".pdf": "PDF 阅读器",
    ".docx": "Word 或 WPS 文字",
    ".doc": "Word 或 WPS 文字",
    ".txt": "记事本",
    ".md": "记事本",
    ".html": "浏览器",
}
_system = sys.platform


def open_file(path: Path) -> str | None:
    """Open ``path`` in the program that it belongs to; one sentence for the clerk if that fails."""
    if not _exists(path):
        return f"找不到“{path.name}”，可能已被移动、改名或删除。"
    if _open(path):
        return None
    program = _PROGRAMS.get(path.suffix.lower(), "Excel 或 WPS 表格")
    return f"“{path.name}”没能打开：请确认电脑上装有能打开它的程序（{program}），或在文件夹中双击它。"


def open_folder(path: Path) -> str | None:
    """Show ``path``, a file or a folder, in the file manager; one sentence for the clerk if that fails.

    A file is chosen in its folder where the system can do so (Windows, macOS). One that is no more
    opens its folder.
    """
    found = _exists(path)
    folder = path if path.is_dir() else path.parent
    if not _exists(folder):
        return f"找不到文件夹“{folder}”，可能已被移动、改名或删除。"
    if (found and folder != path and _chosen(path)) or _open(folder):
        return None
    return f"文件夹没能打开，请自行前往：{folder}"


def _chosen(path: Path) -> bool:
    """Choose the file in Explorer or Finder; False where that cannot be done."""
    name = os.path.abspath(path)  # noqa: PTH100 - a mapped drive keeps its letter
    try:
        if _system == "win32":
            explorer = os.environ.get("SYSTEMROOT", r"C:\Windows") + r"\explorer.exe"
            # One string: quoted as a list item, "/select,…" as a whole would not be understood.
            # Explorer's exit code says nothing.
            subprocess.Popen(f'"{explorer}" /select,"{name}"')
            return True
        if _system == "darwin":
            subprocess.Popen(["/usr/bin/open", "-R", name])
            return True
    except OSError:
        return False
    return False


def _open(path: Path) -> bool:
    with _environment():
        return QDesktopServices.openUrl(QUrl.fromLocalFile(os.path.abspath(path)))  # noqa: PTH100


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):
        return False


@contextmanager
def _environment() -> Iterator[None]:
    """What we start must not load our own libraries: a frozen program on Linux points to them."""
    names = ("LD_LIBRARY_PATH", "QT_PLUGIN_PATH", "QT_QPA_PLATFORM_PLUGIN_PATH")
    if not (getattr(sys, "frozen", False) and _system.startswith("linux")):
        yield
        return
    ours = {name: os.environ.pop(name) for name in names if name in os.environ}
    if original := os.environ.get("LD_LIBRARY_PATH_ORIG"):
        os.environ["LD_LIBRARY_PATH"] = original
    try:
        yield
    finally:
        os.environ.pop("LD_LIBRARY_PATH", None)
        os.environ.update(ours)
