"""The sheet view: real events on a real widget, and pixels of what it paints."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, Qt
from PySide6.QtGui import QColor, QContextMenuEvent, QHelpEvent, QImage, QPaintEvent, QRegion, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu, QToolTip, QWidget

from app.opened import BOLD, CELL, NUMBER, ROW, SheetPiece, SheetShape, SheetTexts
from app.source import Place, Span
from app.ui import sheet_model, sheet_table
from app.ui.sheet_view import SheetView
from app.ui.views import LEVELS, ViewMark
from app.writing.model import MARKS

NAME = "公开03表"


def sheet(rows: Sequence[Sequence[str]], name: str = NAME, **shape: object) -> SheetTexts:
    """Texts that begin with # are numbers."""
    held = SheetTexts(SheetShape(name, len(rows), max((len(row) for row in rows), default=0), **shape))  # type: ignore[arg-type]
    lines = [CELL.join(NUMBER + text[1:] if text.startswith("#") else text for text in row) for row in rows]
    held.add(SheetPiece(0, 0, ROW.join(lines)))
    return held


def numbered(rows: int = 300, columns: int = 8, name: str = NAME, **shape: object) -> SheetTexts:
    return sheet([[f"#{row * 10 + column}.00" for column in range(columns)] for row in range(rows)], name, **shape)


def at(cell: str, name: str = NAME) -> Place:
    return Place(sheet=name, cell=cell)


@pytest.fixture
def view(qtbot) -> SheetView:
    made = SheetView()
    qtbot.addWidget(made)
    made.resize(900, 500)
    made.show()
    qtbot.waitExposed(made)
    made.table.setFocus()
    return made


def give(view: SheetView, *sheets: SheetTexts, keep: bool = False) -> None:
    view.set_sheets(list(sheets), keep=keep)
    QApplication.processEvents()


def box(view: SheetView, row: int, column: int) -> QRect:
    return view.table.box(Span(row, column, row, column))


def picture(view: SheetView) -> QImage:
    QApplication.processEvents()
    return view.table.viewport().grab().toImage()


def inked(image: QImage, area: QRect) -> int:
    """How many dark pixels stand in an area."""
    inside = area.adjusted(2, 2, -3, -3)
    return sum(
        image.pixelColor(x, y).lightness() < 110
        for x in range(inside.left(), inside.right())
        for y in range(inside.top(), inside.bottom())
    )


def click(view: SheetView, row: int, column: int, double: bool = False) -> None:
    press = QTest.mouseDClick if double else QTest.mouseClick
    press(
        view.table.viewport(),
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
        box(view, row, column).center(),
    )


# Opening.


def test_a_very_large_sheet_opens_without_being_walked_over(view, monkeypatch):
    large = numbered(200_000, 12)
    asked: list[int] = []
    row = SheetTexts.row
    monkeypatch.setattr(SheetTexts, "row", lambda self, number: asked.append(number) or row(self, number))
    give(view, large)
    view.grab()
    assert view.table.model().rowCount() == 200_000
    assert asked and len(asked) < 2000 and max(asked) < 500
    assert view.go_to(at("L199990"), flash=False)
    view.grab()
    assert view.table.viewport().rect().contains(box(view, 199_989, 11))
    assert len(asked) < 5000


def test_typing_into_a_sheet_reads_no_rows(view, monkeypatch):
    give(view, numbered(20_000))
    asked: list[object] = []
    monkeypatch.setattr(sheet_model.SheetModel, "data", lambda *given: asked.append(given))
    QTest.keyClicks(view.table, "zz9")
    assert not asked


def test_tabs_leave_hidden_sheets_out_and_show_what_was_found(view):
    long = "一张名字长得在标签上放不下的很长很长很长很长的附表"
    give(view, numbered(name="甲"), numbered(name="乙", hidden=True), numbered(name=long), numbered(name="a&b"))
    view.set_marks(
        [ViewMark(at("A1", "甲"), "warning"), ViewMark(at("B2", "甲"), "error"), ViewMark(at("A1", long), "rounding")]
    )
    assert [view.tabs.isTabVisible(n) for n in range(4)] == [True, False, True, True]
    assert view.tabs.tabText(0) == "甲 2" and not view.tabs.tabIcon(0).isNull()
    assert view.tabs.accessibleTabName(0) == "甲，错误 1，提醒 1"
    assert "…" in view.tabs.tabText(2) and view.tabs.tabToolTip(2) == f"{long}：尾差 1"
    assert view.tabs.tabText(3) == "a&&b" and view.tabs.tabIcon(3).isNull()
    dot = view.tabs.tabIcon(0).pixmap(10, 10).toImage().pixelColor(5, 5)
    assert dot == QColor("#" + MARKS["error"][1])


