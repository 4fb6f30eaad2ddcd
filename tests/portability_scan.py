"""What of a module can run on a system, found by reading its syntax tree: for ``test_portability``.

``Reach`` walks a module as the system named would: the branches that a test of ``sys.platform``, ``os.name`` or
``hasattr`` rules out there are left out, and so is what follows a ``return`` in the one that is taken. (mypy does the
same with ``--platform win32``, but types are not checked in ``app/ui``.)
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


POSIX_MODULES = _words("fcntl grp posix pty pwd readline resource spwd syslog termios tty nis crypt ossaudiodev")
POSIX_NAMES = {
    "os": _words(
        "chown chroot confstr copy_file_range ctermid eventfd fchdir fchown fdatasync fork forkpty fstatvfs getegid geteuid"
        " getgid getgrouplist getgroups getloadavg getpgid getpgrp getpriority getresgid getresuid getsid getuid"
        " getxattr initgroups killpg lchown listxattr lockf major makedev memfd_create minor mkfifo mknod nice openpty pathconf pipe2"
        " posix_fadvise posix_fallocate posix_openpt posix_spawn posix_spawnp pread preadv pwrite pwritev readv"
        " register_at_fork removexattr sched_getaffinity sched_getparam sched_setaffinity sched_yield sendfile setegid"
        " seteuid setgid setgroups setpgid setpriority setregid setresgid setresuid setreuid setsid setuid setxattr"
        " splice statvfs sync sysconf tcgetpgrp tcsetpgrp ttyname uname wait wait3 wait4 waitid writev"
        " WEXITSTATUS WIFEXITED WIFSIGNALED WNOHANG WTERMSIG O_CLOEXEC O_DIRECTORY O_DSYNC O_NOCTTY O_NOFOLLOW"
        " O_NONBLOCK O_PATH O_SYNC O_TMPFILE"
    ),
    "signal": _words(
        "SIGALRM SIGBUS SIGCHLD SIGCONT SIGHUP SIGKILL SIGPIPE SIGQUIT SIGSTOP SIGTSTP SIGTTIN SIGTTOU SIGUSR1 SIGUSR2"
        " SIGWINCH SIG_BLOCK SIG_SETMASK SIG_UNBLOCK alarm getitimer pause pthread_kill pthread_sigmask setitimer"
        " siginterrupt sigpending sigtimedwait sigwait sigwaitinfo"
    ),
    "time": _words("clock_getres clock_gettime clock_settime pthread_getcpuclockid tzset"),
    "socket": frozenset({"AF_UNIX", "SO_REUSEPORT"}),
    "select": _words("devpoll epoll kevent kqueue poll"),
}
WINDOWS_MODULES = _words("_winapi msvcrt nt winreg winsound")
WINDOWS_NAMES = {
    "os": _words("O_BINARY O_NOINHERIT O_SEQUENTIAL O_TEMPORARY O_TEXT P_DETACH add_dll_directory startfile"),
    "ctypes": _words(
        "FormatError GetLastError HRESULT OleDLL WINFUNCTYPE WinDLL WinError get_last_error oledll set_last_error windll"
    ),
    "signal": frozenset({"CTRL_BREAK_EVENT", "CTRL_C_EVENT", "SIGBREAK"}),
    "subprocess": _words(
        "CREATE_NEW_CONSOLE CREATE_NEW_PROCESS_GROUP CREATE_NO_WINDOW DETACHED_PROCESS STARTF_USESHOWWINDOW STARTUPINFO SW_HIDE"
    ),
    "sys": frozenset({"getwindowsversion", "winver"}),
}
# Where a system's own folders are; on another they are not.
POSIX_FOLDERS = ("/bin/", "/dev/", "/etc/", "/home/", "/opt/", "/proc/", "/sys/", "/tmp", "/usr/", "/var/")


@dataclass(frozen=True)
class Hit:
    """Something that does not work everywhere: ``what``, at ``line``."""

    line: int
    what: str


@dataclass
class Reach:
    """``hits`` are uses of what ``platform`` ("win32" or "linux") lacks; ``reached`` all that can run there."""

    platform: str
    hits: list[Hit] = field(default_factory=list)
    reached: list[ast.AST] = field(default_factory=list)
    _modules: dict[str, str] = field(default_factory=dict)  # the name here -> the module
    _platforms: set[str] = field(default_factory=set)  # names that hold sys.platform

    def scan(self, tree: ast.Module) -> Reach:
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                for one in node.names:
                    self._modules[one.asname or one.name.partition(".")[0]] = one.name
        for node in tree.body:
            if isinstance(node, ast.Assign) and ast.unparse(node.value) == "sys.platform":
                self._platforms |= {target.id for target in node.targets if isinstance(target, ast.Name)}
        self._block(tree.body)
        return self

    # -- statements; each tells whether what follows it cannot be reached

    def _block(self, body: list[ast.stmt]) -> bool:
        return any(self._statement(one) for one in body)

    def _statement(self, node: ast.stmt) -> bool:
        if isinstance(node, ast.If):
            self._expression(node.test)
            truth = self._truth(node.test)
            if truth is not None:
                return self._block(node.body if truth else node.orelse)
            ends = self._block(node.body)
            return self._block(node.orelse) and ends
        if isinstance(node, ast.Try) and any(_forgives(handler) for handler in node.handlers):
            before = len(self.hits)
            self._block(node.body)
            del self.hits[before:]  # what is not there is caught
            for handler in node.handlers:
                self._block(handler.body)
            self._block(node.orelse)
            self._block(node.finalbody)
            return False
        self.reached.append(node)
        self._named(node)
        ends = False
        for name, value in ast.iter_fields(node):
            if isinstance(value, ast.expr):
                self._expression(value)
            elif name in ("body", "orelse", "finalbody"):
                closed = self._block(value)
                ends = ends or (closed and isinstance(node, ast.With) and name == "body")
            elif isinstance(value, list):
                for one in value:
                    if isinstance(one, ast.ExceptHandler):
                        self._block(one.body)
                    elif isinstance(one, ast.AST):
                        self._expression(one)
            elif isinstance(value, ast.arguments):
                self._expression(value)
        return ends or isinstance(node, ast.Return | ast.Raise | ast.Continue | ast.Break)

    # -- expressions

    def _expression(self, node: ast.AST) -> None:
        self.reached.append(node)
        if isinstance(node, ast.BoolOp):
            stop = isinstance(node.op, ast.Or)
            for one in node.values:
                self._expression(one)
                if self._truth(one) is stop:
                    return
            return
        if isinstance(node, ast.IfExp):
            self._expression(node.test)
            truth = self._truth(node.test)
            for one, when in ((node.body, True), (node.orelse, False)):
                if truth is None or truth is when:
                    self._expression(one)
            return
        self._named(node)
        for child in ast.iter_child_nodes(node):
            self._expression(child)

    def _named(self, node: ast.AST) -> None:
        windows = self.platform == "win32"
        modules, names = (POSIX_MODULES, POSIX_NAMES) if windows else (WINDOWS_MODULES, WINDOWS_NAMES)
        if isinstance(node, ast.Import):
            self._note(node, [one.name for one in node.names if one.name.partition(".")[0] in modules])
        elif isinstance(node, ast.ImportFrom) and node.module:
            lacking = names.get(node.module, frozenset())
            whole = node.module in modules
            self._note(node, [f"{node.module}.{one.name}" for one in node.names if whole or one.name in lacking])
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            module = self._modules.get(node.value.id, "")
            if node.attr in names.get(module, ()):
                self._note(node, [f"{module}.{node.attr}"])
        elif windows and isinstance(node, ast.Call):
            self._note(node, [word.arg for word in node.keywords if word.arg in ("preexec_fn", "pass_fds")])
            called = node.func.attr if isinstance(node.func, ast.Attribute) else ""
            if called in ("get_context", "set_start_method"):
                self._note(node, [f"{called}({word!r})" for word in _strings(node.args) if "fork" in word])

    def _note(self, node: ast.AST, found: list[str]) -> None:
        self.hits += [Hit(getattr(node, "lineno", 0), what) for what in found]

    def _truth(self, node: ast.expr) -> bool | None:
        """Whether a test holds on the platform; None where that depends on something else."""
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            truth = self._truth(node.operand)
            return None if truth is None else not truth
        if isinstance(node, ast.BoolOp):
            truths = [self._truth(one) for one in node.values]
            stop = isinstance(node.op, ast.Or)
            return stop if stop in truths else None if None in truths else not stop
        if isinstance(node, ast.Compare) and len(node.ops) == 1:
            name = self._system(node.left)
            found = _strings([node.comparators[0], *getattr(node.comparators[0], "elts", [])])
            if name is None or not found:
                return None
            same = name in found
            return {ast.Eq: same, ast.In: same, ast.NotEq: not same, ast.NotIn: not same}.get(type(node.ops[0]))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "startswith":
            name = self._system(node.func.value)
            return None if name is None else name.startswith(tuple(_strings(node.args)))
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "hasattr" and isinstance(node.args[0], ast.Name):
            module = self._modules.get(node.args[0].id, "")
            lacking = (POSIX_NAMES if self.platform == "win32" else WINDOWS_NAMES).get(module, frozenset())
            return False if set(_strings(node.args)) & lacking else None
        return None

    def _system(self, node: ast.expr) -> str | None:
        text = ast.unparse(node)
        if text == "os.name":
            return "nt" if self.platform == "win32" else "posix"
        return self.platform if text == "sys.platform" or text in self._platforms else None


def _forgives(handler: ast.ExceptHandler) -> bool:
    caught = ast.unparse(handler.type) if handler.type else "Exception"
    return any(name in caught for name in ("ImportError", "ModuleNotFoundError", "AttributeError"))


def _strings(nodes: list[ast.expr]) -> list[str]:
    return [one.value for one in nodes if isinstance(one, ast.Constant) and isinstance(one.value, str)]


def foreign_folders(reach: Reach) -> Iterator[Hit]:
    """Strings that name a folder which only POSIX systems have, docstrings apart."""
    prose = {id(node.value) for node in reach.reached if isinstance(node, ast.Expr)}
    for node in reach.reached:
        text = node.value if isinstance(node, ast.Constant) and id(node) not in prose else None
        if isinstance(text, str) and text.startswith(POSIX_FOLDERS):
            yield Hit(node.lineno, text)


def joined_by_hand(reach: Reach) -> Iterator[Hit]:
    r"""Strings put together with ``/`` or ``\`` beside a value: perhaps a path."""
    for node in reach.reached:
        if isinstance(node, ast.JoinedStr):
            pairs = list(zip(node.values, node.values[1:], strict=False))
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
            pairs = [(node.left, node.right)]
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod) and "/%" in "".join(_strings([node.left])):
            yield Hit(node.lineno, ast.unparse(node))
            continue
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            words = _strings([node.func.value])
            if node.func.attr == "join" and words and _cut(words[0]):
                yield Hit(node.lineno, ast.unparse(node))
            continue
        else:
            continue
        for left, right in pairs:
            before, after = "".join(_strings([left])), "".join(_strings([right]))
            markup = after.startswith("/>") or before.endswith(("</", "://"))
            if not markup and (before.endswith(("/", "\\")) or after.startswith(("/", "\\"))):
                yield Hit(node.lineno, ast.unparse(node))
                break


def _cut(word: str) -> bool:
    return word.strip() in ("/", "\\")


def unnamed_encodings(tree: ast.Module) -> Iterator[Hit]:
    """Text that is read or written, or talked to another program, in whatever encoding the system has."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        on_path = isinstance(node.func, ast.Attribute)
        words = {word.arg for word in node.keywords}
        if "encoding" in words or None in words:  # **options may name it
            continue
        if name in ("read_text", "write_text"):
            bad = len(node.args) < (1 if name == "read_text" else 2)
        elif name in ("open", "fdopen", "NamedTemporaryFile", "TemporaryFile", "SpooledTemporaryFile"):
            at = 0 if name == "open" and on_path and not _is_function(node.func) else 1
            at = 0 if name.endswith("TemporaryFile") else at
            mode = next((word.value for word in node.keywords if word.arg == "mode"), None)
            mode = mode or (node.args[at] if len(node.args) > at else None)
            text = "".join(_strings([mode])) if mode is not None else None
            # Without a mode only what is surely a file is meant: other things, too, have an open().
            bad = "b" not in text if text and set(text) <= set("rwaxbt+") else text is None and _a_file(node, name)
        elif name == "TextIOWrapper":
            bad = len(node.args) < 2
        elif name in ("run", "Popen", "check_output", "check_call", "getoutput"):
            bad = bool(words & {"text", "universal_newlines"}) or name == "getoutput"
        else:
            continue
        if bad:
            yield Hit(node.lineno, ast.unparse(node)[:100])


