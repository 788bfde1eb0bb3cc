"""Private parts of other libraries are touched in one package, and every one of them is written down there."""

from __future__ import annotations

import importlib
import inspect
from functools import reduce

import pytest
from textual.app import App
from textual.scroll_view import ScrollView

from hp_tui.widgets.changed_lines import ChangedLines
from hp_tui.widgets.textual_internals.relied_upon import COMPARED, RELIED_UPON
from hp_tui.widgets.textual_internals.support import SUPPORTED, installed, plain_mode
from tests import private_names
from tests.private_names import Touch, own_names, touches

ROOM = "hp_tui.widgets.textual_internals"
PLAIN_APP = f"{ROOM}.plain_app"
"""Overrides one private method, on purpose: where Textual has no such method, it is never called."""


@pytest.fixture(scope="module")
def touched() -> set[Touch]:
    return touches()


def test_private_names_of_others_are_touched_in_textual_internals_only(touched: set[Touch]) -> None:
    assert [touch for touch in sorted(touched) if not touch.module.startswith(ROOM)] == []


def test_every_private_name_that_is_relied_upon_is_in_the_table(touched: set[Touch]) -> None:
    relied = [touch for touch in touched if touch.module != PLAIN_APP]
    known = {f"{touch.owner}.{touch.name}" for touch in relied if touch.owner}
    assert known <= RELIED_UPON.keys()
    of_objects = {touch.name for touch in relied if not touch.owner}
    names = {name.rpartition(".")[2] for name in RELIED_UPON}
    assert of_objects <= names
    used = {touch.name for touch in relied}
    assert {name for name in names if name not in used} == set(), "no longer used: take it out of the table"


@pytest.mark.parametrize("name", RELIED_UPON)
def test_the_installed_textual_has_it(name: str) -> None:
    owner, _, attribute = name.rpartition(".")
    try:
        found: object = importlib.import_module(owner)
    except ModuleNotFoundError:
        module, _, kind = owner.rpartition(".")
        found = getattr(importlib.import_module(module), kind)
    there = hasattr(found, attribute) or (inspect.isclass(found) and attribute in own_names(found))
    assert there, f"{name} is not in textual {installed()}"


def test_versions_are_supported_in_which_every_name_is_the_same() -> None:
    same = reduce(set.intersection, map(set, RELIED_UPON.values()), set(COMPARED))
    assert set(SUPPORTED) == same


def test_the_installed_textual_is_a_supported_one() -> None:
    assert installed() in SUPPORTED


@pytest.mark.parametrize(
    ("environ", "version", "expected"),
    [
        ({}, SUPPORTED[-1], False),
        ({}, "9.0.0", True),
        ({}, "", True),
        ({"HP_TUI_PLAIN": "1"}, SUPPORTED[-1], True),
        ({"HP_TUI_PLAIN": "0"}, SUPPORTED[-1], False),
        ({"HP_TUI_PLAIN": ""}, SUPPORTED[-1], False),
        ({"HP_TUI_PLAIN": "0"}, "9.0.0", True),
    ],
)
def test_plain_mode_is_for_unknown_versions_and_for_who_asks_for_it(
    environ: dict[str, str], version: str, expected: bool
) -> None:
    assert plain_mode(environ, version) is expected


class _Mixin:
    def peek(self) -> object:
        return self._driver  # type: ignore[attr-defined]


class _ThroughMixin(_Mixin, App[None]):
    """Only together do the two touch a private name."""


class _Override(App[None]):
    def _display(self, *_: object) -> None:
        """A private method of App."""


class _Own(ChangedLines, ScrollView):
    _of_ours = 1


@pytest.mark.parametrize(("kind", "name"), [(_ThroughMixin, "_driver"), (_Override, "_display"), (_Own, "")])
def test_the_finder_sees_what_ruff_does_not(kind: type, name: str) -> None:
    theirs = private_names.names_of_others(kind)
    found = {one for base in kind.__mro__ if base.__module__ == __name__ for one in own_names(base) & theirs.keys()}
    assert found == ({name} if name else set())
