"""The help: a guide with pictures, the rules' pages, the keys, and about. It stays open beside the work."""

from __future__ import annotations

import re
from html import escape, unescape
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QSortFilterProxyModel, Qt, QTimer, QUrl
from PySide6.QtGui import (
    QImage,
    QImageReader,
    QKeySequence,
    QResizeEvent,
    QShortcut,
    QStandardItem,
    QStandardItemModel,
    QTextDocument,
)
from PySide6.QtWidgets import QAbstractItemView, QSplitter, QTextBrowser, QTreeView, QVBoxLayout, QWidget

from app import paths
from app.ui import rule_page, theme
from app.ui.dialog_parts import STYLE, SearchField
from app.ui.rules_model import text_of

if TYPE_CHECKING:
    from app.checking.rulebook import Rule

Index = QModelIndex | QPersistentModelIndex
GUIDE, RULES, KEYS, ABOUT = "guide", "rules", "keys", "about"
PAGE = Qt.ItemDataRole.UserRole
_PICTURE = re.compile(r'<p class="picture">\s*<img src="([^"]+)" alt="([^"]*)"\s*/?>\s*</p>')
_SHORTCUTS = (
    ("文件", (("Ctrl+O", "选择文件"), ("Ctrl+Shift+O", "选择文件夹"), ("Ctrl+N", "新建模板"),
            ("Ctrl+E", "打开标注文件"), ("Ctrl+S", "另存标注文件"), ("Alt+F4", "退出"))),
    ("问题", (("F8", "下一处"), ("Shift+F8", "上一处"), ("Ctrl+F", "搜索问题"), ("Ctrl+M", "标为已核实"),
            ("Ctrl+C", "复制选中的问题"), ("Ctrl+Shift+C", "复制为表格，可以贴进 Excel"), ("F5", "重新校核"))),
    ("表和页面", (("Ctrl++　Ctrl+-", "放大、缩小"), ("Ctrl+0", "恢复原来的大小"),
              ("Ctrl+PageDown　Ctrl+PageUp", "下一张表、上一张表"))),
    ("其他", (("F1", "使用指南"), ("Ctrl+,", "设置"), ("Esc", "取消正在进行的校核；关闭对话框"),
            ("Alt+字母", "按钮、菜单后面括号里的字母"), ("Tab　Shift+Tab", "到下一处、上一处"))),
)  # fmt: skip


