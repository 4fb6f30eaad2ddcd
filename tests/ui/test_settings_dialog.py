from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QDialog, QWidget
from pytestqt.qtbot import QtBot

from app.knowledge import subject_lists
from app.knowledge.settings import Settings
from app.ui import rule_page, theme
from app.ui.rules_model import CHOICES, CODE, LEVEL
from app.ui.settings_dialog import SettingsDialog
from app.ui.settings_subjects import Done, import_now


@pytest.fixture(autouse=True)
def no_lists() -> Iterator[None]:
    yield
    for kind, year, _ in subject_lists.imported():
        subject_lists.list_path(kind, year).unlink()


_shown: list[QWidget] = []  # qtbot holds them weakly: else one is collected while it is being painted


def opened(qtbot: QtBot, settings: Settings, **more: object) -> SettingsDialog:
    theme.dress(QApplication.instance())
    dialog = SettingsDialog(settings, **more)
    qtbot.addWidget(dialog)
    _shown[:] = [dialog]
    dialog.show()
    qtbot.waitExposed(dialog)
    return dialog


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(rules={"A102": "warning"}, form="2021", path=tmp_path / "设置.toml")


def cell(dialog: SettingsDialog, code: str) -> QModelIndex:
    """The cell of the level of a rule."""
    proxy = dialog.rules.proxy
    row = next(r for r in range(proxy.rowCount()) if proxy.index(r, CODE).data() == code)
    return proxy.index(row, LEVEL)


def click(qtbot: QtBot, dialog: SettingsDialog, index: QModelIndex, modifier=Qt.KeyboardModifier.NoModifier) -> None:
    table = dialog.rules.table
    table.scrollTo(index)
    qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, modifier, table.visualRect(index).center())


def choose(qtbot: QtBot, dialog: SettingsDialog, code: str, level: str) -> None:
    """With the mouse on the cell and the keys in its combo."""
    index = cell(dialog, code)
    click(qtbot, dialog, index)
    box = dialog.rules.table.indexWidget(index)
    assert isinstance(box, QComboBox)
    view = box.view()
    assert view.isVisible(), "one click opens the choice"
    view.setCurrentIndex(view.model().index(CHOICES.index(level), 0))
    qtbot.keyClick(view, Qt.Key.Key_Return)


def titles(dialog: SettingsDialog) -> list[str]:
    proxy = dialog.rules.proxy
    return [proxy.index(row, CODE).data() for row in range(proxy.rowCount())]


def test_ok_saves_what_was_chosen(qtbot: QtBot, settings: Settings) -> None:
    dialog = opened(qtbot, settings)
    choose(qtbot, dialog, "A103", "off")
    choose(qtbot, dialog, "A102", "")
    dialog.recognition.money.setFocus()
    qtbot.keyClick(dialog.recognition.money, Qt.Key.Key_End)
    dialog.display.size_.setValue(dialog.display.size_.maximum())
    dialog.display.write.setChecked(False)
    qtbot.mouseClick(dialog.buttons.buttons()[0], Qt.MouseButton.LeftButton)
    assert dialog.result() == QDialog.DialogCode.Accepted
    assert (settings.rules, settings.form, settings.money) == ({"A103": "off"}, "2021", "元")
    assert (settings.write, settings.fill, settings.font_size) == (False, True, 20)
    assert Settings.load(settings.path) == settings
    assert tomllib.loads(settings.path.read_text("utf-8"))["规则"] == {"A103": "关闭"}


@pytest.mark.parametrize("how", ["escape", "button"])
def test_cancel_changes_nothing(qtbot: QtBot, settings: Settings, how: str) -> None:
    before = Settings(**{name: getattr(settings, name) for name in ("form", "money", "write", "fill", "font_size")})
    before.rules = dict(settings.rules)
    dialog = opened(qtbot, settings)
    choose(qtbot, dialog, "A103", "off")
    dialog.recognition.form.setCurrentIndex(0)
    dialog.display.fill.setChecked(False)
    if how == "escape":
        qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    else:
        qtbot.mouseClick(dialog.buttons.buttons()[1], Qt.MouseButton.LeftButton)
    assert dialog.result() == QDialog.DialogCode.Rejected and not dialog.isVisible()
    assert settings == before and not settings.path.exists()


