"""The command palette: every action of the registry that this console has, found by name."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from textual.command import DiscoveryHit, Hit, Hits, Provider

from hp_tui.actions import ACTIONS, PANELS, Action, Scope, available
from hp_tui.screens.main import MainScreen


class ActionCommands(Provider):
    """Actions of everywhere and of the panels; choosing one goes to its panel first."""

    def _offered(self) -> Iterator[Action]:
        screen = self.screen
        if not isinstance(screen, MainScreen):
            return
        snapshot = screen.snapshot
        for action in ACTIONS:
            here = action.scope is Scope.EVERYWHERE or action.scope in PANELS
            if here and available(action, read_only=snapshot.read_only, chaos=snapshot.chaos):
                yield action

    async def discover(self) -> Hits:
        for action in self._offered():
            yield DiscoveryHit(_name(action), partial(self._perform, action), help=action.says)

    async def search(self, query: str) -> Hits:
        matcher = self.matcher(query)
        for action in self._offered():
            name = _name(action)
            score = max(matcher.match(name), matcher.match(action.says) * 0.8)
            if score > 0:
                yield Hit(score, matcher.highlight(name), partial(self._perform, action), help=action.says)

    def _perform(self, action: Action) -> None:
        screen = self.screen
        if isinstance(screen, MainScreen):
            screen.perform(action)


def _name(action: Action) -> str:
    where = "" if action.scope is Scope.EVERYWHERE else f"{action.scope.value}: "
    return f"{where}{action.label}  ({action.key})"
