"""The command line ``juesuan``: check files and folders, explain rules, give tables, take marks out."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from app import __version__, cli_words, paths
from app.cli_words import CommandParser, Parser

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[CommandParser]  # what argparse gives has no public name

if TYPE_CHECKING:
    from app.knowledge.settings import Settings

FINDINGS, UNREADABLE, CANCELLED = 1, 2, 130
COMMANDS = ("check", "rules", "tables", "clean", "template", "draft", "subjects", "settings")
# What a folder is searched for; a file that is named outright is tried whatever it is called.
KINDS = frozenset({".xlsx", ".xlsm", ".xls", ".et", ".xlsb", ".ods", ".pdf", ".docx", ".txt", ".md"})


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; gives the exit code (0 clean, 1 findings, 2 something unreadable)."""
    import multiprocessing

    multiprocessing.freeze_support()  # a frozen program's workers start here, too
    _speak_utf8()
    words = list(sys.argv[1:] if arguments is None else arguments)
    if _only_files(words):
        opened = _window(words)
        if opened is not None:
            return opened
    parser = _parser()
    try:
        options = parser.parse_args(words)
        if options.run is None:
            parser.print_help()
            return 0
        code: int = options.run(options)
        sys.stdout.flush()
        return code
    except KeyboardInterrupt:
        print("已取消。", file=sys.stderr)
        return CANCELLED
    except BrokenPipeError:  # the reader of our output has gone (… | head)
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FINDINGS


