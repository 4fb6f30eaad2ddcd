"""When the program itself fails: into a rotating log, and one calm dialog; never a crash over it.

Neither log nor details hold what is in her files: an exception often quotes the very cell it
stumbled over, so of its message only the program's own words are kept. Nothing is sent anywhere.
"""

from __future__ import annotations

import atexit
import functools
import logging
import re
import sys
import threading
import time
import traceback
from collections.abc import Callable, Hashable
from contextlib import suppress
from datetime import datetime
from logging.handlers import RotatingFileHandler
from pathlib import Path
from types import TracebackType
from typing import Any

from PySide6.QtCore import (
    QCoreApplication,
    QMessageLogContext,
    QObject,
    QSysInfo,
    Qt,
    QtMsgType,
    Signal,
    Slot,
    qInstallMessageHandler,
    qVersion,
)
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QDialog, QHBoxLayout, QLabel, QPushButton, QStyle, QVBoxLayout, QWidget
from shiboken6 import isValid

from app import __version__, outputs

NAME = "juesuan.log"
_SIZE, _OLDER = 1_000_000, 2  # bytes of the log; two older ones besides
_AGAIN = 60.0  # seconds in which the same trouble is not told twice
_MOST = 200  # troubles remembered for that
_LONGEST = 50_000  # characters of details
_LOGGERS = ("juesuan", "app")
_LEVELS = {
    QtMsgType.QtWarningMsg: logging.WARNING,
    QtMsgType.QtCriticalMsg: logging.ERROR,
    QtMsgType.QtFatalMsg: logging.CRITICAL,
}
_CLEAN = {"clean": True}  # a record that holds nothing of hers
_log = logging.getLogger("juesuan")
_clock = time.monotonic
_keeper: _Keeper | None = None


def install(folder: Path | None = None) -> None:
    """Catch, from now on, what nothing else caught. Call it on the window's thread.

    ``folder`` takes the log instead of the user's own; where it cannot be written there is none.
    """
    global _keeper
    uninstall()
    _keeper = _Keeper(folder or outputs.state_folder() / "log")


def uninstall() -> None:
    """Put everything back as it was before ``install``; also when the program ends."""
    global _keeper
    if _keeper is not None:
        _keeper.leave()
        _keeper = None


atexit.register(uninstall)  # Qt still has things to say when there is no Python left to hear them


def _never_raising(method: Callable[..., None]) -> Callable[..., None]:
    """What deals with a failure must not fail itself, nor deal with its own failures."""

    @functools.wraps(method)
    def guarded(self: _Keeper, *args: Any, **more: Any) -> None:
        if getattr(self.busy, "now", False):
            return
        self.busy.now = True
        try:
            with suppress(Exception):
                method(self, *args, **more)
        finally:
            self.busy.now = False

    return guarded


