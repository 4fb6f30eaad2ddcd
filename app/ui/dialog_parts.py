"""What the dialogs have in common: their buttons, and a field to search in."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QLineEdit,
    QPushButton,
    QStyle,
    QStyleOptionComboBox,
    QStylePainter,
    QWidget,
)

from app.ui import theme

# Besides the program's own style: the arrow of a combo without the native frame that cuts its corner.
STYLE = f"""
QComboBox::drop-down {{ border: 0; width: 22px; }}
QSpinBox {{ padding: 3px 4px; min-height: 20px; }}
QGroupBox {{ font-weight: 700; border: 1px solid {theme.LINE}; border-radius: 4px; margin-top: 10px; padding: 14px 10px 8px 10px; }}
QGroupBox::title {{ subcontrol-origin: margin; left: 10px; padding: 0 4px; }}
QSplitter::handle {{ background: transparent; width: 8px; }}
"""


class SearchField(QLineEdit):
    """A line to search with; Enter and Down go on to the list, Enter does not press OK."""

    def __init__(self, hint: str, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setPlaceholderText(hint)
        self.setAccessibleName(name)
        self.setClearButtonEnabled(True)
        self.list: QWidget | None = None

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Down):
            if self.list is not None:
                self.list.setFocus(Qt.FocusReason.TabFocusReason)
            event.accept()
        elif event.key() == Qt.Key.Key_Escape and self.text():
            self.clear()  # the first Esc takes back what she typed
            event.accept()
        else:
            super().keyPressEvent(event)


class Choice(QComboBox):
    """A combo that shortens a text too long for it, and whose arrow is drawn here: a styled frame leaves
    Qt without one."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QStylePainter(self)
        option = QStyleOptionComboBox()
        self.initStyleOption(option)
        painter.drawComplexControl(QStyle.ComplexControl.CC_ComboBox, option)
        field = self.style().subControlRect(
            QStyle.ComplexControl.CC_ComboBox, option, QStyle.SubControl.SC_ComboBoxEditField, self
        )
        option.currentText = self.fontMetrics().elidedText(
            option.currentText, Qt.TextElideMode.ElideRight, field.width() - 4
        )
        painter.drawControl(QStyle.ControlElement.CE_ComboBoxLabel, option)
        arrow(painter, QPoint(self.width() - 14, self.height() // 2), theme.GREY)


def arrow(painter: QPainter, middle: QPoint, color: str) -> None:
    """The arrow of a combo."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(QColor(color), 1.4))
    painter.drawPolyline([middle + QPoint(-4, -2), middle + QPoint(0, 2), middle + QPoint(4, -2)])
    painter.restore()


def ok_cancel(dialog: QDialog, ok: str) -> QDialogButtonBox:
    """The buttons of a dialog; ``ok`` is what the main one says."""
    box = QDialogButtonBox()
    main, cancel = QPushButton(ok), QPushButton("取消(&C)")
    main.setProperty("main", True)
    main.setDefault(True)
    for button, role in ((main, box.ButtonRole.AcceptRole), (cancel, box.ButtonRole.RejectRole)):
        button.setMinimumSize(96, 32)
        box.addButton(button, role)
    box.accepted.connect(dialog.accept)
    box.rejected.connect(dialog.reject)
    return box


def main_button(box: QDialogButtonBox) -> QPushButton:
    """The button of ``ok_cancel`` that says yes."""
    return next(b for b in box.buttons() if box.buttonRole(b) == box.ButtonRole.AcceptRole)


def note(widget: QWidget, text: str) -> None:
    """Show a remark in amber on a label, or hide it when there is none."""
    widget.setText(text)
    widget.setStyleSheet(f"color: {theme.AMBER}; background: {theme.AMBER_GROUND}; padding: 6px 8px;")
    widget.setVisible(bool(text))
