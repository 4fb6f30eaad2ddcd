@echo off
rem Lint, format, types and tests. Every step runs; any failure fails the whole.
setlocal
cd /d "%~dp0.."
set "python=py -3"
where py >nul 2>nul || set "python=python"
%python% build_scripts\prepare.py --dev || exit /b 2
set "python=.venv\Scripts\python.exe"
set "QT_QPA_PLATFORM=offscreen"
set "failed="
%python% -m ruff check . || set "failed=%failed% ruff"
%python% -m ruff format --check . || set "failed=%failed% format"
%python% -m mypy || set "failed=%failed% mypy"
%python% -m pytest -n auto || set "failed=%failed% pytest"
if defined failed (
    echo == FAILED:%failed%
    exit /b 1
)
echo == all passed
