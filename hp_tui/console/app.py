"""The Textual App: takes over snapshots, submits commands to the engine, shows notices. The screens do everything else."""

from __future__ import annotations

import os
import time
from collections.abc import Awaitable, Callable
from typing import ClassVar

from textual.command import Provider
from textual.events import Resize
from textual.reactive import reactive
from textual.screen import Screen

from hp_tui import crash, startup
from hp_tui.console.actions.action import KEY_OF_NAME
from hp_tui.console.actions.bindings import ActionBindings, takes_text
from hp_tui.console.drafts import DraftStore
from hp_tui.console.main.rows.outage import too_small
from hp_tui.console.main.screen import MainScreen
from hp_tui.console.main.too_small import TooSmallScreen
from hp_tui.console.messages import Copy, RunCommand, ShowNotice, TogglePause
from hp_tui.console.shared.fleet_screen import Following
from hp_tui.engine.port import EnginePort
from hp_tui.model.fleet import FleetSnapshot, LinkState
from hp_tui.model.timeline import Severity
from hp_tui.settings import Settings
from hp_tui.widgets.bars import KeyFooter
from hp_tui.widgets.escape import visible
from hp_tui.widgets.textual_internals.terminal_app import TerminalApp
from hp_tui.widgets.theme import THEMES, preferred

TICK = 1.0
"""Seconds between two updates of times: since when, countdowns, freshness."""
TOAST_SECONDS = {Severity.INFO: 4.0, Severity.GOOD: 4.0, Severity.WARN: 8.0, Severity.BAD: 12.0}
TOAST_SEVERITY = {
    Severity.INFO: "information",
    Severity.GOOD: "information",
    Severity.WARN: "warning",
    Severity.BAD: "error",
}


def _palette() -> type[Provider]:
    from hp_tui.console.actions.palette import ActionCommands

    return ActionCommands


