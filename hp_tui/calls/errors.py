"""Errors before a test call is sent."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

LISTED = 10
"""Names that are listed; the others are counted."""


class CallError(Exception):
    """Base; ``str()`` is a sentence for the user."""


class RequestDoesNotFitError(CallError):
    """The JSON is not JSON, or does not fit the method's message.

    ``steps`` lead to the place in the JSON, where it is known; ``line`` is its line, counted from 1.
    """

    def __init__(self, text: str, steps: tuple[str | int, ...] | None = None, line: int | None = None) -> None:
        super().__init__(text)
        self.steps = steps
        self.line = line


class UnknownMethodError(CallError):
    """The service has no such method; the message lists those it has."""


class ReflectionError(CallError):
    """Server reflection did not answer, or answered wrongly."""


def nearest(name: str, known: Iterable[str]) -> str:
    """A phrase for after a wrong name: the closest ones first, then what else there is."""
    names = list(known)
    if not names:
        return "there are none"
    folded = {one.lower(): one for one in names}
    close = [folded[one] for one in get_close_matches(name.lower(), folded, n=3, cutoff=0.6)]
    shown = names[:LISTED]
    more = f" and {len(names) - LISTED} more" if len(names) > LISTED else ""
    listed = f"there is {', '.join(shown)}{more}"
    return f"did you mean {' or '.join(close)}? {listed[0].upper()}{listed[1:]}" if close else listed
