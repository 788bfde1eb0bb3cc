"""Which keys there can be, which of them a URL can name, and what lies below a prefix. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from hp_tui.registry.errors import InvalidKeyError


def check_key(key: str) -> None:
    """Raise :class:`InvalidKeyError` for what Consul cannot store a value under."""
    if not key:
        raise InvalidKeyError(key, "at least one character")
    try:
        key.encode("utf-8")
    except UnicodeEncodeError:
        raise InvalidKeyError(key, "text that UTF-8 can encode") from None


def check_prefix(prefix: str) -> None:
    """Raise :class:`InvalidKeyError` unless ``prefix`` is '' or a folder: ``a/b`` would also mean ``a/b2``."""
    if prefix and not prefix.endswith("/"):
        raise InvalidKeyError(prefix, f"'' or a prefix that ends in '/', such as {prefix + '/'!r}")


def check_watchable(key: str) -> None:
    """Raise :class:`InvalidKeyError` for what only a transaction can read: those cannot be held until a change."""
    if not in_url(key):
        raise InvalidKeyError(key, "a key that a URL can name, to be watched")


def in_url(key: str) -> bool:
    """Whether ``/v1/kv/KEY`` names this key: HTTP servers in Go redirect paths with ``//``, ``.`` or ``..``.

    Unprintable characters are refused there too (Consul's ``disable_http_unprintable_char_filter``).
    """
    segments = key.removesuffix("/").split("/")
    if key and ("" in segments or "." in segments or ".." in segments):
        return False
    return key.isprintable()


def path_of(key: str) -> str:
    """Where a key, or a prefix, is found; only for what :func:`in_url` allows."""
    return f"/v1/kv/{key}"


def level_of(keys: Iterable[str], prefix: str) -> tuple[str, ...]:
    """The direct children of ``prefix`` among ``keys``, in their order; deeper ones as their folder."""
    children: dict[str, None] = {}
    for key in keys:
        if key.startswith(prefix) and key != prefix:
            head, slash, _ = key[len(prefix) :].partition("/")
            children[f"{prefix}{head}{slash}"] = None
    return tuple(children)
