"""The command palette: every action of the registry that this console has, found by name."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.content import Content

from hp_tui.console.actions.action import PANELS, Action, Scope, available
from hp_tui.console.actions.bindings import ActionBindings
from hp_tui.console.actions.registry import ACTIONS
from hp_tui.console.main.screen import MainScreen
from hp_tui.widgets.escape import fit

WIDTH = 98
"""Columns of the palette at most; ``app.tcss`` says the same."""
FRAME = 8
"""Cells of frames, padding and scrollbar."""
KEY, NAME, LONGEST, PLACE = 10, 12, 56, 12
"""Cells of key, name, description and panel."""


class ActionCommands(Provider):
    """On the main screen the actions of everywhere and of the panels: choosing one goes to its panel first.

    On another screen those of that screen.
    """

    def _offered(self) -> Iterator[Action]:
        screen = self.screen
        if not isinstance(screen, MainScreen):
            yield from screen.actions() if isinstance(screen, ActionBindings) else ()
            return
        snapshot = screen.snapshot
        for action in ACTIONS:
            here = action.scope is Scope.EVERYWHERE or action.scope in PANELS
            if here and available(action, read_only=snapshot.read_only, chaos=snapshot.chaos):
                yield action

    async def discover(self) -> Hits:
        for action in self._offered():
            line = self._line(action, Content(action.label), Content(action.says))
            yield DiscoveryHit(line, partial(self._perform, action), text=action.label)

    async def search(self, query: str) -> Hits:
        matcher = self.matcher(query)
        for action in self._offered():
            by_name = matcher.match(f"{_place(action)} {action.label}".strip())
            score = max(by_name, matcher.match(action.says) * 0.8)
            if score > 0:
                line = self._line(action, matcher.highlight(action.label), matcher.highlight(action.says))
                yield Hit(score, line, partial(self._perform, action), text=action.label)

    def _line(self, action: Action, label: Content, says: Content) -> Content:
        """One line in columns, as help has them: key, name, what it does, and in which panel where there is room."""
        room = min(WIDTH, self.app.size.width * 96 // 100) - FRAME - KEY - NAME
        place = _place(action) if room >= LONGEST + PLACE else ""
        return Content.assemble(
            (fit(action.key, KEY), "bold $accent"),
            label.truncate(NAME, ellipsis=True, pad=True),
            says.truncate(min(room, LONGEST), ellipsis=True, pad=True).stylize_before("$foreground 70% not bold"),
            (fit(place, PLACE, right=True) if place else "", "$foreground 50% not bold"),
        )

    def _perform(self, action: Action) -> None:
        screen = self.screen
        if isinstance(screen, MainScreen):
            screen.perform(action)
        elif isinstance(screen, ActionBindings) and action in screen.actions():
            screen.action_run(action.id.value)


def _place(action: Action) -> str:
    """The panel of an action, in a word: ``2 Health``."""
    return "" if action.scope is Scope.EVERYWHERE else action.scope.value.partition(" &")[0]
