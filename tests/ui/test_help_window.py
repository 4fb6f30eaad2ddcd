from __future__ import annotations

import re
import tomllib
from importlib import metadata
from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QImage, QTextDocument
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from app.checking.rulebook import rules
from app.ui import about_page, help_window, theme
from app.ui.help_window import PAGE, HelpWindow

_shown: list[QWidget] = []  # qtbot holds them weakly
ROOT = Path(__file__).parents[2]
TOPICS = ["拖入文件", "看结果", "改了再存", "已核实", "许多文件", "模板与情况说明", "设置", "常见问题"]


def opened(qtbot: QtBot, parent: QWidget | None = None) -> HelpWindow:
    theme.dress(QApplication.instance())
    window = HelpWindow(parent)
    qtbot.addWidget(window)
    _shown[:] = [window, parent] if parent else [window]
    window.show()
    qtbot.waitExposed(window)
    return window


def listed(window: HelpWindow) -> list[str]:
    """Names of the pages that the left side shows."""
    found, waiting = [], [window.proxy.index(row, 0) for row in range(window.proxy.rowCount())]
    while waiting:
        index = waiting.pop(0)
        found.append(index.data(PAGE))
        waiting[:0] = [window.proxy.index(row, 0, index) for row in range(window.proxy.rowCount(index))]
    return found


def test_every_page_is_there(qtbot: QtBot) -> None:
    window = opened(qtbot)
    names = listed(window)
    assert [name for name in names if name.startswith("guide/")] == [f"guide/{topic}" for topic in TOPICS]
    assert [n for n in names if n.startswith("rules/")] == [f"rules/{rule.code}" for rule in rules()]
    for name in names:
        window.show_page(name)
        assert window.shown == name and window.page.toPlainText().strip(), name
        assert window.tree.currentIndex().data(PAGE) == name


def test_beside_the_window_not_over_it(qtbot: QtBot) -> None:
    parent = QWidget()
    qtbot.addWidget(parent)
    window = opened(qtbot, parent)
    assert window.isWindow() and not window.isModal()
    assert window.minimumSizeHint().width() < 1366 and window.minimumSizeHint().height() < 700
    qtbot.waitUntil(window.isVisible)
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    qtbot.keyClick(window.tree, Qt.Key.Key_Escape)
    assert not window.isVisible()


def test_a_rule(qtbot: QtBot) -> None:
    window = opened(qtbot)
    window.show_rule("a121")
    text = window.page.toPlainText()
    assert "收入决算表：横向合计" in text and "正确的例子" in text and "85.30" in text
    window.show_rule("没有")
    assert window.shown == "rules/A121"


def test_search_with_keys(qtbot: QtBot) -> None:
    window = opened(qtbot)
    every = listed(window)
    window.show_page("keys")
    window.search.setFocus()
    qtbot.keyClicks(window.search, "a103")
    assert "rules/A103" in listed(window) and "rules/A104" not in listed(window)
    assert window.shown == "rules/A103", "the first hit is shown while she types"
    window.search.setText("扫描件")
    assert window.shown == "guide/常见问题"
    window.search.setText("没有这种东西")
    assert "没有找到" in window.page.toPlainText()
    qtbot.keyClick(window.search, Qt.Key.Key_Escape)
    assert window.isVisible() and listed(window) == every


def test_search_then_down_into_the_list(qtbot: QtBot) -> None:
    window = opened(qtbot)
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    window.search.setFocus()
    window.search.setText("接待费")
    first = window.shown
    qtbot.keyClick(window.search, Qt.Key.Key_Down)
    assert window.focusWidget() is window.tree
    qtbot.keyClick(window.tree, Qt.Key.Key_Down)
    assert window.shown != first and window.shown.startswith("rules")


def links(window: HelpWindow) -> list[str]:
    return re.findall(r'href="([^"]+)"', window.page.toHtml())


