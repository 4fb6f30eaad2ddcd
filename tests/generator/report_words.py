"""The sentences that reports share: growth, reasons, completion, shares, chains of 类 款 项."""

from __future__ import annotations

from random import Random

from .figures import subject_name
from .report_facts import Facts
from .report_style import Style, mark, printed

# by the kind of money that a reason speaks of
MORE = {
    "基本支出": ("人员增加，工资和社会保险支出相应增加", "按政策调整工资标准，人员支出增加"),
    "项目支出": ("新增专项任务，项目支出增加", "上级追加专项资金，工作经费增加", "年中追加预算，用于新增工作任务"),
}
LESS = {
    "基本支出": ("人员退休调出，工资和社会保险支出减少", "在职人员减少，人员支出减少"),
    "项目支出": ("部分项目推迟到下年实施，支出减少", "压减项目开支", "上级专项资金减少"),
}
KINDS = ("基本支出", "项目支出")


class Talk:
    """One report's words: its facts, its style and a generator of chance of its own."""

    def __init__(self, told: Facts, how: Style, rng: Random) -> None:
        self.told, self.how, self.rng = told, how, rng
        self.omit: int | None = None  # the 类 that the structure leaves out

    def year(self, back: int = 0) -> str:
        return mark("y", self.told.whole.year - back)

    @property
    def name(self) -> str:
        return mark("n", self.told.whole.name)

    def before(self) -> str:
        return self.how.before.format(y=self.year(1))

    def pick(self, *texts: str) -> str:
        return self.rng.choice(texts)

    def reason(self, grew: bool, code: str = "合计") -> str:
        """A reason that fits the direction and the money that the row of 一般支出表 holds."""
        kind = self.rng.choice([k for k in KINDS if self.told.general(code, k)] or KINDS)
        return self.rng.choice((MORE if grew else LESS)[kind])

    def growth(self, now: int, then: int, subject: str = "", each: str = "", why: bool = True) -> str:
        """``与…相比，收、支总计各增加…万元，增长…%。主要原因是…。``"""
        if printed(now) == printed(then):
            return f"{self.before()}{'，' + subject if subject else ''}持平。"
        grew = now > then
        text = f"{self.before()}，{subject}{each}{mark('d', '增加' if grew else '减少')}"
        text += self.how.money(self.how.change(now, then))
        if then:
            text += f"，{mark('d', '增长' if grew else '下降')}{self.how.percent(self.how.change(now, then), then)}"
        if not why:
            return text + "。"
        return f"{text}{self.pick('，', '。')}主要原因是{self.reason(grew)}。"

    def completion(self, budget: int, final: int, of: str = "年初预算", kinds: tuple[str, str] = ("a", "a")) -> str:
        """``年初预算为…，支出决算为…，完成年初预算的…%``"""
        text = f"{of}为{self.how.money(budget, kinds[0])}，支出决算为{self.how.money(final, kinds[1])}"
        return f"{text}，完成{of}的{self.how.percent(final, budget)}" if budget else text

    def differs(self, budget: int, final: int, code: str, of: str = "年初预算数") -> str:
        """``，支出决算数大于年初预算数的主要原因是…。`` or a full stop."""
        if printed(budget) == printed(final):
            return self.pick("。", f"，支出决算数等于{of}。", "，预决算一致。") if budget else "。"
        grew = final > budget
        text = f"支出决算数{mark('d', '大于' if grew else '小于')}{of}的主要原因"
        return f"{self.pick('，', '。')}{text}{self.pick('是', '：')}{self.reason(grew, code)}。"

    def chain(self, code: str) -> str:
        """``…（类）…（款）…（项）``"""
        names = [subject_name(self.told.whole, part) for part in (code[:3], code[:5], code)]
        return f"{names[0]}（类）{mark('g', names[1])}（款）{names[2]}（项）"

    def klass(self, code: str) -> str:
        name = subject_name(self.told.whole, code)
        if not self.how.class_first or name == "其他支出":
            return f"{name}（类）"
        return f"{name.removesuffix('支出')}（类）支出"

    def share(self, part: int, whole: int, of: str = "占", kind: str = "a") -> str:
        return f"{self.how.money(part, kind)}，{of}{self.how.percent(part, whole)}"

    def numbered(self, texts: list[str]) -> list[str]:
        """``1.…``, with the dot this clerk types."""
        return [f"{n}{self.how.dot}{text}" for n, text in enumerate(texts, 1)]