def _speak_utf8() -> None:
    """Chinese also where the system's code page, or a C locale, would not let it through."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure:
            reconfigure(encoding="utf-8", errors="replace")


def _only_files(words: Sequence[str]) -> bool:
    """Whether these are files to be shown, or nothing at all, and no command."""
    command = bool(words) and words[0] in COMMANDS
    return not command and all(not word.startswith("-") and Path(word).exists() for word in words)


def _window(words: Sequence[str]) -> int | None:
    """Open the window with the files that were named; None where there is no Qt, or no screen."""
    from importlib.util import find_spec

    if find_spec("PySide6") is None or find_spec("app.ui.window") is None:
        return None
    from app import screen

    if not screen.has_screen():
        return None
    try:
        said = screen.trouble()
        if said is None:
            from importlib import import_module

            opener: Callable[[Sequence[str]], int] = import_module("app.ui.window").main
    except ImportError as error:
        said = screen.lacking(error)
    if said is not None:
        print(said, file=sys.stderr)
        return UNREADABLE
    return opener(words)


def _parser() -> Parser:
    parser = Parser(
        prog="juesuan",
        description="决算公开校核：核对九张公开表与报告，生成逐格标注的 Excel。",
        epilog=cli_words.EPILOG,
    )
    parser.add_argument("--version", action="version", version=f"juesuan {__version__}", help="显示版本号")
    parser.set_defaults(run=None)
    commands = parser.add_subparsers(title="命令", metavar="命令", parser_class=CommandParser)
    _add_check(commands)
    _add_looks(commands)
    _add_makes(commands)
    _add_own(commands)
    return parser


def _add_check(commands: Commands) -> None:
    """``check``: files and folders."""
    check = commands.add_parser(
        "check",
        help="校核文件或文件夹",
        description="校核文件或文件夹，把标注好的副本写在旁边。原文件不会被改动。",
        epilog=cli_words.CODES,
    )
    check.add_argument(
        "paths", nargs="+", type=Path, metavar="路径", help="工作簿、报告，或装有它们的文件夹（含子文件夹）"
    )
    check.add_argument("--out", type=Path, metavar="文件夹", help="标注副本写到这里（默认写在原文件旁边）")
    check.add_argument("--json", type=Path, metavar="文件夹", help="另写一份 JSON 格式的问题清单到这里")
    check.add_argument("--form", choices=forms(), metavar="表样", help=f"指定表样，不自动判断：{'、'.join(forms())}")
    check.add_argument(
        "--only", type=_codes, default=(), metavar="代码", help="只用这些规则（A103）或这一类规则（A1），逗号分隔"
    )
    check.add_argument("--skip", type=_codes, default=(), metavar="代码", help="不用这些规则或这一类规则，逗号分隔")
    check.add_argument("--tables", type=Path, metavar="工作簿", help="报告的表格另在这个工作簿里，两者合并校核")
    check.add_argument(
        "--last-year", type=Path, metavar="文件", help="上年的决算文件：核对年初数、比上年的增减，并据此填充"
    )
    check.add_argument(
        "--units",
        type=Path,
        nargs="+",
        default=(),
        metavar="文件",
        help="本级和各下属单位的文件：核对部门数是否等于各单位之和",
    )
    check.add_argument(
        "--fill", action=argparse.BooleanOptionalAction, default=None, help="填充空白的百分比（默认填；--no-fill 不填）"
    )
    check.set_defaults(run=_check)


def _add_looks(commands: Commands) -> None:
    """``rules``, ``tables``, ``clean``: what is known, what was recognised, marks taken out."""
    rules = commands.add_parser(
        "rules", help="列出规则，或解释一条", description="列出全部规则；给出代码则解释这一条并举例。"
    )
    rules.add_argument("code", nargs="?", metavar="代码", help="规则代码，如 A103")
    rules.set_defaults(run=_rules)

    tables = commands.add_parser("tables", help="导出识别到的九张表", description="把识别到的表导出为 .xlsx 或 .json。")
    tables.add_argument("file", type=Path, metavar="文件", help="工作簿或报告")
    tables.add_argument(
        "-o", "--output", type=_table_file, required=True, metavar="文件", help="写到这个 .xlsx 或 .json"
    )
    tables.add_argument("--form", choices=forms(), metavar="表样", help="指定表样，不自动判断")
    tables.set_defaults(run=_tables)

    clean = commands.add_parser(
        "clean", help="去掉标注", description="去掉本程序加的标注、批注和工作表，其余内容不变。"
    )
    clean.add_argument("file", type=Path, metavar="文件", help="标注过的 .xlsx 或 .xlsm")
    clean.add_argument("-o", "--output", type=Path, metavar="文件", help="写到这里（默认 <原名>_无标注）")
    clean.set_defaults(run=_clean)


def _add_makes(commands: Commands) -> None:
    """``template`` and ``draft``: files that the program makes."""
    template = commands.add_parser(
        "template", help="生成空白模板", description="生成九张公开表的空白模板：公式、校验、补充资料、百分比都已备好。"
    )
    template.add_argument(
        "--form", choices=forms(), default="2022", metavar="表样", help=f"{'、'.join(forms())}（默认 2022）"
    )
    template.add_argument("--year", type=int, required=True, metavar="年度", help="决算年度，如 2024")
    template.add_argument("--unit", required=True, metavar="单位", help="单位（部门）名称")
    template.add_argument(
        "-o", "--output", type=_workbook_file, metavar="文件", help="写到这个 .xlsx（默认 <单位><年度>决算公开表.xlsx）"
    )
    template.set_defaults(run=_template)

    draft = commands.add_parser(
        "draft",
        help="生成情况说明初稿",
        description="由填好的工作簿生成“决算情况说明”Word 初稿：文字、数字、百分比、图表齐全，只留原因待填。",
    )
    draft.add_argument("file", type=Path, metavar="文件", help="填好的模板或公开表工作簿")
    draft.add_argument(
        "-o", "--output", type=_word_file, metavar="文件", help="写到这个 .docx（默认 <原名>_情况说明.docx）"
    )
    draft.add_argument("--form", choices=forms(), metavar="表样", help="指定表样，不自动判断")
    draft.add_argument("--last-year", type=Path, metavar="文件", help="上年的决算文件，用来计算比上年的增减")
    draft.set_defaults(run=_draft)


def _add_own(commands: Commands) -> None:
    """``subjects`` and ``settings``: what the user adds to the program."""
    subjects = commands.add_parser(
        "subjects",
        help="导入、查看官方科目表",
        description="导入某一年的官方科目表（编码、名称），之后该年的编码和名称按它核对。",
    )
    actions = subjects.add_subparsers(title="操作", metavar="操作", parser_class=CommandParser, required=True)
    take = actions.add_parser("import", help="导入科目表", description="从 .xlsx、.xls 或 .csv 导入一年的科目表。")
    take.add_argument("file", type=Path, metavar="文件", help="有编码和名称两列（或类、款、项三列和名称）的文件")
    take.add_argument("--year", type=int, metavar="年度", help="科目表的年度（文件名或表头写明年度的可以省略）")
    take.set_defaults(run=_import_subjects)
    shown = actions.add_parser("list", help="列出已导入的科目表")
    shown.set_defaults(run=_list_subjects)
    gone = actions.add_parser("remove", help="删除一年的科目表")
    gone.add_argument("--year", type=int, required=True, metavar="年度", help="要删除的年度")
    gone.set_defaults(run=_remove_subjects)

    chosen = commands.add_parser(
        "settings",
        help="显示设置",
        description="显示设置文件在哪里、设置了什么。窗口和命令行用同一份设置，可以在窗口里改，也可以直接改文件。",
    )
    chosen.set_defaults(run=_settings)


def forms() -> list[str]:
    """Keys of the forms in ``resources/forms``."""
    return sorted(p.stem for p in (paths.resources() / "forms").glob("*.toml") if p.stem != "tables")


def _codes(text: str) -> tuple[str, ...]:
    """Rule codes, or beginnings of codes, from a list with commas of either kind."""
    from app.checking.rulebook import rules

    codes = tuple(c.upper() for c in text.replace("，", ",").replace("、", ",").replace(" ", ",").split(",") if c)
    for code in codes:
        if not any(rule.code.startswith(code) for rule in rules()):
            raise argparse.ArgumentTypeError(f"没有规则 {code}（用 juesuan rules 查看全部）")
    return codes


def _table_file(text: str) -> Path:
    path = Path(text)
    if path.suffix.lower() not in (".xlsx", ".json"):
        raise argparse.ArgumentTypeError("应以 .xlsx 或 .json 结尾")
    return path


def _workbook_file(text: str) -> Path:
    path = Path(text)
    if path.suffix.lower() != ".xlsx":
        raise argparse.ArgumentTypeError("应以 .xlsx 结尾")
    return path


def _word_file(text: str) -> Path:
    path = Path(text)
    if path.suffix.lower() != ".docx":
        raise argparse.ArgumentTypeError("应以 .docx 结尾")
    return path


def _check(options: argparse.Namespace) -> int:
    from app import cli_check, outputs
    from app.pipeline import Request

    files, nothing = inputs(options.paths)
    for folder in nothing:
        print(f"“{folder}”里没有可校核的文件。", file=sys.stderr)
    alone = [
        name
        for name, given in (
            ("--tables", options.tables),
            ("--last-year", options.last_year),
            ("--units", options.units),
        )
        if given
    ]
    if alone and len(files) != 1:
        print(f"{alone[0]} 只能与一份文件一起使用。", file=sys.stderr)
        return UNREADABLE
    settings, verified = _user_settings(), _verified()
    if not settings.write and options.out is None:
        print("设置里关闭了标注：只校核，不写标注文件（用 --out 指定文件夹则写）。", file=sys.stderr)
    folders = outputs.folders(files, options.out)
    json_folders = outputs.folders(files, options.json) if options.json else {}
    named_like_outputs = tuple(file for file, _ in files if outputs.named_like_ours(file))
    requests = [
        Request(
            file,
            tables=options.tables,
            folder=folders[file],
            json_folder=json_folders.get(file),
            form=options.form,
            only=options.only,
            skip=options.skip,
            fill=settings.fill if options.fill is None else options.fill,
            write=settings.write or options.out is not None,
            last_year=options.last_year,
            units=tuple(options.units),
            protected=named_like_outputs,
            settings=settings,
            verified=verified,
        )
        for file, _ in files
    ]
    code = cli_check.run(requests)
    return UNREADABLE if nothing else code


def _user_settings() -> Settings:
    """The user's settings; what of them was not understood is said once."""
    from app.knowledge.settings import Settings

    settings = Settings.load()
    for sentence in settings.problems:
        print(sentence, file=sys.stderr)
    return settings


