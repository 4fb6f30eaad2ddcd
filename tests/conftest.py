"""Nothing that a test does, or finds, is in the user's own folders."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture(autouse=True, scope="session")
def own_folders(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Imported lists and the memory of outputs, for the whole run."""
    folder = tmp_path_factory.mktemp("user")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JUESUAN_DATA", str(folder / "data"))
        patch.setenv("JUESUAN_STATE", str(folder / "state"))
        yield folder
