#!/bin/sh
# Runs the program with the arguments given; makes .venv on first use and when its recipe changed.
set -eu
root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
venv=$root/.venv
current() { cat "$root/pyproject.toml" "$root/build_scripts/constraints.txt" | cmp -s - "$venv/$1"; }
if ! [ -x "$venv/bin/python" ] || ! { current made || current made-for-tests; }; then
    command -v python3 >/dev/null 2>&1 || { echo "需要 Python 3.11 或更新的版本（python3 和 python3-venv）。" >&2; exit 2; }
    python3 "$root/build_scripts/prepare.py" || exit 2
fi
# -P: a folder called "app" where the clerk stands must not be taken for the program
export PYTHONPATH="$root"
exec "$venv/bin/python" -P -m app "$@"
