"""The findings of a case as a list: sorted by place or weight, filtered by what she chooses."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, QSortFilterProxyModel, Qt

from app.checking.finding import Finding
from app.ui import theme
from app.ui.case import Case, kind, level, short
from app.ui.labels import plain_tip

FINDING = Qt.ItemDataRole.UserRole
NEW = Qt.ItemDataRole.UserRole + 1
Index = QModelIndex | QPersistentModelIndex


class FindingsModel(QAbstractListModel):
    """``set_case`` shows the findings of a case; ``new`` are fingerprints that were not there before.

    The findings stand here in the order in which they are listed: a proxy that sorts asks Python tens of
    thousands of times for a few thousand of them.
    """

    def __init__(self) -> None:
        super().__init__()
        self.case: Case | None = None
        self.findings: list[Finding] = []
        self.new: frozenset[str] = frozenset()
        self.by_weight = False
        self._order: list[int] = []  # of each row its number in the case
        self._places: list[tuple[float, ...]] = []  # by the number in the case
        self._texts: list[str] = []

    def set_case(self, case: Case, new: frozenset[str] = frozenset()) -> None:
        self.beginResetModel()
        self.case, self.new = case, new
        given = [*case.findings, *case.solved]
        self._places = [case.order(f.place) for f in given]
        self._put(given)
        self.endResetModel()

    def replace(self, findings: Sequence[Finding]) -> None:
        """The same findings, as the case has them, with other marks on them (已核实)."""
        self._rearrange(list(findings))

    def arrange(self, *, by_weight: bool) -> None:
        """List them by place, or what weighs most first; what is chosen stays chosen."""
        if by_weight != self.by_weight:
            self.by_weight = by_weight
            given = dict(zip(self._order, self.findings, strict=True))
            self._rearrange([given[number] for number in range(len(given))])

    def _put(self, given: list[Finding]) -> None:
        numbers = range(len(given))
        if not self.by_weight:
            self._order = sorted(numbers, key=lambda n: (_apart(given[n]), self._places[n]))
        else:
            self._order = list(numbers)
        self.findings = [given[number] for number in self._order]
        self._texts = []

    def _rearrange(self, given: list[Finding]) -> None:
        self.layoutAboutToBeChanged.emit()
        chosen = self.persistentIndexList()
        numbers = [self._order[index.row()] for index in chosen]
        self._put(given)
        rows = {number: row for row, number in enumerate(self._order)}
        self.changePersistentIndexList(chosen, [self.index(rows[number]) for number in numbers])
        self.layoutChanged.emit()

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
            return plain_tip(finding.message)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{theme.WORDS[level(finding)]}：{finding.message}"
        return None

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

    def choose(self, **what: object) -> None:
        """Change what is shown: ``levels``, ``part``, ``kind``, ``words`` (a text)."""
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


def _apart(finding: Finding) -> int:
    """Verified and solved ones stand apart, at the end."""
    return {"verified": 1, "solved": 2}.get(level(finding), 0)
