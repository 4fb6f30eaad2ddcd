"""Pictures of the real window for the README and the guide: ``python build_scripts/screenshots.py``.

Each is taken from the running program at 1366×768 with the samples of ``resources/samples`` and, where they
are beside the checkout, the seeds of ``../shared`` (of which the batch shows units and counts).
Writes ``docs/*.png`` and ``resources/guide/*.png``.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
SHARED = ROOT.parent / "shared"
GUIDE, DOCS = ROOT / "resources" / "guide", ROOT / "docs"
WAIT = 120.0  # seconds


def spin(until: Callable[[], bool], seconds: float = WAIT) -> None:
    """Let the window live until something holds."""
    from PySide6.QtWidgets import QApplication

    end = time.monotonic() + seconds
    while time.monotonic() < end and not until():
        QApplication.processEvents()
        time.sleep(0.005)
    for _ in range(30):
        QApplication.processEvents()
        time.sleep(0.01)


class Photographer:
    """Opens the window, brings it into a state, and takes its picture."""

    def __init__(self, folder: Path) -> None:
        from PySide6.QtWidgets import QApplication

        from app.ui import theme
        from app.ui.window import Window

        self.folder = folder
        self.app = QApplication.instance() or QApplication([])
        theme.dress(self.app)
        self.window = Window()
        self.window.resize(1366, 768)
        self.window.show()
        spin(lambda: self.window._result is not None)

    def take(self, name: str) -> None:
        """The window as it is now; colours are few, so a palette keeps the file small."""
        self.save(self.window, name)

    def save(self, widget: object, name: str) -> None:
        from PIL import Image

        GUIDE.mkdir(parents=True, exist_ok=True)
        path = GUIDE / f"{name}.png"
        widget.grab().save(str(path))
        with Image.open(path) as picture:
            small = picture.convert("RGB").quantize(192, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
        small.save(path, optimize=True)
        print(path.relative_to(ROOT), path.stat().st_size)

    def copy(self, source: Path, name: str = "") -> Path:
        """A file as a clerk would have it, in a folder of its own."""
        target = self.folder / (name or source.name)
        shutil.copyfile(source, target)
        return target

    def open(self, *paths: Path) -> None:
        self.window.open_paths(list(paths))
        spin(lambda: self.window.pages.currentWidget() is self.window._result and not self.window.desk.busy)
        spin(lambda: False, 1.5)  # the flash fades


def choose(window: object, code: str) -> None:
    """Choose the first finding of a rule (or of its family)."""
    panel = window.result.findings
    for row in range(panel.proxy.rowCount()):
        finding = panel.model.findings[panel.proxy.mapToSource(panel.proxy.index(row, 0)).row()]
        if finding.code.startswith(code):
            panel.list.setCurrentIndex(panel.proxy.index(row, 0))
            return


def workbook(shot: Photographer) -> None:
    """A wrong workbook made from the sample: an amount of it changed."""
    import openpyxl

    path = shot.copy(ROOT / "resources" / "samples" / "武昌区人民政府办公室2022.xlsx")
    book = openpyxl.load_workbook(path)
    sheet = book.worksheets[1]
    row = next(r for r in sheet.iter_rows() if any(isinstance(c.value, float) and c.value > 100 for c in r))
    cell = next(c for c in reversed(row) if isinstance(c.value, float) and c.value > 100)
    cell.value = round(cell.value + 100, 2)
    book.save(path)
    shot.open(path)
    choose(shot.window, "A")
    spin(lambda: False, 1.5)
    shot.take("result")


def pdf(shot: Photographer) -> None:
    """The report of ``case`` as a PDF, by LibreOffice: of a published one no page is copied."""
    report = _report(shot)
    out = ["--headless", f"-env:UserInstallation=file://{shot.folder}/lo", "--convert-to", "pdf", "--outdir"]
    if shutil.which("soffice") is None:
        print("no LibreOffice: pdf.png stays as it is")
        return
    subprocess.run(["soffice", *out, str(shot.folder), str(report)], check=True, capture_output=True)
    shot.open(report.with_suffix(".pdf"))
    choose(shot.window, "T")
    spin(lambda: False, 2.5)
    shot.take("pdf")


def _report(shot: Photographer) -> Path:
    """A report drafted from the sample, one figure of it spoiled."""
    from app import pipeline

    book = shot.copy(ROOT / "resources" / "samples" / "武昌区人民政府办公室2022.xlsx", "公开表2022.xlsx")
    report = shot.folder / "情况说明2022.docx"
    if not report.exists():
        pipeline.draft(pipeline.Request(book, target=report))
        _misprint(report)
    return report


def case(shot: Photographer) -> None:
    """A report and its workbook."""
    report, book = _report(shot), shot.folder / "公开表2022.xlsx"
    shot.open(report, book)
    choose(shot.window, "T")
    spin(lambda: False, 1.5)
    shot.take("case")


def _misprint(path: Path) -> None:
    """Make one amount of the narrative 100 万元 more than the tables say."""
    import re

    import docx

    document = docx.Document(str(path))
    for paragraph in document.paragraphs:
        hit = re.search(r"基本支出(\d+\.\d\d)万元", paragraph.text)
        if hit:
            text = paragraph.text.replace(hit[1], f"{float(hit[1]) + 100:.2f}", 1)
            paragraph.runs[0].text = text
            for run in paragraph.runs[1:]:
                run.text = ""
            document.save(str(path))
            return
    raise LookupError("基本支出")


def batch(shot: Photographer) -> None:
    folder = shot.folder / "各单位"
    folder.mkdir()
    samples = sorted((ROOT / "resources" / "samples").glob("*.xlsx"))
    for sample in samples:
        shutil.copyfile(sample, folder / sample.name)
    for seed in sorted((SHARED / "seeds").glob("*.txt")):
        shutil.copyfile(seed, folder / f"决算报告{seed.stem[:3]}.txt")
    (folder / "传坏的表.xlsx").write_bytes(b"PK\3\4" + b"x" * 400)
    shot.window.open_paths([folder])
    spin(
        lambda: (
            shot.window._batch is not None and bool(shot.window._batch.outcomes()) and not shot.window._batch.running
        )
    )
    shot.take("batch")
    shot.window.go_home()


def dialogs(shot: Photographer) -> None:
    from app.ui.settings_dialog import SettingsDialog
    from app.ui.template_dialog import TemplateDialog

    for dialog, name in (
        (TemplateDialog(shot.window), "template"),
        (SettingsDialog(shot.window.desk.settings), "settings"),
    ):
        dialog.show()
        spin(lambda: False, 0.5)
        shot.save(dialog, name)
        dialog.close()


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        os.environ["JUESUAN_STATE"], os.environ["JUESUAN_DATA"] = f"{name}/state", f"{name}/data"
        folder = Path(name) / "决算公开"
        folder.mkdir()
        shot = Photographer(folder)
        for picture in (workbook, pdf, case):
            picture(shot)
            shot.window.go_home()
        batch(shot)
        spin(lambda: False, 0.5)
        shot.take("start")
        dialogs(shot)
        shot.window.close()
    for name in ("start", "result"):
        shutil.copyfile(GUIDE / f"{name}.png", DOCS / f"window-{name}.png")


if __name__ == "__main__":
    main()