def test_escape_leaves_the_combo_first(qtbot: QtBot, settings: Settings) -> None:
    dialog = opened(qtbot, settings)
    index = cell(dialog, "A104")
    dialog.rules.table.setCurrentIndex(index)
    dialog.rules.table.setFocus()
    qtbot.keyClick(dialog.rules.table, Qt.Key.Key_F2)
    box = dialog.rules.table.indexWidget(index)
    qtbot.keyClick(box, Qt.Key.Key_Down)
    qtbot.keyClick(box, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: dialog.rules.table.indexWidget(index) is None)
    assert dialog.isVisible() and dialog.rules.levels == {"A102": "warning"}


def test_a_level_with_keys_alone(qtbot: QtBot, settings: Settings) -> None:
    dialog = opened(qtbot, settings)
    index = cell(dialog, "A104")
    dialog.rules.table.setCurrentIndex(index)
    dialog.rules.table.setFocus()
    qtbot.keyClick(dialog.rules.table, Qt.Key.Key_F2)
    box = dialog.rules.table.indexWidget(index)
    qtbot.keyClick(box, Qt.Key.Key_End)
    qtbot.keyClick(box, Qt.Key.Key_Return)
    assert dialog.rules.levels == {"A102": "warning", "A104": "off"}
    assert dialog.isVisible(), "Enter in the list does not press OK"
    assert index.data() == "○ 关闭" and "关闭" in dialog.rules.page.toPlainText()


def test_enter_on_a_rule_opens_its_level_and_not_ok(qtbot: QtBot, settings: Settings) -> None:
    dialog = opened(qtbot, settings)
    dialog.rules.table.setFocus()
    dialog.rules.table.selectRow(2)
    qtbot.keyClick(dialog.rules.table, Qt.Key.Key_Return)
    assert dialog.isVisible()
    assert dialog.rules.table.indexWidget(dialog.rules.proxy.index(2, LEVEL)) is not None


def test_search_finds_by_code_title_and_words_of_the_formula(qtbot: QtBot, settings: Settings) -> None:
    dialog = opened(qtbot, settings)
    every = len(titles(dialog))
    qtbot.keyClicks(dialog.rules.search, "a12")
    assert titles(dialog) == [f"A12{n}" for n in (0, 1, 2, 3, 4, 5, 7, 6)]
    dialog.rules.search.setText("三公表 接待费")
    assert "A151" in titles(dialog) and "A121" not in titles(dialog)
    qtbot.keyClick(dialog.rules.search, Qt.Key.Key_Return)
    assert dialog.isVisible(), "Enter in the search does not press OK"
    dialog.rules.search.setFocus()
    dialog.rules.search.setText("没有这样的规则")
    assert titles(dialog) == [] and "没有找到" in dialog.rules.page.toPlainText()
    qtbot.keyClick(dialog.rules.search, Qt.Key.Key_Escape)
    assert dialog.isVisible() and len(titles(dialog)) == every
    dialog.rules.changed.click()
    assert titles(dialog) == ["A102"]


def test_the_chosen_rule_is_explained(qtbot: QtBot, settings: Settings) -> None:
    dialog = opened(qtbot, settings)
    click(qtbot, dialog, cell(dialog, "A121").siblingAtColumn(1))
    text = dialog.rules.page.toPlainText()
    assert "收入决算表：横向合计" in text and "合计 ＝ 财政拨款收入 ＋ 上级补助收入" in text
    assert "DOMAIN" not in text


def test_several_rules_at_once(qtbot: QtBot, settings: Settings) -> None:
    dialog = opened(qtbot, settings)
    click(qtbot, dialog, cell(dialog, "A103").siblingAtColumn(1))
    click(qtbot, dialog, cell(dialog, "A105").siblingAtColumn(1), Qt.KeyboardModifier.ShiftModifier)
    menu = dialog.rules.level_menu()
    next(action for action in menu.actions() if action.text() == "信息").trigger()
    assert dialog.rules.levels == {"A102": "warning", "A103": "info", "A104": "info", "A105": "info"}


