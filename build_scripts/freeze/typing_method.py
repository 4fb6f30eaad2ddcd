"""Chinese input in the packaged window.

Qt's own wheels bring the plugin for ibus, and none for fcitx, whose plugin is built for the system's Qt.
fcitx 5 answers programs that speak ibus. So where a desktop says fcitx, Qt is told ibus; otherwise it would
take neither, and no Chinese could be typed.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

_NAME = "QT_IM_MODULE"


@contextmanager
def known_to_qt() -> Iterator[None]:
    """While Qt starts it sees ibus; programs that the window opens later see what the desktop set."""
    before = os.environ.get(_NAME)
    wanted = before or os.environ.get("XMODIFIERS", "").rpartition("@im=")[2]
    wayland = bool(os.environ.get("WAYLAND_DISPLAY"))  # there the compositor brings input, unless told otherwise
    named_for_x_only = before is None
    if wanted.startswith(("fcitx", "ibus")) and not (named_for_x_only and wayland):
        os.environ[_NAME] = "ibus"
    try:
        yield
    finally:
        if before is None:
            os.environ.pop(_NAME, None)
        else:
            os.environ[_NAME] = before
