"""决算公开校核: checks published final accounts and hands the clerk her file back, annotated."""

__version__ = "0.1.0"
