"""What the parts of the screen say to the App. Commands to the engine, and the few things only the App can do.

They are posted to the App itself (``self.app.post_message``). Left to bubble they would be lost where their sender is
the parent on their way, or where the screen they begin at is closed right after.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.message import Message

from hp_tui.model.timeline import Severity, TimelineEntry

if TYPE_CHECKING:
    from hp_tui.model.commands import Command


class RunCommand(Message):
    """The user wants this done; the App hands it to the engine."""

    def __init__(self, command: Command) -> None:
        super().__init__()
        self.command = command


class Copy(Message):
    """Put ``text`` on the user's clipboard (OSC 52); ``what`` names it in the confirmation."""

    def __init__(self, text: str, what: str) -> None:
        super().__init__()
        self.text = text
        self.what = what


class ShowNotice(Message):
    """A sentence for the user."""

    def __init__(self, text: str, severity: Severity = Severity.INFO) -> None:
        super().__init__()
        self.text = text
        self.severity = severity


class Jump(Message):
    """Go to what a line of the timeline is about: an instance, a service or a key."""

    def __init__(self, entry: TimelineEntry) -> None:
        super().__init__()
        self.entry = entry


class TogglePause(Message):
    """Freeze the picture, or let it go on."""
