"""The errors of the balanced client, as code written for grpc.aio meets them."""

from __future__ import annotations

import pickle

import grpc
import pytest

from hp_tui.balancer import CallFailedError, CircuitOpenError, ClientClosedError, NoHealthyEndpointsError
from hp_tui.balancer.errors import DETAILS_LIMIT
from hp_tui.model.balancing import Attempt, AttemptOutcome, Endpoint

REASONS = {
    Endpoint(f"critic-{number}", f"10.0.0.{number}:50053"): "breaker open for another 47 s" for number in range(99)
}
ATTEMPT = Attempt(1, Endpoint("critic-1", "10.0.0.1:50053"), AttemptOutcome.FAILED, "UNAVAILABLE", 3.0, "gone")
ERRORS = [
    NoHealthyEndpointsError("critic-agent", "none of its 99 instances is passing (99 critical)", REASONS),
    CircuitOpenError(12.5, service="critic-agent", reasons=REASONS),
    CircuitOpenError(None),
    ClientClosedError("critic-agent"),
    CallFailedError("/x.Y/Z", (ATTEMPT,), grpc.StatusCode.UNAVAILABLE, "é" * 2_000, note="tried 1 times"),
]


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_balancer_7_every_error_about_a_call_is_grpcs_own_kind(error):
    assert isinstance(error, grpc.aio.AioRpcError)
    assert error.code() is grpc.StatusCode.UNAVAILABLE
    assert 0 < len(error.details().encode()) <= DETAILS_LIMIT
    assert isinstance(error.attempts, tuple)


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_balancer_7_errors_survive_pickling(error):
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is type(error)
    assert str(again) == str(error)
    assert (again.code(), again.details()) == (error.code(), error.details())
    assert again.attempts == error.attempts
    assert getattr(again, "reasons", None) == getattr(error, "reasons", None)
