@echo off
rem Runs the program with the arguments given; makes .venv on first use and when its recipe changed.
setlocal
set "root=%~dp0.."
set "python=py -3"
where py >nul 2>nul || set "python=python"
%python% "%~dp0prepare.py" || exit /b 2
set "PYTHONPATH=%root%"
"%root%\.venv\Scripts\python.exe" -P -m app %*
exit /b %errorlevel%
