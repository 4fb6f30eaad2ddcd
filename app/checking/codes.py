"""科目 codes and names: shape, parents, order, and one name for one code in every table.

One mistyped code breaks several of these rules. ``diagnose`` therefore looks at the whole report
once and gives every row at most one flaw; each rule then tells of its own kind.
"""

from __future__ import annotations

import weakref
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from app.checking.code_evidence import (
    FUNCTIONAL,
    Coded,
    Names,
    by_name,
    by_place,
    childless,
    coded_blocks,
    confirmed,
    economic_names,
    fits_between,
    guess,
    names_of,
    same_name,
    well_formed,
)
from app.checking.evidence import finding, listing, named, printed, rising, row_text
from app.checking.finding import Finding, Related
from app.checking.rulebook import Context, NotApplicable, check
from app.knowledge.text import norm
from app.report.report import Report
from app.report.table import Row
from app.source import Place

_GARBLED = 5  # malformed codes in one table beyond which it is not the clerk's typing
_MOST = 30  # flaws of one kind told of one table; each costs a look at all its rows
_MANY = 3  # more rows out of order than this, and it is the order as a whole that is wrong


@dataclass(slots=True)
class Flaw:
    """What is wrong with one row: ``kind`` (malformed, twice, parent, order, name, other_code)."""

    kind: str
    at: Coded
    found: str
    expected: str
    because: str
    place: Place
    severity: str = ""
    related: list[Row] = field(default_factory=list)
    meant: str = ""  # the code the row stands for beyond doubt


@dataclass(slots=True)
class Diagnosis:
    """Every flaw of the codes of a report, and how many codes were looked at."""

    flaws: list[Flaw] = field(default_factory=list)
    rows: int = 0
    flawed: set[int] = field(default_factory=set)
    count: Counter[tuple[str, int]] = field(default_factory=Counter)

    def add(self, flaw: Flaw) -> None:
        if id(flaw.at.row) not in self.flawed:
            self.flawed.add(id(flaw.at.row))
            self.flaws.append(flaw)
            self.count[flaw.kind, id(flaw.at.block)] += 1

    def enough(self, kind: str, rows: list[Coded]) -> bool:
        """Whether so many flaws of a kind were found in a table that more would help nobody."""
        return self.count[kind, id(rows[0].block)] >= _MOST


_last: list[tuple[weakref.ref[Report], Diagnosis]] = []  # six rules ask about one report in turn


def diagnose(report: Report) -> Diagnosis:
    """All flaws; a row has at most one, the gravest. Worked out once a report, kept while it lives."""
    if not _last or _last[0][0]() is not report:
        _last[:] = [(weakref.ref(report, lambda _: _last.clear()), _diagnose(report))]
    return _last[0][1]


def _diagnose(report: Report) -> Diagnosis:
    found = Diagnosis()
    blocks = coded_blocks(report)
    names = names_of(blocks)
    found.rows = sum(len(rows) for rows in blocks)
    blocks = [rows for rows in blocks if not _garbled(rows, found)]
    for rows in blocks:
        _malformed(rows, names, found)
    for rows in blocks:
        _twice(rows, names, found)
    for rows in blocks:
        _parents(rows, names, found)
    for rows in blocks:
        _listed(rows, names, found)
    _other_codes(blocks, found)
    for rows in blocks:
        _order(rows, names, found)
    _two_names(names, report.kind == "workbook", found)
    return found


def _garbled(rows: list[Coded], found: Diagnosis) -> bool:
    """Whether so many codes are none that the column itself was misread; then that is the one flaw."""
    odd = [at for at in rows if not well_formed(at.code, at.economic)]
    if len(odd) <= _GARBLED or len(odd) * 3 <= len(rows):
        return False
    because = f"本表有 {len(odd)} 个编码不合格式，编码、名称各栏的排法可能与表头不符，科目未能核对"
    found.add(Flaw("malformed", odd[0], odd[0].code, "科目编码", because, odd[0].place))
    return True


def _malformed(rows: list[Coded], names: Names, found: Diagnosis) -> None:
    for i, at in enumerate(rows):
        if well_formed(at.code, at.economic) or found.enough("malformed", rows):
            continue
        length = "3 或 5 位" if at.economic else "3、5 或 7 位"
        classes = "类在 301–399 之间" if at.economic else "类在 201–234 之间"
        right = guess(rows, i, names)
        because = right[1] if right else f"科目编码是 {length}数字，{classes}"
        expected = right[0] if right else f"{length}数字"
        found.add(Flaw("malformed", at, at.code, expected, because, at.place, meant=right[0] if right else ""))


