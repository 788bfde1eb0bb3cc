"""What an action does outside the console stands in one place, and everybody reads it there."""

from __future__ import annotations

import pytest

from hp_tui.console.actions.action_id import ActionId
from hp_tui.console.actions.registry import ACTIONS
from hp_tui.console.actions.verb import Verb
from hp_tui.console.health.actions import CHAOS, INSTANCE_ACTIONS
from hp_tui.model import commands
from hp_tui.model.calls import HEALTH_METHOD, CallSpec
from hp_tui.model.commands import Bulk, Deregister, ResetBreaker, StartRun
from tests import fleets

VERBS = {type(action.verb): action.verb for action in ACTIONS if action.verb is not None}
COMMANDS = [kind for kind in vars(commands).values() if isinstance(kind, type) and issubclass(kind, commands.Command)]


def test_a_destructive_action_without_a_preview_cannot_be_registered():
    with pytest.raises(TypeError, match="Wipe is destructive and has no preview"):

        class Wipe(Verb):
            id = ActionId.DELETE_KEY
            commands = ("DeleteKey",)
            destructive = True


@pytest.mark.parametrize("verb", VERBS.values(), ids=repr)
def test_an_action_writes_if_a_command_of_its_may(verb):
    assert verb.writes is any(getattr(commands, name).may_write for name in verb.commands)


def test_every_command_that_may_write_belongs_to_an_action():
    named = {name for verb in VERBS.values() for name in verb.commands}
    assert {kind.__name__ for kind in COMMANDS if kind.may_write} <= named


def test_a_command_on_many_writes_if_one_of_its_steps_does():
    reset, out = ResetBreaker("api", "api-1"), Deregister("api", "api-1")
    assert not Bulk("reset breakers", (reset,)).writes
    assert Bulk("deregister", (reset, out)).writes


def test_of_all_calls_only_the_health_check_is_known_to_change_nothing():
    assert not StartRun(CallSpec("api", HEALTH_METHOD)).writes
    assert StartRun(CallSpec("api", "/shop.Orders/Cancel")).writes


@pytest.mark.parametrize("action", [*INSTANCE_ACTIONS.values(), CHAOS], ids=repr)
def test_a_preview_has_a_word_for_each_target(action):
    snapshot = fleets.healthy()
    views = [view for service in snapshot.services.values() for view in service.instances or ()]
    choice = {ActionId.BREAKER: "reset", ActionId.MAINTENANCE: "on", ActionId.CHAOS: "kill"}.get(action.id, "")
    assert len(action.preview(snapshot, views, choice)) == len(views) > 1


def test_one_target_is_one_step_and_many_are_one_command_with_an_id():
    snapshot = fleets.healthy()
    views = [view for service in snapshot.services.values() for view in service.instances or ()]
    action = INSTANCE_ACTIONS[ActionId.DEREGISTER]
    assert isinstance(action.command(views[:1]), Deregister)
    many = action.command(views, title="deregister")
    assert isinstance(many, Bulk)
    assert many.id
    assert [step.instance_id for step in many.steps] == [view.id for view in views]
