"""A report as the clerk's Word document, and as the PDF that LibreOffice makes of it."""

from __future__ import annotations

import subprocess
from pathlib import Path
from random import Random

from .report import Report
from .report_style import dressed


def write_docx(made: Report, path: Path) -> None:
    """Paragraphs as paragraphs (never wrapped), runs of lines with tabs as tables.

    Words within a paragraph are cut into runs at random places, as editing does.
    """
    import docx
    from docx.shared import Pt

    document = docx.Document()
    document.styles["Normal"].font.name = "Noto Serif CJK SC"
    document.styles["Normal"].font.size = Pt(10)
    rng = Random(f"word {made.seed}")
    rows: list[list[str]] = []
    for number, paragraph in enumerate([*made.paragraphs, ""]):
        text = dressed(paragraph, made.how).lstrip("# ")
        if "\t" in text:
            rows.append(text.split("\t"))
            continue
        if rows:
            _table(document, rows, number - len(rows), made.merges)
            rows = []
        place = document.add_paragraph()
        while text:
            cut = rng.randint(5, 80)
            place.add_run(text[:cut])
            text = text[cut:]
    document.save(str(path))


def _table(document: object, rows: list[list[str]], first: int, merges: list[tuple[int, int, int, int]]) -> None:
    from docx.oxml import OxmlElement

    width = max(map(len, rows))
    table = document.add_table(len(rows), width, style="Table Grid")  # type: ignore[attr-defined]
    cells = table._cells  # the public way to a cell walks the whole table each time
    for r, row in enumerate(rows):
        for c, text in enumerate(row):
            if text:
                cells[r * width + c].text = text
    for row in table.rows:  # rows stay on one page, as Excel prints them
        row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
    for top, left, bottom, right in merges:
        if first <= top and bottom < first + len(rows):
            start = cells[(top - first) * width + left]
            text = start.text
            merged = start.merge(cells[(bottom - first) * width + right])
            merged.text = text  # merging leaves an empty paragraph for each cell


def to_pdf(docx: Path, folder: Path) -> Path:
    """What LibreOffice prints; raises ``CalledProcessError`` without it."""
    profile = f"-env:UserInstallation=file://{folder}/profile"
    command = ["soffice", profile, "--headless", "--convert-to", "pdf", "--outdir", str(folder), str(docx)]
    subprocess.run(command, check=True, capture_output=True, timeout=180)
    return folder / f"{docx.stem}.pdf"
