"""Writes icon-*.png and icon.ico beside icon.svg, and the window's sizes to resources/icons: ``python build_scripts/make_icon.py``.

The drawing is the one source: each size is rendered from it, never scaled from another. Needs nothing but
the program's own parts (Qt renders, Pillow packs). The same run always gives the same bytes.
"""

from __future__ import annotations

import io
import os
import struct
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
ASSETS = Path(__file__).resolve().parent / "assets"
WINDOW = ASSETS.parents[1] / "resources" / "icons"
WINDOW_SIZES = (16, 24, 32, 48, 256)
SIZES = (16, 20, 24, 32, 40, 48, 64, 128, 256)  # 20 and 40 are Windows' sizes at 125 % letters
# Larger pictures are packed: an uncompressed 256 would be 270 KB in each of the two programs. Smaller ones
# are plain bitmaps, which every part of Windows reads.
PACKED_FROM = 128


def main() -> None:
    pictures = {size: rendered(size) for size in SIZES}
    for size, data in pictures.items():
        (ASSETS / f"icon-{size}.png").write_bytes(data)
    (ASSETS / "icon.ico").write_bytes(packed(pictures))
    WINDOW.mkdir(exist_ok=True)
    for size in WINDOW_SIZES:
        (WINDOW / f"icon-{size}.png").write_bytes(pictures[size])
    for path in sorted(ASSETS.glob("icon*")):
        print(path.name, path.stat().st_size)


def rendered(size: int) -> bytes:
    """The drawing at ``size`` × ``size`` pixels as PNG."""
    from PIL import Image
    from PySide6.QtGui import QGuiApplication, QImage, QPainter
    from PySide6.QtSvg import QSvgRenderer

    _ = QGuiApplication.instance() or QGuiApplication([])
    canvas = QImage(size, size, QImage.Format.Format_RGBA8888)
    canvas.fill(0)
    painter = QPainter(canvas)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    QSvgRenderer(str(ASSETS / "icon.svg")).render(painter)
    painter.end()
    picture = Image.frombytes("RGBA", (size, size), bytes(canvas.constBits()))
    file = io.BytesIO()
    picture.save(file, "PNG", optimize=True)
    return file.getvalue()


def packed(pictures: dict[int, bytes]) -> bytes:
    """An .ico of all sizes. (Pillow writes one, too, but all as bitmaps or all as PNG.)"""
    images = [png if size >= PACKED_FROM else bitmap(png) for size, png in pictures.items()]
    head = struct.pack("<HHH", 0, 1, len(images))
    offset = len(head) + 16 * len(images)
    for size, image in zip(pictures, images, strict=True):
        side = size % 256  # 256 is written as 0
        head += struct.pack("<BBBBHHII", side, side, 0, 0, 1, 32, len(image), offset)
        offset += len(image)
    return head + b"".join(images)


def bitmap(png: bytes) -> bytes:
    """A picture as an .ico holds it: a bitmap without file head, its height doubled for the mask."""
    from PIL import Image

    with Image.open(io.BytesIO(png)) as picture:
        width, height = picture.size
        pixels = picture.tobytes("raw", "BGRA", 0, -1)  # from the bottom row up
    mask_row = (width + 31) // 32 * 4
    head = struct.pack("<IiiHHIIiiII", 40, width, 2 * height, 1, 32, 0, len(pixels) + mask_row * height, 0, 0, 0, 0)
    return head + pixels + bytes(mask_row * height)  # the mask is empty: transparency is in the pixels


if __name__ == "__main__":
    main()
