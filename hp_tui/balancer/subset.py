"""Rendezvous hashing: a stable part of many endpoints for each client (gRFC A68)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from hp_tui.model.balancing import Endpoint


def subset(endpoints: Iterable[Endpoint], size: int, client_id: str) -> frozenset[Endpoint]:
    """The ``size`` endpoints that score highest for ``client_id``; adding or removing one moves at most one."""

    def score(endpoint: Endpoint) -> bytes:
        text = f"{client_id}\0{endpoint.instance_id}\0{endpoint.address}"
        return hashlib.blake2b(text.encode(), digest_size=8).digest()

    return frozenset(sorted(endpoints, key=score, reverse=True)[:size])
