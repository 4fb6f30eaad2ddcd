"""The whole way of one file, on one page: read, recognise, check, fill, write.

The window and the command line call this through ``app.jobs``. The rooms are imported when they
are entered: what one command does not need, it does not load.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.checking.finding import Checked
    from app.knowledge.settings import Settings
    from app.report.report import Report
    from app.source import Source

Step = Callable[[str], None]
_MOST_ISSUES = 500  # of one file
NO_TABLES = "没有找到决算公开表：九张表按标题识别（如“收入支出决算总表”），请确认选对了文件、各表标题没有改动。"
NO_TEXT = "文件里没有可以校核的文字和表格（可能全是图片），请检查是否选错了文件，或改用带文字的文件。"


@dataclass(frozen=True, slots=True)
class Request:
    """What to do with one file. ``folder`` takes the outputs (None: beside the input).

    ``tables`` is a workbook whose tables make one case with the report ``path``. ``protected``
    names other inputs of the same run that an output could be called like. ``settings`` are the
    user's; ``form``, ``only`` and ``skip`` win over them, ``fill`` and ``write`` are as they are here.
    ``verified`` gives her remarks by the fingerprint of the finding. ``again`` when she has the case
    before her and saved it: results that are open or changed are then left as they are.
    ``paired`` when nobody said that ``path`` and ``tables`` belong together, so that they may not.
    With ``listed`` the outcome names its errors and reminders.
    """

    path: Path
    tables: Path | None = None
    folder: Path | None = None
    json_folder: Path | None = None
    form: str | None = None
    only: tuple[str, ...] = ()
    skip: tuple[str, ...] = ()
    fill: bool = True
    write: bool = True  # the annotated files
    last_year: Path | None = None  # last year's file
    units: tuple[Path, ...] = ()  # of a 部门: the files of 本级 and 下属单位
    protected: tuple[Path, ...] = ()
    target: Path | None = None  # of ``tables``, ``clean``, ``template``
    year: int | None = None  # of ``template``
    unit: str = ""
    settings: Settings | None = field(default=None, hash=False)
    verified: dict[str, str] = field(default_factory=dict, hash=False)
    again: bool = False
    paired: bool = False
    listed: bool = False


@dataclass(frozen=True, slots=True)
class Issue:
    """An error or reminder in a few words, for a list over many files."""

    severity: str
    code: str
    place: str
    message: str


@dataclass(slots=True)
class Outcome:
    """What became of one file: small and picklable, it crosses from the worker process.

    ``rules`` counts rules by how they ended; ``error`` is one sentence for the clerk when the file
    could not be read or the result not be written; ``notes`` are such sentences on what else was
    not done. ``apart`` says that a report and its ``tables`` are of two units and no case;
    ``issues`` are listed when the request asks for it.
    """

    path: Path
    unit: str | None = None
    year: int | None = None
    form: str | None = None
    kind: str | None = None
    tables: int = 0
    errors: int = 0
    warnings: int = 0
    info: int = 0
    rounding: int = 0
    verified: int = 0  # findings she has looked into, counted nowhere else
    filled: int = 0
    blank: bool = False  # a template that nobody has filled in yet
    rules: dict[str, int] = field(default_factory=dict)
    evaluated: int = 0
    outputs: list[Path] = field(default_factory=list)
    error: str | None = None
    apart: bool = False
    issues: list[Issue] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def findings(self) -> int:
        return self.errors + self.warnings + self.info


Look = Callable[["Report", "Checked", Outcome], None]


def check(request: Request, step: Step = lambda _: None, look: Look = lambda *_: None) -> Outcome:
    """Check one file and write its results; ``step`` is told each step as it begins.

    ``look`` sees the result before it is written (a window shows it). Never raises for what is wrong with the file or the folder: that is ``Outcome.error``.
    """
    from app import outputs

    with _said(request) as outcome:
        step("读取")
        report = report_of(request, step)
        step("校核")
        checked = checked_of(report, request)
        step("填充")
        outcome.notes += fill(report, checked, request)
        _summarise(outcome, report, checked)
        if request.listed:
            outcome.issues = _issues(checked)
        look(report, checked, outcome)
        if request.write or request.json_folder is not None:
            step("写出")
            with outputs.protecting(_inputs(request)):
                outcome.outputs += _write(request, report, checked, outcome.notes.append)
    return outcome


@contextmanager
def _said(request: Request) -> Iterator[Outcome]:
    """The outcome of a request; what the clerk can mend becomes its ``error``."""
    from app.outputs import Unwritable
    from app.reading.errors import NoCase, Unreadable

    outcome = Outcome(request.path)
    try:
        yield outcome
    except (Unreadable, Unwritable) as error:
        outcome.error, outcome.apart = str(error), isinstance(error, NoCase)


def lost(request: Request, pid: int) -> None:
    """Tidy up after a worker that was killed over ``request``."""
    from app import outputs

    beside = [p.parent for p in (request.path, request.tables, request.target) if p is not None]
    for folder in {*beside, *(f for f in (request.folder, request.json_folder) if f is not None)}:
        outputs.sweep(folder, pid)


def report_of(request: Request, step: Step = lambda _: None) -> Report:
    """The file, with the workbook that goes with it and the files it is compared with, recognised.

    Raises ``Unreadable``.
    """
    from app.reading.errors import Unreadable

    report = _own_report(request, step)
    others = _companions(request)
    if not others:
        return report
    called = dict(zip(others, _names(request, others), strict=True))
    if request.last_year is not None:
        report.last_year = _companion(request.last_year, "--last-year", called[request.last_year])
    for path in request.units:
        try:
            report.units.append(_companion(path, "--units", called[path]))
        except Unreadable as error:
            report.unread_units.append(str(error))
    return report


def _companions(request: Request) -> list[Path]:
    """The files that a request compares its own with, each once."""
    return list(dict.fromkeys(p for p in (request.last_year, *request.units) if p is not None))


def _names(request: Request, others: list[Path]) -> list[str]:
    from app.recognising.companions import names

    return names([p for p in (request.path, request.tables) if p is not None], others)


def _companion(path: Path, option: str, name: str) -> Report:
    """A file to compare with, whose places are called ``name``. Raises ``Unreadable``, with its name in the sentence."""
    from app.reading.errors import Unreadable
    from app.reading.read import read
    from app.recognising.companions import companion

    try:
        report = companion(read(path), name=name)
    except Unreadable as error:
        raise Unreadable(f"{option} 给的“{path.name}”：{error}") from error
    if not report.tables:
        raise Unreadable(f"{option} 给的“{path.name}”里没有找到决算公开表，请确认选对了文件。")
    return report


def _own_report(request: Request, step: Step) -> Report:
    """The file itself, and the workbook that goes with it."""
    from app.reading.errors import Unreadable
    from app.reading.read import read
    from app.recognising.recognise import recognise

    source = read(request.path)
    workbook = _workbook(source, request.tables) if request.tables is not None else None
    form = request.form or (request.settings.form if request.settings else None) or None
    step("识别")
    if workbook is not None:
        from app.recognising.merge import one_case

        return one_case(source, workbook, form, one_unit=request.paired)
    report = recognise(source, form)
    if report.kind == "workbook" and not report.tables:
        raise Unreadable(NO_TABLES)
    if report.kind != "workbook" and not source.items:
        raise Unreadable(NO_TEXT)
    return report


def _workbook(source: Source, path: Path) -> Source:
    """The workbook that goes with a report. Raises ``Unreadable``, with its name in the sentence."""
    from app.reading.errors import Unreadable
    from app.reading.read import read

    if source.kind == "workbook":
        raise Unreadable("这个文件本身是工作簿；--tables 只与一份报告（PDF、Word、文本）一起使用，请直接校核工作簿。")
    try:
        workbook = read(path)
    except Unreadable as error:
        raise Unreadable(f"--tables 给的“{path.name}”：{error}") from error
    if workbook.kind != "workbook":
        raise Unreadable(f"--tables 给的“{path.name}”不是工作簿，请选择公开表的 Excel 文件。")
    return workbook


def checked_of(report: Report, request: Request) -> Checked:
    """Every rule that the request does not leave out, carried out on the report as the user's settings
    say; what she has verified is marked so."""
    from app.checking.run import check as run
    from app.checking.run import mark_verified

    if request.settings is None:
        checked = run(report, only=request.only, skip=request.skip)
    else:
        chosen = request.settings
        checked = run(
            report, request.only, request.skip, off=chosen.off, severities=chosen.severities, money=chosen.money
        )
    mark_verified(checked, request.verified)
    return checked


def fill(report: Report, checked: Checked, request: Request) -> list[str]:
    """Adds what the case asks to be filled in, unless the request declines it; what is to be said of it."""
    if request.fill:
        from app.filling.fill import fill as fill_in

        try:
            fill_in(report, checked)
        except Exception as error:  # what cannot be filled in must not cost her the findings
            if "PYTEST_CURRENT_TEST" in os.environ:
                raise
            checked.fills = []
            return [f"空白的百分比没有填写：程序出错（{type(error).__name__}），请告知开发者"]
    return []


def _summarise(outcome: Outcome, report: Report, checked: Checked) -> None:
    from app.checking.statements import is_unfilled

    outcome.unit = report.unit.value if report.unit else None
    outcome.year, outcome.form, outcome.kind = report.year, report.form, report.kind
    outcome.tables = len(report.tables)
    outcome.errors, outcome.warnings, outcome.info = (checked.count(s) for s in ("error", "warning", "info"))
    outcome.rounding, outcome.verified = checked.rounding, checked.verified
    outcome.blank = report.kind == "workbook" and is_unfilled(report)
    outcome.filled = sum(fill.done for fill in checked.fills)
    outcome.rules = dict(Counter(rule.status for rule in checked.rules))
    outcome.evaluated = sum(rule.evaluated for rule in checked.rules)


def _issues(checked: Checked) -> list[Issue]:
    loud = [f for f in checked.findings if f.severity in ("error", "warning") and f.verified is None]
    return [Issue(f.severity, f.code, str(f.place), f.message) for f in loud[:_MOST_ISSUES]]


def _write(request: Request, report: Report, checked: Checked, say: Step) -> list[Path]:
    """The findings as JSON first, which needs nothing of the file; then each file's annotated copy."""
    from app import outputs
    from app.writing.write import write

    data = []
    if request.json_folder is not None:
        from app.writing.findings_json import dump

        data.append(write_json(outputs.json_target(request.path, request.json_folder), dump(report, checked)))
    written: list[Path] = []
    for path in (request.path, request.tables) if request.write else ():
        if path is None or (request.again and _busy(path, request, say)):
            continue
        with outputs.protecting([*_inputs(request), *written]):
            written += write(path, report, checked, request.folder, say)
    return written + data


