from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import openpyxl
import pytest

from app import cli, cli_check, cli_rules
from app.checking.rulebook import Rule, rules
from app.jobs import Event
from app.pipeline import Outcome, Request

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(autouse=True)
def memory(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JUESUAN_STATE", str(tmp_path_factory.mktemp("state")))


def workbook(path: Path, total: float = 30.0) -> Path:
    """收入决算表 and nothing else: 合计 is right at 30."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    rows = [
        ["收入决算表"],
        ["部门：某市某局", None, None, None, None, None, None, None, "公开02表"],
        ["2022年度", None, None, None, None, None, None, None, "单位：万元"],
        [
            "科目编码",
            "科目名称",
            "本年收入合计",
            "财政拨款收入",
            "上级补助收入",
            "事业收入",
            "经营收入",
            "附属单位上缴收入",
            "其他收入",
        ],
        ["合计", None, total, 20, 0, 10, 0, 0, 0],
        ["201", "一般公共服务支出", 30, 20, 0, 10, 0, 0, 0],
        ["20103", "政府办公厅（室）及相关机构事务", 30, 20, 0, 10, 0, 0, 0],
        ["2010301", "行政运行", 20, 20, 0, 0, 0, 0, 0],
        ["2010350", "事业运行", 10, 0, 0, 10, 0, 0, 0],
    ]
    for row in rows:
        sheet.append(row)
    path.parent.mkdir(parents=True, exist_ok=True)
    book.save(path)
    return path


def run(*words: object, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-P", "-m", "app", *map(str, words)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "ascii", "LC_ALL": "C"}
    return subprocess.run(command, cwd=cwd, env=environment, capture_output=True, encoding="utf-8", timeout=60)


def test_a_slip_is_found_written_and_told(tmp_path: Path) -> None:
    source = workbook(tmp_path / "甲.xlsx", total=130.0)
    before = source.read_bytes()
    done = run("check", source, "--only", "A", "--json", tmp_path / "json", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.startswith("✖ 甲.xlsx：错误 ") and done.stdout.count("\n") == 1
    assert "→ 甲_校核.xlsx、json/甲.json" in done.stdout.replace("\\", "/")
    findings = json.loads((tmp_path / "json" / "甲.json").read_text("utf-8"))
    assert findings["schema"] == "juesuan-findings/1" and findings["findings"][0]["place"]["cell"] == "C5"
    assert "校核结果" in openpyxl.load_workbook(tmp_path / "甲_校核.xlsx").sheetnames
    assert source.read_bytes() == before


def test_clean_again_after_correction_inside_the_output(tmp_path: Path) -> None:
    source = workbook(tmp_path / "甲.xlsx", total=130.0)
    assert run("check", source, "--only", "A").returncode == 1
    marked = tmp_path / "甲_校核.xlsx"
    book = openpyxl.load_workbook(marked)
    book.worksheets[0]["C5"] = 30
    book.save(marked)
    done = run("check", marked, "--only", "A")
    assert done.returncode == 0, done.stdout
    assert (tmp_path / "甲_校核(2).xlsx").exists()


def test_bad_files_do_not_stop_the_others(tmp_path: Path) -> None:
    workbook(tmp_path / "in" / "sub" / "甲.xlsx")
    (tmp_path / "in" / "乙.xls").write_text("<html><table></table></html>")
    (tmp_path / "in" / "丙.xlsx").write_bytes(b"")
    (tmp_path / "in" / "~$甲.xlsx").write_bytes(b"lock")
    (tmp_path / "in" / "照片.png").write_bytes(b"\x89PNG")
    done = run("check", tmp_path / "in", "--out", tmp_path / "out", "--only", "A")
    assert done.returncode == 2
    lines = done.stdout.splitlines()
    assert [line[0] for line in lines[:-1]] == ["✓", "！", "！"]
    assert lines[-1].startswith("共 3 个文件：") and "未能完成 2 个文件" in lines[-1]
    assert "Traceback" not in done.stdout + done.stderr
    assert [p.name for p in (tmp_path / "out").rglob("*") if p.is_file()] == ["甲_校核.xlsx"]
    assert (tmp_path / "out" / "sub" / "甲_校核.xlsx").exists()


def test_folders_are_searched_for_what_is_not_ours(tmp_path: Path) -> None:
    first = workbook(tmp_path / "甲.xlsx", total=130.0)
    assert run("check", first, "--only", "A").returncode == 1
    (tmp_path / "空").mkdir()
    files, nothing = cli.inputs([tmp_path, first, tmp_path / "空", tmp_path / "没有.xlsx"])
    assert [f.name for f, _ in files] == ["甲.xlsx", "没有.xlsx"] and nothing == [tmp_path / "空"]


def test_tables_and_clean(tmp_path: Path) -> None:
    source = workbook(tmp_path / "甲.xlsx", total=130.0)
    done = run("tables", source, "-o", tmp_path / "t.json")
    assert done.returncode == 0, done.stderr
    assert "收入表" in json.loads((tmp_path / "t.json").read_text("utf-8"))["tables"]
    assert run("tables", source, "-o", tmp_path / "t.xlsx").returncode == 0
    run("check", source, "--only", "A")
    done = run("clean", tmp_path / "甲_校核.xlsx")
    assert done.returncode == 0, done.stderr
    assert openpyxl.load_workbook(tmp_path / "甲_无标注.xlsx").sheetnames == ["Sheet"]
    done = run("clean", source)
    assert done.returncode == 2 and "没有本程序的标注" in done.stderr
    assert not (tmp_path / "甲(2).xlsx").exists()


def test_a_report_and_its_workbook_are_one_case(tmp_path: Path) -> None:
    tables = workbook(tmp_path / "表" / "甲.xlsx", total=130.0)
    report = tmp_path / "甲.txt"
    report.write_text("2022年度部门决算公开\n\n收入决算表\n\n本年收入合计 30.00 万元。\n", "utf-8")
    done = run(
        "check", report, "--tables", tables, "--only", "A", "--out", tmp_path / "out", "--json", tmp_path / "out"
    )
    assert done.returncode == 1, done.stdout + done.stderr
    findings = json.loads((tmp_path / "out" / "甲.json").read_text("utf-8"))["findings"]
    assert findings[0]["place"] == {"file": "甲.xlsx", "sheet": "Sheet", "cell": "C5"}
    written = sorted(p.name for p in (tmp_path / "out").iterdir())
    assert written == ["甲.json", "甲_校核(2).xlsx", "甲_校核.xlsx"]  # one for each file, none over the other
    done = run("check", report, tables, "--tables", tables)
    assert done.returncode == 2 and "--tables 只能与一份文件" in done.stderr


def test_help_is_chinese(capsys: pytest.CaptureFixture[str]) -> None:
    for words in (["--help"], *([c, "--help"] for c in ("check", "rules", "tables", "clean"))):
        with pytest.raises(SystemExit) as left:
            cli.main(words)
        said = capsys.readouterr().out
        assert left.value.code == 0 and said.startswith("用法：") and "选项" in said
        assert not {"usage", "options", "positional", "show"} & set(said.lower().replace(":", " ").split())


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["check"], "缺少参数：路径"),
        (["check", "a", "--bad"], "不认识的参数：--bad"),
        (["check", "a", "--form", "1999"], "--form 不能是“1999”"),
        (["check", "a", "--only", "Q999"], "没有规则 Q999"),
        (["check", "a", "--out"], "--out 后面要跟一个值"),
        (["rechnen"], "没有“rechnen”这个命令"),
        (["tables", "a", "-o", "b.pdf"], "应以 .xlsx 或 .json 结尾"),
    ],
)
def test_complaints_are_chinese(words: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        cli.main(words)
    assert left.value.code == 2 and said in capsys.readouterr().err


def test_files_and_options_come_in_any_order() -> None:
    options = cli._parser().parse_args(["check", "a", "--out", "o", "b", "--form", "2022", "c"])
    assert [p.name for p in options.paths] == ["a", "b", "c"] and options.out == Path("o")


def test_rules_are_listed_and_explained(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["rules"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == len(rules())
    first = rules()[0]
    assert cli.main(["rules", first.code.lower()]) == 0
    said = capsys.readouterr().out
    assert first.title in said and first.explain.strip() in said
    assert cli.main(["rules", "Q999"]) == 2


def test_a_rule_with_structured_cases() -> None:
    rule = Rule("Z1", "题", "warning", passing=({"表": "甲", "值": [1, 2]},), failing=("一\n二",))
    assert cli_rules.explained(rule)[2:] == [
        "正确的例子：",
        "  · 表：甲",
        "    值：1；2",
        "",
        "错误的例子：",
        "  · 一",
        "    二",
    ]


@pytest.mark.parametrize(
    ("outcome", "code", "said"),
    [
        (Outcome(Path("a"), tables=9, evaluated=3), 0, "✓ a：未发现错误，已核对 9 张表、3 处"),
        (
            Outcome(Path("a"), tables=9, evaluated=3, rounding=1, info=1),
            0,
            "✓ a：未发现错误，已核对 9 张表、3 处 · 尾差 1",
        ),
        (Outcome(Path("a"), tables=9, evaluated=3, warnings=2), 1, "⚠ a：未发现错误，已核对 9 张表、3 处 · 提醒 2"),
        (Outcome(Path("a"), evaluated=3, errors=1, rules={"could_not_run": 4}), 1, "✖ a：错误 1 · 无法核对 4"),
        (Outcome(Path("a")), 2, "！ a：没有读出可以核对的表格或文字，未作任何核对。"),
        (Outcome(Path("a"), evaluated=3, errors=1, error="坏了。"), 2, "！ a：坏了。"),
    ],
)
def test_line_and_exit_code(outcome: Outcome, code: int, said: str) -> None:
    assert cli_check.line(outcome) == said and cli_check.exit_code([outcome]) == code


def test_a_lost_worker_is_an_outcome() -> None:
    event = Event("done", 1, Request(Path("甲.xlsx")), error="处理时意外中止。")
    assert cli_check.line(cli_check.outcome_of(event)) == "！ 甲.xlsx：处理时意外中止。"


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo terminal")
def test_progress_shows_on_a_terminal_only(tmp_path: Path) -> None:
    import fcntl
    import pty
    import select
    import struct
    import termios

    source = workbook(tmp_path / "甲.xlsx")
    try:
        ours, theirs = pty.openpty()
    except OSError:
        pytest.skip("the system gives no terminal (no /dev/pts)")
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 120, 0, 0))
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-P", "-m", "app", "check", str(source), "--only", "A"]
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, stderr=theirs, encoding="utf-8", timeout=60)
    shown = os.read(ours, 100_000).decode() if select.select([ours], [], [], 1)[0] else ""
    os.close(theirs)
    os.close(ours)
    assert "个文件" in shown and "剩余" in shown and "问题" in shown
    assert done.stdout.count("\n") == 1


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_ctrl_c_stops_quickly(tmp_path: Path) -> None:
    import signal

    slow = tmp_path / "slow.py"
    slow.write_text(
        "import sys, time; from app import cli, pipeline\n"
        "def check(request, step):\n    open('begun', 'w').close()\n    time.sleep(60)\n"
        "pipeline.check = check\n"
        "sys.exit(cli.main(['check', 'a.xlsx']))\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(
        [sys.executable, slow],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
        cwd=tmp_path,
        # a shell that runs the tests in the background has them ignore it
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    while not (tmp_path / "begun").exists() and process.poll() is None:
        time.sleep(0.05)
    began = time.monotonic()
    os.killpg(process.pid, signal.SIGINT)
    _, said = process.communicate(timeout=10)
    assert process.returncode == 130 and said.decode() == "已取消。\n"
    assert time.monotonic() - began < 3


@pytest.mark.skipif(sys.platform == "win32", reason="shell")
def test_a_reader_that_leaves_is_no_error() -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = f"{sys.executable} -P -m app rules | head -1"
    done = subprocess.run(["sh", "-c", command], env=environment, capture_output=True, encoding="utf-8", timeout=60)
    assert done.stderr == "" and done.stdout.count("\n") == 1
