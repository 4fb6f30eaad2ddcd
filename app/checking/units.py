"""部门 = Σ 本级 and 下属单位, table by table and code by code (DOMAIN §4).

What must add up is data (``resources/rules/U1_units.toml``, formulas with ``各单位.``). Their equations
are weighed together with those inside the department's and each unit's own tables, so that a slip is
told once, where it was made.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from app.checking.equation import ZERO, Equation, Spot
from app.checking.evidence import finding, named
from app.checking.finding import Finding
from app.checking.rulebook import Context, NotApplicable, Rule, check
from app.checking.suspects import Suspect, suspects
from app.checking.unit_files import file_name, same_unit
from app.report.report import Report
from app.report.table import Stated

_SUMS = ("合计", "本年支出", "公务用车小计", "年末结转和结余")  # columns that other columns make up
_MANY = 5  # cells that are all too large, or all too small: a unit is missing, or one too many


@check("unit_files")
def unit_files(context: Context) -> Iterator[Finding]:
    """The files are of this year, of different units, and none is the department's own."""
    report = context.report
    if not report.units and not report.unread_units:
        raise NotApplicable("没有提供本级和下属单位的文件（--units）")
    for unit in report.units:
        context.saw()
        if report.year and unit.year and unit.year != report.year:
            year = next((t.year for t in unit.tables.values() if t.year), None)
            yield _unfit(
                unit, year, f"是 {unit.year} 年度的，应为 {report.year} 年度，请换成本年的文件",
                found=str(unit.year), expected=str(report.year),
            )  # fmt: skip
    for other, unit in same_unit(report):
        what = "部门文件本身" if other is report else f"“{file_name(other)}”"
        name = unit.unit.value if unit.unit else file_name(unit)
        yield _unfit(unit, unit.unit, f"与{what}重复（{name}），每个单位只给一份，不要包括部门自己的文件", found=name)
    context.skipped += report.unread_units


def _unfit(unit: Report, stated: Stated | None, message: str, **facts: str) -> Finding:
    table = next(iter(unit.tables.values()))
    at = stated or table.title
    return finding(
        f"单位文件“{file_name(unit)}”{message}；本次没有与各单位之和比较。",
        at.place, quote=at.text, table=named(table), **facts,
    )  # fmt: skip


def found_between(equations: list[Equation], inside: list[Equation], rules: dict[str, Rule]) -> list[Suspect]:
    """The cells that explain what fails in the department's file and between it and its units.

    ``inside`` are the units' own equations; what fails there alone is told when that unit's file is
    checked. Columns that may be netted (reminders) are weighed after the rest.
    """
    own = {id(e) for e in inside}
    loud = [e for e in equations if rules[e.code].severity == "error"]
    soft = [e for e in equations if rules[e.code].severity != "error"]
    _join_unprinted(loud)
    found = _told(suspects([*loud, *inside]), own)
    known = {s.spot.id: s for s in found}
    unit = next((s for s in found if s.note and s.spot.printed and len(s.equations) >= _MANY), None)
    rest = []
    for equation in soft:
        cause = next((known[spot.id] for _, spot in equation.terms if spot.id in known), unit)
        if equation.status != "failed" or cause is None:
            rest.append(equation)
        else:
            cause.equations.append(equation)
    holding = [e for e in (*loud, *inside) if e.status != "failed"]
    return found + _told(suspects([*rest, *holding]), own)


def _told(found: list[Suspect], own: set[int]) -> list[Suspect]:
    """Without what is wrong inside a unit alone; what sums of units say is gathered."""
    alone: list[Suspect] = []
    summed: list[Suspect] = []
    for suspect in found:
        if not any(e.between for e in suspect.equations):
            alone += [] if all(id(e) in own for e in suspect.equations) else [suspect]
            continue
        _lead(suspect, own)
        only_sums = all(e.between for e in suspect.equations)
        summed += [_department(e) for e in suspect.equations] if only_sums else [suspect]
    roots = gathered(summed)
    kept = []
    for suspect in alone:
        cause = next((r for r in roots if r.spot.table is suspect.spot.table and _same_gap(r, suspect)), None)
        if cause is None:
            kept.append(suspect)
        else:
            cause.equations += suspect.equations
    return kept + roots


def _lead(suspect: Suspect, own: set[int]) -> None:
    """What she can mend in the file she checks leads, a unit's own sums follow; the tables a cell stands
    in say best what it should be."""
    suspect.equations.sort(key=lambda e: (id(e) in own, e.relation != "=", e.between, len(e.terms)))
    inner = [e for e in suspect.equations if not e.between and e.relation == "="]
    if inner:
        sign = next(s for s, spot in inner[0].terms if spot is suspect.spot)
        suspect.delta, suspect.slack = inner[0].residual * sign, inner[0].tolerance


def _same_gap(one: Suspect, other: Suspect) -> bool:
    return abs(abs(one.delta) - abs(other.delta)) <= one.slack + other.slack


def _department(equation: Equation) -> Suspect:
    """Nothing but the sum speaks against it: the place is the department's cell."""
    sign, spot = next(((s, spot) for s, spot in equation.terms if not spot.owner), equation.terms[0])
    return Suspect(spot, equation.residual * sign, equation.tolerance, [equation])


