"""Firing test calls: once, composed, again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msgspec.structs import replace
from textual.screen import Screen

from hp_tui.console.actions.action import ActionId
from hp_tui.console.calls.grpcurl import grpcurl
from hp_tui.console.calls.rows.composed import Form
from hp_tui.console.calls.rows.lanes import reply_text
from hp_tui.console.calls.rows.runs import gap, last_run
from hp_tui.console.messages import RunCommand, ShowNotice
from hp_tui.console.shared.copying import copy_one_of
from hp_tui.model.calls import HEALTH_METHOD, CallRun, CallSpec, SavedRequest
from hp_tui.model.commands import DescribeMethods, StartRun, new_id
from hp_tui.model.fleet import FleetSnapshot
from hp_tui.model.timeline import Severity


class CallActions:
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
            self._screen.app.post_message(
                ShowNotice("select a service first: there is nothing to call here", Severity.WARN)
            )
            return
        last = None if snapshot.read_only else last_run(snapshot, service)
        if last is not None and gap(last):
            self._fill(last, once=True)
            return
        spec = last.spec if last is not None else CallSpec(service, HEALTH_METHOD)
        self.fire(replace(spec, count=1, rate=0.0))

    def again(self, run: CallRun) -> None:
        """Fire a run once more; where part of its request was not kept, open the composer with the gap instead."""
        if gap(run):
            self._fill(run)
        else:
            self.fire(run.spec)

    def _fill(self, run: CallRun, *, once: bool = False) -> None:
        """The composer on a run of which something is missing, with a note that says what."""
        spec = replace(run.spec, count=1, rate=0.0) if once else run.spec
        self.open_composer(Form.of(spec), note=f"not fired: files do not keep {gap(run)}")

    def fire(self, spec: CallSpec) -> None:
        """Begin a run."""
        command = StartRun(spec, id=new_id("run"))
        self._screen.app.post_message(RunCommand(command))
        self._fired(command.id)

    def compose(self, service: str) -> None:
        """Open the composer with what was last composed or fired."""
        snapshot = self._snapshot()
        services = tuple(name for name, view in snapshot.services.items() if not view.kind)
        service = service or (services[0] if services else "")
        if not service:
            self._screen.app.post_message(ShowNotice("there is no service to call yet", Severity.WARN))
            return
        last = last_run(snapshot, service)
        self.open_composer(self._composed.get(service) or Form.of(last.spec if last else CallSpec(service)))

    def open_composer(self, form: Form, note: str = "") -> None:
        """The composer with these fields, and a note in its frame; what it returns is fired."""
        from hp_tui.console.calls.composer import ComposerScreen

        snapshot = self._snapshot()
        if form.service not in snapshot.methods:
            self._screen.app.post_message(RunCommand(DescribeMethods(form.service)))

        def act(composed: CallSpec | None) -> None:
            if composed is not None:
                self.fire(composed)

        self._screen.app.push_screen(ComposerScreen(snapshot, self._now(), form, self._keep, note), act)

    def _keep(self, form: Form) -> None:
        self._composed[form.service] = form

    def runs(self, run_id: str, choose: Callable[[str], None]) -> None:
        """Every run, with its replies; ``run_id`` is under the cursor."""
        from hp_tui.console.calls.runs_screen import RunsScreen

        def act(chosen: str | None) -> None:
            if chosen:
                choose(chosen)

        acts = {ActionId.REPEAT: self.again, ActionId.COPY: self.copy, ActionId.SAVE_AS: self.save_as}
        self._screen.app.push_screen(RunsScreen(self._snapshot(), self._now(), run_id, acts), act)

    def save_as(self, run: CallRun, above: Screen[Any] | None = None) -> None:
        """The run's request under a name; asked for above the screen ``above``."""
        from hp_tui.console.calls.saved_actions import SavedRequestActions

        if run.body_left_out:
            text = "the history did not keep that run's body, which was too long: there is nothing to save"
            self._screen.app.post_message(ShowNotice(text, Severity.WARN))
        else:
            SavedRequestActions(above or self._screen, self._snapshot).save_as(run.spec)

    def saved(self) -> None:
        """Choose a saved request and open the composer with it."""
        from hp_tui.console.calls.saved_screen import SavedScreen

        def act(request: SavedRequest | None) -> None:
            if request is not None:
                self.open_composer(Form.of(request.spec))

        self._screen.app.push_screen(SavedScreen(self._snapshot(), self._now()), act)

    def copy(self, run: CallRun) -> None:
        """The run as a grpcurl command, or its newest reply."""
        texts = {"grpcurl": grpcurl(run.spec, self._snapshot()), "reply": reply_text(run.reply) if run.reply else ""}
        copy_one_of(self._screen, "Copy", texts, {"reply": "the newest reply"})