def test_a_tab_brings_its_sheet_and_each_keeps_where_she_was(view):
    give(view, numbered(name="甲"), numbered(name="乙", hidden=True), sheet([["只有一格"]], "丙"))
    click(view, 3, 1)
    view.table.verticalScrollBar().setValue(900)
    QTest.keyClick(view.table, Qt.Key.Key_PageDown, Qt.KeyboardModifier.ControlModifier)
    assert view.tabs.currentIndex() == 2 and view.table.model().data(view.table.model().index(0, 0)) == "只有一格"
    QTest.mouseClick(view.tabs, Qt.MouseButton.LeftButton, pos=view.tabs.tabRect(0).center())
    index = view.table.currentIndex()
    assert (index.row(), index.column()) == (3, 1) and view.table.verticalScrollBar().value() == 900


def test_the_same_file_read_again_keeps_sheet_selection_and_scroll(view):
    give(view, numbered(name="甲"), numbered(name="乙"))
    view.tabs.setCurrentIndex(1)
    click(view, 4, 2)
    view.table.verticalScrollBar().setValue(700)
    give(view, numbered(name="新"), numbered(name="甲"), numbered(name="乙"), keep=True)
    assert view.tabs.currentIndex() == 2 and view.table.verticalScrollBar().value() == 700
    assert (view.table.currentIndex().row(), view.table.currentIndex().column()) == (4, 2)
    give(view, numbered(name="乙"))
    assert view.table.verticalScrollBar().value() == 0


def test_nothing_and_an_empty_sheet_are_shown(view):
    give(view)
    assert view.table.model() is None and not view.go_to(at("A1"))
    view.grab()
    give(view, sheet([]))
    view.grab()
    QTest.keyClick(view.table, Qt.Key.Key_Down)
    assert view.go_to(at("C3"), flash=False)  # a blank cell beyond what the sheet holds
    assert view.table.model().rowCount() == 3


# The look of her sheet.


def test_sizes_merges_and_hidden_rows_are_hers(view):
    give(
        view,
        numbered(
            widths={0: 10.0, 1: 40.0}, heights={2: 60.0}, hidden_rows={5}, hidden_columns={3}, merges=[Span(0, 0, 1, 2)]
        ),
    )
    table = view.table
    assert table.columnWidth(1) - table.columnWidth(0) == pytest.approx(30 * 7.5 * view._scale(), abs=2)
    assert (
        table.rowHeight(2) == pytest.approx(80 * view._scale(), abs=1)
        and table.isRowHidden(5)
        and table.isColumnHidden(3)
    )
    assert (table.rowSpan(0, 0), table.columnSpan(0, 0)) == (2, 3)
    assert table.model().headerData(27, Qt.Orientation.Horizontal) == "AB"
    assert table.visualRect(table.model().index(0, 0)) == table.box(Span(0, 0, 1, 2))


def test_numbers_stand_right_and_texts_left(view):
    give(view, sheet([["文", "#1"]], widths={0: 20.0, 1: 20.0}))
    image = picture(view)
    for column, side in ((0, "left"), (1, "right")):
        whole = box(view, 0, column)
        half = whole.width() // 2
        left, right = whole.adjusted(0, 0, -half, 0), whole.adjusted(half, 0, 0, 0)
        assert (inked(image, left) > 0, inked(image, right) > 0) == (side == "left", side == "right")


def test_a_merged_heading_stands_in_the_middle_over_several_lines(view):
    text = "一般公共预算财政拨款支出决算具体情况"
    give(view, sheet([[text], [], ["#1.00"]], merges=[Span(0, 0, 1, 0)], widths={0: 14.0}, heights={0: 40.0}, header=2))
    image, whole = picture(view), view.table.box(Span(0, 0, 1, 0))
    middle = whole.center().y()
    assert inked(image, QRect(whole.left(), middle - 22, whole.width(), 22)) > 20
    assert inked(image, QRect(whole.left(), middle, whole.width(), 22)) > 20
    assert inked(image, QRect(whole.left(), whole.top(), whole.width(), 12)) == 0  # not at the top


