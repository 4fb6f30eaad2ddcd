"""The workbook part: its sheets, names and calculation, as splices."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import NamedTuple

from app.package.container import Package
from app.package.xmlbytes import Node, Splice, escaped, quoted, tree, utf8

_AFTER_NAMES = (
    "calcPr", "oleSize", "customWorkbookViews", "pivotCaches", "smartTagPr", "smartTagTypes", "webPublishing",
    "fileRecoveryPr", "webPublishObjects", "extLst", "AlternateContent",
)  # fmt: skip
_STRICT = "http://purl.oclc.org/ooxml/"
_MAX_NAME = 31  # characters of a sheet name


class SheetEntry(NamedTuple):
    """One sheet as the workbook lists it; ``part`` is '' when its relation leads nowhere."""

    name: str
    part: str
    relation: str
    node: Node


class NewSheet(NamedTuple):
    """A sheet to list last: its relation id and the names that belong to it."""

    name: str
    relation: str
    hidden: bool
    names: list[tuple[str, str, bool]]


class Workbook:
    """The workbook part of a package as it stands now."""

    def __init__(self, package: Package) -> None:
        self.part = package.workbook
        self.root = tree(utf8(package.read(self.part)), text=True)
        p = self.root.prefix
        self.strict = _STRICT in self.root.attrs.get(f"xmlns:{p[:-1]}" if p else "xmlns", "")
        main = _STRICT if self.strict else "http://schemas.openxmlformats.org/"
        self.namespace = main + "spreadsheetml/" + ("main" if self.strict else "2006/main")
        self.relation_base = main + "officeDocument/" + ("relationships" if self.strict else "2006/relationships")
        targets = {r.id: r.target for r in package.relations(self.part) if not r.external}
        self._list = self.root.find("sheets")
        self.sheets: list[SheetEntry] = []
        for node in self._list.children if self._list else ():
            relation = next((v for k, v in node.attrs.items() if k.endswith(":id")), "")
            part = targets.get(relation, "")
            found = part if package.has(part) else ""
            self.sheets.append(SheetEntry(node.attrs.get("name", ""), found, relation, node))

    def free_name(self, wanted: str, taken: Collection[str] = ()) -> str:
        """A sheet name nobody has: ``校核结果``, else ``校核结果(2)``; cut to what Excel allows."""
        clean = re.sub(r"[\[\]:*?/\\]", "·", wanted).strip("'") or "Sheet"
        used = {s.name.casefold() for s in self.sheets} | {t.casefold() for t in taken}
        name, number = clean[:_MAX_NAME], 2
        while name.casefold() in used:
            tail = f"({number})"
            name, number = clean[: _MAX_NAME - len(tail)] + tail, number + 1
        return name

    def with_sheets(self, new: list[NewSheet], *, recalculate: bool) -> list[Splice]:
        """Lists new sheets behind hers, with their names; what she sees first stays."""
        p = self.root.prefix
        declared = self.root.attrs.get("xmlns:r") == self.relation_base
        space = "" if declared else f' xmlns:r="{self.relation_base}"'
        number = max((int(s.node.attrs.get("sheetId", "0") or 0) for s in self.sheets), default=0)
        elements, names = "", ""
        for index, sheet in enumerate(new):
            state = ' state="veryHidden"' if sheet.hidden else ""
            key = f'sheetId="{number + index + 1}"{state}{space} r:id="{sheet.relation}"'
            elements += f'<{p}sheet name="{quoted(sheet.name)}" {key}/>'
            for name, target, hidden in sheet.names:
                shown = ' hidden="1"' if hidden else ""
                local = f'localSheetId="{len(self.sheets) + index}"'
                names += f'<{p}definedName name="{name}" {local}{shown}>{escaped(target)}</{p}definedName>'
        changes = self._list.appended(elements.encode()) if self._list else []
        return changes + self._names(names) + (self._recalculated() if recalculate else [])

    def _names(self, content: str) -> list[Splice]:
        listed = self.root.find("definedNames")
        if listed is not None or not content:
            return listed.appended(content.encode()) if listed else []
        name, at = f"{self.root.prefix}definedNames", self._behind_names()
        return [Splice(at, at, f"<{name}>{content}</{name}>".encode())]

    def _behind_names(self) -> int:
        return next((c.start for c in self.root.children if c.local in _AFTER_NAMES and self._late(c)), self.root.close)

    def _late(self, node: Node) -> bool:
        """False for what stands before the sheets (an ``AlternateContent`` with the file's path)."""
        return self._list is None or node.start > self._list.start

    def _recalculated(self) -> list[Splice]:
        node = self.root.find("calcPr")
        if node is not None:
            return [node.with_attributes(fullCalcOnLoad="1")]
        later = _AFTER_NAMES[1:]
        at = next((c.start for c in self.root.children if c.local in later and self._late(c)), self.root.close)
        return [Splice(at, at, f'<{self.root.prefix}calcPr fullCalcOnLoad="1"/>'.encode())]

    def without(self, gone: Collection[int]) -> list[Splice]:
        """Takes sheets out of the list by index, with their names; the rest is renumbered."""
        left = [i for i in range(len(self.sheets)) if i not in gone]
        number = {old: new for new, old in enumerate(left)}
        changes = [self.sheets[i].node.removed() for i in gone]
        changes += self._names_without(gone, number)
        for views in self.root.all("bookViews"):
            for view in views.children:
                changes += _view_without(view, number, len(self.sheets))
        return changes

    def _names_without(self, gone: Collection[int], number: dict[int, int]) -> list[Splice]:
        listed = self.root.find("definedNames")
        local = {n: n.attrs.get("localSheetId", "") for n in (listed.children if listed else ())}
        if listed and local and all(v.isdigit() and int(v) in gone for v in local.values()):
            return [listed.removed()]  # an empty list is not allowed
        changes = []
        for node, value in local.items():
            if value.isdigit() and int(value) in gone:
                changes.append(node.removed())
            elif value.isdigit() and number.get(int(value), int(value)) != int(value):
                changes.append(node.with_attributes(localSheetId=str(number[int(value)])))
        return changes


def _view_without(view: Node, number: dict[int, int], count: int) -> list[Splice]:
    wanted: dict[str, str | None] = {}
    for name in ("activeTab", "firstSheet"):
        text = view.attrs.get(name, "")
        if text.isdigit() and int(text) < count and number.get(int(text)) != int(text):
            wanted[name] = str(number.get(int(text), 0))
    return [view.with_attributes(**wanted)] if wanted else []
