"""The nine tables in a text file: found by title, cut at their end, laid out as a sheet would be.

The ``Grid`` of a table looks like the clerk's sheet: title, what the table states about itself, the
header with the table's known words, 栏次 if printed, the rows, the notes. Values are the printed
texts; an amount whose column cannot be known is left unread (a cell with ``formula`` set and no
value, which means "could not run" to every rule) and named in ``Found.problems``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from app.reading import text_layout as layout
from app.reading import text_rows as rows
from app.reading.text_forms import HEADERS, compact, is_header_word, title_key
from app.source import Grid, Place

_INFO = re.compile(
    r"公开\d+表|(?:编制|填报|公开|预算)?(?:部门|单位)(?:名称)?[::].+|(?:金额)?单位[::](?:人民币)?(?:万|亿|千|百)?元|20\d\d年度?|表\d+"
)
_INFO_CUT = re.compile(r"(公开\s*\d+\s*表|20\d\d\s*年度?|(?:金额)?单位\s*[:：]\s*(?:人民币)?\s*[万亿千百]?元)")
_FURNITURE = re.compile(
    r"公开\d+表|(?:金额)?单位:(?:人民币)?[万亿千百]?元|(?:编制|填报|公开|预算)?(?:部门|单位)(?:名称)?:|项目|收入支出|人员经费|预算数|科目|经济分类|栏次|功能分类"
)
_NOTE = re.compile(r"(?:注|说明|备注)\d*[::.、]|注\d?[.、]?本")
_NOTE_MORE = re.compile(
    r"\d[.、].*|.*[行栏](?:各行)?=\(.*|.*本表.*|.*本套报表.*|(?:其中[,，]?)?(?:预|决)算数(?:为|是).*|.*各行=.*"
)
_PART = re.compile(r"第[一二三四五六七八九十]+部分.*|附件\d*[:：]?.*")
_PAGE = re.compile(r"[-—–]+\d+[-—–]+|第?\d+页(?:共\d+页)?|\d+/\d+")
_STATEMENT = re.compile(r".*(?:没有|无).{2,40}(?:收入|支出|收支|经费|数据|资金).*")
_LOOK = 10  # lines below a title in which its table must begin to show


@dataclass(slots=True)
class Found:
    """A table: its lines ``first`` to ``last`` (from 0, both inside), the grid, what was left unread."""

    key: str
    first: int
    last: int
    grid: Grid
    problems: list[tuple[str, Place]] = field(default_factory=list)


@dataclass(slots=True)
class Draft:
    """The lines of one table sorted into what they are; line numbers count from 1."""

    key: str
    title: list[tuple[str, int]]
    info: list[tuple[str, int]] = field(default_factory=list)
    header: list[tuple[str, int]] = field(default_factory=list)
    numbers: list[rows.Token] = field(default_factory=list)  # the 栏次 row
    body: list[list[rows.Token]] = field(default_factory=list)
    notes: list[tuple[str, int]] = field(default_factory=list)

    @property
    def stream(self) -> str:
        """All words of the header in one, as they are compared."""
        return "".join(compact(t) for t, _ in self.header)


def find(lines: Sequence[str]) -> list[Found]:
    """All of the nine tables in ``lines``, in order. A table that goes on under a repeated title
    (another page) is one table."""
    starts = _starts(lines)
    drafts: list[tuple[Draft, int, int]] = []
    for order, (index, key, used) in enumerate(starts):
        stop = starts[order + 1][0] if order + 1 < len(starts) else len(lines)
        draft, last = _draft(lines, index, used, stop, key)
        before = drafts[-1] if drafts else None
        if before and before[0].key == key and not before[0].notes and index - before[2] < 6:
            before[0].body += draft.body
            before[0].notes += draft.notes
            drafts[-1] = (before[0], before[1], last)
        else:
            drafts.append((draft, index, last))
    built = [Found(d.key, first, last, Grid(d.title[0][0].strip(), is_sheet=False)) for d, first, last in drafts]
    layout.lay_out([(d, f) for (d, _, _), f in zip(drafts, built, strict=True)], "".join(compact(x) for x in lines))
    return built


def _starts(lines: Sequence[str]) -> list[tuple[int, str, int]]:
    """Title lines with a table under them: (line from 0, key, number of lines the title takes)."""
    result = []
    busy = -1
    for index, text in enumerate(lines):
        if index <= busy or not text.strip():
            continue
        key, used = title_key(text), 1
        if key is None or _ends_short(lines, index):
            joined = _next_filled(lines, index)
            whole = title_key(text.rstrip() + lines[joined].strip()) if joined is not None else None
            short = joined is not None and len(compact(lines[joined])) <= 8 and "表" in lines[joined]
            if whole and short and joined is not None and title_key(lines[joined]) is None and "\t" not in text:
                key, used = whole, joined - index + 1
        if key and _table_below(lines, index + used):
            result.append((index, key, used))
            busy = index + used - 1
    return result


def _ends_short(lines: Sequence[str], index: int) -> bool:
    return not compact(lines[index]).endswith(("表", ")"))


def _next_filled(lines: Sequence[str], index: int) -> int | None:
    return next((i for i in range(index + 1, min(index + 4, len(lines))) if lines[i].strip()), None)


def _table_below(lines: Sequence[str], index: int) -> bool:
    """Something only a table has stands under the title, before another title or running text."""
    seen = 0
    for at in range(index, len(lines)):
        text = lines[at]
        bare = compact(text)
        if not bare:
            continue
        seen += 1
        if seen > _LOOK or _PART.fullmatch(bare) or title_key(text) or ("。" in bare and len(bare) > 20):
            return False
        if rows.cells(text) is not None or _FURNITURE.match(bare):
            return True
    return False


def _draft(lines: Sequence[str], first: int, used: int, stop: int, key: str) -> tuple[Draft, int]:
    """Sort the lines under a title until the table ends; also the last line (from 0) that is its own."""
    whole = "".join(t.strip() for t in lines[first : first + used])
    draft = Draft(key, [(rows.clean(re.sub(r"^[#\s]+", "", whole)), first + 1)])
    last = first + used - 1
    repeated = False
    for index in range(first + used, stop):
        text = lines[index]
        bare = compact(text)
        if not bare or _PAGE.fullmatch(re.sub(r"\s", "", text)):
            continue
        if _over(draft, text, bare):
            break
        if _NOTE.match(bare) or draft.notes or (_STATEMENT.fullmatch(bare) and "\t" not in text and len(bare) > 12):
            draft.notes.append((text.strip(), index + 1))
        elif _is_info(bare, text):
            if not draft.body:
                draft.info.append((text.strip(), index + 1))
        else:
            repeated = _sort_row(draft, text, bare, index + 1, repeated)
        last = index
    return draft, last


def _is_info(bare: str, text: str) -> bool:
    parts = [p for p in re.split(r"\t|(?<=年度)|(?=(?:金额)?单位[::][万元])|(?=公开\d)", bare) if p]
    return bool(parts) and rows.cells(text) is None and all(_INFO.fullmatch(p) for p in parts)


def _over(draft: Draft, text: str, bare: str) -> bool:
    """True when a line is no longer of the table."""
    tabbed = rows.cells(text) is not None
    if _PART.fullmatch(bare) or (text.lstrip().startswith("#") and not _NOTE.match(bare)):
        return True
    if draft.notes:
        if tabbed:
            return True
        before = compact(draft.notes[-1][0])
        wrapped = before[-1] not in "。；;.!" and (len(before) > 23 or before[-1] in ",，、")
        return not (_NOTE.match(bare) or _NOTE_MORE.fullmatch(bare) or wrapped or _STATEMENT.fullmatch(bare))
    if tabbed or _NOTE.match(bare) or (_STATEMENT.fullmatch(bare) and len(bare) < 90):
        return False
    return (
        bool(re.search(r"说明$|情况$", bare))
        or ("。" in bare and len(bare) > 25)
        or bool(re.search("万元[，,。]", bare))
    )


def _sort_row(draft: Draft, text: str, bare: str, number: int, repeated: bool) -> bool:
    """Put a line into the header or the body; True while a header repeated on a new page goes on."""
    found = rows.tokens(text, number)
    if not found:
        return repeated
    if layout.is_numbers(found, draft.key):
        if not draft.body:
            draft.numbers = draft.numbers or found
        return False
    begins = layout.begins_row(found, draft.key)
    if not draft.body and not begins:
        draft.header.append((text, number))
        return False
    if begins:
        _give_back(draft, found)
        draft.body.append(found)
        return False
    if repeated or bare in ("项目", "收入支出", "人员经费公用经费") or title_key(text):
        return True
    if bare in draft.stream and len(found) > 1 and not any(t.is_amount for t in found):
        return True
    if len(found) == 1 and found[0].is_count and all(t.is_amount for t in draft.body[-1][-1:]):
        return False  # a page number
    draft.body.append(found)
    return False


def _give_back(draft: Draft, found: list[rows.Token]) -> None:
    """The upper half of the first row's name was taken for a header word."""
    if draft.body or not draft.header or draft.key not in HEADERS:
        return
    text, number = draft.header[-1]
    row = rows.code_row(found)
    if row.code and not draft.numbers and not is_header_word(draft.key, compact(text)):
        draft.body.append(rows.tokens(text, number))
        draft.header.pop()


def info_cells(text: str) -> list[str]:
    """``部门：甲 2022 年度 单位：万元`` in its three statements."""
    found = rows.cells(text) or _INFO_CUT.split(rows.clean(text))
    return [p.strip() for p in found if p.strip()]
