"""What a document means: its unit, year, form, tables (and, for reports, claims)."""

from __future__ import annotations

from dataclasses import dataclass, field

from app.report.claim import Claim, Prose
from app.report.percent import PercentCell
from app.report.performance import PerformanceTable
from app.report.table import Problem, Stated, Table
from app.source import Source


@dataclass(slots=True, weakref_slot=True)
class Report:
    """One case: a workbook, a report, or both together."""

    source: Source
    kind: str  # workbook | pdf | word | text
    form: str = "2022"  # key of a file in resources/forms
    unit: Stated | None = None
    year: int | None = None
    tables: dict[str, Table] = field(default_factory=dict)
    duplicates: list[Table] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    decimals: int = 2  # decimals the whole document prints
    prose: Prose = field(default_factory=Prose)  # empty for a workbook
    claims: list[Claim] = field(default_factory=list)
    performance: list[PerformanceTable] = field(default_factory=list)  # 绩效自评表, in order
    workbook: str | None = None  # name of the workbook that makes one case with a report
    printed: dict[str, Table] = field(default_factory=dict)  # then: the report's own copies of ``tables``
    # 补充资料 (``knowledge.supplement``), one block a section: a sheet of our template, or told in the text
    supplement: Table | None = None
    percents: list[PercentCell] = field(default_factory=list)  # cells of a workbook that ask for a percentage
    last_year: Report | None = None  # last year's file, recognised
    units: list[Report] = field(default_factory=list)  # of a 部门: the files of 本级 and 下属单位
    unread_units: list[str] = field(default_factory=list)  # sentences on those that could not be read
