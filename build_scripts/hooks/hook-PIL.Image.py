"""Charts are drawn and written as PNG; the usual hook collects the plugins of every format."""

hiddenimports = ["PIL.PngImagePlugin"]
