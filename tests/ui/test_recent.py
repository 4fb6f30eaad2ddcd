"""Recent files: kept over a restart, damaged files do no harm, and no drive is asked while painting."""

from __future__ import annotations

import json
import os
import threading
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor

from app.pipeline import Outcome
from app.ui import recent as module
from app.ui.recent import MISSING_COLOUR, MOST, Entry, Recent, RecentModel, Role, result_words, when_words

NOW = datetime(2024, 3, 7, 16, 20)


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("JUESUAN_STATE", str(tmp_path / "state"))
    return tmp_path / "state" / "recent.json"


def entry(name: str = "江汉区 2022.xlsx", minutes: int = 0, **more: object) -> Entry:
    return Entry(Path("/决算").absolute() / name, NOW.astimezone() + timedelta(minutes=minutes), **more)  # type: ignore[arg-type]


def test_all_of_it_survives_a_restart(file: Path) -> None:
    first = entry(errors=3, warnings=5, could_not=2, unit="江汉区企业服务中心", year=2022)
    second = entry(os.fsdecode(b"\xbd\xad.pdf"), 1, readable=False)
    recent = Recent()
    recent.add(first)
    recent.add(second)
    assert Recent().entries() == [second, first]
    assert [p.name for p in file.parent.iterdir()] == ["recent.json"]  # no temporary file left


def test_newest_first_each_once_and_not_too_many(file: Path) -> None:
    recent = Recent()
    for number in range(MOST + 3):
        recent.add(entry(f"{number}.xlsx", number))
    recent.add(entry("5.xlsx", 100, errors=1))
    names = [e.path.name for e in Recent().entries()]
    assert names == ["5.xlsx", *(f"{n}.xlsx" for n in range(MOST + 2, 2, -1) if n != 5)]
    assert len(names) == MOST
    assert Recent().entries()[0].errors == 1


def test_two_windows_do_not_take_each_others(file: Path) -> None:
    one, other = Recent(), Recent()
    one.add(entry("one.xlsx"))
    other.add(entry("other.xlsx", 1))
    assert [e.path.name for e in other.entries()] == ["other.xlsx", "one.xlsx"]
    one.remove(entry("other.xlsx").path)
    assert [e.path.name for e in Recent().entries()] == ["one.xlsx"]
    one.clear()
    assert Recent().entries() == []


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff\x00{",
        b"[]",
        b"null",
        b'{"files": 5}',
        b'{"files": [5, null, {}, {"path": 1, "when": "x"}, {"path": "/a", "when": "never"}]}',
        b'{"files": [{"path": "/a\\u0000", "when": "2024-03-07T16:20:00+08:00"}]}',
        b'{"files": [{"path": "/a", "when": "0001-01-01T00:00:00+14:00"}]}',
        b"[" * 50_000,
    ],
)
def test_damaged_file_is_an_empty_list(file: Path, data: bytes) -> None:
    file.parent.mkdir()
    file.write_bytes(data)
    recent = Recent()
    assert recent.entries() == []
    recent.add(entry())
    assert Recent().entries() == [entry()]


def test_good_entries_beside_bad_ones_stay(file: Path) -> None:
    Recent().add(entry(errors=3))
    told = json.loads(file.read_text())
    good = told["files"][0]
    told["files"] = [{**good, "path": 5}, {**good, "errors": -1, "year": "x", "unit": []}]
    file.write_text(json.dumps(told))
    assert Recent().entries() == [entry()]


