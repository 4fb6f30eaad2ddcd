"""Random reports through the whole way: clean ones raise nothing, a slip in the words is found where it stands.

    python -m tests.benchmarks.report_sweep --clean 300 --slips 60 --seed 1 --jobs 4 [--form 2022] [--misses 10]

``--slips`` is per kind. Prints false alarms by rule and, by kind of slip, the share found: a loud
finding (error or warning) whose quote, or a related quote, overlaps what was changed.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, TypeVar

from tests.generator.report import FORMS, report
from tests.generator.report_slips import SLIPS, TextSlip, slip_text
from tests.generator.report_style import END, START

if TYPE_CHECKING:
    from app.checking.finding import Finding, Related
    from app.source import Place

T = TypeVar("T")
R = TypeVar("R")
NEAR = 14  # characters around a slip that a quote may name in its stead


@dataclass(slots=True)
class Alarm:
    """One loud finding, reduced to what the sweep counts. ``touches``: it names the slip."""

    code: str
    severity: str
    message: str
    quote: str
    touches: bool = False


@dataclass(slots=True)
class Case:
    """One report gone through; ``fault`` is a program that broke."""

    seed: int
    form: str
    tables: bool
    slip: TextSlip | None = None
    alarms: list[Alarm] = field(default_factory=list)
    fault: str = ""

    @property
    def found(self) -> bool:
        return any(a.touches for a in self.alarms)

    @property
    def errors(self) -> list[Alarm]:
        return [a for a in self.alarms if a.severity == "error"]


def clean(job: tuple[int, str | None]) -> Case:
    """Check the report of this seed as it is."""
    seed, form = job
    made = report(seed, form)
    return through(made.text(), Case(seed, made.form, made.how.tables))


def slipped(job: tuple[int, str | None, str]) -> Case | None:
    """Check the report of this seed with one slip of this kind; None where it has no place for one."""
    seed, form, kind = job
    made = report(seed, form)
    done = slip_text(made, kind, Random(f"slip {kind} {seed}"))
    if done is None:
        return None
    spoiled, slip = done
    return through(spoiled.text(), Case(seed, spoiled.form, spoiled.how.tables, slip))


def through(text: str, case: Case) -> Case:
    """Read, recognise and check a report's text; what is between ``START`` and ``END`` is the slip."""
    from app.checking.run import check
    from app.reading.read import read
    from app.recognising.recognise import recognise

    start, end = text.find(START), text.find(END) - 1
    text = text.replace(START, "").replace(END, "")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "report.txt"
        path.write_text(text, encoding="utf-8")
        try:
            checked = check(recognise(read(path)))
        except Exception as error:  # the sweep goes on and tells which seed broke it
            case.fault = f"{type(error).__name__}: {error}"
            return case
    where = _Where(text, start, end)
    for finding in checked.findings:
        if finding.severity != "info":
            alarm = Alarm(finding.code, finding.severity, finding.message, finding.quote)
            alarm.touches = case.slip is not None and where.touched(finding)
            case.alarms.append(alarm)
    return case


class _Where:
    """Where quotes stand in a text, white space left aside."""

    def __init__(self, text: str, start: int, end: int) -> None:
        self.lines = [0]
        kept: list[str] = []
        for offset, char in enumerate(text):
            if char == "\n":
                self.lines.append(len(kept))
            if offset == start:
                self.start = len(kept)
            if offset == end:
                self.end = len(kept)
            if not char.isspace():
                kept.append(char)
        self.text = "".join(kept)

    def touched(self, finding: Finding) -> bool:
        return any(self._overlaps(place, quote) for place, quote in self._quotes(finding))

    def _quotes(self, finding: Finding) -> Iterator[tuple[Place, str]]:
        yield finding.place, finding.quote
        related: Related
        for related in finding.related:
            yield related.place, related.quote

    def _overlaps(self, place: Place, quote: str) -> bool:
        bare = "".join(c for c in quote if not c.isspace())
        if not bare or not place.line:
            return False
        begin = self.text.find(bare, self.lines[min(place.line, len(self.lines)) - 1])
        return begin >= 0 and begin < self.end + NEAR and begin + len(bare) > self.start - NEAR


