"""What the compiled module imports without the analysis seeing it."""

hiddenimports = ["lxml._elementpath"]
