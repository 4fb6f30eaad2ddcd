"""Lines to prose: one text with the way back to the source, headings and contents."""

from __future__ import annotations

import re
import unicodedata

from app.knowledge.text import norm
from app.report.claim import Prose, Section
from app.source import Source

_SKIP = re.compile(r"</?[a-zA-Z][^>]{0,80}>|[\s\u3000\u200b\ufeff\x00-\x1f]+|\*\*|^\s*#{1,6}\s")
_PAGE = re.compile(r"[-—–·]{0,2}(?:第)?\d{1,3}(?:页)?[-—–·]{0,2}")
_PART = re.compile(r"第([一二三四五六七八九十]+)部分")
_ONE = re.compile(r"([一二三四五六七八九十]{1,3})[、.,]")
_TWO = re.compile(r"\(([一二三四五六七八九十]{1,3})\)")
_THREE = re.compile(r"(\d{1,2})[.、](?!\d)|\((\d{1,2})\)")
_END = "。；！？：;!?:"
# a line that ends with a semicolon goes on in the next one, unless that begins a heading or an item
_CLOSED = re.compile(r"[。！？!?]$")
_TRANSLATE = {
    "“": '"',
    "”": '"',
    "„": '"',
    "＂": '"',
    "〔": "[",
    "〕": "]",
    "﹝": "[",
    "﹞": "]",
    "％": "%",
    "．": ".",
    "：": ":",
    "；": "；",
    "，": ",",
}

# Canonical sections by words of their title; the first that fits wins. Source: DOMAIN §6.
KEYS: tuple[tuple[str, str], ...] = (
    ("收支总体", r"^收入支出决算总体情况|^收支决算总体情况|^收入支出总体情况"),
    ("收入", r"^收入决算(?:总体)?情况|^收入决算说明"),
    ("支出", r"^支出决算(?:总体)?情况|^支出决算说明"),
    ("财拨总体", r"^财政拨款收入支出决算总体情况|^财政拨款收支决算总体情况"),
    ("基本支出", r"基本支出决算情况|基本支出决算具体情况"),
    ("一般支出", r"^一般公共预算(?:财政拨款)?支出决算"),
    ("三公", r"[\"']?三公[\"']?经费"),
    ("基金", r"^政府性基金预算"),
    ("国资", r"^国有资本经营预算"),
    ("机关运行", r"机关运行经费"),
    ("采购", r"政府采购"),
    ("资产", r"国有资产"),
    ("绩效", r"预算绩效|绩效管理|绩效评价|绩效情况|绩效自评"),
    ("其他事项", r"其他重要事项"),
    ("名词解释", r"名词解释"),
    ("重点工作", r"重点工作"),
    ("职责", r"主要职[能责]|部门职责|单位职责|主要职能"),
    ("机构", r"机构设置|单位构成|部门构成|人员(?:构成|情况)|部门决算单位"),
    ("决算表", r"部门决算表|单位决算表|年度部门?决算表"),
    ("情况说明", r"决算情况说明"),
    ("概况", r"概况"),
    ("附件", r"附件"),
)

# Parts whose sub-sections keep the part's own key whatever their titles say.
_WHOLE = ("名词解释", "附件", "重点工作", "职责")


def read_prose(source: Source) -> Prose:
    """The running text of a source, its sections and its contents."""
    prose = Prose()
    chunks: list[str] = []
    offset = 0
    previous = ""
    for line in source.lines:
        text, places = compared(line.text)
        if not text or _PAGE.fullmatch(text):
            continue
        if previous and _breaks(previous, text, source.kind):
            places = [-1, *places]
            text = "\n" + text
        prose.lines.append(line)
        prose.starts.append(offset)
        prose.maps.append(_mapped(places))
        chunks.append(text)
        offset += len(text)
        previous = text.lstrip("\n")
    prose.text = "".join(chunks)
    _headings(prose)
    return prose


