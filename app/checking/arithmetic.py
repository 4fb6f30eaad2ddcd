"""The arithmetic rules: evaluates their formulas and turns what fails into findings."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field, replace
from decimal import ROUND_HALF_UP, Decimal

from app.checking.binding import Book, blank_row, equations
from app.checking.equation import ZERO, Equation, Spot
from app.checking.finding import Consequence, Finding, Related, RuleResult
from app.checking.notation import parse
from app.checking.rulebook import CouldNotRun, NotApplicable, Rule
from app.checking.suspects import Suspect, suspects
from app.checking.wording import (
    calculation,
    cell_name,
    context,
    headline,
    money,
    printed,
    rounding_detail,
    rounding_line,
)
from app.report.report import Report
from app.source import Place

ROUNDING = "R100"
_RELATED = 40


@dataclass(slots=True)
class Arithmetic:
    """What the arithmetic rules gave: findings, how each rule ended, and the equations."""

    findings: list[Finding] = field(default_factory=list)
    results: list[RuleResult] = field(default_factory=list)
    equations: list[Equation] = field(default_factory=list)


def evaluate(rules: list[Rule], report: Report) -> Arithmetic:
    """Evaluates every rule with a formula on a report."""
    if report.units:
        from app.checking.companion_tables import settle

        for unit in report.units:
            settle(unit)
    book = Book.of(report)
    done = Arithmetic()
    by_code = {r.code: r for r in rules}
    floor = Decimal(5).scaleb(-report.decimals - 1)
    for rule in rules:
        done.results.append(_one(rule, book, floor, done.equations))
    if any(e.between for e in done.equations):
        from app.checking.units import found_between

        found = found_between(done.equations, _inside_units(rules, book), by_code)
    else:
        found = suspects(done.equations)
    for suspect in found:
        done.findings.append(_with_precedents(_finding(suspect, by_code), suspect, report))
    done.findings += _rounding(done.equations, by_code)
    return done


def _inside_units(rules: list[Rule], book: Book) -> list[Equation]:
    """What holds or fails inside each unit's own tables: it tells whose figure is wrong."""
    found: list[Equation] = []
    for unit in book.units:
        floor = Decimal(5).scaleb(-unit.report.decimals - 1)
        for rule in rules:
            if "各单位" not in rule.formula:
                _one(rule, unit, floor, found)
    return found


def _one(rule: Rule, book: Book, floor: Decimal, collected: list[Equation]) -> RuleResult:
    """How a rule ended; its formulas stand a line each, what one of them lacks stops no other."""
    result = RuleResult(rule.code, rule.title, "passed")
    skipped: Counter[str] = Counter()
    unable: dict[str, list[str]] = {}
    for line in rule.formulas:
        try:
            for equation in equations(book, parse(line), rule.code):
                reason = _unready(equation)
                if reason:
                    skipped[reason] += 1
                    continue
                equation.evaluate(floor)
                result.evaluated += 1
                collected.append(equation)
                if equation.status == "failed":
                    result.status = "failed"
        except NotApplicable as why:
            unable.setdefault("not_applicable", []).append(str(why))
        except CouldNotRun as why:
            unable.setdefault("could_not_run", []).append(str(why))
    if result.evaluated:
        said = [f"{n} 处{r}" for r, n in skipped.items()]
        result.reason = "；".join(dict.fromkeys([*said, *unable.get("could_not_run", [])])) or None
        return result
    result.status = "could_not_run" if skipped or "could_not_run" in unable else "not_applicable"
    known = [*skipped, *unable.get(result.status, [])]
    result.reason = "；".join(dict.fromkeys(known)) or "有关各行没有金额"
    return result


def _unready(equation: Equation) -> str:
    """Why an equation cannot be evaluated: a cell that holds no amount, a row without any."""
    for term in (*equation.left, *equation.right):
        spot = term.spot
        if spot is None:
            continue
        where = cell_name(spot)
        if spot.entry.wrong == "error":
            return f"{where}是错误值"
        if spot.entry.wrong == "text":
            return f"{where}不是数字"
        if spot.entry.wrong == "uncached" and spot.entry.cell is not None and spot.entry.cell.formula == "?":
            return f"{where}在文本里看不出是哪一栏的数"
        if spot.entry.wrong == "uncached":
            return f"{where}的公式没有计算结果，请在 Excel 中打开并保存一次"
        if spot.block != "基本支出表" and blank_row(spot):
            return f"{spot.table.title.value or spot.table.key}的明细行没有金额"
    return ""


