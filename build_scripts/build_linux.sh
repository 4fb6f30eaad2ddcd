#!/bin/sh
# Builds the program on Linux: tests, one-folder build, licences, smoke test of what was built, zip, checksum.
#
#     sh build_scripts/build_linux.sh [--skip-tests]
#
# Needs Python 3.11 with its shared library (Debian: python3.11-venv libpython3.11; PYTHON=... names another one),
# binutils, git. What is built runs on the glibc of this system and newer ones: releases are made on the oldest
# that is supported. Writes to build/ and dist/ only.
set -eu
umask 022
root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
cd "$root"
tests=yes
for word in "$@"; do
    case $word in
    --skip-tests) tests= ;;
    *) sed -n '2,8s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
    esac
done

export LC_ALL=C.UTF-8 # Chinese file names
export PIP_DISABLE_PIP_VERSION_CHECK=1
# The same commit gives the same files: the time of the commit stands for the time of the build.
export PYTHONHASHSEED=0
SOURCE_DATE_EPOCH=$(git log -1 --format=%ct 2>/dev/null || stat -c %Y pyproject.toml)
export SOURCE_DATE_EPOCH
export PYINSTALLER_CONFIG_DIR="$root/build/cache"
unset PYTHONPATH PYTHONHOME

system=${PYTHON:-$(command -v python3.11 || command -v python3 || true)}
"$system" - <<'EOF' || exit 2
import ctypes, sys, sysconfig
if sys.version_info[:2] != (3, 11):
    sys.exit(f"Python 3.11 is needed, not {sys.version.split()[0]}: PYTHON=/path/to/python3.11")
name = sysconfig.get_config_var("INSTSONAME") or ""
for path in (name, f"{sysconfig.get_config_var('LIBDIR')}/{name}"):
    try:
        ctypes.CDLL(path)
        break
    except OSError:
        continue
else:
    sys.exit(f"{sys.executable} comes without its shared library (Debian: apt install libpython3.11)")
EOF
for tool in strip objdump; do
    command -v "$tool" >/dev/null || { echo "$tool is needed (binutils)" >&2; exit 2; }
done

rm -rf build dist
mkdir -p build dist

# The last Qt whose aarch64 wheels run on glibc 2.31 is 6.8.0; x86-64 has later ones.
machine=$(uname -m)
case $machine in
aarch64) sed 's/^\(PySide6_Essentials\|shiboken6\)==.*/\1==6.8.0.2/' build_scripts/constraints.txt >build/constraints.txt ;;
*) cp build_scripts/constraints.txt build/constraints.txt ;;
esac

# A new environment in build/ with the pinned versions; "True" with what the tests need.
environment() {
    name=$1
    "$system" -m venv "build/$name"
    "$system" -c "import sys; sys.path.insert(0, 'build_scripts'); import prepare; print('\n'.join(prepare.requirements($2)))" \
        >"build/$name.txt"
    shift 2
    "build/$name/bin/python" -m pip install --quiet --only-binary=:all: \
        --constraint build/constraints.txt --requirement "build/$name.txt" "$@"
}

if [ -n "$tests" ]; then
    echo "== tests"
    environment tests True
    QT_QPA_PLATFORM=offscreen build/tests/bin/python -m pytest -n auto
fi

echo "== environment"
# Without the test tools: nothing of them can get into the program.
environment program False --requirement build_scripts/build-requirements.txt
python=build/program/bin/python

echo "== PyInstaller"
"$python" -m PyInstaller --noconfirm --clean --log-level WARN \
    --distpath dist --workpath build/work build_scripts/juesuan.spec
program=dist/决算公开校核

echo "== licences"
"$python" build_scripts/licences.py "$program"

# Beside the programs: how to get them into the menu, without an administrator.
cp build_scripts/assets/juesuan.desktop build_scripts/assets/add_to_menu.sh "$program/"
cp build_scripts/assets/icon-256.png "$program/icon.png"
chmod 755 "$program/add_to_menu.sh"

echo "== smoke test"
"$python" build_scripts/smoke.py "$program" --pictures build/pictures

echo "== zip"
version=$("$program/juesuan" --version | cut -d ' ' -f 2)
"$python" build_scripts/pack.py "$program" "dist/juesuan-$version-linux-$machine.zip"
echo "== built"
