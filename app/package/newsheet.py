"""A ``SheetModel`` as a worksheet part of the clerk's own package."""

from __future__ import annotations

from decimal import Decimal

from app.numbers import letters
from app.package.cells import reference
from app.package.styles import StyleBook
from app.package.xmlbytes import escaped, quoted
from app.writing.model import SheetCell, SheetModel

MAX_TEXT = 32_767  # characters a cell may hold
_LINKS = 65_000  # hyperlinks a sheet may have


def quoted_name(name: str) -> str:
    """A sheet name as formulas and links write it."""
    return "'" + name.replace("'", "''") + "'"


def rendered(model: SheetModel, book: StyleBook, namespace: str, renamed: dict[str, str]) -> bytes:
    """The worksheet part; styles are appended to ``book``.

    ``renamed`` maps names of our own models to the names they got, so links between them hold.
    """
    return (
        f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<worksheet xmlns="{namespace}">'
        f"{_head(model)}<sheetData>{_rows(model, book)}</sheetData>{_tail(model, renamed)}</worksheet>"
    ).encode()


def defined_names(model: SheetModel, name: str) -> list[tuple[str, str, bool]]:
    """(name, what it refers to, hidden) of the names that filter and repeated rows need."""
    sheet, found = quoted_name(name), []
    if model.filter:
        top, left, bottom, right = model.filter
        area = f"{_absolute(top, left)}:{_absolute(bottom, right)}"
        found.append(("_xlnm._FilterDatabase", f"{sheet}!{area}", True))
    if model.repeat_rows:
        first, last = model.repeat_rows
        found.append(("_xlnm.Print_Titles", f"{sheet}!${first + 1}:${last + 1}", False))
    return found


def _absolute(row: int, column: int) -> str:
    return f"${letters(column)}${row + 1}"


def _head(model: SheetModel) -> str:
    color = f'<tabColor rgb="FF{model.tab_color}"/>' if model.tab_color else ""
    rows = len(model.rows)
    columns = max((len(r) for r in model.rows), default=0)
    area = f"A1:{reference(max(rows, 1) - 1, max(columns, 1) - 1)}"
    lines = "" if model.gridlines else ' showGridLines="0"'
    widths = "".join(
        f'<col min="{c + 1}" max="{c + 1}" width="{w:.2f}" customWidth="1"/>' for c, w in sorted(model.widths.items())
    )
    return (
        f'<sheetPr>{color}<pageSetUpPr fitToPage="1"/></sheetPr><dimension ref="{area}"/>'
        f'<sheetViews><sheetView{lines} workbookViewId="0">{_pane(model)}</sheetView></sheetViews>'
        f'<sheetFormatPr defaultRowHeight="15"/>' + (f"<cols>{widths}</cols>" if widths else "")
    )


def _pane(model: SheetModel) -> str:
    row, column = model.freeze or (0, 0)
    if not row and not column:
        return ""
    splits = (f' xSplit="{column}"' if column else "") + (f' ySplit="{row}"' if row else "")
    pane = "bottomRight" if row and column else "bottomLeft" if row else "topRight"
    where = f'topLeftCell="{reference(row, column)}" activePane="{pane}" state="frozen"'
    return f'<pane{splits} {where}/><selection pane="{pane}"/>'


def _rows(model: SheetModel, book: StyleBook) -> str:
    found = []
    names = [letters(c) for c in range(max((len(r) for r in model.rows), default=0))]
    for number, row in enumerate(model.rows):
        cells = "".join(_cell(f"{n}{number + 1}", cell, book) for n, cell in zip(names, row, strict=False) if cell)
        height = model.heights.get(number)
        size = f' ht="{height:.2f}" customHeight="1"' if height else ""
        if cells or size:
            found.append(f'<row r="{number + 1}"{size}>{cells}</row>')
    return "".join(found)


def _cell(where: str, cell: SheetCell, book: StyleBook) -> str:
    opening = f'<c r="{where}" s="{book.style(cell.style)}"'
    formula = f"<f>{escaped(cell.formula.removeprefix('='))}</f>" if cell.formula else ""
    if isinstance(cell.value, str) and cell.value and not formula:
        return f'{opening} t="inlineStr"><is>{string(cell.value)}</is></c>'
    if isinstance(cell.value, str):
        return f'{opening} t="str">{formula}<v>{escaped(cell.value)}</v></c>' if formula else opening + "/>"
    if cell.value is None:
        return f"{opening}>{formula}</c>" if formula else opening + "/>"
    value = f"{cell.value:f}" if isinstance(cell.value, Decimal) else str(cell.value)
    return f"{opening}>{formula}<v>{value}</v></c>"


def string(text: str) -> str:
    """A ``t`` element; ``_x0041_`` in the text must not be taken for an escape."""
    safe = text[:MAX_TEXT].replace("_x", "_x005F_x")
    return f'<t xml:space="preserve">{escaped(safe)}</t>'


def _tail(model: SheetModel, renamed: dict[str, str]) -> str:
    area = model.filter
    found = f'<autoFilter ref="{reference(*area[:2])}:{reference(*area[2:])}"/>' if area else ""
    if model.merges:
        cells = "".join(f'<mergeCell ref="{reference(m[0], m[1])}:{reference(m[2], m[3])}"/>' for m in model.merges)
        found += f'<mergeCells count="{len(model.merges)}">{cells}</mergeCells>'
    links = [
        f'<hyperlink ref="{reference(r, c)}" location="{quoted(_target(cell.link, renamed))}"/>'
        for r, row in enumerate(model.rows)
        for c, cell in enumerate(row)
        if cell is not None and cell.link
    ]
    found += f"<hyperlinks>{''.join(links[:_LINKS])}</hyperlinks>" if links else ""
    turned = "landscape" if model.landscape else "portrait"
    found += '<printOptions horizontalCentered="1"/>'
    found += '<pageMargins left="0.5" right="0.5" top="0.6" bottom="0.6" header="0.3" footer="0.3"/>'
    found += f'<pageSetup paperSize="9" orientation="{turned}" fitToHeight="0"/>'
    code = model.footer if model.footer[:2].upper() in ("&L", "&C", "&R") else "&C" + model.footer
    footer = f"<oddFooter>{escaped(code)}</oddFooter>" if model.footer else ""
    return found + (f"<headerFooter>{footer}</headerFooter>" if footer else "")


def _target(link: str, renamed: dict[str, str]) -> str:
    sheet, mark, cell = link.removeprefix("#").rpartition("!")
    bare = sheet[1:-1].replace("''", "'") if sheet.startswith("'") and sheet.endswith("'") else sheet
    return f"{quoted_name(renamed[bare])}!{cell}" if mark and bare in renamed else link.removeprefix("#")
