"""Saving requests under a name, renaming and deleting them, each with its dialog."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from textual.screen import Screen

from hp_tui.console.calls.rows.saved import replace_lines, suggested_name
from hp_tui.console.calls.verbs import DeleteSaved
from hp_tui.console.messages import RunCommand, ShowNotice
from hp_tui.console.shared.rows.text import in_short
from hp_tui.model.calls import CallSpec, SavedRequest, SavedView, request_name_problem
from hp_tui.model.commands import DeleteRequest, LoadSaved, RenameRequest, SaveRequest
from hp_tui.model.fleet import FleetSnapshot
from hp_tui.model.timeline import Severity
from hp_tui.widgets.dialog import ConfirmDialog, PromptDialog


class SavedRequestActions:
    """Dialogs above ``screen``; what the user settles on is posted as a command."""

    def __init__(self, screen: Screen[Any], snapshot: Callable[[], FleetSnapshot]) -> None:
        self._screen = screen
        self._snapshot = snapshot

    def look(self) -> None:
        """Have the file read: somebody else may have changed it."""
        self._screen.app.post_message(RunCommand(LoadSaved()))

    def save_as(self, spec: CallSpec, name: str = "") -> None:
        """Ask for a name, ``name`` to begin with, and save the request under it."""
        self.look()

        def act(answer: str | None) -> None:
            if answer is not None and self._usable(chosen := answer.strip()):
                self._save(chosen, spec)

        question = "Name of the request. Credentials in its metadata are not written."
        self._screen.app.push_screen(PromptDialog("Save request", question, name or suggested_name(spec)), act)

    def _save(self, name: str, spec: CallSpec) -> None:
        taken = self._view().find(name)
        if taken is None:
            self._screen.app.post_message(RunCommand(SaveRequest(name, spec)))
            return

        def act(yes: bool | None) -> None:
            if yes:
                self._screen.app.post_message(RunCommand(SaveRequest(name, spec, replace=True)))

        lines = replace_lines(self._view().path, taken, spec)
        self._screen.app.push_screen(ConfirmDialog(f"Replace {in_short(name, 40)}?", lines, "replace"), act)

    def rename(self, request: SavedRequest) -> None:
        """Ask for another name."""

        def act(answer: str | None) -> None:
            if answer is None or not self._usable(new := answer.strip()) or new == request.name:
                return
            if self._view().find(new) is not None:
                self._say(f"{new} is saved already; delete or rename that one first")
            else:
                self._screen.app.post_message(RunCommand(RenameRequest(request.name, new)))

        self._screen.app.push_screen(PromptDialog("Rename request", "Its new name:", request.name), act)

    def delete(self, request: SavedRequest) -> None:
        """With a preview."""
        (lines,) = DeleteSaved().preview(self._snapshot(), [request])

        def act(yes: bool | None) -> None:
            if yes:
                self._screen.app.post_message(RunCommand(DeleteRequest(request.name)))

        self._screen.app.push_screen(ConfirmDialog(f"Delete {in_short(request.name, 40)}?", lines, "delete"), act)

    def _view(self) -> SavedView:
        return self._snapshot().saved or SavedView()

    def _usable(self, name: str) -> bool:
        problem = request_name_problem(name)
        if problem:
            self._say(problem)
        return not problem

    def _say(self, text: str) -> None:
        self._screen.app.post_message(ShowNotice(text, Severity.WARN))
