"""The folder of goldens itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.snapshot.conftest import GOLDENS, golden_name


def test_every_golden_has_its_test(request):
    """A golden that no test draws would never be looked at again."""
    if request.config.option.keyword or not all(Path(path).is_dir() for path in request.config.args):
        return  # only some of the tests were collected
    drawn = {golden_name(item.name) for item in request.session.items if item.path.parent.name == "snapshot"}
    assert {path.stem for path in GOLDENS.glob("*.svg")} <= drawn


SHOWN = {
    "first paint before data": "main-no-data-yet",
    "no Consul there": "main-no-consul",
    "403 on everything": "condition-forbidden",
    "403 on KV only": "condition-kv-forbidden",
    "no leader": "condition-no-leader",
    "agent gone, data stale": "condition-stale",
    "empty datacenter": "condition-empty-datacenter",
    "one of everything": "topology-one-of-everything",
    "all critical": "condition-all-critical",
    "breaker closed": "main-healthy",
    "breaker open": "main-one-critical",
    "breaker half-open": "main-half-open",
    "breaker forced": "condition-forced-open",
    "1,000 services": "condition-thousand-services",
    "long, wide and right-to-left names": "condition-strange-names",
    "no colour": "condition-no-color",
    "sixteen colours": "condition-sixteen-colours",
    "light theme": "condition-light",
    "read-only": "condition-read-only",
    "paused": "condition-paused",
    "an error": "condition-error-toast",
    "a token refused": "condition-token-refused",
    "a service that cannot be read": "condition-unreadable-service",
    "a filter that is broken": "layer-filter-wrong",
    "a request that does not fit": "calls-does-not-fit",
    "a key that somebody else changed": "kv-conflict",
}
"""Which golden shows which state that must look right; every dialog has one of its own (``layer-``, ``many-``, ``calls-``)."""
SIZES = ("80x24", "120x40")


@pytest.mark.parametrize("state", SHOWN)
def test_every_state_that_must_look_right_is_shown(state: str) -> None:
    missing = [size for size in SIZES if not (GOLDENS / f"{SHOWN[state]}-{size}.svg").exists()]
    assert not missing


def test_a_wide_terminal_has_goldens_too() -> None:
    assert len(list(GOLDENS.glob("*-200x60.svg"))) >= 10
