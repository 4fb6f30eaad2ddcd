"""The package: what it refuses, how it resolves, and that saving touches only what changed."""

from __future__ import annotations

import io
import struct
import time
import zipfile
from pathlib import Path

import handmade as hand
import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.package import archive
from app.package.container import Package
from app.package.markup import Damaged, parse
from app.package.workbook_reader import read
from app.reading.errors import Unreadable

ROW = "<sheetData><row><c><v>7</v></c></row></sheetData>"


@pytest.fixture
def book(tmp_path: Path) -> Path:
    return hand.package(
        tmp_path / "book.xlsx", {**hand.parts(ROW, styles="<cellXfs/>"), "xl/media/图.png": b"\x89PNG" * 99}
    )


def refusal(path: Path) -> str:
    """The one sentence with which a file is refused; it must be one, in Chinese, and quick."""
    start = time.perf_counter()
    with pytest.raises(Unreadable) as caught:
        read(path)
    assert time.perf_counter() - start < 1
    message = str(caught.value)
    assert message.endswith("。")
    assert "\n" not in message
    return message


# --- refusing ------------------------------------------------------------------------------------


def test_no_file_no_bytes_no_workbook(tmp_path: Path) -> None:
    assert "找不到" in refusal(tmp_path / "none.xlsx")
    assert "文件夹" in refusal(tmp_path)
    for data, words in (
        (b"", "空的"),
        (b"\xef\xbb\xbf<html>", "不是 Excel"),
        (b"PK", "不完整"),
        (b"PK\5\6" + bytes(18), "没有工作簿"),
    ):
        path = tmp_path / "x.xlsx"
        path.write_bytes(data)
        assert words in refusal(path), data


@pytest.mark.parametrize("keep", [0.02, 0.3, 0.6, 0.95, 0.999])
def test_truncated(book: Path, keep: float) -> None:
    data = book.read_bytes()
    book.write_bytes(data[: int(len(data) * keep)])
    assert "不完整" in refusal(book)


def test_encrypted_and_old_formats(tmp_path: Path) -> None:
    path = tmp_path / "x.xlsx"
    path.write_bytes(archive.OLE + bytes(500) + "EncryptedPackage".encode("utf-16-le") + bytes(500))
    assert "打开密码" in refusal(path)
    path.write_bytes(archive.OLE + bytes(1000))
    assert ".xls" in refusal(path)


def test_zip_password(book: Path) -> None:
    data = bytearray(book.read_bytes())
    at = 0
    while (at := data.find(b"PK\1\2", at)) >= 0:
        data[at + 8] |= 1
        at += 4
    book.write_bytes(data)
    assert "压缩密码" in refusal(book)


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml", "Word"),
        ("application/vnd.openxmlformats-officedocument.presentationml.presentation.main+xml", "演示"),
        ("application/vnd.ms-excel.sheet.binary.macroEnabled.main", "xlsb"),
    ],
)
def test_other_packages(tmp_path: Path, kind: str, words: str) -> None:
    made = {**hand.parts(ROW), "[Content_Types].xml": hand.content_types(kind)}
    assert words in refusal(hand.package(tmp_path / "w.xlsx", made))


def test_a_plain_zip(tmp_path: Path) -> None:
    assert "压缩文件" in refusal(hand.package(tmp_path / "z.xlsx", {"收入.txt": "甲"}))


def test_zip_bomb_of_two_gigabytes(tmp_path: Path) -> None:
    path = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as out:
        for name, text in hand.parts(ROW).items():
            out.writestr(name, text)
        out.writestr("xl/bomb.xml", b"x")
    data = bytearray(path.read_bytes())
    entry = data.rfind(b"PK\1\2")
    data[entry + 24 : entry + 28] = struct.pack("<I", 2 << 30)  # what the directory declares
    path.write_bytes(data)
    assert "解压后" in refusal(path)


def test_zip_bomb_that_lies_about_its_size(tmp_path: Path) -> None:
    made: dict[str, str | bytes] = dict(hand.parts(ROW))
    made["xl/worksheets/sheet1.xml"] = b"<" + b" " * (8 << 20)
    path = hand.package(tmp_path / "liar.xlsx", made)
    data = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as opened:
        info = opened.getinfo("xl/worksheets/sheet1.xml")
    size = struct.pack("<I", info.file_size)
    data[:] = data.replace(size, struct.pack("<I", 100))
    path.write_bytes(data)
    assert "没有一个工作表能读出" in refusal(path)


def test_high_ratio_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "ratio.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as out:
        for name, text in hand.parts(ROW).items():
            out.writestr(name, text)
        for n in range(9):
            out.writestr(f"xl/bomb{n}.xml", bytes(8 << 20))
    assert "解压后有 72 MB" in refusal(path)