def _busy(path: Path, request: Request, say: Step) -> bool:
    """Whether an earlier result of ``path`` is open, changed by her, or itself what she works in."""
    from app import outputs

    for extension in (None, ".docx") if path.suffix.lower() == ".docx" else (None,):
        earlier = outputs.target(path, request.folder, extension)
        if earlier == path:
            return True
        if earlier.exists() and (outputs.is_open(earlier) or not outputs.unchanged(earlier)):
            say(f"标注文件“{earlier.name}”正被打开或已有改动，没有更新")
            return True
    return False


def _inputs(request: Request) -> list[Path]:
    return [p for p in (request.path, request.tables, *_companions(request), *request.protected) if p is not None]


def write_json(target: Path, data: object) -> Path:
    """Plain data as a JSON file, replaced in one go. Raises ``Unwritable``."""
    from app import outputs

    with outputs.replacing(target, overwrite=True) as draft:
        draft.temp.write_text(json.dumps(data, ensure_ascii=False, indent=1) + "\n", "utf-8")
    return draft.path


def tables(request: Request, step: Step = lambda _: None) -> Outcome:
    """The recognised tables of a file as ``request.target``, ``.json`` or ``.xlsx``."""
    from app import outputs
    from app.writing import tables as writing

    with _said(request) as outcome:
        step("读取")
        report = _counted(report_of(request, step), request)
        outcome.tables = len(report.tables)
        target = request.target or request.path.with_suffix(".json")
        step("写出")
        with outputs.protecting([request.path]):
            if target.suffix.lower() == ".json":
                outcome.outputs.append(write_json(target, writing.tables_json(report)))
                return outcome
            with outputs.replacing(target) as draft:
                writing.tables_xlsx(report, draft.temp)
            outcome.outputs.append(draft.path)
    return outcome


