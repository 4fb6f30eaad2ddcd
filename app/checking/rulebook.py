"""Rules as the reviewer reads them (``resources/rules/*.toml``) and the checks that carry them out.

A file names at its top the ``modules`` (below ``app.checking``) that register its checks; files
whose rules speak of the text of a report begin with T. A rule is one TOML entry:
``code``, ``title``, ``severity``, ``source``, ``explain``, and either ``formula`` (arithmetic, one or
more lines, see ``app.checking.arithmetic``) or ``check`` (the name of a function registered here). ``needs`` names the
companion file of the report without which the rule is not applicable (``lacking`` says so). Cases
(``pass``/``fail``) stand beside it and feed ``juesuan rules`` and the tests alike.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import cache
from importlib import import_module
from typing import Any

from app import paths
from app.checking.finding import Finding, RuleResult, Verdict
from app.report.report import Report


class NotApplicable(Exception):
    """The document has nothing this rule speaks of; the text says what is not there."""


class CouldNotRun(Exception):
    """The rule lacks its input; the text tells the clerk what and, if possible, what to do."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One entry of ``resources/rules``."""

    code: str
    title: str
    severity: str
    source: str = ""
    explain: str = ""
    formula: str = ""
    check: str = ""
    passing: tuple[Any, ...] = ()
    failing: tuple[Any, ...] = ()
    options: tuple[tuple[str, Any], ...] = ()
    file: str = ""
    modules: tuple[str, ...] = ()  # where its check is registered
    narrative: bool = False  # speaks of the text of a report, not of tables alone

    @property
    def formulas(self) -> list[str]:
        """The formulas of an arithmetic rule, which stand a line each."""
        return [line.strip() for line in self.formula.strip().splitlines()]


@dataclass(slots=True)
class Context:
    """What a check sees: the report, its own rule, and a tally of what it looked at."""

    report: Report
    rule: Rule
    evaluated: int = 0
    skipped: list[str] = field(default_factory=list)  # reasons why part of it could not run
    verdicts: list[Verdict] = field(default_factory=list)  # on single claims, for the sheet 文字核对

    def saw(self, count: int = 1) -> None:
        """Count ``count`` comparisons as carried out."""
        self.evaluated += count


Check = Callable[[Context], Iterator[Finding]]
CHECKS: dict[str, Check] = {}


def check(name: str) -> Callable[[Check], Check]:
    """Register a function under the name that rule entries use."""

    def register(function: Check) -> Check:
        if CHECKS.setdefault(name, function) is not function:
            raise ValueError(f"two checks are called {name}")
        return function

    return register


@cache
def rules(narrative: bool = True) -> tuple[Rule, ...]:
    """All rules, by file then order in the file; without ``narrative`` those on tables alone.

    Files of rules on the narrative begin with T: a workbook need not read them.
    """
    import tomllib

    found = []
    for path in sorted((paths.resources() / "rules").glob("*.toml")):
        if path.stem.startswith("T") and not narrative:
            continue
        data = tomllib.loads(path.read_text("utf-8"))
        for entry in data.get("rule", []):
            known = {"code", "title", "severity", "source", "explain", "formula", "check"}
            options = tuple((k, v) for k, v in entry.items() if k not in known | {"pass", "fail"})
            found.append(
                Rule(
                    **{k: v for k, v in entry.items() if k in known},
                    passing=tuple(entry.get("pass", ())),
                    failing=tuple(entry.get("fail", ())),
                    options=options,
                    file=path.stem,
                    modules=tuple(data.get("modules", ())),
                    narrative=path.stem.startswith("T"),
                )
            )
    return tuple(found)


def _function(rule: Rule) -> Check:
    """The function a rule names; its module is imported when it is first needed."""
    for module in rule.modules if rule.check not in CHECKS else ():
        import_module(f"app.checking.{module}")
    return CHECKS[rule.check]


def run(rule: Rule, report: Report) -> tuple[list[Finding], RuleResult]:
    """Carry out one rule that names a ``check``; its findings bear the rule's code and severity."""
    context = Context(report, rule)
    result = RuleResult(rule.code, rule.title, "passed")
    options = dict(rule.options)
    needs = options.get("needs")  # a companion file: without it nothing need be loaded
    if needs and not getattr(report, needs) and not (needs == "units" and report.unread_units):
        result.status, result.reason = "not_applicable", options["lacking"]
        return [], result
    findings: list[Finding] = []
    try:
        for finding in _function(rule)(context):
            findings.append(
                replace(finding, code=rule.code, title=rule.title, severity=finding.severity or rule.severity)
            )
    except NotApplicable as reason:
        result.status, result.reason = "not_applicable", str(reason)
    except CouldNotRun as reason:
        result.status, result.reason = "could_not_run", str(reason)
    except Exception as error:  # one rule's fault must not cost her the others
        if "PYTEST_CURRENT_TEST" in os.environ:
            raise
        result.status, result.reason = "could_not_run", f"这条规则运行出错（{type(error).__name__}），请告知开发者"
    if findings:
        result.status = "failed"
    elif result.status == "passed" and not context.evaluated and context.skipped:
        result.status, result.reason = "could_not_run", "；".join(dict.fromkeys(context.skipped))
    result.evaluated, result.verdicts = context.evaluated, context.verdicts
    return findings, result
