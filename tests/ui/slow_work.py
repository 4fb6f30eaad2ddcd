"""Work for workers that a test wants slow, or dead."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from app.works import Task, carry_out

__all__ = ["carry_out", "dies", "for_ever", "read_only", "some_for_ever"]


def for_ever(task: Task, step: Callable[[Any], None]) -> None:
    step("校核")
    time.sleep(600)


def dies(task: Task, step: Callable[[Any], None]) -> None:
    os.abort()


def read_only(task: Task, step: Callable[[Any], None]) -> object:
    """As always, but nothing can be written."""
    from app import outputs, pipeline

    def refused(*_: object) -> list[Path]:
        raise outputs.Unwritable("文件夹“表”不能写入，标注文件没有生成。")

    before = pipeline._write
    pipeline._write = refused  # type: ignore[assignment]
    try:
        return carry_out(task, step)
    finally:
        pipeline._write = before


def some_for_ever(task: Task, step: Callable[[Any], None]) -> object:
    """The first files as always, the later ones never end."""
    if task.request.path.stem > "单位05":
        return for_ever(task, step)
    return carry_out(task, step)
