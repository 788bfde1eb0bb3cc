"""Test calls: what a service can be asked, and asking it."""

from hp_tui.calls.describe import describe
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
    "describe",
]
