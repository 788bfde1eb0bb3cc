"""What an action is: its name, its place, its keys. :mod:`hp_tui.console.actions.registry` has all of them.

An action that writes is absent on a read-only console, one that needs the demo's fleet is absent elsewhere:
ask :func:`available`, never the key.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from msgspec import Struct


class Scope(StrEnum):
    """Where an action can be taken; the value is what help calls the place."""

    EVERYWHERE = "Everywhere"
    TOPOLOGY = "1 Topology"
    HEALTH = "2 Health & breakers"
    CALLS = "3 Calls"
    KV = "4 KV"
    EDITOR = "KV editor"
    CONFLICT = "KV conflict"
    DETAIL = "Instance detail"
    SERVICE = "Service detail"
    COMPOSER = "Call composer"
    RUNS = "Runs of calls"
    SAVED = "Saved requests"
    TIMELINE = "Timeline"


PANELS = (Scope.TOPOLOGY, Scope.HEALTH, Scope.CALLS, Scope.KV)


class ActionId(StrEnum):
    """The actions by name."""

    PANEL_TOPOLOGY = "panel-topology"
    PANEL_HEALTH = "panel-health"
    PANEL_CALLS = "panel-calls"
    PANEL_KV = "panel-kv"
    NEXT_PANEL = "next-panel"
    PREVIOUS_PANEL = "previous-panel"
    ZOOM = "zoom"
    BACK = "back"
    FILTER = "filter"
    SORT = "sort"
    CALL = "call"
    COMPOSE = "compose"
    CANCEL_CALLS = "cancel-calls"
    REPEAT = "repeat"
    RUNS = "runs"
    DETAIL = "detail"
    WIDEN = "widen"
    NARROW = "narrow"
    HIDE = "hide"
    UNHIDE = "unhide"
    SHOW_ALL = "show-all"
    SERVICE = "service"
    OUTPUT = "output"
    GROUPING = "grouping"
    MARK = "mark"
    MARK_DOWN = "mark-down"
    MARK_UP = "mark-up"
    MARK_RANGE = "mark-range"
    MARK_ALL = "mark-all"
    BREAKER = "breaker"
    MAINTENANCE = "maintenance"
    DEREGISTER = "deregister"
    COPY = "copy"
    EDIT = "edit"
    NEW_KEY = "new-key"
    DELETE_KEY = "delete-key"
    RELOAD = "reload"
    SAVE = "save"
    SAVE_AS = "save-as"
    SAVED = "saved"
    RENAME = "rename"
    DELETE_REQUEST = "delete-request"
    TAKE_THEIRS = "take-theirs"
    WRITE_MINE = "write-mine"
    MERGE = "merge"
    PAUSE = "pause"
    RECONNECT = "reconnect"
    DATACENTER = "datacenter"
    TOKEN = "token"
    TIMELINE = "timeline"
    JUMP = "jump"
    CHAOS = "chaos"
    PALETTE = "palette"
    HELP = "help"
    QUIT = "quit"


class Action(Struct, frozen=True):
    """One thing a user can do.

    ``keys`` are Textual key names, the first is the one shown. ``label`` stands in the footer, ``says`` is the
    sentence of help and palette. ``rank`` orders the footer: when space is short the highest leave first;
    0 keeps the action out of the footer.
    """

    id: ActionId
    keys: tuple[str, ...]
    label: str
    says: str
    scope: Scope = Scope.EVERYWHERE
    writes: bool = False
    """Changes something outside this console: absent when read-only."""
    destructive: bool = False
    """Shows a preview that names what will happen before it does anything."""
    demo: bool = False
    """Needs a fleet that this console started."""
    rank: int = 0

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
    return not (action.writes and read_only) and not (action.demo and not chaos)


def footer(actions: Iterable[Action]) -> tuple[Action, ...]:
    """Those with a place in the footer, the most needed first."""
    return tuple(sorted((action for action in actions if action.rank), key=lambda action: action.rank))
