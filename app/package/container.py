"""An xlsx package: parts, their relations and content types, read and replaced without loss."""

from __future__ import annotations

import io
import posixpath
from pathlib import Path
from typing import IO, NamedTuple
from urllib.parse import unquote

from lxml import etree

from app.package import markup
from app.package.archive import Archive
from app.reading.errors import Unreadable

TYPES = "[Content_Types].xml"
TREE_LIMIT = 64 << 20  # bytes of a part that is parsed as a whole
_TYPES_NS = "http://schemas.openxmlformats.org/package/2006/content-types"


class Relation(NamedTuple):
    """One relation of a part. ``target`` is a part name without leading slash, or a URL if external."""

    id: str
    type: str
    target: str
    external: bool

    @property
    def kind(self) -> str:
        """The last word of ``type`` (``worksheet``), the same in strict and transitional files."""
        return self.type.rstrip("/").rpartition("/")[2]


class Package:
    """The parts of one package. Names compare without case; ``put`` and ``drop`` stay in memory."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._entries = {_key(e.filename): e for e in archive.entries}
        self._new: dict[str, tuple[str, bytes]] = {}  # key -> name, data
        self._dropped: set[str] = set()
        self._relations: dict[str, list[Relation]] = {}
        self._types: tuple[dict[str, str], dict[str, str]] | None = None
        self.workbook = self._main()

    @classmethod
    def open(cls, path: str | Path) -> Package:
        """The package at ``path``, read into memory; the file itself is left alone.

        Raises ``Unreadable`` with one Chinese sentence when it is no workbook, damaged, encrypted
        or a bomb. Digitally signed packages open; see ``signed``.
        """
        return cls(Archive(path))

    @property
    def names(self) -> list[str]:
        """Part names as stored, in stored order, those that were put last at the end."""
        kept = [e.filename for k, e in self._entries.items() if k not in self._dropped]
        return kept + [name for k, (name, _) in self._new.items() if k not in self._entries]

    def has(self, name: str) -> bool:
        key = _key(name)
        return key in self._new or (key in self._entries and key not in self._dropped)

    def read(self, name: str) -> bytes:
        """The current bytes of a part. Raises ``Damaged`` when missing, damaged or too large."""
        key = _key(name)
        if key in self._new:
            return self._new[key][1]
        if not self.has(name):
            raise markup.Damaged(f"文件内部缺少“{name}”，请用 Excel 或 WPS 打开并修复后另存，再重新校核。")
        return self._archive.read(self._entries[key])

    def stream(self, name: str) -> IO[bytes]:
        """A part as a stream. Raises ``Damaged`` at once or while it is read."""
        key = _key(name)
        if key in self._new or not self.has(name):
            return io.BytesIO(self.read(name))
        return self._archive.stream(self._entries[key])

    def size(self, name: str) -> int:
        """Uncompressed bytes of a part; 0 when there is none."""
        key = _key(name)
        if key in self._new:
            return len(self._new[key][1])
        return self._entries[key].file_size if self.has(name) else 0

    def xml(self, name: str, limit: int = TREE_LIMIT) -> etree._Element:
        """The root element of a part, parsed without entities. Raises ``Damaged``.

        A tree takes some ten times the bytes of its part, hence the ``limit`` (bytes).
        """
        if self.size(name) > limit:
            raise markup.Damaged(f"文件内部的“{name}”太大，无法读取；请把需要校核的表另存为新的工作簿。")
        return markup.parse(self.read(name), name)

    def relation_path(self, part: str) -> str:
        """Where the relations of a part stand; ``_rels/.rels`` for the root ``''``."""
        folder, _, name = part.rpartition("/")
        return f"{folder}/_rels/{name}.rels" if folder else f"_rels/{name}.rels"

    def relations(self, part: str) -> list[Relation]:
        """The relations of a part (``''`` = the package), [] when it has none."""
        path = self.relation_path(part)
        key = _key(path)
        if key not in self._relations:
            root = self.xml(path) if self.has(path) else ()
            self._relations[key] = [self._relation(part, e) for e in root if markup.local(e) == "Relationship"]
        return self._relations[key]

    def _relation(self, part: str, element: etree._Element) -> Relation:
        target = element.get("Target", "")
        external = element.get("TargetMode", "").lower() == "external"
        if not external:
            target = self._resolved(part, target)
        return Relation(element.get("Id", ""), element.get("Type", ""), target, external)

    def _resolved(self, part: str, target: str) -> str:
        path = target.replace("\\", "/").partition("#")[0]
        # normpath of an absolute path also takes away what climbs above the root
        name = posixpath.normpath(posixpath.join("/" + posixpath.dirname(part), path)).lstrip("/")
        if not self.has(name) and self.has(unquote(name)):
            return unquote(name)
        return name

    def content_type(self, name: str) -> str:
        """The content type of a part, '' when none is declared."""
        overrides, defaults = self._content_types()
        key = _key(name)
        return overrides.get(key) or defaults.get(key.rpartition(".")[2], "")

    def _content_types(self) -> tuple[dict[str, str], dict[str, str]]:
        if self._types is None:
            overrides: dict[str, str] = {}
            defaults: dict[str, str] = {}
            for element in self.xml(TYPES) if self.has(TYPES) else ():
                if markup.local(element) == "Override":
                    overrides[_key(element.get("PartName", ""))] = element.get("ContentType", "")
                elif markup.local(element) == "Default":
                    defaults[element.get("Extension", "").lower()] = element.get("ContentType", "")
            self._types = overrides, defaults
        return self._types

    def put(self, name: str, data: bytes, content_type: str = "") -> None:
        """Replaces or adds a part; declares ``content_type`` when it differs from what is declared."""
        key = _key(name)
        stored = self._entries[key].filename if key in self._entries else name.lstrip("/")
        self._new[key] = (stored, data)
        self._dropped.discard(key)
        self._forget(key)
        if content_type and self.content_type(name) != content_type:
            self._declare(stored, content_type)

    def drop(self, name: str) -> None:
        """Takes a part out, with its own relations and its declaration; nothing when there is none."""
        for each in (name, self.relation_path(name)):
            key = _key(each)
            self._new.pop(key, None)
            if key in self._entries:
                self._dropped.add(key)
            self._forget(key)
        if _key(name) in self._content_types()[0]:
            self._declare(name, "")

    def _forget(self, key: str) -> None:
        self._relations.pop(key, None)
        if key == _key(TYPES):
            self._types = None

    def _declare(self, name: str, content_type: str) -> None:
        """Writes (or, for '', removes) the override of a part in ``[Content_Types].xml``."""
        root = self.xml(TYPES)
        for element in root:
            if markup.local(element) == "Override" and _key(element.get("PartName", "")) == _key(name):
                root.remove(element)
        if content_type:
            namespace = etree.QName(root).namespace or _TYPES_NS
            etree.SubElement(root, f"{{{namespace}}}Override", PartName="/" + name, ContentType=content_type)
        self.put(TYPES, etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True))

    def save(self, path: str | Path) -> None:
        """Writes the package to ``path`` (a temporary name: it is written in place).

        Unchanged parts keep their order, names and compressed bytes. Raises ``OSError``, and
        ``Damaged`` when a part cannot even be copied.
        """
        changed: dict[str, bytes | None] = {self._entries[k].filename: None for k in self._dropped}
        added: dict[str, bytes] = {}
        for key, (name, data) in self._new.items():
            (changed if key in self._entries else added)[name] = data
        self._archive.save(path, changed, added)

    @property
    def signed(self) -> bool:
        """True for a digitally signed package: any change would break the signature."""
        return any("digital-signature" in r.type for r in self.relations(""))

    @property
    def is_macro(self) -> bool:
        return "macroenabled" in self.content_type(self.workbook).lower() or any(
            r.kind == "vbaProject" for r in self.relations(self.workbook)
        )

    def _main(self) -> str:
        """The name of the workbook part. Raises ``Unreadable`` when the package is something else."""
        found = next((r.target for r in self.relations("") if r.kind == "officeDocument" and not r.external), None)
        name = found if found and self.has(found) else "xl/workbook.xml"
        kind = self.content_type(name).lower() if self.has(name) else ""
        for mark, what in _OTHERS.items():
            if mark in kind:
                raise Unreadable(f"这不是 .xlsx 工作簿，内容是 {what}，请改回正确的扩展名，或另存为 .xlsx 后再校核。")
        if not self.has(name) or markup.local(self.xml(name)) != "workbook":
            raise Unreadable(
                "这是压缩文件，里面没有工作簿；请解压后选择其中的 .xlsx 文件，或用 Excel、WPS 打开后另存为 .xlsx。"
            )
        return name


_OTHERS = {"wordprocessingml": "Word 文档", "presentationml": "演示文稿", "sheet.binary": ".xlsb 工作簿"}


def _key(name: str) -> str:
    return name.replace("\\", "/").lstrip("/").lower()
