"""Warm worker processes: one file or many, window and command line alike.

Each worker takes one file at a time through a pipe. A worker that dies, hangs or grows beyond its
memory takes its one file with it; another is started and the rest go on. (``ProcessPoolExecutor``
fails every file that is left when one worker aborts.) Cancelling is killing.
"""

from __future__ import annotations

import contextlib
import gc
import multiprocessing
import os
import signal
import sys
import threading
import time
import traceback
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from multiprocessing.process import BaseProcess

Work = Callable[[Any, Callable[[Any], None]], Any]

TOO_LONG = "处理超过 {:.0f} 秒仍未完成，已停止。文件可能过大或已损坏，请删去多余的行列或工作表后另存再试。"
TOO_LARGE = "内容过大（展开后超过 {:.0f} MB 内存），已停止。请删去多余的行列、工作表或图片后另存再试。"
DIED = "处理时意外中止，多半是文件已损坏或内容过大。请在 Excel 或 WPS 中打开，另存为 .xlsx 后再试。"
INTERNAL = "程序内部出错，这个文件没有校核（{}）。请把文件和这句话一起反馈给开发者。"


@dataclass(frozen=True, slots=True)
class Limits:
    """What one file may take: ``memory`` in bytes, ``seconds`` of wall time."""

    memory: int = 2 << 30
    seconds: float = 300.0


@dataclass(frozen=True, slots=True)
class Event:
    """News of a job: ``started``; ``step`` with its name in ``text``; ``piece`` with a part of what the
    job gives in ``result``; ``done`` with ``result``, or with ``error``, a sentence for the clerk.
    ``details`` is for the developer only."""

    kind: Literal["started", "step", "piece", "done"]
    job: int
    request: Any
    text: str = ""
    result: Any = None
    error: str | None = None
    details: str = ""


@dataclass(slots=True, eq=False)
class _Worker:
    process: BaseProcess
    pipe: Connection
    job: int | None = None
    request: Any = None
    deadline: float = 0.0
    watch: Any = None  # psutil.Process, where the system itself sets no limit


