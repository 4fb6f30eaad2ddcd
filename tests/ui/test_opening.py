"""Opening a file or its folder: the right name goes out, and a failure is told in her words."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices

from app.ui import opening

NAMES = ["江汉区 决算公开表（2022）.xlsx", "100% 完成#1?.xlsx", "a&b;c's.xlsx"]


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names that went to the system's opener."""
    names: list[str] = []

    def note(url: QUrl) -> bool:
        assert url.isLocalFile()
        names.append(url.toLocalFile())
        return True

    monkeypatch.setattr(QDesktopServices, "openUrl", note)
    return names


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """What was started as a program."""
    commands: list[object] = []
    monkeypatch.setattr(subprocess, "Popen", commands.append)
    return commands


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "公开 表" / NAMES[0]
    path.parent.mkdir()
    path.touch()
    return path


@pytest.mark.parametrize("name", NAMES)
def test_file_is_opened_under_its_own_name(opened: list[str], tmp_path: Path, name: str) -> None:
    file = tmp_path / name
    file.touch()
    assert opening.open_file(file) is None
    assert opened == [str(file)]


def test_relative_path_is_made_whole(opened: list[str], path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(path.parent)
    assert opening.open_file(Path(path.name)) is None
    assert opened == [str(path)]


@pytest.mark.parametrize(
    ("name", "program"), [("a.xlsx", "Excel"), ("a.PDF", "PDF 阅读器"), ("a.docx", "Word"), ("a.txt", "记事本")]
)
def test_failure_names_the_program(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str, program: str) -> None:
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda _: False)
    file = tmp_path / name
    file.touch()
    said = opening.open_file(file)
    assert said is not None
    assert name in said and program in said and said.endswith("。")


def test_missing_file_is_said_and_nothing_opened(opened: list[str], path: Path) -> None:
    said = opening.open_file(path.with_name("没有.xlsx"))
    assert said == "找不到“没有.xlsx”，可能已被移动、改名或删除。"
    assert opening.open_file(Path("a\0b.xlsx")) is not None
    assert opened == []


def test_linux_opens_the_folder(
    opened: list[str], started: list[object], path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening, "_system", "linux")
    assert opening.open_folder(path) is None
    assert opening.open_folder(path.parent) is None
    assert opened == [str(path.parent)] * 2
    assert started == []


def test_windows_chooses_the_file(
    opened: list[str], started: list[object], path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening, "_system", "win32")
    monkeypatch.setenv("SYSTEMROOT", r"C:\Windows")
    assert opening.open_folder(path) is None
    assert started == [rf'"C:\Windows\explorer.exe" /select,"{path}"']
    assert opened == []
    assert opening.open_folder(path.parent) is None  # a folder is opened, not chosen in its parent
    assert opened == [str(path.parent)]


def test_macos_chooses_the_file(started: list[object], path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "_system", "darwin")
    assert opening.open_folder(path) is None
    assert started == [["/usr/bin/open", "-R", str(path)]]


def test_without_explorer_the_folder_opens(opened: list[str], path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: object) -> None:
        raise FileNotFoundError

    monkeypatch.setattr(opening, "_system", "win32")
    monkeypatch.setattr(subprocess, "Popen", refuse)
    assert opening.open_folder(path) is None
    assert opened == [str(path.parent)]


def test_folder_of_a_file_that_is_gone(
    opened: list[str], started: list[object], path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening, "_system", "win32")
    path.unlink()
    assert opening.open_folder(path) is None
    assert (opened, started) == ([str(path.parent)], [])
    path.parent.rmdir()
    assert opening.open_folder(path) == f"找不到文件夹“{path.parent}”，可能已被移动、改名或删除。"


def test_folder_that_does_not_open_is_named(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "_system", "linux")
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda _: False)
    assert opening.open_folder(path) == f"文件夹没能打开，请自行前往：{path.parent}"


def test_frozen_program_does_not_lend_its_libraries(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """LibreOffice or WPS started with our Qt in its path does not start."""
    seen: list[tuple[str | None, str | None]] = []

    def look(_: QUrl) -> bool:
        seen.append((os.environ.get("LD_LIBRARY_PATH"), os.environ.get("QT_PLUGIN_PATH")))
        return True

    monkeypatch.setattr(QDesktopServices, "openUrl", look)
    monkeypatch.setattr(opening, "_system", "linux")
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setenv("LD_LIBRARY_PATH", "/opt/juesuan")
    monkeypatch.setenv("QT_PLUGIN_PATH", "/opt/juesuan/plugins")
    opening.open_file(path)
    monkeypatch.setenv("LD_LIBRARY_PATH_ORIG", "/usr/lib/hers")
    opening.open_file(path)
    assert seen == [(None, None), ("/usr/lib/hers", None)]
    assert os.environ["LD_LIBRARY_PATH"] == "/opt/juesuan"
    assert os.environ["QT_PLUGIN_PATH"] == "/opt/juesuan/plugins"
