"""Random filled templates: saved by LibreOffice, checked, every percentage against a computation of its own.

python -m tests.benchmarks.template_sweep 300
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

from app.knowledge.forms import FORMS
from app.pipeline import Request, check
from app.reading.read import read
from app.recognising.recognise import recognise
from app.report.report import Report
from tests.generator.filled_template import fill, told
from tests.generator.report_facts import Facts
from tests.generator.report_style import printed
from tests.office import recalculated

BATCH = 25
Spot = tuple[str, str, str]  # block, row, column
_TRIPS = {"车小计": "公务用车小计", "购置费": "公务用车购置费", "运行费": "公务用车运行费"}


@dataclass
class Case:
    """One filled template and all that is wrong with how it came out."""

    seed: int
    form: str
    faults: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    percentages: int = 0
    amounts: int = 0  # cells of the nine tables that hold money
    claims: int = 0  # comparisons of the drafted narrative


def run(seeds: range, folder: Path) -> list[Case]:
    """Fill, recalculate, check."""
    cases, files = [], []
    for seed in seeds:
        form = FORMS[seed % len(FORMS)]
        found = told(seed)
        cases.append((Case(seed, form), found))
        files.append(fill(found, form, folder, f"t{seed}"))
    saved: list[Path] = []
    for start in range(0, len(files), BATCH):
        saved += recalculated(files[start : start + BATCH], folder / f"lo{start}")
    for (case, found), path in zip(cases, saved, strict=True):
        _check(case, found, path)
    return [case for case, _ in cases]


def _check(case: Case, found: Facts, path: Path) -> None:
    import openpyxl

    request = Request(path, folder=path.parent / "out")
    outcome = check(request)
    case.faults += [outcome.error] if outcome.error else []
    if outcome.info:
        case.faults.append(f"{outcome.info} lines of information")
    if outcome.errors or outcome.warnings:
        from app.pipeline import checked_of, report_of

        checked = checked_of(report_of(request), request)
        case.faults += [f"{f.code} {f.message}" for f in checked.findings if f.severity == "error"]
        case.warnings += [f"{f.code} {f.message}" for f in checked.findings if f.severity == "warning"]
    before = openpyxl.load_workbook(path, data_only=True)
    after = openpyxl.load_workbook(outcome.outputs[0]) if outcome.outputs else None
    formulas = openpyxl.load_workbook(path)
    for page in formulas.worksheets if after else ():
        for row in page.iter_rows():
            for cell in row:
                if (
                    cell.value is not None
                    and after is not None
                    and after[page.title][cell.coordinate].value != cell.value
                ):
                    case.faults.append(f"changed {page.title}!{cell.coordinate}")
    _percent_columns(case, before["补充资料"])
    _percent_sheet(case, before["百分比"])
    report = recognise(read(path))
    _amounts(case, found, report)
    _supplement(case, found, report)
    _draft(case, path)


def _draft(case: Case, path: Path) -> None:
    """The narrative drafted from the workbook, checked against it."""
    from app.pipeline import checked_of, draft, report_of

    target = path.parent / "out" / f"{path.stem}.docx"
    outcome = draft(Request(path, target=target))
    if outcome.error:
        case.faults.append(outcome.error)
        return
    request = Request(target, tables=path)
    checked = checked_of(report_of(request), request)
    case.claims = sum(rule.evaluated for rule in checked.rules if rule.code.startswith("T"))
    case.faults += [f"draft: {f.code} {f.message}" for f in checked.findings if f.severity == "error"]
    case.warnings += [f"draft: {f.code} {f.message}" for f in checked.findings if f.severity == "warning"]


def _percent_columns(case: Case, page: Any) -> None:
    """Columns of 补充资料 that are a percentage of the two columns their section names."""
    heads: dict[int, str] = {}
    for row in page.iter_rows():
        texts = [c.value for c in row]
        if texts[0] in ("项目", "科目编码", "项目名称"):
            heads = {n: str(t) for n, t in enumerate(texts) if t}
            continue
        for column, head in heads.items():
            if "%" not in head and "率" not in head:
                continue
            pair = [n for n, h in heads.items() if h in ("年初预算数", "预算数", "全年预算数")], [n for n, h in heads.items() if h in ("支出决算数", "决算数", "执行数")]  # fmt: skip
            budget, final = (texts[p[0]] for p in pair)
            value = texts[column]
            if value in (None, ""):
                if isinstance(budget, float | int) and budget and texts[0]:
                    case.faults.append(f"补充资料 row {row[0].row}: not filled")
                continue
            case.percentages += 1
            if not budget:
                if value != "—":
                    case.faults.append(f"补充资料 row {row[0].row}: {value} of nothing")
            elif Decimal(str(value)) != _half_up(Decimal(str(final or 0)) / Decimal(str(budget))):
                case.faults.append(f"补充资料 row {row[0].row}: {value}")


def _percent_sheet(case: Case, page: Any) -> None:
    for row in page.iter_rows(min_row=4, values_only=True):
        name, top, base, value = str(row[2]), row[4], row[6], row[7]
        if value in (None, ""):
            if isinstance(top, float | int) and isinstance(base, float | int):
                case.faults.append(f"百分比 {name}: not filled")
            continue
        case.percentages += 1
        a, b = Decimal(str(top or 0)), Decimal(str(base or 0))
        if "比上年" in name:
            a -= b
        if (value != "—") if not b else (Decimal(str(value)) != _half_up(a / b)):
            case.faults.append(f"百分比 {name}: {value}, {a} ÷ {b}")


def _half_up(value: Decimal) -> Decimal:
    return value.quantize(Decimal("0.0001"), ROUND_HALF_UP)


def _amounts(case: Case, found: Facts, report: Report) -> None:
    """Every cell of the nine tables against the department's own figures, to the last digit."""
    want = {spot: amount for key, value in found.exact.items() if (amount := printed(value)) and (spot := _spot(key))}
    got: dict[Spot, Decimal] = {}
    for table in report.tables.values():
        for block in table.blocks.values():
            for row in block.rows:
                for column, entry in row.entries.items():
                    if entry.amount is not None and entry.amount.value:
                        got[block.key, row.key, column] = entry.amount.value
    shown = {(b.key, c.key) for t in report.tables.values() for b in t.blocks.values() for c in b.columns}
    rows = {(b.key, r.key) for t in report.tables.values() for b in t.blocks.values() for r in b.rows}
    for spot in want.keys() | got.keys():
        block, row, column = spot
        printable = (block, column) in shown and ((block, row) in rows or (row.isdigit() and len(row) > 3))
        if want.get(spot) != got.get(spot) and (printable or spot in got):
            case.faults.append(f"{'·'.join(spot)} {got.get(spot)} not {want.get(spot)}")
    case.amounts = len(got)