class HpTuiApp(TerminalApp[None]):
    """The console on one Consul datacenter.

    ``engine`` does the work and is the only source of what is shown; ``clock`` gives Unix seconds; ``drafts`` keeps
    unsaved edits, by default in the user's state directory. No method awaits the network.
    """

    TITLE = "hp-tui"
    CSS_PATH = "app.tcss"
    COMMANDS: ClassVar[set[type[Provider] | Callable[[], type[Provider]]]] = {_palette}
    COMMAND_PALETTE_BINDING = "ctrl+p"

    # Repaints nothing by itself: the screens repaint what is new.
    snapshot: reactive[FleetSnapshot] = reactive(FleetSnapshot(), init=False, repaint=False)

    def __init__(
        self,
        engine: EnginePort,
        settings: Settings,
        *,
        clock: Callable[[], float] = time.time,
        drafts: DraftStore | None = None,
    ) -> None:
        super().__init__()
        self._engine = engine
        self._clock = clock
        self._newest = engine.snapshot
        self._paused_since: float | None = None
        self._last_notice = max((notice.seq for notice in engine.snapshot.notices), default=0)
        self._drafts = drafts if drafts is not None else DraftStore.in_state_directory()
        self.settings = settings
        self.set_reactive(HpTuiApp.snapshot, engine.snapshot)
        for theme in THEMES:
            self.register_theme(theme)
        self.start_with_theme(preferred(os.environ, settings.theme).name)

    def get_default_screen(self) -> Screen[None]:
        return MainScreen(self._engine.snapshot, self._clock(), self._drafts, self.wait_until_idle)

    def on_mount(self) -> None:
        self.set_interval(TICK, self._tick)
        # After the first paint: nothing of the engine may come before it.
        self.call_after_refresh(lambda: self.run_worker(self._run_engine(), name="engine", exit_on_error=True))

    def on_resize(self, event: Resize) -> None:
        """Cover everything with one sentence while the terminal is too small."""
        covered = isinstance(self.screen, TooSmallScreen)
        small = bool(too_small(event.size.width, event.size.height))
        if small and not covered:
            self.push_screen(TooSmallScreen())
        elif covered and not small:
            self.pop_screen()

    async def _run_engine(self) -> None:
        await self._engine.run(self._adopt)

    # Snapshots.

    def _adopt(self, snapshot: FleetSnapshot) -> Awaitable[None] | None:
        self._newest = snapshot
        self._show_new_notices(snapshot)
        if self._paused_since is None and snapshot.confirms(self.snapshot):
            self.set_reactive(HpTuiApp.snapshot, snapshot)  # the next tick shows how old it is
        elif self._paused_since is None:
            self.snapshot = snapshot
        else:
            self._show(self.snapshot, only_live=True)
        if snapshot.loaded or snapshot.link.state is not LinkState.CONNECTING:
            startup.over()
        below = self.screen_stack[0] if self.screen_stack else None
        return below.render_queue if isinstance(below, MainScreen) else None

    def watch_snapshot(self, snapshot: FleetSnapshot) -> None:
        self._show(snapshot)

    def _tick(self) -> None:
        self._show(self.snapshot)

    def _show(self, snapshot: FleetSnapshot, *, only_live: bool = False) -> None:
        if not self.is_running:  # while the App ends, the screens lose their widgets before the clock stops
            return
        now = self._clock()
        for screen in self.screen_stack:
            if isinstance(screen, Following) and screen.is_mounted and (screen.live or not only_live):
                screen.follow(self._newest if screen.live else snapshot, now)

    def on_toggle_pause(self, event: TogglePause) -> None:
        """Freeze the picture, or show the newest one again."""
        event.stop()
        self._paused_since = None if self._paused_since is not None else self._clock()
        for screen in self.screen_stack:
            if isinstance(screen, MainScreen):
                screen.paused_since = self._paused_since
        if self._paused_since is None:
            self.snapshot = self._newest
        self._show(self.snapshot)

    # Requests of the screens.

    def on_run_command(self, event: RunCommand) -> None:
        event.stop()
        self._engine.submit(event.command)

    def on_copy(self, event: Copy) -> None:
        event.stop()
        self.copy_to_clipboard(event.text)
        self._show_toast(f"copied {event.what}", Severity.INFO)

    def on_dialog_copy_requested(self, event: Copy) -> None:
        """A dialog posts a message of its own: widgets do not know the messages of the console."""
        self.on_copy(event)

    def on_show_notice(self, event: ShowNotice) -> None:
        event.stop()
        self._show_toast(event.text, event.severity)

    def on_key_footer_clicked(self, event: KeyFooter.Clicked) -> None:
        """A click on a hint presses its key, whatever has the focus."""
        event.stop()
        self.simulate_key(KEY_OF_NAME.get(event.key, event.key))

    def action_command_palette(self) -> None:
        """Open the palette on screens with actions; a dialog has none."""
        if isinstance(self.screen, ActionBindings):
            super().action_command_palette()

    def action_help_quit(self) -> None:
        """Ctrl-C outside an input ends the console, as in other programs; inside one it copies. Drafts are saved."""
        if takes_text(self.focused):
            self._show_toast("nothing is selected to copy · esc leaves, ctrl+q ends the console", Severity.INFO)
        else:
            self.exit()

    # Notices.

    def _show_new_notices(self, snapshot: FleetSnapshot) -> None:
        for notice in snapshot.notices:
            if notice.seq > self._last_notice:
                self._last_notice = notice.seq
                about = f"{notice.subject}: " if notice.subject and notice.subject not in notice.text else ""
                self._show_toast(about + notice.text, notice.severity)

    def _show_toast(self, text: str, severity: Severity) -> None:
        self.notify(
            visible(text),
            severity=TOAST_SEVERITY[severity],  # type: ignore[arg-type]
            timeout=TOAST_SECONDS[severity],
            markup=False,
        )

    def report_crash(self, error: BaseException) -> str:
        """The traceback goes to the log file. Returns one sentence for standard error."""
        self._drafts.flush()
        return f"hp-tui: {visible(crash.report(error))}"

    def on_unmount(self) -> None:
        """However the console ends, drafts are saved."""
        self._drafts.flush()
