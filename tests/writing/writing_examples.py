"""A case made by hand: a sheet, its tables and findings of every kind, for the writers' tests."""

from __future__ import annotations

from decimal import Decimal

from app.checking.finding import Checked, Consequence, Finding, Related, RuleResult
from app.report.amount import Amount
from app.report.report import Report
from app.report.table import Block, Column, Entry, Row, Stated, Table
from app.source import Cell, Grid, Place, Source, Span

SHEET = "公开01表"
LONG = (
    "“公开01表”第31行 总计 944.91，应为 945.91：本年收入合计 944.91 + 年初结转和结余 1.00。"
    "该行与支出方总计 945.91 相差 1.00，超过各加数四舍五入所能解释的 0.02。"
)


def entry(grid: Grid, row: int, column: int, value: str) -> Entry:
    cell = Cell(row, column, Decimal(value) if value else None, number_format="#,##0.00")
    grid.put(cell)
    amount = Amount(Decimal(value), Decimal("0.005"), cell.text) if value else None
    return Entry(grid.place(row, column), cell.text, amount, cell=cell)


def table() -> Table:
    """收支总表 with three income rows and two expenditure rows, side by side."""
    grid = Grid(SHEET, widths={0: 40.0, 1: 15.0})
    words = {
        (0, 0): "收入支出决算总表",
        (1, 0): "部门：=甲&乙单位",
        (1, 3): "单位：万元",
        (2, 0): "项目",
        (2, 1): "决算数",
    }
    for (row, column), text in words.items():
        grid.put(Cell(row, column, text))
    grid.merges.append(Span(0, 0, 0, 3))
    sides = {
        "收支总表收入": (0, [("一般公共预算财政拨款收入", "944.91"), ("本年收入合计", "944.91"), ("总计", "944.91")]),
        "收支总表支出": (2, [("一般公共服务支出", "945.91"), ("总计", "945.91")]),
    }
    made = Table("收支总表", Stated("收入支出决算总表", "收入支出决算总表", grid.place(0, 0)), grid, 0, 5)
    made.number = Stated("01", "公开01表", grid.place(0, 0))
    made.money = Stated("万元", "单位：万元", grid.place(1, 3))
    for key, (left, rows) in sides.items():
        block = Block(key, [Column("决算数", "决算数", left + 1, grid.place(2, left + 1))])
        for index, (label, value) in enumerate(rows, 3):
            grid.put(Cell(index, left, label))
            row = Row(label, label, grid.place(index, left), index=index, grid=grid)
            row.entries["决算数"] = entry(grid, index, left + 1, value)
            block.rows.append(row)
        made.blocks[key] = block
    return made


def report(path: str = "/tmp/江汉区企业服务中心2022.xlsx") -> Report:
    made = table()
    other = Grid("说明'一'页")
    other.put(Cell(0, 0, "=1+1"))
    other.put(Cell(1, 0, '\'=HYPERLINK("x")'))
    other.put(Cell(2, 0, "https://example.invalid/"))
    source = Source(path, "workbook", [made.grid, other])
    unit = Stated("江汉区企业服务中心", "部门：江汉区企业服务中心", Place(sheet=SHEET, cell="A2"))
    return Report(source, "workbook", "2022", unit, 2022, {"收支总表": made})


def finding(number: int = 1, severity: str = "error", cell: str | None = "B6", **more: object) -> Finding:
    facts: dict[str, object] = {
        "message": LONG, "quote": "944.91", "found": "944.91", "expected": "945.91", "difference": "-1.00",
        "calculation": "944.91 + 1.00 = 945.91", "table": "收支总表", "row": "总计", "column": "决算数",
        "advice": "请核对本年收入合计与年初结转和结余，改正其中填错的一格。",
        "related": (Related(Place(sheet=SHEET, cell="B5"), "944.91"),),
    }  # fmt: skip
    place = Place(sheet=SHEET, cell=cell)
    return Finding(f"A{100 + number}", "总计应等于各项之和", severity, place=place, **{**facts, **more})  # type: ignore[arg-type]


def consequences(count: int) -> tuple[Consequence, ...]:
    return tuple(
        Consequence(
            f"B{200 + n}", "收支总表总计 944.91 与支出总计 945.91 不相等，应相等", Place(sheet=SHEET, cell=f"D{n}")
        )
        for n in range(1, count + 1)
    )


def checked() -> Checked:
    """Dozens of findings: every level, at cells, at a sheet, at the whole file; rules of every ending."""
    found = [finding(1, consequences=consequences(3)), finding(2, "warning"), finding(3, consequences=consequences(60))]
    found.append(
        finding(4, "info", "B4", kind="尾差", message="收支总表有 3 处尾差（四舍五入造成），无需处理。", advice="")
    )
    found.append(finding(5, "warning", None, message="缺少公开09表。", found="", expected="公开09表", difference=""))
    found.append(Finding("S001", "缺少年度", "error", "全文没有写明年度，请在各表表头补写“2022年度”。", Place()))
    found.append(
        finding(6, "error", "A4", found="2010601", expected="2010602", difference="", message="科目编码与名称不符。")
    )
    for n in range(7, 30):
        found.append(finding(n, "warning" if n % 3 else "info", f"B{n}", message=LONG * (1 + n % 4)))
    rules = [RuleResult(f"A{100 + n}", "收入合计应等于各收入项目之和", "passed", None, 31) for n in range(30)]
    rules += [
        RuleResult(f"A{200 + n}", "三公经费合计", "could_not_run", "三公表是图片，无法识别", 0) for n in range(12)
    ]
    rules += [RuleResult("A300", "公式缓存", "could_not_run", "公式没有保存结果，请在 Excel 中打开并保存一次", 0)]
    rules += [RuleResult("A301", "国资表", "not_applicable", "没有国有资本经营预算支出", 0)]
    rules += [RuleResult("A302", "总计", "failed", None, 4)]
    return Checked(found, rules)
