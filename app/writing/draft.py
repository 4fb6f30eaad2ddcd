"""决算情况说明 as a Word file: the narrative's paragraphs, pictures with their data, and what is to be filled in."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any

from app.filling.narrative import ChartData, Paragraph, narrative
from app.report.report import Report
from app.writing.charts import picture

# Fonts of official documents; Word and WPS fall back to 宋体 where one is not installed.
_FONTS = {"title": ("方正小标宋简体", 22), "heading1": ("黑体", 16), "heading2": ("楷体", 16), "text": ("仿宋", 16), "caption": ("仿宋", 12)}  # fmt: skip
_LINE = 28  # points between lines of text


def draft(report: Report, path: Path) -> int:
    """Write the draft to ``path``; gives how many 【待填：…】 it holds. Raises ``OSError``."""
    from docx import Document

    document = Document()
    _page(document)
    waiting = 0
    for paragraph in narrative(report):
        waiting += sum(p.kind == "blank" for p in paragraph.pieces)
        if paragraph.kind == "chart":
            _chart(document, paragraph.chart)
        else:
            _paragraph(document, paragraph)
    document.core_properties.title = "决算情况说明"
    document.core_properties.author = "决算公开校核"
    document.save(str(path))
    return waiting


def _page(document: Any) -> None:
    from docx.shared import Cm, Pt

    section = document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin, section.right_margin = Cm(2.8), Cm(2.6)
    section.top_margin, section.bottom_margin = Cm(3.7), Cm(3.5)
    style = document.styles["Normal"]
    style.font.size = Pt(_FONTS["text"][1])
    _named(style.element.get_or_add_rPr(), _FONTS["text"][0])


def _paragraph(document: Any, paragraph: Paragraph) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_COLOR_INDEX
    from docx.shared import Pt

    made = document.add_paragraph()
    form = made.paragraph_format
    form.space_before = form.space_after = Pt(0)
    form.line_spacing = Pt(_LINE if paragraph.kind != "title" else 36)
    if paragraph.kind == "title":
        made.alignment = WD_ALIGN_PARAGRAPH.CENTER
        form.space_after = Pt(18)
    else:
        form.first_line_indent = Pt(2 * _FONTS["text"][1])
    if paragraph.kind.startswith("heading"):
        form.keep_with_next = True
    for piece in paragraph.pieces:
        run = made.add_run(piece.text)
        _font(run, paragraph.kind)
        if piece.kind == "blank":
            run.font.highlight_color = WD_COLOR_INDEX.YELLOW


def _chart(document: Any, chart: ChartData | None) -> None:
    """The picture, its caption and its data; nothing where no figure is known."""
    if chart is None or not any(value > 0 for _, value in chart.points):
        return
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Cm, Pt

    holder = document.add_paragraph()
    holder.alignment = WD_ALIGN_PARAGRAPH.CENTER
    holder.paragraph_format.keep_with_next = True
    holder.add_run().add_picture(BytesIO(picture(chart)), width=Cm(13.5))
    caption = document.add_paragraph()
    caption.alignment = WD_ALIGN_PARAGRAPH.CENTER
    caption.paragraph_format.space_after = Pt(6)
    caption.paragraph_format.keep_with_next = True
    _font(caption.add_run(f"{chart.name}：{chart.title}（单位：万元）"), "caption")
    table = document.add_table(rows=2, cols=len(chart.points), style="Table Grid")
    table.alignment = 1
    for column, (label, value) in enumerate(chart.points):
        for row, text in enumerate((label, f"{value:,.2f}")):
            cell = table.cell(row, column).paragraphs[0]
            cell.alignment = WD_ALIGN_PARAGRAPH.CENTER
            _font(cell.add_run(text), "caption")
    document.add_paragraph().paragraph_format.line_spacing = Pt(12)


def _font(run: Any, kind: str) -> None:
    from docx.shared import Pt

    name, size = _FONTS[kind]
    run.font.size = Pt(size)
    _named(run._element.get_or_add_rPr(), name)


def _named(properties: Any, name: str) -> None:
    from docx.oxml.ns import qn

    fonts = properties.get_or_add_rFonts()
    for slot in ("w:eastAsia", "w:ascii", "w:hAnsi"):
        fonts.set(qn(slot), name if slot == "w:eastAsia" else "Times New Roman")
