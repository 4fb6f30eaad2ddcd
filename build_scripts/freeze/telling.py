"""Tells the clerk something without Qt: on stderr, and in a dialog of the desktop where nobody sees that."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from contextlib import suppress

TITLE = "决算公开校核"
_DIALOGS = (  # of GNOME and its kin, KDE, 统信 and 麒麟 (either), plain X
    ("zenity", "--error", "--no-markup", f"--title={TITLE}", "--width=480", "--text={said}"),
    ("kdialog", "--title", TITLE, "--error", "{said}"),
    ("notify-send", TITLE, "{said}"),
    ("xmessage", "-center", "{said}"),
)


def tell(said: str) -> None:
    """One sentence; does not wait until a dialog is closed."""
    stream = sys.stderr
    if stream is not None:  # Windows gives a program without console none
        with suppress(OSError, ValueError):
            if hasattr(stream, "reconfigure"):
                stream.reconfigure(encoding="utf-8", errors="replace")
            print(said, file=stream, flush=True)
            if stream.isatty():
                return
    if sys.platform == "win32":
        import ctypes

        icon_warning = 0x30
        ctypes.windll.user32.MessageBoxW(None, said, TITLE, icon_warning)
        return
    if not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        return
    for program, *words in _DIALOGS:
        if path := shutil.which(program):
            with suppress(OSError):
                command = [path, *(word.replace("{said}", said) for word in words)]
                subprocess.Popen(command, env=_their_own(), stdin=subprocess.DEVNULL, start_new_session=True)
                return


def _their_own() -> dict[str, str]:
    """The environment as it was before PyInstaller pointed it to our libraries."""
    found = {k: v for k, v in os.environ.items() if k != "LD_LIBRARY_PATH"}
    if before := os.environ.get("LD_LIBRARY_PATH_ORIG"):
        found["LD_LIBRARY_PATH"] = before
    return found
