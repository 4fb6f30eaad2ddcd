"""The files she checked last and how each ended, for the first page."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import IntEnum
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QColor

from app import outputs

if TYPE_CHECKING:
    from app.pipeline import Outcome

MOST = 12
MISSING_COLOUR = "6B6B6B"  # 5.3 : 1 on white
_LONGEST = 1 << 18  # bytes of the file that is read
_LATER_MS = 1500  # after the start, when nothing else wants the disk
_FAR = 1_000_000  # more findings than any file has
_Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True, slots=True)
class Entry:
    """A file and its last result. ``readable`` is false where there was none, ``checked`` where there was
    nothing to check: a template not filled in, a file without figures."""

    path: Path
    when: datetime
    errors: int = 0
    warnings: int = 0
    could_not: int = 0
    unit: str = ""
    year: int | None = None
    readable: bool = True
    checked: bool = True

    @classmethod
    def of(cls, outcome: Outcome, when: datetime | None = None) -> Entry:
        """What is remembered of a check that ended now."""
        return cls(
            outcome.path,
            when or datetime.now().astimezone(),
            outcome.errors,
            outcome.warnings,
            outcome.rules.get("could_not_run", 0),
            outcome.unit or "",
            outcome.year,
            # One that was read and could not be written has an error, too, but also its rules.
            readable=not outcome.error or bool(outcome.rules),
            checked=not outcome.blank and bool(outcome.evaluated or outcome.errors),
        )


class Recent(QObject):
    """At most ``MOST`` entries, newest first, kept in ``recent.json`` of the user's folder.

    Another window may write, too: each change begins with what the file holds now. Nothing here
    raises; where nothing can be kept, the list lives as long as the program.
    """

    changed = Signal()

    def __init__(self, file: Path | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._file = file or outputs.state_folder() / "recent.json"
        self._entries = self._load() or []
        self._kept = True  # the file holds our last change

    def entries(self) -> list[Entry]:
        """Newest first."""
        return list(self._entries)

    def add(self, result: Entry | Outcome) -> None:
        """Put a result on top, instead of an older one of the same file."""
        entry = result if isinstance(result, Entry) else Entry.of(result)
        entry = replace(entry, when=entry.when.astimezone())  # as it comes back from the file
        self._change(lambda entries: [entry, *(e for e in entries if _key(e.path) != _key(entry.path))])

    def remove(self, path: Path) -> None:
        """Forget a file."""
        self._change(lambda entries: [e for e in entries if _key(e.path) != _key(path)])

    def clear(self) -> None:
        """Forget all files."""
        self._change(lambda _: [])

    def _change(self, change: Callable[[list[Entry]], list[Entry]]) -> None:
        kept = self._load() if self._kept else None
        self._entries = change(self._entries if kept is None else kept)[:MOST]
        data = json.dumps({"files": [_told(entry) for entry in self._entries]}, indent=1)
        temp = self._file.with_name(f"{self._file.name}.{os.getpid()}~")
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            temp.write_text(data, "ascii")
            temp.replace(self._file)
            self._kept = True
        except OSError:
            self._kept = False
            with suppress(OSError):
                temp.unlink()
        self.changed.emit()

    def _load(self) -> list[Entry] | None:
        """What the file holds; nothing if it is damaged, None if there is none to read."""
        try:
            with self._file.open("rb") as file:
                data = file.read(_LONGEST)
        except (OSError, ValueError):
            return None
        try:
            told = json.loads(data)
        except (ValueError, RecursionError):
            return []
        files = told.get("files") if isinstance(told, dict) else None
        entries = [_entry(item) for item in files] if isinstance(files, list) else []
        found = {_key(e.path): e for e in reversed(entries) if e is not None}
        return sorted(found.values(), key=lambda e: e.when, reverse=True)[:MOST]


def _told(entry: Entry) -> dict[str, Any]:
    return {
        "path": os.path.abspath(entry.path),  # noqa: PTH100 - asks no drive
        "when": entry.when.astimezone().isoformat(),
        "errors": entry.errors,
        "warnings": entry.warnings,
        "could_not": entry.could_not,
        "unit": entry.unit,
        "year": entry.year,
        "readable": entry.readable,
        "checked": entry.checked,
    }


def _entry(told: object) -> Entry | None:
    """An entry of the file, or None where somebody wrote something else."""
    if not isinstance(told, dict):
        return None
    path, when, year = told.get("path"), told.get("when"), told.get("year")
    if not isinstance(path, str) or not isinstance(when, str) or not path or "\0" in path:
        return None
    try:
        moment = datetime.fromisoformat(when).astimezone()
    except (ValueError, OverflowError, OSError):
        return None
    unit = told.get("unit")
    return Entry(
        Path(path),
        moment,
        *(_count(told.get(name)) for name in ("errors", "warnings", "could_not")),
        unit=unit if isinstance(unit, str) else "",
        year=year if type(year) is int else None,
        readable=told.get("readable") is not False,
        checked=told.get("checked") is not False,
    )


def _count(value: object) -> int:
    return value if type(value) is int and 0 <= value < _FAR else 0


def _key(path: Path) -> str:
    return os.path.normcase(os.path.abspath(path))  # noqa: PTH100


def result_words(entry: Entry) -> str:
    """How the check ended, in a few words."""
    if not entry.readable:
        return "无法读取"
    if not entry.checked:
        return "没有可核对的内容"
    return f"{entry.errors} 处错误" if entry.errors else "✓ 未发现错误"


def when_words(when: datetime, now: datetime) -> str:
    """When it was, as one would say it now."""
    when, now = when.astimezone(), now.astimezone()
    if timedelta(minutes=-5) < now - when < timedelta(minutes=1):  # clocks are put right, too
        return "刚刚"
    days = (now.date() - when.date()).days
    if days in (0, 1):
        return f"{'昨天' if days else '今天'} {when:%H:%M}"
    day = f"{when.month}月{when.day}日"
    return day if when.year == now.year else f"{when.year}年{day}"


class Role(IntEnum):
    """Roles of ``RecentModel``. ``LEVEL`` is ``none`` | ``error`` | ``unreadable`` (or nothing to check) | ``missing``."""

    PATH = Qt.ItemDataRole.UserRole + 1
    NAME = PATH + 1
    RESULT = PATH + 2
    WHEN = PATH + 3
    MISSING = PATH + 4
    LEVEL = PATH + 5
    ENTRY = PATH + 6


class RecentModel(QAbstractListModel):
    """The recent files as a list; follows ``Recent``.

    Whether a file is still there is asked a while after the start and when ``look`` is called, and on
    threads: a network drive may take half a minute to answer. Until then a file counts as there.
    """

    looked = Signal()

    def __init__(
        self, recent: Recent, parent: QObject | None = None, *, clock: Callable[[], datetime] = datetime.now
    ) -> None:
        super().__init__(parent)
        self._recent, self._clock = recent, clock
        self._entries = recent.entries()
        self._missing: set[str] = set()
        self._asked: set[str] = set()  # no answer yet
        self._answers: SimpleQueue[tuple[str, bool]] = SimpleQueue()
        self._collector = QTimer(self, interval=100)
        self._collector.timeout.connect(self._collect)
        self._minute = QTimer(self, interval=60_000)
        self._minute.timeout.connect(self._age)
        self._minute.start()
        recent.changed.connect(self._reload)
        QTimer.singleShot(_LATER_MS, self, self.look)

    def path(self, row: int) -> Path | None:
        """The file of a row."""
        return self._entries[row].path if 0 <= row < len(self._entries) else None

    def told(self, row: int) -> tuple[str, str, str, bool]:
        """What a delegate paints of a row: name, result, when, and whether the file is missing."""
        index = self.index(row)
        name, result, when, missing = (self.data(index, r) for r in (Role.NAME, Role.RESULT, Role.WHEN, Role.MISSING))
        return name, result, when, missing

    @Slot()
    def _reload(self) -> None:
        before = {_key(e.path): e.when for e in self._entries}
        self.beginResetModel()
        self._entries = self._recent.entries()
        # One that was checked just now is there.
        self._missing = {key for e in self._entries if (key := _key(e.path)) in self._missing and before[key] == e.when}
        self.endResetModel()

    @Slot()
    def look(self) -> None:
        """See which files are still there; for when the page is shown again."""
        self._age()
        for entry in self._entries:
            key = _key(entry.path)
            if key not in self._asked:
                self._asked.add(key)
                # One thread each, so that one dead drive holds up none of the others.
                threading.Thread(target=_find, args=(key, entry.path, self._answers), daemon=True).start()
        self._collector.start()

    @Slot()
    def _collect(self) -> None:
        with suppress(Empty):
            while True:
                key, there = self._answers.get_nowait()
                self._asked.discard(key)
                if there == (key in self._missing):
                    self._missing ^= {key}
                    self._tell([row for row, e in enumerate(self._entries) if _key(e.path) == key])
        if not self._asked:
            self._collector.stop()
            self.looked.emit()

    @Slot()
    def _age(self) -> None:
        self._tell(range(len(self._entries)))

    def _tell(self, rows: range | list[int]) -> None:
        if rows:
            self.dataChanged.emit(self.index(rows[0]), self.index(rows[-1]))

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._entries)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid() or index.row() >= len(self._entries):
            return None
        entry = self._entries[index.row()]
        missing = _key(entry.path) in self._missing
        match role:
            case Qt.ItemDataRole.DisplayRole | Role.NAME:
                return entry.path.name
            case Role.PATH:
                return entry.path
            case Role.RESULT:
                return "找不到文件" if missing else result_words(entry)
            case Role.WHEN:
                return when_words(entry.when, self._clock())
            case Role.MISSING:
                return missing
            case Role.LEVEL:
                return "missing" if missing else _level(entry)
            case Role.ENTRY:
                return entry
            case Qt.ItemDataRole.ForegroundRole:
                return QColor(f"#{MISSING_COLOUR}") if missing else None
            case Qt.ItemDataRole.ToolTipRole:
                return _tip(entry, missing)
            case Qt.ItemDataRole.AccessibleTextRole:
                return f"{entry.path.name}，{self.data(index, Role.RESULT)}，{self.data(index, Role.WHEN)}"
        return None

    def roleNames(self) -> dict[int, Any]:
        return super().roleNames() | {int(role): role.name.lower().encode() for role in Role}


def _find(key: str, path: Path, answers: SimpleQueue[tuple[str, bool]]) -> None:
    try:
        there = path.exists()
    except (OSError, ValueError):  # refused: it may well be there
        there = True
    answers.put((key, there))


def _level(entry: Entry) -> str:
    if not entry.readable or not entry.checked:
        return "unreadable"
    return "error" if entry.errors else "none"


def _tip(entry: Entry, missing: bool) -> str:
    """Where the file is, whose it is and all that was counted."""
    lines = [str(entry.path)]
    whose = [entry.unit, f"{entry.year} 年度" if entry.year else ""]
    if any(whose):
        lines.append(" · ".join(filter(None, whose)))
    counts = [(entry.errors, "处错误"), (entry.warnings, "处提醒"), (entry.could_not, "项无法核对")]
    counted = [f"{count} {word}" for count, word in counts if count]
    if not entry.readable:
        counted = ["上次无法读取"]
    elif not entry.checked:
        counted = ["没有可核对的内容"]
    elif not entry.errors:
        counted.insert(0, "未发现错误")
    lines.append("，".join(counted))
    if missing:
        lines.append("找不到文件，可能已被移动、改名或删除。")
    return "\n".join(lines)
