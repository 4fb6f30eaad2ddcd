"""Packs a built folder: ``python build_scripts/pack.py dist/决算公开校核 dist/juesuan-0.1.0-windows-x86_64.zip``.

Writes the zip and, beside it, ``<name>.sha256`` as ``sha256sum -c`` reads it. The same files give the same bytes:
entries stand in order of their names and bear the time of SOURCE_DATE_EPOCH. Links stay links, programs stay
executable, names are UTF-8 and say so (PowerShell's own Compress-Archive keeps none of these).
"""

from __future__ import annotations

import hashlib
import os
import sys
import time
import zipfile
from pathlib import Path

LINK = 0o120777


def main() -> int:
    if len(sys.argv) != 3:
        print(__doc__, file=sys.stderr)
        return 2
    folder, target = Path(sys.argv[1]).absolute(), Path(sys.argv[2]).absolute()
    pack(folder, target)
    with target.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    target.with_name(f"{target.name}.sha256").write_text(f"{digest}  {target.name}\n", "utf-8", newline="\n")
    print(f"{target.name}  {target.stat().st_size / 1e6:.1f} MB  {digest}")
    return 0


def pack(folder: Path, target: Path) -> None:
    """Zip ``folder`` under its own name."""
    paths = sorted((p for p in folder.rglob("*") if p.is_symlink() or p.is_file()), key=lambda p: p.as_posix())
    if not paths:
        raise SystemExit(f"nothing to pack in {folder}")
    # A zip knows no time before 1980, and none of a zone: UTC, so that the machine's own does not show.
    when = time.gmtime(max(int(os.environ.get("SOURCE_DATE_EPOCH", "0")), 315532800))[:6]
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as package:
        for path in paths:
            entry = zipfile.ZipInfo(path.relative_to(folder.parent).as_posix(), when)
            entry.create_system = 3  # Unix: the mode below is one; Windows does not mind
            if path.is_symlink():
                entry.external_attr = LINK << 16
                package.writestr(entry, str(path.readlink()).encode())
                continue
            executable = os.access(path, os.X_OK) and sys.platform != "win32"  # there everything is
            entry.external_attr = (0o100755 if executable else 0o100644) << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            package.writestr(entry, path.read_bytes())


if __name__ == "__main__":
    sys.exit(main())
