"""Makes ``.venv`` from pyproject.toml at the exact versions of constraints.txt; standard library only.

``prepare.py`` installs what the program needs, ``prepare.py --dev`` what its tests need as well.
Nothing is done when the environment is already that of the present files.
"""

from __future__ import annotations

import subprocess
import sys
import venv
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
VENV = ROOT / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")


def wanted() -> str:
    """What the environment is made from; run.sh and test.sh compare it without starting Python."""
    return (ROOT / "pyproject.toml").read_text("utf-8") + (HERE / "constraints.txt").read_text("utf-8")


def requirements(dev: bool) -> list[str]:
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    return project["dependencies"] + (project["optional-dependencies"]["dev"] if dev else [])


def works() -> bool:
    """True when the environment's Python starts and has pip (the system's may have been replaced)."""
    try:
        return subprocess.run([PYTHON, "-m", "pip", "--version"], capture_output=True).returncode == 0
    except OSError:
        return False


def prepare(dev: bool) -> int:
    stamps = [VENV / "made-for-tests"] if dev else [VENV / "made", VENV / "made-for-tests"]
    if any(s.exists() and s.read_text("utf-8") == wanted() for s in stamps) and PYTHON.exists():
        return 0
    if sys.version_info < (3, 11):  # noqa: UP036 - any Python may start this
        print("需要 Python 3.11 或更新的版本。", file=sys.stderr)
        return 2
    print("正在准备运行环境，约需一两分钟……", file=sys.stderr, flush=True)
    if not works():
        venv.create(VENV, clear=True, with_pip=True)
    command = [PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    failed = subprocess.run([*command, "--constraint", HERE / "constraints.txt", *requirements(dev)]).returncode
    if failed:
        print("运行环境没有准备好：安装依赖失败，请检查网络后重试。", file=sys.stderr)
        return 2
    stamps[0].write_text(wanted(), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(prepare("--dev" in sys.argv[1:]))
