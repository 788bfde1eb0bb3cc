"""The pairs of client and server that agree. Named by the rules of "Balancer" and "Retry"."""

from __future__ import annotations

from hp_tui.balancer import Keepalive, server_options
from hp_tui.balancer.keepalive import POOL_OPTIONS, RECONNECT_OPTIONS

SERVERS_OWN_MINIMUM_MS = 300_000
"""gRPC: a server that was told nothing takes one ping in five minutes (gRFC A8)."""


def test_balancer_5_the_default_client_pings_no_oftener_than_any_server_allows() -> None:
    client = dict(Keepalive.SAFE.client_options)
    assert client["grpc.keepalive_time_ms"] >= SERVERS_OWN_MINIMUM_MS
    assert client["grpc.keepalive_permit_without_calls"] == 0


def test_balancer_5_the_quick_pair_agrees() -> None:
    client, server = dict(Keepalive.PAIRED.client_options), dict(server_options())
    allowed = server["grpc.http2.min_recv_ping_interval_without_data_ms"]
    # Half of the client's interval: a ping that was delayed on its way must not make the next one too early.
    assert client["grpc.keepalive_time_ms"] >= 2 * int(allowed)
    assert client["grpc.keepalive_permit_without_calls"] == server["grpc.keepalive_permit_without_calls"] == 1
    assert int(client["grpc.keepalive_time_ms"]) + int(client["grpc.keepalive_timeout_ms"]) <= 15_000


def test_balancer_5_a_pings_own_timeout_is_that_of_the_keepalive() -> None:
    for pair in Keepalive:
        client = dict(pair.client_options)
        assert client["grpc.http2.ping_timeout_ms"] == client["grpc.keepalive_timeout_ms"]


def test_balancer_5_reconnecting_waits_ten_seconds_at_most() -> None:
    options = dict(RECONNECT_OPTIONS)
    assert options["grpc.max_reconnect_backoff_ms"] == 10_000
    assert int(options["grpc.initial_reconnect_backoff_ms"]) <= 1_000


def test_balancer_4_and_retry_1_a_pool_of_its_own_and_no_retries_of_grpcs() -> None:
    assert dict(POOL_OPTIONS) == {"grpc.enable_retries": 0, "grpc.use_local_subchannel_pool": 1}
