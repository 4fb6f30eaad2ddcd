"""``juesuan rules``: the list of rules, or one of them explained with its examples."""

from __future__ import annotations

import sys
from typing import Any

from app.checking.finding import WORDS
from app.checking.rulebook import Rule, rules

# What of a case on the narrative is for people; the rest steers the tests.
_SHOWN = {
    "text": "",
    "unit": "单位名称：",
    "year": "年度：",
    "cells": "表中：",
    "chains": "表中科目：",
    "quote": "标在：",
}


def run(code: str | None) -> int:
    """Print all rules, or the one of this code; gives the exit code."""
    known = rules()
    if code is None:
        for rule in known:
            print(f"{rule.code}  {WORDS.get(rule.severity, rule.severity)}  {rule.title}")
        return 0
    rule_or_none = next((r for r in known if r.code.upper() == code.upper()), None)
    if rule_or_none is None:
        print(f"没有规则 {code}（用 juesuan rules 查看全部）。", file=sys.stderr)
        return 2
    print("\n".join(explained(rule_or_none)))
    return 0


def explained(rule: Rule) -> list[str]:
    """The page of one rule, line by line."""
    lines = [f"{rule.code}  {rule.title}（{WORDS.get(rule.severity, rule.severity)}）", ""]
    if rule.explain:
        lines += [rule.explain.strip(), ""]
    if rule.formula:
        lines += ["公式：", *(f"  {part.strip()}" for part in rule.formula.strip().splitlines()), ""]
    if rule.source and not rule.source.startswith("DOMAIN"):  # the developers' own notes say nothing to her
        lines += [f"依据：{rule.source}", ""]
    for heading, cases in (("正确的例子：", rule.passing), ("错误的例子：", rule.failing)):
        if cases:
            lines.append(heading)
            for case in cases:
                lines += [f"  · {case_line}" if first else f"    {case_line}" for first, case_line in _case(case)]
            lines.append("")
    return lines[:-1]


def _case(case: Any) -> list[tuple[bool, str]]:
    """A case as people read it: the text as it stands, then the facts that go with it."""
    if isinstance(case, dict):
        parts = [part for key, name in _SHOWN.items() if key in case for part in _fact(name, case[key])]
        parts = parts or [f"{key}：{_plain(value)}" for key, value in case.items()]
    else:
        parts = _plain(case).splitlines() or [""]
    return [(number == 0, part) for number, part in enumerate(parts)]


def _fact(name: str, value: Any) -> list[str]:
    lines = _plain(value).strip().splitlines()
    return [f"{name}{lines[0]}", *lines[1:]] if lines else []


def _plain(value: Any) -> str:
    if isinstance(value, dict):
        return "，".join(f"{key} = {_plain(part)}" for key, part in value.items())
    if isinstance(value, list | tuple):
        return "；".join(_plain(part) for part in value)
    return str(value)
