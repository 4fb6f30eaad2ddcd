"""PDF reports: pdfium for characters and rules, tables from the rules, pdfplumber where pdfium fails."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from app.reading.errors import Unreadable
from app.reading.pdf_chars import TooDense
from app.reading.pdf_join import Joined, PageItems, join_tables, strip_furniture, to_grid
from app.reading.pdf_page import PageContent, read_page
from app.reading.pdf_tables import Piece, find_tables
from app.reading.pdf_text import TextLine, lines_of
from app.source import Line, Place, Source

MAX_PAGES = 1_500  # the longest reports have a few hundred
MAX_CHARS = 5_000_000
_TOO_DENSE = "第{}页的内容过多（可能是图纸），没有读取，未校核。"
_PASSWORD = 4  # FPDF_ERR_PASSWORD


def read(path: str | Path) -> Source:
    """Read a PDF: lines and tables in reading order, with page and box (points from the top left).

    Tables that run over pages are one ``Grid``. Pages that are pictures (or drawings, or damaged)
    are named in ``problems`` and in ``features["image_pages"]`` (``7,8``); printed page numbers and
    running heads are taken out of the lines and kept in ``features["page_numbers"]``
    (page=number as printed: ``6=-5-;7=-6-``) and ``features["running_heads"]`` (one a line).

    Raises ``Unreadable`` when the file is no PDF, is encrypted or damaged, holds no page, more than
    1,500 pages, or nothing but pictures.
    """
    path = Path(path)
    source = Source(str(path), "pdf")
    pages: list[PageItems] = []
    pictures = False
    chars = 0
    for content in _contents(path, source):
        chars += content.chars
        if chars > MAX_CHARS:
            raise Unreadable("这个 PDF 的文字超过五百万字，不像一份决算公开报告；请只保留决算公开的部分后再试。")
        pictures = _note_pictures(content, source) or pictures
        try:
            pages.append(_layout(content))
        except TooDense:
            source.problems.append((_TOO_DENSE.format(content.number), Place(page=content.number)))
    if not chars:
        raise Unreadable(_nothing_to_read(source, pictures))
    unread = sorted({place.page for _, place in source.problems if place.page})
    if unread:
        source.features["image_pages"] = ",".join(map(str, unread))
    numbers, heads = strip_furniture(pages)
    if numbers:
        source.features["page_numbers"] = ";".join(f"{page}={text}" for page, text in numbers.items())
    if heads:
        source.features["running_heads"] = "\n".join(heads)
    _collect(pages, source)
    return source


def _layout(content: PageContent) -> PageItems:
    """Tables and lines of one page, from top to bottom."""
    tables, rest = find_tables(content)
    items: list[TextLine | Piece] = [*lines_of(rest), *tables] if rest else [*tables]
    items.sort(key=lambda item: item.top)
    return PageItems(content.number, content.frame, items)


def _collect(pages: list[PageItems], source: Source) -> None:
    frames = {page.number: page.frame for page in pages}
    for page, item in join_tables(pages):
        if isinstance(item, Joined):
            source.items.append(to_grid(item, frames))
        else:
            box = frames[page].box(item.x0, item.top, item.x1, item.bottom)
            source.items.append(Line(item.text, Place(page=page, box=box), item.bold))


def _note_pictures(content: PageContent, source: Source) -> bool:
    """Say so where a page, or a large part of it, is a picture or has text without character codes."""
    frame, number = content.frame, content.number
    place = Place(page=number)
    if content.chars > 20 and content.unmapped > 0.3 * content.chars:
        source.problems.append(
            (f"第{number}页的文字没有可用的编码，无法识别，未校核；请用 Word 或 WPS 重新导出 PDF。", place)
        )
        return True
    share = 0.0
    for x0, top, x1, bottom in content.pictures:
        inside = sum(
            len(run.glyphs) for run in content.runs if x0 < (run.x0 + run.x1) / 2 < x1 and top < run.y < bottom
        )
        if inside < 10:
            width = min(x1, frame.width) - max(x0, 0.0)
            share += (
                max(width, 0.0) * max(min(bottom, frame.height) - max(top, 0.0), 0.0) / (frame.width * frame.height)
            )
    if content.chars < 10 and (share > 0.05 or content.paths > 50):
        source.problems.append(
            (
                f"第{number}页是图片，其中的文字和表格无法识别，未校核；请改用带文字的 PDF，或同时提供 Excel 公开表。",
                place,
            )
        )
        return True
    if share > 0.2 and number > 1:
        source.problems.append((f"第{number}页有一部分是图片，图片中的文字和表格无法识别，未校核。", place))
        return True
    return False


def _nothing_to_read(source: Source, pictures: bool) -> str:
    pages = source.pages
    if pictures:
        return (
            f"这个 PDF 共 {pages} 页，全是图片（扫描件），没有可识别的文字；"
            "请用 Word 或 WPS 直接导出 PDF，或改用 Excel 公开表校核。"
        )
    if source.problems:
        return f"这个 PDF 共 {pages} 页，没有一页能读取；请用原来的 Word 或 WPS 文件重新导出 PDF 后再试。"
    return f"这个 PDF 共 {pages} 页，都是空白页，没有可校核的内容；请检查是否选错了文件。"


def _contents(path: Path, source: Source) -> Iterator[PageContent]:
    """The pages one after the other; never more than one page is held open."""
    import pypdfium2  # type: ignore[import-untyped]

    _look_at_head(path)
    try:
        document = pypdfium2.PdfDocument(path)
    except pypdfium2.PdfiumError as error:
        if getattr(error, "err_code", None) == _PASSWORD:
            raise Unreadable("这个 PDF 有打开密码，无法读取；请在 WPS 或 Acrobat 中去掉密码，另存后再试。") from None
        yield from _fallback_all(path, source)
        return
    try:
        source.pages = len(document)
        _check_length(source.pages)
        for index in range(source.pages):
            content = _page(document, index, path, source)
            if content is not None:
                yield content
    finally:
        document.close()


def _page(document: Any, index: int, path: Path, source: Source) -> PageContent | None:
    """One page through pdfium, or through pdfplumber where pdfium cannot load it; None when neither can."""
    import pypdfium2

    place = Place(page=index + 1)
    try:
        return read_page(document, index)
    except TooDense:
        source.problems.append((_TOO_DENSE.format(index + 1), place))
        return None
    except pypdfium2.PdfiumError:
        from app.reading.pdf_fallback import fallback_page

        content = fallback_page(path, index)
        if content is None:
            source.problems.append((f"第{index + 1}页已损坏，无法读取，未校核；请重新导出 PDF。", place))
        return content


def _fallback_all(path: Path, source: Source) -> Iterator[PageContent]:
    """A file that pdfium refuses, read by pdfplumber as far as it goes."""
    from app.reading.pdf_fallback import fallback_pages

    try:
        for content, total in fallback_pages(path):
            source.pages = total
            _check_length(total)
            yield content
    except LookupError:
        _check_length(0)
    if not source.pages:
        raise Unreadable("这个 PDF 已损坏，无法打开；请用原来的 Word 或 WPS 文件重新导出 PDF 后再试。")


def _check_length(pages: int) -> None:
    if not pages:
        raise Unreadable("这个 PDF 里没有页面；请用原来的 Word 或 WPS 文件重新导出 PDF 后再试。")
    if pages > MAX_PAGES:
        raise Unreadable(f"这个 PDF 有 {pages} 页，超过 {MAX_PAGES} 页的上限；请只保留决算公开的部分后再试。")


def _look_at_head(path: Path) -> None:
    try:
        with path.open("rb") as file:
            head = file.read(1024)
    except OSError as error:
        raise Unreadable(f"无法打开文件“{path.name}”；请检查文件是否存在、是否有权限读取。") from error
    if not head:
        raise Unreadable("这个文件是空的（0 字节）；请重新导出 PDF 后再试。")
    if b"%PDF" not in head:
        raise Unreadable("这个文件的扩展名是 .pdf，内容却不是 PDF；请重新导出 PDF 后再试。")
