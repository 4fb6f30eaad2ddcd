"""新建模板: for which unit and year, in which form, and where it goes."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from PySide6.QtCore import QDir, QStandardPaths, Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QDialog,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from app.pipeline import Request, template_name
from app.ui import theme
from app.ui.dialog_parts import STYLE, Choice, main_button, note, ok_cancel

_NO_UNIT = "请填写单位名称，例如“江汉区企业服务中心”。"
_SHORT = 200  # bytes of a file's name that every system takes


class TemplateDialog(QDialog):
    """Asks for a template; after ``exec()`` gave ``Accepted``, ``request()`` is what
    ``pipeline.template`` wants. ``requested`` is emitted with it, too.

    ``folder`` is where the file goes at first (the user's documents), ``unit`` and ``form`` what is
    filled in beforehand.
    """

    requested = Signal(object)

    def __init__(
        self, parent: QWidget | None = None, *, folder: Path | None = None, unit: str = "", form: str = ""
    ) -> None:
        super().__init__(parent)
        from app.knowledge.forms import FORMS
        from app.knowledge.forms import form as form_of

        self.setWindowTitle("新建模板")
        self.setStyleSheet(STYLE)
        self._own_path = False  # she chose it herself: no longer made of unit and year
        self._folder = folder or _documents()
        self.unit = QLineEdit(unit, placeholderText="必填，按公章上的全称")
        self.unit.setAccessibleName("单位名称")
        self.unit.setMaxLength(120)
        self.year = QSpinBox(minimum=2000, maximum=2099, value=min(2099, max(2000, date.today().year - 1)))
        self.year.setAccessibleName("决算年度")
        self.year.setSuffix(" 年")
        self.form = Choice("表样")
        for key in FORMS:
            self.form.addItem(form_of(key).name, key)
        self.form.setCurrentIndex(max(0, self.form.findData(form)))
        self.path = QLineEdit()
        self.path.setAccessibleName("保存到")
        self.browse = QPushButton("浏览(&B)…")
        self.browse.setAutoDefault(False)
        self.word = QLabel()
        self.word.setWordWrap(True)
        self.buttons = ok_cancel(self, "生成模板(&G)")
        self._lay_out()
        note(self.word, "")
        self.unit.textChanged.connect(self._named)
        self.year.valueChanged.connect(self._named)
        self.path.textEdited.connect(self._chosen)
        self.browse.clicked.connect(self._browse)
        self._named()
        self.setMinimumWidth(620)
        self.unit.setFocus()

    def request(self) -> Request:
        """What she asked for."""
        target = self._target()
        return Request(
            target,
            form=self.form.currentData(),
            target=target,
            year=self.year.value(),
            unit=" ".join(self.unit.text().split()),
        )

    def accept(self) -> None:
        """Give the request, or say what is missing. The main button is never grey: text that an input
        method has not handed over yet would keep it so."""
        problem, field = self._problem()
        note(self.word, problem)
        self._make_room()
        if field is not None:
            field.setFocus()
            return
        self.requested.emit(self.request())
        super().accept()

    def showEvent(self, event: QShowEvent) -> None:
        self._make_room()
        super().showEvent(event)

    def _make_room(self) -> None:
        """As high as the wrapped lines need: with large letters Qt would squeeze the fields instead."""
        self.layout().activate()
        wide = max(self.width(), self.minimumSizeHint().width())
        self.resize(wide, max(self.height(), self.layout().totalHeightForWidth(wide)))

    def _problem(self) -> tuple[str, QWidget | None]:
        if not self.unit.text().strip():
            return _NO_UNIT, self.unit
        target = self._target()
        if not self.path.text().strip() or target.is_dir():
            return "请写明保存成哪个文件。", self.path
        if not target.parent.is_dir():
            return f"文件夹“{QDir.toNativeSeparators(str(target.parent))}”不存在，请另选一个。", self.path
        return "", None

    def _target(self) -> Path:
        path = Path(self.path.text().strip()).expanduser()
        if not path.is_absolute():
            path = self._folder / path
        return path if path.suffix.lower() == ".xlsx" else path.with_name(f"{path.name}.xlsx")

    def _named(self) -> None:
        """The usual name in the folder, until she chose another."""
        if not self._own_path:
            unit = " ".join(self.unit.text().split()) or "单位名称"
            while len(template_name(unit, self.year.value()).encode()) > _SHORT:
                unit = unit[:-1]
            path = self._folder / template_name(unit, self.year.value())
            self.path.setText(QDir.toNativeSeparators(str(path)))
            self.path.setCursorPosition(len(self.path.text()))
        if self.unit.text().strip() and self.word.text() == _NO_UNIT:
            note(self.word, "")
        self._exists()

    def _chosen(self) -> None:
        self._own_path = bool(self.path.text().strip())
        self._exists()

    def _exists(self) -> None:
        from app import outputs

        target = self._target()
        if not self.path.text().strip() or not target.is_file():
            self.there.setText("")
        elif outputs.unchanged(target):  # our own, and nobody has filled it in
            self.there.setText("已有同名的空白模板，将重新生成。")
        else:
            self.there.setText("已有同名文件：不会覆盖，新模板的名称后面加序号。")

    def _browse(self) -> None:
        name, _ = QFileDialog.getSaveFileName(
            self,
            "保存模板",
            str(self._target()),
            "Excel 工作簿 (*.xlsx)",
            options=QFileDialog.Option.DontConfirmOverwrite,  # nothing is written over
        )
        if name:
            self.path.setText(QDir.toNativeSeparators(name))
            self._folder = Path(name).parent
            self._chosen()

    def _lay_out(self) -> None:
        intro = QLabel("九张公开表的空白模板：公式、校验、补充资料和百分比都已备好，填完拖回本程序即可校核。")
        intro.setWordWrap(True)
        intro.setStyleSheet(f"color: {theme.GREY};")
        self.there = QLabel()
        self.there.setWordWrap(True)
        self.there.setStyleSheet(f"color: {theme.AMBER};")
        self.there.setMinimumHeight(self.fontMetrics().height())
        self.year.setMaximumWidth(140)
        where = QHBoxLayout()
        where.addWidget(self.path, 1)
        where.addWidget(self.browse)
        rows = QFormLayout()
        rows.setHorizontalSpacing(14)
        rows.setVerticalSpacing(12)
        rows.setLabelAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        for text, field, buddy in (
            ("单位名称(&U)", self.unit, self.unit),
            ("决算年度(&Y)", self.year, self.year),
            ("表样(&T)", self.form, self.form),
            ("保存到(&S)", where, self.path),
        ):
            label = QLabel(text)
            label.setBuddy(buddy)
            rows.addRow(label, field)
        rows.addRow("", self.there)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 18, 20, 16)
        layout.setSpacing(14)
        layout.addWidget(intro)
        layout.addLayout(rows)
        layout.addWidget(self.word)
        layout.addStretch(1)
        layout.addWidget(self.buttons)
        QWidget.setTabOrder(self.path, self.browse)
        QWidget.setTabOrder(self.browse, main_button(self.buttons))


def _documents() -> Path:
    """Her documents, or her home where there are none."""
    place = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
    return Path(place) if place and Path(place).is_dir() else Path.home()
