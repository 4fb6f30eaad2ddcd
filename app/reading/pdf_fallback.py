"""Pages that pdfium cannot load, through plain pdfplumber: slower, but it reads some damaged files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from app.reading.pdf_chars import MAX_CHARS, Run
from app.reading.pdf_page import Edge, Frame, PageContent


def fallback_page(path: Path, index: int) -> PageContent | None:
    """Page ``index`` (from 0) through pdfplumber; None when it cannot read the page either."""
    import pdfplumber

    try:
        with pdfplumber.open(path, pages=[index + 1]) as document:
            return _content(document.pages[0]) if document.pages else None
    except Exception:  # whatever a damaged file raises inside pdfminer, the page is unreadable
        return None


def fallback_pages(path: Path) -> Iterator[tuple[PageContent, int]]:
    """Every page pdfplumber can read, with the number of pages of the file.

    Raises ``LookupError`` when the file is sound but its page tree is empty.
    """
    import pdfplumber
    from pdfminer.pdftypes import dict_value

    try:
        document = pdfplumber.open(path)
        pages = document.pages
        empty = not pages and dict_value(document.doc.catalog.get("Pages")).get("Count") == 0
    except Exception:
        return
    if empty:
        document.close()
        raise LookupError
    with document:
        for page in pages:
            try:
                content = _content(page)
            except Exception:
                continue
            yield content, len(pages)
            page.close()


def _content(page: Any) -> PageContent:
    """The same runs and rules as ``pdf_page.read_page`` gives, from a pdfplumber page."""
    page = page.dedupe_chars()
    width, height = float(page.width), float(page.height)
    content = PageContent(page.page_number, Frame(0.0, 0.0, width, height))
    left, top = float(page.bbox[0]), float(page.bbox[1])
    runs: list[Run] = []
    for char in page.chars[:MAX_CHARS]:
        text = char["text"]
        if not text.strip():
            continue
        box = [float(char[key]) for key in ("x0", "top", "x1", "bottom")]
        x0, t, x1, b = box[0] - left, box[1] - top, box[2] - left, box[3] - top
        last = runs[-1] if runs else None
        base = t + 0.86 * (b - t)  # pdfplumber does not give the origin of a character on a turned page
        glyph = (text, x0, x1)
        if last is not None and abs(last.y - base) < 0.6 and -0.5 * last.size <= x0 - last.x1 <= 0.12 * last.size:
            last.glyphs.append(glyph)
            last.x1 = x1
        else:
            runs.append(Run(base, t, b, [glyph], "bold" in str(char.get("fontname", "")).lower()))
        content.chars += len(text)
        content.unmapped += text.startswith("(cid:")
    content.runs = runs
    for edge in page.edges:
        x0, x1, t, b = (float(edge[key]) for key in ("x0", "x1", "top", "bottom"))
        if edge["orientation"] == "h":
            content.horizontal.append(Edge(t - top, x0 - left, x1 - left))
        else:
            content.vertical.append(Edge(x0 - left, t - top, b - top))
    content.pictures = [
        (float(i["x0"]) - left, float(i["top"]) - top, float(i["x1"]) - left, float(i["bottom"]) - top)
        for i in page.images
    ]
    content.paths = len(page.edges)
    return content
