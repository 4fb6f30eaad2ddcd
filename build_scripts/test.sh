#!/bin/sh
# Lint, format, types and tests, as .ci/run calls it. Every step runs; any failure fails the whole.
set -eu
root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
cd "$root"

# Programs that some tests look at results with. Without them those tests are skipped, and say so.
missing=
command -v soffice >/dev/null 2>&1 || missing="$missing libreoffice-calc libreoffice-writer"
command -v pdftoppm >/dev/null 2>&1 || missing="$missing poppler-utils"
if ! command -v fc-list >/dev/null 2>&1; then missing="$missing fontconfig fonts-noto-cjk"
elif [ -z "$(fc-list :lang=zh)" ]; then missing="$missing fonts-noto-cjk"; fi
# What Qt needs to draw a window, also one that nobody sees. Without them the tests of the window are skipped.
have=$(ldconfig -p 2>/dev/null || /sbin/ldconfig -p 2>/dev/null || true)
need() { case $have in *"$1"*) ;; *) missing="$missing $2" ;; esac; }
need libEGL.so.1 libegl1
need libGL.so.1 libgl1
need libxkbcommon.so.0 libxkbcommon0
need libdbus-1.so.3 libdbus-1-3
need libfontconfig.so.1 libfontconfig1
need libglib-2.0.so.0 libglib2.0-0
if [ -n "$missing" ]; then
    if command -v apt-get >/dev/null 2>&1 && [ "$(id -u)" = 0 ]; then
        echo "== apt-get install$missing"
        # shellcheck disable=SC2086 # a list of words
        { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing; } \
            >/dev/null 2>&1 || echo "   could not be installed; tests that need them are skipped"
    else
        echo "== not installed:$missing; tests that need them are skipped"
    fi
fi

python3 build_scripts/prepare.py --dev
python=$root/.venv/bin/python
failed=
step() {
    echo "== $*"
    "$python" -m "$@" || failed="$failed [$*]"
}
step ruff check .
step ruff format --check .
step mypy
export QT_QPA_PLATFORM=offscreen
step pytest -n auto
if [ -n "$failed" ]; then
    echo "== FAILED:$failed" >&2
    exit 1
fi
echo "== all passed"
