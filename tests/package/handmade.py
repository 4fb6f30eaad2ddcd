"""Packages written by hand, for what no library would write."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from pathlib import Path

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
STRICT = "http://purl.oclc.org/ooxml/spreadsheetml/main"
STRICT_REL = "http://purl.oclc.org/ooxml/officeDocument/relationships"
PACKAGE_REL = "http://schemas.openxmlformats.org/package/2006/relationships"
SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"


def relations(*items: tuple[str, str, str]) -> str:
    """A relations part: (id, type, target) each; a target with a scheme is external."""
    body = ""
    for number, kind, target in items:
        mode = ' TargetMode="External"' if "://" in target else ""
        body += f'<Relationship Id="{number}" Type="{kind}" Target="{target}"{mode}/>'
    return f'<Relationships xmlns="{PACKAGE_REL}">{body}</Relationships>'


def content_types(main: str = f"{SHEET_TYPE}.sheet.main+xml") -> str:
    return (
        '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{main}"/></Types>'
    )


def parts(sheet: str, *, strings: str = "", styles: str = "", main: str = MAIN, rel: str = REL) -> dict[str, str]:
    """The parts of a workbook with one sheet 表; ``sheet`` is the body of the worksheet."""
    made = {
        "[Content_Types].xml": content_types(),
        "_rels/.rels": relations(("r1", f"{rel}/officeDocument", "xl/workbook.xml")),
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{rel}"><sheets>'
        '<sheet name="表" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{main}">{sheet}</worksheet>',
    }
    links = [("r1", f"{rel}/worksheet", "worksheets/sheet1.xml")]
    if strings:
        made["xl/sharedStrings.xml"] = f'<sst xmlns="{main}">{strings}</sst>'
        links.append(("r2", f"{rel}/sharedStrings", "sharedStrings.xml"))
    if styles:
        made["xl/styles.xml"] = f'<styleSheet xmlns="{main}">{styles}</styleSheet>'
        links.append(("r3", f"{rel}/styles", "styles.xml"))
    made["xl/_rels/workbook.xml.rels"] = relations(*links)
    return made


def package(path: Path, made: Mapping[str, str | bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as out:
        for name, data in made.items():
            out.writestr(name, data)
    return path


def workbook(path: Path, sheet: str, **more: str) -> Path:
    """A workbook with the rows in ``sheet`` (the inside of sheetData)."""
    return package(path, parts(f"<sheetData>{sheet}</sheetData>", **more))
