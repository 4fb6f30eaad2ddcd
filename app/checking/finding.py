"""A finding is evidence: what is wrong, where, what it should be and why (schema in DESIGN)."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import TYPE_CHECKING

from app.source import Place

if TYPE_CHECKING:
    from app.report.claim import Claim

SEVERITIES = ("error", "warning", "info")
ROUNDING = "尾差"  # the kind of a finding on rounding alone, whatever its severity is set to
WORDS = {"error": "错误", "warning": "提醒", "info": "信息"}


@dataclass(frozen=True, slots=True)
class Related:
    """Another place that the finding rests on, with what is printed there."""

    place: Place
    quote: str = ""


@dataclass(frozen=True, slots=True)
class Consequence:
    """What follows from the same slip (连带)."""

    code: str
    message: str
    place: Place


@dataclass(frozen=True, slots=True)
class Finding:
    """``quote`` is the exact text at ``place``; ``context`` a little more of it. ``kind`` tells a
    rounding line (``尾差``) from other information. ``verified`` is her remark (or ``""``) where she
    looked into it and it stands as it is."""

    code: str
    title: str
    severity: str
    message: str
    place: Place
    quote: str = ""
    context: str = ""
    found: str = ""
    expected: str = ""
    difference: str = ""
    calculation: str = ""
    table: str = ""
    row: str = ""
    column: str = ""
    kind: str = ""
    advice: str = ""
    related: tuple[Related, ...] = ()
    consequences: tuple[Consequence, ...] = ()
    weight: int = 0  # heavier findings of one severity come first
    fingerprint: str = ""
    verified: str | None = None

    def signed(self, unit: str, year: object, more: str = "") -> Finding:
        """With its fingerprint: unit, year, code, place, found, expected.

        It stays the same when the file is renamed, saved by another program or marked by this one, so
        neither the file's name nor the look of a number is in it. A finding without found and expected
        rests on its quote instead: other words there are another finding. ``more`` parts findings that
        have all of that in common.
        """
        place = {k: v for k, v in self.place.as_json().items() if k != "file"}
        if self.place.box:
            place["box"] = [round(edge) for edge in self.place.box]
        facts = [unit, str(year), self.code, str(place), _essence(self.found), _essence(self.expected)]
        facts += [_essence(self.quote)] if not self.found and not self.expected else []
        facts += [more] if more else []
        return replace(self, fingerprint=hashlib.sha256("\x1f".join(facts).encode()).hexdigest()[:16])

    def as_json(self) -> dict[str, object]:
        return {
            "code": self.code, "title": self.title, "severity": self.severity, "message": self.message,
            "quote": self.quote, "context": self.context, "found": self.found, "expected": self.expected,
            "difference": self.difference, "calculation": self.calculation, "table": self.table,
            "row": self.row, "column": self.column, "kind": self.kind, "advice": self.advice,
            "place": self.place.as_json(), "fingerprint": self.fingerprint,
            "related": [{**r.place.as_json(), "quote": r.quote} for r in self.related],
            "consequences": [
                {"code": c.code, "message": c.message, "place": c.place.as_json()} for c in self.consequences
            ],
        }  # fmt: skip


def _essence(text: str) -> str:
    """A number without what its format adds (1,234.50 is 1234.5); other text without its blanks."""
    bare = "".join(unicodedata.normalize("NFKC", text).split())
    number = bare.replace(",", "")
    if not re.fullmatch(r"-?\d+(\.\d+)?", number):
        return bare
    return number.rstrip("0").rstrip(".") if "." in number else number


@dataclass(frozen=True, slots=True)
class Operand:
    """One side of a percentage: its value and, when it stands in the document, where."""

    value: Decimal
    place: Place | None = None


@dataclass(slots=True)
class Verdict:
    """How one claim of the narrative ended, for the sheet 文字核对.

    ``result``: agrees | rounding | differs | could_not_run. ``expected`` is the value it should
    equal as printed at ``stands``, ``source`` that place for people (``收支总表·总计·决算数``). A
    percentage has its operands.
    """

    claim: Claim
    result: str
    expected: str = ""
    source: str = ""
    stands: Place | None = None
    numerator: Operand | None = None
    denominator: Operand | None = None
    reason: str = ""


@dataclass(slots=True)
class RuleResult:
    """How one rule ended. ``status``: passed | failed | not_applicable | could_not_run."""

    code: str
    title: str
    status: str
    reason: str | None = None
    evaluated: int = 0
    verdicts: list[Verdict] = field(default_factory=list)

    def as_json(self) -> dict[str, object]:
        return {
            "code": self.code,
            "title": self.title,
            "status": self.status,
            "reason": self.reason,
            "evaluated": self.evaluated,
        }


@dataclass(frozen=True, slots=True)
class Fill:
    """A blank (or ``XX%``) that the program fills in, or could not.

    ``value`` as it will be shown (``5.20%``; ``—`` for a zero denominator; a word where a choice of
    the text is resolved), ``""`` when nothing is written: ``why`` then says why not. ``formula`` is
    the live formula with its ``=`` (a workbook's), ``why`` the calculation in words. ``found`` is what
    stood there, ``operands`` what the value rests on, ``name`` what it is (``基本支出占本年支出``).
    """

    place: Place
    value: str
    formula: str
    why: str
    name: str = ""
    found: str = ""
    operands: tuple[Related, ...] = ()
    context: str = ""  # a little more of the text around it
    span: tuple[int, int] | None = None  # in a report's text: offsets in ``Prose.text``
    number_format: str = ""  # of the cell

    @property
    def done(self) -> bool:
        """Whether something is written."""
        return bool(self.value)

    def as_json(self) -> dict[str, object]:
        return {"place": self.place.as_json(), "value": self.value, "formula": self.formula, "why": self.why}


@dataclass(slots=True)
class Checked:
    """What checking gives: findings in order of weight, how every rule ended."""

    findings: list[Finding] = field(default_factory=list)
    rules: list[RuleResult] = field(default_factory=list)
    fills: list[Fill] = field(default_factory=list)

    @property
    def verdicts(self) -> list[Verdict]:
        """What the rules say about single claims of the narrative."""
        return [verdict for rule in self.rules for verdict in rule.verdicts]

    def count(self, severity: str) -> int:
        """How many findings of a severity are left to her: those she has verified are done with."""
        return sum(f.severity == severity and f.verified is None for f in self.findings)

    @property
    def rounding(self) -> int:
        return sum(f.kind == ROUNDING and f.verified is None for f in self.findings)

    @property
    def verified(self) -> int:
        return sum(f.verified is not None for f in self.findings)
