"""A file in the user's data folder: read, replaced in one go, locked, put aside when it is damaged."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import IO

from app.outputs import Unwritable

_PATIENCE = 2.0  # seconds: another window holds the lock for a few milliseconds


def read_text(path: Path) -> str | None:
    """The text of a file, None where there is none. Raises ``OSError``, ``UnicodeDecodeError``.

    Editors of a Chinese Windows write a byte order mark, or GB 18030.
    """
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return None
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("gb18030")


def replace_text(path: Path, text: str) -> None:
    """Write a file aside and rename it. Raises ``Unwritable``."""
    draft = path.with_name(f".~{path.name}-{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        draft.write_text(text, "utf-8", newline="\n")
        _rename(draft, path)
    except OSError as error:
        with suppress(OSError):
            draft.unlink()
        raise Unwritable(f"“{path}”无法写入，没有保存：请检查这个文件夹的写入权限和磁盘空间。") from error


def _rename(draft: Path, path: Path) -> None:
    """On Windows a file that another process is just reading cannot be replaced for a moment."""
    for attempt in count():
        try:
            draft.replace(path)
            return
        except PermissionError:
            if sys.platform != "win32" or attempt == 9:
                raise
            time.sleep(0.05)


def put_aside(path: Path) -> Path | None:
    """Rename a damaged file to ``….bad`` (``….bad2`` …), None where that cannot be done."""
    for number in count(1):
        aside = path.with_name(f"{path.name}.bad{number if number > 1 else ''}")
        if aside.exists():
            continue
        try:
            return path.rename(aside)
        except OSError:
            return None
    raise AssertionError


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """While this holds, no other process of ours reads and writes ``path``.

    The system itself lifts the lock of a process that ends. Where none can be had (a network drive, a
    window that hangs) the work goes on without: files are replaced in one go all the same.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = path.with_name(f"{path.name}.lock").open("ab")
    except OSError:
        yield
        return
    with file:
        deadline = time.monotonic() + _PATIENCE
        while not _taken(file) and time.monotonic() < deadline:
            time.sleep(0.02)
        yield


def _taken(file: IO[bytes]) -> bool:
    """Tries for the lock; False while another process has it. It is lifted as the file is closed."""
    if sys.platform == "win32":
        import msvcrt

        try:
            file.seek(0)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True
    import fcntl

    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return True  # this file system has no locks
    return True
