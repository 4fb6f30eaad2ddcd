"""What a tired clerk does to the window: saves, deletes, closes and turns away at the worst moment."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QMessageBox
from pytestqt.qtbot import QtBot

from app import outputs
from app.pipeline import Outcome
from app.ui.case import level
from app.ui.findings_model import FINDING
from tests.ui import slow_work
from tests.ui.conftest import SLOW, drop, open_window, spoil, until_done, workbook


def said(path: Path) -> str:
    """All that the sheet of results says."""
    sheet = openpyxl.load_workbook(path)["校核结果"]
    return " ".join(str(cell.value) for row in sheet for cell in row)


def use(window, work: object) -> None:
    """Let the worker do something else from now on."""
    window.work._warming.join()
    window.work._pool.close()
    window.work._pool.work = work


@pytest.mark.parametrize("how", ["deleted", "damaged"])
def test_a_file_that_goes_leaves_its_result(qtbot: QtBot, window, spoiled: Path, how: str) -> None:
    drop(window, spoiled)
    until_done(qtbot, window)
    listed = window.result.findings.proxy.rowCount()
    if how == "deleted":
        spoiled.unlink()
    else:
        spoiled.write_bytes(b"PK\3\4" + b"x" * 300)
    qtbot.keyClick(window, Qt.Key.Key_F5)
    qtbot.waitUntil(lambda: "没有重新校核" in window.result.bar.text, timeout=SLOW)
    assert window.pages.currentWidget() is window.result and "上一次的结果" in window.result.bar.text
    assert window.result.findings.proxy.rowCount() == listed and window.desk.case is not None
    assert window.findChild(QMessageBox) is None


def test_a_worker_lost_while_checking_again_leaves_the_result(qtbot: QtBot, window, spoiled: Path) -> None:
    drop(window, spoiled)
    until_done(qtbot, window)
    use(window, slow_work.dies)
    qtbot.keyClick(window, Qt.Key.Key_F5)
    qtbot.waitUntil(lambda: "意外中止" in window.result.bar.text, timeout=SLOW)
    assert window.pages.currentWidget() is window.result


def test_escape_ends_a_second_check(qtbot: QtBot, window, spoiled: Path) -> None:
    drop(window, spoiled)
    until_done(qtbot, window)
    use(window, slow_work.for_ever)
    qtbot.keyClick(window, Qt.Key.Key_F5)
    qtbot.waitUntil(lambda: window.statusBar().currentMessage() == "正在校核…", timeout=SLOW)
    qtbot.keyClick(window, Qt.Key.Key_Escape)
    assert not window.desk.busy and window.pages.currentWidget() is window.result
    assert not window.statusBar().currentMessage()


def test_a_save_while_it_is_read_is_seen(qtbot: QtBot, window, spoiled: Path, tmp_path: Path) -> None:
    """And the case of before, which is still there, does not come back instead."""
    drop(window, workbook(tmp_path / "乙.xlsx", 1))
    until_done(qtbot, window)
    use(window, slow_work.for_ever)
    drop(window, spoiled)
    qtbot.waitUntil(lambda: "【校核】" in window.working.step.text(), timeout=SLOW)
    assert window.desk.outputs == [], "not those of the file before"
    qtbot.wait(600)  # the watcher learns the file as it is
    book = openpyxl.load_workbook(spoiled)
    spoil(book, "总计", "-1")
    window.work._pool.work = slow_work.carry_out
    book.save(spoiled)
    until_done(qtbot, window)
    assert window.desk.case.request.path == spoiled
    assert not [f for f in window.desk.case.findings if level(f) == "error"]


@pytest.mark.parametrize("how", ["back", "close", "another"])
def test_a_remark_gets_into_the_file_though_she_goes_on_at_once(
    qtbot: QtBot, window, spoiled: Path, tmp_path: Path, how: str
) -> None:
    other = workbook(tmp_path / "乙.xlsx", 1)
    drop(window, spoiled)
    until_done(qtbot, window)
    window.desk.verify([f for f in window.desk.case.findings if level(f) == "error"], "与财政核对过")
    assert "与财政核对过" not in said(outputs.target(spoiled))
    if how == "close":
        window.close()
    elif how == "back":
        window.go_back()
        qtbot.waitUntil(lambda: not window.work.busy, timeout=SLOW)
    else:
        drop(window, other)
        until_done(qtbot, window, lambda: window.desk.case.request.path == other)
        assert window.desk.outputs == [outputs.target(other)], "nothing of the case before"
    assert "与财政核对过" in said(outputs.target(spoiled))


def test_a_remark_taken_back(qtbot: QtBot, window, spoiled: Path, own_folders: Path) -> None:
    """Many at once, as well."""
    drop(window, spoiled)
    until_done(qtbot, window)
    findings = list(window.desk.case.findings)
    before = [level(f) for f in findings]
    window.desk.verify(findings, "好")
    window.result.refresh()
    assert f"已核实 {len(findings)}" in window.result.counts.text() and "错误 0" in window.result.counts.text()
    window.result.findings.list.selectAll()
    assert len(window.result.findings.selected()) == len(findings)
    qtbot.keyClick(window, Qt.Key.Key_M, Qt.KeyboardModifier.ControlModifier)
    assert [level(f) for f in window.desk.case.findings] == before and "已核实 0" in window.result.counts.text()
    assert not json.loads((own_folders / "data" / "已核实.json").read_text("utf-8"))["findings"]


def test_after_working_in_the_annotated_file_her_own_file_still_counts(qtbot: QtBot, window, spoiled: Path) -> None:
    drop(window, spoiled)
    until_done(qtbot, window)
    made = window.desk.outputs[0]
    qtbot.wait(600)
    book = openpyxl.load_workbook(made)
    spoil(book, "总计", "-1")
    book.save(made)
    until_done(qtbot, window, lambda: window.desk.case.request.path == made)
    qtbot.wait(600)
    book = openpyxl.load_workbook(spoiled)
    spoil(book, "总计", "5")
    book.save(spoiled)
    until_done(qtbot, window, lambda: window.desk.case.request.path == spoiled)


def test_names_that_look_like_marks_are_shown_as_they_are(qtbot: QtBot, window, tmp_path: Path) -> None:
    path = workbook(tmp_path / "<b>甲&乙 \"%20#' 😀.xlsx", 3, ("总计", "1"))
    drop(window, path)
    assert window.working.name.textFormat() == Qt.TextFormat.PlainText
    until_done(qtbot, window)
    page = window.result
    for label in (page.title, page.file, page.bar.label, page.said):
        assert label.textFormat() == Qt.TextFormat.PlainText
    assert "<b>甲&乙" in page.bar.text and outputs.target(path).exists()
    window.go_back()
    window._say("<b>甲</b>")
    assert window.findChild(QMessageBox).textFormat() == Qt.TextFormat.PlainText


def test_two_drops_in_quick_succession(qtbot: QtBot, window, spoiled: Path, tmp_path: Path) -> None:
    other = workbook(tmp_path / "乙.xlsx", 1)
    drop(window, spoiled)
    drop(window, other)
    until_done(qtbot, window, lambda: window.desk.case.request.path == other)
    drop(window, spoiled)
    qtbot.waitUntil(lambda: window.desk.busy, timeout=SLOW)
    drop(window, other, other)  # and the same one twice
    until_done(qtbot, window, lambda: window.desk.case.request.path == other)


@pytest.mark.parametrize("at", ["case", "batch"])
def test_closing_while_working_leaves_no_process(
    qtbot: QtBot, spoiled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at: str
) -> None:
    import psutil

    import app.ui.work

    monkeypatch.setattr(app.ui.work, "carry_out", slow_work.for_ever)
    window = open_window(qtbot)
    if at == "case":
        drop(window, spoiled)
        qtbot.waitUntil(lambda: window.desk.busy and "【校核】" in window.working.step.text(), timeout=SLOW)
    else:
        (tmp_path / "各").mkdir()
        for name in "一二三":
            workbook(tmp_path / "各" / f"{name}.xlsx", 1)
        drop(window, tmp_path / "各")
        qtbot.waitUntil(lambda: window._batch is not None and window._batch.running, timeout=SLOW)
        qtbot.waitUntil(lambda: window.batch.model.lines[0].step == "校核…", timeout=SLOW)
    works = [work for work in (window.work, window.many) if work is not None]
    pids = [worker.process.pid for work in works for worker in work._pool._workers]
    assert pids
    window.close()
    assert not any(psutil.pid_exists(pid) for pid in pids)
    assert not list(tmp_path.rglob("*_校核*"))


@pytest.mark.parametrize("at", ["case", "batch"])
def test_no_worker_to_be_had_is_said(
    qtbot: QtBot, window, spoiled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at: str
) -> None:
    from app.jobs import Pool
    from app.ui.work import NO_WORKER

    window.work._warming.join()
    window.work._pool.close()

    def refused(_: object) -> None:
        raise OSError(11, "Resource temporarily unavailable")

    monkeypatch.setattr(Pool, "_start", refused)
    monkeypatch.setattr(Pool, "warm", lambda _: None)
    if at == "case":
        drop(window, spoiled)
        qtbot.waitUntil(lambda: window.findChild(QMessageBox) is not None, timeout=SLOW)
        assert NO_WORKER in window.findChild(QMessageBox).text()
    else:
        drop(window, spoiled, workbook(tmp_path / "乙.xlsx", 1))
        qtbot.waitUntil(lambda: window._batch is not None and len(window._batch.outcomes()) == 2, timeout=SLOW)
        assert not window.batch.running
    assert not window.work.busy and not window.work._timer.isActive()


def test_a_batch_shows_what_became_of_a_file_since(qtbot: QtBot, window, spoiled: Path, tmp_path: Path) -> None:
    folder = tmp_path / "各单位"
    folder.mkdir()
    wrong = spoiled.rename(folder / spoiled.name)
    workbook(folder / "乙.xlsx", 1)
    drop(window, folder)
    qtbot.waitUntil(lambda: window._batch is not None and len(window._batch.outcomes()) == 2, timeout=SLOW)
    line = next(line for line in window.batch.model.lines if line.path == wrong)
    assert line.outcome.errors == 1
    window._open_case(wrong)
    until_done(qtbot, window)
    qtbot.wait(600)
    book = openpyxl.load_workbook(wrong)
    spoil(book, "总计", "-1")
    book.save(wrong)
    until_done(qtbot, window, lambda: not [f for f in window.desk.case.findings if level(f) == "error"])
    window.go_back()
    assert window.pages.currentWidget() is window.batch
    assert line.outcome.errors == 0 and line.outcome.outputs and "错误 0" in window.batch.counts.text()


def test_a_batch_line_keeps_its_outputs(tmp_path: Path) -> None:
    from app.ui.batch_model import BatchModel

    model = BatchModel()
    model.start([tmp_path / "a.xlsx"])
    model.finish(0, Outcome(tmp_path / "a.xlsx", outputs=[tmp_path / "a_校核.xlsx"], errors=2))
    model.renew(tmp_path / "a.xlsx", Outcome(tmp_path / "a_校核.xlsx"))
    assert model.lines[0].outcome == Outcome(tmp_path / "a.xlsx", outputs=[tmp_path / "a_校核.xlsx"])


def test_case_after_case_leaves_nothing_behind(qtbot: QtBot, window, tmp_path: Path) -> None:
    """No object, thread or process more after the tenth case than after the third."""
    import gc
    import threading

    import psutil
    from PySide6.QtCore import QEvent, QObject
    from PySide6.QtWidgets import QApplication

    files = [workbook(tmp_path / f"{name}.xlsx", seed) for name, seed in (("甲", 1), ("乙", 3))]

    def count(rounds: int) -> tuple[int, int, int]:
        for number in range(rounds):
            path = files[number % 2]
            drop(window, path)
            until_done(qtbot, window, lambda path=path: window.desk.case.request.path == path)
            window.show_unchecked()
            window.findChild(QDialog).close()
            window.result.findings.step(1)
        window.go_back()
        qtbot.wait(50)
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        gc.collect()
        children = len(psutil.Process().children(recursive=True))
        return len(window.findChildren(QObject)), threading.active_count(), children

    objects, threads, children = count(4)
    again = count(6)
    assert again[0] <= objects + 4, "Qt objects"
    assert again[1] <= threads + 1 and again[2] <= children


def test_a_folder_that_cannot_be_written_still_shows_the_result(qtbot: QtBot, window, spoiled: Path) -> None:
    use(window, slow_work.read_only)
    drop(window, spoiled)
    until_done(qtbot, window)
    assert "不能写入" in window.result.bar.text and window.result.bar.text.startswith("✖")
    assert "错误 1" in window.result.counts.text() and window.result.findings.proxy.rowCount()
    assert not window.result.open_button.isEnabled()
    assert window.recent.entries()[0].errors == 1 and window.recent.entries()[0].readable


def test_a_template_that_nobody_filled_in_is_no_clean_bill(qtbot: QtBot, window, tmp_path: Path) -> None:
    from app import pipeline

    blank = tmp_path / "模板.xlsx"
    pipeline.template(pipeline.Request(blank, target=blank, year=2023, unit="某局"))
    drop(window, blank)
    until_done(qtbot, window)
    assert "尚未填写" in window.result.counts.text() and "未发现错误" not in window.result.counts.text()
    assert "尚未填写" in window.result.findings.empty.text()


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("空.xlsx", b"", "空的"),
        ("旧.docx", bytes.fromhex("D0CF11E0A1B11AE1") + bytes(4000), "损坏"),
        ("坏.pdf", b"%PDF-1.4 x", "损坏"),
        ("网页.xls", b"<html><table></table></html>", "网页"),
    ],
)
def test_a_file_that_is_not_what_it_is_called(
    qtbot: QtBot, window, tmp_path: Path, name: str, content: bytes, told: str
) -> None:
    (tmp_path / name).write_bytes(content)
    drop(window, tmp_path / name)
    qtbot.waitUntil(lambda: window.findChild(QMessageBox) is not None, timeout=SLOW)
    said = window.findChild(QMessageBox).text()
    assert said.startswith(f"{name}：") and told in said and said.endswith("。")
    assert window.pages.currentWidget() is window.start


def test_pictures_of_pages_are_said_to_be_pictures(qtbot: QtBot, window, tmp_path: Path) -> None:
    from PIL import Image

    Image.new("RGB", (600, 800), "white").save(tmp_path / "扫描.pdf")
    drop(window, tmp_path / "扫描.pdf")
    qtbot.waitUntil(lambda: window.findChild(QMessageBox) is not None, timeout=SLOW)
    assert "扫描件" in window.findChild(QMessageBox).text()


def test_a_finding_on_a_hidden_sheet_is_reached(qtbot: QtBot, window, spoiled: Path) -> None:
    book = openpyxl.load_workbook(spoiled)
    book.worksheets[0].sheet_state = "hidden"
    book.active = 1
    book.save(spoiled)
    drop(window, spoiled)
    until_done(qtbot, window)
    wrong = next(f for f in window.desk.case.findings if level(f) == "error")
    window.result.findings.select(wrong.fingerprint)
    sheet = window.result.view.view("工作簿")
    assert sheet._sheets[sheet._shown].shape.name == wrong.place.sheet
    assert sheet.tabs.isTabVisible(sheet._shown) and "隐藏" in sheet.tabs.tabText(sheet._shown)


def test_many_findings_are_listed_without_a_halt(qtbot: QtBot, tmp_path: Path) -> None:
    """The order is worked out once: a proxy that sorts asks ten times as often as there are findings."""
    from app.checking.finding import Finding
    from app.opened import Opened
    from app.pipeline import Request
    from app.source import Place
    from app.ui.case import Case
    from app.ui.findings_panel import FindingsPanel

    count = 3000
    path = tmp_path / "多.xlsx"
    case = Case(Request(path))
    case.add(Opened(path, None, Outcome(path, evaluated=1), findings=count))
    case.add([
        Finding(
            "A01", "合计", "error" if n % 2 else "warning", f"第{n}处", Place(sheet="表", cell=f"C{n * 7919 % count + 1}"),
            fingerprint=str(n),
        )
        for n in range(count)
    ])  # fmt: skip
    asked = []
    order = case.order
    case.order = lambda place: (asked.append(place), order(place))[1]
    panel = FindingsPanel()
    qtbot.addWidget(panel)
    panel.show_case(case)
    panel.show()
    assert len(asked) == count, "each place is looked at once"
    listed = [panel.proxy.index(row, 0).data(FINDING) for row in range(panel.proxy.rowCount())]
    assert [int(f.place.cell[1:]) for f in listed] == sorted(range(1, count + 1))
    panel.select(listed[5].fingerprint)
    panel.sorting.setCurrentIndex(1)
    assert panel.current() == listed[5], "what is chosen stays chosen"
    assert [panel.proxy.index(row, 0).data(FINDING).fingerprint for row in range(3)] == ["0", "1", "2"]
    panel.search.setText("第2999处")
    assert panel.proxy.rowCount() == 1
    panel.search.clear()
    panel.sorting.setCurrentIndex(0)
    case.findings[0] = replace(case.findings[0], verified="好")
    panel.refresh(case.findings)
    assert panel.proxy.index(count - 1, 0).data(FINDING).fingerprint == "0", "verified ones stand apart"


def test_no_thread_of_python_makes_or_tells_objects_of_qt() -> None:
    """Objects that are slots in two threads end in deadlocks and double deletes: threads answer in lists
    and queues that the window's own timers look into."""
    import ast

    import app.ui

    threaded = 0
    for path in Path(app.ui.__file__).parent.glob("*.py"):
        text = path.read_text("utf-8")
        assert not {"QThread", "QThreadPool", "QRunnable", "moveToThread"} & set(
            node.id if isinstance(node, ast.Name) else node.attr
            for node in ast.walk(ast.parse(text))
            if isinstance(node, ast.Name | ast.Attribute)
        ), path.name
        threaded += "threading.Thread(" in text
    assert threaded >= 4


def test_threads_touch_only_what_is_theirs(
    qtbot: QtBot, window, spoiled: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever calls a slot or a signal of the window does so on the main thread."""
    import threading

    from app.ui.desk import Desk

    seen: set[str] = set()
    for name in ("_changed", "_show", "_done", "_submit"):
        real = getattr(Desk, name)

        def noted(*args: object, real: object = real, **named: object) -> object:
            seen.add(threading.current_thread().name)
            return real(*args, **named)

        monkeypatch.setattr(Desk, name, noted)
    drop(window, spoiled)
    until_done(qtbot, window)
    qtbot.wait(600)
    book = openpyxl.load_workbook(spoiled)
    spoil(book, "总计", "-1")
    book.save(spoiled)
    until_done(qtbot, window, lambda: not [f for f in window.desk.case.findings if level(f) == "error"])
    assert seen == {"MainThread"}
