"""A second start hands its files to the window that runs, and nothing that is sent harms it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QLockFile
from PySide6.QtNetwork import QLocalSocket

from app.ui import instance as module
from app.ui.instance import Instance

PROGRAM = """
import sys, time
from pathlib import Path
from PySide6.QtCore import QCoreApplication, QTimer
from app.ui.instance import Instance
how, *names = sys.argv[1:]
if how == "bare":  # before there is an application
    print(Instance().hand_over([Path(n) for n in names])); sys.exit()
app = QCoreApplication([])
one = Instance()
if how == "second":
    began = time.monotonic()
    print(one.hand_over([Path(n) for n in names]), time.monotonic() - began < 1.3)
elif how == "race":
    print(one.hand_over([]) or one.listen() and "listens" or one.hand_over([]), flush=True)
    QTimer.singleShot(2000, app.quit)
    app.exec()
else:
    print(one.listen(), flush=True)
    if how == "busy":
        time.sleep(30)
    one.asked.connect(lambda paths: print([str(p) for p in paths], flush=True))
    app.exec()
"""


@pytest.fixture(autouse=True)
def own_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JUESUAN_STATE", str(tmp_path / "state"))
    (tmp_path / "run").mkdir()
    monkeypatch.setenv("XDG_RUNTIME_DIR", "")


@pytest.fixture
def one(qtbot) -> Iterator[Instance]:
    one = Instance()
    assert one.listen()
    yield one
    one.close()


def start(how: str, *names: str, cwd: Path | None = None) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM, how, *names],
        stdout=subprocess.PIPE, text=True, cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )  # fmt: skip


def call(qtbot, one: Instance, data: bytes, *, stay: bool = False) -> QLocalSocket:
    socket = QLocalSocket()
    socket.connectToServer(one._name)
    assert socket.waitForConnected(1000)
    socket.write(data)
    socket.flush()
    if not stay:
        qtbot.waitUntil(lambda: socket.state() == QLocalSocket.LocalSocketState.UnconnectedState, timeout=6000)
    return socket


@pytest.mark.parametrize("how", ["second", "bare"])
def test_second_process_hands_over(qtbot, one: Instance, tmp_path: Path, how: str) -> None:
    folder = tmp_path / "决算 公开"
    folder.mkdir()
    with qtbot.waitSignal(one.asked, timeout=8000) as asked:
        second = start(how, "江汉区 2022.xlsx", "/x/报告.docx", cwd=folder)
    assert asked.args == [[folder / "江汉区 2022.xlsx", Path("/x/报告.docx")]]  # made whole in its own folder
    assert second.communicate(timeout=8)[0].startswith("True")


def test_second_start_without_files_raises_the_window(qtbot, one: Instance) -> None:
    with qtbot.waitSignal(one.asked, timeout=8000) as asked:
        second = start("second")
    assert asked.args == [[]]
    assert second.communicate(timeout=8)[0] == "True True\n"


def test_nobody_runs(qtbot) -> None:
    began = time.monotonic()
    assert Instance().hand_over([Path("a.xlsx")]) is False
    assert time.monotonic() - began < 0.2


def test_killed_one_leaves_no_obstacle(qtbot) -> None:
    first = start("first")
    assert first.stdout is not None
    assert first.stdout.readline() == "True\n"
    first.kill()
    first.wait()
    first.stdout.close()
    one = Instance()
    assert one.hand_over([]) is False
    assert one.listen()
    with qtbot.waitSignal(one.asked, timeout=8000):
        second = start("second")
    assert second.communicate(timeout=8)[0] == "True True\n"
    one.close()


def test_busy_one_is_waited_for_a_second_and_not_pushed_aside(qtbot) -> None:
    busy = start("busy")
    assert busy.stdout is not None
    try:
        assert busy.stdout.readline() == "True\n"
        one = Instance()
        began = time.monotonic()
        assert one.hand_over([Path("/a.xlsx")]) is False
        assert 0.8 < time.monotonic() - began < 1.4
        assert one.listen() is False
    finally:
        busy.kill()
        busy.communicate()


def test_only_one_listens(qtbot, one: Instance) -> None:
    other = Instance()
    assert other.listen() is False
    one.close()
    assert other.listen() is True
    other.close()


def test_others_wait_while_one_clears_away(qtbot, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Else the second would remove the socket that the first has just made."""
    free: list[bool] = []

    def answered(_: Instance) -> bool:
        free.append(QLockFile(str(tmp_path / "state" / "instance.lock")).tryLock(0))
        return False

    monkeypatch.setattr(Instance, "_answered", answered)
    one = Instance()
    assert one.listen()
    one.close()
    answered(one)
    assert free == [False, True]


def test_four_at_once_make_one_window(qtbot) -> None:
    processes = [start("race") for _ in range(4)]
    said = [p.communicate(timeout=15)[0].strip() for p in processes]
    assert sorted(said) == ["True", "True", "True", "listens"]


