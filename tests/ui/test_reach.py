"""Who uses no mouse, large letters or a screen reader reaches everything, and can read it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QColor, QDragEnterEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QDialog,
    QLabel,
    QLineEdit,
    QScrollBar,
    QSplitterHandle,
    QWidget,
)
from pytestqt.qtbot import QtBot

from tests.ui.conftest import SLOW, drop, until_done, workbook

PAGES = ("start", "working", "book", "text", "batch", "remark", "unchecked", "settings", "template", "help")


@pytest.fixture
def page(request: pytest.FixtureRequest, qtbot: QtBot, window, tmp_path: Path) -> Iterator[QWidget]:
    """The window at one of its pages, or one of its dialogs."""
    name = request.param
    made = window
    if name == "working":
        window.working.begin("甲.xlsx")
        window._turn(window.working)
    elif name in ("book", "remark", "unchecked"):
        drop(window, workbook(tmp_path / "甲.xlsx", 3, ("总计", "1")))
        until_done(qtbot, window)
    elif name == "text":
        from tests.two_files import pair

        drop(window, *pair(tmp_path, 6, tables=False))
        until_done(qtbot, window)
    elif name == "batch":
        drop(window, workbook(tmp_path / "甲.xlsx", 3), workbook(tmp_path / "乙.xlsx", 1))
        qtbot.waitUntil(lambda: window._batch is not None and len(window._batch.outcomes()) == 2, timeout=SLOW)
    made = _dialog(name, window) or window
    made.show()
    qtbot.waitExposed(made)
    yield made
    if made is not window:
        made.close()


def _dialog(name: str, window) -> QWidget | None:
    if name == "remark":
        from app.ui.remark_dialog import RemarkDialog

        return RemarkDialog(window.desk.case.findings[0].message, window)
    if name == "unchecked":
        window.show_unchecked()
        return window.findChild(QDialog)
    if name == "settings":
        from app.ui.settings_dialog import SettingsDialog

        return SettingsDialog(window.desk.settings, window)
    if name == "template":
        from app.ui.template_dialog import TemplateDialog

        return TemplateDialog(window)
    if name == "help":
        window.show_help("guide")
        return window.help
    return None


def seen(page: QWidget) -> list[QWidget]:
    return [w for w in page.findChildren(QWidget) if w.isVisibleTo(page) and w.window() is page]


@pytest.mark.parametrize("page", PAGES, indirect=True)
def test_whatever_takes_the_focus_has_a_name(page: QWidget) -> None:
    takers = [w for w in seen(page) if w.focusPolicy() & Qt.FocusPolicy.TabFocus]
    takers = [w for w in takers if not isinstance(w, QScrollBar | QSplitterHandle) and w.focusProxy() is None]
    inner = [w for w in takers if isinstance(w.parentWidget(), QComboBox) or w.objectName().startswith("qt_")]
    unnamed = [w for w in takers if w not in inner and not _name(w)]
    assert takers and not unnamed, [(type(w).__name__, type(w.parentWidget()).__name__) for w in unnamed]


def _name(widget: QWidget) -> str:
    if widget.accessibleName():
        return widget.accessibleName()
    if isinstance(widget, QAbstractButton):
        return re.sub(r"[^\w]", "", widget.text())
    labels = widget.window().findChildren(QLabel)
    return next((label.text() for label in labels if label.buddy() is widget), "")


@pytest.mark.parametrize("page", PAGES, indirect=True)
def test_no_letter_stands_for_two_things(page: QWidget, window) -> None:
    texts = [w.text() for w in seen(page) if isinstance(w, QAbstractButton | QLabel) and w.isEnabled()]
    if page is window:
        texts += [action.text() for action in window.menuBar().actions()]
    letters = [hit for text in texts for hit in re.findall(r"&([A-Z])", text)]
    assert len(letters) == len(set(letters)), letters


@pytest.mark.parametrize("page", PAGES, indirect=True)
def test_tab_goes_round_to_everything(page: QWidget, qtbot: QtBot) -> None:
    page.activateWindow()
    takers = {w for w in seen(page) if w.focusPolicy() & Qt.FocusPolicy.TabFocus and w.isEnabled()}
    reached = set()
    for _ in range(3 * len(takers) + 3):
        page.focusNextChild()
        reached.add(QApplication.focusWidget())
    missed = {w for w in takers - reached if w.focusProxy() is None and not isinstance(w, QScrollBar)}
    missed = {w for w in missed if not isinstance(w.parentWidget(), QComboBox)}
    assert not missed, [(type(w).__name__, w.accessibleName()) for w in missed]


@pytest.mark.parametrize("points", [0, 14])
@pytest.mark.parametrize("page", PAGES, indirect=True)
def test_nothing_is_cut_off(page: QWidget, window, points: int, qtbot: QtBot) -> None:
    """On the smallest screen, in large letters too: no button or label is smaller than what it says."""
    from app.ui import theme

    app = QApplication.instance()
    try:
        theme.dress(app, points)
        if page is window:
            page.resize(1366, 700)
        qtbot.wait(50)
        assert page.width() <= 1366 and page.height() <= 728, page.size()
        small = [
            (w.text(), w.width(), w.sizeHint().width())
            for w in seen(page)
            if isinstance(w, QAbstractButton) and w.text() and w.width() < w.sizeHint().width() - 1
        ]
        small += [
            (w.text(), w.width(), w.minimumSizeHint().width())
            for w in seen(page)
            if isinstance(w, QLabel) and not w.wordWrap() and w.width() < w.minimumSizeHint().width() - 1
        ]
        small += [
            (w.currentText(), w.width()) for w in seen(page)
            if isinstance(w, QComboBox) and w.width() < w.minimumSizeHint().width() - 1
        ]  # fmt: skip
        assert not small
    finally:
        theme.dress(app)


def test_a_very_long_name_does_not_widen_the_window(qtbot: QtBot, window, tmp_path: Path) -> None:
    path = workbook(tmp_path / f"{'x' * 200}.xlsx", 3, ("总计", "1"))
    drop(window, path)
    qtbot.waitUntil(lambda: window.desk.busy, timeout=SLOW)
    assert window.minimumSizeHint().width() <= 1000
    until_done(qtbot, window)
    window.result.said.setText("长" * 300)
    window._say(f"{path.name}：" + "长" * 300)
    qtbot.wait(50)
    assert window.minimumSizeHint().width() <= 1000 and window.width() == 1366


def luminance(color: QColor) -> float:
    parts = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in color.getRgbF()[:3]]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(QColor(one)), luminance(QColor(other))), reverse=True)
    return (high + 0.05) / (low + 0.05)


def pairs() -> list[tuple[str, str, str]]:
    from app.ui import colours, info_bar, theme

    found = [("info bar " + kind, ink, ground) for kind, (ground, ink, _) in info_bar._COLORS.items()]
    for level in theme.WORDS:
        ink, ground = theme.color(level).name(), theme.ground(level).name()
        found += [(level, ink, ground), (f"{level} on paper", ink, theme.PAPER)]
        found += [(f"text on {level}", each, ground) for each in (theme.INK, "#454D57")]
    for ground in (theme.PAPER, theme.GROUND, "#DCE9F6"):
        found += [(f"{ink} on {ground}", ink, ground) for ink in (theme.INK, theme.GREY, "#006100")]
    found += [("accent on paper", theme.ACCENT, theme.PAPER), ("accent on ground", theme.ACCENT, theme.GROUND)]
    found += [("hovered flat button", theme.ACCENT, "#EDF3FA"), ("main button", "#FFFFFF", theme.ACCENT)]
    found += [("refused", theme.AMBER, theme.AMBER_GROUND), ("taken", theme.ACCENT, "#E8F1FA")]
    found += [("dim", theme.DIM, theme.GROUND), ("placeholder", "#6B7480", theme.PAPER)]
    found += [("headers", colours.HEADER_INK.name(), colours.HEADER.name())]
    found += [("chosen header", colours.CHOSEN_INK.name(), colours.CHOSEN.name())]
    rules = re.findall(r"background: (#\w{6})[^}]*?[; ]color: (#\w{6})", theme._SHEET)
    rules += [(b, a) for a, b in re.findall(r"[ ;]color: (#\w{6})[^}]*?background: (#\w{6})", theme._SHEET)]
    assert rules
    return found + [(f"style sheet {ground}", ink, ground) for ground, ink in rules]


def test_every_pair_of_colours_can_be_read() -> None:
    weak = {f"{name}: {ink} on {ground}": round(contrast(ink, ground), 2) for name, ink, ground in pairs()}
    assert not {name: value for name, value in weak.items() if value < 4.5}


def test_a_file_dropped_on_a_field_is_checked(qtbot: QtBot, window, spoiled: Path) -> None:
    """File managers offer the name as text besides: a field would take it to search for."""
    drop(window, spoiled)
    until_done(qtbot, window)
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(spoiled))])
    data.setText(str(spoiled))
    for field in window.result.findChildren(QLineEdit):
        at = QPointF(field.mapTo(window, field.rect().center()))
        event = QDragEnterEvent(
            at.toPoint(), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
        )
        assert not field.acceptDrops()
        QApplication.sendEvent(window, event)
        assert event.isAccepted()


def test_qt_speaks_chinese(qtbot: QtBot, window) -> None:
    assert QApplication.translate("QPlatformTheme", "Cancel") == "取消"
    assert "撤" in QApplication.translate("QWidgetTextControl", "&Undo")


def test_the_second_click_of_a_double_click_cancels_nothing(qtbot: QtBot, window) -> None:
    window.working.begin("甲.xlsx")
    window._turn(window.working)
    qtbot.wait(20)
    button = window.working.cancel
    at = button.mapTo(window, button.rect().center())
    assert window.childAt(at) is not button
    assert button.hasFocus()
    qtbot.wait(QApplication.doubleClickInterval() + 100)
    assert window.childAt(at) is button
