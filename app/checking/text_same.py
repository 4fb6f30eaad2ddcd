"""The same fact stated twice must be the same."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator

from app.checking.evidence import finding
from app.checking.finding import Finding, Related
from app.checking.rulebook import Context, NotApplicable, check
from app.recognising.facts import Fact, read_facts

_FAR = 160  # characters: figures nearer to each other are parts of one account, not a repetition


@check("same_fact")
def same_fact(context: Context) -> Iterator[Finding]:
    """One thing counted in distant passages with different results (subject, noun and unit alike)."""
    groups: dict[tuple[str, str], list[Fact]] = defaultdict(list)
    for fact in read_facts(context.report):
        groups[(fact.noun, fact.unit)].append(fact)
    for (noun, _), facts in groups.items():
        values = Counter(f.value for f in facts)
        if len(facts) < 2:
            continue
        context.saw()
        # A noun with many values is a general word; near figures are steps of one account.
        if len(values) != 2 or not _distant(facts):
            continue
        odd = min(facts, key=lambda f: (values[f.value], -f.offset))
        other = next(f for f in facts if f.value != odd.value)
        message = f"{odd.place}：“{odd.quote}”，{other.place}写“{other.quote}”；同一件事（{noun}）前后数字不一，请核对或说明口径"
        yield finding(
            message, odd.place, quote=odd.quote, context=odd.context, found=odd.value, expected=f"与“{other.quote}”一致",
            related=tuple(Related(f.place, f.quote) for f in facts if f is not odd),
        )  # fmt: skip
    if not context.evaluated:
        raise NotApplicable("没有重复出现的数量")


def _distant(facts: list[Fact]) -> bool:
    """Every pair of different values stands far apart."""
    return all(abs(a.offset - b.offset) > _FAR for a in facts for b in facts if a.value != b.value)