def _twice(rows: list[Coded], names: Names, found: Diagnosis) -> None:
    by_code: dict[str, list[Coded]] = defaultdict(list)
    for at in rows:
        if well_formed(at.code, at.economic):
            by_code[at.code].append(at)
    order = {id(at.row): i for i, at in enumerate(rows)}
    for code, same in by_code.items():
        if len(same) < 2 or found.enough("twice", rows):
            continue
        wrong = max(same, key=lambda at: (_strange(at, names), _misplaced(at, rows, order), order[id(at.row)]))
        others = [at.row for at in same if at is not wrong]
        because = f"{others[0].code_place or others[0].place} 已有 {code} {others[0].label}"
        right = guess(rows, order[id(wrong.row)], names)
        expected = right[0] if right else "每个编码只出现一次"
        because += f"，{right[1]}" if right else ""
        meant = right[0] if right else ""
        found.add(Flaw("twice", wrong, code, expected, because, wrong.place, related=others, meant=meant))


def _strange(at: Coded, names: Names) -> bool:
    """Whether other tables call this code by another name."""
    known = names.rows.get(at.code, {})
    mine = len({id(c.table) for c in known.get(same_name(at.row.label), [])})
    return any(len({id(c.table) for c in rows}) > mine for rows in known.values())


def _misplaced(at: Coded, rows: list[Coded], order: dict[int, int]) -> bool:
    return not fits_between(rows, order[id(at.row)])


def _parents(rows: list[Coded], names: Names, found: Diagnosis) -> None:
    codes = {at.code for at in rows}
    if all(len(at.code) == 7 for at in rows) and not rows[0].economic:
        first = rows[0]
        because = "本表只有项级科目"
        found.add(Flaw("parent", first, "", "类、款两级合计行", because, first.place, "warning"))
        return
    missing: set[str] = set()
    for i, at in enumerate(rows):
        parent = at.code[:-2]
        if len(at.code) < 5 or not well_formed(at.code, at.economic) or parent in codes or parent in missing:
            continue
        missing.add(parent)
        if found.enough("parent", rows):
            break
        before = next((rows[j] for j in range(i - 1, -1, -1) if len(rows[j].code) < len(at.code)), None)
        if before is not None and id(before.row) in found.flawed:
            continue  # its parent is there, under a code that is already reported
        flaw = _orphan(rows, i, before, names)
        if flaw.at is not at:
            flaw.related = [at.row]
        found.add(flaw)


def _orphan(rows: list[Coded], i: int, before: Coded | None, names: Names) -> Flaw:
    """A row without its parent: mistyped itself, or under a mistyped parent, or the parent is not there."""
    at, parent = rows[i], rows[i].code[:-2]
    own = {other.code for other in rows}
    siblings = sum(other.code[:-2] == parent for other in rows)
    if right := by_name(at, own, names):
        return Flaw("parent", at, at.code, right[0], right[1], at.place, meant=right[0])
    above = before is not None and before is rows[i - 1] and childless(before, rows, parent)
    if before is not None and above and (right := by_name(before, own, names)) and right[0] == parent:
        return Flaw("parent", before, before.code, parent, right[1], before.place, meant=parent)
    known = before is not None and confirmed(before, names)
    if before is not None and above and not known and (siblings > 1 or fits_between(rows, i)):
        because = f"它下面的 {at.code} 属于 {parent}"
        return Flaw("parent", before, before.code, parent, because, before.place, meant=parent)
    if siblings == 1 and (right := by_place(rows, i, own)) and (known or not fits_between(rows, i)):
        return Flaw("parent", at, at.code, right[0], right[1], at.place, meant=right[0])
    because = f"有 {at.code} {at.row.label} 而没有它的上级 {parent}"
    return Flaw("parent", at, "", f"{parent} 一行", because, at.place)


def _listed(rows: list[Coded], names: Names, found: Diagnosis) -> None:
    """经济分类 codes and names against the list: a name that belongs to another code, or is unknown."""
    own = {at.code for at in rows}
    for at in rows:
        if not at.economic or not at.row.label or not well_formed(at.code, True):
            continue
        if right := by_name(at, own, names):
            found.add(Flaw("listed", at, at.code, right[0], right[1], at.place, meant=right[0]))
            continue
        official = economic_names().get(at.code)
        if official and same_name(at.row.label) not in {same_name(name) for name in official}:
            because = f"经济分类 {at.code} 的名称是“{official[0]}”"
            found.add(Flaw("listed", at, at.row.label, official[0], because, at.row.place, "warning"))


