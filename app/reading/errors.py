"""What a reader says when a file cannot be read."""


class Unreadable(Exception):
    """One clear Chinese sentence for the clerk: what is the matter, and what to do."""


class NoCase(Unreadable):
    """A report and a workbook that are not of one unit."""
