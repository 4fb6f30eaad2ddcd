"""What kind of file something is, by its content: names lie (an html page called ``.xls``)."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

from app.reading.errors import Unreadable

READABLE = ("xlsx", "xls", "xlsb", "ods", "pdf", "docx", "text")
_HEAD = 8192
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_AS_XLSX = "请在 Excel 或 WPS 中打开，另存为 .xlsx 后再试。"

# What is said of a kind that is not read. The name of the file is said by whoever shows this.
_REFUSALS = {
    "empty": "文件是空的（0 字节），请重新导出或复制一份再试。",
    "folder": "这是文件夹，不是文件。",
    "encrypted": "文件有打开密码，请在 Excel 或 WPS 中打开，去掉密码后另存再试。",
    "doc": "不支持旧版 Word 文件（.doc/.wps），请另存为 .docx 后再试。",
    "ppt": "这是演示文稿，不是决算公开表或报告。",
    "odt": "不支持 .odt 文档，请另存为 .docx 后再试。",
    "rtf": "这是 RTF 文档，请用 Word 或 WPS 打开，另存为 .docx 后再试。",
    "html": f"这其实是网页（HTML），不是真正的工作簿。{_AS_XLSX}",
    "xml2003": f"这是“XML 电子表格 2003”，不是真正的工作簿。{_AS_XLSX}",
    "csv": f"这其实是文本表格（CSV），没有格式和多个工作表。{_AS_XLSX}",
    "ofd": "不支持 OFD 版式文件，请提供 Excel、Word 或可复制文字的 PDF。",
    "picture": "这是图片，无法识别其中的文字。请提供 Excel、Word 或可复制文字的 PDF。",
    "archive": "这是压缩包，请先解压，再校核里面的文件。",
    "broken zip": "文件不完整或已损坏（可能没有下载或复制完），请重新获取，或用 Excel/WPS 打开修复后另存。",
    "unknown": "认不出这是什么文件，请提供 Excel、WPS 表格、PDF 或 Word（.docx）文件。",
}
_MAGIC = (
    (b"{\\rtf", "rtf"),
    (b"\x89PNG", "picture"),
    (b"\xff\xd8\xff", "picture"),
    (b"GIF8", "picture"),
    (b"BM", "picture"),
    (b"II*\0", "picture"),
    (b"MM\0*", "picture"),
    (b"Rar!", "archive"),
    (b"7z\xbc\xaf\x27\x1c", "archive"),
    (b"\x1f\x8b", "archive"),
    # A BIFF stream that stands alone, as old exports write it: 2.0, 3.0, 4.0, 5.0
    (b"\x09\x00\x04\x00", "xls"),
    (b"\x09\x02\x06\x00", "xls"),
    (b"\x09\x04\x06\x00", "xls"),
    (b"\x09\x08\x08\x00", "xls"),
    (b"\x09\x08\x10\x00", "xls"),
)
_MAIN_PARTS = (  # content types of main parts
    (b"spreadsheetml.sheet.main+xml", "xlsx"),
    (b"spreadsheetml.template.main+xml", "xlsx"),
    (b"ms-excel.sheet.macroenabled.main+xml", "xlsx"),
    (b"ms-excel.template.macroenabled.main+xml", "xlsx"),
    (b"ms-excel.addin.macroenabled.main+xml", "xlsx"),
    (b"ms-excel.sheet.binary.macroenabled.main", "xlsb"),
    (b"wordprocessingml.document.main+xml", "docx"),
    (b"wordprocessingml.template.main+xml", "docx"),
    (b"ms-word.document.macroenabled.main+xml", "docx"),
    (b"presentationml", "ppt"),
)
_MARKUP = re.compile(
    rb"\s*(?:<!--.*?-->\s*)*(?:<\?xml[^>]*\?>\s*)?<(?:!doctype\s+html|html|head|meta|body|table|style|script|div)\b",
    re.I | re.S,
)


def refusal(kind: str) -> str | None:
    """The sentence for a kind that cannot be read, None for one that can."""
    return None if kind in READABLE else _REFUSALS[kind]


def sniff(path: Path) -> str:
    """The kind of the file at ``path``: one of ``READABLE``, or of what ``refusal`` knows.

    Raises ``Unreadable`` when the file is gone, or the system does not let it be opened.
    """
    if path.is_dir():
        return "folder"
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD)
    except OSError as error:
        raise cannot_open(error) from error
    if not head:
        return "empty"
    if head.startswith(b"PK"):
        return _zip_kind(path)
    if head.startswith(_OLE):
        return _ole_kind(path)
    if b"%PDF-" in head[:1024]:
        return "pdf"
    for magic, kind in _MAGIC:
        if head.startswith(magic):
            return kind
    return _text_kind(head, path.suffix.lower())


def cannot_open(error: OSError) -> Unreadable:
    """Why the system refuses to open a file, as a sentence."""
    if isinstance(error, FileNotFoundError):
        return Unreadable("找不到文件，可能已被移动、改名或删除，请重新选择。")
    if isinstance(error, PermissionError):
        return Unreadable("无法打开文件：它正被其他程序独占（如 Excel），或没有读取权限。请关闭该程序或复制一份再试。")
    return Unreadable("读取文件时出错：磁盘或网络位置可能已断开，请复制到本机再试。")


def _zip_kind(path: Path) -> str:
    try:
        with zipfile.ZipFile(path) as package:
            names = {name.lower().lstrip("/"): name for name in package.namelist()}
            if types := names.get("[content_types].xml"):
                with package.open(types) as part:
                    declared = part.read(1 << 20).lower()
                found = next((kind for mark, kind in _MAIN_PARTS if mark in declared), None)
                return found or "archive"
            if "mimetype" in names:
                with package.open(names["mimetype"]) as part:
                    return _open_document(part.read(200), names)
            return "ofd" if "ofd.xml" in names else "archive"
    except OSError as error:
        raise cannot_open(error) from error
    except (zipfile.BadZipFile, ValueError, NotImplementedError, RuntimeError, EOFError, zipfile.zlib.error):  # type: ignore[attr-defined]
        return "broken zip"


def _open_document(mimetype: bytes, names: dict[str, str]) -> str:
    if b"opendocument.spreadsheet" in mimetype:
        return "ods"
    if b"opendocument.presentation" in mimetype:
        return "ppt"
    return "odt" if b"opendocument" in mimetype else "archive"


def _ole_kind(path: Path) -> str:
    """By the streams of an OLE file: a workbook, an encrypted package, an old Word file."""
    import os

    from xlrd import compdoc

    try:
        with open(os.devnull, "w", encoding="utf-8") as log:  # noqa: PTH123 - xlrd wants a log to write to
            names = {entry.name for entry in compdoc.CompDoc(path.read_bytes(), logfile=log).dirlist if entry.etype}
    except OSError as error:
        raise cannot_open(error) from error
    except Exception:  # xlrd meets a damaged directory with whatever error comes first
        return "broken zip"
    streams = (
        ("EncryptedPackage", "encrypted"),
        ("Workbook", "xls"),
        ("Book", "xls"),
        ("WordDocument", "doc"),
        ("PowerPoint Document", "ppt"),
    )
    return next((kind for stream, kind in streams if stream in names), "unknown")


def _text_kind(head: bytes, suffix: str) -> str:
    if _MARKUP.match(head.lstrip(b"\xef\xbb\xbf")):
        return "html"
    if b"urn:schemas-microsoft-com:office:spreadsheet" in head:
        return "xml2003"
    if re.match(rb"mime-version:", head, re.I):
        return "html"
    text = _decoded(head)
    if text is None:
        return "unknown"
    if _MARKUP.match(text.encode()):
        return "html"
    return "text" if suffix in (".txt", ".md", ".markdown", ".text", "") else "csv"


def _decoded(head: bytes) -> str | None:
    """``head`` as text, in an encoding that Chinese text comes in; None when it is no text."""
    marks = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
    encodings = [name for mark, name in marks if head.startswith(mark)] or ["utf-8", "gb18030"]
    for encoding in encodings:
        for cut in range(4):  # the head may end inside a character
            try:
                text = head[: len(head) - cut].decode(encoding)
            except UnicodeDecodeError:
                continue
            return None if re.search(r"[\x00-\x08\x0e-\x1a\x1c-\x1f]", text) else text
    return None
