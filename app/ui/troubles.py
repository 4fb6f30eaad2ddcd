"""When the program itself fails: into a rotating log, and one calm dialog; never a crash over it.

Neither log nor details hold what is in her files: an exception often quotes the very cell it
stumbled over, so its message is kept only as far as it is words of the program. Nothing is sent.
"""

from __future__ import annotations

import logging
import platform
import re
import sys
import threading
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from logging.handlers import RotatingFileHandler
from pathlib import Path
from types import TracebackType
from typing import Any

from PySide6.QtCore import (
    QCoreApplication,
    QMessageLogContext,
    QObject,
    Qt,
    QThread,
    QtMsgType,
    Signal,
    Slot,
    qInstallMessageHandler,
    qVersion,
)

from app import __version__, outputs

_SIZE, _FILES = 1_000_000, 3  # the log and two older ones
_AGAIN = 60.0  # seconds in which the same trouble is not told twice
_MOST = 200  # troubles remembered for that
_LONGEST = 20_000  # characters of details
_LOGGERS = ("juesuan", "app")
_log = logging.getLogger("juesuan")
_clock = time.monotonic
_now: _Keeper | None = None


def install(folder: Path | None = None) -> Callable[[], None]:
    """Catch what nothing else caught, from now on. To be called on the window's thread.

    ``folder`` takes the log instead of the user's own. What is given back undoes it all.
    """
    global _now
    uninstall()
    _now = _Keeper(folder or outputs.state_folder() / "log")
    return uninstall


def uninstall() -> None:
    """Undo ``install``."""
    global _now
    if _now is not None:
        _now.leave()
        _now = None


def log_folder() -> Path | None:
    """Where the log is, or None where none can be written."""
    return _now.folder if _now is not None else None


class _Keeper(QObject):
    """Holds the hooks. Lives on the window's thread; ``_told`` brings a trouble there."""

    _told = Signal(str)

    def __init__(self, folder: Path) -> None:
        super().__init__()
        app = QCoreApplication.instance()
        if app is not None and app.thread() is not self.thread():
            self.moveToThread(app.thread())
        self._told.connect(self._show, Qt.ConnectionType.QueuedConnection)
        self._handler = _handler(folder)
        self.folder = folder if self._handler else None
        self._troubles, self._messages = _Frequency(), _Frequency()
        self._busy = threading.local()
        self._dialog: Any = None
        self._before = sys.excepthook, threading.excepthook, sys.unraisablehook
        sys.excepthook, threading.excepthook, sys.unraisablehook = self._hook, self._in_thread, self._unraisable
        self._message_before = qInstallMessageHandler(self._message)

    def leave(self) -> None:
        sys.excepthook, threading.excepthook, sys.unraisablehook = self._before
        qInstallMessageHandler(self._message_before)
        for name in _LOGGERS:
            if self._handler is not None:
                logging.getLogger(name).removeHandler(self._handler)
        if self._handler is not None:
            self._handler.close()
        if self._dialog is not None:
            self._dialog.close()

    # -- what comes in

    def _hook(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if isinstance(error, Exception):
            self._take("意外", error)
        self._before[0](kind, error, trace)

    def _in_thread(self, args: threading.ExceptHookArgs) -> None:
        if isinstance(args.exc_value, Exception):
            self._take(f"线程 {args.thread.name if args.thread else ''}", args.exc_value)
        self._before[1](args)

    def _unraisable(self, args: sys.UnraisableHookArgs) -> None:
        """While an object was cleared away: nothing of hers is touched by that, so no dialog."""
        if isinstance(args.exc_value, Exception):
            self._take(f"清理 {type(args.object).__qualname__}", args.exc_value, show=False)
        self._before[2](args)

    def _take(self, where: str, error: BaseException, *, show: bool = True) -> None:
        with self._once(), suppress(Exception):
            text = describe(error)
            count = self._troubles.new(_signature(error))
            if count is None:
                return
            again = f"（此前一分钟内又出现 {count} 次）" if count else ""
            _log.error("%s%s\n%s", where, again, text)
            if show:
                self._told.emit(text)

    def _message(self, kind: QtMsgType, context: QMessageLogContext, text: str) -> None:
        with self._once(), suppress(Exception):
            if sys.stderr is not None:
                print(text, file=sys.stderr)
            level = _LEVELS.get(kind, logging.WARNING)
            if level >= logging.WARNING and self._messages.new(text[:200]) is not None:
                category = getattr(context, "category", None) or "qt"
                _log.log(level, "Qt %s: %s", category, text)

    def _once(self) -> _Once:
        return _Once(self._busy)

    # -- what she sees

    @Slot(str)
    def _show(self, details: str) -> None:
        with self._once(), suppress(Exception):
            from PySide6.QtWidgets import QApplication

            app = QApplication.instance()
            if not isinstance(app, QApplication) or app.closingDown() or QThread.currentThread() is not app.thread():
                return
            if self._dialog is not None:  # she has not answered yet: one is enough
                self._dialog.add(details)
                return
            from app.ui.trouble_dialog import TroubleDialog

            self._dialog = TroubleDialog(details, self.folder, app.activeWindow())
            self._dialog.finished.connect(self._answered)
            self._dialog.open()

    @Slot()
    def _answered(self) -> None:
        self._dialog = None


class _Once:
    """Lets a block run unless this thread is in such a block already."""
