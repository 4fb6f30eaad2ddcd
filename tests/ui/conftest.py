"""The real window with real worker processes, and workbooks to drop on it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.generator import LAYOUTS, compose, department, fits

SLOW = 30_000  # ms: these machines are shared


def workbook(path: Path, seed: int = 1, wrong: tuple[str, str] | None = None) -> Path:
    """A clean workbook of a random department; ``wrong`` (a label, a text) spoils nothing by itself."""
    import openpyxl

    whole = department(seed)
    rng = Random(f"window {seed}")
    layout = "ministry" if fits(whole, "ministry") else next(n for n in LAYOUTS if fits(whole, n))
    compose(whole, LAYOUTS[layout](rng), rng).save(path)
    if wrong is not None:
        book = openpyxl.load_workbook(path)
        spoil(book, *wrong)
        book.save(path)
    return path


def spoil(book, label: str, value: object) -> str:
    """Put ``value`` beside the first cell of the first sheet that holds a number after ``label``."""
    sheet = book.worksheets[0]
    for row in sheet.iter_rows():
        for at, cell in enumerate(row):
            if label in str(cell.value or ""):
                for other in row[at + 1 :]:
                    if isinstance(other.value, int | float) and other.value > 100:
                        other.value = value if not isinstance(value, str) else other.value + float(value)
                        return f"{sheet.title}!{other.coordinate}"
    raise LookupError(label)


@pytest.fixture
def spoiled(tmp_path: Path) -> Path:
    """A workbook in which the total of 收支总表 is 1.00 too much: one error at a cell that is known."""
    return workbook(tmp_path / "甲单位2022.xlsx", 3, ("总计", "1"))


@pytest.fixture(autouse=True)
def fresh_state(own_folders: Path) -> Iterator[None]:
    """No recent files, remarks or settings of the test before."""
    for name in ("state/recent.json", "state/window.ini", "data/已核实.json", "data/设置.toml"):
        (own_folders / name).unlink(missing_ok=True)
    yield


@pytest.fixture
def window(qtbot: QtBot, qapp: QApplication) -> Iterator[object]:
    """The window as it starts, shown, its workers warm."""
    made = open_window(qtbot)
    yield made
    made.close()


def open_window(qtbot: QtBot):
    from app.ui import theme
    from app.ui.window import Window

    theme.dress(QApplication.instance())
    window = Window()
    window.resize(1366, 740)
    qtbot.addWidget(window)
    window.show()
    qtbot.waitExposed(window)
    qtbot.waitUntil(lambda: hasattr(window, "recent"), timeout=SLOW)
    return window


def mime(*paths: Path) -> QMimeData:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    return data


def hover(window, *paths: Path) -> QDragEnterEvent:
    data = mime(*paths)  # the event does not keep it alive
    event = QDragEnterEvent(
        QPoint(300, 300), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    )
    QApplication.sendEvent(window, event)
    del data
    return event


def drop(window, *paths: Path) -> QDropEvent:
    """A real drop with file URLs, as a file manager sends it."""
    data = mime(*paths)
    hover(window, *paths)
    event = QDropEvent(
        QPointF(300, 300), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    )
    QApplication.sendEvent(window, event)
    return event


def until_done(qtbot: QtBot, window, shown: Callable[[], bool] = lambda: True) -> None:
    """Wait until a result is shown and its files are written."""
    qtbot.waitUntil(
        lambda: window.pages.currentWidget() is window._result and not window.desk.busy and shown(), timeout=SLOW
    )


os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