def _supplement(case: Case, found: Facts, report: Report) -> None:
    """What was typed into 补充资料 as it is read back."""
    want: dict[Spot, int] = {("上年", key, "上年数"): value for key, value in found.last.items()}
    want |= {("年初预算", code, "年初预算数"): value for code, value in found.budgets.items()}
    want |= {("三公", _TRIPS.get(t, t), "上年数"): value for t, value in found.trips_last.items()}
    want |= {("采购", kind, "金额"): value for kind, value in found.bought.items()}
    want["采购", "合计", "中小企业"] = sum(found.to_middle.values())
    for number, project in enumerate(found.projects, 1):
        want["项目", str(number), "全年预算数"] = project.budget
        want["项目", str(number), "执行数"] = project.spent
    blocks = report.supplement.blocks if report.supplement else {}
    for (block, row, column), value in want.items():
        line = blocks[block].row(row) if block in blocks else None
        entry = line.entries.get(column) if line else None
        got = entry.amount.value if entry and entry.amount else None
        if got != printed(value) and (got is not None or value):
            case.faults.append(f"补充资料 {block}·{row}·{column} {got} not {printed(value)}")


def _spot(key: tuple[str, str, str, str]) -> Spot:
    """Where the generator's figure stands in a report."""
    table, block, row, column = key
    if row == "合计":
        row = "合计行"
    if table in ("基金表", "国资表") and column in ("小计", "合计"):
        column = "本年支出"
    if table == "三公表":
        column = _TRIPS.get(column, column)
    return block, row, column


def main() -> int:
    """Print what came out."""
    parser = argparse.ArgumentParser()
    parser.add_argument("count", type=int, nargs="?", default=60)
    parser.add_argument("--start", type=int, default=0)
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp())
    os.environ["JUESUAN_STATE"] = str(folder / "state")
    cases = run(range(options.start, options.start + options.count), folder)
    for case in cases:
        for fault in [*case.faults[:4], *case.warnings[:3]]:
            print(case.seed, case.form, fault)
    bad = sum(bool(c.faults) for c in cases)
    loud = sum(bool(c.warnings) for c in cases)
    counts = {
        "percentages": sum(c.percentages for c in cases),
        "amounts": sum(c.amounts for c in cases),
        "comparisons of drafts": sum(c.claims for c in cases),
    }
    told = ", ".join(f"{number} {what}" for what, number in counts.items())
    print(f"{len(cases)} filled templates: {bad} with faults, {loud} with warnings, {told}")
    shutil.rmtree(folder, ignore_errors=True)
    return bool(bad)


if __name__ == "__main__":
    sys.exit(main())
