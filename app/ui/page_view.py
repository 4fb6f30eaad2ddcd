"""The pages of a PDF as they are printed, with boxes on the wrong passages."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, Qt, QTimer, QVariantAnimation, Signal
from PySide6.QtGui import (
    QColor,
    QGuiApplication,
    QHelpEvent,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QShowEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QApplication, QToolTip, QWidget

from app.jobs import Pool
from app.source import Place
from app.ui import theme
from app.ui.labels import plain_tip
from app.ui.page_layout import LEAST, MOST, PageLayout
from app.ui.page_marks import PageMarks
from app.ui.page_paint import GROUND, paint_blank, paint_image, paint_paper, say
from app.ui.page_store import PageStore
from app.ui.signs import FLASH, paint_flash
from app.ui.views import ViewMark

_A4 = (595.3, 841.9)
_SETTLE, _STEP = 150, 1.1  # milliseconds after a change of size before pages are drawn anew; zoom of one notch
_MOST_PIXELS = 20_000_000  # of one picture: 80 MB; beyond it the picture is enlarged
_NEIGHBOUR_PIXELS = 5_000_000  # a larger page is drawn only when it is seen
_NOT_SHOWN, _NONE_SHOWN = "这一页无法显示", "这份 PDF 的页面无法显示"
_TIPS = 6  # tool tips of one spot


class PageView(QAbstractScrollArea):
    """All pages one below the other, drawn by a worker as they come into sight.

    ``show_pdf`` begins, ``close_pdf`` ends. Zoom: Ctrl+wheel, Ctrl+plus, Ctrl+minus; Ctrl+0 fits the
    width, which is the default. Ctrl+C copies the passage of the mark chosen last. ``mark_chosen``
    tells the same as ``place_chosen`` with the ``ViewMark``, for places that bear several marks.
    """

    place_chosen = Signal(object)
    mark_chosen = Signal(object)
    opened_outside = Signal()

    def __init__(self, parent: QWidget | None = None, pool: Pool | None = None) -> None:
        super().__init__(parent)
        self._path: Path | None = None
        self._layout = PageLayout()
        self._marks = PageMarks()
        self._store = PageStore(self, pool)
        self._store.sizes_known.connect(self._sizes_known)
        self._store.page_ready.connect(self._page_ready)
        self._store.boxes_known.connect(self._boxes_known)
        self._known = False  # the sizes of the pages
        self._due: tuple[Place, str, bool] | None = None  # where to go once that is possible
        self._pressed: QPoint | None = None
        self._settle = QTimer(self, interval=_SETTLE, singleShot=True)
        self._settle.timeout.connect(self._ask)
        self._flash = QVariantAnimation(self, duration=FLASH, startValue=1.0, endValue=0.0)
        self._flash.valueChanged.connect(self.viewport().update)
        self._flashed: Place | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setFrameShape(QAbstractScrollArea.Shape.NoFrame)
        self.viewport().setMouseTracking(True)
        self.setAccessibleName("PDF 页面")
        self.verticalScrollBar().valueChanged.connect(self._scrolled)

    # --- what the window calls

    def show_pdf(self, path: Path, pages: int = 0) -> None:
        """Show a file; ``pages``, if known, lays out empty pages until it is open. Marks and zoom stay.

        The same file again (it was saved) keeps scroll and pictures until it is drawn anew.
        """
        path = Path(path)
        if path != self._path:
            self._clear()
            self._path = path
        self._layout.sizes = self._layout.sizes or [_A4] * pages
        self._known = False
        self._marks.forget_boxes()
        self._relay()
        self._store.open(path)
        self._ask()

    def close_pdf(self) -> None:
        """Show nothing."""
        self._marks.put([])
        self._clear()

    def _clear(self) -> None:
        self._store.close()
        self._flash.stop()
        self._path = self._due = self._flashed = None
        self._known = False
        self._layout.sizes = []
        self._marks.chosen = None
        self._marks.forget_boxes()
        self._relay()
        self.verticalScrollBar().setValue(0)

    def shut(self) -> None:
        """End the worker; the view shows nothing from then on."""
        self.close_pdf()
        self._store.shut()

    def set_marks(self, marks: Sequence[ViewMark]) -> None:
        """Show these marks instead of the ones before; scroll and the chosen mark stay."""
        self._marks.put(marks)
        self._ask()
        self.viewport().update()

    def go_to(self, place: Place, quote: str = "", *, flash: bool = True) -> bool:
        """Scroll a passage to the middle of the view, choose its mark and flash it."""
        if self._path is None or place.page is None or place.page < 1:
            return False
        count = len(self._layout.sizes)
        if place.page > count and (self._known or count):
            return False
        if not self._known or not self.isVisible():
            self._due = (place, quote, flash)
        if not count:
            return True
        self._marks.chosen = self._marks.at_place(place, quote) or ViewMark(place, "info", quote=quote)
        self._bring(place)
        self._ask()
        self._flash.stop()
        if flash:
            self._flashed = place
            self._flash.start()
        self.viewport().update()
        return True

    @property
    def zoom(self) -> float:
        """The zoom at which the page in sight is seen, 1.0 at 100 %."""
        return self._layout.shown_zoom(self.page) if self._layout.sizes else 1.0

    @property
    def page(self) -> int:
        """The page in the middle of the view, from 1; 0 when there is none."""
        if not self._layout.sizes:
            return 0
        return self._layout.page_at(self.verticalScrollBar().value() + self.viewport().height() / 2)

    def set_zoom(self, zoom: float | None, at: QPointF | None = None) -> None:
        """Zoom to 0.3 … 4.0, or fit the width (None); what is ``at`` a point of the view stays there."""
        self._layout.zoom = None if zoom is None else min(max(zoom, LEAST), MOST)
        self._relay(at or QPointF(self.viewport().rect().center()))
        self._settle.start()

    # --- layout and pictures

    def _relay(self, at: QPointF = QPointF(0, 0)) -> None:  # noqa: B008
        """Lay out the pages anew; the spot of a page that is ``at`` a point of the view stays there."""
        across, down = self.horizontalScrollBar(), self.verticalScrollBar()
        page, share, from_top = 0, QPointF(), not down.value()
        if self._layout.height:
            spot = at + QPointF(across.value(), down.value())
            page = self._layout.page_at(spot.y())
            rect = self._layout.rect(page)
            share = QPointF((spot.x() - rect.left()) / rect.width(), (spot.y() - rect.top()) / rect.height())
        size = self.viewport().size()
        self._layout.lay_out(size.width())
        across.setRange(0, max(0, self._layout.width - size.width()))
        down.setRange(0, max(0, self._layout.height - size.height()))
        across.setPageStep(size.width())
        down.setPageStep(size.height())
        across.setSingleStep(40)
        down.setSingleStep(40)
        if 0 < page <= len(self._layout.sizes):
            rect = self._layout.rect(page)
            across.setValue(round(rect.left() + share.x() * rect.width() - at.x()))
            if not from_top:
                down.setValue(round(rect.top() + share.y() * rect.height() - at.y()))
        self.viewport().update()

    def _seen(self) -> range:
        top = self.verticalScrollBar().value()
        return self._layout.between(top, top + self.viewport().height())

    def _ask(self) -> None:
        """Ask for the pages in sight, then for their neighbours."""
        if not self._layout.sizes or not self.isVisible():
            return
        seen = self._seen()
        wanted = [(page, self._pixels(page)) for page in seen]
        for page in (seen.stop, seen.start - 1):
            if 1 <= page <= len(self._layout.sizes):
                width, height = self._pixels(page)
                if width * height <= _NEIGHBOUR_PIXELS:
                    wanted.append((page, (width, height)))
        if self._known:
            for page, _ in wanted:
                if passages := self._marks.to_ask(page):
                    self._store.find(page, passages)
            self._store.want(wanted)

    def _pixels(self, page: int) -> tuple[int, int]:
        size = self._layout.rect(page).size() * self.devicePixelRatioF()
        most = (_MOST_PIXELS / max(1, size.width() * size.height())) ** 0.5
        if most < 1:
            size = size * most
        return max(1, size.width()), max(1, size.height())

    def _sizes_known(self, sizes: list[tuple[float, float]]) -> None:
        self._known = True
        if sizes:
            self._layout.sizes = sizes
        self._relay()
        self._arrive()
        self._ask()
        self._tell_page()

    def _arrive(self) -> None:
        if self._due is not None and self._known and self.isVisible():
            (place, quote, flash), self._due = self._due, None
            self.go_to(place, quote, flash=flash)

    def _page_ready(self, page: int) -> None:
        if page in self._seen():
            self.viewport().update()

    def _boxes_known(self, page: int, found: list) -> None:  # type: ignore[type-arg]
        self._marks.learn(page, found)
        self.viewport().update()

    def _scrolled(self) -> None:
        if self._settle.isActive():  # the pages have a new size: wait for the last one
            return
        self._ask()
        self._tell_page()

    def _tell_page(self) -> None:
        text = f"第 {self.page} 页，共 {len(self._layout.sizes)} 页" if self._layout.sizes else ""
        if text != self.accessibleDescription():
            self.setAccessibleDescription(text)

    def _bring(self, place: Place) -> None:
        """Scroll a place to the middle third; what is there already stays."""
        assert place.page is not None
        area = self._area(place)
        across, down = self.horizontalScrollBar(), self.verticalScrollBar()
        height, width = self.viewport().height(), self.viewport().width()
        y = area.center().y() - down.value()
        if not height / 3 <= y <= height * 2 / 3:
            down.setValue(round(area.center().y() - height / 2))
        if area.left() < across.value() or area.right() > across.value() + width:
            across.setValue(round(min(area.left() - 40, area.center().x() - width / 2)))

    def _area(self, place: Place) -> QRectF:
        assert place.page is not None
        boxes = self._boxes(place)
        if boxes:
            return boxes[0]
        rect = QRectF(self._layout.rect(place.page))
        return QRectF(rect.left(), rect.top(), rect.width(), min(rect.height(), self.viewport().height() * 0.9))

    def _boxes(self, place: Place) -> list[QRectF]:
        chosen = self._marks.chosen
        mark = chosen if chosen is not None and chosen.place == place else ViewMark(place, "info")
        return list(self._layout.boxes(place.page or 0, self._marks.boxes(mark)))

    # --- painting

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        painter.fillRect(event.rect(), GROUND)
        if self._layout.sizes:
            painter.translate(-self.horizontalScrollBar().value(), -self.verticalScrollBar().value())
            for page in self._seen():
                self._paint_page(painter, page)
            place = self._flashed
            if place is not None and self._flash.state() == QVariantAnimation.State.Running:
                boxes = self._boxes(place) or [QRectF(self._layout.rect(place.page or 1))]
                paint_flash(painter, boxes, float(self._flash.currentValue()))
            painter.resetTransform()
        elif self._path is not None and self._known:
            say(painter, self.viewport().rect(), _NONE_SHOWN)
        if self.hasFocus():
            painter.setPen(QColor(theme.ACCENT))
            painter.drawRect(self.viewport().rect().adjusted(0, 0, -1, -1))

    def _paint_page(self, painter: QPainter, page: int) -> None:
        rect = self._layout.rect(page)
        paint_paper(painter, rect, f"{page} / {len(self._layout.sizes)}")
        image = self._store.image(page)
        if image is not None:
            paint_image(painter, rect, image, self.devicePixelRatioF())
        elif self._store.failed(page):
            paint_blank(painter, rect, _NOT_SHOWN)
        self._marks.paint(painter, self._layout, page)

    # --- mouse and keys

    def _under(self, point: QPointF) -> list[ViewMark]:
        if not self._layout.sizes:
            return []
        spot = point + QPointF(self.horizontalScrollBar().value(), self.verticalScrollBar().value())
        return self._marks.under(self._layout, self._layout.page_at(spot.y()), spot)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._pressed = event.position().toPoint() if event.button() == Qt.MouseButton.LeftButton else None

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        shape = Qt.CursorShape.PointingHandCursor if self._under(event.position()) else Qt.CursorShape.ArrowCursor
        self.viewport().setCursor(shape)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        pressed, self._pressed = self._pressed, None
        point = event.position()
        if pressed is None or (point.toPoint() - pressed).manhattanLength() > QApplication.startDragDistance():
            return
        marks = self._under(point)
        if marks:
            self._marks.chosen = marks[0]
            self.viewport().update()
            self.mark_chosen.emit(marks[0])
            self.place_chosen.emit(marks[0].place)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self._path is not None:
            self.opened_outside.emit()

    def wheelEvent(self, event: QWheelEvent) -> None:
        if not event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            super().wheelEvent(event)
            return
        if event.angleDelta().y():
            page = self._layout.page_at(event.position().y() + self.verticalScrollBar().value())
            zoom = self._layout.shown_zoom(page) if self._layout.sizes else 1.0
            self.set_zoom(zoom * _STEP ** (event.angleDelta().y() / 120), event.position())
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        down, across = self.verticalScrollBar(), self.horizontalScrollBar()
        key, command = event.key(), bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        page = max(40, down.pageStep() - 40)
        moves = {
            Qt.Key.Key_PageDown: (down, down.value() + page),
            Qt.Key.Key_PageUp: (down, down.value() - page),
            Qt.Key.Key_Home: (down, 0),
            Qt.Key.Key_End: (down, down.maximum()),
            Qt.Key.Key_Down: (down, down.value() + down.singleStep()),
            Qt.Key.Key_Up: (down, down.value() - down.singleStep()),
            Qt.Key.Key_Right: (across, across.value() + across.singleStep()),
            Qt.Key.Key_Left: (across, across.value() - across.singleStep()),
        }
        if event.matches(QKeySequence.StandardKey.Copy):
            self._copy()
        elif command and key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self.set_zoom(self.zoom * _STEP**2)
        elif command and key == Qt.Key.Key_Minus:
            self.set_zoom(self.zoom / _STEP**2)
        elif command and key == Qt.Key.Key_0:
            self.set_zoom(None)
        elif key in moves:
            bar, value = moves[Qt.Key(key)]
            bar.setValue(value)
        else:
            super().keyPressEvent(event)

    def _copy(self) -> None:
        chosen = self._marks.chosen
        if chosen is not None and chosen.quote:
            QGuiApplication.clipboard().setText(chosen.quote)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.DevicePixelRatioChange:  # moved to another screen
            self._settle.start()
        elif event.type() in (QEvent.Type.FocusIn, QEvent.Type.FocusOut):
            self.viewport().update()
        return super().event(event)

    def viewportEvent(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            tips = [mark.tip for mark in self._under(QPointF(event.pos())) if mark.tip][:_TIPS]
            QToolTip.showText(event.globalPos(), plain_tip("\n".join(tips)), self.viewport())
            return True
        return super().viewportEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._relay()
        self._settle.start()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._arrive()
        self._ask()
