from __future__ import annotations

import json

import writing_examples as ex

from app.checking.finding import Checked, Fill
from app.source import Place
from app.writing.findings_json import dump

# DESIGN, “Findings JSON”: a stable contract, order included.
TOP = ["schema", "source", "unit", "year", "form", "kind", "findings", "fills", "rules"]
KEYS = [
    "code", "title", "severity", "message", "quote", "context", "found", "expected", "calculation",
    "table", "row", "column", "place", "fingerprint", "related", "consequences",
]  # fmt: skip


def test_keys_and_their_order() -> None:
    checked = ex.checked()
    checked.fills.append(Fill(Place(sheet="表", cell="B2"), "5.2%", "=B3/B9", "收入 ÷ 合计"))
    data = json.loads(json.dumps(dump(ex.report(), checked), ensure_ascii=False))
    assert list(data) == TOP
    assert data["schema"] == "juesuan-findings/1"
    assert data["source"] == "江汉区企业服务中心2022.xlsx"
    assert all(list(f) == KEYS for f in data["findings"])
    assert data["findings"][0]["place"] == {"sheet": "公开01表", "cell": "B6"}
    assert data["findings"][0]["related"] == [{"sheet": "公开01表", "cell": "B5", "quote": "944.91"}]
    assert list(data["findings"][0]["consequences"][0]) == ["code", "message", "place"]
    assert data["fills"] == [
        {"place": {"sheet": "表", "cell": "B2"}, "value": "5.2%", "formula": "=B3/B9", "why": "收入 ÷ 合计"}
    ]
    assert list(data["rules"][0]) == ["code", "title", "status", "reason", "evaluated"]


def test_every_finding_has_a_fingerprint_that_tells_places_apart() -> None:
    checked = Checked([ex.finding(1), ex.finding(1, cell="B7"), ex.finding(1)])
    one, other, again = (f["fingerprint"] for f in dump(ex.report(), checked)["findings"])  # type: ignore
    assert one
    assert one == again
    assert one != other


def test_a_report_without_unit_and_year() -> None:
    report = ex.report()
    report.unit = report.year = None
    data = dump(report, Checked())
    assert (data["unit"], data["year"], data["findings"]) == (None, None, [])