def _other_codes(blocks: list[list[Coded]], found: Diagnosis) -> None:
    """One 科目 under two codes: same name, same parent, and this table lacks the other code."""
    tables: dict[str, set[str]] = defaultdict(set)
    named_so: dict[tuple[str, str], set[str]] = defaultdict(set)
    functional = [[at for at in rows if not at.economic and at.row.label] for rows in blocks]
    for at in (at for rows in functional for at in rows if id(at.row) not in found.flawed):
        tables[at.code].add(at.table.key)
        named_so[at.code[:-2], same_name(at.row.label)].add(at.code)
    for rows in functional:
        own = {at.code for at in rows}
        for at in (at for at in rows if id(at.row) not in found.flawed):
            like = sorted(named_so[at.code[:-2], same_name(at.row.label)] - own)
            other = next((code for code in like if len(code) == len(at.code)), None)
            if other is None:
                continue
            more = len(tables[other]) - len(tables[at.code])
            later = FUNCTIONAL.index(at.table.key) > max(FUNCTIONAL.index(key) for key in tables[other])
            if more > 0 or (more == 0 and later):
                because = f"{listing(sorted(tables[other]))}中“{at.row.label}”的编码是 {other}"
                severity = "" if more else "warning"
                found.add(Flaw("other_code", at, at.code, other, because, at.place, severity, meant=other))


def _order(rows: list[Coded], names: Names, found: Diagnosis) -> None:
    runs: dict[str, list[Coded]] = defaultdict(list)
    for at in rows:
        if id(at.row) not in found.flawed and well_formed(at.code, at.economic):
            runs[_run(at)].append(at)
    for good in runs.values():
        kept = rising([at.code for at in good])
        odd = [at for i, at in enumerate(good) if i not in kept]
        rest = [at.code for i, at in enumerate(good) if i in kept]
        if len(odd) > _MANY:
            because = f"有 {len(odd)} 个科目没有按编码由小到大排列"
            found.add(Flaw("order", odd[0], odd[0].code, "按编码由小到大", because, odd[0].place))
            continue
        own = {at.code for at in rows}
        for at in odd:
            if right := by_name(at, own, names):
                found.add(Flaw("other_code", at, at.code, right[0], right[1], at.place, meant=right[0]))
                continue
            after = max((code for code in rest if code < at.code), default="")
            because = f"应排在 {after} 之后" if after else "应排在最前"
            found.add(Flaw("order", at, at.code, "按编码由小到大", because, at.place))


def _run(at: Coded) -> str:
    """What has to rise together: in 基本支出表 each of the groups that stand side by side."""
    if not at.economic:
        return ""
    return at.place.cell.rstrip("0123456789") if at.place.cell else at.code[:3]


def _two_names(names: Names, workbook: bool, found: Diagnosis) -> None:
    for code, known in names.rows.items():
        if len(known) < 2:
            continue
        count = Counter({name: len({id(at.table) for at in rows}) for name, rows in known.items()})
        (best, most), (_, second) = count.most_common(2)
        tie = most == second
        if tie:  # nothing tells which is right: look at the later one
            last = max((at for rows in known.values() for at in rows), key=lambda at: FUNCTIONAL.index(at.table.key))
            best = next(n for n in known if last not in known[n])
        good = known[best][0]
        for name, rows in known.items():
            if name == best or (not workbook and (best.startswith(name) or name.startswith(best))):
                continue  # PDF cells may cut a name short
            if any(id(at.row) in found.flawed for at in rows):
                continue
            because = f"{named(good.table)}中 {code} 的名称是“{good.row.label}”"
            flaw = Flaw(
                "name", rows[0], rows[0].row.label, good.row.label, because, rows[0].row.place, "warning" if tie else ""
            )
            flaw.related = [good.row, *(at.row for at in rows[1:])]
            found.add(flaw)


_SAYS = {
    "malformed": "科目编码 {found}，应为 {expected}",
    "twice": "科目编码 {found} 重复，应为 {expected}",
    "parent": "科目编码 {found}，应为 {expected}",
    "order": "科目编码 {found} 的次序不对，应{expected}排列",
    "name": "科目名称 {found}，应为 {expected}",
    "other_code": "科目编码 {found}，应为 {expected}",
    "listed": "科目 {found}，应为 {expected}",
}


