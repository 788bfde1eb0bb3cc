"""The menu of what can be copied."""

from __future__ import annotations

from typing import Any

from textual.screen import Screen

from hp_tui.console.messages import Copy
from hp_tui.model.text import first_line
from hp_tui.widgets.choice import Choice, ChoiceDialog


def copy_one_of(screen: Screen[Any], title: str, texts: dict[str, str], labels: dict[str, str]) -> None:
    """A menu of what can be copied: ``texts`` by name, empty ones left out; commands show themselves."""
    choices = [
        Choice(name, labels.get(name, "command"), name[0], first_line(text)) for name, text in texts.items() if text
    ]

    def act(name: str | None) -> None:
        if name is not None:
            screen.app.post_message(Copy(texts[name], labels.get(name, "the command")))

    screen.app.push_screen(ChoiceDialog(title, choices), act)
