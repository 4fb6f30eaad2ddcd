"""The one door of reading: any supported file to a ``Source``."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

from app.reading.errors import Unreadable
from app.reading.sniff import cannot_open, refusal, sniff
from app.source import Source

# Loaded when met: each brings libraries along, and start-up time is felt.
_READERS = {
    "xlsx": "app.reading.workbook",
    "xls": "app.reading.legacy",
    "xlsb": "app.reading.legacy",
    "ods": "app.reading.opendocument",
    "pdf": "app.reading.pdf",
    "docx": "app.reading.word",
    "text": "app.reading.text",
}
_NOT_YET = {"pdf": "PDF", "docx": "Word", "text": "文本"}


def read(path: Path) -> Source:
    """The content of a file, by what it is and not by what it is called.

    Raises ``Unreadable`` with one Chinese sentence (what is the matter, what to do).
    """
    kind = sniff(path)
    if sentence := refusal(kind):
        raise Unreadable(_of_word(sentence) if path.suffix.lower() in (".docx", ".doc") else sentence)
    name = _READERS[kind]
    try:
        reader = import_module(name)
    except ModuleNotFoundError as error:
        if error.name != name:
            raise
        raise Unreadable(f"这个版本还不能读取 {_NOT_YET.get(kind, kind)} 文件，请提供 Excel 或 WPS 工作簿。") from error
    try:
        source: Source = reader.read(path)
    except OSError as error:
        raise cannot_open(error) from error
    return source


def _of_word(sentence: str) -> str:
    """A sentence on a spoilt file, for one that is called a Word file."""
    if "Word" in sentence:
        return sentence
    return sentence.replace("Excel", "Word").replace(".xlsx", ".docx").replace("工作簿", " Word 文档")
