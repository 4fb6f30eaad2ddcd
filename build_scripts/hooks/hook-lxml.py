"""Of lxml only ``etree`` is used; the contributed hook collects all of it."""
