"""Random reports in which figures of the narrative became placeholders: what is filled is what stood there.

python -m tests.benchmarks.placeholder_sweep 100
"""

from __future__ import annotations

import argparse
import re
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from random import Random

from app.filling.placeholders import placeholder_fills
from app.pipeline import Request, report_of
from tests.generator.report import FORMS, report

_FIGURE = re.compile(r"(?<![\d.,])(\d{1,3}(?:,\d{3})+|\d+)(\.\d+)?(?=\s?(%|％|万元))")
_WAY = re.compile(r"(增加|减少|增长|下降)(?=\s?\d)")
_PAIRS = {"增加": "增加（减少）", "减少": "增加（减少）", "增长": "增长（下降）", "下降": "增长（下降）"}


@dataclass
class Case:
    """How the placeholders of one report came out, by kind: filled right, left blank, wrong."""

    seed: int
    right: Counter[str] = field(default_factory=Counter)
    blank: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)


def run(seed: int, folder: Path, count: int = 8, form: str | None = None) -> Case:
    """Replace ``count`` figures by placeholders and fill them."""
    made = report(seed, form or FORMS[seed % len(FORMS)], tables=True)
    text = made.text()
    rng = Random(f"placeholders {seed}")
    start = [m.start() for m in re.finditer(r"一、收入支出决算总体", text)][-1]
    end = next((m.start() for m in re.finditer(r"名词解释", text) if m.start() > start + 500), len(text))
    spots = [("percent" if m.group(3) != "万元" else "amount", m) for m in _FIGURE.finditer(text, start, end) if "." in m.group(0) and not text[: m.start()].rstrip()[-1:].isdigit()]  # fmt: skip
    spots += [("direction", m) for m in _WAY.finditer(text, start, end)]
    chosen = sorted(rng.sample(spots, k=min(count, len(spots))), key=lambda s: s[1].start(), reverse=True)
    wanted = []
    for kind, hit in chosen:
        new = _PAIRS[hit.group(0)] if kind == "direction" else "XX" if kind == "percent" else "XXX"
        wanted.append((kind, hit.group(0)))
        text = text[: hit.start()] + new + text[hit.end() :]
    path = folder / f"p{seed}.txt"
    path.write_text(text, "utf-8")
    case = Case(seed)
    fills = [f for f in placeholder_fills(report_of(Request(path)))]
    wanted.reverse()
    if len(fills) != len(wanted):
        case.wrong.append(f"{len(fills)} placeholders seen of {len(wanted)}")
        return case
    for fill, (kind, was) in zip(fills, wanted, strict=True):
        if not fill.done:
            case.blank[kind] += 1
            case.reasons.append(f"{kind} {was}: {fill.why} | {fill.context}")
        elif same(kind, fill.value, was, fill.why):
            case.right[kind] += 1
        else:
            case.wrong.append(f"{kind} {was} filled {fill.value} | {fill.context} | {fill.why}")
    return case


def same(kind: str, value: str, was: str, why: str) -> bool:
    """Up to a rounding: printed decimals differ, totals are rounded on their own, and a percentage of
    printed operands is one of all that these stand for."""
    if kind == "direction":
        return value == was
    mine, its = Decimal(value.rstrip("%").replace(",", "")), Decimal(was.replace(",", ""))
    places = -int(its.as_tuple().exponent)
    if kind == "amount":
        return abs(mine - its) <= Decimal("0.015")
    numbers = [Decimal(n) for n in re.findall(r"(\d+(?:\.\d+)?)万元", why)]
    slack = sum((Decimal("0.5") / n for n in numbers if n), Decimal(0)) * its / 100
    return abs(mine - its) <= Decimal(1).scaleb(-places) * Decimal("1.01") + slack


def main() -> int:
    """Print rates."""
    parser = argparse.ArgumentParser()
    parser.add_argument("count", type=int, nargs="?", default=60)
    parser.add_argument("--start", type=int, default=0)
    parser.add_argument("--blank", type=int, default=0, help="reasons to show")
    options = parser.parse_args()
    right: Counter[str] = Counter()
    blank: Counter[str] = Counter()
    wrong = 0
    shown = options.blank
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(options.start, options.start + options.count):
            case = run(seed, Path(folder))
            right, blank, wrong = right + case.right, blank + case.blank, wrong + len(case.wrong)
            for line in case.wrong:
                print(seed, "WRONG", line)
            for line in case.reasons[: max(shown, 0)]:
                print(seed, line)
                shown -= 1
    for kind in ("percent", "amount", "direction"):
        total = right[kind] + blank[kind]
        print(f"{kind}: {right[kind]} filled of {total} ({100 * right[kind] // max(total, 1)} %)")
    print(f"{wrong} wrong")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
