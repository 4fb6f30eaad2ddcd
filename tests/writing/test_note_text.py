from __future__ import annotations

import pytest
import writing_examples as ex

from app.writing import words
from app.writing.note_text import note


def test_what_why_calculation_and_what_to_do() -> None:
    text = note([ex.finding(1, consequences=ex.consequences(7))])
    assert text.startswith("✖ 错误 A101")
    assert ex.LONG in text
    assert "计算：944.91 + 1.00 = 945.91" in text
    assert "处理：请核对" in text
    assert "连带 7 处：公开01表!D1" in text
    assert text.endswith("等")


def test_several_findings_heaviest_first() -> None:
    text = note([ex.finding(3, "info", kind="尾差"), ex.finding(2, "warning"), ex.finding(1)])
    assert [text.index(w) for w in ("✖ 错误", "⚠ 提醒", "≈ 尾差")] == sorted(
        text.index(w) for w in ("✖ 错误", "⚠ 提醒", "≈ 尾差")
    )


def test_expected_stands_there_even_when_the_sentence_lacks_it() -> None:
    assert "现为 1.00，应为 2.00" in note([ex.finding(1, message="合计不符。", found="1.00", expected="2.00")])


def test_rounding_spares_her_the_sums() -> None:
    assert "计算" not in note([ex.finding(1, "info", kind="尾差")])


def test_a_crowd_is_cut_short() -> None:
    text = note([ex.finding(n, message="长" * 5000) for n in range(1, 12)])
    assert "另有 6 条" in text
    assert len(text) < 32767


@pytest.mark.parametrize(
    ("named", "key"),
    [
        ("支出表", "支出表"),
        ("公开03表 支出决算表", "支出表"),
        ("公开05表《一般公共预算财政拨款支出决算表》", "一般支出表"),
        ("第三部分 二、收入情况", ""),
        ("", ""),
    ],
)
def test_a_table_is_known_by_key_or_title(named: str, key: str) -> None:
    assert words.table_key(named) == key
