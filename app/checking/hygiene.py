"""What a workbook carries besides right figures: formulas, stray decimals, hidden parts, links."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal

from app.checking import formulas
from app.checking.evidence import cells_of, finding, listing, named, row_text, table_at
from app.checking.finding import Consequence, Finding, Related
from app.checking.rulebook import Context, NotApplicable, check
from app.numbers import decimals, letters, plain
from app.report.report import Report
from app.report.table import Entry, Table
from app.source import Cell, CellError, Grid, Place

_DUST = Decimal("0.000001")  # what binary fractions leave behind; no clerk typed it
_TRACED = 500  # error cells whose origin is looked for
_WORK = 3_000_000  # cells read for recalculating; running totals over a long sheet need its square
_MANY = 30  # beyond this many stale formulas on one sheet it is one matter: recalculate
_CALM = ("结转", "结余")  # openings and remainders may be adjusted below zero


def _sheets(context: Context) -> list[Grid]:
    grids = [grid for grid in context.report.source.grids if grid.is_sheet]
    if context.report.source.kind != "workbook" or not grids:
        raise NotApplicable("不是工作簿")
    return grids


def _tables(report: Report) -> list[Table]:
    return [*report.tables.values(), *report.duplicates]


def _at(grid: Grid, cell: Cell) -> Place:
    return grid.place(cell.row, cell.column)


@check("error_values")
def error_values(context: Context) -> Iterator[Finding]:
    """``#REF!`` and its like; a cell that only hands an error on is a consequence of the first."""
    grids = _sheets(context)
    sheets = {grid.name.casefold(): grid for grid in grids}
    broken = [(grid, cell) for grid in grids for cell in grid.cells() if isinstance(cell.value, CellError)]
    context.saw(sum(len(row) for grid in grids for row in grid.rows.values()))
    # Beyond a few hundred the sheet is broken as a whole; tracing each would take its square in time.
    sources = {id(cell): _first_error(grid, sheets, cell) for grid, cell in broken[:_TRACED]}
    heirs: dict[int, list[tuple[Grid, Cell]]] = defaultdict(list)
    for grid, cell in broken:
        root, seen = cell, {id(cell)}
        while (source := sources.get(id(root))) is not None and id(source) not in seen:
            root = source
            seen.add(id(root))
        if root is not cell:
            heirs[id(root)].append((grid, cell))
    inherited = {id(heir) for found in heirs.values() for _, heir in found}
    for grid, cell in broken:
        if id(cell) not in inherited:
            yield _broken(context, grid, cell, heirs.get(id(cell), []))


def _first_error(grid: Grid, sheets: dict[str, Grid], cell: Cell) -> Cell | None:
    """The first cell with an error that a formula points to."""
    if not cell.formula:
        return None
    for area in formulas.references(cell.formula, grid, sheets):
        for source in area.cells():
            if isinstance(source.value, CellError) and source is not cell:
                return source
    return None


def _broken(context: Context, grid: Grid, cell: Cell, heirs: list[tuple[Grid, Cell]]) -> Finding:
    table = table_at(context.report, grid, cell)
    place = _at(grid, cell)
    cause = f"公式 ={cell.formula} 算不出结果" if cell.formula else "这里没有公式，错误值是粘贴进来的"
    follows = tuple(
        Consequence(context.rule.code, f"{_at(g, c)} 引用了它，也显示 {c.text}", _at(g, c)) for g, c in heirs
    )
    return finding(
        f"{place} 显示 {cell.text}，应为金额：{cause}。",
        place,
        severity="" if table else "warning",
        quote=cell.text,
        context=row_text(grid, cell.row),
        found=cell.text,
        expected="金额",
        table=named(table) if table else grid.name,
        column=letters(cell.column),
        advice="请改正公式的引用，或直接填入金额。",
        consequences=follows,
    )


@check("stale_formulas")
def stale_formulas(context: Context) -> Iterator[Finding]:
    """A formula whose stored value is not what the cells it points to give."""
    grids = _sheets(context)
    sheets = {grid.name.casefold(): grid for grid in grids}
    some = False
    work = [_WORK]
    for grid in grids:
        found = []
        for cell in grid.cells():
            if cell.formula:
                some = True
                value = _recalculated(context, grid, sheets, cell, work)
                if value is not None:
                    found.append((cell, value))
        if len(found) > _MANY:
            yield _all_stale(context, grid, found)
        else:
            for cell, value in found:
                yield _stale(context, grid, cell, value)
    if not some:
        raise NotApplicable("没有公式")


