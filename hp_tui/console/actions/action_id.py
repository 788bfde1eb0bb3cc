"""The actions by name, and where each can be taken."""

from __future__ import annotations

from enum import StrEnum


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


GO_TO: dict[ActionId, Scope] = {
    ActionId.PANEL_TOPOLOGY: Scope.TOPOLOGY,
    ActionId.PANEL_HEALTH: Scope.HEALTH,
    ActionId.PANEL_CALLS: Scope.CALLS,
    ActionId.PANEL_KV: Scope.KV,
}
"""The panels of the main screen in their order, by the action that goes there; its key is the panel's number."""
PANELS = tuple(GO_TO.values())
