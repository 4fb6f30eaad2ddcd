"""Tells each completed save of the watched files, once, whatever program saves and however.

Excel and WPS write a temporary file, delete the original and rename; others truncate and write in
place; network drives send no events at all. So events only hasten a look, a slow poll makes up for
those that never come, and what counts is the digest of a file that has stood still for a moment.

A drive that hangs must not hang the window: a plain thread looks at the files. No Qt object lives on
it and it emits nothing; the window's own timers ask it and collect its answers. (Python objects that
are slots in two threads at once end in deadlocks and double deletes when they go.)
"""

from __future__ import annotations

import hashlib
import logging
import os
import sys
import threading
import time
import weakref
import zipfile
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from io import BufferedReader
from pathlib import Path
from queue import Empty, SimpleQueue

from PySide6.QtCore import QFileSystemWatcher, QObject, QTimer, Signal, Slot

from app import outputs

_TICK_MS = 100  # between looks at a file that is being saved
_PATIENCE = 10.0  # seconds for a file that stands still but is locked, empty or half a package

_Stamp = tuple[int, int, int, int]


class Watcher(QObject):
    """Watches files. ``changed`` carries the ``Path`` as it was given to ``watch``.

    ``ready`` is emitted when all files given to ``watch`` are known: no later save is missed.
    """

    changed = Signal(object)
    ready = Signal()

    def __init__(self, parent: QObject | None = None, *, settle_ms: int = 400, poll_ms: int = 2000) -> None:
        super().__init__(parent)
        self._settle = settle_ms / 1000
        self._paths: frozenset[Path] = frozenset()
        self._looker: _Looker | None = None
        self._waiting = 0  # answers that have yet to come
        self._urgent = False  # a file is being saved
        self._touched: set[str] = set()
        self._events = QFileSystemWatcher(self)
        self._events.fileChanged.connect(self._on_file)
        self._events.directoryChanged.connect(self._on_folder)
        self._tick = QTimer(self, interval=min(_TICK_MS, settle_ms // 4))
        self._tick.timeout.connect(self._on_tick)
        self._poll = QTimer(self, interval=poll_ms)
        self._poll.timeout.connect(self._on_poll)

    def watch(self, paths: Iterable[Path]) -> None:
        """Watch these files instead of the ones before; best called before they are read.

        A file that was watched already stays known as it was, so that no save falls in between.
        """
        wanted = frozenset(paths)
        if not wanted & self._paths:  # none of the old ones, which may be on a drive that hangs
            self.stop()
        if not wanted:
            return
        self._paths = wanted
        if self._looker is None:
            self._looker = _Looker(self._settle)
            # Also ends the thread of a watcher that is dropped without a word.
            self._end = weakref.finalize(self, self._looker.end)
        self._ask(lambda looker: looker.take(wanted))
        self._poll.start()

    def stop(self) -> None:
        """Watch nothing; nothing is emitted after this."""
        self._paths = frozenset()
        self._tick.stop()
        self._poll.stop()
        self._arm([])
        if self._looker is not None:
            self._end()
            self._looker = None  # what it still answers is not collected
        self._waiting, self._urgent = 0, False

    def _ask(self, question: Callable[[_Looker], _Answer]) -> None:
        assert self._looker is not None
        self._looker.questions.put(question)
        self._waiting += 1
        self._tick.start()

    @Slot(str)
    def _on_file(self, name: str) -> None:
        # After a rename the event came from the file that is no more: listen anew when it was looked at.
        self._events.removePath(name)
        self._touched.add(name)
        self._tick.start()

    @Slot(str)
    def _on_folder(self, _: str) -> None:
        self._urgent = True
        self._tick.start()

    @Slot()
    def _on_poll(self) -> None:
        if not self._waiting:  # else the drive hangs
            self._ask(lambda looker: looker.look(frozenset(), poll=True))

    @Slot()
    def _on_tick(self) -> None:
        self._collect()
        if self._waiting:
            return
        if self._urgent or self._touched:
            touched, self._touched = frozenset(self._touched), set()
            self._ask(lambda looker: looker.look(touched))
        else:
            self._tick.stop()

    def _collect(self) -> None:
        while looker := self._looker:  # a listener may have stopped us
            try:
                answer = looker.answers.get_nowait()
            except Empty:
                return
            self._waiting -= 1
            self._urgent = answer.urgent
            self._arm(answer.local)
            for path in answer.saved:
                if path in self._paths:
                    self.changed.emit(path)
            if answer.took:
                self.ready.emit()

    def _arm(self, wanted: list[str]) -> None:
        armed = {*self._events.files(), *self._events.directories()}
        if gone := armed.difference(wanted):
            self._events.removePaths(sorted(gone))
        if new := [name for name in wanted if name not in armed]:
            self._events.addPaths(new)


@dataclass(frozen=True, slots=True)
class _Answer:
    """``local`` are the files and folders to listen to: they exist and are not on a network drive."""

    saved: list[Path]
    urgent: bool
    local: list[str]
    took: bool = False


class _Looker:
    """Looks at the files on its thread, which alone touches what it knows of them."""

    def __init__(self, settle: float) -> None:
        self.questions: SimpleQueue[Callable[[_Looker], _Answer] | None] = SimpleQueue()
        self.answers: SimpleQueue[_Answer] = SimpleQueue()
        self._settle = settle
        self._files: dict[Path, _File] = {}
        threading.Thread(target=self._run, name="watcher", daemon=True).start()

    def end(self) -> None:
        """Let the thread end when it has done what it is at."""
        self.questions.put(None)

    def _run(self) -> None:
        while question := self.questions.get():
            try:
                answer = question(self)
            except Exception:  # a fault of ours at one look: not deaf for that
                logging.getLogger(__name__).exception("watching")
                answer = _Answer([], False, [])
            self.answers.put(answer)

    def take(self, paths: frozenset[Path]) -> _Answer:
        """Watch ``paths`` and only them."""
        new = [_File(path) for path in paths if path not in self._files]
        self._files = {p: f for p, f in self._files.items() if p in paths} | {f.path: f for f in new}
        for file in new:
            file.remote = _is_remote(path=file.path.parent)
            file.know()
        return self._answer([], took=True)

    def look(self, touched: frozenset[str], *, poll: bool = False) -> _Answer:
        """Look at all files; those ``touched`` also where time and size are the same."""
        for file in self._files.values():
            file.doubt |= _name(file.path) in touched
            if poll:
                file.doubt |= file.confirm
                file.confirm = False
        return self._answer([file.path for file in self._files.values() if file.saved(self._settle)])

    def _answer(self, saved: list[Path], *, took: bool = False) -> _Answer:
        files = self._files.values()
        names = {_name(p) for file in files if not file.remote for p in (file.path, file.path.parent)}
        local = sorted(name for name in names if os.path.exists(name))  # noqa: PTH110
        return _Answer(saved, any(file.urgent for file in files), local, took)


@dataclass(slots=True)
class _File:
    """A watched file: what is known of it, and the look of it that has yet to stand still."""

    path: Path
    remote: bool = False
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
            self.pending, self.doubt, self.confirm = None, False, True
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


def _open(path: Path) -> BufferedReader:
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


_REMOTE_TYPES = (
    "nfs",
    "cifs",
    "smb",
    "9p",
    "afs",
    "ceph",
    "gluster",
    "davfs",
    "fuse.sshfs",
    "fuse.gvfsd",
    "fuse.rclone",
)


def _is_remote(path: Path) -> bool:
    """True for a network drive: to listen there can hang the window, and little is to be heard."""
    name = _name(path)
    if sys.platform == "win32":
        import ctypes

        remote = 4
        root = os.path.splitdrive(name)[0]
        return root.startswith("\\\\") or ctypes.windll.kernel32.GetDriveTypeW(f"{root}\\") == remote
    with suppress(OSError, ValueError):
        device = os.stat(name).st_dev  # noqa: PTH116
        number = f"{os.major(device)}:{os.minor(device)}"
        for line in Path("/proc/self/mountinfo").read_text("utf-8", "surrogateescape").splitlines():
            mount, _, kind = line.partition(" - ")
            if mount.split()[2] == number:
                return kind.startswith(_REMOTE_TYPES)
    return False
