"""``.xlsx`` and ``.xlsm``, as the clerk made them: what we put in at an earlier run is left out."""

from __future__ import annotations

from pathlib import Path

from app.package import editor
from app.package.container import Package
from app.package.supplied import supplied
from app.package.workbook_reader import read_package
from app.source import Source


def read(path: Path) -> Source:
    """The sheets of a workbook, without our marks, notes and sheets. Raises ``Unreadable``."""
    package = Package.open(path)
    typed = supplied(package)
    editor.strip(package)
    source = read_package(package, path)
    source.supplied = typed
    return source
