"""Writes resources/subjects/*.csv from the documents in ../shared: codes and names as printed, each with
its source and year. A name is taken where all printings of a year agree (brackets and spaces aside)."""

from __future__ import annotations

import csv
import re
import sys
import tomllib
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from app.knowledge.subjects import bare  # noqa: E402
from app.pipeline import Request, report_of  # noqa: E402

SHARED = ROOT.parent / "shared"
FUNCTIONS = ("收入表", "支出表", "一般支出表", "基金表", "国资表")
FIELDS = ("code", "name", "year", "source")


def main() -> None:
    functions: dict[str, dict[tuple[int, str], set[str]]] = defaultdict(lambda: defaultdict(set))
    economic: dict[str, dict[tuple[int, str], set[str]]] = defaultdict(lambda: defaultdict(set))
    for path in sorted([*(SHARED / "seeds").glob("*.txt"), *(SHARED / "reports").glob("*.pdf")]):
        report = report_of(Request(path))
        if report.year is None:
            continue
        for key, table in report.tables.items():
            found = functions if key in FUNCTIONS else economic if key == "基本支出表" else None
            for row in (r for b in table.blocks.values() for r in b.rows) if found is not None else ():
                if row.code and re.fullmatch(r"\d{3}(\d{2}){0,2}", row.code) and sound(row.label):
                    found[row.code][report.year, path.stem.partition("_")[0]].add(clean(row.label))
    write(functions, "功能分类.csv", forms())
    write(economic, "经济分类.csv", old())


def clean(name: str) -> str:
    return re.sub(r"\s+", "", name).replace("(", "（").replace(")", "）")


def sound(name: str) -> bool:
    return bool(re.fullmatch(r"[\u4e00-\u9fff（）()、\s“”]{2,40}", name)) and name.count("（") == name.count("）")


def forms() -> dict[str, tuple[str, int, str]]:
    """类 names that the forms print (收支总表 rows)."""
    from app.knowledge.forms import form

    block = form("2022").table("收支总表").block("收支总表支出")
    assert block is not None
    rows = [r for r in block.rows if r.key.isdigit()]
    return {r.key: (re.sub(r"^[一二三四五六七八九十]+、", "", r.label), 2022, "公开01表") for r in rows}


def old() -> dict[str, tuple[str, int, str]]:
    """经济分类 names with spellings that the checks already know (economic.toml)."""
    data = tomllib.loads((ROOT / "resources" / "subjects" / "economic.toml").read_text("utf-8"))["names"]
    return {code: (names.split("|")[0], 2022, "公开06表") for code, names in data.items()}


def write(found: dict[str, dict[tuple[int, str], set[str]]], name: str, more: dict[str, tuple[str, int, str]]) -> None:
    lines = []
    for code in sorted(found.keys() | more.keys()):
        printed = found.get(code, {})
        by_year: dict[int, dict[str, str]] = defaultdict(dict)
        for (year, source), names in printed.items():
            if len(names) == 1:
                by_year[year][source] = next(iter(names))
        taken = False
        for year in sorted(by_year):
            names = set(by_year[year].values())
            if len({bare(n) for n in names}) == 1:
                lines.append((code, max(sorted(names), key=len), year, " ".join(sorted(by_year[year]))))
                taken = True
        if not taken and code in more:
            lines.append((code, *more[code]))
    with (ROOT / "resources" / "subjects" / name).open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(FIELDS)
        writer.writerows(lines)
    print(name, len(lines))


if __name__ == "__main__":
    main()
