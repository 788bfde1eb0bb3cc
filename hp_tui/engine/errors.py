"""Errors of the engine's workers."""

from __future__ import annotations

CONSOLE_FAULT = "failed because of a fault in the console; the log file has the traceback"
"""What the user reads of an exception that nobody expected, after the name of what failed."""


class NotDoneError(Exception):
    """A command was not carried out; ``str()`` is a sentence for the user."""
