"""Which keys there can be, which of them a URL can name, and what lies below a prefix. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from hp_tui.registry.errors import InvalidKeyError
from hp_tui.registry.urls import in_url, path_to


def check_key(key: object) -> None:
    """Raise :class:`InvalidKeyError` for what Consul cannot store a value under."""
    if not isinstance(key, str) or not key:
        raise InvalidKeyError(key, "text of at least one character")
    try:
        key.encode("utf-8")
    except UnicodeEncodeError:
        raise InvalidKeyError(key, "text that UTF-8 can encode") from None


def check_prefix(prefix: object) -> None:
    """Raise :class:`InvalidKeyError` unless ``prefix`` is '' or a folder: ``a/b`` would also mean ``a/b2``."""
    if not isinstance(prefix, str) or (prefix and not prefix.endswith("/")):
        raise InvalidKeyError(prefix, f"'' or a prefix that ends in '/', such as {f'{prefix}/'!r}")


def check_watchable(key: str) -> None:
    """Raise :class:`InvalidKeyError` for what only a transaction can read: those cannot be held until a change."""
    if not in_url(key):
        raise InvalidKeyError(key, "a key that a URL can name, to be watched")


def path_of(key: str) -> str:
    """Where a key, or a prefix, is found; only for what :func:`~hp_tui.registry.urls.in_url` allows."""
    return path_to("/v1/kv/", key)


def level_of(keys: Iterable[str], prefix: str) -> tuple[str, ...]:
    """The direct children of ``prefix`` among ``keys``, in their order; deeper ones as their folder."""
    children: dict[str, None] = {}
    for key in keys:
        if key.startswith(prefix) and key != prefix:
            head, slash, _ = key[len(prefix) :].partition("/")
            children[f"{prefix}{head}{slash}"] = None
    return tuple(children)
