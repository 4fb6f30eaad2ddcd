"""What the structure checks know for certain, put right before the arithmetic begins.

A mistyped code, a renamed row or 元 for 万元 would break a dozen identities. It has its own finding;
here the model is set to what was meant, so that one slip stays one error. What is printed (``code``,
``label``, ``text``) is left as it is.
"""

from __future__ import annotations

from dataclasses import replace

from app.checking.codes import diagnose
from app.checking.lines import renamed_row
from app.checking.structure import misstated_money
from app.knowledge.forms import form
from app.report.report import Report


def correct(report: Report) -> int:
    """Set row keys and money units to what was meant; gives how many were set.

    To be called after the structure checks and before the arithmetic rules.
    """
    done = 0
    for flaw in diagnose(report).flaws:
        keys = {row.key for row in flaw.at.block.rows}
        if flaw.meant and flaw.severity != "warning" and flaw.meant not in keys:
            flaw.at.row.key = flaw.meant
            done += 1
    for table in report.tables.values():
        for block_form in form(report.form).table(table.key).blocks:
            block = table.blocks.get(block_form.key)
            for row in block.rows if block and block_form.rows else ():
                row_form = renamed_row(block_form, block, row) if block else None
                if row_form is not None:
                    row.key = row_form.key
                    done += 1
    for table, usual in misstated_money(report):
        if table.money is not None:
            table.money = replace(table.money, value=usual)
            done += 1
    return done
