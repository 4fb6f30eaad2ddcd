"""While a case is being worked on: the file, the step, a bar, and a button that ends it."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QApplication, QLabel, QProgressBar, QPushButton, QVBoxLayout, QWidget

from app.ui import theme
from app.ui.labels import Heading

STEPS = ("读取", "识别", "校核", "填充", "写出")


class WorkPage(QWidget):
    """``cancelled`` when she wants no more of it."""

    cancelled = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.name = Heading(1.6)
        self.name.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.step = QLabel(alignment=Qt.AlignmentFlag.AlignCenter)
        self.step.setStyleSheet(f"color: {theme.GREY};")
        self.bar = QProgressBar(maximum=len(STEPS), textVisible=False)
        self.bar.setFixedWidth(420)
        self.bar.setAccessibleName("进度")
        self.cancel = QPushButton("取消（Esc）")
        self.cancel.clicked.connect(self.cancelled)
        self._deaf = QTimer(self, singleShot=True)
        self._deaf.timeout.connect(
            lambda: self.cancel.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents, on=False)
        )
        layout = QVBoxLayout(self)
        layout.setSpacing(14)
        layout.addStretch(2)
        layout.addWidget(self.name)
        layout.addWidget(self.bar, alignment=Qt.AlignmentFlag.AlignCenter)
        layout.addWidget(self.step)
        layout.addWidget(self.cancel, alignment=Qt.AlignmentFlag.AlignCenter)
        layout.addStretch(3)

    def begin(self, name: str) -> None:
        self.name.setText(name)
        self.step.setText("正在准备…")
        self.bar.setValue(0)
        self.cancel.setFocus()
        # She double-clicked what one click opens: the second click is not meant for this button.
        self.cancel.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._deaf.start(QApplication.doubleClickInterval())

    def tell(self, step: str) -> None:
        """The name of the step that begins."""
        at = STEPS.index(step) if step in STEPS else 0
        self.bar.setValue(at)
        self.step.setText("  ›  ".join(f"【{name}】" if name == step else name for name in STEPS))
        self.step.setAccessibleName(f"正在{step}")
