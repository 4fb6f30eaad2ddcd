"""The program on other systems, in other people's folders: what can be told without having them here.

The sources are read as Windows (and Linux) would run them; the command line and the window are started in
folders that are deep, Chinese, have spaces, or may not be written.
"""

from __future__ import annotations

import ast
import ctypes
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.portability_scan import (
    Hit,
    Reach,
    foreign_folders,
    joined_by_hand,
    paths_by_hand,
    unnamed_encodings,
)

ROOT = Path(__file__).resolve().parents[1]
SAMPLE = ROOT / "resources" / "samples" / "武昌区人民政府办公室2022.xlsx"
MODULES = {path.relative_to(ROOT).as_posix(): path for path in sorted((ROOT / "app").rglob("*.py"))}
SCRIPTS = {path.relative_to(ROOT).as_posix(): path for path in sorted((ROOT / "build_scripts").rglob("*.py"))}


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


def found(look: Callable[[ast.Module], Iterator[Hit]], modules: dict[str, Path]) -> list[str]:
    return [f"{name}:{hit.line}: {hit.what}" for name, path in modules.items() for hit in look(tree(path))]


def lacking(platform: str) -> Callable[[ast.Module], Iterator[Hit]]:
    return lambda module: iter(Reach(platform).scan(module).hits)


def on_windows(look: Callable[[Reach], Iterator[Hit]]) -> Callable[[ast.Module], Iterator[Hit]]:
    return lambda module: look(Reach("win32").scan(module))


# -- what is called


def test_nothing_is_called_that_windows_lacks():
    assert len(MODULES) > 100
    assert found(lacking("win32"), MODULES) == []


def test_nothing_is_called_that_linux_lacks():
    assert found(lacking("linux"), MODULES) == []


def test_no_folder_is_named_that_windows_lacks():
    assert found(on_windows(foreign_folders), MODULES) == []


GUARDED = {
    "a branch": "import os, sys\nif sys.platform != 'win32':\n    os.getuid()",
    "the other branch": "import os, sys\nif sys.platform == 'win32':\n    pass\nelse:\n    os.getuid()",
    "a return": "import sys\ndef f():\n    if sys.platform == 'win32':\n        return\n    import fcntl\n    fcntl.flock",
    "linux alone": "import sys\ndef f():\n    if not sys.platform.startswith('linux'):\n        return\n    import resource",
    "hasattr": "import os\nn = len(os.sched_getaffinity(0)) if hasattr(os, 'sched_getaffinity') else 1",
    "and": "import os, sys\nx = sys.platform != 'win32' and os.getuid()",
    "or": "import os, sys\nx = sys.platform == 'win32' or os.getuid()",
    "os.name": "import os\nif os.name == 'posix':\n    os.fork()",
    "a name for it": "import os, sys\n_system = sys.platform\nif _system in ('linux', 'darwin'):\n    os.fork()",
    "except": "try:\n    import pwd\nexcept ImportError:\n    pwd = None",
}
REACHED = {
    "bare": "import os\nos.getuid()",
    "another name": "import os as system\nsystem.fork()",
    "from": "from os import getuid",
    "a module": "def f():\n    import resource",
    "signal": "import os, signal\ndef f():\n    os.kill(1, signal.SIGKILL)",
    "the wrong branch": "import os, sys\nif sys.platform == 'win32':\n    os.getuid()",
    "after a guard that goes on": "import os, sys\nif sys.platform == 'win32':\n    pass\nos.getuid()",
    "another test": "import os\nif os.environ.get('X'):\n    os.fork()",
    "in a class": "import os\nclass A:\n    n = os.getuid()\n    def f(self):\n        with x:\n            return os.uname()",
    "a default": "import os\ndef f(n=os.getuid()): pass",
    "a start method": "import multiprocessing\nmultiprocessing.get_context('fork')",
    "preexec": "import subprocess\nsubprocess.run([], preexec_fn=f)",
    "a handler": "import os\ntry:\n    f()\nexcept OSError:\n    os.killpg(1, 9)",
}


