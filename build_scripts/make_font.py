"""Writes resources/fonts/: a subset of Noto Sans CJK SC with the characters that the charts of a draft need.

Source: NotoSansCJK-Regular.ttc as Debian's fonts-noto-cjk installs it (SIL Open Font License 1.1).
Run: python build_scripts/make_font.py [path of the .ttc]; needs fonttools.
"""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SOURCE = Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc")
WORDS = (
    "收、支决算总计变动情况收入决算结构支出财政拨款年度上级补助事业经营附属单位上缴其他基本项目对各款计金额占比万元图一二三四"
    "0123456789 .,%()（）—－-：:，。年"
)


def main() -> None:
    from fontTools.subset import Options, Subsetter
    from fontTools.ttLib import TTCollection

    source = Path(sys.argv[1]) if len(sys.argv) > 1 else SOURCE
    font = next(f for f in TTCollection(source) if f["name"].getDebugName(4) == "Noto Sans CJK SC")
    options = Options()
    options.layout_features = []
    options.name_IDs = [0, 1, 2, 3, 4, 5, 6, 13, 14]
    options.hinting = False
    subsetter = Subsetter(options)
    subsetter.populate(text=WORDS + "".join(map(chr, range(32, 127))))
    subsetter.subset(font)
    target = ROOT / "resources" / "fonts" / "charts.otf"
    target.parent.mkdir(exist_ok=True)
    font.save(target)
    print(target, target.stat().st_size)


if __name__ == "__main__":
    main()
