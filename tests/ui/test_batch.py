"""Many files: the table fills, a broken file stops itself, cancel keeps what is done, 汇总."""

from __future__ import annotations

import shutil
from pathlib import Path

import openpyxl
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from app.ui.batch_model import COLUMNS
from tests.ui import slow_work
from tests.ui.conftest import SLOW, drop, until_done, workbook


def finished(qtbot: QtBot, window) -> None:
    qtbot.waitUntil(lambda: window._batch is not None and bool(window._batch.model.lines), timeout=SLOW)
    qtbot.waitUntil(lambda: not window._batch.running, timeout=4 * SLOW)


@pytest.fixture
def folder(tmp_path: Path, spoiled: Path) -> Path:
    """A folder of 50: one of them broken, one of them wrong, one in a sub-folder."""
    made = tmp_path / "各单位"
    (made / "下属").mkdir(parents=True)
    clean = workbook(tmp_path / "乙.xlsx", 1)
    for number in range(48):
        place = made / "下属" if number == 7 else made
        shutil.copy(clean, place / f"单位{number:02d}.xlsx")
    (made / "坏.xlsx").write_bytes(b"PK\3\4" + b"x" * 300)
    shutil.copy(spoiled, made / "错.xlsx")
    return made


def test_fifty_files_with_a_broken_one(
    qtbot: QtBot,
    window,
    folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    drop(window, folder)
    finished(qtbot, window)
    lines = {line.path.name: line for line in window.batch.model.lines}
    assert len(lines) == 50
    assert lines["坏.xlsx"].outcome.error and lines["坏.xlsx"].state.startswith("✖ 文件")
    assert lines["错.xlsx"].outcome.errors == 1
    assert all(line.outcome.error is None for name, line in lines.items() if name != "坏.xlsx")
    assert len(list(folder.rglob("*_校核.xlsx"))) == 49
    assert (folder / "下属" / "单位07_校核.xlsx").exists()

    table, proxy = window.batch.table, window.batch.proxy
    header = table.horizontalHeader()
    at = header.sectionViewportPosition(COLUMNS.index("状态")) + 20
    from PySide6.QtCore import QPoint

    qtbot.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(at, header.height() // 2))
    first = [proxy.index(row, 0).data() for row in (0, 1)]
    if first != ["坏.xlsx", "错.xlsx"]:
        qtbot.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(at, header.height() // 2))
        first = [proxy.index(row, 0).data() for row in (0, 1)]
    assert first == ["坏.xlsx", "错.xlsx"], "what needs her comes first"

    out = tmp_path / "导出"
    out.mkdir()
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(out))
    qtbot.mouseClick(window.batch.export, Qt.MouseButton.LeftButton)
    assert not window.batch.export.isEnabled(), "not twice at once"
    qtbot.waitUntil(lambda: "已导出 49 个文件" in window.batch.bar.text, timeout=SLOW)
    assert len(list(out.iterdir())) == 49

    summary = tmp_path / "汇总.xlsx"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(summary), ""))
    qtbot.mouseClick(window.batch.summary, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "已生成 汇总.xlsx" in window.batch.bar.text, timeout=SLOW)
    book = openpyxl.load_workbook(summary)
    rows = [[cell.value for cell in row] for row in book["汇总"].iter_rows()]
    assert rows[-1][0] == "合计" and rows[-1][5] == 1
    assert len(rows) == 50 + 4 and any("未能校核" in str(cell) for row in rows for cell in row)
    assert book["全部问题"].max_row >= 2

    index = proxy.index(1, 0)
    qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=table.visualRect(index).center())
    until_done(qtbot, window)
    assert window.desk.case.request.path.name == "错.xlsx"
    qtbot.mouseClick(window.result.back, Qt.MouseButton.LeftButton)
    assert window.pages.currentWidget() is window.batch and len(window.batch.outcomes()) == 50


def test_cancel_keeps_what_is_done(
    qtbot: QtBot,
    window,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import app.ui.work

    monkeypatch.setattr(app.ui.work, "carry_out", slow_work.some_for_ever)
    drop(window, folder)
    qtbot.waitUntil(lambda: window._batch is not None and len(window._batch.outcomes()) >= 3, timeout=SLOW)
    qtbot.wait(300)
    qtbot.keyClick(window, Qt.Key.Key_Escape)
    assert not window.batch.running
    done = len(window.batch.outcomes())
    assert 3 <= done < 50
    states = [line.state for line in window.batch.model.lines]
    assert states.count("已取消") == 50 - done
    qtbot.wait(300)
    assert len(window.batch.outcomes()) == done
    assert window.batch.summary.isEnabled()


def test_a_folder_with_nothing_in_it_says_so(qtbot: QtBot, window, tmp_path: Path) -> None:
    from PySide6.QtWidgets import QMessageBox

    (tmp_path / "空").mkdir()
    drop(window, tmp_path / "空")
    qtbot.waitUntil(lambda: window.findChild(QMessageBox) is not None, timeout=SLOW)
    assert "没有可校核的文件" in window.findChild(QMessageBox).text()
    assert window.pages.currentWidget() is window.start


def test_files_of_one_name_do_not_meet(tmp_path: Path) -> None:
    from app.pipeline import Outcome
    from app.ui.batch_page import copied

    sources = []
    for number, name in enumerate(("表_校核.xlsx", "表_校核.xlsx", "表_校核(2).xlsx", "另_校核.xlsx")):
        source = tmp_path / str(number) / name
        source.parent.mkdir()
        source.write_text(str(number))
        sources.append(source)
    gone = tmp_path / "没有.xlsx"
    out = tmp_path / "导出"
    count, failed = copied([Outcome(s, outputs=[s]) for s in (*sources, gone)], out)
    assert count == 4 and failed == ["没有.xlsx（读不到）"]
    assert sorted(p.read_text() for p in out.iterdir()) == ["0", "1", "2", "3"]


def test_what_takes_a_while_is_done_beside_the_window(qtbot: QtBot, window) -> None:
    import threading

    from app.ui.aside import Aside

    told: list[object] = []
    go_on = threading.Event()
    Aside(lambda: (go_on.wait(10), threading.current_thread().name)[1], told.append, window)
    Aside(lambda: 1 / 0, told.append, window)
    qtbot.waitUntil(lambda: bool(told), timeout=SLOW)
    assert isinstance(told[0], ZeroDivisionError), "the window was not held up by the other"
    go_on.set()
    qtbot.waitUntil(lambda: len(told) == 2, timeout=SLOW)
    assert told[1] == "aside"
    qtbot.waitUntil(lambda: not window.findChildren(Aside), timeout=SLOW)


def test_a_summary_that_cannot_be_written_says_so(
    qtbot: QtBot, window, spoiled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drop(window, spoiled, workbook(tmp_path / "乙.xlsx", 1))
    finished(qtbot, window)
    (tmp_path / "档").write_text("a file, not a folder")
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "档" / "汇总.xlsx"), ""))
    qtbot.mouseClick(window.batch.summary, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: window.batch.bar.text.startswith("✖"), timeout=SLOW)
    assert window.batch.summary.isEnabled()