def test_a_text_runs_on_over_blank_cells_but_not_over_others(view):
    long = "本表反映部门本年度的总收支和年末结转结余情况"
    give(view, sheet([[long, "", "", ""], [long, "#1", "", ""]], widths={0: 9.0, 1: 9.0, 2: 9.0, 3: 9.0}))
    image = picture(view)
    assert inked(image, box(view, 0, 2)) > 20
    assert inked(image, box(view, 1, 2)) == 0
    view.resize(260, 300)
    view.table.horizontalScrollBar().setValue(box(view, 0, 0).width() + 5)
    assert inked(picture(view), box(view, 0, 2)) > 20  # its own cell is out of sight


def test_part_of_a_number_is_never_shown(view):
    give(view, sheet([["#123,456,789.00", "x"]], widths={0: 6.0}))
    model, room = view.table.model(), box(view, 0, 0).width()
    narrow = picture(view).copy(box(view, 0, 0))
    give(view, sheet([["#923,456,789.11", "x"]], widths={0: 6.0}))
    assert not view.table.pen.number_fits(model.text(0, 0), room)
    assert picture(view).copy(box(view, 0, 0)) == narrow  # both ####
    assert view.table.tip(view.table.model().index(0, 0)) == "923,456,789.11"


def test_painting_one_cell_again_gives_the_same_picture(view):
    """A flash or a new selection repaints single cells: what runs over them must not vanish."""
    rows = [
        ["很长的一段文字一直写到后面的空格子里面去了", "", "", "#1"],
        ["甲", BOLD + "粗体字", "乙", "#2"],
        ["合并", "", "", "#3"],
    ]
    give(view, sheet(rows * 5, merges=[Span(2, 0, 2, 2)], widths={n: 10.0 for n in range(4)}))
    view.set_marks([ViewMark(at("D1"), "error"), ViewMark(at("B3"), "warning")])
    whole = picture(view)
    for row in range(4):
        for column in range(4):
            again = whole.copy()
            area = box(view, row, column)
            view.table.viewport().render(again, area.topLeft(), QRegion(area), QWidget.RenderFlag.DrawChildren)
            assert again == whole, (row, column)


# Marks.


@pytest.mark.parametrize("level", LEVELS)
def test_a_mark_has_its_colours_a_corner_and_its_word(view, level):
    words = {
        "error": "错误",
        "warning": "提醒",
        "rounding": "尾差",
        "filled": "已填",
        "verified": "已核实",
        "info": "信息",
    }
    give(view, numbered())
    view.set_marks([ViewMark(at("C4"), level, "应为 945.91")])
    image, area = picture(view), box(view, 3, 2)
    fill, ink = (QColor("#" + colour) for colour in MARKS[level])
    assert image.pixelColor(area.left() + 3, area.top() + 3) == fill
    assert image.pixelColor(area.right() - 2, area.top() + 1) == ink
    assert image.pixelColor(box(view, 4, 2).left() + 3, box(view, 4, 2).top() + 3) == QColor("white")
    model = view.table.model()
    tip = model.data(model.index(3, 2), Qt.ItemDataRole.ToolTipRole)
    assert tip == f"{words[level]}：应为 945.91"
    assert model.data(model.index(3, 2), Qt.ItemDataRole.AccessibleDescriptionRole) == tip


def test_the_loudest_mark_wins_and_all_tips_are_told(view):
    give(view, numbered(merges=[Span(6, 1, 7, 3)]))
    marks = [
        ViewMark(at("C4"), "rounding", "差 0.01"),
        ViewMark(at("C4"), "error", "错误：应为 1"),
        ViewMark(at("C4"), "verified"),
        ViewMark(at("D8"), "warning", "未说明"),
    ]
    view.set_marks(marks)
    area = box(view, 3, 2)
    assert picture(view).pixelColor(area.left() + 3, area.top() + 3) == QColor("#" + MARKS["error"][0])
    where = area.center()
    event = QHelpEvent(QEvent.Type.ToolTip, where, view.table.viewport().mapToGlobal(where))
    QApplication.sendEvent(view.table.viewport(), event)
    assert "错误：应为 1\n尾差：差 0.01\n已核实" in QToolTip.text()
    merged = view.table.box(Span(6, 1, 7, 3))  # a mark on a cell inside a merged range colours the range
    assert picture(view).pixelColor(merged.left() + 3, merged.bottom() - 3) == QColor("#" + MARKS["warning"][0])
    view.set_marks([])
    assert picture(view).pixelColor(area.left() + 3, area.top() + 3) == QColor("white")
    assert view.tabs.tabText(0) == NAME


