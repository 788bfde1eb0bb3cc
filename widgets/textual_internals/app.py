"""A Textual App that is careful with its terminal: little is written to it, and it may go away."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import os
from collections import deque
from collections.abc import Iterator
from typing import Any, ClassVar, Generic, TypeVar

from rich.console import RenderableType
from textual._compositor import ChopsUpdate, CompositorUpdate, LayoutUpdate
from textual.app import App
from textual.await_complete import AwaitComplete
from textual.binding import Binding, BindingType
from textual.driver import Driver
from textual.drivers.linux_driver import LinuxDriver
from textual.events import Event, Key, Paste, Resize
from textual.geometry import Offset
from textual.screen import Screen
from textual.widget import Widget

from hp_tui.widgets.textual_internals.compositor import paint, unpainted
from hp_tui.widgets.textual_internals.driver import LossProofDriver
from hp_tui.widgets.textual_internals.key_queue import LAPS, PATIENCE, Settled, TypeAhead, Typed, listens
from hp_tui.widgets.textual_internals.paste_parser import PASTE_LIMIT, PasteTooLarge
from hp_tui.widgets.textual_internals.screen_buffer import Difference, Glass
from hp_tui.widgets.textual_internals.terminfo import erases_to_background

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
        self._typed = TypeAhead()
        self._announced: deque[Typed] = deque()
        self._stirred = asyncio.Event()
        """A key is done with, or a picture painted."""
        self._impatience: asyncio.TimerHandle | None = None
        super().__init__()

    def on_mount(self) -> None:
        self.call_after_refresh(self._learn_of_terminal)

    def on_resize(self, event: Resize) -> None:
        """What a terminal of another size showed is not known, also where it has the old size again by now."""
        if self.glass.known:  # the first size of all comes before anything is drawn
            self._send_all()

    def _learn_of_terminal(self) -> None:
        """After the first paint, which does not need it."""
        if isinstance(self._driver, LossProofDriver):
            self.glass.erases = erases_to_background(self._driver.output)

    def get_driver_class(self) -> type[Driver]:
        found = super().get_driver_class()
        return LossProofDriver if found is LinuxDriver else found

    def action_redraw(self) -> None:
        """Draw everything again, whatever the terminal shows: another program may have written over it."""
        for widget in self.screen.walk_children(Widget):
            widget.refresh()
        self._send_all()

    def _send_all(self) -> None:
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

    # Keys.

    def announce(self, event: Typed) -> None:
        """From the thread that reads: this is on its way to :meth:`on_event`."""
        self._announced.append(event)

    async def on_event(self, event: Event) -> None:
        if not isinstance(event, Key | Paste) or event.is_forwarded:
            await super().on_event(event)
            return
        with contextlib.suppress(ValueError):
            self._announced.remove(event)
        if not self._typed.waits(event):
            await self._take(event)

    async def _take(self, event: Typed) -> None:
        number, screen, focused = self._typed.set_out(), self.screen, self.focused
        if self._impatience is not None:
            self._impatience.cancel()
        late = Settled(number, screen, LAPS)
        self._impatience = asyncio.get_running_loop().call_later(PATIENCE, self.post_message, late)
        if isinstance(event, Key) and screen.is_mounted and not any(listens(kind) for kind in self._hearers()):
            await self._act(event.key)
            if focused is not None and screen is self.screen and not self._announced and not self._typed.more:
                paint(screen, focused)
            # The key itself has been done: only what it posted is to be followed.
            self._follow(Settled(number, screen, LAPS), focused)
        else:
            await super().on_event(event)
            self._follow(Settled(number, screen), focused)

    def _hearers(self) -> Iterator[type]:
        """Who would hear a key before it is acted upon: the kinds of the widget with the focus and of all around it."""
        return (type(node) for node in (self.focused or self.screen).ancestors_with_self)

    async def _act(self, key: str) -> None:
        """What Textual does with a key that nobody listens for, without the way through everybody's queue of messages."""
        self.app_focus = True
        if not await self._check_bindings(key, priority=True):
            await self._check_bindings(key)

    def _follow(self, settled: Settled, start: Widget | None) -> None:
        for place in (start, settled.screen, self):
            if place is not None and place.post_message(settled):
                return

    async def on_settled(self, event: Settled) -> None:
        """Where a key has led to a screen, that has the focus before the next key comes."""
        event.stop()
        if event.number != self._typed.number or not self.is_running or not self.screen_stack:
            return
        same = event.screen is self.screen
        if same and event.lap >= LAPS:
            following = self._typed.next(event.number)
            if following is not None:
                await self._take(following)
            else:
                self._stirred.set()
        else:
            self._follow(Settled(event.number, self.screen, event.lap + 1 if same else 1), self.focused)

    def pop_screen(self) -> AwaitComplete:
        """What was on its way up from the screen that goes is lost with it.

        The last screen stays, however often it is asked to go: two keys may both want to close the one above it.
        """
        if len(self.screen_stack) < 2:
            return AwaitComplete()
        self.post_message(Settled(self._typed.number, self.screen))
        return super().pop_screen()

    # Pictures.

    async def turn(self) -> None:
        """Wait until no key is under way and nothing is to be painted: what is done then keeps nobody waiting.

        For :data:`PATIENCE` at most.
        """
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE):
                while not self._at_rest():
                    self._stirred.clear()
                    await self._stirred.wait()

    def _at_rest(self) -> bool:
        if self._announced or not self._typed.idle:
            return False
        return not unpainted(self.screen)

    def _behind(self) -> bool:
        return isinstance(self._driver, LossProofDriver) and self._driver.behind()

    def _display(self, screen: Screen[Any], renderable: RenderableType | CompositorUpdate | None) -> None:
        """Textual's way to the terminal."""
        self._stirred.set()
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
