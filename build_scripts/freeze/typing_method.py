"""Chinese input in the packaged window.

Qt's own wheels bring the plugin for ibus, and none for fcitx, whose plugin is built for the system's Qt.
fcitx 5 answers programs that speak ibus through its portal. So where a desktop says fcitx, Qt is told that;
otherwise it would take neither, and no Chinese could be typed. (Without the portal Qt asks for a program
``ibus-daemon``, which such a desktop has not.)
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

_MODULE, _PORTAL = "QT_IM_MODULE", "IBUS_USE_PORTAL"


@contextmanager
def known_to_qt() -> Iterator[None]:
    """While Qt starts it sees ibus; programs that the window opens later see what the desktop set."""
    before = {name: os.environ.get(name) for name in (_MODULE, _PORTAL)}
    os.environ.update(_for_qt())
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value


def _for_qt() -> dict[str, str]:
    named = os.environ.get(_MODULE)
    if named is None and not os.environ.get("WAYLAND_DISPLAY"):  # there the compositor brings input
        named = os.environ.get("XMODIFIERS", "").rpartition("@im=")[2]
    if not named or not named.startswith(("fcitx", "ibus")):
        return {}
    return {_MODULE: "ibus", **({_PORTAL: "1"} if named.startswith("fcitx") else {})}
