from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QGuiApplication, QHelpEvent, QImage, QTextCursor, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QToolTip
from pytestqt.qtbot import QtBot

from app.opened import Passage
from app.source import Place
from app.ui.labels import plain_tip
from app.ui.text_rows import Stretch, TextRows
from app.ui.text_sheet import MARGIN
from app.ui.text_view import TextView
from app.ui.views import ViewMark
from app.writing.model import MARKS

SEEDS = Path(__file__).parents[3] / "shared" / "seeds"
NO_KEY = Qt.KeyboardModifier.NoModifier
CONTROL = Qt.KeyboardModifier.ControlModifier
LEFT = Qt.MouseButton.LeftButton
SENTENCE = "2022年度本年支出合计 944.91 万元，完成年初预算的 97.2%，主要原因是厉行节约。"


@pytest.fixture
def view(qtbot: QtBot) -> Iterator[TextView]:
    made = TextView()
    qtbot.addWidget(made)
    made.resize(900, 600)
    made.show()
    qtbot.waitExposed(made)
    yield made


def lines(*texts: str) -> list[Passage]:
    return [Passage(text, Place(line=number)) for number, text in enumerate(texts, 1)]


def paragraphs(count: int) -> list[Passage]:
    return [Passage(f"第{n}段：{SENTENCE}", Place(paragraph=n), n % 15 == 0) for n in range(1, count + 1)]


def texts(rows: TextRows, stretches: list[Stretch]) -> list[str]:
    return [rows.rows[row].text[start:end] for row, start, end in stretches]


def found(passages: list[Passage], place: Place, quote: str = "") -> list[str]:
    rows = TextRows(passages)
    return texts(rows, rows.find(place, quote))


def picture(view: TextView) -> QImage:
    return view.sheet.viewport().grab().toImage()


