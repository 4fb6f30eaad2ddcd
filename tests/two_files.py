"""One department as two files: a report in Word (or text), and the workbook of its nine tables."""

from __future__ import annotations

from pathlib import Path
from random import Random

from tests.generator.layouts import LAYOUTS, write
from tests.generator.report import Report, report


def pair(folder: Path, seed: int, *, tables: bool, layout: str = "ministry", kind: str = "docx") -> tuple[Path, Path]:
    """(report, workbook) of one department; without ``tables`` the report shows their titles only."""
    made = report(seed, "2022", tables=tables)
    folder.mkdir(parents=True, exist_ok=True)
    words, workbook = folder / f"说明.{kind}", folder / "公开表.xlsx"
    if kind == "docx":
        as_word(made, words)
    else:
        words.write_text(made.text(), "utf-8")
    rng = Random(f"two files {seed}")
    chosen = LAYOUTS[layout](rng)
    chosen.form = "2022"
    write(made.told.whole, chosen, workbook, rng)
    return words, workbook


def as_word(made: Report, path: Path) -> None:
    """The lines of a report as paragraphs; lines with tabs that follow each other as a table."""
    import docx

    document = docx.Document()
    rows: list[list[str]] = []

    def table() -> None:
        if rows:
            wide = max(len(r) for r in rows)
            grid = document.add_table(rows=len(rows), cols=wide)
            cells = grid._cells  # one look: grid.cell() looks at every cell each time
            for n, row in enumerate(rows):
                for m, text in enumerate(row):
                    cells[n * wide + m].text = text
            rows.clear()

    made.how.wrap, made.how.pages = 0, False  # Word breaks the lines and counts the pages
    for line in made.lines():
        if "\t" in line:
            rows.append(line.split("\t"))
        elif line.strip():
            table()
            document.add_paragraph(line)
    table()
    document.save(str(path))
