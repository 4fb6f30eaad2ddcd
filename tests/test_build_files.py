"""What a release is built with: the icon, what Windows and a Linux menu are told, scripts, wheels, the workflow."""

from __future__ import annotations

import hashlib
import importlib.util
import io
import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path
from types import ModuleType, SimpleNamespace
from xml.etree import ElementTree

import pytest
from PIL import Image

from app import __version__

ROOT = Path(__file__).resolve().parents[1]
BUILD = ROOT / "build_scripts"
ASSETS = BUILD / "assets"
WORKFLOW = ROOT / ".github" / "workflows" / "release.yml"
POWERSHELL = BUILD / "build_windows.ps1"
ACCENT, RED = (0x1F, 0x6F, 0xB2, 255), (0xC0, 0, 0, 255)


def script(name: str) -> ModuleType:
    """A module of build_scripts, which is no package."""
    spec = importlib.util.spec_from_file_location(f"build_scripts_{name}", BUILD / f"{name}.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look themselves up there
    spec.loader.exec_module(module)
    return module


def pixels(picture: Image.Image) -> bytes:
    return picture.convert("RGBA").tobytes()


# -- icon


def test_icon_has_every_size():
    sizes = script("make_icon").SIZES
    assert {16, 32, 48, 256} <= set(sizes)
    assert {path.name for path in ASSETS.glob("icon-*.png")} == {f"icon-{size}.png" for size in sizes}
    with Image.open(ASSETS / "icon.ico") as icon:
        assert icon.info["sizes"] == {(size, size) for size in sizes}
        for size in sizes:
            icon.size = (size, size)
            with Image.open(ASSETS / f"icon-{size}.png") as picture:
                assert picture.size == (size, size)
                assert pixels(icon) == pixels(picture), size


def test_small_icons_are_plain_bitmaps():
    """Some parts of Windows read no PNG below 256."""
    data = (ASSETS / "icon.ico").read_bytes()
    for number in range(int.from_bytes(data[4:6], "little")):
        entry = data[6 + 16 * number : 22 + 16 * number]
        start = int.from_bytes(entry[12:16], "little")
        packed = data[start : start + 8] == b"\x89PNG\r\n\x1a\n"
        assert packed == ((entry[0] or 256) >= 128)


@pytest.mark.parametrize("size", [16, 32, 256])
def test_icon_is_a_sheet_with_a_tick(size: int):
    with Image.open(ASSETS / f"icon-{size}.png") as picture:
        colors = [picture.convert("RGBA").getpixel((x, y)) for x in range(size) for y in range(size)]
    share = {color: colors.count(color) / len(colors) for color in (ACCENT, RED, (255, 255, 255, 255))}
    assert share[ACCENT] > 0.15 and share[RED] > 0.02 and share[255, 255, 255, 255] > 0.15
    assert min(color[3] for color in colors) == 0  # what is not drawn is transparent


def test_pictures_are_of_the_drawing(tmp_path: Path):
    pytest.importorskip("PySide6.QtSvg", exc_type=ImportError)
    code = "import sys, make_icon\nfor size in map(int, sys.argv[2:]): open(f'{sys.argv[1]}/{size}.png', 'wb').write(make_icon.rendered(size))"
    subprocess.run(
        [sys.executable, "-c", code, str(tmp_path), "16", "256"],
        env={**os.environ, "PYTHONPATH": str(BUILD), "QT_QPA_PLATFORM": "offscreen"},
        check=True,
    )
    for size in (16, 256):
        with Image.open(tmp_path / f"{size}.png") as fresh, Image.open(ASSETS / f"icon-{size}.png") as kept:
            apart = [abs(a - b) for a, b in zip(pixels(fresh), pixels(kept), strict=True)]
        assert max(apart) <= 24, size  # another Qt may smooth an edge otherwise


# -- what Windows is told


def test_version_is_one():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert project["version"] == __version__


@pytest.mark.parametrize("program", ["决算公开校核.exe", "juesuan.exe"])
def test_version_information(program: str, tmp_path: Path):
    """Read as PyInstaller reads it: evaluated, with classes of these names (whose last word is handed on)."""
    resources = script("windows_resources")
    text = Path(resources.version_file(tmp_path, program)).read_text("utf-8")
    known = {
        "FixedFileInfo": dict,
        "StringStruct": lambda name, value: (name, value),
        "StringTable": lambda language, strings: (language, dict(strings)),
        "StringFileInfo": list,
        "VarStruct": lambda name, values: (name, values),
        "VarFileInfo": list,
        "VSVersionInfo": lambda ffi, kids: (ffi, *kids),
    }
    fixed, tables, variables = eval(text, {"__builtins__": {}, **known})
    assert fixed["filevers"] == fixed["prodvers"] == resources.numbers(__version__)
    ((language, told),) = tables
    assert language == "080404b0" and variables == [("Translation", [0x804, 1200])]
    assert told["FileVersion"] == told["ProductVersion"] == __version__
    assert told["ProductName"] == "决算公开校核" and told["OriginalFilename"] == program
    assert re.search("[一-鿿]", told["FileDescription"]) and re.search("[一-鿿]", told["CompanyName"])


@pytest.mark.parametrize(
    ("version", "four"),
    [("0.1.0", (0, 1, 0, 0)), ("12.3", (12, 3, 0, 0)), ("1.2rc3", (1, 2, 0, 0)), ("1.2.3.4.5", (1, 2, 3, 4))],
)
def test_version_as_four_numbers(version: str, four: tuple[int, ...]):
    assert script("windows_resources").numbers(version) == four


def test_manifest():
    data = Path(script("windows_resources").MANIFEST).read_bytes()
    assert data.isascii() and b"<!--" not in data
    root = ElementTree.fromstring(data)
    assert root.tag == "{urn:schemas-microsoft-com:asm.v1}assembly" and root.get("manifestVersion") == "1.0"
    settings = {one.tag: one.text for one in root.iter() if "/SMI/" in one.tag}
    where = "{http://schemas.microsoft.com/SMI/%d/WindowsSettings}%s"
    assert settings[where % (2016, "longPathAware")] == "true"
    assert settings[where % (2016, "dpiAwareness")].startswith("PerMonitorV2")
    assert settings[where % (2019, "activeCodePage")] == "UTF-8"
    (level,) = root.iter("{urn:schemas-microsoft-com:asm.v3}requestedExecutionLevel")
    assert level.get("level") == "asInvoker"


# -- what a Linux menu is told


@pytest.mark.skipif(sys.platform == "win32", reason="menus of Linux")
@pytest.mark.parametrize("name", ["决算", "我的 程序", 'a"b$HOME`id`', "a\\nb", "a&b|c'd", "[x]*?"])
def test_menu_entry(tmp_path: Path, name: str):
    """Whatever the folder is called, Exec is this program and nothing else."""
    program = tmp_path / name
    program.mkdir()
    for file in ("add_to_menu.sh", "juesuan.desktop"):
        shutil.copy(ASSETS / file, program)
    env = {**os.environ, "XDG_DATA_HOME": str(tmp_path / "用户 数据")}
    subprocess.run(["/bin/sh", program / "add_to_menu.sh"], env=env, check=True, capture_output=True, cwd="/")
    entry = tmp_path / "用户 数据" / "applications" / "juesuan.desktop"
    told = dict(line.split("=", 1) for line in entry.read_text("utf-8").splitlines() if "=" in line)
    unescaped = {key: value.replace("\\\\", "\\") for key, value in told.items()}  # as of every value
    command = re.fullmatch(r'"((?:[^"\\`$]|\\.)*)" %F', unescaped["Exec"])  # what is quoted escapes these four
    assert command and re.sub(r"\\(.)", r"\1", command[1]) == str(program / "决算公开校核")
    assert unescaped["Icon"] == str(program / "icon.png")
    if shutil.which("desktop-file-validate"):
        done = subprocess.run(["desktop-file-validate", entry], capture_output=True, encoding="utf-8")
        assert (done.returncode, done.stdout) == (0, "")
    subprocess.run(["/bin/sh", program / "add_to_menu.sh", "remove"], env=env, check=True, capture_output=True)
    assert not entry.exists()


# -- scripts


def test_powershell_is_for_the_oldest_that_reads_it():
    """Windows PowerShell 5.1: no byte order mark means its own code page, and half of 7 is unknown to it."""
    data = POWERSHELL.read_bytes()
    assert data.isascii()
    code = "\n".join(line.partition("# ")[0] for line in data.decode().splitlines() if not line.startswith("#"))
    unquoted = re.sub(r"'[^'\n]*'|\"[^\"\n]*\"", "''", code)
    assert not re.findall(r"&&|\|\||\?\?|\?\.|\s\?\s|-Parallel|ForEach-Object -Par|utf8NoBOM|\bternary\b", unquoted)
    for opening, closing in ("()", "{}", "[]"):
        assert unquoted.count(opening) == unquoted.count(closing)
    assert "$ErrorActionPreference = 'Stop'" in code and "exit 1" in code
    # Python is told to speak UTF-8; else 5.1 would read a path with Chinese in the code page of the console.
    assert "[Console]::OutputEncoding" in code and "UTF8Encoding" in code


def test_powershell_calls_what_there_is():
    called = set(re.findall(r"\$PSScriptRoot '([\w.-]+)'", POWERSHELL.read_text("ascii")))
    assert {"juesuan.spec", "smoke.py", "licences.py", "pack.py", "constraints.txt"} <= called
    assert [name for name in called if not (BUILD / name).is_file()] == []


@pytest.mark.parametrize("path", sorted(BUILD.glob("*.bat")), ids=lambda path: path.name)
def test_batch_files_have_the_line_ends_of_windows(path: Path):
    data = path.read_bytes()
    assert data.count(b"\n") == data.count(b"\r\n") > 3
    assert data.isascii()  # cmd reads them in its own code page


def test_batch_file_hands_on_the_exit_code():
    text = (BUILD / "build_windows.bat").read_text("ascii")
    assert "-ExecutionPolicy Bypass" in text and "build_windows.ps1" in text and "%*" in text
    assert "exit /b %errorlevel%" in text


@pytest.mark.skipif(sys.platform == "win32", reason="sh")
@pytest.mark.parametrize("path", sorted(BUILD.rglob("*.sh")), ids=lambda path: path.name)
def test_shell_scripts_can_be_read(path: Path):
    assert subprocess.run(["/bin/sh", "-n", path], capture_output=True).returncode == 0
    assert "\nset -eu\n" in path.read_text("utf-8")


# -- pack.py


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "决算公开校核"
    (made / "sub").mkdir(parents=True)
    (made / "决算公开校核").write_bytes(b"\x7fELF")
    (made / "决算公开校核").chmod(0o755)
    (made / "sub" / "z.txt").write_bytes(b"z" * 1000)
    (made / "sub" / "a.txt").write_bytes(b"a")
    (made / "sub" / "a.txt").chmod(0o600)
    if sys.platform != "win32":
        (made / "link").symlink_to("sub/a.txt")
    return made


def packed(folder: Path, target: Path, monkeypatch: pytest.MonkeyPatch, when: str = "1700000000") -> bytes:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", when)
    monkeypatch.setattr(sys, "argv", ["pack.py", str(folder), str(target)])
    assert script("pack").main() == 0
    return target.read_bytes()


def test_pack_keeps_all(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    data = packed(folder, tmp_path / "x.zip", monkeypatch)
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        entries = {entry.filename: entry for entry in package.infolist()}
        assert package.read("决算公开校核/sub/z.txt") == b"z" * 1000
    assert list(entries) == sorted(entries)
    assert all(entry.flag_bits & 0x800 for name, entry in entries.items() if not name.isascii())  # UTF-8, and says so
    if sys.platform != "win32":
        modes = {name.partition("/")[2]: entry.external_attr >> 16 for name, entry in entries.items()}
        expected = {"link": 0o120777, "sub/a.txt": 0o100644, "sub/z.txt": 0o100644, "决算公开校核": 0o100755}
        assert modes == expected
        assert data[entries["决算公开校核/link"].header_offset :].find(b"sub/a.txt") > 0
    digest, name = (tmp_path / "x.zip.sha256").read_text("utf-8").split()
    assert (digest, name) == (hashlib.sha256(data).hexdigest(), "x.zip")


def test_pack_gives_the_same_bytes_again(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    first = packed(folder, tmp_path / "1.zip", monkeypatch)
    for path in folder.rglob("*.txt"):
        os.utime(path, (10**9, 10**9))
    assert packed(folder, tmp_path / "2.zip", monkeypatch) == first
    assert packed(folder, tmp_path / "3.zip", monkeypatch, "1800000000") != first
    assert packed(folder, tmp_path / "4.zip", monkeypatch, "0")  # no zip knows 1970


def test_pack_refuses_an_empty_folder(tmp_path: Path):
    with pytest.raises(SystemExit):
        script("pack").pack(tmp_path, tmp_path / "x.zip")


# -- check_wheels.py


@pytest.fixture
def wheels(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The script with an index of its own: a needs b (on Windows c, too); of a there is 2.0 for Windows alone."""
    module = script("check_wheels")
    had = {
        ("a", "1.0"): ("win_amd64", "manylinux_2_17_x86_64", "manylinux_2_17_aarch64"),
        ("a", "2.0"): ("win_amd64", "manylinux_2_34_x86_64", "manylinux_2_17_aarch64"),
        ("b", "1.0"): ("any",),
        ("c", "1.0"): ("any",),
    }
    needs = {"a": ["b>=1", 'c; sys_platform == "win32"', 'd; extra == "more"']}

    def pip(command: list[str], target, rest: list[str]) -> SimpleNamespace:
        taken = {*target.platforms(), "any"}
        if command[0] == "index":
            found = sorted((v for (n, v), tags in had.items() if n == rest[-1] and taken & {*tags}), reverse=True)
            return SimpleNamespace(returncode=0, stdout=f"Available versions: {', '.join(found)}", stderr="")
        name, _, version = rest[-1].partition("==")
        tag = next((tag for tag in had[name, version] if tag in taken), None)
        if tag is None:
            return SimpleNamespace(returncode=1, stdout="", stderr="ERROR: No matching distribution found")
        one = {
            "download_info": {"url": f"https://x/{name}-{version}-cp311-cp311-{tag}.whl"},
            "metadata": {"requires_dist": needs.get(name, [])},
        }
        return SimpleNamespace(returncode=0, stdout=module.json.dumps({"install": [one]}), stderr="")

    monkeypatch.setattr(module, "pip", pip)
    return module


def project(module: ModuleType, folder: Path, pins: str, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "build_scripts").mkdir()
    (folder / "pyproject.toml").write_text('[project]\ndependencies = ["a>=1"]\n', "utf-8")
    (folder / "build_scripts" / "constraints.txt").write_text(pins, "utf-8")
    monkeypatch.setattr(module, "HERE", folder / "build_scripts")


def test_wheels_are_there(wheels: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys):
    project(wheels, tmp_path, "# pins\na==1.0\nb==1.0\nc==1.0\nunused==9\n", monkeypatch)
    assert wheels.main() == 0
    told = capsys.readouterr().out
    assert "7 of 7 wheels are there" in told
    assert re.search(r"^c +1\.0 any +- +-$", told, re.M)  # needed on Windows alone


def test_a_wheel_is_missing(wheels: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys):
    project(wheels, tmp_path, "a==2.0\nb==1.0\nc==1.0\n", monkeypatch)
    assert wheels.main() == 1
    assert "no wheel: a 2.0 on Linux x86-64, glibc 2.28; newest older one: 1.0" in capsys.readouterr().out


def test_pins_of_one_machine(wheels: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    pins = "a==1.0; platform_machine == 'x86_64'\na==2.0; platform_machine != 'x86_64'\nb==1.0\nc==1.0\n"
    project(wheels, tmp_path, pins, monkeypatch)
    assert [wheels.pins(target)["a"] for target in wheels.TARGETS] == ["2.0", "1.0", "2.0"]
    assert wheels.main() == 0


def test_what_is_not_pinned_is_an_error(wheels: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    project(wheels, tmp_path, "a==1.0\nb==1.0\n", monkeypatch)
    with pytest.raises(SystemExit, match=r"Windows.*: c"):
        wheels.main()


def test_no_answer_is_not_taken_for_one(wheels: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    project(wheels, tmp_path, "a==1.0\nb==1.0\nc==1.0\n", monkeypatch)
    monkeypatch.setattr(wheels, "pip", lambda *_: SimpleNamespace(returncode=1, stdout="", stderr="no such command"))
    with pytest.raises(SystemExit, match="could not"):
        wheels.main()


def test_tags_are_no_newer_than_the_system(wheels: ModuleType):
    windows, linux, arm = (target.platforms() for target in wheels.TARGETS)
    assert windows == ["win_amd64"]
    assert linux[0] == "manylinux_2_28_x86_64" and "manylinux2014_x86_64" in linux
    assert arm[0] == "manylinux_2_31_aarch64" and linux[-1] == "manylinux1_x86_64"


# -- the workflow


def test_workflow_pins_its_actions():
    uses = re.findall(r"uses: (\S+)", WORKFLOW.read_text("utf-8"))
    assert len(uses) >= 5
    assert [one for one in uses if not re.fullmatch(r"actions/[\w-]+@(v\d+\.\d+\.\d+|[0-9a-f]{40})", one)] == []


def test_workflow_calls_what_there_is():
    text = WORKFLOW.read_text("utf-8").replace("\\", "/")
    called = set(re.findall(r"build_scripts/[\w.]+", text))
    assert {"build_scripts/test.sh", "build_scripts/build_windows.bat", "build_scripts/build_linux.sh"} <= called
    assert [name for name in called if not (ROOT / name).is_file()] == []


def test_workflow_may_write_only_where_it_releases():
    text = WORKFLOW.read_text("utf-8")
    assert text.count("contents: write") == 1
    assert text.index("contents: write") > text.index("\n  release:")
    assert "sha256sum --check" in text
