"""What can be done to many instances at once: one preview that names them all, then progress and a summary."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence

from textual.screen import Screen

from hp_tui.console.health.bulk_screen import BulkScreen, Unfinished
from hp_tui.console.health.instance_actions import BREAKER_RESET, BREAKER_TRIP, OURS, copy_one_of
from hp_tui.console.health.rows import bulk
from hp_tui.console.messages import RunCommand
from hp_tui.console.shared.rows.text import count
from hp_tui.model.commands import (
    Bulk,
    Deregister,
    InstanceCommand,
    ReleaseBreaker,
    ResetBreaker,
    SetMaintenance,
    TripBreaker,
)
from hp_tui.model.fleet import FleetSnapshot, InstanceView
from hp_tui.model.health import Health
from hp_tui.widgets.choice import Choice, ChoiceDialog
from hp_tui.widgets.dialog import PromptDialog
from hp_tui.widgets.preview import Outcome, PreviewDialog

Views = Sequence[InstanceView]
REFUSED = "may be refused"


class BulkActions:
    """Dialogs on behalf of ``screen``. ``ended`` is told which instances it was not done on."""

    def __init__(
        self,
        screen: Screen[None],
        snapshot: Callable[[], FleetSnapshot],
        now: Callable[[], float],
        ended: Callable[[Unfinished], None],
    ) -> None:
        self._screen = screen
        self._snapshot = snapshot
        self._now = now
        self._ended = ended

    def deregister(self, views: Views) -> None:
        """With a preview of what goes, and of what will be back."""

        def step(view: InstanceView) -> InstanceCommand:
            return Deregister(view.instance.service, view.id, view.instance.node)

        self._preview(views, bulk.deregistration(self._snapshot()), "Deregister", ("deregistered", "come back"), step)

    def maintenance(self, views: Views) -> None:
        """On with a reason, or off; asked which where there are some of both."""
        off = [view for view in views if view.health is Health.MAINTENANCE]
        on = [view for view in views if view.health is not Health.MAINTENANCE]
        if not off or not on:
            self._maintenance_on(on) if on else self._maintenance_off(off)
            return
        choices = [
            Choice("on", "on", "o", f"for the {len(on)} that are not in maintenance, with a reason"),
            Choice("off", "off", "f", f"for the {len(off)} that are"),
        ]

        def act(choice: str | None) -> None:
            if choice == "on":
                self._maintenance_on(on)
            elif choice == "off":
                self._maintenance_off(off)

        self._screen.app.push_screen(ChoiceDialog(f"Maintenance of {count(len(views), 'instance')}", choices), act)

    def _maintenance_on(self, views: Views) -> None:
        def act(reason: str | None) -> None:
            if reason is None:
                return
            said = reason.strip()

            def step(view: InstanceView) -> InstanceCommand:
                return SetMaintenance(view.instance.service, view.id, True, said, view.instance.node)

            judge = bulk.maintenance(self._snapshot(), enabled=True, reason=said)
            self._preview(views, judge, "Maintenance on", ("into maintenance", REFUSED), step)

        question = f"Reason for the maintenance of {count(len(views), 'instance')}; what comes of it is shown next."
        self._screen.app.push_screen(PromptDialog("Maintenance on", question, placeholder="rollout 1.2"), act)

    def _maintenance_off(self, views: Views) -> None:
        def step(view: InstanceView) -> InstanceCommand:
            return SetMaintenance(view.instance.service, view.id, enabled=False, node=view.instance.node)

        judge = bulk.maintenance(self._snapshot(), enabled=False)
        self._preview(views, judge, "Maintenance off", ("out of maintenance", REFUSED), step)

    def _preview(
        self,
        views: Views,
        judge: bulk.Judge,
        title: str,
        says: tuple[str, str],
        step: Callable[[InstanceView], InstanceCommand],
    ) -> None:
        """Name them all; what cannot be done from here is not even tried."""
        judged = [(view, judge(view)) for view in views]
        steps = tuple(step(view) for view, outlook in judged if outlook.can)
        confirm = f"{title.lower()}: {len(steps)}" if steps else ""
        self._confirm(
            f"{title}: {count(len(steps), 'instance')}?",
            bulk.lead(judged, *says),
            bulk.outcomes(judged),
            confirm,
            lambda: self._begin(title.lower(), steps),
            script=bulk.script(judged),
        )

    def breaker(self, views: Views) -> None:
        """Reset, trip or release this console's own breakers."""
        choices = [BREAKER_RESET, BREAKER_TRIP]
        forced = [view for view in views if view.endpoint and view.endpoint.breaker.forced is not None]
        if forced:
            choices.append(Choice("release", "release", "l", f"the {len(forced)} that are forced"))

        def act(choice: str | None) -> None:
            if choice == "reset":
                self._breakers(views, "Reset breakers", "closed at once", ResetBreaker)
            elif choice == "release":
                self._breakers(forced, "Release breakers", "back to its computed state", ReleaseBreaker)
            elif choice == "trip":
                self._trip(views)

        title = f"Breakers of {count(len(views), 'instance')}"
        self._screen.app.push_screen(ChoiceDialog(title, choices, note=f"{OURS}\n"), act)

    def _trip(self, views: Views) -> None:
        def act(reason: str | None) -> None:
            if reason is not None:
                said = reason.strip() or "by hand"
                made = lambda service, name: TripBreaker(service, name, said)  # noqa: E731
                self._breakers(views, "Trip breakers", f"no traffic from this console: {said}", made)

        question = f"Calls from this console will not go to these {len(views)} until their breakers are released. Why?"
        self._screen.app.push_screen(PromptDialog("Trip breakers", question, "by hand"), act)

    def _breakers(self, views: Views, title: str, short: str, make: Callable[[str, str], InstanceCommand]) -> None:
        outcomes = [Outcome(view.id, view.instance.node, short, f"{view.id}: {short}. {OURS}") for view in views]
        steps = tuple(make(view.instance.service, view.id) for view in views)
        self._confirm(
            f"{title}: {count(len(views), 'instance')}?",
            OURS,
            outcomes,
            f"{title.lower()}: {len(views)}",
            lambda: self._begin(title.lower(), steps),
            danger=False,
        )

    def copy(self, views: Views) -> None:
        """Ids, addresses, or the commands for all of them."""
        snapshot = self._snapshot()
        on = [(view, bulk.maintenance(snapshot, enabled=True, reason="…")(view)) for view in views]
        out = [(view, bulk.deregistration(snapshot)(view)) for view in views]
        texts = {
            "ids": "\n".join(view.id for view in views),
            "addresses": "\n".join(view.instance.endpoint for view in views),
            "maint": bulk.script(on),
            "deregister": bulk.script(out),
        }
        labels = {"ids": "their ids", "addresses": "their addresses"}
        copy_one_of(self._screen, f"Copy of {count(len(views), 'instance')}", texts, labels)

    def _confirm(
        self,
        title: str,
        lead: str,
        outcomes: Sequence[Outcome],
        confirm: str,
        begin: Callable[[], None],
        *,
        script: str = "",
        danger: bool = True,
    ) -> None:
        def act(yes: bool | None) -> None:
            if yes:
                begin()

        dialog = PreviewDialog(title, lead, outcomes, confirm, danger=danger, copied=script)
        self._screen.app.push_screen(dialog, act)

    def _begin(self, title: str, steps: tuple[InstanceCommand, ...]) -> None:
        command = Bulk(f"bulk-{secrets.token_hex(4)}", title, steps)

        def act(unfinished: Unfinished | None) -> None:
            self._ended(unfinished or ())

        app = self._screen.app
        app.post_message(RunCommand(command))
        app.push_screen(BulkScreen(self._snapshot(), self._now(), command), act)
