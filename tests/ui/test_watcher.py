"""Each completed save is told once, whatever the program that saves."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QFileSystemWatcher

from app import outputs
from app.ui.watcher import Watcher

SETTLE, POLL = 120, 200  # quicker than in use, so that the suite is
QUIET = SETTLE + POLL + 80  # by then whatever was to come has come


class Listener:
    """A watched file and what was told of it."""

    def __init__(self, qtbot, folder: Path) -> None:
        self.bot = qtbot
        self.path = folder / "江汉区 决算 2022.xlsx"
        self.path.write_bytes(b"first")
        self.watcher = Watcher(settle_ms=SETTLE, poll_ms=POLL)
        self.told: list[Path] = []
        self.watcher.changed.connect(self.told.append)
        self.watch(self.path)

    def watch(self, *paths: Path) -> None:
        with self.bot.waitSignal(self.watcher.ready):
            self.watcher.watch(paths)

    def wait(self, count: int) -> None:
        """Wait for as many signals in all, and see that no more come."""
        self.bot.waitUntil(lambda: len(self.told) >= count, timeout=4000)
        self.quiet(count)

    def quiet(self, count: int = 0) -> None:
        self.bot.wait(QUIET)
        assert self.told == [self.path] * count


@pytest.fixture
def listener(qtbot, tmp_path: Path) -> Iterator[Listener]:
    listener = Listener(qtbot, tmp_path)
    yield listener
    listener.watcher.stop()


def in_place(path: Path, data: bytes) -> None:
    path.write_bytes(data)


def rename_over(path: Path, data: bytes) -> None:
    temp = path.with_name(".~tmp")
    temp.write_bytes(data)
    temp.replace(path)


def like_excel(path: Path, data: bytes) -> None:
    lock = path.with_name(f"~${path.name}")
    lock.write_bytes(b"clerk")
    temp = path.with_name("A1B2C300")
    temp.write_bytes(data)
    time.sleep(0.03)
    path.unlink()
    time.sleep(0.05)  # gone for a moment
    temp.rename(path)
    lock.unlink()


def like_wps(path: Path, data: bytes) -> None:
    """The original goes to a backup name first."""
    backup, temp = path.with_name("~backup.tmp"), path.with_name("~new.tmp")
    temp.write_bytes(data)
    path.rename(backup)
    time.sleep(0.05)
    temp.rename(path)
    backup.unlink()


def like_libreoffice(path: Path, data: bytes) -> None:
    lock = path.with_name(f".~lock.{path.name}#")
    lock.write_text("clerk")
    with path.open("wb") as file:
        for at in range(len(data)):
            file.write(data[at : at + 1])
            file.flush()
    lock.unlink()


WAYS = [in_place, rename_over, like_excel, like_wps, like_libreoffice]


@pytest.mark.parametrize(("save", "times"), [(way, 5 if way in (in_place, like_excel) else 2) for way in WAYS])
def test_each_of_several_saves_is_told_once(
    listener: Listener, save: Callable[[Path, bytes], None], times: int
) -> None:
    for number in range(1, times + 1):
        save(listener.path, b"saved %d" % number)
        listener.bot.waitUntil(lambda n=number: len(listener.told) == n, timeout=2000)
    listener.quiet(times)


def test_events_hasten_the_look(qtbot, tmp_path: Path) -> None:
    """With a poll that never comes each way of saving is still noticed, and the next one after it."""
    path = tmp_path / "a.xlsx"
    path.write_bytes(b"first")
    watcher = Watcher(settle_ms=SETTLE, poll_ms=600_000)
    with qtbot.waitSignal(watcher.ready):
        watcher.watch([path])
    for number, save in enumerate([way for other in WAYS for way in (other, in_place)]):
        with qtbot.waitSignal(watcher.changed, timeout=2000):
            save(path, b"saved %d" % number)
    watcher.stop()


def test_poll_alone_notices(listener: Listener, monkeypatch: pytest.MonkeyPatch) -> None:
    """A network drive sends no events."""
    monkeypatch.setattr(QFileSystemWatcher, "addPaths", lambda *_: [])
    listener.watcher.deleteLater()
    listener.watcher = Watcher(settle_ms=SETTLE, poll_ms=POLL)
    listener.watcher.changed.connect(listener.told.append)
    listener.watch(listener.path)
    for number in (1, 2):
        like_excel(listener.path, b"saved %d" % number)
        listener.wait(number)


def test_default_times_coalesce_three_quick_saves(qtbot, tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(b"first")
    watcher, told = Watcher(), []
    watcher.changed.connect(lambda p: told.append((p, time.monotonic())))
    with qtbot.waitSignal(watcher.ready):
        watcher.watch([path])
    for number in range(3):
        like_excel(path, b"saved %d" % number)
        qtbot.wait(150)
    last = time.monotonic() - 0.15
    qtbot.waitUntil(lambda: bool(told), timeout=2500)
    assert told[0][1] - last > 0.35, "before the file stood still"
    qtbot.wait(700)
    assert [p for p, _ in told] == [path]
    watcher.stop()


def test_deleted_and_made_again(listener: Listener) -> None:
    listener.path.unlink()
    listener.bot.wait(QUIET)
    listener.path.write_bytes(b"made again")
    listener.wait(1)
    rename_over(listener.path, b"and saved")
    listener.wait(2)


def test_deleted_and_put_back_is_no_change(listener: Listener) -> None:
    listener.path.unlink()
    listener.bot.wait(QUIET)
    listener.path.write_bytes(b"first")
    listener.quiet()


def test_folder_goes_and_comes_back(listener: Listener, tmp_path: Path) -> None:
    """A stick that is pulled out."""
    folder = tmp_path / "stick"
    path = folder / "b.xlsx"
    folder.mkdir()
    path.write_bytes(b"first")
    listener.path = path
    listener.watch(path)
    folder.rename(tmp_path / "away")
    listener.bot.wait(QUIET)
    (tmp_path / "away").rename(folder)
    listener.quiet()
    for number in (1, 2):
        rename_over(path, b"after %d" % number)
        listener.wait(number)


def test_touch_and_equal_bytes_are_no_change(listener: Listener) -> None:
    os.utime(listener.path)
    listener.quiet()
    listener.path.chmod(0o600)
    like_excel(listener.path, b"first")
    listener.quiet()
    in_place(listener.path, b"other")  # not deaf, either
    listener.wait(1)


@pytest.mark.parametrize("poll", [POLL, 600_000])
def test_same_size_and_time_other_bytes(qtbot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, poll: int) -> None:
    """Drives that keep times to two seconds: the event tells, and where there is none a later look."""
    from app.ui import watcher as module

    monkeypatch.setattr(module, "_stamp", lambda path: (path.stat().st_size, 0, 0, 0) if path.exists() else None)
    path = tmp_path / "a.xlsx"
    path.write_bytes(b"1st")
    watcher = Watcher(settle_ms=SETTLE, poll_ms=poll)
    if poll == POLL:
        monkeypatch.setattr(QFileSystemWatcher, "addPaths", lambda *_: [])
    with qtbot.waitSignal(watcher.ready):
        watcher.watch([path])
    with qtbot.waitSignal(watcher.changed, timeout=2000):
        in_place(path, b"second" if poll == POLL else b"2nd")
    with qtbot.waitSignal(watcher.changed, timeout=2000):
        in_place(path, b"SECOND" if poll == POLL else b"2ND")
    watcher.stop()


def test_gone_file_that_comes_back_is_heard_of_at_once(qtbot, tmp_path: Path) -> None:
    """And while it is gone nothing looks for it ten times a second."""
    path = tmp_path / "a.xlsx"
    path.write_bytes(b"first")
    watcher = Watcher(settle_ms=SETTLE, poll_ms=600_000)
    with qtbot.waitSignal(watcher.ready):
        watcher.watch([path])
    path.unlink()
    qtbot.wait(QUIET)
    assert not watcher._tick.isActive()
    with qtbot.waitSignal(watcher.changed, timeout=2000):
        path.write_bytes(b"again")
    watcher.stop()


def test_other_files_of_the_folder_are_nothing(listener: Listener) -> None:
    for name in ("~$江汉区 决算 2022.xlsx", "江汉区 决算 2022_校核.xlsx", "x.tmp"):
        listener.path.with_name(name).write_bytes(b"other")
    listener.quiet()


def test_output_is_known_without_being_told(qtbot, tmp_path: Path) -> None:
    """A worker writes and the window hears of it late; her own save of the same file is a change."""
    path = tmp_path / "a_校核.xlsx"
    told: list[Path] = []

    def write() -> None:
        with outputs.replacing(path) as draft:
            draft.temp.write_bytes(b"ours %d" % time.monotonic_ns())

    write()
    ours = path.read_bytes()
    watcher = Watcher(settle_ms=SETTLE, poll_ms=POLL)
    watcher.changed.connect(told.append)
    with qtbot.waitSignal(watcher.ready):
        watcher.watch([path])
    write()
    qtbot.wait(QUIET)
    assert told == []
    ours = path.read_bytes()
    for number, data in enumerate((b"hers", ours), 1):  # the second: she puts our file back
        like_excel(path, data)
        qtbot.waitUntil(lambda n=number: len(told) == n, timeout=2000)
    watcher.stop()


def test_half_a_package_is_not_yet_saved(listener: Listener) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as package:
        package.writestr("xl/workbook.xml", "x" * 5000)
    data = buffer.getvalue()
    with listener.path.open("wb") as file:
        listener.bot.wait(2 * SETTLE)  # empty
        file.write(data[:2000])
        file.flush()
        listener.quiet()
        file.write(data[2000:])
    listener.wait(1)


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root reads everything")
def test_locked_file_waits(listener: Listener) -> None:
    rename_over(listener.path, b"locked")
    listener.path.chmod(0)
    listener.quiet()
    listener.path.chmod(0o600)
    listener.wait(1)


def test_unreadable_for_a_moment_waits(listener: Listener, monkeypatch: pytest.MonkeyPatch) -> None:
    from app.ui import watcher

    def refuse(_: Path) -> None:
        raise PermissionError

    with monkeypatch.context() as patch:
        patch.setattr(watcher, "_open", refuse)
        in_place(listener.path, b"saved")
        listener.quiet()
    listener.wait(1)


def test_stop_and_turning_to_another_file(listener: Listener, tmp_path: Path) -> None:
    first, second = listener.path, tmp_path / "b.pdf"
    second.write_bytes(b"first")
    in_place(first, b"saved")
    listener.bot.wait(SETTLE // 2)
    listener.watcher.stop()
    listener.quiet()
    listener.path = second
    listener.watch(second)
    in_place(first, b"saved again")
    listener.quiet()
    in_place(second, b"saved")
    listener.wait(1)


def test_watching_again_loses_no_save(listener: Listener) -> None:
    """The window calls ``watch`` after each check: a save meanwhile is still one."""
    in_place(listener.path, b"saved")
    listener.watch(listener.path, listener.path.with_name("other.docx"))
    listener.wait(1)


def test_file_that_is_not_there_yet(listener: Listener, tmp_path: Path) -> None:
    listener.path = tmp_path / "later.xlsx"
    listener.watch(listener.path)
    listener.quiet()
    listener.path.write_bytes(b"made")
    listener.wait(1)


def test_many_saves_in_a_row_beside_a_busy_window(listener: Listener) -> None:
    """The window's loop stands still for a second; the save is told when it goes on."""
    like_excel(listener.path, b"saved")
    time.sleep(1)
    assert listener.told == []
    listener.wait(1)