def _join_unprinted(equations: Iterable[Equation]) -> None:
    """A row that the department lacks may be what its own 款 or 类 lacks: one slip."""
    lacking = [(e, t.spot) for e in equations if e.between for t in e.left if t.spot and not t.spot.printed]
    for _, spot in lacking:
        for other in equations:
            if not other.between and _is_sum_above(other, spot):
                other.terms.append((-1, spot))


def _is_sum_above(equation: Equation, spot: Spot) -> bool:
    """Whether an equation adds up rows beside ``spot``, to the row right above it."""
    if len(equation.left) != 1 or equation.left[0].spot is None or equation.status != "failed":
        return False
    total = equation.left[0].spot
    beside = [t.spot for t in equation.right if t.spot is not None]
    return (
        (total.block, total.column.key) == (spot.block, spot.column.key)
        and bool(beside)
        and all(len(s.row.key) == len(spot.row.key) and s.block == spot.block for s in beside)
        and (spot.row.key.startswith(total.row.key) or not total.row.key.isdigit())
    )


# -- one slip that its sums carry on -----------------------------------------------------------------


def gathered(found: list[Suspect]) -> list[Suspect]:
    """One slip, one error: what the details explain follows from them, and what a whole unit explains
    is said once."""
    roots: list[Suspect] = []
    for suspect in sorted(found, key=_depth):
        if causes := _causes(suspect, roots):
            causes[0].equations += suspect.equations
        else:
            roots.append(suspect)
    roots = _blank_tables(roots)
    order = {id(s): n for n, s in enumerate(found)}
    roots.sort(key=lambda s: order[id(s)])
    own = [r for r in roots if not r.spot.owner]
    return [_one_unit(own), *(r for r in roots if r.spot.owner)] if _is_one_unit(own) else roots


def _depth(suspect: Suspect) -> tuple[bool, int, bool, bool]:
    """項 before 款 before 类 before totals, parts before their sums, rows that are there before others."""
    spot = suspect.spot
    code = spot.row.key if spot.row.key.isdigit() else ""
    total = spot.row.key in ("合计行", "总计") and not spot.block.startswith("三公")
    return total, -len(code), spot.column.key in _SUMS, not spot.printed


def _causes(suspect: Suspect, roots: list[Suspect]) -> list[Suspect]:
    """The details whose differences make up this one: of its own table, else of another."""
    spot = suspect.spot
    if same := [r for r in roots if _one_sided(r) and _one_sided(suspect) and _cells_of_a_row(r.spot, spot)]:
        return same
    for block in dict.fromkeys([spot.block, *(r.spot.block for r in roots)]):
        inside = [r for r in roots if r.spot.block == block and (block != spot.block or _under(r.spot, spot))]
        for some in (inside, *([r] for r in roots if r.spot.block == block)):
            room = suspect.slack + sum((r.slack for r in some), ZERO)
            if some and abs(abs(sum((r.delta for r in some), ZERO)) - abs(suspect.delta)) <= room:
                return some
    return []


def _one_sided(suspect: Suspect) -> bool:
    """A row that only the department or only its units have."""
    first = suspect.equations[0]
    return first.between and (not suspect.spot.printed or not any(s.owner for _, s in first.terms))


def _cells_of_a_row(one: Spot, other: Spot) -> bool:
    return (one.block, one.row.key) == (other.block, other.row.key)


def _under(detail: Spot, total: Spot) -> bool:
    rows = detail.row.key.startswith(total.row.key) or not total.row.key.isdigit()
    return rows and (detail.column.key == total.column.key or total.column.key in _SUMS)


def _blank_tables(roots: list[Suspect]) -> list[Suspect]:
    """A table that the department left blank is one slip, however many rows its units have."""
    kept: list[Suspect] = []
    first: dict[str, Suspect] = {}
    for root in sorted(roots, key=lambda s: -abs(s.delta)):
        table = root.spot.table
        if not table.empty:
            kept.append(root)
        elif table.key in first:
            first[table.key].equations += root.equations
        else:
            root.note = "（部门的表没有数据，单位的表有）"
            first[table.key] = root
            kept.append(root)
    return kept


def _is_one_unit(roots: list[Suspect]) -> bool:
    """All too large or all too small, in more than one table."""
    tables = {r.spot.table.key for r in roots}
    return len(roots) >= _MANY and len(tables) > 1 and len({r.delta > 0 for r in roots}) == 1


def _one_unit(roots: list[Suspect]) -> Suspect:
    """The largest total that differs, and how many cells do."""
    cells = [_department(e) for r in roots for e in r.equations if e.between]
    totals = [c for c in cells if c.spot.row.key in ("合计行", "总计", "本年支出合计")] or cells
    lead = max(totals, key=lambda c: abs(c.delta))
    why = "漏给了单位的文件" if lead.delta > 0 else "多给了单位的文件，或部门漏汇总了单位"
    lead.note = f"（共 {len(cells)} 处部门数{'大于' if lead.delta > 0 else '小于'}各单位之和，可能{why}）"
    lead.equations += [e for r in roots for e in r.equations if e is not lead.equations[0]]
    return lead
