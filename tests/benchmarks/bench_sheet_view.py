"""Repainting a very large sheet against Qt's own table over the same texts.

    QT_QPA_PLATFORM=offscreen python tests/benchmarks/bench_sheet_view.py [ROWS]

One process, ROWS (200,000) x 12 cells: the window's sheet view, and a plain ``QTableView`` with the
default delegate over a C++ ``QStandardItemModel`` that holds the same texts, alignments and column
widths. Prints median ratios of runs taken in turn: (1) a full repaint of the viewport at scrolled
positions, (2) the same at one position, marks in sight, (3) repaints while the wheel turns;
and, without a yardstick, (4) milliseconds until the sheet is open, also with a height for every row.
"""

from __future__ import annotations

import os
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QStandardItem, QStandardItemModel, QWheelEvent
from PySide6.QtWidgets import QApplication, QTableView, QWidget

from app.opened import CELL, NUMBER, ROW, SheetPiece, SheetShape, SheetTexts
from app.source import Place
from app.ui.sheet_view import SheetView
from app.ui.theme import dress
from app.ui.views import ViewMark

COLUMNS, REPETITIONS, POSITIONS = 12, 15, 12


def texts(row: int) -> list[str]:
    amounts = [f"{(row * 37 + column * 1013) % 99_999_999 / 100:,.2f}" for column in range(2, COLUMNS)]
    if row < 2:
        return [f"栏{row}-{column}" for column in range(COLUMNS)]
    return [str(2010000 + row % 5000), f"一般行政管理事务{row % 5000}", *amounts]


def sheet(rows: int, **shape: object) -> SheetTexts:
    held = SheetTexts(SheetShape("公开03表", rows, COLUMNS, header=2, widths={1: 30.0}, **shape))
    for first in range(0, rows, 2000):
        lines = []
        for row in range(first, min(first + 2000, rows)):
            cells = texts(row)
            lines.append(CELL.join([*cells[:2], *(NUMBER + text for text in cells[2:])]))
        held.add(SheetPiece(0, first, ROW.join(lines)))
    return held


def yardstick(rows: int, like: SheetView) -> QTableView:
    model = QStandardItemModel(rows, COLUMNS)
    right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
    for row in range(rows):
        for column, text in enumerate(texts(row)):
            item = QStandardItem(text)
            if column > 1:
                item.setTextAlignment(right)
            model.setItem(row, column, item)
    view = QTableView()
    model.setParent(view)
    view.setHorizontalScrollMode(QTableView.ScrollMode.ScrollPerPixel)
    view.setVerticalScrollMode(QTableView.ScrollMode.ScrollPerPixel)
    view.verticalHeader().setDefaultSectionSize(like.table.down.defaultSectionSize())
    view.setModel(model)
    for column in range(COLUMNS):
        view.setColumnWidth(column, like.table.columnWidth(column))
    return view


def shown(view: QWidget, table: QTableView) -> None:
    """Both viewports have one size."""
    view.resize(1300, 800)
    view.show()
    QApplication.processEvents()
    more = 1240 - table.viewport().width(), 720 - table.viewport().height()
    view.resize(view.width() + more[0], view.height() + more[1])
    QApplication.processEvents()
    assert (table.viewport().width(), table.viewport().height()) == (1240, 720)


def repaints(table: QTableView, round_: int) -> float:
    bar = table.verticalScrollBar()
    spent = 0.0
    for position in range(POSITIONS):
        bar.setValue((bar.maximum() // POSITIONS) * position + round_ * 1009)
        QApplication.processEvents()
        start = time.perf_counter()
        table.viewport().repaint()
        spent += time.perf_counter() - start
    return spent / POSITIONS


def wheel(table: QTableView, round_: int) -> float:
    """Turning the wheel down fast, each step painted at once."""
    table.verticalScrollBar().setValue(10_000 + round_ * 5000)
    QApplication.processEvents()
    start = time.perf_counter()
    centre = QPointF(table.viewport().rect().center())
    for _ in range(20):
        event = QWheelEvent(
            centre, QPointF(table.viewport().mapToGlobal(centre.toPoint())), QPoint(), QPoint(0, -120),
            Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
        )  # fmt: skip
        QApplication.sendEvent(table.viewport(), event)
        QApplication.processEvents()
    return (time.perf_counter() - start) / 20


def compared(name: str, measure: Callable[[QTableView, int], float], ours: QTableView, qt: QTableView) -> None:
    ratios, times = [], []
    for round_ in range(REPETITIONS):
        pair = (
            (measure(ours, round_), measure(qt, round_))
            if round_ % 2
            else (measure(qt, round_), measure(ours, round_))[::-1]
        )
        ratios.append(pair[0] / pair[1])
        times.append(pair)
    mine, theirs = (statistics.median(t[i] for t in times) * 1000 for i in (0, 1))
    print(f"{name}: {statistics.median(ratios):.2f} ({mine:.1f} ms against {theirs:.1f} ms)")


def opening(view: SheetView, sheets: list[SheetTexts]) -> float:
    start = time.perf_counter()
    view.set_sheets(sheets)
    QApplication.processEvents()
    return (time.perf_counter() - start) * 1000


def main() -> None:
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 200_000
    app = QApplication(sys.argv[:1])
    dress(app)
    large = sheet(rows)
    view = SheetView()
    view.set_sheets([large])
    qt = yardstick(rows, view)
    shown(view, view.table)
    shown(qt, qt)
    for table in (view.table, qt):  # each piece is taken apart and each glyph drawn once before
        for round_ in range(2):
            repaints(table, round_)
    compared("repaint, scrolled", repaints, view.table, qt)
    compared("turning the wheel", wheel, view.table, qt)
    levels = ("error", "warning", "rounding", "filled", "verified")
    marks = [
        ViewMark(Place(sheet="公开03表", cell=f"{'CDEFG'[n % 5]}{row + 1}"), levels[n % 5], "说明")
        for n, row in enumerate(range(0, rows, max(rows // 20_000, 1)))
    ]
    start = time.perf_counter()
    view.set_marks(marks)
    print(f"{len(marks)} marks put on: {(time.perf_counter() - start) * 1000:.0f} ms")
    compared("repaint, marked", repaints, view.table, qt)
    print(f"open: {statistics.median(opening(view, [large]) for _ in range(5)):.0f} ms")
    high = sheet(rows, heights={row: 15.0 + row % 3 for row in range(rows)})
    print(f"open, every row with a height: {statistics.median(opening(view, [high]) for _ in range(3)):.0f} ms")


if __name__ == "__main__":
    main()