class _Keeper(QObject):
    """Holds the hooks. ``_told`` brings a trouble from any thread to the window's."""

    _told = Signal(str)

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.busy = threading.local()
        self._dialog: TroubleDialog | None = None
        self._troubles, self._messages = _Frequency(), _Frequency()
        self._told.connect(self._show, Qt.ConnectionType.QueuedConnection)
        self._handler = _handler(folder)
        self._folder = folder if self._handler else None
        for name in _LOGGERS if self._handler else ():
            logging.getLogger(name).addHandler(self._handler)
        self._before = sys.excepthook, threading.excepthook, sys.unraisablehook
        sys.excepthook, threading.excepthook, sys.unraisablehook = self._main, self._thread, self._unraisable
        self._message_before = qInstallMessageHandler(self._message)

    def leave(self) -> None:
        """Take the hooks off."""
        qInstallMessageHandler(self._message_before)
        sys.excepthook, threading.excepthook, sys.unraisablehook = self._before
        if self._handler is not None:
            for name in _LOGGERS:
                logging.getLogger(name).removeHandler(self._handler)
            self._handler.close()
        self._told.disconnect(self._show)
        if self._dialog is not None and isValid(self._dialog):
            self._dialog.close()

    def _main(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        self._take("uncaught ", error)
        with suppress(Exception):
            self._before[0](kind, error, trace)

    def _thread(self, args: threading.ExceptHookArgs) -> None:
        self._take("thread ", args.exc_value)
        with suppress(Exception):
            self._before[1](args)

    def _unraisable(self, args: sys.UnraisableHookArgs) -> None:
        # While an object was cleared away: nothing that she does hangs on it, so it is only logged.
        self._take("unraisable ", args.exc_value, show=False)
        with suppress(Exception):
            self._before[2](args)

    @_never_raising
    def _take(self, where: str, error: BaseException | None, *, show: bool = True) -> None:
        if not isinstance(error, Exception):  # Ctrl+C, the end of a thread
            return
        before = self._troubles.new(_signature(error))
        if before is None:
            return
        text = describe(error)
        with suppress(Exception):
            _log.error("%s%s\n%s", where, f"({before} more before)" if before else "", text, extra=_CLEAN)
        if show:
            self._told.emit(text)

    @_never_raising
    def _message(self, kind: QtMsgType, context: QMessageLogContext, text: str) -> None:
        if sys.stderr is not None:
            with suppress(OSError, ValueError):
                sys.stderr.write(f"{text}\n")
        level = _LEVELS.get(kind)
        if level is not None and self._messages.new(text[:200]) is not None:
            _log.log(level, "Qt %s: %s", context.category or "", text)

    @Slot(str)
    @_never_raising
    def _show(self, details: str) -> None:
        app = QCoreApplication.instance()
        if not isinstance(app, QApplication) or QCoreApplication.closingDown():
            return
        if self._dialog is not None and isValid(self._dialog):
            self._dialog.add(details)  # she has not answered yet: one dialog is enough
            return
        windows = (
            w for w in QApplication.topLevelWidgets() if w.isVisible() and w.windowType() == Qt.WindowType.Window
        )
        self._dialog = TroubleDialog(details, self._folder, QApplication.activeWindow() or next(windows, None))
        self._dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._dialog.finished.connect(self._answered)
        self._dialog.open()

    @Slot()
    def _answered(self) -> None:
        self._dialog = None


class _Frequency:
    """Tells what comes for the first time in a minute from what only comes again."""

    def __init__(self) -> None:
        self._seen: dict[Hashable, tuple[float, int]] = {}
        self._lock = threading.Lock()

    def new(self, what: Hashable) -> int | None:
        """None for what came a moment ago; else how often it came unnoticed since it was told."""
        now = _clock()
        with self._lock:
            since, count = self._seen.pop(what, (-_AGAIN, 0))
            if now - since < _AGAIN:
                self._seen[what] = since, count + 1
                return None
            self._seen[what] = now, 0
            while len(self._seen) > _MOST:
                del self._seen[next(iter(self._seen))]
            return count


# -- the words of it


def describe(error: BaseException) -> str:
    """What a developer needs: versions, system, traceback; nothing of her files."""
    lines = (
        f"决算公开校核 {__version__} · {datetime.now():%Y-%m-%d %H:%M:%S}",
        f"{QSysInfo.prettyProductName()} · {QSysInfo.kernelVersion()} · {QSysInfo.currentCpuArchitecture()}",
        f"Python {sys.version.split()[0]} · Qt {qVersion()}\n",
    )
    return "\n".join([*lines, _traced(error)])[:_LONGEST]


def _chain(error: BaseException) -> list[BaseException]:
    """The exception and those it came from, the first cause first."""
    found: list[BaseException] = []
    link: BaseException | None = error
    while link is not None and link not in found and len(found) < 10:
        found.append(link)
        link = link.__cause__ or (None if link.__suppress_context__ else link.__context__)
    return found[::-1]


def _signature(error: BaseException) -> Hashable:
    """The same for the same trouble; of an endless recursion only where it ended."""
    chain = [(type(e), list(traceback.walk_tb(e.__traceback__))[-30:]) for e in _chain(error)]
    return tuple((kind, *((f.f_code.co_filename, line) for f, line in frames)) for kind, frames in chain)


def _traced(error: BaseException) -> str:
    parts = []
    for link in _chain(error):
        frames = "".join(traceback.format_tb(link.__traceback__))
        parts.append(f"Traceback (most recent call last):\n{frames}{type(link).__qualname__}: {_said(link)}")
    return _homeless("\n\n".join(parts))


def _said(error: BaseException) -> str:
    try:
        return _own_words(str(error))
    except Exception:
        return ""


_QUOTED = re.compile(r"""'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"|“[^”]*”|‘[^’]*’|《[^》]*》""", re.DOTALL)
_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_.]{0,60}")
_HERS = re.compile(
    r"""[^\x00-\x7f]+          # unit names, headings
    | \S*[/\\]\S*              # paths
    | (?<![A-Za-z_0-9])(?!\d{1,3}(?![\d.,]))[-+]?\d[\d,.]*  # amounts and years; a small index stays
    """,
    re.VERBOSE,
)


def _own_words(text: str) -> str:
    """A message without what may be from a file: quoted values, Chinese, amounts, paths."""
    told = _QUOTED.sub(lambda m: m[0] if _IDENTIFIER.fullmatch(m[0][1:-1]) else "'…'", text[:2000])
    return _HERS.sub("…", " ".join(told.split()))[:300]


