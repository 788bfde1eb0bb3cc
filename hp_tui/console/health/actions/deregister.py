"""Deregistering instances."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hp_tui.console.actions.action_id import ActionId
from hp_tui.console.actions.stage import ActionStage
from hp_tui.console.health.actions.base import InstanceAction, Views, commands_to_copy, confirm_judged
from hp_tui.console.shared.rows.ownership import ActionPreview, deregistering
from hp_tui.model.fleet import FleetSnapshot, InstanceView

if TYPE_CHECKING:
    from hp_tui.model.commands import Deregister


class DeregisterAction(InstanceAction):
    """With a preview of exactly what goes, and whether it will be back."""

    id = ActionId.DEREGISTER
    commands = ("Deregister", "Bulk")
    destructive = True

    def preview(
        self, snapshot: FleetSnapshot, targets: Views, choice: str = "", reason: str = ""
    ) -> tuple[ActionPreview, ...]:
        return tuple(deregistering(view.instance, snapshot) for view in targets)

    def step(self, target: InstanceView, choice: str = "", reason: str = "") -> Deregister:
        from hp_tui.model.commands import Deregister

        return Deregister(target.instance.service, target.id, target.instance.node)

    def start(self, stage: ActionStage, targets: Views) -> None:
        if len(targets) > 1:
            confirm_judged(self, stage, targets, "Deregister", ("deregistered", "come back"))
        else:
            self._confirm(stage, targets[0])

    def _confirm(self, stage: ActionStage, target: InstanceView) -> None:
        from hp_tui.widgets.dialog import ConfirmDialog

        instance = target.instance
        (preview,) = self.preview(stage.snapshot(), [target])
        lines = [
            f"{instance.id}  {instance.endpoint}  of {instance.service}, on node {instance.node}",
            "Nobody will find it through Consul. Its process is not stopped.",
            "",
            preview.says,
        ]
        what = "the command"
        if preview.instead:
            what = f"the command for {instance.node}"
            lines += [preview.instead, "", "What this console does:"]
        else:
            lines.append("")
        lines.append(preview.command)

        def act(yes: bool | None) -> None:
            if yes:
                stage.submit(self.command([target]))

        title = f"Deregister {instance.id}?"
        dialog = ConfirmDialog(title, lines, "deregister", commands=commands_to_copy(preview), what=what)
        stage.screen.app.push_screen(dialog, act)