def test_drive_that_hangs_does_not_hang_the_window(listener: Listener, monkeypatch: pytest.MonkeyPatch) -> None:
    from app.ui import watcher

    gate, held = threading.Event(), threading.Event()
    stamp, slow = watcher._stamp, listener.path

    def hang(path: Path) -> object:
        if path == slow:
            held.set()
            gate.wait(10)
        return stamp(path)

    other = listener.path.with_name("other.xlsx")
    other.write_bytes(b"first")
    with monkeypatch.context() as patch:
        patch.setattr(watcher, "_stamp", hang)
        in_place(listener.path, b"saved")
        listener.bot.waitUntil(held.is_set, timeout=2000)
        began = time.monotonic()
        listener.bot.wait(100)
        listener.path = other
        listener.watch(other)  # on another thread than the one that hangs
        assert time.monotonic() - began < 1
        in_place(other, b"saved")
        listener.wait(1)
        gate.set()
    listener.quiet(1)


def test_fault_at_one_look_is_logged_and_not_the_end(
    listener: Listener, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    from app.ui import watcher

    with monkeypatch.context() as patch:
        patch.setattr(watcher, "_stamp", lambda _: 1 // 0)
        listener.quiet()
    assert "ZeroDivisionError" in caplog.text
    in_place(listener.path, b"saved")
    listener.wait(1)


def test_network_drive_is_polled_only(qtbot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    device = tmp_path.stat().st_dev
    table = f"30 1 0:99 / /x rw - ext4 x rw\n36 1 {os.major(device)}:{os.minor(device)} / / rw - cifs //server/x rw\n"
    for kind, listened in (("cifs", False), ("ext4", True)):
        text = table.replace("cifs", kind)
        with monkeypatch.context() as patch:
            patch.setattr(Path, "read_text", lambda self, *_, t=text: t)
            watcher = Watcher(settle_ms=SETTLE, poll_ms=POLL)
            with qtbot.waitSignal(watcher.ready):
                watcher.watch([tmp_path / "a.xlsx"])
        assert bool(watcher._events.directories()) == listened
        watcher.stop()


PROGRAM = """
import sys, pathlib
from PySide6.QtCore import QCoreApplication, QTimer
from app.ui.watcher import Watcher
app = QCoreApplication([])
watcher = Watcher()
watcher.watch([pathlib.Path(sys.argv[1])])
if sys.argv[2] == "drop":
    watcher.ready.connect(lambda: (globals().pop("watcher"), None))
QTimer.singleShot(300, app.quit)
app.exec()
print("bye")
"""


@pytest.mark.parametrize("how", ["keep", "drop"])
def test_program_ends_while_watching(tmp_path: Path, how: str) -> None:
    run = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(tmp_path / "a.xlsx"), how], capture_output=True, text=True, timeout=20
    )
    assert (run.returncode, run.stdout, run.stderr) == (0, "bye\n", "")