@pytest.mark.parametrize("source", GUARDED.values(), ids=GUARDED.keys())
def test_scan_respects_guards(source: str):
    assert Reach("win32").scan(ast.parse(source)).hits == []


@pytest.mark.parametrize("source", REACHED.values(), ids=REACHED.keys())
def test_scan_finds_what_is_reached(source: str):
    assert Reach("win32").scan(ast.parse(source)).hits


@pytest.mark.parametrize(
    "name", ["app/jobs.py", "app/knowledge/user_file.py", "app/ui/instance.py", "app/ui/watcher.py"]
)
def test_guards_of_the_program_are_what_keeps_windows_from_it(name: str):
    """Without the tests of sys.platform the same modules would be found: the scan does look into them."""
    text = MODULES[name].read_text("utf-8").replace("sys.platform", "sys.flags").replace("hasattr(", "callable(")
    assert Reach("win32").scan(ast.parse(text)).hits


def test_folders_of_posix_are_found():
    source = "import sys\n'''/usr/ in prose'''\nopen('/proc/self')\nif sys.platform != 'win32':\n    open('/dev/null')"
    assert [hit.what for hit in foreign_folders(Reach("win32").scan(ast.parse(source)))] == ["/proc/self"]


# -- paths

# Strings with separators beside values that are no paths of files, by why they are not.
NO_PATHS = {
    "parts of a package and their relations have / on every system": (
        "app/package/container.py",
        "app/package/ledger.py",
        "app/reading/word_package.py",
        "app/writing/word_comments.py",
    ),
    "XPath": ("app/reading/word_text.py", "app/writing/word_passage.py"),
    "a division in a formula of the sheet": (
        "app/filling/cells.py",
        "app/writing/claims_sheet.py",
        "app/writing/overview.py",
        "app/writing/percent_sheet.py",
        "app/writing/template_percents.py",
        "app/writing/template_supplement.py",
    ),
    "a regular expression": (
        "app/filling/placeholders.py",
        "app/recognising/performance_goals.py",
        "app/recognising/performance_head.py",
    ),
    "names of pages of the help": ("app/ui/help_window.py",),
    "shown to the clerk": ("app/recognising/companions.py",),
    "Windows alone: its own file manager, the root of a drive": ("app/ui/opening.py", "app/ui/watcher.py"),
}


def test_no_path_is_put_together_from_strings():
    allowed = {name for names in NO_PATHS.values() for name in names}
    hits = found(on_windows(joined_by_hand), MODULES)
    assert [hit for hit in hits if hit.partition(":")[0] not in allowed] == []
    assert {hit.partition(":")[0] for hit in hits} >= allowed, "an exception that is not needed any more"


def test_nothing_put_together_from_strings_becomes_a_path():
    """Also in the modules that have leave to join strings for other ends. No exceptions here."""
    assert found(on_windows(paths_by_hand), MODULES) == []


@pytest.mark.parametrize(
    "source",
    [
        "p = folder + '/' + name",
        "p = f'{folder}/{name}'",
        "p = f'{folder}\\\\sub\\\\{name}'",
        "p = '/'.join(parts)",
        "p = '%s/%s' % (folder, name)",
    ],
)
def test_paths_from_strings_are_found(source: str):
    assert list(joined_by_hand(Reach("win32").scan(ast.parse(source))))
    as_path = Reach("win32").scan(ast.parse(f"{source}\nq = Path({source[4:]}) "))
    assert list(paths_by_hand(as_path))


@pytest.mark.parametrize(
    "source", ["p = folder / name", "p = 'a' + b", "p = f'<b>{x}</b>'", "p = ','.join(parts)", "p = a / 2"]
)
def test_other_strings_are_not_paths(source: str):
    assert not list(joined_by_hand(Reach("win32").scan(ast.parse(source))))


# -- encodings


