"""The page 关于: the version, and the parts that the program is made of with their licences."""

from __future__ import annotations

import platform
from dataclasses import dataclass
from html import escape
from importlib import metadata

from app import __version__, paths
from app.ui import theme


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the program: ``licence`` stands in for what an installed package says itself."""

    name: str
    licence: str
    use: str
    home: str
    package: str = ""  # as it is installed, where that is not its name


# In the order of the page. A frozen program may come without the packages' own descriptions.
PARTS = (
    Part("Qt for Python（PySide6 Essentials）", "LGPL-3.0-only", "窗口和对话框", "https://doc.qt.io/qtforpython-6/", "PySide6_Essentials"),
    Part("shiboken6", "LGPL-3.0-only", "Qt 与 Python 的连接", "https://doc.qt.io/qtforpython-6/shiboken6/", "shiboken6"),
    Part("lxml", "BSD-3-Clause", "读写工作簿和 Word 文件", "https://lxml.de/"),
    Part("XlsxWriter", "BSD-2-Clause", "写新的工作簿", "https://github.com/jmcnamara/XlsxWriter"),
    Part("xlrd", "BSD-3-Clause", "读 .xls 和 WPS .et", "https://github.com/python-excel/xlrd"),
    Part("python-calamine", "MIT", "读 .xlsb", "https://github.com/dimastbk/python-calamine"),
    Part("pypdfium2（PDFium）", "Apache-2.0 OR BSD-3-Clause", "读和显示 PDF", "https://github.com/pypdfium2-team/pypdfium2", "pypdfium2"),
    Part("pdfplumber", "MIT", "读个别 PDF 页面", "https://github.com/jsvine/pdfplumber"),
    Part("pdfminer.six", "MIT", "pdfplumber 所用", "https://github.com/pdfminer/pdfminer.six"),
    Part("python-docx", "MIT", "写情况说明初稿", "https://github.com/python-openxml/python-docx"),
    Part("Pillow", "MIT-CMU", "情况说明里的图", "https://python-pillow.org/", "pillow"),
    Part("tqdm", "MPL-2.0 AND MIT", "命令行的进度条", "https://github.com/tqdm/tqdm"),
    Part("psutil", "BSD-3-Clause", "限制校核占用的内存", "https://github.com/giampaolo/psutil"),
    Part("tomli-w", "MIT", "保存设置", "https://github.com/hukkin/tomli-w"),
    Part("cryptography", "Apache-2.0 OR BSD-3-Clause", "pdfminer.six 所用", "https://github.com/pyca/cryptography"),
    Part("cffi", "MIT", "cryptography 所用", "https://cffi.readthedocs.io/"),
    Part("pycparser", "BSD-3-Clause", "cffi 所用", "https://github.com/eliben/pycparser"),
    Part("charset-normalizer", "MIT", "pdfminer.six 所用", "https://github.com/jawah/charset_normalizer"),
    Part("typing_extensions", "PSF-2.0", "python-docx 所用", "https://github.com/python/typing_extensions"),
)  # fmt: skip
_FONT = "图表字体 Noto Sans CJK SC（子集）"
_MOST = 60  # licence files of a package: PDFium has those of everything in it
OWN, FONT = "juesuan", "font"  # names of licence pages besides those of packages


def page() -> str:
    """The page as HTML; links ``licence:NAME`` lead to ``licence_page``."""
    rows = [_row("Python", platform.python_version(), "PSF-2.0", "运行环境", "")]
    rows += [_row(p.name, version(p), licence(p), p.use, p.package or p.name if _texts(p) else "") for p in PARTS]
    rows.append(_row(_FONT, "", "OFL-1.1", "情况说明里的图", FONT))
    head = "".join(f'<th align="left" bgcolor="{theme.GROUND}">{h}</th>' for h in ("组成", "版本", "许可", "用途"))
    return (
        f'<h1 style="margin-bottom:2px">决算公开校核</h1><p style="color:{theme.GREY}">版本 {__version__}</p>'
        "<p>核对决算公开的九张表和报告，逐格标出错在哪里、应当是多少、怎样算出来的。"
        "全程在本机进行，不联网；原文件只读不写。</p>"
        f'<p>本程序按 <a href="licence:{OWN}">MIT 许可</a>发布，不提供任何担保。</p>'
        "<h3>所用的组成部分</h3>"
        "<p>Qt 和 Qt for Python 按 LGPL 3.0 使用，以单独的库文件随附，可以换成您自己编译的版本。</p>"
        f'<table cellspacing="1" cellpadding="5" bgcolor="{theme.LINE}" width="99%" style="margin-top:8px"><tr>{head}</tr>{"".join(rows)}</table>'
    )


def licence_page(name: str) -> str:
    """The licence text of a part (or ``juesuan``, ``font``) as HTML."""
    if name == OWN:
        title, texts = "决算公开校核", [_own()]
    elif name == FONT:
        title, texts = _FONT, [(paths.resources() / "fonts" / "OFL.txt").read_text("utf-8")]
    else:
        part = next((p for p in PARTS if (p.package or p.name) == name), None)
        title, texts = (part.name, _texts(part)) if part else (name, [])
    shown = "<hr>".join(f"<pre style='white-space:pre-wrap'>{escape(t.strip(chr(10)))}</pre>" for t in texts)
    return f'<p><a href="page:about">← 关于</a></p><h2>{escape(title)}</h2>{shown or "<p>没有附带许可文本。</p>"}'


def version(part: Part) -> str:
    """The installed version, ``""`` where that is not known."""
    try:
        return metadata.version(part.package or part.name)
    except metadata.PackageNotFoundError:
        return ""


def licence(part: Part) -> str:
    """The licence that a package names itself in a word or two, else the one known here."""
    try:
        told = metadata.metadata(part.package or part.name)
    except metadata.PackageNotFoundError:
        return part.licence
    # Qt is offered under several licences, of which we use this one
    if part.licence.startswith("LGPL"):
        return part.licence
    return told.get("License-Expression") or part.licence


def _texts(part: Part) -> list[str]:
    """The licence files that a package brings; Qt's, which it does not bring, are among our resources."""
    if part.licence.startswith("LGPL"):
        return [(paths.resources() / "licences" / f"{n}.txt").read_text("utf-8") for n in ("LGPL-3.0", "GPL-3.0")]
    try:
        files = metadata.files(part.package or part.name) or []
    except metadata.PackageNotFoundError:
        return []
    found = []
    for file in sorted(files, key=lambda f: "BUILD" in str(f)):  # a package's own licence first
        licence_ = file.name.upper().startswith(("LICEN", "COPYING", "NOTICE"))
        if ".dist-info" in str(file) and (licence_ or "licenses" in file.parts) and len(found) < _MOST:
            try:
                found.append(file.read_text(encoding="utf-8"))
            except (OSError, UnicodeDecodeError):
                continue
    return found


def _own() -> str:
    """Our own licence: beside the package in a checkout, with its description when installed."""
    for path in (paths.resources().parent / "LICENSE", paths.resources() / "LICENSE"):
        if path.is_file():
            return path.read_text("utf-8")
    return "\n".join(_texts(Part("juesuan", "MIT", "", ""))) or "MIT License"


def _row(name: str, number: str, terms: str, use: str, link: str) -> str:
    shown = f'<a href="licence:{link}">{escape(terms)}</a>' if link else escape(terms)
    cells = (escape(name), escape(number) or "—", shown, escape(use))
    return "<tr>" + "".join(f'<td bgcolor="{theme.PAPER}">{cell}</td>' for cell in cells) + "</tr>"
