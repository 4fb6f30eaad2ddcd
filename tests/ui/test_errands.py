"""Exports, settings, menus and what hovers anywhere: asked of the real window."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QGuiApplication
from PySide6.QtWidgets import QApplication, QFileDialog, QWidget
from pytestqt.qtbot import QtBot

from app.ui.case import level
from tests.ui.conftest import SLOW, drop, mime, open_window, until_done, workbook


def choose(monkeypatch: pytest.MonkeyPatch, path: Path) -> None:
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(path), ""))


def listed(qtbot: QtBot, window, *paths: Path) -> None:
    drop(window, *paths)
    qtbot.waitUntil(lambda: window._batch is not None and len(window._batch.outcomes()) == len(paths), timeout=SLOW)


def test_tables_and_draft_are_exported(qtbot: QtBot, window, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    drop(window, workbook(tmp_path / "甲.xlsx", 1))
    until_done(qtbot, window)
    choose(monkeypatch, tmp_path / "表")
    window.export_tables()
    qtbot.waitUntil(lambda: "已生成 表.xlsx" in window.result.bar.text, timeout=SLOW)
    assert len(openpyxl.load_workbook(tmp_path / "表.xlsx").sheetnames) >= 9
    choose(monkeypatch, tmp_path / "说明.docx")
    window.export_draft()
    qtbot.waitUntil(lambda: "已生成 说明.docx" in window.result.bar.text, timeout=SLOW)
    assert (tmp_path / "说明.docx").read_bytes()[:2] == b"PK"
    choose(monkeypatch, tmp_path / "表.json")
    window.export_tables()
    qtbot.waitUntil((tmp_path / "表.json").exists, timeout=SLOW)


def test_an_export_is_ended_though_the_window_closes(
    qtbot: QtBot, window, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drop(window, workbook(tmp_path / "甲.xlsx", 1))
    until_done(qtbot, window)
    choose(monkeypatch, tmp_path / "表.xlsx")
    window.export_tables()
    window.close()
    assert (tmp_path / "表.xlsx").exists()


def test_a_template_is_made(qtbot: QtBot, window, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from app.pipeline import Request
    from app.ui.template_dialog import TemplateDialog

    target = tmp_path / "模板.xlsx"
    monkeypatch.setattr(TemplateDialog, "exec", lambda _: 1)
    monkeypatch.setattr(TemplateDialog, "request", lambda _: Request(target, target=target, year=2023, unit="某局"))
    qtbot.keyClick(window, Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: "已生成 模板.xlsx" in window.statusBar().currentMessage(), timeout=SLOW)
    assert window.statusBar().isVisible() and len(openpyxl.load_workbook(target).sheetnames) >= 9


def test_settings_are_applied_to_what_is_open(
    qtbot: QtBot, window, spoiled: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from app.ui.settings_dialog import SettingsDialog

    drop(window, spoiled)
    until_done(qtbot, window)
    wrong = next(f for f in window.desk.case.findings if level(f) == "error")
    other = next(f for f in window.desk.case.findings if level(f) != "error")
    window.result.findings.select(other.fingerprint)

    def accept(dialog: SettingsDialog) -> int:
        dialog.settings.rules[wrong.code] = "warning"
        dialog.settings.save()
        return 1

    monkeypatch.setattr(SettingsDialog, "exec", accept)
    qtbot.keyClick(window, Qt.Key.Key_Comma, Qt.KeyboardModifier.ControlModifier)
    until_done(qtbot, window, lambda: not [f for f in window.desk.case.findings if level(f) == "error"])
    assert "设置已更改" in window.result.bar.text and "文件已保存" not in window.result.bar.text
    assert window.result.findings.current().fingerprint == other.fingerprint, "she stays where she was"


@pytest.mark.parametrize("at", ["start", "working", "result", "batch"])
def test_hovering_is_judged_on_every_page(qtbot: QtBot, window, tmp_path: Path, at: str) -> None:
    """Over whatever lies below the mouse: the event goes up to the window."""
    if at == "working":
        window.working.begin("甲.xlsx")
        window._turn(window.working)
    elif at == "result":
        drop(window, workbook(tmp_path / "甲.xlsx", 3, ("总计", "1")))
        until_done(qtbot, window)
    elif at == "batch":
        listed(qtbot, window, workbook(tmp_path / "甲.xlsx", 1), workbook(tmp_path / "乙.xlsx", 2))
    spots = {window.childAt(QPoint(x, y)) for x in range(30, 1366, 60) for y in range(60, 700, 40)}
    data, bad = mime(tmp_path / "丙.xlsx"), mime(tmp_path / "丁.doc")
    for spot in filter(None, spots):
        assert enters(spot, data), type(spot).__name__
        assert said(window) == "松开即开始校核"
        enters(spot, bad)
        assert "另存为 .docx" in said(window)
        QApplication.sendEvent(window, QDragLeaveEvent())
        assert not said(window)


def enters(spot: QWidget, data) -> bool:
    event = QDragEnterEvent(
        QPoint(2, 2), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    )
    QApplication.sendEvent(spot, event)
    return event.isAccepted()


def said(window) -> str:
    on_start = window.pages.currentWidget() is window.start
    return window.start.area.sentence if on_start else window.statusBar().currentMessage()


def test_a_file_dropped_on_a_list_of_files_leaves_the_list(qtbot: QtBot, window, spoiled: Path, tmp_path: Path) -> None:
    listed(qtbot, window, workbook(tmp_path / "甲.xlsx", 1), workbook(tmp_path / "乙.xlsx", 2))
    drop(window, spoiled)
    until_done(qtbot, window)
    assert "返回清单" in window.result.back.text()
    qtbot.mouseClick(window.result.back, Qt.MouseButton.LeftButton)
    assert window.pages.currentWidget() is window.batch and len(window.batch.outcomes()) == 2


def test_right_clicks_offer_the_obvious(qtbot: QtBot, window, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = workbook(tmp_path / "甲.xlsx", 1), workbook(tmp_path / "乙.xlsx", 2)
    listed(qtbot, window, first, second)
    opened: list[Path] = []
    monkeypatch.setattr("app.ui.opening.open_file", lambda path: opened.append(path))
    monkeypatch.setattr("app.ui.opening.open_folder", lambda path: opened.append(path))
    page = window.batch
    menu = page.menu(page.proxy.index(0, 0))
    assert [a.text() for a in menu.actions() if a.text()] == [
        "查看结果", "打开标注文件", "打开原文件", "打开所在文件夹", "复制",
    ]  # fmt: skip
    for action in menu.actions()[1:4]:
        action.trigger()
    made = page.model.lines[0].outcome.outputs[0]
    assert opened == [made, first, first]
    page.table.selectAll()
    qtbot.keyClick(page.table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    rows = QGuiApplication.clipboard().text().split("\n")
    assert len(rows) == 3 and rows[1].startswith("甲.xlsx\t")

    window.go_home()
    drop(window, first)
    until_done(qtbot, window)
    window.go_back()
    model = window.start.list.model()
    menu = window.start.menu(model.index(0, 0))
    assert [a.text() for a in menu.actions()] == ["打开", "打开所在文件夹", "从列表中移除"]
    menu.actions()[2].trigger()
    assert not [e for e in window.recent.entries() if e.path == first]


def test_the_window_comes_back_where_it_was(qtbot: QtBot, window, spoiled: Path) -> None:
    drop(window, spoiled)
    until_done(qtbot, window)
    window.resize(1100, 640)
    window.result.splitter.setSizes([160, 500, 440])
    window.result.findings.splitter.setSizes([200, 300])
    qtbot.wait(50)
    panes, details = window.result.splitter.sizes(), window.result.findings.splitter.sizes()
    window.close()

    from app.ui.window import Window

    other = Window(warm=False)
    qtbot.addWidget(other)
    assert other.height() == 640  # the screen of the tests is too narrow for the width
    other.close()
    other = open_window(qtbot)
    other.resize(1100, 640)
    drop(other, spoiled)
    until_done(qtbot, other)
    qtbot.wait(50)
    assert other.result.splitter.sizes() == panes
    assert abs(other.result.findings.splitter.sizes()[0] - details[0]) < 40 < details[1] - details[0]
    other.close()
