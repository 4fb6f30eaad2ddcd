"""``Report`` to findings."""
