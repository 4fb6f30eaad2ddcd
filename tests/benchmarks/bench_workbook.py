"""Checking and marking a workbook, measured against openpyxl's plain load + save of the same file.

    python tests/benchmarks/bench_workbook.py [--runs 9] [--rows 200000] [--sample FILE]

Prints, each as medians of runs taken in turn on this machine:
(i)   check + annotate in a warm process ÷ openpyxl load + save in the same process (aim ≤ 1.0);
(ii)  the whole command ÷ a python process that only loads and saves with openpyxl (aim ≤ 2.0);
(iii) peak memory of the whole command, its workers included, on ROWS x 12: a 支出决算表 of that many
      coded rows, and the sample with a ledger sheet of that many beside it (aim ≤ 2 GB).
Exit code 1 when an aim is missed.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))
SAMPLES = ROOT / "resources" / "samples"
GIGABYTE = 2**30
_PLAIN = "import sys, openpyxl; book = openpyxl.load_workbook(sys.argv[1]); book.save(sys.argv[2])"


def in_turn(runs: int, *works: Callable[[], object]) -> list[float]:
    """Median seconds of each work, one run of each after the other so that noise falls on all."""
    times: list[list[float]] = [[] for _ in works]
    for work in works:
        work()  # warm: imports, caches
    for _ in range(runs):
        for number, work in enumerate(works):
            start = time.perf_counter()
            work()
            times[number].append(time.perf_counter() - start)
    return [statistics.median(taken) for taken in times]


def warm(sample: Path, folder: Path, runs: int) -> float:
    """(i): ratio of our whole way to openpyxl's load + save, both in this process."""
    import openpyxl

    from app import pipeline

    request = pipeline.Request(sample, folder=folder)

    def ours() -> None:
        outcome = pipeline.check(request)
        assert outcome.error is None, outcome.error
        assert outcome.tables == 9

    def plain() -> None:
        openpyxl.load_workbook(sample).save(folder / "plain.xlsx")

    mine, theirs = in_turn(runs, ours, plain)
    print(f"(i)   warm: {mine * 1000:.0f} ms ÷ {theirs * 1000:.0f} ms = {mine / theirs:.2f}  (aim 1.00)  {sample.name}")
    return mine / theirs


def command(sample: Path, folder: Path, runs: int) -> float:
    """(ii): ratio of the command to a process that loads and saves with openpyxl."""
    check = _command(sample, folder)
    plain = [sys.executable, "-c", _PLAIN, str(sample), str(folder / "plain.xlsx")]

    def ours() -> None:
        done = subprocess.run(check, cwd=ROOT, capture_output=True, text=True)
        assert done.returncode in (0, 1), done.stderr

    def theirs_() -> None:
        subprocess.run(plain, check=True)

    mine, theirs = in_turn(runs, ours, theirs_)
    print(
        f"(ii)  command: {mine * 1000:.0f} ms ÷ {theirs * 1000:.0f} ms = {mine / theirs:.2f}  (aim 2.00)  {sample.name}"
    )
    return mine / theirs


def _command(path: Path, folder: Path) -> list[str]:
    return [sys.executable, "-m", "app", "check", str(path), "--out", str(folder)]


def memory(path: Path, folder: Path) -> float:
    """(iii): peak bytes of the command and all its descendants, sampled every 20 ms."""
    import psutil

    start, peak = time.perf_counter(), 0
    process = subprocess.Popen(_command(path, folder), cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    root = psutil.Process(process.pid)
    while process.poll() is None:
        try:
            peak = max(peak, sum(p.memory_info().rss for p in [root, *root.children(recursive=True)]))
        except psutil.NoSuchProcess:
            continue
        time.sleep(0.02)
    said = (process.stdout.read() if process.stdout else b"").decode("utf-8", "replace").strip().splitlines()
    seconds = time.perf_counter() - start
    print(f"(iii) {path.name}: peak {peak / GIGABYTE:.2f} GB in {seconds:.0f} s  (aim 2.00), exit {process.returncode}")
    print(f"      {said[-1] if said else ''}")
    return peak if process.returncode in (0, 1) else float("inf")


def long_table(path: Path, rows: int) -> None:
    """A 支出决算表 of about ``rows`` coded rows by 12 columns, 类 款 项, all of which add up."""
    import xlsxwriter

    book = xlsxwriter.Workbook(str(path), {"constant_memory": True})
    sheet = book.add_worksheet("公开03表")
    money = book.add_format({"num_format": "#,##0.00"})
    heads = ["科目代码", "科目名称", "本年支出合计", "基本支出", "项目支出", "上缴上级支出"]
    heads += ["经营支出", "对附属单位补助支出", "备注1", "备注2", "备注3", "备注4"]
    for row, line in enumerate([["支出决算表"], ["部门：武汉市某局", "2022年度", "单位：万元"], heads]):
        for column, text in enumerate(line):
            sheet.write_string(row, column, text)
    for row, (code, items) in enumerate(_codes(rows), 3):
        sheet.write_string(row, 0, code)
        sheet.write_string(row, 1, f"科目{code}")
        for column, value in enumerate([3.14, 1.04, 2.1, 0, 0, 0, 1, 2, 3, 4], 2):
            sheet.write_number(row, column, round(value * items, 2), money)
    book.close()


def _codes(rows: int) -> list[tuple[str, int]]:
    """(code, number of 项 in it) of 合计 and as many 类 款 项 as make about ``rows``."""
    classes = max(1, round(rows / (1 + 99 * 100)))
    codes = [("合计", classes * 99 * 99)]
    for one in range(201, 201 + classes):
        codes.append((f"{one}", 99 * 99))
        for group in range(1, 100):
            codes.append((f"{one}{group:02}", 99))
            codes += [(f"{one}{group:02}{item:02}", 1) for item in range(1, 100)]
    return codes


def beside_ledger(path: Path, sample: Path, rows: int) -> None:
    """The sample's sheets, and a ledger of ``rows`` by 12 beside them."""
    import openpyxl

    book = openpyxl.load_workbook(sample)
    sheet = book.create_sheet("明细账")
    for row in range(rows):
        sheet.append([f"凭证{row}", "办公费", *[row * 1.01 + n for n in range(10)]])
    book.save(path)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=9)
    parser.add_argument("--rows", type=int, default=200_000, help="0 leaves (iii) out")
    parser.add_argument("--sample", type=Path, help="one workbook of nine tables instead of all samples")
    asked = parser.parse_args(arguments)
    samples = [asked.sample] if asked.sample else sorted(SAMPLES.glob("*.xlsx"))
    good = True
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for sample in samples:
            good &= warm(sample, folder, asked.runs) <= 1
            good &= command(sample, folder, asked.runs) <= 2
        if asked.rows:
            long, ledger = folder / "long.xlsx", folder / "ledger.xlsx"
            long_table(long, asked.rows)
            beside_ledger(ledger, samples[0], asked.rows)
            good &= memory(long, folder / "out") <= 2 * GIGABYTE
            good &= memory(ledger, folder / "out") <= 2 * GIGABYTE
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
