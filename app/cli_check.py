"""``juesuan check``: the run over many files, its progress, and one line a file at the end."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol

from app import outputs, pipeline
from app.jobs import Event, Pool, Work, workers_for
from app.pipeline import Outcome, Request


def run(requests: Sequence[Request]) -> int:
    """Check all files, print one line a file; gives the exit code."""
    outcomes: dict[int, Outcome] = {}
    with Pool(pipeline.check, workers_for(len(requests)), on_lost=pipeline.lost) as pool, _progress(requests) as bar:
        order = [pool.submit(request) for request in requests]
        for event in pool.events():
            bar.tell(event)
            if event.kind == "done":
                outcomes[event.job] = outcome_of(event)
    done = [outcomes[job] for job in order]
    for outcome in done:
        print(line(outcome))
    if len(done) > 1:
        print(total(done))
    return exit_code(done)


def alone(work: Work, request: Request) -> int:
    """Carry out another command on one file, in a worker all the same."""
    with Pool(work, on_lost=pipeline.lost) as pool:
        pool.submit(request)
        outcome = next(outcome_of(event) for event in pool.events() if event.kind == "done")
    if outcome.error:
        print(f"{request.path.name}：{outcome.error}", file=sys.stderr)
        return 2
    for path in outcome.outputs:
        print(f"已生成 {path}")
    for note in outcome.notes:
        print(note)
    return 0


def outcome_of(event: Event) -> Outcome:
    """The outcome of a finished job, also of one whose worker was lost."""
    if event.details and os.environ.get("JUESUAN_DEBUG"):
        print(event.details, file=sys.stderr)
    if event.result is not None:
        outcome: Outcome = event.result
        return outcome
    return Outcome(event.request.path, error=event.error)


def exit_code(outcomes: Sequence[Outcome]) -> int:
    """0 clean, 1 errors or warnings, 2 something could not be read or written."""
    if any(o.error or not o.evaluated for o in outcomes) or not outcomes:
        return 2
    return 1 if any(o.errors or o.warnings for o in outcomes) else 0


def line(outcome: Outcome) -> str:
    """One file in one line."""
    name = outcome.path.name
    if outcome.error:
        return f"！ {name}：{outcome.error}"
    if not outcome.evaluated:
        return f"！ {name}：没有读出可以核对的表格或文字，未作任何核对。{_written(outcome)}"
    if outcome.blank:
        return f"○ {name}：模板尚未填写（各表都没有金额），没有可以核对的内容。{_written(outcome)}"
    unknown = outcome.rules.get("could_not_run", 0)
    counts = (
        ("错误", outcome.errors), ("提醒", outcome.warnings), ("尾差", outcome.rounding), ("已核实", outcome.verified),
        ("无法核对", unknown), ("已填", outcome.filled),
    )  # fmt: skip
    said = " · ".join(f"{word} {count}" for word, count in counts if count)
    if not outcome.errors:
        done = f"未发现错误，已核对 {outcome.tables} 张表、{outcome.evaluated} 处"
        said = f"{done} · {said}" if said else done
    sign = "✖" if outcome.errors else "⚠" if outcome.warnings else "✓"
    return f"{sign} {name}：{said}{_written(outcome)}"


def _written(outcome: Outcome) -> str:
    notes = "".join(f"（{note}）" for note in outcome.notes)
    if not outcome.outputs:
        return notes
    said = " → " + "、".join(str(_short(path)) for path in outcome.outputs)
    if any(map(outputs.is_numbered, outcome.outputs)) and not outputs.named_like_ours(outcome.path):
        said += "（原标注文件正被打开或已有改动，没有覆盖）"
    return said + notes


def _short(path: Path) -> Path:
    """Relative to where the clerk stands, when it lies below."""
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path


def total(outcomes: Sequence[Outcome]) -> str:
    """All files in one line."""
    read = [o for o in outcomes if not o.error]
    parts = [f"错误 {sum(o.errors for o in read)}", f"提醒 {sum(o.warnings for o in read)}"]
    if len(read) < len(outcomes):
        parts.append(f"未能完成 {len(outcomes) - len(read)} 个文件")
    return f"共 {len(outcomes)} 个文件：" + " · ".join(parts)


class _Bar(Protocol):
    def __enter__(self) -> _Bar: ...
    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None: ...
    def tell(self, event: Event) -> None: ...


class _Quiet:
    """No progress: output goes into a pipe or a file."""

    def __enter__(self) -> _Quiet:
        return self

    def __exit__(self, *_: object) -> None:
        return

    def tell(self, event: Event) -> None:
        return


class _Terminal:
    """Files done, findings so far, time left, and what is being done to which file."""

    def __init__(self, files: int) -> None:
        from tqdm import tqdm

        tqdm.monitor_interval = 0  # its thread would forbid cheap workers (see jobs)
        shape = "{percentage:3.0f}% |{bar:20}| {n_fmt}/{total_fmt} 个文件 · {desc} · 剩余 {remaining}"
        self._bar: Any = tqdm(total=files, bar_format=shape, desc="问题 0", leave=False, file=sys.stderr)
        self._findings = 0

    def __enter__(self) -> _Terminal:
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.close()

    def tell(self, event: Event) -> None:
        if event.kind == "done":
            if event.result is not None:
                self._findings += event.result.errors + event.result.warnings
            self._bar.update()
        now = f" · {event.text} {event.request.path.name}" if event.kind == "step" else ""
        self._bar.set_description_str(f"问题 {self._findings}{now}")


def _progress(requests: Sequence[Request]) -> _Bar:
    return _Terminal(len(requests)) if sys.stderr.isatty() else _Quiet()
