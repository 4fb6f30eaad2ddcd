"""The findings of a case as a list: sorted by place or weight, filtered by what she chooses."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, QSortFilterProxyModel, Qt

from app.checking.finding import Finding
from app.ui import theme
from app.ui.case import Case, kind, level, short

FINDING = Qt.ItemDataRole.UserRole
NEW = Qt.ItemDataRole.UserRole + 1
Index = QModelIndex | QPersistentModelIndex


class FindingsModel(QAbstractListModel):
    """``set_case`` shows the findings of a case; ``new`` are fingerprints that were not there before."""

    def __init__(self) -> None:
        super().__init__()
        self.case: Case | None = None
        self.findings: list[Finding] = []
        self.new: frozenset[str] = frozenset()
        self._places: list[tuple[float, ...]] = []
        self._texts: list[str] = []

    def set_case(self, case: Case, new: frozenset[str] = frozenset()) -> None:
        self.beginResetModel()
        self.case, self.findings, self.new = case, [*case.findings, *case.solved], new
        self._places = [case.order(f.place) for f in self.findings]
        self._texts = []
        self.endResetModel()

    def replace(self, findings: Sequence[Finding]) -> None:
        """The same findings with other marks on them (已核实)."""
        self.findings = list(findings)
        if self.findings:
            self.dataChanged.emit(self.index(0), self.index(len(self.findings) - 1))

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.findings)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        finding = self.findings[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return f"{theme.SIGNS[level(finding)]} {short(finding)}"
        if role == FINDING:
            return finding
        if role == NEW:
            return finding.fingerprint in self.new
        if role == Qt.ItemDataRole.ToolTipRole:
            return finding.message
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{theme.WORDS[level(finding)]}：{finding.message}"
        return None

    def place_key(self, row: int) -> tuple[float, ...]:
        return self._places[row]

    def text(self, row: int) -> str:
        """All that a search looks through."""
        if not self._texts:
            self._texts = [
                " ".join(
                    (f.code, f.title, f.message, f.quote, f.found, f.expected, f.table, f.row, str(f.place))
                ).casefold()
                for f in self.findings
            ]
        return self._texts[row]

    def counts(self) -> Counter[str]:
        """How many there are of each level."""
        return Counter(level(f) for f in self.findings)

    def row_of(self, fingerprint: str) -> int | None:
        return next((n for n, f in enumerate(self.findings) if f.fingerprint == fingerprint), None)


class FindingsProxy(QSortFilterProxyModel):
    """What of the list is shown. Set the fields with ``choose``; ``None`` means everything."""

    def __init__(self) -> None:
        super().__init__()
        self.levels: frozenset[str] | None = None
        self.part: str | None = None
        self.kind: str | None = None
        self.words: tuple[str, ...] = ()
        self.by_weight = False
        self.sort(0)

    def choose(self, **what: object) -> None:
        """Change what is shown: ``levels``, ``part``, ``kind``, ``words`` (a text), ``by_weight``."""
        for name, value in what.items():
            setattr(self, name, tuple(str(value).casefold().split()) if name == "words" else value)
        self.invalidate()

    def filterAcceptsRow(self, row: int, parent: Index) -> bool:
        model: FindingsModel = self.sourceModel()  # type: ignore[assignment]
        finding = model.findings[row]
        if self.levels is not None and level(finding) not in self.levels:
            return False
        if self.kind is not None and kind(finding) != self.kind:
            return False
        if self.part is not None:
            part = model.case.part(finding) if model.case else None
            if part is None or part.name != self.part:
                return False
        return not self.words or all(word in model.text(row) for word in self.words)

    def lessThan(self, left: Index, right: Index) -> bool:
        model: FindingsModel = self.sourceModel()  # type: ignore[assignment]
        a, b = left.row(), right.row()
        if self.by_weight:
            return a < b
        return (_apart(model.findings[a]), model.place_key(a), a) < (_apart(model.findings[b]), model.place_key(b), b)


def _apart(finding: Finding) -> int:
    """Verified and solved ones stand apart, at the end."""
    return {"verified": 1, "solved": 2}.get(level(finding), 0)
