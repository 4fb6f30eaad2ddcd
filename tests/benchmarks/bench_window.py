"""The window as ratios in one run (issue 5): ``python tests/benchmarks/bench_window.py``.

- first window: a process until its window has been painted, ours against a bare PySide6 window (aim 1.5);
- drop to result: from a drop until the result is painted against ``pipeline.check`` in a warm process (aim 1.3);
- longest block of the event loop while a 200,000-row file is checked and shown, against an idle window
  that is being resized (aim 3).
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from random import Random

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

_BARE = """
import sys
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QMainWindow
app = QApplication(sys.argv)
window = QMainWindow()
window.resize(1280, 740)
window.show()
{end}
"""
_OURS = """
import sys
from app.ui import window as module
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
made = []
class Window(module.Window):
    def show(self):
        super().show()
        window = self
{end_inside}
module.Window = Window
module.main([])
"""
_END = """
class Painted:
    pass
from PySide6.QtCore import QEvent, QObject
class Watch(QObject):
    def eventFilter(self, target, event):
        if event.type() == QEvent.Type.Paint:
            QTimer.singleShot(0, lambda: (sys.stdout.write("painted\\n"), sys.stdout.flush(), os._exit(0)))
        return False
import os
watch = Watch()
app = QApplication.instance()
app.installEventFilter(watch)
"""


def first_window(rounds: int = 15) -> float:
    """Seconds until painted, ours over bare."""
    end = _END + "app.exec()\n"
    inside = "\n".join("        " + line for line in _END.strip().splitlines()) + "\n        made.append(watch)\n"
    scripts = {"bare": _BARE.format(end=end), "ours": _OURS.format(end_inside=inside)}
    times: dict[str, list[float]] = {name: [] for name in scripts}
    with tempfile.TemporaryDirectory() as folder:
        state = {"JUESUAN_STATE": f"{folder}/state", "JUESUAN_DATA": f"{folder}/data", "PYTHONPATH": str(ROOT)}
        for turn in range(rounds + 2):
            for name, script in scripts.items():
                began = time.perf_counter()
                done = subprocess.run(
                    [sys.executable, "-P", "-c", script], env={**os.environ, **state}, capture_output=True, text=True
                )
                took = time.perf_counter() - began
                assert "painted" in done.stdout, done.stderr[-2000:]
                if turn >= 2:
                    times[name].append(took)
    print({name: round(statistics.median(values), 3) for name, values in times.items()})
    return statistics.median(times["ours"]) / statistics.median(times["bare"])


def _window():
    from PySide6.QtWidgets import QApplication

    from app.ui import theme
    from app.ui.window import Window

    app = QApplication.instance() or QApplication([])
    theme.dress(app)
    window = Window()
    window.resize(1366, 740)
    window.show()
    _spin(lambda: window._result is not None and not window.work._warming.is_alive())
    _spin(lambda: False, 1.0)
    return window


def _spin(until, seconds: float = 600.0) -> None:
    from PySide6.QtCore import QEventLoop
    from PySide6.QtWidgets import QApplication

    end = time.perf_counter() + seconds
    while time.perf_counter() < end and not until():
        QApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents, 5)


def drop_to_result(rounds: int = 9) -> dict[str, float]:
    """Until the result is painted, over the check with its writing in this warm process."""
    from app.pipeline import Request, check

    window = _window()
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        for sample in sorted((ROOT / "resources" / "samples").glob("*.xlsx")):
            path = Path(folder) / sample.name
            path.write_bytes(sample.read_bytes())
            checks, drops = [], []
            for turn in range(rounds + 2):
                began = time.perf_counter()
                check(Request(path))
                checked = time.perf_counter() - began
                began = time.perf_counter()
                window.open_paths([path])
                _spin(lambda: window.pages.currentWidget() is window._result)
                window.result.repaint()
                dropped = time.perf_counter() - began
                _spin(lambda: not window.desk.busy)
                window.go_back()
                _spin(lambda: False, 0.1)
                if turn >= 2:
                    checks.append(checked)
                    drops.append(dropped)
            found[sample.stem] = statistics.median(drops) / statistics.median(checks)
            print(sample.stem, round(statistics.median(drops), 3), round(statistics.median(checks), 3))
    window.close()
    return found


class Pulse:
    """The longest time between two turns of the event loop."""

    def __init__(self) -> None:
        from PySide6.QtCore import QTimer

        self.longest, self.last = 0.0, time.perf_counter()
        self.gaps: list[float] = []
        self.timer = QTimer(interval=0)
        self.timer.timeout.connect(self._beat)
        self.timer.start()

    def _beat(self) -> None:
        now = time.perf_counter()
        self.gaps.append(now - self.last)
        self.longest = max(self.longest, now - self.last)
        self.last = now

    def stop(self) -> float:
        self.timer.stop()
        print("   longest", [round(g * 1000) for g in sorted(self.gaps)[-6:]], "ms")
        return self.longest

    def third(self) -> float:
        """The third longest: a machine that stalls (an idle window is stopped for 60 ms and more here)
        lengthens one or two."""
        return sorted(self.gaps)[-3]


def block(rows: int = 200_000, rounds: int = 5) -> tuple[float, float]:
    """Longest block with a long file, over that of resizing the idle window; the same of the third longest."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "长.xlsx"
        # by a process of its own: what it leaves behind is not the window's
        subprocess.run([sys.executable, __file__, "make", str(path), str(rows)], check=True)
        window = _window()
        sample = next((ROOT / "resources" / "samples").glob("*.xlsx"))
        short = Path(folder) / sample.name
        short.write_bytes(sample.read_bytes())
        resized, checked = [], []
        for _ in range(rounds):  # in turn: a hiccup of the machine falls on either
            _open(window, short)
            pulse = Pulse()
            for size in (*range(1000, 1400, 10), *range(1400, 1000, -10)):
                window.resize(size, 560 + size // 5)
                _spin(lambda: False, 0.02)
            resized.append((pulse.stop(), pulse.third()))
            pulse = Pulse()
            _open(window, path)
            checked.append((pulse.stop(), pulse.third()))
    window.close()
    longest, third = (
        statistics.median(c[n] for c in checked) / statistics.median(r[n] for r in resized) for n in (0, 1)
    )
    return longest, third


def _open(window, path: Path) -> None:
    """Open a file and wait until all of it is shown and written."""
    window.open_paths([path])
    _spin(lambda: window.desk.busy)
    _spin(lambda: window.pages.currentWidget() is window._result and not window.desk.busy)
    _spin(lambda: False, 0.5)


def _lengthen(path: Path, rows: int) -> None:
    """A workbook of the nine tables, and beside them a ledger of ``rows`` × 12."""
    import openpyxl

    from tests.generator import LAYOUTS, compose, department

    compose(department(1), LAYOUTS["ministry"](Random(1)), Random(1)).save(path)
    book = openpyxl.load_workbook(path)
    sheet = book.create_sheet("明细账")
    for row in range(rows):
        sheet.append([f"2010{row % 100:02d}", f"摘要第{row}笔", *(row * 1.25 + n for n in range(10))])
    book.save(path)


def main() -> None:
    if sys.argv[1:2] == ["make"]:
        _lengthen(Path(sys.argv[2]), int(sys.argv[3]))
        return
    wanted = sys.argv[1:] or ["first", "drop", "block"]
    if "first" in wanted:
        print(f"first window / bare window: {first_window():.2f} (aim 1.5)")
    if "drop" in wanted:
        for name, ratio in drop_to_result().items():
            print(f"drop to result / warm check, {name}: {ratio:.2f} (aim 1.3)")
    if "block" in wanted:
        longest, third = block()
        print(f"longest block, 200,000 rows / resizing: {longest:.2f} (aim 3); third longest: {third:.2f}")


if __name__ == "__main__":
    main()
