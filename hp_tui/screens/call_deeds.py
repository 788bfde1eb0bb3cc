"""Firing test calls: once, composed, again."""

from __future__ import annotations

import secrets
from collections.abc import Callable

from msgspec.structs import replace
from textual.screen import Screen

from hp_tui.messages import Ask, Say
from hp_tui.model.calls import HEALTH_METHOD, CallRun, CallSpec
from hp_tui.model.commands import DescribeMethods, StartRun
from hp_tui.model.fleet import FleetSnapshot
from hp_tui.model.timeline import Severity
from hp_tui.present.calls import last_spec, reply_text
from hp_tui.present.compose import Form
from hp_tui.screens.instance_deeds import copy_one_of


class CallDeeds:
    """On behalf of ``screen``; ``fired`` is told the id of each run that was begun."""

    def __init__(
        self,
        screen: Screen[None],
        snapshot: Callable[[], FleetSnapshot],
        now: Callable[[], float],
        fired: Callable[[str], None],
    ) -> None:
        self._screen = screen
        self._snapshot = snapshot
        self._now = now
        self._fired = fired
        self._composed: dict[str, Form] = {}

    def once(self, service: str) -> None:
        """One call with what was last fired at the service; its health check on a read-only console."""
        snapshot = self._snapshot()
        if not service:
            self._screen.app.post_message(Say("select a service first: there is nothing to call here", Severity.WARN))
            return
        last = None if snapshot.read_only else last_spec(snapshot.runs, service)
        self.fire(replace(last or CallSpec(service, HEALTH_METHOD), count=1, rate=0.0))

    def fire(self, spec: CallSpec) -> None:
        """Begin a run."""
        run_id = f"run-{secrets.token_hex(4)}"
        self._screen.app.post_message(Ask(StartRun(run_id, spec)))
        self._fired(run_id)

    def compose(self, service: str) -> None:
        """Open the composer with what was last composed or fired."""
        from hp_tui.screens.composer import ComposerScreen

        snapshot = self._snapshot()
        services = tuple(name for name, view in snapshot.services.items() if not view.kind)
        service = service or (services[0] if services else "")
        if not service:
            self._screen.app.post_message(Say("there is no service to call yet", Severity.WARN))
            return
        form = self._composed.get(service) or Form.of(last_spec(snapshot.runs, service) or CallSpec(service))
        if service not in snapshot.methods:
            self._screen.app.post_message(Ask(DescribeMethods(service)))

        def act(composed: CallSpec | None) -> None:
            if composed is not None:
                self.fire(composed)

        self._screen.app.push_screen(ComposerScreen(snapshot, self._now(), form, self._keep), act)

    def _keep(self, form: Form) -> None:
        self._composed[form.service] = form

    def runs(self, run: CallRun, choose: Callable[[str], None]) -> None:
        """Every run, with its replies."""
        from hp_tui.screens.runs import RunsScreen

        def act(chosen: str | None) -> None:
            if chosen:
                choose(chosen)

        self._screen.app.push_screen(RunsScreen(self._snapshot(), self._now(), run.id), act)

    def copy(self, run: CallRun) -> None:
        """The run as a grpcurl command, or its newest reply."""
        texts = {"grpcurl": self.grpcurl(run.spec), "reply": reply_text(run.reply) if run.reply else ""}
        copy_one_of(self._screen, "Copy", texts, {"reply": "the newest reply"})

    def grpcurl(self, spec: CallSpec) -> str:
        """The command for the first passing instance of the service."""
        from hp_tui.calls.grpcurl import as_grpcurl

        view = self._snapshot().services.get(spec.service)
        instances = sorted(view.instances or (), key=lambda item: item.health.rank) if view else ()
        return as_grpcurl(spec, instances[0].instance.endpoint if instances else "HOST:PORT")
