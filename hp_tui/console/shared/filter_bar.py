"""The filter at the foot of a panel."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.containers import Grid
from textual.message import Message
from textual.widgets import Static

from hp_tui.console.shared.rows.filter_parser import EVERYTHING, Filter, parse_filter

if TYPE_CHECKING:
    from textual.widgets import Input

HINTED = 4
"""Fields that the empty line names; help and an unknown field name them all."""


class FilterBar(Grid):
    """Hidden until opened; stays while it filters. A broken pattern is told right below it, and what was shown stays.

    ``fields`` are those that can be asked for by name. It is furnished when it is first opened: a first paint needs no
    input.
    """

    DEFAULT_CSS = """
    FilterBar { height: auto; display: none; grid-size: 2; grid-columns: 2 1fr; grid-rows: auto; }
    FilterBar .sign { height: 1; background: $panel; color: $accent; text-style: bold; }
    FilterBar Input, FilterBar Input:focus { height: 1; border: none; padding: 0; background: $panel; }
    FilterBar .problem { height: auto; column-span: 2; color: $error; display: none; }
    FilterBar.-broken .problem { display: block; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "clear", show=False),
        Binding("enter", "keep", show=False, priority=True),
    ]

    class Changed(Message):
        """What the panel shows from now on."""

        def __init__(self, wanted: Filter) -> None:
            super().__init__()
            self.wanted = wanted

    class Left(Message):
        """The user is done typing: the focus belongs to the panel again."""

    def __init__(self, fields: Sequence[str] = ()) -> None:
        super().__init__()
        self._fields = tuple(fields)
        self.wanted: Filter = EVERYTHING
        self._input: Input | None = None
        self._problem = Static(classes="problem", markup=False)

    def _furnished(self) -> Input:
        if self._input is None:
            from textual.widgets import Input

            self._input = Input(placeholder=self._placeholder(), select_on_focus=False, compact=True)
            self.mount(Static("/", classes="sign"), self._input, self._problem)
        return self._input

    def _placeholder(self) -> str:
        named = "   ".join(f"{name}:" for name in self._fields[:HINTED])
        return "   ".join(filter(None, ("text", named, "re:regex", "!not")))

    def open(self) -> None:
        """Show the line and take the keys, from the very next one on: what is typed ahead must not act as commands."""
        self.display = True
        self.screen.set_focus(self._furnished())

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
        if self._input is not None:
            self._input.value = ""
        self._set(EVERYTHING)
        self.display = False
        self.post_message(self.Left())

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        self._set(parse_filter(event.value, self._fields))

    def _set(self, wanted: Filter) -> None:
        self.set_class(bool(wanted.error), "-broken")
        self._problem.update(wanted.error)
        if not wanted.error and wanted != self.wanted:
            self.wanted = wanted
            self.post_message(self.Changed(wanted))
