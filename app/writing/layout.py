"""What our own sheets share: styles, a heading, rows as high as their text, names and links."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from app.source import Place
from app.writing import measure
from app.writing.model import SheetCell, SheetModel, Style

Row = list[SheetCell | None]

TITLE = Style(bold=True, size=16, align="center")
FACT = Style(color="404040", wrap=True, align="left")
HEADER = Style(fill="1F6FB2", color="FFFFFF", bold=True, align="center", border=True, wrap=True)
TEXT = Style(border=True, wrap=True, align="left")
CENTER = Style(border=True, wrap=True, align="center")
VALUE = Style(border=True, wrap=True, align="right")
COUNT = Style(border=True, align="right", number_format="#,##0_ ")
LINK = Style(border=True, wrap=True, align="left", color="1F6FB2", underline=True)


def headers(sheet: SheetModel, words: Sequence[str], height: float = 22) -> int:
    """Append a header row; its number."""
    number = len(sheet.rows)
    sheet.rows.append([SheetCell(word, HEADER) for word in words])
    sheet.heights[number] = height
    return number


def add(sheet: SheetModel, row: Iterable[SheetCell | None]) -> None:
    """Append a row high enough for its longest wrapped cell."""
    cells = list(row)
    most = max(
        (
            measure.lines(str(cell.value), sheet.widths.get(column, 8.4), cell.style.size)
            for column, cell in enumerate(cells)
            if cell is not None and cell.value is not None and cell.style.wrap
        ),
        default=1,
    )
    sheet.heights[len(sheet.rows)] = max(measure.height(most), 20.0)
    sheet.rows.append(cells)


def merged(sheet: SheetModel, text: str, style: Style, height: float = 0) -> None:
    """Append a row across the whole sheet; each merged cell bears the style, so borders are closed."""
    number = len(sheet.rows)
    count = measure.lines(text, sum(sheet.widths.values()), style.size)
    sheet.rows.append([SheetCell(text if c == 0 else None, style) for c in range(len(sheet.widths))])
    sheet.merges.append((number, 0, number, len(sheet.widths) - 1))
    sheet.heights[number] = height or measure.height(count, style.size) + 4


def gap(sheet: SheetModel, height: float = 8) -> None:
    """Append an empty row."""
    sheet.heights[len(sheet.rows)] = height
    sheet.rows.append([])


def quoted(sheet: str) -> str:
    """A sheet's name as it stands in references."""
    doubled = sheet.replace("'", "''")
    return f"'{doubled}'"


def link_to(place: Place, file_name: str = "") -> str:
    """The target of a link to ``place`` in the workbook ``file_name``, or '' when it is elsewhere."""
    if not place.sheet or place.file not in (None, file_name):
        return ""
    return f"{quoted(place.sheet)}!{place.cell or 'A1'}"


def where(place: Place) -> str:
    """A place for people, with its file where a case has several."""
    return f"{place.file} {place}" if place.file else str(place)


def footer(text: str) -> str:
    """``&`` is a code in headers and footers; a leading digit would be read as a font size."""
    left = text.replace("&", "&&")[:60]
    return f"&L {left}&C第 &P 页 / 共 &N 页&R决算公开校核"


def free(name: str, used: set[str]) -> str:
    """``name``, or ``name(2)`` … when a sheet already bears it (Excel ignores case)."""
    candidate, number = name, 2
    while candidate.casefold() in used:
        candidate, number = f"{name}({number})", number + 1
    used.add(candidate.casefold())
    return candidate
