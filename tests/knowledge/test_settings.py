from __future__ import annotations

import json
import pickle
import tomllib
from pathlib import Path

import openpyxl
import pytest

from app import cli, pipeline
from app.checking.finding import Checked
from app.checking.rulebook import rules
from app.knowledge.settings import Settings
from app.outputs import Unwritable
from app.pipeline import Request
from app.report.report import Report
from tests.test_cli import run, workbook

FULL = """\
["规则"]
A103 = "关闭"
A101 = "提醒"
"以后的" = "也许"
["以后"]
x = 1
"""


@pytest.fixture(autouse=True)
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder and a memory of outputs of its own for each test."""
    monkeypatch.setenv("JUESUAN_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("JUESUAN_STATE", str(tmp_path / "state"))
    (tmp_path / "data").mkdir()
    return tmp_path / "data"


def put(data: Path, text: str, encoding: str = "utf-8") -> Settings:
    (data / "设置.toml").write_bytes(text.encode(encoding))
    return Settings.load()


def checked(source: Path, settings: Settings | None, **more: object) -> Checked:
    request = Request(source, settings=settings, **more)  # type: ignore[arg-type]
    return pipeline.checked_of(pipeline.report_of(request), request)


def test_without_a_file_everything_is_default(data: Path) -> None:
    settings = Settings.load()
    assert settings == Settings() and settings.problems == []
    assert settings.path == data / "设置.toml" and not settings.path.exists()
    assert (settings.rules, settings.form, settings.money) == ({}, "", "")
    assert settings.write and settings.fill and settings.font_size == 0


def test_what_is_saved_is_loaded(data: Path) -> None:
    made = Settings({"A103": "off", "A101": "warning"}, "shanghai", "元", write=False, fill=False, font_size=14)
    made.save()
    assert Settings.load() == made and Settings.load().problems == []
    stored = tomllib.loads((data / "设置.toml").read_text("utf-8"))
    assert stored["规则"] == {"A101": "提醒", "A103": "关闭"}
    assert (stored["表样"], stored["金额单位"], stored["标注"], stored["字号"]) == ("shanghai", "元", False, 14)
    assert sorted(p.name for p in data.iterdir() if not p.name.endswith(".lock")) == ["设置.toml"]


def test_saving_keeps_what_this_version_does_not_know(data: Path) -> None:
    settings = put(data, FULL)
    assert settings.rules == {"A103": "off", "A101": "warning"}
    assert len(settings.problems) == 2 and "以后的" in settings.problems[0] and "“以后”" in settings.problems[1]
    del settings.rules["A103"]
    settings.form = "2021"
    settings.save()
    stored = tomllib.loads((data / "设置.toml").read_text("utf-8"))
    assert stored["以后"] == {"x": 1} and stored["规则"] == {"以后的": "也许", "A101": "提醒"}
    assert stored["表样"] == "2021"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('"表样" = "2050"', "“表样”不能是“2050”，应为自动、2022、2021、shanghai"),
        ('"金额单位" = "亿元"', "“金额单位”不能是“亿元”"),
        ('"标注" = "是"', "“标注”不能是“是”，应为true（是）或 false（否）"),
        ('"填充" = 1', "“填充”不能是“1”"),
        ('"字号" = true', "“字号”不能是“true”，应为0 或 8 至 36"),
        ('"字号" = 3', "“字号”不能是“3”"),
        ('"规则" = 3', "“规则”不能是“3”"),
        ('["规则"]\nA103 = "停用"', "“规则 A103”不能是“停用”，应为关闭、错误、提醒、信息"),
        ('["规则"]\nA103 = ["关闭"]', "“规则 A103”不能是"),
        ('["规则"]\nQ999 = "关闭"', "“Q999”不存在"),
    ],
)
def test_what_is_not_understood_is_told_and_left_at_its_default(data: Path, line: str, said: str) -> None:
    settings = put(data, line + "\n")
    assert settings == Settings()
    assert len(settings.problems) == 1 and said in settings.problems[0] and settings.problems[0].endswith("。")


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", '["规则"\n'.encode(), b"a = \n", b"\x00" * 50])
def test_a_damaged_file_is_told_and_put_aside_when_saving(data: Path, content: bytes) -> None:
    (data / "设置.toml").write_bytes(content)
    settings = Settings.load()
    assert settings == Settings() and len(settings.problems) == 1
    assert "格式有误" in settings.problems[0] and "Error" not in settings.problems[0]
    settings.save()
    assert (data / "设置.toml.bad").read_bytes() == content
    assert Settings.load().problems == []


def test_a_file_that_cannot_be_read_is_told(data: Path) -> None:
    (data / "设置.toml").mkdir()
    settings = Settings.load()
    assert settings == Settings() and "读不了" in settings.problems[0]
    with pytest.raises(Unwritable, match="没有保存"):
        settings.save()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_edited_by_hand_without_quotes_around_chinese_keys(data: Path, encoding: str) -> None:
    settings = put(data, '表样 = "2021"  # 旧表\n金额单位="元"\n[规则]\na103 = "错误"\n', encoding)
    assert settings.problems == []
    assert (settings.form, settings.money, settings.rules) == ("2021", "元", {"A103": "error"})


def test_settings_cross_to_a_worker() -> None:
    made = Settings({"A103": "off"}, money="元")
    request = pickle.loads(pickle.dumps(Request(Path("a"), settings=made, verified={"x": ""})))
    assert request.settings == made and request.verified == {"x": ""}
    hash(request)


def test_a_rule_switched_off_is_skipped_and_says_so(tmp_path: Path) -> None:
    source = workbook(tmp_path / "甲.xlsx", total=130.0)
    before = checked(source, None)
    errors = {f.code for f in before.findings if f.severity == "error"}
    assert errors
    after = checked(source, Settings(dict.fromkeys(errors, "off")))
    assert not errors & {f.code for f in after.findings}
    ended = {r.code: r for r in after.rules if r.code in errors}
    assert {(r.status, r.reason) for r in ended.values()} == {("not_applicable", "已在设置中关闭")}
    assert sorted(r.code for r in after.rules) == sorted(r.code for r in before.rules)


def test_the_command_line_wins_over_the_file(tmp_path: Path) -> None:
    source = workbook(tmp_path / "甲.xlsx", total=130.0)
    code = next(f.code for f in checked(source, None).findings if f.severity == "error")
    off = Settings({code: "off"})
    assert code in {f.code for f in checked(source, off, only=(code,)).findings}
    assert code in {f.code for f in checked(source, off, only=(code[:2],)).findings}
    louder = Settings({code: "error"})
    left = checked(source, louder, skip=(code,))
    assert code not in {f.code for f in left.findings} | {r.code for r in left.rules}


def test_severities_are_replaced_and_findings_ordered_anew(tmp_path: Path) -> None:
    source = workbook(tmp_path / "甲.xlsx", total=130.0)
    book = openpyxl.load_workbook(source)
    book.worksheets[0]["A6"] = "2O1"  # a reminder besides the errors
    book.save(source)
    before = checked(source, None).findings
    error = next(f.code for f in before if f.severity == "error")
    warning = next(f.code for f in before if f.severity == "warning")
    after = checked(source, Settings({error: "info", warning: "error"})).findings
    assert {f.severity for f in after if f.code == error} == {"info"}
    assert {f.severity for f in after if f.code == warning} == {"error"}
    ranks = [("error", "warning", "info").index(f.severity) for f in after]
    assert ranks == sorted(ranks)
    assert {f.fingerprint for f in after} == {f.fingerprint for f in before}


def test_rounding_stays_rounding(tmp_path: Path) -> None:
    source = workbook(tmp_path / "甲.xlsx", total=30.01)
    book = openpyxl.load_workbook(source)
    for row in book.worksheets[0].iter_rows(min_row=5, min_col=3):
        for cell in row:
            cell.number_format = "0.00"
    book.save(source)
    plain = [f for f in checked(source, None).findings if f.kind == "尾差"]
    assert plain  # else this shows nothing
    settings = Settings(dict.fromkeys((r.code for r in rules()), "error"))
    still = [f for f in checked(source, settings).findings if f.kind == "尾差"]
    assert [f.severity for f in still] == [f.severity for f in plain] == ["info"] * len(plain)
    assert not [f for f in checked(source, Settings({"R100": "off"})).findings if f.kind == "尾差"]


def reported(source: Path, settings: Settings) -> Report:
    request = Request(source, settings=settings)
    report = pipeline.report_of(request)
    pipeline.checked_of(report, request)
    return report


@pytest.mark.parametrize("printed", ["单位：万元", "", "单位：元"])
@pytest.mark.parametrize(("money", "factor"), [("元", 1), ("万元", 10000)])
def test_the_unit_of_money_is_set_for_the_whole_file(tmp_path: Path, printed: str, money: str, factor: int) -> None:
    source = workbook(tmp_path / "甲.xlsx")
    book = openpyxl.load_workbook(source)
    book.worksheets[0]["I3"] = printed
    book.save(source)
    by_itself = {"单位：元": 1}.get(printed, 10000)
    assert [t.factor for t in reported(source, Settings()).tables.values()] == [by_itself]
    assert [t.factor for t in reported(source, Settings(money=money)).tables.values()] == [factor]


def test_that_a_table_prints_another_unit_is_told_whatever_is_set(tmp_path: Path) -> None:
    source = workbook(tmp_path / "甲.xlsx")
    book = openpyxl.load_workbook(source)
    for name, title in (("支", "支出决算表"), ("基", "基金表"), ("三", "收入支出决算总表")):
        sheet = book.copy_worksheet(book.worksheets[0])
        sheet.title, sheet["A1"] = name, title
    book["支"]["I3"] = "单位：元"
    book.save(source)
    code = next(r.code for r in rules() if r.check == "money")
    told = [
        [f.place.sheet for f in checked(source, s).findings if f.code == code] for s in (None, Settings(money="万元"))
    ]
    assert told == [["支"], ["支"]]


def test_the_form_is_set_and_the_command_line_wins(tmp_path: Path) -> None:
    source = workbook(tmp_path / "甲.xlsx")
    assert pipeline.report_of(Request(source)).form == "2022"
    chosen = Settings(form="2021")
    assert pipeline.report_of(Request(source, settings=chosen)).form == "2021"
    assert pipeline.report_of(Request(source, settings=chosen, form="shanghai")).form == "shanghai"


def test_the_command_line_reads_the_file(tmp_path: Path, data: Path) -> None:
    """A rule set to 信息 leaves the exit code, set to 错误 it makes it, in the sheets and in JSON."""
    source = workbook(tmp_path / "甲.xlsx", total=130.0)
    found = checked(source, None, only=("A",)).findings
    codes = {f.code for f in found if f.severity != "info"}
    assert run("check", source, "--only", "A", "--out", tmp_path / "1").returncode == 1
    put(data, "[规则]\n" + "".join(f'{code} = "信息"\n' for code in codes) + 'Q999 = "关闭"\n')
    done = run("check", source, "--only", "A", "--out", tmp_path / "2", "--json", tmp_path / "2")
    assert done.returncode == 0, done.stdout
    assert done.stderr.count("Q999") == 1 and done.stderr.count("\n") == 1
    findings = json.loads((tmp_path / "2" / "甲.json").read_text("utf-8"))["findings"]
    assert {f["severity"] for f in findings} == {"info"}
    sheet = openpyxl.load_workbook(tmp_path / "2" / "甲_校核.xlsx")["校核结果"]
    shown = [str(cell.value) for row in sheet for cell in row]
    assert "ℹ 信息" in shown and "✖ 错误" not in shown
    put(data, "[规则]\n" + "".join(f'{code} = "错误"\n' for code in codes))
    done = run("check", source, "--only", "A", "--out", tmp_path / "3")
    assert done.returncode == 1 and f"错误 {len(found)}" in done.stdout


def test_annotating_and_filling_can_be_turned_off(tmp_path: Path, data: Path) -> None:
    source = workbook(tmp_path / "甲.xlsx", total=130.0)
    put(data, "标注 = false\n")
    done = run("check", source, "--only", "A", "--json", tmp_path / "json")
    assert done.returncode == 1 and "关闭了标注" in done.stderr
    assert sorted(p.name for p in tmp_path.glob("*.xlsx")) == ["甲.xlsx"]
    assert (tmp_path / "json" / "甲.json").exists()
    assert run("check", source, "--only", "A", "--out", tmp_path / "out").stderr == ""
    assert (tmp_path / "out" / "甲_校核.xlsx").exists()


@pytest.mark.parametrize(
    ("said", "words", "fill"),
    [("false", [], False), ("true", [], True), ("true", ["--no-fill"], False), ("false", ["--fill"], True)],
)
def test_filling_as_set_unless_the_command_line_says(
    tmp_path: Path, data: Path, monkeypatch: pytest.MonkeyPatch, said: str, words: list[str], fill: bool
) -> None:
    from app import cli_check

    asked: list[Request] = []
    monkeypatch.setattr(cli_check, "run", lambda requests: asked.extend(requests) or 0)
    put(data, f"填充 = {said}\n")
    cli.main(["check", str(workbook(tmp_path / "甲.xlsx")), *words])
    assert [r.fill for r in asked] == [fill]


def test_settings_are_shown(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["settings"]) == 0
    said = capsys.readouterr().out
    assert f"设置文件：{data / '设置.toml'}（还没有，全部按默认）" in said
    assert "表样：自动" in said and "规则：全部按本来的级别" in said and "已核实的问题：0 条" in said
    put(data, '表样 = "2021"\n字号 = 99\n标注 = false\n[规则]\nA103 = "关闭"\n')
    assert cli.main(["settings"]) == 0
    shown = capsys.readouterr()
    title = next(r.title for r in rules() if r.code == "A103")
    assert "表样：2021" in shown.out and f"  A103  关闭  {title}" in shown.out and "不写标注文件" in shown.out
    assert "“字号”不能是“99”" in shown.err


def test_the_unit_set_is_the_unit_of_exported_tables(tmp_path: Path, data: Path) -> None:
    source = workbook(tmp_path / "甲.xlsx")
    put(data, '金额单位 = "元"\n')
    assert run("tables", source, "-o", tmp_path / "t.json").returncode == 0
    exported = json.loads((tmp_path / "t.json").read_text("utf-8"))["tables"]["收入表"]
    assert exported["money"] == "元"
