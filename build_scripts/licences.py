"""Collects the licences of all parts of a built program: ``python build_scripts/licences.py dist/决算公开校核``.

Writes ``licenses/`` into it: a list in Chinese, and a folder a part with the texts that the part brings. Run with
the Python that the program was built with. Fails when a part has no text.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import sysconfig
from importlib import metadata
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "build_scripts" / "freeze")]

from contents import describes  # noqa: E402

from app.ui.about_page import PARTS, Part  # noqa: E402

# Of what is built into Qt; PDFium is built with the same and brings the texts.
_IN_QT = ("icu.txt", "harfbuzz.txt", "libpng.txt", "zlib.txt")
_QT_MORE = (
    "Qt 6 以动态库的形式随附（_internal/PySide6/Qt/lib），可以换成您自己编译的、接口相同的版本。\n"
    "源代码：https://download.qt.io/official_releases/qt/ 和 https://download.qt.io/official_releases/QtForPython/\n"
    "Qt 所含的第三方代码及其许可：https://doc.qt.io/qt-6/licenses-used-in-qt.html\n"
)
_HEAD = "本程序由下列部分组成，各部分的许可文本在同名文件夹里。\n本程序自己的许可：MIT（见“决算公开校核”文件夹）。\n\n"


def main() -> int:
    if len(sys.argv) != 2 or not Path(sys.argv[1]).is_dir():
        print(__doc__, file=sys.stderr)
        return 2
    program = Path(sys.argv[1])
    target = program / "licenses"
    shutil.rmtree(target, ignore_errors=True)
    lines = [_own(target), _python(target), _loader(target), *(_package(part, target) for part in PARTS)]
    lines += [_font(target), *_system(program / "_internal", target)]
    (target / "说明.txt").write_text(_HEAD + "".join(f"{line}\n" for line in lines), "utf-8", newline="\r\n")
    print(f"{len(lines)} parts, {sum(p.is_file() for p in target.rglob('*'))} files in {target}")
    return 0


def _take(target: Path, name: str, files: dict[str, Path]) -> None:
    """Copy the files of a part, each under the name given."""
    if not files:
        raise SystemExit(f"no licence text of {name}")
    for called, file in files.items():
        path = target / name / called
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, path)


def _own(target: Path) -> str:
    _take(target, "决算公开校核", {"LICENSE.txt": ROOT / "LICENSE"})
    return "决算公开校核：MIT"


def _font(target: Path) -> str:
    _take(target, "Noto Sans CJK SC", {"OFL.txt": ROOT / "resources" / "fonts" / "OFL.txt"})
    return "Noto Sans CJK SC（子集，情况说明里的图）：OFL-1.1"


def _python(target: Path) -> str:
    version = sysconfig.get_python_version()
    places = [
        Path(sysconfig.get_path("stdlib")) / "LICENSE.txt",
        Path(sys.base_prefix) / "LICENSE.txt",  # Windows
        Path(f"/usr/share/doc/python{version}/copyright"),  # Debian
        *Path("/usr/share/licenses").glob(f"python{version}*/LICENSE"),  # Red Hat and its kin
    ]
    found = [place for place in places if place.is_file()]
    _take(target, "Python", {"LICENSE.txt": found[0]} if found else {})
    return f"Python {sys.version.split()[0]}：PSF-2.0"


def _loader(target: Path) -> str:
    """Both programs begin with PyInstaller's loader, whose licence lets any program be packed with it."""
    _take(target, "PyInstaller", _texts("pyinstaller"))
    return f"PyInstaller {metadata.version('pyinstaller')}（启动程序）：GPL-2.0-or-later WITH Bootloader-exception"


def _package(part: Part, target: Path) -> str:
    name = part.package or part.name
    files = _texts(name)
    if part.licence.startswith("LGPL"):  # Qt's wheels bring no text
        files |= {f"{n}.txt": ROOT / "resources" / "licences" / f"{n}.txt" for n in ("LGPL-3.0", "GPL-3.0")}
    if name.startswith("PySide6"):
        built_in = {Path(called).name: file for called, file in _texts("pypdfium2").items()}
        files |= {n: built_in[n] for n in _IN_QT}
    _take(target, name, files)
    if name.startswith("PySide6"):
        (target / name / "说明.txt").write_text(_QT_MORE, "utf-8", newline="\r\n")
    return f"{part.name} {metadata.version(name)}：{part.licence}　{part.home}"


def _texts(name: str) -> dict[str, Path]:
    """Licence files of an installed package, by their path in its description."""
    dist = metadata.distribution(name)
    files = [f for f in dist.files or () if describes(f) and f.name != "METADATA"]
    return {"/".join(f.parts[1:]).removeprefix("licenses/"): Path(str(dist.locate_file(f))) for f in files}


def _system(inside: Path, target: Path) -> list[str]:
    """Libraries of the Linux system that were taken along: what its packages say of them."""
    lines = []
    for library in sorted(inside.glob("lib*.so*")):
        if library.name.startswith("libpython"):
            continue
        package, files = _owner(library.name)
        _take(target, package, files)
        lines.append(f"{library.name}：取自系统软件包 {package}")
    return lines


def _owner(library: str) -> tuple[str, dict[str, Path]]:
    """The package of a library of this system, and its licence files (Debian's or Red Hat's way)."""
    if shutil.which("dpkg-query"):
        said = subprocess.run(["dpkg-query", "-S", f"*/{library}"], capture_output=True, text=True).stdout
        if hit := re.match(r"([^:,\s]+)", said):
            return hit[1], {"copyright.txt": Path("/usr/share/doc") / hit[1] / "copyright"}
    elif shutil.which("rpm"):
        folders = (Path(f) for f in ("/usr/lib64", "/lib64", "/usr/lib"))
        path = next(f / library for f in folders if (f / library).exists())
        package = subprocess.run(["rpm", "-qf", "--qf", "%{NAME}", path], capture_output=True, text=True).stdout
        texts = subprocess.run(["rpm", "-q", "--licensefiles", package], capture_output=True, text=True).stdout
        return package, {Path(text).name: Path(text) for text in texts.split()}
    raise SystemExit(f"where {library} comes from is not known on this system")


if __name__ == "__main__":
    sys.exit(main())
