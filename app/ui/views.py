"""What the three views of a case have in common: sheet, page and text are told and tell the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from app.source import Place

LEVELS = ("error", "warning", "info", "rounding", "filled", "verified")  # the first is the loudest


@dataclass(frozen=True, slots=True)
class ViewMark:
    """A place to colour. ``level`` is one of ``LEVELS``, ``tip`` what a tool tip says, ``quote`` the
    passage at the place, ``key`` the fingerprint of the finding (``""`` for a fill)."""

    place: Place
    level: str
    tip: str = ""
    quote: str = ""
    key: str = ""


class Shown(Protocol):
    """A view of a file of the case. ``place_chosen`` is emitted with the ``Place`` that she clicked,
    ``opened_outside`` when she double-clicks to open the file in its own program."""

    place_chosen: Any  # Signal(object)

    def set_marks(self, marks: Sequence[ViewMark]) -> None:
        """Show these marks instead of the ones before; selection and scroll stay."""

    def go_to(self, place: Place, quote: str = "", *, flash: bool = True) -> bool:
        """Scroll to a place, select it and flash it briefly; False if this view does not hold it."""
