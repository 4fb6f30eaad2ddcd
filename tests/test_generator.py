"""The generator's own faults would look like the checker's: its figures and files are proven apart."""

from __future__ import annotations

from collections import Counter
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from random import Random

import openpyxl
import pytest

from tests.generator import LAYOUTS, compose, department, fits, slip
from tests.generator.book import Book
from tests.generator.figures import Figures, Key, figures
from tests.generator.slips import KINDS, amount

SEEDS = range(40)
INCOMES = ["上级补助收入", "事业收入", "经营收入", "附属单位上缴收入", "其他收入"]
GRANTS = ["一般公共预算财政拨款", "政府性基金预算财政拨款", "国有资本经营预算财政拨款"]
TRIP_CODES = {"出国费": "30212", "运行费": "30231", "购置费": "31013", "接待费": "30217"}


def get(exact: Figures, block: str, row: str, column: str) -> int:
    return next((v for (_, b, r, c), v in exact.items() if (b, r, c) == (block, row, column)), 0)


def rows(exact: Figures, table: str, digits: int) -> list[str]:
    return sorted({r for t, _, r, _ in exact if t == table and len(r) == digits and r.isdigit()})


@pytest.mark.parametrize("seed", SEEDS)
def test_sides_balance(seed: int) -> None:
    f = figures(department(seed))
    left = [get(f, "收支总表收入", r, "决算数") for r in ("本年收入合计", "使用非财政拨款结余", "年初结转和结余")]
    right = [get(f, "收支总表支出", r, "决算数") for r in ("本年支出合计", "结余分配", "年末结转和结余")]
    assert (
        sum(left) == sum(right) == get(f, "收支总表收入", "总计", "决算数") == get(f, "收支总表支出", "总计", "决算数")
    )
    assert left[0] == sum(get(f, "收支总表收入", r, "决算数") for r in [*(f"{g}收入" for g in GRANTS), *INCOMES])
    opened = sum(get(f, "财拨总表收入", f"年初{g}", "决算数") for g in GRANTS)
    assert opened == get(f, "财拨总表收入", "年初财政拨款结转和结余", "决算数") <= left[2]
    for grant, column in zip(GRANTS, ("一般公共预算", "政府性基金", "国有资本"), strict=True):
        came = get(f, "财拨总表收入", grant, "决算数") + get(f, "财拨总表收入", f"年初{grant}", "决算数")
        went = [get(f, "财拨总表支出", r, column) for r in ("本年支出合计", "年末财政拨款结转和结余", "总计")]
        assert came == went[0] + went[1] == went[2]
        assert get(f, "财拨总表收入", grant, "决算数") == get(f, "收支总表收入", f"{grant}收入", "决算数")


@pytest.mark.parametrize("seed", SEEDS)
def test_code_tables_add_up(seed: int) -> None:
    f = figures(department(seed))
    for table in ("收入表", "支出表", "一般支出表", "基金表", "国资表"):
        columns = {c for t, _, _, c in f if t == table}
        for column in columns:
            classes = rows(f, table, 3)
            assert get(f, table, "合计", column) == sum(get(f, table, r, column) for r in classes)
            for row in classes + rows(f, table, 5):
                kids = [r for r in rows(f, table, len(row) + 2) if r.startswith(row)]
                assert kids
                assert get(f, table, row, column) == sum(get(f, table, r, column) for r in kids)
        for row in ["合计", *rows(f, table, 7)]:
            cells = {c: get(f, table, row, c) for c in columns}
            total = cells.pop("合计", None) if "合计" in cells else cells.pop("小计")
            flows = {c: cells.pop(c) for c in ("年初结转和结余", "本年收入", "年末结转和结余") if c in cells}
            assert total == sum(cells.values())
            if flows:
                assert flows["年初结转和结余"] + flows["本年收入"] - total == flows["年末结转和结余"]


@pytest.mark.parametrize("seed", SEEDS)
def test_tables_agree(seed: int) -> None:
    f = figures(department(seed))
    assert get(f, "收入表", "合计", "合计") == get(f, "收支总表收入", "本年收入合计", "决算数")
    assert get(f, "支出表", "合计", "合计") == get(f, "收支总表支出", "本年支出合计", "决算数")
    for row in INCOMES:
        assert get(f, "收入表", "合计", row) == get(f, "收支总表收入", row, "决算数")
    for row in rows(f, "支出表", 3):
        assert get(f, "支出表", row, "合计") == get(f, "收支总表支出", row, "决算数")
        for table, column, total in (
            ("一般支出表", "一般公共预算", "合计"),
            ("基金表", "政府性基金", "小计"),
            ("国资表", "国有资本", "合计"),
        ):
            assert get(f, table, row, total) == get(f, "财拨总表支出", row, column)
    for row in rows(f, "支出表", 7):
        for column in ("合计", "基本支出", "项目支出"):
            fiscal = sum(
                get(f, t, row, "小计" if t == "基金表" and column == "合计" else column)
                for t in ("一般支出表", "基金表", "国资表")
            )
            assert 0 <= fiscal <= get(f, "支出表", row, column)
    staff, running = (get(f, "基本支出表", r, "决算数") for r in ("人员经费合计", "公用经费合计"))
    assert staff + running == get(f, "一般支出表", "合计", "基本支出")
    for half in ("三公预算", "三公决算"):
        cells = {c: get(f, half, "合计行", c) for c in ("合计", "车小计", *TRIP_CODES)}
        assert cells["车小计"] == cells["购置费"] + cells["运行费"]
        assert cells["合计"] == cells["出国费"] + cells["车小计"] + cells["接待费"]
        for column, code in TRIP_CODES.items():
            assert cells[column] >= get(f, "基本支出表", code, "决算数") or half == "三公预算"


