"""Edits of a package with what takes each of them back, to the byte."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import posixpath
import zlib
from dataclasses import dataclass, field
from typing import Any

from app.package.container import TYPES, Package
from app.package.markup import Damaged
from app.package.xmlbytes import Splice, quoted, splice, tree, utf8

NAMESPACE = "urn:juesuan:record"
_HEAD = f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<record xmlns="{NAMESPACE}">'
_FOOT = "</record>"
_RELATIONS = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<Relationships xmlns="{0}"></Relationships>'
_RELATIONS_NS = "http://schemas.openxmlformats.org/package/2006/relationships"
_LIMIT = 512 << 20  # bytes the undo record may unfold to


@dataclass(slots=True)
class _Touched:
    before: str
    stages: list[list[Splice]] = field(default_factory=list)


class Ledger:
    """Changes parts of a package and keeps account of it; ``close`` before ``save``."""

    def __init__(self, package: Package, relation_base: str) -> None:
        self.package = package
        self._base = relation_base
        self._touched: dict[str, _Touched] = {}
        self._added: list[str] = []
        self._types: dict[str, str] = {}
        self._relations: dict[str, list[tuple[str, str, str]]] = {}

    def edit(self, part: str, changes: list[Splice]) -> None:
        """Splices a part; offsets are those of its bytes in UTF-8."""
        if not changes:
            return
        raw = self.package.read(part)
        data = utf8(raw)
        new, undo = splice(data, changes)
        if part not in self._added:
            touched = self._touched.setdefault(part, _Touched(_hash(raw)))
            if data is not raw:
                touched.stages.append([Splice(0, len(data), raw)])
            touched.stages.append(undo)
        self.package.put(part, new)

    def add(self, part: str, data: bytes, content_type: str) -> None:
        """A new part."""
        self.package.put(part, data)
        self._added.append(part)
        self._types[part] = content_type

    def free(self, pattern: str) -> str:
        """The first part name of a pattern (``xl/comments{}.xml``) that nobody has."""
        number = 1
        while self.package.has(pattern.format(number)):
            number += 1
        return pattern.format(number)

    def relate(self, part: str, kind: str, target: str) -> str:
        """A new relation of a part to one of the package; returns its id."""
        used = {r.id for r in self.package.relations(part)} | {r[0] for r in self._relations.get(part, ())}
        number = len(used) + 1
        while f"rId{number}" in used:
            number += 1
        where = posixpath.relpath("/" + target, "/" + posixpath.dirname(part))
        self._relations.setdefault(part, []).append((f"rId{number}", f"{self._base}/{kind}", where))
        return f"rId{number}"

    def close(self) -> None:
        """Writes relations and content types, and the record of everything as a part of its own."""
        record = self.free("customXml/item{}.xml")
        self.relate(self.package.workbook, "customXml", record)
        self._types[record] = "application/xml"
        for part, relations in self._relations.items():
            self._write_relations(part, relations)
        self._write_types()
        facts = {
            "parts": {n: [t.before, _hash(self.package.read(n)), _packed(t.stages)] for n, t in self._touched.items()},
            "added": {n: _hash(self.package.read(n)) for n in self._added},
        }
        body = base64.b64encode(zlib.compress(json.dumps(facts).encode(), 6)).decode()
        self.package.put(record, (_HEAD + body + _FOOT).encode())

    def _write_relations(self, part: str, relations: list[tuple[str, str, str]]) -> None:
        path = self.package.relation_path(part)
        if not self.package.has(path):
            self.package.put(path, _RELATIONS.format(_RELATIONS_NS).encode())
            self._added.append(path)
        root = tree(utf8(self.package.read(path)))
        content = "".join(
            f'<{root.prefix}Relationship Id="{i}" Type="{kind}" Target="{quoted(target)}"/>'
            for i, kind, target in relations
        )
        self.edit(path, root.appended(content.encode()))

    def _write_types(self) -> None:
        root = tree(utf8(self.package.read(TYPES)))
        content = "".join(
            f'<{root.prefix}Override PartName="/{quoted(name)}" ContentType="{kind}"/>'
            for name, kind in self._types.items()
            if self.package.content_type(name) != kind
        )
        self.edit(TYPES, root.appended(content.encode()))


def record_part(package: Package) -> str | None:
    """The part in which we keep account, if this package has one."""
    for relation in package.relations(package.workbook):
        if relation.kind == "customXml" and not relation.external and package.has(relation.target):
            with package.stream(relation.target) as stream:
                if NAMESPACE.encode() in stream.read(400):
                    return relation.target
    return None


def take_back(package: Package) -> bool:
    """Puts every part back as it was, to the byte.

    False, and nothing done, where one was changed since: then another program saved the file.
    """
    part = record_part(package)
    facts = _facts(package.read(part)) if part else None
    if part is None or facts is None:
        return False
    try:
        originals = {name: _original(package, name, *entry) for name, entry in facts["parts"].items()}
        added = [n for n, h in facts["added"].items() if _hash(package.read(n)) == h]
    except (Damaged, ValueError, TypeError, AttributeError):
        return False
    if len(added) < len(facts["added"]):
        return False
    for name in [*added, part]:
        package.drop(name)
    for name, data in originals.items():
        package.put(name, data)
    return True


def _original(package: Package, name: str, before: str, after: str, stages: list[list[tuple[int, int, str]]]) -> bytes:
    """A part before it was edited. Raises ``ValueError`` when it is not as we left it."""
    data = package.read(name)
    if _hash(data) != after:
        raise ValueError(name)
    for stage in reversed(stages):
        data = splice(data, [Splice(start, end, base64.b64decode(old)) for start, end, old in stage])[0]
    if _hash(data) != before:
        raise ValueError(name)
    return data


def _facts(data: bytes) -> dict[str, Any] | None:
    """The record, or None when it is not as we wrote it."""
    text = data.decode("utf-8", "replace")
    if not (text.startswith(_HEAD) and text.endswith(_FOOT)):
        return None
    try:
        unpacker = zlib.decompressobj()
        body = unpacker.decompress(base64.b64decode(text[len(_HEAD) : -len(_FOOT)]), _LIMIT)
        facts: dict[str, Any] = json.loads(body)
        return facts if set(facts) == {"parts", "added"} else None
    except (binascii.Error, zlib.error, ValueError):
        return None


def _packed(stages: list[list[Splice]]) -> list[list[tuple[int, int, str]]]:
    return [[(s.start, s.end, base64.b64encode(s.data).decode()) for s in stage] for stage in stages]


def _hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
