"""Keepalive, as pairs of client and server that agree (gRFC A8).

A client that pings oftener than a server allows is sent away with GOAWAY too_many_pings, and a server's default allows
one ping in five minutes. So the default here is that; services that use :func:`server_options` get the quick pair.
"""

from __future__ import annotations

from enum import Enum

ChannelOptions = tuple[tuple[str, int | str], ...]


class Keepalive(Enum):
    """How a client finds out that a peer is silent. ``time`` and ``timeout`` are milliseconds."""

    SAFE = (300_000, 20_000, 0)
    """For servers we know nothing of: no oftener than every server allows."""
    PAIRED = (10_000, 5_000, 1)
    """For servers started with :func:`server_options`: a black hole is noticed within 15 seconds."""

    @property
    def client_options(self) -> ChannelOptions:
        """Channel arguments for the client."""
        time, timeout, idle = self.value
        return (
            ("grpc.keepalive_time_ms", time),
            ("grpc.keepalive_timeout_ms", timeout),
            # What really ends a silent connection: with gRPC core 1.85 the keepalive timeout alone did not, and a ping's
            # own timeout is a minute.
            ("grpc.http2.ping_timeout_ms", timeout),
            ("grpc.keepalive_permit_without_calls", idle),
            ("grpc.http2.max_pings_without_data", 0),
        )


def server_options() -> ChannelOptions:
    """Server arguments that allow clients with :attr:`Keepalive.PAIRED`: a ping each 5 seconds, also without calls."""
    return (
        ("grpc.keepalive_permit_without_calls", 1),
        ("grpc.http2.min_recv_ping_interval_without_data_ms", 5_000),
        ("grpc.http2.min_ping_interval_without_data_ms", 5_000),
        ("grpc.http2.max_ping_strikes", 2),
    )


RECONNECT_OPTIONS: ChannelOptions = (
    # gRPC's own default lets a channel wait 120 s before it looks again.
    ("grpc.initial_reconnect_backoff_ms", 250),
    # This one is really how long one attempt to connect may take (gRPC: 20 s).
    ("grpc.min_reconnect_backoff_ms", 5_000),
    ("grpc.max_reconnect_backoff_ms", 10_000),
)
POOL_OPTIONS: ChannelOptions = (
    # One retry layer, ours; and a connection pool of each client's own. With its retries on, gRPC core 1.85 also takes our
    # grpc-previous-rpc-attempts out of the metadata, and the server would not be told of retries (Retry 5).
    ("grpc.enable_retries", 0),
    ("grpc.use_local_subchannel_pool", 1),
)
