"""Recognizes credentials in call metadata: their names may be written to a file, their values never."""

from __future__ import annotations

import re
from collections.abc import Iterable

Pairs = tuple[tuple[str, str], ...]

_CREDENTIAL = re.compile(
    r"(^|[-_.])(authorization|auth|cookie|token|key|apikey|secret|password|passwd|credentials?|jwt|session|sessionid)(-bin)?$"
)


def is_credential(name: str) -> bool:
    """Whether metadata of this name looks like a credential, as ``authorization``, ``x-api-key`` and ``cookie`` do."""
    return _CREDENTIAL.search(name.strip().lower()) is not None


def without_credentials(pairs: Iterable[tuple[str, str]]) -> Pairs:
    """The pairs in order; credentials without their values."""
    return tuple((name, "" if is_credential(name) else value) for name, value in pairs)


def withheld(pairs: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    """Names of credentials whose value was left out and has to be given again."""
    return tuple(dict.fromkeys(name for name, value in pairs if not value and is_credential(name)))