def spot(view: TextView, row: int, at: int) -> QPoint:
    """The middle of a character in the viewport."""
    cursor = QTextCursor(view.sheet.document().findBlockByNumber(row))
    cursor.setPosition(cursor.position() + at)
    left = view.sheet.cursorRect(cursor)
    cursor.setPosition(cursor.position() + 1)
    right = view.sheet.cursorRect(cursor)
    return QPoint((left.x() + right.x()) // 2, left.center().y())


def colours(image: QImage, middle: QPoint, reach: int = 5) -> set[str]:
    return {
        image.pixelColor(middle + QPoint(x, y)).name().upper()[1:]
        for x in range(-reach, reach + 1)
        for y in range(-reach, reach + 1)
    }


def told(view: TextView) -> list[object]:
    heard: list[object] = []
    view.place_chosen.connect(heard.append)
    view.opened_outside.connect(lambda: heard.append("outside"))
    return heard


def click(view: TextView, at: QPoint) -> None:
    QTest.mouseClick(view.sheet.viewport(), LEFT, NO_KEY, at)


# --- where a passage stands


def test_white_space_does_not_matter() -> None:
    passages = lines("前言", "完成年初预算的 97.2 %，\u3000主要原因")
    assert found(passages, Place(line=2), "预算的97.2%， 主要") == ["预算的 97.2 %，\u3000主要"]


def test_a_passage_runs_on_into_the_next_lines_or_began_before() -> None:
    passages = lines("一", "项目全年预算数为 198.32 万元，完", "成预算的 99.2%。二")
    quote = "198.32 万元，完成预算的99.2%"
    assert found(passages, Place(line=2), quote) == ["198.32 万元，完", "成预算的 99.2%"]
    assert found(passages, Place(line=3), quote) == ["198.32 万元，完", "成预算的 99.2%"]
    assert found(passages, Place(line=1), "项目全年") == ["一"], "another line's passage is not this one's"


def test_the_whole_paragraph_where_the_quote_is_not_found() -> None:
    assert found(lines("  缩进的一段  "), Place(line=1), "没有的话") == ["缩进的一段"]
    assert found(lines("甲", "乙"), Place(line=2)) == ["乙"]


def test_a_line_left_out_is_the_one_before_it() -> None:
    passages = [Passage("甲", Place(line=3)), Passage("乙", Place(line=9))]
    assert found(passages, Place(line=7)) == ["甲"]
    assert found(passages, Place(line=1)) == []


def test_places_of_other_files_are_nowhere() -> None:
    passages = lines("甲")
    for place in (Place(page=1), Place(sheet="表", cell="A1"), Place(paragraph=1), Place(table=1, row=1, column=1)):
        assert found(passages, place) == []


def test_cells_of_a_word_table() -> None:
    def cell(row: int, column: int, text: str) -> Passage:
        return Passage(text, Place(table=2, row=row, column=column))

    passages = [
        Passage("表前", Place(paragraph=4)), cell(1, 1, "项目"), cell(1, 2, "金额"), cell(2, 1, "工资"), cell(2, 3, "0.00"),
    ]  # fmt: skip
    rows = TextRows(passages)
    assert [row.text for row in rows.rows] == ["表前", "项目 │ 金额", "工资 │ 0.00"]
    assert texts(rows, rows.find(Place(table=2, row=2, column=3), "0.00")) == ["0.00"]
    assert texts(rows, rows.find(Place(table=2, row=2, column=2), "")) == ["工资 │ 0.00"]
    assert rows.find(Place(table=3, row=1, column=1)) == []


def test_cells_of_a_row_that_comes_as_one_passage() -> None:
    passages = [Passage("工资\t0.00\t0.00\t7.00", Place(table=1, row=1, column=1))]
    rows = TextRows(passages)
    assert rows.find(Place(table=1, row=1, column=3), "0.00") == [Stretch(0, 12, 16)], "the third, not the second"
    assert texts(rows, rows.find(Place(table=1, row=1, column=4), "7.00")) == ["7.00"]


# --- the view


def test_paragraphs_are_shown_with_headings_bold(view: TextView) -> None:
    view.show_passages([Passage("标题", Place(paragraph=1), True), Passage("正文", Place(paragraph=2))])
    assert view.sheet.toPlainText() == "标题\n正文"
    formats = view.sheet.document().findBlockByNumber(0).layout().formats()
    assert [f.format.fontWeight() for f in formats] == [700]
    assert not view.sheet.document().findBlockByNumber(1).layout().formats()


def test_lines_are_spaced_once(view: TextView) -> None:
    view.show_passages(paragraphs(3))
    blocks = [view.sheet.document().findBlockByNumber(number) for number in range(3)]
    picture(view)
    before = [view.sheet.blockBoundingGeometry(block) for block in blocks]
    assert [block.layout().lineAt(0).y() for block in blocks] == [blocks[0].layout().lineAt(0).y()] * 3
    assert blocks[0].layout().lineAt(0).y() > 2
    for _ in range(3):
        view.set_marks([ViewMark(Place(paragraph=1), "error")])
        picture(view)
    assert [view.sheet.blockBoundingGeometry(block) for block in blocks] == before


def test_five_thousand_paragraphs_open_fast(view: TextView) -> None:
    passages = paragraphs(5000)
    marks = [ViewMark(Place(paragraph=n), "error", "", "完成年初预算的97.2%") for n in range(1, 5000, 10)]
    start = time.perf_counter()
    view.show_passages(passages)
    view.set_marks(marks)
    picture(view)
    assert time.perf_counter() - start < 0.5
    assert len(view.sheet._marks) == 500


def test_a_mark_is_coloured_underlined_and_signed(view: TextView) -> None:
    view.show_passages(lines("甲", SENTENCE))
    before = picture(view)
    view.set_marks([ViewMark(Place(line=2), "error", "", "97.2%")])
    at, away = spot(view, 1, SENTENCE.index("97.2")), spot(view, 1, 3)
    image = picture(view)
    assert MARKS["error"][0] in colours(image, at)
    assert MARKS["error"][0] not in colours(image, away, 4) and MARKS["error"][0] not in colours(before, at)
    under = [QColor(f"#{name}") for name in colours(image, at + QPoint(0, 9), 4)]
    assert any(c.red() > 140 and c.green() < 90 for c in under), "a line under it"
    sign = QPoint(int(MARGIN / 2) - 2, spot(view, 1, SENTENCE.index("97.2")).y())
    assert MARKS["error"][0] in colours(image, sign, 8), "and a sign in the margin"
    view.set_marks([])
    assert MARKS["error"][0] not in colours(picture(view), at) | colours(picture(view), sign, 8)


def test_of_two_marks_the_louder_is_seen(view: TextView) -> None:
    view.show_passages(lines(SENTENCE))
    view.set_marks([ViewMark(Place(line=1), "error", "", "97.2%"), ViewMark(Place(line=1), "info", "", SENTENCE)])
    image = picture(view)
    assert MARKS["error"][0] in colours(image, spot(view, 0, SENTENCE.index("97.2")))
    assert MARKS["info"][0] in colours(image, spot(view, 0, 6))


def test_marks_after_a_rare_character_stand_right(view: TextView) -> None:
    view.show_passages(lines("𠮷𠮷林县完成年初预算的97.2%以上"))
    view.set_marks([ViewMark(Place(line=1), "error", "", "97.2%")])
    held = view.sheet.document().findBlockByNumber(0).layout().formats()
    assert [(f.start, f.length) for f in held] == [(13, 5)], "Qt counts two for each"


def test_a_click_in_a_mark_tells_its_place_and_elsewhere_nothing(view: TextView) -> None:
    heard = told(view)
    view.show_passages(lines("甲", SENTENCE))
    view.set_marks([ViewMark(Place(line=2), "error", "", "97.2%")])
    click(view, spot(view, 1, 3))
    click(view, spot(view, 0, 0) + QPoint(400, 0))
    assert heard == []
    click(view, spot(view, 1, SENTENCE.index("97.2") + 1))
    assert heard == [Place(line=2)]
    click(view, QPoint(int(MARGIN / 2), spot(view, 1, 3).y()))
    assert heard == [Place(line=2)] * 2, "the sign is the mark too"


def test_selecting_across_a_mark_is_no_click(view: TextView) -> None:
    heard = told(view)
    view.show_passages(lines(SENTENCE))
    view.set_marks([ViewMark(Place(line=1), "error", "", SENTENCE)])
    begin, end = spot(view, 0, 2), spot(view, 0, 12)
    sheet = view.sheet.viewport()
    QTest.mousePress(sheet, LEFT, NO_KEY, begin)
    QTest.mouseMove(sheet, end)
    QTest.mouseRelease(sheet, LEFT, NO_KEY, end)
    assert heard == []


def test_a_double_click_opens_the_file_outside(view: TextView) -> None:
    heard = told(view)
    view.show_passages(lines(SENTENCE))
    QTest.mouseDClick(view.sheet.viewport(), LEFT, NO_KEY, spot(view, 0, 4))
    assert heard == ["outside"]


def test_enter_chooses_the_mark_at_the_caret(view: TextView) -> None:
    heard = told(view)
    view.show_passages(lines("甲", SENTENCE))
    view.set_marks([ViewMark(Place(line=2), "error", "", "97.2%")])
    QTest.keyClick(view.sheet, Qt.Key.Key_Return)
    assert heard == []
    view.go_to(Place(line=2), "97.2%", flash=False)
    QTest.keyClick(view.sheet, Qt.Key.Key_Return)
    assert heard == [Place(line=2)]


def test_going_to_a_place_brings_it_to_the_middle_and_flashes_it(view: TextView) -> None:
    view.show_passages(paragraphs(3000))
    assert view.go_to(Place(paragraph=2000), "97.2%")
    at = spot(view, 1999, view.sheet.rows.rows[1999].text.index("97.2"))
    height = view.sheet.viewport().height()
    assert height / 3 < at.y() < height * 2 / 3
    accent = QColor("#1F6FB2")
    here = picture(view).pixelColor(at - QPoint(0, 12))
    assert here.blue() > here.red() + 10, "a blue frame about it"
    QTest.qWait(1250)
    assert picture(view).pixelColor(at - QPoint(0, 16)) == QColor("white"), "that has passed"
    assert accent.name() in {f"#{name.lower()}" for name in colours(picture(view), at, 40)}, "chosen it remains"
    value = view.sheet.verticalScrollBar().value()
    assert view.go_to(Place(paragraph=2001), flash=False)
    assert view.sheet.verticalScrollBar().value() == value, "what is in the middle already stays"
    assert not view.go_to(Place(page=3))


def test_a_place_asked_for_while_hidden_is_reached(qtbot: QtBot) -> None:
    view = TextView()
    qtbot.addWidget(view)
    view.show_passages(paragraphs(500))
    assert view.go_to(Place(paragraph=400))
    view.resize(700, 500)
    view.show()
    qtbot.waitExposed(view)
    assert 0 < spot(view, 399, 0).y() < view.sheet.viewport().height()


def test_marks_that_change_leave_scroll_and_choice(view: TextView) -> None:
    view.show_passages(paragraphs(300))
    view.set_marks([ViewMark(Place(paragraph=200), "error", "", "97.2%")])
    view.go_to(Place(paragraph=200), "97.2%")
    value = view.sheet.verticalScrollBar().value()
    view.set_marks([ViewMark(Place(paragraph=3), "error", "", "97.2%")])
    assert view.sheet.verticalScrollBar().value() == value
    assert view.sheet.current is not None and view.sheet.current.mark.quote == "97.2%"


def test_a_saved_text_stays_where_she_was(view: TextView) -> None:
    view.show_passages(paragraphs(300))
    view.go_to(Place(paragraph=200), flash=False)
    top = view.sheet.firstVisibleBlock().text()
    view.show_passages(paragraphs(310), keep=True)
    assert view.sheet.firstVisibleBlock().text() == top
    view.show_passages(paragraphs(310))
    assert view.sheet.firstVisibleBlock().blockNumber() == 0


def test_copying_a_selection_or_the_passage_chosen(view: TextView) -> None:
    view.show_passages([Passage("工资\t0.00", Place(table=1, row=1, column=1)), *lines(SENTENCE)])
    view.set_marks([ViewMark(Place(line=1), "error", "", "97.2%")])
    click(view, spot(view, 1, SENTENCE.index("97.2") + 1))
    QTest.keyClick(view.sheet, Qt.Key.Key_C, CONTROL)
    assert QGuiApplication.clipboard().text() == "97.2%"
    QTest.keyClick(view.sheet, Qt.Key.Key_A, CONTROL)
    QTest.keyClick(view.sheet, Qt.Key.Key_C, CONTROL)
    assert QGuiApplication.clipboard().text() == f"工资\t0.00\n{SENTENCE}", "cells land in cells"


def test_zoom_by_wheel_and_keys(view: TextView) -> None:
    view.show_passages(paragraphs(50))
    first = view.sheet.font().pointSizeF()
    at = QPointF(200, 200)
    event = QWheelEvent(
        at, view.sheet.viewport().mapToGlobal(at), QPoint(), QPoint(0, 240), Qt.MouseButton.NoButton, CONTROL,
        Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(view.sheet.viewport(), event)
    assert view.sheet.font().pointSizeF() == pytest.approx(first * 1.21)
    assert view.sheet.document().defaultFont().pointSizeF() == pytest.approx(first * 1.21)
    QTest.keyClick(view.sheet, Qt.Key.Key_0, CONTROL)
    assert view.sheet.font().pointSizeF() == pytest.approx(first)
    for _ in range(40):
        QTest.keyClick(view.sheet, Qt.Key.Key_Minus, CONTROL)
    assert view.sheet.font().pointSizeF() == pytest.approx(first * 0.5)
    for _ in range(40):
        QTest.keyClick(view.sheet, Qt.Key.Key_Plus, CONTROL)
    assert view.sheet.font().pointSizeF() == pytest.approx(first * 3)


def test_the_column_is_of_readable_width(view: TextView) -> None:
    view.show_passages(paragraphs(20))
    view.resize(1900, 600)
    wide = view.sheet.viewport().width()
    assert wide < 1000 and abs(view.sheet.viewport().x() - (1900 - wide) / 2) < 20, "in the middle"
    view.resize(500, 600)
    assert view.sheet.viewport().width() > 470, "no margin is wasted where it is narrow"


def test_tool_tips(view: TextView) -> None:
    view.show_passages(lines(SENTENCE))
    view.set_marks([ViewMark(Place(line=1), "error", "错误：应为 102.9%", "97.2%")])
    at = spot(view, 0, SENTENCE.index("97.2") + 1)
    viewport = view.sheet.viewport()
    QApplication.sendEvent(viewport, QHelpEvent(QHelpEvent.Type.ToolTip, at, viewport.mapToGlobal(at)))
    assert QToolTip.text() == plain_tip("错误：应为 102.9%")


def test_views_come_and_go(qtbot: QtBot) -> None:
    for number in range(20):
        view = TextView()
        view.show()
        view.show_passages(paragraphs(50))
        view.go_to(Place(paragraph=40))
        view.show_passages(paragraphs(number + 1))
        picture(view)
        view.deleteLater()
        QTest.qWait(1)


@pytest.mark.skipif(not SEEDS.is_dir(), reason="../shared/seeds is not here")
def test_a_real_text_file(view: TextView) -> None:
    raw = (SEEDS / "003_29db5fe6ce8b5b63.txt").read_text(encoding="utf-8").splitlines()
    passages = [Passage(text, Place(line=n)) for n, text in enumerate(raw, 1) if text.strip()]
    view.show_passages(passages)
    quote = "项目全年预算数为 198.32 万元，执行数为 198.32 万元，完成预算的 99.2%"
    assert view.go_to(Place(line=1770), quote)
    rows = view.sheet.rows
    joined = "".join(texts(rows, rows.find(Place(line=1770), quote)))
    assert "".join(joined.split()) == "".join(quote.split())


os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
