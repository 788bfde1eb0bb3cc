"""Every action a user can take: the one registry that keys, footer, help and palette are generated from.

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


class Do(StrEnum):
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

    id: Do
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

ACTIONS: tuple[Action, ...] = (
    Action(Do.HELP, ("question_mark", "f1"), "help", "Show every key", rank=1),
    Action(Do.FILTER, ("slash",), "filter", "Filter this panel: words, field:value, re:regex, !not", rank=3),
    Action(Do.CALL, ("c",), "call", "Fire one call at the selected service (last method)", rank=4),
    Action(Do.COMPOSE, ("C",), "compose", "Compose calls: method, body, count, rate, deadline", writes=True, rank=11),
    Action(Do.BREAKER, ("b",), "breaker", "Reset, trip or release the breaker", Scope.HEALTH, rank=5),
    Action(
        Do.MAINTENANCE,
        ("m",),
        "maint",
        "Maintenance on, with a reason, or off, for it or all marked",
        Scope.HEALTH,
        writes=True,
        destructive=True,
        rank=6,
    ),
    Action(
        Do.DEREGISTER,
        ("D",),
        "deregister",
        "Deregister the instance or all marked, after a preview",
        Scope.HEALTH,
        writes=True,
        destructive=True,
        rank=12,
    ),
    Action(
        Do.MARK,
        ("space",),
        "mark",
        "Mark the instance for b m D y, or unmark it; esc unmarks all",
        Scope.HEALTH,
        rank=13,
    ),
    Action(Do.MARK_DOWN, ("shift+down",), "mark down", "Mark it and the next one", Scope.HEALTH),
    Action(Do.MARK_UP, ("shift+up",), "mark up", "Mark it and the one before", Scope.HEALTH),
    Action(Do.MARK_RANGE, ("v",), "mark to here", "Mark everything from the last mark to here", Scope.HEALTH),
    Action(Do.MARK_ALL, ("asterisk",), "mark shown", "Mark all that the filter shows, or unmark them", Scope.HEALTH),
    Action(Do.DETAIL, ("enter",), "detail", "Checks, output, metadata, why it gets no traffic", Scope.HEALTH, rank=2),
    Action(
        Do.DETAIL,
        ("enter",),
        "focus",
        "Only the service's neighbourhood, or all again",
        Scope.TOPOLOGY,
        rank=2,
    ),
    Action(Do.WIDEN, ("plus", "equals_sign"), "wider", "One hop more around the service", Scope.TOPOLOGY),
    Action(Do.NARROW, ("minus",), "narrower", "One hop less; or only the neighbourhood", Scope.TOPOLOGY),
    Action(Do.HIDE, ("H",), "hide", "Leave the service out of the picture", Scope.TOPOLOGY),
    Action(Do.UNHIDE, ("U",), "unhide", "Show what was hidden again", Scope.TOPOLOGY),
    Action(Do.SHOW_ALL, ("a",), "all", "Every service, or what is red and around it", Scope.TOPOLOGY),
    Action(
        Do.RUNS, ("enter", "H"), "runs", "Every run of calls, with replies, trailers and timing", Scope.CALLS, rank=2
    ),
    Action(Do.REPEAT, ("R",), "repeat", "Fire the shown run again", Scope.CALLS, writes=True, rank=5),
    Action(Do.SAVE_AS, ("S",), "save as", "Save the shown run's request under a name", Scope.CALLS, writes=True),
    Action(Do.SAVED, ("o",), "saved", "Open a saved request", Scope.CALLS, writes=True),
    Action(Do.CANCEL_CALLS, ("escape",), "cancel", "Cancel the run that is under way", Scope.CALLS, rank=6),
    Action(Do.DETAIL, ("enter",), "open", "Open the folder or read the key", Scope.KV, rank=2),
    Action(Do.EDIT, ("e",), "edit", "Edit the value", Scope.KV, writes=True, rank=5),
    Action(Do.NEW_KEY, ("n",), "new", "Create a key", Scope.KV, writes=True, rank=6),
    Action(
        Do.DELETE_KEY,
        ("D",),
        "delete",
        "Delete the key, after a preview",
        Scope.KV,
        writes=True,
        destructive=True,
        rank=12,
    ),
    Action(Do.RELOAD, ("R",), "reload", "Read the level and the value again", Scope.KV, rank=8),
    Action(Do.SORT, ("s",), "sort", "Change the order: red first, name, since, picks", Scope.HEALTH, rank=9),
    Action(Do.GROUPING, ("f",), "flat", "Instances by service, or in one flat list", Scope.HEALTH, rank=10),
    Action(Do.ZOOM, ("z",), "zoom", "Give this panel the whole screen, or take it back", rank=7),
    Action(Do.COPY, ("y",), "copy", "Copy what is selected, or its command (OSC 52)", rank=10),
    Action(Do.TIMELINE, ("T",), "timeline", "Every transition; Enter jumps to its instance", rank=13),
    Action(Do.SERVICE, ("i",), "service", "All about the service: who gets traffic, why not, who calls it", rank=8),
    Action(Do.PAUSE, ("p",), "pause", "Freeze the picture; data goes on behind it", rank=14),
    Action(Do.RECONNECT, ("r",), "reconnect", "Try Consul now instead of at the next retry", rank=15),
    Action(Do.DATACENTER, ("d",), "dc", "Look at another datacenter", rank=16),
    Action(Do.TOKEN, ("t",), "token", "Use another ACL token, kept in memory only", rank=17),
    Action(
        Do.CHAOS,
        ("x",),
        "chaos",
        "Kill, stop, restart, slow or fail a demo instance",
        writes=True,
        destructive=True,
        demo=True,
        rank=6,
    ),
    Action(Do.PALETTE, ("colon", "ctrl+p"), "more", "Find any action by name", rank=6),
    Action(Do.PANEL_TOPOLOGY, ("1",), "topology", "Go to Topology"),
    Action(Do.PANEL_HEALTH, ("2",), "health", "Go to Health & breakers"),
    Action(Do.PANEL_CALLS, ("3",), "calls", "Go to Calls"),
    Action(Do.PANEL_KV, ("4",), "kv", "Go to KV"),
    Action(Do.NEXT_PANEL, ("tab",), "next", "Next panel"),
    Action(Do.PREVIOUS_PANEL, ("shift+tab",), "previous", "Previous panel"),
    Action(Do.BACK, ("escape",), "back", "Close what is open: filter, focus, zoom"),
    Action(Do.QUIT, ("q", "ctrl+q"), "quit", "Leave hp-tui", rank=6),
    Action(Do.BREAKER, ("b",), "breaker", "Reset, trip or release the breaker", Scope.DETAIL, rank=3),
    Action(
        Do.MAINTENANCE,
        ("m",),
        "maint",
        "Maintenance on or off",
        Scope.DETAIL,
        writes=True,
        destructive=True,
        rank=4,
    ),
    Action(
        Do.DEREGISTER,
        ("D",),
        "deregister",
        "Deregister it, after a preview",
        Scope.DETAIL,
        writes=True,
        destructive=True,
        rank=5,
    ),
    Action(Do.CALL, ("c",), "call", "Fire one call at its service", Scope.DETAIL, rank=2),
    Action(Do.OUTPUT, ("o",), "output", "A check's whole output, however long", Scope.DETAIL, rank=3),
    Action(Do.SERVICE, ("i",), "service", "All about its service", Scope.DETAIL, rank=7),
    Action(Do.COPY, ("y",), "copy", "Copy it, or its command", Scope.DETAIL, rank=6),
    Action(Do.TOKEN, ("t",), "token", "Use another ACL token", Scope.DETAIL, rank=7),
    Action(Do.RECONNECT, ("r",), "reconnect", "Try Consul now", Scope.DETAIL, rank=8),
    Action(Do.BACK, ("escape", "q", "enter"), "back", "Close", Scope.DETAIL, rank=1),
    Action(Do.DETAIL, ("enter",), "instance", "Detail of one of its instances", Scope.SERVICE, rank=2),
    Action(Do.CALL, ("c",), "call", "Fire one call at it", Scope.SERVICE, rank=3),
    Action(Do.BREAKER, ("b",), "breaker", "Reset, trip or release the breaker of an instance", Scope.SERVICE, rank=4),
    Action(Do.COPY, ("y",), "copy", "Copy its name, or its command", Scope.SERVICE, rank=5),
    Action(Do.BACK, ("escape", "q", "i"), "back", "Close", Scope.SERVICE, rank=1),
    Action(
        Do.SAVE,
        ("ctrl+s",),
        "save",
        "Show the difference, then write with check-and-set",
        Scope.EDITOR,
        writes=True,
        rank=1,
    ),
    Action(Do.RELOAD, ("ctrl+r",), "revert", "Throw the draft away and show what is stored", Scope.EDITOR, rank=3),
    Action(Do.BACK, ("escape",), "leave", "Leave; an unsaved draft is kept", Scope.EDITOR, rank=2),
    Action(Do.TOKEN, ("ctrl+t",), "token", "Use another ACL token; the draft is kept", Scope.EDITOR, rank=4),
    Action(Do.RECONNECT, ("f5",), "reconnect", "Try Consul now; the draft is kept", Scope.EDITOR, rank=5),
    Action(Do.TAKE_THEIRS, ("t",), "take theirs", "Drop mine; what is stored stays", Scope.CONFLICT, rank=1),
    Action(
        Do.WRITE_MINE,
        ("w",),
        "write mine",
        "Write mine over theirs, checked against their index",
        Scope.CONFLICT,
        writes=True,
        destructive=True,
        rank=2,
    ),
    Action(
        Do.MERGE,
        ("m",),
        "merge and edit",
        "Edit both changes merged, based on theirs",
        Scope.CONFLICT,
        writes=True,
        rank=3,
    ),
    Action(Do.BACK, ("escape",), "decide later", "Keep the draft; nothing is written", Scope.CONFLICT, rank=4),
    Action(Do.SAVE, ("ctrl+s", "ctrl+j"), "fire", "Fire the calls as composed", Scope.COMPOSER, writes=True, rank=1),
    Action(Do.SAVE_AS, ("ctrl+t",), "save as", "Save the request under a name", Scope.COMPOSER, writes=True, rank=3),
    Action(
        Do.SAVED, ("ctrl+o",), "saved", "Load, rename or delete a saved request", Scope.COMPOSER, writes=True, rank=4
    ),
    Action(Do.COPY, ("ctrl+g",), "grpcurl", "Copy as a grpcurl command", Scope.COMPOSER, rank=5),
    Action(Do.BACK, ("escape",), "close", "Close; what was typed is kept", Scope.COMPOSER, rank=2),
    Action(Do.DETAIL, ("enter",), "show", "Show the run in panel 3", Scope.RUNS, rank=2),
    Action(Do.REPEAT, ("R",), "repeat", "Fire the run again", Scope.RUNS, writes=True, rank=3),
    Action(Do.SAVE_AS, ("S",), "save as", "Save its request under a name", Scope.RUNS, writes=True, rank=4),
    Action(Do.COPY, ("y",), "copy", "Copy it as grpcurl, or its reply", Scope.RUNS, rank=6),
    Action(Do.FILTER, ("slash",), "filter", "Filter by service, method or status", Scope.RUNS, rank=7),
    Action(Do.BACK, ("escape", "q"), "back", "Close", Scope.RUNS, rank=1),
    Action(Do.DETAIL, ("enter",), "load", "Load it into the composer", Scope.SAVED, rank=2),
    Action(Do.RENAME, ("r",), "rename", "Give it another name", Scope.SAVED, writes=True, rank=3),
    Action(
        Do.DELETE_REQUEST,
        ("D",),
        "delete",
        "Delete it, after a preview",
        Scope.SAVED,
        writes=True,
        destructive=True,
        rank=4,
    ),
    Action(Do.COPY, ("y",), "copy", "Copy its name, its body or its shell command", Scope.SAVED, rank=5),
    Action(Do.FILTER, ("slash",), "filter", "Filter by name, service or method", Scope.SAVED, rank=6),
    Action(Do.RELOAD, ("R",), "reload", "Read the file again", Scope.SAVED, rank=7),
    Action(Do.BACK, ("escape", "q"), "back", "Close", Scope.SAVED, rank=1),
    Action(Do.JUMP, ("enter",), "jump", "Go to the instance, service or key of this line", Scope.TIMELINE, rank=2),
    Action(
        Do.FILTER,
        ("slash",),
        "filter",
        "Filter the lines: kind:breaker service:x severity:bad, words, re:, !",
        Scope.TIMELINE,
        rank=3,
    ),
    Action(Do.TOKEN, ("t",), "token", "Use another ACL token", Scope.TIMELINE, rank=4),
    Action(Do.RECONNECT, ("r",), "reconnect", "Try Consul now", Scope.TIMELINE, rank=5),
    Action(Do.BACK, ("escape", "q", "T"), "back", "Close", Scope.TIMELINE, rank=1),
)


def available(action: Action, *, read_only: bool, chaos: bool) -> bool:
    """Whether this console has the action at all."""
    return not (action.writes and read_only) and not (action.demo and not chaos)


def within(*scopes: Scope) -> tuple[Action, ...]:
    """The actions of these scopes. Where two share a key, the scope named first has it."""
    found: list[Action] = []
    for scope in scopes:
        taken = {action.keys[:1] for action in found}
        found.extend(action for action in ACTIONS if action.scope is scope and action.keys[:1] not in taken)
    return tuple(found)


def footer(actions: Iterable[Action]) -> tuple[Action, ...]:
    """Those with a place in the footer, the most needed first."""
    return tuple(sorted((action for action in actions if action.rank), key=lambda action: action.rank))


def find(action_id: Do, scope: Scope) -> Action | None:
    """The action as that scope has it, else as everywhere has it, else as any scope has it."""
    found = [action for action in ACTIONS if action.id is action_id]
    order = {scope: 0, Scope.EVERYWHERE: 1}
    return min(found, key=lambda action: order.get(action.scope, 2), default=None)
