"""Words, sentences and paragraphs twice; passages that break off; copies from the wrong place."""

from __future__ import annotations

import re
from collections.abc import Iterator

from app.checking.finding import Finding, Related
from app.checking.rulebook import Context, NotApplicable, check
from app.checking.text_facts import around, innermost, part, where, wrong
from app.recognising.prose import heading
from app.report.claim import Prose

_WORD = re.compile(r"([\u4e00-\u9fff]{2,6})\1")
_CHARS = re.compile(
    r"的的(?!确|士)|社区区(?!级|直|委|政|长|域)|年年度|元元|万万元|%%|(?<![行作成认因更以称改])为为(?![了民人主核重期何目])"
    r"|和和(?![谐平睦气美解])|与与(?!会)|了了(?![解结事])|及及(?![时格早])|，，|,,|；；|、、|。。"
)
# Pairs that are right as they stand: reduplicated words, and names that end as the next begins.
_RIGHT = re.compile(
    r"指标|满意度|^(?:完成|达标|合格|优秀|良好|及时|正常|有效|提高|提升|增强|显著|明显|达到|按时|按期|减少|增加)$"
    r"|^(?:人人|处处|层层|实实|逐步|常常|一件|一项|[一二三四五六七八九十]+|[甲乙丙丁]+|某某|高高|多多|好好)"
)


@check("doubled_words")
def doubled_words(context: Context) -> Iterator[Finding]:
    """The same word twice in a row: 反映反映, 支出支出, 的的."""
    report = context.report
    prose = report.prose
    context.saw()
    for pattern, word in ((_WORD, True), (_CHARS, False)):
        for hit in pattern.finditer(prose.text):
            said = prose.quote(*hit.span())
            if prose.text[hit.end() : hit.end() + 1].isdigit():
                continue  # target and actual value of a performance table, run together with the score
            if word and (_RIGHT.search(hit.group(1)) or re.search(r"\s", said) or _names_meet(prose.text, hit)):
                continue
            low, high = around(prose, hit.start(), hit.end(), 8)
            once = hit.group(1) if word else hit.group()[:-1]
            message = f"{where(report, hit.start())}：“{hit.group()}”重复，应为“{once}”"
            severity = "" if word else ("info" if not "\u4e00" <= hit.group()[0] <= "\u9fff" else "")
            yield wrong(report, message, low, high, severity=severity, found=hit.group(), expected=once)


def _names_meet(text: str, hit: re.Match[str]) -> bool:
    """``武昌区人民政府政府采购``-like: the second copy begins a longer fixed term."""
    longer = _LONGER.get(hit.group(1))
    return longer is not None and re.match(longer, text[hit.end() : hit.end() + 3]) is not None


# Words that may end one name and begin the next: 企业服务中心中心组学习, 街道街道办.
_LONGER = {
    "政府": r"采购|性基|会计",
    "项目": r"支出",
    "中心": r"组|城",
    "研究": r"院|所|会",
    "工作": r"站|组|者|室|日|人员",
    "服务": r"站|中心|器|队",
    "社区": r"工作者|居|党|民|书记",
    "街道": r"办|工委|党",
    "管理": r"局|站|处|委",
    "建设": r"局|厅",
    "发展": r"和|局|改",
}


@check("doubled_passages")
def doubled_passages(context: Context) -> Iterator[Finding]:
    """A sentence or paragraph that stands twice, one after the other or within one section."""
    report = context.report
    prose = report.prose
    last: dict[str, tuple[int, int]] = {}
    until = -1
    for start, end in _paragraphs(prose):
        for low, high in _sentences(prose.text, start, end):
            said = prose.text[low:high]
            if low > until and (first := _tandem(prose, low)) is not None:
                until = 2 * low - first
                context.saw()
                stop = min(max(high, low + 24), len(prose.text))
                message = f"{where(report, low)}：这段话与前面（{prose.place(first)}）接连重复，请删去一处"
                related = (Related(prose.place(first), prose.quote(first, first + stop - low)),)
                yield wrong(report, message, low, stop, found="重复", expected="删去一处", related=related)
            if len(said) < 16 or len(re.findall(r"[\u4e00-\u9fff]", said)) < 12:
                continue
            context.saw()
            before = last.get(said)
            if before is not None and low > until and _again(prose, before, low, said):
                until = high + 120  # one passage, one finding
                message = f"{where(report, low)}：这句话与前面（{prose.place(before[0])}）完全相同，请删去一处"
                related = (Related(prose.place(before[0]), prose.quote(*before)),)
                yield wrong(report, message, low, high, found="重复", expected="删去一处", related=related)
            last[said] = (low, high)


_LONGEST = 1500


def _tandem(prose: Prose, low: int) -> int | None:
    """Where a passage begins that ends right before ``low`` and then stands there once more."""
    text = prose.text
    head = text[low : low + 12]
    first = text.rfind(head, max(0, low - _LONGEST), low)
    if first < 0 or "\n" in head or low - first < 20:
        return None
    once = text[first:low].replace("\n", "")
    again = text[low : low + 2 * (low - first)].replace("\n", "")
    if len(re.findall(r"[\u4e00-\u9fff]", once)) < 12 or not again.startswith(once):
        return None
    return None if prose.key(low) == "附件" else first


