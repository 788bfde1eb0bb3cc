"""The length limit on texts that every service has."""

from __future__ import annotations

import grpc

from hp_tui.heartpulse.errors import RpcError

MAX_TEXT = 20_000


def check_text(text: str, *, may_be_empty: bool = True) -> None:
    """Refuse a text that is too long, or empty where it may not be.

    Raises :class:`~hp_tui.heartpulse.errors.RpcError` INVALID_ARGUMENT.
    """
    if len(text) > MAX_TEXT or not (text.strip() or may_be_empty):
        least = 0 if may_be_empty else 1
        said = f"text has {len(text)} characters" if text.strip() else "text is empty"
        raise RpcError(grpc.StatusCode.INVALID_ARGUMENT, f"{said}; expected {least} to {MAX_TEXT} characters")
