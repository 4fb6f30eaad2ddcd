from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QGuiApplication, QHelpEvent, QImage, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QToolTip
from pytestqt.qtbot import QtBot

from app.jobs import Limits, Pool
from app.source import Place
from app.ui import page_store
from app.ui.labels import plain_tip
from app.ui.page_store import KEPT_PAGES
from app.ui.page_view import PageView
from app.ui.views import ViewMark
from app.writing.model import MARKS
from tests.test_page_images import crashing, pdf

NO_KEY = Qt.KeyboardModifier.NoModifier
CONTROL = Qt.KeyboardModifier.ControlModifier
LEFT = Qt.MouseButton.LeftButton
BOX = (100.0, 88.0, 175.0, 104.0)  # about the text of each page
TEXT = (100, 742, "Total 944.91")
QUIET = 20_000  # ms: these machines are shared


@pytest.fixture
def view(qtbot: QtBot) -> Iterator[PageView]:
    made = PageView()
    yield from shown(qtbot, made)


@pytest.fixture
def crashing_view(qtbot: QtBot) -> Iterator[PageView]:
    made = PageView(pool=Pool(crashing, 1, Limits(seconds=20)))
    yield from shown(qtbot, made)


def shown(qtbot: QtBot, made: PageView) -> Iterator[PageView]:
    qtbot.addWidget(made)
    made.resize(660, 500)
    made.show()
    qtbot.waitExposed(made)
    yield made
    made.shut()


def settle(qtbot: QtBot, view: PageView) -> None:
    """Until everything in sight is drawn."""
    qtbot.waitUntil(lambda: view._known and view._store.idle and not view._settle.isActive(), timeout=QUIET)


def picture(view: PageView) -> QImage:
    return view.viewport().grab().toImage()


def on_screen(view: PageView, page: int, x: float, y: float) -> QPoint:
    """A point of a page, in points, in the viewport."""
    rect, (width, height) = view._layout.rect(page), view._layout.sizes[page - 1]
    spot = QPointF(rect.left() + x * rect.width() / width, rect.top() + y * rect.height() / height)
    return spot.toPoint() - QPoint(view.horizontalScrollBar().value(), view.verticalScrollBar().value())


def colours(image: QImage, corner: QPoint, end: QPoint) -> set[str]:
    assert image.rect().contains(corner) and image.rect().contains(end)
    return {
        image.pixelColor(x, y).name().upper()[1:]
        for x in range(corner.x(), end.x())
        for y in range(corner.y(), end.y())
    }


def darkest(image: QImage, corner: QPoint, end: QPoint) -> int:
    return min(QColor(f"#{name}").lightness() for name in colours(image, corner, end))


def mark(
    page: int = 1, level: str = "error", box: tuple[float, ...] | None = BOX, quote: str = "", tip: str = ""
) -> ViewMark:
    return ViewMark(Place(page=page, box=box), level, tip, quote)  # type: ignore[arg-type]


