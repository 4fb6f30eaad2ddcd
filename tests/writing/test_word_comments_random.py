"""Random paragraphs of everything that Word puts into one: marks stand right, and come off again."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest
from lxml import etree

from app.checking.finding import Checked, Finding
from app.reading.word import read
from app.source import Place
from app.writing.word_comments import annotate, clean
from tests.writing.test_word_comments import W, handmade, main_part, texts

_LOOKS = (
    "", "<w:rPr/>", "<w:rPr><w:b/></w:rPr>", "<w:rPr><w:vanish/></w:rPr>",
    '<w:rPr><w:i/><w:rPrChange w:id="3"><w:rPr><w:b/></w:rPr></w:rPrChange></w:rPr>',
)  # fmt: skip
_RUBY = "<w:ruby><w:rt><w:r><w:t>x</w:t></w:r></w:rt><w:rubyBase><w:r><w:t>汉</w:t></w:r></w:rubyBase></w:ruby>"
_OTHERS = (
    "<w:tab/>", "<w:br/>", "<w:noBreakHyphen/>", "<w:t/>", "<w:lastRenderedPageBreak/>", "<w:t><![CDATA[12]]></w:t>", _RUBY,
)  # fmt: skip
_CLOSED = {"sdt", "fldSimple", "r", "oMath", "AlternateContent", "del"}


def _piece(rng: Random) -> str:
    if rng.random() < 0.4:
        return rng.choice(_OTHERS)
    word = "".join(rng.choice("甲乙丙1234.5% 　&") for _ in range(rng.randint(0, 8))).replace("&", "&amp;")
    space = rng.choice(["", ' xml:space="preserve"'])
    return f"<w:t{space}>{word}</w:t>"


def _run(rng: Random) -> str:
    inner = "".join(_piece(rng) for _ in range(rng.randint(0, 3)))
    facts = rng.choice(["", ' w:rsidR="00"'])
    return f"<w:r{facts}>{rng.choice(_LOOKS)}{inner}</w:r>"


def _field(rng: Random, depth: int) -> str:
    begin, apart, end = (f'<w:r><w:fldChar w:fldCharType="{k}"/></w:r>' for k in ("begin", "separate", "end"))
    return f"{begin}<w:r><w:instrText>PAGE 12</w:instrText></w:r>{apart}{_inner(rng, depth + 1)}{end}"


def _choice(rng: Random, _: int) -> str:
    choice = f'<mc:Choice Requires="x">{_run(rng)}</mc:Choice><mc:Fallback>{_run(rng)}</mc:Fallback>'
    return f"<mc:AlternateContent>{choice}</mc:AlternateContent>"


_AROUND = (
    lambda rng, depth: f'<w:ins w:id="9">{_inner(rng, depth + 1)}</w:ins>',
    lambda rng, depth: f'<w:del w:id="9">{_run(rng)}</w:del>',
    lambda rng, depth: f"<w:sdt><w:sdtContent>{_inner(rng, depth + 1)}</w:sdtContent></w:sdt>",
    lambda rng, depth: f"<w:hyperlink>{_inner(rng, depth + 1)}</w:hyperlink>",
    lambda rng, depth: f'<w:fldSimple w:instr="X">{_inner(rng, depth + 1)}</w:fldSimple>',
    lambda rng, depth: "<m:oMath><m:r><m:t>7.7</m:t></m:r></m:oMath>",
    lambda rng, depth: '<!-- 注 --><w:bookmarkStart w:id="1"/>',
    _field,
    _choice,
)


def _inner(rng: Random, depth: int = 0) -> str:
    """Runs, and half the time what goes around or between them."""
    parts = (
        _run(rng) if depth > 3 or rng.random() < 0.5 else rng.choice(_AROUND)(rng, depth)
        for _ in range(rng.randint(1, 4))
    )
    return "".join(parts)


def _findings(source: Path, rng: Random) -> list[Finding]:
    """Pieces of what each paragraph prints; of one that prints nothing, words that are not there."""
    printed = {line.place.paragraph: "".join(line.text.split()) for line in read(source).lines}
    found = []
    for number in (1, 2, 3):
        text = printed.get(number, "")
        for _ in range(rng.randint(0, 4)):
            at = rng.randrange(len(text) or 1)
            quote = text[at : at + rng.randint(1, 6)] or "无"
            found.append(Finding("T1", "", "error", "不对", Place(paragraph=number), quote=quote))
    return found


@pytest.mark.parametrize("block", range(4))
def test_marks_stand_right_and_come_off_without_a_trace(tmp_path: Path, block: int) -> None:
    for seed in range(block * 40, block * 40 + 40):
        rng = Random(seed)
        paragraphs = (f"<w:p>{rng.choice(['', '<w:pPr><w:jc/></w:pPr>'])}{_inner(rng)}</w:p>" for _ in range(3))
        source = handmade(tmp_path / "原稿.docx", "".join(paragraphs))
        target, bare = tmp_path / "批注.docx", tmp_path / "还原.docx"
        number = annotate(source, target, Checked(_findings(source, rng)))
        assert texts(target) == texts(source), seed
        marks = [e for e in etree.fromstring(main_part(target).encode()).iter(etree.Element) if "}comment" in e.tag]
        for each in map(str, range(number)):
            names = [etree.QName(e).localname for e in marks if e.get(f"{W}id") == each]
            assert names == ["commentRangeStart", "commentRangeEnd", "commentReference"], seed
        for mark in marks:
            above = [etree.QName(e).localname for e in mark.iterancestors()]
            assert above[:2] == ["r", "p"] if mark.tag.endswith("Reference") else not _CLOSED & set(above), seed
        if number:
            assert clean(target, bare) and main_part(bare) == main_part(source), seed
