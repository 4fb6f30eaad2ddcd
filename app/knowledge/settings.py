"""What the user has chosen (``设置.toml`` in her data folder), for the window and the command line alike.

One process loads it and hands it on with its requests: a worker never reads the file.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from app.knowledge import user_file
from app.knowledge.forms import FORMS
from app.knowledge.user import data_folder

NAME = "设置.toml"
OFF = "off"
# The words of the file, and what they are to the program.
LEVELS = {"关闭": OFF, "错误": "error", "提醒": "warning", "信息": "info"}
FORM_WORDS = {"自动": "", **{form: form for form in FORMS}}
MONEY_WORDS = {"自动": "", "元": "元", "万元": "万元"}
SMALLEST, LARGEST = 8, 36  # points
_RULES, _FORM, _MONEY, _WRITE, _FILL, _SIZE = "规则", "表样", "金额单位", "标注", "填充", "字号"
_HEAD = """\
# 决算公开校核的设置，窗口和命令行（juesuan）都读这个文件。
# 规则："A103" = "关闭"、"错误"、"提醒" 或 "信息"（规则代码见 juesuan rules）；没有写的按规则本来的级别。
# 表样："自动"、"2022"、"2021"、"shanghai"。金额单位："自动"、"元"、"万元"（整份文件都按它，不管表上怎么印）。
# 标注：校核后立即写出标注文件。填充：填写空白的百分比。字号：窗口字号（磅），0 为系统字号。