class HelpWindow(QWidget):
    """A window of its own; ``show_page`` and ``show_rule`` turn to a page.

    Pages are named ``guide``, ``guide/看结果``, ``rules``, ``rules/A103``, ``keys``, ``about``.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        from app.checking.rulebook import rules

        self.setWindowTitle("帮助 - 决算公开校核")
        self.setStyleSheet(STYLE)
        self.resize(*((1000, 660) if self.fontMetrics().height() < 22 else (1240, 690)))  # for large letters
        self._rules: dict[str, Rule] = {rule.code: rule for rule in rules()}
        self._topics = topics()
        self._shown = ""
        self.search = SearchField("搜索指南和规则", "搜索帮助")
        self.model = self._contents()
        self.proxy = _Found(self._text, self)
        self.proxy.setSourceModel(self.model)
        self.tree = self._tree()
        self.search.list = self.tree
        self.page = _Page()
        self.page.document().setDocumentMargin(18)
        self._lay_out()
        self.search.textChanged.connect(self._searched)
        self.tree.selectionModel().currentChanged.connect(self._turned)
        self.page.anchorClicked.connect(self._followed)
        self._resized = QTimer(self, singleShot=True, interval=120)
        self._resized.timeout.connect(self._again)
        QShortcut(QKeySequence.StandardKey.Find, self, self.search.setFocus)
        QShortcut(QKeySequence(Qt.Key.Key_Escape), self, self.close)
        self.show_page(GUIDE)
        self.tree.setFocus()

    def show_page(self, name: str) -> None:
        """Turn to a page; one that does not exist leaves the page as it is."""
        self.search.clear()
        item = self._item(name)
        if item is not None:
            index = self.proxy.mapFromSource(item.index())
            self.tree.setCurrentIndex(index)
            self.tree.scrollTo(index)

    def show_rule(self, code: str) -> None:
        """Turn to the page of a rule."""
        self.show_page(f"{RULES}/{code.upper()}")

    @property
    def shown(self) -> str:
        """The name of the page shown now."""
        return self._shown

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._resized.start()  # pictures are fitted when the mouse has come to rest

    def _item(self, name: str) -> QStandardItem | None:
        found = [self.model.invisibleRootItem()]
        while found:
            item = found.pop()
            if item.data(PAGE) == name:
                return item
            found += [item.child(row) for row in range(item.rowCount())]
        return None

    def _contents(self) -> QStandardItemModel:
        """What the left side lists."""
        model = QStandardItemModel(self)
        guide, rules = _entry("使用指南", GUIDE), _entry("校核规则", RULES)
        for title in self._topics:
            guide.appendRow(_entry(title, f"{GUIDE}/{title}"))
        families: dict[str, QStandardItem] = {}
        for rule in self._rules.values():
            family = rule_page.family(rule)
            if family not in families:
                families[family] = _entry(family, f"{RULES}:{family}")
                rules.appendRow(families[family])
            families[family].appendRow(_entry(f"{rule.code}　{rule.title}", f"{RULES}/{rule.code}"))
        for item in (guide, rules, _entry("快捷键", KEYS), _entry("关于", ABOUT)):
            model.appendRow(item)
        return model

    def _text(self, name: str) -> str:
        """What a search looks through, of one page."""
        kind, _, rest = name.partition("/")
        if kind == RULES and rest:
            return text_of(self._rules[rest])
        if kind == GUIDE and rest:
            return f"{rest} {_plain(self._topics[rest])}".casefold()
        return {KEYS: f"快捷键 {_plain(keys_page())}", ABOUT: "关于 版本 许可"}.get(name, "").casefold()

    def _html(self, name: str) -> str:
        kind, _, rest = name.partition("/")
        if kind == RULES and rest:
            return rule_page.page(self._rules[rest])
        if kind.startswith(RULES):
            return rules_page(list(self._rules.values()), name.partition(":")[2])
        if kind == GUIDE:
            if not rest:
                return contents_page(self._topics)
            return f"<h1>{rest}</h1>{with_pictures(self._topics[rest], self._room())}"
        if kind == KEYS:
            return keys_page()
        from app.ui import about_page

        return about_page.licence_page(rest) if rest else about_page.page()

    def _room(self) -> int:
        """How wide a picture may be."""
        return max(200, self.page.viewport().width() - 2 * int(self.page.document().documentMargin()) - 24)

    def _set(self, name: str) -> None:
        self._shown = name
        self.page.setHtml(_SHEET + self._html(name))

    def _again(self) -> None:
        if self._shown.startswith(GUIDE):
            at = self.page.verticalScrollBar().value()
            self._set(self._shown)
            self.page.verticalScrollBar().setValue(at)

    def _turned(self, index: QModelIndex) -> None:
        if index.isValid():
            self._set(index.data(PAGE))

    def _followed(self, url: QUrl) -> None:
        """Links inside the help: ``page:NAME``, ``rule:CODE``, ``licence:NAME``."""
        rest = url.path()
        if url.scheme() == "rule":
            self.show_rule(rest)
        elif url.scheme() == "licence":
            self._set(f"{ABOUT}/{rest}")
        elif url.scheme() == "page" and rest == self.tree.currentIndex().data(PAGE):
            self._set(rest)  # back from a licence: the list stands there already
        elif url.scheme() == "page":
            self.show_page(rest)

    def _searched(self, text: str) -> None:
        current = self.tree.currentIndex().data(PAGE)
        self.proxy.search(text)
        if text.strip():
            self.tree.expandAll()
            first = self.proxy.first()
            if first.isValid():
                self.tree.setCurrentIndex(first)
            else:
                self.page.setHtml(f'<p style="color:{theme.GREY}">没有找到“{escape(text)}”，换一个词再试。</p>')
            return
        self.tree.collapseAll()
        self._open_guide()
        if current and (item := self._item(current)) is not None:
            index = self.proxy.mapFromSource(item.index())
            self.tree.setCurrentIndex(index)
            self.tree.scrollTo(index)
            self._set(current)

    def _tree(self) -> QTreeView:
        tree = QTreeView()
        tree.setModel(self.proxy)
        tree.setAccessibleName("帮助目录")
        tree.setHeaderHidden(True)
        tree.setUniformRowHeights(True)
        tree.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        tree.setTextElideMode(Qt.TextElideMode.ElideRight)
        tree.setStyleSheet("QTreeView::item { padding: 4px 2px; }")
        tree.setTabKeyNavigation(False)
        self.tree = tree
        self._open_guide()
        return tree

    def _open_guide(self) -> None:
        self.tree.expand(self.proxy.index(0, 0))

    def _lay_out(self) -> None:
        left = QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.search)
        column.addWidget(self.tree, 1)
        splitter = QSplitter()
        splitter.addWidget(left)
        splitter.addWidget(self.page)
        splitter.setChildrenCollapsible(False)
        splitter.setStretchFactor(1, 1)
        splitter.setSizes([280, 720])
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 10, 10, 10)
        layout.addWidget(splitter)


class _Page(QTextBrowser):
    """The right side. Pictures are scaled here: the text browser's own way leaves letters ragged."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("帮助内容")
        self.setOpenLinks(False)

    def loadResource(self, kind: int, name: QUrl) -> object:
        if kind != QTextDocument.ResourceType.ImageResource:
            return super().loadResource(kind, name)
        image = QImage(str(guide_folder() / Path(name.path()).name))
        width = int(name.query() or 0)
        if width and not image.isNull():
            ratio = self.devicePixelRatioF()
            if image.width() > width * ratio:
                image = image.scaledToWidth(round(width * ratio), Qt.TransformationMode.SmoothTransformation)
            image.setDevicePixelRatio(image.width() / width)
        return image


