"""The left pane of the window: the nine tables, the sections of the text, and how each stands."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import replace

from app.checking.finding import Checked, Finding
from app.opened import Part
from app.report.claim import Section
from app.report.report import Report
from app.report.table import Table
from app.source import Grid, Place

_REST = "其他"


def parts_of(report: Report, checked: Checked) -> list[Part]:
    """Tables in the order of the form, then sections, then sheets besides; each finding in one of them."""
    offsets = _offsets(report)
    by_key, rest = _by_table(report, checked.findings, offsets)
    parts = [_table(number, key, report, by_key[key]) for number, key in enumerate(_order(report), 1)]
    if report.kind != "workbook":
        sections, rest = _sections(report, rest, offsets)
        parts += sections
    sheets, rest = _sheets(report, rest)
    parts += sheets
    if rest:
        kind = "sheet" if report.kind == "workbook" else "section"
        parts.append(_found(Part(_REST if parts else "全文", kind, "found", rest[0].place), rest))
    return parts


def _order(report: Report) -> list[str]:
    from app.knowledge.forms import form

    return [table.key for table in form(report.form).tables]


def _offsets(report: Report) -> dict[Place, tuple[int, bool]]:
    """Of every place of a report the offset in its text, and whether it is a line of that text; what
    stands in a table has the offset of the line before it."""
    if report.kind == "workbook":
        return {}
    starts = {id(line): start for line, start in zip(report.prose.lines, report.prose.starts, strict=True)}
    found: dict[Place, tuple[int, bool]] = {}
    now = 0
    for item in report.source.items:
        if not isinstance(item, Grid):
            now = starts.get(id(item), now)
            found[item.place] = (now, id(item) in starts)
        elif not item.is_sheet:
            for cell in item.cells():
                if cell.place is not None:
                    found.setdefault(cell.place, (now, False))
    return found


def _by_table(
    report: Report, findings: Iterable[Finding], offsets: dict[Place, tuple[int, bool]]
) -> tuple[dict[str, list[Finding]], list[Finding]]:
    """Findings by the table that they name or whose sheet they stand on, and those of no table."""
    from app.writing.words import table_key

    on_sheet: dict[tuple[str | None, str], str] = {}
    for key, table in report.tables.items():
        if table.grid.is_sheet:
            on_sheet.setdefault((table.grid.file, table.grid.name), key)
    known = set(_order(report))
    by_key: dict[str, list[Finding]] = defaultdict(list)
    rest: list[Finding] = []
    for finding in findings:
        place = finding.place
        told = offsets.get(place, (0, False))[1]  # a sentence may name a table, too
        key = "" if told else table_key(finding.table)
        if key not in known and place.sheet:
            key = on_sheet.get((place.file, place.sheet), "")
        (by_key[key] if key in known else rest).append(finding)
    return by_key, rest


def _table(number: int, key: str, report: Report, findings: list[Finding]) -> Part:
    table = report.tables.get(key)
    part = Part(key, "table", "passed", _place(table), number=f"{number:02d}")
    if table is None:
        part = replace(part, state="could_not_check", reason="没有找到这张表")
    elif not table.readable:
        part = replace(part, state="could_not_check", reason="这张表的结构没有读懂，未能核对")
    elif table.empty:
        part = replace(part, state="not_applicable", reason="本表无数据")
    return _found(part, findings)


def _place(table: Table | None) -> Place | None:
    if table is None:
        return None
    return table.title.place


def _found(part: Part, findings: list[Finding]) -> Part:
    loud = [f for f in findings if f.severity in ("error", "warning") and not _verified(f)]
    if not findings:
        return part
    state = "found" if loud else part.state
    return replace(
        part,
        state="passed" if state == "found" and not loud else state,
        place=part.place or findings[0].place,
        fingerprints=tuple(f.fingerprint for f in findings),
        errors=sum(f.severity == "error" for f in loud),
        warnings=sum(f.severity == "warning" for f in loud),
    )


def _verified(finding: Finding) -> bool:
    return getattr(finding, "verified", None) is not None


def _sections(
    report: Report, findings: list[Finding], offsets: dict[Place, tuple[int, bool]]
) -> tuple[list[Part], list[Finding]]:
    """The parts and first-level sections of the text; findings go to the one that holds their line.

    Of a part that says no figures (名词解释) only the sections with findings are listed.
    """
    shown = [s for s in report.prose.sections if s.level <= 1]
    if not shown:
        return [], findings
    held: dict[int, list[Finding]] = defaultdict(list)
    rest: list[Finding] = []
    for finding in findings:
        index = _holder(shown, _offset(finding.place, offsets))
        (held[index] if index is not None else rest).append(finding)
    told = Counter(_holder(shown, claim.start) for claim in report.claims)
    whole = Counter(id(shown[n].parent) for n in told.elements() if n is not None)
    parts = []
    for index, section in enumerate(shown):
        if section.level and not told[index] and not held[index] and not whole[id(section.parent)]:
            continue
        state, reason = ("passed", "") if told[index] else ("not_applicable", "没有可核对的数字")
        part = Part(f"{section.number}{section.title}", "section", state, section.place, reason, level=section.level)
        parts.append(_found(part, held[index]))
    return parts, rest


def _offset(place: Place, offsets: dict[Place, tuple[int, bool]]) -> int | None:
    """Where a place stands in the text: its own line, or on a page the nearest line above it."""
    if place in offsets:
        return offsets[place][0]
    if not place.page or not place.box:
        return None
    above = [
        (p.box[1], start)
        for p, (start, _) in offsets.items()
        if p.page == place.page and p.file == place.file and p.box and p.box[1] <= place.box[1] + 2
    ]
    return max(above)[1] if above else None


def _holder(sections: list[Section], offset: int | None) -> int | None:
    """Index of the innermost of ``sections`` that holds an offset."""
    if offset is None:
        return None
    holding = [(s.level, n) for n, s in enumerate(sections) if s.start <= offset < s.end]
    return max(holding)[1] if holding else None


def _sheets(report: Report, findings: list[Finding]) -> tuple[list[Part], list[Finding]]:
    """Sheets that hold none of the nine tables."""
    of_tables = {id(table.grid) for table in report.tables.values()}
    of_tables |= {id(grid) for table in report.tables.values() for grid in table.grids}
    parts: list[Part] = []
    used: set[int] = set()
    for grid in report.source.grids:
        if not grid.is_sheet or id(grid) in of_tables:
            continue
        own = [f for f in findings if f.place.sheet == grid.name and f.place.file in (None, grid.file)]
        used |= {id(f) for f in own}
        if own or (grid.rows and not grid.hidden):
            part = Part(grid.name, "sheet", "not_applicable", Place(file=grid.file, sheet=grid.name), "不是公开表")
            parts.append(_found(part, own))
    return parts, [f for f in findings if id(f) not in used]
