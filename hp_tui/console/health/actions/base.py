"""What every action on instances has: a preview, a command, and the dialogs between them."""

from __future__ import annotations

import abc
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from hp_tui.console.actions.stage import ActionStage
from hp_tui.console.actions.verb import Verb
from hp_tui.console.shared.rows.ownership import ActionPreview
from hp_tui.model.fleet import FleetSnapshot, InstanceView

if TYPE_CHECKING:
    from hp_tui.model.commands import Command, InstanceCommand
    from hp_tui.widgets.preview import Outcome

Views = Sequence[InstanceView]


class InstanceAction(Verb, abc.ABC):
    """An action on one instance or on many."""

    @abc.abstractmethod
    def start(self, stage: ActionStage, targets: Views) -> None:
        """Ask what has to be asked, show the preview, and submit the command once the user has said yes."""

    @abc.abstractmethod
    def preview(
        self, snapshot: FleetSnapshot, targets: Views, choice: str = "", reason: str = ""
    ) -> tuple[ActionPreview, ...]:
        """What it will do, for each target in their order."""

    @abc.abstractmethod
    def step(self, target: InstanceView, choice: str = "", reason: str = "") -> InstanceCommand:
        """The command for one target."""

    def command(self, targets: Views, choice: str = "", reason: str = "", title: str = "") -> Command:
        """The command for all targets: one step, or a :class:`~hp_tui.model.commands.Bulk` called ``title``."""
        from hp_tui.model.commands import Bulk, new_id

        steps = tuple(self.step(target, choice, reason) for target in targets)
        return steps[0] if len(steps) == 1 and not title else Bulk(id=new_id("bulk"), title=title, steps=steps)


def confirm_many(
    stage: ActionStage,
    title: str,
    lead: str,
    outcomes: Sequence[Outcome],
    confirm: str,
    command: Callable[[], Command],
    *,
    script: str = "",
    danger: bool = True,
) -> None:
    """One preview that names every instance; submits ``command()`` after a yes. Without ``confirm`` there is no yes."""
    from hp_tui.widgets.preview import PreviewDialog

    def act(yes: bool | None) -> None:
        if yes:
            stage.submit(command())

    stage.screen.app.push_screen(PreviewDialog(title, lead, outcomes, confirm, danger=danger, copied=script), act)


def confirm_judged(
    action: InstanceAction,
    stage: ActionStage,
    targets: Views,
    title: str,
    says: tuple[str, str],
    choice: str = "",
    reason: str = "",
) -> None:
    """A preview of many, judged one by one. What cannot be done from here is not even tried."""
    from hp_tui.console.health.rows import bulk
    from hp_tui.console.shared.rows.text import count

    judged = list(zip(targets, action.preview(stage.snapshot(), targets, choice, reason), strict=True))
    able = [view for view, preview in judged if preview.can]
    confirm_many(
        stage,
        f"{title}: {count(len(able), 'instance')}?",
        bulk.lead(judged, *says),
        bulk.outcomes(judged),
        f"{title.lower()}: {len(able)}" if able else "",
        lambda: action.command(able, choice, reason, title.lower()),
        script=bulk.script(judged),
    )


def commands_to_copy(preview: ActionPreview) -> list[str]:
    """The better one first: it is the one to copy."""
    return [command for command in (preview.instead, preview.command) if command]
