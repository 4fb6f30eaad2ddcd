"""pdfminer deciphers with it; its description is collected with those of all parts (``contents``)."""

hiddenimports = ["_cffi_backend"]
