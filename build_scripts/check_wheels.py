"""Is there a wheel of every pinned run-time part for every system we build on? ``python build_scripts/check_wheels.py``

For each target, what the program needs at run time (``pyproject.toml``, and what that needs in turn, by the
target's own environment markers) is asked for at the version of ``constraints.txt`` from the index that pip is
set up with. Nothing is installed. Prints a table; exit 1 where a wheel is missing, with the newest older
version that has one.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

HERE = Path(__file__).resolve().parent
PYTHON = "3.11"
# The last Qt whose aarch64 wheels run on glibc 2.31 is 6.8.0; x86-64 has later ones.
ELSEWHERE = {"aarch64": {"pyside6-essentials": "6.8.0.2", "shiboken6": "6.8.0.2"}}


@dataclass(frozen=True)
class Target:
    """A system that a build is made on: ``glibc`` is the newest minor version (2.x) a wheel may ask for."""

    name: str
    system: str
    machine: str
    glibc: int = 0

    def platforms(self) -> list[str]:
        """Tags that the target accepts, the best first (pip adds no older ones by itself)."""
        if self.system == "Windows":
            return ["win_amd64"]
        legacy = {17: "manylinux2014", 12: "manylinux2010", 5: "manylinux1"}
        tags = []
        for minor in range(self.glibc, 4, -1):
            tags.append(f"manylinux_2_{minor}_{self.machine}")
            if minor in legacy:
                tags.append(f"{legacy[minor]}_{self.machine}")
        return tags

    def environment(self) -> dict[str, str]:
        """What environment markers are judged by there."""
        windows = self.system == "Windows"
        return {
            "sys_platform": "win32" if windows else "linux",
            "os_name": "nt" if windows else "posix",
            "platform_system": self.system,
            "platform_machine": self.machine,
            "platform_python_implementation": "CPython",
            "implementation_name": "cpython",
            "python_version": PYTHON,
            "python_full_version": f"{PYTHON}.0",
            "extra": "",
        }


TARGETS = (
    Target("Windows x86-64", "Windows", "AMD64"),
    Target("Linux x86-64, glibc 2.28", "Linux", "x86_64", 28),
    Target("Linux aarch64, glibc 2.31", "Linux", "aarch64", 31),
)


@dataclass(frozen=True)
class Wheel:
    """What pip would take: ``file`` is "" where there is none; ``needs`` are the requirements it names."""

    version: str
    file: str = ""
    needs: tuple[str, ...] = ()


def main() -> int:
    with ThreadPoolExecutor(len(TARGETS)) as pool:
        found = dict(zip(TARGETS, pool.map(closure, TARGETS), strict=True))
    print(table(found))
    gaps = [(target, name, one) for target, all_ in found.items() for name, one in all_.items() if not one.file]
    for target, name, one in gaps:
        older = [v for v in versions(name, target) if Version(v) < Version(one.version)]
        print(f"no wheel: {name} {one.version} on {target.name}; newest older one: {older[0] if older else 'none'}")
    count = sum(map(len, found.values()))
    print(f"{count - len(gaps)} of {count} wheels are there")
    return 1 if gaps or not count else 0


def closure(target: Target) -> dict[str, Wheel]:
    """All that the program needs on ``target``, by name. What is needed but not pinned is an error."""
    pinned, environment = pins(target), target.environment()
    project = tomllib.loads((HERE.parent / "pyproject.toml").read_text("utf-8"))["project"]
    found: dict[str, Wheel] = {}
    wave = [Requirement(text) for text in project["dependencies"]]
    with ThreadPoolExecutor(4) as pool:
        while wave:
            names = {canonicalize_name(r.name) for r in wave if not r.marker or r.marker.evaluate(environment)}
            names -= found.keys()
            if unpinned := names - pinned.keys():
                raise SystemExit(f"needed on {target.name} but not in constraints.txt: {', '.join(sorted(unpinned))}")
            fresh = dict(zip(names, pool.map(lambda name: wheel(name, pinned[name], target), names), strict=True))
            found |= fresh
            wave = [Requirement(text) for one in fresh.values() for text in one.needs]
    return found


def pins(target: Target) -> dict[str, str]:
    """The versions of ``constraints.txt`` that hold on ``target``."""
    pinned = {}
    for line in (HERE / "constraints.txt").read_text("utf-8").splitlines():
        text = line.partition("#")[0].strip()
        if not text:
            continue
        one = Requirement(text)
        if one.marker is None or one.marker.evaluate(target.environment()):
            pinned[canonicalize_name(one.name)] = str(one.specifier).removeprefix("==")
    return pinned | ELSEWHERE.get(target.machine, {})


def wheel(name: str, version: str, target: Target) -> Wheel:
    """The wheel that pip would take. A failure other than "there is none" is raised: no answer is no "no"."""
    done = pip(["install", "--dry-run", "--ignore-installed", "--no-deps", "--quiet", "--report", "-"], target,
               ["--target", "unused", f"{name}=={version}"])  # fmt: skip
    if done.returncode == 0:
        (one,) = json.loads(done.stdout)["install"]
        file = str(one["download_info"]["url"]).rpartition("/")[2]
        return Wheel(version, file, tuple(one["metadata"].get("requires_dist", ())))
    if "No matching distribution" in done.stderr:
        return Wheel(version)
    raise SystemExit(f"pip could not say whether there is {name} {version}:\n{done.stderr}")


def versions(name: str, target: Target) -> list[str]:
    """All versions that have a wheel for ``target``, the newest first."""
    done = pip(["index", "versions"], target, [name])
    line = re.search(r"^Available versions: (.*)$", done.stdout, re.M)
    if line:
        return line[1].split(", ")
    if "No matching distribution" in done.stderr:
        return []
    raise SystemExit(f"pip could not list the versions of {name}:\n{done.stderr}")


def pip(command: list[str], target: Target, rest: list[str]) -> subprocess.CompletedProcess[str]:
    platforms = [word for tag in target.platforms() for word in ("--platform", tag)]
    only = ["--only-binary=:all:", "--python-version", PYTHON, "--implementation", "cp"]
    line = [sys.executable, "-m", "pip", *command, *only, *platforms, *rest]
    return subprocess.run(line, capture_output=True, text=True, encoding="utf-8", errors="replace")


def table(found: dict[Target, dict[str, Wheel]]) -> str:
    """A row a part, a column a target: the version and the system tag of its wheel."""
    rows = [["part", *(target.name for target in found)]]
    for name in sorted({name for all_ in found.values() for name in all_}):
        rows.append([name, *(_cell(all_.get(name)) for all_ in found.values())])
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = ("  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)) for row in rows)
    return "\n".join(line.rstrip() for line in lines)


def _cell(one: Wheel | None) -> str:
    if one is None:
        return "-"
    tags = one.file.removesuffix(".whl").rpartition("-")[2].split(".")
    return f"{one.version} {tags[-1] or 'NO WHEEL'}"


if __name__ == "__main__":
    sys.exit(main())