def test_every_text_names_its_encoding():
    assert found(unnamed_encodings, MODULES) == []
    # Tools of Linux that scripts ask (ldd, rpm, Xvfb) answer in ASCII; files are in no system's own encoding.
    asked = ("subprocess.run([", "subprocess.run(command", "subprocess.Popen(command", "os.fdopen(")
    assert [hit for hit in found(unnamed_encodings, SCRIPTS) if not any(word in hit for word in asked)] == []


@pytest.mark.parametrize(
    "source",
    [
        "open(path)",
        "open(path, 'w')",
        "path.open('w', newline='')",
        "path.open()",
        "(folder / name).open()",
        "path.read_text()",
        "path.write_text(text)",
        "path.write_text(text, newline='')",
        "os.fdopen(handle, 'w')",
        "tempfile.NamedTemporaryFile('w')",
        "io.TextIOWrapper(stream)",
        "subprocess.run(line, text=True)",
    ],
)
def test_unnamed_encodings_are_found(source: str):
    assert list(unnamed_encodings(ast.parse(source)))


@pytest.mark.parametrize(
    "source",
    [
        "open(path, 'rb')",
        "path.open('xb')",
        "path.open('a', encoding='utf-8')",
        "path.read_text('utf-8')",
        "path.write_text(text, 'utf-8', newline='')",
        "dialog.open()",
        "package.open(name)",
        "os.fdopen(handle, 'rb')",
        "subprocess.run(line)",
        "subprocess.run(line, text=True, encoding='utf-8')",
    ],
)
def test_named_encodings_pass(source: str):
    assert not list(unnamed_encodings(ast.parse(source)))


# -- real runs

CAPABILITIES = (1, 2)  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH: with them root writes where nobody may
READ_ONLY = pytest.mark.skipif(sys.platform == "win32", reason="folders of Windows have no such mode")


def _as_anybody() -> None:
    """Give up, for good, what lets root write into read-only folders."""
    if sys.platform.startswith("linux") and os.geteuid() == 0:
        libc = ctypes.CDLL(None, use_errno=True)
        for capability in CAPABILITIES:
            assert libc.prctl(24, capability, 0, 0, 0) == 0  # PR_CAPBSET_DROP


def start(
    *words: object, program: Path = ROOT, env: dict[str, str] | None = None, code: str = ""
) -> subprocess.CompletedProcess[str]:
    """``python -m app`` (or some ``code``) in a process of its own, with no memory but what ``env`` names."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("JUESUAN", "XDG", "PYTHON", "LC_", "LANG"))}
    line = [sys.executable, "-P", *(("-c", code) if code else ("-m", "app")), *map(str, words)]
    return subprocess.run(
        line,
        env={**kept, "PYTHONPATH": str(program), "LC_ALL": "C.UTF-8", **(env or {})},
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        stdin=subprocess.DEVNULL,
        **({} if sys.platform == "win32" else {"preexec_fn": _as_anybody}),
    )


def home(folder: Path) -> dict[str, str]:
    """Everything that tells a program of this user's folders, on any system."""
    names = ("HOME", "USERPROFILE", "APPDATA", "LOCALAPPDATA")
    return {name: str(folder) for name in names}


@pytest.fixture
def sealed() -> Iterator[Callable[[Path], Path]]:
    """Makes a folder and all in it read-only until the test is over."""
    closed: list[Path] = []

    def seal(folder: Path) -> Path:
        for path in [*folder.rglob("*"), folder]:
            path.chmod(0o555 if path.is_dir() else 0o444)
        closed.append(folder)
        tried = start(folder / "probe", code="import sys; open(sys.argv[1], 'wb')")
        assert "PermissionError" in tried.stderr, "the folder can be written after all: the test would say nothing"
        return folder

    yield seal
    for folder in closed:
        for path in [folder, *folder.rglob("*")]:
            path.chmod(0o755 if path.is_dir() else 0o644)


