"""One window per user: a second start hands its files to the window that runs."""

from __future__ import annotations

import getpass
import hashlib
import json
import os
import platform
import sys
from contextlib import suppress
from pathlib import Path

from PySide6.QtCore import QDeadlineTimer, QDir, QLockFile, QObject, QTimer, Signal, Slot
from PySide6.QtNetwork import QLocalServer, QLocalSocket

from app import outputs

_PATIENCE_MS = 1000  # of a second start: the window that runs may just be busy
_SILENCE_MS = 3000  # a caller that says nothing for so long is hung up on
_LONGEST = 4 << 20  # bytes of a message
_CALLERS = 16
_TAKEN = b"taken\n"


class Instance(QObject):
    """``hand_over`` first; if nobody takes the files, ``listen`` and connect ``asked``.

    ``asked`` carries a list of ``Path``; an empty one asks only that the window come to the front.
    """

    asked = Signal(list)

    def __init__(self, parent: QObject | None = None, *, name: str | None = None) -> None:
        super().__init__(parent)
        self._name = name or _own_name()
        self._server: QLocalServer | None = None
        self._callers: dict[QLocalSocket, bytearray] = {}

    def hand_over(self, paths: list[Path]) -> bool:
        """True if another instance runs and took the files; waits a second at most."""
        deadline = QDeadlineTimer(_PATIENCE_MS)
        names = [os.path.abspath(path) for path in paths]  # noqa: PTH100 - the other has its own folder
        message = json.dumps({"open": names}).encode("ascii") + b"\n"
        if len(message) > _LONGEST or not _is_mine(self._name):
            return False
        socket = QLocalSocket()
        socket.connectToServer(self._name)
        if not socket.waitForConnected(_left(deadline)):
            return False
        _let_it_come_to_front()
        socket.write(message)
        while not socket.canReadLine():
            if not socket.waitForReadyRead(_left(deadline)):
                return False
        taken = bytes(socket.readLine().data()) == _TAKEN
        socket.abort()
        return taken

    def listen(self) -> bool:
        """Be the one that others hand their files to; False if another is, or nobody can be."""
        lock = _lock()
        try:
            if self._answered():
                return False
            QLocalServer.removeServer(self._name)  # left by one that was killed
            server = QLocalServer(self)
            server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
            server.setMaxPendingConnections(_CALLERS)
            if not server.listen(self._name):
                server.deleteLater()
                return False
        finally:
            if lock is not None:
                lock.unlock()
        server.newConnection.connect(self._on_call)
        self._server = server
        return True

    def close(self) -> None:
        """Take no more calls: the next start opens a window of its own."""
        if self._server is not None:
            self._server.close()
            self._server.deleteLater()
            self._server = None
        for caller in list(self._callers):
            self._hang_up(caller)

    def _answered(self) -> bool:
        """True if somebody listens under our name. Windows would let two do so."""
        socket = QLocalSocket()
        socket.connectToServer(self._name)
        connected = socket.waitForConnected(_PATIENCE_MS // 2)
        socket.abort()
        return connected

    @Slot()
    def _on_call(self) -> None:
        while self._server is not None and (caller := self._server.nextPendingConnection()):
            if len(self._callers) >= _CALLERS:
                caller.abort()
                caller.deleteLater()
                continue
            self._callers[caller] = bytearray()
            caller.setReadBufferSize(1 << 16)
            caller.readyRead.connect(self._on_read)
            caller.disconnected.connect(self._on_gone)
            QTimer.singleShot(_SILENCE_MS, caller, caller.abort)
            self._read(caller)  # what came with the call

    @Slot()
    def _on_read(self) -> None:
        caller = self.sender()
        if isinstance(caller, QLocalSocket):
            self._read(caller)

    @Slot()
    def _on_gone(self) -> None:
        caller = self.sender()
        if isinstance(caller, QLocalSocket):
            self._callers.pop(caller, None)
            caller.deleteLater()

    def _read(self, caller: QLocalSocket) -> None:
        heard = self._callers.get(caller)
        if heard is None:  # has had its say
            caller.readAll()
            return
        news = bytes(caller.readAll().data())
        heard += news
        if len(heard) > _LONGEST:
            self._hang_up(caller)
        elif b"\n" in news:
            paths = _paths(heard.partition(b"\n")[0])
            if paths is None:
                self._hang_up(caller)
                return
            del self._callers[caller]
            caller.write(_TAKEN)
            caller.flush()  # what the window does with the files may take a moment
            caller.disconnectFromServer()
            self.asked.emit(paths)

    def _hang_up(self, caller: QLocalSocket) -> None:
        self._callers.pop(caller, None)
        caller.abort()
        caller.deleteLater()


def _paths(message: bytes | bytearray) -> list[Path] | None:
    """The files of a message, or None for what is no message of ours."""
    try:
        said = json.loads(bytes(message))
    except (ValueError, RecursionError):
        return None
    names = said.get("open") if isinstance(said, dict) else None
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        return None
    if any("\0" in name or not os.path.isabs(name) for name in names):  # noqa: PTH117
        return None
    return [Path(name) for name in names]


def _own_name() -> str:
    """A name that two users, two sessions and two states of the program do not share."""
    try:
        user = getpass.getuser()
    except (OSError, KeyError, ImportError):
        user = ""
    parts = [user, platform.node(), _session(), os.path.abspath(outputs.state_folder())]  # noqa: PTH100
    digest = hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()
    name = f"juesuan-{digest[:20]}"
    # Others can write in /tmp, where a bare name would be; the run-time folder is the user's alone.
    folder = os.environ.get("XDG_RUNTIME_DIR", "")
    if sys.platform != "win32" and folder and len(folder) < 70 and os.access(folder, os.W_OK | os.X_OK):
        return f"{folder}/{name}"
    return name


def _session() -> str:
    """Where a window of this process would appear: on a server one user may sit at two screens."""
    if sys.platform != "win32":
        return f"{os.environ.get('WAYLAND_DISPLAY', '')} {os.environ.get('DISPLAY', '')}"
    import ctypes

    session = ctypes.c_ulong()
    ctypes.windll.kernel32.ProcessIdToSessionId(os.getpid(), ctypes.byref(session))
    return str(session.value)


def _is_mine(name: str) -> bool:
    """False for a socket that another user put there to be told what is opened."""
    if sys.platform == "win32":
        return True
    with suppress(OSError):
        return os.lstat(os.path.join(QDir.tempPath(), name)).st_uid == os.getuid()  # noqa: PTH118
    return False


def _let_it_come_to_front() -> None:
    """Windows lets only the process that was just started raise a window, or whom that allows it."""
    if sys.platform == "win32":
        import ctypes

        anybody = -1
        with suppress(OSError):
            ctypes.windll.user32.AllowSetForegroundWindow(anybody)


def _lock() -> QLockFile | None:
    """Of two that start at once only one may clear away and listen; None where nothing can be locked."""
    folder = outputs.state_folder()
    with suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
        lock = QLockFile(str(folder / "instance.lock"))
        if lock.tryLock(_PATIENCE_MS // 2):
            return lock
    return None


def _left(deadline: QDeadlineTimer) -> int:
    return max(1, int(deadline.remainingTime()))