def wheel(view: PageView, at: QPoint, notches: int, keys: Qt.KeyboardModifier = CONTROL) -> None:
    event = QWheelEvent(
        QPointF(at), view.viewport().mapToGlobal(QPointF(at)), QPoint(), QPoint(0, 120 * notches),
        Qt.MouseButton.NoButton, keys, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(view.viewport(), event)


def told(view: PageView) -> list[object]:
    heard: list[object] = []
    view.place_chosen.connect(heard.append)
    view.opened_outside.connect(lambda: heard.append("outside"))
    return heard


def test_pages_are_drawn_as_they_come_into_sight(view: PageView, qtbot: QtBot, tmp_path: Path) -> None:
    view.show_pdf(pdf(tmp_path / "a.pdf", *[[TEXT]] * 30))
    settle(qtbot, view)
    image = picture(view)
    assert darkest(image, on_screen(view, 1, 100, 85), on_screen(view, 1, 175, 104)) < 100, "the text is there"
    assert colours(image, on_screen(view, 1, 100, 140), on_screen(view, 1, 175, 150)) == {"FFFFFF"}
    assert set(view._store._kept) == {1, 2}, "what is seen and its neighbour, no more"
    view.verticalScrollBar().setValue(view._layout.rect(20).top())
    settle(qtbot, view)
    assert {19, 20, 21} <= set(view._store._kept)
    assert 10 not in view._store._kept
    assert view.page == 20 and "第 20 页，共 30 页" in view.accessibleDescription()


def test_few_pictures_are_kept(view: PageView, qtbot: QtBot, tmp_path: Path) -> None:
    view.show_pdf(pdf(tmp_path / "a.pdf", *[[TEXT]] * 30))
    settle(qtbot, view)
    for page in range(1, 31, 2):
        view.verticalScrollBar().setValue(view._layout.rect(page).top())
        settle(qtbot, view)
    assert KEPT_PAGES - 2 <= len(view._store._kept) <= KEPT_PAGES
    assert {29, 30} <= set(view._store._kept) and 1 not in view._store._kept


def test_large_pictures_push_out_all_but_what_is_seen(
    view: PageView, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page_store, "KEPT_BYTES", 1)
    view.show_pdf(pdf(tmp_path / "a.pdf", *[[TEXT]] * 9))
    settle(qtbot, view)
    view.verticalScrollBar().setValue(view._layout.rect(5).top() + 10)
    settle(qtbot, view)
    assert set(view._store._kept) == {4, 5, 6}


def test_a_mark_tints_its_passage_and_leaves_the_text_black(view: PageView, qtbot: QtBot, tmp_path: Path) -> None:
    view.set_marks([mark()])
    view.show_pdf(pdf(tmp_path / "a.pdf", [TEXT]))
    settle(qtbot, view)
    seen = colours(picture(view), on_screen(view, 1, 102, 90), on_screen(view, 1, 173, 102))
    assert MARKS["error"][0] in seen
    assert min(QColor(f"#{name}").lightness() for name in seen) < 60
    border = colours(picture(view), on_screen(view, 1, 99, 95), on_screen(view, 1, 101, 96) + QPoint(2, 0))
    assert MARKS["error"][1] in border
    margin = colours(picture(view), QPoint(0, on_screen(view, 1, 0, 88).y()), on_screen(view, 1, -2, 104))
    assert MARKS["error"][0] in margin, "a sign stands beside it"
    view.set_marks([])
    assert MARKS["error"][0] not in colours(picture(view), QPoint(0, 0), on_screen(view, 1, 200, 110))


def test_of_two_marks_of_one_box_the_louder_is_seen(view: PageView, qtbot: QtBot, tmp_path: Path) -> None:
    view.set_marks([mark(), mark(level="info")])
    view.show_pdf(pdf(tmp_path / "a.pdf", [TEXT]))
    settle(qtbot, view)
    seen = colours(picture(view), on_screen(view, 1, 102, 90), on_screen(view, 1, 173, 102))
    assert MARKS["error"][0] in seen and MARKS["info"][0] not in seen


def test_passages_that_overlap_keep_their_colour(view: PageView, qtbot: QtBot, tmp_path: Path) -> None:
    view.set_marks([mark(box=(100.0, 300.0, 200.0, 340.0)), mark(box=(150.0, 300.0, 250.0, 340.0))])
    view.show_pdf(pdf(tmp_path / "a.pdf", [TEXT]))
    settle(qtbot, view)
    seen = colours(picture(view), on_screen(view, 1, 160, 305), on_screen(view, 1, 190, 330))
    assert seen == {MARKS["error"][0]}


def test_the_quote_is_marked_not_its_whole_line(view: PageView, qtbot: QtBot, tmp_path: Path) -> None:
    view.set_marks([mark(box=(100.0, 88.0, 400.0, 104.0), quote="944.91")])
    view.show_pdf(pdf(tmp_path / "a.pdf", [(100, 742, "the total is 944.91 and no more of it")]))
    settle(qtbot, view)
    qtbot.waitUntil(lambda: bool(view._marks._found), timeout=QUIET)
    image = picture(view)
    row = on_screen(view, 1, 0, 95).y()
    tinted = [x for x in range(image.width()) if image.pixelColor(x, row).name().upper() == f"#{MARKS['error'][0]}"]
    tinted = [x for x in tinted if x > on_screen(view, 1, 50, 0).x()]
    assert on_screen(view, 1, 155, 0).x() < min(tinted) and max(tinted) < on_screen(view, 1, 210, 0).x()


def test_a_cell_is_marked_whole(view: PageView, qtbot: QtBot, tmp_path: Path) -> None:
    cell = (90.0, 70.0, 190.0, 120.0)
    view.set_marks([mark(box=cell, quote="Total 944.91")])
    view.show_pdf(pdf(tmp_path / "a.pdf", [TEXT]))
    settle(qtbot, view)
    corner = on_screen(view, 1, 185, 75)
    assert colours(picture(view), corner, corner + QPoint(2, 2)) == {MARKS["error"][0]}


def test_a_mark_without_a_box_marks_the_margin_of_the_page(view: PageView, qtbot: QtBot, tmp_path: Path) -> None:
    heard = told(view)
    view.set_marks([mark(box=None, level="warning")])
    view.show_pdf(pdf(tmp_path / "a.pdf", [TEXT]))
    settle(qtbot, view)
    bar = on_screen(view, 1, 1, 300)
    assert picture(view).pixelColor(bar + QPoint(1, 0)).name().upper() == f"#{MARKS['warning'][1]}"
    QTest.mouseClick(view.viewport(), LEFT, NO_KEY, bar)
    assert heard == [Place(page=1)]


def test_a_click_on_a_mark_tells_its_place_and_elsewhere_nothing(view: PageView, qtbot: QtBot, tmp_path: Path) -> None:
    heard = told(view)
    loud = mark(box=(100.0, 88.0, 140.0, 104.0))
    view.set_marks([mark(level="info"), loud])
    view.show_pdf(pdf(tmp_path / "a.pdf", [TEXT]))
    settle(qtbot, view)
    QTest.mouseClick(view.viewport(), LEFT, NO_KEY, on_screen(view, 1, 300, 300))
    assert heard == []
    QTest.mouseClick(view.viewport(), LEFT, NO_KEY, on_screen(view, 1, 120, 95))
    assert heard == [loud.place], "the louder of two"
    QTest.mouseClick(view.viewport(), LEFT, NO_KEY, on_screen(view, 1, 160, 95))
    assert heard[1:] == [mark(level="info").place]
    QTest.mouseClick(view.viewport(), LEFT, NO_KEY, on_screen(view, 1, 0, 96) - QPoint(14, 0))
    assert heard[2:] == [loud.place], "the sign is the mark too"


def test_a_double_click_opens_the_file_outside(view: PageView, qtbot: QtBot, tmp_path: Path) -> None:
    heard = told(view)
    view.set_marks([mark()])
    view.show_pdf(pdf(tmp_path / "a.pdf", [TEXT]))
    settle(qtbot, view)
    spot = on_screen(view, 1, 120, 95)
    QTest.mouseClick(view.viewport(), LEFT, NO_KEY, spot)
    QTest.mouseDClick(view.viewport(), LEFT, NO_KEY, spot)
    assert heard == [mark().place, "outside"], "the second release chooses nothing again"


def test_going_to_a_place_brings_it_to_the_middle_and_flashes_it(view: PageView, qtbot: QtBot, tmp_path: Path) -> None:
    view.show_pdf(pdf(tmp_path / "a.pdf", *[[TEXT]] * 9))
    settle(qtbot, view)
    before = picture(view)
    assert view.go_to(Place(page=7, box=(100.0, 500.0, 175.0, 516.0)))
    settle(qtbot, view)
    spot = on_screen(view, 7, 137, 508)
    assert view.viewport().height() / 3 < spot.y() < view.viewport().height() * 2 / 3
    flashed = colours(picture(view), spot - QPoint(5, 5), spot + QPoint(5, 5))
    assert flashed != {"FFFFFF"}
    QTest.qWait(1250)
    assert colours(picture(view), spot - QPoint(5, 5), spot + QPoint(5, 5)) == {"FFFFFF"}, "it has passed"
    assert before != picture(view)
    here = view.verticalScrollBar().value()
    assert view.go_to(Place(page=7, box=(100.0, 520.0, 175.0, 530.0)), flash=False)
    assert view.verticalScrollBar().value() == here, "what is in the middle already stays"


def test_a_place_that_is_not_here_is_refused(view: PageView, qtbot: QtBot, tmp_path: Path) -> None:
    assert not view.go_to(Place(page=1)), "nothing is shown"
    view.show_pdf(pdf(tmp_path / "a.pdf", [TEXT]))
    settle(qtbot, view)
    assert not view.go_to(Place(page=2))
    assert not view.go_to(Place(sheet="公开01表", cell="C3"))
    assert not view.go_to(Place(line=3))
    assert view.go_to(Place(page=1))


def test_a_place_asked_for_too_early_is_reached(view: PageView, qtbot: QtBot, tmp_path: Path) -> None:
    view.show_pdf(pdf(tmp_path / "a.pdf", *[[TEXT]] * 9, size="842 595"), 9)
    assert view.go_to(Place(page=8, box=BOX))
    settle(qtbot, view)
    assert view._layout.sizes[0] == (842, 595)
    y = on_screen(view, 8, 137, 96).y()
    assert view.viewport().height() / 3 < y < view.viewport().height() * 2 / 3


def test_ctrl_and_wheel_zoom_around_the_mouse(view: PageView, qtbot: QtBot, tmp_path: Path) -> None:
    view.show_pdf(pdf(tmp_path / "a.pdf", *[[TEXT]] * 4))
    settle(qtbot, view)
    view.verticalScrollBar().setValue(900)
    spot, page = QPoint(400, 200), 2
    rect = view._layout.rect(page)
    share = (spot.y() + 900 - rect.top()) / rect.height()
    first = view.zoom
    wheel(view, spot, 3)
    assert view.zoom == pytest.approx(first * 1.1**3, rel=0.01)
    rect = view._layout.rect(page)
    assert (spot.y() + view.verticalScrollBar().value() - rect.top()) / rect.height() == pytest.approx(share, abs=0.01)
    wheel(view, spot, 40)
    assert view.zoom == pytest.approx(4.0, rel=0.01)
    wheel(view, spot, -80)
    assert view.zoom == pytest.approx(0.3, rel=0.02)
    value = view.verticalScrollBar().value()
    wheel(view, spot, -1, NO_KEY)
    assert view.verticalScrollBar().value() > value, "without Ctrl it scrolls"


def test_the_old_picture_stands_in_until_the_new_one_comes(view: PageView, qtbot: QtBot, tmp_path: Path) -> None:
    view.show_pdf(pdf(tmp_path / "a.pdf", [TEXT]))
    settle(qtbot, view)
    small = view._store.image(1)
    view.set_zoom(2.0, QPointF(100, 80))
    assert view._store.image(1).size() == small.size()
    assert darkest(picture(view), on_screen(view, 1, 100, 85), on_screen(view, 1, 175, 104)) < 140, "enlarged"
    settle(qtbot, view)
    assert view._store.image(1).size() == view._layout.rect(1).size() * view.devicePixelRatioF()
    assert view._store.image(1).width() > small.width()


def test_keys_scroll_zoom_and_copy(view: PageView, qtbot: QtBot, tmp_path: Path) -> None:
    view.show_pdf(pdf(tmp_path / "a.pdf", *[[TEXT]] * 9))
    settle(qtbot, view)
    bar, fit = view.verticalScrollBar(), view.zoom
    for key, moved in (
        (Qt.Key.Key_Down, 40),
        (Qt.Key.Key_Up, 0),
        (Qt.Key.Key_PageDown, view.viewport().height() - 40),
        (Qt.Key.Key_PageUp, 0),
        (Qt.Key.Key_End, bar.maximum()),
        (Qt.Key.Key_Home, 0),
    ):
        QTest.keyClick(view, key)
        assert bar.value() == moved, key
    QTest.keyClick(view, Qt.Key.Key_Plus, CONTROL)
    assert view.zoom == pytest.approx(fit * 1.21, rel=0.01)
    QTest.keyClick(view, Qt.Key.Key_Minus, CONTROL)
    QTest.keyClick(view, Qt.Key.Key_Minus, CONTROL)
    assert view.zoom == pytest.approx(fit / 1.21, rel=0.01)
    QTest.keyClick(view, Qt.Key.Key_0, CONTROL)
    assert view.zoom == fit
    view.set_marks([mark(quote="Total")])
    QTest.mouseClick(view.viewport(), LEFT, NO_KEY, on_screen(view, 1, 120, 95))
    QTest.keyClick(view, Qt.Key.Key_C, CONTROL)
    assert QGuiApplication.clipboard().text() == "Total"


def test_fit_follows_the_width_and_keeps_what_is_on_top(view: PageView, qtbot: QtBot, tmp_path: Path) -> None:
    view.show_pdf(pdf(tmp_path / "a.pdf", *[[TEXT]] * 9))
    settle(qtbot, view)
    view.verticalScrollBar().setValue(view._layout.rect(5).top() + view._layout.rect(5).height() // 2)
    view.resize(500, 500)
    settle(qtbot, view)
    assert view._layout.width == view.viewport().width(), "no scrolling sideways"
    rect = view._layout.rect(5)
    assert view.verticalScrollBar().value() == pytest.approx(rect.top() + rect.height() // 2, abs=3)


def test_tool_tips_tell_all_marks_of_a_spot(view: PageView, qtbot: QtBot, tmp_path: Path) -> None:
    view.set_marks([mark(tip="提醒：看一看", level="warning"), mark(tip="错误：应为 945.91")])
    view.show_pdf(pdf(tmp_path / "a.pdf", [TEXT]))
    settle(qtbot, view)
    spot = on_screen(view, 1, 120, 95)
    event = QHelpEvent(QHelpEvent.Type.ToolTip, spot, view.viewport().mapToGlobal(spot))
    QApplication.sendEvent(view.viewport(), event)
    assert QToolTip.text() == plain_tip("错误：应为 945.91\n提醒：看一看")


def test_a_page_that_ends_the_worker_is_grey_and_nothing_else_happens(
    crashing_view: PageView, qtbot: QtBot, tmp_path: Path
) -> None:
    view = crashing_view
    view.resize(660, 900)
    view.set_zoom(0.3)
    view.show_pdf(pdf(tmp_path / "a.pdf", *[[TEXT]] * 5, size="595 300"))
    settle(qtbot, view)
    qtbot.waitUntil(lambda: view._store.image(1) is not None and view._store.image(4) is not None, timeout=QUIET)
    assert view._store.failed(2) and view._store.failed(3)
    image = picture(view)
    grey = colours(image, on_screen(view, 2, 50, 120), on_screen(view, 2, 540, 180))
    assert "ECEEF1" in grey and len(grey) > 3, "grey paper with a sentence on it"
    assert colours(image, on_screen(view, 4, 50, 120), on_screen(view, 4, 540, 180)) == {"FFFFFF"}
    assert view.go_to(Place(page=2, box=BOX)), "its marks are still to be seen"


def test_what_is_no_pdf_says_so(view: PageView, qtbot: QtBot, tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(b"not a PDF")
    view.show_pdf(tmp_path / "a.pdf")
    settle(qtbot, view)
    middle = view.viewport().rect().center()
    assert len(colours(picture(view), middle - QPoint(60, 8), middle + QPoint(60, 8))) > 3
    view.show_pdf(tmp_path / "a.pdf", 3)
    settle(qtbot, view)
    assert view._store.failed(1) and len(view._layout.sizes) == 3


def test_a_saved_file_is_drawn_anew_where_she_was(view: PageView, qtbot: QtBot, tmp_path: Path) -> None:
    path = pdf(tmp_path / "a.pdf", *[[TEXT]] * 9)
    view.show_pdf(path)
    settle(qtbot, view)
    view.set_zoom(1.5)
    view.verticalScrollBar().setValue(view._layout.rect(5).top() + 50)
    settle(qtbot, view)
    place, old = view.verticalScrollBar().value(), view._store.image(5)
    pdf(path, *[[TEXT, (100, 700, "corrected")]] * 9)
    view.show_pdf(path)
    assert view.verticalScrollBar().value() == place
    assert view._store.image(5) is old, "nothing blinks"
    settle(qtbot, view)
    assert view.verticalScrollBar().value() == place and view.zoom == pytest.approx(1.5, rel=0.01)
    assert view._store.image(5) != old
    other = pdf(tmp_path / "b.pdf", [TEXT])
    view.show_pdf(other)
    assert view._store.image(5) is None and view.verticalScrollBar().value() == 0


def test_marks_that_change_leave_scroll_and_choice(view: PageView, qtbot: QtBot, tmp_path: Path) -> None:
    view.set_marks([mark(5, quote="Total")])
    view.show_pdf(pdf(tmp_path / "a.pdf", *[[TEXT]] * 9))
    settle(qtbot, view)
    view.go_to(Place(page=5, box=BOX), "Total")
    value = view.verticalScrollBar().value()
    view.set_marks([mark(5, quote="Total", level="verified"), mark(1)])
    assert view.verticalScrollBar().value() == value
    assert view._marks.chosen is not None and view._marks.chosen.level == "verified"
    view.set_marks([mark(1)])
    assert view._marks.chosen is None, "it is solved"


def test_the_worker_ends_with_the_view(qtbot: QtBot, tmp_path: Path) -> None:
    view = PageView()
    view.resize(400, 400)
    view.show()
    view.show_pdf(pdf(tmp_path / "a.pdf", [TEXT]))
    settle(qtbot, view)
    pid = view._store._pool._workers[0].process.pid
    assert psutil.pid_exists(pid)
    view.deleteLater()
    gone: Callable[[], bool] = lambda: not psutil.pid_exists(pid) or psutil.Process(pid).status() == "zombie"  # noqa: E731
    qtbot.waitUntil(gone, timeout=QUIET)


os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
