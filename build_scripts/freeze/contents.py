"""What goes into the packaged program and what stays out, with the reasons; used by ``juesuan.spec``.

PyInstaller collects whatever might be needed; for these libraries that is twice what is. Here the plugins
of Qt are named one by one, and of the shared libraries those stay that something kept really links to.
"""

from __future__ import annotations

import csv
import re
import subprocess
import sys
from importlib import metadata
from pathlib import Path, PurePath

Entry = tuple[str, str, str]  # name in the program, file here, kind: an entry of PyInstaller's lists

# Modules that nothing here needs, or that bring what must stay out.
EXCLUDED = (
    "readline",  # GPL
    "tkinter", "_tkinter", "PIL.ImageTk", "PIL._imagingtk", "PIL.ImageQt",
    "test", "unittest", "doctest", "pydoc", "pdb", "lib2to3", "distutils", "ensurepip", "idlelib", "turtledemo",
    "setuptools", "pkg_resources", "pip", "wheel", "IPython", "numpy", "pandas", "matplotlib", "pytest", "openpyxl",
    "curses", "_curses", "sqlite3", "nis", "crypt", "spwd", "ossaudiodev", "xmlrpc",
    # No network: TLS brings OpenSSL (5 MB). hashlib has its own SHA-2, MD5 and BLAKE2 without it.
    "ssl", "_ssl", "_hashlib",
    # Pillow draws charts and writes PNG: no other codecs, no colour management.
    "PIL._avif", "PIL._webp", "PIL._imagingcms", "PIL.AvifImagePlugin", "PIL.WebPImagePlugin", "PIL.ImageCms",
    # Of lxml only etree is used.
    "lxml.objectify", "lxml.html", "lxml.isoschematron", "lxml.sax", "lxml.builder", "lxml.cssselect", "lxml.doctestcompare",
    # The window is made of widgets.
    "PySide6.QtQml", "PySide6.QtQuick", "PySide6.QtSvg", "PySide6.QtPdf", "PySide6.QtDBus", "PySide6.QtOpenGL",
    "PySide6.QtPrintSupport", "PySide6.QtTest", "PySide6.scripts", "pypdfium2.__main__", "pypdfium2_cli",
)  # fmt: skip

# Plugins of Qt, by folder and name without "lib" and ending. All others stay out.
PLUGINS = {
    # offscreen: for tests of the packaged program where there is no screen.
    "platforms": {"qxcb", "qwayland-generic", "qwayland", "qoffscreen", "qwindows", "qcocoa"},
    # Chinese is typed through ibus (and fcitx, which speaks ibus, too); compose is what Qt falls back to.
    "platforminputcontexts": {"ibusplatforminputcontextplugin", "composeplatforminputcontextplugin"},
    "wayland-shell-integration": {"xdg-shell"},
    "wayland-decoration-client": {"bradient"},
}
# PNG, which icons and the guide are in, is part of QtGui; so is drawing without OpenGL.

TRANSLATIONS = {"qtbase_zh_CN.qm"}

# Libraries of the system that are taken along: small, and not on every desktop (xcb-cursor, without
# which Qt does not start, least of all) or, with Python's, not of one version everywhere. The rest (X11, EGL,
# fontconfig, glib, D-Bus, libstdc++ …) is left to the system: it belongs together there, with drivers
# and settings that an older copy of ours would not fit.
TAKEN_ALONG = re.compile(r"lib(python3.*|ffi|expat|mpdec|bz2|xcb-.+|xkbcommon(-x11)?)\.so[.\d]*")


def wanted(entries: list[Entry]) -> list[Entry]:
    """Without the plugins and translations of Qt that are not named above.

    Without links, too: PyInstaller puts one to each library into the top folder, but each library
    knows itself where it finds its fellows, and links do not survive every way of copying a folder.
    """
    return [e for e in entries if e[2] != "SYMLINK" and _wanted(PurePath(e[0].replace("\\", "/")))]


def _wanted(path: PurePath) -> bool:
    if path.parts[0] != "PySide6":
        return True
    if "plugins" in path.parts:
        return path.stem.removeprefix("lib") in PLUGINS.get(path.parent.name, ())
    if "translations" in path.parts:
        return path.name in TRANSLATIONS
    return path.suffix not in (".pyi", ".qml", ".json") and path.name != "opengl32sw.dll"


def linked(entries: list[Entry]) -> list[Entry]:
    """Only shared libraries that a kept module or plugin needs, directly or through another."""
    libraries: dict[str, list[Entry]] = {}  # by name: some packages bring the same one
    roots = []
    for entry in entries:
        path = PurePath(entry[0])
        library = entry[2] == "BINARY" and not {"plugins", "pypdfium2_raw"} & set(path.parts)
        if library and not _python(path):
            libraries.setdefault(_same(path.name), []).append(entry)
        else:
            roots.append(entry)
    kept: set[str] = set()
    queue = list(roots)
    while queue:
        for name in map(_same, _needs(queue.pop()[1])):
            ours = [entry for entry in libraries.get(name, ()) if _from_here(entry)]
            if ours and name not in kept:
                kept.add(name)
                queue += ours
    gone = {id(e) for name, many in libraries.items() for e in many if name not in kept or not _from_here(e)}
    return [e for e in entries if id(e) not in gone]


def _same(name: str) -> str:
    """A library's name as the system compares it: Windows says MSVCP140.dll and means msvcp140.dll."""
    return name.lower() if sys.platform == "win32" else name


def _needs(file: str) -> set[str]:
    """Names of the libraries that a file itself is linked to. (PyInstaller's function also gives what the
    build system's libraries need in turn.)"""
    if sys.platform.startswith("linux"):
        said = subprocess.run(["objdump", "-p", file], capture_output=True, text=True).stdout
        return set(re.findall(r"^\s*NEEDED\s+(\S+)", said, re.MULTILINE))
    from PyInstaller.depend import bindepend

    return {PurePath(name).name for name, _ in bindepend.get_imports(file)}


def _python(name: PurePath) -> bool:
    """The interpreter itself is linked by the two programs, which are not in the list."""
    return re.fullmatch(r"libpython3\.\d+\.so.*|python3\d*\.dll|vcruntime.*\.dll", name.name.lower()) is not None


def _from_here(entry: Entry) -> bool:
    """True for a library of a package, and for one of the system that is taken along."""
    system = sys.platform.startswith("linux") and "site-packages" not in Path(entry[1]).parts
    return not system or TAKEN_ALONG.fullmatch(PurePath(entry[0]).name) is not None


def descriptions(names: list[str], folder: Path) -> list[tuple[str, str]]:
    """Name, version and licences of packages for the page 关于: their metadata without the list of all files."""
    found = []
    for name in names:
        dist = metadata.distribution(name)
        files = [f for f in dist.files or () if describes(f)]
        target = folder / f"{name}.RECORD"
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("w", encoding="utf-8", newline="") as record:
            csv.writer(record, lineterminator="\n").writerows((f.as_posix(), "", "") for f in files)
        home = files[0].parts[0]
        (folder / home).mkdir(exist_ok=True)
        target.replace(folder / home / "RECORD")
        found.append((str(folder / home / "RECORD"), home))
        found += [(str(dist.locate_file(f)), str(PurePath(f).parent)) for f in files]
    return found


def describes(file: metadata.PackagePath) -> bool:
    """Whether it is the description of an installed package, or one of its licence texts."""
    licence = file.name.upper().startswith(("LICEN", "COPYING", "NOTICE"))
    return file.parts[0].endswith(".dist-info") and (licence or "licenses" in file.parts or file.name == "METADATA")