def test_endless_directory_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "entries.xlsx"
    path.write_bytes(b"PK\3\4" + (b"PK\1\2" + bytes(42)) * 60_000 + b"PK\5\6" + bytes(18))
    assert "部件多得不正常" in refusal(path)


def test_overlapping_entries_are_refused(tmp_path: Path) -> None:
    noise = bytes(range(256)) * 40
    path = tmp_path / "overlap.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as out:
        out.writestr("a", noise)
        for n in range(9):
            out.filelist.append(out.filelist[0])
            out.NameToInfo[str(n)] = out.filelist[0]
    data = path.read_bytes()
    parts = data.split(b"PK\1\2")
    named = [p[:42] + bytes([65 + i]) + p[43:] for i, p in enumerate(parts[1:])]  # a name for each
    path.write_bytes(b"PK\1\2".join([parts[0], *named]))
    assert "重叠" in refusal(path)


def test_a_damaged_part_is_named(book: Path) -> None:
    data = book.read_bytes()
    with zipfile.ZipFile(book) as opened:
        info = opened.getinfo("xl/worksheets/sheet1.xml")
    start = info.header_offset + 30 + len(info.filename)
    book.write_bytes(data[:start] + b"\xff" * 8 + data[start + 8 :])
    with pytest.raises(Damaged, match=r"xl/worksheets/sheet1\.xml"):
        Package.open(book).read("xl/worksheets/sheet1.xml")
    assert "没有一个工作表能读出" in refusal(book)


@pytest.mark.parametrize(
    "text",
    [
        '<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/hostname">]><a>&e;</a>',
        '<?xml version="1.0" encoding="UTF-16"?><!-- <a> --><!DOCTYPE a><a/>',
        '<?xml version="1.0" encoding="GBK"?><!DOCTYPE a [<!ENTITY e "汉">]><a b="&e;"/>',
    ],
)
def test_document_types_are_refused(text: str) -> None:
    coding = "utf-16" if "UTF-16" in text else "gbk" if "GBK" in text else "utf-8"
    with pytest.raises(Damaged, match="外部引用"):
        parse(text.encode(coding), "xl/a.xml")


def test_other_encodings_are_read() -> None:
    for coding in ("utf-8", "utf-16", "gbk"):
        assert parse(f'<?xml version="1.0" encoding="{coding}"?><a b="汉"/>'.encode(coding), "a").get("b") == "汉"


# --- resolving -----------------------------------------------------------------------------------


def test_names_relations_and_types(book: Path) -> None:
    package = Package.open(book)
    assert package.workbook == "xl/workbook.xml"
    assert package.has("XL/Workbook.XML")
    assert package.read("/xl/WORKBOOK.xml") == package.read("xl/workbook.xml")
    assert not package.has("xl/none.xml")
    assert package.relation_path("xl/worksheets/sheet1.xml") == "xl/worksheets/_rels/sheet1.xml.rels"
    assert package.relation_path("") == "_rels/.rels"
    assert package.relations("xl/worksheets/sheet1.xml") == []
    first = package.relations("xl/workbook.xml")[0]
    assert (first.id, first.kind, first.target, first.external) == (
        "r1",
        "worksheet",
        "xl/worksheets/sheet1.xml",
        False,
    )
    assert package.content_type("XL/workbook.xml").endswith("sheet.main+xml")
    assert package.content_type("xl/styles.xml") == "application/xml"
    assert package.content_type("xl/media/图.png") == ""
    assert (package.signed, package.is_macro) == (False, False)
    with pytest.raises(Damaged, match="缺少"):
        package.read("xl/none.xml")


@pytest.mark.parametrize(
    ("target", "name"),
    [
        ("../a.xml", "xl/a.xml"),
        ("/xl/a.xml", "xl/a.xml"),
        ("b.xml#R1", "xl/worksheets/b.xml"),
        ("..\\media\\a.png", "xl/media/a.png"),
        ("../../../../etc/passwd", "etc/passwd"),
        ("../media/%E5%9B%BE.png", "xl/media/图.png"),
        ("file:///C:/a.xlsx", "file:///C:/a.xlsx"),
    ],
)
def test_targets(book: Path, target: str, name: str) -> None:
    package = Package.open(book)
    package.put("xl/worksheets/_rels/sheet1.xml.rels", hand.relations(("r", "t/x", target)).encode())
    assert package.relations("xl/worksheets/sheet1.xml")[0].target == name


# --- saving --------------------------------------------------------------------------------------


def raw(path: Path) -> dict[str, tuple[object, ...]]:
    """Each entry with what must survive: compressed bytes, date, attributes, comment, extra."""
    data, kept = path.read_bytes(), {}
    with zipfile.ZipFile(io.BytesIO(data)) as opened:
        assert opened.testzip() is None
        for info in opened.infolist():
            name, extra = struct.unpack_from("<2H", data, info.header_offset + 26)
            start = info.header_offset + 30 + name + extra
            packed = data[start : start + info.compress_size]
            kept[info.filename] = (
                packed,
                info.date_time,
                info.external_attr,
                info.comment,
                info.extra,
                info.compress_type,
            )
    return kept