def _verified() -> dict[str, str]:
    """Her remarks on findings she has verified, by fingerprint."""
    from app.verified import Verified

    store = Verified.load()
    for sentence in store.problems:
        print(sentence, file=sys.stderr)
    return store.remarks()


def inputs(given: Sequence[Path]) -> tuple[list[tuple[Path, Path]], list[Path]]:
    """The files to check, each with the folder it was found from, once and in order; and the
    folders in which there are none. Folders skip our own outputs and temporary files."""
    from app import outputs

    found: dict[Path, Path] = {}
    nothing: list[Path] = []
    for path in given:
        if not path.is_dir():
            found.setdefault(path.absolute(), path.absolute().parent)
            continue
        root, before = path.absolute(), len(found)
        for file in sorted(p for p in root.rglob("*") if p.suffix.lower() in KINDS):
            if file.is_file() and not outputs.is_temporary(file) and not outputs.is_ours(file):
                found.setdefault(file, root)
        if len(found) == before:
            nothing.append(path)
    return list(found.items()), nothing


def _rules(options: argparse.Namespace) -> int:
    from app import cli_rules

    return cli_rules.run(options.code)


def _tables(options: argparse.Namespace) -> int:
    from app import cli_check, pipeline

    request = pipeline.Request(options.file, form=options.form, target=options.output, settings=_user_settings())
    return cli_check.alone(pipeline.tables, request)