@dataclass(slots=True)
class Pool:
    """Workers that carry out ``work(request, step)``, a function that a fresh process can import.
    It tells ``step`` the name of each step as it begins, and hands it what it gives piece by piece.

    ``submit`` as often as wanted, then take ``events()`` (blocks until all is done) or ``poll``
    (for a window's timer). ``on_lost(request, pid)`` is called when a worker was killed at work.
    Use as a context manager, or ``close``.
    """

    work: Work
    size: int = 1
    limits: Limits = field(default_factory=Limits)
    on_lost: Callable[[Any, int], None] = lambda _request, _pid: None
    _workers: list[_Worker] = field(default_factory=list)
    _waiting: deque[tuple[int, Any]] = field(default_factory=deque)
    _ready: list[Event] = field(default_factory=list)
    _count: int = 0
    _ended: list[BaseProcess] = field(default_factory=list)  # killed, perhaps not yet gone

    def __enter__(self) -> Pool:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def submit(self, request: Any) -> int:
        """Queue a request; its number names it in events."""
        self._count += 1
        self._waiting.append((self._count, request))
        return self._count

    @property
    def busy(self) -> bool:
        """True while events are still to come."""
        return bool(self._waiting or self._ready or any(w.job for w in self._workers))

    def warm(self) -> None:
        """Start the workers before there is work (a window does so while it opens)."""
        while len(self._workers) < self.size:
            self._start()

    def events(self) -> Iterator[Event]:
        """All events until nothing is left to do."""
        while self.busy:
            yield from self.poll(0.5)

    def poll(self, timeout: float = 0.0) -> list[Event]:
        """The events since last time; waits up to ``timeout`` seconds for the first."""
        self._hand_out()
        working = {w.pipe: w for w in self._workers if w.job is not None}
        if working and not self._ready:
            for pipe in wait(list(working), self._patience(timeout)):
                self._receive(working[pipe])  # type: ignore[index]
            self._enforce()
        self._ended = [p for p in self._ended if p.is_alive()]
        ready, self._ready = self._ready, []
        return ready

    def cancel(self, job: int | None = None) -> None:
        """Forget a job, or all: what waits is dropped, what runs is killed. No ``done`` follows."""
        self._waiting = deque(w for w in self._waiting if job is not None and w[0] != job)
        self._ready = [e for e in self._ready if job is not None and e.job != job]
        for worker in [w for w in self._workers if w.job is not None and job in (None, w.job)]:
            self._kill(worker)

    def close(self) -> None:
        """End all workers, at work or not."""
        self.cancel()
        for worker in list(self._workers):
            self._end(worker)  # idle: nothing is lost
        for process in self._ended:
            process.join()
        self._ended = []

    def _start(self) -> _Worker:
        way = _way()
        context: Any = multiprocessing.get_context(way)
        ours, theirs = context.Pipe()
        # A forked worker closes the ends it inherits: else it would outlive this process.
        inherited = [ours, *(w.pipe for w in self._workers)] if way == "fork" else []
        process = context.Process(target=_serve, args=(self.work, theirs, self.limits, inherited), daemon=True)
        with _no_interrupt():
            process.start()
            worker = _Worker(process, ours)
            self._workers.append(worker)
        theirs.close()
        if not sys.platform.startswith("linux"):  # macOS ignores the limit, Windows has none
            import psutil

            worker.watch = psutil.Process(process.pid)
        return worker

    def _hand_out(self) -> None:
        while self._waiting:
            worker = next((w for w in self._workers if w.job is None), None)
            if worker is None:
                if len(self._workers) >= self.size:
                    return
                worker = self._start()
            job, request = self._waiting.popleft()
            try:
                worker.pipe.send(request)
            except OSError:  # it ended while idle
                self._end(worker)
                self._waiting.appendleft((job, request))
                continue
            worker.job, worker.request = job, request
            worker.deadline = time.monotonic() + self.limits.seconds
            self._ready.append(Event("started", job, request))

    def _patience(self, timeout: float) -> float:
        soonest = min(w.deadline for w in self._workers if w.job is not None)
        watched = 0.1 if any(w.watch for w in self._workers) else timeout
        return max(0.0, min(timeout, watched, soonest - time.monotonic()))

    def _receive(self, worker: _Worker) -> None:
        try:
            word, *content = worker.pipe.recv()
        except (EOFError, OSError):
            self._lost(worker, DIED)
            return
        assert worker.job is not None
        if word == "step":
            news = content[0]
            self._ready.append(
                Event("step", worker.job, worker.request, text=news)
                if isinstance(news, str)
                else Event("piece", worker.job, worker.request, result=news)
            )
            return
        if word == "result":
            result, grown = content
            self._ready.append(Event("done", worker.job, worker.request, result=result))
            if grown:  # a heap that one file has filled leaves less for the next
                worker.request = worker.job = None
                self._end(worker, wait=False)
        elif word == "memory":
            self._lost(worker, self._too_large)
            return
        else:
            self._ready.append(Event("done", worker.job, worker.request, error=content[0], details=content[1]))
        worker.job = worker.request = None

    @property
    def _too_large(self) -> str:
        return TOO_LARGE.format(self.limits.memory / 2**20)

    def _enforce(self) -> None:
        now = time.monotonic()
        for worker in [w for w in self._workers if w.job is not None]:
            if now >= worker.deadline:
                self._lost(worker, TOO_LONG.format(self.limits.seconds))
            elif worker.watch is not None and _memory(worker.watch) > self.limits.memory:
                self._lost(worker, self._too_large)

    def _lost(self, worker: _Worker, sentence: str) -> None:
        assert worker.job is not None
        job, request = worker.job, worker.request
        self._kill(worker)
        details = f"worker ended with {worker.process.exitcode}"
        self._ready.append(Event("done", job, request, error=sentence, details=details))

    def _kill(self, worker: _Worker) -> None:
        request, pid = worker.request, worker.process.pid
        self._end(worker)
        if pid is not None:
            self.on_lost(request, pid)

    def _end(self, worker: _Worker, *, wait: bool = True) -> None:
        """End a worker; without ``wait`` its memory, which takes the system a while, is given back later."""
        worker.process.kill()
        worker.pipe.close()
        self._workers.remove(worker)
        if wait:
            worker.process.join()
        else:
            self._ended.append(worker.process)


