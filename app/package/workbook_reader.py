"""``.xlsx`` and ``.xlsm`` to ``Source``, straight from the package."""

from __future__ import annotations

import gc
from pathlib import Path

from lxml import etree

from app.package.container import Package, Relation
from app.package.markup import Damaged, local
from app.package.number_formats import number_formats
from app.package.shared_strings import shared_strings
from app.package.sheet_reader import Context, SheetReader, ranged
from app.reading.errors import Unreadable
from app.source import Grid, Place, Source, Span


def read(path: str | Path) -> Source:
    """The worksheets of the workbook at ``path``, see ``read_package``. Raises ``Unreadable``."""
    return read_package(Package.open(path), path)


def read_package(package: Package, path: str | Path) -> Source:
    """The worksheets of a workbook in their order, values at 15 digits, formulas expanded.

    A damaged sheet is left out and named in ``Source.problems``. ``external_links[n - 1]`` is the
    workbook that formulas call ``[n]``. ``features`` (what -> where) has ``comments``, ``threaded
    comments``, ``tracked changes``, ``macros`` and ``signed``. Raises ``Unreadable``.
    """
    # A large sheet is millions of small objects and no cycles: collecting adds a third to the time.
    collecting = gc.isenabled()
    gc.disable()
    try:
        return _Reader(package, str(path)).read()
    finally:
        if collecting:
            gc.enable()


class _Reader:
    def __init__(self, package: Package, path: str) -> None:
        self._package = package
        self._source = Source(path=path, kind="workbook")
        self._workbook = package.xml(package.workbook)
        self._relations = {r.id: r for r in package.relations(package.workbook)}

    def read(self) -> Source:
        formats = number_formats(self._styles())
        percents = {style: shown for style, shown in formats.items() if style is not None and "%" in shown}
        context = Context(self._strings(), formats, percents, self._date1904())
        marks: dict[str, list[str]] = {}
        broken = 0
        for element in self._elements("sheets", "sheet"):
            name = element.get("name", "")
            relation = self._relation(element)
            if relation is not None and relation.kind != "worksheet":
                continue  # a chart, dialog or macro sheet
            grid = Grid(name=name, hidden=element.get("state", "visible") != "visible")
            try:
                self._sheet(grid, relation, context)
                self._source.items.append(grid)
            except Damaged as error:
                broken += 1
                self._source.problems.append((f"工作表“{name}”没有读出：{error}", Place(sheet=name)))
            if relation is not None:
                self._mark(relation.target, name, marks)
        self._refuse_nothing(broken)
        self._features(marks)
        self._links()
        return self._source

    def _refuse_nothing(self, broken: int) -> None:
        if self._source.items:
            return
        if broken:
            raise Unreadable("工作簿已损坏，没有一个工作表能读出，请用 Excel 或 WPS 打开并修复后另存，再重新校核。")
        raise Unreadable("工作簿里没有工作表（只有图表页），请确认选对了文件。")

    def _elements(self, group: str, name: str) -> list[etree._Element]:
        return [e for g in self._workbook if local(g) == group for e in g if local(e) == name]

    def _relation(self, element: etree._Element) -> Relation | None:
        # r:id, whichever prefix and whichever of the two namespaces the file uses
        number = next((str(v) for k, v in element.attrib.items() if str(k).endswith("}id")), "")
        return self._relations.get(number)

    def _target(self, kind: str) -> str | None:
        found = (r.target for r in self._relations.values() if r.kind == kind and not r.external)
        return next((t for t in found if self._package.has(t)), None)

    def _strings(self) -> list[str]:
        part = self._target("sharedStrings")
        return shared_strings(self._package, part) if part else []

    def _styles(self) -> etree._Element | None:
        part = self._target("styles")
        try:
            return self._package.xml(part) if part else None
        except Damaged as error:
            self._source.problems.append((f"数字格式没有读出，小数位数按存储值处理：{error}", Place()))
            return None

    def _date1904(self) -> bool:
        properties = (e for e in self._workbook if local(e) == "workbookPr")
        return any(e.get("date1904", "0").lower() in ("1", "true", "on") for e in properties)

    def _sheet(self, grid: Grid, relation: Relation | None, context: Context) -> None:
        if relation is None or relation.external or not self._package.has(relation.target):
            raise Damaged("文件内部缺少它的内容，请用 Excel 或 WPS 打开并修复后另存，再重新校核。")
        reader = SheetReader(relation.target, grid, context)
        reader.run(self._package.stream(relation.target))
        reader.complete()
        grid.closed += self._closed(relation.target)
        if reader.missing:
            place = Place(sheet=grid.name, cell=reader.missing)
            message = "单元格的文字丢失（文件已损坏），请用 Excel 或 WPS 打开，核对后重新填写。"
            self._source.problems.append((message, place))

    def _closed(self, part: str) -> list[Span]:
        """Where pivots and tables of Excel lie: nothing may be filled in there."""
        found = []
        try:
            for relation in self._package.relations(part):
                if relation.kind in ("table", "pivotTable") and self._package.has(relation.target):
                    root = self._package.xml(relation.target)
                    at = root.get("ref") or next((e.get("ref") for e in root if local(e) == "location"), None)
                    found += [ranged(at)] if at else []
        except (Damaged, ValueError):
            return found  # the editor looks again before it writes
        return found

    def _mark(self, part: str, sheet: str, marks: dict[str, list[str]]) -> None:
        try:
            kinds = {r.kind for r in self._package.relations(part)}
        except Damaged:
            return  # what hangs on a sheet does not decide whether its cells can be read
        for kind, feature in (("comments", "comments"), ("threadedComment", "threaded comments")):
            if kind in kinds:
                marks.setdefault(feature, []).append(sheet)

    def _features(self, marks: dict[str, list[str]]) -> None:
        features = self._source.features
        features.update({feature: "、".join(sheets) for feature, sheets in marks.items()})
        if self._target("revisionHeaders"):
            features["tracked changes"] = "工作簿"
        if self._package.is_macro:
            features["macros"] = "工作簿"
        if self._package.signed:
            features["signed"] = "工作簿"

    def _links(self) -> None:
        for element in self._elements("externalReferences", "externalReference"):
            relation = self._relation(element)
            try:
                targets = [r.target for r in self._package.relations(relation.target)] if relation else []
            except Damaged:
                targets = []
            self._source.external_links.append(targets[0] if targets else "")
