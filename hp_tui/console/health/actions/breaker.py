"""This console's own circuit breakers: reset, trip, release."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hp_tui.console.actions.action_id import ActionId
from hp_tui.console.actions.stage import ActionStage
from hp_tui.console.health.actions.base import InstanceAction, Views, confirm_many
from hp_tui.console.shared.rows.ownership import ActionPreview, Owner
from hp_tui.console.shared.rows.styles import breaker_badge
from hp_tui.console.shared.rows.text import count
from hp_tui.model.balancing import BreakerState
from hp_tui.model.fleet import FleetSnapshot, InstanceView

if TYPE_CHECKING:
    from hp_tui.model.commands import ReleaseBreaker, ResetBreaker, TripBreaker
    from hp_tui.widgets.choice import Choice

RESET, TRIP, RELEASE = "reset", "trip", "release"
OURS = "This console's own breaker; those of other clients are theirs."
_TITLES = {RESET: "Reset breakers", TRIP: "Trip breakers", RELEASE: "Release breakers"}


class BreakerAction(InstanceAction):
    """``choice`` is ``reset``, ``trip`` or ``release``. Nothing outside this console changes."""

    id = ActionId.BREAKER
    commands = ("ResetBreaker", "TripBreaker", "ReleaseBreaker")

    def preview(
        self, snapshot: FleetSnapshot, targets: Views, choice: str = RESET, reason: str = ""
    ) -> tuple[ActionPreview, ...]:
        short = {
            RESET: "closed at once",
            TRIP: f"no traffic from this console: {reason}",
            RELEASE: "back to its computed state",
        }[choice]
        return tuple(ActionPreview(Owner.HERE, True, short, f"{view.id}: {short}. {OURS}", "") for view in targets)

    def step(
        self, target: InstanceView, choice: str = RESET, reason: str = ""
    ) -> ResetBreaker | TripBreaker | ReleaseBreaker:
        from hp_tui.model.commands import ReleaseBreaker, ResetBreaker, TripBreaker

        service = target.instance.service
        if choice == TRIP:
            return TripBreaker(service, target.id, reason)
        return ResetBreaker(service, target.id) if choice == RESET else ReleaseBreaker(service, target.id)

    def start(self, stage: ActionStage, targets: Views) -> None:
        if len(targets) == 1:
            self._one(stage, targets[0])
        else:
            self._many(stage, targets)

    def _one(self, stage: ActionStage, target: InstanceView) -> None:
        from hp_tui.widgets.choice import Choice, ChoiceDialog

        breaker = target.endpoint.breaker if target.endpoint else None
        choices = _choices()
        if breaker is not None and breaker.forced is not None:
            choices.append(Choice(RELEASE, "release", "l", f"back to the computed state: {breaker.computed.value}"))
        if breaker is None:
            note = "no call was fired at it from here yet"
        else:
            because = f" ({breaker.reason})" if breaker.reason and breaker.state is not BreakerState.CLOSED else ""
            note = f"{breaker_badge(target.endpoint, stage.now()).text}{because}"

        def act(choice: str | None) -> None:
            if choice == TRIP:
                self._ask_why(stage, [target], f"Trip the breaker of {target.id}", f"{target.id} until its breaker is")
            elif choice is not None:
                stage.submit(self.command([target], choice))

        stage.screen.app.push_screen(ChoiceDialog(f"Breaker of {target.id}", choices, note=f"{note}\n{OURS}\n"), act)

    def _many(self, stage: ActionStage, targets: Views) -> None:
        from hp_tui.widgets.choice import Choice, ChoiceDialog

        choices = _choices()
        forced = [view for view in targets if view.endpoint and view.endpoint.breaker.forced is not None]
        if forced:
            choices.append(Choice(RELEASE, "release", "l", f"the {len(forced)} that are forced"))

        def act(choice: str | None) -> None:
            if choice == TRIP:
                self._ask_why(stage, targets, "Trip breakers", f"these {len(targets)} until their breakers are")
            elif choice is not None:
                self._confirm(stage, forced if choice == RELEASE else targets, choice)

        title = f"Breakers of {count(len(targets), 'instance')}"
        stage.screen.app.push_screen(ChoiceDialog(title, choices, note=f"{OURS}\n"), act)

    def _ask_why(self, stage: ActionStage, targets: Views, title: str, whose: str) -> None:
        from hp_tui.widgets.dialog import PromptDialog

        def act(reason: str | None) -> None:
            if reason is None:
                return
            said = reason.strip() or "by hand"
            if len(targets) == 1:
                stage.submit(self.command(targets, TRIP, said))
            else:
                self._confirm(stage, targets, TRIP, said)

        question = f"Calls from this console will not go to {whose} released. Why?"
        stage.screen.app.push_screen(PromptDialog(title, question, "by hand"), act)

    def _confirm(self, stage: ActionStage, targets: Views, choice: str, reason: str = "") -> None:
        from hp_tui.widgets.preview import Outcome

        previews = self.preview(stage.snapshot(), targets, choice, reason)
        title = _TITLES[choice]
        confirm_many(
            stage,
            f"{title}: {count(len(targets), 'instance')}?",
            OURS,
            [
                Outcome(view.id, view.instance.node, preview.short, preview.says)
                for view, preview in zip(targets, previews, strict=True)
            ],
            f"{title.lower()}: {len(targets)}",
            lambda: self.command(targets, choice, reason, title.lower()),
            danger=False,
        )


def _choices() -> list[Choice]:
    from hp_tui.widgets.choice import Choice

    return [
        Choice(RESET, "reset", "r", "closed at once; its failures are forgotten"),
        Choice(TRIP, "trip", "t", "no traffic from this console until released"),
    ]
