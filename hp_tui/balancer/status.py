"""What the status of a failed attempt says: about the endpoint, and whether the call ever left."""

from __future__ import annotations

import grpc

ENDPOINT_FAILURES = frozenset(
    {
        grpc.StatusCode.UNAVAILABLE,
        grpc.StatusCode.DEADLINE_EXCEEDED,
        grpc.StatusCode.DATA_LOSS,
    }
)
"""Codes that speak against the endpoint ("Breaker" 8); any other is an answer the server chose.

UNKNOWN and INTERNAL are the request's fault as often as the server's: one caller's bad request must not close a service
to everybody.
"""

NEVER_SENT = ("failed to connect to all addresses", "connections to all backends failing")
"""How gRPC core words an UNAVAILABLE of its own for a call that had no connection to go out on."""

NOT_THE_SERVERS = "Internal error from Core"
"""grpc.aio's own INTERNAL for a message written to a call that has just ended; the true status is lost with it."""


def speaks_against_endpoint(code: grpc.StatusCode) -> bool:
    """Whether its breaker counts it."""
    return code in ENDPOINT_FAILURES


def never_sent(code: grpc.StatusCode, details: str) -> bool:
    """Whether there was no connection for the attempt to go out on."""
    return code is grpc.StatusCode.UNAVAILABLE and details.startswith(NEVER_SENT)


def is_our_own(details: str) -> bool:
    """Whether gRPC made the status on our side for want of the server's: it says nothing about the endpoint."""
    return details == NOT_THE_SERVERS
