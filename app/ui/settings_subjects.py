"""The tab 科目 of the settings: the official lists that she imported, by year."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QCoreApplication,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFileDialog,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QSpinBox,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from app.ui import theme
from app.ui.aside import Aside

if TYPE_CHECKING:
    from app.subject_import import Imported

Index = QModelIndex | QPersistentModelIndex
# Import of a file (for a year, None: the file tells it): gives what was taken in to ``done``, or a
# sentence on why nothing was. It may be called later, but in the window's thread.
Done = Callable[["list[Imported] | str"], None]
Importer = Callable[[Path, int | None, Done], None]
_FILTER = "科目表 (*.xlsx *.xls *.et *.csv *.txt *.ods)"
_HEADS = ("年度", "科目", "个数")
_ALONE = 1999  # the spin box below its first year: the file tells it


class ListsModel(QAbstractTableModel):
    """The imported lists, newest first."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: list[tuple[int, str, int]] = []
        self.reload()

    def reload(self) -> None:
        """Read again what is there."""
        from app.knowledge.subject_lists import imported

        self.beginResetModel()
        self._rows = sorted(((year, kind, entries) for kind, year, entries in imported()), reverse=True)
        self.endResetModel()

    def year(self, row: int) -> int:
        return self._rows[row][0]

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(_HEADS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role == Qt.ItemDataRole.DisplayRole and orientation == Qt.Orientation.Horizontal:
            return _HEADS[section]
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        year, kind, entries = self._rows[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return (f"{year} 年", kind, f"{entries} 个")[index.column()]
        return None


class SubjectsTab(QWidget):
    """Import and removal work at once; ``undo`` puts everything back as it was when the tab opened."""

    def __init__(self, importer: Importer | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._import = importer or in_a_thread
        self._before: dict[Path, bytes] | None = None
        self.busy = False
        self.idle: Callable[[], None] = lambda: None  # told when an import has ended
        self.model = ListsModel(self)
        self.table = self._table()
        self.year = QSpinBox(minimum=_ALONE, maximum=2099, value=_ALONE)
        self.year.setSpecialValueText("按文件所写")
        self.year.setAccessibleName("科目表的年度")
        self.add = QPushButton("导入(&I)…", autoDefault=False)
        self.remove = QPushButton("删除(&E)", autoDefault=False)
        self.word = QLabel()
        self.word.setWordWrap(True)
        self.word.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._lay_out()
        self.add.clicked.connect(self._choose)
        self.remove.clicked.connect(self._remove)
        self.table.selectionModel().selectionChanged.connect(self._settle)
        self.model.modelReset.connect(self._settle)
        self._say("" if self.model.rowCount() else "还没有导入科目表。")
        self._settle()

    def take(self, path: Path) -> None:
        """Import a file."""
        self._remember()
        self.busy = True
        self._settle()
        self._say(f"正在读取“{path.name}”……")
        year = self.year.value()
        self._import(path, None if year == _ALONE else year, lambda result: self._taken(path, result))

    def undo(self) -> None:
        """Put the lists back as they were."""
        if self._before is None:
            return
        before, self._before = self._before, None
        for path in _files():
            if path not in before:
                path.unlink(missing_ok=True)
        for path, data in before.items():
            if not path.is_file() or path.read_bytes() != data:
                path.write_bytes(data)
        self.model.reload()

    def _remember(self) -> None:
        if self._before is None:
            self._before = {path: path.read_bytes() for path in _files()}

    def _taken(self, path: Path, result: list[Imported] | str) -> None:
        self.busy = False
        self.model.reload()
        if isinstance(result, str):
            self._say(_for_the_window(result), wrong=True)
        else:
            said = [f"已导入 {one.year} 年{one.kind}科目 {one.entries} 个{_conflicts(one)}。" for one in result]
            self._say("\n".join(said))
            self._select(result[0].year if result else 0)
        self._settle()
        self.idle()

    def _select(self, year: int) -> None:
        for row in range(self.model.rowCount()):
            if self.model.year(row) == year:
                self.table.selectRow(row)
                return

    def _choose(self) -> None:
        path, _ = QFileDialog.getOpenFileName(self, "导入科目表", "", _FILTER)
        if path:
            self.take(Path(path))

    def _remove(self) -> None:
        from app.subject_import import remove

        rows = self.table.selectionModel().selectedRows()
        if not rows:
            return
        year = self.model.year(rows[0].row())
        self._remember()
        try:
            remove(year)
        except OSError:
            self._say(f"{year} 年的科目表删不掉：文件正被其他程序使用，请稍后再试。", wrong=True)
        else:
            self._say(f"已删除 {year} 年的科目表；按“取消”可以恢复。")
        self.model.reload()

    def _settle(self) -> None:
        """Buttons as far as they can do something."""
        self.add.setEnabled(not self.busy)
        self.remove.setEnabled(not self.busy and bool(self.table.selectionModel().selectedRows()))

    def _say(self, text: str, *, wrong: bool = False) -> None:
        self.word.setText(text)
        self.word.setStyleSheet(f"color: {'#9C0006' if wrong else theme.INK};")

    def _table(self) -> QTableView:
        table = QTableView()
        table.setModel(self.model)
        table.setAccessibleName("已导入的科目表")
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        table.setTabKeyNavigation(False)
        table.setShowGrid(False)
        table.setAlternatingRowColors(True)
        table.verticalHeader().hide()
        table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        table.horizontalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        table.horizontalHeader().setHighlightSections(False)
        table.horizontalHeader().setStyleSheet("QHeaderView::section { padding: 4px 3px; }")
        return table

    def _lay_out(self) -> None:
        intro = QLabel(
            "导入某一年的官方科目表后，该年的科目编码和名称按它核对；没有导入的年度，按程序自带的科目核对。"
            "文件里应有编码和名称两列，或类、款、项三列和名称。"
        )
        intro.setWordWrap(True)
        row = QHBoxLayout()
        label = QLabel("年度(&Y)")
        label.setBuddy(self.year)
        for part in (self.add, label, self.year):
            row.addWidget(part)
        row.addStretch(1)
        row.addWidget(self.remove)
        layout = QVBoxLayout(self)
        layout.setSpacing(10)
        layout.addWidget(intro)
        layout.addWidget(self.table, 1)
        layout.addLayout(row)
        layout.addWidget(self.word)


def in_a_thread(path: Path, year: int | None, done: Done) -> None:
    """Import beside the window; the window stays lively."""
    Aside(lambda: import_now(path, year), done, QCoreApplication.instance())


def import_now(path: Path, year: int | None) -> list[Imported] | str:
    """Import a file; a sentence where it could not be."""
    from app.outputs import Unwritable
    from app.reading.errors import Unreadable
    from app.subject_import import import_list

    try:
        return import_list(path, year)
    except (Unreadable, Unwritable) as error:
        return str(error)
    except Exception as error:  # what no one foresaw is told, not lost in a thread
        return f"“{path.name}”读不了（{type(error).__name__}），请另存为 .xlsx 再试。"


def _for_the_window(sentence: str) -> str:
    """What was written for the command line names its options."""
    told, option, _ = sentence.partition("，请用 --year")
    return f"{told}，请在“年度”里选定年度，再导入一次。" if option else sentence


def _conflicts(one: Imported) -> str:
    if not one.conflicts:
        return ""
    more = "等" if len(one.conflicts) > 8 else ""
    return f"；{len(one.conflicts)} 个编码有两个名称，取了前一个：{'、'.join(one.conflicts[:8])}{more}"


def _files() -> list[Path]:
    from app.knowledge.user import data_folder

    return sorted((data_folder() / "subjects").glob("*.csv"))