def _slipped(flaw: Flaw) -> Place:
    """Where 类 款 项 stand in cells of their own: the one whose digits are not what was meant."""
    row, place = flaw.at.row, flaw.place
    if not flaw.meant or row.grid is None or not place.cell:
        return place
    done = ""
    for column in sorted(row.grid.rows.get(row.index, {})):
        text = norm(row.grid.text(row.index, column))
        if text.isdigit() and flaw.at.code.startswith(done + text):
            done += text
            if not flaw.meant.startswith(done):
                return row.grid.place(row.index, column)
    return place


def _tell(context: Context, kinds: Iterable[str]) -> Iterator[Finding]:
    found = diagnose(context.report)
    if not found.rows:
        raise NotApplicable("没有按科目编码列示的表")
    context.saw(found.rows)
    for flaw in found.flaws:
        if flaw.kind not in kinds:
            continue
        says = _SAYS[flaw.kind] if flaw.found else "缺少 {expected}"
        what = says.format(found=flaw.found, expected=flaw.expected)
        row, flaw.place = flaw.at.row, _slipped(flaw)
        by_its_name = flaw.place == row.place and not flaw.meant and flaw.place != flaw.at.place
        quote = printed(row, flaw.place) or (row.label if by_its_name else row.code or "")
        yield finding(
            f"{named(flaw.at.table)} {flaw.place.cell or flaw.place} {what}：{flaw.because}。",
            flaw.place,
            severity=flaw.severity,
            quote=quote,
            context=row_text(row.grid, row.index),
            found=flaw.found,
            expected=flaw.expected,
            table=named(flaw.at.table),
            row=f"{flaw.at.code} {row.label}".strip(),
            column="科目名称" if by_its_name else "科目编码",
            related=tuple(
                Related(other.place if by_its_name else other.code_place or other.place, other.label)
                for other in flaw.related
            ),
        )


@check("code_malformed")
def code_malformed(context: Context) -> Iterator[Finding]:
    """A code of wrong length, with other characters, or outside the 类 there are."""
    yield from _tell(context, ("malformed",))


@check("code_parent")
def code_parent(context: Context) -> Iterator[Finding]:
    """A 款 or 项 whose 类 or 款 has no row, or stands under a mistyped code."""
    yield from _tell(context, ("parent",))


@check("code_twice")
def code_twice(context: Context) -> Iterator[Finding]:
    """One code in two rows of a table."""
    yield from _tell(context, ("twice",))


@check("code_order")
def code_order(context: Context) -> Iterator[Finding]:
    """Codes that do not rise from row to row."""
    yield from _tell(context, ("order",))


@check("code_name")
def code_name(context: Context) -> Iterator[Finding]:
    """One code with two names, or one 科目 under two codes."""
    yield from _tell(context, ("name", "other_code"))


@check("economic_list")
def economic_list(context: Context) -> Iterator[Finding]:
    """基本支出表: codes and names that the list of 经济分类 does not put together."""
    if "基本支出表" not in context.report.tables:
        raise NotApplicable("没有基本支出表")
    yield from _tell(context, ("listed",))


@check("code_unnamed")
def code_unnamed(context: Context) -> Iterator[Finding]:
    """A code without a 科目名称."""
    rows = [at for block in coded_blocks(context.report) for at in block]
    if not rows:
        raise NotApplicable("没有按科目编码列示的表")
    known = {at.code: at.row.label for at in rows if at.row.label}
    context.saw(len(rows))
    for at in rows:
        if not at.row.label and _uncached(at.row):
            context.skipped.append("科目名称的公式没有计算结果，请在 Excel 中打开并保存一次")
        elif not at.row.label:
            expected = known.get(at.code, "科目名称")
            yield finding(
                f"{named(at.table)} 科目 {at.code} 没有名称，应为 {expected}。",
                at.place,
                quote=printed(at.row, at.place) or at.code,
                context=row_text(at.row.grid, at.row.index),
                found="空白",
                expected=expected,
                table=named(at.table),
                row=at.code,
                column="科目名称",
            )


def _uncached(row: Row) -> bool:
    """Whether a formula of this row has no value: its name may be looked up."""
    cells = row.grid.rows.get(row.index, {}).values() if row.grid is not None else ()
    return any(cell.formula and cell.value is None for cell in cells)
