"""科目 lists: what ships with the program, and the official lists in every shape that clerks have them."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest

from app.knowledge.subject_lists import KINDS, built_in, names, official
from app.knowledge.user import data_folder
from app.reading.errors import Unreadable
from app.subject_import import import_list

LIST = {
    "201": "一般公共服务支出", "20101": "人大事务", "2010101": "行政运行", "2010102": "一般行政管理事务", "2010103": "机关服务",
    "20102": "政协事务", "2010201": "行政运行", "208": "社会保障和就业支出", "20805": "行政事业单位养老支出",
    "2080501": "行政单位离退休", "219": "援助其他地区支出", "21901": "一般公共服务", "21999": "其他支出",
}  # fmt: skip
Line = list[object]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("JUESUAN_DATA", str(tmp_path / "数据"))
    monkeypatch.setenv("JUESUAN_STATE", str(tmp_path / "state"))
    return tmp_path


@pytest.mark.parametrize("kind", KINDS)
def test_every_built_in_entry_has_its_source_and_year(kind: str) -> None:
    entries = built_in(kind)
    assert len(entries) > 70
    for one in entries:
        assert re.fullmatch(r"[23]\d{2}(\d{2}){0,2}", one.code) and one.source and 2019 <= one.year <= 2030
        assert re.fullmatch(r"[\u4e00-\u9fff（）、“”]{2,40}", one.name), one
    assert len({(e.code, e.year) for e in entries}) == len(entries)


def test_names_are_those_of_the_nearest_year_and_the_imported_list_stands_over_them(folder: Path) -> None:
    assert names("功能分类")["2080505"] == "机关事业单位基本养老保险缴费支出"
    path = folder / "2024.csv"
    path.write_text(
        "编码,名称\n" + "".join(f"{c},{n}\n" for c, n in LIST.items()).replace("人大事务", "人大办事"), "utf-8"
    )
    import_list(path)
    assert (names("功能分类", 2024)["20101"], names("功能分类", 2022)["20101"]) == ("人大办事", "人大事务")
    assert names("功能分类", 2024)["2080505"], "what the list lacks is still known"


def three(code: str) -> Line:
    return [code[:3], code[3:5] or None, code[5:] or None]


SHAPES: dict[str, Callable[[int, str, str], Line]] = {
    "numbers": lambda _, code, name: [int(code), name],
    "one cell": lambda _, code, name: [f"{code} {name}"],
    "one cell, no space": lambda _, code, name: [code + name],
    "three columns": lambda _, code, name: [*three(code), name],
    "three columns of numbers": lambda _, code, name: [*(int(str(p)) if p else None for p in three(code)), name],
    "three columns, own part": lambda _, code, name: [
        *(p if n == (len(code) - 3) // 2 else None for n, p in enumerate(three(code))),
        name,
    ],
    "three columns, in full": lambda _, code, name: [
        *(code if n == (len(code) - 3) // 2 else None for n in range(3)),
        name,
    ],
    "names in steps": lambda _, code, name: [
        code,
        *(name if n == (len(code) - 3) // 2 else None for n in range(3)),
    ],
    "numbered": lambda number, code, name: [number, code, name],
    "name first": lambda _, code, name: [name, code],
    "with 说明": lambda _, code, name: [code, name, "反映2023年以来的支出。"],
    "dashes": lambda _, code, name: ["-".join(str(p) for p in three(code) if p), name],
    "blanks": lambda _, code, name: [None, f" {code} ", f"\u3000{name}"],
}


@pytest.mark.parametrize("shape", SHAPES)
def test_a_workbook_in_any_shape(folder: Path, shape: str) -> None:
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    page.append(["2024年政府收支分类科目"])
    page.append([None])
    page.append(["科目编码", "科目名称"])
    for number, (code, name) in enumerate(LIST.items(), 1):
        page.append(SHAPES[shape](number, code, name))
        page.append([None])
    page.append(SHAPES[shape](len(LIST) + 1, "201", LIST["201"]))
    book.save(folder / "科目.xlsx")
    (done,) = import_list(folder / "科目.xlsx")
    assert (done.kind, done.year, done.conflicts) == ("功能分类", 2024, ())
    assert official("功能分类", 2024) == LIST


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("line", ["{},{}", "{}\t{}", "{};{}", '="{}",{}', '"{}","{}"', "{}.0,{}"])
def test_a_csv_in_any_encoding_and_delimiter(folder: Path, encoding: str, line: str) -> None:
    path = folder / "2024年科目.csv"
    path.write_bytes("\r\n".join(["2024年", *(line.format(*one) for one in LIST.items())]).encode(encoding))
    import_list(path)
    assert official("功能分类", 2024) == LIST


@pytest.mark.parametrize(("name", "year"), [("没有.xlsx", 2024), (".", 2024), ("科目.csv", 30000)])
def test_what_cannot_be_imported_is_a_sentence_and_leaves_nothing(folder: Path, name: str, year: int) -> None:
    (folder / "科目.csv").write_text("\n".join(f"{c},{n}" for c, n in LIST.items()), "utf-8")
    with pytest.raises(Unreadable) as error:
        import_list(folder / name, year)
    assert str(error.value).endswith("。")
    assert not list((folder / "数据").rglob("*")) and official("功能分类", year) == {}


def test_where_her_data_is(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("JUESUAN_DATA")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setenv("APPDATA", str(tmp_path / "Roaming"))
    monkeypatch.setattr(sys, "platform", "linux")
    assert data_folder() == tmp_path / "juesuan"
    monkeypatch.setattr(sys, "platform", "win32")
    assert data_folder() == tmp_path / "Roaming" / "juesuan"
