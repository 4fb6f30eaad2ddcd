"""The template: nine tables in official form with live formulas, 补充资料, 百分比 and the 科目 to look up."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from app.knowledge.forms import form as form_of
from app.knowledge.subject_lists import names
from app.numbers import letters
from app.writing import layout
from app.writing.model import SheetCell, SheetModel, Style
from app.writing.percent_sheet import cell_reference, percent_sheet
from app.writing.render_xlsxwriter import Book, render
from app.writing.template_percents import by_item
from app.writing.template_shapes import INPUT, ROWS, Sheet, Spot
from app.writing.template_supplement import CODED, HELP, counted_rows, supplement
from app.writing.template_tables import Tables

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet  # type: ignore[import-untyped]

GUIDE = "填表说明"
_ACCENT = "1F6FB2"
_LINES = (
    "1. 浅黄色格是要填的：科目编码、项级科目的金额、其他不能由公式得出的金额；其余的格都是公式，会自动算出。",
    "2. 科目编码按类（3 位）、款（5 位）、项（7 位）逐行填写，由小到大；名称自动查出，查不到的直接在名称格里填写。",
    "3. 类、款两级的金额由下级科目相加得出，只填项级；只到款的科目（如 219）直接在款一行填写。",
    "4. 金额单位是万元，保留两位小数。没有政府性基金、国有资本经营预算、“三公”经费的，相应的表留空，说明会自动出现。",
    "5. “补充资料”填写上年数、年初预算数、政府采购、车辆、项目等九张表以外的数据；“百分比”自动算出。",
    "6. 填好后保存，用本程序校核这份文件；再用“导出情况说明”（juesuan draft）生成情况说明初稿。",
    "7. 科目行不够时，在中间插入一行，再复制上一行的公式；空的科目行在打印前可以整行删去。",
    "8. 公开时把九张表另存为 PDF。“科目”表不要删去：名称是从那里查出的。",
)


def template(form: str, year: int, unit: str, path: Path) -> None:
    """Write the template to ``path``. ``form`` is one of ``knowledge.forms.FORMS``.

    Raises ``OSError`` when it cannot be written.
    """
    with TemporaryDirectory() as folder:  # written once to be read back: 百分比 refers to recognised cells
        first = Path(folder) / path.name
        _write(form, year, unit, first, None)
        percents = _percents(first, form, path.name)
    _write(form, year, unit, path, percents)


def _percents(path: Path, form: str, file_name: str) -> SheetModel | None:
    from app.reading.read import read
    from app.recognising.recognise import recognise

    return percent_sheet(recognise(read(path), form), cell_reference(file_name), whole=True)


def _write(form: str, year: int, unit: str, path: Path, percents: SheetModel | None) -> None:
    tables = Tables(form_of(form), year, unit)
    book = Book(path)
    render(book, _guide(tables))
    for sheet in tables.sheets.values():
        page = render(book, sheet.official.model)
        page.print_black_and_white()  # what is published is without the colour of input cells
        _validated(page, sheet)
        _without_triangles(page)
    more = supplement(tables)
    page = render(book, more.model)
    _without_triangles(page)
    _limited(page, more.amounts, _amount_rule)
    _limited(page, more.counts, _count_rule)
    for (row, column), words in more.choices.items():
        page.data_validation(row, column, row, column, _choice_rule(words))
    if percents is not None:
        by_item(percents, more)
        render(book, percents)
    page = render(book, _subjects(tables, year))
    _without_triangles(page)
    page.print_area(0, 0, page.dim_rowmax or 0, 1)  # without the numbers that 补充资料 goes by
    book.close()


def _guide(tables: Tables) -> SheetModel:
    sheet = SheetModel(GUIDE, widths={0: 14.0, 1: 60.0, 2: 24.0}, tab_color=_ACCENT, landscape=False)
    layout.merged(sheet, f"{tables.year}年度部门决算公开表（{tables.form.name}）", layout.TITLE, 34)
    layout.merged(sheet, f"单位：{tables.unit}", layout.FACT)
    layout.gap(sheet)
    for line in _LINES:
        layout.merged(sheet, line, layout.FACT)
    layout.gap(sheet)
    layout.headers(sheet, ("工作表", "表名", "填写"))
    for one in tables.sheets.values():
        title = tables.form.table(one.key).title
        typed = "科目编码、项级金额" if one.key in ROWS else "浅黄色格"
        link = f"{layout.quoted(one.name)}!A1"
        layout.add(sheet, [SheetCell(one.name, layout.LINK, link=link), SheetCell(title, layout.TEXT), SheetCell(typed, layout.TEXT)])  # fmt: skip
    for name, what in (("补充资料", "上年数、年初预算数、三公、采购、车辆、项目和绩效、主要原因"), ("百分比", "情况说明所需的全部百分比（公式）"), (HELP, "科目编码和名称，供查名称用")):  # fmt: skip
        link = f"{layout.quoted(name)}!A1"
        layout.add(sheet, [SheetCell(name, layout.LINK, link=link), SheetCell(what, layout.TEXT), SheetCell("" if name != "补充资料" else "浅黄色格", layout.TEXT)])  # fmt: skip
    legend = Style(fill=INPUT, border=True, align="center")
    layout.gap(sheet)
    sheet.rows.append([SheetCell("浅黄色格", legend), SheetCell("要填的格", layout.TEXT)])
    return sheet


def _subjects(tables: Tables, year: int) -> SheetModel:
    """Codes and names; beside them, for 补充资料, which code row of a table is its k-th 项."""
    listed = names("功能分类", year)
    coded = [tables.sheets[key] for key in CODED.values()]
    count = max(len(listed) + 60, *(counted_rows(one.key) for one in coded))
    sheet = SheetModel(HELP, widths={0: 14.0, 1: 60.0, 2: 4.0, 3: 4.0, 4: 14.0, 5: 14.0, 6: 14.0}, landscape=False)
    told = f"{len(listed)} 个科目的编码和名称，供各表查名称；查不到的在后面浅黄色格补上，或在表里直接写名称。"
    sheet.rows.append([SheetCell(told, replace(layout.FACT, wrap=False))])
    heads = ("科目编码", "科目名称", None, None, *(f"{one.key}项次" for one in coded))
    sheet.rows.append([SheetCell(h, layout.HEADER) if h else None for h in heads])
    codes = sorted(listed)
    known, place = Style(border=True, number_format="@"), Style(color="808080", align="center")
    for number in range(count):
        code = codes[number] if number < len(codes) else None
        text = known if code else replace(known, fill=INPUT)
        row: layout.Row = [SheetCell(code, text), SheetCell(listed.get(code or ""), text), None, None]
        row += [_counted(tables, one, letters(4 + n), number, place) for n, one in enumerate(coded)]
        sheet.rows.append(row)
    sheet.freeze = (2, 0)
    sheet.footer, sheet.repeat_rows = "&C第 &P 页 / 共 &N 页", (1, 1)
    return sheet


def _counted(tables: Tables, sheet: Sheet, column: str, number: int, style: Style) -> SheetCell | None:
    """The number that this code row has among the 项 of its table. By position in the column, so that
    rows of the table may be deleted and inserted."""
    if number >= counted_rows(sheet.key):
        return None
    code = f"INDEX({tables.area(sheet.key)},{number + 1})"
    return SheetCell("", style, formula=f'IFERROR(IF(LEN({code})=7,MAX({column}$2:{column}{number + 2})+1,""),"")')


def _without_triangles(page: Worksheet) -> None:
    """No green corners: codes are texts, and 项 are typed over formulas on purpose."""
    cells = f"A1:{letters(page.dim_colmax or 0)}{(page.dim_rowmax or 0) + 1}"
    kinds = ("number_stored_as_text", "formula_differs", "formula_range", "empty_cell_reference")
    page.ignore_errors(dict.fromkeys(kinds, cells))


def _validated(page: Worksheet, sheet: Sheet) -> None:
    """Prompts and limits on what is typed."""
    if sheet.key in ROWS:
        page.data_validation(sheet.first, 0, sheet.last, 0, _code_rule(sheet))
    _limited(page, sheet.inputs, _amount_rule)


def _limited(page: Worksheet, spots: Iterable[Spot], rule: Callable[[Spot], dict[str, object]]) -> None:
    for top, left, bottom, right in areas(spots):
        page.data_validation(top, left, bottom, right, rule((top, left)))


def areas(spots: Iterable[Spot]) -> list[tuple[int, int, int, int]]:
    """Rectangles (top, left, bottom, right) that hold exactly these cells: columns first, then side by side."""
    runs: dict[tuple[int, int], list[int]] = {}  # first and last row -> columns
    columns: dict[int, list[int]] = {}
    for row, column in sorted(set(spots)):
        columns.setdefault(column, []).append(row)
    for column in sorted(columns):
        for top, bottom in _runs(columns[column]):
            runs.setdefault((top, bottom), []).append(column)
    return [(top, left, bottom, right) for (top, bottom), found in runs.items() for left, right in _runs(found)]


def _runs(numbers: list[int]) -> list[tuple[int, int]]:
    made: list[tuple[int, int]] = []
    for number in numbers:
        if made and made[-1][1] == number - 1:
            made[-1] = (made[-1][0], number)
        else:
            made.append((number, number))
    return made


def _code_rule(sheet: Sheet) -> dict[str, object]:
    cell = f"A{sheet.first + 1}"
    column = f"$A${sheet.first + 1}:$A${sheet.last + 1}"
    digits = f"OR(LEN({cell})=3,LEN({cell})=5,LEN({cell})=7),ISNUMBER(VALUE({cell}))"
    return {
        "validate": "custom",
        "value": f"=AND({digits},COUNTIF({column},{cell})=1)",
        "input_title": "科目编码",
        "input_message": "类 3 位、款 5 位、项 7 位数字，如 201、20103、2010301；类、款、项各占一行，由小到大。",
        "error_title": "科目编码不对",
        "error_message": "请填 3、5 或 7 位数字的科目编码，一个编码只填一行。",
    }


def _amount_rule(spot: Spot) -> dict[str, object]:
    cell = f"{letters(spot[1])}{spot[0] + 1}"
    return {
        "validate": "custom",
        "value": f'=OR({cell}="",AND(ISNUMBER({cell}),ABS({cell}-ROUND({cell},2))<0.0000001))',
        "input_title": "金额",
        "input_message": "单位：万元，最多两位小数。",
        "error_title": "金额不对",
        "error_message": "请填数字，单位万元，最多两位小数。",
    }


def _count_rule(_: Spot) -> dict[str, object]:
    return {
        "validate": "integer",
        "criteria": ">=",
        "value": 0,
        "input_title": "数量",
        "input_message": "请填整数，没有的不填。",
        "error_title": "数量不对",
        "error_message": "请填不小于 0 的整数。",
    }


def _choice_rule(words: tuple[str, ...]) -> dict[str, object]:
    """A list to choose from; other words are let through."""
    return {"validate": "list", "source": list(words), "show_error": False}