def compared(text: str) -> tuple[str, list[int]]:
    """``text`` as compared and, for each of its characters, the index in ``text``."""
    skip = {i for hit in _SKIP.finditer(text) for i in range(*hit.span())}
    chars: list[str] = []
    places: list[int] = []
    for index, char in enumerate(text):
        if index in skip:
            continue
        plain = _TRANSLATE.get(char) or unicodedata.normalize("NFKC", char)
        for each in plain:
            each = _TRANSLATE.get(each, each)
            if not each.isspace():
                chars.append("；" if each == ";" else each)
                places.append(index)
    return "".join(chars), places


def _mapped(places: list[int]) -> list[int]:
    """The break before a paragraph maps to the first character of its line."""
    return [p if p >= 0 else (places[1] if len(places) > 1 else 0) for p in places]


def _breaks(before: str, text: str, kind: str) -> bool:
    """Whether a new paragraph begins with ``text``."""
    if kind == "word":
        return True
    if _CLOSED.search(before) or heading(text) is not None:
        return True
    hit = heading(before)
    return hit is not None and hit[0] <= 2 and len(before) < 40 and _is_heading(hit[2], hit[0])


def heading(text: str) -> tuple[int, str, str] | None:
    """(level, number, title) if a line begins like a heading or numbered item."""
    for level, pattern in enumerate((_PART, _ONE, _TWO, _THREE)):
        if hit := pattern.match(text):
            return level, hit.group(), text[hit.end() :]
    return None


def section_key(title: str) -> str:
    """The canonical key of a heading's words, or ``""``."""
    bare = re.sub(r"^(?:20\d{2}年度?)?(?:部门|单位)?", "", norm(title).replace("关于", ""))
    bare = re.sub(r"^.{0,40}?20\d{2}年度", "", bare)
    if re.search(r"表(?:\(表?\d+\))?$", bare):
        return "决算表" if "绩效" not in bare else "绩效"  # a table's title is no section of the narrative
    return next((key for key, pattern in KEYS if re.search(pattern, bare)), "")


def _headings(prose: Prose) -> None:
    found: list[Section] = []
    for index, line in enumerate(prose.lines):
        start = prose.starts[index]
        end = prose.starts[index + 1] if index + 1 < len(prose.lines) else len(prose.text)
        text = prose.text[start:end].lstrip("\n")
        begin = end - len(text)
        hit = heading(text)
        if hit is None:
            continue
        level, number, title = hit
        if level <= 2 and not _is_heading(title, level):
            continue
        shown = re.split(r"[。:]", title)[0][:60]
        found.append(Section(level, number, shown, begin, len(prose.text), line.place, section_key(shown)))
    body = _body_start(prose, found)
    prose.contents = [s for s in found if s.start < body and s.level < 3]
    prose.sections = [s for s in found if s.start >= body]
    _nest(prose)


def _is_heading(title: str, level: int) -> bool:
    if level == 0:
        return len(title) < 60
    head = re.split(r"[。:]", title)[0]
    return len(head) <= 44 and "," not in head and (len(title) <= 60 or bool(section_key(head)) or level == 2)


def _body_start(prose: Prose, found: list[Section]) -> int:
    """Where the 目录 ends: before the second 第一部分, or before the first heading that repeats."""
    mark = prose.text.find("目录")
    if not 0 <= mark < 600:
        return 0
    parts = [s for s in found if s.level == 0 and s.number == "第一部分"]
    if len(parts) >= 2:
        return parts[1].start
    seen: dict[str, int] = {}
    for section in found:
        name = section.number + section.title[:8]
        if section.level <= 1 and name in seen and section.start - seen[name] > 60:
            return section.start
        seen.setdefault(name, section.start)
    return 0


def _nest(prose: Prose) -> None:
    """Parents and ends: a section ends where the next of its level or a higher one begins."""
    open_: list[Section] = []
    for section in prose.sections:
        while open_ and open_[-1].level >= section.level:
            open_.pop().end = section.start
        section.parent = open_[-1] if open_ else None
        if (not section.key and section.parent is not None and section.level >= 1) or (
            section.parent is not None and section.parent.key in ("名词解释", "附件", "重点工作", "职责")
        ):
            section.key = section.parent.key
        open_.append(section)