def test_every_link_of_the_help_leads_somewhere(qtbot: QtBot) -> None:
    window = opened(qtbot)
    for name in ["guide", *(f"guide/{topic}" for topic in TOPICS), "rules", "keys", "about"]:
        window.show_page(name)
        for link in links(window):
            window.page.anchorClicked.emit(QUrl(link))
            kind, _, rest = link.partition(":")
            wanted = {"page": rest, "rule": f"rules/{rest}", "licence": f"about/{rest}"}[kind]
            assert window.shown == QUrl.fromPercentEncoding(wanted.encode()), link


def test_back_from_a_licence(qtbot: QtBot) -> None:
    window = opened(qtbot)
    window.show_page("about")
    window.page.anchorClicked.emit(QUrl("licence:font"))
    assert "SIL OPEN FONT LICENSE" in window.page.toPlainText()
    window.page.anchorClicked.emit(QUrl("page:about"))
    assert window.shown == "about" and "所用的组成部分" in window.page.toPlainText()


def test_pictures_fit_and_a_missing_one_leaves_no_gap(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    picture = QImage(1600, 900, QImage.Format.Format_RGB32)
    picture.fill(Qt.GlobalColor.red)
    picture.save(str(tmp_path / "start.png"))
    (tmp_path / "guide.html").write_text(
        '<h1>一</h1><p class="picture"><img src="start.png" alt="开始"></p><p>甲</p>'
        '<p class="picture"><img src="gone.png" alt="没有"></p><p>乙</p>',
        "utf-8",
    )
    monkeypatch.setattr(help_window, "guide_folder", lambda: tmp_path)
    window = opened(qtbot)
    window.show_page("guide/一")
    html = window.page.toHtml()
    assert "gone.png" not in html and window.page.toPlainText().split() == ["一", "\ufffc", "甲", "乙"]
    width = int(re.search(r'width="(\d+)"', html[html.index("<img") :])[1])
    assert 400 < width <= window.page.viewport().width()
    image = window.page.document().resource(QTextDocument.ResourceType.ImageResource, QUrl(f"start.png?{width}"))
    assert image.deviceIndependentSize().width() == width
    window.resize(700, 500)
    qtbot.waitUntil(lambda: f'width="{width}"' not in window.page.toHtml(), timeout=3000)
    assert not window.page.horizontalScrollBar().isVisible()


def test_the_pictures_of_the_guide_are_named_as_the_screenshots_are() -> None:
    html = (help_window.guide_folder() / "guide.html").read_text("utf-8")
    assert html.count("<img") == len(help_window._PICTURE.findall(html)), "a picture that is not found must be left out"


def test_about_names_every_part(qtbot: QtBot) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    named = {re.sub(r"[-_.]+", "-", p.package or p.name).lower() for p in about_page.PARTS}
    needed = {re.sub(r"[-_.]+", "-", re.split(r"[ >=\[]", d)[0]).lower() for d in project["dependencies"]}
    waiting = list(needed)
    while waiting:  # and what these need in turn
        for line in metadata.requires(waiting.pop()) or []:
            name = re.sub(r"[-_.]+", "-", re.split(r"[ ;<>=!~\[(]", line)[0]).lower()
            if "extra ==" not in line and "sys_platform" not in line and "platform_system" not in line:
                waiting += [name] if name not in needed else []
                needed.add(name)
    assert needed <= named, needed - named
    page = about_page.page()
    for part in about_page.PARTS:
        assert part.name in page and about_page.licence(part) and about_page.version(part), part


def test_a_frozen_program_without_metadata_still_tells_the_licences(monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(name: str) -> None:
        raise metadata.PackageNotFoundError(name)

    for what in ("version", "metadata", "files"):
        monkeypatch.setattr(metadata, what, gone)
    page = about_page.page()
    assert "LGPL-3.0-only" in page and "BSD-2-Clause" in page
    assert "GNU LESSER GENERAL PUBLIC LICENSE" in about_page.licence_page("PySide6_Essentials")
    assert "Permission is hereby granted" in about_page.licence_page("juesuan")
    assert "没有附带" in about_page.licence_page("lxml")
