"""Entry of the windowed program 决算公开校核: the window with the files it is given.

Started by a double click nobody reads what is printed, so what keeps the window from opening is shown in a
dialog of the desktop as well.
"""

from __future__ import annotations

import multiprocessing
import os
import sys


def main() -> int:
    """Open the window; 2 where the system lacks something that it needs."""
    from app import screen

    if not screen.has_screen():
        return _stop("窗口打不开：没有图形桌面。可以改用命令行：juesuan check 文件。")
    try:
        if said := screen.trouble():
            return _stop(said)
        import typing_method
        from PySide6.QtWidgets import QApplication

        with typing_method.known_to_qt():
            app = QApplication(sys.argv[:1])
        from app.ui import window
    except ImportError as error:
        return _stop(screen.lacking(error))
    if os.environ.get("JUESUAN_QUIT_AFTER_PAINT"):  # for build_scripts/measure_build.py
        import painted

        painted.quit_after(app)
    import fonts

    if said := fonts.lacking():
        import telling

        telling.tell(said)  # and go on: Qt may know better how to find some
    return window.main(sys.argv[1:])


def _stop(said: str) -> int:
    import telling

    telling.tell(said)
    return 2


if __name__ == "__main__":
    multiprocessing.freeze_support()  # a worker of this program is this program started again: no Qt for it
    sys.exit(main())
