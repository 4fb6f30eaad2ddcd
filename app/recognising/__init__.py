"""``Source`` to ``Report``."""
