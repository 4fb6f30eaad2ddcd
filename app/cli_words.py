"""The command line speaks Chinese: argparse with its headings and complaints in the clerk's language."""

from __future__ import annotations

import argparse
import re
from typing import Any, NoReturn

EPILOG = "退出码：0 未发现问题；1 有错误或提醒；2 有文件无法读取或结果无法写入（其余照常完成）。\n"
CODES = f"例：juesuan check 公开表.xlsx；juesuan check 各单位 --out 结果 --json 结果\n{EPILOG}"

# What argparse says in English, and what we say.
_COMPLAINTS = (
    (r"the following arguments are required: (.*)", r"缺少参数：\1"),
    (r"unrecognized arguments: (.*)", r"不认识的参数：\1"),
    (r"ambiguous option: (\S+) could match (.*)", r"选项 \1 不明确，可能是：\2"),
    (r"argument 命令: invalid choice: '?(.*?)'? \(choose from .*\)", r"没有“\1”这个命令（用 --help 查看）"),
    (r"argument (.*?): invalid choice: '?(.*?)'? \(choose from (.*)\)", r"\1 不能是“\2”，可选：\3"),
    (r"argument (.*?): expected (?:one|at least one) argument", r"\1 后面要跟一个值"),
    (r"argument (.*?): (.*)", r"\1：\2"),
)


class _Format(argparse.RawDescriptionHelpFormatter):
    """Help with Chinese headings."""

    def add_usage(self, usage: str | None, actions: Any, groups: Any, prefix: str | None = None) -> None:
        super().add_usage(usage, actions, groups, "用法：" if prefix is None else prefix)


class Parser(argparse.ArgumentParser):
    """An argument parser that speaks Chinese; use it for sub-commands, too."""

    def __init__(self, **options: Any) -> None:
        super().__init__(add_help=False, allow_abbrev=False, formatter_class=_Format, **options)
        self._positionals.title = "参数"
        self._optionals.title = "选项"
        self.add_argument("-h", "--help", action="help", help="显示这段帮助")

    def error(self, message: str) -> NoReturn:
        for pattern, said in _COMPLAINTS:
            if re.fullmatch(pattern, message, re.S):
                message = re.sub(pattern, said, message, flags=re.S)
                break
        self.exit(2, f"{message}\n{self.format_usage()}")


class CommandParser(Parser):
    """A sub-command's parser, which takes files and options in any order (``a --out b c``)."""

    _mixing = False

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        if self._mixing or self._subparsers is not None:  # a command of commands has nothing to mix
            return super().parse_known_args(args, namespace)
        self._mixing = True
        try:
            return self.parse_known_intermixed_args(args, namespace)
        finally:
            self._mixing = False
