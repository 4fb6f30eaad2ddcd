"""Whether a window can be opened here; said in one sentence before Qt would abort without one."""

from __future__ import annotations

import ctypes
import os
import re
import sys
from pathlib import Path

# The Debian package of each library that Qt and its plugin for X need beside Qt's own.
_PACKAGES = {
    "libX11.so.6": "libx11-6",
    "libX11-xcb.so.1": "libx11-xcb1",
    "libxcb.so.1": "libxcb1",
    "libfreetype.so.6": "libfreetype6",
    "libgssapi_krb5.so.2": "libgssapi-krb5-2",
    "libzstd.so.1": "libzstd1",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-util.so.1": "libxcb-util1",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libfontconfig.so.1": "libfontconfig1",
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libdbus-1.so.3": "libdbus-1-3",
    "libglib-2.0.so.0": "libglib2.0-0",
}
_MISSING = re.compile(r"(lib[\w.+-]+\.so[.\d]*): cannot open shared object")


def has_screen() -> bool:
    """Whether there is anything to show a window on."""
    names = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    return not sys.platform.startswith("linux") or any(os.environ.get(name) for name in names)


def lacking(error: object) -> str:
    """The sentence for what could not be loaded: all libraries that are missing, not the first alone."""
    missing = list(dict.fromkeys(name for wanted in _PACKAGES if (name := _absent(wanted))))
    if (hit := _MISSING.search(str(getattr(error, "__cause__", None) or error))) and hit[1] not in missing:
        missing.append(hit[1])
    instead = "也可以改用命令行：juesuan check 文件。"
    if not missing:
        return f"窗口打不开：{error}。{instead}"
    packages = " ".join(_PACKAGES[name] for name in missing if name in _PACKAGES)
    how = f"请先安装（如 sudo apt install {packages}）" if packages else "请先安装"
    return f"窗口打不开：系统缺少 {'、'.join(missing)}，{how}；{instead}"


def _absent(name: str) -> str | None:
    """What is missing for a library to be loaded: itself, or (where it is packed with the program) one that it needs."""
    try:
        ctypes.CDLL(name)
    except OSError as error:
        hit = _MISSING.search(
            str(error.__cause__ or error)
        )  # PyInstaller's loader puts a sentence of its own before it
        return hit[1] if hit else name
    return None


def trouble() -> str | None:
    """Why no window can be opened; None when it can. Qt itself must be importable (else ``ImportError``)."""
    import PySide6.QtWidgets  # loads what the plugin rests on

    wanted = os.environ.get("QT_QPA_PLATFORM", "xcb" if os.environ.get("DISPLAY") else "wayland")
    if not sys.platform.startswith("linux") or not wanted.startswith("xcb"):
        return None
    folder = Path(PySide6.__file__).parent
    plugin = next((p for p in folder.glob("**/platforms/libqxcb.so")), None)
    if plugin is None:
        return None
    try:
        ctypes.CDLL(str(plugin))
    except OSError as error:
        return lacking(error)
    return None
