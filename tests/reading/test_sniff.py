from __future__ import annotations

import struct
import zipfile
from pathlib import Path

import pytest

from app.reading import sniff as sniffing
from app.reading.errors import Unreadable
from app.reading.read import read
from app.reading.sniff import READABLE, refusal, sniff

TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Override PartName="/x" ContentType="{}"/></Types>'
)
OFFICE = "application/vnd.openxmlformats-officedocument."


def ole(*streams: str) -> bytes:
    """A compound file with empty streams of these names (one FAT sector, then the directory)."""
    free, end = 0xFFFFFFFF, 0xFFFFFFFE
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    header += struct.pack("<IIIIIIIII", 0, 1, 1, 0, 4096, end, 0, end, 0) + struct.pack("<I", 0) + b"\xff" * 432
    fat = struct.pack("<III", 0xFFFFFFFD, end, free) + b"\xff" * 500
    directory = b""
    for number, name in enumerate(["Root Entry", *streams]):
        raw = name.encode("utf-16-le")
        entry = raw.ljust(64, b"\0") + struct.pack("<HBB", len(raw) + 2, 5 if not number else 2, 1)
        child = 1 if not number and streams else free
        right = number + 1 if 0 < number < len(streams) else free
        entry += struct.pack("<III", free, right, child) + bytes(36) + struct.pack("<III", end, 0, 0)
        directory += entry
    return header + fat + directory.ljust(512, b"\0")


def package(path: Path, content_type: str = "", **parts: str) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        if content_type:
            archive.writestr("[Content_Types].xml", TYPES.format(content_type))
        for name, text in parts.items():
            archive.writestr(name.replace("__", "."), text)
    return path


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"", "empty"),
        (ole("EncryptionInfo", "EncryptedPackage"), "encrypted"),
        (ole("WordDocument", "1Table"), "doc"),
        (ole("Workbook"), "xls"),
        (ole("Book"), "xls"),
        (ole("PowerPoint Document"), "ppt"),
        (ole("Something"), "unknown"),
        (ole("Workbook")[:700], "broken zip"),
        (b"\n%PDF-1.7\n", "pdf"),
        (b"{\\rtf1 ", "rtf"),
        (b"\x89PNG\r\n\x1a\n", "picture"),
        (b"PK\x03\x04 and no more", "broken zip"),
        ("\ufeff<!DOCTYPE html><html><table>表</table>".encode(), "html"),
        (b"  <html xmlns:x='urn:schemas-microsoft-com:office:excel'>", "html"),
        (b"<?xml version='1.0'?><Workbook xmlns='urn:schemas-microsoft-com:office:spreadsheet'>", "xml2003"),
        (b"MIME-Version: 1.0\r\nContent-Type: multipart/related", "html"),
        ("科目编码,名称\n2010601,行政运行\n".encode("gb18030"), "csv"),
        (("科目\t名称\n" * 3000).encode(), "csv"),
        ("科目\t名称\n".encode("utf-16"), "csv"),
        (bytes(range(256)), "unknown"),
        (b"\x09\x08\x10\x00\x00\x06\x05\x00", "xls"),
    ],
)
def test_content_decides_not_the_name(tmp_path: Path, content: bytes, kind: str) -> None:
    path = tmp_path / "表.xls"
    path.write_bytes(content)
    assert sniff(path) == kind
    if kind not in READABLE:
        with pytest.raises(Unreadable, match=r"^[^\n]+。$"):
            read(path)


@pytest.mark.parametrize(
    ("content_type", "kind"),
    [
        (OFFICE + "spreadsheetml.sheet.main+xml", "xlsx"),
        ("application/vnd.ms-excel.sheet.macroEnabled.main+xml", "xlsx"),
        ("application/vnd.ms-excel.sheet.binary.macroEnabled.main", "xlsb"),
        (OFFICE + "wordprocessingml.document.main+xml", "docx"),
        (OFFICE + "presentationml.presentation.main+xml", "ppt"),
        (OFFICE + "spreadsheetml.sheet", "archive"),  # an embedded workbook is no main part
    ],
)
def test_packages_by_content_type(tmp_path: Path, content_type: str, kind: str) -> None:
    assert sniff(package(tmp_path / "表.dat", content_type)) == kind


def test_other_zips(tmp_path: Path) -> None:
    ods = package(tmp_path / "a", mimetype="application/vnd.oasis.opendocument.spreadsheet")
    assert sniff(ods) == "ods"
    assert sniff(package(tmp_path / "b", mimetype="application/vnd.oasis.opendocument.text")) == "odt"
    assert sniff(package(tmp_path / "c", OFD__xml="<OFD/>")) == "ofd"
    assert sniff(package(tmp_path / "d", a__txt="a")) == "archive"
    whole = ods.read_bytes()
    ods.write_bytes(whole[: len(whole) // 2])
    assert sniff(ods) == "broken zip"


def test_text_is_told_from_csv_by_name_only(tmp_path: Path) -> None:
    for name, kind in (("报告.txt", "text"), ("报告.md", "text"), ("报告.csv", "csv")):
        (tmp_path / name).write_text("收、支总计 5,010.42 万元\n", "utf-8")
        assert sniff(tmp_path / name) == kind


def test_what_cannot_be_opened_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Unreadable, match="找不到文件"):
        read(tmp_path / "没有.xlsx")
    with pytest.raises(Unreadable, match="文件夹"):
        read(tmp_path)
    path = tmp_path / "a.xlsx"
    path.write_bytes(b"PK")

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(Unreadable, match="独占"):
        read(path)


def test_every_refusal_is_a_sentence_with_advice() -> None:
    for kind, sentence in sniffing._REFUSALS.items():
        assert refusal(kind) == sentence and sentence.endswith("。")
    assert all(refusal(kind) is None for kind in READABLE)
