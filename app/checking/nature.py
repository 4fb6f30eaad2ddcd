"""What a 项 is for by its name: 一般行政管理事务 is project spending, 行政运行 basic spending."""

from __future__ import annotations

from collections.abc import Iterator

from app.checking.binding import Book
from app.checking.evidence import finding
from app.checking.finding import Finding
from app.checking.rulebook import Context, NotApplicable, check
from app.checking.wording import context as row_text
from app.checking.wording import where

_TABLES = ("支出表", "一般支出表")


@check("item_nature")
def item_nature(context: Context) -> Iterator[Finding]:
    """Amounts in the column that the 项 by its definition does not have (``column``, ``names``)."""
    book = Book.of(context.report)
    options = dict(context.rule.options)
    names, column = tuple(options["names"]), str(options["column"])
    said: set[str] = set()
    for block in _TABLES:
        if block not in book.blocks:
            continue
        for code, row in book.rows[block].items():
            if len(code) != 7 or row.label not in names or code in said:
                continue
            context.saw()
            spot = book.spot(block, code, column)
            if spot is None or spot.value <= 0:
                continue
            said.add(code)
            text = spot.entry.text
            message = f"{where(spot)} {text}：按科目定义，“{row.label}”不列{column}，请核对科目是否用错"
            yield finding(
                message, spot.entry.place, quote=text, context=row_text(spot), found=text, expected="核对科目",
                table=spot.table.title.value or spot.table.key, row=f"{code} {row.label}", column=column,
            )  # fmt: skip
    if not context.evaluated:
        raise NotApplicable("没有这类科目")
