"""Where results are written: names, and writing that never harms a file of the clerk.

An output is written under a temporary name in its folder and then renamed. A target that is open
in Excel or WPS, that was changed since we wrote it, or that is itself an input, stays as it is and
the next free name ``(2)``, ``(3)`` is taken.
"""

from __future__ import annotations

import errno
import itertools
import os
import re
import sys
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path

from app.knowledge.user import state_folder as state_folder

MARK = "_校核"
TEXTS = (".txt", ".md")  # reports whose placeholders were filled
OUTPUT_KINDS = (".xlsx", ".xlsm", ".docx", *TEXTS)
# Kinds that would give an .xlsx of the same name; .xlsx keeps the plain one, .xlsm its own suffix.
SOURCE_KINDS = (".xlsx", ".xls", ".et", ".xlsb", ".ods", ".pdf", ".docx", ".txt", ".md")
_OURS = re.compile(rf"(?P<stem>.+){MARK}(?:\((?P<number>\d+)\))?")
_LONGEST_STEM = 180  # bytes; most file systems end a name at 255
_TEMPORARY = ".~juesuan-"
_protected: ContextVar[frozenset[str]] = ContextVar("protected", default=frozenset())


class Unwritable(Exception):
    """One Chinese sentence for the clerk: why the result cannot be written, and what to do."""


@dataclass(slots=True)
class Draft:
    """A file being written: write to ``temp``; afterwards ``path`` is where it went."""

    temp: Path
    path: Path


def target(source: Path, folder: Path | None = None, extension: str | None = None) -> Path:
    """The name of the annotated copy of ``source``, beside it or in ``folder``.

    ``extension`` is needed only where it does not follow from the source (``.docx`` for the
    annotated Word file). The annotated file of an annotated file bears the same name again.
    """
    ours = _OURS.fullmatch(source.stem) if source.suffix.lower() in OUTPUT_KINDS else None
    stem = _shortened(ours["stem"] if ours else _stem(source))
    if extension is None:
        extension = ".xlsm" if source.suffix.lower() == ".xlsm" else ".xlsx"
    return (folder or source.parent) / f"{stem}{MARK}{extension}"


def clean_target(source: Path) -> Path:
    """The name of an annotated file without its marks."""
    ours = _OURS.fullmatch(source.stem)
    return source.with_name(f"{_shortened(ours['stem'] if ours else source.stem)}_无标注{source.suffix}")


def json_target(source: Path, folder: Path) -> Path:
    """The name of the findings of ``source`` as JSON."""
    return folder / f"{_shortened(_stem(source))}.json"


def _stem(source: Path) -> str:
    """The name without its kind, which is added (``甲_pdf``) where documents of one name meet."""
    kind = source.suffix.lower()
    return f"{source.stem}_{kind.lstrip('.')}" if kind != ".xlsx" and _meets(source) else source.stem


def _meets(source: Path) -> bool:
    """True when another document of the same name but another kind stands beside ``source``."""
    others = (k for k in SOURCE_KINDS if k != source.suffix.lower())
    return any(os.path.exists(source.with_suffix(form)) for kind in others for form in (kind, kind.upper()))  # noqa: PTH110


def _shortened(stem: str) -> str:
    return os.fsencode(stem)[:_LONGEST_STEM].decode(sys.getfilesystemencoding(), "ignore")


def folders(files: Iterable[tuple[Path, Path]], out: Path | None) -> dict[Path, Path]:
    """The folder for the output of each file: beside it, or under ``out``.

    ``files`` are pairs (file, the folder that was given on the command line, or the file's own):
    sub-folders below the given one are kept. Where two outputs would still meet under one name,
    each goes into a sub-folder named after its source's folder.
    """
    pairs = list(files)
    if out is None:
        return {file: file.parent for file, _ in pairs}
    chosen = {file: out / file.parent.relative_to(root) for file, root in pairs}
    taken: dict[str, list[Path]] = {}
    for file, folder in chosen.items():
        taken.setdefault(os.path.normcase(target(file, folder)), []).append(file)
    for rivals in taken.values():
        for number, file in enumerate(rivals[1:], 2):
            name = file.parent.name or str(number)
            if any(os.path.normcase(chosen[r]) == os.path.normcase(out / name) for r in rivals):
                name = f"{name}({number})"
            chosen[file] = out / name
    return chosen


def is_temporary(path: Path) -> bool:
    """Owner and lock files of Excel, WPS and LibreOffice, and our own temporary files."""
    return path.name.startswith(("~$", ".~"))


def named_like_ours(path: Path) -> bool:
    """True for a name that an output could have."""
    return path.suffix.lower() in OUTPUT_KINDS and _OURS.fullmatch(path.stem) is not None


def is_ours(path: Path) -> bool:
    """True for an output of this program: it is named like one and carries our results, or is what
    we wrote.

    A file of the clerk that happens to be called ``…_校核.xlsx`` is not ours.
    """
    if not named_like_ours(path):
        return False
    if path.suffix.lower() in TEXTS:
        return unchanged(path)
    try:
        with zipfile.ZipFile(path) as package:
            if any(_mentions_us(package, name) for name in package.namelist()):
                return True
    except (OSError, zipfile.BadZipFile, ValueError, NotImplementedError):
        return True  # cannot be looked into (open, damaged): its name decides
    return unchanged(path)  # a Word file with nothing to comment on bears no sign of us


def _mentions_us(package: zipfile.ZipFile, name: str) -> bool:
    """A part of our own, our findings sheet, or comments signed by this program."""
    lowered = name.lower()
    if "juesuan" in lowered:
        return True
    if lowered not in ("xl/workbook.xml", "word/comments.xml", "docprops/core.xml", "docprops/app.xml"):
        return False
    with package.open(name) as part:
        start = part.read(1 << 20).decode("utf-8", "ignore")
    return "校核结果" in start or "决算公开校核" in start