def test_departments_are_varied() -> None:
    departments = [department(seed) for seed in range(200)]
    sizes = [len(d.items) for d in departments]
    tables = [figures(d) for d in departments]

    def share(table: str) -> float:
        return sum(any(v for k, v in f.items() if k[0] == table) for f in tables) / len(tables)

    assert min(sizes) <= 6
    assert max(sizes) >= 45
    assert 0.2 < share("基金表") < 0.6
    assert 0.05 < share("国资表") < 0.5
    assert 0.4 < share("三公表") < 0.9
    assert any(d.reserve_used for d in departments)
    assert any(d.allocated for d in departments)
    assert any(d.opening_other for d in departments)
    assert department(7) == department(7)


def _book(seed: int, name: str) -> Book:
    rng = Random(f"layout {seed} {name}")
    whole = department(seed)
    return compose(whole, LAYOUTS[name](rng), rng)


@pytest.mark.parametrize("name", LAYOUTS)
@pytest.mark.parametrize("seed", [3, 11, 26])
def test_every_printed_cell_is_rounded_on_its_own(tmp_path: Path, seed: int, name: str) -> None:
    whole = department(seed)
    if not fits(whole, name):
        pytest.skip("the form does not list this department's 经济分类")
    exact, book = figures(whole), _book(seed, name)
    path = tmp_path / "x.xlsx"
    book.save(path)
    read = openpyxl.load_workbook(path, data_only=True)
    places = book.amounts()
    assert len(set(places.values())) == len(places)
    assert _missing(exact, set(places)) == set()
    for key, (sheet, cell) in places.items():
        value = read[sheet][cell].value
        unit = 100 if key[0] in book.yuan else 1_000_000
        wanted = Decimal(exact.get(key, 0)) / unit
        if value in (None, "-", "—"):
            assert not wanted
            continue
        typed = str(value).translate(str.maketrans("０１２３４５６７８９．，", "0123456789.,")).replace(",", "")
        wanted = wanted if name == "decimals" else wanted.quantize(Decimal("0.01"), ROUND_HALF_UP)
        assert Decimal(f"{float(typed):.15g}") == wanted, key


def _missing(exact: Figures, printed: set[Key]) -> set[Key]:
    """Non-zero figures without a cell; what only the longer 国资表 prints is left out."""
    extra = ("年初结转和结余", "本年收入", "年末结转和结余")
    return {k for k, v in exact.items() if v and k not in printed and not (k[0] == "国资表" and k[3] in extra)}


def test_formulas_agree_with_their_cached_values(tmp_path: Path) -> None:
    seen = 0
    for seed in range(12):
        book = _book(seed, "decimals")
        pieces = {p.key: p for s in book.sheets for p in s.cells.values() if p.key is not None}
        for piece in pieces.values():
            if piece.formula is not None:
                seen += 1
                assert amount(piece) == sum(amount(pieces[part]) or 0 for part in piece.parts)
    assert seen > 100


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    for number in (1, 2):
        _book(5, "surrounded").save(tmp_path / f"{number}.xlsx")
    assert (tmp_path / "1.xlsx").read_bytes() == (tmp_path / "2.xlsx").read_bytes()


def test_a_slip_changes_one_amount_by_half_or_more() -> None:
    kinds: Counter[str] = Counter()
    for seed in range(60):
        name = list(LAYOUTS)[seed % len(LAYOUTS)]
        before, after = _book(seed, name), _book(seed, name)
        made = slip(after, Random(seed))
        old = {p.key: p.value for s in before.sheets for p in s.cells.values() if p.key is not None}
        changed = [p for s in after.sheets for p in s.cells.values() if p.key is not None and p.value != old[p.key]]
        assert [p.key for p in changed] == [made.key]
        assert changed[0].formula is None
        least = 5000 if made.key[0] in after.yuan else Decimal("0.50")
        assert abs((amount(changed[0]) or 0) - Decimal(made.old.replace(",", ""))) >= least
        assert after.amounts()[made.key] == made.place
        kinds[made.kind] += 1
    assert set(kinds) == set(KINDS)
