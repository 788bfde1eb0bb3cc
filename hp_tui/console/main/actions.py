"""What the main screen can do: each action of the registry with the code that does it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from hp_tui.console.actions.action import Do
from hp_tui.console.calls.actions import CallDeeds
from hp_tui.console.drafts import DraftStore
from hp_tui.console.health.bulk_actions import BulkDeeds
from hp_tui.console.health.bulk_screen import Unfinished
from hp_tui.console.health.instance_actions import InstanceDeeds, copy_one_of
from hp_tui.console.kv.actions import KeyDeeds
from hp_tui.console.messages import Ask, Jump, Say, TogglePause
from hp_tui.console.shared.connection import ask_token, reconnect
from hp_tui.console.shared.rows import shell
from hp_tui.model.calls import CallRun
from hp_tui.model.commands import UseDatacenter
from hp_tui.model.fleet import InstanceView
from hp_tui.model.timeline import Severity, TimelineEntry, TimelineKind
from hp_tui.widgets.choice import Choice, ChoiceDialog

if TYPE_CHECKING:
    from hp_tui.console.main.screen import MainScreen


class Deeds:
    """The main screen's hands: dialogs are opened here, panels are only told to move."""

    def __init__(self, screen: MainScreen, drafts: DraftStore) -> None:
        self._screen = screen
        self.instances = InstanceDeeds(screen, lambda: screen.snapshot, lambda: screen.now)
        self.many = BulkDeeds(screen, lambda: screen.snapshot, lambda: screen.now, self._unfinished)
        self.calls = CallDeeds(screen, lambda: screen.snapshot, lambda: screen.now, self._fired)
        self.keys = KeyDeeds(screen, lambda: screen.snapshot, lambda: screen.now, drafts)

    def everywhere(self) -> Mapping[Do, Callable[[], None]]:
        """Actions that need no particular panel."""
        screen = self._screen
        panels = screen.panels
        return {
            Do.HELP: self._help,
            Do.FILTER: lambda: screen.active.open_filter(),
            Do.CALL: lambda: self.calls.once(screen.selected_service()),
            Do.COMPOSE: lambda: self.calls.compose(screen.selected_service()),
            Do.ZOOM: screen.toggle_zoom,
            Do.BACK: screen.go_back,
            Do.COPY: self._copy,
            Do.TIMELINE: self._timeline,
            Do.SERVICE: self._selected_service,
            Do.PAUSE: self._pause,
            Do.RECONNECT: lambda: reconnect(screen.app),
            Do.DATACENTER: self._datacenter,
            Do.TOKEN: lambda: ask_token(screen.app),
            Do.CHAOS: self._chaos,
            Do.PALETTE: lambda: screen.app.action_command_palette(),
            Do.PANEL_TOPOLOGY: lambda: screen.show_panel(panels[0]),
            Do.PANEL_HEALTH: lambda: screen.show_panel(panels[1]),
            Do.PANEL_CALLS: lambda: screen.show_panel(panels[2]),
            Do.PANEL_KV: lambda: screen.show_panel(panels[3]),
            Do.NEXT_PANEL: lambda: self._step(1),
            Do.PREVIOUS_PANEL: lambda: self._step(-1),
            Do.QUIT: lambda: screen.app.exit(),
        }

    def on_instances(self, what: Do, views: tuple[InstanceView, ...]) -> None:
        """An action on the marked instances, else on the one under the cursor."""
        if what is Do.DETAIL:
            self._detail(views[0])
            return
        one, many = self.instances, self.many
        alone, together = {
            Do.BREAKER: (one.breaker, many.breaker),
            Do.MAINTENANCE: (one.maintenance, many.maintenance),
            Do.DEREGISTER: (one.deregister, many.deregister),
        }[what]
        if len(views) == 1:
            alone(views[0])
        else:
            together(views)

    def _unfinished(self, refs: Unfinished) -> None:
        """What it was not done on stays marked."""
        self._screen.health.marks.keep(refs)
        self._screen.health.show_marks()

    def on_run(self, what: Do, run: CallRun | None) -> None:
        """An action on the run that is shown, if there is one."""
        if what is Do.SAVED:
            self.calls.saved()
        elif run is not None:
            acts: dict[Do, Callable[[CallRun], None]] = {
                Do.REPEAT: self.calls.again,
                Do.SAVE_AS: self.calls.save_as,
                Do.RUNS: lambda run: self.calls.runs(run.id, self._screen.calls.choose),
            }
            acts[what](run)

    def on_key(self, what: Do, path: str) -> None:
        """An action on the key under the cursor."""
        {Do.EDIT: self.keys.edit, Do.NEW_KEY: self.keys.create, Do.DELETE_KEY: self.keys.delete}[what](path)

    def _fired(self, run_id: str) -> None:
        screen = self._screen
        screen.calls.choose(run_id)
        if not screen.has_class("-four"):
            screen.show_panel(screen.calls)

    def _step(self, step: int) -> None:
        panels = self._screen.panels
        self._screen.show_panel(panels[(panels.index(self._screen.active) + step) % len(panels)])

    def _detail(self, view: InstanceView) -> None:
        from hp_tui.console.health.detail import DetailScreen

        screen = self._screen
        service = view.instance.service
        detail = DetailScreen(screen.snapshot, screen.now, service, view.id, self.calls.once, self.service)
        screen.app.push_screen(detail)

    def service(self, name: str) -> None:
        """Open the drawer of a service, or of a name that somebody calls. Its instances are watched while it is open."""
        from hp_tui.console.service.screen import ServiceScreen

        screen = self._screen

        def closed(_: None) -> None:
            screen.also_look_at("")

        screen.also_look_at(name)
        drawer = ServiceScreen(screen.snapshot, screen.now, name, self.calls.once, self._detail)
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
            self._screen.app.post_message(Ask(UseDatacenter(name)))
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
        self.instances.chaos(view)

    def _copy(self) -> None:
        screen = self._screen
        if screen.active is screen.kv and screen.kv.path:
            self.keys.copy(screen.kv.path)
            return
        run = screen.calls.run_shown()
        if screen.active is screen.calls and run is not None:
            self.calls.copy(run)
            return
        views = screen.health.chosen()
        if screen.active is screen.health and views:
            self.instances.copy(views[0]) if len(views) == 1 else self.many.copy(views)
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
        self._screen.app.post_message(Say(text, severity))
