"""The templates that python-docx opens; the folder beside them is what its default one was zipped from."""

from pathlib import PurePath

from PyInstaller.utils.hooks import collect_data_files

datas = [
    (source, target) for source, target in collect_data_files("docx") if PurePath(target) == PurePath("docx/templates")
]
