"""The template: nine tables in official form with live formulas, 补充资料, 百分比 and the 科目 to look up."""

from __future__ import annotations

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
from app.writing.template_supplement import HELP, Supplement, supplement
from app.writing.template_tables import INPUT, ROWS, Sheet, Tables

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
    more = supplement(tables)
    _checked_amounts(render(book, more.model), more)
    if percents is not None:
        render(book, percents)
    render(book, _subjects(tables, year))
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
    sheet = SheetModel(HELP, widths={0: 12.0, 1: 44.0, 3: 4.0, 4: 14.0, 5: 14.0, 6: 14.0}, gridlines=False)
    sheet.rows.append([SheetCell("科目编码和名称：查不到的科目可以补在后面", layout.FACT)])
    heads = ("科目编码", "科目名称", None, None, "一般支出表项次", "基金表项次", "国资表项次")
    sheet.rows.append([SheetCell(h, layout.HEADER) if h else None for h in heads])
    coded = [tables.sheets[key] for key in ("一般支出表", "基金表", "国资表")]
    count = max(len(listed) + 40, max(ROWS.values()))
    codes = sorted(listed)
    text, place = Style(border=True, number_format="@", fill=INPUT), Style(color="808080", align="center")
    for number in range(count):
        code = codes[number] if number < len(codes) else None
        row: layout.Row = [SheetCell(code, text), SheetCell(listed.get(code or ""), text), None, None]
        for offset, one in enumerate(coded):
            row.append(_counted(one, letters(4 + offset), number, place))
        sheet.rows.append(row)
    sheet.freeze = (2, 0)
    return sheet


def _counted(sheet: Sheet, column: str, number: int, style: Style) -> SheetCell | None:
    if number >= ROWS[sheet.key]:
        return None
    code = f"{layout.quoted(sheet.name)}!$A${sheet.first + 1 + number}"
    return SheetCell("", style, formula=f'IF(LEN({code})=7,MAX({column}$2:{column}{number + 2})+1,"")')


def _validated(page: Worksheet, sheet: Sheet) -> None:
    """Prompts and limits on what is typed."""
    if sheet.key in ROWS:
        first, last = sheet.first, sheet.last
        page.data_validation(first, 0, last, 0, _code_rule(first))
    for row, column in sheet.inputs:
        page.data_validation(row, column, row, column, _amount_rule(row, column))


def _code_rule(first: int) -> dict[str, object]:
    cell = f"A{first + 1}"
    return {
        "validate": "custom",
        "value": f'=AND(OR(LEN({cell})=3,LEN({cell})=5,LEN({cell})=7),ISNUMBER(VALUE({cell})))',
        "input_title": "科目编码",
        "input_message": "类 3 位、款 5 位、项 7 位数字，如 201、20103、2010301。",
        "error_title": "科目编码不对",
        "error_message": "请填 3、5 或 7 位数字的科目编码。",
    }  # fmt: skip


def _amount_rule(row: int, column: int) -> dict[str, object]:
    cell = f"{letters(column)}{row + 1}"
    return {
        "validate": "custom",
        "value": f'=OR({cell}="",AND(ISNUMBER({cell}),ABS({cell}-ROUND({cell},2))<0.0000001))',
        "error_title": "金额不对",
        "error_message": "请填数字，单位万元，最多两位小数。",
    }


def _checked_amounts(page: Worksheet, made: Supplement) -> None:
    for row, column in made.amounts:
        page.data_validation(row, column, row, column, _amount_rule(row, column))
    rule = {
        "validate": "integer",
        "criteria": ">=",
        "value": 0,
        "error_title": "数量不对",
        "error_message": "请填整数。",
    }
    for row, column in made.counts:
        page.data_validation(row, column, row, column, rule)
