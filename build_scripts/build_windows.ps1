# Builds the program on Windows: tests, one-folder build, licences, smoke test of what was built, zip, checksum.
#
#     build_scripts\build_windows.bat [-SkipTests]
#
# For Windows PowerShell 5.1, which every Windows 10 and 11 has. Only ASCII in here: 5.1 reads a script without
# byte order mark in the system's code page. Needs Python 3.11 (64 bit); writes to build\ and dist\ only.
param([switch]$SkipTests)

Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'

$root = Split-Path -Parent $PSScriptRoot
$build = Join-Path $root 'build'
$dist = Join-Path $root 'dist'
$constraints = Join-Path $PSScriptRoot 'constraints.txt'
$env:PYTHONUTF8 = '1'        # as if the code page were UTF-8, for tools that name no encoding
# ... and read what they say as such: the folder of Python may be in that of a user with a Chinese name.
try { [Console]::OutputEncoding = New-Object System.Text.UTF8Encoding $false } catch { Write-Host 'no console' }
$env:PYTHONHASHSEED = '0'    # the same order, the same bytes
$env:PYINSTALLER_CONFIG_DIR = Join-Path $build 'cache'
$env:PYTHONPATH = ''
$env:PIP_DISABLE_PIP_VERSION_CHECK = '1'

# A native program that fails does not stop a script of 5.1: each one is looked at.
function Invoke-Step([string]$What, [scriptblock]$Command) {
    Write-Host "== $What"
    & $Command
    if ($LASTEXITCODE -ne 0) { throw "$What failed (exit code $LASTEXITCODE)" }
}

# The Python to build with, as the full path of its program; releases are made with 3.11 and no other.
function Find-Python {
    $print = 'import sys; print(sys.executable if sys.version_info[:2] == (3, 11) and sys.maxsize > 2**32 else str())'
    foreach ($candidate in @(@('py', '-3.11'), @('python', '-I'))) {
        if (Get-Command $candidate[0] -ErrorAction SilentlyContinue) {
            $found = & $candidate[0] $candidate[1] -c $print
            if ($LASTEXITCODE -eq 0 -and $found) { return $found }
        }
    }
    throw 'Python 3.11 (64 bit) was not found; its installer needs no administrator'
}

# A new environment in build\ with the pinned versions; gives its Python.
function New-Environment([string]$Name, [string[]]$Wanted) {
    $folder = Join-Path $build $Name
    $python = Join-Path $folder 'Scripts\python.exe'
    Invoke-Step "environment $Name" { & $script:system -m venv --clear $folder | Out-Host }
    Invoke-Step "pinned versions in $Name" {
        & $python -m pip install --quiet '--only-binary=:all:' --constraint $constraints @Wanted | Out-Host
    }
    return $python
}

# What pyproject.toml asks for, a requirement a line.
function Get-Requirements([string]$WithTests) {
    $print = "import sys; sys.path.insert(0, 'build_scripts'); import prepare; print('\n'.join(prepare.requirements($WithTests)))"
    $lines = & $script:system -c $print
    if ($LASTEXITCODE -ne 0) { throw 'pyproject.toml could not be read' }
    return $lines
}

Push-Location $root
try {
    $system = Find-Python
    $version = & $system -c 'import app; print(app.__version__)'
    if (Get-Command git -ErrorAction SilentlyContinue) {
        # The time of the commit stands for the time of the build.
        $time = & git log -1 '--format=%ct'
        if ($LASTEXITCODE -eq 0 -and $time) { $env:SOURCE_DATE_EPOCH = $time }
    }
    foreach ($folder in @($build, $dist)) {
        if (Test-Path -LiteralPath $folder) { Remove-Item -LiteralPath $folder -Recurse -Force }
        New-Item -ItemType Directory -Path $folder | Out-Null
    }

    if (-not $SkipTests) {
        $python = New-Environment 'tests' (Get-Requirements 'True')
        $env:QT_QPA_PLATFORM = 'offscreen'
        Invoke-Step 'tests' { & $python -m pytest -n auto }
        Remove-Item Env:\QT_QPA_PLATFORM
    }

    # Without the test tools: nothing of them can get into the program.
    $python = New-Environment 'program' ((Get-Requirements 'False') + @('--requirement', (Join-Path $PSScriptRoot 'build-requirements.txt')))
    Invoke-Step 'PyInstaller' {
        & $python -m PyInstaller --noconfirm --clean --log-level WARN --distpath $dist --workpath (Join-Path $build 'work') (Join-Path $PSScriptRoot 'juesuan.spec')
    }
    $made = @(Get-ChildItem -LiteralPath $dist -Directory)
    if ($made.Count -ne 1) { throw "dist\ should hold one folder, not $($made.Count)" }
    $program = $made[0].FullName
    Invoke-Step 'licences' { & $python (Join-Path $PSScriptRoot 'licences.py') $program }
    Invoke-Step 'smoke test' { & $python (Join-Path $PSScriptRoot 'smoke.py') $program --pictures (Join-Path $build 'pictures') }
    Invoke-Step 'zip' { & $python (Join-Path $PSScriptRoot 'pack.py') $program (Join-Path $dist "juesuan-$version-windows-x86_64.zip") }
    Write-Host '== built'
}
catch {
    Write-Host "== FAILED: $_"
    exit 1
}
finally {
    Pop-Location
}