def _finding(suspect: Suspect, rules: dict[str, Rule]) -> Finding:
    """One error for one cell; the other equations it breaks are its consequences."""
    main, spot = suspect.equations[0], suspect.spot
    rule = rules[main.code]
    others = suspect.equations[1:]
    places: dict[tuple[str, str, int], Related] = {}
    for equation in suspect.equations:
        for _, other in equation.terms:
            if other is not spot and (other.value or len(equation.terms) <= 4):
                places.setdefault(other.id, Related(other.entry.place, other.entry.text))
    inequality = main.relation != "="
    true = _as_printed(spot.value - suspect.delta, spot) if main.between else spot.value - suspect.delta
    expected = (
        ("" if inequality else money(true, spot)) if suspect.sure or suspect.plausible or len(main.terms) <= 4 else ""
    )
    if inequality:
        bound = "不大于" if suspect.delta > 0 else "不小于"
        expected = f"{bound} {money(true, spot)}"
    return Finding(
        code=rule.code,
        title=rule.title,
        severity=rule.severity,
        message=headline(suspect, expected),
        place=spot.entry.place,
        quote=spot.entry.text,
        context=context(spot),
        found=printed(spot),
        expected=expected,
        difference=money(suspect.delta, spot),
        calculation=calculation(main),
        table=spot.table.title.value or spot.table.key,
        row=(f"{spot.row.code} " if spot.row.code else "") + spot.row.label,
        column=spot.column.text,
        advice="请核对账簿，改正有误的数字；改正后与它有关的各处会一并相符",
        related=tuple(list(places.values())[:_RELATED]),
        consequences=tuple(
            Consequence(e.code, f"{rules[e.code].title}：{calculation(e)}", _at(e, spot)) for e in others
        ),
        weight=1000 + 10 * len(suspect.equations) + 5 * suspect.sure + 2 * suspect.plausible,
    )


def _as_printed(value: Decimal, spot: Spot) -> Decimal:
    """At the decimals of the cell, where it shows less than the units' files hold."""
    step = 2 * spot.half
    return (value / step).quantize(Decimal(1), rounding=ROUND_HALF_UP) * step if step else value


def _with_precedents(found: Finding, suspect: Suspect, report: Report) -> Finding:
    """Where a total is a formula, the slip stands in a cell it adds up: name these too."""
    formulas = [
        (s.row.grid, s.entry.cell)
        for e in suspect.equations
        for _, s in e.terms
        if s.entry.cell and s.entry.cell.formula
    ]
    if not formulas:
        return found
    from app.checking.formulas import references

    sheets = {g.name.casefold(): g for g in report.source.grids}
    known = {found.place, *(r.place for r in found.related)}
    more: list[Related] = []
    while formulas and len(more) < _RELATED:
        grid, cell = formulas.pop(0)
        if grid is None or not cell.formula:
            continue
        for area in references(cell.formula, grid, sheets):
            for other in area.cells():
                place = area.grid.place(other.row, other.column)
                if place not in known and isinstance(other.value, Decimal) and other.value:
                    known.add(place)
                    more.append(Related(place, other.text))
                    formulas.append((area.grid, other))
    return replace(found, related=(*found.related, *more[:_RELATED]))


def _at(equation: Equation, spot: Spot) -> Place:
    other = next((s for _, s in equation.terms if s is not spot and s.value), spot)
    return other.entry.place


def _rounding(equations_: list[Equation], rules: dict[str, Rule]) -> list[Finding]:
    """One line of information a table for all its rounding differences."""
    by_table: dict[str, list[Equation]] = defaultdict(list)
    for equation in equations_:
        if equation.status == "rounding" and abs(equation.residual) > ZERO:
            by_table[equation.terms[0][1].table.key].append(equation)
    found = []
    for group in by_table.values():
        spot = group[0].terms[0][1]
        related = [Related(e.terms[0][1].entry.place, e.terms[0][1].entry.text) for e in group]
        found.append(
            Finding(
                code=ROUNDING,
                title="尾数误差",
                severity="info",
                kind="尾差",
                message=rounding_line(group, spot),
                place=spot.entry.place,
                quote=spot.entry.text,
                context=context(spot),
                calculation="；".join(rounding_detail(e) for e in group[:6]),
                table=spot.table.title.value or spot.table.key,
                related=tuple(related[:_RELATED]),
            )
        )
    return found
