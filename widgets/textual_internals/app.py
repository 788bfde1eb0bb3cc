"""A Textual App that is careful with its terminal: little is written to it, and it may go away."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import os
from collections import deque
from collections.abc import Iterator, Sequence
from typing import Any, Generic

from rich.console import RenderableType
from textual._compositor import ChopsUpdate, CompositorUpdate, LayoutUpdate
from textual.app import App
from textual.await_complete import AwaitComplete
from textual.driver import Driver
from textual.drivers.linux_driver import LinuxDriver
from textual.events import Event, Key, Paste, Resize
from textual.filter import LineFilter
from textual.geometry import Offset
from textual.screen import Screen
from textual.widget import Widget

from hp_tui.widgets.control_filter import ControlFilter
from hp_tui.widgets.textual_internals.base_app import BaseTerminalApp, Result
from hp_tui.widgets.textual_internals.compositor import paint_now, paint_pending
from hp_tui.widgets.textual_internals.driver import ResilientDriver
from hp_tui.widgets.textual_internals.key_queue import (
    MAX_WAIT_SECONDS,
    ROUNDS,
    KeyHandled,
    KeyOrPaste,
    KeyQueue,
    handles_keys,
)
from hp_tui.widgets.textual_internals.paste_parser import PASTE_LIMIT, PasteTooLarge
from hp_tui.widgets.textual_internals.screen_buffer import RawUpdate, ScreenBuffer
from hp_tui.widgets.textual_internals.terminfo import erases_to_background

CONTROL_FILTER = ControlFilter()


class TerminalApp(BaseTerminalApp[Result], Generic[Result]):
    """Sends only cells that differ from what the terminal shows, and survives a lost terminal."""

    def __init__(self) -> None:
        self.screen_buffer = ScreenBuffer()
        self._sent_cursor = Offset(-1, -1)
        self._key_queue = KeyQueue()
        self._announced: deque[KeyOrPaste] = deque()
        """What the thread that reads the terminal has read, and the event loop has not seen yet."""
        self._progress = asyncio.Event()
        """Set when a key was handled or something was painted."""
        self._key_timeout: asyncio.TimerHandle | None = None
        super().__init__()

    def start_with_theme(self, name: str) -> None:
        """Set the theme before anything is drawn: a watcher of the theme would have all styles parsed once more."""
        self.set_reactive(App.theme, name)
        dark = self.current_theme.dark
        self.set_class(dark, "-dark-mode", update=False)
        self.set_class(not dark, "-light-mode", update=False)
        self._refresh_truecolor_filter(self.ansi_theme)
        self.stylesheet.set_variables(self.get_css_variables())

    def get_line_filters(self) -> Sequence[LineFilter]:
        filters = super().get_line_filters()
        return [*filters, CONTROL_FILTER] if self.is_headless else filters  # the screen buffer filters otherwise

    # The terminal.

    def on_mount(self) -> None:
        self.call_after_refresh(self._read_terminfo)

    def on_resize(self, event: Resize) -> None:
        """After a resize nobody knows what the terminal shows, even if it has its old size again by now."""
        if self.screen_buffer.known:  # the first size of all comes before anything is drawn
            self._send_everything()

    def _read_terminfo(self) -> None:
        """After the first paint, which does not need it."""
        if isinstance(self._driver, ResilientDriver):
            self.screen_buffer.can_erase = erases_to_background(self._driver.output)

    def get_driver_class(self) -> type[Driver]:
        found = super().get_driver_class()
        return ResilientDriver if found is LinuxDriver else found

    def action_redraw(self) -> None:
        self.screen_buffer.forget()
        super().action_redraw()

    def _send_everything(self) -> None:
        self.screen_buffer.forget()
        self.refresh()

    def copy_to_clipboard(self, text: str) -> None:
        """OSC 52 to the terminal; inside tmux also past it.

        tmux takes the plain sequence only with ``set-clipboard on``, and the wrapped one only with ``allow-passthrough``
        (before tmux 3.3 always). It drops the one it does not take.
        """
        super().copy_to_clipboard(text)
        if os.environ.get("TMUX") and self._driver is not None:
            encoded = base64.b64encode(text.encode()).decode()
            self._driver.write(f"\x1bPtmux;\x1b\x1b]52;c;{encoded}\x07\x1b\\")

    def catch_up(self) -> None:
        """Draw the current picture: the terminal has taken everything, and pictures were left out meanwhile."""
        if self._running and not self._closed:
            self.refresh()

    def on_paste_too_large(self, event: PasteTooLarge) -> None:
        event.stop()
        limit = PASTE_LIMIT // 1024 // 1024
        self.notify(f"More than {limit} million characters were pasted; nothing of it was taken.", severity="warning")

    # Keys.

    @property
    def keys_idle(self) -> bool:
        return self._key_queue.idle

    def announce_input(self, event: KeyOrPaste) -> None:
        """Called from the thread that reads the terminal: ``event`` is on its way to :meth:`on_event`."""
        self._announced.append(event)

    async def on_event(self, event: Event) -> None:
        if not isinstance(event, Key | Paste) or event.is_forwarded:
            await super().on_event(event)
            return
        with contextlib.suppress(ValueError):
            self._announced.remove(event)
        if not self._key_queue.hold_back(event):
            await self._dispatch(event)

    async def _dispatch(self, event: KeyOrPaste) -> None:
        number, screen, focused = self._key_queue.start(), self.screen, self.focused
        if self._key_timeout is not None:
            self._key_timeout.cancel()
        last_resort = KeyHandled(number, screen, ROUNDS)
        loop = asyncio.get_running_loop()
        self._key_timeout = loop.call_later(MAX_WAIT_SECONDS, self.post_message, last_resort)
        if isinstance(event, Key) and screen.is_mounted and not any(handles_keys(kind) for kind in self._key_path()):
            await self._run_binding(event.key)
            if focused is not None and screen is self.screen and not self._announced and not self._key_queue.waiting:
                paint_now(screen, focused)
            # The key itself is done: only what it posted is to be followed.
            self._post_behind(KeyHandled(number, screen, ROUNDS), focused)
        else:
            await super().on_event(event)
            self._post_behind(KeyHandled(number, screen), focused)

    def _key_path(self) -> Iterator[type]:
        """The classes that would see a key before its binding runs: the focused widget's and those around it."""
        return (type(node) for node in (self.focused or self.screen).ancestors_with_self)

    async def _run_binding(self, key: str) -> None:
        """As Textual does for a key that nobody handles, but without passing through everybody's message queue."""
        self.app_focus = True
        if not await self._check_bindings(key, priority=True):
            await self._check_bindings(key)

    def _post_behind(self, message: KeyHandled, start: Widget | None) -> None:
        for node in (start, message.screen, self):
            if node is not None and node.post_message(message):
                return

    async def on_key_handled(self, event: KeyHandled) -> None:
        """A screen that the key opened has the focus before the next key is dispatched."""
        event.stop()
        if event.number != self._key_queue.number or not self.is_running or not self.screen_stack:
            return
        same = event.screen is self.screen
        if same and event.round >= ROUNDS:
            following = self._key_queue.finish(event.number)
            if following is not None:
                await self._dispatch(following)
            else:
                self._progress.set()
        else:
            self._post_behind(KeyHandled(event.number, self.screen, event.round + 1 if same else 1), self.focused)

    def pop_screen(self) -> AwaitComplete:
        """What was on its way up from the screen that goes is lost with it, so the key is followed anew.

        The last screen stays, however often it is asked to go: two keys may both want to close the one above it.
        """
        if len(self.screen_stack) < 2:
            return AwaitComplete()
        self.post_message(KeyHandled(self._key_queue.number, self.screen))
        return super().pop_screen()

    # Painting.

    async def wait_until_idle(self) -> None:
        """Wait until no key is being handled and nothing is to be painted, for :data:`MAX_WAIT_SECONDS` at most."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(MAX_WAIT_SECONDS):
                while self._announced or not self._key_queue.idle or paint_pending(self.screen):
                    self._progress.clear()
                    await self._progress.wait()

    def _terminal_is_behind(self) -> bool:
        return isinstance(self._driver, ResilientDriver) and self._driver.behind()

    def _display(self, screen: Screen[Any], renderable: RenderableType | CompositorUpdate | None) -> None:
        """Textual calls this with everything that goes to the terminal."""
        self._progress.set()
        showing = self._running and not self._closed and not self.is_headless and not self._batch_count
        if showing and isinstance(renderable, LayoutUpdate | ChopsUpdate):
            if self._terminal_is_behind():
                self.post_display_hook()
                return  # this picture is left out; catch_up() draws the one that is current by then
            self.screen_buffer.resize(self.size)
            sequence = self.screen_buffer.difference(renderable, self.console)
            if not sequence and self.cursor_position == self._sent_cursor:
                return
            self._sent_cursor = self.cursor_position
            renderable = RawUpdate(sequence)
        super()._display(screen, renderable)  # type: ignore[arg-type]  # it takes updates, whatever it says

    # When the App itself fails.

    def _handle_exception(self, error: Exception) -> None:
        """End with status 1. Textual's own method would print the value of every local variable."""
        if not self.note_error(error):
            return
        self._return_code = 1
        if self._exception is None:
            self._exception = error
            self._exception_event.set()
        self._close_messages_no_wait()
