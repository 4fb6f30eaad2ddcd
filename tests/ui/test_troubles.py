"""What nothing caught goes into the log and is told once, calmly; and dealing with it never fails."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QEventLoop, QObject, Qt, QTimer, qWarning
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QWidget

from app.ui import opening, troubles
from app.ui.troubles import TroubleDialog


class Before:
    """The hooks that were there before; they go on being called."""

    def __init__(self) -> None:
        self.calls: list[object] = []


@pytest.fixture
def before(monkeypatch: pytest.MonkeyPatch) -> Before:
    before = Before()
    monkeypatch.setattr(sys, "excepthook", lambda *args: before.calls.append(args[0]))
    monkeypatch.setattr(threading, "excepthook", lambda args: before.calls.append(args.exc_type))
    monkeypatch.setattr(sys, "unraisablehook", lambda args: before.calls.append(args.exc_type))
    return before


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [1000.0]
    monkeypatch.setattr(troubles, "_clock", lambda: now[0])
    return now


@pytest.fixture
def log(qtbot, tmp_path: Path, before: Before, clock: list[float]) -> Iterator[Path]:
    """The log of installed hooks."""
    troubles.install(tmp_path / "日志 log")
    yield tmp_path / "日志 log" / "juesuan.log"
    troubles.uninstall()
    for dialog in dialogs():
        dialog.close()


def spin() -> None:
    """Let the event loop run: out of ``processEvents`` PySide would raise what a slot did not catch."""
    loop = QEventLoop()
    QTimer.singleShot(10, loop.quit)
    loop.exec()


def dialogs() -> list[TroubleDialog]:
    spin()
    return [w for w in QApplication.topLevelWidgets() if isinstance(w, TroubleDialog) and w.isVisible()]


def later(action: Callable[[], object]) -> None:
    """Run it from the event loop, as a click does."""
    QTimer.singleShot(0, action)
    spin()


def fail(message: str = "list index out of range") -> None:
    raise IndexError(message)


def fail_elsewhere() -> None:
    raise KeyError("x")


def button(dialog: TroubleDialog, text: str) -> QPushButton:
    return next(b for b in dialog.findChildren(QPushButton) if b.text().startswith(text))


def test_exception_in_a_slot_is_logged_and_told(log: Path, before: Before) -> None:
    later(fail)
    (dialog,) = dialogs()
    text = log.read_text("utf-8")
    for part in ("IndexError: list index out of range", "in fail", "Python 3.", "Qt 6.", "决算公开校核 0."):
        assert part in text
    assert before.calls == [IndexError]
    assert dialog.isModal()
    shown = "".join(label.text() for label in dialog.findChildren(QLabel))
    assert "程序遇到意外问题，已记录；您的文件没有改动。" in shown and "建议" in shown
    assert "IndexError" not in shown and "Traceback" not in shown


def test_exception_while_painting_is_told_once(log: Path, before: Before) -> None:
    class Broken(QWidget):
        def paintEvent(self, _: object) -> None:
            fail()

    widget = Broken()
    widget.show()
    for _ in range(5):
        widget.update()
        spin()
    assert len(before.calls) >= 5
    assert len(dialogs()) == 1
    widget.hide()
    assert log.read_text("utf-8").count("Traceback") == 1


def test_once_a_minute_each(qtbot, log: Path, clock: list[float]) -> None:
    for _ in range(4):
        later(fail)
    (dialog,) = dialogs()
    qtbot.mouseClick(button(dialog, "继续"), Qt.MouseButton.LeftButton)
    assert dialogs() == []
    clock[0] += 59
    later(fail)
    assert dialogs() == []
    later(fail_elsewhere)  # another trouble
    (dialog,) = dialogs()
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    assert dialogs() == []
    clock[0] += 2
    later(fail)
    assert len(dialogs()) == 1
    text = log.read_text("utf-8")
    assert text.count("IndexError:") == 2 and text.count("KeyError:") == 1
    assert "(4 more before)" in text


def test_second_trouble_joins_the_dialog_that_is_open(qtbot, log: Path) -> None:
    later(fail)
    later(fail_elsewhere)
    (dialog,) = dialogs()
    qtbot.mouseClick(button(dialog, "复制详情"), Qt.MouseButton.LeftButton)
    copied = QGuiApplication.clipboard().text()
    assert "IndexError" in copied and "KeyError" in copied
    assert button(dialog, "已复制").isVisible()


def test_thread_tells_it_on_the_window_s_thread(log: Path, before: Before, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[bool] = []
    init = TroubleDialog.__init__

    def note(self: TroubleDialog, *args: object) -> None:
        made.append(threading.current_thread() is threading.main_thread())
        init(self, *args)  # type: ignore[arg-type]

    monkeypatch.setattr(TroubleDialog, "__init__", note)
    thread = threading.Thread(target=fail, name="reader")
    thread.start()
    thread.join()
    assert made == []  # not before the window's own loop comes round
    assert len(dialogs()) == 1
    assert made == [True]
    assert before.calls == [IndexError]
    assert "thread" in log.read_text("utf-8")


def test_unraisable_is_logged_without_a_dialog(log: Path, before: Before) -> None:
    class Bad:
        def __del__(self) -> None:
            fail()

    Bad()
    assert "IndexError" in log.read_text("utf-8")
    assert dialogs() == []
    assert before.calls == [IndexError]


@pytest.mark.parametrize("error", [KeyboardInterrupt(), SystemExit(1)])
def test_the_end_of_the_program_is_no_trouble(log: Path, before: Before, error: BaseException) -> None:
    sys.excepthook(type(error), error, None)
    assert before.calls == [type(error)]
    assert (log.read_text("utf-8"), dialogs()) == ("", [])


def test_what_qt_says_is_logged_without_a_dialog(log: Path, clock: list[float]) -> None:
    for _ in range(3):
        qWarning("QPainter::begin: paint device returned engine == 0")
    clock[0] += 61
    qWarning("QPainter::begin: paint device returned engine == 0")
    assert log.read_text("utf-8").count("QPainter::begin") == 2
    assert dialogs() == []


PRIVATE = ["江汉区", "服务中心", "944.91", "2022", "1272", "公开01表", "张三", "report.docx", "secret"]


@pytest.mark.parametrize(
    "message",
    [
        "invalid literal for int() with base 10: '944.91'",
        "could not convert string to float: '江汉区 2022'",
        "[Errno 2] No such file or directory: '/home/张三/江汉区/report.docx'",
        "Package not found at /home/secret/report.docx",
        "Package not found at C:\\Users\\secret\\report.docx",
        "公开01表 第31行 944.91",
        "it's 944.91 and 1,272.19",
        'Unknown "secret 2022"',
        "unit 江汉区\n服务中心 'multi\nline 公开01表'",
        "-944.91 x=2022",
    ],
)
def test_nothing_of_hers_in_log_and_details(qtbot, log: Path, message: str) -> None:
    later(lambda: fail(message))
    (dialog,) = dialogs()
    dialog.copy()
    for text in (log.read_text("utf-8"), QGuiApplication.clipboard().text()):
        assert "IndexError" in text
        told = text.rpartition("IndexError")[2]
        assert not [word for word in PRIVATE if word in told], told
        assert str(Path.home()) not in text


@pytest.mark.parametrize(
    "message",
    [
        "'NoneType' object has no attribute 'text'",
        "list index 12 out of range",
        "f() got an unexpected keyword argument 'tables'",
    ],
)
def test_what_a_developer_needs_stays(log: Path, message: str) -> None:
    later(lambda: fail(message))
    assert f"IndexError: {message}" in log.read_text("utf-8")


def test_cause_is_told_and_a_circle_ends(log: Path) -> None:
    def chained() -> None:
        try:
            fail_elsewhere()
        except KeyError as cause:
            cause.__context__ = error = ValueError("circle")
            raise error from cause

    later(chained)
    text = log.read_text("utf-8")
    assert text.index("KeyError") < text.index("ValueError: circle")


def test_records_of_others_are_clean_too(log: Path) -> None:
    """A worker that was lost tells what it was at."""
    details = (
        "/home/张三/江汉区.xlsx: secret 公开01表\nTraceback (most recent call last):\n"
        '  File "/opt/app/reading/cells.py", line 5, in read\n    value = float(text)\n'
        "ValueError: could not convert string to float: '944.91'"
    )
    logging.getLogger("juesuan").warning(details.replace("secret ", ""))
    try:
        float("944.91元")
    except ValueError:
        logging.getLogger("app.ui.watcher").exception("watching")
    logging.getLogger("app").info("not worth it")
    text = log.read_text("utf-8")
    assert "value = float(text)" in text and 'cells.py", line 5' in text
    assert "watching" in text and text.count("ValueError: could not convert string to float: '…'") == 2
    assert not [word for word in PRIVATE if word in text.replace('float("944.91元")', "")]
    assert "not worth it" not in text


def test_exception_whose_words_fail(log: Path, before: Before) -> None:
    class Mute(Exception):
        def __str__(self) -> str:
            raise ValueError

    def mute() -> None:
        raise Mute

    later(mute)
    assert len(dialogs()) == 1
    assert "Mute" in log.read_text("utf-8")


def test_dialog_that_fails_is_no_circle(log: Path, before: Before, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        qWarning("from inside")
        raise RuntimeError

    monkeypatch.setattr(TroubleDialog, "__init__", refuse)
    later(fail)
    assert dialogs() == []
    assert before.calls == [IndexError]
    assert "RuntimeError" not in log.read_text("utf-8")
    assert "from inside" not in log.read_text("utf-8")
    qWarning("from outside")
    assert "from outside" in log.read_text("utf-8")


def test_log_that_fails_stops_nothing(log: Path, before: Before, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(logging.StreamHandler, "emit", refuse)
    monkeypatch.setattr(troubles._Handler, "shouldRollover", refuse)
    later(fail)
    assert len(dialogs()) == 1
    assert before.calls == [IndexError]


def test_dialog_whose_parent_went_does_not_keep_the_next_one_away(qtbot, log: Path) -> None:
    parent = QWidget()
    parent.show()
    later(fail)
    (dialog,) = dialogs()
    assert dialog.parent() is parent
    parent.deleteLater()
    del parent, dialog
    QApplication.sendPostedEvents(None, 52)  # DeferredDelete
    assert dialogs() == []
    later(fail_elsewhere)
    assert len(dialogs()) == 1


def test_folder_that_cannot_be_written(qtbot, tmp_path: Path, before: Before) -> None:
    blocked = tmp_path / "file"
    blocked.touch()
    troubles.install(blocked / "log")
    later(fail)
    (dialog,) = dialogs()
    shown = "".join(label.text() for label in dialog.findChildren(QLabel))
    assert "程序遇到意外问题；您的文件没有改动。" in shown  # not: 已记录
    assert not button(dialog, "打开日志文件夹").isVisible()
    dialog.copy()
    assert "IndexError" in QGuiApplication.clipboard().text()
    troubles.uninstall()
    assert dialogs() == []


def test_log_rotates(log: Path, clock: list[float], monkeypatch: pytest.MonkeyPatch) -> None:
    troubles.uninstall()
    monkeypatch.setattr(troubles, "_SIZE", 20_000)
    troubles.install(log.parent)
    for number in range(300):
        logging.getLogger("juesuan").error("word " * 100 + str(number % 10))
    sizes = {p.name: p.stat().st_size for p in log.parent.iterdir()}
    assert set(sizes) == {"juesuan.log", "juesuan.log.1", "juesuan.log.2"}
    assert max(sizes.values()) <= 20_000


def test_log_held_by_another_window_goes_on(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Windows does not rename what is open."""
    troubles.uninstall()
    monkeypatch.setattr(troubles, "_SIZE", 2000)
    monkeypatch.setattr(os, "rename", lambda *_: (_ for _ in ()).throw(PermissionError()))
    troubles.install(log.parent)
    for number in range(40):
        logging.getLogger("juesuan").error("word " * 20 + str(number))
    assert log.read_text("utf-8").count("ERROR") == 40


