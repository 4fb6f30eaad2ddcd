"""A ``.docx`` opened within limits: its parts by what they are, parsed without trust."""

from __future__ import annotations

import posixpath
import zipfile
import zlib
from pathlib import Path

from lxml import etree

from app.package import markup
from app.reading.errors import Unreadable

FILE_LIMIT = 256 << 20  # bytes on disk; reports with many pictures reach 100 MB
PART_LIMIT = 32 << 20  # bytes of one XML part uncompressed; of the smallest elements a tree takes 30 times as much
_STRICT = (
    (
        b"http://purl.oclc.org/ooxml/wordprocessingml/main",
        b"http://schemas.openxmlformats.org/wordprocessingml/2006/main",
    ),
    (b"http://purl.oclc.org/ooxml/officeDocument/", b"http://schemas.openxmlformats.org/officeDocument/2006/"),
)
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError, OSError)
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_DAMAGED = "文件不完整或已损坏（可能没有下载或复制完），请用 Word 或 WPS 打开并修复后另存为 .docx，再重新校核"


def usual(data: bytes) -> bytes:
    """A part with the namespaces of strict files replaced by the usual ones."""
    for strict, transitional in _STRICT:
        data = data.replace(strict, transitional)
    return data


class WordPackage:
    """The XML parts of a Word file. Raises ``Unreadable`` with one Chinese sentence."""

    def __init__(self, path: Path) -> None:
        self._zip = _open(path)
        self._names = {n.lower(): n for n in self._zip.namelist()}
        self.main = self._target("", "officeDocument") or "word/document.xml"
        if not self.has(self.main):
            raise Unreadable("这是压缩文件，里面没有 Word 文档，请解压后选择其中的 .docx 文件")

    def has(self, name: str) -> bool:
        return name.lower() in self._names

    def root(self, name: str) -> etree._Element:
        """The root element of a part; strict namespaces read as the usual ones."""
        info = self._zip.getinfo(self._names[name.lower()])
        if info.file_size > PART_LIMIT:
            raise Unreadable(
                f"文档内容解压后超过 {PART_LIMIT >> 20} MB，远超正常的报告，为安全起见没有读取；"
                "请确认文件来源，或拆分后再校核"
            )
        try:
            data = self._zip.read(info)
        except _BROKEN as error:
            raise Unreadable(_DAMAGED) from error
        try:
            return markup.parse(usual(data), name)
        except markup.Damaged as error:
            raise Unreadable(str(error).replace("Excel", "Word")) from error

    def related(self, kind: str) -> etree._Element | None:
        """The part the main document names as ``kind`` (``numbering``, ``footnotes`` …), None if none."""
        name = self._target(self.main, kind)
        return self.root(name) if name else None

    def _target(self, part: str, kind: str) -> str:
        folder, name = posixpath.split(part)
        path = posixpath.join(folder, "_rels", f"{name}.rels")
        if not self.has(path):
            return ""
        for relation in self.root(path):
            if markup.local(relation) == "Relationship" and relation.get("Type", "").rpartition("/")[2] == kind:
                target = relation.get("Target", "").replace("\\", "/")
                found = posixpath.normpath(posixpath.join("/" + folder, target)).lstrip("/")
                if relation.get("TargetMode", "").lower() != "external" and self.has(found):
                    return found
        return ""


def _open(path: Path) -> zipfile.ZipFile:
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            head = file.read(8)
    except OSError as error:
        raise Unreadable(
            "打不开这个文件（可能已被移动、没有权限，或正被其他程序独占），请关闭占用它的程序后再试"
        ) from error
    if not size:
        raise Unreadable("文件是空的（0 字节），请重新取得这个文件")
    if size > FILE_LIMIT:
        raise Unreadable(f"文件超过 {FILE_LIMIT >> 20} MB，无法读取；请压缩或删去文中图片后另存再校核")
    if head == _OLE:
        raise Unreadable(_ole(path))
    if not head.startswith(b"PK"):
        raise Unreadable("这不是 Word 文档（内容与扩展名不符），请用 Word 或 WPS 打开后另存为 .docx")
    try:
        package = zipfile.ZipFile(path)
    except _BROKEN as error:
        raise Unreadable(_DAMAGED) from error
    if any(i.flag_bits & 1 for i in package.infolist()):
        raise Unreadable("文件设有压缩密码，请取消密码后再校核")
    return package


def _ole(path: Path) -> str:
    """What an OLE file is: names of its streams stand in its directory as UTF-16."""
    with path.open("rb") as file:
        data = file.read(64 << 20)
    if "EncryptedPackage".encode("utf-16-le") in data:
        return "文件设有打开密码，请在 Word 或 WPS 中取消密码（文件 → 信息 → 保护文档）后再校核"
    return "不支持旧版 Word 文件（.doc/.wps），请用 Word 或 WPS 打开后另存为 .docx 再校核"
