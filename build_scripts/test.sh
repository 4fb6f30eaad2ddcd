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
ldconfig -p 2>/dev/null | grep -q libEGL || missing="$missing libegl1 libgl1 libxkbcommon0 libdbus-1-3 libfontconfig1"
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