def _recalculated(context: Context, grid: Grid, sheets: dict[str, Grid], cell: Cell, work: list[int]) -> str | None:
    """What the formula should show, if that differs from what is stored; else None. Uses up ``work``."""
    if isinstance(cell.value, CellError):
        return None  # reported as an error value
    if work[0] <= 0:
        context.skipped.append("公式太多，其余的没有逐个重算")
        return None
    if cell.value is None:
        context.skipped.append("有公式没有保存计算结果，请在 Excel 中打开并保存一次")
        return None
    try:
        result = formulas.calculate(cell.formula or "", grid, sheets)
    except formulas.Uncached:
        context.skipped.append("有公式没有保存计算结果，请在 Excel 中打开并保存一次")
        return None
    except formulas.Unsupported as reason:
        if isinstance(cell.value, Decimal):
            context.skipped.append(f"公式含有不能核算的内容（{reason}）")
        return None
    context.saw()
    work[0] -= result.visited + 1
    if result.fits(cell.value, cell.number_format):
        return None
    return Cell(cell.row, cell.column, result.value or Decimal(0), number_format=cell.number_format).text


def _stale(context: Context, grid: Grid, cell: Cell, value: str) -> Finding:
    table = table_at(context.report, grid, cell)
    place = _at(grid, cell)
    return finding(
        f"{place} 显示 {cell.text}，应为 {value}：按公式 ={cell.formula} 用所引用各格现在的数重算得 {value}。",
        place,
        severity="" if table else "warning",
        quote=cell.text,
        context=row_text(grid, cell.row),
        found=cell.text,
        expected=value,
        calculation=f"={cell.formula} = {value}",
        table=named(table) if table else grid.name,
        column=letters(cell.column),
        advice="请在 Excel 中按 F9 重新计算后保存。",
    )


def _all_stale(context: Context, grid: Grid, found: list[tuple[Cell, str]]) -> Finding:
    cell, value = found[0]
    table = table_at(context.report, grid, cell)
    return finding(
        f"工作表“{grid.name}”有 {len(found)} 个公式的结果不是最新的，"
        f"如 {_at(grid, cell)} 显示 {cell.text}，应为 {value}：改了数据而没有重新计算。",
        _at(grid, cell),
        quote=cell.text,
        context=row_text(grid, cell.row),
        found=cell.text,
        expected=value,
        calculation=f"={cell.formula} = {value}",
        table=named(table) if table else grid.name,
        advice="请在 Excel 中按 F9 重新计算后保存。",
        related=tuple(Related(_at(grid, other), other.text) for other, _ in found[1:101]),
    )


@check("typed_over_formula")
def typed_over_formula(context: Context) -> Iterator[Finding]:
    """A number typed where the cells around it all hold one and the same formula."""
    grids = _sheets(context)
    sheets = {grid.name.casefold(): grid for grid in grids}
    some = False
    for grid in grids:
        shapes = {
            (cell.row, cell.column): formulas.shape(cell.formula, cell.row, cell.column)
            for cell in grid.cells()
            if cell.formula
        }
        some = some or bool(shapes)
        context.saw(len(shapes))
        reported: set[int] = set()
        for step in ((1, 0), (0, 1)):
            for cell, pattern in _odd_ones(grid, shapes, step):
                if id(cell) not in reported and table_at(context.report, grid, cell):
                    reported.add(id(cell))
                    yield _typed_over(context, grid, sheets, cell, pattern)
    if not some:
        raise NotApplicable("没有公式")


