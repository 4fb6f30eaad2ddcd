"""Many files: a table that fills as they finish, a click opens one, everything can be taken along."""

from __future__ import annotations

import re
import shutil
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QModelIndex, QPoint, Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QMenu,
    QProgressBar,
    QPushButton,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from app import outputs
from app.outputs import Unwritable
from app.pipeline import Outcome, Request
from app.ui.batch_model import COLUMNS, BatchModel, BatchProxy
from app.ui.info_bar import InfoBar
from app.ui.labels import Heading
from app.ui.serving import serve
from app.ui.work import Work

_NUMBER = re.compile(r"\(\d+\)$")
_WIDTHS = (17, 14, 3, 3, 3, 3, 3)  # in Chinese characters


class BatchPage(QWidget):
    """``opened`` is emitted with the path of the file she wants to see, ``back_asked`` when she has
    seen enough, ``export_asked`` and ``summary_asked`` from the buttons, ``outside_asked`` and
    ``folder_asked`` with a path from the menu, ``finished`` when all is done."""

    opened = Signal(object)
    back_asked = Signal()
    export_asked = Signal()
    summary_asked = Signal()
    outside_asked = Signal(object)
    folder_asked = Signal(object)
    finished = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model = BatchModel()
        self.proxy = BatchProxy()
        self.proxy.setSourceModel(self.model)
        self._work: Work | None = None
        self._left = 0
        self._taking = False
        self.title = Heading(1.25)
        self.progress = QProgressBar(textVisible=False)
        self.progress.setFixedWidth(220)
        self.progress.setAccessibleName("进度")
        self.back = self._button("← 返回(&B)", self.back_asked, flat=True)
        self.cancel_button = self._button("取消（Esc）", self.cancel)
        self.summary = self._button("汇总(&S)…", self.summary_asked)
        self.export = self._button("导出全部(&E)…", self.export_asked)
        self.bar = InfoBar()
        self.table = self._table()
        self.counts = QLabel()
        top = QHBoxLayout()
        top.setContentsMargins(8, 6, 10, 6)
        top.setSpacing(10)
        for widget in (self.back, self.title, self.progress, self.cancel_button):
            top.addWidget(widget)
        top.addStretch(1)
        top.addWidget(self.summary)
        top.addWidget(self.export)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 4)
        layout.setSpacing(0)
        layout.addLayout(top)
        layout.addWidget(self.bar)
        layout.addWidget(self.table, 1)
        self.counts.setContentsMargins(12, 5, 0, 0)
        layout.addWidget(self.counts)

    def _button(self, text: str, act: object, *, flat: bool = False) -> QPushButton:
        button = QPushButton(text)
        button.setProperty("flat", flat)
        button.clicked.connect(act)
        return button

    def _table(self) -> QTableView:
        table = QTableView()
        table.setModel(self.proxy)
        table.setAccessibleName("文件清单")
        table.setSortingEnabled(True)
        table.horizontalHeader().setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.setAlternatingRowColors(True)
        table.setShowGrid(False)
        table.setTabKeyNavigation(False)
        table.verticalHeader().hide()
        table.verticalHeader().setDefaultSectionSize(int(table.fontMetrics().height() * 1.8))
        header = table.horizontalHeader()
        for column, width in enumerate(_WIDTHS):
            header.resizeSection(column, (width + 1) * table.fontMetrics().horizontalAdvance("表"))
        header.setStretchLastSection(True)
        header.setHighlightSections(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        table.activated.connect(self._open)
        table.clicked.connect(self._open)
        serve(table, self._menu, self.copy)
        return table

    # -- the run

    @property
    def running(self) -> bool:
        return self._left > 0

    def start(self, work: Work, requests: Sequence[Request]) -> None:
        """Check all of these; lines fill as they finish."""
        self.cancel()
        self._work = work
        self.model.start([request.path for request in requests])
        self.table.horizontalHeader().setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        self.proxy.sort(-1)
        self._left = len(requests)
        self.progress.setMaximum(len(requests))
        self.bar.hide()
        self.table.setFocus()
        for number, request in enumerate(requests):
            work.submit("check", request, self._step(number), self._end(number))
        self._count()

    def _step(self, number: int) -> Callable[[object], None]:
        return lambda word: self.model.step(number, str(word))

    def _end(self, number: int) -> Callable[[Outcome], None]:
        def end(outcome: Outcome) -> None:
            self.model.finish(number, outcome)
            self._left -= 1
            self._count()
            if not self._left:
                self.finished.emit()

        return end

    def cancel(self) -> None:
        """Stop at once; what is done is kept."""
        if self._left and self._work is not None:
            self._work.cancel()
            self._left = 0
            self.model.stop()
            self._count()

    def renew(self, path: Path, outcome: Outcome) -> None:
        """What became of a file since it was opened from here."""
        self.model.renew(path, outcome)
        self._count()

    def outcomes(self) -> list[Outcome]:
        """Of the files that are done, as listed."""
        return [line.outcome for line in self.model.lines if line.outcome is not None]

    def _count(self) -> None:
        done = self.outcomes()
        self.title.setText(f"{len(self.model.lines)} 个文件" + (f"，已完成 {len(done)}" if self._left else ""))
        self.progress.setValue(len(done))
        self.progress.setVisible(self.running)
        self.cancel_button.setVisible(self.running)
        for button in (self.summary, self.export):
            button.setEnabled(bool(done) and not self.running and not self._taking)
        read = [o for o in done if not o.error]
        words = [
            f"错误 {sum(o.errors for o in read)}", f"提醒 {sum(o.warnings for o in read)}",
            f"尾差 {sum(o.rounding for o in read)}", f"无错误的文件 {sum(not o.errors for o in read)}",
        ]  # fmt: skip
        if len(read) < len(done):
            words.append(f"未能校核 {len(done) - len(read)}")
        self.counts.setText(" · ".join(words))

    def _open(self, index: QModelIndex) -> None:
        line = self.model.lines[self.proxy.mapToSource(index).row()]
        if line.outcome is not None and not line.outcome.error:
            self.opened.emit(line.path)
        elif line.outcome is not None:
            self.bar.tell("fail", f"{line.path.name}：{line.outcome.error}")

    def copy(self) -> None:
        """The selected files as a table that Excel takes."""
        chosen = sorted(index.row() for index in self.table.selectionModel().selectedRows())
        rows = [COLUMNS, *([self.proxy.index(row, n).data() for n in range(len(COLUMNS))] for row in chosen)]
        QGuiApplication.clipboard().setText("\n".join("\t".join(row) for row in rows))

    def menu(self, index: QModelIndex) -> QMenu:
        """What a right click on a file offers."""
        line, menu = self.model.lines[self.proxy.mapToSource(index).row()], QMenu(self)
        if line.outcome is not None and not line.outcome.error:
            menu.addAction("查看结果", lambda: self.opened.emit(line.path))
        if line.outcome is not None and line.outcome.outputs:
            made = line.outcome.outputs[0]
            menu.addAction("打开标注文件", lambda: self.outside_asked.emit(made))
        menu.addAction("打开原文件", lambda: self.outside_asked.emit(line.path))
        menu.addAction("打开所在文件夹", lambda: self.folder_asked.emit(line.path))
        menu.addSeparator()
        menu.addAction("复制", self.copy)
        return menu

    def _menu(self, at: QPoint) -> None:
        index = self.table.indexAt(at)
        if index.isValid():
            menu = self.menu(index)
            menu.exec(self.table.viewport().mapToGlobal(at))
            menu.deleteLater()

    @property
    def taking(self) -> bool:
        """Whether results are being taken along at the moment."""
        return self._taking

    @taking.setter
    def taking(self, on: bool) -> None:
        self._taking = on
        self._count()


def copied(outcomes: Sequence[Outcome], folder: Path) -> tuple[int, list[str]]:
    """Copy all annotated files into a folder; gives how many there were, and which could not be copied
    and why."""
    made: dict[str, list[Path]] = defaultdict(list)  # by their names without a number
    failed = []
    for outcome in outcomes:
        for source in outcome.outputs:
            namesakes = made[_NUMBER.sub("", source.stem).casefold()]
            try:
                # files of one name from two folders must not meet
                with outputs.protecting(namesakes), outputs.replacing(folder / source.name) as draft:
                    shutil.copyfile(source, draft.temp)
                namesakes.append(draft.path)
            except (Unwritable, OSError) as error:
                failed.append(f"{source.name}（{error if isinstance(error, Unwritable) else '读不到'}）")
    return sum(map(len, made.values())), failed