def _counted(report: Report, request: Request) -> Report:
    """For what is done without checking: the amounts in the unit that the user's settings say."""
    if request.settings is not None and request.settings.money:
        from app.checking.run import count_in

        count_in(report, request.settings.money)
    return report


def template_name(unit: str, year: int) -> str:
    """The usual name of a template's file."""
    safe = "".join("_" if c in '\\/:*?"<>|' else c for c in unit).strip()[:80]
    return f"{safe}{year}年度决算公开表.xlsx"


def template(request: Request, step: Step = lambda _: None) -> Outcome:
    """A blank template of ``request.form`` for ``unit`` and ``year``, as ``request.target``."""
    from app import outputs
    from app.writing.template import template as write_template

    with _said(request) as outcome:
        step("生成模板")
        year, form = request.year or 0, request.form or "2022"
        if not 2000 <= year <= 2099:
            raise outputs.Unwritable("年度应在 2000 至 2099 之间。")
        with outputs.replacing(request.target or Path(template_name(request.unit, year))) as draft:
            write_template(form, year, request.unit.strip(), draft.temp)
        outcome.outputs.append(draft.path)
    return outcome


def draft(request: Request, step: Step = lambda _: None) -> Outcome:
    """情况说明 from a filled workbook (or drafted anew from a report), as ``request.target``."""
    from app import outputs

    with _said(request) as outcome:
        step("读取")
        report = _counted(report_of(request, step), request)
        step("写出情况说明")
        target = request.target or request.path.with_name(f"{request.path.stem}_情况说明.docx")
        with outputs.protecting(_inputs(request)), outputs.replacing(target) as draft_file:
            from app.writing.draft import draft as write_draft

            waiting = write_draft(report, draft_file.temp)
        outcome.outputs.append(draft_file.path)
        if waiting:
            outcome.notes.append(f"有 {waiting} 处【待填】（黄色标出）要人工填写")
    return outcome


def clean(request: Request, step: Step = lambda _: None) -> Outcome:
    """An annotated file without our marks, as ``request.target``."""
    from app import outputs
    from app.reading.errors import Unreadable
    from app.reading.sniff import refusal, sniff

    with _said(request) as outcome, outputs.protecting([request.path]):
        step("去除标注")
        kind = sniff(request.path)
        if kind == "docx":
            from app.writing.word_comments import clean as without_marks
        elif kind == "xlsx":
            from app.package.editor import clean as without_marks
        else:
            raise Unreadable(refusal(kind) or "只有标注过的 .xlsx、.xlsm 和 .docx 可以去除标注。")
        with outputs.replacing(request.target or outputs.clean_target(request.path)) as draft:
            if not without_marks(request.path, draft.temp):
                raise Unreadable("这个文件里没有本程序的标注，不需要处理。")
        outcome.outputs.append(draft.path)
    return outcome