def test_new_marks_keep_selection_and_scroll(view):
    give(view, numbered())
    click(view, 5, 1)
    view.table.verticalScrollBar().setValue(1000)
    view.set_marks([ViewMark(at("C400"), "error")])  # beyond the last row too
    assert view.table.verticalScrollBar().value() == 1000 and view.table.model().rowCount() == 400
    assert (view.table.currentIndex().row(), view.table.currentIndex().column()) == (5, 1)


def test_a_filled_cell_shows_what_was_filled_in(view):
    give(view, sheet([["占比", ""], ["", ""]]))
    view.set_filled([(at("B1"), "5.20%")])
    view.set_marks([ViewMark(at("B1"), "filled", "52 ÷ 1000")])
    model = view.table.model()
    assert model.data(model.index(0, 1)) == "5.20%"
    area = box(view, 0, 1)
    assert picture(view).pixelColor(area.left() + 3, area.top() + 3) == QColor("#" + MARKS["filled"][0])


def test_marks_find_the_sheet_of_their_file(view):
    give(view, numbered(name="表1", file="甲.xlsx"), numbered(name="表1", file="乙.xlsx"))
    view.set_marks([ViewMark(Place(file="乙.xlsx", sheet="表1", cell="A1"), "error")])
    assert [view.tabs.tabText(n) for n in range(2)] == ["表1", "表1 1"]
    assert view.go_to(Place(file="乙.xlsx", sheet="表1", cell="A1")) and view.tabs.currentIndex() == 1
    assert view.go_to(Place(sheet="表1", cell="A1")) and view.tabs.currentIndex() == 0
    assert not view.go_to(Place(file="丙.xlsx", sheet="表1", cell="A1"))


# Going to a place.


def test_going_to_a_cell_brings_it_to_the_middle(view):
    give(view, numbered(name="甲"), numbered(3000, 40))
    told: list[Place] = []
    view.place_chosen.connect(told.append)
    assert view.go_to(at("AF1500"), "1.00")
    table, area = view.table, box(view, 1499, 31)
    assert view.tabs.currentIndex() == 1 and table.viewport().rect().contains(area)
    assert abs(area.center().y() - table.viewport().height() / 2) < table.rowHeight(0)
    assert (table.currentIndex().row(), table.currentIndex().column()) == (1499, 31)
    assert not told  # only she chooses
    value = table.horizontalScrollBar().value()
    assert view.go_to(at("AE1600")) and table.horizontalScrollBar().value() == value


def test_what_is_gone_to_before_the_window_is_there_is_in_the_middle_then(qtbot):
    view = SheetView()
    qtbot.addWidget(view)
    view.set_sheets([numbered(3000)])
    view.go_to(at("B1500"))
    view.resize(900, 700)
    view.show()
    qtbot.waitExposed(view)
    qtbot.waitUntil(lambda: abs(box(view, 1499, 1).center().y() - view.table.viewport().height() / 2) < 30)


def test_places_that_are_not_here(view):
    give(view, numbered(name="甲"), numbered())
    for place in (Place(page=3), Place(line=4), Place(table=1, row=2, column=3), at("A1", "无此表"), at("不是格")):
        assert not view.go_to(place)
    assert view.tabs.currentIndex() == 0
    assert view.go_to(Place(sheet=NAME)) and view.tabs.currentIndex() == 1


def test_a_hidden_place_is_shown_when_gone_to(view):
    give(view, numbered(hidden_rows={9}, hidden_columns={2}), numbered(name="乙", hidden=True))
    assert view.go_to(at("C10")) and not view.table.isRowHidden(9) and not view.table.isColumnHidden(2)
    view.set_zoom(150)
    assert not view.table.isRowHidden(9)
    assert view.go_to(at("A1", "乙")) and view.tabs.isTabVisible(1) and "隐藏" in view.tabs.tabText(1)


