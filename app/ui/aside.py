"""Does a thing that takes a while beside the window, which stays lively."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, QTimer

_TICK = 30  # ms


class Aside(QObject):
    """Carries out ``act`` on a thread of its own, which must touch nothing of Qt, and calls ``done`` with
    what it gave, or with the exception that it raised, on the window's. It is ended even if the window
    closes meanwhile."""

    def __init__(self, act: Callable[[], Any], done: Callable[[Any], None], parent: QObject) -> None:
        super().__init__(parent)
        self._done = done
        answers: list[Any] = []
        self._answers = answers

        def work() -> None:
            try:
                answers.append(act())
            except Exception as error:  # told on the window's thread
                answers.append(error)

        self._timer = QTimer(self, interval=_TICK)
        self._timer.timeout.connect(self._look)
        self._timer.start()
        threading.Thread(target=work, name="aside").start()

    def _look(self) -> None:
        if not self._answers:
            return
        self._timer.stop()
        self.deleteLater()
        self._done(self._answers[0])
