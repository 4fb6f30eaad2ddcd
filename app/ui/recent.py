"""The recent files with their last result, kept in the user's state folder and listed at the start."""

from __future__ import annotations

import json
import threading
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal

from app import outputs
from app.pipeline import Outcome

MOST = 12
NAME = "recent.json"
Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True, slots=True)
class Entry:
    """One file as it ended last time; ``when`` is ISO local time."""

    path: str
    when: str
    result: str
    unit: str = ""
    year: int | None = None

    @classmethod
    def of(cls, outcome: Outcome) -> Entry:
        """What is remembered of an outcome."""
        when = datetime.now().isoformat(timespec="seconds")
        return cls(str(outcome.path), when, _result(outcome), outcome.unit or "", outcome.year)


def _result(outcome: Outcome) -> str:
    if outcome.error:
        return "无法读取"
    if not outcome.evaluated:
        return "没有可核对的内容"
    counts = ((outcome.errors, "处错误"), (outcome.warnings, "处提醒"))
    said = " · ".join(f"{count} {word}" for count, word in counts if count)
    return said if outcome.errors else f"✓ 未发现错误{' · ' + said if said else ''}"


class Recent(QObject):
    """The list, newest first. ``changed`` when it is another one. Never raises: it is a convenience."""

    changed = Signal()

    def __init__(self, path: Path | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.path = path or outputs.state_folder() / NAME
        self.entries: list[Entry] = self._read()

    def add(self, outcome: Outcome) -> None:
        """Note how a file ended; it comes first."""
        new = Entry.of(outcome)
        # another window may have written meanwhile
        self.entries = [new, *(e for e in self._read() if e.path != new.path)][:MOST]
        self._write()
        self.changed.emit()

    def clear(self) -> None:
        """Forget all."""
        self.entries = []
        self._write()
        self.changed.emit()

    def _read(self) -> list[Entry]:
        try:
            found = json.loads(self.path.read_text("utf-8"))
            return [Entry(**one) for one in found][:MOST]
        except (OSError, ValueError, TypeError):
            return []

    def _write(self) -> None:
        with suppress(OSError):
            self.path.parent.mkdir(parents=True, exist_ok=True)
            temp = self.path.with_suffix(".tmp")
            temp.write_text(json.dumps([asdict(e) for e in self.entries], ensure_ascii=False, indent=1), "utf-8")
            temp.replace(self.path)


class RecentModel(QAbstractListModel):
    """The list for a view. Whether a file is still there is looked up beside, for a network drive that
    sleeps must not hold up the window."""

    _looked = Signal(object)

    def __init__(self, recent: Recent, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._recent = recent
        self._gone: frozenset[str] = frozenset()
        self._looked.connect(self._found, Qt.ConnectionType.QueuedConnection)
        recent.changed.connect(self._reset)
        self.look()

    def look(self) -> None:
        """Look, off the window's thread, which files are gone."""
        paths = [entry.path for entry in self._recent.entries]

        def see() -> None:
            gone = frozenset(path for path in paths if not _there(path))
            with suppress(RuntimeError):  # the window has closed meanwhile
                self._looked.emit(gone)

        threading.Thread(target=see, daemon=True).start()

    def _found(self, gone: frozenset[str]) -> None:
        if gone != self._gone:
            self._gone = gone
            if self.rowCount():
                self.dataChanged.emit(self.index(0), self.index(self.rowCount() - 1))

    def _reset(self) -> None:
        self.beginResetModel()
        self.endResetModel()
        self.look()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._recent.entries)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        entry = self._recent.entries[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return Path(entry.path).name
        if role == Qt.ItemDataRole.ToolTipRole:
            return entry.path
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return "，".join(str(part) for part in self.told(index.row())[:3])
        return None

    def told(self, row: int) -> tuple[str, str, str, bool]:
        """(name, result in words, when in words, whether the file is gone)."""
        entry = self._recent.entries[row]
        return Path(entry.path).name, entry.result, when(entry.when), entry.path in self._gone

    def path(self, row: int) -> Path | None:
        """The file of a line, None where it is gone."""
        entry = self._recent.entries[row]
        return None if entry.path in self._gone else Path(entry.path)


def _there(path: str) -> bool:
    try:
        return Path(path).exists()
    except OSError:
        return False


def when(text: str, now: datetime | None = None) -> str:
    """``刚刚``, ``今天 16:20``, ``昨天 16:20``, ``3月5日``, ``2025年3月5日``."""
    now = now or datetime.now()
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return ""
    if timedelta(0) <= now - at < timedelta(minutes=1):
        return "刚刚"
    days = (now.date() - at.date()).days
    if days in (0, 1):
        return f"{'今天' if days == 0 else '昨天'} {at:%H:%M}"
    return f"{at.month}月{at.day}日" if at.year == now.year else f"{at.year}年{at.month}月{at.day}日"