def checked(done: subprocess.CompletedProcess[str], target: Path, result: Path | None = None) -> None:
    """The sample has findings (1), and its annotated copy stands where it should."""
    assert (done.returncode, "Traceback" in done.stderr) == (1, False), done.stdout + done.stderr
    result = result or target.with_name(f"{target.stem}_校核.xlsx")
    assert result.stat().st_size > target.stat().st_size / 2
    assert target.read_bytes() == SAMPLE.read_bytes()
    assert not list(result.parent.glob(".~juesuan*"))


def copied(folder: Path, name: str = "公开表.xlsx") -> Path:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return Path(shutil.copyfile(SAMPLE, folder / name))
    except OSError:
        if sys.platform != "win32":
            raise
        pytest.skip("this Windows is not set to take paths of more than 260 characters")


def test_chinese_names_with_spaces_and_signs(tmp_path: Path):
    target = copied(tmp_path / "财政局 2022年度（终稿）【盖章】" / "100%_&_#1'`$x", "部门 决算，公开表 … ①.xlsx")
    checked(start("check", target, env=home(tmp_path)), target)


def test_a_path_of_more_than_260_characters(tmp_path: Path):
    target = copied(tmp_path.joinpath(*["二〇二二年度部门决算公开材料汇总（最终稿）存档备查"] * 12))
    assert len(str(target)) > 300
    checked(start("check", target, env=home(tmp_path)), target)


def test_a_long_path_below_a_folder_that_is_given(tmp_path: Path):
    """Folders are walked, and kept below --out, as deep as they are."""
    parts = ["各单位报送的决算公开表和情况说明及附件材料"] * 12
    target = copied(tmp_path.joinpath("来", *parts))
    done = start("check", tmp_path / "来", "--out", tmp_path / "去", "--json", tmp_path / "清单", env=home(tmp_path))
    checked(done, target, tmp_path.joinpath("去", *parts, "公开表_校核.xlsx"))
    assert tmp_path.joinpath("清单", *parts, "公开表.json").stat().st_size > 1000


def test_a_name_as_long_as_a_system_takes(tmp_path: Path):
    """255 bytes: the annotated file's name would be longer, and is cut."""
    target = copied(tmp_path, "决" * 83 + ".xlsx")
    done = start("check", target, env=home(tmp_path))
    (result,) = tmp_path.glob("*_校核.xlsx")
    checked(done, target, result)


@pytest.mark.parametrize("code_page", ["C", "POSIX"])
def test_chinese_names_where_the_system_speaks_ascii(tmp_path: Path, code_page: str):
    target = copied(tmp_path / "决算")
    done = start("check", target, env={**home(tmp_path), "LC_ALL": code_page})
    checked(done, target)
    assert "公开表_校核.xlsx" in done.stdout


@pytest.mark.parametrize("console", ["gbk", "cp437", "ascii"])
def test_what_is_said_is_utf_8_on_every_console(tmp_path: Path, console: str):
    """A pipe on a Chinese Windows would be GBK, on another one lose the characters."""
    target = copied(tmp_path / "决算①〇")
    done = start("check", target, env={**home(tmp_path), "PYTHONIOENCODING": console})
    checked(done, target)
    assert "公开表_校核.xlsx" in done.stdout


def test_no_text_is_read_in_the_system_s_own_encoding(tmp_path: Path):
    """Python itself watches for it, in the workers, too; what other people's modules do is theirs."""
    target = copied(tmp_path)
    watched = {"PYTHONWARNDEFAULTENCODING": "1", "PYTHONWARNINGS": "always::EncodingWarning", "JUESUAN_DEBUG": "1"}
    done = start("check", target, "--json", tmp_path / "清单", env={**home(tmp_path), **watched})
    checked(done, target)
    assert not [line for line in done.stderr.splitlines() if "EncodingWarning" in line and str(ROOT / "app") in line]
    trial = start(code="import pathlib, sys; pathlib.Path(sys.executable).open()", env=watched)
    assert "EncodingWarning" in trial.stderr, "Python does not watch: the test would say nothing"


