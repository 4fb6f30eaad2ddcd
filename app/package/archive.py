"""A zip file held in memory: entries are read within limits and copied raw when it is saved."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import IO, cast

from app.package.markup import Damaged, ill_formed
from app.reading.errors import Unreadable

FILE_LIMIT = 512 << 20  # bytes on disk
TOTAL_LIMIT = 1536 << 20  # bytes uncompressed, all parts together
ENTRY_LIMIT = 50_000
PART_LIMIT = 512 << 20  # bytes of a part read at once
RATIO_FROM = 64 << 20  # below this size any ratio is harmless (deflate reaches 1,032)
RATIO_LIMIT = 200
OLE = bytes.fromhex("d0cf11e0a1b11ae1")
_LOCAL = struct.Struct("<4s5H3I2H")
_CENTRAL = struct.Struct("<4s6H3I5H2I")
_END = struct.Struct("<4s4H2IH")
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, struct.error, ValueError)


class Archive:
    """The entries of a zip file. Raises ``Unreadable`` (what is the matter, what to do)."""

    def __init__(self, path: str | Path) -> None:
        self._data = _load(Path(path))
        if self._data.count(b"PK\1\2") > ENTRY_LIMIT:  # before zipfile makes an object of each
            raise Unreadable("文件内部的部件多得不正常，为安全起见没有读取；请确认文件来源。")
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(self._data))
        except _BROKEN as error:
            raise Unreadable(
                "文件不完整或已损坏（可能没有下载或复制完），请重新取得这个文件，或用 Excel、WPS 修复后另存。"
            ) from error
        # Of entries with one name (no valid package has that) the last counts, as in zipfile.
        last = {e.filename.lower(): e for e in self._zip.infolist() if e.filename and not e.is_dir()}
        self.entries: list[zipfile.ZipInfo] = list(last.values())
        self._check()

    def _check(self) -> None:
        total = sum(e.file_size for e in self.entries)
        packed = sum(e.compress_size for e in self.entries)
        if packed > len(self._data):
            raise Unreadable("文件已损坏（内部各部分互相重叠），请重新取得这个文件。")
        if total > TOTAL_LIMIT or (total > RATIO_FROM and total > RATIO_LIMIT * max(packed, 1)):
            raise Unreadable(
                f"文件解压后有 {total / (1 << 20):,.0f} MB，远超正常的工作簿，为安全起见没有读取；"
                "请确认文件来源，或把需要校核的表另存为新的工作簿。"
            )
        if any(e.flag_bits & 1 for e in self.entries):
            raise Unreadable("文件设有压缩密码，请取消密码后再校核。")

    def read(self, entry: zipfile.ZipInfo) -> bytes:
        """The uncompressed bytes of an entry."""
        if entry.file_size > PART_LIMIT:
            raise Damaged(f"文件内部的“{entry.filename}”太大，无法读取；请把需要校核的表另存为新的工作簿。")
        try:
            return self._zip.read(entry)
        except _BROKEN as error:
            raise Damaged(ill_formed(entry.filename)) from error

    def stream(self, entry: zipfile.ZipInfo) -> IO[bytes]:
        """An entry as a stream; what it gives is capped by the size that was checked."""
        try:
            return cast(IO[bytes], _Stream(self._zip.open(entry), entry.filename))
        except _BROKEN as error:
            raise Damaged(ill_formed(entry.filename)) from error

    def raw(self, entry: zipfile.ZipInfo) -> tuple[bytes, bytes, bytes]:
        """Name, extra field and compressed data of an entry, as they stand in the file."""
        start = entry.header_offset
        try:
            head = _LOCAL.unpack_from(self._data, start)
        except struct.error as error:
            raise Damaged(ill_formed(entry.filename)) from error
        name = start + _LOCAL.size
        extra = name + head[9]
        data = extra + head[10]
        if head[0] != b"PK\3\4" or data + entry.compress_size > len(self._data):
            raise Damaged(ill_formed(entry.filename))
        return self._data[name:extra], self._data[extra:data], self._data[data : data + entry.compress_size]

    def save(self, path: str | Path, changed: Mapping[str, bytes | None], added: Mapping[str, bytes]) -> None:
        """Writes the archive to ``path``: entries in ``changed`` anew (None: left out), ``added`` last.

        All others keep their place, name, date, attributes and compressed bytes. Raises ``OSError``.
        """
        out = _Writer(Path(path))
        with out:
            for entry in self.entries:
                if entry.filename not in changed:
                    out.copy(entry, *self.raw(entry))
                elif (data := changed[entry.filename]) is not None:
                    out.deflate(entry, data)
            for name, data in added.items():
                info = zipfile.ZipInfo(name)
                info.create_system = 0
                out.deflate(info, data)


class _Stream(io.RawIOBase):
    """Turns what zipfile raises in the middle of a damaged entry into ``Damaged``."""

    def __init__(self, inner: IO[bytes], name: str) -> None:
        self._inner = inner
        self._name = name

    def readable(self) -> bool:
        return True

    def read(self, size: int | None = -1) -> bytes:
        try:
            return self._inner.read(-1 if size is None else size)
        except _BROKEN as error:
            raise Damaged(ill_formed(self._name)) from error


class _Writer:
    """Writes zip entries and their directory. Sizes stay below 4 GB by ``TOTAL_LIMIT``."""

    def __init__(self, path: Path) -> None:
        self._out = path.open("wb")
        self._directory: list[bytes] = []

    def __enter__(self) -> _Writer:
        return self

    def __exit__(self, failed: object, *_: object) -> None:
        try:
            if failed is None:
                self._finish()
        finally:
            self._out.close()

    def deflate(self, info: zipfile.ZipInfo, data: bytes) -> None:
        packer = zlib.compressobj(6, zlib.DEFLATED, -15)
        packed = packer.compress(data) + packer.flush()
        name, utf8 = _encoded(info.filename)
        new = zipfile.ZipInfo(info.filename, info.date_time)
        new.create_system, new.external_attr, new.internal_attr = (
            info.create_system,
            info.external_attr,
            info.internal_attr,
        )
        new.compress_type, new.flag_bits = zipfile.ZIP_DEFLATED, utf8
        new.CRC, new.compress_size, new.file_size = zlib.crc32(data), len(packed), len(data)
        self._write(new, name, b"", packed, b"")

    def copy(self, info: zipfile.ZipInfo, name: bytes, extra: bytes, packed: bytes) -> None:
        self._write(info, name, extra, packed, info.extra)

    def _write(self, info: zipfile.ZipInfo, name: bytes, extra: bytes, packed: bytes, central: bytes) -> None:
        year, month, day, hour, minute, second = info.date_time
        date, time = (year - 1980) << 9 | month << 5 | day, hour << 11 | minute << 5 | second // 2
        # Bit 3 (sizes follow the data) is cleared: the sizes are known and stand in the header.
        flags = info.flag_bits & ~0x08
        shared = (flags, info.compress_type, time, date, info.CRC, info.compress_size, info.file_size, len(name))
        extra, central = _without_zip64(extra), _without_zip64(central)
        offset = self._out.tell()
        version = min(info.extract_version, 20)
        self._out.write(_LOCAL.pack(b"PK\3\4", version, *shared, len(extra)) + name + extra + packed)
        made = info.create_system << 8 | info.create_version
        self._directory.append(
            _CENTRAL.pack(
                b"PK\1\2", made, version, *shared, len(central), len(info.comment), 0, info.internal_attr,
                info.external_attr, offset,
            )
            + name + central + info.comment
        )  # fmt: skip

    def _finish(self) -> None:
        start = self._out.tell()
        self._out.writelines(self._directory)
        count, size = len(self._directory), self._out.tell() - start
        self._out.write(_END.pack(b"PK\5\6", 0, 0, count, count, size, start, 0))


def _encoded(name: str) -> tuple[bytes, int]:
    """A part name as bytes, and the flag that says they are UTF-8."""
    return (name.encode(), 0) if name.isascii() else (name.encode(), 0x800)


def _without_zip64(extra: bytes) -> bytes:
    """An extra field without its zip64 sizes (id 1), which would contradict the 32-bit ones."""
    kept, at = b"", 0
    while at + 4 <= len(extra):
        kind, size = struct.unpack_from("<2H", extra, at)
        if kind != 1:
            kept += extra[at : at + 4 + size]
        at += 4 + size
    return kept + extra[at:]


def _load(path: Path) -> bytes:
    """The bytes of a file: held as a whole, so it is never locked and cannot change under us."""
    try:
        if path.stat().st_size > FILE_LIMIT:
            raise Unreadable(f"文件超过 {FILE_LIMIT >> 20} MB，无法读取；请把需要校核的表另存为新的工作簿。")
        data = path.read_bytes()
    except FileNotFoundError as error:
        raise Unreadable("找不到这个文件，请检查它是否已被移动或改名。") from error
    except IsADirectoryError as error:
        raise Unreadable("这是一个文件夹，不是工作簿。") from error
    except OSError as error:
        raise Unreadable("打不开这个文件（可能没有权限，或正被其他程序独占），请关闭占用它的程序后再试。") from error
    if not data:
        raise Unreadable("文件是空的（0 字节），请重新取得这个文件。")
    if data.startswith(OLE):
        raise Unreadable(_ole(data))
    if not data.startswith(b"PK"):
        raise Unreadable("这不是 Excel 工作簿（内容与扩展名不符），请用 Excel 或 WPS 打开后另存为 .xlsx。")
    return data


def _ole(data: bytes) -> str:
    # The names of streams stand in the directory of the compound file as UTF-16.
    if "EncryptedPackage".encode("utf-16-le") in data:
        return "文件设有打开密码，请在 Excel 或 WPS 中取消密码（文件 → 信息 → 保护工作簿）后再校核。"
    return "这是旧格式（.xls）的内容，扩展名却是 .xlsx，请用 Excel 或 WPS 打开后另存为 .xlsx。"
