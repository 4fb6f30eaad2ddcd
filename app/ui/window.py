"""The one window: start, working, result, batch. It calls ``app.pipeline`` in workers and shows what comes."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QSettings, QTimer
from PySide6.QtWidgets import QApplication, QMainWindow, QStackedWidget, QWidget

from app.knowledge.user import state_folder
from app.ui import theme
from app.ui.start_page import StartPage

if TYPE_CHECKING:
    from PySide6.QtGui import QAction, QCloseEvent, QDragEnterEvent, QDragLeaveEvent, QDropEvent

    from app.pipeline import Outcome
    from app.ui.batch_page import BatchPage
    from app.ui.desk import Desk
    from app.ui.dropping import Offer
    from app.ui.result_page import ResultPage
    from app.ui.work import Work
    from app.ui.work_page import WorkPage

TITLE = "决算公开校核"
RUNNING = state_folder() / "running"  # there while a window listens; without it nobody need be asked


def _errand(name: str) -> Callable[..., None]:
    """A method that has ``errands`` do what is called so, loaded when it is wanted."""

    def run(window: Window, *what: object) -> None:
        from app.ui import errands

        getattr(errands, name)(window, *what)

    return run


class Window(QMainWindow):
    """Pages on a stack; what each asks for is done here or handed to the ``Desk`` of the open case.

    Only what the first picture needs is loaded before it is painted: the rest follows in ``_wake``.
    """

    def __init__(self, *, warm: bool = True) -> None:
        super().__init__()
        self.setWindowTitle(TITLE)
        self.setAcceptDrops(True)
        self.setMinimumSize(900, 560)
        self.setAnimated(False)  # else the page glides, and an animation is left behind, at each message
        self.resize(1280, 740)
        self.many: Work | None = None  # workers of a batch
        self._result: ResultPage | None = None
        self._batch: BatchPage | None = None
        self.start = StartPage()
        self.pages = QStackedWidget()
        self.pages.addWidget(self.start)
        self.setCentralWidget(self.pages)
        self.state = QSettings(str(state_folder() / "window.ini"), QSettings.Format.IniFormat)
        self._make_menu()
        self.start.choose.connect(self.choose_files)
        self.start.choose_folder.connect(self.choose_folder)
        self.start.template.connect(self.new_template)
        self.start.recent.connect(lambda path: self.open_paths([path]))
        self.start.folder.connect(self.open_folder)
        self.start.forget.connect(lambda path: self.recent.remove(path))
        if geometry := self.state.value("geometry"):
            self.restoreGeometry(geometry)
        if warm:
            QTimer.singleShot(30, self._wake)  # once it has been painted

    # -- made when needed

    @cached_property
    def work(self) -> Work:
        """The worker of the open case."""
        from app.ui.work import Work

        made = Work(1, parent=self)
        made.troubled.connect(_note)
        return made

    @cached_property
    def desk(self) -> Desk:
        """Where the open case is worked on."""
        from app.ui.desk import Desk

        made = Desk(self.work, self)
        made.step.connect(self._step)
        made.shown.connect(self._shown)
        made.written.connect(self._written)
        made.failed.connect(self._failed)
        made.apart.connect(self._start_batch)
        return made

    @cached_property
    def working(self) -> WorkPage:
        """The page of the steps."""
        from app.ui.work_page import WorkPage

        made = WorkPage()
        self.pages.addWidget(made)
        made.cancelled.connect(self.cancel)
        return made

    @property
    def result(self) -> ResultPage:
        """The page of one case; making it loads what it is made of."""
        if self._result is None:
            from app.ui.result_page import ResultPage

            page = self._result = ResultPage()
            self.pages.addWidget(page)
            page.back_asked.connect(self.go_back)
            page.open_asked.connect(self.open_output)
            page.save_asked.connect(self.save_as)
            page.outside_asked.connect(
                lambda _: self.open_outside(self.desk.case.files()[-1] if _sheet(_) else self.desk.case.files()[0])
            )
            page.rule_asked.connect(self.show_rule)
            page.verify_asked.connect(self.verify)
            page.unchecked_asked.connect(self.show_unchecked)
            for name, splitter in (("panes", page.splitter), ("details", page.findings.splitter)):
                if saved := self.state.value(name):
                    splitter.restoreState(saved)
        return self._result

    @property
    def batch(self) -> BatchPage:
        """The page of many files."""
        if self._batch is None:
            from app.ui.batch_page import BatchPage

            page = self._batch = BatchPage()
            self.pages.addWidget(page)
            page.opened.connect(lambda path: self._open_case(path))
            page.back_asked.connect(self.go_home)
            page.export_asked.connect(self.export_all)
            page.summary_asked.connect(self.save_summary)
            page.outside_asked.connect(self.open_outside)
            page.folder_asked.connect(self.open_folder)
        return self._batch

    def _wake(self) -> None:
        """After the window is there: workers, her settings, recent files, the page that comes next."""
        self._fill_menu()
        self.setWindowIcon(theme.icon())
        theme.speak(QApplication.instance())
        self.statusBar().setSizeGripEnabled(False)
        self.statusBar().messageChanged.connect(lambda text: self.statusBar().setVisible(bool(text)))
        self.statusBar().hide()
        self.work.warm()
        self.desk.load()
        if self.desk.settings.font_size:
            theme.dress(QApplication.instance(), self.desk.settings.font_size)
        from app.ui.recent import Recent, RecentModel

        self.recent = Recent(parent=self)
        self.listed = RecentModel(self.recent, self.start)
        self.start.show_recent(self.listed)
        self.listed.look()
        if self.desk.problems:
            self.statusBar().showMessage("；".join(self.desk.problems), 15000)
        QTimer.singleShot(50, self._prepare)

    def _prepare(self) -> None:
        _ = self.working
        self.result.view.prepare()
        # What is there now stays: the collector need not look through it again and again, which takes
        # longer than a window may stand still.
        gc.collect()
        gc.freeze()
        gc.set_threshold(20_000, 20, 100)
        gc.enable()

    # -- menu

    def _make_menu(self) -> None:
        """The bar with its titles; what is in them follows when the window is there."""
        self._menus = [self.menuBar().addMenu(name) for name in ("文件(&F)", "问题(&I)", "工具(&T)", "帮助(&H)")]
        self._case_actions: list[QAction] = []

    def _fill_menu(self) -> None:
        from app.ui.menus import fill

        self._case_actions = fill(self, self._menus)
        self._enable()

    def _enable(self) -> None:
        shown = self._result is not None and self.pages.currentWidget() is self._result
        for action in self._case_actions:
            action.setEnabled(shown)

    # -- what comes in

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        from PySide6.QtCore import Qt

        from app.ui.dropping import offered

        offer = offered(event.mimeData())
        self._hover(offer)
        if offer.paths:
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()
        elif offer.refused:
            event.accept()  # else nothing tells that it left
        else:
            event.ignore()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self._hover(None)

    def dropEvent(self, event: QDropEvent) -> None:
        from PySide6.QtCore import Qt

        from app.ui.dropping import offered

        offer = offered(event.mimeData())
        self._hover(None)
        if not offer.paths:
            self._say("；".join(offer.refused[:3]) or "请拖入文件")
            event.ignore()
            return
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()
        # Once the drag is over: the program she drags from waits for this to return.
        QTimer.singleShot(0, lambda: self.open_paths(offer.paths, offer))

    def _hover(self, offer: Offer | None) -> None:
        if self.pages.currentWidget() is self.start:
            self.start.area.hover(offer)
        elif offer is not None:
            self.statusBar().showMessage(offer.sentence)
        else:
            self.statusBar().clearMessage()

    def choose_files(self) -> None:
        from PySide6.QtWidgets import QFileDialog

        from app.ui.dropping import FILTER

        names, _ = QFileDialog.getOpenFileNames(self, "选择决算公开表或报告", self._folder(), FILTER)
        self.open_paths([Path(name) for name in names])

    def choose_folder(self) -> None:
        from PySide6.QtWidgets import QFileDialog

        name = QFileDialog.getExistingDirectory(self, "选择文件夹", self._folder())
        if name:
            self.open_paths([Path(name)])

    def _folder(self) -> str:
        return str(self.state.value("folder") or Path.home())

    def open_paths(self, paths: Sequence[Path], offer: Offer | None = None) -> None:
        """One file or case is shown, several files or a folder become a batch."""
        from app.ui.dropping import as_case, sorted_out

        offer = offer or sorted_out(paths)
        if not offer.paths:
            if offer.refused:
                self._say(offer.refused[0])
            return
        paths = [path.absolute() for path in offer.paths]
        self.state.setValue("folder", str(paths[0] if paths[0].is_dir() else paths[0].parent))
        pair = as_case(paths)
        if pair is not None:  # a list of files that is there is not lost: the way back leads to it
            self._open_case(*pair)
        elif len(paths) == 1 and not paths[0].is_dir():
            self._open_case(paths[0])
        else:
            self._start_batch(paths)
        if offer.refused:
            self.statusBar().showMessage("；".join(offer.refused[:3]), 10000)

    def asked(self, paths: Sequence[Path]) -> None:
        """A second start of the program hands over its files: come to the front and open them."""
        from PySide6.QtCore import Qt

        self.setWindowState(self.windowState() & ~Qt.WindowState.WindowMinimized)
        self.show()
        self.raise_()
        self.activateWindow()
        if paths:
            self.open_paths(paths)

    def _open_case(self, path: Path, tables: Path | None = None) -> None:
        self.working.begin(path.name if tables is None else f"{path.name} ＋ {tables.name}")
        self._turn(self.working)
        self.desk.open(path, tables)

    def _start_batch(self, paths: Sequence[Path]) -> None:
        from dataclasses import replace

        from app.cli import inputs

        files, nothing = inputs(paths)
        if not files:
            self._say(f"“{nothing[0].name}”里没有可校核的文件。" if nothing else "没有可校核的文件。")
            return
        if len(files) == 1:
            self._open_case(files[0][0])
            return
        if self.many is None:
            from app.jobs import workers_for
            from app.ui.work import Work

            self.many = Work(workers_for(64), parent=self)
            self.many.troubled.connect(_note)
            self.many.warm()
        self.desk.close()
        self._turn(self.batch)
        self.batch.start(self.many, [replace(self.desk.request(path), listed=True) for path, _ in files])

    # -- what the desk tells

    def _step(self, step: str) -> None:
        if self.pages.currentWidget() is self.working:
            self.working.tell(step)
        elif self.pages.currentWidget() is self._result:
            self.statusBar().showMessage(f"正在{step}…")

    def _shown(self, case: object, again: bool) -> None:
        self.result.show_case(case, self.desk.new if again else frozenset(), again=again)
        self.result.back.setText("← 返回清单(&B)" if self._in_batch() else "← 返回(&B)")
        if self.pages.currentWidget() is not self.result:
            self._turn(self.result)
            self.result.findings.list.setFocus()
        self.setWindowTitle(f"{case.title} - {TITLE}")
        if again:
            self._told_again()
        else:
            self.result.bar.hide()
            self.result.open_button.setEnabled(False)  # until it is written

    def _told_again(self) -> None:
        from app.ui.desk import now

        parts = [f"解决 {len(self.desk.solved)} 处"] if self.desk.solved else []
        parts += [f"新增 {len(self.desk.new)} 处"] if self.desk.new else []
        said = "，".join(parts) or "问题没有变化"
        why = f"{self.desk.why}，" if self.desk.why else ""
        self.result.bar.tell("news", f"{why}{now()} 重新校核：{said}。")

    def _written(self, outcome: Outcome) -> None:
        self.statusBar().clearMessage()
        bar, made = self.result.bar, outcome.outputs
        self.result.open_button.setEnabled(bool(self.desk.outputs))
        if outcome.error:
            bar.tell("fail", outcome.error)
        elif made and not self.desk.case.request.again:
            names = "、".join(path.name for path in made)
            said = f"已生成 {names}"
            from app import outputs

            if any(map(outputs.is_numbered, made)) and not outputs.named_like_ours(outcome.path):
                said += "（原来的标注文件正被打开或已有改动，没有覆盖）"
            bar.tell(
                "warn" if outcome.notes else "done",
                "；".join([said, *outcome.notes]),
                [("打开", self.open_output), ("打开文件夹", self.open_folder)],
            )
        elif outcome.notes:
            bar.tell("warn", "；".join(outcome.notes))
        if self._in_batch():
            self._batch.renew(self.desk.origin()[0], outcome)
        self._remember(outcome)

    def _failed(self, outcome: Outcome) -> None:
        self.go_back()
        self._say(f"{outcome.path.name}：{outcome.error}")
        self._remember(outcome)

    def _remember(self, outcome: Outcome) -> None:
        if hasattr(self, "recent"):
            self.recent.add(outcome)

    # -- going about

    def _turn(self, page: QWidget) -> None:
        self.pages.setCurrentWidget(page)
        if page in (self.start, self._batch):
            self.setWindowTitle(TITLE)
        if page is self.start and hasattr(self, "listed"):
            self.listed.look()
        self._enable()

    def _in_batch(self) -> bool:
        return self._batch is not None and bool(self._batch.model.lines)

    def _leave_batch(self) -> None:
        if self._in_batch():
            self._batch.cancel()
            self._batch.model.start([])

    def go_back(self) -> None:
        """From a case to the list it came from, or to the start."""
        self.desk.close()
        self._turn(self.batch if self._in_batch() else self.start)

    def go_home(self) -> None:
        self._leave_batch()
        self.desk.close()
        self._turn(self.start)

    def cancel(self) -> None:
        """Esc: end what is running; on a result it leaves the search."""
        page = self.pages.currentWidget()
        if page is self.working:
            self.go_back()
        elif page is self._batch and self._batch.running:
            self._batch.cancel()
        elif page is self._result:
            if self.desk.case is not None and self.desk.busy and not self._result.findings.search.text():
                self.desk.cancel()
                self.statusBar().clearMessage()
            self._result.findings.search.clear()
            self._result.findings.list.setFocus()

    def _say(self, sentence: str) -> None:
        """Tell her something where she looks: in the bar of a result, else in a message."""
        page = self.pages.currentWidget()
        if page in (self._result, self._batch) and page is not None:
            page.bar.tell("fail", sentence)
            return
        from PySide6.QtCore import Qt
        from PySide6.QtWidgets import QMessageBox

        box = QMessageBox(QMessageBox.Icon.Warning, TITLE, sentence, QMessageBox.StandardButton.Ok, self)
        box.setTextFormat(Qt.TextFormat.PlainText)  # a file may be called <b>
        box.button(QMessageBox.StandardButton.Ok).setText("知道了")
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.open()  # does not block: a second drop may follow

    def closeEvent(self, event: QCloseEvent) -> None:
        self.state.setValue("geometry", self.saveGeometry())
        if self._result is not None:
            self.state.setValue("panes", self._result.splitter.saveState())
            self.state.setValue("details", self._result.findings.splitter.saveState())
        self.state.sync()
        self.hide()  # what is still being written is ended unseen
        if "desk" in self.__dict__:
            self.desk.close()
        if self._result is not None:
            self._result.view.close_files()
        for work in (self.__dict__.get("work"), self.many):
            if work is not None:
                work.close()
        event.accept()

    # -- done elsewhere (app.ui.errands)

    def open_output(self) -> None:
        if self.desk.outputs:
            self.open_outside(self.desk.outputs[0])

    def open_outside(self, path: Path) -> None:
        from app.ui.opening import open_file

        if said := open_file(path):
            self._say(said)

    def open_folder(self, path: Path | None = None) -> None:
        from app.ui.opening import open_folder

        if said := open_folder(path or (self.desk.outputs or self.desk.origin())[0]):
            self._say(said)

    save_as = _errand("save_as")
    export_draft = _errand("export_draft")
    export_tables = _errand("export_tables")
    export_all = _errand("export_all")
    save_summary = _errand("save_summary")
    new_template = _errand("new_template")
    verify = _errand("verify")
    show_unchecked = _errand("show_unchecked")
    show_settings = _errand("show_settings")
    show_help = _errand("show_help")

    def show_rule(self, code: str) -> None:
        self.show_help("rules", code)


def _sheet(place: object) -> bool:
    return getattr(place, "sheet", None) is not None


def _note(details: str) -> None:
    import logging

    logging.getLogger("juesuan").warning(details)


def main(arguments: Sequence[str] | None = None) -> int:
    """Open the window, with the files that were given; a running window is handed them instead."""
    gc.disable()  # until the window is there
    given = [Path(a) for a in (sys.argv[1:] if arguments is None else arguments) if not a.startswith("-")]
    app = QApplication.instance() or QApplication(sys.argv[:1])
    app.setApplicationName(TITLE)
    app.setDesktopFileName("juesuan")  # Wayland takes the icon from the menu entry of this name
    instance = None
    if RUNNING.exists():  # perhaps: it is left behind by one that was killed
        from app.ui.instance import Instance

        instance = Instance()
        if instance.hand_over([path.absolute() for path in given]):
            return 0
    theme.dress(app)
    window = Window()
    window.show()
    QTimer.singleShot(60, lambda: _after(window, given, instance))
    code = app.exec()
    with suppress(OSError):
        RUNNING.unlink(missing_ok=True)
    return code


def _after(window: Window, given: list[Path], instance: object) -> None:
    """What can wait until the window has been painted."""
    from app.ui import troubles
    from app.ui.instance import Instance

    troubles.install()
    window.instance = instance or Instance()
    if instance is None and window.instance.hand_over([path.absolute() for path in given]):
        window.close()  # two starts at once: the other was first
        return
    window.instance.asked.connect(window.asked)
    window.instance.listen()
    with suppress(OSError):
        RUNNING.parent.mkdir(parents=True, exist_ok=True)
        RUNNING.touch()
    if given:
        window.open_paths(given)