@READ_ONLY
def test_a_read_only_program_folder(tmp_path: Path, sealed: Callable[[Path], Path]):
    """As in 程序文件, or on a shared drive: it runs, and leaves nothing there."""
    program = tmp_path / "程序 文件"
    for name in ("app", "resources"):
        shutil.copytree(ROOT / name, program / name, ignore=shutil.ignore_patterns("__pycache__"))
    sealed(program)
    before = sorted(program.rglob("*"))
    target = copied(tmp_path / "桌面")
    checked(start("check", target, program=program, env=home(tmp_path)), target)
    assert sorted(program.rglob("*")) == before


@pytest.mark.parametrize("variables", ["home", "xdg"])
def test_a_user_folder_with_chinese_and_a_space(tmp_path: Path, variables: str):
    user = tmp_path / "用户 王小明"
    user.mkdir()
    env, state = home(user), user / (".local/state" if sys.platform.startswith("linux") else "")
    if variables == "xdg":
        if not sys.platform.startswith("linux"):
            pytest.skip("XDG is Linux")
        state = user / "我的 状态"
        env |= {"XDG_STATE_HOME": str(state), "XDG_DATA_HOME": str(user / "我的 数据")}
    target = copied(user / "桌面")
    checked(start("check", target, env=env), target)
    (memory,) = state.rglob("outputs.txt")
    assert str(target.stem) in memory.read_text("utf-8")
    # It is remembered: the second run takes the same name, not the next free one.
    checked(start("check", target, env=env), target)
    assert [path.name for path in target.parent.glob("*_校核*")] == ["公开表_校核.xlsx"]


@READ_ONLY
def test_a_read_only_user_folder(tmp_path: Path, sealed: Callable[[Path], Path]):
    """It works without memory: what it wrote counts as hers the next time, and is not overwritten."""
    user = tmp_path / "用户"
    user.mkdir()
    sealed(user)
    target = copied(tmp_path / "桌面")
    checked(start("check", target, env=home(user)), target)
    first = target.with_name("公开表_校核.xlsx").read_bytes()
    checked(start("check", target, env=home(user)), target, target.with_name("公开表_校核(2).xlsx"))
    assert target.with_name("公开表_校核.xlsx").read_bytes() == first
    assert list(user.iterdir()) == []


@READ_ONLY
def test_the_window_opens_with_a_read_only_user_folder(tmp_path: Path, sealed: Callable[[Path], Path]):
    pytest.importorskip("PySide6.QtWidgets", exc_type=ImportError)
    user = tmp_path / "用户"
    user.mkdir()
    sealed(user)
    target = copied(tmp_path / "桌面")
    code = """
import sys
from PySide6.QtCore import QTimer
from app.ui import window
app = window.QApplication([])
def look():
    made = next(w for w in window.QApplication.topLevelWidgets() if isinstance(w, window.Window))
    if made._result is not None and made.pages.currentWidget() is made._result and not made.desk.busy:
        print("shown", len(made.desk.case.files()))
        made.close()
    else:
        QTimer.singleShot(100, look)
QTimer.singleShot(500, look)
QTimer.singleShot(60000, lambda: app.exit(3))
sys.exit(window.main(sys.argv[1:]))
"""
    done = start(target, code=code, env={**home(user), "QT_QPA_PLATFORM": "offscreen", "XDG_RUNTIME_DIR": str(user)})
    assert (done.returncode, done.stdout.strip()[:5]) == (0, "shown"), done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    assert list(user.iterdir()) == []


@READ_ONLY
def test_a_read_only_folder_of_the_file_is_said_in_a_sentence(tmp_path: Path, sealed: Callable[[Path], Path]):
    folder = copied(tmp_path / "只读").parent
    sealed(folder)
    done = start("check", folder / "公开表.xlsx", env=home(tmp_path))
    assert done.returncode == 2
    assert "没有写入权限" in done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    elsewhere = start("check", folder / "公开表.xlsx", "--out", tmp_path / "结果", env=home(tmp_path))
    checked(elsewhere, folder / "公开表.xlsx", tmp_path / "结果" / "公开表_校核.xlsx")
