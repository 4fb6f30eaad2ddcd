"""Random departments through the whole way: clean ones raise nothing, a slip raises one error at its cell.

    python -m tests.benchmarks.sweep --clean 1000 --slips 2000 --seed 1 --jobs 4 [--layout shanghai] [--misses 20]

Prints shares by layout and by table, and for each miss the seed that makes it again. Exit code 1
when the issue's aims are missed.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from statistics import median
from typing import TYPE_CHECKING

from tests.generator import LAYOUTS, Slip, compose, department, fits, slip
from tests.generator.book import Book
from tests.generator.slips import recalculate

if TYPE_CHECKING:
    from app.checking.finding import Finding

# What rests on amounts and their identities; the other codes speak of words, order and hygiene.
ARITHMETIC = "A"


@dataclass(slots=True)
class Raised:
    """One finding, reduced to what the sweep counts. ``cells`` are those it names: place first."""

    code: str
    severity: str
    message: str
    cells: list[tuple[str, str]] = field(default_factory=list)


@dataclass(slots=True)
class Case:
    """One workbook gone through. ``reason`` says why it was a miss; ``fault`` a program that broke."""

    seed: int
    layout: str
    slip: Slip | None = None
    errors: list[Raised] = field(default_factory=list)
    warnings: list[Raised] = field(default_factory=list)
    fault: str = ""

    @property
    def named(self) -> bool:
        """Some error names the spoiled cell: its place, related or among its consequences."""
        return self.slip is not None and any(self.slip.place in e.cells for e in self.errors)

    @property
    def first(self) -> bool:
        """The spoiled cell is the place of the first error."""
        return self.slip is not None and bool(self.errors) and self.errors[0].cells[:1] == [self.slip.place]

    @property
    def quiet(self) -> bool:
        """No error and no arithmetic warning."""
        return not self.fault and not self.errors and not self.arithmetic_warnings

    @property
    def arithmetic_warnings(self) -> list[Raised]:
        return [w for w in self.warnings if w.code.startswith(ARITHMETIC)]


def book(seed: int, layout: str | None = None) -> Book:
    """The workbook of a seed: its department in a layout of its own, or in the one asked for."""
    rng = Random(f"sweep {seed}")
    whole = department(seed)
    able = [name for name in LAYOUTS if fits(whole, name)]
    name = layout if layout in able else rng.choice(able)
    return compose(whole, LAYOUTS[name](rng), rng)


def clean(seed: int, layout: str | None = None) -> Case:
    """Check the workbook of this seed as it is."""
    made = book(seed, layout)
    return _through(made, Case(seed, made.layout))


def slipped(seed: int, layout: str | None = None) -> Case:
    """Check the workbook of this seed with one amount typed wrong, every other cell as it was."""
    made = book(seed, layout)
    case = Case(seed, made.layout, slip(made, Random(f"slip {seed}")))
    return _through(made, case)


def carried(seed: int, layout: str | None = None) -> Case:
    """The same, but formulas are recalculated: their totals are wrong too, and agree with the slip."""
    made = book(seed, layout)
    case = Case(seed, made.layout, slip(made, Random(f"slip {seed}")))
    recalculate(made)
    return _through(made, case)


def _through(made: Book, case: Case) -> Case:
    from app.checking.run import check
    from app.package.workbook_reader import read
    from app.recognising.recognise import recognise

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{case.seed}.xlsx"
        made.save(path)
        try:
            findings = check(recognise(read(path), None)).findings
        except Exception as error:  # a fault of the program is a result here, with its seed
            case.fault = f"{type(error).__name__}: {error}"
            return case
    case.errors = [_raised(f) for f in findings if f.severity == "error"]
    case.warnings = [_raised(f) for f in findings if f.severity == "warning"]
    return case


def _raised(finding: Finding) -> Raised:
    places = [finding.place, *(r.place for r in finding.related), *(c.place for c in finding.consequences)]
    cells = [(p.sheet or "", p.cell) for p in places if p.cell]
    return Raised(finding.code, finding.severity, finding.message, cells)


def run(
    one: Callable[[int, str | None], Case], seeds: Iterable[int], jobs: int = 1, layout: str | None = None
) -> list[Case]:
    """All cases of the seeds, in order."""
    seeds = list(seeds)
    if jobs < 2:
        return [one(seed, layout) for seed in seeds]
    with ProcessPoolExecutor(jobs) as pool:
        return list(pool.map(one, seeds, [layout] * len(seeds), chunksize=8))


# what it comes to ---------------------------------------------------------------------------------


def tell_clean(cases: Sequence[Case], misses: int) -> bool:
    """Print the clean half; True when every workbook was quiet."""
    loud = [c for c in cases if not c.quiet]
    print(f"clean: {len(cases)} workbooks, {len(loud)} not quiet")
    by: dict[tuple[str, str, str], int] = Counter()
    for case in cases:
        for raised in [*case.errors, *case.warnings]:
            by[raised.severity, raised.code, case.layout] += 1
        if case.fault:
            by["fault", case.fault[:60], case.layout] += 1
    for (severity, code, layout), count in sorted(by.items(), key=lambda item: (item[0][0], -item[1])):
        print(f"  {severity:8} {code:8} {layout:12} {count}")
    for case in loud[:misses]:
        print(f"  seed {case.seed} {case.layout} {case.fault}")
        for raised in [*case.errors, *case.arithmetic_warnings][:3]:
            print(f"      {raised.code} {raised.cells[:1]} {raised.message[:150]}")
    return not loud


def tell_slips(cases: Sequence[Case], misses: int) -> bool:
    """Print the spoiled half; True when the issue's aims are reached."""
    counts = [len(c.errors) for c in cases]
    named, first, middle = _share(cases, "named"), _share(cases, "first"), median(counts)
    print(f"slips: {len(cases)} workbooks, named {named:.2%}, place of the first error {first:.2%}, median {middle}")
    print("  errors a slip:", dict(sorted(Counter(counts).items())))
    for title, key in (("layout", _layout), ("table", _table), ("slip", _kind)):
        groups: dict[str, list[Case]] = defaultdict(list)
        for case in cases:
            groups[key(case)].append(case)
        for name, group in sorted(groups.items()):
            shares = f"named {_share(group, 'named'):7.2%}  first {_share(group, 'first'):7.2%}"
            print(f"  by {title:6} {name:20} {len(group):5}  {shares}")
    for case in [c for c in cases if not c.named][:misses] + [c for c in cases if c.named and not c.first][:misses]:
        assert case.slip is not None
        what = "NOT NAMED" if not case.named else "not first"
        print(f"  {what} seed {case.seed} {case.layout} {case.slip} {case.fault}")
        for raised in case.errors[:2]:
            print(f"      {raised.code} {raised.cells[:1]} {raised.message[:150]}")
    return named == 1 and first >= 0.9 and middle == 1


def _share(cases: Sequence[Case], what: str) -> float:
    return sum(bool(getattr(c, what)) for c in cases) / max(len(cases), 1)


def _layout(case: Case) -> str:
    return case.layout


def _table(case: Case) -> str:
    return case.slip.key[1] if case.slip else ""


def _kind(case: Case) -> str:
    return case.slip.kind if case.slip else ""


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clean", type=int, default=1000)
    parser.add_argument("--slips", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1, help="first seed")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--layout", choices=LAYOUTS)
    parser.add_argument("--recalculate", action="store_true", help="formulas follow the slip (no aim is set for it)")
    parser.add_argument("--misses", type=int, default=15, help="how many misses of a kind to print")
    asked = parser.parse_args(arguments)
    start = asked.seed * 1_000_000
    good = True
    if asked.clean:
        good &= tell_clean(run(clean, range(start, start + asked.clean), asked.jobs, asked.layout), asked.misses)
    if asked.slips:
        start += 500_000
        one = carried if asked.recalculate else slipped
        good &= tell_slips(run(one, range(start, start + asked.slips), asked.jobs, asked.layout), asked.misses)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
