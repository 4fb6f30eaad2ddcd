"""The bridge from the window to the worker processes: requests in, signals out, nothing blocks."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from app.jobs import Event, Limits, Pool
from app.pipeline import Outcome, Request
from app.works import Task, carry_out, lost

_TICK = 4  # ms between looks at the pipes while something is under way
_SLICE = 0.008  # seconds that one look may take: the window stays lively
NO_WORKER = "处理程序没有启动，可能是内存不足或打开的程序太多。请关闭一些程序后再试。"
_PATIENCE = 15.0  # seconds that a closing window waits for what is being written


@dataclass(slots=True)
class _Job:
    path: Path
    news: Callable[[Any], None]
    done: Callable[[Outcome], None]
    keep: bool = False


class Work(QObject):
    """Carries out tasks in worker processes. ``submit`` gives a number; ``news`` is called with each
    step (a word) or piece, ``done`` with the ``Outcome``, also that of a worker that was lost."""

    troubled = Signal(str)  # details for the log

    def __init__(self, size: int = 1, limits: Limits | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pool = Pool(carry_out, size, limits or Limits(), on_lost=lost)
        self._jobs: dict[int, _Job] = {}
        self._left: list[Event] = []
        self._warming: threading.Thread | None = None
        self._timer = QTimer(self, interval=_TICK)
        self._timer.timeout.connect(self._look)

    def warm(self) -> None:
        """Start the workers, off the window's thread."""
        if self._warming is None:
            self._warming = threading.Thread(target=self._pool.warm, daemon=True)
            self._warming.start()

    @property
    def busy(self) -> bool:
        return bool(self._jobs)

    def submit(
        self,
        kind: str,
        request: Request,
        news: Callable[[Any], None],
        done: Callable[[Outcome], None],
        *,
        keep: bool = False,
    ) -> int:
        """Have a task carried out; gives its number. With ``keep`` it is still ended when the window
        closes: what she asked to be written is not lost."""
        number = self._pool.submit(Task(kind, request))
        self._jobs[number] = _Job(request.path, news, done, keep)
        self._timer.start()
        return number

    def cancel(self, number: int | None = None) -> None:
        """Forget one task, or all, at once: a worker at it is killed, and nothing of it is told any more."""
        self._pool.cancel(number)
        self._left = [e for e in self._left if number is not None and e.job != number]
        for job in [number] if number is not None else list(self._jobs):
            self._jobs.pop(job, None)
        if not self._jobs:
            self._timer.stop()

    def close(self) -> None:
        """End the workers; what is to be kept is written first."""
        self._timer.stop()
        if self._warming is not None:
            self._warming.join()
        for number in [number for number, job in self._jobs.items() if not job.keep]:
            self.cancel(number)
        until = time.monotonic() + _PATIENCE
        while self._jobs and time.monotonic() < until:
            events, self._left = self._left or self._polled(0.1), []
            for event in events:
                self._tell(event)
        self._jobs.clear()
        self._pool.close()

    def _look(self) -> None:
        if self._warming is not None and self._warming.is_alive():
            return
        until = time.monotonic() + _SLICE
        while self._jobs:
            events, self._left = self._left or self._polled(0.0), []
            if not events:
                break
            for at, event in enumerate(events):
                self._tell(event)
                if time.monotonic() >= until:
                    # told may have cancelled: what is left is kept only for jobs that still are
                    self._left = [e for e in events[at + 1 :] if e.job in self._jobs]
                    return
        if not self._jobs and not self._left:
            self._timer.stop()

    def _polled(self, timeout: float) -> list[Event]:
        try:
            return self._pool.poll(timeout)
        except Exception as error:  # the system gives no more processes, or no memory for one
            self.troubled.emit(f"no worker: {type(error).__name__}: {error}")
            jobs = list(self._jobs.values())
            self.cancel()
            for job in jobs:
                job.done(Outcome(job.path, error=NO_WORKER))
            return []

    def _tell(self, event: Event) -> None:
        job = self._jobs.get(event.job)
        if job is None:
            return
        if event.kind == "step":
            job.news(event.text)
        elif event.kind == "piece":
            job.news(event.result)
        elif event.kind == "done":
            del self._jobs[event.job]
            if event.details:
                self.troubled.emit(f"{event.request.request.path}: {event.error}\n{event.details}")
            outcome = (
                event.result if event.result is not None else Outcome(event.request.request.path, error=event.error)
            )
            job.done(outcome)
