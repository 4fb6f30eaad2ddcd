"""From a published report's tables, budgets and last-year figures back to its narrative: the draft says what
was published, except where the hand-made truth says that the publication is wrong."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import pytest

from app.checking.text_facts import wan
from app.filling.narrative import Piece, narrative
from app.knowledge.text import norm
from app.pipeline import Request, report_of
from app.recognising.claims import figures
from app.report.claim import Figure
from app.report.report import Report

SHARED = Path(__file__).resolve().parents[2] / "shared"
CENT = Decimal("0.01")
needs_shared = pytest.mark.skipif(not SHARED.is_dir(), reason="../shared with the published reports is not there")


@dataclass
class Compared:
    """Pieces of the draft that stand in the published section, and those that do not."""

    same: int
    apart: list[str]


def compared(report: Report, defects: list[dict[str, str]]) -> Compared:
    same, apart = 0, []
    known = list(by_section(report))
    for paragraph in narrative(report):
        printed = [f for key, f in known if key == paragraph.section]
        for piece in paragraph.pieces:
            if piece.kind not in ("amount", "percent") or piece.value is None:
                continue
            elsewhere = any(f.value == abs(piece.value) * (100 if piece.kind == "percent" else 1) for _, f in known)
            if elsewhere or any(agrees(piece, figure) for figure in printed):
                same += 1
            elif piece.value and not explained(piece, defects):
                apart.append(f"{paragraph.section}: {piece.text} {piece.name}")
    return Compared(same, apart)


def by_section(report: Report) -> list[tuple[str, Figure]]:
    found = []
    for section in report.prose.sections:
        if section.level <= 1:
            found += [(section.key, f) for f in figures(report.prose, section.start, section.end)]
    return found


def agrees(piece: Piece, figure: Figure) -> bool:
    """Amounts up to one rounding of 0.01 万元, percentages at the fewer decimals."""
    assert piece.value is not None
    if piece.kind == "amount":
        return figure.unit != "%" and abs(abs(wan(figure).value) - abs(piece.value)) <= CENT + figure.half
    if figure.unit != "%":
        return False
    unit = Decimal(1).scaleb(-min(figure.decimals, 2))
    return abs(figure.value - piece.value * 100) <= unit


def explained(piece: Piece, defects: list[dict[str, str]]) -> bool:
    """A defect that expects what the draft says."""
    number = piece.text.rstrip("%")
    plain = number.rstrip("0").rstrip(".") if "." in number else number
    return any(re.search(rf"(?<![\d.]){re.escape(plain)}", norm(str(d.get("expected", "")) + str(d.get("why", "")) + str(d.get("wrong", "")))) for d in defects)  # fmt: skip


@needs_shared
@pytest.mark.parametrize(("seed", "least"), [("001", 60), ("004", 60)])
def test_the_draft_says_what_was_published(seed: str, least: int) -> None:
    (path,) = (SHARED / "seeds").glob(f"{seed}_*.txt")
    truth = json.loads((SHARED / "truth" / f"{seed}.json").read_text("utf-8"))
    result = compared(report_of(Request(path)), truth["defects"])
    assert result.apart == []
    assert result.same >= least
