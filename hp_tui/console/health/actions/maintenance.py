"""Maintenance of instances, on with a reason or off."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hp_tui.console.actions.action_id import ActionId
from hp_tui.console.actions.stage import ActionStage
from hp_tui.console.health.actions.base import InstanceAction, Views, commands_to_copy, confirm_judged
from hp_tui.console.shared.rows.ownership import ActionPreview, maintaining
from hp_tui.console.shared.rows.text import count
from hp_tui.model.fleet import FleetSnapshot, InstanceView
from hp_tui.model.health import Health

if TYPE_CHECKING:
    from hp_tui.model.commands import SetMaintenance

ON, OFF = "on", "off"
REFUSED = "may be refused"


class MaintenanceAction(InstanceAction):
    """``choice`` is ``on`` or ``off``. Where only another agent can switch it, the command to run there is shown."""

    id = ActionId.MAINTENANCE
    commands = ("SetMaintenance", "Bulk")
    destructive = True

    def preview(
        self, snapshot: FleetSnapshot, targets: Views, choice: str = ON, reason: str = ""
    ) -> tuple[ActionPreview, ...]:
        enabled = choice == ON
        return tuple(maintaining(view.instance, snapshot, enabled=enabled, reason=reason) for view in targets)

    def step(self, target: InstanceView, choice: str = ON, reason: str = "") -> SetMaintenance:
        from hp_tui.model.commands import SetMaintenance

        instance = target.instance
        return SetMaintenance(instance.service, target.id, choice == ON, reason, instance.node)

    def start(self, stage: ActionStage, targets: Views) -> None:
        if len(targets) == 1:
            self._one(stage, targets[0])
            return
        off = [view for view in targets if view.health is Health.MAINTENANCE]
        on = [view for view in targets if view.health is not Health.MAINTENANCE]
        if on and off:
            self._ask_which(stage, on, off)
        elif on:
            self._many_on(stage, on)
        else:
            self._many_off(stage, off)

    def _one(self, stage: ActionStage, target: InstanceView) -> None:
        choice = OFF if target.health is Health.MAINTENANCE else ON
        (preview,) = self.preview(stage.snapshot(), [target], choice, "…" if choice == ON else "")
        if not preview.can:
            self._not_from_here(stage, target, choice, preview)
        elif choice == ON:
            self._one_on(stage, target, preview)
        else:
            self._one_off(stage, target, preview)

    def _not_from_here(self, stage: ActionStage, target: InstanceView, choice: str, preview: ActionPreview) -> None:
        from hp_tui.widgets.dialog import ConfirmDialog

        title = f"{'Maintenance' if choice == ON else 'End maintenance'} of {target.id}: not from here"
        lines = [preview.says, *(["", preview.command] if preview.command else [])]
        what = f"the command for {target.instance.node}"
        dialog = ConfirmDialog(title, lines, "", danger=False, commands=commands_to_copy(preview), what=what)
        stage.screen.app.push_screen(dialog)

    def _one_on(self, stage: ActionStage, target: InstanceView, preview: ActionPreview) -> None:
        from hp_tui.widgets.dialog import PromptDialog

        def act(reason: str | None) -> None:
            if reason is not None:
                stage.submit(self.command([target], ON, reason.strip()))

        question = (
            f"{target.id} ({target.instance.endpoint}) stays registered, and leaves the rotation of everybody who asks "
            f"Consul, until maintenance is ended. {preview.says} Reason, for those who wonder:"
        )
        prompt = PromptDialog(
            f"Maintenance of {target.id}",
            question,
            placeholder="rollout 1.2",
            command=lambda reason: self.preview(stage.snapshot(), [target], ON, reason)[0].command,
        )
        stage.screen.app.push_screen(prompt, act)

    def _one_off(self, stage: ActionStage, target: InstanceView, preview: ActionPreview) -> None:
        from hp_tui.widgets.dialog import ConfirmDialog

        lines = [
            f"{target.id} ({target.instance.endpoint}) goes back to what its checks say, and to those who ask Consul for it.",
            preview.says,
            "",
            preview.command,
        ]

        def act(yes: bool | None) -> None:
            if yes:
                stage.submit(self.command([target], OFF))

        dialog = ConfirmDialog("End maintenance", lines, "end it", danger=False, commands=commands_to_copy(preview))
        stage.screen.app.push_screen(dialog, act)

    def _ask_which(self, stage: ActionStage, on: Views, off: Views) -> None:
        from hp_tui.widgets.choice import Choice, ChoiceDialog

        choices = [
            Choice(ON, "on", "o", f"for the {len(on)} that are not in maintenance, with a reason"),
            Choice(OFF, "off", "f", f"for the {len(off)} that are"),
        ]

        def act(choice: str | None) -> None:
            if choice == ON:
                self._many_on(stage, on)
            elif choice == OFF:
                self._many_off(stage, off)

        title = f"Maintenance of {count(len(on) + len(off), 'instance')}"
        stage.screen.app.push_screen(ChoiceDialog(title, choices), act)

    def _many_on(self, stage: ActionStage, targets: Views) -> None:
        from hp_tui.widgets.dialog import PromptDialog

        def act(reason: str | None) -> None:
            if reason is not None:
                said = ("into maintenance", REFUSED)
                confirm_judged(self, stage, targets, "Maintenance on", said, ON, reason.strip())

        question = f"Reason for the maintenance of {count(len(targets), 'instance')}; what comes of it is shown next."
        stage.screen.app.push_screen(PromptDialog("Maintenance on", question, placeholder="rollout 1.2"), act)

    def _many_off(self, stage: ActionStage, targets: Views) -> None:
        confirm_judged(self, stage, targets, "Maintenance off", ("out of maintenance", REFUSED), OFF)