def _homeless(text: str) -> str:
    """Without the user's name, which is in each path of the program."""
    with suppress(RuntimeError):
        home = str(Path.home())
        text = text.replace(home, "~") if len(home) > 3 else text
    return text


# -- the log


class _Formatter(logging.Formatter):
    """Records of others, who do not think of what is in a message, hold nothing of hers either."""

    def format(self, record: logging.LogRecord) -> str:
        text = record.getMessage()
        if not getattr(record, "clean", False):
            text = _homeless("\n".join(_traced_line(line) for line in text.splitlines()))
        if record.exc_info and record.exc_info[1] is not None:
            text += f"\n{_traced(record.exc_info[1])}"
        return f"{self.formatTime(record)} {record.levelname} {record.name} {text}"


def _traced_line(line: str) -> str:
    """Lines of a traceback that quote the program stay as they are."""
    return line if line.startswith(("    ", '  File "')) else _own_words(line)


class _Handler(RotatingFileHandler):
    def doRollover(self) -> None:
        try:
            super().doRollover()
        except OSError:  # Windows, and another window writes it, too: go on in the same file
            if self.stream is None:
                self.stream = self._open()

    def handleError(self, record: logging.LogRecord) -> None:
        """A full disk: nothing can be done about it, and nothing is to be said."""


def _handler(folder: Path) -> _Handler | None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handler = _Handler(
            folder / NAME, maxBytes=_SIZE, backupCount=_OLDER, encoding="utf-8", errors="backslashreplace"
        )
    except (OSError, ValueError):
        return None
    handler.setLevel(logging.WARNING)
    handler.setFormatter(_Formatter())
    return handler


# -- the dialog


class TroubleDialog(QDialog):
    """Says that something went wrong and that nothing is lost; no traceback in sight."""

    def __init__(self, details: str, folder: Path | None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._details, self._folder = details, folder
        self.setWindowTitle("决算公开校核")
        self._heading = QLabel(f"程序遇到意外问题{'，已记录' if folder else ''}；您的文件没有改动。")
        self._heading.setStyleSheet("font-weight: 700;")
        send = "“复制详情”得到的内容" + ("或日志" if folder else "")
        self._advice = QLabel(
            "建议：点“继续”接着使用。如果同样的操作再次出现问题，请关闭程序后重新打开；"
            f"仍不能解决时，请把{send}发给技术支持，其中不含您文件里的内容。"
        )
        for label in (self._heading, self._advice):
            label.setWordWrap(True)
            label.setMinimumWidth(420)
        self._copy = self._button("复制详情(&C)", self.copy)
        self._open = self._button("打开日志文件夹(&L)", self.open_log)
        self._open.setVisible(folder is not None)
        self._go_on = self._button("继续(&G)", self.accept)
        self._go_on.setProperty("main", True)
        self._go_on.setDefault(True)
        self._lay_out()
        self._go_on.setFocus()

    def add(self, details: str) -> None:
        """Another trouble while this one is shown: its details go with the others."""
        if len(self._details) < _LONGEST:
            self._details += f"\n\n{details}"
        self._copy.setText("复制详情(&C)")

    def copy(self) -> None:
        """Put the details on the clipboard, and say so."""
        QGuiApplication.clipboard().setText(self._details)
        self._copy.setText("已复制 ✓(&C)")

    def open_log(self) -> None:
        """Show the log in the file manager."""
        from app.ui.opening import open_folder

        if self._folder is not None and (said := open_folder(self._folder)):
            self._advice.setText(said)

    def _button(self, text: str, action: Callable[[], None]) -> QPushButton:
        button = QPushButton(text)
        button.setMinimumSize(96, 32)
        button.setAutoDefault(False)
        button.clicked.connect(lambda: action())
        return button

    def _lay_out(self) -> None:
        icon = QLabel()
        icon.setPixmap(self.style().standardIcon(QStyle.StandardPixmap.SP_MessageBoxWarning).pixmap(40, 40))
        words = QVBoxLayout()
        words.setSpacing(10)
        for label in (self._heading, self._advice):
            words.addWidget(label)
        upper = QHBoxLayout()
        upper.setSpacing(16)
        upper.addWidget(icon, 0, Qt.AlignmentFlag.AlignTop)
        upper.addLayout(words, 1)
        buttons = QHBoxLayout()
        for button, room in ((self._copy, 0), (self._open, 0), (self._go_on, 1)):
            buttons.addStretch(room)
            buttons.addWidget(button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(22, 20, 22, 16)
        layout.setSpacing(20)
        for part in (upper, buttons):
            layout.addLayout(part)
