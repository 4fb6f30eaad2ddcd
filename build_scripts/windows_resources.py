"""What the spec puts into the two .exe files: version information, and the manifest beside this file.

    from windows_resources import MANIFEST, ICON, version_file
    EXE(…, icon=ICON, manifest=MANIFEST, version=version_file(workpath, "决算公开校核.exe"))

PyInstaller ignores all three on other systems.

What the manifest says, and why (it bears no comments itself: Windows refuses to start a program whose manifest
it cannot read, and that cannot be tried everywhere):

- asInvoker: no administrator is ever asked for;
- supportedOS: Windows 10 and 11, what Qt 6 runs on; without it Windows tells programs it is an older one;
- longPathAware: paths beyond 260 characters, where the machine allows them;
- PerMonitorV2: what Qt would ask for by itself, said before a window of any other library can be there;
- activeCodePage: narrow calls of C libraries take UTF-8, so Chinese paths survive whatever the system's code
  page is (Windows 10 from 1903 on; older ones ignore it).
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
ICON = str(HERE / "assets" / "icon.ico")
MANIFEST = str(HERE / "assets" / "juesuan.manifest")
CHINESE, UTF_16 = 0x0804, 1200  # the language and the code page that the strings are filed under
PRODUCT = "决算公开校核"
DESCRIPTIONS = {"决算公开校核.exe": "决算公开校核", "juesuan.exe": "决算公开校核（命令行）"}
AUTHORS = "juesuan 项目组"  # the licence says "the juesuan authors"


def numbers(version: str) -> tuple[int, int, int, int]:
    """The four numbers that Windows compares: 0.1.0 → 0.1.0.0, 1.2rc3 → 1.2.0.0."""
    found = [int(part) for part in re.match(r"\d+(\.\d+)*", version)[0].split(".")][:4]  # type: ignore[index]
    return tuple(found + [0] * (4 - len(found)))  # type: ignore[return-value]


def version_text(program: str) -> str:
    """The version information of one of the two programs, in the notation that PyInstaller reads."""
    if str(HERE.parent) not in sys.path:
        sys.path.insert(0, str(HERE.parent))
    from app import __version__

    strings = {
        "CompanyName": AUTHORS,
        "FileDescription": DESCRIPTIONS[program],  # what the task manager and 打开方式 show
        "FileVersion": __version__,
        "InternalName": program.removesuffix(".exe"),
        "LegalCopyright": "MIT 许可",
        "OriginalFilename": program,
        "ProductName": PRODUCT,
        "ProductVersion": __version__,
    }
    entries = ", ".join(f"StringStruct({key!r}, {value!r})" for key, value in strings.items())
    four = numbers(__version__)
    return (
        f"VSVersionInfo(ffi=FixedFileInfo(filevers={four}, prodvers={four}, mask=0x3f, flags=0x0, OS=0x40004,"
        " fileType=0x1, subtype=0x0, date=(0, 0)), kids=["
        f"StringFileInfo([StringTable('{CHINESE:04x}{UTF_16:04x}', [{entries}])]),"
        f" VarFileInfo([VarStruct('Translation', [{CHINESE}, {UTF_16}])])])\n"
    )


def version_file(folder: str | Path, program: str) -> str:
    """Write the version information into ``folder`` (the build's own); gives the path for ``EXE(version=…)``."""
    path = Path(folder) / f"{program.removesuffix('.exe')}.version.txt"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"# UTF-8\n{version_text(program)}", "utf-8")
    return str(path)
