"""What one endpoint of a client knows by itself."""

from __future__ import annotations

from typing import Any, cast

import pytest

from hp_tui.balancer.backend import Backend
from hp_tui.balancer.breaker import CircuitBreaker
from hp_tui.model.catalog import Instance
from hp_tui.model.health import Health


@pytest.fixture
def backend() -> Backend:
    instance = Instance("critic-1", "critic-agent", "node", "127.0.0.1", 50053, Health.PASSING)
    return Backend(instance, cast("Any", None), CircuitBreaker())


def test_calls_under_way_together_fail_with_one_piece_of_news(backend: Backend) -> None:
    assert backend.fails_anew(sent_at=1.0, now=3.0)
    assert not backend.fails_anew(sent_at=1.5, now=3.0)
    assert not backend.fails_anew(sent_at=2.9, now=3.1)


def test_a_call_sent_after_a_failure_that_fails_too_is_news(backend: Backend) -> None:
    assert backend.fails_anew(sent_at=1.0, now=3.0)
    assert backend.fails_anew(sent_at=3.1, now=3.2)
    assert not backend.fails_anew(sent_at=3.15, now=3.3)