def test_file_that_cannot_be_written(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.touch()
    recent = Recent(blocked / "recent.json")
    recent.add(entry("a.xlsx"))
    recent.add(entry("b.xlsx", 1))
    assert [e.path.name for e in recent.entries()] == ["b.xlsx", "a.xlsx"]


def test_file_that_cannot_be_replaced(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Read-only: what it holds is old, but still there."""
    recent = Recent()
    recent.add(entry("old.xlsx"))

    def refuse(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr(Path, "replace", refuse)
    recent.add(entry("a.xlsx", 1))
    recent.add(entry("b.xlsx", 2))
    assert [e.path.name for e in recent.entries()] == ["b.xlsx", "a.xlsx", "old.xlsx"]
    assert [p.name for p in file.parent.iterdir()] == ["recent.json"]


@pytest.mark.parametrize(
    ("when", "words"),
    [
        (NOW, "刚刚"),
        (NOW - timedelta(seconds=59), "刚刚"),
        (NOW + timedelta(minutes=2), "刚刚"),
        (NOW - timedelta(seconds=61), "今天 16:18"),
        (datetime(2024, 3, 7, 0, 0), "今天 00:00"),
        (datetime(2024, 3, 6, 23, 59), "昨天 23:59"),
        (datetime(2024, 3, 6, 0, 5), "昨天 00:05"),
        (datetime(2024, 3, 5, 23, 59), "3月5日"),
        (datetime(2024, 1, 31, 9, 0), "1月31日"),
        (datetime(2023, 12, 31, 9, 0), "2023年12月31日"),
        (datetime(2024, 3, 9, 9, 0), "3月9日"),
    ],
)
def test_when(when: datetime, words: str) -> None:
    assert when_words(when, NOW) == words


def test_just_after_midnight() -> None:
    assert when_words(datetime(2024, 3, 6, 23, 50), datetime(2024, 3, 7, 0, 5)) == "昨天 23:50"
    assert when_words(datetime(2023, 12, 31, 23, 50), datetime(2024, 1, 1, 0, 5)) == "昨天 23:50"


def test_result() -> None:
    assert result_words(entry(warnings=4)) == "✓ 未发现错误"
    assert result_words(entry(errors=3)) == "3 处错误"
    assert result_words(entry(errors=3, readable=False)) == "无法读取"
    assert result_words(entry(checked=False)) == "没有可核对的内容"


def test_model_shows_name_result_and_when(qtbot, qtmodeltester, file: Path) -> None:
    recent = Recent()
    recent.add(entry("好.xlsx", -24 * 60))
    recent.add(entry("坏.xlsx", -2, readable=False))
    recent.add(entry("错.xlsx", 0, errors=3, warnings=5, could_not=2, unit="服务中心", year=2022))
    model = RecentModel(recent, clock=lambda: NOW)
    qtmodeltester.check(model)
    shown = [[model.index(r).data(role) for role in (Role.NAME, Role.RESULT, Role.WHEN, Role.LEVEL)] for r in range(3)]
    assert shown == [
        ["错.xlsx", "3 处错误", "刚刚", "error"],
        ["坏.xlsx", "无法读取", "今天 16:18", "unreadable"],
        ["好.xlsx", "✓ 未发现错误", "昨天 16:20", "none"],
    ]
    path = entry("错.xlsx").path
    tip = model.index(0).data(Qt.ItemDataRole.ToolTipRole)
    assert tip == f"{path}\n服务中心 · 2022 年度\n3 处错误，5 处提醒，2 项无法核对"
    assert model.index(0).data(Qt.ItemDataRole.AccessibleTextRole) == "错.xlsx，3 处错误，刚刚"
    assert model.index(0).data(Role.PATH) == path
    assert model.index(2).data(Qt.ItemDataRole.ToolTipRole).endswith("\n未发现错误")


def test_model_follows_additions_and_removals(qtbot, file: Path) -> None:
    recent = Recent()
    model = RecentModel(recent, clock=lambda: NOW)
    with qtbot.waitSignal(model.modelReset):
        recent.add(entry("a.xlsx"))
    recent.add(entry("b.xlsx", 1))
    recent.remove(entry("a.xlsx").path)
    assert [model.index(r).data() for r in range(model.rowCount())] == ["b.xlsx"]
    recent.clear()
    assert (model.rowCount(), model.path(0), model.path(-1)) == (0, None, None)


def test_outcome_of_a_check(qtbot, file: Path, tmp_path: Path) -> None:
    """The window adds what the worker sent."""
    recent = Recent()
    model = RecentModel(recent)
    rules = {"passed": 9, "could_not_run": 2}
    recent.add(Outcome(tmp_path / "甲.xlsx", unit="甲", year=2022, errors=3, warnings=1, rules=rules))
    kept = Recent().entries()[0]
    assert (kept.errors, kept.warnings, kept.could_not, kept.unit, kept.year) == (3, 1, 2, "甲", 2022)
    assert (model.path(0), model.told(0)) == (tmp_path / "甲.xlsx", ("甲.xlsx", "3 处错误", "刚刚", False))
    recent.add(Outcome(tmp_path / "乙.xlsx", rules=rules, evaluated=11, error="结果无法写入"))
    assert model.told(0)[1] == "✓ 未发现错误"
    recent.add(Outcome(tmp_path / "乙.xlsx", error="不支持 .doc"))
    assert model.told(0)[1] == "无法读取"


def test_missing_file_is_greyed_once_looked_for(qtbot, file: Path, tmp_path: Path) -> None:
    there, gone = tmp_path / "有.xlsx", tmp_path / "无.xlsx"
    there.touch()
    recent = Recent()
    for path in (there, gone):
        recent.add(Entry(path, NOW))
    model = RecentModel(recent, clock=lambda: NOW)
    row = [e.path for e in recent.entries()].index(gone)
    assert model.index(row).data(Role.RESULT) == "✓ 未发现错误"  # nobody has looked
    with qtbot.waitSignal(model.looked, timeout=3000):
        model.look()
    assert [model.index(r).data(Role.MISSING) for r in range(2)] == [r == row for r in range(2)]
    assert model.index(row).data(Role.RESULT) == "找不到文件"
    assert model.index(row).data(Qt.ItemDataRole.ForegroundRole) == QColor(f"#{MISSING_COLOUR}")
    assert model.index(1 - row).data(Qt.ItemDataRole.ForegroundRole) is None
    assert model.told(row)[3] is True
    gone.touch()  # she put it back
    with qtbot.waitSignal(model.looked, timeout=3000), qtbot.waitSignal(model.dataChanged):
        model.look()
    assert model.index(row).data(Role.MISSING) is False


def test_looks_by_itself_after_the_start_and_what_was_checked_is_there(
    qtbot, file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_LATER_MS", 50)
    recent = Recent()
    for number in range(2):
        recent.add(Entry(tmp_path / f"{number}.xlsx", NOW + timedelta(minutes=number)))
    model = RecentModel(recent)
    with qtbot.waitSignal(model.looked, timeout=3000):
        pass
    recent.add(Entry(tmp_path / "0.xlsx", NOW + timedelta(minutes=5)))  # it came back and was checked
    assert [model.told(row)[::3] for row in range(2)] == [("0.xlsx", False), ("1.xlsx", True)]


def test_dead_drive_holds_up_nothing(qtbot, file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gate = threading.Event()
    asked: list[tuple[str, bool]] = []
    exists = Path.exists

    def slow(self: Path, **more: bool) -> bool:
        asked.append((self.name, threading.current_thread() is threading.main_thread()))
        if self.name == "dead.xlsx":
            gate.wait(10)
        return exists(self, **more)

    recent = Recent()
    recent.add(Entry(tmp_path / "gone.xlsx", NOW))
    recent.add(Entry(tmp_path / "dead.xlsx", NOW + timedelta(minutes=1)))
    monkeypatch.setattr(Path, "exists", slow)
    model = RecentModel(recent, clock=lambda: NOW)
    for role in (*Role, Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.ForegroundRole):
        model.index(0).data(role)
    assert asked == []  # neither at the start nor while painting
    model.look()
    qtbot.waitUntil(lambda: model.index(1).data(Role.MISSING), timeout=3000)
    model.look()  # the one that hangs is not asked twice
    qtbot.wait(250)
    assert [name for name, _ in asked].count("dead.xlsx") == 1
    assert not any(main for _, main in asked)
    with qtbot.waitSignal(model.looked, timeout=3000):
        gate.set()
    assert model.index(0).data(Role.MISSING) is True


def test_words_of_time_are_renewed(qtbot, file: Path) -> None:
    now = [NOW]
    recent = Recent()
    recent.add(entry())
    model = RecentModel(recent, clock=lambda: now[0])
    assert model.index(0).data(Role.WHEN) == "刚刚"
    now[0] += timedelta(minutes=5)
    with qtbot.waitSignal(model.dataChanged):
        model._minute.timeout.emit()
    assert model.index(0).data(Role.WHEN) == "今天 16:20"


def test_a_template_that_waits_to_be_filled_in_is_no_clean_file(tmp_path: Path) -> None:
    file = tmp_path / "recent.json"
    Recent(file).add(Outcome(Path("模板.xlsx"), tables=9, evaluated=20, blank=True))
    (again,) = Recent(file).entries()
    assert not again.checked and result_words(again) == "没有可核对的内容"
