"""Arguments out of their range: refused at construction, by name, with the value and what is expected."""

from __future__ import annotations

import math
from typing import Any

import grpc
import pytest

from hp_tui.balancer import LoadBalancedGRPCClient, RetryPolicy, StaticEndpoints
from hp_tui.balancer.errors import InvalidCallError
from hp_tui.balancer.requests import RequestCheck, check_metadata, check_options, check_timeout
from hp_tui.heartpulse.protos.critic_pb2 import CritiqueRequest
from hp_tui.heartpulse.protos.validator_pb2 import ValidateRequest

NAN, INF = math.nan, math.inf

CLIENT: dict[str, list[Any]] = {
    "service": [None, "", " ", 5, b"echo", "a\nb", "..", "\x1b[31m"],
    "source": [None, "consul", 5],
    "failure_threshold": [0, -1, "5", NAN, True, 1.5, None],
    "open_timeout": [0, -1, NAN, INF, "60", None, 3601],
    "half_open_permits": [0, -1, 2.5, None],
    "retry": ["twice", 5],
    "keepalive": [5, "safe", None],
    "credentials": ["x", grpc.access_token_call_credentials("t")],
    "max_endpoints": [0, -1, 1.5, "2"],
    "client_id": [5, None],
    "channel_options": [5, "grpc.x", None],
    "panic_threshold": [NAN, -0.1, 1.1, "half"],
    "grace": [-1, INF, NAN, "1", None],
    "deadline_floor": [-1, NAN, "x"],
    "first_wait": [-1, INF, "x"],
}
POLICY: dict[str, list[Any]] = {
    "max_attempts": [0, -1, 101, "5", True, NAN, None],
    "wait": [5, None, "2s"],
    "jitter": [-0.1, 1.1, NAN, "x"],
    "codes": ["UNAVAILABLE", {"UNAVAILABLE"}, None, [14]],
    "idempotent_codes": [{5}, None],
    "idempotent": ["/pkg.Service/Method", {"Method"}, {"/pkg.Service/"}, {5}, None],
    "budget": [-1, NAN, INF, "x"],
    "budget_return": [-1, NAN, INF],
}


def cases(table: dict[str, list[Any]]) -> list[tuple[str, Any]]:
    return [(name, value) for name, values in table.items() for value in values]


@pytest.mark.parametrize(("name", "value"), cases(CLIENT))
async def test_a_client_names_the_argument_its_value_and_what_is_expected(name: str, value: Any) -> None:
    given = {"service": "echo", "source": StaticEndpoints(), name: value}
    with pytest.raises(ValueError, match=rf"^{name} is .*; expected ") as refused:
        LoadBalancedGRPCClient(**given)
    assert repr(value) in str(refused.value)


@pytest.mark.parametrize(("name", "value"), cases(POLICY))
def test_a_retry_policy_names_the_argument_its_value_and_what_is_expected(name: str, value: Any) -> None:
    with pytest.raises(ValueError, match=rf"^{name} is .*; expected ") as refused:
        RetryPolicy(**{name: value})
    assert repr(value) in str(refused.value)


@pytest.mark.parametrize("timeout", ["5", NAN, INF, 0, -1, True, 1e300, b"1"])
def test_a_timeout_that_makes_no_deadline_is_refused(timeout: Any) -> None:
    with pytest.raises(InvalidCallError, match=r"^timeout is .*; expected seconds above 0"):
        check_timeout(timeout)


@pytest.mark.parametrize(
    "metadata",
    [
        *("text", 5, (("one",),), (("a", "b", "c"),)),
        *((("Upper", "v"),), (("a b", "v"),), (("", "v"),), ((5, "v"),), (("ä", "v"),)),
        *((("a", 5),), (("a", None),), (("a", "ä"),), (("a", "x\r\nb: c"),), (("a", b"\xff"),), (("a-bin", "text"),)),
    ],
)
def test_metadata_no_wire_can_carry_is_refused(metadata: Any) -> None:
    with pytest.raises(InvalidCallError, match=r"^metadata .*; expected pairs of a name"):
        check_metadata(metadata)


@pytest.mark.parametrize(
    "metadata",
    [
        None,
        (),
        (("a", "b"),),
        [("x-1_2.3", "any ASCII ~")],
        (("a-bin", b"\x00\xff"),),
        (("a", b"x"),),
        grpc.aio.Metadata(("a", "b")),
    ],
)
def test_metadata_grpc_takes_is_taken(metadata: Any) -> None:
    check_metadata(metadata)


@pytest.mark.parametrize("options", [("x", None), (grpc.ssl_channel_credentials(), None), (None, "gzip"), (None, 2)])
def test_call_options_of_another_kind_are_refused(options: tuple[Any, Any]) -> None:
    with pytest.raises(InvalidCallError, match=r"^(credentials|compression) is .*; expected"):
        check_options(*options)


@pytest.mark.parametrize("request_", [ValidateRequest(), b"bytes", None, {"text": "x"}, CritiqueRequest])
def test_another_message_is_refused_by_the_methods_own_descriptor(request_: Any) -> None:
    check = RequestCheck("/heartpulse.v1.CriticAgent/Critique", CritiqueRequest.SerializeToString)
    check(CritiqueRequest())
    with pytest.raises(InvalidCallError, match=r"expected a message heartpulse\.v1\.CritiqueRequest$"):
        check(request_)


def test_what_has_no_descriptor_or_another_serializer_is_not_judged() -> None:
    RequestCheck("/no.Such/Method", CritiqueRequest.SerializeToString)(b"anything")
    RequestCheck("/heartpulse.v1.CriticAgent/Nothing", CritiqueRequest.SerializeToString)(b"anything")
    RequestCheck("/heartpulse.v1.CriticAgent/Critique", bytes)(b"anything")
    RequestCheck("/heartpulse.v1.CriticAgent/Critique", None)(b"anything")