def test_a_flash_fades_and_repaints_its_cell_alone(view, qtbot, monkeypatch):
    give(view, numbered())
    view.go_to(at("C5"), flash=False)
    area, before = box(view, 4, 2), picture(view)
    painted: list[QRect] = []
    paint = sheet_table.SheetTable.paintEvent

    def watch(self: sheet_table.SheetTable, event: QPaintEvent) -> None:
        painted.append(event.rect())
        paint(self, event)

    monkeypatch.setattr(sheet_table.SheetTable, "paintEvent", watch)
    view.go_to(at("C5"))
    point = area.topLeft() + QPoint(4, 4)
    seen = []
    with qtbot.waitSignal(view.table.faded, timeout=1200):
        for _ in range(3):
            qtbot.waitUntil(lambda: bool(painted))
            seen.append(view.table._strength)
            assert all(area.contains(rect) for rect in painted)
            painted.clear()
    assert sorted(set(seen), reverse=True) == seen and len(seen) == 3
    qtbot.waitUntil(lambda: bool(painted))
    assert picture(view).pixelColor(point) == before.pixelColor(point)


def test_a_flash_is_seen(view):
    give(view, numbered())
    view.go_to(at("C5"), flash=False)
    point = box(view, 4, 2).topLeft() + QPoint(4, 4)
    before = picture(view).pixelColor(point)
    view.go_to(at("C5"))
    assert picture(view).pixelColor(point) != before


# What she does.