class _Found(QSortFilterProxyModel):
    """Pages that hold every word of the search; what leads to them stays."""

    def __init__(self, text: object, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._text = text
        self._words: list[str] = []
        self._cache: dict[str, str] = {}
        self.setRecursiveFilteringEnabled(True)

    def search(self, text: str) -> None:
        self._words = text.casefold().split()
        self.invalidateFilter()

    def holds(self, name: str) -> bool:
        """Whether a page holds every word."""
        if name not in self._cache:
            self._cache[name] = self._text(name)
        return all(word in self._cache[name] for word in self._words)

    def filterAcceptsRow(self, row: int, parent: Index) -> bool:
        return not self._words or self.holds(self.sourceModel().index(row, 0, parent).data(PAGE))

    def first(self, parent: QModelIndex = QModelIndex()) -> QModelIndex:  # noqa: B008
        """The first page that was found itself, not one that only leads to others."""
        for row in range(self.rowCount(parent)):
            index = self.index(row, 0, parent)
            if self.holds(index.data(PAGE)):
                return index
            below = self.first(index)
            if below.isValid():
                return below
        return QModelIndex()


_SHEET = f"<style>a {{ color: {theme.ACCENT}; }} h1 {{ font-size: x-large; }} li {{ margin-bottom: 4px; }}</style>"


def guide_folder() -> Path:
    """Where the guide and its pictures are."""
    return paths.resources() / "guide"


def topics() -> dict[str, str]:
    """The guide by topic: each begins with its ``<h1>``."""
    parts = re.split(r"<h1>(.*?)</h1>", (guide_folder() / "guide.html").read_text("utf-8"))
    return {title: body.strip() for title, body in zip(parts[1::2], parts[2::2], strict=True)}


def with_pictures(html: str, room: int) -> str:
    """The pictures of a topic fitted into ``room`` pixels; one that is not there leaves no gap."""

    def fitted(hit: re.Match[str]) -> str:
        size = QImageReader(str(guide_folder() / hit[1])).size()
        if not size.isValid():
            return ""
        width = min(room, size.width())
        return f'<p><img src="{hit[1]}?{width}" alt="{hit[2]}" width="{width}"></p>'

    return _PICTURE.sub(fitted, html)


def contents_page(found: dict[str, str]) -> str:
    """The first page: the topics of the guide, and what else there is."""
    lines = "".join(f'<li><a href="page:{GUIDE}/{title}">{title}</a></li>' for title in found)
    return (
        "<h1>使用指南</h1><p>把决算公开表或报告拖进窗口，几秒钟后就能看到哪里有错、应当是多少。</p>"
        f'<ul>{lines}</ul><p>另见：<a href="page:{RULES}">校核规则</a>、<a href="page:{KEYS}">快捷键</a>、'
        f'<a href="page:{ABOUT}">关于</a>。</p>'
    )


def rules_page(rules: list[Rule], family: str = "") -> str:
    """All rules, or those of one kind, as lists of links."""
    parts = ["<h1>校核规则</h1>"]
    if not family:
        parts.append(f"<p>共 {len(rules)} 条。每条的等级可以在“设置 › 规则”里改，也可以关闭。</p>")
    for kind in dict.fromkeys(rule_page.family(rule) for rule in rules):
        if family in ("", kind):
            rows = "".join(_line(rule) for rule in rules if rule_page.family(rule) == kind)
            parts.append(f'<h3>{kind}</h3><table cellspacing="0" cellpadding="3">{rows}</table>')
    return "".join(parts)


def keys_page() -> str:
    """The keys of the window."""
    parts = ["<h1>快捷键</h1>"]
    for group, keys in _SHORTCUTS:
        rows = "".join(
            f'<tr><td width="230"><b>{escape(key)}</b></td><td>{escape(said)}</td></tr>' for key, said in keys
        )
        parts.append(f'<h3>{group}</h3><table cellspacing="0" cellpadding="4">{rows}</table>')
    return "".join(parts)


def _line(rule: Rule) -> str:
    word = f"{rule_page.SIGNS[rule.severity]} {rule_page.LEVELS[rule.severity]}"
    ink = rule_page.INK[rule.severity]
    return (
        f'<tr><td width="56">{rule.code}</td><td width="70" style="color:{ink}">{word}</td>'
        f'<td><a href="rule:{rule.code}">{escape(rule.title)}</a></td></tr>'
    )


def _entry(text: str, name: str) -> QStandardItem:
    item = QStandardItem(text)
    item.setData(name, PAGE)
    item.setToolTip(text)
    return item


def _plain(html: str) -> str:
    return unescape(re.sub(r"<[^>]+>", " ", html))