def is_numbered(path: Path) -> bool:
    """True when ``path`` is a ``(2)``, ``(3)`` … taken because the plain name could not be."""
    ours = _OURS.fullmatch(path.stem)
    return bool(ours and ours["number"])


@contextmanager
def protecting(inputs: Iterable[Path]) -> Iterator[None]:
    """While this holds, none of ``inputs`` is ever the target of a write."""
    token = _protected.set(frozenset(_key(p) for p in inputs))
    try:
        yield
    finally:
        _protected.reset(token)


@contextmanager
def replacing(wanted: Path, *, overwrite: bool = False) -> Iterator[Draft]:
    """Write a file: ``with replacing(target(source)) as draft: write(draft.temp)``.

    ``overwrite`` is for data that programs read under its exact name (JSON): only an input of this
    run is then spared.
    The folder is made if need be. After the block ``draft.path`` tells the name it got; when the
    block raises, nothing is left behind. Raises ``Unwritable``.
    """
    temp = wanted.parent / f"{_TEMPORARY}{os.getpid()}-{next(_counter)}{wanted.suffix}"
    draft = Draft(temp, wanted)
    try:
        with _explained(wanted.parent):
            wanted.parent.mkdir(parents=True, exist_ok=True)
            temp.touch()
        with _explained(wanted.parent, only=_FULL):
            yield draft
        with _explained(wanted.parent):
            draft.path = _settle(temp, wanted, overwrite)
        if not overwrite:
            _remember(draft.path)
    finally:
        with suppress(OSError):
            temp.unlink()


_counter = itertools.count(1)
_FULL = {errno.ENOSPC: "磁盘已满，请清理后再试", errno.EDQUOT: "磁盘配额已用完，请清理后再试"}
_REFUSED = {**_FULL, errno.ENAMETOOLONG: "文件名太长，请改短后再试"}


@contextmanager
def _explained(folder: Path, only: dict[int, str] | None = None) -> Iterator[None]:
    """Turn the system's refusal to write into a sentence; with ``only``, those reasons alone."""
    try:
        yield
    except Exception as error:
        # A library may have wrapped the system's error in one of its own.
        cause = next((e for e in (error, error.__context__) if isinstance(e, OSError)), None)
        code = (cause.errno if cause else None) or 0
        if cause is None or (only is not None and code not in only):
            raise
        why = _REFUSED.get(code, "没有写入权限或文件夹只读，请换一个文件夹（命令行用 --out 指定）")
        raise Unwritable(f"结果无法写入“{folder}”：{why}。") from error


def _settle(temp: Path, wanted: Path, overwrite: bool) -> Path:
    """Rename ``temp`` to the first name that may be taken."""
    for number in itertools.count(1):
        name = wanted if number == 1 else wanted.with_name(f"{wanted.stem}({number}){wanted.suffix}")
        if _key(name) in _protected.get():
            continue
        if overwrite:
            return temp.replace(name)
        if is_open(name):
            continue
        try:
            name.open("xb").close()  # claims a free name against other workers
        except FileExistsError:
            if not unchanged(name):
                continue
        try:
            return temp.replace(name)
        except PermissionError:
            if sys.platform != "win32" or number > 99:  # there: open in another program after all
                raise
    raise AssertionError


def is_open(path: Path) -> bool:
    """True when Excel, WPS, Word or LibreOffice seems to hold ``path`` open."""
    name = path.name
    owners = (f"~${name}", f"~${name[2:]}", f".~lock.{name}#", f".~{name}")
    if any(path.with_name(owner).exists() for owner in owners):
        return True
    if sys.platform == "win32" and path.exists():
        try:
            path.open("r+b").close()
        except PermissionError:
            return True
    return False


def unchanged(path: Path) -> bool:
    """True when ``path`` holds, byte for byte, what this program wrote there last."""
    try:
        return _written().get(_key(path)) == _digest(path)
    except OSError:
        return False


def sweep(folder: Path, pid: int) -> None:
    """Remove what a killed worker left half written in ``folder``."""
    for left in folder.glob(f"{_TEMPORARY}{pid}-*"):
        left.unlink(missing_ok=True)


# What we wrote is remembered per user, not inside the output: any kind of file can be remembered
# so, and where the memory is lost an output counts as hers, which is the safe side.


def _memory() -> Path:
    return state_folder() / "outputs.txt"


_LONGEST_MEMORY = 4_000_000  # bytes, some 30,000 outputs


def _written() -> dict[str, str]:
    """Digest of what was written last, by path."""
    try:
        lines = _memory().read_text("utf-8", "surrogateescape").splitlines()
    except OSError:
        return {}
    return {path: digest for digest, _, path in (line.partition(" ") for line in lines)}


def _remember(path: Path) -> None:
    memory = _memory()
    try:
        memory.parent.mkdir(parents=True, exist_ok=True)
        if memory.exists() and memory.stat().st_size > _LONGEST_MEMORY:
            half = list(_written().items())[-10_000:]
            memory.write_text("".join(f"{d} {p}\n" for p, d in half), "utf-8", "surrogateescape")
        with memory.open("a", encoding="utf-8", errors="surrogateescape", newline="\n") as file:
            file.write(f"{_digest(path)} {_key(path)}\n")  # one short write: workers do not tear it
    except OSError:
        return  # without memory the next run takes a free name


def _key(path: Path) -> str:
    return os.path.normcase(os.path.realpath(path))


def _digest(path: Path) -> str:
    import hashlib

    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
