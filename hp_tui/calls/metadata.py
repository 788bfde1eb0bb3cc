"""Call metadata given as text."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable

from hp_tui.calls.errors import CallError

_NAME = re.compile(r"[0-9a-z_.-]+")


def parse_metadata(pairs: Iterable[tuple[str, str]]) -> tuple[tuple[str, str | bytes], ...]:
    """Metadata ready to send; values of ``…-bin`` names are base64.

    Raises :class:`CallError` for a name or value that HTTP/2 or gRPC does not allow.
    """
    return tuple(_pair(name.strip().lower(), value.strip()) for name, value in pairs)


def _pair(name: str, value: str) -> tuple[str, str | bytes]:
    if not _NAME.fullmatch(name):
        raise CallError(f"metadata name {name!r}: expected lower-case letters, digits and _ . - only")
    if name.startswith("grpc-"):
        raise CallError(f"metadata name {name!r}: names that begin with grpc- are gRPC's own")
    if name.endswith("-bin"):
        try:
            return name, base64.b64decode(value, validate=True)
        except binascii.Error:
            raise CallError(f"metadata {name!r}: a name that ends in -bin takes base64, not {value!r}") from None
    if not value.isascii() or not value.isprintable():
        raise CallError(f"metadata {name!r}: the value must be printable ASCII; for bytes use a name that ends in -bin")
    return name, value
