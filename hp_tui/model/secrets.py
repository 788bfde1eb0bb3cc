"""Which call metadata is a credential: its name may be written to a file, its value never."""

from __future__ import annotations

import re
from collections.abc import Iterable

Pairs = tuple[tuple[str, str], ...]

_CREDENTIAL = re.compile(
    r"(^|[-_.])(authorization|auth|cookie|token|key|apikey|secret|password|passwd|credentials?|jwt|session|sessionid)(-bin)?$"
)


def is_credential(name: str) -> bool:
    """Whether metadata of this name is one by its looks: ``authorization``, ``x-api-key``, ``auth-token-bin``, ``cookie`` …"""
    return _CREDENTIAL.search(name.strip().lower()) is not None


def without_credentials(pairs: Iterable[tuple[str, str]]) -> Pairs:
    """The pairs in order; those of credentials with the value left out."""
    return tuple((name, "" if is_credential(name) else value) for name, value in pairs)


def withheld(pairs: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    """Names of credentials that have no value: it was left out, and has to be given again."""
    return tuple(dict.fromkeys(name for name, value in pairs if not value and is_credential(name)))
