"""Random complete reports, every figure right: as Hubei to 2021, from 2022, and Shanghai publish them."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from random import Random

from . import report_hubei as hubei
from . import report_shanghai as shanghai
from .compose import dress
from .department import Department, department
from .layouts import LAYOUTS
from .panels import NUMERALS, Panel, panel
from .report_facts import Facts, facts
from .report_style import Style, lines, mark, style
from .report_terms import about, contents, project_forms, terms, works
from .report_words import Talk
from .style import Layout

FORMS = ("2021", "2022", "shanghai")
_SHANGHAI = ("上海市静安区", "上海市徐汇区", "上海市普陀区", "上海市嘉定区")


@dataclass(slots=True)
class Report:
    """A report before it is printed: paragraphs with marks, the rows of tables as lines with tabs.

    ``narrative`` is the range of ``paragraphs`` that holds the 情况说明; ``merges`` the merged cells
    of the nine tables, from paragraph and column to paragraph and column (inclusive).
    """

    seed: int
    form: str
    how: Style
    told: Facts
    paragraphs: list[str] = field(default_factory=list)
    narrative: range = range(0)
    merges: list[tuple[int, int, int, int]] = field(default_factory=list)  # paragraph, column, paragraph, column

    def lines(self) -> list[str]:
        return lines(self.paragraphs, self.how, Random(f"lines {self.seed}"))

    def text(self) -> str:
        return "\n".join(self.lines()) + "\n"


def report(seed: int, form: str | None = None, omit: int | None = None, tables: bool | None = None) -> Report:
    """The report of this seed, always the same; ``omit`` leaves the n-th 类 out of 结构情况."""
    rng = Random(f"report {seed}")
    drawn = rng.choice(FORMS)  # drawn also where the form is given: what follows is the same
    chosen = form or drawn
    whole = department(seed)
    if chosen == "shanghai" and whole.long_form:  # its forms lack some rows
        chosen, whole = (form or "2022"), department(seed if form is None else seed + 1_000_000)
    whole.year = rng.choice({"2021": [2019, 2020, 2021], "2022": [2022, 2023, 2024]}.get(chosen, [2022, 2023, 2024]))
    if chosen == "shanghai":
        whole.name = _SHANGHAI[seed % len(_SHANGHAI)] + whole.name[whole.name.find("区") + 1 :].removeprefix("黄石市")
    else:
        whole.name = whole.name.replace("上海市普陀区", "十堰市茅箭区")
    how = style(chosen, rng)
    if tables is not None:
        how.tables = tables
    told = facts(whole, rng)
    made = Report(seed, chosen, how, told)
    _assemble(made, omit)
    return made


def _talk(made: Report, part: str, omit: int | None = None) -> Talk:
    """Chance of its own for each part: what one leaves out changes no other."""
    talk = Talk(made.told, made.how, Random(f"{made.seed} {part}"))
    talk.omit = omit
    return talk


def _assemble(made: Report, omit: int | None) -> None:
    talk = _talk(made, "frame")
    whole, sea = made.told.whole, made.form == "shanghai"
    name, year = talk.name, talk.year()
    layout = _layout(made)
    tables = [layout.title(table, whole.year) for table in layout.order()]
    source = shanghai if sea else hubei
    order = shanghai.SECTIONS if sea else hubei.SECTIONS_2021 if made.form == "2021" else hubei.SECTIONS_2022
    sections = [f"{NUMERALS[n]}、{source.TITLES[key]}" for n, key in enumerate(order)]
    heads = {
        "概况": f"{name}概况", "决算表": f"{name}{year}年度部门决算表", "说明": f"{name}{year}年度部门决算情况说明",
        "重点": f"{year}年重点工作完成情况", "名词": "名词解释", "附件": "附件",
    }  # fmt: skip
    wanted = [key for key in heads if (not sea or key not in ("重点", "附件"))]
    if not made.how.project_forms or not made.told.projects:
        wanted = [key for key in wanted if key != "附件"]
    titles = {key: f"第{NUMERALS[n]}部分 {heads[key]}" for n, key in enumerate(wanted)}
    under = {
        "概况": ["一、部门主要职责", "二、部门决算单位构成"],
        "决算表": [f"{NUMERALS[n]}、{title}" for n, title in enumerate(tables)],
        "说明": sections,
    }
    out = made.paragraphs
    out += [f"{name}", f"{year}年度部门决算", *contents([(titles[key], under.get(key, [])) for key in wanted])]
    bodies = {
        "概况": lambda: about(_talk(made, "about")),
        "决算表": lambda: _tables(made, layout),
        "重点": lambda: works(_talk(made, "works")),
        "名词": lambda: terms(_talk(made, "terms")),
        "附件": lambda: project_forms(_talk(made, "forms")),
    }
    for key in wanted:
        out.append(("# " if made.how.markdown else "") + titles[key])
        if key != "说明":
            out += bodies[key]()
            continue
        start = len(out)
        for title, part in zip(sections, order, strict=True):
            out.append(("## " if made.how.markdown else "") + title)
            out += source.WRITERS[part](_talk(made, part, omit))
        made.narrative = range(start, len(out))


# tables -----------------------------------------------------------------------------------------


def _layout(made: Report) -> Layout:
    rng = Random(f"layout {made.seed}")
    name = "shanghai" if made.form == "shanghai" else "ministry"
    if made.form == "2022" and not made.told.whole.long_form and rng.random() < 0.4:
        name = "titles"
    layout = LAYOUTS[name](rng)
    layout.form = made.form
    layout.half_width = False
    layout.text_amounts, layout.thousands = True, made.how.thousands
    layout.print_formulas = layout.print_formulas and made.form == "2022"
    layout.code_as = "text"
    return layout


def _tables(made: Report, layout: Layout) -> list[str]:
    """The nine tables as tab-separated lines; their titles alone where they are pictures."""
    whole: Department = made.told.whole
    rng = Random(f"tables {made.seed}")
    out: list[str] = []
    for number, table in enumerate(layout.order()):
        if not made.how.tables:
            out.append(f"{NUMERALS[number]}、{layout.title(table, whole.year)}")
            continue
        grid = panel(table, whole, made.told.exact, layout)
        dress(grid, made.told.exact, layout, rng)
        if table == "三公表" and not grid.blank and not any(v for k, v in made.told.exact.items() if k[0] == table):
            for piece in (p for p in grid.cells.values() if p.role == "amount"):
                piece.value = "0.00"
        shown, merges = _printed(grid)
        first = len(made.paragraphs) + len(out)
        made.merges += [(first + a, b, first + c, d) for a, b, c, d in merges]
        out += shown
    return out


def _printed(grid: Panel) -> tuple[list[str], list[tuple[int, int, int, int]]]:
    """The lines of a table, and its merges with lines for rows."""
    rows: list[str] = []
    at: dict[int, int] = {}
    for row in range(grid.height):
        cells = [grid.cells.get((row, column)) for column in range(grid.width)]
        shown = [_cell(c.value) if c is not None else "" for c in cells]
        roles = {c.role for c in cells if c is not None and c.value}
        if roles <= {"title", "meta", "note"}:
            rows += [text for text in shown if text]
        else:
            at[row] = len(rows)
            rows.append("\t".join(shown))
    return rows, [(at[a], b, at[c], d) for a, b, c, d in grid.merges if a in at and c in at]


def _cell(value: str | Decimal | None) -> str:
    return "" if value is None else str(value).replace("\n", "")


__all__ = ["FORMS", "Report", "mark", "report"]
