"""Theme colours as RGB: LibreOffice drops the theme, and a look we kept must survive that."""

from __future__ import annotations

import colorsys

from app.package.container import Package
from app.package.styles import Look, Neutral
from app.package.xmlbytes import tree, utf8

_ORDER = "lt1 dk1 lt2 dk2 accent1 accent2 accent3 accent4 accent5 accent6 hlink folHlink"


def palette(package: Package) -> list[str]:
    """The colours of the workbook's theme by index, [] when it has none."""
    part = next((r.target for r in package.relations(package.workbook) if r.kind == "theme"), "")
    if not package.has(part):
        return []
    root = tree(utf8(package.read(part)))
    scheme = next((n for n in root.walk() if n.local == "clrScheme"), None)
    found = {}
    for node in scheme.children if scheme else ():
        color = node.children[0].attrs if node.children else {}
        found[node.local] = color.get("lastClr") or color.get("val", "")
    return [found.get(name, "").upper() for name in _ORDER.split()]


def resolved(look: Look, colors: list[str]) -> Look:
    """A look whose theme colours are those of ``colors``; what they do not hold stays."""
    color = _color(look.color, colors) if look.color else look.color
    return Look(_element(look.fill, colors), color, look.number_format)


def uses_theme(look: Look) -> bool:
    """True when a look depends on the theme."""
    return "theme" in (look.color or ()) or '"theme"' in look.as_json()


def _element(element: Neutral, colors: list[str]) -> Neutral:
    name, attributes, children = element
    return [name, _color(attributes, colors), [_element(c, colors) for c in children]]


def _color(attributes: dict[str, str], colors: list[str]) -> dict[str, str]:
    index = attributes.get("theme", "")
    if not index.isdigit() or int(index) >= len(colors) or len(colors[int(index)]) != 6:
        return attributes
    return {"rgb": "FF" + _tinted(colors[int(index)], float(attributes.get("tint", "0") or 0))}


def _tinted(rgb: str, tint: float) -> str:
    """Lighter (``tint`` to 1) or darker (to -1), as ECMA-376 18.8.19 says."""
    hue, light, saturation = colorsys.rgb_to_hls(*(int(rgb[i : i + 2], 16) / 255 for i in (0, 2, 4)))
    light = light * (1 + tint) if tint < 0 else light * (1 - tint) + tint
    return "".join(f"{round(c * 255):02X}" for c in colorsys.hls_to_rgb(hue, min(max(light, 0), 1), saturation))
