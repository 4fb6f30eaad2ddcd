"""What the nine tables are called and how their headers read, for tables that lost their lines.

In a text file a header is a heap of broken words. A table's columns are known from its title
(DOMAIN §2), so the words are only compared with what that table's header says.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

_TITLES: tuple[tuple[str, str], ...] = (
    ("三公表", r"三公经费(?:公共预算)?(?:财政拨款)?(?:收入)?支出决算(?:情况)?表|三公经费支出表"),
    ("基本支出表", r"一般公共预算财政拨款基本支出决算(?:明细)?表"),
    ("一般支出表", r"一般公共预算财政拨款支出决算(?:明细)?表"),
    ("基金表", r"政府性基金预算财政拨款(?:收入)?支出决算表|政府性基金预算收入支出决算表"),
    ("国资表", r"国有资本经营预算(?:财政拨款)?(?:收入)?支出决算表"),
    ("财拨总表", r"财政拨款(?:收入支出|收支)决算(?:总)?表"),
    ("收支总表", r"(?:收入支出|收支)决算(?:总)?表"),
    ("收入表", r"收入决算(?:总)?表"),
    ("支出表", r"支出决算(?:总)?表"),
)
_TAIL = r"(?:[（(][^（）()]{1,12}[）)]|[（(]?续表?[）)]?)*$"
_PATTERNS = tuple((key, re.compile(f"(?:{names}){_TAIL}")) for key, names in _TITLES)
_OTHER = re.compile("拨款|预算|基金|国有资本|经费|三公|绩效|项目|明细")
_LEAD = re.compile(r"^[#*\-•\s]+|[*\s]+$|</?b>")


def compact(text: str) -> str:
    """``text`` as it is compared: NFKC, no white space, markdown signs, bold tags or quote marks."""
    bare = unicodedata.normalize("NFKC", _LEAD.sub("", text.strip()))
    return re.sub(r"[\s“”\"'‘’「」『』*]|</?b>", "", bare)


def title_key(text: str) -> str | None:
    """Which of the nine tables a line names as a title of its own, or None."""
    bare = compact(text)
    if not 4 < len(bare) <= 70 or re.search(r"[。，；:]", bare):
        return None
    for key, pattern in _PATTERNS:
        match = pattern.search(bare)
        if match is None:
            continue
        before = bare[: match.start()]
        if key in ("收支总表", "收入表", "支出表") and _OTHER.search(before):
            return None
        return key
    return None


@dataclass(frozen=True)
class Header:
    """One table's columns: ``groups`` over them ("" for none) and ``names``; the first name of each
    column is canonical, the others are spellings to be kept when they are printed instead."""

    groups: tuple[str, ...]
    names: tuple[tuple[str, ...], ...]

    @property
    def width(self) -> int:
        return len(self.names)


def _header(*columns: str) -> Header:
    """Columns written ``group>name|other spelling``."""
    groups, names = [], []
    for column in columns:
        group, _, name = column.rpartition(">")
        groups.append(group)
        names.append(tuple(name.split("|")))
    return Header(tuple(groups), tuple(names))


_SPENT = (
    "年初结转和结余",
    "本年收入",
    "本年支出>小计|合计",
    "本年支出>基本支出",
    "本年支出>项目支出",
    "年末结转和结余",
)
_THREE = ("本年支出>小计|合计", "本年支出>基本支出", "本年支出>项目支出")
_CAR = "公务用车购置及运行维护费"
_VISITS = (
    "合计",
    "因公出国（境）费|因公出国(境)费用|因公出国（境）费用",
    f"{_CAR}>小计",
    f"{_CAR}>公务用车购置费",
    f"{_CAR}>公务用车运行维护费|公务用车运行费",
    "公务接待费",
)

#: Alternatives a table, told apart by the number of columns and by words of the header.
HEADERS: dict[str, tuple[Header, ...]] = {
    "收入表": (
        _header(
            "本年收入合计|合计",
            "财政拨款收入",
            "上级补助收入",
            "事业收入",
            "经营收入",
            "附属单位上缴收入",
            "其他收入",
        ),
        _header(
            "本年收入合计|合计",
            "财政拨款收入",
            "上级补助收入",
            "事业收入>小计",
            "事业收入>其中：教育收费",
            "经营收入",
            "附属单位上缴收入",
            "其他收入",
        ),
    ),
    "支出表": (_header("本年支出合计|合计", "基本支出", "项目支出", "上缴上级支出", "经营支出", "对附属单位补助支出"),),
    "一般支出表": (_header(*_THREE),),
    "国资表": (_header(*_THREE), _header(*_SPENT)),
    "基金表": (_header(*_SPENT),),
    "三公表": (_header(*(_VISITS * 2)),),
    "财拨总表": (
        _header(
            "合计|小计",
            "一般公共预算财政拨款",
            "政府性基金预算财政拨款",
            "国有资本经营预算财政拨款",
        ),
        _header("合计|小计", "一般公共预算财政拨款", "政府性基金预算财政拨款"),
    ),
    "收支总表": (_header("金额|决算数"),),
}


def header_for(key: str, stream: str, width: int | None) -> Header | None:
    """The header of table ``key`` that fits the printed words (``stream``, compacted) and the number
    of columns its 栏次 counts (None when not printed); None when none has that width."""
    fits = [h for h in HEADERS[key] if width in (None, h.width)]
    if width is None and len(fits) > 1:
        fits.sort(key=lambda h: -len([n for n in h.names if any(compact(s) in stream for s in n)]) / h.width)
        wide = [h for h in fits if "年初结转" in "".join(n[0] for n in h.names)]
        if wide and "年初结转" in stream:
            fits = wide
    return fits[0] if fits else None


def is_header_word(key: str, bare: str) -> bool:
    """True for a word, or a piece of one, that the header of table ``key`` prints."""
    words = ["项目", "功能分类科目编码", "科目代码", "科目名称", "本年支出", "类款项栏次", "行次"]
    for header in HEADERS.get(key, ()):
        words += [compact(w) for w in (*header.groups, *(n for names in header.names for n in names))]
    return any(bare in w for w in words) or any(w and w in bare for w in words)


def printed(names: tuple[str, ...], stream: str) -> str:
    """The spelling of a column that is printed, else the canonical one."""
    return next((n for n in names if compact(n) in stream), names[0])
