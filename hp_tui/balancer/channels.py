"""How a client opens the channel to an endpoint."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import grpc
import grpc.aio

from hp_tui.balancer.keepalive import POOL_OPTIONS, RECONNECT_OPTIONS, Keepalive


def opener(
    credentials: grpc.ChannelCredentials | None, keepalive: Keepalive, extra: tuple[tuple[str, Any], ...]
) -> Callable[[str], grpc.aio.Channel]:
    """What opens a channel to a target (``host:port``); plain text without ``credentials``.

    ``extra`` channel arguments win over ours, but for those of one retry layer and a pool of one's own.
    """
    # Merged by name, because of two values gRPC takes the first; and retries are ours alone.
    ours = dict(RECONNECT_OPTIONS + keepalive.client_options)
    options = tuple({**ours, **dict(extra), **dict(POOL_OPTIONS)}.items())

    def opened(target: str) -> grpc.aio.Channel:
        if credentials is None:
            return grpc.aio.insecure_channel(target, options=options)
        return grpc.aio.secure_channel(target, credentials, options=options)

    return opened
