"""What the main screen can do: each action of the registry with the code that does it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING

from hp_tui.console.actions.action_id import GO_TO, ActionId, Scope
from hp_tui.console.actions.stage import ActionStage
from hp_tui.console.calls.actions import CallActions
from hp_tui.console.drafts import DraftStore
from hp_tui.console.health.actions import CHAOS
from hp_tui.console.health.bulk_screen import Unfinished
from hp_tui.console.health.copying import copy_instances
from hp_tui.console.kv.actions import copy_key
from hp_tui.console.messages import Jump, RunCommand, ShowNotice, TogglePause
from hp_tui.console.shared.connection import ask_token, reconnect
from hp_tui.console.shared.copying import copy_one_of
from hp_tui.console.shared.rows import shell
from hp_tui.model.calls import CallRun
from hp_tui.model.commands import UseDatacenter
from hp_tui.model.fleet import InstanceView
from hp_tui.model.timeline import Severity, TimelineEntry, TimelineKind
from hp_tui.widgets.choice import Choice, ChoiceDialog

if TYPE_CHECKING:
    from hp_tui.console.main.screen import MainScreen


class MainActions:
    """The main screen's hands: dialogs are opened here, panels are only told to move."""

    def __init__(self, screen: MainScreen, drafts: DraftStore) -> None:
        self._screen = screen
        self.calls = CallActions(screen, lambda: screen.snapshot, lambda: screen.now, self._fired)
        self.stage = ActionStage(
            screen, lambda: screen.snapshot, lambda: screen.now, drafts, self.calls, unfinished=self._unfinished
        )

    def everywhere(self) -> Mapping[ActionId, Callable[[], None]]:
        """Actions that need no particular panel."""
        screen = self._screen
        return {
            ActionId.HELP: self._help,
            ActionId.FILTER: lambda: screen.active.open_filter(),
            ActionId.CALL: lambda: self.calls.once(screen.selected_service()),
            ActionId.COMPOSE: lambda: self.calls.compose(screen.selected_service()),
            ActionId.ZOOM: screen.toggle_zoom,
            ActionId.BACK: screen.go_back,
            ActionId.COPY: self._copy,
            ActionId.TIMELINE: self._timeline,
            ActionId.SERVICE: self._selected_service,
            ActionId.PAUSE: self._pause,
            ActionId.RECONNECT: lambda: reconnect(screen.app),
            ActionId.DATACENTER: self._datacenter,
            ActionId.TOKEN: lambda: ask_token(screen.app),
            ActionId.CHAOS: self._chaos,
            ActionId.PALETTE: lambda: screen.app.action_command_palette(),
            **{go: partial(self._go_to, scope) for go, scope in GO_TO.items()},
            ActionId.NEXT_PANEL: lambda: self._step(1),
            ActionId.PREVIOUS_PANEL: lambda: self._step(-1),
            ActionId.QUIT: lambda: screen.app.exit(),
        }

    def _unfinished(self, refs: Unfinished) -> None:
        """What it was not done on stays marked."""
        self._screen.health.marks.keep(refs)
        self._screen.health.show_marks()

    def open(self, subject: InstanceView | str) -> None:
        """The drawer of an instance, or of a service by its name."""
        if isinstance(subject, str):
            self.service(subject)
        else:
            self._detail(subject)

    def open_history(self, run: CallRun) -> None:
        """Every run of calls, this one under the cursor; the one chosen there is shown in the panel."""
        self.calls.runs(run.id, self._screen.calls.choose)

    def _fired(self, run_id: str) -> None:
        screen = self._screen
        screen.calls.choose(run_id)
        if not screen.has_class("-four"):
            screen.show_panel(screen.calls)

    def _go_to(self, scope: Scope) -> None:
        self._screen.show_panel(next(panel for panel in self._screen.panels if panel.scope is scope))

    def _step(self, step: int) -> None:
        panels = self._screen.panels
        self._screen.show_panel(panels[(panels.index(self._screen.active) + step) % len(panels)])

    def _detail(self, view: InstanceView) -> None:
        from hp_tui.console.health.detail import DetailScreen

        screen = self._screen
        service = view.instance.service
        detail = DetailScreen(self.stage, service, view.id, self.service)
        screen.app.push_screen(detail)

    def service(self, name: str) -> None:
        """Open the drawer of a service, or of a name that somebody calls. Its instances are watched while it is open."""
        from hp_tui.console.service.screen import ServiceScreen

        screen = self._screen

        def closed(_: None) -> None:
            screen.watch_also("")

        screen.watch_also(name)
        drawer = ServiceScreen(self.stage, name, self._detail)
        screen.app.push_screen(drawer, closed)

    def _selected_service(self) -> None:
        name = self._screen.selected_subject()
        if name:
            self.service(name)
        else:
            self._say("no service is selected", Severity.WARN)

    def _help(self) -> None:
        from hp_tui.console.actions.help import HelpScreen

        self._screen.app.push_screen(HelpScreen(self._screen.snapshot, self._screen.active.scope))

    def _timeline(self) -> None:
        from hp_tui.console.timeline.screen import TimelineScreen

        def act(entry: TimelineEntry | None) -> None:
            if entry is not None:
                self._screen.post_message(Jump(entry))

        self._screen.app.push_screen(TimelineScreen(self._screen.snapshot, self._screen.now), act)

    def jump(self, entry: TimelineEntry) -> None:
        """Go to a line's key or instance; where the instance is gone, or not loaded, to its service; else say so."""
        screen, target = self._screen, entry.subject
        services = screen.snapshot.services
        if entry.kind is TimelineKind.KV:
            screen.show_panel(screen.kv)
            screen.kv.select(target)
        elif screen.health.select(target, entry.service):
            screen.show_panel(screen.health)
        elif (service := entry.service or target) in services:
            screen.show_panel(screen.health)
            screen.health.select_service(service)
            if target != service and services[service].instances is not None:
                self._say(f"{target} is not registered any more; this is its service", Severity.WARN)
        else:
            self._say(f"{target} is not in Consul any more", Severity.WARN)

    def _datacenter(self) -> None:
        names = self._screen.snapshot.cluster.datacenters
        here = self._screen.snapshot.cluster.datacenter
        if not names:
            self._say("no datacenter is known yet", Severity.WARN)
            return

        def act(name: str | None) -> None:
            if name is None or name == here:
                return
            self._screen.app.post_message(RunCommand(UseDatacenter(name)))
            if self._screen.paused_since is not None:  # a frozen picture of where one no longer looks
                self._pause()

        choices = [
            Choice(name, name, str(number) if number < 10 else "", "shown now" if name == here else "")
            for number, name in enumerate(names, start=1)
        ]
        self._screen.app.push_screen(ChoiceDialog("Datacenter", choices), act)

    def _chaos(self) -> None:
        view = self._screen.health.selected()
        if view is None:
            self._say("select an instance in panel 2 first", Severity.WARN)
            return
        CHAOS.start(self.stage, view)

    def _copy(self) -> None:
        screen = self._screen
        if screen.active is screen.kv and screen.kv.path:
            copy_key(self.stage, screen.kv.path)
            return
        run = screen.calls.run_shown()
        if screen.active is screen.calls and run is not None:
            self.calls.copy(run)
            return
        views = screen.health.chosen()
        if screen.active is screen.health and views:
            copy_instances(self.stage, views)
            return
        service = screen.selected_service()
        if service:
            command = shell.show_service(service, shell.reach(screen.snapshot))
            copy_one_of(screen, f"Copy of {service}", {"name": service, "health": command}, {"name": "its name"})
        else:
            self._say("nothing is selected", Severity.WARN)

    def _pause(self) -> None:
        self._screen.app.post_message(TogglePause())

    def _say(self, text: str, severity: Severity = Severity.INFO) -> None:
        self._screen.app.post_message(ShowNotice(text, severity))