"""
# TOML wants quotes around a key that is not ASCII; nobody who edits the file by hand knows that.
_BARE_KEY = re.compile(r"^(\s*)([^\s\"'#=\[\]]*[^\x00-\x7f\s\"'#=\[\]]+)(\s*=)", re.M)
_BARE_TABLE = re.compile(r"^(\s*\[\s*)([^\s\"'#=\[\].]*[^\x00-\x7f\s\"'#=\[\].]+)(\s*\])", re.M)


@dataclass(slots=True)
class Settings:
    """``rules`` gives ``off`` or a severity by rule code; ``form`` and ``money`` are ``""`` where the
    program decides; ``font_size`` is in points, 0 for the system's. ``problems`` are sentences on what
    of the file was not understood."""

    rules: dict[str, str] = field(default_factory=dict)
    form: str = ""
    money: str = ""
    write: bool = True
    fill: bool = True
    font_size: int = 0
    problems: list[str] = field(default_factory=list, compare=False)
    path: Path = field(default_factory=lambda: data_folder() / NAME, compare=False)

    @classmethod
    def load(cls, path: Path | None = None) -> Settings:
        """The settings of a file, by default the user's own. Never raises: what cannot be read or
        understood is left at its default and told in ``problems``."""
        made = cls(path=path) if path is not None else cls()
        try:
            document = _parsed(user_file.read_text(made.path) or "")
        except OSError:
            made.problems.append(f"设置文件“{made.path}”读不了，这次按默认设置运行。")
            return made
        except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            line = re.search(r"at line (\d+)", str(error))
            where = f"（第 {line[1]} 行）" if line else ""
            made.problems.append(f"设置文件“{made.path}”的格式有误{where}，这次按默认设置运行。")
            return made
        for key, value in document.items():
            made._take(key, value)
        return made

    def save(self) -> None:
        """Write the file, keeping what of it this version does not know. Raises ``Unwritable``.

        A file that cannot be understood is put aside (``设置.toml.bad``), not written over.
        """
        import tomli_w

        with user_file.locked(self.path):
            document = self._kept()
            rules = {code: value for code, value in _table(document.get(_RULES)) if not _known(code, value)}
            rules |= {code: _word(LEVELS, level) for code, level in sorted(self.rules.items())}
            document |= {
                _FORM: _word(FORM_WORDS, self.form),
                _MONEY: _word(MONEY_WORDS, self.money),
                _WRITE: self.write,
                _FILL: self.fill,
                _SIZE: self.font_size,
                _RULES: rules,
            }
            user_file.replace_text(self.path, _HEAD + tomli_w.dumps(document))

    @property
    def off(self) -> frozenset[str]:
        """Codes of the rules that are switched off."""
        return frozenset(code for code, level in self.rules.items() if level == OFF)

    @property
    def severities(self) -> dict[str, str]:
        """Severities by rule code, where she set one."""
        return {code: level for code, level in self.rules.items() if level != OFF}

    def described(self) -> list[str]:
        """What is set, a line each, for the command line."""
        lines = [
            f"表样：{_word(FORM_WORDS, self.form)}",
            f"金额单位：{_word(MONEY_WORDS, self.money)}",
            f"标注：{'校核后立即写出标注文件' if self.write else '不写标注文件'}",
            f"填充：{'填写空白的百分比' if self.fill else '不填'}",
            f"字号：{self.font_size} 磅" if self.font_size else "字号：系统字号",
        ]
        if not self.rules:
            return [*lines, "规则：全部按本来的级别"]
        titles = _titles()
        changed = [f"  {c}  {_word(LEVELS, level)}  {titles.get(c, '')}" for c, level in sorted(self.rules.items())]
        return [*lines, "规则：", *changed]

    def _take(self, key: str, value: Any) -> None:
        """One entry of the file."""
        if key == _RULES:
            self._take_rules(value)
        elif key == _FORM:
            self.form = self._chosen(key, value, FORM_WORDS)
        elif key == _MONEY:
            self.money = self._chosen(key, value, MONEY_WORDS)
        elif key == _WRITE:
            self.write = self._switch(key, value)
        elif key == _FILL:
            self.fill = self._switch(key, value)
        elif key == _SIZE:
            self.font_size = self._size(value)
        else:
            self.problems.append(f"设置里的“{key}”不认识，没有用它。")

    def _take_rules(self, value: Any) -> None:
        if not isinstance(value, dict):
            self._not_understood(_RULES, value, "一张表：[规则] 下面每行一条规则")
            return
        for code, word in value.items():
            if _known(code, word):
                self.rules[code.upper()] = LEVELS[word]
            elif code.upper() in _titles():
                self._not_understood(f"规则 {code}", word, "、".join(LEVELS))
            else:
                self.problems.append(f"设置里的规则“{code}”不存在，没有用它（用 juesuan rules 查看全部）。")

    def _chosen(self, key: str, value: Any, words: Mapping[str, str]) -> str:
        if isinstance(value, bool) or str(value) not in words:
            self._not_understood(key, value, "、".join(words))
            return ""
        return words[str(value)]

    def _switch(self, key: str, value: Any) -> bool:
        if not isinstance(value, bool):
            self._not_understood(key, value, "true（是）或 false（否）")
            return True
        return value

    def _size(self, value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not (value == 0 or SMALLEST <= value <= LARGEST):
            self._not_understood(_SIZE, value, f"0 或 {SMALLEST} 至 {LARGEST}")
            return 0
        return value

    def _not_understood(self, key: str, value: Any, wanted: str) -> None:
        shown = value if isinstance(value, str | int | float) and not isinstance(value, bool) else repr(value).lower()
        self.problems.append(f"设置里的“{key}”不能是“{str(shown)[:40]}”，应为{wanted}；按默认值处理。")

    def _kept(self) -> dict[str, Any]:
        """What stands in the file now."""
        try:
            return _parsed(user_file.read_text(self.path) or "")
        except (UnicodeDecodeError, tomllib.TOMLDecodeError):
            user_file.put_aside(self.path)
        except OSError:
            pass  # writing will say so
        return {}


def _parsed(text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        quoted: Callable[[re.Match[str]], str] = lambda m: f'{m[1]}"{m[2]}"{m[3]}'  # noqa: E731
        return tomllib.loads(_BARE_TABLE.sub(quoted, _BARE_KEY.sub(quoted, text)))


def _table(value: Any) -> Iterable[tuple[str, Any]]:
    return value.items() if isinstance(value, dict) else ()


def _known(code: str, word: Any) -> bool:
    """Whether an entry of [规则] is one that this version understands."""
    return isinstance(word, str) and word in LEVELS and code.upper() in _titles()


def _word(words: Mapping[str, str], value: str) -> str:
    return next(word for word, meant in words.items() if meant == value)


def _titles() -> dict[str, str]:
    """Titles by code. The rules are read only where the file names one."""
    from app.checking.rulebook import rules

    return {rule.code: rule.title for rule in rules()}