def test_several_rules_at_once_while_they_leave_the_list(qtbot: QtBot, settings: Settings) -> None:
    settings.rules = {"A103": "off", "A104": "off", "A105": "off"}
    dialog = opened(qtbot, settings)
    dialog.rules.changed.click()
    dialog.rules.table.selectAll()
    dialog.rules.set_level("")
    assert dialog.rules.levels == {}


def test_restore_and_a_rule_set_to_its_own_level(qtbot: QtBot, settings: Settings) -> None:
    settings.rules = {"A103": "off", "Z999": "off"}  # Z999: of a later version
    dialog = opened(qtbot, settings)
    choose(qtbot, dialog, "A103", "error")
    assert dialog.rules.levels == {"Z999": "off"}
    qtbot.mouseClick(dialog.rules.restore, Qt.MouseButton.LeftButton)
    assert dialog.rules.levels == {}


def test_a_file_that_cannot_be_written_keeps_the_dialog_open(qtbot: QtBot, settings: Settings) -> None:
    settings.path.mkdir()
    dialog = opened(qtbot, settings)
    choose(qtbot, dialog, "A103", "off")
    qtbot.mouseClick(dialog.buttons.buttons()[0], Qt.MouseButton.LeftButton)
    assert dialog.isVisible() and "没有保存" in dialog.word.text()
    assert settings.rules == {"A102": "warning"}


def test_the_preview_shows_the_size(qtbot: QtBot, settings: Settings) -> None:
    settings.font_size = 30  # set by hand, beyond the slider's usual range
    dialog = opened(qtbot, settings)
    dialog.tabs.setCurrentWidget(dialog.display)
    assert dialog.display.points == 30
    large = dialog.display.preview.fontMetrics().height()
    dialog.display.size_.setFocus()
    qtbot.keyClick(dialog.display.size_, Qt.Key.Key_Home)
    assert dialog.display.points == 0 and "系统字号" in dialog.display.told.text()
    assert dialog.display.preview.fontMetrics().height() < large


# -- lists of 科目


def subjects_file(path: Path) -> Path:
    names = ["一般公共服务支出", "人大事务", "政协事务"]
    rows = [f"201{n:02d},{names[n % 3]}{n}" for n in range(1, 15)]
    path.write_text("编码,名称\n" + "\n".join(rows), "utf-8")
    return path


def test_import_and_removal(qtbot: QtBot, settings: Settings, tmp_path: Path) -> None:
    dialog = opened(qtbot, settings)
    tab = dialog.subjects
    dialog.tabs.setCurrentWidget(tab)
    tab.take(subjects_file(tmp_path / "2024年科目.csv"))
    assert tab.busy and not tab.add.isEnabled()
    qtbot.waitUntil(lambda: not tab.busy, timeout=5000)
    assert "已导入 2024 年功能分类科目 14 个" in tab.word.text()
    assert [tab.model.index(0, c).data() for c in range(3)] == ["2024 年", "功能分类", "14 个"]
    qtbot.mouseClick(tab.remove, Qt.MouseButton.LeftButton)
    assert tab.model.rowCount() == 0 and not tab.remove.isEnabled()


def test_cancel_undoes_import_and_removal(qtbot: QtBot, settings: Settings, tmp_path: Path) -> None:
    import_now(subjects_file(tmp_path / "旧.csv"), 2023)
    kept = subject_lists.list_path("功能分类", 2023).read_bytes()
    dialog = opened(qtbot, settings, importer=lambda path, year, done: done(import_now(path, year)))
    dialog.subjects.take(subjects_file(tmp_path / "2024年科目.csv"))
    dialog.subjects.table.selectRow(1)
    dialog.tabs.setCurrentWidget(dialog.subjects)
    qtbot.mouseClick(dialog.subjects.remove, Qt.MouseButton.LeftButton)
    assert [year for _, year, _ in subject_lists.imported()] == [2024]
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    assert [year for _, year, _ in subject_lists.imported()] == [2023]
    assert subject_lists.list_path("功能分类", 2023).read_bytes() == kept


