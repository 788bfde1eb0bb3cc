"""Widgets and screens that take their keys from the registry of actions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, ClassVar

from textual.app import App
from textual.binding import Binding

from hp_tui.console.actions.action import Action, ActionId, Scope, available
from hp_tui.console.actions.registry import within
from hp_tui.model.fleet import FleetSnapshot


def bindings(*scopes: Scope) -> list[Binding]:
    """Textual bindings of these scopes' actions. Whether one is there at all is decided when it is pressed."""
    return [
        Binding(",".join(action.keys), f"run({action.id.value!r})", action.label, show=False)
        for action in within(*scopes)
    ]


class ActionBindings:
    """Mixed into a widget or screen: carries out actions of its ``scope`` on what ``snapshot`` shows.

    :meth:`handlers` says what it can do now; an action without a handler is left to the widgets around it.
    """

    app: App[Any]
    scope: ClassVar[Scope]
    snapshot: FleetSnapshot

    def handlers(self) -> Mapping[ActionId, Callable[[], None]]:
        """What can be done here and now."""
        raise NotImplementedError

    def has(self, action: Action) -> bool:
        """Whether this console has the action."""
        return available(action, read_only=self.snapshot.read_only, chaos=self.snapshot.chaos)

    def actions(self) -> tuple[Action, ...]:
        """The actions of its scope that this console has and that can be done here and now."""
        handlers = self.handlers()
        return tuple(action for action in within(self.scope) if self.has(action) and action.id in handlers)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Textual asks before it runs a binding: an absent action is as if it had no key."""
        if action != "run":
            return True
        return any(item.id == parameters[0] for item in self.actions())

    def action_run(self, name: str) -> None:
        self.handlers()[ActionId(name)]()


def takes_text(widget: object) -> bool:
    """Whether keys typed there are text."""
    kinds = {kind.__name__ for kind in type(widget).__mro__}  # by name: a first paint loads neither
    return "Input" in kinds or ("TextArea" in kinds and not getattr(widget, "read_only", False))


def chosen(actions: Iterable[Action], *, snapshot: FleetSnapshot) -> tuple[Action, ...]:
    """Those of ``actions`` that this console has."""
    return tuple(action for action in actions if available(action, read_only=snapshot.read_only, chaos=snapshot.chaos))
