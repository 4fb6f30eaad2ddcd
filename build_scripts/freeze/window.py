"""Entry of the windowed program 决算公开校核: the window with the files it is given."""

from __future__ import annotations

import multiprocessing
import sys

if __name__ == "__main__":
    multiprocessing.freeze_support()  # a worker of this program is this program started again: no Qt for it
    from app.cli import main

    sys.exit(main())
