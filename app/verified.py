"""What she has looked into and found right as it stands (已核实): her remarks by fingerprint, kept in
``已核实.json`` of her data folder.

Several windows may be open: each tells the file its own changes, never the whole of what it holds.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.knowledge import user_file
from app.knowledge.user import data_folder
from app.outputs import Unwritable

if TYPE_CHECKING:
    from app.checking.finding import Finding

NAME = "已核实.json"
SCHEMA = "juesuan-verified/1"


@dataclass(frozen=True, slots=True)
class Remark:
    """One finding that she verified. ``when`` is ISO local time; ``unit``, ``year``, ``code``,
    ``message`` and ``place`` tell people which it was."""

    fingerprint: str
    remark: str = ""
    when: str = ""
    unit: str = ""
    year: int | None = None
    code: str = ""
    message: str = ""
    place: str = ""

    def as_json(self) -> dict[str, object]:
        return {
            "remark": self.remark, "when": self.when, "unit": self.unit, "year": self.year,
            "code": self.code, "message": self.message, "place": self.place,
        }  # fmt: skip


@dataclass(slots=True)
class Verified:
    """The remarks as they were loaded, with what was changed since. ``problems`` are sentences for
    the clerk on what could not be read."""

    path: Path = field(default_factory=lambda: data_folder() / NAME)
    problems: list[str] = field(default_factory=list)
    _kept: dict[str, Remark] = field(default_factory=dict)
    _changes: dict[str, Remark | None] = field(default_factory=dict)

    @classmethod
    def load(cls, path: Path | None = None) -> Verified:
        """The remarks of a file, by default the user's own. Never raises: a damaged file is put aside
        (``已核实.json.bad``) and told in ``problems``."""
        made = cls(path) if path is not None else cls()
        try:
            made._kept = _remarks(made._read())
        except OSError:
            made.problems.append(f"“{made.path}”读不了，已核实的问题这次仍会列为问题。")
        return made

    def remarks(self) -> dict[str, str]:
        """Her remarks by fingerprint, as ``pipeline.Request.verified`` takes them."""
        return {fingerprint: one.remark for fingerprint, one in self._now().items()}

    def listed(self) -> list[Remark]:
        """All of them, the latest first."""
        return sorted(self._now().values(), key=lambda one: one.when, reverse=True)

    def mark(self, finding: Finding, unit: str | None, year: int | None, remark: str = "") -> None:
        """Note a finding as verified; a remark that it had is replaced."""
        when = datetime.now().isoformat(timespec="seconds")
        self._changes[finding.fingerprint] = Remark(
            finding.fingerprint,
            remark.strip(),
            when,
            unit or "",
            year,
            finding.code,
            finding.message,
            str(finding.place),
        )

    def unmark(self, fingerprint: str) -> None:
        """Forget one; unknown ones are none."""
        self._changes[fingerprint] = None

    def save(self) -> None:
        """Tell the file what was changed here; afterwards this also knows what others wrote.

        Raises ``Unwritable``, with nothing lost: the changes stay here for another try.
        """
        if not self._changes:
            return
        with user_file.locked(self.path):
            try:
                entries = self._read()
            except OSError as error:  # writing now would lose what it holds
                raise Unwritable(f"“{self.path}”读不了，没有保存：请稍后再试。") from error
            for fingerprint, change in self._changes.items():
                if change is None:
                    entries.pop(fingerprint, None)
                else:
                    entries[fingerprint] = change.as_json()
            text = json.dumps({"schema": SCHEMA, "findings": entries}, ensure_ascii=False, indent=1)
            user_file.replace_text(self.path, text + "\n")
        self._kept, self._changes = _remarks(entries), {}

    def _now(self) -> dict[str, Remark]:
        both = {**self._kept, **self._changes}
        return {fingerprint: one for fingerprint, one in both.items() if one is not None}

    def _read(self) -> dict[str, Any]:
        """The entries of the file as they stand there. Raises ``OSError``."""
        try:
            text = user_file.read_text(self.path)
            if text is None:
                return {}
            found = json.loads(text)["findings"]
            if isinstance(found, dict):
                return found
        except (ValueError, KeyError, TypeError, RecursionError):
            pass
        aside = user_file.put_aside(self.path)
        said = f"，原文件保留为“{aside.name}”" if aside else ""
        self.problems.append(f"“{self.path}”已损坏，以前标为已核实的问题读不出来{said}。")
        return {}


def _remarks(entries: dict[str, Any]) -> dict[str, Remark]:
    """Entries as remarks; what another version or hand wrote otherwise is taken as far as it goes."""
    return {fingerprint: _remark(fingerprint, one) for fingerprint, one in entries.items() if isinstance(one, dict)}


def _remark(fingerprint: str, data: dict[str, Any]) -> Remark:
    texts = {key: str(data.get(key) or "") for key in ("remark", "when", "unit", "code", "message", "place")}
    year = data.get("year")
    return Remark(fingerprint, year=year if isinstance(year, int) else None, **texts)
