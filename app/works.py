"""What a worker of the window can be asked for, by name: one pool serves all of it."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from typing import Any

from app import pipeline
from app.pipeline import Outcome, Request


@dataclass(frozen=True, slots=True)
class Task:
    """``kind``: ``open`` | ``check`` | ``tables`` | ``draft`` | ``template`` | ``clean``."""

    kind: str
    request: Request


def carry_out(task: Task, step: Callable[[Any], None]) -> Outcome:
    """Do a task (in a worker); see ``jobs.Pool``."""
    _stand_back()
    if task.kind == "open":
        from app.open_case import open_case

        return open_case(task.request, step)
    work: Callable[..., Outcome] = getattr(pipeline, task.kind)
    return work(task.request, step)


@cache
def _stand_back() -> None:
    """On a busy machine the window comes before its workers."""
    with suppress(OSError):
        if sys.platform == "win32":
            import psutil

            psutil.Process().nice(psutil.BELOW_NORMAL_PRIORITY_CLASS)
        else:
            os.nice(5)


def lost(task: Task, pid: int) -> None:
    """Tidy up after a worker that was killed over ``task``."""
    pipeline.lost(task.request, pid)
