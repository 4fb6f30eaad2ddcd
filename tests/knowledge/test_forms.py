import pytest

from app.knowledge.forms import BLOCK_TABLE, FORMS, KEYS, form, titles
from app.knowledge.text import label, norm


@pytest.mark.parametrize("key", FORMS)
def test_every_form_has_the_nine_tables_and_their_blocks(key: str) -> None:
    tables = form(key).tables
    assert sorted(t.key for t in tables) == sorted(KEYS)
    assert {b.key: t.key for t in tables for b in t.blocks} == BLOCK_TABLE
    assert len({t.number for t in tables}) == 9


def test_numbers_move_between_forms() -> None:
    assert form("2021").table("三公表").number == "公开07表"
    assert form("2022").table("三公表").number == "公开09表"


def test_line_numbers_of_2022_run_without_gap_in_each_side() -> None:
    block = form("2022").table("收支总表").block("收支总表支出")
    assert block is not None
    assert [r.number for r in block.rows] == [*range(32, 61), 62]


def test_longest_title_comes_first() -> None:
    lengths = [len(t) for t, _ in titles()]
    assert lengths == sorted(lengths, reverse=True)


def test_labels_compare_without_ordinals_and_bracket_kinds() -> None:
    assert label("二十四、 债务还本支出") == "债务还本支出"
    assert norm("因公出国 （境）费") == norm("因公出国(境)费")
    assert label("一般公共服务支出") == "一般公共服务支出"
