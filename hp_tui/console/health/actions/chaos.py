"""Breaking and mending an instance of the demo's own fleet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hp_tui.console.actions.action_id import ActionId
from hp_tui.console.actions.stage import ActionStage
from hp_tui.console.actions.verb import Verb
from hp_tui.console.health.actions.base import Views
from hp_tui.model.fleet import FleetSnapshot, InstanceView

if TYPE_CHECKING:
    from hp_tui.model.commands import Chaos

WHAT_COMES = {
    "kill": ("kill", "k", "SIGKILL: no goodbye"),
    "stop": ("stop", "s", "SIGTERM: it drains and deregisters"),
    "restart": ("restart", "r", "start it again"),
    "slow": ("slow down", "l", "every call takes longer"),
    "fail": ("fail", "f", "every call ends UNAVAILABLE"),
    "heal": ("heal", "h", "no fault any more"),
}
"""Label, key and outcome of each kind of chaos, by the value of :class:`~hp_tui.model.commands.ChaosKind`."""


class ChaosAction(Verb):
    """One instance at a time. The menu says what each choice does: it is the preview."""

    id = ActionId.CHAOS
    commands = ("Chaos",)
    destructive = True
    demo = True

    def preview(self, snapshot: FleetSnapshot, targets: Views, choice: str = "") -> tuple[str, ...]:
        """What ``choice`` does, for each target."""
        return tuple(f"{view.id}: {WHAT_COMES[choice][2]}" for view in targets)

    def command(self, target: InstanceView, choice: str) -> Chaos:
        """The command for one target."""
        from hp_tui.model.commands import Chaos, ChaosKind

        return Chaos(ChaosKind(choice), target.id)

    def start(self, stage: ActionStage, target: InstanceView) -> None:
        """Show the menu and submit what is chosen."""
        from hp_tui.widgets.choice import Choice, ChoiceDialog
        from hp_tui.widgets.values import Tone

        def act(choice: str | None) -> None:
            if choice is not None:
                stage.submit(self.command(target, choice))

        choices = [
            Choice(kind, label, key, outcome, Tone.BAD) if kind == "kill" else Choice(kind, label, key, outcome)
            for kind, (label, key, outcome) in WHAT_COMES.items()
        ]
        note = f"{target.id} ({target.instance.endpoint}), a process of this demo.\n"
        stage.screen.app.push_screen(ChoiceDialog(f"Chaos: {target.id}", choices, note=note, danger=True), act)
