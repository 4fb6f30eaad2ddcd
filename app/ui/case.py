"""One open case in the window: what crossed from the worker, gathered, and put in order for showing."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from app.checking.finding import Finding
from app.opened import Opened, Part, SheetPiece, SheetTexts
from app.pipeline import Outcome, Request
from app.source import Place
from app.ui.views import ViewMark

_CELL = re.compile(r"([A-Z]+)(\d+)")
_WHERE = re.compile(r"^第\d+(?:页|行|段)“[^”]*”：")
_KINDS = (  # families of rules in her words, by the beginning of their codes
    ("勾稽关系", "A"),
    ("与上年、各单位核对", "LU"),
    ("百分比", "P"),
    ("公式和填列", "FSBHNCKDM"),
    ("文字与数据", "T"),
)


class Case:
    """Gathers the pieces of a case (``add``) until its ``Opened`` and all findings are there."""

    def __init__(self, request: Request) -> None:
        self.request = request
        self.opened: Opened | None = None
        self.outcome: Outcome | None = None
        self.findings: list[Finding] = []
        self.solved: list[Finding] = []  # were there before it was checked anew
        self._pieces: dict[int, list[SheetPiece]] = {}
        self.sheets: list[SheetTexts] = []
        self._order: dict[tuple[str | None, str], int] = {}
        self._part_of: dict[str, Part] = {}

    def add(self, piece: object) -> bool:
        """Take a piece; True once there is something to show."""
        if isinstance(piece, SheetPiece):
            self._pieces.setdefault(piece.sheet, []).append(piece)
        elif isinstance(piece, Opened):
            self._open(piece)
        elif isinstance(piece, list):
            self.findings += piece
        return self.complete

    @property
    def complete(self) -> bool:
        """Whether all that is shown is there; the written files may still be to come."""
        return self.opened is not None and len(self.findings) >= self.opened.findings

    def _open(self, opened: Opened) -> None:
        self.opened = opened
        self.outcome = opened.outcome
        self.sheets = [SheetTexts(shape) for shape in opened.sheets]
        for number, texts in enumerate(self.sheets):
            for piece in self._pieces.pop(number, []):
                texts.add(piece)
            self._order[(texts.shape.file, texts.shape.name)] = number
        self._part_of = {key: part for part in opened.parts for key in part.fingerprints}

    @property
    def title(self) -> str:
        """``江汉区企业服务中心 · 2022 年度 · 9 表``."""
        if self.outcome is None:
            return self.request.path.name
        parts = [self.outcome.unit or self.request.path.name]
        if self.outcome.year:
            parts.append(f"{self.outcome.year} 年度")
        if self.outcome.tables:
            parts.append(f"{self.outcome.tables} 表")
        return " · ".join(parts)

    @property
    def verdict(self) -> tuple[str, bool]:
        """What to say where nothing is wrong, and whether that is good news; ``("", False)`` where
        something is."""
        outcome = self.opened.outcome if self.opened is not None else None
        if outcome is None or any(level(f) == "error" for f in self.findings):
            return "", False
        if outcome.blank:
            return "这是尚未填写的模板，还没有数字可以核对。", False
        if not outcome.evaluated:
            return "没有可核对的内容。", False
        return "未发现错误。", True

    def part(self, finding: Finding) -> Part | None:
        """The table or section that a finding is listed under."""
        return self._part_of.get(finding.fingerprint)

    def order(self, place: Place) -> tuple[float, ...]:
        """A key that sorts places as they stand in the document."""
        if place.sheet is not None:
            hit = _CELL.match(place.cell or "")
            sheet = self._order.get((place.file, place.sheet), self._order.get((None, place.sheet), 999))
            return (0, sheet, int(hit[2]) if hit else 0, _column(hit[1]) if hit else 0)
        if place.page is not None:
            return (1, place.page, place.box[1] if place.box else 0, place.box[0] if place.box else 0)
        if place.line is not None or place.paragraph is not None:
            return (1, place.line or place.paragraph or 0, 0, 0)
        return (1, 1e6, place.table or 0, place.row or 0)

    def count_parts(self) -> None:
        """Count the findings of each part anew, after some were verified."""
        if self.opened is None:
            return
        levels = {f.fingerprint: level(f) for f in self.findings}
        self.opened.parts = [_counted(part, [levels[k] for k in part.fingerprints]) for part in self.opened.parts]
        self._part_of = {key: part for part in self.opened.parts for key in part.fingerprints}

    def files(self) -> list[Path]:
        """The files that the case was read from."""
        return [p for p in (self.request.path, self.request.tables) if p is not None]

    def marks(self, findings: Sequence[Finding]) -> list[ViewMark]:
        """What the views colour: findings, what follows from them, and what was filled in."""
        marks = []
        for finding in findings:
            shown = level(finding)
            marks.append(ViewMark(finding.place, shown, tip(finding), finding.quote, finding.fingerprint))
        if self.opened is not None:
            for fill in self.opened.fills:
                if fill.done:
                    marks.append(ViewMark(fill.place, "filled", f"已填 {fill.value}：{fill.why}", fill.found))
        return marks


def _counted(part: Part, levels: list[str]) -> Part:
    errors, warnings = levels.count("error"), levels.count("warning")
    state = "found" if errors or warnings else "passed" if part.state == "found" else part.state
    return replace(part, errors=errors, warnings=warnings, state=state)


def level(finding: Finding) -> str:
    """How a finding is shown: its severity, 尾差, 已核实, or solved since."""
    if finding.kind == "已解决":
        return "solved"
    if getattr(finding, "verified", None) is not None:
        return "verified"
    return "rounding" if finding.kind == "尾差" else finding.severity


def short(finding: Finding) -> str:
    """The message without the place, which stands beside it."""
    said = _WHERE.sub("", finding.message)
    before, where, after = said.partition(f"（{finding.place}）")
    named = "·".join(name for name in (finding.row, finding.column) if name)
    return f"{named} {after.lstrip()}" if where and named and finding.place.cell and len(before) < 90 else said


def tip(finding: Finding) -> str:
    """What a tool tip says."""
    from app.ui.theme import WORDS

    return f"{WORDS[level(finding)]}：{finding.message}"


def kind(finding: Finding) -> str:
    """The family of a finding's rule, in her words."""
    return next((name for name, letters in _KINDS if finding.code[:1] in letters), "其他")


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number
