"""A companion's tables (last year's, a unit's) made ready to be compared with, as the checked file's own are."""

from __future__ import annotations

from app.checking.corrections import correct
from app.checking.doubts import set_aside_doubtful
from app.checking.rulebook import rules, run
from app.report.report import Report

_STRUCTURE = ("S2", "S3")


def settle(companion: Report) -> None:
    """Tables that were not read well enough are taken out, certain slips of codes and labels put right.

    Their findings are told when that file is checked itself. May be called again.
    """
    if companion.kind != "workbook":
        chosen = [r for r in rules(False) if r.check and r.code.startswith(_STRUCTURE)]
        set_aside_doubtful(companion, [f for rule in chosen for f in run(rule, companion)[0]])
    correct(companion)
