"""Reports that cannot be read, or are huge: one clear sentence each, through a worker as the clerk's."""

from __future__ import annotations

import re
import struct
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from app import pipeline
from app.jobs import Limits, Pool
from app.pipeline import Outcome, Request
from tests.reading.test_pdf import Page, pdf_bytes

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
OLE = bytes.fromhex("d0cf11e0a1b11ae1")
LIMITS = Limits(memory=1 << 30, seconds=60)


@pytest.fixture(autouse=True)
def memory(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JUESUAN_STATE", str(tmp_path_factory.mktemp("state")))


def word(path: Path, body: str, **parts: bytes) -> Path:
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    types = f'<Override PartName="/word/document.xml" ContentType="{kind}"/>'
    relation = f'<Relationship Id="r1" Type="{office}/officeDocument" Target="word/document.xml"/>'
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("[Content_Types].xml", f'<Types xmlns="{package}/content-types">{types}</Types>')
        made.writestr("_rels/.rels", f'<Relationships xmlns="{package}/relationships">{relation}</Relationships>')
        made.writestr("word/document.xml", f'<w:document xmlns:w="{W}"><w:body>{body}</w:body></w:document>')
    return path


def paragraph(text: str) -> str:
    return f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>"


def tables(count: int, rows: int, columns: int) -> str:
    cell = f"<w:tc>{paragraph('12.34')}</w:tc>"
    table = f"<w:tbl>{f'<w:tr>{cell * columns}</w:tr>' * rows}</w:tbl>"
    return "".join(paragraph(f"表 {n} 支出决算表") + table for n in range(count))


def old_word(path: Path, stream: str) -> Path:
    """A compound file with one empty stream: what .doc files and encrypted .docx files are."""
    head = OLE + bytes(16) + struct.pack("<5H6x", 0x3E, 3, 0xFFFE, 9, 6)
    head += struct.pack("<2I5i2i", 0, 1, 1, 0, 4096, -2, 0, -2, 0) + struct.pack("<109i", 0, *[-1] * 108)
    entries = b"".join(
        (name + "\0").encode("utf-16-le").ljust(64, b"\0")
        + struct.pack("<HBB3i", 2 * len(name) + 2, kind, 1, -1, -1, child)
        + bytes(36)
        + struct.pack("<iQ", -2, 0)
        for name, kind, child in (("Root Entry", 5, 1), (stream, 2, -1))
    )
    path.write_bytes(head + struct.pack("<128i", -3, -2, *[-1] * 126) + entries.ljust(512, b"\0"))
    return path


def damaged_word(path: Path) -> Path:
    made = word(path, paragraph("收入") * 5000)
    made.write_bytes(made.read_bytes()[:-400])
    return path


def damaged_inside(path: Path) -> Path:
    made = word(path, paragraph("收入合计 12.34 万元") * 5000)
    data = bytearray(made.read_bytes())
    middle = data.index(b"word/document.xml") + 200
    data[middle : middle + 60] = b"\xff" * 60
    made.write_bytes(data)
    return path


def pdf(*pages: Page, **options: bool) -> Callable[[Path], object]:
    return lambda path: path.write_bytes(pdf_bytes(list(pages), **options))


TEXT = Page().text(90, 100, "2022年度部门决算")
BAD: dict[str, tuple[Callable[[Path], object], str]] = {
    "加密.pdf": (pdf(TEXT, encrypt=True), "密码"),
    "损坏.pdf": (lambda path: path.write_bytes(b"%PDF-1.7\n" + b"\xff\x00junk" * 2000), "损坏"),
    "截断.pdf": (lambda path: path.write_bytes(pdf_bytes([TEXT] * 3)[:300]), "损坏|没有页面"),
    "两千页.pdf": (pdf(*[TEXT] * 2000), "2000 页"),
    "零页.pdf": (pdf(), "没有页面"),
    "图片.pdf": (pdf(*[Page().picture(0, 0, 595, 842)] * 3), "图片"),
    "空.pdf": (lambda path: path.write_bytes(b""), "空"),
    "旧版.doc": (lambda path: old_word(path, "WordDocument"), r"\.doc"),
    "改名.docx": (lambda path: old_word(path, "WordDocument"), r"\.doc"),
    "加密.docx": (lambda path: old_word(path, "EncryptedPackage"), "密码"),
    "截断.docx": (damaged_word, "损坏|不完整"),
    "坏块.docx": (damaged_inside, "损坏"),
    "空白.docx": (lambda path: word(path, ""), "没有"),
    "炸弹.docx": (lambda path: word(path, paragraph("0" * 400_000_000)), "MB"),
    "网页.docx": (lambda path: path.write_text("<html>没有权限</html>"), "网页"),
    "二进制.txt": (lambda path: path.write_bytes(bytes(range(256)) * 40), "认不出|文本"),
}


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Outcome | None, str | None, float]]:
    """What became of every bad file: (outcome, error of the job, seconds), all by one worker."""
    folder = tmp_path_factory.mktemp("坏")
    found = {}
    with Pool(pipeline.check, 1, LIMITS) as pool:
        for name, (make, _) in BAD.items():
            make(folder / name)
            began = time.monotonic()
            pool.submit(Request(folder / name))
            (done,) = [e for e in pool.events() if e.kind == "done"]
            found[name] = (done.result, done.error, time.monotonic() - began)
            (folder / name).unlink()
    assert not list(folder.iterdir()), "nothing is left beside the inputs"
    return found


@pytest.mark.parametrize("name", BAD)
def test_a_bad_report_gives_one_clear_sentence(
    outcomes: dict[str, tuple[Outcome | None, str | None, float]], name: str
) -> None:
    outcome, error, seconds = outcomes[name]
    if outcome is not None:
        error = outcome.error or pipelined(outcome)
        assert not outcome.outputs
    assert error and "\n" not in error and re.search(BAD[name][1], error), error
    assert re.search("请|改用|重新", error), f"what to do: {error}"
    assert not re.search("Traceback|Error|内部出错|意外中止", error) and len(error) < 160
    assert seconds < 5
    assert "Excel" not in error or not name.endswith((".doc", ".docx"))


def pipelined(outcome: Outcome) -> str:
    from app.cli_check import line

    return line(outcome)


def test_five_hundred_tables_take_bounded_time_and_memory(tmp_path: Path) -> None:
    source = word(tmp_path / "多表.docx", paragraph("2022年度部门决算情况说明") + tables(500, 20, 8))
    began = time.monotonic()
    with Pool(pipeline.check, 1, LIMITS) as pool:
        pool.submit(Request(source))
        (done,) = [e for e in pool.events() if e.kind == "done"]
    assert done.result is not None and done.result.error is None, done.error or done.result.error
    assert sorted(p.name for p in done.result.outputs) == ["多表_校核.docx", "多表_校核.xlsx"]
    assert time.monotonic() - began < 20


def test_a_large_report_can_be_cancelled_at_any_time(tmp_path: Path) -> None:
    source = word(tmp_path / "多表.docx", paragraph("2022年度部门决算情况说明") + tables(500, 60, 8))
    with Pool(pipeline.check, 1, LIMITS, on_lost=pipeline.lost) as pool:
        pool.submit(Request(source))
        pool.poll(0)
        time.sleep(0.4)
        mine = [worker.process.pid for worker in pool._workers]
        assert mine
        began = time.monotonic()
        pool.cancel()
        assert time.monotonic() - began < 1 and not pool.busy
        assert not [pid for pid in mine if psutil.pid_exists(pid)]
    assert [p.name for p in tmp_path.iterdir()] == ["多表.docx"]
