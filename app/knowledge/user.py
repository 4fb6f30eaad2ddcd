"""The user's own data folder: what she added to the program (official 科目 lists)."""

from __future__ import annotations

import os
import sys
from pathlib import Path


def data_folder() -> Path:
    """The folder, which need not exist. ``JUESUAN_DATA`` overrides the system's usual place."""
    if chosen := os.environ.get("JUESUAN_DATA"):
        return Path(chosen)
    if sys.platform == "win32":
        return Path(os.environ.get("APPDATA", Path.home())) / "juesuan"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "juesuan"
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "juesuan"
