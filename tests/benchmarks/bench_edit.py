"""Annotating in place against openpyxl's plain load and save, and a sheet of 200,000 rows.

Run: ``python -m tests.benchmarks.bench_edit``. Ratios are of one run, best of five each.
"""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import openpyxl
import xlsxwriter

from app.package.editor import annotate, clean
from app.writing.model import Mark, SheetCell, SheetModel, Style

LIMIT = 0.35  # of openpyxl's load and save
ROWS, COLUMNS = 200_000, 12


def nine(path: Path) -> None:
    """Nine tables of the usual size, with formats, borders and a title merged over the columns."""
    book = xlsxwriter.Workbook(str(path))
    amount = book.add_format({"num_format": "#,##0.00", "border": 1})
    text = book.add_format({"border": 1, "font_name": "宋体", "text_wrap": True})
    for number in range(1, 10):
        sheet = book.add_worksheet(f"公开0{number}表")
        sheet.merge_range(0, 0, 0, 8, f"公开0{number}表 决算表", text)
        for row in range(1, 42):
            sheet.write(row, 0, f"{2010000 + row}", text)
            sheet.write(row, 1, f"科目名称{row}", text)
            for column in range(2, 9):
                sheet.write_number(row, column, row * column + 0.25, amount)
    book.close()


def marks() -> list[Mark]:
    """Twenty marks over the nine sheets, two of them fills."""
    found = [
        Mark(
            f"公开0{n % 9 + 1}表",
            f"{'CDEFG'[n % 5]}{n + 3}",
            ("error", "warning", "rounding")[n % 3],
            f"第{n}条：应为 1.00",
        )
        for n in range(18)
    ]
    return [*found, *(Mark(f"公开0{n}表", "K5", "filled", "", Decimal("0.5"), "C5/D5", "0.00%") for n in (1, 2))]


def result() -> SheetModel:
    """A sheet of findings and rules as large as the program writes it."""
    line = Style(border=True, wrap=True)
    rows: list[list[SheetCell | None]] = [
        [SheetCell(f"第{r}行第{c}列的内容", line) for c in range(9)] for r in range(120)
    ]
    return SheetModel("校核结果", rows, {c: 14.0 for c in range(9)}, freeze=(1, 0), filter=(0, 0, 119, 8))


def best(run: Callable[[], object], times: int = 5) -> float:
    found = []
    for _ in range(times):
        start = time.perf_counter()
        run()
        found.append(time.perf_counter() - start)
    return min(found)


def main() -> int:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path, out = folder / "in.xlsx", folder / "out.xlsx"
        nine(path)
        ours = best(lambda: annotate(path, out, marks(), [result()]))
        again = best(lambda: annotate(out, folder / "again.xlsx", marks(), [result()]))
        cleaned = best(lambda: clean(out, folder / "clean.xlsx"))
        yardstick = best(lambda: openpyxl.load_workbook(path).save(folder / "other.xlsx"))
        print(f"annotate {ours * 1000:.0f} ms, again {again * 1000:.0f} ms, clean {cleaned * 1000:.0f} ms")
        print(f"openpyxl load + save {yardstick * 1000:.0f} ms; ratio {ours / yardstick:.2f} (at most {LIMIT})")
        _large(folder)
    return 0 if ours <= LIMIT * yardstick else 1


def _large(folder: Path) -> None:
    path = folder / "large.xlsx"
    book = xlsxwriter.Workbook(str(path), {"constant_memory": True})
    sheet = book.add_worksheet("公开05表")
    for row in range(ROWS):
        sheet.write_row(row, 0, [row * c + 0.5 for c in range(COLUMNS)])
    book.close()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    wanted = [Mark("公开05表", f"C{r}", "error", "错") for r in (3, 100_000, 199_999, 200_010)]
    start = time.perf_counter()
    annotate(path, folder / "large_out.xlsx", wanted, [result()])
    took = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(f"{ROWS:,} rows x {COLUMNS}: {took:.1f} s, peak {peak / 1024:.0f} MB (before {before / 1024:.0f} MB)")


if __name__ == "__main__":
    sys.exit(main())