JUNK = [
    b"\n",
    b"\x00\xff\xfe\x80\n",
    b"GET / HTTP/1.1\r\n\r\n",
    b"[]\n",
    b"null\n",
    b'"open"\n',
    b'{"open": null}\n',
    b'{"open": {"0": "/a"}}\n',
    b'{"open": ["/a.xlsx", 5]}\n',
    b'{"open": ["relative.xlsx"]}\n',
    b'{"open": ["/a\\u0000b"]}\n',
    b'{"open": ["/a.xlsx"]\n',
    b"[" * 100_000 + b"\n",
    b'{"open": ' + b"9" * 10_000 + b"}\n",
]


def test_junk_is_hung_up_on(qtbot, one: Instance) -> None:
    heard: list[object] = []
    one.asked.connect(heard.append)
    for junk in JUNK:
        assert call(qtbot, one, junk).readAll().data() == b"", junk[:40]
    assert heard == []
    assert one._callers == {}
    with qtbot.waitSignal(one.asked, timeout=2000) as asked:  # and it still listens
        call(qtbot, one, json.dumps({"open": ["/甲.xlsx"]}).encode() + b"\n")
    assert asked.args == [[Path("/甲.xlsx")]]


def test_endless_message_is_cut_off(qtbot, one: Instance, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_SILENCE_MS", 60_000)
    heard: list[object] = []
    one.asked.connect(heard.append)
    call(qtbot, one, b"a" * (module._LONGEST + 100_000))
    assert heard == []
    assert one._callers == {}


def test_silent_caller_is_hung_up_on(qtbot, one: Instance, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_SILENCE_MS", 200)
    call(qtbot, one, b'{"open": [')
    assert one._callers == {}


def test_message_in_pieces_and_a_caller_that_leaves(qtbot, one: Instance) -> None:
    call(qtbot, one, b'{"open"', stay=True).abort()
    socket = call(qtbot, one, b'{"open": ["/a', stay=True)
    qtbot.wait(50)
    with qtbot.waitSignal(one.asked, timeout=2000) as asked:
        socket.write(b'.xlsx"]}\n{"open": ["/second.xlsx"]}\n')
    assert asked.args == [[Path("/a.xlsx")]]
    qtbot.waitUntil(lambda: one._callers == {}, timeout=2000)


def test_many_silent_callers_do_not_shut_others_out_for_long(
    qtbot, one: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_SILENCE_MS", 200)
    silent = [call(qtbot, one, b"", stay=True) for _ in range(module._CALLERS + 4)]
    qtbot.wait(500)
    with qtbot.waitSignal(one.asked, timeout=2000):
        call(qtbot, one, b'{"open": []}\n')
    assert len(silent) == module._CALLERS + 4


def test_name_that_cannot_be_decoded_arrives(qtbot, one: Instance) -> None:
    name = os.fsdecode(b"/tmp/\xbd\xad.xlsx")  # GBK from an old archive
    with qtbot.waitSignal(one.asked, timeout=2000) as asked:
        call(qtbot, one, json.dumps({"open": [name]}).encode() + b"\n")
    assert asked.args == [[Path(name)]]


def test_listener_that_fails_harms_nothing(qtbot, one: Instance) -> None:
    """The files count as taken: they are told before what is done with them can fail."""

    def fail(_: object) -> None:
        raise ValueError

    one.asked.connect(fail)
    with qtbot.captureExceptions() as caught:
        socket = call(qtbot, one, b'{"open": []}\n')
    assert socket.readAll().data() == b"taken\n"
    assert len(caught) == 1


def test_names_of_users_sessions_and_states_differ(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    names = {module._own_name()}
    for key, value in [("LOGNAME", "other"), ("DISPLAY", ":77"), ("JUESUAN_STATE", str(tmp_path / "b"))]:
        monkeypatch.setenv(key, value)
        names.add(module._own_name())
    assert len(names) == 4
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path)[:60])
    monkeypatch.setattr(os, "access", lambda *_: True)
    assert module._own_name().startswith(str(tmp_path)[:60])


@pytest.mark.skipif(sys.platform == "win32", reason="pipes have no owner to ask for")
def test_socket_of_another_user_is_told_nothing(qtbot, one: Instance, monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[object] = []
    one.asked.connect(heard.append)
    uid = os.getuid()
    monkeypatch.setattr(os, "getuid", lambda: uid + 1)
    assert Instance(name=one._name).hand_over([Path("/a.xlsx")]) is False
    qtbot.wait(100)
    assert heard == []


def test_folder_that_cannot_be_made_is_no_obstacle(qtbot, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.touch()
    monkeypatch.setenv("JUESUAN_STATE", str(blocked / "state"))
    one = Instance()
    assert one.listen()
    one.close()
