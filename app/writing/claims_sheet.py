"""The sheet 文字核对: every claim of the narrative, what it should equal, where that stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal

from app.checking.finding import Checked, Finding, Operand, Verdict
from app.report.claim import Claim, Figure
from app.report.report import Report
from app.source import Place
from app.writing import layout, words
from app.writing.model import MARKS, SheetCell, SheetModel, Style
from app.writing.note_text import note

NAME = "文字核对"
_HEADERS = (
    "序号", "章节与对象", "位置", "原文", "文中数", "应等于", "出处", "结果",
    "文中比例", "分子", "分母", "应为比例", "说明",
)  # fmt: skip
_WIDTHS = (5.5, 24.0, 10.0, 36.0, 13.0, 13.0, 22.0, 12.0, 10.0, 13.0, 13.0, 10.0, 30.0)
_LAST = len(_HEADERS) - 1
_NUMERATOR, _DENOMINATOR = "J", "K"
_RESULTS = {
    "agrees": ("✓ 一致", MARKS["filled"]),
    "rounding": ("≈ 尾差", MARKS["rounding"]),
    "differs": ("✖ 不一致", MARKS["error"]),
    "could_not_run": ("？ 无法核对", ("F2F2F2", "404040")),
    "": ("－ 未核对", ("", "595959")),
}
Values = Mapping[tuple[Place, Decimal], str]  # (place, value) -> the rebuilt cell: 'sheet'!C5
Places = Mapping[Place, str]


def claims_sheet(
    report: Report, checked: Checked, values: Values, places: Places
) -> tuple[SheetModel | None, dict[int, str]]:
    """The sheet, or None without claims; and by id() of each finding the row it speaks of."""
    if not report.claims:
        return None, {}
    sheet = SheetModel(NAME, widths=dict(enumerate(_WIDTHS)), footer=layout.footer(""))
    verdicts: dict[int, Verdict] = {}
    for one in checked.verdicts:
        known = verdicts.get(id(one.claim))
        verdicts[id(one.claim)] = _both(known, one) if known else one
    layout.merged(sheet, "文字与表格核对", layout.TITLE, 30)
    layout.merged(sheet, _summary(report, verdicts), layout.FACT)
    top = layout.headers(sheet, _HEADERS, 24)
    nearby: dict[Place, list[Finding]] = {}
    for finding in checked.findings:
        nearby.setdefault(finding.place, []).append(finding)
    rows: dict[int, str] = {}
    for number, claim in enumerate(report.claims, 1):
        found = [f for f in nearby.get(claim.place, []) if _speaks_of(f, claim)]
        row = len(sheet.rows)
        verdict = verdicts.get(id(claim)) or _own(claim)
        layout.add(sheet, _row(number, claim, verdict, found, values, places, row + 1))
        for finding in found:
            rows.setdefault(id(finding), f"{layout.quoted(NAME)}!D{row + 1}")
    sheet.freeze, sheet.repeat_rows = (top + 1, 4), (top, top)
    sheet.filter = (top, 0, len(sheet.rows) - 1, _LAST)
    return sheet, rows


def _both(a: Verdict, b: Verdict) -> Verdict:
    """Two rules looked at one claim: the worse result, and what either knows."""
    order = ("differs", "rounding", "agrees", "could_not_run")
    first, second = sorted((a, b), key=lambda v: order.index(v.result))
    stated = first if first.expected or not second.expected else second
    rated = first if first.numerator or not second.numerator else second
    merged = replace(stated, result=first.result, reason=first.reason or second.reason)
    merged.numerator, merged.denominator = rated.numerator, rated.denominator
    return merged


def _summary(report: Report, verdicts: Mapping[int, Verdict]) -> str:
    results = [v.result for v in verdicts.values()]
    parts = [f"{word[2:]} {results.count(key)}" for key, (word, _) in _RESULTS.items() if key]
    return f"共 {len(report.claims)} 处数字表述：{'　'.join(parts)}　未单独核对 {len(report.claims) - len(results)}"


def _speaks_of(finding: Finding, claim: Claim) -> bool:
    quote, own = ("".join(text.split()) for text in (finding.quote, claim.quote))
    return bool(quote) and (quote in own or own in quote)


def _own(claim: Claim) -> Verdict:
    """A claim that no check took up: its operands as far as it names them itself."""
    amount, change, base = claim.amount, claim.change, claim.base
    made = Verdict(claim, "")
    if claim.relation == "growth" and amount and change and claim.direction:
        made.numerator = Operand(change.value)
        made.denominator = Operand(amount.value - claim.direction * change.value)
    elif claim.relation == "completion" and amount and base:
        made.numerator, made.denominator = Operand(amount.value), Operand(base.value)
    return made


def _row(
    number: int, claim: Claim, verdict: Verdict, found: list[Finding], values: Values, places: Places, line: int
) -> layout.Row:
    word, (fill, color) = _RESULTS[verdict.result]
    if found:  # what was raised about this very sentence is the result
        word, (fill, color) = words.badge(found[0]), MARKS[words.level(found[0])]
    badge = Style(fill=fill, color=color, bold=True, border=True, align="center")
    quote = SheetCell(claim.quote, layout.TEXT)
    if found:
        style = replace(layout.TEXT, fill=fill, color=color)
        quote = SheetCell(claim.quote, style, note=note(found))
    stands = places.get(verdict.stands, "") if verdict.stands else ""
    percent = claim.percent
    return [
        SheetCell(number, layout.CENTER),
        SheetCell(_about(claim), layout.TEXT),
        SheetCell(layout.where(claim.place), layout.CENTER),
        quote,
        _figure(_stated(claim)),
        SheetCell(verdict.expected, layout.VALUE),
        SheetCell(verdict.source, layout.LINK if stands else layout.TEXT, link=stands),
        SheetCell(word, badge),
        _percent(percent),
        _operand(verdict.numerator, values),
        _operand(verdict.denominator, values),
        _expected(verdict, percent, line),
        SheetCell(verdict.reason or "；".join(f.message for f in found[:1]), layout.TEXT),
    ]


def _about(claim: Claim) -> str:
    """Section and subject; a share or a growth does not name its subject itself."""
    subject = "" if claim.subject in "".join(claim.quote.split()) else claim.subject
    return "\n".join(part for part in (claim.section, subject) if part)


def _stated(claim: Claim) -> Figure | None:
    """The figure that the claim is about, besides a percentage."""
    if claim.relation in ("growth", "change"):
        return claim.change or claim.amount
    return (claim.base or claim.amount) if claim.relation == "budget" else claim.amount


def _figure(figure: Figure | None) -> SheetCell:
    if figure is None:
        return SheetCell(None, layout.VALUE)
    if figure.unit != "万元" or figure.bound:
        return SheetCell(figure.text, layout.VALUE)
    digits = "#,##0" + ("." + "0" * figure.decimals if figure.decimals else "") + "_ "
    return SheetCell(figure.value, Style(border=True, align="right", number_format=digits))


def _percent(figure: Figure | None) -> SheetCell:
    if figure is None:
        return SheetCell(None, layout.VALUE)
    return SheetCell(figure.value / 100, _percent_style(figure))


def _percent_style(figure: Figure) -> Style:
    digits = "0" + ("." + "0" * figure.decimals if figure.decimals else "")
    return Style(border=True, align="right", number_format=f"{digits}%")


def _operand(operand: Operand | None, values: Values) -> SheetCell:
    """A reference to the rebuilt table where the operand stands there, else the number."""
    style = Style(border=True, align="right", number_format="#,##0.00_ ")
    if operand is None:
        return SheetCell(None, style)
    reference = values.get((operand.place, operand.value), "") if operand.place else ""
    return SheetCell(operand.value, style, formula=reference)


def _expected(verdict: Verdict, percent: Figure | None, line: int) -> SheetCell:
    """The percentage that the operands give, as a live formula at the decimals of the text."""
    upper, lower = verdict.numerator, verdict.denominator
    if percent is None or upper is None or lower is None:
        return SheetCell(None, layout.VALUE)
    places = percent.decimals + 2
    formula = f'IF({_DENOMINATOR}{line}=0,"",ROUND({_NUMERATOR}{line}/{_DENOMINATOR}{line},{places}))'
    unit = Decimal(1).scaleb(-places)
    value = (upper.value / lower.value).quantize(unit, ROUND_HALF_UP) if lower.value else None
    return SheetCell(value, _percent_style(percent), formula=formula)