def test_saving_unchanged_keeps_every_entry(book: Path, tmp_path: Path) -> None:
    Package.open(book).save(tmp_path / "out.xlsx")
    assert list(raw(tmp_path / "out.xlsx").items()) == list(raw(book).items())
    assert (tmp_path / "out.xlsx").read_bytes() == book.read_bytes()


def test_awkward_entries_survive(tmp_path: Path) -> None:
    path = tmp_path / "awkward.xlsx"
    buffer = io.BytesIO()

    class Pipe(io.RawIOBase):  # cannot seek: sizes follow the data, as many exporters write
        def writable(self) -> bool:
            return True

        def write(self, data: object) -> int:
            return buffer.write(data)  # type: ignore[arg-type]

    with zipfile.ZipFile(Pipe(), "w", zipfile.ZIP_DEFLATED) as out:
        for name, text in hand.parts(ROW).items():
            with out.open(name, "w", force_zip64=name.endswith("sheet1.xml")) as part:
                part.write(text.encode())
        stored = zipfile.ZipInfo("xl/vbaProject.bin", (2001, 2, 3, 4, 5, 6))
        stored.comment, stored.external_attr, stored.extra = b"note", 0o644 << 16, b"\x99\x99\2\0ab"
        out.writestr(stored, bytes(range(256)))
        out.comment = b"tail"
    path.write_bytes(buffer.getvalue())
    Package.open(path).save(tmp_path / "out.xlsx")
    before, after = raw(path), raw(tmp_path / "out.xlsx")
    assert before.keys() == after.keys()
    for name in before:
        assert before[name] == after[name], name
    assert read(tmp_path / "out.xlsx").grids[0].text(0, 0) == "7"


def test_only_what_changed_is_written_anew(book: Path, tmp_path: Path) -> None:
    package, out = Package.open(book), tmp_path / "out.xlsx"
    package.put("XL/Styles.xml", b"<styleSheet/>")
    package.put("xl/comments1.xml", b"<comments/>", "application/comments+xml")
    package.drop("xl/media/图.png")
    assert package.read("xl/styles.xml") == b"<styleSheet/>"
    assert package.stream("xl/styles.xml").read() == b"<styleSheet/>"
    assert package.names[-1] == "xl/comments1.xml"
    assert not package.has("xl/media/图.png")
    package.save(out)
    before, after = raw(book), raw(out)
    assert list(after) == [n for n in before if "图" not in n] + ["xl/comments1.xml"]
    assert {n for n in after if after[n] != before.get(n)} == {
        "xl/styles.xml",
        "xl/comments1.xml",
        "[Content_Types].xml",
    }
    again = Package.open(out)
    assert again.content_type("xl/comments1.xml") == "application/comments+xml"
    again.drop("xl/comments1.xml")
    assert again.content_type("xl/comments1.xml") == "application/xml"
    assert not again.has("xl/comments1.xml")


def test_dropping_takes_the_relations_of_the_part(book: Path) -> None:
    package = Package.open(book)
    package.drop("xl/workbook.xml")
    assert not package.has("xl/_rels/workbook.xml.rels")
    assert package.relations("xl/workbook.xml") == []


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(st.sampled_from(["a.bin", "xl/styles.xml", "xl/新.bin", "B.bin"]), st.binary(max_size=300)))
def test_what_is_put_is_saved_and_the_rest_stays(book: Path, new: dict[str, bytes]) -> None:
    package, out = Package.open(book), book.with_name("h.xlsx")
    for name, data in new.items():
        package.put(name, data)
    package.save(out)
    before, after = raw(book), raw(out)
    with zipfile.ZipFile(out) as opened:
        assert all(opened.read(name) == data for name, data in new.items())
    assert {n: v for n, v in after.items() if n not in new} == {n: v for n, v in before.items() if n not in new}


def test_openpyxl_opens_what_was_saved(tmp_path: Path) -> None:
    made = openpyxl.Workbook()
    made.active["B2"] = "合计"
    made.save(tmp_path / "in.xlsx")
    package = Package.open(tmp_path / "in.xlsx")
    package.put("xl/own.xml", b"<own/>", "application/own+xml")
    package.save(tmp_path / "out.xlsx")
    assert openpyxl.load_workbook(tmp_path / "out.xlsx").active["B2"].value == "合计"


def test_the_input_is_not_held(book: Path) -> None:
    package = Package.open(book)
    book.unlink()
    assert package.read("xl/workbook.xml")
