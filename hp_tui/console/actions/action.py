"""What an action is: its name, its place, its keys. :mod:`hp_tui.console.actions.registry` has all of them.

An action that writes is absent on a read-only console, one that needs the demo's fleet is absent elsewhere:
ask :func:`available`, never the key.
"""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct

from hp_tui.console.actions.action_id import PANELS, ActionId, Scope
from hp_tui.console.actions.verb import Verb

__all__ = ["PANELS", "Action", "ActionId", "Scope", "available", "footer"]


class Action(Struct, frozen=True):
    """One thing a user can do, in one place.

    ``keys`` are Textual key names, the first is the one shown. ``label`` stands in the footer, ``says`` is the
    sentence of help and palette. ``verb`` is what the action does outside this console, None for one that only looks or
    moves. ``rank`` orders the footer: when space is short the highest leave first; 0 keeps the action out of the footer.
    """

    id: ActionId
    keys: tuple[str, ...]
    label: str
    says: str
    scope: Scope = Scope.EVERYWHERE
    verb: Verb | None = None
    rank: int = 0

    @property
    def writes(self) -> bool:
        """Whether it changes something outside this console: absent when read-only."""
        return self.verb is not None and self.verb.writes

    @property
    def destructive(self) -> bool:
        """Whether it takes something away. It shows a preview that names what will happen before it does anything."""
        return self.verb is not None and self.verb.destructive

    @property
    def demo(self) -> bool:
        """Whether it needs a fleet that this console started."""
        return self.verb is not None and self.verb.demo

    @property
    def key(self) -> str:
        """The key as a user would write it, such as ``ctrl+s`` or ``?``."""
        return KEY_NAMES.get(self.keys[0], self.keys[0])


KEY_NAMES = {
    "question_mark": "?",
    "slash": "/",
    "asterisk": "*",
    "shift+down": "⇧↓",
    "shift+up": "⇧↑",
    "colon": ":",
    "escape": "esc",
    "delete": "del",
    "plus": "+",
    "minus": "-",
}
KEY_OF_NAME = {name: key for key, name in KEY_NAMES.items()}


def available(action: Action, *, read_only: bool, chaos: bool) -> bool:
    """Whether this console has the action at all."""
    return not (read_only and action.writes) and (chaos or not action.demo)


def footer(actions: Iterable[Action]) -> tuple[Action, ...]:
    """Those with a place in the footer, the most needed first."""
    return tuple(sorted((action for action in actions if action.rank), key=lambda action: action.rank))
