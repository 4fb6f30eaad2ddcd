"""What the window does besides checking: saving elsewhere, exporting, dialogs. Each is one function."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QFileDialog

from app.outputs import Unwritable
from app.pipeline import Outcome, Request
from app.ui.case import level

if TYPE_CHECKING:
    from app.checking.finding import Finding
    from app.ui.window import Window

_KINDS = {
    ".xlsx": "Excel 工作簿 (*.xlsx)",
    ".xlsm": "启用宏的工作簿 (*.xlsm)",
    ".docx": "Word 文档 (*.docx)",
    ".txt": "文本 (*.txt)",
    ".md": "文本 (*.md)",
}


def save_as(window: Window) -> None:
    """The annotated file under a name of her choice."""
    from app import outputs

    desk = window.desk
    if desk.case is None:
        return
    path = desk.case.request.path
    kinds = [p.suffix.lower() for p in desk.outputs] or [outputs.target(path).suffix]
    first = outputs.target(path, path.parent, kinds[0])
    name, chosen = QFileDialog.getSaveFileName(
        window, "另存标注文件", str(first), ";;".join(_KINDS.get(kind, f"(*{kind})") for kind in kinds)
    )
    if not name:
        return
    target = _suffixed(Path(name), next((k for k in kinds if f"*{k}" in chosen), kinds[0]))

    def done(made: Path | None, why: str) -> None:
        if made is None:
            window.result.bar.tell("fail", why)
            return
        said = f"已另存为 {made.name}"
        if made != target:
            said = f"{target.name} 正被打开，已另存为 {made.name}"
        _made(window, said, made)

    desk.save_as(target, done)


def _suffixed(path: Path, kind: str) -> Path:
    return path if path.suffix.lower() == kind else path.with_name(path.name + kind)


def _made(window: Window, said: str, path: Path) -> None:
    page = window.pages.currentWidget()
    bar = page.bar if hasattr(page, "bar") else None
    if bar is not None:
        actions = [("打开", lambda: window.open_outside(path)), ("打开文件夹", lambda: open_folder(window, path))]
        bar.tell("done", said, actions)
    else:
        window.statusBar().showMessage(said, 10000)


def _export(window: Window, kind: str, request: Request) -> None:
    """Have a worker write something, and say what came of it."""

    def done(outcome: Outcome) -> None:
        window.statusBar().clearMessage()
        if outcome.error or not outcome.outputs:
            window._say(outcome.error or "没有写出文件。")
            return
        said = f"已生成 {outcome.outputs[0].name}" + "".join(f"；{note}" for note in outcome.notes)
        _made(window, said, outcome.outputs[0])

    window.statusBar().showMessage("正在写出…")
    window.work.submit(kind, request, lambda _: None, done, keep=True)


def export_draft(window: Window) -> None:
    """情况说明 in Word from the open case."""
    if window.desk.case is None:
        return
    request = window.desk.case.request
    first = request.path.with_name(f"{request.path.stem}_情况说明.docx")
    name, _ = QFileDialog.getSaveFileName(window, "导出情况说明", str(first), _KINDS[".docx"])
    if name:
        target = _suffixed(Path(name), ".docx")
        _export(window, "draft", Request(request.path, tables=request.tables, form=request.form, target=target))


def export_tables(window: Window) -> None:
    """The tables as they were recognised."""
    if window.desk.case is None:
        return
    request = window.desk.case.request
    first = request.path.with_name(f"{request.path.stem}_公开表.xlsx")
    name, chosen = QFileDialog.getSaveFileName(window, "导出表格", str(first), f"{_KINDS['.xlsx']};;JSON 数据 (*.json)")
    if name:
        target = Path(name)
        if target.suffix.lower() not in (".xlsx", ".json"):
            target = _suffixed(target, ".json" if "json" in chosen else ".xlsx")
        _export(window, "tables", Request(request.path, tables=request.tables, form=request.form, target=target))


def export_all(window: Window) -> None:
    """Copies of all annotated files of a batch in one folder."""
    from app.ui.batch_page import copied

    name = QFileDialog.getExistingDirectory(window, "导出全部标注文件到", window._folder())
    if not name:
        return
    page, outcomes = window.batch, window.batch.outcomes()

    def done(said: tuple[int, list[str]]) -> None:
        count, failed = said
        told = f"已导出 {count} 个文件" + (f"；未能导出：{'、'.join(failed[:5])}" if failed else "")
        told += f"等 {len(failed)} 个" if len(failed) > 5 else ""
        folder = [("打开文件夹", lambda: open_folder(window, Path(name)))] if count else []
        page.bar.tell("warn" if failed else "done", told, folder)

    _beside(window, "正在导出…", lambda: copied(outcomes, Path(name)), done)


def _beside(window: Window, saying: str, act: Callable[[], Any], done: Callable[[Any], None]) -> None:
    """What takes a while with many files, while the window stays lively."""
    from app.ui.aside import Aside

    page = window.batch

    def finished(answer: Any) -> None:
        page.taking = False
        if isinstance(answer, Unwritable):
            page.bar.tell("fail", str(answer))
        elif isinstance(answer, Exception):
            page.bar.hide()
            raise answer  # told as what nobody foresaw is
        else:
            done(answer)

    page.taking = True
    page.bar.tell("news", saying)
    Aside(act, finished, window)


def open_folder(window: Window, path: Path) -> None:
    """Show a folder, or a file in its folder; a sentence where that fails."""
    from app.ui import opening

    if said := opening.open_folder(path):
        window._say(said)


def save_summary(window: Window) -> None:
    """汇总: one workbook over all files of a batch."""
    from app import outputs

    first = Path(window._folder()) / "校核汇总.xlsx"
    name, _ = QFileDialog.getSaveFileName(window, "汇总", str(first), _KINDS[".xlsx"])
    if not name:
        return
    from app.writing.batch_book import batch_book

    target, outcomes = _suffixed(Path(name), ".xlsx"), window.batch.outcomes()

    def write() -> Path:
        inputs = [o.path for o in outcomes] + [made for o in outcomes for made in o.outputs]
        with (
            outputs.protecting(inputs),
            outputs.replacing(target, overwrite=not outputs.is_open(target)) as draft,
        ):
            batch_book(outcomes, draft.temp)
        return draft.path

    _beside(window, "正在汇总…", write, lambda made: _made(window, f"已生成 {made.name}", made))


def new_template(window: Window) -> None:
    """A blank template of the nine tables."""
    from app.ui.template_dialog import TemplateDialog

    dialog = TemplateDialog(window)
    if dialog.exec():
        _export(window, "template", dialog.request())
    dialog.deleteLater()


def verify(window: Window, findings: list[Finding]) -> None:
    """Mark findings as 已核实 with a remark, or take that back."""
    findings = [f for f in findings if level(f) != "solved"]
    if not findings:
        return
    remark: str | None = None
    if not all(level(f) == "verified" for f in findings):
        from app.ui.remark_dialog import RemarkDialog

        dialog = RemarkDialog(findings[0].message if len(findings) == 1 else f"{len(findings)} 条问题", window)
        accepted = dialog.exec()
        dialog.deleteLater()
        if not accepted:
            return
        remark = dialog.remark
    try:
        window.desk.verify(findings, remark)
    except Unwritable as error:
        window.result.bar.tell("fail", f"核实记录没有保存：{error}")
    window.result.refresh()


def show_unchecked(window: Window) -> None:
    """What could not be checked, and why."""
    from PySide6.QtCore import Qt
    from PySide6.QtWidgets import QDialog, QDialogButtonBox, QTextBrowser, QVBoxLayout

    case = window.desk.case
    if case is None or case.opened is None:
        return
    lines = [f"<li>{escape(str(place))}：{escape(text)}</li>" for text, place in case.opened.problems]
    by_reason: dict[str, list[str]] = {}
    for rule in case.opened.rules:
        if rule.status == "could_not_run":
            by_reason.setdefault(rule.reason or "缺少资料", []).append(f"{rule.code} {rule.title}")
    for reason, rules in by_reason.items():
        lines.append(f"<li><b>{escape(reason)}</b><br>{escape('；'.join(rules))}</li>")
    dialog = QDialog(window)
    dialog.setWindowTitle("无法核对的项目")
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    page = QTextBrowser()
    page.setAccessibleName("无法核对的项目")
    page.setHtml(f"<p>下列各项因资料不全或文件读不出而没有核对，不等于没有问题：</p><ul>{''.join(lines)}</ul>")
    buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
    buttons.button(QDialogButtonBox.StandardButton.Close).setText("关闭")
    buttons.rejected.connect(dialog.reject)
    layout = QVBoxLayout(dialog)
    layout.addWidget(page)
    layout.addWidget(buttons)
    dialog.resize(620, 420)
    dialog.open()


def show_settings(window: Window) -> None:
    """Rules, form and money, 科目, font, saving; afterwards the open case is checked anew."""
    from app.ui import theme
    from app.ui.settings_dialog import SettingsDialog

    dialog = SettingsDialog(window.desk.settings, window)
    accepted = dialog.exec()
    dialog.deleteLater()
    if not accepted:
        return
    window.desk.load()
    from PySide6.QtWidgets import QApplication

    theme.dress(QApplication.instance(), window.desk.settings.font_size)
    window.desk.check_again(why="设置已更改")


def show_help(window: Window, page: str = "guide", code: str = "") -> None:
    """The help window, at a page or at a rule."""
    from app.ui.help_window import HelpWindow

    if getattr(window, "help", None) is None:
        window.help = HelpWindow(window)
    if code:
        window.help.show_rule(code)
    else:
        window.help.show_page(page)
    window.help.show()
    window.help.raise_()