def _odd_ones(grid: Grid, shapes: dict[tuple[int, int], str], step: tuple[int, int]) -> list[tuple[Cell, Cell]]:
    """Constants between two formulas of one shape, where that shape rules the row or column.

    ``step`` (1, 0) looks along columns, (0, 1) along rows. Returns the constant and a formula cell.
    """
    down, right = step
    count: dict[tuple[int, str], int] = defaultdict(int)
    for (row, column), pattern in shapes.items():
        count[column if down else row, pattern] += 1
    odd: dict[tuple[int, str], list[tuple[Cell, Cell]]] = defaultdict(list)
    across = re.compile(r"(?<!!)(?<!:)\bR\[-?[1-9]" if down else r"C\[-?[1-9]")
    for (row, column), pattern in shapes.items():
        if across.search(pattern):
            continue  # a parent pointing at its children's rows is no pattern of the whole column
        if pattern.startswith("IF(") and pattern.endswith(',"")'):
            continue  # it shows nothing where something is to be typed
        cell = grid.cell(row + down, column + right)
        if cell is None or cell.formula or not isinstance(cell.value, Decimal):
            continue
        if shapes.get((row + 2 * down, column + 2 * right)) == pattern:
            model = grid.cell(row, column)
            if model is not None:
                odd[column if down else row, pattern].append((cell, model))
    clear = (found for line, found in odd.items() if count[line] >= 3 and len(found) * 4 <= count[line] + 1)
    return [pair for found in clear for pair in found]


def _typed_over(context: Context, grid: Grid, sheets: dict[str, Grid], cell: Cell, model: Cell) -> Finding:
    formula = formulas.moved(model.formula or "", cell.row - model.row, cell.column - model.column)
    place = _at(grid, cell)
    table = table_at(context.report, grid, cell)
    try:
        result = formulas.calculate(formula, grid, sheets)
    except (formulas.Unsupported, formulas.Uncached):
        expected, because = f"={formula}", ""
    else:
        value = Cell(cell.row, cell.column, result.value or Decimal(0), number_format=cell.number_format).text
        expected = f"={formula}"
        same = result.fits(cell.value, cell.number_format)
        because = "，现在结果相同，但以后不会跟着变" if same else f"，按公式应为 {value}"
    return finding(
        f"{place} 是手工输入的 {cell.text}，应为公式 ={formula}：前后各格都是同样的公式{because}。",
        place,
        quote=cell.text,
        context=row_text(grid, cell.row),
        found=cell.text,
        expected=expected,
        table=named(table) if table else grid.name,
        column=letters(cell.column),
        advice="请恢复公式，或确认这里确实应手工填列。",
    )


@check("hidden_decimals")
def hidden_decimals(context: Context) -> Iterator[Finding]:
    """Stored values longer than what is displayed: sums of the print may then seem wrong."""
    _sheets(context)
    for table in _tables(context.report):
        longer = [entry for *_, entry in cells_of(table) if _is_longer(context, entry)]
        if longer:
            first = longer[0]
            value = first.cell.value if first.cell else None
            stored = plain(value) if isinstance(value, Decimal) else first.text
            yield finding(
                f"{named(table)} 有 {len(longer)} 个金额保存的小数比显示的多，如 {first.place} 显示 {first.text}，"
                f"实为 {stored}：各数按显示相加可能差 0.01。",
                first.place,
                quote=first.text,
                found=stored,
                expected=first.text,
                table=named(table),
                advice="如需显示与合计完全一致，可用 ROUND 保留两位小数。",
                related=tuple(Related(entry.place, entry.text) for entry in longer[1:51]),
            )


def _is_longer(context: Context, entry: Entry) -> bool:
    cell = entry.cell
    if cell is None or not isinstance(cell.value, Decimal):
        return False
    context.saw()
    places = decimals(cell.number_format)
    if places is None or "%" in cell.number_format:
        return False
    return abs(cell.value - round(cell.value, places)) > _DUST


@check("negative_amounts")
def negative_amounts(context: Context) -> Iterator[Finding]:
    """Amounts below zero: one reminder a table, at the most detailed row."""
    for table in _tables(context.report):
        below = []
        for _, row, column, entry in cells_of(table):
            if entry.amount is not None:
                context.saw()
                if entry.amount.value < -max(entry.amount.half, _DUST):
                    below.append((row, column, entry))
        if not below:
            continue
        row, column, entry = max(below, key=lambda item: len(item[0].code or ""))
        calm = all(any(word in r.label + r.key + c.key + c.text for word in _CALM) for r, c, _ in below)
        others = [other for *_, other in below if other is not entry]
        more = f"（同表还有 {len(others)} 个负数）" if others else ""
        where = f"{named(table)} {row.label or row.key}·{column.text or column.key}"
        yield finding(
            f"{where} 为 {entry.text}，一般不应为负数：请核实{more}。",
            entry.place,
            severity="info" if calm else "",
            quote=entry.text,
            context=row_text(row.grid, row.index),
            found=entry.text,
            expected="不小于 0",
            table=named(table),
            row=row.label or row.key,
            column=column.text or column.key,
            advice="确属收回以前年度支出等原因的，可不改，并在说明中写明。",
            related=tuple(Related(other.place, other.text) for other in others[:50]),
        )
    if not context.evaluated:
        raise NotApplicable("表中没有金额")


