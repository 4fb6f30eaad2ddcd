"""Tells each completed save of the watched files, once, whatever program saves and however.

Excel and WPS write a temporary file, delete the original and rename; others truncate and write in
place; network drives send no events at all. So events only hasten a look, a slow poll makes up for
those that never come, and what counts is the digest of a file that has stood still for a moment.
All of it happens on a thread of its own, for a drive that hangs must not hang the window.
"""

from __future__ import annotations

import atexit
import hashlib
import os
import sys
import time
import zipfile
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from PySide6.QtCore import QFileSystemWatcher, QObject, QThread, QTimer, Signal, Slot

from app import outputs

_TICK_MS = 100  # between looks at a file that is being saved
_PATIENCE = 10.0  # seconds for a file that stands still but is locked, empty or half a package
_GOODBYE_MS = 2000  # for the thread to end with the program

_Stamp = tuple[int, int, int, int]


class Watcher(QObject):
    """Watches files. ``changed`` carries the ``Path`` as it was given to ``watch``.

    ``ready`` is emitted when all files given to ``watch`` are known: no later save is missed.
    """

    changed = Signal(object)
    ready = Signal()
    _wanted = Signal(object)
    _wrote = Signal(object)

    def __init__(self, parent: QObject | None = None, *, settle_ms: int = 400, poll_ms: int = 2000) -> None:
        super().__init__(parent)
        self._paths: frozenset[Path] = frozenset()
        self._timing = settle_ms, poll_ms
        self._engine: _Engine | None = None

    def watch(self, paths: Iterable[Path]) -> None:
        """Watch these files instead of the ones before; best called before they are read.

        A file that was watched already stays known as it was, so that no save falls in between.
        """
        self._paths = frozenset(paths)
        if self._engine is None:
            if not self._paths:
                return
            self._engine = self._started()
        self._wanted.emit(self._paths)

    def stop(self) -> None:
        """Watch nothing; nothing is emitted after this."""
        self.watch(())

    def expect(self, path: Path) -> None:
        """``path`` was just written by this program: what it holds now is no change."""
        if path in self._paths:
            self._wrote.emit(path)

    def _started(self) -> _Engine:
        engine, thread = _Engine(*self._timing), QThread()
        engine.moveToThread(thread)
        self._wanted.connect(engine.take)
        self._wrote.connect(engine.expect)
        engine.saved.connect(self._relay)
        engine.ready.connect(self.ready)
        thread.finished.connect(engine.deleteLater)
        self.destroyed.connect(lambda: thread.quit())
        _running[:] = [pair for pair in _running if not pair[0].isFinished()]
        _running.append((thread, engine))
        thread.start(QThread.Priority.LowPriority)
        return engine

    @Slot(object)
    def _relay(self, path: Path) -> None:
        if path in self._paths:  # else it was on its way when she turned to another file
            self.changed.emit(path)


# To drop a thread that runs, or what lives on it, from outside takes the program down.
_running: list[tuple[QThread, _Engine]] = []


def _end_threads() -> None:
    for thread, _ in _running:
        thread.quit()
    for thread, _ in _running:
        if not thread.wait(_GOODBYE_MS):  # hangs in a network drive: goes with the process
            import ctypes

            ctypes.pythonapi.Py_IncRef(ctypes.py_object(thread))


atexit.register(_end_threads)


@dataclass(slots=True)
class _File:
    """A watched file: what is known of it, and the look of it that has yet to stand still."""

    path: Path
    known: bytes | None = None  # digest
    stamp: _Stamp | None = None  # when that digest was taken
    seen: set[bytes] = field(default_factory=set)
    pending: _Stamp | None = None
    since: float = 0.0
    doubt: bool = False  # look into it although its stamp is the same
    confirm: bool = False  # once more at the next poll: some drives keep times to two seconds only

    def know(self) -> None:
        """Take what the file holds now as known."""
        before = _stamp(self.path)
        digest = _digest(self.path, whole=False)
        if digest is not None and before == _stamp(self.path):
            self._settle(digest, before)

    def saved(self, settle: float) -> bool:
        """Look at the file; True when a save that changed it is complete."""
        stamp = _stamp(self.path)
        if stamp is None:  # in the midst of a save, or gone for good: no error either way
            self.pending = None
            return False
        if stamp == self.stamp and not self.doubt:
            self.pending = None
            return False
        now = time.monotonic()
        if stamp != self.pending:
            self.pending, self.since = stamp, now
        if now - self.since < settle:
            return False
        digest = _digest(self.path, whole=now - self.since < _PATIENCE)
        if digest is None or stamp != _stamp(self.path):
            return False
        before = self.known
        ours = digest not in self.seen and outputs.named_like_ours(self.path) and outputs.unchanged(self.path)
        self._settle(digest, stamp)
        self.confirm = digest != before
        return digest != before and not ours

    def _settle(self, digest: bytes, stamp: _Stamp | None) -> None:
        self.known, self.stamp, self.pending, self.doubt = digest, stamp, None, False
        self.seen.add(digest)

    @property
    def urgent(self) -> bool:
        return self.doubt or (self.pending is not None and time.monotonic() - self.since < _PATIENCE)