def _template(options: argparse.Namespace) -> int:
    from app import cli_check, pipeline

    target = options.output or Path(pipeline.template_name(options.unit, options.year))
    request = pipeline.Request(target, form=options.form, target=target, year=options.year, unit=options.unit)
    return cli_check.alone(pipeline.template, request)


def _draft(options: argparse.Namespace) -> int:
    from app import cli_check, pipeline

    request = pipeline.Request(
        options.file,
        form=options.form,
        target=options.output,
        last_year=options.last_year,
        settings=_user_settings(),
    )
    return cli_check.alone(pipeline.draft, request)


def _settings(_: argparse.Namespace) -> int:
    from app.verified import Verified

    settings, store = _user_settings(), Verified.load()
    print(f"设置文件：{settings.path}{'' if settings.path.exists() else '（还没有，全部按默认）'}")
    for line in settings.described():
        print(line)
    print(f"已核实的问题：{len(store.listed())} 条（{store.path}）")
    for sentence in store.problems:
        print(sentence, file=sys.stderr)
    return 0


def _import_subjects(options: argparse.Namespace) -> int:
    from app.outputs import Unwritable
    from app.reading.errors import Unreadable
    from app.subject_import import import_list

    try:
        done = import_list(options.file, options.year)
    except (Unreadable, Unwritable) as error:
        print(f"{options.file.name}：{error}", file=sys.stderr)
        return UNREADABLE
    for one in done:
        clash = (
            f"；{len(one.conflicts)} 个编码有两个名称，取了前一个：{'、'.join(one.conflicts[:8])}"
            if one.conflicts
            else ""
        )
        print(f"已导入 {one.year} 年{one.kind}科目 {one.entries} 个{clash}")
    return 0


def _list_subjects(_: argparse.Namespace) -> int:
    from app.knowledge.subject_lists import imported

    for kind, year, entries in imported():
        print(f"{year} 年{kind}科目 {entries} 个")
    if not imported():
        print("还没有导入科目表。")
    return 0


def _remove_subjects(options: argparse.Namespace) -> int:
    from app.subject_import import remove

    gone = remove(options.year)
    print(f"已删除 {options.year} 年的科目表。" if gone else f"没有 {options.year} 年的科目表。")
    return 0 if gone else UNREADABLE


def _clean(options: argparse.Namespace) -> int:
    from app import cli_check, pipeline

    return cli_check.alone(pipeline.clean, pipeline.Request(options.file, target=options.output))
