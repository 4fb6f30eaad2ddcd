"""Reading a workbook against openpyxl, and the memory a very large one takes.

    python tests/benchmarks/bench_read.py [ROWS]

Prints (1) app.package.workbook_reader.read of a nine-sheet workbook as a ratio to openpyxl's load
and save of the same file, both warm and in this process, the median of seven runs taken in turn;
(2) seconds and peak memory of a fresh process reading ROWS (200,000) x 12 cells.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))


def nine_sheets(path: Path) -> None:
    """A workbook of the size of nine 公开表: 60 rows by 10 columns each, styled, with formulas."""
    from openpyxl import Workbook
    from openpyxl.styles import Border, Font, Side

    book = Workbook()
    book.remove(book.active)
    line = Side(style="thin")
    for number in range(1, 10):
        sheet = book.create_sheet(f"公开{number:02}表")
        sheet.merge_cells("A1:J1")
        sheet["A1"] = "收入支出决算总表"
        for row in range(2, 62):
            for column in range(1, 11):
                cell = sheet.cell(row, column)
                cell.border = Border(left=line, right=line, top=line, bottom=line)
                cell.font = Font(name="宋体", size=10)
                if column < 4:
                    cell.value = f"{2010000 + row * 100 + column}" if column == 1 else f"项目{row}-{column}"
                elif column == 10:
                    cell.value = f"=SUM(D{row}:I{row})"
                else:
                    cell.value, cell.number_format = row * 1000.37 + column, "#,##0.00"
    book.save(path)


def large(path: Path, rows: int) -> None:
    """``rows`` x 12: two texts and ten amounts a row."""
    import xlsxwriter

    book = xlsxwriter.Workbook(str(path), {"constant_memory": True})
    sheet = book.add_worksheet()
    money = book.add_format({"num_format": "#,##0.00"})
    for row in range(rows):
        sheet.write_string(row, 0, str(2010000 + row % 5000))
        sheet.write_string(row, 1, f"一般行政管理事务{row % 5000}")
        for column in range(2, 12):
            sheet.write_number(row, column, (row * 7919 + column * 104729) % 10**8 / 100, money)
    book.close()


def timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def main() -> None:
    import openpyxl

    from app.package.workbook_reader import read

    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 200_000
    with tempfile.TemporaryDirectory() as folder:
        path, out = Path(folder, "nine.xlsx"), Path(folder, "out.xlsx")
        nine_sheets(path)
        ours, theirs = [], []
        for _ in range(7):
            ours.append(timed(lambda: read(path)))
            theirs.append(timed(lambda: openpyxl.load_workbook(path).save(out)))
        mine, other = statistics.median(ours), statistics.median(theirs)
        print(f"nine sheets: read {mine * 1000:.1f} ms, load + save {other * 1000:.1f} ms, ratio {mine / other:.3f}")

        path = Path(folder, "large.xlsx")
        large(path, rows)
        code = (
            "import re, sys, time; from app.package.workbook_reader import read; t = time.perf_counter();"
            "s = read(sys.argv[1]); n = sum(len(r) for r in s.grids[0].rows.values());"
            "peak = int(re.search(r'VmHWM:\\s+(\\d+)', open('/proc/self/status').read())[1]) / 1024;"
            "print(f'{n:,} cells: {time.perf_counter() - t:.1f} s, peak {peak:,.0f} MB')"
        )
        subprocess.run([sys.executable, "-c", code, str(path)], check=True, cwd=ROOT)


if __name__ == "__main__":
    main()
