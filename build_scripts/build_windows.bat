@echo off
rem Builds the program on Windows; a machine's policy that forbids PowerShell scripts does not stop this one.
powershell.exe -NoLogo -NoProfile -ExecutionPolicy Bypass -File "%~dp0build_windows.ps1" %*
exit /b %errorlevel%
