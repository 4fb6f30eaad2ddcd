"""The files of a batch as a table: unit, year, errors, warnings and state, as they come in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QSortFilterProxyModel, Qt
from PySide6.QtGui import QColor

from app.pipeline import Outcome
from app.ui import theme
from app.ui.labels import plain_tip

COLUMNS = ("文件", "单位", "年度", "错误", "提醒", "尾差", "已填", "状态")
_FILE, _UNIT, _YEAR, _ERRORS, _WARNINGS, _ROUNDING, _FILLED, _STATE = range(len(COLUMNS))
Index = QModelIndex | QPersistentModelIndex
SORT = Qt.ItemDataRole.UserRole


@dataclass(slots=True)
class Line:
    """One file: ``step`` while it is worked on, then its ``outcome``."""

    path: Path
    step: str = "等待"
    outcome: Outcome | None = None
    stopped: bool = False

    @property
    def state(self) -> str:
        """What the last column says."""
        if self.outcome is None:
            return "已取消" if self.stopped else self.step
        if self.outcome.error:
            return f"✖ {self.outcome.error}"
        if not self.outcome.evaluated:
            return "！ 没有可核对的内容"
        if self.outcome.blank:
            return "○ 模板尚未填写"
        if self.outcome.errors:
            return f"✖ {self.outcome.errors} 处错误"
        return f"⚠ {self.outcome.warnings} 处提醒" if self.outcome.warnings else "✓ 未发现错误"

    @property
    def weight(self) -> int:
        """For sorting by state: what needs her first."""
        if self.outcome is None:
            return 5 if self.stopped else 4
        if self.outcome.error:
            return 0
        return 1 if self.outcome.errors else 2 if self.outcome.warnings else 3


class BatchModel(QAbstractTableModel):
    """``start`` with the files, then ``step`` and ``finish`` each by its number."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[Line] = []

    def start(self, paths: Sequence[Path]) -> None:
        self.beginResetModel()
        self.lines = [Line(path) for path in paths]
        self.endResetModel()

    def step(self, number: int, step: str) -> None:
        self.lines[number].step = f"{step}…"
        self._changed(number)

    def finish(self, number: int, outcome: Outcome) -> None:
        self.lines[number].outcome = outcome
        self._changed(number)

    def renew(self, path: Path, outcome: Outcome) -> None:
        """A file was opened from here and checked again."""
        for number, line in enumerate(self.lines):
            if line.path == path and line.outcome is not None:
                made = outcome.outputs or line.outcome.outputs
                self.finish(number, replace(outcome, path=path, outputs=made))

    def stop(self) -> None:
        """What has not ended is not done any more."""
        for number, line in enumerate(self.lines):
            if line.outcome is None:
                line.stopped = True
                self._changed(number)

    def _changed(self, number: int) -> None:
        self.dataChanged.emit(self.index(number, 0), self.index(number, len(COLUMNS) - 1))

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.lines)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(COLUMNS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return COLUMNS[section]
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        line, column = self.lines[index.row()], index.column()
        if role == Qt.ItemDataRole.DisplayRole:
            return self._text(line, column)
        if role == SORT:
            return line.weight * 1e6 - self._number(line, _ERRORS) if column == _STATE else self._key(line, column)
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tip({_FILE: str(line.path), _STATE: line.state}.get(column, "")) or None
        if role == Qt.ItemDataRole.TextAlignmentRole and _YEAR <= column <= _FILLED:
            return int(Qt.AlignmentFlag.AlignCenter)
        return self._color(line, column, role)

    def _color(self, line: Line, column: int, role: int) -> object:
        if line.outcome is None:
            return QColor(theme.GREY) if role == Qt.ItemDataRole.ForegroundRole and column == _STATE else None
        level = {_ERRORS: "error", _WARNINGS: "warning"}.get(column, "")
        if column == _STATE:
            level = "error" if line.weight < 2 else "warning" if line.weight == 2 else "filled"
        elif level and not self._number(line, column):
            level = ""
        if not level:
            return None
        if role == Qt.ItemDataRole.BackgroundRole and column != _STATE:
            return theme.ground(level)
        return theme.color(level) if role == Qt.ItemDataRole.ForegroundRole else None

    def _text(self, line: Line, column: int) -> str:
        if column == _FILE:
            return line.path.name
        if column == _STATE:
            return line.state
        if line.outcome is None or line.outcome.error:
            return ""
        if column == _UNIT:
            return line.outcome.unit or ""
        if column == _YEAR:
            return str(line.outcome.year or "")
        return str(self._number(line, column))

    def _key(self, line: Line, column: int) -> object:
        return self._text(line, column) if column in (_FILE, _UNIT, _YEAR) else self._number(line, column)

    def _number(self, line: Line, column: int) -> int:
        if line.outcome is None or line.outcome.error:
            return -1 if line.outcome is None else 0
        outcome = line.outcome
        return {
            _ERRORS: outcome.errors, _WARNINGS: outcome.warnings, _ROUNDING: outcome.rounding, _FILLED: outcome.filled,
        }.get(column, 0)  # fmt: skip


class BatchProxy(QSortFilterProxyModel):
    """Sorts numbers as numbers and states by what needs her first."""

    def __init__(self) -> None:
        super().__init__()
        self.setSortRole(SORT)
        self.setDynamicSortFilter(False)  # lines do not jump about while she reads
