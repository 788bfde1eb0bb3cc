"""What all tests have in common."""

from __future__ import annotations

import gc
import time
from collections.abc import Iterator

import pytest
import textual.app
import textual.pilot

from tests.settling import settled


def pytest_collection_finish() -> None:
    """Collect garbage seldom: a full collection takes 160 ms, came with nearly every App made, and was a third of a pilot test.

    What is loaded by now stays, so no collection looks at it. What is left at the end pytest collects itself, and fails for
    what it finds there.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(5_000, 20, 50)


@pytest.fixture(autouse=True)
def _a_pilot_waits_for_what_is_under_way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    # A real engine's answers come over the network, which the loop does not show.
    if "integration" in request.path.parts:
        return
    for module in (textual.app, textual.pilot):
        monkeypatch.setattr(module, "wait_for_idle", settled)


@pytest.fixture
def utc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Local time is UTC, for tests of texts with a time of day."""
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()
