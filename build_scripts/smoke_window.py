"""The window of a built program on a virtual screen, with a real mouse: used by ``smoke.py``.

On Linux with Xvfb and xdotool: a file as an argument, a file dragged from another window and dropped, files
handed over by a second start, a worker that dies, and the end by the keyboard. Elsewhere the window is only
opened until it has been painted.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

NAME = "决算公开校核.exe" if sys.platform == "win32" else "决算公开校核"
SECONDS = 90
DRAG = 1180, 900  # where the window to drag from stands: below the program's, on the virtual screen
_SOURCE = """
import sys
from PySide6.QtCore import QMimeData, Qt, QUrl
from PySide6.QtGui import QDrag
from PySide6.QtWidgets import QApplication, QLabel

class Source(QLabel):
    def mouseMoveEvent(self, event):
        data = QMimeData()
        data.setUrls([QUrl.fromLocalFile(path) for path in sys.argv[1:]])
        drag = QDrag(self)
        drag.setMimeData(data)
        print("dropped", drag.exec(Qt.DropAction.CopyAction), flush=True)

app = QApplication(sys.argv[:1])
source = Source("drag")
source.setWindowFlags(Qt.WindowType.FramelessWindowHint)
source.setGeometry({x}, {y}, 100, 60)
source.show()
print("ready", flush=True)
app.exec()
"""


class Failed(Exception):
    """What the window did otherwise than it should."""


def trial(program: Path, folder: Path, samples: list[Path], environment: dict[str, str]) -> str:
    """Try the window; what was done, in a few words."""
    painted = _painted(program, environment)
    if not sys.platform.startswith("linux"):
        return f"{painted}; files are not handed to it here"
    lacking = [tool for tool in ("Xvfb", "xdotool") if not shutil.which(tool)]
    if lacking:
        return f"{painted}; not on a screen, without {' and '.join(lacking)}"
    with _screen() as display:
        own = {k: v for k, v in environment.items() if k not in ("QT_QPA_PLATFORM", "WAYLAND_DISPLAY", "PYTHONPATH")}
        return f"{painted}; " + _Trial(program, folder, samples, {**own, "DISPLAY": display}).run()


def _painted(program: Path, environment: dict[str, str]) -> str:
    """Open the window and end as soon as it was painted."""
    more = {"JUESUAN_QUIT_AFTER_PAINT": "1"}
    if sys.platform.startswith("linux"):
        more["QT_QPA_PLATFORM"] = "offscreen"
    done = subprocess.run([program / NAME], env={**environment, **more}, capture_output=True, timeout=SECONDS)
    if done.returncode or (sys.platform != "win32" and b"painted" not in done.stdout):
        raise Failed(f"not painted: {done.returncode} {done.stderr.decode('utf-8', 'replace')[-1500:]}")
    return "painted"


@contextmanager
def _screen() -> Iterator[str]:
    """A virtual screen of its own; gives its name."""
    ours, theirs = os.pipe()
    command = ["Xvfb", "-displayfd", str(theirs), "-screen", "0", "1366x1024x24", "-nolisten", "tcp"]
    process = subprocess.Popen(command, pass_fds=[theirs], stderr=subprocess.DEVNULL)
    os.close(theirs)
    try:
        with os.fdopen(ours) as said:
            number = said.readline().strip()
        if not number:
            raise Failed("Xvfb did not start")
        yield f":{number}"
    finally:
        process.terminate()
        process.wait()


class _Trial:
    def __init__(self, program: Path, folder: Path, samples: list[Path], environment: dict[str, str]) -> None:
        self.program, self.folder = program, folder
        self.environment = environment
        self.cases = folder / "窗口 试用"
        self.cases.mkdir()
        self.samples = samples

    def run(self) -> str:
        first, second = (self._copy(sample, "一") for sample in (self.samples[0], self.samples[-1]))
        third = self._copy(self.samples[-1], "二")
        log = (self.folder / "window.log").open("wb")
        process = subprocess.Popen([self.program / NAME, first], env=self.environment, stdout=log, stderr=log)
        try:
            self._written(first, process)
            self._picture("argument")
            with self._drop(second):
                self._written(second, process)
            self._picture("drop")
            killed = self._kill_workers(process)
            handed = subprocess.run([self.program / NAME, third], env=self.environment, timeout=SECONDS)
            if handed.returncode:
                raise Failed(f"a second start ends with {handed.returncode}")
            self._written(third, process)
            self._picture("second start")
            self._quit(process)
        finally:
            if process.poll() is None:
                process.kill()
            process.wait()
            log.close()
        said = (self.folder / "window.log").read_text("utf-8", "replace").strip()
        if "Traceback" in said or "qt.qpa" in said:
            raise Failed(said[-1500:])
        return f"file as argument, real drop, second start after {killed} workers were killed, Ctrl+Q"

    def _copy(self, sample: Path, place: str) -> Path:
        target = self.cases / place / sample.name
        target.parent.mkdir(exist_ok=True)
        shutil.copyfile(sample, target)
        return target

    def _written(self, path: Path, process: subprocess.Popen) -> None:
        """Wait for the marked copy, which is written once the result is shown."""
        wanted = path.with_name(f"{path.stem}_校核{path.suffix}")
        self._until(lambda: wanted.exists() or process.poll() is not None, f"{wanted.name} was not written")
        if process.poll() is not None:
            raise Failed(f"the window ended with {process.returncode}")

    def _until(self, happened: Callable[[], bool], said: str) -> None:
        end = time.monotonic() + SECONDS
        while not happened():
            if time.monotonic() > end:
                raise Failed(said)
            time.sleep(0.05)

    def _picture(self, name: str) -> None:
        """A picture of the screen; one of a single colour is no window."""
        if not shutil.which("import"):
            return
        time.sleep(1.5)  # the result settles
        path = self.folder / f"window {name}.png"
        subprocess.run(["import", "-window", "root", path], env=self.environment, check=True, timeout=SECONDS)
        command = ["identify", "-format", "%k", path]
        colours = subprocess.run(command, capture_output=True, text=True, check=True, timeout=SECONDS).stdout
        if int(colours) < 50:
            raise Failed(f"{path.name} shows {colours} colours")

    @contextmanager
    def _drop(self, path: Path) -> Iterator[None]:
        """Drag the file with the mouse from another window onto ours; that lives on, for what is dropped
        is fetched from it afterwards."""
        script = _SOURCE.format(x=DRAG[0], y=DRAG[1])
        command = [sys.executable, "-c", script, str(path)]
        source = subprocess.Popen(command, env=self.environment, stdout=subprocess.PIPE, text=True)
        try:
            if source.stdout is None or source.stdout.readline() != "ready\n":
                raise Failed("the window to drag from did not open")
            time.sleep(0.5)
            x, y = DRAG[0] + 50, DRAG[1] + 30
            self._mouse("mousemove", x, y, "mousedown", 1)
            for step in range(1, 21):
                self._mouse("mousemove", x - 30 * step, y - 27 * step)
                time.sleep(0.03)
            time.sleep(0.3)
            self._mouse("mouseup", 1)
            if "CopyAction" not in (said := source.stdout.readline()):
                raise Failed(f"the drop was not taken: {said}")
            yield
        finally:
            source.kill()
            source.wait()

    def _mouse(self, *words: object) -> None:
        command = ["xdotool", *map(str, words)]
        subprocess.run(command, env=self.environment, check=True, capture_output=True, timeout=SECONDS)

    def _kill_workers(self, process: subprocess.Popen) -> int:
        """Kill the processes that the fork server has forked: the next file needs a new one."""
        import psutil

        children = psutil.Process(process.pid).children(recursive=True)
        workers = [child for child in children if child.ppid() != process.pid]
        for worker in workers:
            worker.kill()
        if not workers:
            raise Failed("the window has no workers")
        return len(workers)

    def _quit(self, process: subprocess.Popen) -> None:
        import psutil

        children = psutil.Process(process.pid).children(recursive=True)
        self._mouse("mousemove", 400, 400, "key", "ctrl+q")
        self._until(lambda: process.poll() is not None, "Ctrl+Q does not end the window")
        if process.returncode:
            raise Failed(f"the window ends with {process.returncode}")
        gone = psutil.wait_procs(children, timeout=10)
        if gone[1]:
            raise Failed(f"{len(gone[1])} of its processes stay")
