"""The result of one case: parts, the file itself, the findings; above it what was done, below the counts."""

from __future__ import annotations

from itertools import cycle

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSplitter, QVBoxLayout, QWidget

from app.checking.finding import Finding
from app.opened import Part
from app.source import Place
from app.ui import theme
from app.ui.case import Case, level
from app.ui.case_view import CaseView
from app.ui.findings_panel import FindingsPanel
from app.ui.info_bar import InfoBar
from app.ui.labels import Elided, Heading, plain_tip
from app.ui.parts_list import PartsList


class ResultPage(QWidget):
    """Emits what the window has to do: ``open_asked`` and ``save_asked`` (the annotated file),
    ``outside_asked`` (her own file), ``back_asked``, ``rule_asked``, ``verify_asked``, ``unchecked_asked``."""

    open_asked = Signal()
    save_asked = Signal()
    back_asked = Signal()
    outside_asked = Signal(object)
    rule_asked = Signal(str)
    verify_asked = Signal(list)
    unchecked_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.case: Case | None = None
        self._at: tuple[Place, object] | None = None
        self.back = QPushButton("← 返回(&B)")
        self.back.setProperty("flat", True)
        self.back.clicked.connect(self.back_asked)
        self.title = Heading(1.25)
        self.file = Elided()
        self.file.setStyleSheet(f"color: {theme.GREY};")
        self.open_button = QPushButton("打开标注文件(&O)")
        self.open_button.setProperty("main", True)
        self.open_button.clicked.connect(self.open_asked)
        self.save_button = QPushButton("另存(&S)…")
        self.save_button.clicked.connect(self.save_asked)
        self.bar = InfoBar()
        self.parts = PartsList()
        self.view = CaseView()
        self.findings = FindingsPanel()
        self.counts = QLabel()
        self.unchecked = QPushButton()
        self.unchecked.setProperty("flat", True)
        self.unchecked.clicked.connect(self.unchecked_asked)
        self._lay_out()
        self._connect()

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.setContentsMargins(8, 6, 10, 6)
        top.setSpacing(8)
        for widget in (self.back, self.title, self.file):
            top.addWidget(widget)
        top.addStretch(1)
        top.addWidget(self.open_button)
        top.addWidget(self.save_button)
        self.splitter = QSplitter(Qt.Orientation.Horizontal)
        self.splitter.setHandleWidth(3)
        for pane, stretch in ((self.parts, 0), (self.view, 1), (self.findings, 0)):
            self.splitter.addWidget(pane)
            self.splitter.setStretchFactor(self.splitter.count() - 1, stretch)
        self.splitter.setChildrenCollapsible(False)
        self.parts.setMinimumWidth(150)
        self.findings.setMinimumWidth(270)
        self.view.setMinimumWidth(300)
        self.splitter.setSizes([220, 720, 390])
        bottom = QHBoxLayout()
        bottom.setContentsMargins(12, 3, 10, 3)
        bottom.addWidget(self.counts)
        bottom.addWidget(self.unchecked)
        bottom.addSpacing(16)
        self.said = Elided()
        self.said.setStyleSheet(f"color: {theme.GREY};")
        self.said.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        bottom.addWidget(self.said, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(top)
        layout.addWidget(self.bar)
        layout.addWidget(self.splitter, 1)
        layout.addLayout(bottom)

    def _connect(self) -> None:
        self.parts.part_chosen.connect(self._part)
        self.parts.only_asked.connect(lambda part: self.findings.only_part(part.name))
        self.findings.chosen.connect(self._finding)
        self.findings.place_asked.connect(self.go_to)
        self.findings.rule_asked.connect(self.rule_asked)
        self.findings.verify_asked.connect(self.verify_asked)
        self.view.place_chosen.connect(self._from_view)
        self.view.opened_outside.connect(self.outside_asked)
        for keys, act in (
            ("F8", lambda: self.findings.step(1)),
            ("Shift+F8", lambda: self.findings.step(-1)),
            (QKeySequence.StandardKey.Find, self._search),
        ):
            action = QAction(self, shortcut=keys)
            action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            action.triggered.connect(act)
            self.addAction(action)

    # -- showing

    def show_case(self, case: Case, new: frozenset[str] = frozenset(), *, again: bool = False) -> None:
        """Show a case; ``again`` when it is the same one checked anew: selection and scroll stay."""
        assert case.opened is not None
        self.case = case
        self.title.setText(case.title)
        self.file.setText(" ＋ ".join(p.name for p in case.files()))
        self.file.setToolTip(plain_tip("\n".join(str(p) for p in case.files())))
        self.said.clear()
        self.parts.show_parts(case.opened.parts)
        self.view.show_case(case, keep=again)
        self.view.set_marks(case.marks(case.findings))
        self.findings.show_case(case, new)
        self.count()
        if not again:
            self.findings.show_all()
            self._first()

    def _first(self) -> None:
        """Begin at the finding to mend first; a clean file begins at its first table."""
        if self.case is not None and self.case.findings and self.findings.select(self.case.findings[0].fingerprint):
            return
        part = next((p for p in self.case.opened.parts if p.place), None) if self.case and self.case.opened else None
        if part is not None and part.place is not None:
            self.view.go_to(part.place, flash=False)

    def refresh(self) -> None:
        """The findings are the same, some marked otherwise (已核实)."""
        assert self.case is not None
        self.view.set_marks(self.case.marks(self.case.findings))
        self.findings.refresh(self.case.findings)
        if self.case.opened is not None:
            self.parts.show_parts(self.case.opened.parts)
        self.count()

    def count(self) -> None:
        """错误 3 · 提醒 5 · 尾差 4 · 已核实 0, and how much could not be checked."""
        assert self.case is not None and self.case.opened is not None
        shown = [level(f) for f in self.case.findings]
        words = [
            f"<span style='color:{theme.color(name).name()}'>{theme.SIGNS[name]} {theme.WORDS[name]} {shown.count(name)}</span>"
            for name in ("error", "warning", "rounding", "verified")
        ]
        outcome = self.case.opened.outcome
        done = (
            f"已核对 {outcome.tables} 张表、{outcome.evaluated:,} 处"
            if outcome.tables
            else f"已核对 {outcome.evaluated:,} 处"
        )
        if outcome.filled:
            done += f"；已填 {outcome.filled} 处"
        verdict, good = self.case.verdict
        clean = f"<b style='color:{'#006100' if good else theme.AMBER}'>{verdict}</b>　" if verdict else ""
        self.counts.setText(
            f"{clean}{' · '.join(words)}&nbsp;&nbsp;&nbsp;&nbsp;<span style='color:{theme.GREY}'>{done}</span>"
        )
        could_not = sum(rule.status == "could_not_run" for rule in self.case.opened.rules) + len(
            self.case.opened.problems
        )
        self.unchecked.setText(f"{could_not} 项无法核对（查看）")
        self.unchecked.setVisible(could_not > 0)

    # -- going about

    def go_to(self, place: Place) -> None:
        """To a place that a link names."""
        self.said.clear()
        if not self.view.go_to(place):
            self.said.setText(f"{place.file or ''} {place} 不在打开的文件里".strip())

    def _part(self, part: Part) -> None:
        if part.place is not None:
            self.go_to(part.place)
        self.said.setText(
            f"{part.number} {part.name}：{part.reason}".strip() if part.reason and part.state != "found" else ""
        )

    def _finding(self, finding: Finding) -> None:
        self.said.clear()
        if self.case is not None and (part := self.case.part(finding)) is not None:
            self.parts.mark(part.name)
        if not self.view.go_to(finding.place, finding.quote):
            self.said.setText(f"问题所在：{finding.place}")

    def _from_view(self, place: Place) -> None:
        """From a cell or passage back to its findings; another click leads to the next of them."""
        if self.case is None:
            return
        here = [
            f for f in self.case.findings if _same(f.place, place) or any(_same(r.place, place) for r in f.consequences)
        ]
        if not here:
            self._at = None
            fill = (
                next((f for f in self.case.opened.fills if _same(f.place, place)), None) if self.case.opened else None
            )
            self.said.setText(f"已填 {fill.value}：{fill.why}" if fill and fill.done else fill.why if fill else "")
            return
        if self._at is None or not _same(self._at[0], place):
            self._at = (place, cycle(here))
        self.findings.select(next(self._at[1]).fingerprint, tell=False)  # type: ignore[call-overload]

    def _search(self) -> None:
        self.findings.search.setFocus()
        self.findings.search.selectAll()


def _same(one: Place, other: Place) -> bool:
    """Whether two places are one; a file may be named in only one of them."""
    if one.sheet is not None or other.sheet is not None:
        return (one.sheet, one.cell) == (other.sheet, other.cell) and (
            one.file == other.file or None in (one.file, other.file)
        )
    return one == other
