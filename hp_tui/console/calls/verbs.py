"""Test calls and saved requests, an object an action."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from hp_tui.console.actions.action_id import ActionId
from hp_tui.console.actions.stage import ActionStage
from hp_tui.console.actions.verb import Verb
from hp_tui.console.shared.rows.text import in_short
from hp_tui.model.calls import CallRun, SavedRequest, SavedView
from hp_tui.model.fleet import FleetSnapshot


class RunAction(Verb):
    """An action on a run of calls; ``run`` is None where none is shown."""

    commands: ClassVar[tuple[str, ...]] = ("StartRun",)

    def start(self, stage: ActionStage, run: CallRun | None) -> None:
        """Ask what has to be asked, and do it. Does nothing without the run it needs."""
        raise NotImplementedError


class RepeatRun(RunAction):
    """Fire the run once more; the composer opens where part of its request was not kept."""

    id = ActionId.REPEAT

    def start(self, stage: ActionStage, run: CallRun | None) -> None:
        if run is not None:
            stage.calls.again(run)


class SaveRunAs(RunAction):
    """The run's request under a name."""

    id = ActionId.SAVE_AS
    commands = ("SaveRequest",)

    def start(self, stage: ActionStage, run: CallRun | None) -> None:
        if run is not None:
            stage.calls.save_as(run, stage.screen)


class OpenSaved(RunAction):
    """Choose a saved request and open the composer with it."""

    id = ActionId.SAVED
    commands = ("StartRun", "RenameRequest", "DeleteRequest")

    def start(self, stage: ActionStage, run: CallRun | None) -> None:
        stage.calls.saved()


RUN_ACTIONS: dict[ActionId, RunAction] = {action.id: action for action in (RepeatRun(), SaveRunAs(), OpenSaved())}


class ComposeCalls(Verb):
    """The composer, for any method of a service; what it returns is fired."""

    id = ActionId.COMPOSE
    commands = ("StartRun",)


class FireComposed(Verb):
    """Fires what stands in the composer."""

    id = ActionId.SAVE
    commands = ("StartRun",)


class SaveComposed(Verb):
    """Saves what stands in the composer under a name."""

    id = ActionId.SAVE_AS
    commands = ("SaveRequest",)


class RenameSaved(Verb):
    """Gives a saved request another name."""

    id = ActionId.RENAME
    commands = ("RenameRequest",)


class DeleteSaved(Verb):
    """Deletes a saved request, after a preview."""

    id = ActionId.DELETE_REQUEST
    commands = ("DeleteRequest",)
    destructive = True

    def preview(self, snapshot: FleetSnapshot, targets: Sequence[SavedRequest], choice: str = "") -> list[list[str]]:
        """The lines of the dialog, for each request."""
        path = (snapshot.saved or SavedView()).path
        return [
            [
                f"Delete  {request.name}",
                "  " + (in_short(request.problem, 60) or f"{request.spec.service}  {request.spec.method}"),
                f"  {in_short(' '.join(request.spec.body.split()), 60)}",
                "",
                f"from {path}. The other requests stay.",
            ]
            for request in targets
        ]
