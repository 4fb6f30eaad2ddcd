"""What is in the menus of the window, and its keys."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu

if TYPE_CHECKING:
    from app.ui.window import Window

_NAMED = {"下一处": "F8", "上一处": "Shift+F8"}  # keys of the result page, which are only named here


def fill(window: Window, menus: Sequence[QMenu]) -> list[QAction]:
    """Fill 文件, 问题, 工具 and 帮助; gives the actions that need an open case."""
    file, issue, tools, helps = menus

    def add(menu: QMenu, text: str, act: Callable[[], object], keys: object = "") -> QAction:
        action = QAction(text, window)
        if keys:
            action.setShortcut(keys)
        if text in _NAMED:
            action.setText(f"{text}\t{_NAMED[text]}")
        action.triggered.connect(lambda _=False: act())
        menu.addAction(action)
        return action

    standard = QKeySequence.StandardKey
    add(file, "打开…", window.choose_files, standard.Open)
    add(file, "打开文件夹…", window.choose_folder, "Ctrl+Shift+O")
    add(file, "新建模板…", window.new_template, standard.New)
    file.addSeparator()
    case = [
        add(file, "打开标注文件", window.open_output, "Ctrl+E"),
        add(file, "打开原文件", lambda: window.open_outside(window.desk.case.request.path)),
        add(file, "打开所在文件夹", window.open_folder),
        add(file, "另存标注文件…", window.save_as, standard.Save),
    ]
    file.addSeparator()
    case += [add(file, "导出情况说明…", window.export_draft), add(file, "导出表格…", window.export_tables)]
    file.addSeparator()
    add(file, "退出", window.close, standard.Quit)
    case += [
        add(issue, "下一处", lambda: window.result.findings.step(1)),
        add(issue, "上一处", lambda: window.result.findings.step(-1)),
        add(issue, "标为已核实…", lambda: window.verify(window.result.findings.selected()), "Ctrl+M"),
        add(issue, "复制", lambda: window.result.findings.copy()),
        add(issue, "复制为表格", lambda: window.result.findings.copy(table=True), "Ctrl+Shift+C"),
        add(issue, "全部显示", lambda: window.result.findings.show_all()),
    ]
    issue.addSeparator()
    case.append(add(issue, "重新校核", lambda: window.desk.check_again(), "F5"))
    add(tools, "设置…", window.show_settings, "Ctrl+,")
    add(helps, "使用指南", lambda: window.show_help("guide"), standard.HelpContents)
    add(helps, "校核规则", lambda: window.show_help("rules"))
    add(helps, "快捷键", lambda: window.show_help("keys"))
    add(helps, "关于", lambda: window.show_help("about"))
    escape = QAction(window, shortcut="Esc")
    escape.triggered.connect(window.cancel)
    window.addAction(escape)
    return case
