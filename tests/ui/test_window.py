"""The real window, driven by real events: drop, hover, choose, verify, save, follow, cancel."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QGuiApplication, QInputMethodEvent
from PySide6.QtWidgets import QApplication, QFileDialog, QMessageBox
from pytestqt.qtbot import QtBot

from app import outputs
from app.ui.case import level
from app.ui.recent import Role
from tests.ui import slow_work
from tests.ui.conftest import SLOW, drop, hover, mime, open_window, spoil, until_done, workbook


def errors(window) -> list:
    return [f for f in window.desk.case.findings if level(f) == "error"]


def with_workers(window, monkeypatch: pytest.MonkeyPatch, work: Callable[..., object]) -> None:
    """Workers that do something else with every file."""
    window.work._warming.join()
    window.work._pool.close()
    monkeypatch.setattr(window.work._pool, "work", work)


def test_a_drop_is_checked_written_and_shown(qtbot: QtBot, window, spoiled: Path) -> None:
    before = spoiled.read_bytes()
    assert drop(window, spoiled).isAccepted()
    until_done(qtbot, window)
    made = outputs.target(spoiled)
    assert made.exists() and spoiled.read_bytes() == before
    assert "已生成" in window.result.bar.text and made.name in window.result.bar.text
    assert [b.text() for b in window.result.bar.buttons] == ["打开", "打开文件夹"]
    assert len(errors(window)) == 1 and "错误 1" in window.result.counts.text()
    assert window.result.findings.proxy.rowCount() == len(window.desk.case.findings)
    parts = {p.name: p for p in window.desk.case.opened.parts}
    assert parts["收支总表"].state == "found" and parts["收支总表"].errors == 1
    assert [p.number for p in window.desk.case.opened.parts[:9]] == [f"0{n}" for n in range(1, 10)]


def test_what_hovers_is_judged_before_the_drop(window, tmp_path: Path) -> None:
    hover(window, tmp_path / "表.xlsx")
    assert (window.start.area.state, window.start.area.sentence) == ("taken", "松开即开始校核")
    hover(window, tmp_path / "报告.doc")
    assert window.start.area.state == "refused" and "另存为 .docx" in window.start.area.sentence
    hover(window, tmp_path / "一.xlsx", tmp_path / "二.pdf", tmp_path / "三.zip")
    assert window.start.area.sentence == "松开即开始校核（2 个）；另有 1 个文件不支持"


def test_a_drop_of_nothing_we_take_opens_nothing(qtbot: QtBot, window, tmp_path: Path) -> None:
    (tmp_path / "图.png").write_bytes(b"x")
    assert not drop(window, tmp_path / "图.png").isAccepted()
    assert window.pages.currentWidget() is window.start and not window.desk.busy


def test_choosing_a_finding_shows_its_cell(qtbot: QtBot, window, spoiled: Path) -> None:
    drop(window, spoiled)
    until_done(qtbot, window)
    finding = errors(window)[0]
    page, sheet = window.result, window.result.view.view("工作簿")
    sheet.tabs.setCurrentIndex(sheet.tabs.count() - 1)
    index = page.findings.proxy.mapFromSource(
        page.findings.model.index(page.findings.model.row_of(finding.fingerprint))
    )
    qtbot.mouseClick(
        page.findings.list.viewport(), Qt.MouseButton.LeftButton, pos=page.findings.list.visualRect(index).center()
    )
    at = sheet.table.currentIndex()
    assert sheet._sheets[sheet._shown].shape.name == finding.place.sheet
    assert sheet.table.sheet().place(at.row(), at.column()).cell == finding.place.cell
    assert sheet.table.viewport().rect().contains(sheet.table.visualRect(at).center())
    assert finding.expected in page.findings.detail.toPlainText()
    assert finding.calculation.split()[0] in page.findings.detail.toPlainText()


def test_from_a_cell_back_to_its_finding(qtbot: QtBot, window, spoiled: Path) -> None:
    drop(window, spoiled)
    until_done(qtbot, window)
    finding = errors(window)[0]
    window.result.findings.search.setText("没有这样的问题")
    assert window.result.findings.proxy.rowCount() == 0
    sheet = window.result.view.view("工作簿")
    sheet.go_to(finding.place, flash=False)
    rect = sheet.table.visualRect(sheet.table.currentIndex())
    window.result.findings.list.clearSelection()
    qtbot.mouseClick(sheet.table.viewport(), Qt.MouseButton.LeftButton, pos=rect.center())
    assert window.result.findings.current() == finding
    assert window.result.findings.search.text() == "", "a filter that hides it is lifted"


def test_f8_goes_round(qtbot: QtBot, window, spoiled: Path) -> None:
    drop(window, spoiled)
    until_done(qtbot, window)
    panel = window.result.findings
    count = panel.proxy.rowCount()
    assert count > 1
    seen = [panel.current().fingerprint]
    for _ in range(count):
        qtbot.keyClick(panel.list, Qt.Key.Key_F8)
        seen.append(panel.current().fingerprint)
    assert len(set(seen)) == count and seen[0] == seen[-1]
    qtbot.keyClick(panel.list, Qt.Key.Key_F8, Qt.KeyboardModifier.ShiftModifier)
    assert panel.current().fingerprint == seen[-2]
    qtbot.keyPress(panel.list, Qt.Key.Key_Control, Qt.KeyboardModifier.ControlModifier)
    panel.step(-1)
    panel.select(seen[0])
    assert len(panel.selected()) == 1, "a key held down for something else selects no more than that"
    qtbot.keyRelease(panel.list, Qt.Key.Key_Control)


def test_filters_and_copying(qtbot: QtBot, window, spoiled: Path) -> None:
    drop(window, spoiled)
    until_done(qtbot, window)
    panel = window.result.findings
    everything = panel.proxy.rowCount()
    for name in ("warning", "rounding", "info"):
        panel.levels[name].setChecked(False)
    assert panel.proxy.rowCount() == len(errors(window)) < everything
    panel.step(1)
    panel.copy(table=True)
    head, row = QGuiApplication.clipboard().text().split("\n")
    assert head.split("\t")[4:6] == ["现为", "应为"] and row.startswith("错误\t")
    panel.show_all()
    panel.parts.setCurrentIndex(panel.parts.findData("收支总表"))
    assert 0 < panel.proxy.rowCount() <= everything
    typed = QInputMethodEvent()
    typed.setCommitString("不会有的词")  # as a Chinese input method sends it
    QApplication.sendEvent(panel.search, typed)
    assert panel.proxy.rowCount() == 0 and panel.empty.isVisible()


def test_a_remark_survives_a_restart(
    qtbot: QtBot,
    window,
    spoiled: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    drop(window, spoiled)
    until_done(qtbot, window)
    finding = errors(window)[0]
    window.result.findings.select(finding.fingerprint)

    def answer() -> None:
        dialog = QApplication.activeModalWidget()
        dialog.field.setPlainText("与财政核对过")
        qtbot.keyClick(dialog.field, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)

    QTimer.singleShot(200, answer)
    qtbot.keyClick(window, Qt.Key.Key_M, Qt.KeyboardModifier.ControlModifier)
    assert "错误 0" in window.result.counts.text() and "已核实 1" in window.result.counts.text()
    assert {p.name: p for p in window.desk.case.opened.parts}["收支总表"].errors == 0
    until_done(qtbot, window, lambda: not window.desk._rewrite.isActive())
    sheet = openpyxl.load_workbook(outputs.target(spoiled))["校核结果"]
    assert any("与财政核对过" in str(cell.value) for row in sheet for cell in row)
    window.close()

    other = open_window(qtbot)
    drop(other, spoiled)
    until_done(qtbot, other)
    again = next(f for f in other.desk.case.findings if f.fingerprint == finding.fingerprint)
    assert level(again) == "verified" and again.verified == "与财政核对过" and not errors(other)
    other.result.findings.select(finding.fingerprint)
    assert "与财政核对过" in other.result.findings.detail.toPlainText()
    other.close()


def test_a_result_open_elsewhere_is_not_touched(qtbot: QtBot, window, spoiled: Path) -> None:
    taken = outputs.target(spoiled)
    taken.write_bytes(b"hers")
    taken.with_name(f".~lock.{taken.name}#").write_text("open")
    drop(window, spoiled)
    until_done(qtbot, window)
    assert taken.read_bytes() == b"hers"
    assert window.desk.outputs[0].name == f"{taken.stem}(2).xlsx" and window.desk.outputs[0].exists()
    assert "(2)" in window.result.bar.text and "没有覆盖" in window.result.bar.text


def test_saving_under_a_name_open_elsewhere(
    qtbot: QtBot,
    window,
    spoiled: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    drop(window, spoiled)
    until_done(qtbot, window)
    target = spoiled.with_name("交回.xlsx")
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(target), "Excel 工作簿 (*.xlsx)"))
    qtbot.keyClick(window, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    assert target.read_bytes() == outputs.target(spoiled).read_bytes()
    target.write_bytes(b"hers")
    target.with_name(f"~${target.name}").write_text("open")
    qtbot.keyClick(window, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    assert target.read_bytes() == b"hers"
    assert target.with_name("交回(2).xlsx").exists() and "正被打开" in window.result.bar.text


def test_never_her_own_file_as_target(
    qtbot: QtBot,
    window,
    spoiled: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = spoiled.read_bytes()
    drop(window, spoiled)
    until_done(qtbot, window)
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(spoiled), "Excel 工作簿 (*.xlsx)"))
    window.save_as()
    assert spoiled.read_bytes() == before and spoiled.with_name("甲单位2022(2).xlsx").exists()


def test_a_save_in_excel_is_checked_again(qtbot: QtBot, window, spoiled: Path) -> None:
    drop(window, spoiled)
    until_done(qtbot, window)
    wrong = errors(window)[0]
    other = next(f for f in window.desk.case.findings if f.fingerprint != wrong.fingerprint)
    window.result.findings.select(other.fingerprint)
    qtbot.wait(600)  # the watcher learns the file as it is
    book = openpyxl.load_workbook(spoiled)
    spoil(book, "总计", "-1")
    book.save(spoiled)
    until_done(qtbot, window, lambda: not errors(window))
    assert "解决 1 处" in window.result.bar.text or "没有更新" in window.result.bar.text
    assert [f.code for f in window.desk.solved] == [wrong.code]
    assert window.result.findings.current().fingerprint == other.fingerprint
    listed = [level(f) for f in window.result.findings.model.findings]
    assert listed.count("solved") == 1 and "错误 0" in window.result.counts.text()


def test_her_corrections_in_the_annotated_file_count(qtbot: QtBot, window, spoiled: Path) -> None:
    drop(window, spoiled)
    until_done(qtbot, window)
    made = window.desk.outputs[0]
    qtbot.wait(600)
    book = openpyxl.load_workbook(made)
    spoil(book, "总计", "-1")
    book.save(made)
    hers = made.read_bytes()
    until_done(qtbot, window, lambda: not errors(window))
    assert window.desk.case.request.path == made and made.read_bytes() == hers
    assert sorted(p.name for p in made.parent.glob("*.xlsx")) == ["甲单位2022.xlsx", "甲单位2022_校核.xlsx"]


def test_a_report_and_its_workbook_are_one_case(qtbot: QtBot, window, tmp_path: Path) -> None:
    from tests.two_files import pair

    words, book = pair(tmp_path, 6, tables=False)
    drop(window, words, book)
    until_done(qtbot, window)
    assert window.desk.case.request.tables == book
    view = window.result.view
    assert [view.tabs.tabText(n) for n in range(view.tabs.count())] == ["报告文字", "工作簿"]
    kinds = {p.kind for p in window.desk.case.opened.parts}
    assert {"table", "section"} <= kinds
    assert not errors(window)


def test_two_units_are_no_case(qtbot: QtBot, window, tmp_path: Path) -> None:
    from tests.two_files import pair

    words, _ = pair(tmp_path / "一", 6, tables=True, kind="txt")
    _, other = pair(tmp_path / "二", 9, tables=True)
    drop(window, words, other)
    qtbot.waitUntil(lambda: window._batch is not None and not window._batch.running, timeout=SLOW)
    assert window.pages.currentWidget() is window.batch
    assert [line.outcome.error for line in window.batch.model.lines] == [None, None]


def test_cancel_works_at_once(
    qtbot: QtBot,
    window,
    spoiled: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with_workers(window, monkeypatch, slow_work.for_ever)
    drop(window, spoiled)
    qtbot.waitUntil(lambda: "【校核】" in window.working.step.text(), timeout=SLOW)
    pid = window.work._pool._workers[0].process.pid
    qtbot.keyClick(window, Qt.Key.Key_Escape)
    assert window.pages.currentWidget() is window.start and not window.desk.busy
    assert not (Path("/proc") / str(pid)).exists()
    assert not outputs.target(spoiled).exists()
    window.work._pool.work = slow_work.carry_out
    drop(window, spoiled)
    until_done(qtbot, window)


def test_a_file_that_kills_its_worker_says_so(
    qtbot: QtBot,
    window,
    spoiled: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with_workers(window, monkeypatch, slow_work.dies)
    drop(window, spoiled)
    qtbot.waitUntil(lambda: window.findChild(QMessageBox) is not None, timeout=SLOW)
    box = window.findChild(QMessageBox)
    assert window.pages.currentWidget() is window.start
    assert spoiled.name in box.text() and "意外中止" in box.text()
    box.close()


def test_nothing_is_written_when_she_does_not_want_it(
    qtbot: QtBot,
    window,
    spoiled: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    window.desk.settings.write = False
    drop(window, spoiled)
    until_done(qtbot, window)
    assert [p.name for p in spoiled.parent.iterdir()] == [spoiled.name]
    assert not window.result.open_button.isEnabled()
    target = spoiled.with_name("结果.xlsx")
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(target), "Excel 工作簿 (*.xlsx)"))
    window.save_as()
    qtbot.waitUntil(target.exists, timeout=SLOW)
    assert "校核结果" in openpyxl.load_workbook(target).sheetnames
    qtbot.waitUntil(lambda: "已另存为" in window.result.bar.text, timeout=SLOW)
    assert sorted(p.name for p in spoiled.parent.iterdir()) == sorted([spoiled.name, target.name])


def test_an_empty_result_is_a_result(qtbot: QtBot, window, tmp_path: Path) -> None:
    drop(window, workbook(tmp_path / "乙.xlsx", 1))
    until_done(qtbot, window)
    assert "未发现错误" in window.result.counts.text() and "9 张表" in window.result.counts.text()


def test_recent_files_tell_their_result(qtbot: QtBot, window, spoiled: Path) -> None:
    drop(window, spoiled)
    until_done(qtbot, window)
    window.go_back()
    assert window.start.list.isVisible()
    index = window.start.list.model().index(0, 0)
    assert index.data(Role.PATH) == spoiled and "1 处错误" in index.data(Role.RESULT)
    qtbot.mouseClick(
        window.start.list.viewport(), Qt.MouseButton.LeftButton, pos=window.start.list.visualRect(index).center()
    )
    until_done(qtbot, window)


def test_drag_of_text_is_not_a_file(window) -> None:
    from app.ui.dropping import offered

    data = mime()
    data.setText("https://example.invalid/a.xlsx")
    assert not offered(data).paths


def test_her_corrections_in_the_annotated_workbook_of_a_case_count(qtbot: QtBot, window, tmp_path: Path) -> None:
    from tests.two_files import pair

    words, book = pair(tmp_path, 6, tables=False)
    drop(window, words, book)
    until_done(qtbot, window)
    assert not errors(window)
    made = next(p for p in window.desk.outputs if p.name.startswith(book.stem))
    qtbot.wait(600)
    edited = openpyxl.load_workbook(made)
    spoil(edited, "总计", "1")
    edited.save(made)
    until_done(qtbot, window, lambda: bool(errors(window)))
    assert window.desk.case.request.path == words and window.desk.case.request.tables == made
    about = next(p for p in window.desk.outputs if p.name.startswith(words.stem) and p.suffix == ".xlsx")
    assert window.desk._instead_of(about) is None
