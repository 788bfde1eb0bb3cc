"""The filter at the foot of a panel."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.widgets import Input, Static

from hp_tui.present.matching import EVERYTHING, Filter, parse_filter


class FilterLine(Vertical):
    """Hidden until opened; stays while it filters. A broken pattern is told right below it, and what was shown stays."""

    DEFAULT_CSS = """
    FilterLine { height: auto; display: none; }
    FilterLine Horizontal { height: 1; background: $panel; }
    FilterLine .sign { width: 2; color: $accent; text-style: bold; }
    FilterLine Input, FilterLine Input:focus { width: 1fr; height: 1; border: none; padding: 0; background: $panel; }
    FilterLine .problem { height: auto; color: $error; display: none; }
    FilterLine.-broken .problem { display: block; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "clear", show=False),
        Binding("enter", "keep", show=False, priority=True),
    ]

    class Changed(Message):
        """What is to be shown from now on."""

        def __init__(self, wanted: Filter) -> None:
            super().__init__()
            self.wanted = wanted

    class Left(Message):
        """The user is done typing: the focus belongs to the panel again."""

    def __init__(self) -> None:
        super().__init__()
        self.wanted: Filter = EVERYTHING

    def compose(self) -> ComposeResult:
        with Horizontal():
            yield Static("/", classes="sign")
            yield Input(placeholder="text   re:regex   !not", select_on_focus=False, compact=True)
        yield Static(classes="problem", markup=False)

    def open(self) -> None:
        """Show the line and take the keys, from the very next one on: what is typed ahead must not act as commands."""
        self.display = True
        self.screen.set_focus(self.query_one(Input))

    @property
    def is_open(self) -> bool:
        """Whether it is in sight."""
        return bool(self.display)

    def action_keep(self) -> None:
        if self.has_class("-broken"):
            return
        if not self.wanted.text.strip():
            self.action_clear()
        else:
            self.post_message(self.Left())

    def action_clear(self) -> None:
        """Everything is shown again."""
        self.query_one(Input).value = ""
        self._set(EVERYTHING)
        self.display = False
        self.post_message(self.Left())

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        self._set(parse_filter(event.value))

    def _set(self, wanted: Filter) -> None:
        self.set_class(bool(wanted.error), "-broken")
        self.query_one(".problem", Static).update(wanted.error)
        if not wanted.error and wanted != self.wanted:
            self.wanted = wanted
            self.post_message(self.Changed(wanted))
