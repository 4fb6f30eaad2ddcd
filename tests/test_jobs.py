from __future__ import annotations

import faulthandler
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest

from app.jobs import DIED, Event, Limits, Pool, workers_for


def work(request: Any, step: Callable[[str], None]) -> Any:
    """What a worker of these tests is asked to do."""
    match request:
        case "die":
            faulthandler.disable()  # pytest's, which would print a page
            os.abort()
        case "hang":
            time.sleep(60)
        case "fill":
            return len([bytearray(1 << 20) for _ in range(4096)])
        case "raise":
            raise KeyError("表")
        case "noise":
            os.write(2, b"thread panicked")
        case "pid":
            return os.getpid()
        case "steps":
            step("读取")
            step("校核")
    return request


def hanging(request: Any, step: Callable[[str], None]) -> None:
    """Tells its process and does not end."""
    step(str(os.getpid()))
    time.sleep(60)


def run(*requests: Any, size: int = 2, **options: Any) -> tuple[list[Event], dict[Any, Event]]:
    with Pool(work, size, **options) as pool:
        for request in requests:
            pool.submit(request)
        events = list(pool.events())
    return events, {e.request: e for e in events if e.kind == "done"}


def test_each_job_starts_steps_and_is_done() -> None:
    events, _ = run("steps", size=1)
    assert [(e.kind, e.text) for e in events] == [("started", ""), ("step", "读取"), ("step", "校核"), ("done", "")]
    assert events[-1].result == "steps"


def test_a_worker_that_dies_takes_one_file_with_it() -> None:
    lost: list[Any] = []
    _, done = run("a", "die", "b", "c", "d", on_lost=lambda request, pid: lost.append(request))
    assert done["die"].error == DIED and done["die"].result is None
    assert [done[r].result for r in "abcd"] == list("abcd")
    assert lost == ["die"]


def test_a_worker_that_hangs_is_stopped() -> None:
    began = time.monotonic()
    _, done = run("hang", "a", limits=Limits(seconds=0.5))
    assert "超过" in (done["hang"].error or "") and done["a"].result == "a"
    assert time.monotonic() - began < 10


def test_memory_is_capped_and_the_rest_goes_on() -> None:
    _, done = run("fill", "a", size=1, limits=Limits(memory=300 << 20))
    assert "300 MB 内存" in (done["fill"].error or "")
    assert done["a"].result == "a"


def test_an_error_of_the_program_is_one_sentence_and_the_worker_lives() -> None:
    _, done = run("raise", "a", size=1)
    assert "KeyError test_jobs.py" in (done["raise"].error or "") and "\n" not in (done["raise"].error or "")
    assert "Traceback" in done["raise"].details and done["a"].result == "a"


def test_what_libraries_print_is_not_shown(capfd: pytest.CaptureFixture[str]) -> None:
    _, done = run("noise")
    assert done["noise"].result == "noise" and capfd.readouterr().err == ""


def test_workers_stay_warm() -> None:
    with Pool(work, 1) as pool:
        pool.warm()
        pids = set()
        for _ in range(3):
            pool.submit("pid")
            pids |= {e.result for e in pool.events() if e.kind == "done"}
    assert len(pids) == 1 and os.getpid() not in pids


def test_cancel_kills_what_runs_and_drops_what_waits() -> None:
    began = time.monotonic()
    with Pool(work, 1) as pool:
        first = pool.submit("hang")
        pool.submit("a")
        assert [e.kind for e in pool.poll()] == ["started"]
        pool.cancel(first)
        assert [e.result for e in pool.events() if e.kind == "done"] == ["a"]
        pool.submit("hang")
        pool.submit("b")
        pool.poll()
        pool.cancel()
        assert not pool.busy
    assert time.monotonic() - began < 10


def test_an_idle_worker_that_was_killed_is_replaced() -> None:
    with Pool(work, 1) as pool:
        pool.submit("pid")
        pid = next(e.result for e in pool.events() if e.kind == "done")
        os.kill(pid, signal.SIGKILL)
        time.sleep(0.2)
        pool.submit("a")
        assert [e.result for e in pool.events() if e.kind == "done"] == ["a"]


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="fork is used on Linux")
def test_workers_end_when_their_parent_is_killed() -> None:
    code = (
        "import os, sys; sys.path.insert(0, os.getcwd()); from tests_jobs_work import pid; from app.jobs import Pool\n"
        "pool = Pool(pid, 2); [pool.submit(i) for i in range(2)]\n"
        "print(*{e.result for e in pool.events() if e.kind == 'done'}, flush=True); os.kill(os.getpid(), 9)"
    )
    module = "import os, time\ndef pid(request, step):\n    time.sleep(0.3)\n    return os.getpid()\n"
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "tests_jobs_work.py").write_text(module)
        environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}
        done = subprocess.run([sys.executable, "-c", code], cwd=folder, env=environment, capture_output=True, text=True)
    pids = [int(p) for p in done.stdout.split()]
    assert len(pids) == 2
    deadline = time.monotonic() + 5
    while any(psutil.pid_exists(p) and psutil.Process(p).status() != "zombie" for p in pids):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_workers_at_work_end_when_their_parent_is_killed() -> None:
    code = (
        "import os, sys, time, threading; from tests.test_jobs import hanging; from app.jobs import Pool\n"
        "threading.Thread(target=time.sleep, args=(60,), daemon=True).start()  # as in a window\n"
        "pool = Pool(hanging, 1); pool.submit(0); pid = None\n"
        "while pid is None: pid = next((e.text for e in pool.poll(0.1) if e.kind == 'step'), None)\n"
        "print(pid, flush=True); os.kill(os.getpid(), 9)"
    )
    root = str(Path(__file__).parents[1])
    environment = {**os.environ, "PYTHONPATH": root}
    with subprocess.Popen([sys.executable, "-c", code], cwd=root, env=environment, stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
    deadline = time.monotonic() + 5
    while psutil.pid_exists(pid) and psutil.Process(pid).status() != "zombie":
        assert time.monotonic() < deadline, "it works on for nobody"
        time.sleep(0.05)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="fork is used on Linux")
def test_with_threads_about_workers_are_spawned() -> None:
    import threading

    stop = threading.Event()
    thread = threading.Thread(target=stop.wait)
    thread.start()
    try:
        _, done = run("a", size=1)
    finally:
        stop.set()
        thread.join()
    assert done["a"].result == "a"


def test_no_more_workers_than_files() -> None:
    assert workers_for(1) == 1 and 1 <= workers_for(10_000) <= 8
