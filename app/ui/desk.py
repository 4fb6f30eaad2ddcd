"""The work on one case: checking it, following its saves, verifying findings, writing and saving."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from app import outputs
from app.checking.finding import Finding
from app.knowledge.settings import Settings
from app.outputs import Unwritable
from app.pipeline import Outcome, Request
from app.ui.case import Case, level
from app.ui.work import Work
from app.verified import Verified

_REWRITE = 1200  # ms after the last remark until the annotated file is written anew


class Desk(QObject):
    """Signals: ``step`` with the name of a step; ``shown`` with the ``Case`` and whether it is the one
    from before; ``written`` with its ``Outcome`` when all is done; ``failed`` with a sentence."""

    step = Signal(str)
    shown = Signal(object, bool)
    written = Signal(object)
    failed = Signal(object)
    apart = Signal(list)

    def __init__(self, work: Work, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.work = work
        self.settings = Settings()
        self.verified = Verified()
        self.case: Case | None = None
        self.outputs: list[Path] = []
        self.solved: list[Finding] = []
        self.new: frozenset[str] = frozenset()
        self.why = ""  # it was checked anew
        self._asked: Request | None = None  # as it was opened
        self._job: int | None = None
        self._writing: int | None = None  # the annotated file anew, with remarks
        self._watcher: object | None = None
        self._rewrite = QTimer(self, singleShot=True, interval=_REWRITE)
        self._rewrite.timeout.connect(self._write_again)

    def load(self) -> None:
        """Her settings and remarks."""
        self.settings, self.verified = Settings.load(), Verified.load()

    @property
    def problems(self) -> list[str]:
        """Sentences on what of them could not be read."""
        return [*self.settings.problems, *self.verified.problems]

    # -- checking

    @property
    def busy(self) -> bool:
        return self._job is not None or self._writing is not None

    def request(self, path: Path, tables: Path | None = None, *, again: bool = False) -> Request:
        """What the settings make of a file."""
        settings = self.settings
        return Request(
            path,
            tables=tables,
            form=settings.form or None,
            fill=settings.fill,
            write=settings.write,
            settings=settings,
            verified=self.verified.remarks(),
            again=again,
            paired=tables is not None,
            listed=True,
        )

    def open(self, path: Path, tables: Path | None = None) -> None:
        """Check a file (with the workbook that goes with it) and show it."""
        self.close()
        self._asked = self.request(path, tables)
        self._follow(self.origin())
        self._submit(self._asked, again=False)

    def origin(self) -> list[Path]:
        """The files that she opened; what is shown may since come from the annotated file."""
        asked = self._asked
        return [p for p in (asked.path, asked.tables) if p is not None] if asked is not None else []

    def check_again(self, path: Path | None = None, tables: Path | None = None, why: str = "") -> None:
        """Check the open case anew, as it stands on disk now; ``path`` or ``tables`` when it is to be read
        from the annotated file that she works in. ``why`` goes before the time of day."""
        if self.case is None:
            return
        old = self.case.request
        self._rewrite.stop()  # this writes them, too
        self.cancel()
        self.why = why
        self._submit(self.request(path or old.path, tables or old.tables, again=True), again=True)

    def cancel(self) -> None:
        """Stop the check that is under way, at once. Remarks still get into the annotated file."""
        if self._job is not None:
            self.work.cancel(self._job)
            self._job = None
        if self._rewrite.isActive():
            self._rewrite.stop()
            self._write_again()

    def close(self) -> None:
        """Let go of the case."""
        self.cancel()
        self._follow([])
        self.case, self._asked, self._writing = None, None, None
        self.outputs, self.solved, self.new, self.why = [], [], frozenset(), ""

    def _submit(self, request: Request, *, again: bool) -> None:
        case = Case(request)

        def news(piece: object) -> None:
            if isinstance(piece, str):
                self.step.emit(piece)
            elif case.add(piece) and self.case is not case:
                self._show(case, again=again)

        self._job = self.work.submit("open", request, news, lambda outcome: self._done(case, outcome, again=again))

    def _show(self, case: Case, *, again: bool) -> None:
        before = self.case if again else None
        self.solved, self.new = [], frozenset()
        if before is not None:
            now = {f.fingerprint for f in case.findings}
            then = {f.fingerprint for f in before.findings}
            self.solved = [f for f in before.findings if f.fingerprint not in now and level(f) != "solved"]
            self.new = frozenset(now - then)
            case.solved = [replace(f, kind="已解决") for f in self.solved]
        self.case = case
        self.shown.emit(case, again)

    def _done(self, case: Case, outcome: Outcome, *, again: bool) -> None:
        self._job = None
        if outcome.error and not case.complete:
            if again:  # what she has before her is not taken away
                said = f"没有重新校核：{outcome.error}这里显示的仍是上一次的结果。"
                self.written.emit(replace(outcome, error=said))
            elif outcome.apart:
                self.apart.emit(case.files())
            else:
                self.failed.emit(outcome)
            return
        case.outcome = outcome
        if not again or outcome.outputs:
            self.outputs = outcome.outputs
        self._follow([*self.origin(), *self.outputs])
        self.written.emit(outcome)

    # -- following saves

    def _follow(self, paths: Sequence[Path]) -> None:
        if self._watcher is None:
            if not paths:
                return
            from app.ui.watcher import Watcher

            self._watcher = Watcher(self)
            self._watcher.changed.connect(self._changed)
        self._watcher.watch(list(paths))

    def _changed(self, path: Path) -> None:
        """A file of the case was saved, in Excel, WPS or Word."""
        if self.case is None:
            if self._job is not None and self._asked is not None:  # saved while it was being read
                self.work.cancel(self._job)
                self._submit(self._asked, again=False)
            return
        if path in self.outputs:
            if not outputs.unchanged(path):  # else it is we who wrote it
                stead = self._instead_of(path)
                if stead is not None:
                    self.check_again(**{stead: path}, why="文件已保存")
            return
        origin = (
            dict(zip(("path", "tables"), (self._asked.path, self._asked.tables), strict=True)) if self._asked else {}
        )
        hers = {part: file for part, file in origin.items() if file == path}
        self.check_again(**hers, why="文件已保存")

    def _instead_of(self, output: Path) -> str | None:
        """Which file of the case an annotated one that she works in stands for: ``path`` or ``tables``.

        None for the workbook about a report, and for a text that was filled in: they are not the file.
        """
        for part, file in zip(("tables", "path"), reversed([*self.origin(), None][:2]), strict=True):
            if file is None or file.suffix.lower() in (".pdf", ".txt", ".md"):
                continue
            kind = output.suffix.lower()
            extension = kind if kind == ".docx" else None
            if (file.suffix.lower() == ".docx") != (kind == ".docx"):
                continue
            plain = outputs.target(file, output.parent, extension)
            if output.stem.startswith(plain.stem):  # also …_校核(2)
                return part
        return None

    # -- 已核实

    def verify(self, findings: Sequence[Finding], remark: str | None) -> None:
        """Mark findings as verified with a remark, or (None) take that back. Raises ``Unwritable``."""
        if self.case is None or self.case.outcome is None:
            return
        outcome, keys = self.case.outcome, {f.fingerprint for f in findings}
        for finding in findings:
            if remark is None:
                self.verified.unmark(finding.fingerprint)
            else:
                self.verified.mark(finding, outcome.unit, outcome.year, remark)
        self.case.findings = [replace(f, verified=remark) if f.fingerprint in keys else f for f in self.case.findings]
        self.case.count_parts()
        self.verified.save()
        if self.outputs or (self._job is not None and self.case.request.write):
            self._rewrite.start()

    def _write_again(self) -> None:
        """The annotated file with the remarks in it."""
        if self.case is None:
            return
        if self._job is not None:  # its result is still to be written, without them
            self._rewrite.start()
            return
        asked = self._asked
        request = replace(self.case.request, verified=self.verified.remarks(), again=True)

        def done(outcome: Outcome) -> None:
            if asked is not self._asked:
                return  # she has gone on to another case
            self._writing = None
            if outcome.outputs:
                self.outputs = outcome.outputs
                self._follow([*self.origin(), *self.outputs])
            self.written.emit(outcome)

        self._writing = self.work.submit("check", request, lambda _: None, done, keep=True)

    # -- saving elsewhere

    def save_as(self, target: Path, done: Callable[[Path | None, str], None]) -> None:
        """Write the annotated file as ``target``; ``done`` is told the name it got, or why not."""
        if self.case is None:
            return
        ready = next((p for p in self.outputs if p.suffix.lower() == target.suffix.lower() and p.exists()), None)
        if ready is not None:
            done(*self._copied(ready, target))
            return
        folder = target.parent / f".~juesuan-{target.stem[:40]}"
        request = replace(self.case.request, write=True, folder=folder, again=False)

        def written(outcome: Outcome) -> None:
            made = next((p for p in outcome.outputs if p.suffix.lower() == target.suffix.lower()), None)
            try:
                done(*(self._copied(made, target) if made else (None, outcome.error or "没有写出标注文件。")))
            finally:
                shutil.rmtree(folder, ignore_errors=True)

        self.work.submit("check", request, lambda _: None, written, keep=True)

    def _copied(self, source: Path, target: Path) -> tuple[Path | None, str]:
        inputs = self.case.files() if self.case else []
        try:
            with outputs.protecting(inputs), outputs.replacing(target, overwrite=not outputs.is_open(target)) as draft:
                shutil.copyfile(source, draft.temp)
        except Unwritable as error:
            return None, str(error)
        except OSError:
            return None, f"读不到“{source.name}”，请重新校核后再试。"
        return draft.path, ""


def now() -> str:
    """``10:32``."""
    return datetime.now().strftime("%H:%M")
