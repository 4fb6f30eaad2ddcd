"""How long reading a PDF takes, against pdfium alone and against pdfplumber, in one run.

    python tests/benchmarks/bench_pdf.py [FILE.pdf ...]     default: ../shared/reports/*.pdf

``pdfium`` is what pdfium needs for the characters and paths of all pages through pypdfium2's own
bindings: load page and text page; code, origin and loose box of each character; bounds and segments
of each path. Targets: read / pdfium <= 1.5; read / pdfplumber (extract_text + extract_tables) well
below 0.5, which the whole pipeline has to keep. Each figure is the best of several rounds, taken in
turn so that a slow moment of the machine hits both sides. Exit code 1 when a target is missed.
"""

import ctypes
import sys
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))


def pdfium(path: Path) -> None:
    """Characters and paths of all pages, nothing done with them."""
    import pypdfium2
    import pypdfium2.raw as raw

    x, y, box = ctypes.c_double(), ctypes.c_double(), raw.FS_RECTF()
    sides = [ctypes.c_float() for _ in range(4)]
    x_ref, y_ref, box_ref = ctypes.byref(x), ctypes.byref(y), ctypes.byref(box)
    refs = [ctypes.byref(side) for side in sides]
    with pypdfium2.PdfDocument(path) as document:
        for page in document:
            text = page.get_textpage()
            for index in range(raw.FPDFText_CountChars(text)):
                raw.FPDFText_GetUnicode(text, index)
                raw.FPDFText_GetCharOrigin(text, index, x_ref, y_ref)
                raw.FPDFText_GetLooseCharBox(text, index, box_ref)
            for index in range(raw.FPDFPage_CountObjects(page)):
                shape = raw.FPDFPage_GetObject(page, index)
                if raw.FPDFPageObj_GetType(shape) == raw.FPDF_PAGEOBJ_PATH:
                    raw.FPDFPageObj_GetBounds(shape, *refs)
                    for part in range(raw.FPDFPath_CountSegments(shape)):
                        segment = raw.FPDFPath_GetPathSegment(shape, part)
                        raw.FPDFPathSegment_GetType(segment)
                        raw.FPDFPathSegment_GetPoint(segment, refs[0], refs[1])
            text.close()
            page.close()


def plumber(path: Path) -> None:
    """The yardstick of the whole pipeline."""
    import pdfplumber

    with pdfplumber.open(path) as document:
        for page in document.pages:
            page.extract_text()
            page.extract_tables()
            page.close()


def ours(path: Path) -> None:
    from app.reading.pdf import read

    read(path)


def best(works: list[Callable[[Path], None]], path: Path, rounds: int) -> list[float]:
    """Seconds of the fastest round of each work, the works taken in turn."""
    times = [float("inf")] * len(works)
    for _ in range(rounds):
        for number, work in enumerate(works):
            start = time.perf_counter()
            work(path)
            times[number] = min(times[number], time.perf_counter() - start)
    return times


def main() -> int:
    files = [Path(arg) for arg in sys.argv[1:]] or sorted((ROOT.parent / "shared" / "reports").glob("*.pdf"))
    if not files:
        print("no PDF to measure: give one as argument")
        return 2
    missed = 0
    for path in files:
        ours(path)  # warm: modules and the file are in memory
        base, read = best([pdfium, ours], path, 15)
        (slow,) = best([plumber], path, 1)
        missed += read > 1.5 * base or read > 0.5 * slow
        print(
            f"{path.name}: pdfium {base * 1000:.0f} ms, read {read * 1000:.0f} ms = {read / base:.2f} x (<= 1.5); "
            f"pdfplumber {slow:.2f} s, read = {read / slow:.3f} x"
        )
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
