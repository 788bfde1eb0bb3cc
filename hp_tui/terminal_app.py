"""A Textual App that is careful with its terminal: little is written to it, and it may go away."""

from __future__ import annotations

import base64
import os
from typing import Any, ClassVar, Generic, TypeVar

from rich.console import RenderableType
from textual._compositor import ChopsUpdate, CompositorUpdate, LayoutUpdate
from textual.app import App
from textual.binding import Binding, BindingType
from textual.driver import Driver
from textual.drivers.linux_driver import LinuxDriver
from textual.geometry import Offset
from textual.screen import Screen

from hp_tui.glass import Difference, Glass
from hp_tui.terminal_driver import LossProofDriver
from hp_tui.terminal_input import PASTE_LIMIT, PasteTooLarge
from hp_tui.terminfo import erases_to_background

Result = TypeVar("Result")


class TerminalApp(App[Result], Generic[Result]):
    """Sends only cells that differ from what the terminal shows, and survives a lost terminal."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+l", "redraw", "draw again", show=False),
        Binding("ctrl+z", "suspend_process", "to the shell", show=False),
    ]

    def __init__(self) -> None:
        self.glass = Glass()
        self._pointed_at = Offset(-1, -1)
        super().__init__()

    def on_mount(self) -> None:
        self.call_after_refresh(self._learn_of_terminal)

    def _learn_of_terminal(self) -> None:
        """After the first paint, which does not need it."""
        if isinstance(self._driver, LossProofDriver):
            self.glass.erases = erases_to_background(self._driver.output)

    def get_driver_class(self) -> type[Driver]:
        found = super().get_driver_class()
        return LossProofDriver if found is LinuxDriver else found

    def action_redraw(self) -> None:
        """Draw everything again, whatever the terminal shows: another program may have written over it."""
        self.glass.forget()
        self.refresh()

    def copy_to_clipboard(self, text: str) -> None:
        """OSC 52 to the terminal; inside tmux also past it.

        tmux takes the plain sequence only with ``set-clipboard on``, and the wrapped one only with ``allow-passthrough``
        (before tmux 3.3 always): whichever it knows, the other is dropped.
        """
        super().copy_to_clipboard(text)
        if os.environ.get("TMUX") and self._driver is not None:
            encoded = base64.b64encode(text.encode()).decode()
            self._driver.write(f"\x1bPtmux;\x1b\x1b]52;c;{encoded}\x07\x1b\\")

    def catch_up(self) -> None:
        """Draw what is to be seen now: the terminal has taken everything, pictures were left out meanwhile."""
        if self._running and not self._closed:
            self.refresh()

    def on_paste_too_large(self, event: PasteTooLarge) -> None:
        event.stop()
        limit = PASTE_LIMIT // 1024 // 1024
        self.notify(f"More than {limit} million characters were pasted; nothing of it was taken.", severity="warning")

    def _behind(self) -> bool:
        return isinstance(self._driver, LossProofDriver) and self._driver.behind()

    def _display(self, screen: Screen[Any], renderable: RenderableType | CompositorUpdate | None) -> None:
        """Textual's way to the terminal."""
        showing = self._running and not self._closed and not self.is_headless and not self._batch_count
        if showing and isinstance(renderable, LayoutUpdate | ChopsUpdate):
            if self._behind():
                self.post_display_hook()
                return  # this picture is left out; catch_up() draws the one that is current by then
            self.glass.fit(self.size)
            sequence = self.glass.difference(renderable, self.console)
            if not sequence and self.cursor_position == self._pointed_at:
                return
            self._pointed_at = self.cursor_position
            renderable = Difference(sequence)
        super()._display(screen, renderable)  # type: ignore[arg-type]  # it takes updates, whatever it says