def test_buttons_and_keyboard(qtbot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[Path] = []
    answers = iter([None, "文件夹没能打开"])

    def note(path: Path) -> str | None:
        opened.append(path)
        return next(answers)

    monkeypatch.setattr(opening, "open_folder", note)
    dialog = TroubleDialog("the details", tmp_path)
    qtbot.addWidget(dialog)
    dialog.show()
    for expected in (1, 2):
        qtbot.mouseClick(button(dialog, "打开日志文件夹"), Qt.MouseButton.LeftButton)
        assert opened == [tmp_path] * expected
    assert "文件夹没能打开" in [label.text() for label in dialog.findChildren(QLabel)]
    with qtbot.waitSignal(dialog.accepted):
        qtbot.keyClick(dialog, Qt.Key.Key_Return)  # 继续


def test_hooks_are_put_back(qtbot, tmp_path: Path, before: Before) -> None:
    hooks = sys.excepthook, threading.excepthook, sys.unraisablehook
    troubles.install(tmp_path)
    troubles.install(tmp_path)  # twice is once
    assert sys.excepthook is not hooks[0]
    troubles.uninstall()
    assert (sys.excepthook, threading.excepthook, sys.unraisablehook) == hooks
    assert not [
        h for n in ("juesuan", "app") for h in logging.getLogger(n).handlers if isinstance(h, troubles._Handler)
    ]


PROGRAM = """
import sys, threading
from PySide6.QtCore import QTimer, qWarning, QObject
from PySide6.QtWidgets import QApplication
from app.ui import troubles
app = QApplication([])
if sys.argv[1] == "windowed":
    sys.stdout = sys.stderr = None
troubles.install()
QTimer.singleShot(0, lambda: 1 // 0)
threading.Thread(target=lambda: [].pop()).start()
QTimer.singleShot(200, lambda: qWarning("said"))
QTimer.singleShot(400, app.quit)
app.aboutToQuit.connect(lambda: qWarning("leaving"))
left = QObject()
left.destroyed.connect(lambda: qWarning("late"))
sys.exit(app.exec())
"""


@pytest.mark.parametrize("how", ["console", "windowed"])
def test_program_goes_on_and_ends_well(tmp_path: Path, how: str) -> None:
    """A windowed program on Windows has no stderr at all."""
    run = subprocess.run(
        [sys.executable, "-c", PROGRAM, how], capture_output=True, text=True, timeout=20,
        env={**os.environ, "JUESUAN_STATE": str(tmp_path), "PYTHONPATH": str(Path(__file__).parents[2])},
    )  # fmt: skip
    text = (tmp_path / "log" / "juesuan.log").read_text("utf-8")
    assert run.returncode == 0, run.stderr
    for part in ("ZeroDivisionError", "IndexError", "said", "leaving"):
        assert part in text
        assert part in run.stderr or how == "windowed"
    assert how == "console" or run.stderr in ("", "late\n")  # Qt's own, after the end


def test_quick(log: Path, before: Before) -> None:
    """A storm of the same failure must not make the window slow."""
    began = time.perf_counter()
    for _ in range(500):
        try:
            fail()
        except IndexError as error:
            sys.excepthook(type(error), error, error.__traceback__)
    assert time.perf_counter() - began < 1
    assert isinstance(troubles._keeper, QObject)
