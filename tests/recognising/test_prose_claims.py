from decimal import Decimal

import pytest

from app.recognising.claims import read_claims
from app.recognising.prose import compared, read_prose
from app.report.claim import Claim
from app.source import Line, Place, Source


def source(text: str, kind: str = "text") -> Source:
    return Source("案例", kind, [Line(t, Place(line=n)) for n, t in enumerate(text.splitlines(), 1) if t.strip()])


def claims(text: str) -> list[Claim]:
    return read_claims(read_prose(source(text)))


def test_a_number_broken_over_lines_is_one_number() -> None:
    found = claims("2022 年度收入合计 50\n10.42 万元，占 100%。")
    assert found[0].amount is not None
    assert found[0].amount.value == Decimal("5010.42")
    assert found[0].place == Place(line=2) or found[0].place == Place(line=1)


def test_page_numbers_between_lines_do_not_matter() -> None:
    found = claims("支出决算为 1,281.45 万元，完成年初\n— 16 —\n预算的 95.82%。")
    assert [c.relation for c in found] == ["amount", "completion"]


@pytest.mark.parametrize(
    "text", ["支出合计 ５０１０．４２ 万元。", "支出合计5,010.42万元。", "支出合计 5010 .42 万 元。"]
)
def test_ways_of_writing_an_amount(text: str) -> None:
    amount = claims(text)[0].amount
    assert amount is not None and amount.value == Decimal("5010.42")


def test_growth_knows_amount_change_direction_and_percent() -> None:
    found = claims("收、支总计 944.91 万元。与 2021 年度相比，收、支总计各增加 543.08 万元，增长 135.15%。")
    growth = found[-1]
    assert growth.relation == "growth"
    assert growth.amount is not None and growth.amount.text == "944.91万元"
    assert growth.change is not None and growth.change.text == "543.08万元"
    assert growth.direction == 1


def test_quotes_are_exact_and_places_right() -> None:
    text = "第一行\n 支出决算数\n为 3.85 万元 ，完成预算的 87.5 %。"
    prose = read_prose(source(text))
    found = read_claims(prose)
    completion = next(c for c in found if c.relation == "completion")
    assert "".join(completion.quote.split()) in "".join(text.split())
    assert completion.place == Place(line=3)


def test_headings_make_sections_with_keys() -> None:
    prose = read_prose(
        source(
            "目 录\n第一部分 某局概况\n一、主要职责\n第三部分 决算情况说明\n一、收入支出决算总体情况说明\n"
            "第一部分 某局概况\n一、主要职责\n负责某某工作，承担某某任务。\n第三部分 某局 2022 年度决算情况说明\n"
            "一、收入支出决算总体情况说明\n收、支总计 1.00 万元。\n九、财政拨款“三公”经费支出决算情况说明\n（一）总体情况\n无。"
        )
    )
    assert [s.number for s in prose.contents] == ["第一部分", "一、", "第三部分", "一、"]
    keys = [s.key for s in prose.sections]
    assert "收支总体" in keys and keys[-1] == "三公"


def test_tags_and_marks_are_no_text_but_stay_in_the_quote() -> None:
    text, places = compared("### **二、收入** <b>合计</b> 5")
    assert text == "二、收入合计5"
    assert len(places) == len(text)