def _is_function(func: ast.expr) -> bool:
    """``os.fdopen``, ``io.open``, ``codecs.open`` take the file first; the method of a path does not."""
    return isinstance(func, ast.Attribute) and ast.unparse(func.value) in ("os", "io", "codecs", "gzip", "bz2", "lzma")


def _a_file(node: ast.Call, name: str) -> bool:
    if name == "fdopen" or isinstance(node.func, ast.Name):
        return name in ("open", "fdopen")
    if name != "open" or _is_function(node.func):
        return name == "open"
    owner = ast.unparse(node.func.value).lower()
    path = isinstance(node.func.value, ast.BinOp) or owner.endswith(("path", "file", "temp", "target", "source"))
    return not node.args and path and "zip" not in owner


def paths_by_hand(reach: Reach) -> Iterator[Hit]:
    """Strings put together by hand that surely become a path: what ``Path``, ``open`` or ``/`` is given."""
    joined = {hit.what for hit in joined_by_hand(reach)}
    for node in reach.reached:
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
            given: list[ast.expr] = [node.right]
        elif isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] in _TAKE_PATHS:
            given = node.args
        else:
            continue
        for one in given:
            if any(ast.unparse(part) in joined for part in ast.walk(one)):
                yield Hit(one.lineno, ast.unparse(one))


_TAKE_PATHS = _words("Path PurePath open joinpath with_name exists isfile isdir makedirs listdir QFile QDir")