def run(one: Callable[[T], R], jobs: Sequence[T], workers: int = 1) -> list[R]:
    if workers <= 1:
        return [one(job) for job in jobs]
    with ProcessPoolExecutor(workers) as pool:
        return list(pool.map(one, jobs, chunksize=8))


def tell_clean(cases: Iterable[Case], examples: int = 2) -> int:
    """Print false alarms by rule; returns how many errors there were."""
    cases = list(cases)
    groups: dict[tuple[str, str], list[tuple[Case, Alarm]]] = defaultdict(list)
    for case in cases:
        for alarm in case.alarms:
            groups[alarm.severity, alarm.code].append((case, alarm))
    quiet = sum(not c.alarms and not c.fault for c in cases)
    errors = sum(len(c.errors) for c in cases)
    warnings = sum(len(c.alarms) for c in cases) - errors
    print(f"clean: {len(cases)} reports, {quiet} quiet, {errors} errors, {warnings} warnings")
    for (severity, code), found in sorted(groups.items()):
        seeds = len({case.seed for case, _ in found})
        print(f"  {severity:8}{code} {len(found):5} in {seeds} reports")
        for case, alarm in found[:examples]:
            print(
                f"      seed {case.seed} {case.form} tables={case.tables}: {alarm.message[:200]} «{alarm.quote[:60]}»"
            )
    for case in cases:
        if case.fault:
            print(f"  BROKE seed {case.seed} {case.form}: {case.fault}")
    return errors


def tell_slips(cases: Iterable[Case], misses: int = 5) -> None:
    """Print the share found by kind, with the slips that were missed."""
    groups: dict[str, list[Case]] = defaultdict(list)
    for case in cases:
        assert case.slip is not None
        groups[case.slip.kind].append(case)
    for kind, group in groups.items():
        with_tables = [c for c in group if c.tables]
        without = [c for c in group if not c.tables]
        print(f"  {kind:14}{len(group):5} found {share(group):7.2%}  tables {share(with_tables):7.2%}", end="")
        print(f"  pictures {share(without):7.2%}  loud {sum(len(c.alarms) for c in group) / len(group):5.2f}")
        missed = [c for c in group if not c.found]
        by_section = Counter(c.slip.section for c in missed if c.slip)
        print("      missed in", dict(by_section.most_common(8)))
        for case in missed[:misses]:
            told = f"{case.alarms[0].code} «{case.alarms[0].quote[:40]}»" if case.alarms else "-"
            assert case.slip is not None
            print(
                f"      seed {case.seed} {case.form} tables={case.tables} {case.slip.section}: {case.slip.around} | {told}"
            )


def share(cases: Sequence[Case]) -> float:
    return sum(c.found for c in cases) / len(cases) if cases else 1.0


def slips(seeds: Sequence[int], form: str | None, kinds: Sequence[str], workers: int) -> list[Case]:
    jobs = [(seed, form, kind) for kind in kinds for seed in seeds]
    return [case for case in run(slipped, jobs, workers) if case is not None]


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clean", type=int, default=300)
    parser.add_argument("--slips", type=int, default=60, help="reports per kind of slip")
    parser.add_argument("--seed", type=int, default=1, help="first seed")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--form", choices=FORMS)
    parser.add_argument("--kind", choices=SLIPS, action="append")
    parser.add_argument("--misses", type=int, default=5)
    asked = parser.parse_args(arguments)
    start = asked.seed * 100_000
    errors = 0
    if asked.clean:
        jobs = [(seed, asked.form) for seed in range(start, start + asked.clean)]
        errors = tell_clean(run(clean, jobs, asked.jobs))
    if asked.slips:
        seeds = range(start + 50_000, start + 50_000 + asked.slips)
        tell_slips(slips(seeds, asked.form, asked.kind or list(SLIPS), asked.jobs), asked.misses)
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main())
