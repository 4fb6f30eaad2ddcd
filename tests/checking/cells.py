"""Reports made from lines like ``支出表[2010301].合计 10.00; 支出表[2010301].基本支出 6.00``."""

from app.knowledge.forms import BLOCK_TABLE, form
from app.recognising.amounts import entry, settle
from app.report.report import Report
from app.report.table import Block, Column, Row, Stated, Table
from app.source import Cell, Grid, Place, Source


def report_of(case: str, form_key: str = "shanghai") -> Report:
    """A report that prints just these cells; every other cell of a named table is blank.

    Behind ``‖`` stand the cells of the files of its units, one after the other.
    """
    case, *units = case.split("‖")
    report = _report_of(case, form_key)
    report.units = [_report_of(unit, form_key) for unit in units]
    for number, unit in enumerate(report.units, 1):
        unit.source.path = f"单位{number}"
    return report


def _report_of(case: str, form_key: str) -> Report:
    wanted: dict[str, dict[str, dict[str, str]]] = {}
    for part in case.split(";"):
        cell, _, value = part.strip().rpartition(" ")
        block, _, rest = cell.partition("[")
        row, _, column = rest.partition("].")
        wanted.setdefault(block, {}).setdefault(row, {})[column] = value
    report = Report(Source("案例", "workbook"), "workbook", form_key, year=2022)
    for block_key, rows in wanted.items():
        key = BLOCK_TABLE[block_key]
        shape = form(form_key).table(key)
        if key not in report.tables:
            grid = Grid(key)
            report.source.items.append(grid)
            report.tables[key] = Table(key, Stated(shape.title, shape.title, Place(sheet=key)), grid, 0, 0)
            for number, each in enumerate(shape.blocks):
                columns = [
                    Column(c.key, c.headers[0], 20 * number + 2 + i, Place(sheet=key))
                    for i, c in enumerate(each.columns)
                ]
                report.tables[key].blocks[each.key] = Block(each.key, columns)
        table = report.tables[key]
        block = table.blocks[block_key]
        for row_key, values in rows.items():
            index = len(table.grid.rows) + 1
            code = row_key if row_key.isdigit() and shape.kind in ("codes", "pairs") else None
            row = Row(row_key, row_key, Place(sheet=key), code, index=index, grid=table.grid)
            for column in block.columns:
                if column.key in values:
                    table.grid.put(Cell(index, column.index, values[column.key]))
                row.entries[column.key] = entry(table.grid, index, column.index)
                settle(row.entries[column.key], 2)
            block.rows.append(row)
    return report
