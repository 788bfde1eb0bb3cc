"""Test calls: the methods that a service has, and calling them.

Names are loaded at first use: most of them import gRPC, and the engine's reducer needs one that does not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hp_tui.lazy import loaded_on_use

if TYPE_CHECKING:
    from hp_tui.calls.errors import CallError, ReflectionError, RequestDoesNotFitError, UnknownMethodError
    from hp_tui.calls.grpcurl import as_grpcurl
    from hp_tui.calls.run_view import advance
    from hp_tui.calls.runner import CallRunner

__all__ = [
    "CallError",
    "CallRunner",
    "ReflectionError",
    "RequestDoesNotFitError",
    "UnknownMethodError",
    "advance",
    "as_grpcurl",
]

__getattr__ = loaded_on_use(
    __name__,
    {
        "CallError": "errors",
        "CallRunner": "runner",
        "ReflectionError": "errors",
        "RequestDoesNotFitError": "errors",
        "UnknownMethodError": "errors",
        "advance": "run_view",
        "as_grpcurl": "grpcurl",
    },
)