def test_cancel_during_an_import_waits_and_undoes_it(qtbot: QtBot, settings: Settings, tmp_path: Path) -> None:
    waiting: list[tuple[Path, int | None, Done]] = []
    dialog = opened(qtbot, settings, importer=lambda *given: waiting.append(given))
    dialog.subjects.year.setValue(2022)
    dialog.subjects.take(subjects_file(tmp_path / "科目.csv"))
    dialog.accept()
    dialog.reject()
    assert dialog.isVisible()
    path, year, done = waiting[0]
    assert year == 2022
    done(import_now(path, year))
    assert not dialog.isVisible() and dialog.result() == QDialog.DialogCode.Rejected
    assert subject_lists.imported() == []


def test_a_file_without_year_asks_for_it_in_the_words_of_the_window(
    qtbot: QtBot, settings: Settings, tmp_path: Path
) -> None:
    dialog = opened(qtbot, settings)
    dialog.subjects.take(subjects_file(tmp_path / "科目.csv"))
    qtbot.waitUntil(lambda: not dialog.subjects.busy, timeout=5000)
    assert "请在“年度”里选定年度" in dialog.subjects.word.text() and "--year" not in dialog.subjects.word.text()


# -- looks


def test_fits_a_small_screen_and_everything_has_a_name(qtbot: QtBot, settings: Settings) -> None:
    dialog = opened(qtbot, settings)
    for number in range(dialog.tabs.count()):
        dialog.tabs.setCurrentIndex(number)
        QTest.qWait(1)
        least = dialog.minimumSizeHint()
        assert least.width() <= 1300 and least.height() <= 660
    for kind in ("search", "table", "page"):
        assert getattr(dialog.rules, kind).accessibleName()
    assert all("(&" in dialog.tabs.tabText(n) for n in range(dialog.tabs.count()))
    keys = [text.partition("(&")[2][:1] for text in _texts(dialog) if "(&" in text]
    tabs = [dialog.tabs.tabText(n).partition("(&")[2][:1] for n in range(dialog.tabs.count())]
    assert len(keys + tabs) == len(set(keys + tabs)), "no key twice"


def test_a_tab_is_reached_with_its_letter(qtbot: QtBot, settings: Settings) -> None:
    dialog = opened(qtbot, settings)
    dialog.activateWindow()
    qtbot.waitUntil(dialog.isActiveWindow)
    qtbot.keyClick(dialog.rules.table, Qt.Key.Key_K, Qt.KeyboardModifier.AltModifier)
    assert dialog.tabs.currentWidget() is dialog.subjects


def _texts(widget: QWidget) -> list[str]:
    return [w.text() for w in widget.findChildren(QWidget) if hasattr(w, "text") and isinstance(w.text(), str)]


def test_every_rule_has_a_page_without_notes_of_the_developers() -> None:
    from app.checking.rulebook import rules

    for rule in rules():
        html = rule_page.page(rule)
        assert rule.title in html.replace("&amp;", "&") and rule_page.family(rule), rule.code
        for word in ("DOMAIN", "DESIGN", "resources/", "--units", "--last-year", "各行]", "⇒", "‖"):
            assert word not in html, (rule.code, word)


def test_the_words_of_a_formula() -> None:
    assert (
        rule_page.plain_formula("收入表[各科目].各栏 = Σ 收入表[其下级].各栏")
        == "收入表，每一栏：每个科目 ＝ 其下一级各科目之和"
    )
    assert (
        rule_page.plain_formula(
            "基金表[各行].年末结转和结余 = 基金表[各行].年初结转和结余 + 基金表[各行].本年收入 - 基金表[各行].本年支出"
        )
        == "政府性基金表，每一行：年末结转和结余 ＝ 年初结转和结余 ＋ 本年收入 － 本年支出"
    )
    assert rule_page.plain_formula("不是公式") == "不是公式"


def test_the_wrong_figure_of_an_example_is_marked() -> None:
    from app.checking.rulebook import rules

    by_code = {rule.code: rule for rule in rules()}
    wrong = 'bgcolor="#FFC7CE" style="color:#9C0006">'
    assert f"{wrong}85.30" in rule_page.page(by_code["A121"])
    assert f"{wrong}958.30" not in rule_page.page(by_code["A121"])
    assert '<span style="background-color:#FFC7CE;color:#9C0006">占本年支出 54.26%</span>' in rule_page.page(
        by_code["T104"]
    )
