"""Every action of the registry, by every key it has, in its place: what the user notices.

The cases are looked up by scope and action: an action without a case fails here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from msgspec.structs import replace

from hp_tui.console.actions.action import Action, ActionId, Scope
from hp_tui.console.actions.registry import ACTIONS
from hp_tui.console.health.rows.table import Order
from hp_tui.model.calls import CallSpec
from hp_tui.model.commands import (
    CancelRun,
    Command,
    LoadSaved,
    OpenLevel,
    ReadKey,
    Reconnect,
    SettleConflict,
    StartRun,
)
from hp_tui.model.fleet import FleetSnapshot
from hp_tui.widgets.editor import ValueEditor
from tests import fleets
from tests.fleets import CONFIG_KEY
from tests.pilot.desk import Desk, desk

CRITIQUE = fleets.run_failing().spec
TO_KEY = ("4", "right", "down", "down")
EDITING = (*TO_KEY, "e")
LISTED = ("3", "o")


def demo() -> FleetSnapshot:
    return replace(fleets.one_critical(), chaos=True)


def stocked() -> FleetSnapshot:
    return replace(demo(), saved=fleets.saved())


@dataclass(frozen=True)
class Case:
    """Where the action is taken, and what shows that it was."""

    seen: Callable[[Desk], object]
    before: tuple[str, ...] = ()
    snapshot: Callable[[], FleetSnapshot] = demo


def shows(screen: str, *texts: str) -> Callable[[Desk], bool]:
    """That screen is on top, with these texts on it."""
    return lambda it: it.screen == screen and all(text in it.text for text in texts)


def sends(*commands: Command) -> Callable[[Desk], bool]:
    return lambda it: all(command in it.engine.submitted for command in commands)


def fires(spec: CallSpec) -> Callable[[Desk], bool]:
    return lambda it: [command.spec for command in it.sent(StartRun)] == [spec]


def active(number: int) -> Callable[[Desk], bool]:
    """Panel ``number`` is the active one and has the keys."""
    return lambda it: it.main.active is it.main.panels[number - 1] and it.main.active.body().has_focus


def zoomed(it: Desk) -> bool:
    """Panel 2 alone takes the width; the others are away."""
    return it.main.health.region.width >= 118 and not it.main.topology.region


def boxes(it: Desk) -> set[str]:
    """The services that panel 1 has a box for."""
    picture = it.main.topology.view._graph_layout.picture
    return set(picture.boxes) if picture is not None else set()


def holds(*texts: str) -> Callable[[Desk], bool]:
    """The KV editor is on top with these in its text."""
    return lambda it: it.screen == "KeyEditor" and all(text in it.one(ValueEditor).text for text in texts)


def marked(it: Desk) -> list[str]:
    return [view.id for view in it.main.health.marks.views]


def at(it: Desk) -> str:
    view = it.main.health.selected()
    return view.id if view else ""


EVERYWHERE = {
    ActionId.HELP: Case(shows("HelpScreen", "Keys", "2 Health & breakers")),
    ActionId.FILTER: Case(lambda it: it.app.focused in it.main.health.query("Input") and "re:regex" in it.text),
    ActionId.CALL: Case(fires(replace(CRITIQUE, count=1, rate=0.0))),
    ActionId.COMPOSE: Case(shows("ComposerScreen", "Compose calls", "Critique")),
    ActionId.ZOOM: Case(zoomed),
    ActionId.COPY: Case(shows("ChoiceDialog", "Copy of critic-agent-2", "its address")),
    ActionId.TIMELINE: Case(shows("TimelineScreen", "5 × UNAVAILABLE")),
    ActionId.SERVICE: Case(shows("ServiceScreen", "critic-agent", "2 of 3 get traffic from this console")),
    ActionId.PAUSE: Case(shows("MainScreen", "PAUSED")),
    ActionId.RECONNECT: Case(lambda it: sends(Reconnect())(it) and "trying Consul now" in it.toasts),
    ActionId.DATACENTER: Case(shows("ChoiceDialog", "Datacenter", "dc2")),
    ActionId.TOKEN: Case(shows("PromptDialog", "Token", "Kept in memory only")),
    ActionId.CHAOS: Case(shows("ChoiceDialog", "Chaos: critic-agent-2", "SIGKILL")),
    ActionId.PALETTE: Case(shows("CommandPalette")),
    ActionId.PANEL_TOPOLOGY: Case(active(1)),
    ActionId.PANEL_HEALTH: Case(active(2), before=("4",)),
    ActionId.PANEL_CALLS: Case(active(3)),
    ActionId.PANEL_KV: Case(active(4)),
    ActionId.NEXT_PANEL: Case(active(3)),
    ActionId.PREVIOUS_PANEL: Case(active(1)),
    ActionId.BACK: Case(lambda it: bool(it.main.topology.region), before=("z",)),
    ActionId.QUIT: Case(lambda it: it.app._exit and it.app.return_code == 0),
}
FOCUSED = ("1", "enter")
"""Around critic-agent, the red one."""
TOPOLOGY = {
    ActionId.DETAIL: Case(lambda it: "around critic-agent · 1 hop" in it.text, before=("1",)),
    ActionId.WIDEN: Case(lambda it: "· 2 hops" in it.text and "heart-pulse" in boxes(it), before=FOCUSED),
    ActionId.NARROW: Case(
        lambda it: "· 1 hop " in it.text and "heart-pulse" not in boxes(it), before=(*FOCUSED, "plus", "plus", "minus")
    ),
    ActionId.HIDE: Case(lambda it: "1 hidden" in it.text and "critic-agent" not in boxes(it), before=("1",)),
    ActionId.UNHIDE: Case(lambda it: "hidden" not in it.text and "critic-agent" in boxes(it), before=("1", "H")),
    ActionId.SHOW_ALL: Case(lambda it: len(boxes(it)) == 60, before=("1", "z"), snapshot=lambda: fleets.many(60)),
}
HEALTH = {
    ActionId.DETAIL: Case(shows("DetailScreen", "critic-agent-2", "connection refused")),
    ActionId.BREAKER: Case(shows("ChoiceDialog", "Breaker of critic-agent-2", "5 × UNAVAILABLE")),
    ActionId.MAINTENANCE: Case(shows("PromptDialog", "Maintenance of critic-agent-2", "Reason")),
    ActionId.DEREGISTER: Case(shows("ConfirmDialog", "Deregister critic-agent-2?", "127.0.0.1:50063", "consul-server")),
    ActionId.GROUPING: Case(lambda it: it.main.health.note == "red first · flat" and "SERVICE" in it.text),
    ActionId.MARK: Case(lambda it: marked(it) == ["critic-agent-2"] and at(it) == "critic-agent-1"),
    ActionId.MARK_DOWN: Case(
        lambda it: marked(it) == ["critic-agent-2", "critic-agent-1"] and at(it) == "critic-agent-1"
    ),
    ActionId.MARK_UP: Case(lambda it: marked(it) == ["critic-agent-1", "critic-agent-2"], before=("down",)),
    ActionId.MARK_RANGE: Case(lambda it: len(marked(it)) == 3, before=("space", "down")),
    ActionId.MARK_ALL: Case(lambda it: len(marked(it)) == 7 and "7 marked" in it.text),
    ActionId.SORT: Case(lambda it: it.main.health.order is Order.NAME and it.main.health.note == "name"),
}
CALLS = {
    ActionId.RUNS: Case(shows("RunsScreen", "Runs", "40/40"), before=("3",)),
    ActionId.REPEAT: Case(fires(CRITIQUE), before=("3",)),
    ActionId.SAVE_AS: Case(shows("PromptDialog", "Save request"), before=("3",)),
    ActionId.SAVED: Case(shows("SavedScreen", "as the gateway"), before=("3",), snapshot=stocked),
    ActionId.CANCEL_CALLS: Case(sends(CancelRun("run-2")), before=("3",)),
}
KV = {
    ActionId.DETAIL: Case(sends(OpenLevel("feature/")), before=("4", "down")),
    ActionId.EDIT: Case(shows("KeyEditor", CONFIG_KEY, "CAS 118"), before=TO_KEY),
    ActionId.NEW_KEY: Case(shows("PromptDialog", "New key", "config/"), before=TO_KEY),
    ActionId.DELETE_KEY: Case(shows("ConfirmDialog", f"Delete {CONFIG_KEY}?", "index 118"), before=TO_KEY),
    ActionId.RELOAD: Case(sends(OpenLevel("config/"), ReadKey(CONFIG_KEY)), before=TO_KEY),
}
EDITOR = {
    ActionId.SAVE: Case(shows("WriteDialog", "checked against index 118"), before=(*EDITING, "x")),
    ActionId.RELOAD: Case(shows("ConfirmDialog", "Throw the draft away?"), before=(*EDITING, "x")),
    ActionId.TOKEN: Case(shows("PromptDialog", "Token", "Kept in memory only"), before=EDITING),
    ActionId.RECONNECT: Case(sends(Reconnect()), before=EDITING),
    ActionId.BACK: Case(lambda it: it.screen == "MainScreen" and "draft" in it.main.kv.note, before=(*EDITING, "x")),
}
CONFLICT = {
    ActionId.TAKE_THEIRS: Case(
        lambda it: sends(SettleConflict(CONFIG_KEY))(it) and holds('"timeout": 30', '"threshold": 5')(it),
        before=EDITING,
        snapshot=fleets.kv_conflict,
    ),
    ActionId.WRITE_MINE: Case(
        shows("WriteDialog", "checked against index 131"), before=EDITING, snapshot=fleets.kv_conflict
    ),
    ActionId.MERGE: Case(
        lambda it: sends(SettleConflict(CONFIG_KEY))(it) and holds('"timeout": 30', '"threshold": 3')(it),
        before=EDITING,
        snapshot=fleets.kv_conflict,
    ),
    ActionId.BACK: Case(shows("KeyEditor", CONFIG_KEY), before=EDITING, snapshot=fleets.kv_conflict),
}
DETAIL = {
    ActionId.BREAKER: Case(shows("ChoiceDialog", "Breaker of critic-agent-2"), before=("enter",)),
    ActionId.MAINTENANCE: Case(shows("PromptDialog", "Maintenance of critic-agent-2"), before=("enter",)),
    ActionId.DEREGISTER: Case(shows("ConfirmDialog", "Deregister critic-agent-2?"), before=("enter",)),
    ActionId.CALL: Case(fires(replace(CRITIQUE, count=1, rate=0.0)), before=("enter",)),
    ActionId.COPY: Case(shows("ChoiceDialog", "Copy of critic-agent-2"), before=("enter",)),
    ActionId.OUTPUT: Case(shows("ChoiceDialog", "Output of", "Serf Health Status"), before=("enter",)),
    ActionId.SERVICE: Case(shows("ServiceScreen", "2 of 3 get traffic from this console"), before=("enter",)),
    ActionId.TOKEN: Case(shows("PromptDialog", "Token", "Kept in memory only"), before=("enter",)),
    ActionId.RECONNECT: Case(sends(Reconnect()), before=("enter",)),
    ActionId.BACK: Case(shows("MainScreen"), before=("enter",)),
}
SERVICE = {
    ActionId.DETAIL: Case(shows("ChoiceDialog", "Detail of", "critic-agent-3"), before=("i",)),
    ActionId.CALL: Case(fires(replace(CRITIQUE, count=1, rate=0.0)), before=("i",)),
    ActionId.BREAKER: Case(shows("ChoiceDialog", "Breaker of critic-agent-2", "5 × UNAVAILABLE"), before=("i",)),
    ActionId.COPY: Case(shows("ChoiceDialog", "Copy of critic-agent", "its name"), before=("i",)),
    ActionId.BACK: Case(shows("MainScreen"), before=("i",)),
}
COMPOSER = {
    ActionId.SAVE: Case(fires(CRITIQUE), before=("C",)),
    ActionId.COPY: Case(
        lambda it: "grpcurl" in it.app.clipboard and "copied the grpcurl command" in it.toasts, before=("C",)
    ),
    ActionId.SAVE_AS: Case(shows("PromptDialog", "Save request"), before=("C",)),
    ActionId.SAVED: Case(shows("SavedScreen", "Saved requests"), before=("C",)),
    ActionId.BACK: Case(shows("MainScreen"), before=("C",)),
}
SAVED = {
    ActionId.DETAIL: Case(shows("ComposerScreen", "one two"), before=(*LISTED, "end"), snapshot=stocked),
    ActionId.RENAME: Case(shows("PromptDialog", "Rename request"), before=LISTED, snapshot=stocked),
    ActionId.DELETE_REQUEST: Case(shows("ConfirmDialog", "Delete as the gateway?"), before=LISTED, snapshot=stocked),
    ActionId.COPY: Case(
        shows("ChoiceDialog", "Copy of as the gateway", "hp-tui call"), before=LISTED, snapshot=stocked
    ),
    ActionId.FILTER: Case(lambda it: it.app.focused in it.app.screen.query("Input"), before=LISTED, snapshot=stocked),
    ActionId.RELOAD: Case(lambda it: len(it.sent(LoadSaved)) == 2, before=LISTED, snapshot=stocked),
    ActionId.BACK: Case(shows("MainScreen"), before=LISTED, snapshot=stocked),
}
RUNS = {
    ActionId.SAVE_AS: Case(shows("PromptDialog", "Save request"), before=("3", "enter")),
    ActionId.DETAIL: Case(
        lambda it: it.screen == "MainScreen" and "run 1 of 2" in it.text, before=("3", "enter", "down")
    ),
    ActionId.REPEAT: Case(fires(CRITIQUE), before=("3", "enter")),
    ActionId.COPY: Case(shows("ChoiceDialog", "Copy", "grpcurl", "the newest reply"), before=("3", "enter", "down")),
    ActionId.FILTER: Case(lambda it: it.app.focused in it.app.screen.query("Input"), before=("3", "enter")),
    ActionId.BACK: Case(shows("MainScreen"), before=("3", "enter")),
}
TIMELINE = {
    ActionId.JUMP: Case(lambda it: it.screen == "MainScreen" and active(2)(it), before=("4", "T")),
    ActionId.FILTER: Case(lambda it: it.app.focused in it.app.screen.query("Input"), before=("T",)),
    ActionId.TOKEN: Case(shows("PromptDialog", "Token", "Kept in memory only"), before=("T",)),
    ActionId.RECONNECT: Case(sends(Reconnect()), before=("T",)),
    ActionId.BACK: Case(shows("MainScreen"), before=("T",)),
}
CASES: dict[tuple[Scope, ActionId], Case] = {
    (scope, do): case
    for scope, cases in {
        Scope.EVERYWHERE: EVERYWHERE,
        Scope.TOPOLOGY: TOPOLOGY,
        Scope.HEALTH: HEALTH,
        Scope.CALLS: CALLS,
        Scope.KV: KV,
        Scope.EDITOR: EDITOR,
        Scope.CONFLICT: CONFLICT,
        Scope.DETAIL: DETAIL,
        Scope.SERVICE: SERVICE,
        Scope.COMPOSER: COMPOSER,
        Scope.RUNS: RUNS,
        Scope.SAVED: SAVED,
        Scope.TIMELINE: TIMELINE,
    }.items()
    for do, case in cases.items()
}
BY_KEY = [pytest.param(action, key, id=f"{action.scope.name}-{key}") for action in ACTIONS for key in action.keys]


def test_every_action_has_a_pilot_test() -> None:
    assert set(CASES) == {(action.scope, action.id) for action in ACTIONS}


@pytest.mark.parametrize(("action", "key"), BY_KEY)
async def test_the_key_does_what_the_registry_says(action: Action, key: str) -> None:
    case = CASES[action.scope, action.id]
    async with desk(case.snapshot()) as it:
        await it.press(*case.before)
        assert not case.seen(it), f"seen before {key} was pressed\n{it.text}"
        await it.press(key)
        await it.until(lambda: case.seen(it))
