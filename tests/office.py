"""LibreOffice as the second opinion: what it computes for the formulas of a workbook."""

from __future__ import annotations

import re
import shutil
import subprocess
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest

SOFFICE = shutil.which("soffice")
needs_office = pytest.mark.skipif(SOFFICE is None, reason="LibreOffice (soffice) is not installed")
_CACHED = re.compile(rb"(<f[ >][^<]*</f>|<f>[^<]*</f>)<v>[^<]*</v>")


def recalculated(paths: Sequence[Path], folder: Path) -> list[Path]:
    """The workbooks as LibreOffice saves them after working out every formula itself.

    Cached values are taken out first: it would keep them. One run for all, under their own names.
    """
    bare = folder / "bare"
    bare.mkdir(parents=True, exist_ok=True)
    for path in paths:
        without_cached_values(path, bare / path.name)
    profile = f"-env:UserInstallation=file://{folder / 'profile'}"
    out = folder / "back"
    command = [str(SOFFICE), profile, "--headless", "--convert-to", "xlsx", "--outdir", str(out)]
    subprocess.run([*command, *(str(bare / p.name) for p in paths)], check=True, capture_output=True, timeout=600)
    return [out / path.name for path in paths]


def without_cached_values(source: Path, target: Path) -> None:
    """A copy in which no formula has a value."""
    with zipfile.ZipFile(source) as before, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as after:
        for item in before.infolist():
            data = before.read(item)
            if item.filename.startswith("xl/worksheets/"):
                data = _CACHED.sub(rb"\1", data)
            after.writestr(item, data)
