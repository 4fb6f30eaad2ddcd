"""Wrong characters: fixed words misspelt, traditional and stray characters, slogans that differ by one."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Any

from app.checking.finding import Finding, Related
from app.checking.rulebook import Context, NotApplicable, check
from app.checking.text_facts import around, where, wrong

# Left: forms that pictures read as text and old systems leave behind; right: the standard character.
_OLD = "額個國會對應時來們為與東車門開關長見說話認讓這還進過運達內岀戸亊產衆並別呂爲啓強決況減淨準沖沒黃綠總結級線統經給絕縣劃項預領題類顧麗黨齊齡費資質購貼賬賠"
_NEW = "额个国会对应时来们为与东车门开关长见说话认让这还进过运达内出户事产众并别吕为启强决况减净准冲没黄绿总结级线统经给绝县划项预领题类顾丽党齐龄费资质购贴账赔"
STANDARD = dict(zip(_OLD, _NEW, strict=True))
# Characters outside GB 2312 that stand in names of places and people.
_IN_NAMES = set("硚珺堃玥昇翀赟甯喆彧淼垚祎晞珈頔旻晟媖犇瑀琰玙璟怡埗垴塆㙍洣湉滢浛浬淏濛堉塬垸岙壵")


@check("typos")
def typos(context: Context) -> Iterator[Finding]:
    """The words of the rule entry (``words``: find, wrong, right, severity) and characters that are not standard."""
    report = context.report
    text = report.prose.text
    for entry in _words(context):
        context.saw()
        for hit in re.finditer(entry["find"], text):
            start, end = hit.span()
            if end - start < 2:  # one character says little
                start, end = max(text.rfind("\n", 0, start) + 1, start - 2), end + 2
            said = text[start:end].partition("\n")[0]
            right = said.replace(entry["wrong"], entry["right"])
            message = f"{where(report, hit.start())}：“{said}”疑为“{right}”之误"
            low, high = around(report.prose, *hit.span())
            yield wrong(report, message, low, high, severity=entry.get("severity", ""), found=said, expected=right)
    yield from _stray(context)


def _words(context: Context) -> list[dict[str, Any]]:
    return next((list(v) for k, v in context.rule.options if k == "words"), [])


def _stray(context: Context) -> Iterator[Finding]:
    """Traditional characters, and characters outside GB 2312 that no name explains."""
    report = context.report
    text = report.prose.text
    odd = {c for c in set(text) if "\u4e00" <= c <= "\u9fff" and not c.encode("gb2312", "ignore")}
    for char in sorted(odd - _IN_NAMES):
        right = STANDARD.get(char, "")
        count = text.count(char)
        if count > 20 or (not right and count > 2):
            continue  # a name, or a report in traditional characters
        at = text.find(char)
        low, high = around(report.prose, at, at + 1)
        more = f"，全文共 {count} 处" if count > 1 else ""
        message = f"{where(report, at)}：“{char}”" + (
            f"是繁体字或异体字，应为“{right}”{more}" if right else f"是生僻字，请核对是否输入有误{more}"
        )
        places = [hit.start() for hit in re.finditer(char, text)][1:]
        related = tuple(Related(report.prose.place(a), report.prose.context(a, a + 1, 8)) for a in places)
        yield wrong(report, message, low, high, severity="info", found=char, expected=right, related=related)


_QUOTED = re.compile(r'"([\u4e00-\u9fff、,·]{4,16})"|《([\u4e00-\u9fff]{6,40})》')
# Slogans may differ in these and still both be right: numbers, places, directions, opposites.
_FREE = set("一二三四五六七八九十百千零两〇上下前后左右内外大小东南西北中省市县区州镇乡村街年月日新老初末甲乙丙丁男女")


@check("near_phrases")
def near_phrases(context: Context) -> Iterator[Finding]:
    """A quoted phrase that differs by one character from one that stands at least three times.

    The well-known slogans of the rule entry (``slogans``) count as standing often.
    """
    report = context.report
    known = next((list(v) for k, v in context.rule.options if k == "slogans"), [])
    where_: dict[str, list[int]] = defaultdict(list)
    for hit in _QUOTED.finditer(report.prose.text):
        for phrase in re.split(r"[、,]", hit.group(1) or hit.group(2)):
            if len(phrase) >= 4:
                where_[phrase].append(hit.start())
    if not where_:
        raise NotApplicable("没有引号词语")
    count = Counter({phrase: report.prose.text.count(phrase) for phrase in where_})
    common = [phrase for phrase, times in count.items() if times >= 3 and phrase not in known] + known
    for rare in (p for p, times in count.items() if times == 1 and p not in known):
        context.saw()
        usual = next((c for c in common if _one_other(rare, c)), None)
        if usual is None:
            continue
        start = where_[rare][0]
        at = report.prose.text.find(rare, start)
        low, high = around(report.prose, at, at + len(rare))
        often = f"全文 {count[usual]} 处的" if count[usual] else "通行的说法"
        message = f"{where(report, at)}：“{rare}”与{often}“{usual}”相差一字，疑有误"
        yield wrong(report, message, low, high, found=rare, expected=usual)
    context.saw(len(where_))


def _one_other(a: str, b: str) -> bool:
    """Same length and one character replaced, none of those that may well differ."""
    if len(a) != len(b):
        return False
    pairs = [(x, y) for x, y in zip(a, b, strict=True) if x != y]
    return len(pairs) == 1 and not _FREE & set(pairs[0])
