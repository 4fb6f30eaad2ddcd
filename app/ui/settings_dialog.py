"""The settings: rules, recognition, lists of 科目, display and saving.

OK writes the file that the command line reads, too; Cancel leaves everything as it was.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont, QKeyEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QFormLayout,
    QGroupBox,
    QHBoxLayout,
    QLabel,
    QSlider,
    QTableView,
    QTabWidget,
    QTextBrowser,
    QVBoxLayout,
    QWidget,
)

from app.ui import theme
from app.ui.dialog_parts import STYLE, Choice, note, ok_cancel
from app.ui.settings_rules import RulesTab
from app.ui.settings_subjects import Importer, SubjectsTab

if TYPE_CHECKING:
    from app.knowledge.settings import Settings

_SIZES = (0, *range(9, 21))  # points on the slider, 0: the system's
_MONEY = (
    ("", "自动判断（按表上印的“单位：”）"),
    ("万元", "万元"),
    ("元", "元"),
)


class SettingsDialog(QDialog):
    """Shows ``settings`` and, on OK, changes and saves them.

    ``importer`` imports a list of 科目 (see ``settings_subjects.Importer``); ``rule`` is the code of a
    rule to begin with. After ``exec()`` gave ``Accepted`` the settings hold what she chose.
    """

    def __init__(
        self,
        settings: Settings,
        parent: QWidget | None = None,
        *,
        importer: Importer | None = None,
        rule: str = "",
    ) -> None:
        super().__init__(parent)
        from app.checking.rulebook import rules

        self.settings = settings
        self._leaving = False
        self.setWindowTitle("设置")
        self.setWindowFlag(Qt.WindowType.WindowContextHelpButtonHint, False)
        self.resize(*((1060, 640) if self.fontMetrics().height() < 22 else (1300, 690)))  # for large letters
        self.rules = RulesTab(rules(), settings.rules)
        self.recognition = RecognitionTab(settings)
        self.subjects = SubjectsTab(importer)
        self.display = DisplayTab(settings)
        self.tabs = QTabWidget()
        self.tabs.addTab(self.rules, "规则(&R)")
        self.tabs.addTab(self.recognition, "识别(&M)")
        self.tabs.addTab(self.subjects, "科目(&K)")
        self.tabs.addTab(self.display, "显示与保存(&S)")
        self.word = QLabel()
        self.word.setWordWrap(True)
        self.word.hide()
        self.buttons = ok_cancel(self, "确定(&O)")
        self.setStyleSheet(STYLE)
        layout = QVBoxLayout(self)
        layout.addWidget(self.tabs, 1)
        layout.addWidget(self.word)
        layout.addWidget(self.buttons)
        self.subjects.idle = self._imported
        if settings.problems:
            note(self.word, "\n".join(settings.problems))
        if rule:
            self.rules.show_rule(rule)
        self.rules.search.setFocus()

    def accept(self) -> None:
        """Save, or stay and say why that could not be."""
        from app.outputs import Unwritable

        if self.subjects.busy:
            return
        settings = self.settings
        fields = ("rules", "form", "money", "write", "fill", "font_size")
        before = {name: getattr(settings, name) for name in fields}
        settings.rules = self.rules.levels
        self.recognition.store(settings)
        self.display.store(settings)
        try:
            settings.save()
        except (Unwritable, OSError) as error:
            for name, value in before.items():
                setattr(settings, name, value)
            why = str(error) if isinstance(error, Unwritable) else f"“{settings.path}”写不进去。"
            note(self.word, f"设置没有保存：{why}")
            return
        super().accept()

    def reject(self) -> None:
        """Leave everything as it was; an import under way is awaited, then undone."""
        if self.subjects.busy:
            self._leaving = True
            self.setEnabled(False)
            return
        self.subjects.undo()
        super().reject()

    def _imported(self) -> None:
        if self._leaving:
            self.reject()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        # Enter presses OK from where one chooses, not from where one only reads
        within = self.focusWidget()
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and isinstance(within, QTableView | QTextBrowser):
            event.accept()
            return
        super().keyPressEvent(event)


class RecognitionTab(QWidget):
    """Form and unit of money, where the program's own judgement is to be overruled."""

    def __init__(self, settings: Settings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        from app.knowledge.forms import FORMS, form

        self.form = Choice("表样")
        self.form.addItem("自动判断（按各表的标题和编号）", "")
        for key in FORMS:
            self.form.addItem(form(key).name, key)
        self.money = Choice("金额单位")
        for value, word in _MONEY:
            self.money.addItem(word, value)
        self.form.setCurrentIndex(max(0, self.form.findData(settings.form)))
        self.money.setCurrentIndex(max(0, self.money.findData(settings.money)))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(6)
        for text, box, told in (
            ("表样(&T)", self.form, "一般不用改。报告的表样认错时，在这里指定；之后所有文件都按它校核。"),
            ("金额单位(&U)", self.money, "指定后，整份文件都按它，不管表上怎么印；表上漏印、印错单位时才用得上。"),
        ):
            label = QLabel(text)
            label.setBuddy(box)
            box.setMaximumWidth(420)
            hint = QLabel(told)
            hint.setWordWrap(True)
            hint.setStyleSheet(f"color: {theme.GREY};")
            for part in (label, box, hint):
                layout.addWidget(part)
            layout.addSpacing(16)
        layout.addStretch(1)

    def store(self, settings: Settings) -> None:
        settings.form, settings.money = self.form.currentData(), self.money.currentData()


class DisplayTab(QWidget):
    """Size of the letters, shown as it will be, and what is done after checking."""

    def __init__(self, settings: Settings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._sizes = sorted({*_SIZES, settings.font_size})
        self.size_ = QSlider(Qt.Orientation.Horizontal, minimum=0, maximum=len(self._sizes) - 1, pageStep=2)
        self.size_.setAccessibleName("字号")
        self.size_.setTickPosition(QSlider.TickPosition.TicksBelow)
        self.size_.setMaximumWidth(420)
        self.told = QLabel()
        self.preview = QLabel("公开01表 第31行 总计 944.91，应为 945.91\n本年收入合计 944.91 ＋ 年初结转和结余 1.00")
        self.preview.setAccessibleName("字号预览")
        self.preview.setStyleSheet(f"background: {theme.PAPER}; border: 1px solid {theme.LINE}; padding: 10px;")
        self.preview.setMinimumHeight(96)
        self.preview.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self.write = QCheckBox("校核后立即生成标注文件，放在原文件旁边(&W)")
        self.fill = QCheckBox("自动填充空着的百分比(&P)")
        self.write.setChecked(settings.write)
        self.fill.setChecked(settings.fill)
        self._lay_out()
        self.size_.valueChanged.connect(self._preview)
        self.size_.setValue(self._sizes.index(settings.font_size))
        self._preview()

    @property
    def points(self) -> int:
        """The chosen size, 0 for the system's."""
        return self._sizes[self.size_.value()]

    def store(self, settings: Settings) -> None:
        settings.font_size, settings.write, settings.fill = self.points, self.write.isChecked(), self.fill.isChecked()

    def _preview(self) -> None:
        font = QFont(theme.font())
        if self.points:
            font.setPointSizeF(self.points)
        # a style sheet of the program outranks setFont
        self.preview.setStyleSheet(
            f"background: {theme.PAPER}; border: 1px solid {theme.LINE}; padding: 10px; font-weight: 400; font-size: {font.pointSizeF()}pt;"
        )
        self.told.setText(f"{self.points} 磅" if self.points else f"系统字号（{font.pointSizeF():g} 磅）")

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.addWidget(self.size_, 1)
        row.addWidget(self.told)
        row.addStretch(1)
        display = QGroupBox("显示")
        form = QFormLayout(display)
        label = QLabel("字号(&Z)")
        label.setBuddy(self.size_)
        form.addRow(label, row)
        form.addRow("预览", self.preview)
        saving = QGroupBox("保存")
        column = QVBoxLayout(saving)
        for box, told in (
            (self.write, "不勾选时，只在窗口里看结果；需要时用“另存”写出。"),
            (self.fill, "只填认得准分子、分母的空格，写成看得见的公式，绿色标出；原有内容一处不改。"),
        ):
            hint = QLabel(told)
            hint.setWordWrap(True)
            hint.setIndent(24)
            hint.setStyleSheet(f"color: {theme.GREY};")
            column.addWidget(box)
            column.addWidget(hint)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(14)
        layout.addWidget(display)
        layout.addWidget(saving)
        layout.addStretch(1)
