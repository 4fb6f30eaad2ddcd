from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QInputMethodEvent
from PySide6.QtWidgets import QApplication, QDialog, QWidget
from pytestqt.qtbot import QtBot

from app import pipeline
from app.ui import theme
from app.ui.dialog_parts import main_button
from app.ui.template_dialog import TemplateDialog

_shown: list[QWidget] = []  # qtbot holds them weakly


@pytest.fixture
def dialog(qtbot: QtBot, tmp_path: Path) -> TemplateDialog:
    theme.dress(QApplication.instance())
    made = TemplateDialog(folder=tmp_path)
    qtbot.addWidget(made)
    _shown[:] = [made]
    made.show()
    qtbot.waitExposed(made)
    return made


def press_ok(qtbot: QtBot, dialog: TemplateDialog) -> None:
    qtbot.mouseClick(main_button(dialog.buttons), Qt.MouseButton.LeftButton)


def compose(field: QWidget, preedit: str, commit: str = "") -> None:
    """What an input method sends."""
    event = QInputMethodEvent(preedit, [])
    event.setCommitString(commit)
    QApplication.sendEvent(field, event)


def test_gives_what_she_asked_for_and_the_program_can_make_it(
    qtbot: QtBot, dialog: TemplateDialog, tmp_path: Path
) -> None:
    asked: list[pipeline.Request] = []
    dialog.requested.connect(asked.append)
    compose(dialog.unit, "jiang'han")
    compose(dialog.unit, "", "江汉区企业服务中心")
    dialog.form.setFocus()
    qtbot.keyClick(dialog.form, Qt.Key.Key_End)
    qtbot.keyClick(dialog.unit, Qt.Key.Key_Return)
    assert dialog.result() == QDialog.DialogCode.Accepted
    request = dialog.request()
    assert asked == [request]
    last = date.today().year - 1
    assert (request.unit, request.year, request.form) == ("江汉区企业服务中心", last, "shanghai")
    assert request.target == tmp_path / f"江汉区企业服务中心{last}年度决算公开表.xlsx"
    outcome = pipeline.template(request)
    assert outcome.error is None and outcome.outputs == [request.target] and request.target.is_file()


def test_a_unit_is_needed_and_the_button_is_never_grey(qtbot: QtBot, dialog: TemplateDialog) -> None:
    assert main_button(dialog.buttons).isEnabled()
    dialog.unit.setText("　 ")
    press_ok(qtbot, dialog)
    assert dialog.isVisible() and "单位名称" in dialog.word.text() and dialog.word.isVisible()
    compose(dialog.unit, "ju")
    assert main_button(dialog.buttons).isEnabled()
    compose(dialog.unit, "", "某局")
    assert not dialog.word.isVisible(), "the remark goes when there is a name"


def test_the_name_follows_unit_and_year_until_she_chooses_one(dialog: TemplateDialog, tmp_path: Path) -> None:
    dialog.unit.setText("某/局")
    dialog.year.setValue(2021)
    assert dialog.request().target == tmp_path / "某_局2021年度决算公开表.xlsx"
    dialog.path.selectAll()
    dialog.path.insert("我的模板")
    dialog.path.textEdited.emit(dialog.path.text())
    dialog.year.setValue(2020)
    assert dialog.request().target == tmp_path / "我的模板.xlsx"


def test_a_long_name_makes_a_file_name_that_can_be_written(dialog: TemplateDialog) -> None:
    dialog.unit.setText("很长的单位名称" * 20)
    target = dialog.request().target
    assert target is not None and len(target.name.encode()) <= 255
    target.touch()


def test_says_what_becomes_of_a_file_of_that_name(qtbot: QtBot, dialog: TemplateDialog, tmp_path: Path) -> None:
    dialog.unit.setText("某局")
    assert dialog.there.text() == ""
    target = dialog.request().target
    assert target is not None
    pipeline.template(dialog.request())
    dialog.unit.setText("某局 ")
    assert "重新生成" in dialog.there.text()
    target.write_bytes(b"hers")
    dialog.unit.setText("某局")
    assert "不会覆盖" in dialog.there.text()
    press_ok(qtbot, dialog)
    outcome = pipeline.template(dialog.request())
    assert target.read_bytes() == b"hers" and outcome.outputs[0].name.endswith("(2).xlsx")


def test_a_folder_that_is_not_there(qtbot: QtBot, dialog: TemplateDialog, tmp_path: Path) -> None:
    dialog.unit.setText("某局")
    dialog.path.setText(str(tmp_path / "没有" / "模板.xlsx"))
    press_ok(qtbot, dialog)
    assert dialog.isVisible() and "不存在" in dialog.word.text()


def test_escape_gives_nothing(qtbot: QtBot, dialog: TemplateDialog) -> None:
    asked: list[object] = []
    dialog.requested.connect(asked.append)
    dialog.unit.setText("某局")
    qtbot.keyClick(dialog.unit, Qt.Key.Key_Escape)
    assert dialog.result() == QDialog.DialogCode.Rejected and not asked


def test_tab_goes_through_it_in_order(qtbot: QtBot, dialog: TemplateDialog) -> None:
    dialog.activateWindow()
    qtbot.waitUntil(dialog.isActiveWindow)
    dialog.unit.setFocus()
    order = []
    for _ in range(6):
        order.append(dialog.focusWidget())
        qtbot.keyClick(dialog.focusWidget(), Qt.Key.Key_Tab)
    wanted = [dialog.unit, dialog.year, dialog.form, dialog.path, dialog.browse, main_button(dialog.buttons)]
    assert order == wanted
    assert all(w.accessibleName() for w in wanted[:4])
