"""The user's own folders: what she added to the program (科目 lists, settings), and what it remembers."""

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


def state_folder() -> Path:
    """The user's own folder for what the program remembers between runs."""
    if chosen := os.environ.get("JUESUAN_STATE"):
        return Path(chosen)
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", Path.home())) / "juesuan"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "juesuan"
    return Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state") / "juesuan"