def test_clicks_and_keys_tell_the_place(view):
    give(view, numbered(merges=[Span(8, 0, 9, 1)], file="甲.xlsx"))
    told: list[Place] = []
    outside: list[Place] = []
    view.place_chosen.connect(told.append)
    view.opened_outside.connect(outside.append)
    click(view, 2, 1)
    QTest.keyClick(view.table, Qt.Key.Key_Down)
    QTest.keyClick(view.table, Qt.Key.Key_Right)
    QTest.keyClick(view.table, Qt.Key.Key_Return)
    QTest.keyClick(view.table, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    assert [place.cell for place in told] == ["B3", "B4", "C4", "C4"]
    assert told[0] == Place(file="甲.xlsx", sheet=NAME, cell="B3")
    click(view, 9, 1)
    assert told[-1].cell == "A9"  # inside a merged range
    click(view, 4, 3)
    click(view, 4, 3, double=True)
    assert [place.cell for place in outside] == ["D5"]


def test_a_marked_cell_answers_with_the_place_of_its_finding(view):
    place = Place(file=None, sheet=NAME, cell="B10")  # inside a merged range
    give(view, numbered(merges=[Span(8, 0, 9, 1)]))
    view.set_marks([ViewMark(at("A9"), "rounding"), ViewMark(place, "error")])
    told: list[Place] = []
    view.place_chosen.connect(told.append)
    click(view, 8, 0)
    assert told == [place]


def test_the_tab_key_leaves_the_sheet(view):
    give(view, numbered())
    view.table.setFocus()
    QTest.keyClick(view.table, Qt.Key.Key_Tab)
    assert view.tabs.hasFocus()


def test_a_range_is_copied_as_tab_separated_text(view):
    give(
        view,
        sheet([["甲\t乙", "#1,234.50", ""], ["带\n行", "#2"], ['说"好"', '"引"', "末"]], merges=[Span(4, 0, 4, 2)]),
    )
    click(view, 0, 0)
    QTest.mouseClick(
        view.table.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ShiftModifier, box(view, 2, 2).center()
    )
    QTest.keyClick(view.table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    clipboard = QApplication.clipboard()
    assert clipboard.text() == '"甲\t乙"\t1,234.50\t\n"带\n行"\t2\t\n说"好"\t"""引"""\t末'
    click(view, 0, 1)
    QTest.mouseClick(
        view.table.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ControlModifier, box(view, 2, 2).center()
    )
    QTest.keyClick(view.table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert clipboard.text() == "1,234.50\t\n\t末"


def test_a_merged_cell_is_copied_as_its_text(view):
    give(view, sheet([["标题", "", ""], ["#1", "#2", "#3"]], merges=[Span(0, 0, 0, 2)]))
    click(view, 0, 0)
    QTest.keyClick(view.table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QApplication.clipboard().text() == "标题"
    QTest.keyClick(view.table, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClick(view.table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QApplication.clipboard().text() == "标题\t\t\n1\t2\t3"


def wheel(widget: QWidget, turned: int, keys: Qt.KeyboardModifier) -> None:
    centre = QPointF(widget.rect().center())
    where = QPointF(widget.mapToGlobal(centre.toPoint()))
    none = Qt.MouseButton.NoButton
    event = QWheelEvent(centre, where, QPoint(), QPoint(0, turned), none, keys, Qt.ScrollPhase.NoScrollPhase, False)
    QApplication.sendEvent(widget, event)


def test_zoom_by_keys_and_wheel(view):
    give(view, numbered(widths={0: 20.0}, heights={1: 40.0}))
    told: list[int] = []
    view.zoomed.connect(told.append)
    control = Qt.KeyboardModifier.ControlModifier
    width, height, size = view.table.columnWidth(0), view.table.rowHeight(1), view.table.font().pointSizeF()
    view.table.verticalScrollBar().setValue(view.table.down.sectionPosition(60))
    QTest.keyClick(view.table, Qt.Key.Key_Plus, control)
    wheel(view.table.viewport(), 120, control)
    assert view.zoom == 125 and told == [110, 125] and view.table.rowAt(0) == 60
    view.set_zoom(200)
    assert view.table.columnWidth(0) == pytest.approx(2 * width, abs=6) and view.table.rowHeight(1) == pytest.approx(
        2 * height, abs=1
    )
    assert view.table.font().pointSizeF() == pytest.approx(2 * size, abs=0.6)
    QTest.keyClick(view.table, Qt.Key.Key_Minus, control)
    assert view.zoom == 175
    for _ in range(20):
        wheel(view.table.viewport(), -120, control)
    assert view.zoom == 50
    for _ in range(20):
        QTest.keyClick(view.table, Qt.Key.Key_Equal, control)
    assert view.zoom == 300
    QTest.keyClick(view.table, Qt.Key.Key_0, control)
    assert view.zoom == 100 and view.table.columnWidth(0) == width
    before = view.table.verticalScrollBar().value()
    wheel(view.table.viewport(), -120, Qt.KeyboardModifier.NoModifier)
    assert view.zoom == 100 and view.table.verticalScrollBar().value() > before


def test_a_column_she_dragged_keeps_its_width(view):
    give(view, numbered(name="甲"), numbered(name="乙"))
    header, edge = view.table.across, box(view, 0, 0).right()
    left = Qt.MouseButton.LeftButton
    QTest.mousePress(header.viewport(), left, pos=QPoint(edge, 8))
    QTest.mouseMove(header.viewport(), QPoint(edge + 60, 8))
    QTest.mouseRelease(header.viewport(), left, pos=QPoint(edge + 60, 8))
    width = view.table.columnWidth(0)
    assert width > edge + 40
    view.tabs.setCurrentIndex(1)
    assert view.table.columnWidth(0) < width
    view.tabs.setCurrentIndex(0)
    assert view.table.columnWidth(0) == pytest.approx(width, abs=1)


def actions(view: SheetView) -> dict[str, object]:
    menu = view.findChildren(QMenu)[-1]
    return {action.text().split("(")[0]: action for action in menu.actions() if action.text()}


def test_the_menu_of_a_cell(view):
    give(view, numbered())
    view.set_marks([ViewMark(at("B3"), "error")])
    told: list[Place] = []
    outside: list[Place] = []
    view.place_chosen.connect(told.append)
    view.opened_outside.connect(outside.append)
    viewport = view.table.viewport()
    where = box(view, 2, 1).center()
    QTest.mouseClick(viewport, Qt.MouseButton.LeftButton, pos=where)
    told.clear()
    event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, where, viewport.mapToGlobal(where))
    QApplication.sendEvent(viewport, event)
    offered = actions(view)
    assert list(offered) == ["复制", "转到该处问题", "在 Excel/WPS 中打开"]
    for action in offered.values():
        action.trigger()
    assert [p.cell for p in told] == ["B3"] and [p.cell for p in outside] == ["B3"]
    assert QApplication.clipboard().text() == "21.00"
    view.findChildren(QMenu)[-1].close()
    click(view, 5, 5)
    event = QContextMenuEvent(QContextMenuEvent.Reason.Keyboard, QPoint(0, 0), viewport.mapToGlobal(QPoint(0, 0)))
    QApplication.sendEvent(viewport, event)
    offered = actions(view)
    assert not offered["转到该处问题"].isEnabled()
    offered["在 Excel/WPS 中打开"].trigger()
    assert outside[-1].cell == "F6"


# Rows kept in sight.


def headed() -> SheetTexts:
    heading = [["支出决算表"], ["部门：某局", "", "单位：万元"], ["项目", "决算数", "备注"], ["栏次", "#1", "#2"]]
    rows = heading + [[f"项目{n}", f"#{n}.00", ""] for n in range(200)]
    return sheet(rows, header=4, merges=[Span(0, 0, 0, 2)])


def test_the_names_of_the_columns_stay_in_sight(view):
    give(view, headed())
    table, frozen = view.table, view.frozen
    assert not frozen.isVisible()
    view.go_to(at("B100"), flash=False)
    assert frozen.isVisible() and frozen.height() == table.rowHeight(2) + table.rowHeight(3)
    assert frozen.rowAt(2) == 2 and frozen.viewport().rect().contains(frozen.box(Span(2, 0, 3, 2)))
    assert frozen.mapTo(view, QPoint(0, 0)).y() == table.viewport().mapTo(view, QPoint(0, 0)).y()
    for column in range(3):
        assert frozen.box(Span(2, column, 2, column)).left() == box(view, 2, column).left()
    assert inked(frozen.viewport().grab().toImage(), frozen.box(Span(2, 0, 2, 0))) > 5
    view.set_zoom(150)
    assert frozen.isVisible() and frozen.columnWidth(0) == table.columnWidth(0)
    view.go_to(at("A1"), flash=False)
    assert not frozen.isVisible()
    view.resize(260, 500)  # narrower than the columns in any font
    bar = table.horizontalScrollBar()
    assert bar.maximum() > 7
    bar.setValue(bar.maximum() - 7)  # scrolled sideways before they come into sight
    table.verticalScrollBar().setValue(2000)
    assert frozen.isVisible() and bar.value() > 0
    assert frozen.box(Span(2, 2, 2, 2)).left() == box(view, 2, 2).left() < 300
    view.resize(900, 150)
    view.go_to(at("B100"), flash=False)
    assert not frozen.isVisible()  # they would take too much of it


def test_no_cell_hides_under_the_names_of_the_columns(view):
    give(view, headed())
    view.go_to(at("B100"), flash=False)
    for _ in range(40):
        QTest.keyClick(view.table, Qt.Key.Key_Up)
        row = view.table.currentIndex().row()
        assert not view.frozen.isVisible() or row < 4 or box(view, row, 1).top() >= view.table.band
    for _ in range(70):
        QTest.keyClick(view.table, Qt.Key.Key_Up)
    assert view.table.currentIndex().row() == 0 and view.table.verticalScrollBar().value() == 0
    view.go_to(at("B100"), flash=False)
    view.table.setCurrentIndex(view.table.model().index(1, 0))  # a title row, not among those kept in sight
    assert not view.frozen.isVisible() and box(view, 1, 0).top() >= 0


def test_the_names_of_the_columns_can_be_clicked(view):
    give(view, headed())
    view.go_to(at("B100"), flash=False)
    told: list[Place] = []
    view.place_chosen.connect(told.append)
    frozen = view.frozen
    QTest.mouseClick(frozen.viewport(), Qt.MouseButton.LeftButton, pos=frozen.box(Span(2, 1, 2, 1)).center())
    assert [place.cell for place in told] == ["B3"] and view.frozen.isVisible()
    assert view.table.currentIndex().row() == 2
    before = view.table.verticalScrollBar().value()
    wheel(frozen.viewport(), -120, Qt.KeyboardModifier.NoModifier)
    assert view.table.verticalScrollBar().value() > before


# Hostile sheets.


def test_strange_shapes(view):
    strange = sheet([["甲"], ["乙"]])
    strange.shape.merges = [Span(0, 0, 1_048_575, 0), Span(1, 0, 1, 16_383), Span(900_000, 5, 900_001, 6)]
    strange.shape.widths = {0: 0.0, 16_383: 250.0}
    strange.shape.heights = {0: 0.0, 1: 409.0, 1_048_575: 15.0}
    strange.shape.hidden_rows = {0, 1, 5000}
    give(view, strange)
    view.grab()
    assert view.table.model().rowCount() < 300 and view.table.model().columnCount() < 60
    assert view.go_to(at("A2"))
    assert view.go_to(at("XFD1048576"), flash=False)
    view.grab()
    assert not view.go_to(at("XFE1")) and not view.go_to(at("A1048577"))
