"""Errors of the fleet's services."""

from __future__ import annotations

import grpc


class FleetError(Exception):
    """Base of the fleet's errors. ``str()`` is a sentence for the user."""


class ConfigError(FleetError, ValueError):
    """A setting that cannot be used. Names the key, what was given, and what is expected."""

    def __init__(self, key: str, given: object, expected: str) -> None:
        self.key = key
        super().__init__(f"{key} is {given!r}; expected {expected}")


class PortInUseError(FleetError):
    """A port cannot be bound, usually because another program listens on it."""

    def __init__(self, what: str, host: str, port: int) -> None:
        super().__init__(f"the {what} port {host}:{port} cannot be bound; expected a free one (0 takes any)")


class RpcError(FleetError):
    """Raised by a servicer to end a call with ``code`` and ``detail`` (a sentence for the caller)."""

    def __init__(self, code: grpc.StatusCode, detail: str) -> None:
        self.code = code
        self.detail = detail
        super().__init__(f"{code.name}: {detail}")
