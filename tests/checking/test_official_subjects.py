"""Rules on the official list of a year, which a user imports; their cases stand beside the rules."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

from app.checking.rulebook import Rule, rules, run
from app.checking.run import check
from app.knowledge.subject_lists import imported, names, official
from app.reading.errors import Unreadable
from app.subject_import import import_list, remove
from tests.checking.gridcase import case, found_at

MINE = [rule for rule in rules() if rule.file == "K1_official"]
LIST = {
    "201": "一般公共服务支出", "20103": "政府办公厅（室）及相关机构事务", "2010301": "行政运行", "2010302": "一般行政管理事务",
    "208": "社会保障和就业支出", "20805": "行政事业单位养老支出", "2080505": "机关事业单位基本养老保险缴费支出",
    "20899": "其他社会保障和就业支出", "2089999": "其他社会保障和就业支出", "221": "住房保障支出", "22102": "住房改革支出",
    "21999": "其他支出",
}  # fmt: skip


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("JUESUAN_DATA", str(tmp_path / "我的 数据"))
    monkeypatch.setenv("JUESUAN_STATE", str(tmp_path / "state"))
    return tmp_path


def csv_list(
    folder: Path, text: str | None = None, name: str = "2022年政府收支分类科目.csv", encoding: str = "utf-8-sig"
) -> Path:
    path = folder / name
    body = "科目编码,科目名称\n" + "".join(f"{code},{label}\n" for code, label in LIST.items())
    path.write_bytes((text if text is not None else body).encode(encoding))
    return path


@pytest.mark.parametrize("rule", MINE, ids=lambda r: r.code)
def test_cases(folder: Path, rule: Rule) -> None:
    text = rule.passing[0]
    assert run(rule, case(text).report)[1].status == "not_applicable", "nothing is imported yet"
    import_list(csv_list(folder))
    for text in rule.passing:
        findings, result = run(rule, case(text).report)
        assert (findings, result.status) == ([], "passed")
    for text in rule.failing:
        wanted = case(text)
        assert [found_at(f.place) for f in run(rule, wanted.report)[0]] == wanted.places


def test_one_slip_is_one_error(folder: Path) -> None:
    import_list(csv_list(folder))
    found = [
        f
        for f in check(case("九表：公开03表!A11 改为 2010303；公开03表!B11 改为 机关服务").report).findings
        if f.severity == "error"
    ]
    assert len({f.place for f in found}) == len(found)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-8", "gb18030"])
def test_csv_in_any_encoding(folder: Path, encoding: str) -> None:
    (done,) = import_list(csv_list(folder, encoding=encoding))
    assert (done.kind, done.year, done.entries) == ("功能分类", 2022, len(LIST))
    assert official("功能分类", 2022) == LIST
    assert official("功能分类", 2023) == {}
    assert names("功能分类", 2022)["2010302"] == "一般行政管理事务"
    assert imported() == [("功能分类", 2022, len(LIST))]
    assert remove(2022) == 1
    assert imported() == []


def test_a_workbook_with_the_code_in_three_columns_and_a_title_above(folder: Path) -> None:
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    page.append(["2023年政府收支分类科目"])
    page.append(["类", "款", "项", "科目名称", "说明"])
    page.append([201, None, None, "一般公共服务支出", "反映……"])
    page.append([None, "03", None, "政府办公厅(室)及相关机构事务", None])
    for number, name in enumerate(("行政运行", "一般行政管理事务", "机关服务", "专项服务"), 1):
        page.append([None, None, f"{number:02}", name, None])
    page.append([208, None, None, "社会保障和就业支出", None])
    page.append([208, 5, None, "行政事业单位养老支出", None])
    page.append([208, 5, 1, "行政单位离退休", None])
    page.append([208, 5, 5, "机关事业单位基本养老保险缴费支出", None])
    book.save(folder / "科目.xlsx")
    (done,) = import_list(folder / "科目.xlsx")
    assert done.year == 2023
    assert official("功能分类", 2023)["2010304"] == "专项服务"
    assert official("功能分类", 2023)["20103"] == "政府办公厅（室）及相关机构事务"
    assert official("功能分类", 2023)["2080505"] == "机关事业单位基本养老保险缴费支出"


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("2022.csv", "甲,乙\n", "没有找到科目"),
        ("科目.csv", None, "--year"),
        ("2022.xlsx", "这不是工作簿", ""),
        ("没有.csv", "", "没有找到科目"),
    ],
)
def test_a_bad_file_is_a_sentence_and_nothing_is_kept(folder: Path, name: str, text: str | None, said: str) -> None:
    path = csv_list(folder, text, name)
    with pytest.raises(Unreadable) as error:
        import_list(path, 2022 if name == "没有.csv" else None)
    assert said in str(error.value)
    assert imported() == []


def test_two_names_for_one_code_are_told(folder: Path) -> None:
    text = "编码,名称\n" + "".join(f"{c},{n}\n" for c, n in LIST.items()) + "2010301,机关运行\n"
    (done,) = import_list(csv_list(folder, text))
    assert done.conflicts == ("2010301",)
    assert official("功能分类", 2022)["2010301"] == "行政运行"
