"""Published reports with truth found by hand: what must be found, what must not be raised."""

import importlib.util
import json
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from app.checking.finding import Checked
from app.checking.run import check
from app.reading.read import read
from app.recognising.recognise import recognise
from app.writing.findings_json import dump

SHARED = Path(__file__).resolve().parents[2] / "shared"
pytestmark = pytest.mark.skipif(not (SHARED / "truth").is_dir(), reason="../shared/truth is not here")

DOCUMENTS = ("001", "002", "004", "sh-ghzyj-2024")
SEEDS = ("000", "001", "002", "003", "004")


def path_of(document: str) -> Path:
    if document.startswith("00"):
        return next((SHARED / "seeds").glob(f"{document}*.txt"))
    return SHARED / "reports" / f"{document}.pdf"


@cache
def checked(document: str) -> tuple[Checked, dict[str, Any]]:
    report = recognise(read(path_of(document)))
    found = check(report)
    return found, json.loads(json.dumps(dump(report, found), default=str))


@cache
def scorer() -> ModuleType:
    spec = importlib.util.spec_from_file_location("score", SHARED / "truth" / "score.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def defects(document: str) -> dict[str, Any]:
    return dict(json.loads((SHARED / "truth" / f"{document}.json").read_text("utf-8")))


@pytest.mark.parametrize("document", DOCUMENTS)
def test_what_arithmetic_and_comparison_can_find_is_found(document: str) -> None:
    match = scorer().match
    loud = [f for f in checked(document)[1]["findings"] if f["severity"] != "info"]
    core = [
        t
        for t in defects(document)["defects"]
        if t["severity"] in ("error", "warning") and t["certainty"] in ("sure", "likely") and t["class"] != "wording"
    ]
    sure = [t for t in core if t["severity"] == "error" and t["certainty"] == "sure"]
    hits = [t for t in core if any(match(t, f) for f in loud)]
    assert len(hits) >= 0.9 * len(core)
    assert len([t for t in sure if t in hits]) >= 0.95 * len(sure)


@pytest.mark.parametrize("document", DOCUMENTS)
def test_no_error_is_raised_that_no_label_confirms(document: str) -> None:
    match = scorer().match
    truth = [t for t in defects(document)["defects"] if t["class"] != "rounding"]
    errors = [f for f in checked(document)[1]["findings"] if f["severity"] == "error"]
    unconfirmed = [f for f in errors if not any(match(t, f) for t in truth)]
    assert len(unconfirmed) <= 0.05 * len(errors), [f["message"] for f in unconfirmed]


@pytest.mark.parametrize("document", SEEDS)
def test_every_quote_is_found_in_the_source_by_search(document: str) -> None:
    source = "".join(path_of(document).read_text("utf-8").split())
    for finding in checked(document)[0].findings:
        for line in finding.quote.splitlines() or [""]:
            assert "".join(line.split()) in source, (finding.code, finding.quote)


@pytest.mark.parametrize("document", SEEDS)
def test_every_finding_stands_on_the_line_it_names(document: str) -> None:
    lines = path_of(document).read_text("utf-8").splitlines()
    for finding in checked(document)[0].findings:
        if finding.quote and finding.place.line:
            near = "".join("".join(lines[finding.place.line - 1 : finding.place.line + 12]).split())
            start = "".join(finding.quote.split())[:6]
            before = "".join("".join(lines[max(0, finding.place.line - 20) : finding.place.line]).split())
            assert start in near or start in before, (finding.code, finding.place, finding.quote)
