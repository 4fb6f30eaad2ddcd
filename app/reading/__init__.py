"""Files to ``Source``, one module a format."""
