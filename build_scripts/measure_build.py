"""What a built program weighs and how fast it starts: ``python build_scripts/measure_build.py dist/决算公开校核``.

- size: unpacked, zipped with ``zip -y``, and what each megabyte is for;
- glibc: the newest version that any of its files asks for, and whose;
- version: ``juesuan --version`` against a packaged ``print(1)``, measured in turns, medians (aim 2);
- window: until the first window is painted against the same from source, offscreen (aim 2);
- same: with ``--other FOLDER``, a second build of the same commit: the same files of the same sizes.

Run with the Python that the program was built with. Exit 1 when an aim is missed.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

HERE = Path(__file__).resolve().parent
UNPACKED, ZIPPED, RATIO = 165, 75, 2.0  # the aims of the project, in MB
MB = 1_000_000
ROUNDS = 25
EXE = ".exe" if sys.platform == "win32" else ""

# In this order; the first that fits says what a file is for.
PARTS = (
    ("libicu|icu.*dll", "ICU: alphabets and languages, which Qt is linked to"),
    ("plugins/|translations/", "Qt: plugins, Chinese words of its dialogs"),
    ("libQt6|Qt6.*dll", "Qt: libraries"),
    ("PySide6|shiboken6", "Qt: connection to Python"),
    ("^决算公开校核|^juesuan", "the two programs, each with all Python modules"),
    ("libpython|python3.*dll|lib-dynload|base_library|\\.pyd$", "Python"),
    ("pypdfium2", "PDFium: reads and shows PDF"),
    ("cryptography|_cffi", "cryptography: protected PDFs that PDFium cannot read"),
    ("pdfminer|pdfplumber|charset_normalizer", "pdfminer: PDFs that PDFium cannot read, Chinese character maps"),
    ("lxml", "lxml: workbooks and Word files"),
    ("PIL|pillow", "Pillow: charts of the narrative"),
    ("calamine", "calamine: .xlsb, .ods"),
    ("docx", "python-docx: the drafted narrative"),
    ("resources", "rules, forms, guide, samples"),
    ("licenses|dist-info|LICENSE", "licences and descriptions of the parts"),
    (r"lib(xcb|xkb|ffi|bz2|expat)", "libraries that not every Linux desktop has"),
)


def files(program: Path) -> dict[str, int]:
    """Bytes of each file, by its path in the program."""
    return {p.relative_to(program).as_posix(): p.lstat().st_size for p in sorted(program.rglob("*")) if not p.is_dir()}


def size(program: Path) -> bool:
    found = files(program)
    weights: Counter[str] = Counter()
    for name, weight in found.items():
        inside = name.removeprefix("_internal/")
        weights[next((what for pattern, what in PARTS if re.search(pattern, inside)), "other")] += weight
    for what, weight in weights.most_common():
        print(f"{weight / MB:7.1f} MB  {what}")
    whole = sum(found.values()) / MB
    print(f"unpacked: {whole:.1f} MB in {len(found)} files (aim {UNPACKED})")
    packed = _zipped(program)
    if packed is not None:
        print(f"zip -y: {packed:.1f} MB (aim {ZIPPED})")
    return whole <= UNPACKED and (packed or 0) <= ZIPPED


def _zipped(program: Path) -> float | None:
    if not shutil.which("zip"):
        return None
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "program.zip"
        subprocess.run(["zip", "-qry", target, program.name], cwd=program.parent, check=True)
        return target.stat().st_size / MB


def glibc(program: Path) -> bool:
    """The newest version of glibc, and of the C++ library, that a file asks for."""
    if not sys.platform.startswith("linux"):
        return True
    for prefix in ("GLIBC", "GLIBCXX"):
        newest: dict[tuple[int, ...], list[str]] = {}
        for path in program.rglob("*"):
            if not path.is_file() or not (".so" in path.name or path.parent == program):
                continue
            said = subprocess.run(["objdump", "-T", path], capture_output=True, text=True).stdout
            versions = re.findall(rf"\b{prefix}_([\d.]+)", said)
            if versions:
                newest.setdefault(max(tuple(map(int, v.split("."))) for v in versions), []).append(path.name)
        for version in sorted(newest, reverse=True)[:3]:
            names = newest[version]
            print(f"{prefix} {'.'.join(map(str, version))}: {', '.join(sorted(names)[:6])}{' …' * (len(names) > 6)}")
    return True


def version(program: Path) -> bool:
    with tempfile.TemporaryDirectory() as folder:
        bare = _bare(Path(folder))
        commands = {"print(1)": ([bare], {}), "--version": ([program / f"juesuan{EXE}", "--version"], {})}
        return _compared("juesuan --version / print(1)", commands)


def _bare(folder: Path) -> Path:
    """A program that prints 1, packaged with its own analysis."""
    script = folder / "bare.py"
    script.write_text("print(1)\n", "utf-8")
    command = [sys.executable, "-m", "PyInstaller", "--noconfirm", "--log-level", "ERROR", "--specpath", folder]
    command += ["--distpath", folder / "dist", "--workpath", folder / "work", "--exclude-module", "PySide6", script]
    subprocess.run(command, check=True, capture_output=True)
    return folder / "dist" / "bare" / f"bare{EXE}"


def window(program: Path) -> bool:
    """The packaged window against its entry script run from source with the same Python."""
    with tempfile.TemporaryDirectory() as folder:
        more = {"JUESUAN_STATE": f"{folder}/state", "JUESUAN_DATA": f"{folder}/data", "JUESUAN_QUIT_AFTER_PAINT": "1"}
        more |= {"QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": str(HERE.parent)}
        source = [sys.executable, HERE / "freeze" / "window.py"]
        commands = {"source": (source, more), "packaged": ([program / f"决算公开校核{EXE}"], more)}
        return _compared("first window, packaged / source", commands)


def _compared(what: str, commands: dict[str, tuple[list[object], dict[str, str]]]) -> bool:
    """Run two commands in turns; the ratio of the second's median to the first's."""
    times: dict[str, list[float]] = {name: [] for name in commands}
    for turn in range(ROUNDS + 3):
        for name, (command, more) in commands.items():
            began = time.perf_counter()
            done = subprocess.run(list(map(str, command)), env={**os.environ, **more}, capture_output=True)
            took = time.perf_counter() - began
            if done.returncode:
                raise SystemExit(f"{name}: {done.stderr.decode('utf-8', 'replace')[-2000:]}")
            if turn >= 3:
                times[name].append(took)
    first, second = (statistics.median(values) for values in times.values())
    told = ", ".join(f"{name} {statistics.median(values) * 1000:.0f} ms" for name, values in times.items())
    print(f"{what}: {second / first:.2f} (aim {RATIO:.0f}; {told})")
    return second / first <= RATIO


def same(program: Path, other: Path) -> bool:
    """Whether two builds have the same files of the same sizes; says also which differ within."""
    ours, theirs = files(program), files(other)
    apart = sorted(n for n in ours.keys() | theirs.keys() if ours.get(n) != theirs.get(n))
    print(f"two builds: {len(ours)} files, {len(apart)} of another size {apart[:10]}")
    inside = [n for n in ours.keys() & theirs.keys() if n not in apart and _digest(program / n) != _digest(other / n)]
    print(f"            {len(inside)} of the same size with other bytes {sorted(inside)[:10]}")
    return not apart


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", type=Path)
    parser.add_argument("--only", nargs="+", choices=("size", "glibc", "version", "window"), help="measure these alone")
    parser.add_argument("--other", type=Path, help="another build, to compare")
    options = parser.parse_args()
    program = options.program.resolve()
    steps = {"size": size, "glibc": glibc, "version": version, "window": window}
    reached = [steps[name](program) for name in options.only or steps]
    if options.other:
        reached.append(same(program, options.other.resolve()))
    return 0 if all(reached) else 1


if __name__ == "__main__":
    sys.exit(main())
