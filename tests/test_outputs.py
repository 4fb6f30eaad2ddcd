from __future__ import annotations

import errno
import zipfile
from pathlib import Path

import pytest

from app import outputs


@pytest.fixture(autouse=True)
def memory(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path_factory.mktemp("state")
    monkeypatch.setenv("JUESUAN_STATE", str(folder))
    return folder


def write(target: Path, text: str = "a") -> Path:
    with outputs.replacing(target) as draft:
        draft.temp.write_text(text, "utf-8")
    return draft.path


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("甲.xlsx", "甲_校核.xlsx"),
        ("甲.XLSM", "甲_校核.xlsm"),
        ("甲.xls", "甲_校核.xlsx"),
        ("甲.et", "甲_校核.xlsx"),
        ("甲.pdf", "甲_校核.xlsx"),
        ("甲.v2.xlsx", "甲.v2_校核.xlsx"),
        ("甲_校核.xlsx", "甲_校核.xlsx"),
        ("甲_校核(3).xlsm", "甲_校核.xlsm"),
        ("甲_校核表.xlsx", "甲_校核表_校核.xlsx"),
    ],
)
def test_names(tmp_path: Path, source: str, name: str) -> None:
    assert outputs.target(tmp_path / source) == tmp_path / name


def test_kind_is_added_where_documents_of_one_name_meet(tmp_path: Path) -> None:
    for kind in ("xlsx", "xls", "pdf", "docx"):
        (tmp_path / f"甲.{kind}").touch()
    names = {k: outputs.target(tmp_path / f"甲.{k}").name for k in ("xlsx", "xls", "pdf", "docx")}
    assert names["xlsx"] == "甲_校核.xlsx"
    assert names["pdf"] == "甲_pdf_校核.xlsx"
    assert len(set(names.values())) == 4
    assert outputs.target(tmp_path / "甲.docx", extension=".docx").name == "甲_docx_校核.docx"


def test_sub_folders_are_kept_and_rivals_parted(tmp_path: Path) -> None:
    out, root = tmp_path / "out", tmp_path / "in"
    deep, one, two = root / "a/b/甲.xlsx", tmp_path / "x/乙.xlsx", tmp_path / "y/乙.xlsx"
    chosen = outputs.folders([(deep, root), (one, one.parent), (two, two.parent)], out)
    assert chosen == {deep: out / "a/b", one: out, two: out / "y"}
    assert outputs.folders([(deep, root)], None) == {deep: root / "a/b"}


def test_own_output_is_replaced_but_hers_is_not(tmp_path: Path) -> None:
    wanted = tmp_path / "sub" / "甲_校核.xlsx"
    assert write(wanted, "1") == wanted
    assert write(wanted, "2") == wanted
    assert wanted.read_text() == "2"
    wanted.write_text("hers")
    second = write(wanted, "3")
    assert second == wanted.with_name("甲_校核(2).xlsx")
    assert outputs.is_numbered(second) and not outputs.is_numbered(wanted)
    assert write(wanted, "4") == second  # ours and unchanged
    assert (wanted.read_text(), second.read_text()) == ("hers", "4")
    assert sorted(p.name for p in wanted.parent.iterdir()) == [second.name, wanted.name]


def test_without_memory_an_output_counts_as_hers(tmp_path: Path, memory: Path) -> None:
    wanted = tmp_path / "甲_校核.xlsx"
    write(wanted)
    (memory / "outputs.txt").unlink()
    assert write(wanted) != wanted


@pytest.mark.parametrize("owner", ["~$甲_校核.xlsx", ".~lock.甲_校核.xlsx#", ".~甲_校核.xlsx"])
def test_open_output_is_left_alone(tmp_path: Path, owner: str) -> None:
    wanted = tmp_path / "甲_校核.xlsx"
    write(wanted, "1")
    (tmp_path / owner).touch()
    assert write(wanted, "2").name == "甲_校核(2).xlsx"
    assert wanted.read_text() == "1"


def test_inputs_are_never_written(tmp_path: Path) -> None:
    wanted = tmp_path / "甲_校核.xlsx"
    write(wanted, "1")
    with outputs.protecting([wanted]):
        assert write(wanted, "2").name == "甲_校核(2).xlsx"
    assert wanted.read_text() == "1"


def test_failure_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), outputs.replacing(tmp_path / "甲_校核.xlsx") as draft:
        draft.temp.write_text("half")
        raise ZeroDivisionError
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_worker_left_is_swept(tmp_path: Path) -> None:
    (tmp_path / ".~juesuan-77-1.xlsx").touch()
    (tmp_path / ".~juesuan-78-1.xlsx").touch()
    outputs.sweep(tmp_path, 77)
    assert [p.name for p in tmp_path.iterdir()] == [".~juesuan-78-1.xlsx"]


def test_unwritable_folder_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(outputs.Unwritable, match=r"^结果无法写入.*。$"):
        write(tmp_path / "file" / "甲_校核.xlsx")


def test_long_names_are_cut(tmp_path: Path) -> None:
    assert write(outputs.target(tmp_path / ("长" * 84 + ".xls"))).exists()


def test_folders_tell_ours_from_hers(tmp_path: Path) -> None:
    ours, hers = tmp_path / "甲_校核.xlsx", tmp_path / "乙_校核.xlsx"
    for path, sheet in ((ours, "校核结果"), (hers, "表1")):
        with zipfile.ZipFile(path, "w") as package:
            package.writestr("xl/workbook.xml", f'<sheet name="{sheet}"/>')
    assert outputs.is_ours(ours) and not outputs.is_ours(hers)
    assert not outputs.is_ours(tmp_path / "甲_校核表.xlsx")
    assert outputs.is_temporary(Path("~$甲.xlsx")) and outputs.is_temporary(Path(".~lock.甲.xlsx#"))


def test_full_disk_is_said_also_when_a_library_wraps_it(tmp_path: Path) -> None:
    with pytest.raises(outputs.Unwritable, match="磁盘已满"), outputs.replacing(tmp_path / "甲_校核.xlsx"):
        try:
            raise OSError(errno.ENOSPC, "full")
        except OSError as error:
            raise RuntimeError("library") from error
    with pytest.raises(FileNotFoundError), outputs.replacing(tmp_path / "甲_校核.xlsx"):
        (tmp_path / "none").read_text()