class _Engine(QObject):
    """Lives on the watcher's thread and makes its timers there."""

    saved = Signal(object)
    ready = Signal()

    def __init__(self, settle_ms: int, poll_ms: int) -> None:
        super().__init__()
        self._settle, self._poll_ms = settle_ms / 1000, poll_ms
        self._files: dict[Path, _File] = {}
        self._events: QFileSystemWatcher | None = None

    @Slot(object)
    def take(self, paths: frozenset[Path]) -> None:
        """Watch ``paths`` and only them."""
        if self._events is None:
            self._furnish()
        new = [_File(path) for path in paths if path not in self._files]
        self._files = {p: f for p, f in self._files.items() if p in paths} | {f.path: f for f in new}
        self._arm()  # before the first look, or a save between the two would go unseen for a poll
        for file in new:
            file.know()
        if self._files:
            self._poll.start()
        else:
            self._poll.stop()
        self.ready.emit()

    @Slot(object)
    def expect(self, path: Path) -> None:
        """What ``path`` holds now is ours."""
        if file := self._files.get(path):
            file.know()

    def _furnish(self) -> None:
        self._events = QFileSystemWatcher(self)
        self._events.fileChanged.connect(self._on_file)
        self._events.directoryChanged.connect(self._look)
        self._poll = QTimer(self, interval=self._poll_ms)
        self._poll.timeout.connect(self._on_poll)
        self._tick = QTimer(self, interval=min(_TICK_MS, self._poll_ms))
        self._tick.timeout.connect(self._look)

    @Slot(str)
    def _on_file(self, name: str) -> None:
        for path, file in self._files.items():
            if _name(path) == name:
                file.doubt = True
        # After a rename the event came from the file that is no more: listen to the new one.
        assert self._events is not None
        self._events.removePath(name)
        self._look()

    @Slot()
    def _on_poll(self) -> None:
        for file in self._files.values():
            file.doubt |= file.confirm
            file.confirm = False
        self._look()

    @Slot()
    def _look(self) -> None:
        self._arm()
        for file in list(self._files.values()):
            if file.saved(self._settle):
                self.saved.emit(file.path)
        if not any(file.urgent for file in self._files.values()):
            self._tick.stop()
        elif not self._tick.isActive():
            self._tick.start()

    def _arm(self) -> None:
        """Listen to the files and to their folders, as far as they are there."""
        events = self._events
        assert events is not None
        wanted = {_name(p) for path in self._files for p in (path, path.parent)}
        armed = {*events.files(), *events.directories()}
        if gone := armed - wanted:
            events.removePaths(sorted(gone))
        if new := sorted(name for name in wanted - armed if os.path.exists(name)):  # noqa: PTH110
            events.addPaths(new)


def _name(path: Path) -> str:
    return os.path.abspath(path)  # noqa: PTH100 - asks no drive


def _stamp(path: Path) -> _Stamp | None:
    try:
        stat = path.stat()
    except (OSError, ValueError):
        return None
    return stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns, stat.st_ino


def _digest(path: Path, *, whole: bool) -> bytes | None:
    """The digest, or None when the file cannot be read now or, with ``whole``, is not written to its end."""
    with suppress(OSError, ValueError), _open(path) as file:
        head = file.read(4)
        half = not head or (head.startswith(b"PK") and not zipfile.is_zipfile(file))
        if not (whole and half):
            file.seek(0)
            return hashlib.file_digest(file, "sha256").digest()
    return None


def _open(path: Path) -> BinaryIO:
    """Open for reading without being in the way of Excel, which deletes and renames to save."""
    if sys.platform == "win32":
        import ctypes
        import msvcrt
        from ctypes import wintypes

        create = ctypes.WinDLL("kernel32", use_last_error=True).CreateFileW
        create.restype = wintypes.HANDLE
        create.argtypes = [
            wintypes.LPCWSTR, wintypes.DWORD, wintypes.DWORD, wintypes.LPVOID,
            wintypes.DWORD, wintypes.DWORD, wintypes.HANDLE,
        ]  # fmt: skip
        read, share_all, existing = 0x80000000, 0x1 | 0x2 | 0x4, 3  # sharing includes deletion
        handle = create(str(path), read, share_all, None, existing, 0x80, None)
        if handle in (None, wintypes.HANDLE(-1).value):
            raise ctypes.WinError(ctypes.get_last_error())
        return os.fdopen(msvcrt.open_osfhandle(handle, os.O_RDONLY | os.O_BINARY), "rb")
    return path.open("rb")
