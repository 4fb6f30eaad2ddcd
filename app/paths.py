"""Where the program's own files are: in a checkout, installed, or frozen."""

from __future__ import annotations

from functools import cache
from pathlib import Path


@cache
def resources() -> Path:
    """The ``resources`` folder: beside the package in a checkout, inside it when installed."""
    here = Path(__file__).resolve().parent
    for folder in (here / "resources", here.parent / "resources"):
        if (folder / "rules").is_dir():
            return folder
    raise FileNotFoundError("resources")
