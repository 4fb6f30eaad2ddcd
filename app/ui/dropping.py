"""What is being dropped, or was chosen: which of it the program can take, said before the drop."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from PySide6.QtCore import QMimeData

WORKBOOKS = (".xlsx", ".xlsm", ".xls", ".et", ".xlsb", ".ods")
REPORTS = (".pdf", ".docx", ".txt", ".md")
KINDS = (*WORKBOOKS, *REPORTS)
FILTER = "决算公开表或报告 (" + " ".join(f"*{kind}" for kind in KINDS) + ")"

_REFUSED = {
    ".doc": "不支持 .doc，请另存为 .docx",
    ".wps": "不支持 .wps，请另存为 .docx",
    ".odt": "不支持 .odt，请另存为 .docx",
    ".rtf": "不支持 .rtf，请另存为 .docx",
    ".ofd": "不支持 OFD，请提供 Excel、Word 或 PDF",
    ".csv": "不支持 CSV，请另存为 .xlsx",
    ".htm": "这是网页，请另存为 .xlsx",
    ".html": "这是网页，请另存为 .xlsx",
    ".xml": "不支持 .xml，请另存为 .xlsx",
    ".zip": "这是压缩包，请先解压",
    ".rar": "这是压缩包，请先解压",
    ".7z": "这是压缩包，请先解压",
    ".ppt": "这是演示文稿，不是决算公开表或报告",
    ".pptx": "这是演示文稿，不是决算公开表或报告",
    **dict.fromkeys(
        (".png", ".jpg", ".jpeg", ".bmp", ".gif", ".tif", ".tiff"), "图片里的文字认不出，请提供 Excel、Word 或 PDF"
    ),
}


@dataclass(frozen=True, slots=True)
class Offer:
    """What hovers: ``paths`` that can be taken, and a sentence each on why others cannot."""

    paths: list[Path] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)

    @property
    def sentence(self) -> str:
        """What the drop area says."""
        if not self.paths:
            return self.refused[0] if self.refused else "请拖入 Excel、WPS、PDF 或 Word 文件"
        said = "松开即开始校核"
        if len(self.paths) > 1:
            said += f"（{len(self.paths)} 个）"
        return f"{said}；另有 {len(self.refused)} 个文件不支持" if self.refused else said


def offered(data: QMimeData) -> Offer:
    """What a drag holds; links to the web and text are not files."""
    urls = data.urls() if data.hasUrls() else []
    return sorted_out([Path(url.toLocalFile()) for url in urls if url.isLocalFile()])


def sorted_out(paths: Sequence[Path]) -> Offer:
    """Files and folders by what they are called; their content is looked at by the workers alone."""
    taken, refused = [], []
    for path in paths:
        kind = path.suffix.lower()
        if kind in KINDS or path.is_dir():
            taken.append(path)
        else:
            refused.append(
                _REFUSED.get(kind) or f"不支持 {kind or '没有后缀名的文件'}，请提供 Excel、WPS、PDF 或 Word 文件"
            )
    return Offer(taken, refused)


def as_case(paths: Sequence[Path]) -> tuple[Path, Path] | None:
    """A report and its workbook, where exactly these two were given: they make one case (案卷)."""
    if len(paths) != 2 or any(path.is_dir() for path in paths):
        return None
    books = [p for p in paths if p.suffix.lower() in WORKBOOKS]
    reports = [p for p in paths if p.suffix.lower() in REPORTS]
    return (reports[0], books[0]) if len(books) == len(reports) == 1 else None
