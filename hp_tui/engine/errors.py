"""What the engine's own work raises."""

from __future__ import annotations


class NotDoneError(Exception):
    """A command was not carried out; ``str()`` is a sentence for the user."""