@check("hidden_parts")
def hidden_parts(context: Context) -> Iterator[Finding]:
    """Hidden sheets, rows and columns that hold amounts: they are published with the file."""
    for grid in _sheets(context):
        context.saw()
        if grid.hidden:
            holding = next((cell for cell in grid.cells() if _is_amount(cell)), None)
            if holding is not None:
                yield _hidden(context, grid, holding, f"工作表“{grid.name}”是隐藏的，其中有数据")
            continue
        for what, lines in (("行", grid.hidden_rows), ("列", grid.hidden_columns)):
            cells = [c for c in grid.cells() if (c.row if what == "行" else c.column) in lines and _is_amount(c)]
            if cells:
                numbers = dict.fromkeys(f"{c.row + 1}" if what == "行" else letters(c.column) for c in cells)
                lead = "第 " if what == "行" else " "
                text = f"工作表“{grid.name}”{lead}{listing(list(numbers))} {what}是隐藏的，其中有金额"
                yield _hidden(context, grid, cells[0], text)


def _is_amount(cell: Cell) -> bool:
    # Codes and 行次 are whole numbers without a number format; amounts mostly are neither.
    if not isinstance(cell.value, Decimal) or not cell.value:
        return False
    return decimals(cell.number_format) not in (None, 0) or cell.value != cell.value.to_integral_value()


def _hidden(context: Context, grid: Grid, cell: Cell, what: str) -> Finding:
    table = table_at(context.report, grid, cell)
    return finding(
        f"{what}：公开后别人也能看到。",
        _at(grid, cell),
        quote=cell.text,
        context=row_text(grid, cell.row),
        found="隐藏",
        table=named(table) if table else grid.name,
        advice="请取消隐藏并核对，或在公开前删除。",
    )


@check("external_links")
def external_links(context: Context) -> Iterator[Finding]:
    """Links to other workbooks: the figures then hang on a file that nobody else has."""
    grids = _sheets(context)
    context.saw()
    links = context.report.source.external_links
    cells = [(grid, cell) for grid in grids for cell in grid.cells() if cell.formula and "[" in cell.formula]
    if not links and not cells:
        return
    names = listing([name.replace("\\", "/").rsplit("/", 1)[-1] for name in links]) or "其他工作簿"
    where = f"，如 {_at(*cells[0])} ={cells[0][1].formula}" if cells else ""
    place = _at(*cells[0]) if cells else Place(file=grids[0].file, sheet=grids[0].name)
    yield finding(
        f"工作簿链接到 {names}{where}：换一台电脑打开时取不到数，也会把文件路径公开出去。",
        place,
        quote=cells[0][1].text if cells else "",
        found=names,
        expected="没有外部链接",
        advice="请在“数据—编辑链接”中断开链接，保留数值。",
        related=tuple(Related(_at(grid, cell), cell.text) for grid, cell in cells[1:51]),
    )


@check("numbers_as_text")
def numbers_as_text(context: Context) -> Iterator[Finding]:
    """Amounts stored as text: SUM passes over them."""
    _sheets(context)
    for table in _tables(context.report):
        typed = []
        for *_, entry in cells_of(table):
            if entry.amount is not None and entry.cell is not None:
                context.saw()
                if isinstance(entry.cell.value, str) and entry.text.strip("-—–―－/一 "):
                    typed.append(entry)
        if typed:
            first = typed[0]
            yield finding(
                f"{named(table)} 有 {len(typed)} 个金额是文本格式，如 {first.place} “{first.text}”："
                "求和公式会把它们漏掉。",
                first.place,
                quote=first.text,
                found="文本",
                expected="数值",
                table=named(table),
                advice="请选中这些单元格，点左上角的提示，再选“转换为数字”。",
                related=tuple(Related(entry.place, entry.text) for entry in typed[1:51]),
            )