def workers_for(files: int) -> int:
    """How many workers suit ``files`` files on this machine: no more than its cores."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(files, cores, 8))


def _way() -> str:
    """How to start a worker. fork costs a few milliseconds where spawn costs a new interpreter; it is
    safe while this process has one thread. A window has many, of which Python knows none: its workers
    are forked from a server that was started without them and has the heavy modules loaded."""
    if not sys.platform.startswith("linux"):
        return "spawn"
    if threading.active_count() == 1 and "PySide6.QtCore" not in sys.modules:
        return "fork"
    multiprocessing.get_context("forkserver").set_forkserver_preload(["app.preloaded"])
    return "forkserver"


@contextlib.contextmanager
def _no_interrupt() -> Iterator[None]:
    """Ctrl+C waits until a worker that is being started is known: else nobody would end it."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _memory(process: Any) -> int:
    import psutil

    try:
        return int(process.memory_info().rss)
    except psutil.Error:
        return 0


def _serve(work: Work, pipe: Connection, limits: Limits, inherited: Sequence[Connection]) -> None:
    """The life of a worker: requests in, steps and results out, until the pipe closes."""
    for other in inherited:
        other.close()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is the parent's, which then kills
    _end_with_parent()
    _cap_memory(limits.memory)
    _hush()
    # Millions of cells hold no cycles: looking through them for some takes a seventh of the time.
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
    with contextlib.suppress(EOFError, OSError):
        while True:
            request = pipe.recv()
            answer = _carried_out(work, request, lambda news: pipe.send(("step", news)))
            pipe.send((*answer, _grown(limits.memory)) if answer[0] == "result" else answer)


def _end_with_parent() -> None:
    """Do not work on for a parent that was killed: nobody would end this process at its time limit."""
    parent = multiprocessing.parent_process()
    if parent is None:
        return

    def wait_for_it() -> None:
        parent.join()
        os._exit(1)

    threading.Thread(target=wait_for_it, name="parent", daemon=True).start()


def _hush() -> None:
    """What libraries print as they fail (a panic in Rust, an allocation refused) is not for the clerk."""
    if not os.environ.get("JUESUAN_DEBUG"):
        with contextlib.suppress(OSError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), 2)


def _grown(cap: int) -> bool:
    """True when this process has at some time held more than a quarter of its cap."""
    if sys.platform == "win32":
        import psutil

        return int(psutil.Process().memory_info().rss) * 4 > cap
    import resource

    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit * 4 > cap


def _carried_out(work: Work, request: Any, step: Callable[[Any], None]) -> Sequence[Any]:
    try:
        return ("result", work(request, step))
    except MemoryError:
        return ("memory",)
    except BaseException as error:  # also what Rust code panics with; the worker lives on
        last = traceback.extract_tb(error.__traceback__)[-1]
        what = f"{type(error).__name__} {os.path.basename(last.filename)}:{last.lineno}"  # noqa: PTH119
        return ("failed", INTERNAL.format(what), traceback.format_exc())


def _cap_memory(cap: int) -> None:
    """Let the system refuse memory beyond ``cap`` bytes.

    RLIMIT_DATA counts what is really taken (heap and private writable pages); RLIMIT_AS also
    counts what is only reserved, mapped files and libraries, so it is set with room to spare.
    """
    if not sys.platform.startswith("linux"):
        return
    import resource

    for kind, limit in ((resource.RLIMIT_DATA, cap), (resource.RLIMIT_AS, cap + (2 << 30))):
        with contextlib.suppress(ValueError, OSError):
            hard = resource.getrlimit(kind)[1]
            resource.setrlimit(kind, (limit if hard < 0 else min(limit, hard), hard))
