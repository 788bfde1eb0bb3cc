"""The registry of actions: one place that keys, footer, help and palette agree on."""

from __future__ import annotations

import itertools

import pytest

from hp_tui.console.actions.action import KEY_NAMES, PANELS, Action, ActionId, Scope, available, footer
from hp_tui.console.actions.bindings import bindings
from hp_tui.console.actions.registry import ACTIONS, within

BY_NAME = [pytest.param(action, id=f"{action.scope.name}-{action.id}") for action in ACTIONS]


def test_every_action_by_name_is_somewhere() -> None:
    assert {action.id for action in ACTIONS} == set(ActionId)


@pytest.mark.parametrize("action", BY_NAME)
def test_an_action_says_what_it_does(action: Action) -> None:
    assert action.keys
    assert action.label == action.label.lower()
    assert action.says[0].isupper()
    assert not action.says.endswith(".")
    assert len(action.label) <= 14, "the footer is short"


def test_in_one_place_a_key_means_one_thing() -> None:
    for scope in Scope:
        keys = [key for action in ACTIONS if action.scope is scope for key in action.keys]
        twice = {key for key in keys if keys.count(key) > 1}
        assert not twice, f"{scope}: {twice}"


def test_a_panels_own_key_goes_before_everywheres() -> None:
    actions = within(Scope.KV, Scope.EVERYWHERE)
    by_key = {}
    for action in actions:
        by_key.setdefault(action.keys[0], []).append(action.id)
    assert by_key["D"] == [ActionId.DELETE_KEY]
    assert by_key["R"] == [ActionId.RELOAD]
    cancelling = {action.id for action in within(Scope.CALLS, Scope.EVERYWHERE) if "escape" in action.keys}
    assert cancelling == {ActionId.CANCEL_CALLS}


@pytest.mark.parametrize("scope", Scope)
def test_what_is_bound_is_what_the_registry_has(scope: Scope) -> None:
    bound = {binding.key for binding in bindings(scope)}
    assert bound == {",".join(action.keys) for action in within(scope)}


@pytest.mark.parametrize("scope", PANELS)
def test_the_footer_has_the_most_needed_first(scope: Scope) -> None:
    shown = footer(within(scope, Scope.EVERYWHERE))
    ranks = [action.rank for action in shown]
    assert ranks == sorted(ranks)
    assert 0 not in ranks
    assert shown[0].id is ActionId.HELP
    assert {ActionId.QUIT, ActionId.PALETTE} <= {action.id for action in shown}


@pytest.mark.parametrize(("read_only", "chaos"), itertools.product([False, True], repeat=2))
def test_what_a_console_has(read_only: bool, chaos: bool) -> None:
    has = {action.id for action in ACTIONS if available(action, read_only=read_only, chaos=chaos)}
    assert (ActionId.CHAOS in has) == (chaos and not read_only)
    assert (ActionId.DEREGISTER in has) == (not read_only)
    assert {ActionId.HELP, ActionId.QUIT, ActionId.FILTER, ActionId.DETAIL, ActionId.BREAKER, ActionId.TIMELINE} <= has


def test_destructive_actions_write() -> None:
    assert all(action.writes for action in ACTIONS if action.destructive)


def test_keys_are_shown_as_a_user_would_write_them() -> None:
    named = {action.key for action in ACTIONS}
    assert {"?", "/", ":", "esc", "ctrl+s", "enter"} <= named
    assert not named & set(KEY_NAMES)
