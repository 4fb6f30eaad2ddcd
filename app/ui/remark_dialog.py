"""Asks what she found out about a finding that stands right as it is (已核实)."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QDialog, QLabel, QPlainTextEdit, QVBoxLayout, QWidget

from app.ui.dialog_parts import ok_cancel

_MOST = 300  # letters of the finding


class RemarkDialog(QDialog):
    """Shows which finding (or how many) it is about; ``remark`` may stay empty."""

    def __init__(self, which: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("标为已核实")
        about = QLabel(f"{which[:_MOST]}…" if len(which) > _MOST else which, wordWrap=True)
        about.setTextFormat(Qt.TextFormat.PlainText)
        name = QLabel("核实情况（可以不填）(&R)：")
        self.field = _Field()
        name.setBuddy(self.field)
        buttons = ok_cancel(self, "标为已核实(&O)")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 14, 16, 14)
        layout.setSpacing(10)
        for widget in (about, name, self.field, buttons):
            layout.addWidget(widget)
        self.resize(32 * self.fontMetrics().horizontalAdvance("表"), self.sizeHint().height())
        self.field.setFocus()

    @property
    def remark(self) -> str:
        """What she wrote."""
        return self.field.toPlainText().strip()


class _Field(QPlainTextEdit):
    """A few lines; Ctrl+Enter is done with it, Tab goes on."""

    def __init__(self) -> None:
        super().__init__(tabChangesFocus=True)
        self.setAccessibleName("核实情况")
        self.setPlaceholderText("例如：已与财政核对，按批复数填列")
        self.setFixedHeight(4 * self.fontMetrics().lineSpacing() + 14)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if enter and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.window().accept()
        else:
            super().keyPressEvent(event)
