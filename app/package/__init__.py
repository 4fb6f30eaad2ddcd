"""An xlsx package: read in one pass, edited in place."""
