"""Character maps: pdfminer reads the pages that pdfium cannot, all in Chinese.

The maps of Adobe-GB1 (mainland China) stay whole; for Taiwan, Japan and Korea the table to Unicode alone,
which fonts with an identity encoding need.
"""

from pathlib import PurePath

from PyInstaller.utils.hooks import collect_data_files

KEPT = ("to-unicode-", "UniGB-", "GB")

datas = [
    (source, target)
    for source, target in collect_data_files("pdfminer")
    if PurePath(target).name != "cmap" or PurePath(source).name.startswith(KEPT)
]
