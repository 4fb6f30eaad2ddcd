"""What a 科目 is for: uses and definitions that belong to another item, terms explained twice or not at all."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from app.checking.finding import Finding, Related
from app.checking.rulebook import Context, CouldNotRun, NotApplicable, check
from app.checking.text_facts import where, wrong
from app.knowledge.text import norm
from app.report.report import Report

# An item, by words of its name, and words by which a use or definition speaks of it.
_OF = (
    ("养老保险", r"基本养老保险缴费", r"养老保险(?!制度)"),
    ("职业年金", r"职业年金缴费", r"职业年金"),
    ("住房公积金", r"住房公积金", r"公积金"),
    ("提租补贴", r"提租补贴", r"租金补贴|提租补贴"),
    ("购房补贴", r"购房补贴", r"购房补贴|购买住房"),
    ("公务员医疗补助", r"公务员医疗补助", r"公务员医疗补助"),
    ("抚恤", r"死亡抚恤", r"抚恤|丧葬"),
)
_NAMED = tuple((name, re.compile(own)) for name, own, _ in _OF)
_SPOKEN = tuple((name, re.compile(words)) for name, _, words in _OF)
_NUMBER = r"(?:\d{1,2}[.、]|\([一二三四五六七八九十\d]{1,3}\)|[一二三四五六七八九十]{1,3}、)"
_ITEM = re.compile(
    rf"(?:^|[\n。；]){_NUMBER}?(?P<chain>[^,，。；:\n]{{0,40}}\(类\)[^,，。；:\n]{{0,60}}\(项\)):?[。,，]?"
    r"(?P<what>(?:反映|主要反映|指|是指|主要用于|用于|主要是用于)[^。\n]{4,200})"
)
_TERM = re.compile(rf"(?:^|\n){_NUMBER}(?P<term>[^:。\n]{{2,60}})[:。](?P<text>[^\n]{{10,400}})")


@dataclass(frozen=True, slots=True)
class _Told:
    chain: str
    name: str  # of the 项
    what: str
    start: int
    end: int


def _items(report: Report) -> list[_Told]:
    found = []
    for hit in _ITEM.finditer(report.prose.text):
        name = re.split(r"\([类款]\)", hit["chain"])[-1].removesuffix("(项)")
        found.append(_Told(hit["chain"], name, hit["what"], hit.start("chain"), hit.end("what")))
    return found


@check("use_of_other_item")
def use_of_other_item(context: Context) -> Iterator[Finding]:
    """What an item is for names another item and not itself: 购房补贴 主要用于缴纳住房公积金."""
    report = context.report
    items = _items(report)
    if not items:
        raise NotApplicable("没有逐项写用途或解释")
    for item in items:
        context.saw()
        own, spoken = _mismatch(item.name, item.what)
        if not spoken:
            continue
        at = report.prose.text.find(item.what, item.start)
        message = f"{where(report, item.start)}：“{item.name}”后面写的是{spoken}，名称与用途（解释）有一个写错"
        low = max(item.start, at - len(item.name) - 6)
        yield wrong(report, message, low, min(item.end, at + 70), found=spoken, expected=own)


def _mismatch(name: str, what: str) -> tuple[str, str]:
    """The item that ``name`` is, and the other one that ``what`` speaks of instead; empty if all is well."""
    own = next((item for item, pattern in _NAMED if pattern.search(name)), "")
    spoken = [item for item, pattern in _SPOKEN if pattern.search(what)]
    return (own, spoken[0]) if own and own not in spoken and len(spoken) == 1 else (own, "")


@check("terms_twice")
def terms_twice(context: Context) -> Iterator[Finding]:
    """One term explained twice, or two terms with the same words."""
    report = context.report
    terms = [
        (hit["term"], hit["text"], hit.start("term"), hit.end())
        for hit in _TERM.finditer(report.prose.text)
        if report.prose.key(hit.start("term")) == "名词解释"
    ]
    if len(terms) < 3:
        raise NotApplicable("没有名词解释")
    names: dict[str, tuple[int, int]] = {}
    texts: dict[str, tuple[str, int, int]] = {}
    for term, text, start, end in terms:
        context.saw()
        last = re.split(r"\([类款]\)", term)[-1]
        before, same = names.get(term), texts.get(text)
        stop = min(start + len(term) + 24, end)
        if before is not None and not _mismatch(last, text)[1]:  # else its name is wrong, not its place
            related = (Related(report.prose.place(before[0]), report.prose.quote(*before)),)
            message = f"{where(report, start)}：名词“{term}”解释了两次，请删去一处"
            yield wrong(report, message, start, stop, found=term, expected="删去一处", related=related)
        elif same is not None and same[0] != last and len(text) >= 20:
            related = (Related(report.prose.place(same[1]), report.prose.quote(same[1], same[2])),)
            message = f"{where(report, start)}：“{last}”的解释与“{same[0]}”完全相同，疑抄错"
            yield wrong(report, message, start, stop, found=text[:40], related=related)
        names.setdefault(term, (start, stop))
        texts.setdefault(text, (last, start, stop))


@check("terms_of_table")
def terms_of_table(context: Context) -> Iterator[Finding]:
    """The 项 explained are those of 支出表: none missing, none that is not there."""
    report = context.report
    table = report.tables.get("支出表") or report.tables.get("一般支出表")
    if table is None:
        raise CouldNotRun("没有支出决算表")
    items = [i for i in _items(report) if report.prose.key(i.start) == "名词解释"]
    if len(items) < 3:
        raise NotApplicable("名词解释没有逐项解释支出科目")
    rows = [r for b in table.blocks.values() for r in b.rows if r.code and len(r.code) == 7]
    listed = {_bare(r.label) for r in rows}
    if not rows:
        raise CouldNotRun("支出决算表没有项级科目")
    explained = {_bare(item.name) for item in items}
    missing = [r for r in rows if _bare(r.label) not in explained]
    context.saw(len(rows))
    for item in items:
        context.saw()
        if _bare(item.name) not in listed and _near(_bare(item.name), listed) is None:
            message = (
                f"{where(report, item.start)}：名词解释有“{item.name}”，{table.title.value or table.key}没有这一项"
            )
            yield wrong(report, message, item.start, item.start + len(item.chain), found=item.name)
    if missing and len(missing) <= max(3, len(rows) // 2):
        last = items[-1]
        names = "、".join(dict.fromkeys(r.label for r in missing[:8]))
        message = f"{where(report, last.start)}：支出决算表的{names}在名词解释里没有解释"
        yield wrong(report, message, last.start, last.start + len(last.chain), expected=names)


def _bare(name: str) -> str:
    return re.sub(r"\(.*?\)|支出$", "", norm(name))


def _near(name: str, names: set[str]) -> str | None:
    """A listed name one character away or longer at its end: a slip of writing that T301 tells."""
    grouped: dict[int, set[str]] = defaultdict(set)
    for other in names:
        grouped[len(other)].add(other)
    close = (o for n in (-1, 0, 1) for o in grouped[len(name) + n])
    return next((o for o in close if len(set(o) ^ set(name)) <= 2), None)