def _again(prose: Prose, before: tuple[int, int], low: int, said: str) -> bool:
    """One right after the other; or, with its amounts, again within the same section."""
    if 0 <= low - before[1] <= 12:
        return True
    if re.match(r"(?:年初|全年|调整)?预算|支出决算|决算|完成|主要|其中", said):
        return False  # says nothing of its own: (项)。年初预算为…，支出决算为…
    same = innermost(prose, before[0]) is innermost(prose, low)
    return same and low - before[1] < 600 and bool(re.search(r"\d万元", said)) and len(said) >= 24


def _paragraphs(prose: Prose) -> Iterator[tuple[int, int]]:
    start = 0
    for hit in re.finditer(r"\n", prose.text):
        yield start, hit.start()
        start = hit.end()
    yield start, len(prose.text)


def _sentences(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    for hit in re.finditer(r"[^。；]+?(?:[。；]|其中:|$)", text[start:end]):
        yield start + hit.start(), start + hit.end()


_COPIED = {
    other: re.compile(
        rf"(?:相比|比)[,，]?(?:本年)?(?P<at>{other}(?:合计|总计|决算)?)(?:各)?(?:增加|减少|增长|下降)"
        rf"|(?:20\d\d年度|本年)(?P<first>{other}合计)(?=为?\d)"
    )
    for other in ("收入", "支出")
}


@check("copied_from_income")
def copied_from_income(context: Context) -> Iterator[Finding]:
    """收入合计 in the paragraph on 支出: copied from the section before; and the other way round."""
    report = context.report
    income, spending = part(report, "收入"), part(report, "支出")
    if spending is None:
        raise NotApplicable("没有支出决算情况说明")
    for own, other, bounds in (("支出", "收入", spending), ("收入", "支出", income)):
        if bounds is None or (own == "收入" and bounds[1] > spending[0]):
            continue  # without its own heading 支出 stands in the section on 收入
        context.saw()
        for hit in _COPIED[other].finditer(report.prose.text, *bounds):
            at = hit["at"] or hit["first"]
            right = at.replace(other, own)
            low = max(bounds[0], report.prose.text.rfind("。", 0, hit.start()) + 1, hit.start() - 26)
            message = f"{where(report, hit.start())}：{own}一节写的是“{at}”，应为“{right}”，疑从{other}一节抄来"
            yield wrong(report, message, low, min(hit.end() + 8, bounds[1]), found=at, expected=right)


@check("broken_off")
def broken_off(context: Context) -> Iterator[Finding]:
    """A paragraph that ends with a comma before the next number or heading."""
    report = context.report
    prose = report.prose
    for start, end in _paragraphs(prose):
        context.saw()
        following = prose.text[end + 1 : end + 40]
        last = prose.text[end - 1]
        unfinished = last in ",，、" or _HANGING.search(prose.text, max(start, end - 8), end) is not None
        if end - start < 12 or not unfinished or heading(following) is None:
            continue
        low = max(start, end - 16)
        message = f"{where(report, low)}：这一段以“{prose.text[end - 4 : end]}”结束，后面没有写完；请补全"
        context_ = prose.quote(low, min(end + 13, len(prose.text)))
        yield wrong(report, message, low, end, expected="补全语句", context=context_)


_HANGING = re.compile(r"(?:主要原因(?:是|为)?:?|原因是:?|由于|以及|并且|因为|通过|根据)$")


@check("brackets")
def brackets(context: Context) -> Iterator[Finding]:
    """Brackets and quotes that are opened and not closed within a paragraph, or closed and never opened."""
    report = context.report
    prose = report.prose
    for start, end in _paragraphs(prose):
        if end - start > 4000 or end - start < 20:
            continue
        context.saw()
        text = prose.text[start:end]
        for opening, closing, name in _PAIRS:
            opened, closed = _unpaired(text, opening, closing)
            if len(opened) + len(closed) != 1 or _goes_on(prose, start, end, opening, closing):
                continue  # several: a table or a passage that was read badly
            low = start + (opened or closed)[0]
            missing = closing if opened else opening
            message = f"{where(report, low)}：{name}没有配对，缺少“{_WIDE.get(missing, missing)}”"
            begin = low if opened else max(start, low - 23)
            yield wrong(
                report,
                message,
                begin,
                min(end, begin + 24),
                found=name,
                expected=f"补上“{_WIDE.get(missing, missing)}”",
            )


_PAIRS = (("(", ")", "括号"), ("《", "》", "书名号"))
_WIDE = {"(": "（", ")": "）"}
_ITEM = re.compile(r"(?:^|[\n:；。,，、])[\d一二三四五六七八九十]{1,2}$")


def _unpaired(text: str, opening: str, closing: str) -> tuple[list[int], list[int]]:
    """Positions of brackets without their partner; ``1)`` numbers an item."""
    opened: list[int] = []
    closed: list[int] = []
    for hit in re.finditer(f"[{re.escape(opening + closing)}]", text):
        if hit.group() == opening:
            opened.append(hit.start())
        elif opened:
            opened.pop()
        elif not _ITEM.search(text, max(0, hit.start() - 3), hit.start()):
            closed.append(hit.start())
    return opened, closed


def _goes_on(prose: Prose, start: int, end: int, opening: str, closing: str) -> bool:
    """The partner stands in the paragraph before or after: the paragraph was cut by a page or a list."""
    after = prose.text[end : end + 160]
    before = prose.text[max(0, start - 160) : start]
    return after.count(closing) > after.count(opening) or before.count(opening) > before.count(closing)
