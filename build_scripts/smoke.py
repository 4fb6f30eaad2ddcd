"""Tries out a built program: ``python build_scripts/smoke.py dist/决算公开校核 [--pictures FOLDER]``.

The same cases go through the program and through the source, from folders with Chinese and a blank in their
names; what comes out must be the same. Then the window: files as arguments, dropped, handed over by a second
start (``smoke_window.py``). Needs what the program itself needs, no test tools. What cannot be tried on this
machine is named.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import smoke_window

ROOT = Path(__file__).resolve().parents[1]
SAMPLES = sorted((ROOT / "resources" / "samples").glob("*.xlsx"))
EXE = ".exe" if sys.platform == "win32" else ""
SECONDS = 300
# Written and read in parts of a workbook that bear the time they were made.
_TIMED = ("docProps/core.xml",)
_ENCRYPTED = (
    "/ID[<00><00>]/Encrypt<</Filter/Standard/V 1/R 2/P -4"
    "/O<9dd4e461268c8034f5c8564e155c67a69dd4e461268c8034f5c8564e155c67a6>"
    "/U<6a76c551e4658c5f4308c862164e4dd96a76c551e4658c5f4308c862164e4dd9>>>"
)


class Failed(Exception):
    """What the program did otherwise than it should."""


class Smoke:
    """A folder of cases, and two ways to run them."""

    def __init__(self, program: Path, folder: Path) -> None:
        self.program = program
        self.folder = folder
        self.built = [str(program / f"juesuan{EXE}")]
        self.source = [sys.executable, "-P", "-m", "app"]
        (folder / "家").mkdir()
        own = {"JUESUAN_STATE": folder / "家" / "state", "JUESUAN_DATA": folder / "家" / "data", "PYTHONPATH": ROOT}
        self.environment = {**os.environ, **{name: str(value) for name, value in own.items()}, "PYTHONUTF8": "1"}

    def run(self, command: list[str], *words: object, codes: tuple[int, ...] = (0, 1)) -> str:
        """Output of a command; fails on an exit code that is not among ``codes``."""
        done = subprocess.run(
            [*command, *map(str, words)],
            env=self.environment,
            cwd=self.folder,
            capture_output=True,
            timeout=SECONDS,
        )
        out, error = (stream.decode("utf-8", "replace") for stream in (done.stdout, done.stderr))
        if done.returncode not in codes or "Traceback" in error:
            raise Failed(f"{words} gives {done.returncode}, not {codes}: {out[-500:]} {error[-2000:]}")
        return out

    def both(self, *words: str, codes: tuple[int, ...] = (0, 1)) -> tuple[Path, Path]:
        """The same words to the program and the source, ``{}`` standing for a folder each; the two folders."""
        folders, outs = [], []
        for name, command in (("built", self.built), ("source", self.source)):
            folder = self.folder / name
            folder.mkdir(exist_ok=True)
            folders.append(folder)
            outs.append(self.run(command, *(word.replace("{}", name) for word in words), codes=codes))
        if outs[0].replace("built", "source") != outs[1]:
            raise Failed(f"{words} says {outs[0]!r}, the source {outs[1]!r}")
        return folders[0], folders[1]


def same(built: Path, source: Path) -> int:
    """How many files two folders hold; fails where they differ."""
    names = sorted(p.relative_to(source) for p in source.rglob("*") if p.is_file())
    ours = sorted(p.relative_to(built) for p in built.rglob("*") if p.is_file())
    if names != ours:
        raise Failed(f"the program wrote {list(map(str, ours))}, the source {list(map(str, names))}")
    for name in names:
        if _content(built / name) != _content(source / name):
            raise Failed(f"{name} is not what the source wrote")
    return len(names)


def _content(path: Path) -> object:
    if path.suffix == ".json":
        return json.loads(path.read_text("utf-8"))
    if path.suffix in (".xlsx", ".docx"):
        with zipfile.ZipFile(path) as package:
            return {n: package.read(n) for n in package.namelist() if n not in _TIMED}
    return path.read_bytes()


# -- cases


def version(smoke: Smoke) -> str:
    smoke.both("--version")
    return smoke.run(smoke.built, "--version").strip()


def drafts(smoke: Smoke) -> str:
    """A template, a narrative drafted from each sample, and its PDF."""
    smoke.both("template", "--year", "2024", "--unit", "某某 局", "-o", "{}/模板 2024.xlsx")
    cases = smoke.folder / "各单位 2022"
    cases.mkdir()
    for sample in SAMPLES:
        shutil.copyfile(sample, cases / sample.name)
        smoke.both("draft", f"各单位 2022/{sample.name}", "-o", f"{{}}/{sample.stem}.docx")
        shutil.copyfile(smoke.folder / "built" / f"{sample.stem}.docx", cases / f"{sample.stem}说明.docx")
    made = same(smoke.folder / "built", smoke.folder / "source")
    how = _pdf(cases / f"{SAMPLES[-1].stem}说明.docx", cases / "报告.pdf", smoke.folder)
    return f"{made} files the same as the source's; PDF by {how}"


def _pdf(document: Path, target: Path, folder: Path) -> str:
    """Make a PDF of a document as a clerk would; without LibreOffice a plain one of its words, by Qt."""
    if office := shutil.which("soffice"):
        profile = (folder / "office").as_uri()
        command = [office, f"-env:UserInstallation={profile}", "--headless", "--convert-to", "pdf", "--outdir"]
        subprocess.run([*command, str(folder), str(document)], check=True, capture_output=True, timeout=SECONDS)
        (folder / f"{document.stem}.pdf").replace(target)
        return "LibreOffice"
    script = (
        "import sys, docx; from PySide6.QtGui import QGuiApplication, QPdfWriter, QTextDocument;"
        "app = QGuiApplication(['pdf']); text = QTextDocument();"
        "text.setPlainText('\\n'.join(p.text for p in docx.Document(sys.argv[1]).paragraphs));"
        "text.print_(QPdfWriter(sys.argv[2]))"
    )
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"} if sys.platform.startswith("linux") else None
    command = [sys.executable, "-c", script, str(document), str(target)]
    subprocess.run(command, check=True, env=environment, capture_output=True, timeout=SECONDS)
    return "Qt"


def checks(smoke: Smoke) -> str:
    """A folder with workbooks, documents, a PDF, one that only pdfminer reads, one with a password, and rubbish."""
    cases = smoke.folder / "各单位 2022"
    (cases / "怪.pdf").write_bytes(_small_pdf("type"))
    (cases / "密码.pdf").write_bytes(_small_pdf("Type", _ENCRYPTED))
    (cases / "坏.xlsx").write_bytes(b"PK\3\4 rubbish")
    for name in ("built", "source"):
        shutil.rmtree(smoke.folder / name)
    smoke.both("check", "各单位 2022", "--out", "{}/标注", "--json", "{}/清单", codes=(2,))
    said = smoke.run(smoke.built, "check", "各单位 2022/密码.pdf", "--out", "密", codes=(2,))
    if "密码" not in said:
        raise Failed(f"a PDF with a password: {said}")
    made = same(smoke.folder / "built", smoke.folder / "source")
    marked = next((smoke.folder / "built" / "标注").glob("*_校核.xlsx"))
    smoke.both("clean", str(marked), "-o", "{}/无标注.xlsx")
    smoke.both("tables", f"各单位 2022/{SAMPLES[0].name}", "-o", "{}/九表.json")
    words = ("--tables", f"各单位 2022/{SAMPLES[-1].name}", "--out", "{}/合并", "--json", "{}/合并")
    smoke.both("check", f"各单位 2022/{SAMPLES[-1].stem}说明.docx", *words)
    for name in ("rules", "settings"):
        smoke.both(name)
    smoke.both("rules", "A101")
    made = same(smoke.folder / "built", smoke.folder / "source")
    return f"{made} files and all that was said the same as the source's"


def _small_pdf(kind: str, more: str = "") -> bytes:
    """One page of Chinese; with ``/type`` for its kind pdfium refuses it and pdfplumber reads it."""
    text = "".join(f"{ord(letter):04x}" for letter in "收入总计1236.24万元，支出总计1236.24万元。")
    stream = f"BT /F1 12 Tf 72 700 Td <{text}> Tj ET"
    objects = [
        "<</Type/Catalog/Pages 2 0 R>>",
        "<</Type/Pages/Count 1/Kids[6 0 R]>>",
        "<</Type/Font/Subtype/Type0/BaseFont/STSong-Light/Encoding/UniGB-UCS2-H/DescendantFonts[4 0 R]>>",
        "<</Type/Font/Subtype/CIDFontType0/BaseFont/STSong-Light/DW 1000"
        "/CIDSystemInfo<</Registry(Adobe)/Ordering(GB1)/Supplement 2>>/FontDescriptor 5 0 R>>",
        "<</Type/FontDescriptor/FontName/STSong-Light/Flags 6/FontBBox[-25 -254 1000 880]/ItalicAngle 0"
        "/Ascent 880/Descent -120/CapHeight 880/StemV 93>>",
        f"<</{kind}/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<</Font<</F1 3 0 R>>>>/Contents 7 0 R>>",
        f"<</Length {len(stream)}>>\nstream\n{stream}\nendstream",
    ]
    out, places = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += f"{number} 0 obj\n{body}\nendobj\n".encode("ascii")
    start = len(out)
    out += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode()
    out += b"".join(f"{place:010d} 00000 n \n".encode() for place in places)
    return out + f"trailer\n<</Size {len(objects) + 1}/Root 1 0 R{more}>>\nstartxref\n{start}\n%%EOF".encode()


def worker_dies(smoke: Smoke) -> str:
    """A worker killed at work takes its one file with it; the others are checked."""
    import psutil
    import xlsxwriter

    folder = smoke.folder / "大小"
    folder.mkdir()
    book = xlsxwriter.Workbook(str(folder / "甲大.xlsx"), {"constant_memory": True})
    sheet = book.add_worksheet()
    for row in range(120_000):
        sheet.write_row(row, 0, [row + column / 4 for column in range(12)])
    book.close()
    for sample in SAMPLES:
        shutil.copyfile(sample, folder / sample.name)
    command = [*smoke.built, "check", str(folder), "--out", str(smoke.folder / "死")]
    process = subprocess.Popen(
        command, env=smoke.environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd=smoke.folder
    )
    end = time.monotonic() + SECONDS
    killed = False
    while process.poll() is None and not killed and time.monotonic() < end:
        for child in psutil.Process(process.pid).children(recursive=True):
            if not killed and child.cpu_times().user > 0.5:  # the one with the large file
                child.kill()
                killed = True
        time.sleep(0.01)
    out = process.communicate(timeout=SECONDS)[0].decode("utf-8", "replace")
    if not killed or process.returncode != 2 or "意外中止" not in out or "Traceback" in out:
        raise Failed(f"killed {killed}, exit code {process.returncode}: {out[-1500:]}")
    made = len(list((smoke.folder / "死").glob("*_校核.xlsx")))
    if made != len(SAMPLES):
        raise Failed(f"{made} of {len(SAMPLES)} other files were checked")
    return "its file is named, the others are checked"


def about(smoke: Smoke) -> str:
    """Licences, and the names and versions that the page 关于 shows."""
    licences = [p for p in (smoke.program / "licenses").rglob("*") if p.is_file()]
    if len(licences) < 15:
        raise Failed(f"licenses/ holds {len(licences)} files")
    sys.path.insert(0, str(ROOT))
    from importlib import metadata

    from app.ui.about_page import PARTS

    inside = smoke.program / "_internal"
    found = {
        d.metadata["Name"].lower().replace("_", "-"): d.version for d in metadata.distributions(path=[str(inside)])
    }
    for part in PARTS:
        name = part.package or part.name
        if found.get(name.lower().replace("_", "-")) != metadata.version(name):
            raise Failed(f"{name} is not described in the program")
    return f"{len(licences)} licence files, {len(found)} parts described"


def kept_out(smoke: Smoke) -> str:
    """Nothing that must not or need not be in it, and nothing that cannot be loaded."""
    unwanted = ("readline", "qml", "quick", "webengine", "libqt6pdf", "libqt6svg", "tls", "tkinter", "_test", "pip")
    files = [p for p in smoke.program.rglob("*") if p.is_file()]
    for path in files:
        if any(word in path.name.lower() for word in unwanted):
            raise Failed(f"{path.name} is in it")
    if not sys.platform.startswith("linux"):
        return f"{len(files)} files"
    search = {**os.environ, "LD_LIBRARY_PATH": str(smoke.program / "_internal")}
    lacking = set()
    for path in files:
        if ".so" in path.name:
            out = subprocess.run(["ldd", str(path)], env=search, capture_output=True, text=True).stdout
            lacking |= {line.split()[0] for line in out.splitlines() if "not found" in line}
    if inside := {name for name in lacking if name.startswith(("libQt6", "libicu", "libpyside", "libshiboken"))}:
        raise Failed(f"left out but needed: {inside}")
    return f"{len(files)} files" + (f"; this system itself lacks {sorted(lacking)}" if lacking else "")


def window(smoke: Smoke) -> str:
    return smoke_window.trial(smoke.program, smoke.folder, SAMPLES, smoke.environment)


CASES: tuple[Callable[[Smoke], str], ...] = (version, drafts, checks, worker_dies, about, kept_out, window)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", type=Path)
    parser.add_argument("--pictures", type=Path, help="keep the pictures of the window here")
    options = parser.parse_args()
    failed = 0
    with tempfile.TemporaryDirectory(prefix="试 用 ", ignore_cleanup_errors=True) as folder:
        smoke = Smoke(options.program.resolve(), Path(folder))
        for case in CASES:
            began = time.perf_counter()
            try:
                said, sign = case(smoke), "ok  "
            except (Failed, smoke_window.Failed, subprocess.SubprocessError, OSError) as error:
                said, sign = f"{type(error).__name__}: {error}", "FAIL"
                failed += 1
            print(f"{sign} {case.__name__:12} {time.perf_counter() - began:5.1f} s  {said}", flush=True)
        if options.pictures:
            options.pictures.mkdir(parents=True, exist_ok=True)
            for picture in Path(folder).glob("*.png"):
                shutil.copyfile(picture, options.pictures / picture.name)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
